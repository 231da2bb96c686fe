package org.partnertls.tlscheck;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.CertificateFacts;
import org.partnertls.tlscheck.Report.ChainFacts;
import org.partnertls.tlscheck.Report.FurtherFacts;
import org.partnertls.tlscheck.Report.HelloFacts;
import org.partnertls.tlscheck.Report.Offer;
import org.partnertls.tlscheck.Report.RevocationFacts;
import org.partnertls.tlscheck.Report.VersionOffer;
import org.partnertls.tlscheck.Report.HostReport;
import org.partnertls.tlscheck.Report.HostState;
import org.partnertls.tlscheck.Report.MxFinding;
import org.partnertls.tlscheck.Report.Stage;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;
import org.partnertls.tlscheck.Report.TlsFacts;
import org.partnertls.tlscheck.Report.Trust;

/**
 * Turns a report into findings, the same finding at several hosts into one.
 */
final class Findings {

	static final Set<Level> ALL = EnumSet.allOf(Level.class);

	static final Set<Level> NOTHING = EnumSet.noneOf(Level.class);

	private static final Set<Level> TRUSTED = EnumSet.of(Level.CERTIFICATE_VALIDATION, Level.DOMAIN_VALIDATION,
			Level.MTA_STS);

	private static final Set<Level> NAMED = EnumSet.of(Level.DOMAIN_VALIDATION, Level.MTA_STS);

	/** What is renewed by machine is renewed before; a warning earlier would be noise. */
	private static final Duration WARN_BEFORE_EXPIRY = Duration.ofDays(14);

	private static final int FACTS = 3;

