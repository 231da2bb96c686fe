package org.partnertls.connector;

/**
 * What came of an approval.
 */
public sealed interface ApprovalResult {

	/** It was the last one needed; the push begins. */
	record Approved() implements ApprovalResult {
	}

	/**
	 * It counts, and others are needed.
	 *
	 * @param more how many
	 */
	record StillNeeds(int more) implements ApprovalResult {
	}

	/**
	 * It does not count.
	 *
	 * @param sentence for the person, saying what to do
	 * @param code for the history: {@code own-work}, {@code twice}, {@code stale},
	 * {@code state} or {@code blocked}
	 */
	record Refused(String sentence, String code) implements ApprovalResult {
	}

}
