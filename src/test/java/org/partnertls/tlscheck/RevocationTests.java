package org.partnertls.tlscheck;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import lab.Pki;
import lab.WebHost;
import lab.WebHost.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.Revocation;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether a certificate was revoked, asked by OCSP and by revocation lists.
 */
class RevocationTests {

	private static final String HOST = "mx.acme.example";

	private final Neighbourhood neighbours = new Neighbourhood();

	private final WebHost authority = new WebHost("127.46.1.1", 0, null);

	@BeforeEach
	void publish() {
		this.neighbours.dns.putAddress("ocsp.lab.example", "127.46.1.1");
	}

	@AfterEach
	void close() {
		this.neighbours.close();
		this.authority.close();
	}

	@Test
	void aResponderThatSaysGoodIsBelieved() {
		server(new Pki.Leaf().names(HOST).responder(url("ocsp")));
		this.authority
			.answer(Answer.made(200, "application/ocsp-response", (request) -> Neighbourhood.PKI.ocsp(request, false)));
		expect(Revocation.GOOD, "certificate-not-revoked", Severity.PASS, Outcome.PASS);
		assertThat(this.authority.asked()).containsExactly("POST /ocsp HTTP/1.1");
	}

	@Test
	void aRevokedCertificateFailsWhereCertificatesAreLookedAt() {
		server(new Pki.Leaf().names(HOST).responder(url("ocsp")));
		this.authority
			.answer(Answer.made(200, "application/ocsp-response", (request) -> Neighbourhood.PKI.ocsp(request, true)));
		expect(Revocation.REVOKED, "certificate-revoked", Severity.FAIL, Outcome.FAIL);
	}

	@Test
	void anAnswerOfAnotherAuthorityIsNone() {
		Pki stranger = new Pki("Stranger", Clock.systemUTC());
		server(new Pki.Leaf().names(HOST).responder(url("ocsp")));
		this.authority
			.answer(Answer.made(200, "application/ocsp-response", (request) -> stranger.ocsp(request, false)));
		expect(Revocation.NO_ANSWER, "revocation-unknown", Severity.WARN, Outcome.PASS);
	}

	@Test
	void aListIsReadWhereThereIsNoResponder() {
		Pki.Identity identity = server(new Pki.Leaf().names(HOST).list(url("list")));
		Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
		this.authority.answer(Answer.of(200, "application/pkix-crl", Neighbourhood.PKI.revocationList(tomorrow)));
		expect(Revocation.GOOD, "certificate-not-revoked", Severity.PASS, Outcome.PASS);
		this.authority.answer(Answer.of(200, "application/pkix-crl",
				Neighbourhood.PKI.revocationList(tomorrow, identity.chain().getFirst())));
		expect(Revocation.REVOKED, "certificate-revoked", Severity.FAIL, Outcome.FAIL);
		this.authority.answer(Answer.of(200, "application/pkix-crl",
				Neighbourhood.PKI.revocationList(Instant.now().minus(Duration.ofDays(1)))));
		expect(Revocation.NO_ANSWER, "revocation-unknown", Severity.WARN, Outcome.PASS);
	}

	@Test
	void anAuthorityThatIsDownOrInsideANetworkHoldsNothingAgainstAnybody() {
		server(new Pki.Leaf().names(HOST).responder("http://inside.lab.example/x").list("http://nowhere.lab.example/"));
		this.neighbours.dns.putAddress("inside.lab.example", "169.254.169.254");
		expect(Revocation.NO_ANSWER, "revocation-unknown", Severity.WARN, Outcome.PASS);
	}

	private Pki.Identity server(Pki.Leaf leaf) {
		Pki.Identity identity = Neighbourhood.PKI.issue(leaf);
		this.neighbours.mx(HOST).identity(identity);
		return identity;
	}

	private String url(String path) {
		return "http://ocsp.lab.example:" + this.authority.port() + "/" + path;
	}

	private void expect(Revocation state, String code, Severity severity, Outcome outcome) {
		Report report = this.neighbours.check();
		assertThat(report.hosts().getFirst().addresses().getFirst().chain().revocation().state()).as(report.toString())
			.isEqualTo(state);
		Verdict verdict = Verdict.of(report);
		assertThat(verdict.rule(Rule.C6).findings()).singleElement().satisfies((finding) -> {
			assertThat(finding.code()).isEqualTo(code);
			assertThat(finding.severity()).isEqualTo(severity);
		});
		assertThat(verdict.certificateValidation().outcome()).isEqualTo(outcome);
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
	}

}
