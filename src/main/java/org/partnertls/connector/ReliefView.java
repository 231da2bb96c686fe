package org.partnertls.connector;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * One step of a relief as pages see it.
 *
 * @param state in words
 * @param by who did it
 * @param reason in their words
 * @param until when it shall be reviewed at the latest
 * @param overdue whether that is past
 * @param ending whether it is being ended already
 * @param detail what came of the last try; null: it worked
 */
public record ReliefView(ReliefStep step, String state, String by, String reason, Instant wantedAt,
		@Nullable Instant appliedAt, Instant until, boolean overdue, boolean ending, @Nullable String detail) {

	static ReliefView of(Relief relief, Instant now) {
		return new ReliefView(relief.step(), relief.state().words(), relief.byName(), relief.reason(),
				relief.wantedAt(), relief.appliedAt(), relief.until(), relief.isOverdue(now),
				relief.state() == Relief.State.ENDING, relief.detail());
	}

}
