package org.partnertls.request;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
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
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.PartnerEvent;

/**
 * Somebody was invited to sign in for a partner. Nothing in an invitation is secret: it
 * leads to a page, and a one-time code proves the address.
 */
@Entity
@Table(name = "invitation")
class SentInvitation {

	/** Nobody is sent the same letter twice within this time. */
	static final Duration PAUSE = Duration.ofMinutes(10);

	@Id
	private UUID id;

	@Version
	private long version;

	private UUID partnerId;

	private String name;

	private EmailAddress address;

	private String addressKey;

	@Enumerated(EnumType.STRING)
	private ContactRole role;

	private String invitedBy;

	private String request;

	@Enumerated(EnumType.STRING)
	private State state;

	private Instant firstSentAt;

	private Instant sentAt;

	private int sendings;

	private Instant expiresAt;

	private @Nullable Instant openedAt;

	private @Nullable Instant endedAt;

	private @Nullable String why;

	private @Nullable Instant askedAgainAt;

	protected SentInvitation() {
	}

	/**
	 * An invitation that is sent now.
	 * @param invitedBy who asks, as the letter names them
	 * @param request the reference of the request that it answers; empty: none
	 */
	SentInvitation(UUID partnerId, String name, EmailAddress address, ContactRole role, String invitedBy,
			String request, Duration life, Instant now) {
		this.id = Ids.at(now);
		this.partnerId = partnerId;
		this.name = name;
		this.address = address;
		this.addressKey = address.key();
		this.role = role;
		this.invitedBy = invitedBy;
		this.request = request;
		this.state = State.PENDING;
		this.firstSentAt = now;
		this.sentAt = now;
		this.sendings = 1;
		this.expiresAt = now.plus(life);
	}

	void sendAgain(Duration life, Instant now) {
		if (this.state != State.PENDING) {
			throw new IllegalStateException("the invitation " + this.id + " is " + this.state);
		}
		this.sentAt = now;
		this.sendings++;
		this.expiresAt = now.plus(life);
	}

	/** Whoever was invited has signed in. */
	void open(Instant now) {
		moveTo(State.OPENED);
		this.openedAt = now;
	}

	/** Nobody came in time. */
	void expire(String words, Instant now) {
		moveTo(State.EXPIRED);
		this.endedAt = now;
		this.why = words;
	}

	/** It is taken back. */
	void revoke(String words, Instant now) {
		moveTo(State.REVOKED);
		this.endedAt = now;
		this.why = words;
	}

	/** Whoever has the letter asks for a new one. */
	boolean askAgain(Instant now) {
		if (!mayAskAgain(now)) {
			return false;
		}
		this.askedAgainAt = now;
		return true;
	}

	/** Whether asking for a new one tells anybody: once a week, when this one is over. */
	boolean mayAskAgain(Instant now) {
		return (this.state == State.EXPIRED || isOver(now))
				&& (this.askedAgainAt == null || !this.askedAgainAt.plus(Duration.ofDays(7)).isAfter(now));
	}

	void reduce(PartnerEvent.Pseudonym pseudonym) {
		this.name = pseudonym.name();
		this.address = pseudonym.address();
		this.addressKey = pseudonym.address().key();
		this.invitedBy = "";
		this.why = null;
	}

	private void moveTo(State next) {
		if (!this.state.next().contains(next)) {
			throw new IllegalStateException(
					"the invitation " + this.id + " is " + this.state + " and cannot become " + next);
		}
		this.state = next;
	}

	boolean isOver(Instant now) {
		return this.state == State.PENDING && !this.expiresAt.isAfter(now);
	}

	UUID id() {
		return this.id;
	}

	UUID partnerId() {
		return this.partnerId;
	}

	String name() {
		return this.name;
	}

	EmailAddress address() {
		return this.address;
	}

	/** As anybody may see it who has the link: {@code g…@acme.example}. */
	String masked() {
		return this.address.local().charAt(0) + "…@" + this.address.domain().display();
	}

	ContactRole role() {
		return this.role;
	}

	String invitedBy() {
		return this.invitedBy;
	}

	String request() {
		return this.request;
	}

	State state() {
		return this.state;
	}

	Instant sentAt() {
		return this.sentAt;
	}

	int sendings() {
		return this.sendings;
	}

	Instant expiresAt() {
		return this.expiresAt;
	}

	@Nullable Instant openedAt() {
		return this.openedAt;
	}

	@Nullable Instant endedAt() {
		return this.endedAt;
	}

	@Nullable String why() {
		return this.why;
	}

	@Nullable Instant askedAgainAt() {
		return this.askedAgainAt;
	}

	/** How far an invitation is. */
	enum State {

		/** Sent, and nobody has come. */
		PENDING("Pending", "wait"),
		/** They have signed in. */
		OPENED("Opened", "good"),
		/** Nobody came in time. */
		EXPIRED("Expired", "idle"),
		/** We, or the partner, took it back. */
		REVOKED("Revoked", "idle");

		private final String words;

		private final String tone;

		State(String words, String tone) {
			this.words = words;
			this.tone = tone;
		}

		/** The states that may follow: the one place that says so. */
		Set<State> next() {
			return switch (this) {
				case PENDING -> EnumSet.of(OPENED, EXPIRED, REVOKED);
				case OPENED, EXPIRED, REVOKED -> EnumSet.noneOf(State.class);
			};
		}

		public String words() {
			return this.words;
		}

		public String tone() {
			return this.tone;
		}

	}

}
