package org.partnertls.connector;

/**
 * How strictly Exchange Online checks the certificate of the server that it delivers to.
 * Every level refuses to send in clear text.
 */
public enum TlsLevel {

	/** Any certificate: encrypts, but does not tell who receives. */
	ENCRYPTION_ONLY("EncryptionOnly", "always, any certificate"),
	/** A certificate of a trusted authority, whatever the name in it. */
	CERTIFICATE_VALIDATION("CertificateValidation", "always, certificate from a trusted authority"),
	/** A certificate of a trusted authority with a given name in it. */
	DOMAIN_VALIDATION("DomainValidation", "always, trusted certificate with a given name");

	private final String parameter;

	private final String words;

	TlsLevel(String parameter, String words) {
		this.parameter = parameter;
		this.words = words;
	}

	/** Exchange Online's word for it, a value of {@code TlsSettings}. */
	public String parameter() {
		return this.parameter;
	}

	/** The plain words for it. */
	public String words() {
		return this.words;
	}

}
