package org.partnertls.alarm;

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * An alarm as pages and messages show it.
 *
 * @param page where its cause is mended
 * @param since when the cause began
 * @param escalateAt when it is escalated unless acknowledged; null: it is not
 */
record AlarmView(UUID id, Cause cause, @Nullable UUID partnerId, @Nullable String partnerName, String sentence,
		String page, Instant since, Alarm.State state, Instant openedAt, @Nullable Instant escalateAt,
		@Nullable Instant escalatedAt, @Nullable Instant acknowledgedAt, @Nullable UUID acknowledgedBy,
		@Nullable String note, @Nullable Instant closedAt) {

	/** What has happened, and with whom. */
	public String title() {
		return (this.partnerName != null) ? this.cause.words() + ": " + this.partnerName : this.cause.words();
	}

	/** Where it stands, in a word. */
	public String stateWords() {
		return (this.state == Alarm.State.OPEN && this.escalatedAt != null) ? "Escalated" : this.state.words();
	}

	public String tone() {
		return this.state.tone();
	}

	public String path() {
		return "/alarms/" + this.id;
	}

}
