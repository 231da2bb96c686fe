package org.partnertls.web;

import java.time.ZoneId;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Directory;
import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.PauseView;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Words;

import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/**
 * What every page knows: our organisation, the person, the rail's counts, the colours.
 */
@ControllerAdvice(annotations = Controller.class)
class PageAdvice {

	private static final Set<String> COMPLIANCE = Set.of("alarms", "compliance", "partners", "connectors", "tls-checks",
			"history");

	private final OrganizationProperties organization;

	private final Rail rail;

	private final Connectors connectors;

	private final Directory directory;

	PageAdvice(OrganizationProperties organization, Rail rail, Connectors connectors, Directory directory) {
		this.organization = organization;
		this.rail = rail;
		this.connectors = connectors;
		this.directory = directory;
	}

	@ModelAttribute("org")
	OrganizationProperties organization() {
		return this.organization;
	}

	@ModelAttribute("me")
	@Nullable Me me(@Nullable SignedIn person, HttpServletRequest request) {
		return (person != null) ? Me.of(person, person.partnerId() != null && request.getHeader("HX-Request") == null
				&& this.directory.hasOtherPartners()) : null;
	}

	// Fragments that poll have no rail.
	@ModelAttribute("rail")
	@Nullable Map<String, Integer> rail(@Nullable SignedIn person, HttpServletRequest request) {
		return (person != null && person.is(Role.ADMIN) && request.getHeader("HX-Request") == null) ? this.rail.counts()
				: null;
	}

	/** Who has paused all pushes; every staff page says so. */
	@ModelAttribute("pause")
	@Nullable PauseView pause(@Nullable SignedIn person, HttpServletRequest request) {
		return (person != null && (person.is(Role.ADMIN) || person.is(Role.COMPLIANCE))
				&& request.getHeader("HX-Request") == null) ? this.connectors.pause().orElse(null) : null;
	}

	/** The zone in which the reader reads times. */
	@ModelAttribute("zone")
	ZoneId zone() {
		return Words.zone(this.organization.zone());
	}

	@ModelAttribute("theme")
	String theme(HttpServletRequest request) {
		return themeOf(request);
	}

	static String themeOf(HttpServletRequest request) {
		Cookie[] cookies = request.getCookies();
		if (cookies != null) {
			for (Cookie cookie : cookies) {
				if (cookie.getName().equals("theme") && Set.of("light", "dark").contains(cookie.getValue())) {
					return cookie.getValue();
				}
			}
		}
		return "auto";
	}

	/**
	 * The person as the frame shows them.
	 *
	 * @param name their name
	 * @param roleWords their roles
	 * @param items the keys of the rail that they may open; null for all
	 * @param frame the frame of pages that are for everybody
	 * @param others whether they may change to another partner
	 */
	record Me(String name, String roleWords, @Nullable Set<String> items, String frame, boolean others) {

		static Me of(SignedIn person, boolean others) {
			return new Me(person.name(),
					person.roles().isEmpty() ? Words.of("No role")
							: person.roles()
								.stream()
								.sorted()
								.map((role) -> Words.of(role.words()))
								.collect(Collectors.joining(", ")),
					person.is(Role.ADMIN) ? null : COMPLIANCE,
					(person.partnerId() != null) ? "partner" : person.roles().isEmpty() ? "open" : "staff", others);
		}

	}

}
