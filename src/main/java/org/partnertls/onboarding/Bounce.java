package org.partnertls.onboarding;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;

/**
 * Reads a bounce, or part of one: which code it has and whose domains stand in it. The
 * words around differ between products; the codes (RFC 3463, and those of Exchange
 * Online) do not. Pure, linear, for hostile text.
 *
 * @param code as it stands there, such as 4.7.320; null: none that we know
 * @param cause what it means
 * @param domains mail domains in the order in which they stand there
 * @param excerpt the line with the code, at most 300 characters
 */
record Bounce(@Nullable String code, Cause cause, List<DomainName> domains, @Nullable String excerpt) {

	/** What we read of a text. */
	static final int MOST_CHARACTERS = 100_000;

	private static final int MOST_DOMAINS = 20;

	private static final int LONGEST_EXCERPT = 300;

	private static final Pattern CODE = Pattern.compile("(?<![\\d.])([245]\\.\\d{1,3}\\.\\d{1,3})(?![\\d.]*\\d)");

	private static final Pattern ADDRESS = Pattern.compile("[A-Za-z0-9._%+'=/-]{1,64}@([A-Za-z0-9.-]{3,253})");

	static Bounce read(String pasted) {
		String text = (pasted.length() > MOST_CHARACTERS) ? pasted.substring(0, MOST_CHARACTERS) : pasted;
		String lower = text.toLowerCase(Locale.ROOT);
		String known = null;
		Cause cause = Cause.UNKNOWN;
		int at = -1;
		Matcher codes = CODE.matcher(text);
		while (codes.find()) {
			Optional<Cause> read = Cause.of(codes.group(1), lower);
			// The most telling one counts: a bounce has the general code as well.
			if (read.isPresent() && read.get().compareTo(cause) < 0) {
				cause = read.get();
				known = codes.group(1);
				at = codes.start();
			}
		}
		return new Bounce(known, cause, domains(text), (at < 0) ? null : line(text, at));
	}

	private static String line(String text, int at) {
		int from = Math.max(text.lastIndexOf('\n', at) + 1, at - LONGEST_EXCERPT / 2);
		int end = text.indexOf('\n', at);
		int to = Math.min((end < 0) ? text.length() : end, from + LONGEST_EXCERPT);
		return text.substring(from, to).replaceAll("\\p{Cntrl}", " ").strip();
	}

	private static List<DomainName> domains(String text) {
		Set<DomainName> domains = new LinkedHashSet<>();
		Matcher addresses = ADDRESS.matcher(text);
		while (domains.size() < MOST_DOMAINS && addresses.find()) {
			try {
				domains.add(DomainName.of(addresses.group(1).replaceAll("^[.-]+|[.-]+$", "")));
			}
			catch (IllegalArgumentException ex) {
				// No domain, then.
			}
		}
		return new ArrayList<>(domains);
	}

	/** Which way the message went. */
	enum Way {

		OUT("from us to the partner"), IN("from the partner to us"), EITHER("either way");

		private final String words;

		Way(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

	}

	/**
	 * What a code means, the most telling first.
	 */
	enum Cause {

		REFUSED_BY_OUR_CONNECTOR(Way.IN,
				"Our inbound connector refused the message: it came from an address or with a"
						+ " certificate that the connector does not list.",
				"The partner and we",
				"Ask the partner from which addresses and with which certificate they send. If that is right, change the"
						+ " partner's answers, have the plan reviewed and pushed. Nothing gets through meanwhile: relief"
						+ " \"Accept mail without TLS\" lifts the restriction."),

		CLEAR_TEXT(Way.IN,
				"The sender did not use TLS, and our inbound connector rejects clear text. That is what it is"
						+ " for.",
				"The partner",
				"Ask the partner to switch TLS on in the server that sent this; their recipe shows how. If they cannot at"
						+ " once, relief \"Accept mail without TLS\" lets clear text pass."),

