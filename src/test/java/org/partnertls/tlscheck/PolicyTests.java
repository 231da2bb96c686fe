package org.partnertls.tlscheck;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import lab.DnsServer.Mood;
import lab.PartnerMailServer.Fault;
import lab.Pki;
import lab.WebHost;
import lab.WebHost.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Prober.Ask;
import org.partnertls.tlscheck.Report.Depth;
import org.partnertls.tlscheck.Report.MtaStsFacts;
import org.partnertls.tlscheck.Report.StsFetch;
import org.partnertls.tlscheck.Report.StsPolicy;
import org.partnertls.tlscheck.Report.StsRecord;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a domain publishes about mail to it: MTA-STS (RFC 8461) and TLS-RPT (RFC 8460).
 */
class PolicyTests {

	private static final String ENFORCE = "version: STSv1\nmode: enforce\nmx: mx.acme.example\nmax_age: 604800\n";

	private final Neighbourhood neighbours = new Neighbourhood();

	@AfterEach
	void close() {
		this.neighbours.close();
	}

	@Test
	void aPolicyThatFitsProtectsTheDomain() {
		this.neighbours.mx("mx.acme.example");
		WebHost host = this.neighbours.policyHost(ENFORCE);
		Report report = this.neighbours.check();
		assertThat(report.mtaSts().policy()).isEqualTo(new StsPolicy("enforce", 604800, List.of("mx.acme.example")));
		assertThat(host.asked()).containsExactly("GET /.well-known/mta-sts.txt HTTP/1.1");
		Verdict verdict = Verdict.of(report);
		assertThat(verdict.mtaSts().outcome()).isEqualTo(Outcome.PASS);
		assertThat(verdict.grade()).isEqualTo(Grade.EXEMPLARY);
		assertThat(verdict.findings()).extracting(Finding::code).contains("sts-record", "sts-enforce");
	}

