package org.partnertls.audit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Ids;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.Lazy;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Large exports, written in the background into the database and fetched later.
 */
@Component
class ExportFiles {

	static final TaskDescriptor<Void> TASK = TaskDescriptor.of("history-export");

	/** How long a file is kept. */
	static final Duration KEPT = Duration.ofDays(7);

	private static final int PART = 1 << 20;

	private final JdbcClient jdbc;

	private final Exports exports;

	private final Proofs proofs;

	private final AuditLog audit;

	private final SchedulerClient scheduler;

	private final TransactionTemplate writing;

	private final JsonMapper json;

	private final Clock clock;

	ExportFiles(JdbcClient jdbc, Exports exports, Proofs proofs, AuditLog audit, @Lazy SchedulerClient scheduler,
			PlatformTransactionManager transactions, JsonMapper json, Clock clock) {
		this.jdbc = jdbc;
		this.exports = exports;
		this.proofs = proofs;
		this.audit = audit;
		this.scheduler = scheduler;
		this.writing = new TransactionTemplate(transactions);
		this.writing.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		this.json = json;
		this.clock = clock;
	}

	/**
	 * The act of an export, with its filter beside it: what is looked for may be a name.
	 */
	static Act act(String code, ExportFormat format, Map<String, String> filter) {
		Act act = Act.of(code).detail("format", format);
		filter.forEach((field, value) -> act.personal("search-" + field, null, value));
		return act;
	}

	/** Puts a large export into the background. */
	@Transactional
	public UUID ask(UUID by, ExportFormat format, Map<String, String> filter, long total) {
		Instant now = this.clock.instant();
		UUID id = Ids.at(now);
		this.jdbc.sql("""
				insert into audit_export (id, asked_by, asked_at, format, filter, total, written, state)
				values (?, ?, ?, ?, ?, ?, 0, 'WAITING')""")
			.params(id, by, AuditLog.utc(now), format.name(), this.json.writeValueAsString(filter), total)
			.update();
		this.audit.append(act("history.export-asked", format, filter).on("history-export", id).detail("events", total));
		this.scheduler.scheduleIfNotExists(TASK.instance(id.toString()).scheduledTo(now));
		return id;
	}

	/** Carries one out, from the beginning if it was begun before. */
	void run(UUID id, ZoneId zone) {
		Export export = find(id).orElseThrow();
		if (export.state() != State.WAITING && export.state() != State.RUNNING) {
			return;
		}
		this.writing.executeWithoutResult((status) -> {
			this.jdbc.sql("delete from audit_export_part where export_id = ?").param(id).update();
			move(id, State.RUNNING, 0, null);
		});
		try {
			Checkpoint checkpoint = this.proofs.sealed().orElse(null);
			if (checkpoint == null && export.format() == ExportFormat.JSONL) {
				throw new IOException("Nothing is signed yet, so that there is no proof to export.");
			}
			Search search = Search.read(export.filter(), zone, export.askedAt()).search();
			try (Parts parts = new Parts(id)) {
				long written = this.exports.write(search, export.format(), checkpoint, parts,
						(count) -> this.writing.executeWithoutResult((status) -> move(id, State.RUNNING, count, null)));
				parts.finish();
				this.writing.executeWithoutResult((status) -> {
					move(id, State.DONE, written, null);
					this.audit.append(
							act("history.exported", export.format(), export.filter()).by(Actor.system("history-export"))
								.on("history-export", id)
								.detail("events", written)
								.detail("asked-by", export.askedBy())
								.detail("checkpoint", (checkpoint != null) ? checkpoint.size() : "none"));
				});
			}
		}
		catch (IOException ex) {
			String problem = Objects.requireNonNullElse(ex.getMessage(), "The file could not be written.");
			this.writing.executeWithoutResult((status) -> {
				move(id, State.FAILED, 0, problem);
				this.audit.append(act("history.exported", export.format(), export.filter()).failed()
					.by(Actor.system("history-export"))
					.on("history-export", id)
					.detail("why", problem));
			});
		}
	}

