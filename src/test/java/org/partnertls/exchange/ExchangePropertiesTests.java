package org.partnertls.exchange;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The keys, as a start of the portal meets them.
 */
class ExchangePropertiesTests {

	private static final String GUID = "11111111-2222-3333-4444-555555555555";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withUserConfiguration(Keys.class, ExchangeConfiguration.class)
		.withBean(Clock.class, Clock::systemUTC);

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(ExchangeProperties.class)
	static class Keys {

	}

	private static String[] connected(String... more) {
		Map<String, String> keys = new HashMap<>(
				Map.of("tenant-id", GUID, "client-id", GUID, "client-secret", "s3cret"));
		for (String pair : more) {
			String[] parts = pair.split("=", 2);
			keys.put(parts[0], parts[1]);
		}
		return keys.entrySet()
			.stream()
			.map((key) -> "portal.exchange." + key.getKey() + "=" + key.getValue())
			.toArray(String[]::new);
	}

	@Test
	void withoutATenantThePortalStartsInScriptMode() {
		this.runner.run((context) -> assertThat(context.getBean(ExchangeOnline.class).configured()).isFalse());
	}

	@Test
	void withATenantItCallsExchangeOnlineItself() {
		this.runner.withPropertyValues(connected()).run((context) -> {
			assertThat(context.getBean(ExchangeOnline.class).configured()).isTrue();
			assertThat(context.getBean(ExchangeOnline.class).tenantId()).isEqualTo(GUID);
			assertThat(context.getBean(ExchangeProperties.class).endpointInUse())
				.hasToString("https://outlook.office365.com");
		});
	}

	@Test
	void scriptModeWinsOverATenant() {
		this.runner.withPropertyValues(connected("mode=script"))
			.run((context) -> assertThat(context.getBean(ExchangeOnline.class).configured()).isFalse());
	}

	@ParameterizedTest
	@CsvSource({ "gcc-high, https://outlook.office365.us, https://login.microsoftonline.us",
			"dod, https://outlook-dod.office365.us, https://login.microsoftonline.us",
			"china, https://outlook.office365.cn, https://login.partner.microsoftonline.cn" })
	void eachCloudHasItsAddresses(String cloud, String endpoint, String authority) {
		this.runner.withPropertyValues(connected("cloud=" + cloud)).run((context) -> {
			ExchangeProperties properties = context.getBean(ExchangeProperties.class);
			assertThat(properties.endpointInUse()).hasToString(endpoint);
			assertThat(properties.authorityInUse()).hasToString(authority);
		});
	}

	@ParameterizedTest
	@CsvSource({ "tenant-id=contoso, portal.exchange.tenant-id", "client-id=me, portal.exchange.client-id",
			"client-id=, portal.exchange.client-id", "client-secret=, portal.exchange.client-secret",
			"certificate=some.p12, portal.exchange.certificate",
			"endpoint=http://exchange.example, portal.exchange.endpoint",
			"endpoint=http://127.0.0.1.example, portal.exchange.endpoint",
			"endpoint=ftp://127.0.0.1, portal.exchange.endpoint",
			"endpoint=https://user@exchange.example, portal.exchange.endpoint",
			"authority=http://10.0.0.1:8080, portal.exchange.authority", "authority=login, portal.exchange.authority",
			"read-timeout=0s, portal.exchange.read-timeout", "validate-timeout=16m, portal.exchange.validate-timeout",
			"cloud=mars, portal.exchange.cloud", "mode=perhaps, portal.exchange.mode" })
	void aWrongKeyStopsTheStartAndIsNamed(String pair, String key) {
		this.runner.withPropertyValues(connected(pair))
			.run((context) -> assertThat(messages(context.getStartupFailure())).contains(key));
	}

	@Test
	void plainHttpIsAcceptedForLoopback() {
		for (String host : new String[] { "127.0.0.1:9", "localhost:9", "[::1]:9" }) {
			this.runner.withPropertyValues(connected("endpoint=http://" + host, "authority=http://" + host + "/"))
				.run((context) -> assertThat(context.getBean(ExchangeOnline.class).configured()).isTrue());
		}
	}

	@Test
	void secretsAreNotPrinted() {
		this.runner.withPropertyValues(connected())
			.run((context) -> assertThat(context.getBean(ExchangeProperties.class).toString()).doesNotContain("s3cret")
				.contains(GUID));
	}

	private static String messages(Throwable failure) {
		assertThat(failure).isNotNull();
		StringBuilder messages = new StringBuilder();
		for (Throwable current = failure; current != null; current = current.getCause()) {
			messages.append(current.getMessage()).append('\n');
		}
		return messages.toString();
	}

}
