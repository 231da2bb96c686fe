package org.partnertls.account;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.security.access.AccessDeniedException;

/**
 * The person behind a request, with the standing that they have now. Controllers take it
 * as an argument.
 *
 * @param id the account's id
 * @param name how people know them
 * @param address their e-mail address; may be unknown for staff
 * @param roles what they may do; empty for staff without an app role
 * @param partnerId whose person they are; null for staff
 * @param since when they signed in
 */
public record SignedIn(UUID id, String name, @Nullable String address, Set<Role> roles, @Nullable UUID partnerId,
		Instant since) {

	public boolean is(Role role) {
		return this.roles.contains(role);
	}

	/** The partner that a partner's person belongs to. */
	public UUID requirePartner() {
		if (this.partnerId == null) {
			throw new AccessDeniedException("this page belongs to a partner's person");
		}
		return this.partnerId;
	}

	/** Whether they signed in a short time ago, as a dangerous act demands. */
	public boolean signedInWithin(Duration limit, Instant now) {
		return this.since.plus(limit).isAfter(now);
	}

	/** The roles as people read them. */
	public String roleWords() {
		return this.roles.isEmpty() ? "No role"
				: this.roles.stream().sorted().map(Role::words).collect(Collectors.joining(", "));
	}

}
