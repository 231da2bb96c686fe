package org.partnertls.account;

import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;
import org.springframework.security.web.authentication.logout.LogoutSuccessHandler;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.savedrequest.CookieRequestCache;
import org.springframework.security.web.savedrequest.SavedRequest;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.util.UriUtils;

/**
 * Ends sign-ins: turns the identity provider's word, or a right code, into a session of
 * ours; and ends sessions. People are known by issuer and subject, never by address.
 */
@Component
class SignIns implements AuthenticationSuccessHandler, AuthenticationFailureHandler, LogoutSuccessHandler {

	private static final String PROOF = SignIns.class.getName() + ".PROOF";

	private static final Duration PROOF_LIFE = Duration.ofMinutes(10);

	private final Accounts accounts;

	private final AccountProperties settings;

	private final OrganizationProperties organization;

	private final ClientRegistrationRepository registrations;

	private final AuditLog audit;

	private final TransactionTemplate transaction;

	private final ApplicationEventPublisher events;

	private final Clock clock;

	private final HttpSessionSecurityContextRepository contexts = new HttpSessionSecurityContextRepository();

	private final CookieRequestCache requests = new CookieRequestCache();

	SignIns(Accounts accounts, AccountProperties settings, OrganizationProperties organization,
			ClientRegistrationRepository registrations, AuditLog audit, TransactionTemplate transaction,
			ApplicationEventPublisher events, Clock clock) {
		this.accounts = accounts;
		this.settings = settings;
		this.organization = organization;
		this.registrations = registrations;
		this.audit = audit;
		this.transaction = transaction;
		this.events = events;
		this.clock = clock;
	}

	@Override
	public void onAuthenticationSuccess(HttpServletRequest request, HttpServletResponse response,
			Authentication authentication) throws IOException {
		OidcUser user = (OidcUser) Objects.requireNonNull(authentication.getPrincipal());
		Instant now = this.clock.instant();
		Account account = this.transaction
			.execute((status) -> record(user, Reading.chosenIn(request), Reading.languageOf(request), now));
		if (account == null) {
			throw new IllegalStateException("the transaction gave no account");
		}
		enter(new PortalAuthentication(account.id(), now, user.getIdToken().getTokenValue(), false), request, response);
		response.sendRedirect(account.roles().isEmpty() ? "/no-access" : comeBack(request, response, "/overview"));
	}

	/**
	 * Starts the session of a partner's person.
	 * @param account one of those whose address is proven
	 */
	String enterPartner(Account account, Proof proof, HttpServletRequest request, HttpServletResponse response) {
		// Who was here for another partner does nothing for this one.
		SecurityContextHolder.setContext(SecurityContextHolder.createEmptyContext());
		account.reads(Reading.chosenIn(request), Reading.languageOf(request));
		this.accounts.save(account);
		this.audit.append(Act.of("sign-in.partner")
			.by(actor(account, proof.at()))
			.on("account", account.id())
			.detail("code", proof.way().words));
		this.events.publishEvent(new PartnerSignedIn(Objects.requireNonNull(account.partnerId()), proof.address(),
				proof.way() == Way.MAIL));
		enter(new PortalAuthentication(account.id(), proof.at(), null, proof.way() != Way.PHONE), request, response);
		return comeBack(request, response, "/tasks");
	}

	/** Keeps in this session what was proven until somebody has chosen a partner. */
	void keep(Proof proof, HttpServletRequest request) {
		if (request.getSession(false) != null) {
			request.changeSessionId();
		}
		request.getSession().setAttribute(PROOF, proof);
	}

	/**
	 * What this session has proven: by a code some minutes ago, or by the code with which
	 * whoever is here has signed in.
	 */
	Optional<Proof> proof(HttpServletRequest request) {
		HttpSession session = request.getSession(false);
		return (session != null && session.getAttribute(PROOF) instanceof Proof proof
				&& proof.at().plus(PROOF_LIFE).isAfter(this.clock.instant())) ? Optional.of(proof) : provenBySession();
	}

	// A code that was read out proves a recorded number, which is the number of one
	// partner's person only.
	static Optional<Proof> provenBySession() {
		return (SecurityContextHolder.getContext().getAuthentication() instanceof PortalAuthentication current
				&& current.mailed() && current.signedIn() != null && current.signedIn().address() != null)
						? Optional.of(new Proof(current.signedIn().address(), current.since(), Way.BEFORE))
						: Optional.empty();
	}

