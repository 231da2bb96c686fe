package org.partnertls.connector;

/**
 * Which way mail goes, seen from us.
 */
public enum Direction {

	/** From us to the partner. */
	OUTBOUND("Outbound", "OutboundConnector"),
	/** From the partner to us. */
	INBOUND("Inbound", "InboundConnector");

	private final String words;

	private final String noun;

	Direction(String words, String noun) {
		this.words = words;
		this.noun = noun;
	}

	/** As it is read in a heading. */
	public String words() {
		return this.words;
	}

	/** What Exchange Online's cmdlets call the connector. */
	String noun() {
		return this.noun;
	}

	String title() {
		return this.words + " connector";
	}

}
