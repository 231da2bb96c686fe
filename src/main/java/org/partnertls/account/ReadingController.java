package org.partnertls.account;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Words;

import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * Colours, language and time zone as the reader wants them: in a cookie, and the last two
 * with the account of whoever is signed in.
 */
@Controller
class ReadingController {

	private final Accounts accounts;

	private final AuditLog audit;

	private final Clock clock;

	ReadingController(Accounts accounts, AuditLog audit, Clock clock) {
		this.accounts = accounts;
		this.audit = audit;
		this.clock = clock;
	}

	@PostMapping("/theme")
	String theme(@RequestParam String theme, HttpServletRequest request, HttpServletResponse response) {
		keep("theme", Set.of("light", "dark").contains(theme) ? theme : "auto", response);
		return "redirect:" + back(request);
	}

	@GetMapping("/language")
	String form(Model model) {
		model.addAttribute("now", this.clock.instant());
		model.addAttribute("zones", Reading.zones());
		return "language/index";
	}

	/**
	 * Keeps a language or a zone.
	 * @param zone empty for the organisation's
	 */
	@PostMapping("/language")
	@Transactional
	String choose(@RequestParam @Nullable String language, @RequestParam @Nullable String zone,
			@Nullable SignedIn person, HttpServletRequest request, HttpServletResponse response) {
		Optional<Locale> spoken = Optional.ofNullable(language).flatMap(Reading::language);
		spoken.ifPresent((chosen) -> keep(Reading.LANGUAGE_COOKIE, chosen.getLanguage(), response));
		ZoneId place = Reading.zone(zone);
		if (zone != null) {
			keep(Reading.ZONE_COOKIE, (place != null) ? place.getId() : "", response);
		}
		if (person != null) {
			Account account = this.accounts.findById(person.id()).orElseThrow();
			Reading before = account.reading();
			spoken.ifPresent(account::reads);
			if (zone != null) {
				account.livesIn(place);
			}
			Reading after = account.reading();
			if (!before.equals(after)) {
				this.accounts.save(account);
				this.audit.append(Act.of("account.reading-chosen")
					.on("account", account.id())
					.change("language", before.language(), after.language())
					.change("zone", before.zone(), after.zone()));
			}
		}
		return "redirect:" + back(request);
	}

	private static void keep(String name, String value, HttpServletResponse response) {
		response.addHeader("Set-Cookie",
				ResponseCookie.from(name, value)
					.path("/")
					.httpOnly(true)
					.sameSite("Lax")
					.maxAge(value.isEmpty() ? Duration.ZERO : Duration.ofDays(365))
					.build()
					.toString());
	}

	// Back to the page of ours that the switch stood on: only its path counts.
	private static String back(HttpServletRequest request) {
		String referer = request.getHeader("Referer");
		if (referer == null) {
			return "/";
		}
		try {
			URI page = URI.create(referer);
			String path = (page.getRawQuery() != null) ? page.getRawPath() + "?" + page.getRawQuery()
					: page.getRawPath();
			return (path != null && path.startsWith("/") && !path.startsWith("//")) ? path : "/";
		}
		catch (IllegalArgumentException ex) {
			return "/";
		}
	}

}
