package org.partnertls.people;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Ids;
import org.partnertls.partner.PartnerEvent;

/**
 * One technical contact comes in the place of another.
 */
@Entity
@Table(name = "hand_over")
class HandOver {

	@Id
	private UUID id;

	@Version
	private long version;

	private UUID partnerId;

	private String fromName;

	private EmailAddress fromAddress;

	private String toName;

	private EmailAddress toAddress;

	@Enumerated(EnumType.STRING)
	private By askedBy;

	private boolean added;

	private String reason;

	@Enumerated(EnumType.STRING)
	private State state;

	private Instant askedAt;

	private Instant dueAt;

	private @Nullable Instant endedAt;

	private @Nullable String endedWhy;

	protected HandOver() {
	}

	/**
	 * @param added whether the person who follows came into the list for it
	 */
	HandOver(UUID partnerId, String fromName, EmailAddress from, String toName, EmailAddress to, By by, boolean added,
			String reason, Instant now) {
		this.id = Ids.at(now);
		this.partnerId = partnerId;
		this.fromName = fromName;
		this.fromAddress = from;
		this.toName = toName;
		this.toAddress = to;
		this.askedBy = by;
		this.added = added;
		this.reason = reason;
		this.state = (by == By.COLLEAGUE) ? State.ASKED : State.WAITING;
		this.askedAt = now;
		this.dueAt = now;
	}

	/** The colleague has proven their address; who is replaced may object until then. */
	void confirm(String replaced, Duration objection, Instant now) {
		if (this.state != State.ASKED) {
			throw new IllegalStateException("the hand-over " + this.id + " is " + this.state);
		}
		this.fromName = replaced;
		this.state = State.WAITING;
		this.askedAt = now;
		this.dueAt = now.plus(objection);
	}

	void done(Instant now) {
		end(State.DONE, null, now);
	}

	void refuse(String why, Instant now) {
		end(State.REFUSED, why, now);
	}

	private void end(State over, @Nullable String why, Instant now) {
		if (this.state == State.DONE || this.state == State.REFUSED) {
			throw new IllegalStateException("the hand-over " + this.id + " is " + this.state);
		}
		this.state = over;
		this.endedAt = now;
		this.endedWhy = why;
	}

	void reduce(PartnerEvent.Pseudonym from, PartnerEvent.Pseudonym to) {
		this.fromName = from.name();
		this.fromAddress = from.address();
		this.toName = to.name();
		this.toAddress = to.address();
	}

	public UUID id() {
		return this.id;
	}

	UUID partnerId() {
		return this.partnerId;
	}

	public String fromName() {
		return this.fromName;
	}

	public EmailAddress fromAddress() {
		return this.fromAddress;
	}

	public String toName() {
		return this.toName;
	}

	public EmailAddress toAddress() {
		return this.toAddress;
	}

	By askedBy() {
		return this.askedBy;
	}

	/** Whether the person who follows came into the list for it. */
	boolean added() {
		return this.added;
	}

	/** Whether a colleague asks, and not the contact. */
	public boolean isByColleague() {
		return this.askedBy == By.COLLEAGUE;
	}

	public String reason() {
		return this.reason;
	}

	State state() {
		return this.state;
	}

	public Instant askedAt() {
		return this.askedAt;
	}

	public Instant dueAt() {
		return this.dueAt;
	}

	/** Who wants it. */
	enum By {

		/** Who is replaced; it takes effect when the other has come. */
		CONTACT,
		/** A colleague in the same domain; it takes effect unless somebody objects. */
		COLLEAGUE,
		/** One of us; it takes effect at once. */
		STAFF

	}

	/** How far it is. */
	enum State {

		/** By a colleague whose address is not proven yet. */
		ASKED,
		/** For the other to come, or for the time to object to end. */
		WAITING,
		/** The one is in the other's place. */
		DONE,
		/** Somebody objected, or it came to nothing. */
		REFUSED

	}

}