		CERTIFICATE(Way.OUT,
				"The certificate of the partner's mail server was not accepted: it has expired, is not from"
						+ " a trusted authority, or has another name.",
				"The partner",
				"Run a TLS check to see which, and send the partner the finding. Exchange Online tries for 24 hours. Relief"
						+ " \"Accept any certificate\" keeps mail encrypted meanwhile."),

		DANE(Way.OUT, "The partner publishes DANE records that their mail server does not live up to.", "The partner",
				"Ask the partner to correct the TLSA record or the certificate that it names. If they cannot at once, set"
						+ " DANE to \"none\" in a new plan."),

		MTA_STS(Way.OUT, "The partner's MTA-STS policy does not fit their mail servers.", "The partner",
				"Ask the partner to correct the policy file or the MX record. If they cannot at once, set MTA-STS to"
						+ " \"none\" in a new plan."),

		NO_STARTTLS(Way.OUT,
				"Exchange Online could not connect, or the partner's server did not offer TLS, which our"
						+ " connector demands.",
				"The partner",
				"Run a TLS check. If the server offers no STARTTLS, the partner has to switch it on; if it cannot be"
						+ " reached, they have to look at their network. Relief \"Switch the outbound connector off\" sends"
						+ " in clear text meanwhile."),

		DNS(Way.OUT, "The partner's mail server could not be found in the DNS.", "The partner",
				"Run a TLS check; it shows what the DNS answers. The partner has to correct their MX record or name"
						+ " server."),

		CONNECTION(Way.OUT, "The partner's mail server did not answer, refused the connection, or cut it.",
				"The partner",
				"Wait: Exchange Online tries for 24 hours. If it goes on, ask the partner about their server and firewall."),

		RELAY(Way.IN, "The message came by a connector for our own servers and was not for one of our domains.", "We",
				"Look at the OnPremises connectors in the Exchange admin centre; a partner's mail should not match one."),

		DIRECT_SEND(Way.IN,
				"Somebody sent in the name of our own domain without signing in, which the tenant rejects"
						+ " (RejectDirectSend).",
				"Whoever sends",
				"If it is a partner's service that sends in our name, it needs an inbound connector of its own; else it is"
						+ " as it should be."),

		UNKNOWN(Way.EITHER, "There is no code in it that has to do with TLS or connectors.",
				"Whoever runs the recipient's" + " mail",
				"Look for a line with a code such as 4.7.320 or 550 5.7.51 in the bounce, and paste it whole,"
						+ " with the details for administrators.");

		private final Way way;

		private final String words;

		private final String who;

		private final String next;

		Cause(Way way, String words, String who, String next) {
			this.way = way;
			this.words = words;
			this.who = who;
			this.next = next;
		}

		static Optional<Cause> of(String code, String lower) {
			String detail = code.substring(2);
			return switch (detail) {
				case "7.51" -> Optional.of(REFUSED_BY_OUR_CONNECTOR);
				// Exchange Online gives the same words as the reason why it could not
				// send.
				case "7.3" -> lower.contains("starttls") && !lower.contains(".4.317") ? Optional.of(CLEAR_TEXT)
						: Optional.empty();
				case "7.320" -> Optional.of(CERTIFICATE);
				case "7.321", "7.322", "7.323", "7.324", "7.325" -> Optional.of(DANE);
				case "4.8", "7.5" -> Optional.of(MTA_STS);
				case "4.317" -> Optional.of(NO_STARTTLS);
				case "4.312" -> Optional.of(DNS);
				case "4.315", "4.316", "4.318", "4.1", "4.7" -> Optional.of(CONNECTION);
				case "7.64" -> Optional.of(RELAY);
				case "7.68" -> Optional.of(DIRECT_SEND);
				default -> Optional.empty();
			};
		}

		public Way way() {
			return this.way;
		}

		/** The cause, as a sentence. */
		public String words() {
			return this.words;
		}

		/** Who has to act. */
		public String who() {
			return this.who;
		}

		/** The next step, as sentences. */
		public String next() {
			return this.next;
		}

	}

}
