package org.partnertls.audit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongConsumer;
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
 * Takes the history out of the portal, row by row, so that memory stays flat whatever the
 * size. What is small is written to whoever asked at once; what is large is written in
 * the background and fetched later. Either way it is an event.
 */
@Component
public class Exports {

	/** What has more events than this is written in the background. */
	static final int SMALL = 20_000;

	static final TaskDescriptor<Void> TASK = TaskDescriptor.of("history-export");

	/** How long a file is kept. */
	static final Duration KEPT = Duration.ofDays(7);

	private static final int BATCH = 2048;

	private static final int PART = 1 << 20;

	private final JdbcClient jdbc;

	private final History history;

	private final Proofs proofs;

	private final AuditLog audit;

	private final SchedulerClient scheduler;

	private final TransactionTemplate reading;

	private final TransactionTemplate writing;

	private final JsonMapper json;

	private final Clock clock;

	Exports(JdbcClient jdbc, History history, Proofs proofs, AuditLog audit, @Lazy SchedulerClient scheduler,
			PlatformTransactionManager transactions, JsonMapper json, Clock clock) {
		this.jdbc = jdbc;
		this.history = history;
		this.proofs = proofs;
		this.audit = audit;
		this.scheduler = scheduler;
		this.reading = new TransactionTemplate(transactions);
		this.reading.setReadOnly(true);
		this.writing = new TransactionTemplate(transactions);
		this.writing.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		this.json = json;
		this.clock = clock;
	}

	/**
	 * How many events a search finds.
	 * @param most where counting ends
	 */
	long count(Search search, long most) {
		return Objects.requireNonNull(this.reading.execute((status) -> {
			History.Question question = this.history.question(search, null, true, 0);
			return this.jdbc.sql("select count(*) from (" + question.unordered() + " limit " + most + ") c")
				.params(question.values())
				.query(Long.class)
				.single();
		}));
	}

