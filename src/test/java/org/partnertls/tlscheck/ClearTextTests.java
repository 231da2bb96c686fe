package org.partnertls.tlscheck;

import java.util.List;

import lab.PartnerMailServer;
import lab.PartnerMailServer.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.partnertls.organization.EmailAddress;
import org.partnertls.tlscheck.ClearTextReport.ClearText;
import org.partnertls.tlscheck.Finding.Severity;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether a server refuses clear text, as far as it can be seen from outside.
 */
class ClearTextTests {

	private final Neighbourhood neighbours = new Neighbourhood();

	@AfterEach
	void close() {
		this.neighbours.close();
	}

	@Test
	void refusalIsProvenWhenTheSameMailIsTakenWithTls() {
		PartnerMailServer server = this.neighbours.mx("mx.acme.example");
		server.requireTlsFrom("example.org");
		ClearTextReport report = report();
		assertThat(report.outcome()).isEqualTo(ClearText.REFUSED);
		assertThat(report.findings()).singleElement().satisfies((finding) -> {
			assertThat(finding.code()).isEqualTo("clear-text-refused");
			assertThat(finding.severity()).isEqualTo(Severity.PASS);
			assertThat(finding.fact()).contains("451 5.7.3 STARTTLS is required");
		});
		assertThat(server.commands()).containsExactly("EHLO portal.example.org", "STARTTLS", "EHLO portal.example.org",
				"MAIL FROM:<tls@example.org>", "RCPT TO:<postmaster@acme.example>", "QUIT", "EHLO portal.example.org",
				"MAIL FROM:<tls@example.org>", "QUIT");
		assertThat(server.received()).isEmpty();
	}

	@Test
	void acceptanceWithoutTlsIsAWarningAndNoMessageIsEverSent() {
		PartnerMailServer server = this.neighbours.mx("mx.acme.example");
		ClearTextReport report = report();
		assertThat(report.outcome()).isEqualTo(ClearText.ACCEPTED);
		assertThat(report.findings()).extracting(Finding::code).containsExactly("clear-text-accepted");
		assertThat(server.commands()).doesNotContain("DATA").filteredOn("QUIT"::equals).hasSize(2);
	}

	@ParameterizedTest
	@CsvSource({ "GREYLISTS_CLEAR_TEXT", "UNKNOWN_RECIPIENT", "GREET_421", "NO_STARTTLS", "HANG_UP" })
	void anythingElseIsNotClear(Fault fault) {
		this.neighbours.mx("mx.acme.example").fault(fault);
		ClearTextReport report = report();
		assertThat(report.outcome()).isEqualTo(ClearText.NOT_CLEAR);
		assertThat(report.findings()).extracting(Finding::code).containsExactly("clear-text-unclear");
	}

	@Test
	void oneServerThatAcceptsIsEnough() {
		this.neighbours.mx("mx.acme.example").requireTlsFrom("example.org");
		this.neighbours.mx("mx2.acme.example", 20);
		assertThat(report().outcome()).isEqualTo(ClearText.ACCEPTED);
	}

	@Test
	void aServerInsideANetworkIsNotTalkedTo() {
		PartnerMailServer server = this.neighbours.mx("mx.acme.example");
		this.neighbours.allowed = List.of();
		assertThat(report().outcome()).isEqualTo(ClearText.NOT_CLEAR);
		assertThat(server.connections()).isZero();
	}

	private ClearTextReport report() {
		return this.neighbours.with((prober) -> prober.refusesClearText(EmailAddress.of("tls@example.org"),
				EmailAddress.of("postmaster@acme.example"), this.neighbours.progress::add));
	}

}
