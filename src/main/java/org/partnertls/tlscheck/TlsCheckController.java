package org.partnertls.tlscheck;

import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * The pages about checks, for staff.
 */
@Controller
class TlsCheckController {

	private static final int PAGE = 50;

	private final TlsChecks checks;

	private final Clock clock;

	TlsCheckController(TlsChecks checks, Clock clock) {
		this.checks = checks;
		this.clock = clock;
	}

	@GetMapping("/tls-checks")
	String index(@RequestParam(defaultValue = "") String domain, @RequestParam(required = false) @Nullable UUID before,
			Model model) {
		String words = domain.strip().toLowerCase(Locale.ROOT);
		TlsCheck last = (before != null) ? this.checks.find(before).orElse(null) : null;
		List<TlsCheck> found = this.checks.latestOfEach(words, last, PAGE + 1);
		List<TlsCheck> page = found.subList(0, Math.min(PAGE, found.size()));
		model.addAttribute("rows",
				page.stream().map((check) -> Row.of(check, check.underWay(this.clock.instant()))).toList());
		model.addAttribute("domain", domain);
		model.addAttribute("older", (found.size() > PAGE) ? address(words, page.getLast().id()) : null);
		model.addAttribute("newest", (last != null) ? address(words, null) : null);
		model.addAttribute("words", (page.size() == 1) ? "1 domain" : page.size() + " domains on this page");
		return "tlscheck/index";
	}

	@GetMapping("/tls-checks/{id}")
	String show(@PathVariable UUID id, Model model, HttpServletRequest request, HttpServletResponse response) {
		TlsCheck check = find(id);
		if (check.finished() && request.getHeader("HX-Request") != null) {
			// The page was polling; with the end of the check all of it changes.
			response.setHeader("HX-Refresh", "true");
		}
		model.addAttribute("check", check);
		model.addAttribute("verdict", check.verdict());
		model.addAttribute("underWay", check.underWay(this.clock.instant()));
		model.addAttribute("stages", Report.Stage.values());
		return "tlscheck/show";
	}

	@PostMapping("/tls-checks/{id}/repetition")
	String repeat(@PathVariable UUID id, SignedIn person) {
		return "redirect:/tls-checks/" + this.checks.ask(find(id).domain(), person.id().toString());
	}

	private TlsCheck find(UUID id) {
		return this.checks.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

	private static String address(String words, @Nullable UUID before) {
		UriComponentsBuilder address = UriComponentsBuilder.fromPath("/tls-checks");
		if (!words.isEmpty()) {
			address.queryParam("domain", "{domain}");
		}
		if (before != null) {
			address.queryParam("before", before);
		}
		return words.isEmpty() ? address.toUriString() : address.encode().buildAndExpand(words).toUriString();
	}

	/**
	 * A line of the list.
	 *
	 * @param check the latest of its domain
	 * @param state in a word or two
	 * @param tone of the state
	 * @param sentence the worst that was found
	 */
	record Row(TlsCheck check, String state, String tone, String sentence) {

		static Row of(TlsCheck check, boolean underWay) {
			Verdict verdict = check.verdict();
			if (verdict == null) {
				return underWay
						? new Row(check, "Running", "idle",
								Objects.requireNonNullElse(check.progress(), "Waiting for its turn"))
						: new Row(check, "Not finished", "wait", "The check did not come to an end.");
			}
			Verdict.Outcome outcome = verdict.certificateValidation().outcome();
			return new Row(check, outcome.words(), outcome.tone(), verdict.findings().getFirst().sentence());
		}

	}

}
