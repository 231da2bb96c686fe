package org.partnertls.tlscheck;

import lab.PartnerMailServer.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.partnertls.tlscheck.Verdict.LevelVerdict;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which TlsDomain a connector could demand of all servers.
 */
class TlsDomainTests {

	private final Neighbourhood neighbours = new Neighbourhood();

	@AfterEach
	void close() {
		this.neighbours.close();
	}

	@Test
	void oneHostIsNamedItself() {
		server("mx.acme.example", "mx.acme.example");
		expect(Outcome.PASS, "mx.acme.example");
	}

	@Test
	void aWildcardCertificateGivesTheWildcard() {
		server("acme-example.mail.host.example", "*.mail.host.example", "mail.host.example");
		expect(Outcome.PASS, "*.mail.host.example");
	}

	@Test
	void severalHostsShareTheirParent() {
		server("mx1.acme.example", "mx1.acme.example");
		server("mx2.acme.example", "mx2.acme.example");
		expect(Outcome.PASS, "*.acme.example");
	}

	@Test
	void theMailDomainFitsWhereAllCertificatesHaveIt() {
		server("mx.acme.example", "mx.acme.example", "acme.example");
		server("mx.backup.test", "mx.backup.test", "acme.example");
		expect(Outcome.PASS, "acme.example");
	}

	@Test
	void hostsWithNothingInCommonHaveNoName() {
		server("mx.acme.example", "mx.acme.example");
		server("mx.backup.test", "mx.backup.test");
		expect(Outcome.FAIL, null);
	}

	@Test
	void aTopLevelDomainOrPublicSuffixIsNoNameInCommon() {
		server("one.co.uk", "one.co.uk");
		server("two.co.uk", "two.co.uk");
		expect(Outcome.FAIL, null);
	}

	@Test
	void namesAtDifferentDepthsAreUnsure() {
		server("a.mx.acme.example", "a.mx.acme.example");
		server("b.acme.example", "b.acme.example");
		expect(Outcome.INCONCLUSIVE, null);
	}

	@Test
	void aStrangersCertificateNeverSuggestsTheStrangersName() {
		this.neighbours.mx("mx.acme.example").fault(Fault.WRONG_NAME);
		expect(Outcome.FAIL, null);
	}

	private void server(String host, String... names) {
		this.neighbours.mx(host).identity(Neighbourhood.PKI.good(names));
	}

	private void expect(Outcome outcome, String name) {
		LevelVerdict level = Verdict.of(this.neighbours.check()).domainValidation();
		assertThat(level.outcome()).isEqualTo(outcome);
		assertThat(level.tlsDomain()).isEqualTo(name);
	}

}
