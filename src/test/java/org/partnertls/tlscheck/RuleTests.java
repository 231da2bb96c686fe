package org.partnertls.tlscheck;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import lab.PartnerMailServer.Fault;
import lab.Pki;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.HostReport;
import org.partnertls.tlscheck.Report.Stage;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;
import org.partnertls.tlscheck.Report.TlsFacts;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The rules that no other test has, and the table of all of them in the README.
 */
class RuleTests {

	private static final String HOST = "mx.acme.example";

	private static final Pattern ROW = Pattern.compile("\\| ([A-Z]\\d+) \\| (.*?) \\| (.*?) \\| (.*?) \\|");

	private static final Pattern PROOF = Pattern.compile("`(\\w+)#(\\w+)`");

	private final Neighbourhood neighbours = new Neighbourhood();

	@AfterEach
	void close() {
		this.neighbours.close();
	}

	@Test
	void goodServersAreToldWhatIsGood() {
		Verdict verdict = Verdict.of(this.neighbours.checkWith(Fault.NONE));
		assertThat(verdict.findings()).extracting(Finding::code)
			.containsExactly("mx-found", "starttls-offered", "tls-1.3", "certificate-trusted", "certificate-name");
		assertThat(verdict.grade()).isEqualTo(Grade.GOOD);
		assertThat(verdict.rules()).extracting(RuleResult::rule).containsExactly(Rule.values());
		assertThat(verdict.rules()).extracting(RuleResult::severity)
			.containsOnly(Severity.PASS, Severity.NOT_APPLICABLE);
		assertThat(verdict.rule(Rule.S6).severity()).isEqualTo(Severity.PASS);
		assertThat(verdict.rule(Rule.D8).severity()).isEqualTo(Severity.NOT_APPLICABLE);
		assertThat(verdict.rule(Rule.V1).findings().getFirst().fact()).startsWith("TLS 1.3, TLS_");
	}

	@Test
	void theGradeIsKeptApartFromWhatAConnectorMayDemand() {
		Verdict verdict = Verdict.of(this.neighbours.checkWith(Fault.TLS_1_2_ONLY));
		assertThat(verdict.domainValidation().outcome()).isEqualTo(Outcome.PASS);
		assertThat(verdict.grade()).isEqualTo(Grade.FAIR);
		assertThat(Verdict.of(this.neighbours.check(new DomainName("gone.example"))).grade()).isEqualTo(Grade.POOR);
	}

	@ParameterizedTest
	@CsvSource({ "certificate-key-broken, V3, FAIL, FAIL", "certificate-name-of-domain, C3, WARN, PASS",
			"certificate-name-outdated, C3, WARN, PASS", "certificate-not-yet-valid, C2, FAIL, FAIL",
			"certificate-signature-broken, V4, FAIL, FAIL" })
	void aCertificateIsJudgedByEachOfItsParts(String code, Rule rule, Severity severity, Outcome trusted) {
		this.neighbours.mx(HOST).identity(Neighbourhood.PKI.issue(switch (code) {
			case "certificate-key-broken" -> new Pki.Leaf().names(HOST).rsa(1024);
			case "certificate-name-of-domain" -> new Pki.Leaf().names("acme.example");
			case "certificate-name-outdated" -> new Pki.Leaf().names("www.other.example").commonName(HOST);
			case "certificate-not-yet-valid" -> new Pki.Leaf().names(HOST).from(Instant.now().plus(Duration.ofDays(1)));
			default -> new Pki.Leaf().names(HOST).hash("SHA1");
		}));
		expect(this.neighbours.check(), rule, code, severity, trusted);
	}

	@ParameterizedTest
	@CsvSource({ "CONNECTION_REFUSED, connection-refused, M12", "UNREACHABLE, unreachable, M12",
			"TIMEOUT, connection-timeout, M12", "NOT_TRIED, not-tried, S1" })
	void aServerThatCannotBeReachedIsNotClear(StageOutcome outcome, String code, Rule rule) {
		Report report = with(this.neighbours.checkWith(Fault.NONE),
				(address) -> new AddressReport(address.address(), address.started(),
						List.of(new StageReport(Stage.CONNECT, outcome, 1, "so it was")), null, null, List.of(), "",
						null, null));
		expect(report, rule, code, Severity.INCONCLUSIVE, Outcome.INCONCLUSIVE);
	}

