package org.partnertls.tlscheck;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class TlsCheckPropertiesTests {

	@TempDir
	private Path directory;

	@Test
	void everythingIsOptional() {
		runner().run((context) -> {
			ProbeSettings settings = context.getBean(TlsCheckProperties.class)
				.settings(organization("https://portal.contoso.example"));
			assertThat(settings).isEqualTo(new ProbeSettings(25, "portal.contoso.example",
					ProbeSettings.Timeouts.usual(), 64, List.of(), List.of(), 443, Duration.ofSeconds(2), false));
		});
	}

	@Test
	void theMailDomainIsSaidWhereThePortalHasNoFullName() {
		runner().run((context) -> assertThat(
				context.getBean(TlsCheckProperties.class).settings(organization("http://localhost:8080")).ehloName())
			.isEqualTo("contoso.example"));
	}

	@ParameterizedTest
	@CsvSource({ "port, 0", "port, 70000", "ehlo-name, localhost", "ehlo-name, a b.example", "concurrency, 0",
			"connect-timeout, 0s", "domain-timeout, 11m", "allowed-networks, everything", "rounds.interval, 1m",
			"rounds.share-for, 2h", "rounds.failures, 0", "rounds.keep, 1h", "policy-port, 0", "pause, 2m" })
	void aWrongValueStopsTheStartAndNamesTheKey(String key, String value) {
		runner().withPropertyValues("portal.tls-check." + key + "=" + value)
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("portal.tls-check." + key + " "));
	}

	@Test
	void anchorsAreReadFromPem() throws IOException {
		Path pem = this.directory.resolve("ca.pem");
		Neighbourhood.PKI.writeRoot(pem);
		runner().withPropertyValues("portal.tls-check.trust-anchors=" + pem)
			.run((context) -> assertThat(
					context.getBean(TlsCheckProperties.class).settings(organization("http://localhost")).trustAnchors())
				.containsExactly(Neighbourhood.PKI.root()));
		Files.writeString(pem, "no certificate");
		for (Path wrong : List.of(pem, this.directory.resolve("missing.pem"))) {
			runner().withPropertyValues("portal.tls-check.trust-anchors=" + wrong)
				.run((context) -> assertThatIllegalArgumentException()
					.isThrownBy(
							() -> context.getBean(TlsCheckProperties.class).settings(organization("http://localhost")))
					.withMessageContaining("portal.tls-check.trust-anchors"));
		}
	}

	private static OrganizationProperties organization(String baseUrl) {
		return new OrganizationProperties(URI.create(baseUrl), "Contoso", List.of(new DomainName("contoso.example")),
				List.of(), List.of(), EmailAddress.of("help@contoso.example"), "+1 555 0100", ZoneOffset.UTC);
	}

	private static ApplicationContextRunner runner() {
		return new ApplicationContextRunner().withUserConfiguration(Settings.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(TlsCheckProperties.class)
	static class Settings {

	}

}
