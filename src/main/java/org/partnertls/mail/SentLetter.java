package org.partnertls.mail;

import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Words;

/**
 * A letter about a partner and its fate.
 *
 * @param to the recipient
 * @param error what the mail server, or ours, said when it did not work; null: nothing
 * @param at when it was written
 */
public record SentLetter(String template, EmailAddress to, StoredLetter.State state, int tries, @Nullable String error,
		Instant at, @Nullable Instant sentAt, @Nullable Instant returnedAt) {

	/** What it was, in words. */
	public String title() {
		return Letters.title(this.template, Words.language());
	}

	/** What became of it, in a word. */
	public String fate() {
		return switch (this.state) {
			case WAITING -> Words.of("Queued");
			case SENT -> Words.of("Sent");
			case FAILED -> Words.of("Not sent");
			case RETURNED -> Words.of("Came back");
		};
	}

	/** Why, where it did not work; null where it did. */
	public @Nullable String why() {
		return switch (this.state) {
			case WAITING, SENT -> null;
			case FAILED -> Words.of("Tried {0} times: {1}", this.tries, (this.error != null) ? this.error : "");
			case RETURNED -> Words.of("The server said: {0}", (this.error != null) ? this.error : "");
		};
	}

	/** When that was. */
	public Instant time() {
		return switch (this.state) {
			case WAITING, FAILED -> this.at;
			case SENT -> (this.sentAt != null) ? this.sentAt : this.at;
			case RETURNED -> (this.returnedAt != null) ? this.returnedAt : this.at;
		};
	}

	public String tone() {
		return switch (this.state) {
			case WAITING -> "idle";
			case SENT -> "good";
			case FAILED -> "wait";
			case RETURNED -> "bad";
		};
	}

}
