package org.partnertls.audit;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

import org.erdtman.jcs.JsonCanonicalizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.partnertls.PortalTest;
import org.partnertls.TestDatabase;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@PortalTest
class AuditLogTests {

	@Autowired
	private AuditLog audit;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TransactionTemplate transaction;

	@Value("${spring.datasource.url}")
	private String url;

	private final UUID partner = UUID.randomUUID();

	@Test
	void storesCanonicalJsonWithoutPersonalData() throws Exception {
		append(Act.of("test.happened")
			.by(new Actor(Actor.Kind.STAFF, "42", "Administrator", "Amina Okafor", "amina@contoso.example",
					"192.0.2.7"))
			.partner(this.partner, "Nordwind")
			.change("state", "A", "B")
			.reason("because Greta said so"));

		String event = event();

		assertThat(new JsonCanonicalizer(event).getEncodedString()).isEqualTo(event);
		assertThat(event).doesNotContain("Amina", "amina@", "192.0.2.7", "Greta")
			.contains("\"changes\":{\"state\":{\"after\":\"B\",\"before\":\"A\"}}");
		assertThat(JsonMapper.shared().readTree(event).path("at").asString())
			.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
	}

	@Test
	void commitsToPersonalDataKeptBesideTheEvent() {
		append(Act.of("test.happened").partner(this.partner, "Nordwind").reason("because Greta said so"));

		JsonNode event = JsonMapper.shared().readTree(event());
		Object[] beside = this.jdbc
			.sql("select salt, content from audit_personal where event_id = ?::uuid and slot = 'reason'")
			.param(event.path("id").asString())
			.query((row, number) -> new Object[] { row.getBytes(1), row.getString(2) })
			.single();

		assertThat(beside[1]).isEqualTo("because Greta said so");
		assertThat(event.path("commitments").path("reason").asString())
			.isEqualTo(AuditLog.commitment((byte[]) beside[0], (String) beside[1]));
	}

	@Test
	void leavesWithTheTransactionThatItBelongsTo() {
		this.transaction.executeWithoutResult((status) -> {
			this.audit.append(Act.of("test.happened").partner(this.partner, "Nordwind"));
			status.setRollbackOnly();
		});

		assertThat(count()).isZero();
	}

	@Test
	void refusesToAppendOutsideATransaction() {
		assertThatExceptionOfType(IllegalTransactionStateException.class)
			.isThrownBy(() -> this.audit.append(Act.of("test.happened")));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			portal_app     | update audit_event set code = 'x'
			portal_app     | delete from audit_event
			portal_app     | truncate audit_event
			portal_app     | insert into audit_event_default select * from audit_event
			portal_app     | alter table audit_event disable trigger all
			portal_auditor | insert into audit_personal (event_id, slot) values (gen_random_uuid(), 'x')
			portal_owner   | update audit_event set code = 'x' where false
			portal_owner   | delete from audit_event where false
			portal_owner   | truncate audit_event
			portal_owner   | update audit_event_default set code = 'x' where false
			""")
	void nobodyRewritesTheHistory(String role, String statement) throws SQLException {
		try (Connection connection = TestDatabase.connect(this.url, role);
				Statement run = connection.createStatement()) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> run.execute(statement))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("42501"));
		}
	}

	@Test
	void keepsAMonthOfTheYearAfterNextReady() {
		assertThat(this.jdbc.sql("select count(*) from pg_inherits where inhparent = 'audit_event'::regclass")
			.query(Integer.class)
			.single()).isEqualTo(26);
	}

	private void append(Act act) {
		this.transaction.executeWithoutResult((status) -> this.audit.append(act));
	}

	private String event() {
		return this.jdbc.sql("select event from audit_event where partner_id = ?")
			.param(this.partner)
			.query(String.class)
			.single();
	}

	private int count() {
		return this.jdbc.sql("select count(*) from audit_event where partner_id = ?")
			.param(this.partner)
			.query(Integer.class)
			.single();
	}

}
