package org.partnertls.request;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Ids;
import org.partnertls.partner.PartnerEvent;

/**
 * An organisation asks to become a partner. It counts for us once whoever asked has
 * proven the address.
 */
@Entity
@Table(name = "partner_request")
class Request {

	@Id
	private UUID id;

	@Version
	private long version;

	private String reference;

	private String organisation;

	private DomainName domain;

	private String contactName;

	private EmailAddress address;

	private @Nullable String phone;

	private String reason;

	@Enumerated(EnumType.STRING)
	private State state;

	private Instant askedAt;

	private @Nullable Instant confirmedAt;

	private @Nullable Instant decidedAt;

	private @Nullable UUID decidedBy;

	private @Nullable String answer;

	private @Nullable UUID partnerId;

	private String language;

	protected Request() {
	}

	Request(String reference, String organisation, DomainName domain, String contactName, EmailAddress address,
			@Nullable String phone, String reason, Locale language, Instant now) {
		this.id = Ids.at(now);
		this.reference = reference;
		this.organisation = organisation;
		this.domain = domain;
		this.contactName = contactName;
		this.address = address;
		this.phone = phone;
		this.reason = reason;
		this.language = language.getLanguage();
		this.state = State.ASKED;
		this.askedAt = now;
	}

	void confirm(Instant now) {
		moveTo(State.CONFIRMED);
		this.confirmedAt = now;
	}

	void accept(UUID partner, UUID by, Instant now) {
		moveTo(State.ACCEPTED);
		this.partnerId = partner;
		decided(by, now);
	}

	void reject(String why, UUID by, Instant now) {
		moveTo(State.REJECTED);
		this.answer = why;
		decided(by, now);
	}

	/** It cannot be, as whoever asked was told at once. */
	void withdraw(String why) {
		moveTo(State.WITHDRAWN);
		this.answer = why;
	}

	/** Whoever asked is known by a pseudonym only, from now on. */
	void reduce(PartnerEvent.Pseudonym pseudonym) {
		this.contactName = pseudonym.name();
		this.address = pseudonym.address();
		this.phone = null;
	}

	/** In which language whoever asked reads. */
	Locale language() {
		return Locale.forLanguageTag(this.language);
	}

	private void decided(UUID by, Instant now) {
		this.decidedBy = by;
		this.decidedAt = now;
	}

	private void moveTo(State next) {
		if (!this.state.next().contains(next)) {
			throw new IllegalStateException(
					"the request " + this.reference + " is " + this.state + " and cannot become " + next);
		}
		this.state = next;
	}

	UUID id() {
		return this.id;
	}

	long version() {
		return this.version;
	}

	String reference() {
		return this.reference;
	}

	String organisation() {
		return this.organisation;
	}

	DomainName domain() {
		return this.domain;
	}

	String contactName() {
		return this.contactName;
	}

	EmailAddress address() {
		return this.address;
	}

	@Nullable String phone() {
		return this.phone;
	}

	String reason() {
		return this.reason;
	}

	State state() {
		return this.state;
	}

	Instant askedAt() {
		return this.askedAt;
	}

	@Nullable Instant confirmedAt() {
		return this.confirmedAt;
	}

	@Nullable Instant decidedAt() {
		return this.decidedAt;
	}

	@Nullable UUID decidedBy() {
		return this.decidedBy;
	}

	@Nullable String answer() {
		return this.answer;
	}

	@Nullable UUID partnerId() {
		return this.partnerId;
	}

	enum State {

		/** The form was sent; the address is not proven. */
		ASKED("Not confirmed", "idle"),
		/** The address is proven; it waits for us. */
		CONFIRMED("Waiting for you", "wait"),
		/** We invited. */
		ACCEPTED("Accepted", "good"),
		/** We said no, and why. */
		REJECTED("Rejected", "idle"),
		/**
		 * It could not be: a reserved or taken domain, or one that is asked for already.
		 */
		WITHDRAWN("Withdrawn", "idle");

		private final String words;

		private final String tone;

		State(String words, String tone) {
			this.words = words;
			this.tone = tone;
		}

		/** The states that may follow: the one place that says so. */
		Set<State> next() {
			return switch (this) {
				case ASKED -> EnumSet.of(CONFIRMED, WITHDRAWN);
				case CONFIRMED -> EnumSet.of(ACCEPTED, REJECTED, WITHDRAWN);
				case ACCEPTED, REJECTED, WITHDRAWN -> EnumSet.noneOf(State.class);
			};
		}

		/** The state as people read it; pages reach what is public only. */
		public String words() {
			return this.words;
		}

		/** How a page colours it. */
		public String tone() {
			return this.tone;
		}

	}

}
