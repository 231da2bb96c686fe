package org.partnertls.account;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/**
 * What a session holds: which account, since when. Whatever the account may do is read
 * again at each request ({@link StandingFilter}) and never stored.
 */
final class PortalAuthentication extends AbstractAuthenticationToken {

	private static final long serialVersionUID = 1L;

	private final UUID accountId;

	private final Instant since;

	private final @Nullable String idToken;

	// False for sessions from before this was noted: they ask for a code once more.
	private final boolean mailed;

	private transient @Nullable SignedIn signedIn;

	private transient @Nullable Reading reading;

	PortalAuthentication(UUID accountId, Instant since, @Nullable String idToken, boolean mailed) {
		super(List.<GrantedAuthority>of());
		this.accountId = accountId;
		this.since = since;
		this.idToken = idToken;
		this.mailed = mailed;
		setAuthenticated(true);
	}

	PortalAuthentication(PortalAuthentication stored, SignedIn signedIn, @Nullable Reading reading) {
		super(signedIn.roles().stream().map((role) -> new SimpleGrantedAuthority("ROLE_" + role.name())).toList());
		this.accountId = stored.accountId;
		this.since = stored.since;
		this.idToken = stored.idToken;
		this.mailed = stored.mailed;
		this.signedIn = signedIn;
		this.reading = reading;
		setAuthenticated(true);
	}

	UUID accountId() {
		return this.accountId;
	}

	Instant since() {
		return this.since;
	}

	/** The identity provider's token, which it wants back at sign-out. */
	@Nullable String idToken() {
		return this.idToken;
	}

	/** Whether a code came by mail, which proves the address and not one account only. */
	boolean mailed() {
		return this.mailed;
	}

	@Nullable SignedIn signedIn() {
		return this.signedIn;
	}

	/** How they read pages; null where nobody has said. */
	@Nullable Reading reading() {
		return this.reading;
	}

	@Override
	public @Nullable Object getCredentials() {
		return null;
	}

	@Override
	public Object getPrincipal() {
		return this.accountId;
	}

	@Override
	public String getName() {
		return this.accountId.toString();
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof PortalAuthentication that && super.equals(other)
				&& this.accountId.equals(that.accountId);
	}

	@Override
	public int hashCode() {
		return this.accountId.hashCode();
	}

}
