package org.partnertls.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A durable PostgreSQL with a data set that is kept between runs, and measurements of the
 * history against that server alone.
 */
public final class AuditMeasures implements AutoCloseable {

	private static final Path HOME = Path.of(".bench/audit");

	private static final long ROWS = Long.getLong("bench.rows", 1_000_000);

	private static final Duration SLICE = Duration.ofSeconds(Integer.getInteger("bench.seconds", 3));

	/** Many short ones in turns: a disk that is slow for a while is so for all. */
	private static final int TURNS = 11;

	private static final int ROUNDS = 3;

	private static final Keys KEYS = OwnHistory.keys("""
			-----BEGIN PRIVATE KEY-----
			MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
			-----END PRIVATE KEY-----""");

	private static final String[] CODES = { "sign-in.staff", "sign-in.partner", "code.asked", "mail.sent",
			"attestation.answered", "attestation.submitted", "attestation.approved", "domain.looked-up",
			"tlscheck.finished", "connector.outbound-written", "connector.outbound-read-back", "history.searched" };

	private final EmbeddedPostgres server;

	private final List<HikariDataSource> pools = new ArrayList<>();

	/** Starts the server and, the first time, fills it. */
	public AuditMeasures() throws Exception {
		Files.createDirectories(HOME);
		this.server = EmbeddedPostgres.builder()
			.setOverrideWorkingDirectory(HOME.resolve("binaries").toFile())
			.setDataDirectory(HOME.resolve("data"))
			.setCleanDataDirectory(false)
			.setServerConfig("fsync", "on")
			.setServerConfig("synchronous_commit", "on")
			.setServerConfig("full_page_writes", "on")
			.setServerConfig("shared_buffers", "512MB")
			.setServerConfig("max_wal_size", "4GB")
			.setServerConfig("max_connections", "60")
			.start();
		prepare();
	}

	/** The full data set: at least {@code bench.rows} events, sealed. */
	public DataSource data() throws Exception {
		DataSource data = pool("history_data");
		JdbcClient jdbc = JdbcClient.create(data);
		// What an earlier run was interrupted in counts too.
		new Own(data).sealAll();
		long there = jdbc.sql("select coalesce(max(index) + 1, 0) from audit_leaf").query(Long.class).single();
		if (there < ROWS) {
			System.out.printf(Locale.ROOT, "Making a data set of %,d events, once …%n", ROWS);
			fill(data, there);
		}
		return data;
	}

	@Override
	public void close() throws IOException {
		// The server waits for its connections only for a moment.
		this.pools.forEach(HikariDataSource::close);
		this.server.close();
	}

	/** Writing, alone and with sealing. */
	public void append() throws Exception {
		database("history_append", true);
		DataSource plain = pool("history_append");
		try (Connection connection = owner("history_append"); Statement create = connection.createStatement()) {
			create.execute(
					"create table plain_event (like audit_event including defaults including constraints including indexes)");
			create.execute("grant insert on plain_event to portal_app");
		}
		Own own = new Own(plain);
		warmUp(own, plain);
		double[][] rates = new double[4][TURNS];
		for (int round = 0; round < TURNS; round++) {
			rates[0][round] = rate(1, () -> plainWriter(plain));
			rates[1][round] = rate(1, () -> own.writer());
			rates[2][round] = rate(8, () -> plainWriter(plain));
			rates[3][round] = rate(8, () -> own.writer());
		}
		own.sealAll();
		double[] sealing = new double[TURNS];
		double lag = 0;
		for (int round = 0; round < TURNS; round++) {
			Sealer sealer = new Sealer(own);
			sealing[round] = rate(8, () -> own.writer());
			lag = Math.max(lag, sealer.stop());
		}
		System.out.printf(Locale.ROOT,
				"append: plain %.0f and %.0f events/s with 1 and 8 writers, the history %.0f and %.0f, with sealing %.0f%n",
				median(rates[0]), median(rates[2]), median(rates[1]), median(rates[3]), median(sealing));
		result("append_ratio_1", median(rates[1]) / median(rates[0]));
		result("append_ratio_8", median(rates[3]) / median(rates[2]));
		result("append_sealing_ratio_8", median(sealing) / median(rates[2]));
		result("seal_lag_seconds", lag);
	}

