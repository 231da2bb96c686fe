package org.partnertls.connector;

import org.jspecify.annotations.Nullable;

/**
 * One thing that was looked at about the connection to the tenant.
 *
 * @param title what
 * @param tone good, wait or bad
 * @param words what was found, as a sentence
 * @param remedy what to grant or change where; null: nothing
 */
public record ConnectionFinding(String title, String tone, String words, @Nullable String remedy) {

	static ConnectionFinding good(String title, String words) {
		return new ConnectionFinding(title, "good", words, null);
	}

	static ConnectionFinding wait(String title, String words, @Nullable String remedy) {
		return new ConnectionFinding(title, "wait", words, remedy);
	}

	static ConnectionFinding bad(String title, String words, @Nullable String remedy) {
		return new ConnectionFinding(title, "bad", words, remedy);
	}

	/** A Bootstrap icon without {@code bi-}. */
	public String icon() {
		return switch (this.tone) {
			case "good" -> "check-circle-fill";
			case "bad" -> "x-circle-fill";
			default -> "exclamation-triangle-fill";
		};
	}

}
