package org.partnertls.tlscheck;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

import lab.PartnerMailServer;
import lab.PartnerMailServer.Fault;
import lab.Pki;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Prober.Ask;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.Depth;
import org.partnertls.tlscheck.Report.FurtherFacts;
import org.partnertls.tlscheck.Report.HelloFacts;
import org.partnertls.tlscheck.Report.Offer;
import org.partnertls.tlscheck.Report.VersionOffer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a check looks at once a week, and what checks share.
 */
class FurtherTests {

	private final Neighbourhood neighbours = new Neighbourhood();

	@AfterEach
	void close() {
		this.neighbours.close();
	}

	@Test
	void aServerThatAgreesToOldVersionsIsCaughtWithoutSpeakingThem() {
		FurtherFacts further = weekly(Fault.OLD_TLS_TOO);
		assertThat(further.versions()).containsExactly(new VersionOffer("SSL 2.0", Offer.REFUSED),
				new VersionOffer("SSL 3.0", Offer.REFUSED), new VersionOffer("TLS 1.0", Offer.OFFERED),
				new VersionOffer("TLS 1.1", Offer.OFFERED));
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.V2).findings()).singleElement().satisfies((finding) -> {
			assertThat(finding.code()).isEqualTo("tls-legacy-offered");
			assertThat(finding.severity()).isEqualTo(Severity.WARN);
			assertThat(finding.fact()).isEqualTo("TLS 1.0, TLS 1.1");
		});
	}

	@Test
	void aServerThatAgreesToSslIsCaught() {
		FurtherFacts further = weekly(Fault.OLD_SSL_TOO);
		assertThat(further.versions()).containsExactly(new VersionOffer("SSL 2.0", Offer.OFFERED),
				new VersionOffer("SSL 3.0", Offer.OFFERED), new VersionOffer("TLS 1.0", Offer.REFUSED),
				new VersionOffer("TLS 1.1", Offer.REFUSED));
		assertThat(Verdict.of(this.neighbours.check()).rule(Rule.V2).findings()).singleElement()
			.satisfies((finding) -> {
				assertThat(finding.code()).isEqualTo("ssl-offered");
				assertThat(finding.fact()).isEqualTo("SSL 2.0, SSL 3.0");
			});
	}

	@ParameterizedTest
	@CsvSource({ "NONE, 2048, PASS", "SHORT_PRIME, 1024, FAIL" })
	void thePrimeOfDiffieHellmanIsMeasured(Fault fault, int bits, Severity severity) {
		this.neighbours.mx("mx.acme.example")
			.identity(Neighbourhood.PKI.issue(new Pki.Leaf().names("mx.acme.example").rsa(2048)))
			.fault(fault);
		this.neighbours.ask = new Ask(Depth.WEEKLY, Duration.ZERO, null);
		Report report = this.neighbours.check();
		assertThat(address(report).further().primeBits()).isEqualTo(bits);
		Verdict verdict = Verdict.of(report);
		assertThat(verdict.rule(Rule.V8).severity()).isEqualTo(severity);
		assertThat(verdict.rule(Rule.V8).findings()).extracting(Finding::code)
			.isEqualTo((severity == Severity.FAIL) ? List.of("dh-group-broken") : List.of());
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Verdict.Outcome.PASS);
	}

	@Test
	void whetherSlippedInCommandsAreObeyedIsOnlyTriedWhereItIsWanted() {
		PartnerMailServer server = this.neighbours.mx("mx.acme.example").fault(Fault.OBEYS_SLIPPED_IN);
		this.neighbours.ask = new Ask(Depth.WEEKLY, Duration.ZERO, null);
		assertThat(address(this.neighbours.check()).further().obeysSlippedIn()).isNull();
		this.neighbours.slipsIn = true;
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.S10).findings()).extracting(Finding::code)
			.containsExactly("starttls-command-injection");
		server.fault(Fault.NONE);
		assertThat(Verdict.of(this.neighbours.check()).rule(Rule.S10).severity()).isEqualTo(Severity.PASS);
	}

	@Test
	void aModernServerRefusesThemAndHasTheRepairsOfTls12() {
		FurtherFacts further = weekly(Fault.NONE);
		assertThat(further.versions()).extracting(VersionOffer::offer).containsOnly(Offer.REFUSED);
		assertThat(further.hello()).isEqualTo(new HelloFacts(true, true, false));
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.V2).severity()).isEqualTo(Severity.PASS);
		assertThat(verdict.rule(Rule.V6).severity()).isEqualTo(Severity.PASS);
		assertThat(verdict.rule(Rule.C9).severity()).isEqualTo(Severity.PASS);
	}

	@Test
	void theHostIsNamedInTheHandshakeAndOnceAWeekItIsNot() {
		PartnerMailServer server = this.neighbours.mx("mx.acme.example");
		this.neighbours.ask = new Ask(Depth.WEEKLY, Duration.ZERO, null);
		FurtherFacts further = address(this.neighbours.check()).further();
		assertThat(server.serverNames()).containsExactly("mx.acme.example", "");
		assertThat(further.leafWithoutSni()).hasSize(64);
		assertThat(server.commands()).doesNotContain("MAIL");
	}

	@Test
	void whatAnOldServerLacksIsNamed() throws IOException {
		String hello = "0200002c" + "0303" + "42".repeat(32) + "00" + "c02f" + "01" + "0004" + "000b0000";
		ServerHello read = ServerHello.read(new ByteArrayInputStream(HexFormat.of().parseHex("1603030030" + hello)));
		assertThat(read.picks(ClientHello.TLS_1_2)).isTrue();
		assertThat(read.facts()).isEqualTo(new HelloFacts(false, false, true));
		Report report = this.neighbours.checkWith(Fault.NONE);
		Verdict verdict = Verdict.of(with(report, new FurtherFacts(List.of(new VersionOffer("SSL 3.0", Offer.OFFERED)),
				read.facts(), "00".repeat(32), 1024, true)));
		assertThat(verdict.rule(Rule.V6).findings()).extracting(Finding::code)
			.containsExactlyInAnyOrder("compression-offered", "renegotiation-insecure",
					"extended-master-secret-missing");
		assertThat(verdict.rule(Rule.V2).findings()).extracting(Finding::code).containsExactly("ssl-offered");
		assertThat(verdict.rule(Rule.C9).findings()).extracting(Finding::code)
			.containsExactly("certificate-differs-without-sni");
	}

	@ParameterizedTest
	@CsvSource({ "15030300020228", "16030300", "ff", "16030300040200ffff", "1603030004ffffffff",
			"800b0500010002000000000000", "8003000001" })
	void whateverElseIsAnsweredIsARefusal(String bytes) throws IOException {
		assertThat(ServerHello.read(new ByteArrayInputStream(HexFormat.of().parseHex(bytes))).version()).isZero();
	}

	@Test
	void domainsOnOneServerShareWhatWasSeenForATime() {
		PartnerMailServer server = this.neighbours.mx("mx.acme.example");
		server.identity(Neighbourhood.PKI.good("mx.acme.example", "other.example"));
		this.neighbours.dns.putMx("other.example", 10, "mx.acme.example");
		Ask shared = new Ask(Depth.DAILY, Duration.ofMinutes(30), null);
		this.neighbours.with((prober) -> {
			Report first = prober.check(Neighbourhood.ACME, shared, (sentence) -> {
			});
			Report second = prober.check(new DomainName("other.example"), shared, (sentence) -> {
			});
			assertThat(server.connections()).isEqualTo(1);
			assertThat(address(second).started()).isEqualTo(address(first).started());
			assertThat(Verdict.of(second).domainValidation().outcome()).isEqualTo(Verdict.Outcome.PASS);
			prober.check(Neighbourhood.ACME, (sentence) -> {
			});
			assertThat(server.connections()).isEqualTo(2);
			return second;
		});
	}

	private FurtherFacts weekly(Fault fault) {
		this.neighbours.mx("mx.acme.example").fault(fault);
		this.neighbours.ask = new Ask(Depth.WEEKLY, Duration.ZERO, null);
		return address(this.neighbours.check()).further();
	}

	private static Report with(Report report, FurtherFacts further) {
		Report.HostReport host = report.hosts().getFirst();
		AddressReport seen = address(report);
		AddressReport changed = new AddressReport(seen.address(), seen.started(), seen.stages(), seen.tls(),
				seen.chain(), seen.keywords(), seen.transcript(), seen.dane(), further);
		return new Report(report.domain(), report.rulesVersion(), report.started(), report.finished(), report.mx(),
				List.of(new Report.HostReport(host.name(), host.preference(), host.state(), host.aliases(), 0, null,
						List.of(changed), host.dnssec(), host.tlsa())),
				report.validation(), Depth.WEEKLY, report.mtaSts(), report.tlsReporting());
	}

	private static AddressReport address(Report report) {
		return report.hosts().getFirst().addresses().getFirst();
	}

}
