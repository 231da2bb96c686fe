package org.partnertls.audit;

import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.partnertls.PortalTest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class SettingsTests {

	@Autowired
	private Settings settings;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TransactionTemplate transaction;

	@Test
	void eachStartTellsWhatIsDifferentAndOfSecretsOnlyThatTheyAre() {
		Map<String, String> now = new TreeMap<>(this.settings.inForce());
		assertThat(now).containsEntry("organization.zone", "Europe/Berlin")
			.containsKeys("audit.signing-key", "account.client-secret", "mail.from");

		record(now);
		assertThat(record(now).size()).isZero();

		Map<String, String> then = new TreeMap<>(now);
		then.put("account.client-secret", "correct horse battery staple");
		then.put("mail.from", "other@contoso.example");
		then.remove("mail.compliance");
		JsonNode changes = record(then);
		assertThat(changes.size()).isEqualTo(3);
		assertThat(changes.path("account.client-secret").path("after").asString()).isEqualTo("another secret");
		assertThat(changes.path("mail.from").path("before").asString()).isEqualTo(now.get("mail.from"));
		assertThat(changes.path("mail.compliance").path("after").isNull()).isTrue();

		record(now);
		assertThat(this.jdbc.sql("select string_agg(event, '') from audit_event where code = 'settings.in-force'")
			.query(String.class)
			.single()).doesNotContain("correct horse", "PRIVATE KEY").contains("\"settings.in-force\"");
		assertThat(this.jdbc.sql("select string_agg(value, '') from setting_in_force").query(String.class).single())
			.doesNotContain("PRIVATE KEY");
	}

	private JsonNode record(Map<String, String> wanted) {
		this.transaction.executeWithoutResult((status) -> this.settings.record(wanted));
		return JsonMapper.shared()
			.readTree(this.jdbc
				.sql("select event from audit_event where code = 'settings.in-force' order by at desc, id desc limit 1")
				.query(String.class)
				.single())
			.path("changes");
	}

}