	@Test
	void aBrokenSuiteIsAFailureAndAWeakSignatureAWarning() {
		Report report = with(this.neighbours.checkWith(Fault.NONE),
				(address) -> new AddressReport(address.address(), address.started(), address.stages(),
						new TlsFacts("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA", false), sha224(address.chain()),
						List.of("REQUIRETLS"), "", null, null));
		Verdict verdict = Verdict.of(report);
		assertThat(verdict.rule(Rule.V5).findings()).extracting(Finding::code).containsExactly("cipher-suite-broken");
		assertThat(verdict.rule(Rule.V4).findings()).extracting(Finding::code)
			.containsExactly("certificate-signature-weak");
		assertThat(verdict.rule(Rule.S11).findings()).extracting(Finding::code).containsExactly("requiretls-offered");
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.FAIL);
	}

	@Test
	void whatWasLeftOffIsSaid() {
		Report report = this.neighbours.checkWith(Fault.NONE);
		HostReport host = report.hosts().getFirst();
		Verdict verdict = Verdict.of(with(report, new HostReport(host.name(), 10, host.state(), List.of(), 3,
				"the server was silent", host.addresses(), null, null)));
		assertThat(verdict.rule(Rule.M11).findings()).extracting(Finding::code).containsExactly("addresses-too-many");
		assertThat(verdict.rule(Rule.M2).findings()).extracting(Finding::code).containsExactly("addresses-incomplete");
		assertThat(verdict.encryptionOnly().outcome()).isEqualTo(Outcome.PASS);
	}

	@Test
	void aDomainWithoutAnyUsableServerIsSaidToHaveNone() {
		this.neighbours.dns.putMx("acme.example", 10, "gone.acme.example");
		expect(this.neighbours.check(), Rule.M5, "mx-unusable", Severity.FAIL, Outcome.FAIL);
	}

	@Test
	void aFindingOnlyHasACodeOfItsRule() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new Finding(Rule.M1, "tls-1.3", Severity.PASS, "", "", "", List.of(), Set.of()));
	}

	@ParameterizedTest
	@EnumSource
	void everyRuleStandsInTheReadmeWithItsCodesAndItsProof(Rule rule) throws IOException {
		List<String> row = rows().get(rule.name());
		assertThat(row).as("a row for " + rule).isNotNull();
		assertThat(row.get(0)).isEqualTo(rule.title());
		assertThat(row.get(1))
			.isEqualTo(rule.codes().stream().map((code) -> "`" + code + "`").collect(Collectors.joining(", ")));
		List<String> sources = PROOF.matcher(row.get(2)).results().map((proof) -> {
			assertThat(methods(proof.group(1))).contains(proof.group(2));
			return source(proof.group(1));
		}).toList();
		assertThat(rule.codes()).allSatisfy((code) -> assertThat(sources).as("a named test with the code " + code)
			.anyMatch((source) -> source.matches("(?s).*[\" ]" + Pattern.quote(code) + "[\", ].*")));
	}

	@Test
	void theReadmeHasNoRuleThatDoesNotExist() throws IOException {
		assertThat(rows().keySet())
			.containsExactlyInAnyOrderElementsOf(Arrays.stream(Rule.values()).map(Rule::name).toList());
	}

	private static Map<String, List<String>> rows() throws IOException {
		return Files.readString(Path.of("README.md"))
			.lines()
			.map(ROW::matcher)
			.filter(Matcher::matches)
			.collect(Collectors.toMap((row) -> row.group(1),
					(row) -> List.of(row.group(2), row.group(3), row.group(4))));
	}

	private static List<String> methods(String test) {
		try {
			return Arrays.stream(Class.forName(RuleTests.class.getPackageName() + "." + test).getDeclaredMethods())
				.filter((method) -> method.isAnnotationPresent(Test.class)
						|| method.isAnnotationPresent(ParameterizedTest.class))
				.map(Method::getName)
				.toList();
		}
		catch (ClassNotFoundException ex) {
			throw new AssertionError("There is no " + test, ex);
		}
	}

	private static String source(String test) {
		try {
			return Files.readString(Path.of("src/test/java/org/partnertls/tlscheck", test + ".java"));
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	private static void expect(Report report, Rule rule, String code, Severity severity, Outcome trusted) {
		Verdict verdict = Verdict.of(report);
		assertThat(verdict.rule(rule).findings()).as(report.toString()).anySatisfy((finding) -> {
			assertThat(finding.code()).isEqualTo(code);
			assertThat(finding.severity()).isEqualTo(severity);
		});
		assertThat(verdict.certificateValidation().outcome()).isEqualTo(trusted);
	}

	private static Report.ChainFacts sha224(Report.ChainFacts chain) {
		return new Report.ChainFacts(
				chain.certificates()
					.stream()
					.map((one) -> new Report.CertificateFacts(one.subject(), one.issuer(), one.serialNumber(),
							one.notBefore(), one.notAfter(), one.keyAlgorithm(), one.keyBits(), "SHA224withRSA",
							one.onPath(), one.serverAuth(), one.dnsNames(), 0, null, one.sha256(), one.keySha256()))
					.toList(),
				chain.trust(), chain.trustWords(), chain.anchor(), chain.validFrom(), chain.validUntil(), chain.name(),
				chain.revocation());
	}

	private static Report with(Report report, UnaryOperator<AddressReport> change) {
		HostReport host = report.hosts().getFirst();
		return with(report, new HostReport(host.name(), host.preference(), host.state(), host.aliases(), 0, null,
				host.addresses().stream().map(change).toList(), host.dnssec(), host.tlsa()));
	}

	private static Report with(Report report, HostReport host) {
		return new Report(report.domain(), report.rulesVersion(), report.started(), report.finished(), report.mx(),
				List.of(host), report.validation(), report.depth(), report.mtaSts(), report.tlsReporting());
	}

}
