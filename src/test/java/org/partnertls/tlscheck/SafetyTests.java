package org.partnertls.tlscheck;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

import lab.DnsServer.Mood;
import lab.PartnerMailServer;
import lab.PartnerMailServer.Fault;
import lab.Pki;
import lab.WebHost;
import lab.WebHost.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StsFetch;
import org.partnertls.tlscheck.Verdict.Outcome;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Everything that a hostile domain may do ends within its deadline and a second, with a
 * result that has a name.
 */
@Timeout(30)
class SafetyTests {

	private static final String HOST = "mx.acme.example";

	private static final Duration STAGE = Duration.ofMillis(300);

	private static final Duration HANDSHAKE = Duration.ofSeconds(2);

	private static final Duration DOMAIN = Duration.ofMillis(2500);

	private final Neighbourhood neighbours = new Neighbourhood();

	@BeforeEach
	void hurry() {
		this.neighbours.timeouts = new ProbeSettings.Timeouts(STAGE, STAGE, STAGE, HANDSHAKE, DOMAIN, DOMAIN);
	}

	@AfterEach
	void close() {
		this.neighbours.close();
	}

	@ParameterizedTest
	@CsvSource({ "TARPIT, timeout, GREETING", "SILENT, timeout, GREETING", "TARPIT_AFTER_EHLO, timeout, EHLO",
			"TARPIT_AFTER_STARTTLS, timeout, STARTTLS", "STALL_IN_HANDSHAKE, timeout, HANDSHAKE",
			"DRIP_IN_HANDSHAKE, timeout, HANDSHAKE", "TARPIT_IN_TLS, timeout, EHLO_IN_TLS",
			"ENDLESS_LINES, unreadable-answer, GREETING", "ENDLESS_LINE, unreadable-answer, GREETING",
			"ENDLESS_EHLO, unreadable-answer, EHLO", "MIXED_CODES, unreadable-answer, GREETING",
			"BINARY_JUNK, unreadable-answer, GREETING", "HANG_UP, connection-closed, GREETING",
			"CLOSE_IN_HANDSHAKE, connection-closed, HANDSHAKE" })
	void aServerThatWastesOurTimeIsLeftAndSaidToBeUnclear(Fault fault, String code, Report.Stage stage) {
		this.neighbours.mx(HOST).fault(fault);
		boolean shakesHands = stage == Report.Stage.HANDSHAKE || stage == Report.Stage.EHLO_IN_TLS;
		Report report = inTime(STAGE.multipliedBy(3).plus(shakesHands ? HANDSHAKE : Duration.ZERO));
		assertThat(address(report).failure().stage()).isEqualTo(stage);
		assertThat(address(report).transcript()).hasSizeLessThanOrEqualTo(4096).matches("[\\x20-\\x7e\\n]*");
		expect(report, code, Severity.INCONCLUSIVE, Outcome.INCONCLUSIVE);
	}

	@Test
	void bytesInjectedBehindStartTlsAreAFailureAndNoAnswer() {
		this.neighbours.mx(HOST).fault(Fault.INJECTED_RESPONSE);
		expect(inTime(HANDSHAKE), "starttls-injection", Severity.FAIL, Outcome.FAIL);
	}

	@Test
	void tenTarpitsOfOneDomainEndWithTheDomainsDeadline() {
		for (int i = 0; i < 12; i++) {
			String host = "mx" + i + ".acme.example";
			this.neighbours.mx(host, i).fault(Fault.TARPIT);
			this.neighbours.dns.putAddress(host, this.neighbours.deadAddress());
		}
		Report report = inTime(DOMAIN);
		assertThat(report.hosts()).hasSize(10);
		assertThat(report.mx().hostsLeftOff()).isEqualTo(2);
	}