	private Account record(OidcUser user, Reading chosen, Locale language, Instant now) {
		Set<Role> roles = EnumSet.noneOf(Role.class);
		List<String> claims = user.getClaimAsStringList("roles");
		for (Role role : List.of(Role.ADMIN, Role.COMPLIANCE)) {
			if (claims != null && claims.contains(role.claim())) {
				roles.add(role);
			}
		}
		String subject = Objects.requireNonNull(user.getSubject());
		String fullName = user.getFullName();
		String name = (fullName != null) ? fullName : subject;
		String address = (user.getEmail() != null) ? user.getEmail() : user.getPreferredUsername();
		Account account = this.accounts.findByIssuerAndSubject(this.settings.issuer(), subject)
			.orElseGet(() -> Account.ofStaff(this.settings.issuer(), subject, name, now));
		Set<Role> before = account.signedIn(name, address, roles);
		account.reads(chosen, language);
		Account saved = this.accounts.save(account);
		Act act = Act.of(roles.isEmpty() ? "sign-in.without-role" : "sign-in.staff")
			.by(actor(saved, now))
			.on("account", saved.id())
			.detail("roles", roles);
		if (!before.equals(roles)) {
			act.change("roles", before, roles);
		}
		this.audit.append(roles.isEmpty() ? act.refused() : act);
		return saved;
	}

	private static org.partnertls.audit.Actor actor(Account account, Instant now) {
		return CurrentActor.of(new SignedIn(account.id(), account.name(), account.address(), account.roles(),
				account.partnerId(), now), null);
	}

	private void enter(PortalAuthentication authentication, HttpServletRequest request, HttpServletResponse response) {
		HttpSession session = request.getSession(false);
		if (session != null) {
			request.changeSessionId();
			session.removeAttribute(PROOF);
		}
		SecurityContext context = SecurityContextHolder.createEmptyContext();
		context.setAuthentication(authentication);
		SecurityContextHolder.setContext(context);
		this.contexts.saveContext(context, request, response);
	}

	private String comeBack(HttpServletRequest request, HttpServletResponse response, String otherwise) {
		SavedRequest saved = this.requests.getRequest(request, response);
		this.requests.removeRequest(request, response);
		if (saved == null) {
			return otherwise;
		}
		// Only the path of what was asked for counts: the cookie is in the visitor's
		// hands.
		URI uri = URI.create(saved.getRedirectUrl());
		String path = (uri.getRawQuery() != null) ? uri.getRawPath() + "?" + uri.getRawQuery() : uri.getRawPath();
		return (path == null || !path.startsWith("/") || path.startsWith("//") || path.equals("/")) ? otherwise : path;
	}

	/**
	 * That somebody reads mail at an address, or was recognised on the phone. Lies in
	 * sessions.
	 *
	 * @param typed the address
	 * @param at since when it is proven
	 * @param way how
	 */
	record Proof(String typed, Instant at, Way way) implements Serializable {

		EmailAddress address() {
			return EmailAddress.of(this.typed);
		}

	}

	/** How an address is proven. */
	enum Way {

		/** By a code that came by mail just now. */
		MAIL("by mail"),
		/** By a code that one of us read out: for one partner only. */
		PHONE("read out by staff"),
		/** By the code of a sign-in for another partner. */
		BEFORE("by mail, at the sign-in for another organisation");

		private final String words;

		Way(String words) {
			this.words = words;
		}

	}

	@Override
	public void onAuthenticationFailure(HttpServletRequest request, HttpServletResponse response,
			AuthenticationException failure) throws IOException {
		this.audit.appendAlone(Act.of("sign-in.failed").failed().detail("why", failure.getClass().getSimpleName()));
		response.sendRedirect("/sign-in?failed");
	}

	@Override
	public void onLogoutSuccess(HttpServletRequest request, HttpServletResponse response,
			@Nullable Authentication authentication) throws IOException {
		if (!(authentication instanceof PortalAuthentication left)) {
			response.sendRedirect("/signed-out");
			return;
		}
		this.accounts.findById(left.accountId())
			.ifPresent((account) -> this.audit
				.appendAlone(Act.of("sign-out").by(actor(account, left.since())).on("account", left.accountId())));
		response.sendRedirect((left.idToken() != null) ? providerSignOut(left.idToken()) : "/signed-out");
	}

	private String providerSignOut(String idToken) {
		ClientRegistration staff = this.registrations.findByRegistrationId(SecurityConfiguration.STAFF);
		Object endpoint = (staff != null)
				? staff.getProviderDetails().getConfigurationMetadata().get("end_session_endpoint") : null;
		return (endpoint == null) ? "/signed-out"
				: endpoint + "?id_token_hint=" + idToken + "&post_logout_redirect_uri="
						+ UriUtils.encode(this.organization.link("/signed-out"), StandardCharsets.UTF_8);
	}

}
