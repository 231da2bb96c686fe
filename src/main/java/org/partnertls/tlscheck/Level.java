package org.partnertls.tlscheck;

/**
 * How much a sender may demand of the other side. The first three are what an outbound
 * connector of Exchange Online may (its {@code TlsSettings}), each including the one
 * before; the last two rest on what the domain itself publishes.
 */
public enum Level {

	/** TLS, with whatever certificate. */
	ENCRYPTION_ONLY("EncryptionOnly", "Encrypted"),
	/** And a certificate from a trusted authority; its name is not looked at. */
	CERTIFICATE_VALIDATION("CertificateValidation", "Encrypted, trusted certificate"),
	/** And a name in it that fits the connector's {@code TlsDomain}. */
	DOMAIN_VALIDATION("DomainValidation", "Encrypted, trusted certificate with a given name"),
	/** A certificate that fits signed TLSA records (RFC 7672). */
	DANE("SmtpDaneMode Mandatory", "Encrypted, certificate as published in the DNS (DANE)"),
	/** A certificate and servers that fit the domain's policy (RFC 8461). */
	MTA_STS("MtaStsMode", "Encrypted, as the domain's own policy says (MTA-STS)");

	private final String exchangeName;

	private final String title;

	Level(String exchangeName, String title) {
		this.exchangeName = exchangeName;
		this.title = title;
	}

	/**
	 * The value of {@code TlsSettings}, or the setting of its own that a level has.
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
