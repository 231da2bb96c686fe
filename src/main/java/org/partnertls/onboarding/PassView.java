package org.partnertls.onboarding;

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A pass in the row of a partner's passes.
 *
 * @param kind in words
 * @param state in words
 * @param tone good, wait, bad or idle
 * @param openedBy who
 * @param why what for; null: nothing was said
 * @param last who did what last
 * @param at when
 */
public record PassView(UUID id, String kind, String state, String tone, String openedBy, Instant openedAt,
		@Nullable String why, String last, Instant at) {

	static PassView of(Attestation attestation) {
		boolean checked = attestation.isBeingChecked();
		return new PassView(attestation.id(), attestation.kind().words(),
				checked ? "Being checked by the portal" : attestation.state().words(), attestation.state().tone(),
				attestation.openedName(), attestation.openedAt(), attestation.openedWhy(), attestation.lastChange(),
				attestation.changedAt());
	}

}
