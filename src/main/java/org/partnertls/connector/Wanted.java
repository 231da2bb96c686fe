package org.partnertls.connector;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

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
 */
public record Wanted(UUID partnerId, String partnerName, SortedSet<DomainName> domains, TlsLevel tlsLevel,
		@Nullable String tlsDomain, List<EmailAddress> validationRecipients, Restriction restriction,
		String reference) {

	private static final int MOST_DOMAINS = 200;

	private static final int MOST_RECIPIENTS = 10;

	private static final int MOST_RANGES = 200;

	public Wanted {
		domains = Collections.unmodifiableSortedSet(new TreeSet<>(domains));
		validationRecipients = List.copyOf(validationRecipients);
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
			.filter((recipient) -> !this.domains.contains(recipient.domain()))
			.forEach((recipient) -> sentences.add("The validation message cannot go to " + recipient
					+ ": the address is not in a domain of this connector."));
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

}
