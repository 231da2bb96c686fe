package org.partnertls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.flywaydb.core.Flyway;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * One PostgreSQL per JVM, one migrated template, and a database of its own for whoever
 * asks, copied from the template.
 */
public final class TestDatabase {

	private static final String PASSWORD = "test";

	private static final AtomicInteger COUNT = new AtomicInteger();

	private static TestDatabase server;

	private final String host;

	private final int port;

	private final String superuser;

	private TestDatabase(String host, int port, String superuser) {
		this.host = host;
		this.port = port;
		this.superuser = superuser;
	}

	/**
	 * The JDBC URL of a new, migrated, empty database.
	 */
	public static synchronized String create() {
		if (server == null) {
			server = start();
			server.prepareTemplate();
		}
		String name = "test_" + COUNT.incrementAndGet();
		server.run("postgres", "create database " + name + " template portal_template");
		return server.url(name);
	}

	/**
	 * The JDBC URL of a copy of such a database, to which nobody is connected.
	 */
	public static synchronized String copy(String url) {
		String name = "test_" + COUNT.incrementAndGet();
		server.run("postgres", "create database " + name + " template " + url.substring(url.lastIndexOf('/') + 1));
		return server.url(name);
	}

	/** A connection to such a database as one of the three roles, or as the superuser. */
	public static Connection connect(String url, String role) throws SQLException {
		return DriverManager.getConnection(url, role.equals("superuser") ? server.superuser : role, PASSWORD);
	}

	private static TestDatabase start() {
		if ("container".equals(System.getProperty("test.database"))) {
			@SuppressWarnings("resource")
			PostgreSQLContainer container = new PostgreSQLContainer("postgres:18").withUsername("postgres")
				.withPassword(PASSWORD)
				.withDatabaseName("postgres");
			container.start();
			return new TestDatabase(container.getHost(), container.getMappedPort(5432), "postgres");
		}
		try {
			@SuppressWarnings("resource")
			EmbeddedPostgres postgres = EmbeddedPostgres.builder()
				.setServerConfig("max_connections", "120")
				.setServerConfig("fsync", "off")
				.setServerConfig("full_page_writes", "off")
				// Each of a hundred databases would be looked at every minute.
				.setServerConfig("autovacuum_naptime", "5min")
				.setPGStartupWait(Duration.ofSeconds(60))
				.start();
			return new TestDatabase("127.0.0.1", postgres.getPort(), "postgres");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void prepareTemplate() {
		try {
			run("postgres", Files.readString(Path.of("db/roles.sql")));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		for (String role : new String[] { "portal_owner", "portal_app", "portal_auditor" }) {
			run("postgres", "alter role " + role + " password '" + PASSWORD + "'");
		}
		run("postgres", "create database portal_template owner portal_owner");
		run("portal_template", "alter schema public owner to portal_owner");
		Flyway.configure()
			.dataSource(url("portal_template"), "portal_owner", PASSWORD)
			.locations("classpath:db/migration")
			.load()
			.migrate();
	}

	private void run(String database, String sql) {
		try (Connection connection = DriverManager.getConnection(url(database), this.superuser, PASSWORD);
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private String url(String database) {
		return "jdbc:postgresql://" + this.host + ":" + this.port + "/" + database;
	}

}
