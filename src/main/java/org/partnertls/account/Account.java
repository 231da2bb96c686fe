package org.partnertls.account;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Ids;

/**
 * Somebody who may sign in.
 */
@Entity
class Account {

	@Id
	private UUID id;

	@Version
	private long version;

	@Enumerated(EnumType.STRING)
	private Kind kind;

	private @Nullable String issuer;

	private @Nullable String subject;

	private @Nullable String address;

	private @Nullable String addressKey;

	private String name;

	private String roles;

	private @Nullable UUID partnerId;

	private @Nullable Instant endedAt;

	private Instant createdAt;

	private @Nullable String language;

	private @Nullable String zone;

	protected Account() {
	}

	private Account(Kind kind, String name, Instant now) {
		this.id = Ids.at(now);
		this.kind = kind;
		this.name = bounded(name);
		this.roles = "";
		this.createdAt = now;
	}

	static Account ofStaff(String issuer, String subject, String name, Instant now) {
		Account account = new Account(Kind.STAFF, name, now);
		account.issuer = issuer;
		account.subject = subject;
		return account;
	}

	static Account ofPartner(EmailAddress address, String name, UUID partnerId, Instant now) {
		return ofPartner(address, name, partnerId, Role.PARTNER, now);
	}

	/**
	 * Somebody of a partner.
	 * @param role whether they may confirm, or do tasks only
	 */
	static Account ofPartner(EmailAddress address, String name, UUID partnerId, Role role, Instant now) {
		Account account = new Account(Kind.PARTNER, name, now);
		account.address = address.toString();
		account.addressKey = address.key();
		account.partnerId = partnerId;
		account.roles = role.name();
		return account;
	}

	/**
	 * Takes over what the identity provider says at sign-in.
	 * @return the roles held before
	 */
	Set<Role> signedIn(String currentName, @Nullable String currentAddress, Set<Role> currentRoles) {
		Set<Role> before = roles();
		this.name = bounded(currentName);
		this.address = currentAddress;
		this.roles = currentRoles.stream().sorted().map(Role::name).collect(Collectors.joining(","));
		return before;
	}

	/** A partner's person is there for something else from now on. */
	void becomes(Role role) {
		this.roles = role.name();
	}

	/** Reads pages and letters in this language from now on. */
	void reads(Locale chosen) {
		this.language = chosen.getLanguage();
	}

	/**
	 * Reads as was chosen in the browser in which they sign in.
	 * @param guessed what the browser asks for, unless it is known already in which
	 * language they read
	 */
	void reads(Reading chosen, Locale guessed) {
		if (chosen.language() != null || this.language == null) {
			reads((chosen.language() != null) ? chosen.language() : guessed);
		}
		if (chosen.zone() != null) {
			livesIn(chosen.zone());
		}
	}

	/**
	 * Reads times in this zone from now on.
	 * @param chosen null for the organisation's
	 */
	void livesIn(@Nullable ZoneId chosen) {
		this.zone = (chosen != null) ? chosen.getId() : null;
	}

	/** Known by a pseudonym only, from now on; signs in no more. */
	void reduce(String pseudonym, EmailAddress nowhere) {
		if (!ended()) {
			throw new IllegalStateException("the account " + this.id + " still signs in");
		}
		this.name = pseudonym;
		this.address = nowhere.toString();
		this.addressKey = nowhere.key();
	}

	void end(Instant now) {
		if (this.endedAt == null) {
			this.endedAt = now;
		}
	}

	boolean ended() {
		return this.endedAt != null;
	}

	UUID id() {
		return this.id;
	}

	Kind kind() {
		return this.kind;
	}

	String name() {
		return this.name;
	}

	@Nullable String address() {
		return this.address;
	}

	Reading reading() {
		return new Reading((this.language != null) ? Locale.forLanguageTag(this.language) : null,
				Reading.zone(this.zone));
	}

	@Nullable UUID partnerId() {
		return this.partnerId;
	}

	Set<Role> roles() {
		EnumSet<Role> held = EnumSet.noneOf(Role.class);
		Arrays.stream(this.roles.split(",")).filter((role) -> !role.isEmpty()).map(Role::valueOf).forEach(held::add);
		return held;
	}

	private static String bounded(String name) {
		String clean = name.replaceAll("\\p{Cntrl}", " ").strip();
		return clean.substring(0, Math.min(clean.length(), 120));
	}

	enum Kind {

		STAFF, PARTNER

	}

}