	private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.UK)
		.withZone(ZoneOffset.UTC);

	private final Report report;

	private final Map<Finding, Seen> found = new LinkedHashMap<>();

	private final boolean anyGood;

	private Findings(Report report) {
		this.report = report;
		this.anyGood = report.hosts().stream().anyMatch(Findings::isGood);
	}

	static List<Finding> of(Report report) {
		Findings findings = new Findings(report);
		findings.mx();
		report.hosts().forEach(findings::host);
		DaneRules.judge(report, findings);
		PolicyRules.judge(report, findings);
		return findings.merged();
	}

	private List<Finding> merged() {
		List<Finding> merged = new ArrayList<>();
		this.found.forEach((finding, seen) -> merged.add(new Finding(finding.rule(), finding.code(), finding.severity(),
				seen.fact(), finding.sentence(), finding.remedy(), List.copyOf(seen.hosts()), finding.stops())));
		return merged;
	}

	/**
	 * Adds a finding; the same at several hosts becomes one.
	 */
	void add(Rule rule, String code, Severity severity, Set<Level> stops, @Nullable HostReport host, String sentence,
			String remedy) {
		add(rule, code, severity, stops, host, "", sentence, remedy);
	}

	void add(Rule rule, String code, Severity severity, Set<Level> stops, @Nullable HostReport host, String fact,
			String sentence, String remedy) {
		Seen seen = this.found.computeIfAbsent(
				new Finding(rule, code, severity, "", sentence, remedy, List.of(), stops), (finding) -> new Seen());
		if (host != null) {
			seen.hosts().add(host.name());
		}
		if (!fact.isEmpty()) {
			seen.facts().add(fact);
		}
	}

	private void mx() {
		MxFinding mx = this.report.mx();
		switch (mx.outcome()) {
			case FOUND ->
				add(Rule.M1, "mx-found", Severity.PASS, NOTHING, null, "The domain names its mail servers.", "");
			case IMPLICIT -> add(Rule.M4, "mx-implicit", Severity.WARN, NOTHING, null,
					"The domain has no MX record; mail goes to the host of the same name.",
					"Publish an MX record that names the mail server.");
			case NULL_MX ->
				add(Rule.M6, "mx-null", Severity.FAIL, ALL, null, "The domain says that it takes no mail (null MX).",
						"Check the spelling of the domain, or publish the MX records of its mail servers.");
			case NULL_MX_BESIDE_OTHERS -> add(Rule.M7, "mx-null-beside-others", Severity.FAIL, ALL, null,
					"The domain says that it takes no mail (null MX) and names mail servers as well.",
					"Remove the MX record that points to a single dot.");
			case NO_SUCH_DOMAIN -> add(Rule.M3, "mx-no-such-domain", Severity.FAIL, ALL, null,
					"The domain does not exist.", "Check its spelling, and whether its registration has run out.");
			case NO_SERVER -> add(Rule.M3, "mx-none", Severity.FAIL, ALL, null,
					"The domain has neither MX records nor an address, so no mail can reach it.",
					"Publish the MX records of its mail servers.");
			case NO_ANSWER -> add(Rule.M2, "mx-no-answer", Severity.INCONCLUSIVE, ALL, null,
					"The mail servers could not be looked up: " + mx.why() + ".",
					"Check again later; if it stays so, ask whoever runs the domain's DNS.");
		}
		List<HostReport> hosts = this.report.hosts();
		if (!hosts.isEmpty() && hosts.stream().noneMatch(Findings::mayTakeMail)) {
			add(Rule.M5, "mx-unusable", Severity.FAIL, ALL, null, "No mail server that the domain names can be used.",
					"Let the MX records name hosts that have public addresses.");
		}
		if (mx.hostsLeftOff() > 0) {
			add(Rule.M11, "mx-too-many", Severity.WARN, NOTHING, null,
					"The domain names more mail servers than are checked; " + mx.hostsLeftOff() + " were left out.",
					"Name at most ten mail servers.");
		}
	}

	private void host(HostReport host) {
		if (!host.aliases().isEmpty()) {
			add(Rule.M8, "mx-alias", Severity.WARN, NOTHING, host,
					"The MX record points to an alias (CNAME), which the mail standard does not allow.",
					"Let the MX record name the host that has the addresses.");
		}
		switch (host.state()) {
			case RESOLVED -> resolved(host);
			case NOT_A_HOST_NAME ->
				unusable(host, Rule.M10, "mx-not-a-host", "The MX record names something that is no host name.",
						"Let the MX record name a host, not an address.");
			case LOCAL_NAME -> unusable(host, Rule.M10, "mx-local-name",
					"The MX record names a host that exists only inside a network.",
					"Let the MX record name a host in the public DNS.");
			case NO_ADDRESS -> unusable(host, Rule.M9, "mx-no-address", "The mail server has no address.",
					"Publish an address for the host, or remove its MX record.");
			case NO_ANSWER -> add(Rule.M2, "mx-host-no-answer", Severity.INCONCLUSIVE, ALL, host,
					"The addresses of the mail server could not be looked up: " + host.why() + ".",
					"Check again later; if it stays so, ask whoever runs the DNS of this host.");
		}
	}

	/**
	 * A host to which nobody can send; senders go on to the next.
	 */
	private void unusable(HostReport host, Rule rule, String code, String sentence, String remedy) {
		if (this.report.hosts().stream().anyMatch(Findings::mayTakeMail)) {
			add(rule, code, Severity.WARN, NOTHING, host, sentence, remedy);
		}
		else {
			add(rule, code, Severity.FAIL, ALL, host, sentence, remedy);
		}
	}

	private static boolean mayTakeMail(HostReport host) {
		return host.state() == HostState.RESOLVED || host.state() == HostState.NO_ANSWER;
	}

	private void resolved(HostReport host) {
		for (AddressReport address : host.addresses()) {
			StageReport failure = address.failure();
			if (failure != null) {
				failed(host, failure);
			}
			TlsFacts tls = address.tls();
			ChainFacts chain = address.chain();
			if (offered(address)) {
				add(Rule.S4, "starttls-offered", Severity.PASS, NOTHING, host, "The mail server offers TLS (STARTTLS).",
						"");
			}
			if (tls != null) {
				tls(host, tls);
			}
			if (tls != null && chain != null) {
				chain(host, chain, address.started());
			}
			further(host, address);
			if (address.keywords().contains("REQUIRETLS")) {
				add(Rule.S11, "requiretls-offered", Severity.PASS, NOTHING, host,
						"The mail server can pass on that a message must stay encrypted (REQUIRETLS).", "");
			}
		}
		if (host.addressesLeftOff() > 0) {
			add(Rule.M11, "addresses-too-many", Severity.WARN, NOTHING, host,
					"The mail server has more addresses than are checked.", "Nothing needs to be done.");
		}
		if (host.why() != null) {
			add(Rule.M2, "addresses-incomplete", Severity.WARN, NOTHING, host,
					"Some addresses of the mail server could not be looked up: " + host.why() + ".",
					"Check again later; if it stays so, ask whoever runs the DNS of this host.");
		}
		if (leaves(host).size() > 1) {
			add(Rule.C8, "certificates-differ", Severity.WARN, NOTHING, host,
					"The addresses of the mail server show different certificates.",
					"Install the same certificate on every machine behind the name.");
		}
	}

	private static boolean offered(AddressReport address) {
		StageReport ehlo = address.at(Stage.EHLO);
		return ehlo != null && ehlo.outcome() == StageOutcome.OK;
	}

	private static Set<String> leaves(HostReport host) {
		Set<String> leaves = new LinkedHashSet<>();
		for (AddressReport address : host.addresses()) {
			if (address.chain() != null) {
				leaves.add(address.chain().leaf().sha256());
			}
		}
		return leaves;
	}

	private void failed(HostReport host, StageReport failure) {
		switch (failure.outcome()) {
			case CONNECTION_REFUSED ->
				dead(host, Rule.M12, "connection-refused", "The mail server refuses connections.");
			case NOT_ALLOWED -> dead(host, Rule.M10, "address-not-public",
					"The mail server's address is not one of the public Internet; it was not connected to.");
			case UNREACHABLE -> {
				// Our own lack of IPv6, say, is no news when another address answers.
				if (!isGood(host)) {
					dead(host, Rule.M12, "unreachable", "The mail server cannot be reached from here.");
				}
			}
			case TIMEOUT -> timeout(host, failure);
			case CLOSED ->
				unsure(host, Rule.S2, "connection-closed", "The mail server hung up" + during(failure) + ".");
			case TEMPORARY ->
				unsure(host, (failure.stage() == Stage.STARTTLS) ? Rule.S5 : Rule.S2, "temporarily-refused",
						"The mail server put us off" + during(failure) + ": " + failure.words() + ".");
			case REJECTED -> unsure(host, Rule.S2, "refused",
					"The mail server does not talk to us" + during(failure) + ": " + failure.words() + ".");
			case UNREADABLE -> unsure(host, Rule.S1, "unreadable-answer",
					"The mail server's answer" + during(failure) + " makes no sense: " + failure.words() + ".");
			case NOT_TRIED -> unsure(host, Rule.S1, "not-tried", "There was not enough time to check this server.");
			case NO_STARTTLS -> add((failure.stage() == Stage.STARTTLS) ? Rule.S5 : Rule.S4, "starttls-not-supported",
					Severity.FAIL, ALL, host,
					(failure.stage() == Stage.STARTTLS) ? "The mail server offers TLS (STARTTLS) but refuses it."
							: "The mail server does not offer TLS (STARTTLS).",
					"Switch STARTTLS on, and check that no firewall in front of the server removes it.");
			case NO_EHLO -> add(Rule.S3, "starttls-not-supported", Severity.FAIL, ALL, host,
					"The mail server does not know EHLO, without which there is no TLS.",
					"Switch ESMTP and STARTTLS on, and check that no firewall in front of the server removes them.");
			case INJECTION -> add(Rule.S6, "starttls-injection", Severity.FAIL, ALL, host,
					"The mail server sends clear text behind its answer to STARTTLS, or somebody on the way does.",
					"Update the mail server; it must forget what was sent before TLS began.");
			case TLS_TOO_OLD -> add(Rule.V1, "tls-version-too-old", Severity.FAIL, ALL, host,
					"The mail server has nothing newer than TLS 1.1.", "Switch TLS 1.2 and TLS 1.3 on.");
			case CHAIN_TOO_LARGE -> add(Rule.V7, "certificate-chain-too-large", Severity.FAIL, ALL, host,
					"The mail server sends more certificates than anybody accepts.",
					"Send only the server's certificate and its intermediates.");
			case KEY_TOO_LARGE -> add(Rule.C1, "certificate-not-checked", Severity.INCONCLUSIVE, ALL, host,
					"The key of the certificate is absurdly large; it was not worked with.",
					"Use a key of the usual size, such as RSA 3072 or P-256.");
			case HANDSHAKE_FAILED -> add(Rule.V7, "validation-failure", Severity.FAIL, ALL, host,
					"No TLS connection came about: " + failure.words() + ".",
					"Allow TLS 1.2 or 1.3 with current cipher suites (ECDHE with AES-GCM).");
			case OK -> {
			}
		}
	}

	private static String during(StageReport failure) {
		return switch (failure.stage()) {
			case CONNECT -> " while connecting";
			case GREETING -> " in its greeting";
			case EHLO -> " after EHLO";
			case STARTTLS -> " after STARTTLS";
			case HANDSHAKE -> " during the TLS handshake";
			case EHLO_IN_TLS -> " once TLS was on";
			case QUIT -> " at the end";
		};
	}

	private void timeout(HostReport host, StageReport failure) {
		if (failure.stage() == Stage.CONNECT) {
			dead(host, Rule.M12, "connection-timeout", "The mail server does not answer.");
		}
		else {
			unsure(host, Rule.S1, "timeout", "The mail server took too long" + during(failure) + ".");
		}
	}

	/**
	 * Nobody gets through to it: senders use another address or host, if there is one.
	 */
	private void dead(HostReport host, Rule rule, String code, String sentence) {
		boolean covered = this.anyGood;
		add(rule, code, covered ? Severity.WARN : Severity.INCONCLUSIVE, covered ? NOTHING : ALL, host, sentence,
				"Check that the server runs and that port 25 is open to the Internet, or take it out of the DNS.");
	}

	private void unsure(HostReport host, Rule rule, String code, String sentence) {
		add(rule, code, Severity.INCONCLUSIVE, ALL, host, sentence,
				"Check again in half an hour; if it stays so, let our host name through your rate and reputation limits.");
	}

	private static boolean isGood(HostReport host) {
		return host.addresses().stream().anyMatch((address) -> address.failure() == null && address.tls() != null);
	}

	private void tls(HostReport host, TlsFacts tls) {
		if (tls.version().equals("TLSv1.3")) {
			add(Rule.V1, "tls-1.3", Severity.PASS, NOTHING, host, agreed(tls),
					"STARTTLS is offered and TLS 1.3 is agreed on.", "");
		}
		else if (tls.version().equals("TLSv1.2")) {
			add(Rule.V1, "tls-1.2", Severity.WARN, NOTHING, host, agreed(tls),
					"STARTTLS is offered, but nothing newer than TLS 1.2.", "Switch TLS 1.3 on.");
		}
		else {
			add(Rule.V1, "tls-version-too-old", Severity.FAIL, ALL, host,
					"The mail server has nothing newer than TLS 1.1.", "Switch TLS 1.2 and TLS 1.3 on.");
		}
		switch (Strength.ofSuite(tls.cipherSuite())) {
			case BROKEN -> add(Rule.V5, "cipher-suite-broken", Severity.FAIL, ALL, host,
					"The cipher suite agreed on is broken: " + tls.cipherSuite() + ".",
					"Allow ECDHE with AES-GCM and forbid everything older.");
			case WEAK -> add(Rule.V5, "cipher-suite-weak", Severity.WARN, NOTHING, host,
					"The cipher suite agreed on is out of date: " + tls.cipherSuite() + ".",
					"Prefer ECDHE with AES-GCM.");
			case GOOD -> {
			}
		}
		if (tls.startTlsOfferedAgain()) {
			add(Rule.S7, "starttls-offered-again", Severity.WARN, NOTHING, host,
					"The mail server offers STARTTLS again inside TLS.",
					"Update the mail server; nothing stops working meanwhile.");
		}
	}

	private static String agreed(TlsFacts tls) {
		return tls.versionWords() + ", " + tls.cipherSuite();
	}

	private void chain(HostReport host, ChainFacts chain, Instant at) {
		trust(host, chain);
		dates(host, chain, at);
		name(host, chain);
		keys(host, chain);
		revocation(host, chain);
		if (!chain.leaf().serverAuth()) {
			add(Rule.C4, "certificate-wrong-purpose", Severity.FAIL, TRUSTED, host,
					"The certificate is not meant for servers (extended key usage).",
					"Get a certificate for server authentication.");
		}
	}

	private void trust(HostReport host, ChainFacts chain) {
		String remedy = switch (chain.trust()) {
			case TRUSTED -> "";
			case SELF_SIGNED, UNKNOWN_AUTHORITY -> "Install a certificate from a publicly trusted authority.";
			case INCOMPLETE -> "Install the certificate together with its intermediate certificates (the full chain).";
			case INVALID -> "Get a new certificate from a publicly trusted authority.";
			case NOT_CHECKED -> "Use a key of the usual size, such as RSA 3072 or P-256.";
		};
		if (chain.trust() == Trust.TRUSTED) {
			add(Rule.C1, "certificate-trusted", Severity.PASS, NOTHING, host,
					"The certificate is from a trusted authority.", "");
		}
		else if (chain.trust() == Trust.NOT_CHECKED) {
			add(Rule.C1, "certificate-not-checked", Severity.INCONCLUSIVE, TRUSTED, host, chain.trustWords(), remedy);
		}
		else {
			Rule rule = switch (chain.trust()) {
				case SELF_SIGNED -> Rule.C7;
				case INCOMPLETE -> Rule.C5;
				default -> Rule.C1;
			};
			add(rule, "certificate-not-trusted", Severity.FAIL, TRUSTED, host, shown(chain), chain.trustWords(),
					remedy);
		}
	}

	/**
	 * The server's own certificate, for those who look it up.
	 */
	static String shown(ChainFacts chain) {
		CertificateFacts leaf = chain.leaf();
		return leaf.subject() + ", by " + leaf.issuer() + ", SHA-256 " + leaf.sha256();
	}

	private void dates(HostReport host, ChainFacts chain, Instant at) {
		Duration lifetime = Duration.between(chain.leaf().notBefore(), chain.leaf().notAfter());
		Duration fifth = lifetime.dividedBy(5);
		Duration warnBefore = (fifth.compareTo(WARN_BEFORE_EXPIRY) < 0) ? fifth : WARN_BEFORE_EXPIRY;
		Duration left = Duration.between(at, chain.validUntil());
		if (left.isNegative()) {
			add(Rule.C2, "certificate-expired", Severity.FAIL, TRUSTED, host,
					"The certificate" + whose(chain) + " expired on " + day(chain.validUntil()) + ".",
					"Install a renewed certificate, and see why it was not renewed in time.");
		}
		else if (at.isBefore(chain.validFrom())) {
			add(Rule.C2, "certificate-not-yet-valid", Severity.FAIL, TRUSTED, host,
					"The certificate" + whose(chain) + " is valid only from " + day(chain.validFrom()) + ".",
					"Install a certificate that is valid now.");
		}
		else if (left.compareTo(warnBefore) < 0) {
			add(Rule.C2, "certificate-expires-soon", Severity.WARN, NOTHING, host, "The certificate" + whose(chain)
					+ " expires on " + day(chain.validUntil()) + ", in " + days(left.toDays()) + ".",
					"Renew it now, before mail is held back.");
		}
	}

	private static String whose(ChainFacts chain) {
		CertificateFacts leaf = chain.leaf();
		boolean own = leaf.notAfter().equals(chain.validUntil()) || leaf.notBefore().equals(chain.validFrom());
		return own ? "" : " of an intermediate authority";
	}

	private static String day(Instant instant) {
		return DAY.format(instant);
	}

	private static String days(long days) {
		return (days == 0) ? "less than a day" : (days == 1) ? "1 day" : days + " days";
	}

	private void name(HostReport host, ChainFacts chain) {
		switch (chain.name()) {
			case HOST -> add(Rule.C3, "certificate-name", Severity.PASS, NOTHING, host,
					"The certificate is for the name of the mail server.", "");
			case DOMAIN -> add(Rule.C3, "certificate-name-of-domain", Severity.WARN, NOTHING, host,
					"The certificate is for the mail domain, not for the name of the mail server.",
					"Get a certificate that also has the name of the mail server.");
			case COMMON_NAME_ONLY -> add(Rule.C3, "certificate-name-outdated", Severity.WARN, EnumSet.of(Level.MTA_STS),
					host, "The certificate has the server's name only as common name, which is no longer looked at.",
					"Get a certificate with the name as subject alternative name.");
			case NONE -> add(Rule.C3, "certificate-host-mismatch", Severity.FAIL, NAMED, host,
					"The certificate is for " + names(chain.leaf()) + ", not for the name of the mail server.",
					"Install a certificate for the name that the MX record has.");
		}
	}

	private static String names(CertificateFacts leaf) {
		List<String> names = leaf.dnsNames();
		if (names.isEmpty()) {
			return "no host name";
		}
		String first = String.join(", ", names.subList(0, Math.min(3, names.size())));
		return (names.size() > 3) ? first + " and others" : first;
	}

	private void revocation(HostReport host, ChainFacts chain) {
		RevocationFacts facts = chain.revocation();
		if (facts == null) {
			return;
		}
		switch (facts.state()) {
			case GOOD -> add(Rule.C6, "certificate-not-revoked", Severity.PASS, NOTHING, host, facts.words(),
					"The certificate is not revoked.", "");
			case REVOKED -> add(Rule.C6, "certificate-revoked", Severity.FAIL, TRUSTED, host, facts.words(),
					"The certificate was revoked by its authority.",
					"Install a new certificate, and ask the authority why this one was revoked.");
			case NO_ANSWER -> add(Rule.C6, "revocation-unknown", Severity.WARN, NOTHING, host, facts.words(),
					"Whether the certificate is revoked could not be learned; Microsoft 365 asks too.",
					"If it stays so, ask the authority whether its revocation service is up.");
			case NOT_STATED -> {
			}
		}
	}

	private void further(HostReport host, AddressReport address) {
		FurtherFacts further = address.further();
		if (further == null) {
			return;
		}
		List<String> old = further.versions()
			.stream()
			.filter((version) -> version.offer() == Offer.OFFERED)
			.map(VersionOffer::version)
			.toList();
		if (old.stream().anyMatch((version) -> version.startsWith("SSL"))) {
			add(Rule.V2, "ssl-offered", Severity.FAIL, NOTHING, host, String.join(", ", old),
					"The mail server still agrees to SSL, which is broken.",
					"Switch everything older than TLS 1.2 off.");
		}
		else if (!old.isEmpty()) {
			add(Rule.V2, "tls-legacy-offered", Severity.WARN, NOTHING, host, String.join(", ", old),
					"The mail server still agrees to versions of TLS that are out of date.",
					"Switch TLS 1.0 and TLS 1.1 off.");
		}
		HelloFacts hello = further.hello();
		if (hello != null) {
			hello(host, hello);
		}
		Integer bits = further.primeBits();
		if (bits != null && bits > 0 && Strength.ofKey("DH", bits) == Strength.BROKEN) {
			add(Rule.V8, "dh-group-broken", Severity.FAIL, NOTHING, host, bits + " bits",
					"The mail server still agrees to Diffie-Hellman with a prime that is too short.",
					"Switch DHE off, or use one of the groups of RFC 7919 (ffdhe2048 or larger).");
		}
		if (Boolean.TRUE.equals(further.obeysSlippedIn())) {
			add(Rule.S10, "starttls-command-injection", Severity.FAIL, NOTHING, host,
					"The mail server obeys inside TLS what was sent in clear text before.",
					"Update the mail server: it must forget what stands behind STARTTLS.");
		}
		ChainFacts chain = address.chain();
		if (chain != null && further.leafWithoutSni() != null
				&& !further.leafWithoutSni().equals(chain.leaf().sha256())) {
			add(Rule.C9, "certificate-differs-without-sni", Severity.WARN, NOTHING, host,
					"SHA-256 " + further.leafWithoutSni(),
					"The mail server shows another certificate to senders that do not name the host (SNI).",
					"Make the certificate for this host the default one.");
		}
	}

	private void hello(HostReport host, HelloFacts hello) {
		if (hello.compression()) {
			add(Rule.V6, "compression-offered", Severity.FAIL, NOTHING, host,
					"The mail server compresses inside TLS 1.2, which gives secrets away.",
					"Switch TLS compression off.");
		}
		if (!hello.secureRenegotiation()) {
			add(Rule.V6, "renegotiation-insecure", Severity.FAIL, NOTHING, host,
					"The mail server does not know secure renegotiation in TLS 1.2.",
					"Update the server's TLS library.");
		}
		if (!hello.extendedMasterSecret()) {
			add(Rule.V6, "extended-master-secret-missing", Severity.WARN, NOTHING, host,
					"The mail server does not know the extended master secret in TLS 1.2.",
					"Update the server's TLS library.");
		}
	}

	private void keys(HostReport host, ChainFacts chain) {
		CertificateFacts leaf = chain.leaf();
		String key = leaf.keyAlgorithm() + ((leaf.keyBits() > 0) ? " " + leaf.keyBits() : "");
		switch (Strength.ofKey(leaf.keyAlgorithm(), leaf.keyBits())) {
			case BROKEN -> add(Rule.V3, "certificate-key-broken", Severity.FAIL, TRUSTED, host,
					"The key of the certificate is too weak: " + key + ".",
					"Get a certificate with RSA 3072 or P-256.");
			case WEAK -> add(Rule.V3, "certificate-key-weak", Severity.WARN, NOTHING, host,
					"The key of the certificate is shorter than is advised today: " + key + ".",
					"Use RSA 3072 or P-256 at the next renewal.");
			case GOOD -> {
			}
		}
		for (CertificateFacts certificate : chain.certificates()) {
			if (certificate.onPath()) {
				signature(host, certificate.signatureAlgorithm().toUpperCase(Locale.ROOT));
			}
		}
	}

	private void signature(HostReport host, String algorithm) {
		switch (Strength.ofSignature(algorithm)) {
			case BROKEN -> add(Rule.V4, "certificate-signature-broken", Severity.FAIL, TRUSTED, host,
					"A certificate is signed in a way that is broken: " + algorithm + ".",
					"Get a certificate signed with SHA-256.");
			case WEAK -> add(Rule.V4, "certificate-signature-weak", Severity.WARN, NOTHING, host,
					"A certificate is signed in a way that is out of date: " + algorithm + ".",
					"Get a certificate signed with SHA-256.");
			case GOOD -> {
			}
		}
	}

	/**
	 * Where and as what a finding was seen.
	 */
	private record Seen(Set<String> hosts, Set<String> facts) {

		Seen() {
			this(new LinkedHashSet<>(), new LinkedHashSet<>());
		}

		String fact() {
			String first = this.facts.stream().limit(FACTS).collect(Collectors.joining("; "));
			return (this.facts.size() > FACTS) ? first + "; and " + (this.facts.size() - FACTS) + " more" : first;
		}

	}

}
