package org.partnertls.onboarding;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.TlsCheck;

/**
 * Where a partner's latest pass of the task list stands, and what the one in force says,
 * for the pages above.
 *
 * @param attestationId the latest pass
 * @param kind FIRST, CHANGE or RECERTIFICATION
 * @param state its state, as stored
 * @param checkedByPortal whether the portal itself looks at it just now
 * @param held why it did not approve it by itself; null: it did not look
 * @param done how many tasks are done
 * @param tasks how many there are
 * @param stated what the partner stated last, in a sentence; null before the confirmation
 * @param statedAt when
 * @param proof what our newest good test message showed; null without one
 * @param proofAt when that message travelled
 * @param comment what we asked for last
 * @param checked what the checks of their servers say in one line
 * @param checks the latest check of each domain
 */
public record Standing(UUID attestationId, String kind, String state, boolean checkedByPortal, @Nullable String held,
		long done, int tasks, @Nullable String stated, @Nullable Instant statedAt, @Nullable String proof,
		@Nullable Instant proofAt, @Nullable String comment, @Nullable String checked, List<TlsCheck> checks) {

	/** Whether it waits for one of us. */
	public boolean waitsForReview() {
		return this.state.equals("SUBMITTED") && !this.checkedByPortal;
	}

	/** Whether the partner has something before them. */
	public boolean isWithPartner() {
		return this.state.equals("OPEN") || this.state.equals("RETURNED");
	}

	/** Whether it is a pass after the first. */
	public boolean isLater() {
		return !this.kind.equals("FIRST");
	}

}
