package org.partnertls.account;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.partnertls.PortalTest;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPatternParser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

/**
 * Walks every mapped route: each must have a line in the route table, and each role gets
 * through or is refused exactly as that line says.
 */
@PortalTest
class RouteSecurityTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private RequestMappingHandlerMapping requestMappingHandlerMapping;

	@Test
	void everyRouteIsInTheTableAndDecidedByItForEveryRole() {
		People people = People.of(this.context);
		Map<Role, RequestPostProcessor> roles = Map.of(Role.ADMIN, people.admin().signedIn(), Role.COMPLIANCE,
				people.compliance().signedIn(), Role.PARTNER, people.partner(UUID.randomUUID()).signedIn(), Role.HELPER,
				people.helper(UUID.randomUUID()).signedIn());
		RequestPostProcessor withoutRole = people.staff("Nadia Roth").signedIn();
		List<String> wrong = new ArrayList<>();
		for (Route route : routes()) {
			Routes.Rule rule = rule(route);
			if (rule == null) {
				wrong.add(route + " has no line in the route table");
				continue;
			}
			roles.forEach((role, person) -> expect(wrong, route, role.name(), person,
					rule.access() != Routes.Access.ROLES || rule.roles().contains(role)));
			expect(wrong, route, "no role", withoutRole, rule.access() != Routes.Access.ROLES);
			expect(wrong, route, "visitor", (request) -> request, rule.access() == Routes.Access.EVERYBODY);
		}
		assertThat(wrong).isEmpty();
	}

	/**
	 * What the officer may post leaves everything as it was: it asks for a proof,
	 * compares or takes a copy away.
	 */
	@Test
	void theComplianceOfficerCanChangeNothing() {
		List<String> posts = routes().stream()
			.filter((route) -> route.method() != RequestMethod.GET)
			.filter((route) -> {
				Routes.Rule rule = rule(route);
				return rule != null && rule.access() == Routes.Access.ROLES && rule.roles().contains(Role.COMPLIANCE);
			})
			.map(Route::pattern)
			.toList();

		// What they may do leaves all that others see as it is: searches are their own.
		assertThat(posts).containsExactlyInAnyOrder("/history/verifications", "/history/comparison", "/history/exports",
				"/partners/views", "/partners/views/deletion");
	}

	@Test
	void refusesWhatNoLineNames() {
		assertThat(this.mvc.get().uri("/actuator/env").with(People.of(this.context).admin().signedIn())).hasStatus(403);
	}

	private void expect(List<String> wrong, Route route, String who, RequestPostProcessor person, boolean allowed) {
		MvcTestResult result = this.mvc.perform(org.springframework.test.web.servlet.request.MockMvcRequestBuilders
			.request(HttpMethod.valueOf(route.method().name()), route.example())
			.with(person)
			.with(csrf()));
		String location = result.getResponse().getRedirectedUrl();
		boolean refused = result.getResponse().getStatus() == 403
				|| (location != null && location.equals("/sign-in") && !route.pattern().equals("/sign-in"));
		// A partner's own pages answer 403 to a partner whose organisation is gone.
		if (allowed && refused && (who.equals("PARTNER") || who.equals("HELPER"))
				&& result.getUnresolvedException() == null) {
			return;
		}
		if (refused == allowed) {
			wrong.add(route + " for " + who + ": expected " + (allowed ? "allowed" : "refused") + ", got "
					+ result.getResponse().getStatus() + " " + location);
		}
	}

	private static Routes.Rule rule(Route route) {
		PathContainer path = PathContainer.parsePath(route.example());
		return Routes.TABLE.stream()
			.filter((rule) -> rule.method() == null || rule.method().name().equals(route.method().name()))
			.filter((rule) -> PathPatternParser.defaultInstance.parse(rule.pattern()).matches(path))
			.findFirst()
			.orElse(null);
	}

	private List<Route> routes() {
		List<Route> routes = new ArrayList<>();
		for (RequestMappingInfo info : this.requestMappingHandlerMapping.getHandlerMethods().keySet()) {
			Set<RequestMethod> methods = info.getMethodsCondition().getMethods();
			for (String pattern : info.getPatternValues()) {
				for (RequestMethod method : methods.isEmpty() ? EnumSet.of(RequestMethod.GET) : methods) {
					routes.add(new Route(method, pattern));
				}
			}
		}
		assertThat(routes).hasSizeGreaterThan(10);
		return routes;
	}

	private record Route(RequestMethod method, String pattern) {

		String example() {
			return this.pattern.replaceAll("\\{[^}]+}", UUID.randomUUID().toString());
		}

	}

}
