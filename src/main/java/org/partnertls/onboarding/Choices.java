package org.partnertls.onboarding;

import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

import org.partnertls.connector.Wanted;

/**
 * What a reviewer chooses for the connectors beside the TLS level.
 *
 * @param from what mail from the partner must come with
 * @param dane whether we want DANE of their servers
 * @param mtaSts whether we heed their MTA-STS policy
 */
record Choices(From from, Wanted.Dane dane, Wanted.MtaSts mtaSts) {

	static final Choices USUAL = new Choices(From.ANYWHERE, Wanted.Dane.OPPORTUNISTIC, Wanted.MtaSts.OPPORTUNISTIC);

	/** Exchange Online takes one restriction, not both; what it is for, they said. */
	Wanted.Restriction restriction(Answers answers) {
		return switch (this.from) {
			case ANYWHERE -> new Wanted.Unrestricted();
			case CERTIFICATE -> new Wanted.ByCertificate(Objects.requireNonNullElse(answers.certificateName(), ""));
			case ADDRESSES -> new Wanted.ByAddress(answers.ipRanges());
		};
	}

	Wanted.Options options() {
		return new Wanted.Options(new TreeSet<>(), List.of(), this.dane, this.mtaSts, Wanted.Filtering.USUAL);
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
