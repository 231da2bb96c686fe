package org.partnertls.tlscheck;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
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

	/** Who asks for the checks of rounds. */
	static final String ROUND = "tls-check-round";

	private static final Duration FRESH = Duration.ofSeconds(30);

	private final JdbcClient jdbc;

	private final SchedulerClient scheduler;

	private final JsonMapper json;

	private final AuditLog audit;

	private final RoundSettings settings;

	private final Clock clock;

	TlsChecks(JdbcClient jdbc, @Lazy SchedulerClient scheduler, JsonMapper json, AuditLog audit,
			TlsCheckProperties properties, Clock clock) {
		this.jdbc = jdbc;
		this.scheduler = scheduler;
		this.json = json;
		this.audit = audit;
		this.settings = properties.rounds();
		this.clock = clock;
	}

	/**
	 * Asks for a check because a person wants one now; nobody may without end. However
	 * often it is asked for, a server is not asked twice within a minute.
	 * @param person who
	 */
	@Transactional
	public Asked ask(DomainName domain, SignedIn person) {
		String by = person.id().toString();
		int asked = this.jdbc.sql("select count(*) from tls_check where asked_by = :by and asked_at > :since")
			.param("by", by)
			.param("since", utc(this.clock.instant().minus(Duration.ofHours(1))))
			.query(Integer.class)
			.single();
		if (asked >= this.settings.asksPerPerson()) {
			this.audit.append(Act.of("tlscheck.ask-refused").refused().domain(domain));
			return new Asked.TooMany("You have asked for " + asked
					+ " checks within an hour, which is as many as one person may. Come back later; all domains are"
					+ " also checked by themselves every day.");
		}
		UUID id = ask(domain, by);
		this.audit.append(Act.of("tlscheck.asked").on("tls-check", id).domain(domain));
		return new Asked.Granted(id);
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
		note(domain, now);
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
	 * The checks of a domain that have ended, the newest first.
	 * @param before only those that ended before this time
	 * @param most how many
	 */
	@Transactional(readOnly = true)
	List<Run> runs(DomainName domain, @Nullable Instant before, int most) {
		return this.jdbc.sql("""
				select id, asked_by, finished_at, rules_version, outcome, forced_tls, sentence, expires_at, became,
					coalesce(counted, true) as counted
				from tls_check where domain = :domain and finished_at is not null
				and (cast(:before as timestamptz) is null or finished_at < :before)
				order by finished_at desc, id desc limit :most""")
			.param("domain", domain.ascii())
			.param("before", (before != null) ? utc(before) : null, Types.TIMESTAMP_WITH_TIMEZONE)
			.param("most", most)
			.query((row, number) -> new Run(row.getObject("id", UUID.class), row.getString("asked_by"),
					row.getObject("finished_at", OffsetDateTime.class).toInstant(), row.getInt("rules_version"),
					TlsWatch.outcome(row, "outcome"), TlsWatch.outcome(row, "forced_tls"), row.getString("sentence"),
					instant(row, "expires_at"), row.getString("became"), row.getBoolean("counted")))
			.list();
	}

	/** The check that ended before another of the same domain. */
	@Transactional(readOnly = true)
	Optional<TlsCheck> before(TlsCheck check) {
		Instant finishedAt = check.finishedAt();
		return (finishedAt == null) ? Optional.empty()
				: runs(check.domain(), finishedAt, 1).stream().findFirst().flatMap((run) -> find(run.id()));
	}

	/** Of some domains, those that are being checked now, each with that check's id. */
	@Transactional(readOnly = true)
	Map<DomainName, UUID> underWay(Collection<DomainName> domains) {
		if (domains.isEmpty()) {
			return Map.of();
		}
		Map<DomainName, UUID> running = new HashMap<>();
		this.jdbc.sql("""
				select id, domain from tls_check
				where domain in (:domains) and finished_at is null and asked_at > :since order by asked_at""")
			.param("domains", domains.stream().map(DomainName::ascii).toList())
			.param("since", utc(this.clock.instant().minus(TlsCheck.GIVEN_UP)))
			.query((row, number) -> running.put(new DomainName(row.getString("domain")),
					row.getObject("id", UUID.class)))
			.list();
		return running;
	}

	/** Makes sure that there is a row for a domain that is looked at. */
	@Transactional
	void note(DomainName domain, Instant now) {
		this.jdbc.sql("""
				insert into watched_domain (domain, level, state, state_since, failures, unclear, rules_version)
				values (:domain, :level, 'UNKNOWN', :now, 0, 0, 0) on conflict do nothing""")
			.param("domain", domain.ascii())
			.param("level", Level.CERTIFICATE_VALIDATION.name())
			.param("now", utc(now))
			.update();
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
	 * Deletes what is older than it has to be kept; the newest of each domain and what
	 * changed a state stay.
	 * @return how many were deleted
	 */
	@Transactional
	int purge() {
		return this.jdbc.sql("""
				delete from tls_check t where t.id in (
					select old.id from tls_check old
					where coalesce(old.finished_at, old.asked_at) < :before and old.became is null
					and not exists (select 1 from watched_domain w where w.check_id = old.id)
					limit 5000)""").param("before", utc(this.clock.instant().minus(this.settings.keep()))).update();
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

	/**
	 * A check that has ended, without its report.
	 *
	 * @param id its id
	 * @param askedBy an account id or the name of a job
	 * @param at when it ended
	 * @param rulesVersion by which rules it was made
	 * @param outcome at the level of the domain's connector; null when it was made before
	 * these were kept
	 * @param forcedTls at the lowest level
	 * @param sentence the worst that was found
	 * @param expiresAt when the first certificate on the way ran out
	 * @param became the state that the domain came to by it, where that changed
	 * @param counted false when our own outage was to blame
	 */
	record Run(UUID id, String askedBy, Instant at, int rulesVersion, Verdict.@Nullable Outcome outcome,
			Verdict.@Nullable Outcome forcedTls, @Nullable String sentence, @Nullable Instant expiresAt,
			@Nullable String became, boolean counted) {

		/** What it came to, for people. */
		public String words() {
			return (this.outcome == null) ? "Not judged then"
					: this.counted ? this.outcome.words() : "Does not count: our own outage";
		}

		/** Its tone. */
		public String tone() {
			return (this.outcome == null || !this.counted) ? "idle" : this.outcome.tone();
		}

	}

}
