package lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.exception.FlywayValidateException;

import org.springframework.util.FileSystemUtils;

/**
 * The lab's PostgreSQL: a real server in a process of its own, durable, with data that
 * outlives the lab and the three roles of production. When a lab was killed its server
 * lives on, and the next lab takes it over.
 */
final class LabDatabase implements AutoCloseable {

	static final String MAJOR = "18";

	private static final String SUPERUSER = "postgres";

	private static final String NAME = "portal";

	private static final List<String> ROLES = List.of("portal_owner", "portal_app", "portal_auditor");

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final LabHome home;

	private final Path data;

	private EmbeddedPostgres started;

	private int port;

	private LabDatabase(LabHome home) {
		this.home = home;
		this.data = home.path("postgres");
	}

	/**
	 * Starts the server or takes it over, and brings roles and schema up to date.
	 * @throws LabException when the data belongs to another version
	 */
	static LabDatabase start(LabHome home) {
		LabDatabase database = new LabDatabase(home);
		database.checkVersion();
		database.discardHalfMade();
		Optional<Postmaster> alive = Postmaster.on(database.data);
		if (alive.isPresent()) {
			database.takeOver(alive.get());
		}
		else {
			database.startServer();
		}
		database.prepare();
		return database;
	}

	int port() {
		return this.port;
	}

	String url() {
		return url(NAME);
	}

	/** Whether this lab found its server running instead of starting it. */
	boolean isTakenOver() {
		return this.started == null;
	}

	/**
	 * What leads the portal here, as the role that may not change schema or history.
	 */
	Map<String, Object> portalSettings() {
		return Map.of("spring.datasource.url", url(), "spring.datasource.username", "portal_app",
				"spring.datasource.password", this.home.secret("portal_app"));
	}

	/**
	 * A connection as one of the roles.
	 */
	Connection connect(String role) throws SQLException {
		return DriverManager.getConnection(url(), role, this.home.secret(role));
	}

	@Override
	public void close() {
		if (this.started != null) {
			try {
				this.started.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
		Postmaster.on(this.data).ifPresent(Postmaster::stop);
	}

	private void checkVersion() {
		Path version = this.data.resolve("PG_VERSION");
		try {
			if (Files.exists(version) && !Files.readString(version).strip().equals(MAJOR)) {
				throw new LabException(
						"The lab's data in " + this.data + " is from PostgreSQL " + Files.readString(version).strip()
								+ ", but this lab runs PostgreSQL " + MAJOR + ". Delete that directory to begin anew.");
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A lab killed in its very first start leaves a directory that no server can run on.
	 */
	private void discardHalfMade() {
		if (Files.exists(this.data) && !Files.exists(this.home.path("postgres.made"))) {
			Postmaster.on(this.data).ifPresent(Postmaster::stop);
			try {
				FileSystemUtils.deleteRecursively(this.data);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
	}

	private void takeOver(Postmaster alive) {
		this.port = alive.port();
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		while (true) {
			try (Connection connection = superuser("postgres"); Statement statement = connection.createStatement()) {
				ResultSet directory = statement.executeQuery("show data_directory");
				directory.next();
				if (!Path.of(directory.getString(1)).toRealPath().equals(this.data.toRealPath())) {
					throw new LabException(
							"The PostgreSQL on port " + this.port + " works on other data than the lab's. Delete "
									+ this.data.resolve("postmaster.pid") + " and start again.");
				}
				return;
			}
			catch (SQLException ex) {
				if (System.nanoTime() > deadline) {
					throw new LabException("A PostgreSQL of an earlier lab (process " + alive.process().pid()
							+ ") is running but does not answer on port " + this.port + ": " + ex.getMessage()
							+ ". Stop that process and start again.");
				}
				// It may still be replaying its log.
				LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
	}

	private void startServer() {
		this.port = this.home.port("postgresql", "127.0.0.1");
		this.home.write("superuser.password", this.home.secret(SUPERUSER));
		ProcessBuilder.Redirect log = ProcessBuilder.Redirect.to(this.home.path("postgres.log").toFile());
		try {
			this.started = EmbeddedPostgres.builder()
				.setOverrideWorkingDirectory(this.home.path("postgres-binaries").toFile())
				.setDataDirectory(this.data)
				.setCleanDataDirectory(false)
				.setRegisterShutdownHook(false)
				.setPort(this.port)
				// Passed on to initdb: passwords are asked for from the start.
				.setLocaleConfig("auth-host", "scram-sha-256")
				.setLocaleConfig("auth-local", "reject")
				.setLocaleConfig("pwfile", this.home.path("superuser.password").toString())
				.setConnectConfig("password", this.home.secret(SUPERUSER))
				.setServerConfig("listen_addresses", "127.0.0.1")
				.setServerConfig("unix_socket_directories", "")
				.setServerConfig("fsync", "on")
				.setServerConfig("synchronous_commit", "on")
				.setServerConfig("full_page_writes", "on")
				.setServerConfig("max_connections", "60")
				.setServerConfig("log_checkpoints", "off")
				.setPGStartupWait(PATIENCE)
				.setOutputRedirector(log)
				.setErrorRedirector(log)
				.start();
		}
		catch (IOException | IllegalStateException ex) {
			throw new LabException(
					"PostgreSQL did not start: " + ex.getMessage() + " (see " + this.home.path("postgres.log") + ").");
		}
		this.home.write("postgres.made", MAJOR);
	}

	private void prepare() {
		try (Connection connection = superuser("postgres"); Statement statement = connection.createStatement()) {
			statement.execute(resource("/db/roles.sql"));
			for (String role : ROLES) {
				statement.execute("alter role " + role + " password '" + this.home.secret(role) + "'");
			}
			boolean exists;
			try (ResultSet found = statement.executeQuery("select 1 from pg_database where datname = '" + NAME + "'")) {
				exists = found.next();
			}
			if (!exists) {
				statement.execute("create database " + NAME + " owner portal_owner");
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		try (Connection connection = superuser(NAME); Statement statement = connection.createStatement()) {
			statement.execute("alter schema public owner to portal_owner");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		migrate();
	}

	private void migrate() {
		try {
			Flyway.configure()
				.dataSource(url(), "portal_owner", this.home.secret("portal_owner"))
				.locations("classpath:db/migration")
				.load()
				.migrate();
		}
		catch (FlywayValidateException ex) {
			throw new LabException("The lab's database in " + this.data
					+ " was made with other migrations than this version has. Delete that directory to begin anew.");
		}
	}

	private Connection superuser(String database) throws SQLException {
		return DriverManager.getConnection(url(database), SUPERUSER, this.home.secret(SUPERUSER));
	}

	private String url(String database) {
		return "jdbc:postgresql://127.0.0.1:" + this.port + "/" + database;
	}

	private static String resource(String name) {
		try (InputStream in = LabDatabase.class.getResourceAsStream(name)) {
			return new String(in.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
