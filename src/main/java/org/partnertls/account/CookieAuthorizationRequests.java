package org.partnertls.account;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.http.ResponseCookie;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.AuthorizationRequestRepository;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;

/**
 * Keeps what a sign-in under way needs (state, nonce, PKCE verifier) in a short-lived
 * cookie of the browser that started it, so that there is no session before sign-in.
 * Everything else is taken from the registration again, never from the cookie.
 */
class CookieAuthorizationRequests implements AuthorizationRequestRepository<OAuth2AuthorizationRequest> {

	private static final String COOKIE = "PORTALOIDC";

	private final ClientRegistrationRepository registrations;

	private final JsonMapper json;

	private final boolean secure;

	CookieAuthorizationRequests(ClientRegistrationRepository registrations, JsonMapper json, boolean secure) {
		this.registrations = registrations;
		this.json = json;
		this.secure = secure;
	}

	@Override
	public @Nullable OAuth2AuthorizationRequest loadAuthorizationRequest(HttpServletRequest request) {
		String state = request.getParameter(OAuth2ParameterNames.STATE);
		Cookie[] cookies = request.getCookies();
		if (state == null || cookies == null) {
			return null;
		}
		for (Cookie cookie : cookies) {
			if (cookie.getName().equals(COOKIE)) {
				Map<String, String> kept = decode(cookie.getValue());
				return state.equals(kept.get("state")) ? restore(kept, state) : null;
			}
		}
		return null;
	}

	@Override
	public void saveAuthorizationRequest(@Nullable OAuth2AuthorizationRequest started, HttpServletRequest request,
			HttpServletResponse response) {
		if (started == null) {
			removeAuthorizationRequest(request, response);
			return;
		}
		Map<String, String> kept = new TreeMap<>();
		kept.put("state", started.getState());
		kept.put("redirect", started.getRedirectUri());
		kept.put("registration", attribute(started, OAuth2ParameterNames.REGISTRATION_ID));
		kept.put("nonce", attribute(started, OidcParameterNames.NONCE));
		kept.put("verifier", attribute(started, PkceParameterNames.CODE_VERIFIER));
		write(response,
				Base64.getUrlEncoder()
					.withoutPadding()
					.encodeToString(this.json.writeValueAsString(kept).getBytes(StandardCharsets.UTF_8)),
				Duration.ofMinutes(10));
	}

	@Override
	public @Nullable OAuth2AuthorizationRequest removeAuthorizationRequest(HttpServletRequest request,
			HttpServletResponse response) {
		OAuth2AuthorizationRequest started = loadAuthorizationRequest(request);
		write(response, "", Duration.ZERO);
		return started;
	}

	private static String attribute(OAuth2AuthorizationRequest started, String name) {
		String value = started.getAttribute(name);
		return (value != null) ? value : "";
	}

	private @Nullable OAuth2AuthorizationRequest restore(Map<String, String> kept, String state) {
		ClientRegistration registration = this.registrations
			.findByRegistrationId(kept.getOrDefault("registration", ""));
		if (registration == null) {
			return null;
		}
		return OAuth2AuthorizationRequest.authorizationCode()
			.authorizationUri(Objects.requireNonNull(registration.getProviderDetails().getAuthorizationUri()))
			.clientId(registration.getClientId())
			.redirectUri(kept.get("redirect"))
			.scopes(registration.getScopes())
			.state(state)
			.attributes((attributes) -> {
				attributes.put(OAuth2ParameterNames.REGISTRATION_ID, registration.getRegistrationId());
				attributes.put(OidcParameterNames.NONCE, kept.getOrDefault("nonce", ""));
				attributes.put(PkceParameterNames.CODE_VERIFIER, kept.getOrDefault("verifier", ""));
			})
			.build();
	}

	private Map<String, String> decode(String value) {
		try {
			return this.json.readValue(new String(Base64.getUrlDecoder().decode(value), StandardCharsets.UTF_8),
					new TypeReference<>() {
					});
		}
		catch (IllegalArgumentException | JacksonException ex) {
			return Map.of();
		}
	}

	private void write(HttpServletResponse response, String value, Duration life) {
		response.addHeader("Set-Cookie",
				ResponseCookie.from(COOKIE, value)
					.httpOnly(true)
					.secure(this.secure)
					.sameSite("Lax")
					.path("/")
					.maxAge(life)
					.build()
					.toString());
	}

}
