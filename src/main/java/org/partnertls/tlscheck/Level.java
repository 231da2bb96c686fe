package org.partnertls.tlscheck;

/**
 * How much an outbound connector of Exchange Online may demand of the other side (its
 * {@code TlsSettings}), each including the one before.
 */
public enum Level {

	/** TLS, with whatever certificate. */
	ENCRYPTION_ONLY("EncryptionOnly", "Encrypted"),
	/** And a certificate from a trusted authority; its name is not looked at. */
	CERTIFICATE_VALIDATION("CertificateValidation", "Encrypted, trusted certificate"),
	/** And a name in it that fits the connector's {@code TlsDomain}. */
	DOMAIN_VALIDATION("DomainValidation", "Encrypted, trusted certificate with a given name");

	private final String exchangeName;

	private final String title;

	Level(String exchangeName, String title) {
		this.exchangeName = exchangeName;
		this.title = title;
	}

	/**
	 * The value of {@code TlsSettings}.
	 */
	public String exchangeName() {
		return this.exchangeName;
	}

	/**
	 * For people.
	 */
	public String title() {
		return this.title;
	}

}
