package org.partnertls.audit;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Moves whole months of the history to files and opens them elsewhere. Works as the owner
 * of the schema: the running portal can take nothing away.
 * <p>
 * A month's events go to {@code history-YYYY-MM.jsonl.gz} (see {@link ProvenLines}),
 * which proves itself by the checkpoint in it; what stands beside them goes to
 * {@code history-YYYY-MM-personal.jsonl.gz}, so that personal data can be deleted earlier
 * than the events. Their leaves stay in the tree. Events of one class may leave before
 * the others of their month; the file is then called {@code history-YYYY-MM-CLASS} and
 * has a hash in the place of each event that is not in it.
 */
final class Archive {

	private static final JsonMapper JSON = JsonMapper.shared();

	private static final int BATCH = 500;

	private final JdbcClient jdbc;

	private final TransactionTemplate transaction;

	private final List<VerifierKey> keys;

	private final AuditLog log;

	private final Clock clock;

	Archive(DataSource database, List<VerifierKey> keys, Clock clock) {
		this.jdbc = JdbcClient.create(database);
		this.transaction = new TransactionTemplate(new DataSourceTransactionManager(database));
		this.keys = keys;
		this.log = new AuditLog(this.jdbc, () -> Actor.system("audit-archive"), JSON, clock);
		this.clock = clock;
	}

	/**
	 * The months that end before another begins and still have events.
	 * @param keeping of which class; null: of any
	 */
	List<YearMonth> months(YearMonth before, @Nullable Keeping keeping) {
		return this.jdbc.sql("""
				select right(c.relname, 7) from pg_inherits join pg_class c on c.oid = inhrelid
				where inhparent = 'audit_event'::regclass and c.relname ~ '^audit_event_[0-9]{4}_[0-9]{2}$'
				order by 1""")
			.query(String.class)
			.list()
			.stream()
			.map((name) -> YearMonth.parse(String.valueOf(name).replace('_', '-')))
			.filter((month) -> month.isBefore(before) && count(month, keeping) > 0)
			.toList();
	}

	/**
	 * Moves one month.
	 * @param keeping only the events of this class; null: all that are left
	 * @param folder where the two files go
	 * @return how many events left
	 * @throws Impossible when it cannot be done; the history is as before then
	 */
	long move(YearMonth month, @Nullable Keeping keeping, Path folder) throws IOException {
		Checkpoint checkpoint = new Tree(this.jdbc).newestCheckpoint()
			.orElseThrow(() -> new Impossible("Nothing has been signed yet, so no archive could be proven."));
		long events = count(month, keeping);
		if (this.jdbc
			.sql("select count(*) from " + rows(month, keeping)
					+ " e where not exists (select from audit_leaf l where l.event_id = e.id and l.index < ?)")
			.param(checkpoint.size())
			.query(Long.class)
			.single() > 0) {
			throw new Impossible("Some events of " + month + " are not sealed yet.");
		}
		String name = "history-" + month + ((keeping != null) ? "-" + keeping.key() : "");
		Path file = folder.resolve(name + ".jsonl.gz");
		Path personal = folder.resolve(name + "-personal.jsonl.gz");
		if (Files.exists(file) || Files.exists(personal)) {
			throw new Impossible(file + " is there already.");
		}
		this.transaction.executeWithoutResult((status) -> write(rows(month, keeping), checkpoint, file, personal));
		ProvenFile.Result result = check(file);
		if (result.wrong() != null || result.events() != events || result.first() == null) {
			Files.delete(file);
			Files.delete(personal);
			throw new Impossible("What was written cannot be proven, so it was deleted and nothing was moved: "
					+ ((result.wrong() != null) ? result.wrong() : result.events() + " of " + events + " events."));
		}
		String sha256 = sha256(file);
		long first = result.first();
		this.transaction.executeWithoutResult(
				(status) -> drop(month, keeping, file, sha256, events, first, result.last(), checkpoint));
		return events;
	}

