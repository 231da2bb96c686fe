package org.partnertls.evidence;

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Ids;

/**
 * An exception that somebody wrote down by hand. It counts once somebody else has
 * accepted it, and until its day.
 */
@Entity
@Table(name = "exception_entry")
class RegisterEntry {

	/** How many days before its end people are told. */
	static final int SOON = 30;

	@Id
	private UUID id;

	@Version
	private long version;

	private @Nullable UUID partnerId;

	private @Nullable String partnerName;

	private @Nullable String domain;

	private String what;

	private String ownerName;

	private String ownerAddress;

	private String reason;

	private LocalDate endsOn;

	@Enumerated(EnumType.STRING)
	private State state;

	private UUID askedBy;

	private String askedByName;

	private Instant askedAt;

	private @Nullable UUID acceptedBy;

	private @Nullable String acceptedByName;

	private @Nullable Instant acceptedAt;

	private @Nullable Instant endedAt;

	@Enumerated(EnumType.STRING)
	private Told told;

	/** For JPA. */
	@SuppressWarnings("NullAway.Init")
	protected RegisterEntry() {
	}

	RegisterEntry(NewException wanted, SignedIn by, Instant now) {
		this.id = Ids.at(now);
		this.partnerId = wanted.partnerId();
		this.partnerName = wanted.partnerName();
		this.domain = wanted.domain();
		this.what = wanted.what();
		this.ownerName = wanted.ownerName();
		this.ownerAddress = wanted.ownerAddress().toString();
		this.reason = wanted.reason();
		this.endsOn = wanted.endsOn();
		this.state = State.ASKED;
		this.askedBy = by.id();
		this.askedByName = by.name();
		this.askedAt = now;
		this.told = Told.NOTHING;
	}

	/**
	 * Somebody takes it on.
	 * @return false: whoever asked for it cannot accept it too
	 */
	boolean accept(SignedIn by, Instant now) {
		require(State.ASKED);
		if (by.id().equals(this.askedBy)) {
			return false;
		}
		this.state = State.ACCEPTED;
		this.acceptedBy = by.id();
		this.acceptedByName = by.name();
		this.acceptedAt = now;
		return true;
	}

	/** It counts no longer: it is settled, withdrawn or was not accepted. */
	void end(Instant now) {
		if (this.state == State.ENDED) {
			throw new IllegalStateException("this exception has ended already");
		}
		this.state = State.ENDED;
		this.endedAt = now;
	}

	/**
	 * What people have to be told of its end today.
	 * @return null: nothing that they do not know
	 */
	@Nullable Told tell(LocalDate today) {
		Told due = this.endsOn.isBefore(today) ? Told.OVER
				: this.endsOn.isBefore(today.plusDays(SOON)) ? Told.SOON : Told.NOTHING;
		if (this.state == State.ENDED || due.compareTo(this.told) <= 0) {
			return null;
		}
		this.told = due;
		return due;
	}

	private void require(State wanted) {
		if (this.state != wanted) {
			throw new IllegalStateException("this exception is " + this.state);
		}
	}

	UUID id() {
		return this.id;
	}

	@Nullable UUID partnerId() {
		return this.partnerId;
	}

	String partnerName() {
		return (this.partnerName != null) ? this.partnerName : "";
	}

	@Nullable String domain() {
		return this.domain;
	}

	/** The partner, or the domain. */
	String about() {
		return (this.partnerName != null) ? this.partnerName : String.valueOf(this.domain);
	}

	String what() {
		return this.what;
	}

	String ownerName() {
		return this.ownerName;
	}

	EmailAddress ownerAddress() {
		return EmailAddress.of(this.ownerAddress);
	}

	String reason() {
		return this.reason;
	}

	LocalDate endsOn() {
		return this.endsOn;
	}

	State state() {
		return this.state;
	}

	UUID askedBy() {
		return this.askedBy;
	}

	/** How far it is. */
	enum State {

		ASKED, ACCEPTED, ENDED

	}

	/** What people were told of its end, the least first. */
	enum Told {

		NOTHING, SOON, OVER

	}

	/**
	 * What somebody writes down.
	 *
	 * @param partnerId for which partner; null: for a domain
	 * @param partnerName its name
	 * @param domain for which mail domain, as an A-label; null: for the partner as a
	 * whole
	 * @param what what is not as it should be
	 * @param ownerName who answers for it
	 * @param ownerAddress where they are told of its end
	 * @param reason why
	 * @param endsOn its last day
	 */
	record NewException(@Nullable UUID partnerId, @Nullable String partnerName, @Nullable String domain, String what,
			String ownerName, EmailAddress ownerAddress, String reason, LocalDate endsOn) {
	}

}
