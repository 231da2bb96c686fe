package org.partnertls.onboarding;

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A suspension, resumption or end that is under way.
 *
 * @param words what is wanted, such as: end the partnership
 * @param reason why
 * @param by who asked for it
 * @param at when
 * @param changeId the connector change that it waits for; null: it is not planned yet
 * @param note why it is not planned yet; null: a relief is taken back first, or nothing
 * is wrong
 */
public record MoveView(String words, String reason, String by, Instant at, @Nullable UUID changeId,
		@Nullable String note) {

	static MoveView of(PartnerMove move) {
		return new MoveView(move.kind().words(), move.reason(), move.askedByName(), move.askedAt(), move.changeId(),
				move.note());
	}

}
