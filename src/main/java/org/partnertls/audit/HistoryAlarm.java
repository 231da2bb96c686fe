package org.partnertls.audit;

/**
 * The history is not what it was, or can no longer be sealed: whoever answers for it must
 * be told. Published in a transaction.
 *
 * @param kind what has happened
 * @param words what was found, in a sentence or two
 */
public record HistoryAlarm(Kind kind, String words) {

	/** What has happened to the history. */
	public enum Kind {

		/** A verification has found that something is not what it was. */
		ALTERED,
		/** Nothing is sealed any more. */
		NOT_SEALED

	}

}
