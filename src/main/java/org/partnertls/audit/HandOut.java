package org.partnertls.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Gives checkpoints to the outside: only a copy elsewhere shows that the end of the
 * history was cut off, or that all of it was written anew by somebody with the key.
 */
@Component
public class HandOut {

	private static final Logger LOG = LoggerFactory.getLogger(HandOut.class);

	private final JdbcClient jdbc;

	private final Proofs proofs;

	private final AuditLog audit;

	private final AuditProperties properties;

	private final ApplicationEventPublisher events;

	private final Clock clock;

	HandOut(JdbcClient jdbc, Proofs proofs, AuditLog audit, AuditProperties properties,
			ApplicationEventPublisher events, Clock clock) {
		this.jdbc = jdbc;
		this.proofs = proofs;
		this.audit = audit;
		this.properties = properties;
		this.events = events;
		this.clock = clock;
	}

	/** How often somebody has to look whether something is due. */
	Duration rhythm() {
		return (this.properties.mailInterval().compareTo(this.properties.handOutInterval()) < 0)
				? this.properties.mailInterval() : this.properties.handOutInterval();
	}

	/** Hands out what is due. */
	@Transactional
	public void run() {
		Checkpoint newest = this.proofs.latest().orElse(null);
		if (newest == null) {
			return;
		}
		Instant now = this.clock.instant();
		if (isDue("log", this.properties.handOutInterval(), newest, now)) {
			LOG.info("Checkpoint of the history: {}", newest.note().strip().replace("\n", " | "));
			kept(newest, "log", now);
		}
		Path file = this.properties.handOutFile();
		if (file != null && isDue("file", this.properties.handOutInterval(), newest, now)) {
			append(file, newest, now);
		}
		if (isDue("mail", this.properties.mailInterval(), newest, now)) {
			this.events.publishEvent(new CheckpointDue(newest));
		}
	}

	/** Notes that a checkpoint was mailed. Joins the caller's transaction. */
	@Transactional
	public void mailed(Checkpoint checkpoint) {
		kept(checkpoint, "mail", this.clock.instant());
	}

	/**
	 * Notes that a checkpoint left with an export or a report. Joins the caller's
	 * transaction.
	 */
	@Transactional
	public void exported(Checkpoint checkpoint) {
		kept(checkpoint, "export", this.clock.instant());
	}

	/** The newest of each way. */
	List<Given> newest() {
		return this.jdbc.sql("select distinct on (way) way, size, at from audit_hand_out order by way, at desc")
			.query((row, number) -> new Given(row.getString(1), row.getLong(2),
					row.getObject(3, OffsetDateTime.class).toInstant()))
			.list();
	}

	// Events that handing out itself makes are no reason to hand out again, or an idle
	// portal would never rest.
	private boolean isDue(String way, Duration interval, Checkpoint newest, Instant now) {
		Optional<Given> last = newest().stream().filter((given) -> given.way().equals(way)).findFirst();
		return last.isEmpty() || (!now.isBefore(last.get().at().plus(interval)) && this.jdbc.sql("""
				select exists (
					select from audit_leaf l join audit_event e on e.id = l.event_id and e.at = l.at
					where l.index >= ? and l.index < ?
					and e.code not in ('checkpoint.handed-out', 'mail.sent'))""")
			.params(last.get().size(), newest.size())
			.query(Boolean.class)
			.single());
	}

	private void append(Path file, Checkpoint newest, Instant now) {
		try {
			Files.writeString(file, newest.note() + "\n", StandardCharsets.UTF_8, StandardOpenOption.CREATE,
					StandardOpenOption.APPEND);
			kept(newest, "file", now);
		}
		catch (IOException ex) {
			LOG.error("The checkpoint could not be written to portal.audit.hand-out-file ({})", file, ex);
			this.audit.append(Act.of("checkpoint.hand-out-failed")
				.by(Actor.system("audit-hand-out"))
				.failed()
				.detail("way", "file")
				.detail("size", newest.size()));
		}
	}

	private void kept(Checkpoint checkpoint, String way, Instant now) {
		this.jdbc.sql("insert into audit_hand_out (at, size, way) values (?, ?, ?) on conflict do nothing")
			.params(AuditLog.utc(now), checkpoint.size(), way)
			.update();
		this.audit.append(Act.of("checkpoint.handed-out")
			.by(way.equals("export") ? null : Actor.system("audit-hand-out"))
			.detail("way", way)
			.detail("size", checkpoint.size())
			.detail("root", checkpoint.rootWords()));
	}

	/**
	 * A checkpoint that left.
	 *
	 * @param way log, file, mail or export
	 * @param size how many events it covers
	 * @param at when
	 */
	record Given(String way, long size, Instant at) {

		public String words() {
			return switch (this.way) {
				case "log" -> "written to the log";
				case "file" -> "appended to the file";
				case "mail" -> "mailed to compliance";
				default -> "handed out with an export";
			};
		}

	}

}
