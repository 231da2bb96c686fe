package org.partnertls.tlscheck;

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;

/**
 * A domain whose mail servers we look at.
 *
 * @param domain the mail domain
 * @param partnerId whose it is; null when nobody's
 * @param partnerName the partner's name
 * @param watchedSince since when it is looked at by itself; null: only when asked
 * @param dueAt when it is looked at next
 * @param level what our outbound connector demands, or would
 * @param approved how its servers were when the connectors were approved
 * @param condition the state that repeated checks came to
 * @param deepAt when what changes slowly was looked at last
 * @param checkId the newest check that has ended
 * @param checkedAt when that ended
 * @param outcome of that check, at the level
 * @param forcedTls of that check, at the lowest level
 * @param sentence the worst that it found
 * @param expiresAt when the first certificate on the way runs out
 * @param expiringFrom from when on it wants to be renewed
 * @param platform who runs the servers
 * @param difference what is different from what was approved, and what it does
 * @param differenceSince since when
 */
public record WatchedDomain(DomainName domain, @Nullable UUID partnerId, @Nullable String partnerName,
		@Nullable Instant watchedSince, @Nullable Instant dueAt, Level level, @Nullable Approved approved,
		Condition condition, @Nullable Instant deepAt, @Nullable UUID checkId, @Nullable Instant checkedAt,
		Verdict.@Nullable Outcome outcome, Verdict.@Nullable Outcome forcedTls, @Nullable String sentence,
		@Nullable Instant expiresAt, @Nullable Instant expiringFrom, @Nullable MxPlatform platform,
		@Nullable String difference, @Nullable Instant differenceSince) {

	/** Whether it is looked at by itself. */
	public boolean watched() {
		return this.watchedSince != null;
	}

	/** The state in words. */
	public String stateWords() {
		return this.condition.state().words();
	}

	/** The tone of the state. */
	public String stateTone() {
		return this.condition.state().tone();
	}

	/** Since when it is in its state. */
	public Instant stateSince() {
		return this.condition.since();
	}

	/**
	 * What the newest check says beside the state, where the two are not the same.
	 */
	public @Nullable String doubt() {
		if (this.outcome == Verdict.Outcome.INCONCLUSIVE) {
			return "The last check could not say";
		}
		return (this.outcome == Verdict.Outcome.FAIL && this.condition.state() != Condition.State.FAILING)
				? "The last check failed; looking again before it counts" : null;
	}

	/**
	 * Whether a certificate that still holds wants to be renewed: a fifth of its life is
	 * left, and at most 14 days.
	 */
	public boolean expires(Instant now) {
		return this.expiringFrom != null && !this.expiringFrom.isAfter(now) && this.expiresAt != null
				&& this.expiresAt.isAfter(now);
	}

}
