package org.partnertls.audit;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.partnertls.TestDatabase;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

import static org.awaitility.Awaitility.await;

/**
 * A history in a database of its own, with a key of its own, so that a test may spoil it.
 */
final class OwnHistory implements AutoCloseable {

	static final String ORIGIN = "portal.contoso.example/history";

	static final Actor AMINA = new Actor(Actor.Kind.STAFF, "17", "Administrator", "Amina Okafor",
			"amina@contoso.example", "192.0.2.7");

	final String url;

	final Keys keys;

	final HikariDataSource database;

	final JdbcClient jdbc;

	final TransactionTemplate transaction;

	final AuditLog log;

	final Sequencer sequencer;

	final Proofs proofs;

	OwnHistory() {
		this(TestDatabase.create());
	}

	OwnHistory(String url) {
		this(url, keys(SigningKey.generate()));
	}

	OwnHistory(String url, Keys keys) {
		this.url = url;
		this.keys = keys;
		HikariConfig pool = new HikariConfig();
		pool.setJdbcUrl(url);
		pool.setUsername("portal_app");
		pool.setPassword("test");
		pool.setMaximumPoolSize(3);
		pool.setMinimumIdle(0);
		this.database = new HikariDataSource(pool);
		this.jdbc = JdbcClient.create(this.database);
		this.transaction = new TransactionTemplate(new DataSourceTransactionManager(this.database));
		this.log = new AuditLog(this.jdbc, () -> AMINA, JsonMapper.shared(), Clock.systemUTC());
		this.sequencer = new Sequencer(this.jdbc, keys, Clock.systemUTC());
		this.proofs = new Proofs(this.jdbc, keys, this.sequencer, Clock.systemUTC());
	}

	static Keys keys(String pem) {
		return new Keys(new AuditProperties(pem, null, List.of(), Duration.ofMillis(250), Duration.ZERO,
				Duration.ofHours(1), null, Duration.ofHours(24), null, null, null), ORIGIN);
	}

	/** Appends events, each in a transaction of its own. */
	OwnHistory append(int events) {
		for (int i = 0; i < events; i++) {
			int number = i;
			this.transaction.executeWithoutResult((status) -> this.log.append(event(number)));
		}
		return this;
	}

	/** An event that has something in every column. */
	static Act event(int number) {
		return Act.of("test.happened")
			.on("thing", number)
			.partner(new UUID(7, number), "Nordwind")
			.domain("nordwind.example")
			.detail("number", number)
			.reason("because Greta said so");
	}

	/**
	 * Seals all. What any database of the server does at the moment, the server's own
	 * housekeeping too, holds it up until it is over.
	 */
	OwnHistory seal() {
		await().atMost(Duration.ofSeconds(60))
			.pollInSameThread()
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(20))
			.until(() -> sealWhatCanBe().proofs.seal().waiting() == 0);
		return this;
	}

	/** Seals what is not behind an open transaction. */
	OwnHistory sealWhatCanBe() {
		while (this.transaction.execute((status) -> this.sequencer.seal()) > 0) {
			// There may be more.
		}
		return this;
	}

	Verification.Outcome verify() throws Exception {
		return verify(Map.of());
	}

	Verification.Outcome verify(Map<String, Checkpoint> outside) throws Exception {
		return new Verification(new DriverManagerDataSource(this.url, "portal_auditor", "test"), this.keys.verifying(),
				outside, 2, (done, total) -> {
				})
			.run();
	}

	UUID eventAt(long index) {
		return this.jdbc.sql("select event_id from audit_leaf where index = ?").param(index).query(UUID.class).single();
	}

	/** The partition that holds an event. */
	String partitionOf(UUID event) {
		return this.jdbc.sql("select tableoid::regclass::text from audit_event where id = ?")
			.param(event)
			.query(String.class)
			.single();
	}

	@Override
	public void close() {
		this.database.close();
	}

	/** What somebody does who rules the server: no trigger stands in the way. */
	void spoil(String... statements) throws SQLException {
		try (Connection connection = TestDatabase.connect(this.url, "superuser");
				Statement run = connection.createStatement()) {
			run.execute("set session_replication_role = replica");
			for (String statement : statements) {
				run.execute(statement);
			}
		}
	}

}
