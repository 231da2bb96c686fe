package org.partnertls.connector;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

/**
 * The pair of connectors that a partner shall have.
 *
 * @param partnerId the partner
 * @param partnerName its name at this time
 * @param domains its mail domains, without their sub-domains
 * @param tlsLevel how strictly the partner's servers are checked when we send
 * @param tlsDomain the name that must be in their certificate, a domain or
 * {@code *.domain}; with {@link TlsLevel#DOMAIN_VALIDATION} only
 * @param validationRecipients who receives the validation message; each in one of the
 * domains
 * @param restriction what mail from them must come with, apart from TLS
 * @param reference our reference for the partnership, such as TLS-2026-0147; it marks the
 * connectors as ours
 * @param options what is seldom other than usual
 */
public record Wanted(UUID partnerId, String partnerName, SortedSet<DomainName> domains, TlsLevel tlsLevel,
		@Nullable String tlsDomain, List<EmailAddress> validationRecipients, Restriction restriction, String reference,
		Options options) {

	private static final int MOST_DOMAINS = 200;

	private static final int MOST_RECIPIENTS = 10;

	private static final int MOST_RANGES = 200;

	public Wanted {
		domains = Collections.unmodifiableSortedSet(new TreeSet<>(domains));
		validationRecipients = List.copyOf(validationRecipients);
		// Plans from before there were options have none.
		options = (options != null) ? options : Options.USUAL;
	}

	/** With the usual options. */
	public Wanted(UUID partnerId, String partnerName, SortedSet<DomainName> domains, TlsLevel tlsLevel,
			@Nullable String tlsDomain, List<EmailAddress> validationRecipients, Restriction restriction,
			String reference) {
		this(partnerId, partnerName, domains, tlsLevel, tlsDomain, validationRecipients, restriction, reference,
				Options.USUAL);
	}

	/** The same with other options. */
	public Wanted with(Options other) {
		return new Wanted(this.partnerId, this.partnerName, this.domains, this.tlsLevel, this.tlsDomain,
				this.validationRecipients, this.restriction, this.reference, other);
	}

	/**
	 * The same with what the settings of connectors say, where they say something: only
	 * who receives the validation message stands nowhere in them.
	 * @param outbound null: there is none
	 * @param inbound null: there is none; what one that refuses nothing yet does not ask
	 * for stays
	 */
	Wanted like(@Nullable Form outbound, @Nullable Form inbound) {
		SortedSet<DomainName> all = new TreeSet<>();
		SortedSet<DomainName> below = new TreeSet<>();
		TlsLevel level = this.tlsLevel;
		String name = this.tlsDomain;
		List<String> hosts = this.options.smartHosts();
		Dane dane = this.options.dane();
		MtaSts mtaSts = this.options.mtaSts();
		if (outbound != null) {
			domains(outbound.texts(Form.RECIPIENT_DOMAINS), all, below);
			level = named(TlsLevel.values(), TlsLevel::parameter, outbound.get(Form.TLS_SETTINGS), level);
			name = (level == TlsLevel.DOMAIN_VALIDATION) ? outbound.text(Form.TLS_DOMAIN, name) : null;
			hosts = outbound.is(Form.USE_MX) ? List.of() : outbound.texts(Form.SMART_HOSTS);
			dane = named(Dane.values(), Dane::parameter, outbound.get(Form.DANE), dane);
			mtaSts = named(MtaSts.values(), MtaSts::parameter, outbound.get(Form.MTA_STS), mtaSts);
		}
		Restriction only = this.restriction;
		Filtering filtering = this.options.filtering();
		if (inbound != null) {
			domains(inbound.texts(Form.SENDER_DOMAINS), all, below);
			only = restriction(inbound);
			filtering = new Filtering(inbound.is(Form.SKIP_LAST_IP), inbound.texts(Form.SKIP_IPS),
					inbound.texts(Form.SKIP_USERS).stream().flatMap(Wanted::address).toList());
		}
		if (all.isEmpty()) {
			all.addAll(this.domains);
			below.addAll(this.options.subdomainsOf());
		}
		return new Wanted(this.partnerId, this.partnerName, all, level, name, this.validationRecipients, only,
				this.reference, new Options(below, hosts, dane, mtaSts, filtering));
	}

	private static void domains(List<String> patterns, SortedSet<DomainName> all, SortedSet<DomainName> below) {
		for (String pattern : patterns) {
			boolean star = pattern.startsWith("*.");
			try {
				DomainName domain = DomainName.of(star ? pattern.substring(2) : pattern);
				all.add(domain);
				if (star) {
					below.add(domain);
				}
			}
			catch (IllegalArgumentException ex) {
				// Such as *, which is for no partner in particular.
			}
		}
	}

	private static Stream<EmailAddress> address(String stored) {
		try {
			return Stream.of(EmailAddress.of(stored));
		}
		catch (IllegalArgumentException ex) {
			return Stream.empty();
		}
	}

	private Restriction restriction(Form inbound) {
		String certificate = inbound.text(Form.CERTIFICATE, null);
		if (inbound.is(Form.BY_CERTIFICATE) && certificate != null) {
			return new ByCertificate(certificate);
		}
		if (inbound.is(Form.BY_ADDRESS)) {
			return new ByAddress(inbound.texts(Form.ADDRESSES));
		}
		return inbound.is(Form.REQUIRE_TLS) ? new Unrestricted() : this.restriction;
	}

	private static <E> E named(E[] values, Function<E, String> parameter, @Nullable Object stored, E otherwise) {
		return Stream.of(values).filter((value) -> parameter.apply(value).equals(stored)).findFirst().orElse(otherwise);
	}

	/**
	 * What Exchange Online would not accept, or what would not do what is meant: a
	 * sentence for each; none when all is well.
	 */
	public List<String> objections() {
		List<String> sentences = new ArrayList<>();
		objectToDomains(sentences);
		objectToTlsDomain(sentences);
		objectToRecipients(sentences);
		this.restriction.objections(sentences);
		this.options.objections(this.domains, sentences);
		if (!this.reference.matches("[A-Za-z0-9._-]{1,64}")) {
			sentences.add("The reference may have letters, digits, full stops, hyphens and underscores only.");
		}
		return sentences;
	}

	/** What the connectors' comment says. */
	String comment() {
		return "Made by the Partner TLS Portal, reference " + this.reference + ". Change it there.";
	}

	private void objectToDomains(List<String> sentences) {
		if (this.domains.isEmpty()) {
			sentences.add("Name at least one mail domain of the partner.");
		}
		if (this.domains.size() > MOST_DOMAINS) {
			sentences.add("One pair of connectors takes at most " + MOST_DOMAINS + " domains.");
		}
		this.domains.stream()
			.filter(DomainName::isPublicSuffix)
			.forEach((domain) -> sentences
				.add(domain.display() + " is a public suffix: nobody owns all the mail domains below it."));
	}

	private void objectToTlsDomain(List<String> sentences) {
		if (this.tlsLevel == TlsLevel.DOMAIN_VALIDATION) {
			if (this.tlsDomain == null) {
				sentences.add("Say which name must be in the certificate of the partner's servers, for example"
						+ " *.mail.example.com, or choose another TLS level.");
			}
			else if (!isDomainOrWildcard(this.tlsDomain)) {
				sentences.add("The name in the certificate must be a domain such as mail.example.com or"
						+ " *.mail.example.com.");
			}
		}
		else if (this.tlsDomain != null) {
			sentences.add("A name in the certificate is checked only at the level \""
					+ TlsLevel.DOMAIN_VALIDATION.words() + "\". Choose it, or leave the name out.");
		}
	}

	private void objectToRecipients(List<String> sentences) {
		if (this.validationRecipients.isEmpty()) {
			sentences.add("Name somebody at the partner who may receive the validation message.");
		}
		if (this.validationRecipients.size() > MOST_RECIPIENTS) {
			sentences.add("Name at most " + MOST_RECIPIENTS + " people for the validation message.");
		}
		this.validationRecipients.stream()
			.filter((recipient) -> !covers(recipient.domain()))
			.forEach((recipient) -> sentences.add("The validation message cannot go to " + recipient
					+ ": the address is not in a domain of this connector."));
	}

	private boolean covers(DomainName recipient) {
		return this.domains.contains(recipient) || this.options.subdomainsOf()
			.stream()
			.anyMatch((base) -> recipient.ascii().endsWith("." + base.ascii()));
	}

	/**
	 * The patterns for {@code RecipientDomains}, where {@code *.} stands for the
	 * sub-domains only, so that the domain itself is named beside it.
	 */
	List<String> recipientPatterns() {
		SortedSet<String> patterns = new TreeSet<>();
		this.domains.forEach((domain) -> patterns.add(domain.ascii()));
		this.options.subdomainsOf().forEach((domain) -> patterns.add("*." + domain.ascii()));
		return List.copyOf(patterns);
	}

	/**
	 * The patterns for {@code SenderDomains}, where {@code *.} stands for the domain and
	 * its sub-domains.
	 */
	List<String> senderPatterns() {
		SortedSet<String> patterns = new TreeSet<>();
		this.domains.forEach((domain) -> patterns
			.add(this.options.subdomainsOf().contains(domain) ? "*." + domain.ascii() : domain.ascii()));
		return List.copyOf(patterns);
	}

	static boolean isDomainOrWildcard(String name) {
		try {
			DomainName.of(name.startsWith("*.") ? name.substring(2) : name);
			return true;
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

	/**
	 * What mail from the partner must come with, apart from TLS. Exchange Online takes
	 * one of them, not both.
	 */
	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
	@JsonSubTypes({ @JsonSubTypes.Type(value = Unrestricted.class, name = "none"),
			@JsonSubTypes.Type(value = ByCertificate.class, name = "certificate"),
			@JsonSubTypes.Type(value = ByAddress.class, name = "addresses") })
	public sealed interface Restriction {

		void objections(List<String> sentences);

	}

	/** TLS is enough: encrypts, but does not tell who sends. */
	public record Unrestricted() implements Restriction {

		@Override
		public void objections(List<String> sentences) {
		}

	}

	/**
	 * A client certificate with this name, from a trusted authority.
	 *
	 * @param name a domain, or {@code *.domain} for it and all its sub-domains
	 */
	public record ByCertificate(String name) implements Restriction {

		@Override
		public void objections(List<String> sentences) {
			if (!isDomainOrWildcard(this.name)) {
				sentences.add("The name of the sending certificate must be a domain such as mail.example.com or"
						+ " *.mail.example.com; * alone is not accepted.");
			}
		}

	}

	/**
	 * These addresses only.
	 *
	 * @param ranges IPv4 addresses, or ranges from /24 to /32
	 */
	public record ByAddress(List<String> ranges) implements Restriction {

		public ByAddress {
			ranges = ranges.stream().distinct().sorted().toList();
		}

		@Override
		public void objections(List<String> sentences) {
			if (this.ranges.isEmpty()) {
				sentences.add("Name at least one IPv4 address that the partner sends from.");
			}
			if (this.ranges.size() > MOST_RANGES) {
				sentences.add("Name at most " + MOST_RANGES + " addresses and ranges.");
			}
			this.ranges.forEach((range) -> objection(range).ifPresent(sentences::add));
		}

		/**
		 * Why Exchange Online would not take an address or range, as a sentence.
		 */
		public static Optional<String> objection(String range) {
			return Ipv4Range.objection(range);
		}

	}

	/**
	 * Settings that are seldom other than usual; what they are by default is what
	 * Exchange Online takes when nothing is said.
	 *
	 * @param subdomainsOf those of the domains whose sub-domains are meant too
	 * @param smartHosts host names, public IPv4 addresses or ranges that mail to the
	 * partner is handed to; empty: the MX records decide
	 * @param dane whether we want DANE of the partner's servers
	 * @param mtaSts whether we heed the partner's MTA-STS policy
	 * @param filtering what spam filtering takes for the sender when mail from the
	 * partner comes through another server
	 */
	public record Options(SortedSet<DomainName> subdomainsOf, List<String> smartHosts, Dane dane, MtaSts mtaSts,
			Filtering filtering) {

		/** Nothing special. */
		public static final Options USUAL = new Options(new TreeSet<>(), List.of(), Dane.OPPORTUNISTIC,
				MtaSts.OPPORTUNISTIC, Filtering.USUAL);

		public Options {
			subdomainsOf = Collections.unmodifiableSortedSet(new TreeSet<>(subdomainsOf));
			smartHosts = smartHosts.stream().map((host) -> host.toLowerCase(Locale.ROOT)).distinct().sorted().toList();
		}

		private void objections(SortedSet<DomainName> domains, List<String> sentences) {
			this.subdomainsOf.stream()
				.filter((domain) -> !domains.contains(domain))
				.forEach((domain) -> sentences.add("The sub-domains of " + domain.display()
						+ " can be meant only if the domain itself is one of the partner's."));
		}

	}

	/** {@code SmtpDaneMode}. */
	public enum Dane {

		/** Where the partner's servers have it. */
		OPPORTUNISTIC("Opportunistic", "where the partner has it"),
		/** Mail waits and comes back when they do not have it. */
		MANDATORY("Mandatory", "always; without it mail is not sent"),
		/** Not looked at. */
		NONE("None", "not looked at");

		private final String parameter;

		private final String words;

		Dane(String parameter, String words) {
			this.parameter = parameter;
			this.words = words;
		}

		public String parameter() {
			return this.parameter;
		}

		public String words() {
			return this.words;
		}

	}

	/** {@code MtaStsMode}; there is no mandatory one. */
	public enum MtaSts {

		/** Where the partner's policy is in force. */
		OPPORTUNISTIC("Opportunistic", "where the partner has a policy"),
		/** Not looked at. */
		NONE("None", "not looked at");

		private final String parameter;

		private final String words;

		MtaSts(String parameter, String words) {
			this.parameter = parameter;
			this.words = words;
		}

		public String parameter() {
			return this.parameter;
		}

		public String words() {
			return this.words;
		}

	}

	/**
	 * Enhanced filtering: which hops are skipped to find the true sender.
	 *
	 * @param skipLastHop the last one
	 * @param skip addresses, ranges {@code a-b} or CIDR networks of the partner's servers
	 * @param users for whom; empty: for everybody
	 */
	public record Filtering(boolean skipLastHop, List<String> skip, List<EmailAddress> users) {

		/** No hop is skipped. */
		public static final Filtering USUAL = new Filtering(false, List.of(), List.of());

		public Filtering {
			skip = skip.stream().distinct().sorted().toList();
			users = users.stream().distinct().sorted(java.util.Comparator.comparing(EmailAddress::toString)).toList();
		}

	}

}
