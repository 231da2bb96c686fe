package org.partnertls.tlscheck;

import java.util.List;

import lab.DnsServer.Mood;
import lab.PartnerMailServer;
import lab.PartnerMailServer.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.HostReport;
import org.partnertls.tlscheck.Report.MxOutcome;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where mail goes: RFC 5321 section 5.1, RFC 7505, and which hosts count.
 */
class MailServerLookupTests {

	private final Neighbourhood neighbours = new Neighbourhood();

	@AfterEach
	void close() {
		this.neighbours.close();
	}

	@Test
	void anAliasOfTheDomainIsFollowed() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.dns.putAlias("other.example", "acme.example");
		Report report = this.neighbours.check(new DomainName("other.example"));
		assertThat(report.mx().aliases()).containsExactly("acme.example");
		assertThat(Verdict.of(report).encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
	}

	@ParameterizedTest
	@ValueSource(strings = { "SERVFAIL", "SILENT" })
	void aFailingLookupIsNeverTakenForNoMailServer(Mood mood) {
		this.neighbours.dns.mood("acme.example", mood);
		expect(MxOutcome.NO_ANSWER, "mx-no-answer", Severity.INCONCLUSIVE, Outcome.INCONCLUSIVE);
	}

	@Test
	void aDomainThatDoesNotExistFails() {
		expect(MxOutcome.NO_SUCH_DOMAIN, "mx-no-such-domain", Severity.FAIL, Outcome.FAIL);
	}

	@Test
	void aDomainWithoutMxIsReachedAtItsAddress() {
		this.neighbours.server("acme.example");
		expect(MxOutcome.IMPLICIT, "mx-implicit", Severity.WARN, Outcome.PASS);
	}

	@Test
	void aDomainWithNeitherFails() {
		this.neighbours.dns.putTxt("acme.example", "only text");
		expect(MxOutcome.NO_SERVER, "mx-none", Severity.FAIL, Outcome.FAIL);
	}

	@Test
	void unusableMxRecordsDoNotFallBackToTheAddress() {
		PartnerMailServer server = this.neighbours.server("acme.example");
		this.neighbours.dns.putMx("acme.example", 10, "gone.acme.example");
		expect(MxOutcome.FOUND, "mx-no-address", Severity.FAIL, Outcome.FAIL);
		assertThat(server.connections()).isZero();
	}

	@Test
	void aNullMxBlocks() {
		this.neighbours.dns.putMx("acme.example", 0, ".");
		expect(MxOutcome.NULL_MX, "mx-null", Severity.FAIL, Outcome.FAIL);
	}