	private void write(String rows, Checkpoint checkpoint, Path file, Path personal) {
		try (OutputStream events = new GZIPOutputStream(Files.newOutputStream(file), 1 << 16);
				OutputStream beside = new GZIPOutputStream(Files.newOutputStream(personal), 1 << 16);
				ProvenLines lines = new ProvenLines(events, checkpoint, new Tree(this.jdbc))) {
			this.jdbc
				.sql("select l.index, e.event from " + rows
						+ " e join audit_leaf l on l.event_id = e.id order by l.index")
				.withFetchSize(BATCH)
				.query((row) -> {
					try {
						lines.event(row.getLong(1), row.getBytes(2), List.of());
					}
					catch (IOException ex) {
						throw new UncheckedIOException(ex);
					}
				});
			this.jdbc.sql("select p.* from audit_personal p join " + rows + " e on e.id = p.event_id")
				.withFetchSize(BATCH)
				.query((row) -> {
					Map<String, @Nullable String> line = new LinkedHashMap<>();
					line.put("event", row.getString("event_id"));
					line.put("slot", row.getString("slot"));
					line.put("person", row.getString("person_id"));
					byte[] salt = row.getBytes("salt");
					line.put("salt", (salt != null) ? Base64.getEncoder().encodeToString(salt) : null);
					line.put("content", row.getString("content"));
					try {
						beside.write(JSON.writeValueAsBytes(line));
						beside.write('\n');
					}
					catch (IOException ex) {
						throw new UncheckedIOException(ex);
					}
				});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void drop(YearMonth month, @Nullable Keeping keeping, Path file, String sha256, long events, long first,
			long last, Checkpoint checkpoint) {
		this.jdbc.sql("lock table " + table(month) + " in access exclusive mode").update();
		if (count(month, keeping) != events) {
			throw new Impossible("Events of " + month + " arrived in the meantime. Try again.");
		}
		UUID subject = UUID.nameUUIDFromBytes(sha256.getBytes(StandardCharsets.UTF_8));
		this.log.append(Act.of("history.archived")
			.on("archive", subject)
			.detail("month", month)
			.detail("class", (keeping != null) ? keeping.key() : "all")
			.detail("file", String.valueOf(file.getFileName()))
			.detail("sha256", sha256)
			.detail("events", events)
			.detail("first", first)
			.detail("last", last)
			.detail("size", checkpoint.size()));
		UUID event = this.jdbc.sql("select id from audit_event where code = 'history.archived' and subject_id = ?")
			.param(subject.toString())
			.query(UUID.class)
			.single();
		Instant now = this.clock.instant();
		this.jdbc
			.sql("""
					insert into audit_archive (month, class, file, sha256, events, first_index, last_index, size, event_id, at)
					values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
			.params(month.atDay(1), (keeping != null) ? keeping.key() : "all", String.valueOf(file.getFileName()),
					sha256, events, first, last, checkpoint.size(), event, AuditLog.utc(now))
			.update();
		this.jdbc.sql("delete from audit_personal p using " + rows(month, keeping) + " e where e.id = p.event_id")
			.update();
		if (keeping == null) {
			this.jdbc.sql("alter table audit_event detach partition " + table(month)).update();
			this.jdbc.sql("drop table " + table(month)).update();
		}
		else {
			// Nobody else sees the table in between: it is locked until the commit.
			this.jdbc.sql("alter table " + table(month) + " disable trigger user").update();
			this.jdbc.sql("delete from " + table(month) + " where " + keeping.condition()).update();
			this.jdbc.sql("alter table " + table(month) + " enable trigger user").update();
		}
	}

	/** Checks an archive or any other export. */
	ProvenFile.Result check(Path file) throws IOException {
		try (InputStream in = Files.newInputStream(file)) {
			return ProvenFile.check(in, this.keys);
		}
	}

	/**
	 * Loads an archive, with the personal data beside it if its file is there, for search
	 * in another database.
	 * @return how many events were loaded
	 */
	long open(Path file) throws IOException {
		ProvenFile.Result result = check(file);
		if (result.wrong() != null) {
			throw new Impossible(file + " is not what was signed, so nothing was loaded: " + result.wrong());
		}
		AtomicLong loaded = new AtomicLong();
		try (InputStream in = Files.newInputStream(file)) {
			this.transaction.executeWithoutResult((status) -> load(in, file, loaded));
		}
		return loaded.get();
	}

	private void load(InputStream in, Path file, AtomicLong loaded) {
		try {
			ProvenFile.check(in, this.keys, (line) -> {
				if (loaded.getAndIncrement() == 0
						&& this.jdbc.sql("select exists (select from audit_leaf where event_id = ?)")
							.param(line.id())
							.query(Boolean.class)
							.single()) {
					throw new Impossible("These events come from this very database. Open them in another one.");
				}
				insert(line);
			});
			Path personal = file
				.resolveSibling(String.valueOf(file.getFileName()).replace(".jsonl.gz", "-personal.jsonl.gz"));
			if (!personal.equals(file) && Files.exists(personal)) {
				loadPersonal(personal);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void insert(ProvenFile.Line line) {
		StoredEvent.Text text = StoredEvent.read(line.event().getBytes(StandardCharsets.UTF_8));
		String at = (text != null) ? text.at() : null;
		if (text == null || at == null) {
			throw new Impossible("Event number " + line.index() + " cannot be read.");
		}
		try {
			JdbcClient.StatementSpec insert = this.jdbc
				.sql("insert into audit_event (id, at, event, " + String.join(", ", StoredEvent.COPIED)
						+ ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::uuid, ?, ?)")
				.param(line.id())
				.param(AuditLog.utc(Instant.parse(at)))
				.param(line.event());
			for (String column : text.columns()) {
				insert = insert.param(column);
			}
			insert.update();
		}
		catch (DateTimeParseException ex) {
			throw new Impossible("Event number " + line.index() + " cannot be read.");
		}
		line.personal()
			.forEach((beside) -> insert(line.id(), beside.slot(), beside.person(), beside.salt(), beside.content()));
	}

	private void loadPersonal(Path file) throws IOException {
		try (BufferedReader lines = new BufferedReader(new InputStreamReader(
				new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file))), StandardCharsets.UTF_8))) {
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				JsonNode node = JSON.readTree(line);
				String salt = node.path("salt").isString() ? node.path("salt").asString() : null;
				insert(UUID.fromString(node.path("event").asString()), node.path("slot").asString(),
						node.path("person").asString(""), (salt != null) ? Base64.getDecoder().decode(salt) : null,
						node.path("content").isString() ? node.path("content").asString() : null);
			}
		}
	}

	private void insert(@Nullable UUID event, String slot, String person, byte @Nullable [] salt,
			@Nullable String content) {
		this.jdbc.sql("insert into audit_personal (event_id, slot, person_id, salt, content) values (?, ?, ?, ?, ?)")
			.param(event)
			.param(slot)
			.param(person)
			.param(salt)
			.param(content)
			.update();
	}

	private long count(YearMonth month, @Nullable Keeping keeping) {
		return this.jdbc.sql("select count(*) from " + rows(month, keeping) + " e").query(Long.class).single();
	}

	private static String rows(YearMonth month, @Nullable Keeping keeping) {
		return (keeping == null) ? table(month)
				: "(select * from " + table(month) + " where " + keeping.condition() + ")";
	}

	private static String table(YearMonth month) {
		return "audit_event_" + month.toString().replace('-', '_');
	}

	static String sha256(Path file) throws IOException {
		MessageDigest sha256 = Merkle.sha256();
		try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
			in.transferTo(OutputStream.nullOutputStream());
		}
		return HexFormat.of().formatHex(sha256.digest());
	}

	/** Why a month could not be moved or opened, in a sentence. */
	static final class Impossible extends RuntimeException {

		Impossible(String message) {
			super(message);
		}

	}

}