	@Test
	void withoutARecordThereIsNoPolicyAndNobodyIsAsked() {
		this.neighbours.mx("mx.acme.example");
		WebHost host = this.neighbours.policyHost(ENFORCE);
		this.neighbours.dns.remove("_mta-sts.acme.example").putTxt("_mta-sts.acme.example", "something else");
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.mtaSts().outcome()).isEqualTo(Outcome.NOT_OFFERED);
		assertThat(verdict.rule(Rule.T1).severity()).isEqualTo(Severity.NOT_APPLICABLE);
		assertThat(host.asked()).isEmpty();
	}

	@Test
	void twoRecordsAreNone() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.policyHost(ENFORCE);
		this.neighbours.dns.putTxt("_mta-sts.acme.example", "v=STSv1; id=2;");
		expect("sts-record-several", Severity.WARN, Outcome.FAIL);
	}

	@ParameterizedTest
	@ValueSource(strings = { "v=STSv1; id=;", "v=STSv1;", "v=STSv1; id=a-b;", "v=stsv1; id=1",
			"v=STSv1; id=123456789012345678901234567890123;" })
	void aWrongRecordIsNone(String record) {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.policyHost(ENFORCE);
		this.neighbours.dns.remove("_mta-sts.acme.example").putTxt("_mta-sts.acme.example", record);
		expect("sts-record-invalid", Severity.WARN, Outcome.FAIL);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "v=STSv1; id=1;", "v=STSv1;id=1", "v=STSv1 ; id=20260101T000000 ;", "v=STSv1; x=y; id=Z9" })
	void aRecordMayBeWrittenInManyWays(String record) {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.policyHost(ENFORCE);
		this.neighbours.dns.remove("_mta-sts.acme.example").putTxt("_mta-sts.acme.example", record);
		assertThat(this.neighbours.check().mtaSts().record()).isEqualTo(StsRecord.GOOD);
	}

	@Test
	void aRecordThatCannotBeLookedUpIsNotClear() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.dns.mood("_mta-sts.acme.example", Mood.SERVFAIL);
		expect("sts-record-no-answer", Severity.INCONCLUSIVE, Outcome.INCONCLUSIVE);
	}

	@Test
	void redirectsErrorsAndHugeBodiesAreNoPolicy() {
		this.neighbours.mx("mx.acme.example");
		WebHost host = this.neighbours.policyHost(ENFORCE);
		for (Answer answer : List.of(
				Answer.raw("HTTP/1.1 301 Moved\r\nLocation: https://mta-sts.acme.example/\r\n\r\n"
					.getBytes(StandardCharsets.US_ASCII)),
				Answer.of(404, "text/plain", "gone"), Answer.of(200, "text/plain", "x".repeat(65 * 1024)),
				Answer.raw("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII)).withoutEnd(),
				Answer.raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
				Answer.raw("X-Nothing: 1\r\n".getBytes(StandardCharsets.US_ASCII)).withoutEnd(),
				Answer.raw("\0\1junk\n".getBytes(StandardCharsets.US_ASCII)))) {
			host.answer(answer);
			expect("sts-policy-fetch-error", Severity.WARN, Outcome.FAIL);
		}
	}

	@Test
	void aPolicyHostMustShowATrustedCertificateForItsName() {
		this.neighbours.mx("mx.acme.example");
		WebHost host = this.neighbours.policyHost(ENFORCE);
		for (Pki.Identity wrong : List.of(Neighbourhood.PKI.selfSigned("mta-sts.acme.example"),
				Neighbourhood.PKI.expired("mta-sts.acme.example"), Neighbourhood.PKI.good("acme.example"))) {
			host.identity(wrong);
			expect("sts-webpki-invalid", Severity.WARN, Outcome.FAIL);
		}
	}

	@Test
	void aPolicyHostInsideANetworkIsNeverConnectedTo() {
		this.neighbours.mx("mx.acme.example");
		WebHost host = this.neighbours.policyHost(ENFORCE);
		this.neighbours.dns.remove("mta-sts.acme.example").putAddress("mta-sts.acme.example", "10.0.0.1");
		Report report = this.neighbours.check();
		assertThat(report.mtaSts().fetch()).isEqualTo(StsFetch.FAILED);
		assertThat(report.mtaSts().words()).contains("no address of the public Internet");
		assertThat(host.asked()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			mode: enforce;mx: a.example;max_age: 1                             | there is no line version
			version: STSv1;mode: maybe;mx: a.example;max_age: 1                | mode is neither
			version: STSv1;mode: enforce;mx: a.example;max_age: 31557601       | max_age is no number
			version: STSv1;mode: enforce;mx: a.example                         | max_age is no number
			version: STSv1;mode: enforce;max_age: 1                            | there is no line mx
			version: STSv1;mode: enforce;mx: *.*.example;max_age: 1            | mx is no host name
			version: STSv1;mode: enforce;mx: <script>;max_age: 1               | mx is no host name
			""")
	void aWrongPolicySaysWhatIsWrong(String body, String why) {
		List<String> wrong = new ArrayList<>();
		assertThat(MtaSts.parse(body.strip().replace(';', '\n'), wrong)).isNull();
		assertThat(wrong).anySatisfy((one) -> assertThat(one).contains(why));
	}

	@Test
	void unknownLinesAreSkippedAndOfTwoLinesTheFirstCounts() {
		List<String> wrong = new ArrayList<>();
		StsPolicy policy = MtaSts.parse(
				"version: STSv1\r\nfuture: x\r\nmode: testing\r\nmode: enforce\r\nmx: A.example\r\nmx: *.b.example\r\nmax_age: 9",
				wrong);
		assertThat(policy).isEqualTo(new StsPolicy("testing", 9, List.of("a.example", "*.b.example")));
	}

	@Test
	void aBodyThatIsNoPolicyIsInvalid() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.policyHost("<html>hello</html>");
		expect("sts-policy-invalid", Severity.WARN, Outcome.FAIL);
	}

	@Test
	void htmlInsteadOfPlainTextIsAWarning() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.policyHost(ENFORCE).answer(Answer.of(200, "text/html", ENFORCE));
		expect("sts-content-type", Severity.WARN, Outcome.PASS);
	}

	@Test
	void aPolicyForgottenWithinADayIsAWarning() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.policyHost(ENFORCE.replace("604800", "3600"));
		expect("sts-max-age-short", Severity.WARN, Outcome.PASS);
	}

	@ParameterizedTest
	@CsvSource({ "testing, sts-testing, WARN", "none, sts-mode-none, NOT_APPLICABLE" })
	void aPolicyThatDoesNotEnforceProtectsNothing(String mode, String code, Severity severity) {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.policyHost(ENFORCE.replace("enforce", mode));
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.T4).findings()).singleElement().satisfies((finding) -> {
			assertThat(finding.code()).isEqualTo(code);
			assertThat(finding.severity()).isEqualTo(severity);
		});
		assertThat(verdict.mtaSts().outcome()).isEqualTo(Outcome.NOT_OFFERED);
	}

	@ParameterizedTest
	@CsvSource({ "mx.acme.example, true", "*.acme.example, true", "MX.Acme.Example, true", "*.example, false",
			"acme.example, false", "a.mx.acme.example, false" })
	void everyServerMustBeNamedExactlyOrByOneLabel(String pattern, boolean named) {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.policyHost(ENFORCE.replace("mx.acme.example", pattern));
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.T6).severity()).isEqualTo(named ? Severity.PASS : Severity.FAIL);
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(named ? Outcome.PASS : Outcome.FAIL);
	}

	@Test
	void oneServerThatIsNotNamedLeavesTheOthers() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.mx("mx2.acme.example", 20);
		this.neighbours.policyHost(ENFORCE);
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.T6).findings()).singleElement()
			.satisfies((finding) -> assertThat(finding.code()).isEqualTo("sts-mx-mismatch"));
		assertThat(verdict.mtaSts().outcome()).isEqualTo(Outcome.FAIL);
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
	}

	@ParameterizedTest
	@CsvSource({ "SELF_SIGNED, certificate-not-trusted", "EXPIRED, certificate-expired",
			"WRONG_NAME, certificate-host-mismatch", "NO_STARTTLS, starttls-not-supported" })
	void anEnforcedPolicyStopsMailToAServerThatBreaksIt(Fault fault, String code) {
		this.neighbours.mx("mx.acme.example").fault(fault);
		this.neighbours.policyHost(ENFORCE);
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.T7).findings()).extracting(Finding::code).containsExactly(code);
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.FAIL);
	}

	@Test
	void daneGoesBeforeThePolicy() {
		Pki.Identity own = Neighbourhood.PKI.selfSigned("mx.acme.example");
		this.neighbours.mx("mx.acme.example").identity(own);
		this.neighbours.dns.secure("acme.example")
			.putTlsa("mx.acme.example", 3, 1, 1,
					ChainJudge.hex("SHA-256", own.chain().getFirst().getPublicKey().getEncoded()));
		this.neighbours.policyHost(ENFORCE);
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.rule(Rule.T7).severity()).isEqualTo(Severity.PASS);
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
	}

	@Test
	void aNewPolicyUnderAnOldIdIsAWarning() {
		this.neighbours.mx("mx.acme.example");
		WebHost host = this.neighbours.policyHost(ENFORCE);
		MtaStsFacts before = this.neighbours.check().mtaSts();
		host.policy(ENFORCE + "mx: mx9.acme.example\n");
		Verdict verdict = Verdict.of(after(before));
		assertThat(verdict.rule(Rule.T8).findings()).extracting(Finding::code).containsExactly("sts-id-stale");
		this.neighbours.dns.remove("_mta-sts.acme.example").putTxt("_mta-sts.acme.example", "v=STSv1; id=2;");
		assertThat(Verdict.of(after(before)).rule(Rule.T8).severity()).isEqualTo(Severity.PASS);
	}

	@Test
	void aPolicyThatVanishesWhileRememberedIsAWarning() {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.policyHost(ENFORCE);
		MtaStsFacts before = this.neighbours.check().mtaSts();
		this.neighbours.dns.remove("_mta-sts.acme.example");
		assertThat(Verdict.of(after(before)).findings()).extracting(Finding::code).contains("sts-policy-vanished");
		MtaStsFacts old = new MtaStsFacts(before.record(), before.id(), before.fetch(), "", before.policy(),
				before.bodySha256(), null, Instant.now().minus(Duration.ofDays(8)), null);
		assertThat(Verdict.of(after(old)).findings()).extracting(Finding::code).doesNotContain("sts-policy-vanished");
	}

	@Test
	void aRememberedPolicyCountsWhileNoNewerOneCanBeFetched() {
		this.neighbours.mx("mx.acme.example");
		WebHost host = this.neighbours.policyHost(ENFORCE);
		MtaStsFacts before = this.neighbours.check().mtaSts();
		host.answer(Answer.of(500, "text/plain", "broken"));
		Report report = after(before);
		assertThat(report.mtaSts().fetch()).isEqualTo(StsFetch.FAILED);
		assertThat(report.mtaSts().policy()).isEqualTo(before.policy());
		assertThat(report.mtaSts().fetchedAt()).isEqualTo(before.fetchedAt());
		assertThat(report.mtaSts().before().before()).isNull();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			v=TLSRPTv1; rua=mailto:tls@acme.example                      | GOOD
			v=TLSRPTv1;rua=mailto:a@acme.example,https://acme.example/r  | GOOD
			v=TLSRPTv1; rua=acme.example                                 | INVALID
			v=TLSRPTv1;                                                  | INVALID
			v=spf1 -all                                                  | NONE
			""")
	void whereReportsGoIsRead(String record, StsRecord expected) {
		this.neighbours.mx("mx.acme.example");
		this.neighbours.dns.putTxt("_smtp._tls.acme.example", record.strip());
		Report report = this.neighbours.check();
		assertThat(report.tlsReporting().record()).isEqualTo(expected);
		assertThat(Verdict.of(report).rule(Rule.R1).findings()).extracting(Finding::code).isEqualTo(switch (expected) {
			case GOOD -> List.of("tlsrpt-record");
			case INVALID -> List.of("tlsrpt-record-invalid");
			default -> List.of();
		});
	}

	private Report after(MtaStsFacts before) {
		return this.neighbours.check(Neighbourhood.ACME, new Ask(Depth.DAILY, Duration.ZERO, before));
	}

	private void expect(String code, Severity severity, Outcome outcome) {
		Verdict verdict = Verdict.of(this.neighbours.check());
		assertThat(verdict.findings()).anySatisfy((finding) -> {
			assertThat(finding.code()).isEqualTo(code);
			assertThat(finding.severity()).isEqualTo(severity);
		});
		assertThat(verdict.mtaSts().outcome()).isEqualTo(outcome);
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
	}

}