	@Test
	void aNullMxBesideOthersFails() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.dns.putMx("acme.example", 0, ".");
		expect(MxOutcome.NULL_MX_BESIDE_OTHERS, "mx-null-beside-others", Severity.FAIL, Outcome.FAIL);
	}

	@Test
	void anMxThatIsAnAliasIsAWarning() {
		this.neighbours.server("real.acme.example").identity(Neighbourhood.PKI.good("mx.acme.example"));
		this.neighbours.dns.putMx("acme.example", 10, "mx.acme.example")
			.putAlias("mx.acme.example", "real.acme.example");
		expect(MxOutcome.FOUND, "mx-alias", Severity.WARN, Outcome.PASS);
	}

	@ParameterizedTest
	@ValueSource(strings = { "192.0.2.7", "weird\\000name.acme.example", "with\\032space.example" })
	void anMxThatIsNoHostNameFails(String target) {
		this.neighbours.dns.putMx("acme.example", 10, target);
		expect(MxOutcome.FOUND, "mx-not-a-host", Severity.FAIL, Outcome.FAIL);
	}

	@ParameterizedTest
	@ValueSource(strings = { "localhost", "mailserver", "mx.local", "mx.corp.internal", "a.localhost" })
	void anMxThatMeansSomethingOnlyInsideFails(String target) {
		this.neighbours.dns.putMx("acme.example", 10, target).putAddress(target, "127.0.0.1");
		expect(MxOutcome.FOUND, "mx-local-name", Severity.FAIL, Outcome.FAIL);
	}

	@Test
	void anUnusableMxBesideAGoodOneIsAWarning() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.dns.putMx("acme.example", 20, "gone.acme.example");
		expect(MxOutcome.FOUND, "mx-no-address", Severity.WARN, Outcome.PASS);
	}

	@Test
	void aHostWhoseAddressIsNotAnsweredIsInconclusive() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.dns.putMx("acme.example", 20, "broken.acme.example").mood("broken.acme.example", Mood.SERVFAIL);
		expect(MxOutcome.FOUND, "mx-host-no-answer", Severity.INCONCLUSIVE, Outcome.INCONCLUSIVE);
	}

	@Test
	void atMostTenHostsAreProbedByPreferenceAndTheRestCounted() {
		for (int i = 0; i < 13; i++) {
			this.neighbours.dns.putMx("acme.example", 100 - i, "mx" + i + ".acme.example");
		}
		Report report = this.neighbours.check();
		assertThat(report.hosts()).hasSize(10).first().extracting(HostReport::name).isEqualTo("mx12.acme.example");
		assertThat(report.mx().hostsLeftOff()).isEqualTo(3);
		assertThat(Verdict.of(report).findings()).extracting(Finding::code).contains("mx-too-many");
	}

	@Test
	void atMostFourAddressesAreProbedOfBothFamilies() {
		this.neighbours.mx("mx.acme.example");
		for (int i = 0; i < 6; i++) {
			this.neighbours.dns.putAddress("mx.acme.example", this.neighbours.deadAddress())
				.putAddress("mx.acme.example", "fd00::" + (i + 1));
		}
		HostReport host = this.neighbours.check().hosts().getFirst();
		assertThat(host.addresses()).hasSize(4)
			.extracting(AddressReport::address)
			.filteredOn((address) -> address.contains(":"))
			.hasSize(2);
		assertThat(host.addressesLeftOff()).isEqualTo(9);
	}

	@Test
	void aDeadHostBesideAGoodOneIsAWarning() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.dns.putMx("acme.example", 20, "dead.acme.example")
			.putAddress("dead.acme.example", this.neighbours.deadAddress());
		expect(MxOutcome.FOUND, "connection-refused", Severity.WARN, Outcome.PASS);
	}

	@Test
	void aDeadHostAloneIsInconclusive() {
		this.neighbours.server("unrelated.example");
		this.neighbours.dns.putMx("acme.example", 20, "dead.acme.example")
			.putAddress("dead.acme.example", this.neighbours.deadAddress());
		expect(MxOutcome.FOUND, "connection-refused", Severity.INCONCLUSIVE, Outcome.INCONCLUSIVE);
	}

	@Test
	void aBackupWithoutTlsFailsAllTheSame() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.mx("backup.acme.example", 90).fault(Fault.NO_STARTTLS);
		Report report = expect(MxOutcome.FOUND, "starttls-not-supported", Severity.FAIL, Outcome.FAIL);
		assertThat(Verdict.of(report).findings().getFirst().hosts()).containsExactly("backup.acme.example");
	}

	@Test
	void oneForgottenMachineBehindANameIsFound() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.server("mx.acme.example").fault(Fault.EXPIRED);
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.findings()).extracting(Finding::code).contains("certificate-expired", "certificates-differ");
		assertThat(verdict.certificateValidation().outcome()).isEqualTo(Outcome.FAIL);
	}

	@Test
	void theSameFindingAtTwoHostsIsOneFinding() {
		this.neighbours.mx("mx1.acme.example");
		this.neighbours.mx("mx2.acme.example", 20);
		assertThat(Verdict.of(this.neighbours.check()).findings())
			.filteredOn((finding) -> finding.code().equals("tls-1.3"))
			.singleElement()
			.satisfies(
					(finding) -> assertThat(finding.hosts()).containsExactly("mx1.acme.example", "mx2.acme.example"));
	}

	@Test
	void anAddressThatIsNotPublicIsRefusedAndNeverConnected() {
		PartnerMailServer server = this.neighbours.mx("mx.acme.example");
		this.neighbours.allowed = List.of();
		Report report = expect(MxOutcome.FOUND, "address-not-public", Severity.INCONCLUSIVE, Outcome.INCONCLUSIVE);
		assertThat(report.hosts().getFirst().addresses().getFirst().failure().outcome())
			.isEqualTo(StageOutcome.NOT_ALLOWED);
		assertThat(server.connections()).isZero();
	}

	private Report expect(MxOutcome mx, String code, Severity severity, Outcome outcome) {
		Report report = this.neighbours.check();
		assertThat(report.mx().outcome()).isEqualTo(mx);
		Verdict verdict = Verdict.of(report);
		assertThat(verdict.findings()).filteredOn((finding) -> finding.code().equals(code))
			.as(verdict.findings().toString())
			.singleElement()
			.extracting(Finding::severity)
			.isEqualTo(severity);
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(outcome);
		return report;
	}

}
