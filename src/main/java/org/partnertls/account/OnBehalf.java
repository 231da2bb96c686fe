package org.partnertls.account;

import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;

/**
 * Lets a job do what somebody asked for as that person, with the standing that they have
 * when it runs: the history names them, and whoever has left does nothing more.
 */
@Component
public class OnBehalf {

	private final Accounts accounts;

	private final Clock clock;

	OnBehalf(Accounts accounts, Clock clock) {
		this.accounts = accounts;
		this.clock = clock;
	}

	/**
	 * Does something as an administrator.
	 * @return whether it was done: false when they no longer are one
	 */
	public boolean ofAdmin(UUID accountId, Consumer<SignedIn> work) {
		Optional<SignedIn> admin = this.accounts.findById(accountId)
			.filter((account) -> !account.ended() && account.roles().contains(Role.ADMIN))
			.map((account) -> new SignedIn(account.id(), account.name(), account.address(), account.roles(), null,
					this.clock.instant()));
		admin.ifPresent((person) -> {
			SecurityContext context = SecurityContextHolder.createEmptyContext();
			context.setAuthentication(new PortalAuthentication(
					new PortalAuthentication(person.id(), person.since(), null, false), person, null));
			SecurityContextHolder.setContext(context);
			try {
				work.accept(person);
			}
			finally {
				SecurityContextHolder.clearContext();
			}
		});
		return admin.isPresent();
	}

}