	/**
	 * Writes what a search finds.
	 * @param checkpoint what the export is proven by; null: without proofs
	 * @param progress is told the number of events written from time to time
	 * @return how many events were written
	 */
	long write(Search search, ExportFormat format, @Nullable Checkpoint checkpoint, OutputStream out,
			LongConsumer progress) throws IOException {
		Long written;
		try {
			written = this.reading.execute((status) -> {
				try (Lines lines = lines(format, checkpoint, out)) {
					Batch batch = new Batch(lines, search.person(), progress);
					if (format == ExportFormat.JSONL) {
						sealed(search, Objects.requireNonNull(checkpoint), batch);
					}
					else {
						History.Question question = this.history.question(search, null, true, 0);
						this.jdbc.sql(question.sql()).withFetchSize(BATCH).params(question.values()).query((row) -> {
							batch.add(-1, row);
						});
					}
					batch.flush();
					return batch.written;
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			});
		}
		catch (UncheckedIOException ex) {
			throw ex.getCause();
		}
		return Objects.requireNonNull(written);
	}

	/**
	 * Writes events as JSON Lines that can be checked against a checkpoint; see
	 * {@link ProvenLines}.
	 * @param partner the only partner; null: everything
	 * @param until the instant after the last
	 * @param most how many at most; there are more: nothing is written
	 * @return how many were written; negative: there are more than that
	 */
	public long proven(@Nullable UUID partner, Instant until, Checkpoint checkpoint, long most, OutputStream out)
			throws IOException {
		Search search = new Search(null, until, null, null, null, null, partner, null, null, null, null, null);
		return (count(search, most + 1) > most) ? -1 : write(search, ExportFormat.JSONL, checkpoint, out, (written) -> {
		});
	}

	/**
	 * In the order of the tree; everything in slices, since sorting it all would need
	 * room for it all.
	 */
	private void sealed(Search search, Checkpoint checkpoint, Batch batch) {
		if (search.equals(Search.EVERYTHING)) {
			for (long from = 0; from < checkpoint.size(); from += BATCH) {
				slice(from, Math.min(from + BATCH, checkpoint.size()), batch);
			}
			return;
		}
		History.Question question = this.history.question(search, null, true, 0);
		Map<String, Object> values = new HashMap<>(question.values());
		values.put("size", checkpoint.size());
		this.jdbc
			.sql("select l.index, q.id, q.at, q.event from (" + question.sql()
					+ ") q join audit_leaf l on l.event_id = q.id where l.index < :size order by l.index")
			.withFetchSize(BATCH)
			.params(values)
			.query((row) -> {
				batch.add(row.getLong("index"), row);
			});
	}

	/**
	 * Some leaves, then their events: with the span of time known, only the months in it
	 * are looked at. What has left in an archive is left out.
	 */
	private void slice(long from, long to, Batch batch) {
		Map<UUID, Long> leaves = new LinkedHashMap<>();
		List<OffsetDateTime> span = new ArrayList<>();
		this.jdbc.sql("select index, event_id, at from audit_leaf where index >= ? and index < ? order by index")
			.params(from, to)
			.query((row) -> {
				leaves.put(row.getObject("event_id", UUID.class), row.getLong("index"));
				span.add(row.getObject("at", OffsetDateTime.class));
			});
		if (leaves.isEmpty()) {
			return;
		}
		Map<UUID, Waiting> events = new HashMap<>();
		this.jdbc.sql("""
				select id, at, event from audit_event
				where id = any(cast(:ids as uuid[])) and at >= :first and at <= :last""")
			.param("ids", leaves.keySet().stream().map(UUID::toString).toArray(String[]::new))
			.param("first", java.util.Collections.min(span))
			.param("last", java.util.Collections.max(span))
			.query((row) -> {
				UUID id = row.getObject("id", UUID.class);
				events.put(id, new Waiting(Objects.requireNonNull(leaves.get(id)),
						row.getObject("at", OffsetDateTime.class).toInstant(), row.getString("event")));
			});
		leaves.keySet().forEach((id) -> {
			Waiting event = events.get(id);
			if (event != null) {
				batch.add(id, event);
			}
		});
	}

	private Lines lines(ExportFormat format, @Nullable Checkpoint checkpoint, OutputStream out) throws IOException {
		return switch (format) {
			case CSV -> new CsvLines(out);
			case OCSF -> new OcsfLines(out);
			case JSONL -> {
				ProvenLines lines = this.proofs.lines(out, Objects.requireNonNull(checkpoint));
				yield new Lines() {

					@Override
					public void write(long index, History.Row row, List<ProvenLines.Beside> personal)
							throws IOException {
						lines.event(index, row.text(), personal);
					}

					@Override
					public void close() throws IOException {
						lines.close();
					}

				};
			}
		};
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
				long written = write(search, export.format(), checkpoint, parts,
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
				return Exports.this.jdbc.sql("select content from audit_export_part where export_id = ? and seq = ?")
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

	/** A file format, event by event. */
	interface Lines extends AutoCloseable {

		/**
		 * Writes an event.
		 * @param index where it stands in the tree; negative when nobody asked
		 */
		void write(long index, History.Row row, List<ProvenLines.Beside> personal) throws IOException;

		@Override
		void close() throws IOException;

	}

	/** Some events at a time, so that what stands beside them is fetched together. */
	private final class Batch {

		private final Lines lines;

		private final @Nullable String person;

		private final LongConsumer progress;

		private final Map<UUID, Waiting> waiting = new LinkedHashMap<>();

		private long written;

		private long told = System.nanoTime();

		/**
		 * @param person whose data alone goes out; null: everybody's. What is kept about
		 * one person is theirs to have, what stands beside it about others is not.
		 */
		Batch(Lines lines, @Nullable String person, LongConsumer progress) {
			this.lines = lines;
			this.person = person;
			this.progress = progress;
		}

		void add(long index, ResultSet row) throws SQLException {
			add(row.getObject("id", UUID.class),
					new Waiting(index, row.getObject("at", OffsetDateTime.class).toInstant(), row.getString("event")));
		}

		void add(UUID id, Waiting event) {
			this.waiting.put(id, event);
			if (this.waiting.size() >= BATCH) {
				flush();
			}
		}

		void flush() {
			if (this.waiting.isEmpty()) {
				return;
			}
			Map<UUID, List<ProvenLines.Beside>> beside = new HashMap<>();
			Exports.this.jdbc.sql("""
					select event_id, slot, person_id, salt, content from audit_personal
					where event_id = any(cast(:ids as uuid[])) and (person_id = :person or :person = '')
					order by event_id, slot""")
				.param("ids", this.waiting.keySet().stream().map(UUID::toString).toArray(String[]::new))
				.param("person", Objects.requireNonNullElse(this.person, ""))
				.query((row) -> {
					beside.computeIfAbsent(row.getObject("event_id", UUID.class), (id) -> new ArrayList<>())
						.add(new ProvenLines.Beside(row.getString("slot"),
								Objects.requireNonNullElse(row.getString("person_id"), ""), row.getBytes("salt"),
								row.getString("content")));
				});
			this.waiting.forEach((id, event) -> {
				try {
					List<ProvenLines.Beside> personal = beside.getOrDefault(id, List.of());
					this.lines.write(event.index(), event.row(id, personal), personal);
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			});
			this.written += this.waiting.size();
			this.waiting.clear();
			if (System.nanoTime() - this.told > Duration.ofMillis(500).toNanos()) {
				this.told = System.nanoTime();
				this.progress.accept(this.written);
			}
		}

	}

	private record Waiting(long index, Instant at, String event) {

		History.Row row(UUID id, List<ProvenLines.Beside> personal) {
			Map<String, String> slots = new LinkedHashMap<>();
			personal.forEach((one) -> slots.put(one.slot(), (one.content() != null) ? one.content() : "erased"));
			return new History.Row(id, this.at, this.event, JsonMapper.shared().readTree(this.event), slots);
		}

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
			Exports.this.writing.executeWithoutResult((status) -> Exports.this.jdbc
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
