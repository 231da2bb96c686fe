package org.partnertls.account;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TimeZone;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Words;

import org.springframework.context.i18n.LocaleContext;
import org.springframework.context.i18n.TimeZoneAwareLocaleContext;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.LocaleContextResolver;

/**
 * How somebody reads pages.
 *
 * @param language one of ours; null where nobody has said
 * @param zone the zone that times are shown in; null: the organisation's
 */
record Reading(@Nullable Locale language, @Nullable ZoneId zone) {

	static final String LANGUAGE_COOKIE = "language";

	static final String ZONE_COOKIE = "zone";

	/** What was chosen in this browser. */
	static Reading chosenIn(HttpServletRequest request) {
		return new Reading(cookie(request, LANGUAGE_COOKIE).flatMap(Reading::language).orElse(null),
				zone(cookie(request, ZONE_COOKIE).orElse(null)));
	}

	/** What was chosen in this browser, else the language that it asks for. */
	static Locale languageOf(HttpServletRequest request) {
		Locale chosen = chosenIn(request).language();
		if (chosen != null) {
			return chosen;
		}
		// Without the header, the server's own language would be given.
		return (request.getHeader(HttpHeaders.ACCEPT_LANGUAGE) == null) ? Locale.ENGLISH
				: Collections.list(request.getLocales())
					.stream()
					.flatMap((locale) -> language(locale.getLanguage()).stream())
					.findFirst()
					.orElse(Locale.ENGLISH);
	}

	/** A language of ours by its code. */
	static Optional<Locale> language(String code) {
		Locale known = Words.known(Locale.forLanguageTag(code));
		return known.getLanguage().equals(code) ? Optional.of(known) : Optional.empty();
	}

	/** A zone by its name; null for one that nobody knows. */
	static @Nullable ZoneId zone(@Nullable String name) {
		try {
			return (name != null && zones().contains(name)) ? ZoneId.of(name) : null;
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

	/** The zones to choose from: those of cities, and UTC. */
	static List<String> zones() {
		return Zones.ALL;
	}

	private static Optional<String> cookie(HttpServletRequest request, String name) {
		Cookie[] cookies = request.getCookies();
		return (cookies == null) ? Optional.empty()
				: Arrays.stream(cookies)
					.filter((cookie) -> cookie.getName().equals(name))
					.map(Cookie::getValue)
					.findFirst();
	}

	private static final class Zones {

		private static final List<String> ALL = ZoneId.getAvailableZoneIds()
			.stream()
			.filter((name) -> name.equals("UTC")
					|| name.matches("(Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/.+"))
			.sorted()
			.toList();

	}

	/**
	 * Tells Spring the reader's language and zone: the account's, else the cookie's, else
	 * the language that the browser asks for.
	 */
	@Component("localeResolver")
	static class Resolver implements LocaleContextResolver {

		@Override
		public LocaleContext resolveLocaleContext(HttpServletRequest request) {
			Reading chosen = chosenIn(request);
			Reading stored = (SecurityContextHolder.getContext()
				.getAuthentication() instanceof PortalAuthentication current) ? current.reading() : null;
			Locale language = (stored != null && stored.language() != null) ? stored.language() : languageOf(request);
			ZoneId zone = (stored != null && stored.zone() != null) ? stored.zone() : chosen.zone();
			Locale formats = Words.formats(language);
			return new TimeZoneAwareLocaleContext() {

				@Override
				public Locale getLocale() {
					return formats;
				}

				@Override
				public @Nullable TimeZone getTimeZone() {
					return (zone != null) ? TimeZone.getTimeZone(zone) : null;
				}

			};
		}

		@Override
		public void setLocaleContext(HttpServletRequest request, @Nullable HttpServletResponse response,
				@Nullable LocaleContext context) {
			throw new UnsupportedOperationException("a person chooses on a page");
		}

	}

}