	/**
	 * Servers that send without end and as fast as they can; what is kept of it is
	 * bounded, and nothing stays.
	 */
	@Test
	void theMemoryStaysFlatUnderServersThatSendWithoutEnd() {
		Fault[] faults = { Fault.ENDLESS_LINES, Fault.ENDLESS_LINE, Fault.ENDLESS_EHLO, Fault.BINARY_JUNK };
		PartnerMailServer server = this.neighbours.mx(HOST);
		WebHost policy = this.neighbours.policyHost("");
		policy.answer(Answer.of(200, "text/plain", "x".repeat(1024 * 1024)));
		long[] peaks = new long[2];
		this.neighbours.with((prober) -> {
			for (int round = 0; round < 2; round++) {
				for (int i = 0; i < 12; i++) {
					server.fault(faults[i % faults.length]);
					prober.check(Neighbourhood.ACME, (sentence) -> {
					});
				}
				System.gc();
				peaks[round] = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
			}
			return null;
		});
		// Twelve policies of a MiB each would be twelve, were they kept. Other tests
		// share
		// the heap.
		assertThat(peaks[1] - peaks[0]).isLessThan(8 * 1024 * 1024);
	}

	@Test
	void aChainOfFiftyCertificatesIsTooLarge() {
		this.neighbours.mx(HOST).identity(Neighbourhood.PKI.longChain(50, HOST));
		expect(inTime(HANDSHAKE), "certificate-chain-too-large", Severity.FAIL, Outcome.FAIL);
	}

	@Test
	void anAbsurdlyLargeKeyIsRefusedBeforeItIsWorkedWith() {
		this.neighbours.timeouts = new ProbeSettings.Timeouts(STAGE, STAGE, STAGE, Duration.ofSeconds(8),
				Duration.ofSeconds(10), Duration.ofSeconds(10));
		Pki.Leaf leaf = new Pki.Leaf().names(HOST).rsaOfSmallPrimes(16 * 1024);
		this.neighbours.mx(HOST).identity(Neighbourhood.PKI.issue(leaf));
		Report report = inTime(Duration.ofSeconds(8));
		assertThat(address(report).failure().outcome()).isEqualTo(StageOutcome.KEY_TOO_LARGE);
		expect(report, "certificate-not-checked", Severity.INCONCLUSIVE, Outcome.INCONCLUSIVE);
	}

	@Test
	void aThousandNamesWithControlCharactersAreBoundedAndPrintable() {
		String[] names = new String[1000];
		for (int i = 0; i < names.length; i++) {
			names[i] = "h" + i + "\r\n\t<script>.x.example";
		}
		names[0] = HOST;
		this.neighbours.mx(HOST).identity(Neighbourhood.PKI.issue(new Pki.Leaf().names(names)));
		Report report = inTime(HANDSHAKE);
		Report.CertificateFacts leaf = address(report).chain().leaf();
		assertThat(leaf.dnsNames()).hasSize(100).allMatch((name) -> name.matches("[\\x20-\\x7e]+"));
		assertThat(leaf.dnsNamesLeftOff()).isEqualTo(900);
		assertThat(Verdict.of(report).rule(Rule.C3).severity()).isEqualTo(Severity.PASS);
	}

	@ParameterizedTest
	@ValueSource(strings = { "127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "192.168.0.1", "224.0.0.1",
			"0.0.0.0", "::1", "fd00::1", "fe80::1", "ff02::1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
			"2001:db8::1", "::7f00:1" })
	void anAddressThatIsNotPublicIsNeverConnectedTo(String address) {
		this.neighbours.allowed = List.of();
		this.neighbours.dns.putMx("acme.example", 10, HOST).putAddress(HOST, address);
		Report report = inTime(HANDSHAKE);
		assertThat(address(report).failure().outcome()).isEqualTo(StageOutcome.NOT_ALLOWED);
		assertThat(address(report).transcript()).isEmpty();
		expect(report, "address-not-public", Severity.INCONCLUSIVE, Outcome.INCONCLUSIVE);
	}

	@Test
	void anInnerAddressInAMappedOneIsNeverConnectedTo() throws Exception {
		this.neighbours.allowed = List.of();
		byte[] mapped = HexFormat.of().parseHex("00000000000000000000ffff7f000001");
		this.neighbours.dns.putMx("acme.example", 10, HOST)
			.add(new AAAARecord(Name.fromString(HOST + "."), DClass.IN, 5, mapped));
		assertThat(address(inTime(HANDSHAKE)).failure().outcome()).isEqualTo(StageOutcome.NOT_ALLOWED);
	}

