package org.partnertls.account;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
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
 * A code that proves an address, once, in the browser that asked for it. The code itself
 * is made when its mail is sent; a second try of the mail makes a new one.
 */
@Entity
@Table(name = "one_time_code")
class OneTimeCode {

	static final int TRIES = 5;

	@Id
	private UUID id;

	@Enumerated(EnumType.STRING)
	private Codes.Purpose purpose;

	private @Nullable UUID subjectId;

	private EmailAddress address;

	private String addressKey;

	private boolean known;

	private String browser;

	private @Nullable String code;

	private @Nullable Instant madeAt;

	private @Nullable Instant expiresAt;

	private int tries;

	private @Nullable Instant usedAt;

	private Instant askedAt;

	private String askedFrom;

	private String windowNumber;

	private @Nullable Instant readOutAt;

	private String language;

	protected OneTimeCode() {
	}

	OneTimeCode(Codes.Purpose purpose, @Nullable UUID subjectId, EmailAddress address, boolean known, String browser,
			String windowNumber, String askedFrom, Locale language, Instant now) {
		this.id = Ids.at(now);
		this.purpose = purpose;
		this.subjectId = subjectId;
		this.address = address;
		this.addressKey = address.key();
		this.known = known;
		this.browser = browser;
		this.windowNumber = windowNumber;
		this.askedFrom = askedFrom;
		this.language = language.getLanguage();
		this.askedAt = now;
	}

	void make(String encoded, Instant now, Duration life) {
		this.code = encoded;
		this.madeAt = now;
		this.expiresAt = now.plus(life);
	}

	/**
	 * One of us reads it out; from now on no mail makes another one.
	 * @param partnerId as whose person they were recognised
	 */
	void readOut(String encoded, UUID partnerId, Instant now, Duration life) {
		make(encoded, now, life);
		this.subjectId = partnerId;
		this.readOutAt = now;
	}

	boolean isReadOut() {
		return this.readOutAt != null;
	}

	/** What stands on the page of the browser that asked. */
	String windowNumber() {
		return this.windowNumber;
	}

	void count() {
		this.tries++;
	}

	void use(Instant now) {
		this.usedAt = now;
	}

	boolean spent(Instant now) {
		return this.usedAt != null || expired(now);
	}

	boolean expired(Instant now) {
		// A code that was never mailed (an unknown address) ends like any other.
		Instant end = (this.expiresAt != null) ? this.expiresAt : this.askedAt.plus(Duration.ofMinutes(10));
		return !end.isAfter(now);
	}

	int triesLeft() {
		return Math.max(0, TRIES - this.tries);
	}

	boolean isKnown() {
		return this.known;
	}

	@Nullable String encoded() {
		return this.code;
	}

	UUID id() {
		return this.id;
	}

	Codes.Purpose purpose() {
		return this.purpose;
	}

	@Nullable UUID subjectId() {
		return this.subjectId;
	}

	EmailAddress address() {
		return this.address;
	}

}
