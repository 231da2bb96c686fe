package org.partnertls.connector;

/**
 * What a change is for.
 */
public enum ChangeKind {

	/** Set both connectors up, or bring them to what is wanted. */
	ENFORCE("Enforce TLS"),
	/** Switch both connectors off and keep them. */
	SUSPEND("Suspend enforcement"),
	/** Take both connectors away. */
	REMOVE("End enforcement");

	private final String words;

	ChangeKind(String words) {
		this.words = words;
	}

	public String words() {
		return this.words;
	}

}
