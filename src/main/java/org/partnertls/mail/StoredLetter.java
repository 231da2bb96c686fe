package org.partnertls.mail;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Ids;

/**
 * A letter that waits for its job, or was sent.
 */
@Entity
@Table(name = "letter")
class StoredLetter {

	@Id
	private UUID id;

	private EmailAddress recipient;

	private String template;

	private String model;

	private @Nullable UUID partnerId;

	@Enumerated(EnumType.STRING)
	private State state;

	private int tries;

	private @Nullable String error;

	private Instant createdAt;

	private @Nullable Instant sentAt;

	private @Nullable Instant returnedAt;

	protected StoredLetter() {
	}

	StoredLetter(Letter letter, String model, Instant now) {
		this.id = Ids.at(now);
		this.recipient = letter.to();
		this.template = letter.template();
		this.model = model;
		this.partnerId = letter.partnerId();
		this.state = State.WAITING;
		this.createdAt = now;
	}

	void sent(Instant now) {
		this.state = State.SENT;
		this.sentAt = now;
		this.error = null;
	}

	void failed(String why) {
		this.state = State.FAILED;
		this.tries++;
		this.error = why.substring(0, Math.min(why.length(), 500));
	}

	/** Nobody is reached there. */
	void returned(String why, Instant now) {
		this.state = State.RETURNED;
		this.returnedAt = now;
		this.error = why.substring(0, Math.min(why.length(), 500));
	}

	/** What became of it, for people. */
	SentLetter view() {
		return new SentLetter(this.template, this.recipient, this.state, this.tries, this.error, this.createdAt,
				this.sentAt, this.returnedAt);
	}

	/** Says to nobody in particular what it said, from now on. */
	void reduce(EmailAddress nowhere) {
		this.recipient = nowhere;
		this.model = "{}";
		this.error = null;
	}

	UUID id() {
		return this.id;
	}

	State state() {
		return this.state;
	}

	EmailAddress recipient() {
		return this.recipient;
	}

	String template() {
		return this.template;
	}

	String model() {
		return this.model;
	}

	@Nullable UUID partnerId() {
		return this.partnerId;
	}

	enum State {

		/** Its job has not run yet. */
		WAITING,
		/** A mail server has taken it. */
		SENT,
		/** It is tried again, or waits for somebody to look. */
		FAILED,
		/** It came back for good. */
		RETURNED

	}

}