	/** Verifying, against reading and hashing alone. */
	public void verify() throws Exception {
		DataSource data = data();
		double[] hashing = new double[ROUNDS];
		double[] verifying = new double[ROUNDS];
		for (int round = 0; round < ROUNDS; round++) {
			hashing[round] = seconds(() -> hash(data));
			verifying[round] = seconds(() -> {
				Verification.Outcome outcome = new Verification(data, KEYS.verifying(), Map.of(), 2, (done, total) -> {
				}).run();
				if (!outcome.good()) {
					throw new IllegalStateException(outcome.toString());
				}
			});
		}
		long events = JdbcClient.create(data).sql("select count(*) from audit_event").query(Long.class).single();
		System.out.printf(Locale.ROOT,
				"verify: reading and SHA-256 alone %,.0f events/s, the whole verification %,.0f%n",
				events / median(hashing), events / median(verifying));
		result("verify_ratio", median(hashing) / median(verifying));
	}

	/** Searching and exporting; see {@link SearchMeasures}. */
	public void search() throws Exception {
		DataSource data = data();
		SearchMeasures measures = new SearchMeasures(data);
		measures.search();
		measures.export(new Own(data).proofs);
	}

	/**
	 * The bytes that verifying reads too: leaves, events with the columns that are
	 * compared with them, and what stands beside them.
	 */
	private static void hash(DataSource data) throws SQLException {
		MessageDigest sha256 = Merkle.sha256();
		try (Connection connection = data.getConnection()) {
			connection.setAutoCommit(false);
			for (String sql : List.of("select index, event_id, at, xid::text::bigint, hash from audit_leaf",
					"select id, at, xid::text::bigint, event, " + String.join(", ", StoredEvent.COPIED)
							+ " from audit_event",
					"select event_id, slot, person_id, salt, content from audit_personal")) {
				try (PreparedStatement query = connection.prepareStatement(sql)) {
					query.setFetchSize(1000);
					try (ResultSet row = query.executeQuery()) {
						int columns = row.getMetaData().getColumnCount();
						while (row.next()) {
							for (int i = 1; i <= columns; i++) {
								byte[] bytes = row.getBytes(i);
								if (bytes != null) {
									sha256.update(bytes);
								}
							}
							sha256.digest();
						}
					}
				}
			}
			connection.rollback();
		}
	}

	private void prepare() throws Exception {
		try (Connection connection = superuser("postgres"); Statement statement = connection.createStatement()) {
			statement.execute(Files.readString(Path.of("db/roles.sql")));
			for (String role : List.of("portal_owner", "portal_app", "portal_auditor")) {
				statement.execute("alter role " + role + " password 'bench'");
			}
		}
		database("history_data", false);
		try (Connection connection = owner("history_data"); Statement statement = connection.createStatement()) {
			for (YearMonth month = YearMonth.now(ZoneOffset.UTC).minusMonths(24); month
				.isBefore(YearMonth.now(ZoneOffset.UTC)); month = month.plusMonths(1)) {
				statement.execute("create table if not exists audit_event_" + month.toString().replace('-', '_')
						+ " partition of audit_event for values from ('" + month + "-01 00:00:00+00') to ('"
						+ month.plusMonths(1) + "-01 00:00:00+00')");
			}
		}
	}

	private void database(String name, boolean fresh) throws Exception {
		try (Connection connection = superuser("postgres"); Statement statement = connection.createStatement()) {
			if (fresh) {
				statement.execute("drop database if exists " + name + " with (force)");
			}
			try (ResultSet found = statement.executeQuery("select 1 from pg_database where datname = '" + name + "'")) {
				if (!found.next()) {
					try (Statement create = connection.createStatement()) {
						create.execute("create database " + name + " owner portal_owner");
					}
				}
			}
		}
		try (Connection connection = superuser(name); Statement statement = connection.createStatement()) {
			statement.execute("alter schema public owner to portal_owner");
		}
		Flyway.configure()
			.dataSource(url(name), "portal_owner", "bench")
			.locations("classpath:db/migration")
			.load()
			.migrate();
	}

