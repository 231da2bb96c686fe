package org.partnertls.audit;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.partnertls.ClassPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Portal and database die without warning in the middle of a load.
 */
class AuditCrashTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final String pem = SigningKey.generate();

	@TempDir
	private Path folder;

	private EmbeddedPostgres server;

	private Process load;

	@AfterEach
	void stop() throws Exception {
		if (this.load != null) {
			this.load.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
		}
		this.server.close();
	}

	@Test
	void nothingOfWhatWasSignedIsLostWhenPortalAndDatabaseAreKilled() throws Exception {
		startServer();
		prepare();
		startLoad();
		Checkpoint beforeTheFirstKill = checkpointOver(100);
		this.load.destroyForcibly();
		assertThat(this.load.waitFor(20, TimeUnit.SECONDS)).isTrue();

		startLoad();
		Checkpoint beforeTheSecond = checkpointOver(beforeTheFirstKill.size() + 100);
		killServer();
		this.load.destroyForcibly();
		assertThat(this.load.waitFor(20, TimeUnit.SECONDS)).isTrue();

		startServer();
		try (OwnHistory history = new OwnHistory(url(), OwnHistory.keys(this.pem))) {
			history.seal();
			Verification.Outcome outcome = history
				.verify(Map.of("The first", beforeTheFirstKill, "The second", beforeTheSecond));
			assertThat(outcome.findings()).isEmpty();
			assertThat(outcome.tail()).isZero();
			assertThat(outcome.covered()).isEqualTo(outcome.sealed()).isGreaterThanOrEqualTo(beforeTheSecond.size());
			assertThat(history.append(5).seal().verify().sealed()).isEqualTo(outcome.sealed() + 5);
		}
	}

	private Checkpoint checkpointOver(long size) throws Exception {
		try (OwnHistory history = new OwnHistory(url(), OwnHistory.keys(this.pem))) {
			return await().atMost(PATIENCE)
				.failFast(() -> assertThat(this.load.isAlive()).isTrue())
				.until(() -> history.proofs.latest().orElse(null),
						(checkpoint) -> checkpoint != null && checkpoint.size() > size);
		}
	}

	private void startServer() throws IOException {
		// Durable, as in production; the test library's own settings are not.
		this.server = EmbeddedPostgres.builder()
			.setDataDirectory(this.folder.resolve("data"))
			.setCleanDataDirectory(false)
			.setServerConfig("fsync", "on")
			.setServerConfig("synchronous_commit", "on")
			.setServerConfig("full_page_writes", "on")
			// After a kill it replays its log, and is not alone on the machine.
			.setPGStartupWait(PATIENCE)
			.start();
	}

	private void killServer() throws Exception {
		long pid = Long.parseLong(Files.readAllLines(this.folder.resolve("data/postmaster.pid")).getFirst().strip());
		ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
		List<ProcessHandle> backends = postmaster.children().toList();
		postmaster.destroyForcibly();
		backends.forEach(ProcessHandle::destroyForcibly);
		postmaster.onExit().get(20, TimeUnit.SECONDS);
		for (ProcessHandle backend : backends) {
			backend.onExit().get(20, TimeUnit.SECONDS);
		}
		this.server.close();
	}

	private void prepare() throws Exception {
		try (Connection connection = superuser("postgres"); Statement statement = connection.createStatement()) {
			statement.execute(Files.readString(Path.of("db/roles.sql")));
			for (String role : List.of("portal_owner", "portal_app", "portal_auditor")) {
				statement.execute("alter role " + role + " password 'test'");
			}
			statement.execute("create database portal owner portal_owner");
		}
		try (Connection connection = superuser("portal"); Statement statement = connection.createStatement()) {
			statement.execute("alter schema public owner to portal_owner");
		}
		Flyway.configure()
			.dataSource(url(), "portal_owner", "test")
			.locations("classpath:db/migration")
			.load()
			.migrate();
	}

	private Connection superuser(String database) throws Exception {
		return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + this.server.getPort() + "/" + database,
				"postgres", "postgres");
	}

	private String url() {
		return "jdbc:postgresql://127.0.0.1:" + this.server.getPort() + "/portal";
	}

	private void startLoad() throws IOException, URISyntaxException {
		this.load = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
				"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", ClassPath.ofTests(), AuditLoad.class.getName(),
				url(), this.pem)
			.redirectErrorStream(true)
			.redirectOutput(new File(this.folder.toFile(), "load.log"))
			.start();
	}

}
