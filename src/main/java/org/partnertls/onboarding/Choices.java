package org.partnertls.onboarding;

import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.partnertls.connector.Wanted;
import org.partnertls.organization.DomainName;

/**
 * What a reviewer chooses for the connectors beside the TLS level.
 *
 * @param from what mail from the partner must come with
 * @param dane whether we want DANE of their servers
 * @param mtaSts whether we heed their MTA-STS policy
 */
record Choices(From from, Wanted.Dane dane, Wanted.MtaSts mtaSts) {

	static final Choices USUAL = new Choices(From.ANYWHERE, Wanted.Dane.OPPORTUNISTIC, Wanted.MtaSts.OPPORTUNISTIC);

	/** What was chosen for connectors that stand. */
	static Choices of(Wanted wanted) {
		return new Choices(switch (wanted.restriction()) {
			case Wanted.Unrestricted _ -> From.ANYWHERE;
			case Wanted.ByCertificate _ -> From.CERTIFICATE;
			case Wanted.ByAddress _ -> From.ADDRESSES;
		}, wanted.options().dane(), wanted.options().mtaSts());
	}

	/**
	 * Exchange Online takes one restriction, not both; what it is for, they said. Where
	 * they did not, as with connectors that were taken over, it stays as it is.
	 * @param answers what the partner said
	 * @param last what the connectors have now; null for new ones
	 */
	Wanted.Restriction restriction(Answers answers, @Nullable Wanted last) {
		String certificate = answers.certificateName();
		Wanted.Restriction now = (last != null) ? last.restriction() : new Wanted.Unrestricted();
		return switch (this.from) {
			case ANYWHERE -> new Wanted.Unrestricted();
			case CERTIFICATE -> (certificate != null || !(now instanceof Wanted.ByCertificate))
					? new Wanted.ByCertificate(Objects.requireNonNullElse(certificate, "")) : now;
			case ADDRESSES -> (!answers.ipRanges().isEmpty() || !(now instanceof Wanted.ByAddress))
					? new Wanted.ByAddress(answers.ipRanges()) : now;
		};
	}

	/**
	 * The settings, those that nobody chooses here as they are.
	 * @param last what the connectors have now; null for new ones
	 * @param domains those that they shall have
	 */
	Wanted.Options options(@Nullable Wanted last, SortedSet<DomainName> domains) {
		Wanted.Options now = (last != null) ? last.options() : Wanted.Options.USUAL;
		SortedSet<DomainName> subdomainsOf = new TreeSet<>(now.subdomainsOf());
		subdomainsOf.retainAll(domains);
		return new Wanted.Options(subdomainsOf, now.smartHosts(), this.dane, this.mtaSts, now.filtering());
	}

	/** What mail from the partner must come with, beside TLS. */
	enum From {

		/** Nothing more. */
		ANYWHERE("TLS is enough, whoever sends"),
		/** The certificate that they named. */
		CERTIFICATE("only with their sending certificate"),
		/** The addresses that they named. */
		ADDRESSES("only from their fixed addresses");

		private final String words;

		From(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

	}

}