	private void fill(DataSource data, long there) throws Exception {
		int threads = 4;
		int batch = 500;
		Instant first = YearMonth.now(ZoneOffset.UTC).minusMonths(24).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
		Duration step = Duration.between(first, Instant.now()).dividedBy(Math.max(ROWS, 1));
		long batches = (ROWS - there + batch - 1) / batch;
		AtomicLong next = new AtomicLong();
		Own sealing = new Own(data);
		// Known from the beginning, so that no two writers wait for each other's people.
		for (int person = 0; person < 500; person++) {
			Actor actor = person(person);
			JdbcClient.create(data)
				.sql("insert into audit_name (person_id, name, address, first_at) values (?, ?, ?, ?) on conflict do nothing")
				.params(actor.id(), actor.name(), actor.address(), AuditLog.utc(first))
				.update();
		}
		try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
			List<Future<?>> done = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				done.add(pool.submit(() -> {
					TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(data));
					Instant[] now = { first };
					AuditLog log = new AuditLog(JdbcClient.create(data), () -> person(0), JsonMapper.shared(),
							((java.time.InstantSource) () -> now[0]).withZone(ZoneOffset.UTC));
					for (long number = next.getAndIncrement(); number < batches; number = next.getAndIncrement()) {
						long from = there + number * batch;
						transaction.executeWithoutResult((status) -> {
							for (long event = from; event < from + batch; event++) {
								now[0] = first.plus(step.multipliedBy(event));
								log.append(event(event));
							}
						});
					}
				}));
			}
			for (Future<?> thread : done) {
				thread.get();
			}
		}
		sealing.sealAll();
		try (Connection connection = owner("history_data"); Statement statement = connection.createStatement()) {
			statement.execute("vacuum analyze audit_event, audit_personal, audit_leaf, audit_node");
		}
	}

	private static Act event(long number) {
		Random random = new Random(number);
		int partner = random.nextInt(2000);
		String code = CODES[random.nextInt(CODES.length)];
		Act act = Act.of(code)
			.by(person(random.nextInt(500)))
			.on("attestation", new UUID(5, number))
			.partner(new UUID(7, partner), "Partner " + partner + " Logistics and Trading GmbH")
			.domain("partner-" + partner + ".example")
			.detail("reference", "P-" + partner)
			.detail("step", random.nextInt(9))
			.change("state", "OPEN", "SUBMITTED")
			.reason((number % 10 == 0) ? "Asked by the owner in case " + random.nextInt(100000) : null);
		return switch (random.nextInt(20)) {
			case 0 -> act.failed();
			case 1 -> act.refused();
			default -> act;
		};
	}

	private static Actor person(int number) {
		return new Actor(Actor.Kind.STAFF, new UUID(9, number).toString(), "Administrator", "Person " + number,
				"person." + number + "@contoso.example", "192.0.2." + number % 250);
	}

	private static void warmUp(Own own, DataSource plain) throws Exception {
		rate(8, own::writer, Duration.ofSeconds(10));
		rate(8, () -> plainWriter(plain), Duration.ofSeconds(10));
	}

	private static double rate(int writers, Making writer) throws Exception {
		return rate(writers, writer, SLICE);
	}

	private static double rate(int writers, Making making, Duration time) throws Exception {
		AtomicBoolean going = new AtomicBoolean(true);
		try (ExecutorService pool = Executors.newFixedThreadPool(writers)) {
			List<Future<Long>> done = new ArrayList<>();
			long begin = System.nanoTime();
			for (int i = 0; i < writers; i++) {
				done.add(pool.submit(() -> {
					long count = 0;
					try (Writer writer = making.make()) {
						while (going.get()) {
							writer.write();
							count++;
						}
					}
					return count;
				}));
			}
			LockSupport.parkNanos(time.toNanos());
			going.set(false);
			long count = 0;
			for (Future<Long> one : done) {
				count += one.get();
			}
			return count * 1e9 / (System.nanoTime() - begin);
		}
	}

	/** Inserts rows with values like those of {@link #event} with JDBC alone. */
	private static Writer plainWriter(DataSource database) throws SQLException {
		Connection connection = database.getConnection();
		connection.setAutoCommit(false);
		PreparedStatement insert = connection.prepareStatement("""
				insert into plain_event (id, at, event, code, outcome, actor_kind, actor_id, actor_role, subject_type,
					subject_id, partner_id, domain, request_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""");
		String padding = "x".repeat(340);
		AtomicLong number = new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 40));
		return new Writer() {

			@Override
			public void write() throws SQLException {
				Random random = new Random(number.getAndIncrement());
				int partner = random.nextInt(2000);
				Instant now = Instant.now();
				UUID id = org.partnertls.organization.Ids.at(now);
				insert.setObject(1, id);
				insert.setObject(2, OffsetDateTime.ofInstant(now, ZoneOffset.UTC));
				// With words, which an index has to take in as it does those of an event.
				insert.setString(3, "{\"id\":\"" + id
						+ "\",\"changes\":{\"state\":{\"after\":\"SUBMITTED\",\"before\":\"OPEN\"}},\"details\":{\"reference\":\"P-"
						+ partner + "\",\"step\":\"4\"},\"partner\":{\"name\":\"Partner " + partner
						+ " Logistics and Trading GmbH\"},\"x\":\"" + padding + "\"}");
				insert.setString(4, CODES[random.nextInt(CODES.length)]);
				insert.setString(5, "success");
				insert.setString(6, "STAFF");
				insert.setString(7, new UUID(9, random.nextInt(500)).toString());
				insert.setString(8, "Administrator");
				insert.setString(9, "attestation");
				insert.setString(10, new UUID(5, number.get()).toString());
				insert.setObject(11, new UUID(7, partner));
				insert.setString(12, "partner-" + partner + ".example");
				insert.setString(13, null);
				insert.executeUpdate();
				connection.commit();
			}

			@Override
			public void close() throws SQLException {
				connection.close();
			}

		};
	}

	private static double seconds(Work work) throws Exception {
		long begin = System.nanoTime();
		work.run();
		return (System.nanoTime() - begin) / 1e9;
	}

	private static double median(double[] values) {
		double[] sorted = values.clone();
		java.util.Arrays.sort(sorted);
		return sorted[sorted.length / 2];
	}

	/** A line that whoever compares runs looks for. */
	public static void result(String name, double value) {
		System.out.printf(Locale.ROOT, "RESULT audit.%s %.2f%n", name, value);
	}

	private DataSource pool(String database) {
		HikariConfig pool = new HikariConfig();
		pool.setJdbcUrl(url(database));
		pool.setUsername("portal_app");
		pool.setPassword("bench");
		pool.setMaximumPoolSize(16);
		HikariDataSource source = new HikariDataSource(pool);
		this.pools.add(source);
		return source;
	}

	private String url(String database) {
		return "jdbc:postgresql://127.0.0.1:" + this.server.getPort() + "/" + database;
	}

	private Connection owner(String database) throws SQLException {
		return java.sql.DriverManager.getConnection(url(database), "portal_owner", "bench");
	}

	private Connection superuser(String database) throws SQLException {
		return java.sql.DriverManager.getConnection(url(database), "postgres", "postgres");
	}

	/** The history on one database. */
	private static final class Own {

		private final TransactionTemplate transaction;

		private final AuditLog log;

		private final Sequencer sequencer;

		private final Proofs proofs;

		Own(DataSource database) {
			JdbcClient jdbc = JdbcClient.create(database);
			this.transaction = new TransactionTemplate(new DataSourceTransactionManager(database));
			this.log = new AuditLog(jdbc, () -> person(1), JsonMapper.shared(), Clock.systemUTC());
			this.sequencer = new Sequencer(jdbc, KEYS, Clock.systemUTC());
			this.proofs = new Proofs(jdbc, KEYS, this.sequencer, Clock.systemUTC());
		}

		Writer writer() {
			AtomicLong number = new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 40));
			return () -> this.transaction
				.executeWithoutResult((status) -> this.log.append(event(number.getAndIncrement())));
		}

		void sealAll() {
			while (seal() > 0) {
				// There may be more.
			}
		}

		int seal() {
			return this.transaction.execute((status) -> this.sequencer.seal());
		}

	}

	/** Seals as the portal's job does, while another thread looks at the lag. */
	private static final class Sealer {

		private final AtomicBoolean going = new AtomicBoolean(true);

		private final Thread sealing;

		private final Thread looking;

		private volatile double worst;

		Sealer(Own own) {
			this.sealing = Thread.startVirtualThread(() -> {
				while (this.going.get()) {
					if (own.seal() < Sequencer.MOST) {
						LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
					}
				}
			});
			this.looking = Thread.startVirtualThread(() -> {
				while (this.going.get()) {
					this.worst = Math.max(this.worst, own.proofs.seal().lag().toNanos() / 1e9);
					LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
				}
			});
		}

		double stop() throws InterruptedException {
			this.going.set(false);
			this.sealing.join();
			this.looking.join();
			return this.worst;
		}

	}

	private interface Making {

		Writer make() throws Exception;

	}

	private interface Writer extends AutoCloseable {

		void write() throws Exception;

		@Override
		default void close() throws SQLException {
		}

	}

	private interface Work {

		void run() throws Exception;

	}

}
