package org.partnertls.tlscheck;

import java.util.List;

import lab.PartnerMailServer;
import lab.PartnerMailServer.Fault;
import lab.Pki;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.Stage;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;
import org.partnertls.tlscheck.Verdict.LevelVerdict;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

class FaultTests {

	private final Neighbourhood neighbours = new Neighbourhood();

	@AfterEach
	void close() {
		this.neighbours.close();
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			NONE,                   tls-1.3,                  PASS,         PASS,         PASS,         PASS
			EXPIRED,                certificate-expired,      FAIL,         PASS,         FAIL,         FAIL
			EXPIRES_SOON,           certificate-expires-soon, WARN,         PASS,         PASS,         PASS
			SELF_SIGNED,            certificate-not-trusted,  FAIL,         PASS,         FAIL,         FAIL
			WRONG_NAME,             certificate-host-mismatch,FAIL,         PASS,         PASS,         FAIL
			MISSING_INTERMEDIATE,   certificate-not-trusted,  FAIL,         PASS,         FAIL,         FAIL
			NO_STARTTLS,            starttls-not-supported,   FAIL,         FAIL,         FAIL,         FAIL
			STARTTLS_REFUSED,       starttls-not-supported,   FAIL,         FAIL,         FAIL,         FAIL
			EHLO_UNKNOWN,           starttls-not-supported,   FAIL,         FAIL,         FAIL,         FAIL
			INJECTED_RESPONSE,      starttls-injection,       FAIL,         FAIL,         FAIL,         FAIL
			TLS_1_2_ONLY,           tls-1.2,                  WARN,         PASS,         PASS,         PASS
			TLS_1_0_ONLY,           tls-version-too-old,      FAIL,         FAIL,         FAIL,         FAIL
			WEAK_SUITE,             cipher-suite-weak,        WARN,         PASS,         PASS,         PASS
			NOT_TLS,                validation-failure,       FAIL,         FAIL,         FAIL,         FAIL
			STARTTLS_OFFERED_AGAIN, starttls-offered-again,   WARN,         PASS,         PASS,         PASS
			GREET_421,              temporarily-refused,      INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE
			GREET_554,              refused,                  INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE
			HANG_UP,                connection-closed,        INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE
			BINARY_JUNK,            unreadable-answer,        INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE
			ENDLESS_LINES,          unreadable-answer,        INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE
			ENDLESS_LINE,           unreadable-answer,        INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE
			MIXED_CODES,            unreadable-answer,        INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE
			STARTTLS_454,           temporarily-refused,      INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE
			CLOSE_IN_HANDSHAKE,     connection-closed,        INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE
			EHLO_421_IN_TLS,        temporarily-refused,      INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE
			""")
	void eachFaultIsNamedAndJudged(Fault fault, String code, Severity severity, Outcome encrypted, Outcome trusted,
			Outcome named) {
		Report report = this.neighbours.checkWith(fault);
		Verdict verdict = Verdict.of(report);
		assertThat(verdict.findings()).as(report.toString()).anySatisfy((finding) -> {
			assertThat(finding.code()).isEqualTo(code);
			assertThat(finding.severity()).isEqualTo(severity);
			assertThat(finding.hosts()).containsExactly("mx.acme.example");
			assertThat(finding.sentence()).endsWith(".");
			assertThat(finding.remedy()).matches((remedy) -> severity == Severity.PASS || remedy.endsWith("."));
		});
		assertThat(verdict.levels()).extracting(LevelVerdict::outcome).containsExactly(encrypted, trusted, named);
	}

	@Test
	void aGoodServerGivesOnlyGoodNewsAndTheWholeStory() {
		Report report = this.neighbours.checkWith(Fault.NONE);
		assertThat(Verdict.of(report).findings()).extracting(Finding::severity).containsOnly(Severity.PASS);
		AddressReport address = report.hosts().getFirst().addresses().getFirst();
		assertThat(address.stages()).extracting(StageReport::stage).containsExactly(Stage.values());
		assertThat(address.stages()).extracting(StageReport::outcome).containsOnly(StageOutcome.OK);
		assertThat(address.tls().version()).isEqualTo("TLSv1.3");
		assertThat(address.chain().certificates()).hasSize(2);
		assertThat(address.chain().leaf().dnsNames()).containsExactly("mx.acme.example");
		assertThat(address.chain().anchor()).isEqualTo("CN=Lab root");
		assertThat(address.keywords()).containsExactly("PIPELINING", "SIZE 1048576", "8BITMIME");
		assertThat(address.transcript()).startsWith("S: 220 mx.acme.example ESMTP ready\nC: EHLO portal.example.org\n")
			.contains("# TLS TLSv1.3")
			.endsWith("C: QUIT\nS: 221 2.0.0 Bye\n");
	}

	@Test
	void aProbeNeverStartsAMessageAndSaysGoodbye() {
		PartnerMailServer server = this.neighbours.mx("mx.acme.example");
		this.neighbours.check();
		assertThat(server.commands()).containsExactly("EHLO portal.example.org", "STARTTLS", "EHLO portal.example.org",
				"QUIT");
	}

	@Test
	void everyProbeSeesTheCertificateAnew() {
		PartnerMailServer server = this.neighbours.mx("mx.acme.example");
		for (int i = 0; i < 5; i++) {
			assertThat(this.neighbours.check().hosts().getFirst().addresses().getFirst().chain()).isNotNull();
		}
		assertThat(server.connections()).isEqualTo(5);
	}

	@Test
	void aCertificateFromAnAuthorityNotConfiguredIsNotTrusted() {
		this.neighbours.anchors = List.of();
		Verdict verdict = Verdict.of(this.neighbours.checkWith(Fault.NONE));
		assertThat(verdict.certificateValidation().outcome()).isEqualTo(Outcome.FAIL);
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
	}

	@Test
	void aCertificateForClientsOnlyFailsWhereItIsLookedAt() {
		this.neighbours.mx("mx.acme.example")
			.identity(Neighbourhood.PKI
				.issue(new Pki.Leaf().names("mx.acme.example").purpose(KeyPurposeId.id_kp_clientAuth)));
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.findings()).extracting(Finding::code).contains("certificate-wrong-purpose");
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
		assertThat(verdict.certificateValidation().outcome()).isEqualTo(Outcome.FAIL);
	}

	@Test
	void aShortKeyIsAWarning() {
		this.neighbours.mx("mx.acme.example")
			.identity(Neighbourhood.PKI.issue(new Pki.Leaf().names("mx.acme.example").rsa(2048)));
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.findings()).filteredOn((finding) -> finding.code().equals("certificate-key-weak"))
			.singleElement()
			.satisfies((finding) -> assertThat(finding.sentence()).contains("RSA 2048"));
		assertThat(verdict.domainValidation().outcome()).isEqualTo(Outcome.PASS);
	}

	@Test
	void progressIsToldInSentences() {
		this.neighbours.checkWith(Fault.NONE);
		assertThat(this.neighbours.progress).startsWith("Looking up the mail servers of acme.example",
				"mx.acme.example: looking up its addresses");
		assertThat(this.neighbours.progress).last().asString().endsWith("saying goodbye");
	}

}
