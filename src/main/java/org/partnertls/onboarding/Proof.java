package org.partnertls.onboarding;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Ids;

/**
 * What one test message showed about the way from a partner to us.
 */
@Entity
@Table(name = "inbound_proof")
class Proof {

	@Id
	private UUID id;

	private UUID attestationId;

	private UUID partnerId;

	@Enumerated(EnumType.STRING)
	private Source source;

	private String messageKey;

	private @Nullable Boolean encrypted;

	private String sentence;

	private @Nullable String hop;

	private @Nullable Instant sentAt;

	private Instant seenAt;

	protected Proof() {
	}

	Proof(Attestation attestation, Source source, String messageKey, @Nullable Boolean encrypted, String sentence,
			@Nullable String hop, @Nullable Instant sentAt, Instant now) {
		this.id = Ids.at(now);
		this.attestationId = attestation.id();
		this.partnerId = attestation.partnerId();
		this.source = source;
		this.messageKey = messageKey;
		this.encrypted = encrypted;
		this.sentence = sentence;
		this.hop = hop;
		this.sentAt = sentAt;
		this.seenAt = now;
	}

	public UUID id() {
		return this.id;
	}

	/** Seen by ourselves, and it came encrypted. */
	public boolean proves() {
		return this.source != Source.PARTNER && Boolean.TRUE.equals(this.encrypted);
	}

	/** When the message travelled, as far as we know. */
	public Instant at() {
		return (this.sentAt != null) ? this.sentAt : this.seenAt;
	}

	public Source source() {
		return this.source;
	}

	public @Nullable Boolean encrypted() {
		return this.encrypted;
	}

	public String sentence() {
		return this.sentence;
	}

	public @Nullable String hop() {
		return this.hop;
	}

	public Instant seenAt() {
		return this.seenAt;
	}

	/** How the message came to us, which decides how far it counts. */
	enum Source {

		/** We fetched it from our own test mailbox. */
		MAILBOX("seen by us in the test mailbox"),
		/** One of us pasted or uploaded it. */
		STAFF("checked by our staff"),
		/** The partner pasted it: unverified. */
		PARTNER("pasted by the partner, unverified");

		private final String words;

		Source(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

	}

}
