package org.partnertls.connector;

/**
 * What came of asking for a relief, or for its end.
 */
public sealed interface ReliefResult {

	/** It is under way, ahead of everything else. */
	record UnderWay() implements ReliefResult {
	}

	/**
	 * It is not.
	 *
	 * @param sentence for the person, saying what to do
	 */
	record Refused(String sentence) implements ReliefResult {
	}

}
