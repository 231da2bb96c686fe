package org.partnertls.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import javax.sql.DataSource;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Ids;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Lazy;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Verifications that people ask for on the page: run in the background, kept with what
 * they found.
 */
@Component
class Verifications {

	static final TaskDescriptor<Void> TASK = TaskDescriptor.of("audit-verification");

	private static final Logger LOG = LoggerFactory.getLogger(Verifications.class);

	private final JdbcClient jdbc;

	private final DataSource database;

	private final Keys keys;

	private final AuditProperties properties;

	private final AuditLog audit;

	private final SchedulerClient scheduler;

	private final TransactionTemplate transaction;

	private final ApplicationEventPublisher events;

	private final JsonMapper json;

	private final Clock clock;

	Verifications(JdbcClient jdbc, DataSource database, Keys keys, AuditProperties properties, AuditLog audit,
			@Lazy SchedulerClient scheduler, TransactionTemplate transaction, ApplicationEventPublisher events,
			JsonMapper json, Clock clock) {
		this.jdbc = jdbc;
		this.database = database;
		this.keys = keys;
		this.properties = properties;
		this.audit = audit;
		this.scheduler = scheduler;
		this.transaction = transaction;
		this.events = events;
		this.json = json;
		this.clock = clock;
	}

	/**
	 * Asks for a run, unless one is waiting or under way.
	 * @param by who asks, by id
	 */
	@Transactional
	public void ask(String by) {
		if (this.jdbc.sql("select exists (select from audit_verification where finished_at is null)")
			.query(Boolean.class)
			.single()) {
			return;
		}
		Instant now = this.clock.instant();
		UUID id = Ids.at(now);
		this.jdbc.sql("insert into audit_verification (id, asked_at, asked_by) values (?, ?, ?)")
			.params(id, AuditLog.utc(now), by)
			.update();
		this.scheduler.scheduleIfNotExists(TASK.instance(id.toString()).scheduledTo(now));
		this.audit.append(Act.of("history.verification-asked").on("verification", id));
	}

	/** Runs one that was asked for. */
	void run(UUID id) throws SQLException, InterruptedException {
		if (find(id).result() != null) {
			return;
		}
		this.jdbc.sql("update audit_verification set started_at = ?, done = 0 where id = ?")
			.params(AuditLog.utc(this.clock.instant()), id)
			.update();
		Verification.Outcome outcome = new Verification(this.database, this.keys.verifying(), outside(), 1,
				(done, total) -> this.jdbc.sql("update audit_verification set done = ?, total = ? where id = ?")
					.params(done, total, id)
					.update())
			.run();
		this.transaction.executeWithoutResult((status) -> {
			this.jdbc.sql("update audit_verification set finished_at = ?, result = ? where id = ? and result is null")
				.params(AuditLog.utc(this.clock.instant()), this.json.writeValueAsString(outcome), id)
				.update();
			this.audit.append(told(id, outcome));
			Finding first = outcome.first();
			if (first != null) {
				LOG.error("The history is not what it was: {} findings, the first: {}", outcome.wrong(), first);
				this.events.publishEvent(
						new HistoryAlarm(HistoryAlarm.Kind.ALTERED, "The verification found " + outcome.wrong()
								+ ((outcome.wrong() == 1) ? " thing" : " things") + " wrong. The first: " + first));
			}
		});
	}

	private static Act told(UUID id, Verification.Outcome outcome) {
		Act act = Act.of(outcome.good() ? "history.verified" : "history.found-altered")
			.by(Actor.system("audit-verification"))
			.on("verification", id)
			.detail("sealed", outcome.sealed())
			.detail("covered", outcome.covered())
			.detail("signatures", outcome.signatures())
			.detail("wrong", outcome.wrong());
		Finding first = outcome.first();
		return (first != null) ? act.failed().detail("first", first) : act;
	}

	/** The last checkpoint of the file that they are appended to. */
	private Map<String, Checkpoint> outside() {
		Path file = this.properties.handOutFile();
		if (file == null || !Files.isReadable(file)) {
			return Map.of();
		}
		Map<String, Checkpoint> kept = new LinkedHashMap<>();
		try {
			kept(Files.readString(file)).forEach((note) -> kept.put("The checkpoint in " + file.getFileName(), note));
		}
		catch (IOException | IllegalArgumentException ex) {
			LOG.warn("The checkpoints in {} could not be read", file, ex);
		}
		return kept;
	}

	/** All checkpoints of a file, each followed by an empty line. */
	static List<Checkpoint> kept(String file) {
		return java.util.regex.Pattern.compile("\n\n(?=[^\u2014])")
			.splitAsStream(file.replace("\r", "").strip())
			.filter((note) -> !note.isBlank())
			.map(Checkpoint::of)
			.toList();
	}

	/** The latest runs. */
	List<Run> latest() {
		return this.jdbc.sql("select * from audit_verification order by asked_at desc limit 20")
			.query(this::row)
			.list();
	}

	private Run find(UUID id) {
		return this.jdbc.sql("select * from audit_verification where id = ?").param(id).query(this::row).single();
	}

	private Run row(java.sql.ResultSet row, int number) throws SQLException {
		String result = row.getString("result");
		return new Run(row.getObject("id", UUID.class), instant(row.getObject("asked_at", OffsetDateTime.class)),
				instant(row.getObject("finished_at", OffsetDateTime.class)), row.getLong("done"), row.getLong("total"),
				(result != null) ? this.json.readValue(result, Verification.Outcome.class) : null);
	}

	private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
		return (time != null) ? time.toInstant() : null;
	}

	/**
	 * A run.
	 *
	 * @param id its id
	 * @param askedAt when it was asked for
	 * @param finishedAt when it came to its end
	 * @param done how many events it has read
	 * @param total of how many
	 * @param result what it found; null until then
	 */
	record Run(UUID id, @Nullable Instant askedAt, @Nullable Instant finishedAt, long done, long total,
			Verification.@Nullable Outcome result) {

		public boolean underWay() {
			return this.result == null;
		}

		/** From 0 to 100. */
		public int percent() {
			return (this.total > 0) ? (int) (this.done * 100 / this.total) : 0;
		}

	}

}
