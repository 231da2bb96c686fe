package org.partnertls.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;

import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes the history out of the portal, row by row, so that memory stays flat whatever the
 * size.
 */
@Component
public class Exports {

	/** What has more events than this is written in the background. */
	static final int SMALL = 20_000;

	private static final int BATCH = 2048;

	/** How many leaves are read at once when everything goes out. */
	private static final int SLICE = 8192;

	private static final int AHEAD = 2;

	private final JdbcTemplate jdbc;

	private final JdbcClient client;

	private final History history;

	private final Proofs proofs;

	private final TransactionTemplate reading;

	Exports(DataSource database, History history, Proofs proofs, PlatformTransactionManager transactions) {
		this.jdbc = new JdbcTemplate(database);
		this.client = JdbcClient.create(this.jdbc);
		this.history = history;
		this.proofs = proofs;
		this.reading = new TransactionTemplate(transactions);
		this.reading.setReadOnly(true);
	}

	/**
	 * How many events a search finds.
	 * @param most where counting ends
	 */
	long count(Search search, long most) {
		return Objects.requireNonNull(this.reading.execute((status) -> {
			History.Question question = this.history.question(search, null, true, 0);
			return this.client.sql("select count(*) from (" + question.unordered() + " limit " + most + ") c")
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
		try (Lines lines = lines(format, checkpoint, out)) {
			Output output = new Output(lines, progress);
			if (format == ExportFormat.JSONL && search.equals(Search.EVERYTHING)) {
				whole(Objects.requireNonNull(checkpoint).size(), output);
			}
			else {
				this.reading.executeWithoutResult((status) -> found(search, format, checkpoint, output));
			}
			return output.written;
		}
		catch (UncheckedIOException ex) {
			throw ex.getCause();
		}
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
	 * What a search finds: with proofs in the order of the tree, else in that of time.
	 */
	private void found(Search search, ExportFormat format, @Nullable Checkpoint checkpoint, Output output) {
		History.Question question = this.history.question(search, null, true, 0);
		Map<String, Object> values = new HashMap<>(question.values());
		String sql = question.sql();
		boolean sealed = format == ExportFormat.JSONL;
		if (sealed) {
			values.put("size", Objects.requireNonNull(checkpoint).size());
			sql = "select l.index, q.id, q.at, q.event from (" + sql
					+ ") q join audit_leaf l on l.event_id = q.id where l.index < :size order by l.index";
		}
		Map<UUID, Taken> batch = new LinkedHashMap<>();
		this.client.sql(sql).withFetchSize(BATCH).params(values).query((row) -> {
			UUID id = row.getObject("id", UUID.class);
			batch.put(id, new Taken(sealed ? row.getLong("index") : -1, id,
					row.getObject("at", OffsetDateTime.class).toInstant(), row.getBytes("event")));
			if (batch.size() >= BATCH) {
				output.write(batch.values(), beside(batch, search.person()));
				batch.clear();
			}
		});
		output.write(batch.values(), beside(batch, search.person()));
	}

	/**
	 * Everything in the order of the tree. One thread reads a slice while the other
	 * writes the one before; no transaction lasts longer than a slice.
	 */
	private void whole(long size, Output output) {
		try (ExecutorService reader = Executors.newSingleThreadExecutor(Thread.ofVirtual().factory())) {
			Deque<Future<Slice>> ahead = new ArrayDeque<>();
			try {
				long next = 0;
				for (long done = 0; done < size; done += SLICE) {
					while (next < size && ahead.size() < AHEAD) {
						long from = next;
						ahead.add(reader.submit(() -> slice(from, Math.min(from + SLICE, size))));
						next += SLICE;
					}
					Slice slice = ahead.remove().get();
					output.write(slice.events(), slice.beside());
				}
			}
			catch (ExecutionException ex) {
				throw (ex.getCause() instanceof RuntimeException cause) ? cause : new IllegalStateException(ex);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException(ex);
			}
			finally {
				ahead.forEach((future) -> future.cancel(false));
			}
		}
	}

	/**
	 * Some leaves and their events. What has left in an archive is left out.
	 */
	private Slice slice(long from, long to) {
		return Objects.requireNonNull(this.reading.execute((status) -> {
			Map<UUID, Taken> events = Objects
				.requireNonNull(this.jdbc.execute((Connection connection) -> events(connection, from, to)));
			return new Slice(events.values(), beside(events, null));
		}));
	}

	/**
	 * The events of some leaves, in order. Between the transactions and times of its
	 * leaves a slice is one stretch of an index.
	 */
	private static Map<UUID, Taken> events(Connection connection, long from, long to) throws SQLException {
		Map<UUID, Long> leaves = LinkedHashMap.newLinkedHashMap(SLICE);
		Span span = null;
		try (PreparedStatement query = connection.prepareStatement(
				"select index, event_id, xid::text, at from audit_leaf where index >= ? and index < ? order by index")) {
			query.setLong(1, from);
			query.setLong(2, to);
			try (ResultSet row = query.executeQuery()) {
				while (row.next()) {
					UUID id = row.getObject(2, UUID.class);
					leaves.put(id, row.getLong(1));
					span = Span.with(span, row.getString(3), id, Block.micros(row, 4));
				}
			}
		}
		Map<UUID, Taken> found = HashMap.newHashMap(leaves.size());
		if (span != null) {
			try (PreparedStatement query = connection.prepareStatement("""
					select id, at, event from audit_event
					where (xid, id) >= (?::xid8, ?) and (xid, id) <= (?::xid8, ?) and at >= ? and at <= ?""")) {
				span.set(query);
				try (ResultSet row = query.executeQuery()) {
					while (row.next()) {
						UUID id = row.getObject(1, UUID.class);
						Long index = leaves.get(id);
						if (index != null) {
							found.put(id, new Taken(index, id, instant(Block.micros(row, 2)), row.getBytes(3)));
						}
					}
				}
			}
		}
		Map<UUID, Taken> events = LinkedHashMap.newLinkedHashMap(found.size());
		for (UUID id : leaves.keySet()) {
			Taken event = found.get(id);
			if (event != null) {
				events.put(id, event);
			}
		}
		return events;
	}

	private static Instant instant(long micros) {
		return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
	}

	/**
	 * What stands beside some events.
	 * @param person whose data alone goes out; null: everybody's. What is kept about one
	 * person is theirs to have, what stands beside it about others is not.
	 */
	private Map<UUID, List<ProvenLines.Beside>> beside(Map<UUID, Taken> events, @Nullable String person) {
		Map<UUID, List<ProvenLines.Beside>> beside = HashMap.newHashMap(events.size());
		this.jdbc.execute((Connection connection) -> {
			Besides.each(connection, events.keySet(), (id, row) -> {
				String whose = Objects.requireNonNullElse(row.getString(3), "");
				if (person == null || person.equals(whose)) {
					beside.computeIfAbsent(id, (event) -> new ArrayList<>(2))
						.add(new ProvenLines.Beside(row.getString(2), whose, row.getBytes(4), row.getString(5)));
				}
			});
			return null;
		});
		beside.values().forEach((slots) -> slots.sort(Comparator.comparing(ProvenLines.Beside::slot)));
		return beside;
	}

	private Lines lines(ExportFormat format, @Nullable Checkpoint checkpoint, OutputStream out) throws IOException {
		return switch (format) {
			case CSV -> new CsvLines(out);
			case OCSF -> new OcsfLines(out);
			case JSONL -> {
				ProvenLines lines = this.proofs.lines(out, Objects.requireNonNull(checkpoint));
				yield new Lines() {

					@Override
					public void write(Taken event, List<ProvenLines.Beside> personal) throws IOException {
						lines.event(event.index(), event.text(), personal);
					}

					@Override
					public void close() throws IOException {
						lines.close();
					}

				};
			}
		};
	}

	/** A file format, event by event. */
	interface Lines extends AutoCloseable {

		void write(Taken event, List<ProvenLines.Beside> personal) throws IOException;

		@Override
		void close() throws IOException;

	}

	/** Where events go, and how many have gone there. */
	private static final class Output {

		private final Lines lines;

		private final LongConsumer progress;

		private long written;

		private long told = System.nanoTime();

		Output(Lines lines, LongConsumer progress) {
			this.lines = lines;
			this.progress = progress;
		}

		void write(Collection<Taken> events, Map<UUID, List<ProvenLines.Beside>> beside) {
			try {
				for (Taken event : events) {
					this.lines.write(event, beside.getOrDefault(event.id(), List.of()));
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			this.written += events.size();
			if (System.nanoTime() - this.told > Duration.ofMillis(500).toNanos()) {
				this.told = System.nanoTime();
				this.progress.accept(this.written);
			}
		}

	}

	/**
	 * An event on its way out.
	 *
	 * @param index where it stands in the tree; negative when nobody asked
	 * @param id its id
	 * @param at when
	 * @param text the stored text in UTF-8
	 */
	@SuppressWarnings("ArrayRecordComponent")
	record Taken(long index, UUID id, Instant at, byte[] text) {

		/** As it is shown. */
		History.Row row(List<ProvenLines.Beside> personal) {
			Map<String, String> slots = new LinkedHashMap<>();
			personal.forEach((one) -> slots.put(one.slot(), (one.content() != null) ? one.content() : "erased"));
			String event = new String(this.text, StandardCharsets.UTF_8);
			return new History.Row(this.id, this.at, event, JsonMapper.shared().readTree(event), slots);
		}

	}

	private record Slice(Collection<Taken> events, Map<UUID, List<ProvenLines.Beside>> beside) {
	}

	/** From which transaction to which, from which time to which. */
	private record Span(String firstXid, UUID first, String lastXid, UUID last, long earliest, long latest) {

		static Span with(@Nullable Span span, String xid, UUID id, long at) {
			return (span == null) ? new Span(xid, id, xid, id, at, at) : new Span(span.firstXid, span.first, xid, id,
					Math.min(at, span.earliest), Math.max(at, span.latest));
		}

		void set(PreparedStatement query) throws SQLException {
			query.setString(1, this.firstXid);
			query.setObject(2, this.first);
			query.setString(3, this.lastXid);
			query.setObject(4, this.last);
			query.setObject(5, AuditLog.utc(instant(this.earliest)));
			query.setObject(6, AuditLog.utc(instant(this.latest)));
		}

	}

}
