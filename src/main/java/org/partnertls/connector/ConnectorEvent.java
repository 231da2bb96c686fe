package org.partnertls.connector;

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * What happened to a partner's connectors, published in the transaction in which it is
 * recorded.
 */
public sealed interface ConnectorEvent {

	UUID partnerId();

	/** Mail to the partner goes with TLS only, from now on. */
	record OutboundEnforced(UUID partnerId, UUID changeId) implements ConnectorEvent {
	}

	/**
	 * The inbound connector stands and rejects nothing yet: whoever knows a fresh proof
	 * tells {@link Connectors#proven}.
	 */
	record ProofAwaited(UUID partnerId, UUID changeId) implements ConnectorEvent {
	}

	/**
	 * From a given hour on, clear text from the partner will be rejected.
	 *
	 * @param at the hour
	 */
	record InboundAnnounced(UUID partnerId, UUID changeId, Instant at) implements ConnectorEvent {
	}

	/** Clear text from the partner is rejected, from now on. */
	record InboundEnforced(UUID partnerId, UUID changeId) implements ConnectorEvent {
	}

	/** All that was approved is done. */
	record ChangeDone(UUID partnerId, UUID changeId, @Nullable UUID attestationId,
			ChangeKind kind) implements ConnectorEvent {
	}

	/**
	 * A connector that stands was validated again, because a partner proves anew.
	 *
	 * @param successful null: the portal cannot validate here, a person has to
	 * @param at when the validation ended
	 * @param words what came of it, as a sentence
	 */
	record Revalidated(UUID partnerId, @Nullable Boolean successful, Instant at,
			String words) implements ConnectorEvent {
	}

	/**
	 * A person has to look.
	 *
	 * @param why a sentence that says what to do
	 */
	record ChangeNeedsAttention(UUID partnerId, UUID changeId, String why) implements ConnectorEvent {
	}

	/**
	 * Enforcement has been loosened.
	 *
	 * @param by who did it
	 * @param reason in their words
	 * @param until when it shall be reviewed at the latest
	 */
	record Relieved(UUID partnerId, ReliefStep step, String by, String reason,
			Instant until) implements ConnectorEvent {
	}

	/**
	 * Enforcement could not be loosened: somebody has to do it by hand.
	 *
	 * @param why a sentence that says what to do
	 */
	record ReliefFailed(UUID partnerId, ReliefStep step, String why) implements ConnectorEvent {
	}

	/** A relief has reached its time and is still in effect. */
	record ReliefOverdue(UUID partnerId, ReliefStep step, Instant since) implements ConnectorEvent {
	}

	/**
	 * One step of a relief has been taken back.
	 *
	 * @param gone a sentence, when there was nothing left to take back; null: what was
	 * enforced before is enforced again
	 */
	record ReliefEnded(UUID partnerId, ReliefStep step, @Nullable String gone) implements ConnectorEvent {
	}

	/**
	 * A connector is no longer as we left it: somebody has changed it in the tenant.
	 *
	 * @param alarm whether mail may travel in clear text since, or unguarded
	 * @param sentence what has happened
	 */
	record Drifted(UUID partnerId, UUID driftId, Direction direction, boolean alarm,
			String sentence) implements ConnectorEvent {
	}

	/**
	 * A direction's path was looked at, and mail takes our connector: what it demands is
	 * enforced. Told once until that changes.
	 */
	record PathTaken(UUID partnerId, Direction direction) implements ConnectorEvent {
	}

	/**
	 * A direction that has a connector is not enforced: mail takes another way.
	 *
	 * @param sentence why
	 */
	record NotEnforceable(UUID partnerId, Direction direction, String sentence) implements ConnectorEvent {
	}

}
