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

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.CertificateFacts;
import org.partnertls.tlscheck.Report.ChainFacts;
import org.partnertls.tlscheck.Report.HostReport;
import org.partnertls.tlscheck.Report.HostState;
import org.partnertls.tlscheck.Report.MxFinding;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;
import org.partnertls.tlscheck.Report.TlsFacts;
import org.partnertls.tlscheck.Report.Trust;

/**
 * Turns a report into findings, the same finding at several hosts into one.
 */
final class Findings {

	private static final Set<Level> ALL = Verdict.from(Level.ENCRYPTION_ONLY);

	private static final Set<Level> TRUSTED = Verdict.from(Level.CERTIFICATE_VALIDATION);

	private static final Set<Level> NAMED = Verdict.from(Level.DOMAIN_VALIDATION);

	private static final Set<Level> NOTHING = EnumSet.noneOf(Level.class);

	/** A certificate that lives for 90 days is worth a warning in its last 30. */
	private static final Duration WARN_BEFORE_EXPIRY = Duration.ofDays(30);

	private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.UK)
		.withZone(ZoneOffset.UTC);

	private final Report report;

	private final Map<Finding, Set<String>> found = new LinkedHashMap<>();

	private final boolean anyGood;

	private Findings(Report report) {
		this.report = report;
		this.anyGood = report.hosts().stream().anyMatch(Findings::isGood);
	}

	static List<Finding> of(Report report) {
		Findings findings = new Findings(report);
		findings.mx();
		report.hosts().forEach(findings::host);
		return findings.merged();
	}

	private List<Finding> merged() {
		List<Finding> merged = new ArrayList<>();
		this.found.forEach((finding, hosts) -> merged.add(new Finding(finding.code(), finding.severity(),
				finding.sentence(), finding.remedy(), List.copyOf(hosts), finding.stops())));
		return merged;
	}

	private void add(String code, Severity severity, Set<Level> stops, @Nullable HostReport host, String sentence,
			String remedy) {
		Set<String> hosts = this.found.computeIfAbsent(new Finding(code, severity, sentence, remedy, List.of(), stops),
				(finding) -> new LinkedHashSet<>());
		if (host != null) {
			hosts.add(host.name());
		}
	}

	private void mx() {
		MxFinding mx = this.report.mx();
		switch (mx.outcome()) {
			case FOUND -> add("mx-found", Severity.PASS, NOTHING, null, "The domain names its mail servers.", "");
			case IMPLICIT -> add("mx-implicit", Severity.WARN, NOTHING, null,
					"The domain has no MX record; mail goes to the host of the same name.",
					"Publish an MX record that names the mail server.");
			case NULL_MX -> add("mx-null", Severity.FAIL, ALL, null, "The domain says that it takes no mail (null MX).",
					"Check the spelling of the domain, or publish the MX records of its mail servers.");
			case NULL_MX_BESIDE_OTHERS -> add("mx-null-beside-others", Severity.FAIL, ALL, null,
					"The domain says that it takes no mail (null MX) and names mail servers as well.",
					"Remove the MX record that points to a single dot.");
			case NO_SUCH_DOMAIN -> add("mx-no-such-domain", Severity.FAIL, ALL, null, "The domain does not exist.",
					"Check its spelling, and whether its registration has run out.");
			case NO_SERVER -> add("mx-none", Severity.FAIL, ALL, null,
					"The domain has neither MX records nor an address, so no mail can reach it.",
					"Publish the MX records of its mail servers.");
			case NO_ANSWER -> add("mx-no-answer", Severity.INCONCLUSIVE, ALL, null,
					"The mail servers could not be looked up: " + mx.why() + ".",
					"Check again later; if it stays so, ask whoever runs the domain's DNS.");
		}
		if (mx.hostsLeftOff() > 0) {
			add("mx-too-many", Severity.WARN, NOTHING, null,
					"The domain names more mail servers than are checked; " + mx.hostsLeftOff() + " were left out.",
					"Name at most ten mail servers.");
		}
	}

	private void host(HostReport host) {
		if (!host.aliases().isEmpty()) {
			add("mx-alias", Severity.WARN, NOTHING, host,
					"The MX record points to an alias (CNAME), which the mail standard does not allow.",
					"Let the MX record name the host that has the addresses.");
		}
		switch (host.state()) {
			case RESOLVED -> resolved(host);
			case NOT_A_HOST_NAME ->
				unusable(host, "mx-not-a-host", "The MX record names something that is no host name.",
						"Let the MX record name a host, not an address.");
			case LOCAL_NAME ->
				unusable(host, "mx-local-name", "The MX record names a host that exists only inside a network.",
						"Let the MX record name a host in the public DNS.");
			case NO_ADDRESS -> unusable(host, "mx-no-address", "The mail server has no address.",
					"Publish an address for the host, or remove its MX record.");
			case NO_ANSWER -> add("mx-host-no-answer", Severity.INCONCLUSIVE, ALL, host,
					"The addresses of the mail server could not be looked up: " + host.why() + ".",
					"Check again later; if it stays so, ask whoever runs the DNS of this host.");
		}
	}

	/**
	 * A host to which nobody can send; senders go on to the next.
	 */
	private void unusable(HostReport host, String code, String sentence, String remedy) {
		boolean others = this.report.hosts()
			.stream()
			.anyMatch((other) -> other.state() == HostState.RESOLVED || other.state() == HostState.NO_ANSWER);
		if (others) {
			add(code, Severity.WARN, NOTHING, host, sentence, remedy);
		}
		else {
			add(code, Severity.FAIL, ALL, host, sentence, remedy);
		}
	}

	private void resolved(HostReport host) {
		for (AddressReport address : host.addresses()) {
			StageReport failure = address.failure();
			if (failure != null) {
				failed(host, failure);
			}
			TlsFacts tls = address.tls();
			ChainFacts chain = address.chain();
			if (tls != null) {
				tls(host, tls);
			}
			if (tls != null && chain != null) {
				chain(host, chain, address.started());
			}
		}
		if (host.addressesLeftOff() > 0) {
			add("addresses-too-many", Severity.WARN, NOTHING, host,
					"The mail server has more addresses than are checked.", "Nothing needs to be done.");
		}
		if (host.why() != null) {
			add("addresses-incomplete", Severity.WARN, NOTHING, host,
					"Some addresses of the mail server could not be looked up: " + host.why() + ".",
					"Check again later; if it stays so, ask whoever runs the DNS of this host.");
		}
		if (leaves(host).size() > 1) {
			add("certificates-differ", Severity.WARN, NOTHING, host,
					"The addresses of the mail server show different certificates.",
					"Install the same certificate on every machine behind the name.");
		}
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
			case CONNECTION_REFUSED -> dead(host, "connection-refused", "The mail server refuses connections.");
			case NOT_ALLOWED -> dead(host, "address-not-public",
					"The mail server's address is not one of the public Internet; it was not connected to.");
			case UNREACHABLE -> {
				// Our own lack of IPv6, say, is no news when another address answers.
				if (!isGood(host)) {
					dead(host, "unreachable", "The mail server cannot be reached from here.");
				}
			}
			case TIMEOUT -> timeout(host, failure);
			case CLOSED -> unsure(host, "connection-closed", "The mail server hung up" + during(failure) + ".");
			case TEMPORARY -> unsure(host, "temporarily-refused",
					"The mail server put us off" + during(failure) + ": " + failure.words() + ".");
			case REJECTED -> unsure(host, "refused",
					"The mail server does not talk to us" + during(failure) + ": " + failure.words() + ".");
			case UNREADABLE -> unsure(host, "unreadable-answer",
					"The mail server's answer" + during(failure) + " makes no sense: " + failure.words() + ".");
			case NOT_TRIED -> unsure(host, "not-tried", "There was not enough time to check this server.");
			case NO_STARTTLS -> add("starttls-not-supported", Severity.FAIL, ALL, host,
					"The mail server does not offer TLS (STARTTLS).",
					"Switch STARTTLS on, and check that no firewall in front of the server removes it.");
			case INJECTION -> add("starttls-injection", Severity.FAIL, ALL, host,
					"The mail server sends clear text behind its answer to STARTTLS, or somebody on the way does.",
					"Update the mail server; it must forget what was sent before TLS began.");
			case TLS_TOO_OLD -> add("tls-version-too-old", Severity.FAIL, ALL, host,
					"The mail server has nothing newer than TLS 1.1.", "Switch TLS 1.2 and TLS 1.3 on.");
			case CHAIN_TOO_LARGE -> add("certificate-chain-too-large", Severity.FAIL, ALL, host,
					"The mail server sends more certificates than anybody accepts.",
					"Send only the server's certificate and its intermediates.");
			case HANDSHAKE_FAILED -> add("validation-failure", Severity.FAIL, ALL, host,
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
		if (failure.stage() == Report.Stage.CONNECT) {
			dead(host, "connection-timeout", "The mail server does not answer.");
		}
		else {
			unsure(host, "timeout", "The mail server took too long" + during(failure) + ".");
		}
	}

	/**
	 * Nobody gets through to it: senders use another address or host, if there is one.
	 */
	private void dead(HostReport host, String code, String sentence) {
		boolean covered = this.anyGood;
		add(code, covered ? Severity.WARN : Severity.INCONCLUSIVE, covered ? NOTHING : ALL, host, sentence,
				"Check that the server runs and that port 25 is open to the Internet, or take it out of the DNS.");
	}

	private void unsure(HostReport host, String code, String sentence) {
		add(code, Severity.INCONCLUSIVE, ALL, host, sentence,
				"Check again in half an hour; if it stays so, let our host name through your rate and reputation limits.");
	}

	private static boolean isGood(HostReport host) {
		return host.addresses().stream().anyMatch((address) -> address.failure() == null && address.tls() != null);
	}

	private void tls(HostReport host, TlsFacts tls) {
		if (tls.version().equals("TLSv1.3")) {
			add("tls-1.3", Severity.PASS, NOTHING, host, "STARTTLS is offered and TLS 1.3 is agreed on.", "");
		}
		else if (tls.version().equals("TLSv1.2")) {
			add("tls-1.2", Severity.WARN, NOTHING, host, "STARTTLS is offered, but nothing newer than TLS 1.2.",
					"Switch TLS 1.3 on.");
		}
		else {
			add("tls-version-too-old", Severity.FAIL, ALL, host, "The mail server has nothing newer than TLS 1.1.",
					"Switch TLS 1.2 and TLS 1.3 on.");
		}
		switch (Strength.ofSuite(tls.cipherSuite())) {
			case BROKEN -> add("cipher-suite-broken", Severity.FAIL, ALL, host,
					"The cipher suite agreed on is broken: " + tls.cipherSuite() + ".",
					"Allow ECDHE with AES-GCM and forbid everything older.");
			case WEAK -> add("cipher-suite-weak", Severity.WARN, NOTHING, host,
					"The cipher suite agreed on is out of date: " + tls.cipherSuite() + ".",
					"Prefer ECDHE with AES-GCM.");
			case GOOD -> {
			}
		}
		if (tls.startTlsOfferedAgain()) {
			add("starttls-offered-again", Severity.WARN, NOTHING, host,
					"The mail server offers STARTTLS again inside TLS.",
					"Update the mail server; nothing stops working meanwhile.");
		}
	}

	private void chain(HostReport host, ChainFacts chain, Instant at) {
		trust(host, chain);
		dates(host, chain, at);
		name(host, chain);
		keys(host, chain);
		if (!chain.leaf().serverAuth()) {
			add("certificate-wrong-purpose", Severity.FAIL, TRUSTED, host,
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
			add("certificate-trusted", Severity.PASS, NOTHING, host, "The certificate is from a trusted authority.",
					"");
		}
		else if (chain.trust() == Trust.NOT_CHECKED) {
			add("certificate-not-checked", Severity.INCONCLUSIVE, TRUSTED, host, chain.trustWords(), remedy);
		}
		else {
			add("certificate-not-trusted", Severity.FAIL, TRUSTED, host, chain.trustWords(), remedy);
		}
	}

	private void dates(HostReport host, ChainFacts chain, Instant at) {
		Duration lifetime = Duration.between(chain.leaf().notBefore(), chain.leaf().notAfter());
		Duration third = lifetime.dividedBy(3);
		Duration warnBefore = (third.compareTo(WARN_BEFORE_EXPIRY) < 0) ? third : WARN_BEFORE_EXPIRY;
		Duration left = Duration.between(at, chain.validUntil());
		if (left.isNegative()) {
			add("certificate-expired", Severity.FAIL, TRUSTED, host,
					"The certificate" + whose(chain) + " expired on " + day(chain.validUntil()) + ".",
					"Install a renewed certificate, and see why it was not renewed in time.");
		}
		else if (at.isBefore(chain.validFrom())) {
			add("certificate-not-yet-valid", Severity.FAIL, TRUSTED, host,
					"The certificate" + whose(chain) + " is valid only from " + day(chain.validFrom()) + ".",
					"Install a certificate that is valid now.");
		}
		else if (left.compareTo(warnBefore) < 0) {
			add("certificate-expires-soon", Severity.WARN, NOTHING, host, "The certificate" + whose(chain)
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
			case HOST -> add("certificate-name", Severity.PASS, NOTHING, host,
					"The certificate is for the name of the mail server.", "");
			case DOMAIN -> add("certificate-name-of-domain", Severity.WARN, NOTHING, host,
					"The certificate is for the mail domain, not for the name of the mail server.",
					"Get a certificate that also has the name of the mail server.");
			case COMMON_NAME_ONLY -> add("certificate-name-outdated", Severity.WARN, NAMED, host,
					"The certificate has the server's name only as common name, which is no longer looked at.",
					"Get a certificate with the name as subject alternative name.");
			case NONE -> add("certificate-host-mismatch", Severity.FAIL, NAMED, host,
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

	private void keys(HostReport host, ChainFacts chain) {
		CertificateFacts leaf = chain.leaf();
		String key = leaf.keyAlgorithm() + ((leaf.keyBits() > 0) ? " " + leaf.keyBits() : "");
		switch (Strength.ofKey(leaf.keyAlgorithm(), leaf.keyBits())) {
			case BROKEN -> add("certificate-key-broken", Severity.FAIL, TRUSTED, host,
					"The key of the certificate is too weak: " + key + ".",
					"Get a certificate with RSA 3072 or P-256.");
			case WEAK -> add("certificate-key-weak", Severity.WARN, NOTHING, host,
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
			case BROKEN -> add("certificate-signature-broken", Severity.FAIL, TRUSTED, host,
					"A certificate is signed in a way that is broken: " + algorithm + ".",
					"Get a certificate signed with SHA-256.");
			case WEAK -> add("certificate-signature-weak", Severity.WARN, NOTHING, host,
					"A certificate is signed in a way that is out of date: " + algorithm + ".",
					"Get a certificate signed with SHA-256.");
			case GOOD -> {
			}
		}
	}

}
