package org.partnertls.account;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;

/**
 * Who may call what: the one route table. The first rule that fits decides; what no rule
 * names is refused to everybody.
 */
final class Routes {

	static final List<Rule> TABLE = List.of(
			// Everybody
			open("/assets/**"), open("/webjars/**"), open("/error"), open("/actuator/health/**"), open("/theme"),
			open("/language"), open("/"), open("/sign-in/**"), open("/signed-out"), open("/oauth2/authorization/staff"),
			open("/login/oauth2/code/staff"), open("/request/**"), open("/programme/**"), open("/invitation/**"),
			open("/take-over/**"),
			// Whoever is signed in, with or without a role
			signedIn("/logout"), signedIn("/no-access"),
			// A partner's people; a helper does tasks, and neither confirms nor names
			// people
			only(HttpMethod.POST, "/tasks/contacts", Role.PARTNER), only("/tasks/**", Role.PARTNER, Role.HELPER),
			only(HttpMethod.POST, "/attestations/*/submission", Role.PARTNER),
			only("/partnership/people/**", Role.PARTNER), only("/partnership/**", Role.PARTNER, Role.HELPER),
			// Staff
			only("/overview", Role.ADMIN, Role.COMPLIANCE),
			only(HttpMethod.GET, "/compliance/**", Role.ADMIN, Role.COMPLIANCE), only("/requests/**", Role.ADMIN),
			only(HttpMethod.GET, "/alarms/**", Role.ADMIN, Role.COMPLIANCE), only("/alarms/**", Role.ADMIN),
			only("/letters/**", Role.ADMIN), only("/exceptions/**", Role.ADMIN), only("/reviews/**", Role.ADMIN),
			only("/attestations/**", Role.ADMIN), only("/jobs/**", Role.ADMIN), only("/partners/new", Role.ADMIN),
			only("/partners/*/relief/**", Role.ADMIN), only("/partners/*/mail/**", Role.ADMIN),
			only("/partners/*/domains/**", Role.ADMIN), only("/partners/views/**", Role.ADMIN, Role.COMPLIANCE),
			only("/partners/bulk/**", Role.ADMIN), only("/partners/imports/**", Role.ADMIN),
			only("/partners/*/our-domains", Role.ADMIN), only("/partners/*/people/**", Role.ADMIN),
			only("/partners/*/suspension", Role.ADMIN), only("/partners/*/resumption", Role.ADMIN),
			only("/partners/*/end", Role.ADMIN), only("/invitations/**", Role.ADMIN), only("/owners/**", Role.ADMIN),
			only("/partners/*/change", Role.ADMIN), only("/partners/*/postponement", Role.ADMIN),
			only(HttpMethod.GET, "/partners/**", Role.ADMIN, Role.COMPLIANCE), only("/partners/**", Role.ADMIN),
			only(HttpMethod.GET, "/connectors/**", Role.ADMIN, Role.COMPLIANCE), only("/connectors/**", Role.ADMIN),
			only(HttpMethod.GET, "/connection", Role.ADMIN, Role.COMPLIANCE), only("/connection/**", Role.ADMIN),
			only("/tenant-readings/**", Role.ADMIN), only("/adoption/**", Role.ADMIN), only("/bounces/**", Role.ADMIN),
			only(HttpMethod.GET, "/our-names/**", Role.ADMIN, Role.COMPLIANCE),
			only(HttpMethod.GET, "/changes/**", Role.ADMIN, Role.COMPLIANCE), only("/changes/**", Role.ADMIN),
			only(HttpMethod.GET, "/tls-checks/**", Role.ADMIN, Role.COMPLIANCE), only("/tls-checks/**", Role.ADMIN),
			only("/history/erasure/**", Role.ADMIN), only("/history/verifications", Role.ADMIN, Role.COMPLIANCE),
			only("/history/comparison", Role.ADMIN, Role.COMPLIANCE),
			only(HttpMethod.GET, "/history/**", Role.ADMIN, Role.COMPLIANCE),
			// An export changes nothing but is an event; forms carry what must not stand
			// in an address.
			only(HttpMethod.POST, "/history/exports", Role.ADMIN, Role.COMPLIANCE));

	private Routes() {
	}

	private static Rule open(String pattern) {
		return new Rule(null, pattern, Access.EVERYBODY, EnumSet.noneOf(Role.class));
	}

	private static Rule signedIn(String pattern) {
		return new Rule(null, pattern, Access.SIGNED_IN, EnumSet.noneOf(Role.class));
	}

	private static Rule only(String pattern, Role... roles) {
		return new Rule(null, pattern, Access.ROLES, EnumSet.copyOf(List.of(roles)));
	}

	private static Rule only(HttpMethod method, String pattern, Role... roles) {
		return new Rule(method, pattern, Access.ROLES, EnumSet.copyOf(List.of(roles)));
	}

	/** How a rule decides. */
	enum Access {

		EVERYBODY, SIGNED_IN, ROLES

	}

	/**
	 * A line of the table.
	 *
	 * @param method null stands for every method
	 * @param pattern a path pattern
	 * @param access how it decides
	 * @param roles who may, when it decides by role
	 */
	record Rule(@Nullable HttpMethod method, String pattern, Access access, Set<Role> roles) {
	}

}
