package org.partnertls.tlscheck;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.Ids;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.Lazy;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The checks of mail domains: asks for them and finds them. A check is asked for in the
 * caller's transaction and begins when that has committed.
 */
@Component
public class TlsChecks {

	static final TaskDescriptor<Void> TASK = TaskDescriptor.of("tls-check");

	private static final Duration FRESH = Duration.ofSeconds(30);

	private final JdbcClient jdbc;

	private final SchedulerClient scheduler;

	private final JsonMapper json;

	private final Clock clock;

	TlsChecks(JdbcClient jdbc, @Lazy SchedulerClient scheduler, JsonMapper json, Clock clock) {
		this.jdbc = jdbc;
		this.scheduler = scheduler;
		this.json = json;
		this.clock = clock;
	}

	/**
	 * Asks for a check. Where one of the domain is under way, or ended within the last 30
	 * seconds, that one is given instead, so that nobody can make us pester a server.
	 * @param domain whose servers to look at
	 * @param askedBy an account id or the name of a job, never a person's name
	 * @return the check's id
	 */
	@Transactional
	public UUID ask(DomainName domain, String askedBy) {
		// Two who ask at once get the same check.
		this.jdbc.sql("select pg_advisory_xact_lock(hashtextextended('tls_check ' || :domain, 0))")
			.param("domain", domain.ascii())
			.query((row, number) -> 0)
			.single();
		Instant now = this.clock.instant();
		Optional<TlsCheck> latest = latest(domain).filter((check) -> check.underWay(now) || isFresh(check, now));
		if (latest.isPresent()) {
			return latest.get().id();
		}
		UUID id = Ids.at(now);
		this.jdbc.sql("""
				insert into tls_check (id, domain, asked_at, asked_by)
				values (:id, :domain, :now, :by)""")
			.param("id", id)
			.param("domain", domain.ascii())
			.param("now", utc(now))
			.param("by", askedBy)
			.update();
		this.scheduler.scheduleIfNotExists(TASK.instance(id.toString()).scheduledTo(now));
		return id;
	}

	private static boolean isFresh(TlsCheck check, Instant now) {
		Instant finishedAt = check.finishedAt();
		return finishedAt != null && finishedAt.plus(FRESH).isAfter(now);
	}

	/**
	 * The newest check of a domain, be it under way or finished.
	 */
	@Transactional(readOnly = true)
	public Optional<TlsCheck> latest(DomainName domain) {
		return this.jdbc.sql("select * from tls_check where domain = :domain order by asked_at desc, id desc limit 1")
			.param("domain", domain.ascii())
			.query(this::check)
			.optional();
	}

	/**
	 * The newest check of a domain that has finished.
	 */
	@Transactional(readOnly = true)
	public Optional<TlsCheck> latestFinished(DomainName domain) {
		return this.jdbc.sql("""
				select * from tls_check where domain = :domain and finished_at is not null
				order by asked_at desc, id desc limit 1""")
			.param("domain", domain.ascii())
			.query(this::check)
			.optional();
	}

	/**
	 * A check by its id.
	 */
	@Transactional(readOnly = true)
	public Optional<TlsCheck> find(UUID id) {
		return this.jdbc.sql("select * from tls_check where id = :id").param("id", id).query(this::check).optional();
	}

	/**
	 * The latest check of each domain, the newest first.
	 * @param words a part of the domain's name; empty for all
	 * @param before only those asked for before this one
	 * @param most how many
	 */
	@Transactional(readOnly = true)
	List<TlsCheck> latestOfEach(String words, @Nullable TlsCheck before, int most) {
		return this.jdbc.sql("""
				select * from tls_check t
				where not exists (select 1 from tls_check later where later.domain = t.domain
					and (later.asked_at, later.id) > (t.asked_at, t.id))
				and strpos(domain, :words) > 0
				and (cast(:at as timestamptz) is null or (asked_at, id) < (:at, cast(:id as uuid)))
				order by asked_at desc, id desc limit :most""")
			.param("words", words)
			.param("at", (before != null) ? utc(before.askedAt()) : null, Types.TIMESTAMP_WITH_TIMEZONE)
			.param("id", (before != null) ? before.id() : null, Types.OTHER)
			.param("most", most)
			.query(this::check)
			.list();
	}

	/** Notes that its work begins. */
	@Transactional
	void begin(UUID id, Instant now) {
		this.jdbc.sql("update tls_check set started_at = :now where id = :id and finished_at is null")
			.param("now", utc(now))
			.param("id", id)
			.update();
	}

	/** Notes what it is doing. */
	@Transactional
	void progress(UUID id, String sentence) {
		this.jdbc.sql("update tls_check set progress = :sentence where id = :id and finished_at is null")
			.param("sentence", sentence.substring(0, Math.min(sentence.length(), 300)))
			.param("id", id)
			.update();
	}

	/**
	 * Keeps its report.
	 * @return whether it was the first to do so
	 */
	@Transactional
	boolean finish(UUID id, Report report, Instant now) {
		return this.jdbc.sql("""
				update tls_check set finished_at = :now, report = :report, rules_version = :rules, progress = null
				where id = :id and finished_at is null""")
			.param("now", utc(now))
			.param("report", this.json.writeValueAsString(report))
			.param("rules", report.rulesVersion())
			.param("id", id)
			.update() == 1;
	}

	private TlsCheck check(ResultSet row, int number) throws SQLException {
		String report = row.getString("report");
		return new TlsCheck(row.getObject("id", UUID.class), new DomainName(row.getString("domain")),
				row.getObject("asked_at", OffsetDateTime.class).toInstant(), row.getString("asked_by"),
				instant(row, "started_at"), instant(row, "finished_at"), row.getString("progress"),
				(report != null) ? this.json.readValue(report, Report.class) : null);
	}

	private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
		OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
		return (time != null) ? time.toInstant() : null;
	}

	private static OffsetDateTime utc(Instant instant) {
		return instant.atOffset(ZoneOffset.UTC);
	}

}
