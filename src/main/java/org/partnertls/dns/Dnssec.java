package org.partnertls.dns;

/**
 * What is known of the signatures on an answer (RFC 4035 section 4.3).
 */
public enum Dnssec {

	/** Signed, from the root down. */
	SECURE("signed"),
	/** Not signed, as far as our resolver says. */
	INSECURE("not signed"),
	/** Signed, but the signatures do not hold. */
	BOGUS("signed wrongly"),
	/** Nobody looked, or nobody answered. */
	UNKNOWN("not known");

	private final String words;

	Dnssec(String words) {
		this.words = words;
	}

	/** For people. */
	public String words() {
		return this.words;
	}

	/**
	 * The status of an answer that rests on two: as good as the worse of both.
	 */
	Dnssec and(Dnssec other) {
		return (other.compareTo(this) > 0) ? other : this;
	}

}
