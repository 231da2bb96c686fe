package org.partnertls.onboarding;

/**
 * What a partner sends or receives mail with, as far as we have a recipe for it. Only
 * platforms whose settings are confirmed stand here; everybody else finds what to ask for
 * under {@link #OTHER}.
 */
public enum MailPlatform {

	/** Microsoft 365. */
	EXCHANGE_ONLINE("Exchange Online (Microsoft 365)"),

	/** Exchange on one's own servers. */
	EXCHANGE_SERVER("Exchange Server"),

	/** Gmail for organisations. */
	GOOGLE_WORKSPACE("Google Workspace"),

	/** Postfix. */
	POSTFIX("Postfix"),

	/** Exim. */
	EXIM("Exim"),

	/** Mimecast gateway. */
	MIMECAST("Mimecast"),

	/** Proofpoint Essentials; not Proofpoint Protection Server or on Demand. */
	PROOFPOINT_ESSENTIALS("Proofpoint Essentials"),

	/** Cisco Secure Email Gateway, formerly ESA or IronPort. */
	CISCO_ESA("Cisco Secure Email Gateway (ESA)"),

	/** Anything else, or run by a provider. */
	OTHER("Another platform, or run by a provider");

	private final String displayName;

	MailPlatform(String displayName) {
		this.displayName = displayName;
	}

	/**
	 * The name for people.
	 */
	public String displayName() {
		return this.displayName;
	}

	/**
	 * The name in a web address: {@code exchange-online}.
	 */
	public String slug() {
		return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
	}

}
