package org.partnertls.onboarding;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;
import org.partnertls.connector.ChangeKind;
import org.partnertls.organization.Ids;

/**
 * Somebody wants a partnership suspended, resumed or ended. What that means for the
 * connectors is planned and approved like any change; the partnership moves when it is
 * done.
 */
@Entity
@Table(name = "partner_move")
class PartnerMove {

	@Id
	private UUID id;

	@Version
	private long version;

	private UUID partnerId;

	@Enumerated(EnumType.STRING)
	private Kind kind;

	@Enumerated(EnumType.STRING)
	private Mode connectors;

	private String reason;

	private UUID askedBy;

	private String askedByName;

	private Instant askedAt;

	private boolean afterRelief;

	private @Nullable UUID changeId;

	@Enumerated(EnumType.STRING)
	private State state;

	private @Nullable Instant endedAt;

	private @Nullable String note;

	protected PartnerMove() {
	}

	PartnerMove(UUID partnerId, Kind kind, Mode connectors, String reason, UUID askedBy, String askedByName,
			Instant now) {
		this.id = Ids.at(now);
		this.partnerId = partnerId;
		this.kind = kind;
		this.connectors = connectors;
		this.reason = reason;
		this.askedBy = askedBy;
		this.askedByName = askedByName;
		this.askedAt = now;
		this.state = State.WAITING;
	}

	/** A relief is taken back first; the plan follows. */
	void waitForRelief() {
		this.afterRelief = true;
	}

	/** Its plan is up for approval, or could not be made yet. */
	void planned(@Nullable UUID change, @Nullable String words) {
		this.changeId = change;
		this.note = words;
	}

	void done(Instant now) {
		requireWaiting();
		this.state = State.DONE;
		this.endedAt = now;
		this.note = null;
	}

	void drop(String words, Instant now) {
		requireWaiting();
		this.state = State.DROPPED;
		this.endedAt = now;
		this.note = words;
	}

	private void requireWaiting() {
		if (this.state != State.WAITING) {
			throw new IllegalStateException("the move " + this.id + " is " + this.state);
		}
	}

	/** Whether a change of this kind is what it waits for. */
	boolean waitsFor(ChangeKind change) {
		return this.state == State.WAITING && switch (this.connectors) {
			case KEEP -> false;
			case SWITCH_OFF -> change == ChangeKind.SUSPEND;
			case REMOVE -> change == ChangeKind.REMOVE;
			case SWITCH_ON -> change == ChangeKind.GO_BACK || change == ChangeKind.ENFORCE;
		};
	}

	UUID id() {
		return this.id;
	}

	UUID partnerId() {
		return this.partnerId;
	}

	Kind kind() {
		return this.kind;
	}

	Mode connectors() {
		return this.connectors;
	}

	String reason() {
		return this.reason;
	}

	UUID askedBy() {
		return this.askedBy;
	}

	String askedByName() {
		return this.askedByName;
	}

	Instant askedAt() {
		return this.askedAt;
	}

	boolean isAfterRelief() {
		return this.afterRelief;
	}

	@Nullable UUID changeId() {
		return this.changeId;
	}

	State state() {
		return this.state;
	}

	@Nullable String note() {
		return this.note;
	}

	/** What is wanted. */
	enum Kind {

		/** Put aside for a time. */
		SUSPEND("suspend the partnership"),
		/** Go on. */
		RESUME("resume the partnership"),
		/** Over. */
		END("end the partnership");

		private final String words;

		Kind(String words) {
			this.words = words;
		}

		String words() {
			return this.words;
		}

	}

	/** What becomes of the connectors. */
	enum Mode {

		/** They stay as they are. */
		KEEP,
		/** They are switched off and kept. */
		SWITCH_OFF,
		/** They are taken away. */
		REMOVE,
		/** They are as they were before they were switched off. */
		SWITCH_ON

	}

	/** How far it is. */
	enum State {

		WAITING, DONE, DROPPED

	}

}
