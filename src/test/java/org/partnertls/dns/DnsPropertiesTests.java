package org.partnertls.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DnsPropertiesTests {

	@ParameterizedTest
	@CsvSource({ "192.0.2.53, 192.0.2.53, 53", "192.0.2.53:5353, 192.0.2.53, 5353", "dns.lan, dns.lan, 53",
			"dns.lan:1053, dns.lan, 1053", "[2001:db8::1]:5353, 2001:db8::1, 5353", "[::1], ::1, 53", "::1, ::1, 53" })
	void aServerIsAHostWithOrWithoutAPort(String written, String host, int port) {
		assertThat(new DnsProperties(List.of(written), Duration.ofSeconds(3)).addresses())
			.containsExactly(InetSocketAddress.createUnresolved(host, port));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "dns server", "192.0.2.53:0", "192.0.2.53:70000", "http://dns.lan", "dns.lan:" })
	void aWrongServerNamesTheKey(String written) {
		assertThatThrownBy(() -> new DnsProperties(List.of(written), Duration.ofSeconds(3)))
			.hasMessageContaining("portal.dns.servers")
			.hasMessageContaining("“" + written + "”");
	}

	@Test
	void aWrongValueStopsTheStart() {
		runner().withPropertyValues("portal.dns.timeout=1m")
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("portal.dns.timeout must be more than 0"));
	}

	@Test
	void everythingIsOptional() {
		runner().run((context) -> assertThat(context.getBean(DnsProperties.class))
			.isEqualTo(new DnsProperties(List.of(), Duration.ofSeconds(3))));
	}

	private static ApplicationContextRunner runner() {
		return new ApplicationContextRunner().withUserConfiguration(Settings.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(DnsProperties.class)
	static class Settings {

	}

}
