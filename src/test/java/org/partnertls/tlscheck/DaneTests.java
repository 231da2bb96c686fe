package org.partnertls.tlscheck;

import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;

import lab.DnsServer.Mood;
import lab.PartnerMailServer;
import lab.PartnerMailServer.Fault;
import lab.Pki;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.partnertls.dns.Dnssec;
import org.partnertls.dns.Validation;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.DaneOutcome;
import org.partnertls.tlscheck.Report.TlsaOutcome;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * TLSA records against what servers show (RFC 7672).
 */
class DaneTests {

	private static final String HOST = "mx.acme.example";

	private final Neighbourhood neighbours = new Neighbourhood();

	@AfterEach
	void close() {
		this.neighbours.close();
	}

	@Test
	void aMatchingKeyPassesWhoeverSignedIt() {
		Pki.Identity own = Neighbourhood.PKI.selfSigned("anything.example");
		server(own);
		tlsa(3, 1, 1, ChainJudge.hex("SHA-256", own.chain().getFirst().getPublicKey().getEncoded()));
		Report report = this.neighbours.check();
		assertThat(report.validation()).isEqualTo(Validation.RESOLVER);
		assertThat(report.mx().dnssec()).isEqualTo(Dnssec.SECURE);
		Verdict verdict = Verdict.of(report);
		assertThat(verdict.dane().outcome()).isEqualTo(Outcome.PASS);
		assertThat(verdict.certificateValidation().outcome()).isEqualTo(Outcome.FAIL);
		assertThat(codes(verdict, Severity.PASS)).contains("dnssec-secure", "dane-matched", "dane-complete");
	}

	@ParameterizedTest
	@CsvSource({ "3, 0, 1", "3, 0, 2", "3, 1, 2", "3, 0, 0", "3, 1, 0", "2, 0, 1", "2, 1, 1", "2, 1, 2" })
	void everyUsableKindOfRecordIsCompared(int usage, int selector, int matching) throws Exception {
		Pki.Identity good = Neighbourhood.PKI.good(HOST);
		server(good);
		X509Certificate meant = good.chain().get((usage == 3) ? 0 : 1);
		byte[] data = (selector == 0) ? meant.getEncoded() : meant.getPublicKey().getEncoded();
		tlsa(usage, selector, matching, switch (matching) {
			case 1 -> ChainJudge.hex("SHA-256", data);
			case 2 -> ChainJudge.hex("SHA-512", data);
			default -> HexFormat.of().formatHex(data);
		});
		Report report = this.neighbours.check();
		assertThat(report.hosts().getFirst().addresses().getFirst().dane().outcome()).isEqualTo(DaneOutcome.MATCHED);
		Verdict verdict = Verdict.of(report);
		assertThat(verdict.dane().outcome()).isEqualTo(Outcome.PASS);
		assertThat(verdict.rule(Rule.D12).severity())
			.isEqualTo((selector == 1 && matching == 1) ? Severity.PASS : Severity.WARN);
		assertThat(verdict.rule(Rule.D12).findings()).allMatch((finding) -> finding.code().equals("dane-parameters"));
	}

