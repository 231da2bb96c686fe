package org.partnertls.onboarding;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.partnertls.organization.DomainName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Bounces are told by their codes, whatever stands around them.
 */
class BounceTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					450 4.4.312 DNS query failed                                                     | 4.4.312 | DNS
					450 4.4.315 connection timed out                                                 | 4.4.315 | CONNECTION
					450 4.4.316 Connection refused                                                   | 4.4.316 | CONNECTION
					450 4.4.317 Cannot connect to remote server [Message=451 5.7.3 STARTTLS is required to send mail] | 4.4.317 | NO_STARTTLS
					450 4.4.317 Cannot connect to remote server                                      | 4.4.317 | NO_STARTTLS
					450 4.4.318 Connection was closed abruptly                                       | 4.4.318 | CONNECTION
					4.7.320 Certificate validation failed                                            | 4.7.320 | CERTIFICATE
					Error: 5.4.8 MX hosts of 'a.example' failed MTA-STS validation                   | 5.4.8   | MTA_STS
					451 4.7.5 Remote certificate failed MTA-STS validation                           | 4.7.5   | MTA_STS
					450 4.7.321 starttls-not-supported                                               | 4.7.321 | DANE
					5.7.323 tlsa-invalid                                                             | 5.7.323 | DANE
					450 4.7.325 certificate-host-mismatch                                            | 4.7.325 | DANE
					550 5.7.51 TenantInboundAttribution; There is a partner connector configured     | 5.7.51  | REFUSED_BY_OUR_CONNECTOR
					550 5.7.64 TenantAttribution; Relay Access Denied                                | 5.7.64  | RELAY
					550 5.7.68 TenantInboundAttribution; Direct Send not allowed                     | 5.7.68  | DIRECT_SEND
					451 5.7.3 STARTTLS is required to send mail [DB5.mail.protection.outlook.com]    | 5.7.3   | CLEAR_TEXT
					550 5.1.1 User unknown                                                           |         | UNKNOWN
					535 5.7.3 Authentication unsuccessful                                            |         | UNKNOWN
					Server 10.4.4.312 and version 15.4.7.320.1 are no codes                          |         | UNKNOWN
					""")
	void aCodeTellsTheCause(String text, String code, Bounce.Cause cause) {
		Bounce bounce = Bounce.read("Delivery has failed\r\n" + text + "\r\nend");
		assertThat(bounce.cause()).isEqualTo(cause);
		assertThat(bounce.code()).isEqualTo(code);
		assertThat(bounce.excerpt()).isEqualTo((code != null) ? text.strip() : null);
	}

	@Test
	void theMostTellingOfSeveralCodesCounts() {
		assertThat(Bounce.read("550 5.4.300 Message expired -> 450 4.4.317 -> 4.7.320 Certificate").cause())
			.isEqualTo(Bounce.Cause.CERTIFICATE);
	}

	@Test
	void domainsStandInTheirOrderAndOnlyOnce() {
		assertThat(Bounce.read("To: <Ann@Acme.example.>, bob@acme.example; me@bücher.example, x@-; c@contoso.example")
			.domains()).containsExactly(DomainName.of("acme.example"), DomainName.of("contoso.example"));
	}

	@Test
	void aHostileTextIsReadOnceAndBounded() {
		Bounce bounce = Bounce.read("4.7.320 ".repeat(20_000) + "a".repeat(1_000_000) + "@".repeat(50_000));
		assertThat(bounce.excerpt()).hasSizeLessThanOrEqualTo(300);
		assertThat(Bounce.read("1.2.".repeat(100_000)).cause()).isEqualTo(Bounce.Cause.UNKNOWN);
		assertThat(Bounce.read("x@" + "a.".repeat(60_000)).domains()).hasSizeLessThanOrEqualTo(1);
		assertThat(Bounce.read("4.7.320 \u0000\u001b[31m<b>").excerpt()).doesNotContain("\u0000", "\u001b");
	}

}
