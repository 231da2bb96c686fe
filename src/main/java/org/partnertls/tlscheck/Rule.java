package org.partnertls.tlscheck;

import java.util.Set;
import java.util.function.Predicate;

import com.google.common.collect.ImmutableSortedSet;
import org.partnertls.dns.Dnssec;
import org.partnertls.tlscheck.Report.StsRecord;
import org.partnertls.tlscheck.Report.TlsaOutcome;

/**
 * What a check looks at, each with the codes of what it may find. M is about finding the
 * servers, S about the conversation, V about TLS itself, C about certificates, D about
 * DANE, T about MTA-STS, R about TLS reporting. Names are stable.
 */
@SuppressWarnings("ImmutableEnumChecker")
public enum Rule {

	/** RFC 5321 section 5.1. */
	M1("The domain names its mail servers", Seen.ALWAYS, "mx-found"),
	/** RFC 5321 section 5.1: a failing DNS says nothing. */
	M2("The mail servers can be looked up", Seen.ALWAYS, "mx-no-answer", "mx-host-no-answer", "addresses-incomplete"),
	/** RFC 5321 section 5.1. */
	M3("The domain exists and can take mail", Seen.ALWAYS, "mx-no-such-domain", "mx-none"),
	/** RFC 5321 section 5.1. */
	M4("The servers are named by MX records", Seen.MX, "mx-implicit"),
	/** RFC 5321 section 5.1: no falling back to the domain's address. */
	M5("At least one server can be used", Seen.MX, "mx-unusable"),
	/** RFC 7505. */
	M6("The domain takes mail", Seen.MX, "mx-null"),
	/** RFC 7505 section 3. */
	M7("The records do not contradict each other", Seen.MX, "mx-null-beside-others"),
	/** RFC 2181 section 10.3. */
	M8("MX records name hosts, not aliases", Seen.HOST, "mx-alias"),
	/** RFC 5321 section 5.1. */
	M9("Every server has an address", Seen.HOST, "mx-no-address"),
	/** RFC 5321 section 2.3.5, RFC 6890. */
	M10("Every server is a host of the public Internet", Seen.HOST, "mx-not-a-host", "mx-local-name",
			"address-not-public"),
	/** Every server at every address, up to ten with four each. */
	M11("Every server and address is checked", Seen.HOST, "mx-too-many", "addresses-too-many"),
	/** RFC 5321 section 5.1: senders go on to the next. */
	M12("Every server answers", Seen.HOST, "connection-refused", "connection-timeout", "unreachable"),

	/** RFC 5321 section 4.3.2. */
	S1("Servers speak SMTP and in time", Seen.CONNECTION, "timeout", "not-tried", "unreadable-answer"),
	/** RFC 5321 section 4.2: being turned away says nothing about TLS. */
	S2("Servers let us ask", Seen.CONNECTION, "temporarily-refused", "refused", "connection-closed"),
	/** RFC 5321 section 3.2. */
	S3("Servers know EHLO", Seen.GREETING, "starttls-not-supported"),
	/** RFC 3207 section 4. */
	S4("STARTTLS is offered", Seen.GREETING, "starttls-offered", "starttls-not-supported"),
	/** RFC 3207 section 4. */
	S5("STARTTLS is carried out", Seen.STARTTLS, "starttls-not-supported", "temporarily-refused"),
	/** RFC 3207 section 6. */
	S6("Nothing is slipped in before TLS", Seen.STARTTLS, "starttls-injection"),
	/** RFC 3207 section 4.2. */
	S7("STARTTLS is not offered inside TLS", Seen.TLS, "starttls-offered-again"),
	/** Asked for by a person only. */
	S9("Clear text is refused", Seen.NEVER, "clear-text-refused", "clear-text-accepted", "clear-text-unclear"),
	/** CVE-2011-0411, CVE-2021-38371; only where it is switched on. */
	S10("Commands slipped in before TLS are not obeyed", Seen.SLIPPED_IN, "starttls-command-injection"),
	/** RFC 8689. */
	S11("REQUIRETLS is offered", Seen.NEVER, "requiretls-offered"),

