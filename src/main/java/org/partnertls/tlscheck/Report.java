package org.partnertls.tlscheck;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.partnertls.dns.Dnssec;
import org.partnertls.dns.Validation;

/**
 * What one check of a domain saw, without any judgement of what it means for enforcement:
 * that is {@link Verdict#of(Report)}, which can be worked out again later by newer rules.
 * Plain records of texts, numbers and instants, so that it can be kept as JSON. Every
 * text that came from outside is bounded and printable ASCII. What may be null was not
 * looked at, for example by older rules, whose reports stay readable.
 *
 * @param domain the mail domain, A-labels
 * @param rulesVersion by which rules it was made
 * @param started when
 * @param finished when
 * @param mx what the DNS says about where mail goes
 * @param hosts the servers, by preference and then by name
 * @param validation who looked at the signatures of the DNS
 * @param depth how much was looked at
 * @param mtaSts the domain's policy (RFC 8461)
 * @param tlsReporting where it wants reports (RFC 8460)
 */
public record Report(String domain, int rulesVersion, Instant started, Instant finished, MxFinding mx,
		List<HostReport> hosts, @Nullable Validation validation, @Nullable Depth depth, @Nullable MtaStsFacts mtaSts,
		@Nullable TlsReportingFacts tlsReporting) {

	/**
	 * The rules that the code at hand follows; counts up when a report would come out
	 * differently.
	 */
	public static final int RULES_VERSION = 2;

	public Report {
		hosts = List.copyOf(hosts);
	}

	/**
	 * The same with what only deeper checks see taken over from an earlier report, which
	 * may itself have it from one before.
	 */
	Report carrying(Report before) {
		return new Report(this.domain, this.rulesVersion, this.started, this.finished, this.mx,
				this.hosts.stream().map((host) -> host.carrying(before)).toList(), this.validation, this.depth,
				this.mtaSts, this.tlsReporting);
	}

	private @Nullable FurtherFacts further(String host, String address) {
		return this.hosts.stream()
			.filter((one) -> one.name().equals(host))
			.flatMap((one) -> one.addresses().stream())
			.filter((one) -> one.address().equals(address))
			.map(AddressReport::further)
			.filter(java.util.Objects::nonNull)
			.findFirst()
			.orElse(null);
	}

	/**
	 * How much of each server is looked at.
	 */
	public enum Depth {

		/** One conversation with each address. */
		DAILY,
		/** And some more, which change slowly: old versions, without SNI. */
		WEEKLY

	}

	/**
	 * Where mail for the domain goes (RFC 5321 section 5.1).
	 *
	 * @param outcome what was found
	 * @param aliases the names that CNAME records of the domain lead to
	 * @param hostsLeftOff how many MX hosts were not probed because there are too many
	 * @param server which DNS server said so, where one did
	 * @param why why there is no answer, where there is none
	 * @param dnssec whether the answer is signed
	 */
	public record MxFinding(MxOutcome outcome, List<String> aliases, int hostsLeftOff, @Nullable String server,
			@Nullable String why, @Nullable Dnssec dnssec) {

		public MxFinding {
			aliases = List.copyOf(aliases);
		}

	}

	/**
	 * What the look-up of the MX records came to.
	 */
	public enum MxOutcome {

		/** There are MX records. */
		FOUND("Named by MX records"),
		/** There are none, but the domain has an address, which counts as its server. */
		IMPLICIT("No MX record; the host of the same name counts"),
		/** The domain says that it takes no mail (RFC 7505). */
		NULL_MX("The domain takes no mail (null MX)"),
		/** It says so beside naming servers. */
		NULL_MX_BESIDE_OTHERS("Named by MX records, beside a null MX"),
		/** The domain does not exist. */
		NO_SUCH_DOMAIN("The domain does not exist"),
		/** It has neither MX records nor an address. */
		NO_SERVER("Neither MX record nor address"),
		/** The DNS did not answer; nothing is known. */
		NO_ANSWER("The DNS did not answer");

		private final String words;

		MxOutcome(String words) {
			this.words = words;
		}

		/** For people. */
		public String words() {
			return this.words;
		}

	}

	/**
	 * One mail server.
	 *
	 * @param name its host name as the MX record has it
	 * @param preference of the MX record
	 * @param state whether it could be probed at all
	 * @param aliases the names that CNAME records of the host lead to
	 * @param addressesLeftOff how many addresses were not probed because there are too
	 * many
	 * @param why what the DNS said, where {@code state} needs it
	 * @param addresses each address that was probed or refused
	 * @param dnssec whether its addresses are signed
	 * @param tlsa what it publishes for DANE
	 */
	public record HostReport(String name, int preference, HostState state, List<String> aliases, int addressesLeftOff,
			@Nullable String why, List<AddressReport> addresses, @Nullable Dnssec dnssec, @Nullable TlsaFacts tlsa) {

		public HostReport {
			aliases = List.copyOf(aliases);
			addresses = List.copyOf(addresses);
		}

		private HostReport carrying(Report before) {
			return new HostReport(this.name, this.preference, this.state, this.aliases, this.addressesLeftOff, this.why,
					this.addresses.stream()
						.map((now) -> (now.further() != null || now.tls() == null) ? now
								: now.with(before.further(this.name, now.address())))
						.toList(),
					this.dnssec, this.tlsa);
		}

	}

	/**
	 * Whether a host could be probed.
	 */
	public enum HostState {

		/** Its addresses are known. */
		RESOLVED("Has addresses"),
		/** What the MX record names is an address or no host name at all. */
		NOT_A_HOST_NAME("Is no host name"),
		/** It is a name that means something only inside a network. */
		LOCAL_NAME("Exists only inside a network"),
		/** It has no address. */
		NO_ADDRESS("Has no address"),
		/** The DNS did not answer. */
		NO_ANSWER("The DNS did not answer");

		private final String words;

		HostState(String words) {
			this.words = words;
		}

		/** For people. */
		public String words() {
			return this.words;
		}

	}

	/**
	 * What a server publishes for DANE (RFC 7672).
	 *
	 * @param base the TLSA base domain, below which the records stand
	 * @param outcome what came of asking
	 * @param records at most 20
	 * @param recordsLeftOff how many more there are
	 * @param dnssec whether the answer is signed
	 * @param why what the DNS said, where there is no answer
	 */
	public record TlsaFacts(String base, TlsaOutcome outcome, List<TlsaFact> records, int recordsLeftOff, Dnssec dnssec,
			@Nullable String why) {

		public TlsaFacts {
			records = List.copyOf(records);
		}

	}

	/**
	 * What came of asking for TLSA records.
	 */
	public enum TlsaOutcome {

		/** There are some. */
		FOUND,
		/** There are none. */
		NONE,
		/** The addresses are not signed, so that nobody asks (RFC 7672 section 2.2.2). */
		NOT_SIGNED,
		/** The DNS gave a failure; senders that use DANE keep away from the host. */
		FAILED,
		/** The DNS did not answer us. */
		NO_ANSWER

	}

	/**
	 * One TLSA record (RFC 6698 section 2.1).
	 *
	 * @param usage 0 to 3
	 * @param selector 0 the certificate, 1 its key
	 * @param matching 0 whole, 1 SHA-256, 2 SHA-512
	 * @param data hexadecimal, its first 64 bytes
	 * @param usable whether a mail server may use it (RFC 7672 section 3.1)
	 */
	public record TlsaFact(int usage, int selector, int matching, String data, boolean usable) {

		/** The parameters as they are usually written: {@code 3 1 1}. */
		public String parameters() {
			return this.usage + " " + this.selector + " " + this.matching;
		}

	}

	/**
	 * How what a server shows fits its TLSA records.
	 *
	 * @param outcome whether one matches
	 * @param matched which of the records do, counted from 0
	 * @param words why, for people
	 */
	public record DaneFacts(DaneOutcome outcome, List<Integer> matched, String words) {

		public DaneFacts {
			matched = List.copyOf(matched);
		}

	}

	/**
	 * How a certificate fits.
	 */
	public enum DaneOutcome {

		/** A record matches. */
		MATCHED,
		/** None does. */
		NO_MATCH,
		/**
		 * There are records, but none that can be used: encrypted, but unauthenticated.
		 */
		NOTHING_USABLE

	}

	/**
	 * A domain's policy by MTA-STS (RFC 8461).
	 *
	 * @param record what the TXT record is like
	 * @param id of the policy
	 * @param fetch what came of fetching it
	 * @param words why, for people
	 * @param policy the policy that holds, fetched or remembered
	 * @param bodySha256 of what was fetched, hexadecimal
	 * @param contentType as sent
	 * @param fetchedAt when the policy was fetched
	 * @param before what was known before this check, without its own {@code before}
	 */
	public record MtaStsFacts(StsRecord record, @Nullable String id, StsFetch fetch, String words,
			@Nullable StsPolicy policy, @Nullable String bodySha256, @Nullable String contentType,
			@Nullable Instant fetchedAt, @Nullable MtaStsFacts before) {

		/**
		 * Whether a policy that was fetched before would still be in the memory of
		 * senders.
		 */
		public boolean holdsAt(Instant when) {
			return this.policy != null && this.fetchedAt != null
					&& when.isBefore(this.fetchedAt.plusSeconds(this.policy.maxAgeSeconds()));
		}

	}

	/**
	 * What the TXT record at {@code _mta-sts} is like.
	 */
	public enum StsRecord {

		/** There is none, so the domain has no policy. */
		NONE,
		/** There is exactly one and it is right. */
		GOOD,
		/** There are several, which counts as none. */
		SEVERAL,
		/** There is one that is wrong. */
		INVALID,
		/** The DNS did not answer. */
		NO_ANSWER

	}

	/**
	 * What came of fetching the policy.
	 */
	public enum StsFetch {

		/** It was fetched. */
		FETCHED,
		/** It was not asked for: there is no record, or its id is known already. */
		NOT_TRIED,
		/** It could not be fetched. */
		FAILED,
		/** The web server's certificate is not what it should be. */
		UNTRUSTED,
		/** What came is no policy. */
		INVALID

	}

	/**
	 * A policy.
	 *
	 * @param mode {@code enforce}, {@code testing} or {@code none}
	 * @param maxAgeSeconds how long senders remember it
	 * @param mx patterns of host names, at most 50
	 */
	public record StsPolicy(String mode, long maxAgeSeconds, List<String> mx) {

		public StsPolicy {
			mx = List.copyOf(mx);
		}

		/** Whether senders keep mail back that does not fit. */
		public boolean enforces() {
			return this.mode.equals("enforce");
		}

	}

	/**
	 * Where the domain wants reports about TLS (RFC 8460).
	 *
	 * @param record what the TXT record at {@code _smtp._tls} is like
	 * @param addresses of the reports, at most 10
	 * @param words what is wrong, for people
	 */
	public record TlsReportingFacts(StsRecord record, List<String> addresses, String words) {

		public TlsReportingFacts {
			addresses = List.copyOf(addresses);
		}

	}

	/**
	 * One conversation with one address.
	 *
	 * @param address IPv4 or IPv6 literal
	 * @param started when; before the check where the result is shared with another
	 * domain's
	 * @param stages in order, up to and including the first that went wrong
	 * @param tls what was agreed, when a handshake was made
	 * @param chain what the server showed of itself, when it showed something
	 * @param keywords what its EHLO reply offers inside TLS
	 * @param transcript both sides of the conversation, at most 4 KiB
	 * @param dane how what was shown fits the TLSA records, where there are some
	 * @param further what further connections saw, where the check went deeper
	 */
	public record AddressReport(String address, Instant started, List<StageReport> stages, @Nullable TlsFacts tls,
			@Nullable ChainFacts chain, List<String> keywords, String transcript, @Nullable DaneFacts dane,
			@Nullable FurtherFacts further) {

		public AddressReport {
			stages = List.copyOf(stages);
			keywords = List.copyOf(keywords);
		}

		private AddressReport with(@Nullable FurtherFacts facts) {
			return new AddressReport(this.address, this.started, this.stages, this.tls, this.chain, this.keywords,
					this.transcript, this.dane, facts);
		}

		/**
		 * How a stage went; null when it did not come to it.
		 */
		public @Nullable StageReport at(Stage wanted) {
			return this.stages.stream().filter((stage) -> stage.stage() == wanted).findFirst().orElse(null);
		}

		/**
		 * The first line that the server said, without what marks its side; empty when it
		 * said nothing.
		 */
		public String greeting() {
			return this.transcript.lines()
				.filter((line) -> line.startsWith("S: "))
				.findFirst()
				.map((line) -> line.substring(3))
				.orElse("");
		}

		/**
		 * The first stage that went wrong, QUIT excepted: there all is known already.
		 */
		public @Nullable StageReport failure() {
			return this.stages.stream()
				.filter((stage) -> stage.outcome() != StageOutcome.OK && stage.stage() != Stage.QUIT)
				.findFirst()
				.orElse(null);
		}

	}

	/**
	 * What changes slowly and costs a connection each.
	 *
	 * @param versions which old versions the server agrees to
	 * @param hello what its answer by TLS 1.2 says
	 * @param leafWithoutSni fingerprint of the certificate that it shows to those who
	 * name no host, hexadecimal
	 */
	public record FurtherFacts(List<VersionOffer> versions, @Nullable HelloFacts hello,
			@Nullable String leafWithoutSni) {

		public FurtherFacts {
			versions = List.copyOf(versions);
		}

	}

	/**
	 * Whether a server agrees to a version.
	 *
	 * @param version for people, for example {@code TLS 1.0}
	 * @param offer whether
	 */
	public record VersionOffer(String version, Offer offer) {

	}

	/**
	 * Whether something is offered.
	 */
	public enum Offer {

		OFFERED, REFUSED, NOT_CLEAR

	}

	/**
	 * What a ServerHello of TLS 1.2 says beyond version and suite.
	 *
	 * @param extendedMasterSecret RFC 7627
	 * @param secureRenegotiation RFC 5746
	 * @param compression whether data would be compressed
	 */
	public record HelloFacts(boolean extendedMasterSecret, boolean secureRenegotiation, boolean compression) {

	}

	/**
	 * One step of a conversation.
	 *
	 * @param stage which
	 * @param outcome how it ended
	 * @param millis how long it took
	 * @param words what was seen, for people
	 */
	public record StageReport(Stage stage, StageOutcome outcome, long millis, String words) {

	}

	/**
	 * The steps of a conversation in their order.
	 */
	public enum Stage {

		CONNECT("Connect"), GREETING("Greeting"), EHLO("EHLO"), STARTTLS("STARTTLS"), HANDSHAKE("TLS handshake"),
		EHLO_IN_TLS("EHLO inside TLS"), QUIT("QUIT");

		private final String title;

		Stage(String title) {
			this.title = title;
		}

		/**
		 * For the head of a column.
		 */
		public String title() {
			return this.title;
		}

	}

	/**
	 * How a step ended.
	 */
	public enum StageOutcome {

		/** As it should. */
		OK,
		/** The address is not a public one; no connection was made. */
		NOT_ALLOWED,
		/** There was no time left to try. */
		NOT_TRIED,
		/** Nothing listens there, or a firewall says so. */
		CONNECTION_REFUSED,
		/** We have no way there. */
		UNREACHABLE,
		/** The deadline passed. */
		TIMEOUT,
		/** The other side hung up. */
		CLOSED,
		/** A 4xx reply: not now. */
		TEMPORARY,
		/** A 5xx reply: not for us. */
		REJECTED,
		/** Bytes that are no SMTP reply, or too many of them. */
		UNREADABLE,
		/** STARTTLS is not offered, or refused for good. */
		NO_STARTTLS,
		/** The server knows only the oldest SMTP, without EHLO. */
		NO_EHLO,
		/** Bytes stood behind the reply to STARTTLS in clear text. */
		INJECTION,
		/** Nothing newer than TLS 1.1. */
		TLS_TOO_OLD,
		/** More certificates, or larger ones, than anybody accepts. */
		CHAIN_TOO_LARGE,
		/** A key that takes too long to work with. */
		KEY_TOO_LARGE,
		/** The handshake broke off for another reason. */
		HANDSHAKE_FAILED

	}

	/**
	 * What the handshake agreed.
	 *
	 * @param version as Java names it, for example {@code TLSv1.3}
	 * @param cipherSuite IANA name
	 * @param startTlsOfferedAgain whether STARTTLS was offered inside TLS
	 */
	public record TlsFacts(String version, String cipherSuite, boolean startTlsOfferedAgain) {

		/** The version for people: {@code TLS 1.3}. */
		public String versionWords() {
			return this.version.replace("TLSv", "TLS ");
		}

	}

	/**
	 * The certificates that a server sent.
	 *
	 * @param certificates in the order sent, the server's own first
	 * @param trust whether a path to an anchor was found, looking only at what was sent
	 * @param trustWords why, for people
	 * @param anchor the authority at the end of the path, where there is one
	 * @param validFrom the latest start of validity along the path
	 * @param validUntil the earliest end of validity along the path
	 * @param name which name of the certificate fits (RFC 9525)
	 * @param revocation whether its authority has taken it back
	 */
	public record ChainFacts(List<CertificateFacts> certificates, Trust trust, String trustWords,
			@Nullable String anchor, Instant validFrom, Instant validUntil, NameFit name,
			@Nullable RevocationFacts revocation) {

		public ChainFacts {
			certificates = List.copyOf(certificates);
		}

		/**
		 * The server's own certificate.
		 */
		public CertificateFacts leaf() {
			return this.certificates.getFirst();
		}

	}

	/**
	 * What an authority says of a certificate.
	 *
	 * @param state whether it was taken back
	 * @param words how we know, for people
	 */
	public record RevocationFacts(Revocation state, String words) {

	}

	/**
	 * Whether a certificate was taken back.
	 */
	public enum Revocation {

		/** It was not. */
		GOOD,
		/** It was. */
		REVOKED,
		/** The certificate names no place to ask. */
		NOT_STATED,
		/** There was no answer that holds. */
		NO_ANSWER

	}

	/**
	 * One certificate.
	 *
	 * @param subject distinguished name
	 * @param issuer distinguished name
	 * @param serialNumber hexadecimal
	 * @param notBefore start of its validity
	 * @param notAfter end of its validity
	 * @param keyAlgorithm for example {@code RSA} or {@code EC}
	 * @param keyBits 0 when not known
	 * @param signatureAlgorithm for example {@code SHA256withRSA}
	 * @param onPath whether the path to the anchor goes over it
	 * @param serverAuth whether it may stand for a server (RFC 5280 section 4.2.1.12)
	 * @param dnsNames the DNS names it was issued for, at most 100, lower case
	 * @param dnsNamesLeftOff how many more there are
	 * @param commonName the subject's common name, where it has one
	 * @param sha256 fingerprint, hexadecimal
	 * @param keySha256 fingerprint of its public key, hexadecimal, as in TLSA 3 1 1
	 */
	public record CertificateFacts(String subject, String issuer, String serialNumber, Instant notBefore,
			Instant notAfter, String keyAlgorithm, int keyBits, String signatureAlgorithm, boolean onPath,
			boolean serverAuth, List<String> dnsNames, int dnsNamesLeftOff, @Nullable String commonName, String sha256,
			@Nullable String keySha256) {

		public CertificateFacts {
			dnsNames = List.copyOf(dnsNames);
		}

	}

	/**
	 * Whether the chain leads to an authority that we trust, dates left aside.
	 */
	public enum Trust {

		/** It does. */
		TRUSTED,
		/** The certificate vouches for itself only. */
		SELF_SIGNED,
		/** The certificate of the issuer was not sent along. */
		INCOMPLETE,
		/** The issuer is sent but leads to nobody we know. */
		UNKNOWN_AUTHORITY,
		/** There is a path but it breaks a rule of RFC 5280. */
		INVALID,
		/** Not looked at, because its keys are absurdly large. */
		NOT_CHECKED

	}

	/**
	 * Which name of a certificate fits.
	 */
	public enum NameFit {

		/** A DNS name is the host's. */
		HOST,
		/** Only the mail domain's. */
		DOMAIN,
		/** Only the common name, which is no longer looked at. */
		COMMON_NAME_ONLY,
		/** None. */
		NONE

	}

}
