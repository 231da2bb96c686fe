package org.partnertls.partner;

/**
 * What a partner's person is there for.
 */
public enum ContactRole {

	/**
	 * Looks after the mail servers, signs in here and confirms; reached in the partner's
	 * domain.
	 */
	TECHNICAL("Technical contact"),
	/** Hears of what weakens encryption. */
	SECURITY("Security contact"),
	/** Hears in a sentence when mail becomes enforced, fails or ends. */
	BUSINESS("Business contact"),
	/** Reached outside the partner's mail domains, for when mail to them breaks. */
	EMERGENCY("Emergency contact"),
	/**
	 * Does the tasks for the technical contact, reached anywhere, and cannot confirm.
	 */
	HELPER("Technical helper");

	private final String words;

	ContactRole(String words) {
		this.words = words;
	}

	/** Whether such a person signs in here. */
	public boolean signsIn() {
		return this == TECHNICAL || this == HELPER;
	}

	/** The role as people read it. */
	public String words() {
		return this.words;
	}

}
