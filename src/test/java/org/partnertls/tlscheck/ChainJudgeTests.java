package org.partnertls.tlscheck;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

import lab.Pki;
import org.junit.jupiter.api.Test;
import org.partnertls.tlscheck.Report.ChainFacts;
import org.partnertls.tlscheck.Report.NameFit;
import org.partnertls.tlscheck.Report.Trust;

import static org.assertj.core.api.Assertions.assertThat;

class ChainJudgeTests {

	private static final Instant NOW = Instant.parse("2027-03-01T12:00:00Z");

	private static final Pki PKI = new Pki("Judge", Clock.fixed(NOW, ZoneOffset.UTC));

	private static final String HOST = "mx.acme.example";

	private final ChainJudge judge = new ChainJudge(List.of(PKI.root()));

	@Test
	void aGoodChainIsTrustedWithItsAnchor() {
		ChainFacts facts = judge(PKI.good(HOST));
		assertThat(facts.trust()).isEqualTo(Trust.TRUSTED);
		assertThat(facts.anchor()).isEqualTo("CN=Judge root");
		assertThat(facts.certificates()).allMatch(Report.CertificateFacts::onPath);
		assertThat(facts.leaf().keyAlgorithm()).isEqualTo("EC");
		assertThat(facts.leaf().keyBits()).isEqualTo(256);
		assertThat(facts.leaf().sha256()).hasSize(64);
	}

	@Test
	void theOrderInWhichTheRestIsSentDoesNotMatter() {
		Pki.Identity good = PKI.good(HOST);
		assertThat(judge(List.of(good.chain().get(0), PKI.root(), good.chain().get(1))).trust())
			.isEqualTo(Trust.TRUSTED);
	}

	@Test
	void anExpiredCertificateStillTellsWhoseItWas() {
		ChainFacts facts = judge(PKI.expired(HOST));
		assertThat(facts.trust()).isEqualTo(Trust.TRUSTED);
		assertThat(facts.validUntil()).isBefore(NOW);
	}

	@Test
	void anExpiredIntermediateCountsForThePath() {
		Instant ended = NOW.minus(Duration.ofDays(3));
		ChainFacts facts = judge(PKI.issueUnder(new Pki.Leaf().names(HOST).from(NOW.minus(Duration.ofDays(30))),
				new Pki.Leaf().from(NOW.minus(Duration.ofDays(100))).until(ended)));
		assertThat(facts.trust()).isEqualTo(Trust.TRUSTED);
		assertThat(facts.validUntil()).isEqualTo(ended);
	}

	@Test
	void aCertificateFromTomorrowIsNotYetValid() {
		Instant tomorrow = NOW.plus(Duration.ofDays(1));
		assertThat(judge(PKI.issue(new Pki.Leaf().names(HOST).from(tomorrow))).validFrom()).isEqualTo(tomorrow);
	}

	@Test
	void whyAChainIsNotTrustedIsSaid() {
		assertThat(judge(PKI.selfSigned(HOST)).trust()).isEqualTo(Trust.SELF_SIGNED);
		assertThat(judge(PKI.missingIntermediate(HOST)).trust()).isEqualTo(Trust.INCOMPLETE);
		Pki stranger = new Pki("Stranger", Clock.fixed(NOW, ZoneOffset.UTC));
		assertThat(judge(stranger.good(HOST)).trust()).isEqualTo(Trust.UNKNOWN_AUTHORITY);
		List<X509Certificate> withRoot = List.of(stranger.good(HOST).chain().get(0), stranger.good(HOST).chain().get(1),
				stranger.root());
		assertThat(judge(withRoot).trust()).isEqualTo(Trust.UNKNOWN_AUTHORITY);
	}

	@Test
	void aBrokenSignatureAlgorithmIsSeen() {
		ChainFacts facts = judge(PKI.issue(new Pki.Leaf().names(HOST).hash("SHA1")));
		assertThat(Strength.ofSignature(facts.leaf().signatureAlgorithm())).isEqualTo(Strength.BROKEN);
	}

	@Test
	void anAbsurdlyLargeKeyIsNotWorkedWith() {
		// Making such a key takes minutes; a certificate may hold any number as a
		// modulus.
		assertThat(judge(PKI.issue(new Pki.Leaf().names(HOST).rsaModulus(9000))).trust()).isEqualTo(Trust.NOT_CHECKED);
	}

	@Test
	void whichNameFitsIsSaid() {
		assertThat(judge(PKI.good(HOST)).name()).isEqualTo(NameFit.HOST);
		assertThat(judge(PKI.good("*.acme.example")).name()).isEqualTo(NameFit.HOST);
		assertThat(judge(PKI.good("acme.example")).name()).isEqualTo(NameFit.DOMAIN);
		assertThat(judge(PKI.good("www.other.example")).name()).isEqualTo(NameFit.NONE);
		assertThat(judge(PKI.issue(new Pki.Leaf().names("www.other.example").commonName(HOST))).name())
			.isEqualTo(NameFit.COMMON_NAME_ONLY);
	}

	@Test
	void namesAreBoundedAndPrintable() {
		String[] names = new String[130];
		for (int i = 0; i < names.length; i++) {
			names[i] = "h" + i + ".acme.example";
		}
		names[1] = "<script>\n.acme.example";
		ChainFacts facts = judge(PKI.good(names));
		assertThat(facts.leaf().dnsNames()).hasSize(100).contains("<script>\\x0a.acme.example");
		assertThat(facts.leaf().dnsNamesLeftOff()).isEqualTo(30);
	}

	private ChainFacts judge(Pki.Identity identity) {
		return judge(identity.chain());
	}

	private ChainFacts judge(List<X509Certificate> chain) {
		return this.judge.judge(chain, HOST, "acme.example", NOW);
	}

}
