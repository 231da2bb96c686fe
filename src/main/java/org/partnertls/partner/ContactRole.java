package org.partnertls.partner;

/**
 * What a partner's person is there for.
 */
public enum ContactRole {

	/**
	 * Looks after the mail servers and signs in here; reached in the partner's domain.
	 */
	TECHNICAL("Technical contact"),
	/** Reached outside the partner's mail domains, for when mail to them breaks. */
	EMERGENCY("Emergency contact");

	private final String words;

	ContactRole(String words) {
		this.words = words;
	}

	/** The role as people read it. */
	public String words() {
		return this.words;
	}

}
