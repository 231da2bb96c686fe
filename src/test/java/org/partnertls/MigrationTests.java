package org.partnertls;

import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;

import com.icegreen.greenmail.util.GreenMail;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What an operator meets at the command line: {@code migrate} and a start against a
 * database that is not ready. The output is all that they get to see.
 */
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(OutputCaptureExtension.class)
class MigrationTests {

	private static final String STACK_FRAME = "\tat ";

	private final String migrated = TestDatabase.create();

	@Test
	void bringsAnEmptySchemaUpToDateAndDoesNothingTheSecondTime(CapturedOutput output) throws SQLException {
		String url = emptyDatabase();
		migrate(url, "portal_owner", "test");
		assertThat(output).contains("The schema is up to date at version " + newest(url));
		assertThat(count(url,
				"select count(*) from pg_tables where schemaname = 'public' and tableowner <> 'portal_owner'"))
			.isZero();
		int applied = count(url, "select count(*) from flyway_schema_history");
		migrate(url, "portal_owner", "test");
		assertThat(count(url, "select count(*) from flyway_schema_history")).isEqualTo(applied).isPositive();
	}

	@Test
	void startsNothingButFlyway(CapturedOutput output) throws SQLException {
		migrate(emptyDatabase(), "portal_owner", "test");
		assertThat(output).doesNotContain("Tomcat").doesNotContain("Hibernate").doesNotContain("scheduler");
	}

	@Test
	void takesTheUserOfTheDataSourceWhereNoOtherIsNamed(CapturedOutput output) throws SQLException {
		PortalApplication.main(new String[] { "migrate", "--spring.datasource.url=" + emptyDatabase(),
				"--spring.datasource.username=portal_owner", "--spring.datasource.password=test" });
		assertThat(output).contains("The schema is up to date at version");
	}

	@Test
	void saysThatTheDatabaseDoesNotLetTheUserIn(CapturedOutput output) {
		assertThatException().isThrownBy(() -> migrate(this.migrated, "nobody", "wrong"));
		assertThat(output).contains("\"nobody\"").contains("spring.flyway.password").doesNotContain(STACK_FRAME);
	}

	@Test
	void saysThatThereIsNoSuchDatabase(CapturedOutput output) {
		String url = url("no_such_database");
		assertThatException().isThrownBy(() -> migrate(url, "portal_owner", "test"));
		assertThat(output).contains("database \"no_such_database\" does not exist")
			.contains("spring.datasource.url")
			.doesNotContain(STACK_FRAME);
	}

	@Test
	void saysThatNobodyAnswers(CapturedOutput output) {
		assertThatException().isThrownBy(() -> migrate("jdbc:postgresql://127.0.0.1:1/portal", "portal_owner", "test"));
		assertThat(output).contains("127.0.0.1:1 refused")
			.contains("spring.datasource.url")
			.doesNotContain(STACK_FRAME);
	}

	@Test
	void saysThatOnlyTheOwnerMayMigrate(CapturedOutput output) throws SQLException {
		String url = olderDatabase();
		assertThatException().isThrownBy(() -> migrate(url, "portal_app", "test"));
		assertThat(output).contains("permission denied for schema public")
			.contains("as portal_owner")
			.doesNotContain(STACK_FRAME);
	}

	@Test
	void saysWhichMigrationWasChangedAfterItWasApplied(CapturedOutput output) throws SQLException {
		String url = emptyDatabase();
		migrate(url, "portal_owner", "test");
		execute(url, "update flyway_schema_history set checksum = checksum + 1 where version = '2'");
		assertThatException().isThrownBy(() -> migrate(url, "portal_owner", "test"));
		assertThat(output).contains("checksum mismatch for migration version 2").doesNotContain(STACK_FRAME);
	}

	@Test
	void portalDoesNotStartOnAnEmptySchema(CapturedOutput output) throws SQLException {
		String url = emptyDatabase();
		assertThatException().isThrownBy(() -> start(Map.of("spring.datasource.url", url)));
		assertThat(output).contains("version found: none").contains("portal.jar migrate").doesNotContain(STACK_FRAME);
	}

	@Test
	void portalDoesNotStartOnAnOlderSchema(CapturedOutput output) throws SQLException {
		String url = olderDatabase();
		assertThatException().isThrownBy(() -> start(Map.of("spring.datasource.url", url)));
		assertThat(output).contains("version found: 2, needed: " + newest(this.migrated))
			.contains("portal.jar migrate")
			.doesNotContain(STACK_FRAME);
	}

	@Test
	void portalSaysThatTheDatabaseDoesNotLetItIn(CapturedOutput output) {
		assertThatException().isThrownBy(() -> start(Map.of("spring.datasource.username", "nobody")));
		assertThat(output).contains("\"nobody\"").contains("spring.datasource.password").doesNotContain(STACK_FRAME);
	}

	private static void migrate(String url, String user, String password) {
		PortalApplication.main(new String[] { "migrate", "--spring.datasource.url=" + url,
				"--spring.flyway.user=" + user, "--spring.flyway.password=" + password });
	}

	private static void start(Map<String, Object> database) {
		SpringApplication portal = new SpringApplication(PortalApplication.class);
		portal.addInitializers(new PortalTest.Settings(),
				(context) -> context.getBeanFactory().getBean(GreenMail.class).stop(),
				(context) -> context.getEnvironment()
					.getPropertySources()
					.addFirst(new MapPropertySource("database", database)));
		portal.run();
	}

	private String emptyDatabase() throws SQLException {
		String name = "empty_" + UUID.randomUUID().toString().replace("-", "");
		execute(this.migrated, "create database " + name + " owner portal_owner");
		execute(url(name), "alter schema public owner to portal_owner");
		return url(name);
	}

	private String olderDatabase() throws SQLException {
		String url = emptyDatabase();
		Flyway.configure().dataSource(url, "portal_owner", "test").target("2").load().migrate();
		return url;
	}

	private String url(String database) {
		URI server = URI.create(this.migrated.substring("jdbc:".length()));
		return "jdbc:postgresql://" + server.getAuthority() + "/" + database;
	}

	private static String newest(String url) throws SQLException {
		return String.valueOf(count(url, "select max(version::int) from flyway_schema_history"));
	}

	private static void execute(String url, String sql) throws SQLException {
		try (Connection connection = TestDatabase.connect(url, "superuser");
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static int count(String url, String sql) throws SQLException {
		try (Connection connection = TestDatabase.connect(url, "superuser");
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getInt(1);
		}
	}

}
