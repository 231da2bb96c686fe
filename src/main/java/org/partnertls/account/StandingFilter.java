package org.partnertls.account;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;

import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Reads at each request what the signed-in account may do now, so that an ended access or
 * a sign-in that is too old takes effect at once.
 */
class StandingFilter extends OncePerRequestFilter {

	private final Accounts accounts;

	private final Duration longest;

	private final Clock clock;

	StandingFilter(Accounts accounts, Duration longest, Clock clock) {
		this.accounts = accounts;
		this.longest = longest;
		this.clock = clock;
	}

	@Override
	protected boolean shouldNotFilterErrorDispatch() {
		return false;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		if (SecurityContextHolder.getContext().getAuthentication() instanceof PortalAuthentication stored) {
			SecurityContext context = SecurityContextHolder.createEmptyContext();
			standing(stored).ifPresentOrElse(context::setAuthentication, () -> {
				HttpSession session = request.getSession(false);
				if (session != null) {
					session.invalidate();
				}
			});
			SecurityContextHolder.setContext(context);
		}
		chain.doFilter(request, response);
	}

	private Optional<PortalAuthentication> standing(PortalAuthentication stored) {
		if (stored.since().plus(this.longest).isBefore(this.clock.instant())) {
			return Optional.empty();
		}
		return this.accounts.findById(stored.accountId())
			.filter((account) -> !account.ended())
			.map((account) -> new PortalAuthentication(stored, new SignedIn(account.id(), account.name(),
					account.address(), account.roles(), account.partnerId(), stored.since()), account.reading()));
	}

}
