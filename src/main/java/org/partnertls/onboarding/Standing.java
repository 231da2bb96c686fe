package org.partnertls.onboarding;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.TlsCheck;

/**
 * Where a partner's latest pass of the task list stands, for the pages above.
 *
 * @param attestationId the pass
 * @param state its state, as stored
 * @param done how many tasks are done
 * @param tasks how many there are
 * @param stated what the partner stated, in a sentence; null before the confirmation
 * @param statedAt when
 * @param proof what our newest good test message showed; null without one
 * @param proofAt when that message travelled
 * @param comment what we asked for last
 * @param checked what the checks of their servers say in one line
 * @param checks the latest check of each domain
 */
public record Standing(UUID attestationId, String state, long done, int tasks, @Nullable String stated,
		@Nullable Instant statedAt, @Nullable String proof, @Nullable Instant proofAt, @Nullable String comment,
		@Nullable String checked, List<TlsCheck> checks) {
}
