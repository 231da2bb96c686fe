package org.partnertls.dns;

/**
 * Who looks at the signatures of the DNS (DNSSEC).
 */
public enum Validation {

	/** Nobody: nothing is known to be signed. */
	NONE("nobody checks signatures"),
	/** The configured resolver, whose word (the AD bit) counts. */
	RESOLVER("the configured resolver checks signatures"),
	/** We ourselves, from the root down. */
	OWN("the portal checks signatures itself");

	private final String words;

	Validation(String words) {
		this.words = words;
	}

	/** For people. */
	public String words() {
		return this.words;
	}

}
