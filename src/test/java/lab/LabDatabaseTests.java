package lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LabDatabaseTests {

	@TempDir
	private Path directory;

	private LabHome home;

	@BeforeEach
	void open() {
		this.home = LabHome.open(this.directory.resolve("lab"));
	}

	@AfterEach
	void stop() {
		Postmaster.on(this.home.path("postgres")).ifPresent(Postmaster::stop);
		this.home.close();
	}

	@Test
	void keepsItsDataAndPortBetweenStartsAndAfterACrash() throws Exception {
		int port;
		try (LabDatabase first = LabDatabase.start(this.home)) {
			port = first.port();
			run(first, "portal_owner", "create table kept (id int)", "grant select, insert on kept to portal_app");
			run(first, "portal_app", "insert into kept values (1)");
		}
		assertThat(Postmaster.on(this.home.path("postgres"))).isEmpty();

		LabDatabase second = LabDatabase.start(this.home);
		assertThat(second.port()).isEqualTo(port);
		run(second, "portal_app", "insert into kept values (2)");
		ProcessHandle postmaster = Postmaster.on(this.home.path("postgres")).orElseThrow().process();
		postmaster.destroyForcibly();
		postmaster.onExit().get(20, TimeUnit.SECONDS);
		second.close();

		try (LabDatabase third = LabDatabase.start(this.home)) {
			assertThat(ask(third, "portal_app", "select count(*) from kept")).isEqualTo("2");
		}
	}

	@Test
	void takesOverTheServerOfALabThatWasKilled() throws Exception {
		LabDatabase killed = LabDatabase.start(this.home);
		ProcessHandle postmaster = Postmaster.on(this.home.path("postgres")).orElseThrow().process();

		LabDatabase next = LabDatabase.start(this.home);

		assertThat(next.isTakenOver()).isTrue();
		assertThat(next.port()).isEqualTo(killed.port());
		assertThat(ask(next, "portal_app", "select 1")).isEqualTo("1");
		next.close();
		assertThat(postmaster.isAlive()).isFalse();
		killed.close();
	}

	@Test
	void isDurableAndAsksForPasswords() throws Exception {
		try (LabDatabase database = LabDatabase.start(this.home)) {
			assertThat(ask(database, "portal_app", "show fsync")).isEqualTo("on");
			assertThat(ask(database, "portal_app", "show synchronous_commit")).isEqualTo("on");
			assertThat(ask(database, "portal_app", "show full_page_writes")).isEqualTo("on");
			assertThat(ask(database, "portal_app", "show listen_addresses")).isEqualTo("127.0.0.1");
			for (String role : new String[] { "postgres", "portal_owner", "portal_app", "portal_auditor" }) {
				assertThatThrownBy(() -> DriverManager.getConnection(database.url(), role, "guessed"))
					.isInstanceOf(SQLException.class)
					.hasMessageContaining("password authentication failed");
			}
			assertThatThrownBy(() -> run(database, "portal_app", "create table foreign_to_me (id int)"))
				.hasMessageContaining("permission denied");
			assertThat(Files.getPosixFilePermissions(this.home.path("secrets.properties"))).hasSize(2);
		}
	}

	@Test
	void refusesDataOfAnotherVersionWithASentence() throws Exception {
		Files.createDirectories(this.home.path("postgres"));
		Files.writeString(this.home.path("postgres").resolve("PG_VERSION"), "17\n");

		assertThatThrownBy(() -> LabDatabase.start(this.home)).isInstanceOf(LabException.class)
			.hasMessageContaining("PostgreSQL 17")
			.hasMessageContaining("Delete that directory");
	}

	@Test
	void beginsAnewAfterAFirstStartThatWasCutShort() throws Exception {
		Files.createDirectories(this.home.path("postgres").resolve("base"));
		Files.writeString(this.home.path("postgres").resolve("PG_VERSION"), "18\n");

		try (LabDatabase database = LabDatabase.start(this.home)) {
			assertThat(ask(database, "portal_app", "select 1")).isEqualTo("1");
		}
	}

	private static void run(LabDatabase database, String role, String... statements) throws SQLException {
		try (Connection connection = database.connect(role); Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	private static String ask(LabDatabase database, String role, String sql) throws SQLException {
		try (Connection connection = database.connect(role);
				Statement statement = connection.createStatement();
				ResultSet answer = statement.executeQuery(sql)) {
			answer.next();
			return answer.getString(1);
		}
	}

}
