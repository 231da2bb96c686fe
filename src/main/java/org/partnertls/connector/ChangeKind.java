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
	REMOVE("End enforcement"),
	/** Bring what somebody changed in the tenant back to what was approved. */
	APPLY_AGAIN("Apply again"),
	/** Let what somebody changed in the tenant stand. */
	ACCEPT("Accept what is there"),
	/** Take over what somebody made by hand, as it is. */
	ADOPT("Take over as it is"),
	/** Bring the settings back that there were before an earlier change. */
	GO_BACK("Go back");

	private final String words;

	ChangeKind(String words) {
		this.words = words;
	}

	/** Whether the plan says itself what shall be, instead of what is wanted. */
	boolean isAimed() {
		return this == APPLY_AGAIN || isAsItIs() || this == GO_BACK;
	}

	/** Whether the tenant stays as it is, and only what we know of it changes. */
	public boolean isAsItIs() {
		return this == ACCEPT || this == ADOPT;
	}

	public String words() {
		return this.words;
	}

}
