package lab;

import java.util.Locale;
import java.util.Map;

/**
 * What a partner's domain publishes about TLS beside its MX records.
 *
 * @param policy by MTA-STS
 * @param signing whether its part of the DNS is signed
 * @param tlsa what a TLSA record says of its mail server
 * @param reporting whether it wants reports
 */
public record Published(Policy policy, Signing signing, Tlsa tlsa, Reporting reporting) {

	/** What most domains do. */
	public static final Published NOTHING = new Published(Policy.NONE, Signing.NONE, Tlsa.NONE, Reporting.NONE);

	/**
	 * What a form says.
	 * @throws IllegalArgumentException when it is none of the choices
	 */
	static Published of(Map<String, String> form) {
		return new Published(Policy.valueOf(form.getOrDefault("policy", "").strip()),
				Signing.valueOf(form.getOrDefault("signing", "").strip()),
				Tlsa.valueOf(form.getOrDefault("tlsa", "").strip()),
				Reporting.valueOf(form.getOrDefault("reporting", "").strip()));
	}

	private static String words(Enum<?> choice) {
		String plain = choice.name().replace('_', ' ');
		return plain.charAt(0) + plain.substring(1).toLowerCase(Locale.ROOT);
	}

	/**
	 * The policy, and what is wrong with it.
	 */
	public enum Policy {

		/** There is no record and no policy host. */
		NONE,
		/** Mail servers that do not fit are only reported. */
		TESTING,
		/** Mail to servers that do not fit is held back. */
		ENFORCE,
		/** A policy that says there is none. */
		WITHDRAWN,
		/** It names another mail server. */
		WRONG_MAIL_SERVER,
		/** The policy host's certificate has run out. */
		EXPIRED_CERTIFICATE,
		/** The policy host leads somewhere else. */
		REDIRECT,
		/** There are two records. */
		TWO_RECORDS;

		@Override
		public String toString() {
			return words(this);
		}

	}

	/**
	 * What a resolver finds of signatures.
	 */
	public enum Signing {

		/** None. */
		NONE,
		/** Right ones. */
		SIGNED,
		/** Wrong ones. */
		WRONG;

		@Override
		public String toString() {
			return words(this);
		}

	}

	/**
	 * What a TLSA record says.
	 */
	public enum Tlsa {

		/** There is none. */
		NONE,
		/** The key of the mail server's certificate. */
		RIGHT,
		/** The key of another one. */
		WRONG,
		/** A kind that mail servers may not use. */
		UNUSABLE;

		@Override
		public String toString() {
			return words(this);
		}

	}

	/**
	 * Where reports go.
	 */
	public enum Reporting {

		/** There is no record. */
		NONE,
		/** To a mailbox. */
		BY_MAIL,
		/** There are two records, which counts as none. */
		TWO_RECORDS;

		@Override
		public String toString() {
			return words(this);
		}

	}

}
