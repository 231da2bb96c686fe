package org.partnertls.tlscheck;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * How good keys, signatures and cipher suites are (RFC 9325, NIST SP 800-52r2, NCSC-NL
 * guidelines of 2025).
 */
enum Strength {

	/** As advised today. */
	GOOD,
	/** Still accepted but on its way out. */
	WEAK,
	/** Not to be relied on. */
	BROKEN;

	private static final Pattern BROKEN_SUITE = Pattern
		.compile("(?:SSL|TLS)_RSA_.*|.*(?:_NULL_|_NULL$|_ANON_|EXPORT|_RC4_|_3DES_|_DES_|_MD5$).*");

	private static final Pattern WEAK_SUITE = Pattern
		.compile(".*_CBC_.*|(?:TLS|SSL)_DHE?_.*|.*_(?:CCM|ARIA|CAMELLIA).*");

	private static final Pattern BROKEN_SIGNATURE = Pattern.compile(".*(?:MD2|MD4|MD5|SHA-?1)(?:[^0-9].*|$)");

	/**
	 * Rates a negotiated suite.
	 * @param suite IANA name
	 */
	static Strength ofSuite(String suite) {
		String name = suite.toUpperCase(Locale.ROOT);
		if (BROKEN_SUITE.matcher(name).matches()) {
			return BROKEN;
		}
		return WEAK_SUITE.matcher(name).matches() ? WEAK : GOOD;
	}

	/**
	 * Rates a key, or the prime of a Diffie-Hellman exchange.
	 * @param algorithm as Java names it
	 * @param bits of the modulus or of the curve's order
	 */
	static Strength ofKey(String algorithm, int bits) {
		return switch (algorithm.toUpperCase(Locale.ROOT)) {
			case "RSA", "RSASSA-PSS", "DH" -> (bits < 2048) ? BROKEN : (bits < 3072) ? WEAK : GOOD;
			case "EC" -> (bits < 224) ? BROKEN : (bits < 256) ? WEAK : GOOD;
			case "EDDSA", "ED25519", "ED448" -> GOOD;
			case "DSA" -> BROKEN;
			default -> WEAK;
		};
	}

	/**
	 * Rates the signature on a certificate.
	 * @param algorithm for example {@code SHA256withRSA}
	 */
	static Strength ofSignature(String algorithm) {
		String name = algorithm.toUpperCase(Locale.ROOT);
		if (BROKEN_SIGNATURE.matcher(name).matches()) {
			return BROKEN;
		}
		return name.contains("SHA224") || name.contains("SHA-224") ? WEAK : GOOD;
	}

}