	@Test
	void aNameThatChangesItsAnswerIsAskedOnceAndConnectedToWhereItWasJudged() {
		PartnerMailServer server = this.neighbours.mx(HOST);
		this.neighbours.dns.mood(HOST, Mood.REBINDING);
		Report report = inTime(HANDSHAKE);
		assertThat(address(report).address()).isEqualTo(server.address());
		assertThat(server.connections()).isEqualTo(1);
		assertThat(this.neighbours.dns.asked(HOST)).isEqualTo(2);
	}

	@ParameterizedTest
	@CsvSource({ "SILENT, mx-no-answer, INCONCLUSIVE, INCONCLUSIVE",
			"LOOPING, mx-no-answer, INCONCLUSIVE, INCONCLUSIVE", "LYING, mx-none, FAIL, FAIL",
			"SERVFAIL, mx-no-answer, INCONCLUSIVE, INCONCLUSIVE" })
	void aDomainWhoseDnsMisbehavesHasAResult(Mood mood, String code, Severity severity, Outcome outcome) {
		this.neighbours.mx(HOST);
		this.neighbours.dns.mood("acme.example", mood);
		expect(inTime(DOMAIN), code, severity, outcome);
	}

	@ParameterizedTest
	@CsvSource({ "SILENT, mx-host-no-answer, INCONCLUSIVE, INCONCLUSIVE",
			"LOOPING, mx-host-no-answer, INCONCLUSIVE, INCONCLUSIVE", "LYING, mx-no-address, FAIL, FAIL" })
	void aHostWhoseDnsMisbehavesHasAResult(Mood mood, String code, Severity severity, Outcome outcome) {
		this.neighbours.mx(HOST);
		this.neighbours.dns.mood(HOST, mood);
		expect(inTime(DOMAIN), code, severity, outcome);
	}

	@ParameterizedTest
	@ValueSource(strings = { "_mta-sts.acme.example", "_smtp._tls.acme.example", "_25._tcp." + HOST,
			"mta-sts.acme.example" })
	void aDnsThatNeverAnswersOneQuestionDoesNotHoldTheRestUp(String name) {
		this.neighbours.timeouts = new ProbeSettings.Timeouts(HANDSHAKE, HANDSHAKE, HANDSHAKE, HANDSHAKE, DOMAIN,
				DOMAIN);
		this.neighbours.mx(HOST);
		this.neighbours.dns.secure("acme.example");
		this.neighbours.policyHost("nothing");
		this.neighbours.dns.mood(name, Mood.SILENT);
		Report report = inTime(DOMAIN);
		assertThat(address(report).failure()).isNull();
	}

	@Test
	void aPolicyHostThatDripsOrNeverEndsIsLeft() {
		Duration deadline = Duration.ofMillis(1200);
		this.neighbours.timeouts = new ProbeSettings.Timeouts(STAGE, STAGE, STAGE, HANDSHAKE, deadline, deadline);
		this.neighbours.mx(HOST);
		WebHost host = this.neighbours.policyHost("");
		byte[] slow = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
		for (Answer answer : List.of(Answer.raw(slow).drip(300), Answer.raw(new byte[] { 'x' }).drip(300).withoutEnd(),
				Answer.raw(slow).withoutEnd(), Answer.of(200, "text/plain", "x".repeat(1024 * 1024)),
				Answer.raw("HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1/\r\n\r\n"
					.getBytes(StandardCharsets.US_ASCII)))) {
			host.answer(answer);
			Report report = inTime(deadline);
			assertThat(report.mtaSts().fetch()).isEqualTo(StsFetch.FAILED);
			assertThat(report.mtaSts().words()).isNotEmpty().hasSizeLessThanOrEqualTo(250);
		}
	}

	/**
	 * Checks, and sees to it that it ends within a deadline and a second.
	 */
	private Report inTime(Duration deadline) {
		long started = System.nanoTime();
		Report report = this.neighbours.check();
		assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(deadline.plusSeconds(1));
		return report;
	}

	private static void expect(Report report, String code, Severity severity, Outcome encrypted) {
		Verdict verdict = Verdict.of(report);
		assertThat(verdict.findings()).as(report.toString()).anySatisfy((finding) -> {
			assertThat(finding.code()).isEqualTo(code);
			assertThat(finding.severity()).isEqualTo(severity);
		});
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(encrypted);
	}

	private static AddressReport address(Report report) {
		return report.hosts().getFirst().addresses().getFirst();
	}

}
