package org.partnertls.tlscheck;

import java.time.Duration;

import lab.PartnerMailServer.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.Stage;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Servers that hold a client as long as they can: an untimed read would hang these tests
 * until their time-out.
 */
@Timeout(20)
class EvilServerTests {

	private final Neighbourhood neighbours = new Neighbourhood();

	@BeforeEach
	void hurry() {
		Duration stage = Duration.ofMillis(400);
		this.neighbours.timeouts = new ProbeSettings.Timeouts(stage, stage, stage, stage, Duration.ofSeconds(5),
				Duration.ofSeconds(10));
	}

	@AfterEach
	void close() {
		this.neighbours.close();
	}

	@ParameterizedTest
	@CsvSource({ "SILENT, GREETING", "TARPIT, GREETING", "STALL_IN_HANDSHAKE, HANDSHAKE" })
	void aDeadlineEndsAStageHoweverItDrips(Fault fault, Stage stage) {
		Report report = this.neighbours.checkWith(fault);
		StageReport failure = address(report).failure();
		assertThat(failure.stage()).isEqualTo(stage);
		assertThat(failure.outcome()).isEqualTo(StageOutcome.TIMEOUT);
		assertThat(Verdict.of(report).findings())
			.anySatisfy((finding) -> assertThat(finding.code()).isEqualTo("timeout"));
		assertThat(Verdict.of(report).encryptionOnly().outcome()).isEqualTo(Outcome.INCONCLUSIVE);
	}

	@Test
	void theDeadlineOfTheDomainCutsStagesShort() {
		this.neighbours.timeouts = new ProbeSettings.Timeouts(Duration.ofSeconds(60), Duration.ofSeconds(60),
				Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofMillis(600));
		this.neighbours.mx("mx.acme.example").fault(Fault.SILENT);
		this.neighbours.dns.putAddress("mx.acme.example", this.neighbours.deadAddress());
		Report report = this.neighbours.check();
		assertThat(report.hosts().getFirst().addresses()).extracting((address) -> address.failure().outcome())
			.containsExactly(StageOutcome.TIMEOUT, StageOutcome.NOT_TRIED);
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.INCLUDE, names = { "ENDLESS_LINES", "ENDLESS_LINE", "BINARY_JUNK" })
	void whatIsKeptIsBoundedAndPrintable(Fault fault) {
		String transcript = address(this.neighbours.checkWith(fault)).transcript();
		assertThat(transcript).hasSizeLessThanOrEqualTo(4096).matches("[\\x20-\\x7e\\n]+");
	}

	@Test
	void controlCharactersAreShownNotObeyed() {
		assertThat(address(this.neighbours.checkWith(Fault.BINARY_JUNK)).transcript()).contains("\\x00\\xff\\x1b[2J");
	}

	@Test
	void whatStandsBehindStartTlsIsNotTakenForAnAnswer() {
		AddressReport address = address(this.neighbours.checkWith(Fault.INJECTED_RESPONSE));
		assertThat(address.tls()).isNull();
		assertThat(address.transcript()).doesNotContain("injected");
	}

	private static AddressReport address(Report report) {
		return report.hosts().getFirst().addresses().getFirst();
	}

}
