package org.partnertls.partner;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;

import com.google.common.io.BaseEncoding;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.Ids;
import org.partnertls.partner.Partner.Proof;

/**
 * A partner's mail domain and how we know that it is theirs: a text made for this partner
 * and this domain, found at a name of its own (draft-ietf-dnsop-domain-verification-
 * techniques, sections 5.1 and 5.2), within two weeks.
 */
@Entity
@Table(name = "mail_domain")
class MailDomain {

	static final Duration LIFE = Duration.ofDays(14);

	private static final String TEXT = "tls-partner=";

	private static final SecureRandom RANDOM = new SecureRandom();

	@Id
	private UUID id;

	private DomainName name;

	private boolean living;

	@Enumerated(EnumType.STRING)
	private Proof proof;

	private String token;

	private Instant askedAt;

	private Instant validUntil;

	private @Nullable Instant provenAt;

	private @Nullable Instant lookedUpAt;

	private @Nullable String seen;

	private @Nullable Instant nextLookAt;

	private @Nullable String waivedReason;

	private @Nullable UUID waivedBy;

	private @Nullable Instant waivedAt;

	protected MailDomain() {
	}

	MailDomain(DomainName name, Instant now) {
		this.id = Ids.at(now);
		this.name = name;
		this.living = true;
		this.proof = Proof.UNPROVEN;
		this.token = newToken();
		this.askedAt = now;
		this.validUntil = now.plus(LIFE);
	}

	// 160 bits, in base32 because people read it out on the phone.
	private static String newToken() {
		byte[] random = new byte[20];
		RANDOM.nextBytes(random);
		return BaseEncoding.base32().lowerCase().encode(random);
	}

	/** A new text, for when the last one has had its time. */
	void askAgain(Instant now) {
		this.token = newToken();
		this.askedAt = now;
		this.validUntil = now.plus(LIFE);
	}

	boolean isOver(Instant now) {
		return !this.validUntil.isAfter(now);
	}

	/**
	 * Takes in what a look into the DNS showed.
	 * @param token the text that was looked for
	 * @return whether this proved the domain just now
	 */
	boolean lookedUp(String token, boolean found, String words, Instant now) {
		this.lookedUpAt = now;
		this.seen = words;
		if (!found || this.proof != Proof.UNPROVEN || !token.equals(this.token)) {
			return false;
		}
		this.proof = Proof.PROVEN;
		this.provenAt = now;
		return true;
	}

	/**
	 * When it is looked for again by itself.
	 * @param at null: not before somebody asks
	 */
	void looksAgain(@Nullable Instant at) {
		this.nextLookAt = at;
	}

	void waive(String reason, UUID by, Instant now) {
		this.proof = Proof.WAIVED;
		this.nextLookAt = null;
		this.waivedReason = reason;
		this.waivedBy = by;
		this.waivedAt = now;
	}

	/** Lets another partner have it. */
	void release() {
		this.living = false;
	}

	String challengeName() {
		return "_tls-partner-challenge." + this.name;
	}

	String challengeText() {
		return TEXT + this.token;
	}

	String token() {
		return this.token;
	}

	/**
	 * Whether a published text is the one asked for: with or without quotation marks that
	 * a DNS panel took literally, in any case.
	 */
	static boolean matches(String published, String token) {
		String bare = published.strip().replaceAll("^\"|\"$", "").strip().toLowerCase(Locale.ROOT);
		return bare.equals(TEXT + token) || bare.equals(token);
	}

	UUID id() {
		return this.id;
	}

	DomainName name() {
		return this.name;
	}

	Proof proof() {
		return this.proof;
	}

	Instant askedAt() {
		return this.askedAt;
	}

	Instant validUntil() {
		return this.validUntil;
	}

	@Nullable Instant provenAt() {
		return this.provenAt;
	}

	@Nullable Instant lookedUpAt() {
		return this.lookedUpAt;
	}

	@Nullable String seen() {
		return this.seen;
	}

	@Nullable Instant nextLookAt() {
		return this.nextLookAt;
	}

	@Nullable Instant waivedAt() {
		return this.waivedAt;
	}

	@Nullable String waivedReason() {
		return this.waivedReason;
	}

}