	/** RFC 9325 section 3.1.1. */
	V1("TLS 1.2 or newer is agreed on", Seen.STARTTLS, "tls-1.3", "tls-1.2", "tls-version-too-old"),
	/** RFC 9325 section 3.1.1, RFC 8996. */
	V2("Old versions are not offered", Seen.FURTHER, "tls-legacy-offered", "ssl-offered"),
	/** RFC 9325 section 4.5. */
	V3("The certificate's key is strong", Seen.CHAIN, "certificate-key-broken", "certificate-key-weak"),
	/** RFC 9155. */
	V4("Certificates are signed with SHA-256 or better", Seen.CHAIN, "certificate-signature-broken",
			"certificate-signature-weak"),
	/** RFC 9325 section 4.2. */
	V5("A current cipher suite is agreed on", Seen.TLS, "cipher-suite-broken", "cipher-suite-weak"),
	/** RFC 9325 sections 3.3, 3.5, RFC 7627. */
	V6("TLS 1.2 is used with its repairs", Seen.HELLO, "compression-offered", "renegotiation-insecure",
			"extended-master-secret-missing"),
	/** RFC 8446 section 4. */
	V7("The handshake succeeds", Seen.STARTTLS, "validation-failure", "certificate-chain-too-large"),
	/** RFC 9325 section 4.1, RFC 7919. */
	V8("Diffie-Hellman uses a prime of 2048 bits or more", Seen.DHE, "dh-group-broken"),

	/** RFC 5280 section 6. */
	C1("The certificate is from a trusted authority", Seen.CHAIN, "certificate-trusted", "certificate-not-trusted",
			"certificate-not-checked"),
	/** RFC 5280 section 4.1.2.5. */
	C2("The certificate is valid now", Seen.CHAIN, "certificate-expired", "certificate-not-yet-valid",
			"certificate-expires-soon"),
	/** RFC 9525 section 6. */
	C3("The certificate is for the mail server", Seen.CHAIN, "certificate-name", "certificate-name-of-domain",
			"certificate-name-outdated", "certificate-host-mismatch"),
	/** RFC 5280 section 4.2.1.12. */
	C4("The certificate is meant for servers", Seen.CHAIN, "certificate-wrong-purpose"),
	/** RFC 8446 section 4.4.2. */
	C5("The chain is complete", Seen.CHAIN, "certificate-not-trusted"),
	/** RFC 6960, RFC 5280 section 5. */
	C6("The certificate is not revoked", Seen.REVOCATION, "certificate-not-revoked", "certificate-revoked",
			"revocation-unknown"),
	/** RFC 5280 section 3.2. */
	C7("The certificate is not signed by itself", Seen.CHAIN, "certificate-not-trusted"),
	/** One machine of a farm was forgotten. */
	C8("All addresses of a server show one certificate", Seen.CHAIN, "certificates-differ"),
	/** RFC 6066 section 3: some senders name no host. */
	C9("The certificate is the same for those who name no host", Seen.SNI, "certificate-differs-without-sni"),

	/** RFC 7672 section 2.2.1. */
	D1("The MX records are signed", Seen.VALIDATED, "dnssec-secure", "dnssec-invalid"),
	/** RFC 7672 section 2.2.1. */
	D2("The way to DANE is signed from the domain on", Seen.TLSA, "dane-mx-insecure"),
	/** RFC 7672 section 2.2.2. */
	D3("The servers' addresses are signed", Seen.VALIDATED, "dane-host-insecure"),
	/** RFC 7672 section 2.2.3. */
	D4("The TLSA records stand where senders look", Seen.TLSA, "dane-base"),
	/** RFC 7672 section 2.1.2. */
	D5("The TLSA records can be looked up", Seen.VALIDATED, "dnssec-invalid", "tlsa-no-answer"),
	/** RFC 7672 section 3.1. */
	D6("The TLSA records can be used", Seen.TLSA, "tlsa-invalid"),
	/** RFC 7672 section 3.1.1. */
	D7("A certificate matched by key or whole (3) is in date too", Seen.TLSA, "certificate-expired"),
	/** RFC 7672 sections 3.1.1 and 3.1.2. */
	D8("The certificate fits a TLSA record", Seen.TLSA, "dane-matched", "tlsa-invalid"),
	/** RFC 7672 section 2.2. */
	D9("Servers with TLSA records offer TLS", Seen.TLSA, "starttls-not-supported"),
	/** RFC 7671 section 8. */
	D10("No TLSA record is left over", Seen.TLSA, "dane-rollover"),
	/** RFC 7672 section 2.2. */
	D11("All servers have TLSA records", Seen.TLSA, "dane-complete", "dane-incomplete"),
	/** RFC 7672 section 3.1. */
	D12("The TLSA records are of the advised kind", Seen.TLSA, "dane-parameters"),

