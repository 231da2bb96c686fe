package org.partnertls.header;

import java.util.Locale;

/**
 * How a message travelled over one hop, as the receiving server wrote it down.
 */
public enum Tls {

	/** TLS 1.3. */
	TLS_1_3("TLS 1.3"),
	/** TLS 1.2. */
	TLS_1_2("TLS 1.2"),
	/** TLS, but the receiving server does not write which version. */
	UNKNOWN_VERSION("TLS, version not written"),
	/** TLS 1.1 or older, or SSL: encrypted, but with what nobody should use any more. */
	LEGACY("legacy TLS (1.1 or older)"),
	/** Clear text. */
	NONE("plain text, not encrypted");

	private final String words;

	Tls(String words) {
		this.words = words;
	}

	/**
	 * The words for people.
	 */
	public String words() {
		return this.words;
	}

	/**
	 * Whether the hop was encrypted at all.
	 */
	public boolean isEncrypted() {
		return this != NONE;
	}

	/**
	 * Reads a version in any of the forms that servers write: {@code TLS1_2},
	 * {@code TLSv1.2}, {@code TLS1.2}, {@code TLSv1}, {@code SSLv3}.
	 */
	static Tls ofVersion(String version) {
		String plain = version.toUpperCase(Locale.ROOT).replace('_', '.');
		if (plain.startsWith("SSL")) {
			return LEGACY;
		}
		String number = plain.startsWith("TLS") ? plain.substring(3) : plain;
		return switch (number.startsWith("V") ? number.substring(1) : number) {
			case "1.3" -> TLS_1_3;
			case "1.2" -> TLS_1_2;
			case "1.1", "1.0", "1" -> LEGACY;
			default -> UNKNOWN_VERSION;
		};
	}

	/**
	 * What the cipher suite alone tells. The suites of TLS 1.3 exist in no other version
	 * (RFC 8446 appendix B.4); all others leave the version open.
	 */
	static Tls ofCipher(String cipher) {
		return switch (cipher.toUpperCase(Locale.ROOT)) {
			case "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
					"TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256" ->
				TLS_1_3;
			default -> UNKNOWN_VERSION;
		};
	}

}