	@Test
	void aRecordThatFitsNothingStopsEveryLevel() {
		server(Neighbourhood.PKI.good(HOST));
		tlsa(3, 1, 1, "00".repeat(32));
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.D8).severity()).isEqualTo(Severity.FAIL);
		assertThat(codes(verdict, Severity.FAIL)).containsExactly("tlsa-invalid");
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.FAIL);
	}

	@Test
	void belowAnAuthorityTheNameCountsAndTheDate() {
		Pki.Identity other = Neighbourhood.PKI.good("www.other.example");
		PartnerMailServer server = server(other);
		tlsa(2, 1, 1, ChainJudge.hex("SHA-256", other.chain().get(1).getPublicKey().getEncoded()));
		assertThat(Verdict.of(this.neighbours.check()).dane().outcome()).isEqualTo(Outcome.FAIL);
		server.identity(Neighbourhood.PKI.good(HOST));
		assertThat(Verdict.of(this.neighbours.check()).dane().outcome()).isEqualTo(Outcome.PASS);
		server.identity(Neighbourhood.PKI.expired(HOST));
		assertThat(Verdict.of(this.neighbours.check()).dane().outcome()).isEqualTo(Outcome.FAIL);
	}

	@Test
	void anExpiredCertificateThatMatchesIsAWarning() {
		Pki.Identity expired = Neighbourhood.PKI.expired(HOST);
		server(expired);
		tlsa(3, 1, 1, ChainJudge.hex("SHA-256", expired.chain().getFirst().getPublicKey().getEncoded()));
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.D7).severity()).isEqualTo(Severity.WARN);
		assertThat(verdict.rule(Rule.D7).findings()).extracting(Finding::code).containsExactly("certificate-expired");
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
	}

	@Test
	void recordsThatMailServersMayNotUseLeaveMailEncryptedOnly() {
		server(Neighbourhood.PKI.good(HOST));
		tlsa(1, 1, 1, "00".repeat(32));
		tlsa(3, 1, 1, "00");
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.D6).findings()).extracting(Finding::code).containsExactly("tlsa-invalid");
		assertThat(verdict.dane().outcome()).isEqualTo(Outcome.FAIL);
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
	}

	@Test
	void anUnmatchedRecordBesideAMatchingOneIsARollover() {
		Pki.Identity good = Neighbourhood.PKI.good(HOST);
		server(good);
		tlsa(3, 1, 1, "00".repeat(32));
		tlsa(3, 1, 1, ChainJudge.hex("SHA-256", good.chain().getFirst().getPublicKey().getEncoded()));
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(codes(verdict, Severity.PASS)).contains("dane-rollover");
		assertThat(verdict.dane().outcome()).isEqualTo(Outcome.PASS);
	}

	@Test
	void recordsWithoutTlsStopMail() {
		server(Neighbourhood.PKI.good(HOST)).fault(Fault.NO_STARTTLS);
		tlsa(3, 1, 1, "00".repeat(32));
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.D9).findings()).extracting(Finding::code)
			.containsExactly("starttls-not-supported");
	}

	@ParameterizedTest
	@CsvSource({ "SERVFAIL, FAIL, dnssec-invalid, FAIL", "BOGUS, FAIL, dnssec-invalid, FAIL",
			"SILENT, INCONCLUSIVE, tlsa-no-answer, PASS" })
	void recordsThatCannotBeLookedUpAreNotTakenForNone(Mood mood, Severity severity, String code, Outcome encrypted) {
		server(Neighbourhood.PKI.good(HOST));
		this.neighbours.dns.mood("_25._tcp." + HOST, mood);
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.D5).severity()).isEqualTo(severity);
		assertThat(verdict.rule(Rule.D5).findings()).extracting(Finding::code).containsExactly(code);
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(encrypted);
	}

	@Test
	void recordsBelowUnsignedAddressesAreNotAskedFor() {
		this.neighbours.mx(HOST);
		tlsa(3, 1, 1, "00".repeat(32));
		this.neighbours.dns.secure("_25._tcp." + HOST);
		Report report = this.neighbours.check();
		assertThat(report.hosts().getFirst().tlsa().outcome()).isEqualTo(TlsaOutcome.NOT_SIGNED);
		assertThat(this.neighbours.dns.asked("_25._tcp." + HOST)).isZero();
		assertThat(Verdict.of(report).dane().outcome()).isEqualTo(Outcome.NOT_OFFERED);
		assertThat(Verdict.of(report).encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
	}

	@Test
	void aSignedDomainWithAnUnsignedHostHasNoDane() {
		this.neighbours.dns.putMx("acme.example", 10, "mx.elsewhere.test").secure("acme.example");
		this.neighbours.server("mx.elsewhere.test");
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.D3).findings()).extracting(Finding::code).containsExactly("dane-host-insecure");
		assertThat(verdict.rule(Rule.D3).severity()).isEqualTo(Severity.NOT_APPLICABLE);
	}

	@Test
	void anUnsignedDomainWithASignedHostIsProtectedInPart() {
		Pki.Identity good = Neighbourhood.PKI.good(HOST);
		this.neighbours.mx(HOST).identity(good);
		this.neighbours.dns.secure(HOST);
		tlsa(3, 1, 1, ChainJudge.hex("SHA-256", good.chain().getFirst().getPublicKey().getEncoded()));
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.D2).findings()).extracting(Finding::code).containsExactly("dane-mx-insecure");
		assertThat(verdict.dane().outcome()).isEqualTo(Outcome.FAIL);
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
	}

	@Test
	void theEndOfASignedAliasIsAskedFirst() {
		Pki.Identity good = Neighbourhood.PKI.good("real.acme.example");
		this.neighbours.dns.putMx("acme.example", 10, HOST).putAlias(HOST, "real.acme.example").secure("acme.example");
		this.neighbours.server("real.acme.example").identity(good);
		this.neighbours.dns.putTlsa("real.acme.example", 3, 1, 1,
				ChainJudge.hex("SHA-256", good.chain().getFirst().getPublicKey().getEncoded()));
		tlsa(3, 1, 1, "00".repeat(32));
		Report report = this.neighbours.check();
		assertThat(report.hosts().getFirst().tlsa().base()).isEqualTo("real.acme.example");
		assertThat(Verdict.of(report).rule(Rule.D4).findings()).extracting(Finding::code).containsExactly("dane-base");
		assertThat(Verdict.of(report).dane().outcome()).isEqualTo(Outcome.PASS);
	}

	@Test
	void wrongSignaturesOnTheDomainAreNoMissingDomain() {
		this.neighbours.mx(HOST);
		this.neighbours.dns.mood("acme.example", Mood.BOGUS);
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.D1).findings()).extracting(Finding::code).containsExactly("dnssec-invalid");
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.INCONCLUSIVE);
	}

	@Test
	void oneHostWithoutRecordsLeavesTheDomainIncomplete() {
		Pki.Identity good = Neighbourhood.PKI.good(HOST);
		server(good);
		tlsa(3, 1, 1, ChainJudge.hex("SHA-256", good.chain().getFirst().getPublicKey().getEncoded()));
		this.neighbours.mx("mx2.acme.example", 20);
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.D11).findings()).singleElement().satisfies((finding) -> {
			assertThat(finding.code()).isEqualTo("dane-incomplete");
			assertThat(finding.hosts()).containsExactly("mx2.acme.example");
		});
		assertThat(verdict.dane().outcome()).isEqualTo(Outcome.FAIL);
	}

	private PartnerMailServer server(Pki.Identity identity) {
		this.neighbours.dns.secure("acme.example");
		return this.neighbours.mx(HOST).identity(identity);
	}

	private void tlsa(int usage, int selector, int matching, String data) {
		this.neighbours.dns.putTlsa(HOST, usage, selector, matching, data);
	}

	private static List<String> codes(Verdict verdict, Severity severity) {
		return verdict.findings()
			.stream()
			.filter((finding) -> finding.severity() == severity)
			.map(Finding::code)
			.toList();
	}

}