	/** RFC 8461 section 3.1. */
	T1("There is one MTA-STS record", Seen.STS, "sts-record", "sts-record-several", "sts-record-no-answer"),
	/** RFC 8461 section 3.1. */
	T2("The MTA-STS record is right", Seen.STS, "sts-record-invalid"),
	/** RFC 8461 section 3.3. */
	T3("The policy can be fetched", Seen.STS, "sts-policy-fetch-error", "sts-webpki-invalid", "sts-content-type"),
	/** RFC 8461 section 3.2. */
	T4("The policy is right", Seen.STS, "sts-policy-invalid", "sts-max-age-short", "sts-testing", "sts-enforce",
			"sts-mode-none"),
	/** RFC 8461 section 4.1. */
	T6("Every server is named in the policy", Seen.POLICY, "sts-mx-mismatch"),
	/** RFC 8461 section 4.1. */
	T7("Every server's certificate is what the policy demands", Seen.POLICY, "certificate-host-mismatch",
			"certificate-expired", "certificate-not-trusted", "starttls-not-supported"),
	/** RFC 8461 section 3.1. */
	T8("A new policy has a new id", Seen.POLICY, "sts-id-stale"),
	/** RFC 8461 section 8.3. */
	T9("A policy that senders remember is still there", Seen.STS, "sts-policy-vanished"),

	/** RFC 8460 section 3. */
	R1("The domain asks for reports about TLS", Seen.REPORTING, "tlsrpt-record", "tlsrpt-record-invalid");

	private final String title;

	@SuppressWarnings("ImmutableEnumChecker") // The predicates hold nothing.
	private final Predicate<Report> applies;

	private final ImmutableSortedSet<String> codes;

	Rule(String title, Predicate<Report> applies, String... codes) {
		this.title = title;
		this.applies = applies;
		this.codes = ImmutableSortedSet.copyOf(codes);
	}

	/** What it demands, for people. */
	public String title() {
		return this.title;
	}

	/** The codes of what it may find, sorted. */
	public Set<String> codes() {
		return this.codes;
	}

	/**
	 * Whether a report holds what the rule is about, so that no finding is good news.
	 */
	boolean appliesTo(Report report) {
		return this.applies.test(report);
	}

	/**
	 * What a report holds.
	 */
	private static final class Seen {

		static final Predicate<Report> ALWAYS = (report) -> true;

		/** Only what was found counts. */
		static final Predicate<Report> NEVER = (report) -> false;

		static final Predicate<Report> MX = (report) -> switch (report.mx().outcome()) {
			case FOUND, IMPLICIT, NULL_MX, NULL_MX_BESIDE_OTHERS -> true;
			case NO_SUCH_DOMAIN, NO_SERVER, NO_ANSWER -> false;
		};

		static final Predicate<Report> HOST = (report) -> !report.hosts().isEmpty();

		static final Predicate<Report> CONNECTION = came(Report.Stage.GREETING);

		static final Predicate<Report> GREETING = came(Report.Stage.EHLO);

		static final Predicate<Report> STARTTLS = came(Report.Stage.STARTTLS);

		static final Predicate<Report> TLS = any((address) -> address.tls() != null);

		static final Predicate<Report> CHAIN = any((address) -> address.chain() != null);

		static final Predicate<Report> FURTHER = any(
				(address) -> address.further() != null && !address.further().versions().isEmpty());

		static final Predicate<Report> HELLO = any(
				(address) -> address.further() != null && address.further().hello() != null);

		static final Predicate<Report> DHE = any((address) -> address.further() != null
				&& address.further().primeBits() != null && address.further().primeBits() > 0);

		static final Predicate<Report> SLIPPED_IN = any(
				(address) -> address.further() != null && address.further().obeysSlippedIn() != null);

		static final Predicate<Report> SNI = any(
				(address) -> address.further() != null && address.further().leafWithoutSni() != null);

		static final Predicate<Report> REVOCATION = any(
				(address) -> address.chain() != null && address.chain().revocation() != null
						&& address.chain().revocation().state() != Report.Revocation.NOT_STATED);

		static final Predicate<Report> VALIDATED = (report) -> report.mx().dnssec() == Dnssec.SECURE;

		static final Predicate<Report> TLSA = (report) -> report.hosts()
			.stream()
			.anyMatch((host) -> host.tlsa() != null && host.tlsa().outcome() == TlsaOutcome.FOUND);

		static final Predicate<Report> STS = (report) -> report.mtaSts() != null
				&& report.mtaSts().record() != StsRecord.NONE;

		static final Predicate<Report> POLICY = (report) -> report.mtaSts() != null && report.mtaSts().policy() != null;

		static final Predicate<Report> REPORTING = (report) -> report.tlsReporting() != null
				&& report.tlsReporting().record() != StsRecord.NONE;

		private static Predicate<Report> came(Report.Stage stage) {
			return any((address) -> address.at(stage) != null);
		}

		private static Predicate<Report> any(Predicate<Report.AddressReport> holds) {
			return (report) -> report.hosts().stream().flatMap((host) -> host.addresses().stream()).anyMatch(holds);
		}

	}

}