	private void move(UUID id, State state, long written, @Nullable String problem) {
		this.jdbc.sql("""
				update audit_export set state = :state, written = :written, problem = :problem, ended_at = :ended
				where id = :id""")
			.param("state", state.name())
			.param("written", written)
			.param("problem", problem, java.sql.Types.VARCHAR)
			.param("ended", (state == State.RUNNING) ? null : AuditLog.utc(this.clock.instant()),
					java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
			.param("id", id)
			.update();
	}

	/** Takes away the files of a week ago. */
	@Transactional
	public void tidy() {
		for (UUID id : this.jdbc.sql("select id from audit_export where state = 'DONE' and ended_at < ?")
			.param(AuditLog.utc(this.clock.instant().minus(KEPT)))
			.query(UUID.class)
			.list()) {
			this.jdbc.sql("delete from audit_export_part where export_id = ?").param(id).update();
			this.jdbc.sql("update audit_export set state = 'GONE' where id = ?").param(id).update();
		}
	}

	Optional<Export> find(UUID id) {
		return this.jdbc.sql("select * from audit_export where id = ?").param(id).query(this::export).optional();
	}

	/** Somebody's own, newest first. */
	List<Export> of(UUID person) {
		return this.jdbc.sql("select * from audit_export where asked_by = ? order by asked_at desc limit 20")
			.param(person)
			.query(this::export)
			.list();
	}

	private Export export(ResultSet row, int number) throws SQLException {
		Map<String, String> filter = new LinkedHashMap<>();
		this.json.readTree(row.getString("filter"))
			.properties()
			.forEach((field) -> filter.put(field.getKey(), field.getValue().asString("")));
		return new Export(row.getObject("id", UUID.class), row.getObject("asked_by", UUID.class),
				row.getObject("asked_at", OffsetDateTime.class).toInstant(),
				ExportFormat.valueOf(row.getString("format")), filter, row.getLong("total"), row.getLong("written"),
				State.valueOf(row.getString("state")), row.getString("problem"));
	}

	/** The file of an export that is done. */
	@SuppressWarnings("JdkObsolete") // SequenceInputStream takes nothing newer.
	InputStream file(UUID id) throws IOException {
		return new GZIPInputStream(new SequenceInputStream(new Enumeration<>() {

			private int next;

			private byte @Nullable [] part = read();

			private byte @Nullable [] read() {
				return ExportFiles.this.jdbc
					.sql("select content from audit_export_part where export_id = ? and seq = ?")
					.params(id, this.next++)
					.query(byte[].class)
					.optional()
					.orElse(null);
			}

			@Override
			public boolean hasMoreElements() {
				return this.part != null;
			}

			@Override
			public InputStream nextElement() {
				byte[] content = this.part;
				if (content == null) {
					throw new NoSuchElementException();
				}
				this.part = read();
				return new ByteArrayInputStream(content);
			}

		}), 1 << 16);
	}

	/** Writes a file into the database, a compressed part at a time. */
	private final class Parts extends OutputStream {

		private final UUID export;

		private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(PART + (1 << 16));

		private final GZIPOutputStream gzip;

		private int seq;

		Parts(UUID export) throws IOException {
			this.export = export;
			this.gzip = new GZIPOutputStream(this.buffer, 1 << 16);
		}

		@Override
		public void write(int one) throws IOException {
			write(new byte[] { (byte) one }, 0, 1);
		}

		@Override
		public void write(byte[] bytes, int from, int length) throws IOException {
			this.gzip.write(bytes, from, length);
			if (this.buffer.size() >= PART) {
				store();
			}
		}

		private void store() {
			byte[] content = this.buffer.toByteArray();
			this.buffer.reset();
			ExportFiles.this.writing.executeWithoutResult((status) -> ExportFiles.this.jdbc
				.sql("insert into audit_export_part (export_id, seq, content) values (?, ?, ?)")
				.params(this.export, this.seq++, content)
				.update());
		}

		/** Writes what is left; only a whole file gets its end. */
		void finish() throws IOException {
			this.gzip.finish();
			store();
		}

		@Override
		public void close() throws IOException {
			this.gzip.close();
		}

	}

	/**
	 * An export in the background.
	 *
	 * @param id its id
	 * @param askedBy whose account
	 * @param askedAt when
	 * @param format as what
	 * @param filter the fields of the search
	 * @param total how many events it will have
	 * @param written how many it has
	 * @param state how far it is
	 * @param problem what went wrong
	 */
	record Export(UUID id, UUID askedBy, Instant askedAt, ExportFormat format, Map<String, String> filter, long total,
			long written, State state, @Nullable String problem) {

		public boolean isRunning() {
			return this.state == State.WAITING || this.state == State.RUNNING;
		}

		public boolean isDone() {
			return this.state == State.DONE;
		}

		/** The filter as it is read. */
		public String what() {
			return this.filter.isEmpty() ? "everything" : String.join(", ",
					this.filter.entrySet().stream().map((one) -> one.getKey() + " " + one.getValue()).toList());
		}

		String fileName() {
			return "history-" + this.askedAt.toString().substring(0, 10) + "." + this.format.ending();
		}

	}

	/** How far an export is. */
	enum State {

		/** Nobody has begun. */
		WAITING,
		/** It is being written. */
		RUNNING,
		/** It can be fetched. */
		DONE,
		/** It could not be written. */
		FAILED,
		/** Its time is over. */
		GONE

	}

}
