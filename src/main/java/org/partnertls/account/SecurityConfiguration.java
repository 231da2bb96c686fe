package org.partnertls.account;

import java.time.Clock;

import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.OrganizationProperties;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.SupplierClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandlerImpl;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.savedrequest.CookieRequestCache;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.AndRequestMatcher;
import org.springframework.security.web.util.matcher.MediaTypeRequestMatcher;
import org.springframework.security.web.util.matcher.NegatedRequestMatcher;
import org.springframework.security.web.util.matcher.RequestHeaderRequestMatcher;
import org.springframework.web.accept.HeaderContentNegotiationStrategy;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Sign-in, sign-out and the route table put to work.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration implements WebMvcConfigurer {

	static final String STAFF = "staff";

	@Bean
	SecurityFilterChain portalSecurity(HttpSecurity http, SignIns signIns, ClientRegistrationRepository registrations,
			Accounts accounts, AccountProperties settings, OrganizationProperties organization, AuditLog audit,
			JsonMapper json, Clock clock) throws Exception {
		boolean secure = "https".equals(organization.baseUrl().getScheme());
		CookieRequestCache requests = new CookieRequestCache();
		// Only a page that a person asked for is worth coming back to after sign-in.
		requests.setRequestMatcher(new AndRequestMatcher(
				PathPatternRequestMatcher.withDefaults().matcher(org.springframework.http.HttpMethod.GET, "/**"),
				new NegatedRequestMatcher(new RequestHeaderRequestMatcher("HX-Request")),
				new MediaTypeRequestMatcher(new HeaderContentNegotiationStrategy(), MediaType.TEXT_HTML)));
		CookieCsrfTokenRepository csrf = new CookieCsrfTokenRepository();
		csrf.setCookieName("PORTALCSRF");
		csrf.setCookieCustomizer((cookie) -> cookie.secure(secure).sameSite("Lax").httpOnly(true));
		http.authorizeHttpRequests((requestsRules) -> {
			for (Routes.Rule rule : Routes.TABLE) {
				var matched = requestsRules
					.requestMatchers(PathPatternRequestMatcher.withDefaults().matcher(rule.method(), rule.pattern()));
				switch (rule.access()) {
					case EVERYBODY -> matched.permitAll();
					case SIGNED_IN -> matched.authenticated();
					case ROLES -> matched.hasAnyRole(rule.roles().stream().map(Role::name).toArray(String[]::new));
				}
			}
			requestsRules.anyRequest().denyAll();
		});
		http.addFilterBefore(new StandingFilter(accounts, settings.longest(), clock), AuthorizationFilter.class);
		http.csrf((configurer) -> configurer.csrfTokenRepository(csrf));
		http.requestCache((configurer) -> configurer.requestCache(requests));
		http.oauth2Login((login) -> login.loginPage("/sign-in")
			.authorizationEndpoint((endpoint) -> endpoint
				.authorizationRequestRepository(new CookieAuthorizationRequests(registrations, json, secure))
				.authorizationRequestResolver(resolver(registrations)))
			.successHandler(signIns)
			.failureHandler(signIns));
		http.logout((logout) -> logout.logoutSuccessHandler(signIns).deleteCookies("PORTAL"));
		http.exceptionHandling(
				(handling) -> handling.authenticationEntryPoint(new LoginUrlAuthenticationEntryPoint("/sign-in"))
					.accessDeniedHandler((request, response, denied) -> {
						audit.appendAlone(Act.of("access.denied")
							.refused()
							.on("route", request.getMethod() + " " + request.getServletPath())
							.detail("why", denied.getClass().getSimpleName()));
						new AccessDeniedHandlerImpl().handle(request, response, denied);
					}));
		http.headers((headers) -> headers
			.contentSecurityPolicy((policy) -> policy
				.policyDirectives("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
						+ " font-src 'self'; connect-src 'self'; form-action 'self'" + signOutTarget(settings)
						+ "; base-uri 'none'; frame-src 'self'; frame-ancestors 'none'"))
			.referrerPolicy((policy) -> policy.policy(ReferrerPolicy.SAME_ORIGIN))
			.crossOriginOpenerPolicy(Customizer.withDefaults())
			.permissionsPolicyHeader((policy) -> policy.policy("camera=(), geolocation=(), microphone=()")));
		return http.build();
	}

	// Signing out posts to us and is then redirected to the identity provider, which some
	// browsers hold against form-action.
	private static String signOutTarget(AccountProperties settings) {
		java.net.URI issuer = java.net.URI.create(settings.issuer());
		return " " + issuer.getScheme() + "://" + issuer.getRawAuthority();
	}

	private static DefaultOAuth2AuthorizationRequestResolver resolver(ClientRegistrationRepository registrations) {
		DefaultOAuth2AuthorizationRequestResolver resolver = new DefaultOAuth2AuthorizationRequestResolver(
				registrations);
		resolver.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce()
			.andThen((builder) -> builder.additionalParameters((parameters) -> {
				if (asksAgain()) {
					parameters.put("prompt", "login");
				}
			})));
		return resolver;
	}

	private static boolean asksAgain() {
		return org.springframework.web.context.request.RequestContextHolder
			.getRequestAttributes() instanceof org.springframework.web.context.request.ServletRequestAttributes current
				&& current.getRequest().getParameter("again") != null;
	}

	/**
	 * The identity provider is asked for its endpoints at the first sign-in, so that one
	 * that is down does not keep the portal from starting.
	 */
	@Bean
	ClientRegistrationRepository clientRegistrations(AccountProperties settings, OrganizationProperties organization) {
		return new SupplierClientRegistrationRepository(
				() -> new InMemoryClientRegistrationRepository(ClientRegistrations.fromIssuerLocation(settings.issuer())
					.registrationId(STAFF)
					.clientId(settings.clientId())
					.clientSecret(settings.clientSecret())
					.redirectUri(organization.link("/login/oauth2/code/{registrationId}"))
					.scope("openid", "profile", "email")
					.build()));
	}

	@Bean
	PasswordEncoder passwordEncoder() {
		return PasswordEncoderFactories.createDelegatingPasswordEncoder();
	}

	@Override
	public void addArgumentResolvers(java.util.List<HandlerMethodArgumentResolver> resolvers) {
		resolvers.add(new SignedInArgument());
	}

}
