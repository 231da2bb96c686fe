package org.partnertls.account;

/**
 * What somebody may do.
 */
public enum Role {

	/** Accepts requests, invites, reviews, approves, watches. */
	ADMIN("Portal.Admin", "Administrator"),
	/** Reads the history and takes evidence away; changes nothing. */
	COMPLIANCE("Portal.Compliance", "Compliance"),
	/** A partner's mail administrator. */
	PARTNER("", "Partner"),
	/** Does a partner's tasks for the administrator, and cannot confirm. */
	HELPER("", "Technical helper");

	private final String claim;

	private final String words;

	Role(String claim, String words) {
		this.claim = claim;
		this.words = words;
	}

	/** The value of the {@code roles} claim (Entra ID: app role) that stands for it. */
	String claim() {
		return this.claim;
	}

	/** The role as people read it. */
	public String words() {
		return this.words;
	}

}
