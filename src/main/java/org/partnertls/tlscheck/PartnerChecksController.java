package org.partnertls.tlscheck;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.DomainName;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * A partner's own watched domains: how their servers are, what to do, and checks on their
 * own demand. Every domain is found through the partner that the person belongs to.
 */
@Controller
class PartnerChecksController {

	private static final int DRAWN = 120;

	private static final int LISTED = 10;

	private final TlsWatch watch;

	private final TlsChecks checks;

	private final ClearTextChecks clearText;

	private final ZoneId zone;

	private final Clock clock;

	PartnerChecksController(TlsWatch watch, TlsChecks checks, ClearTextChecks clearText, ZoneId zone, Clock clock) {
		this.watch = watch;
		this.checks = checks;
		this.clearText = clearText;
		this.zone = zone;
		this.clock = clock;
	}

	@GetMapping("/partnership/mail-servers")
	String index(SignedIn person, Model model) {
		List<WatchedDomain> domains = this.watch.ofPartner(person.requirePartner());
		Map<DomainName, UUID> running = this.checks.underWay(domains.stream().map(WatchedDomain::domain).toList());
		model.addAttribute("views",
				domains.stream().map((domain) -> view(domain, running.get(domain.domain()), person)).toList());
		return "tlscheck/partner";
	}

	@GetMapping("/partnership/mail-servers/{name}")
	String domain(@PathVariable String name, SignedIn person, Model model) {
		WatchedDomain domain = find(name, person);
		UUID running = this.checks.underWay(List.of(domain.domain())).get(domain.domain());
		List<TlsChecks.Run> runs = this.checks.runs(domain.domain(), null, DRAWN);
		View view = view(domain, running, person);
		model.addAttribute("view", view);
		model.addAttribute("chart", runs.isEmpty() ? null : HistoryChart.of(runs, this.clock.instant(), this.zone));
		model.addAttribute("runs", runs.subList(0, Math.min(LISTED, runs.size())));
		return "tlscheck/partner-domain";
	}

	@PostMapping("/partnership/mail-servers/{name}/check")
	String check(@PathVariable String name, SignedIn person, RedirectAttributes flash) {
		DomainName domain = find(name, person).domain();
		if (this.checks.ask(domain, person) instanceof Asked.TooMany many) {
			flash.addFlashAttribute("flash", many.sentence());
			flash.addFlashAttribute("flashTone", "wait");
		}
		return "redirect:/partnership/mail-servers/" + domain.ascii();
	}

	@PostMapping("/partnership/mail-servers/{name}/clear-text")
	String tryClearText(@PathVariable String name, SignedIn person, RedirectAttributes flash) {
		DomainName domain = find(name, person).domain();
		if (!this.clearText.ask(domain, person)) {
			flash.addFlashAttribute("flash", "We name your own address as the recipient, and yours is not in "
					+ domain.display() + ". Let a colleague with an address there do it.");
			flash.addFlashAttribute("flashTone", "wait");
		}
		return "redirect:/partnership/mail-servers/" + domain.ascii() + "#clear-text";
	}

	private WatchedDomain find(String name, SignedIn person) {
		return this.watch.ofPartner(person.requirePartner())
			.stream()
			.filter((domain) -> domain.domain().ascii().equals(name))
			.findFirst()
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

	private View view(WatchedDomain domain, @Nullable UUID running, SignedIn person) {
		Instant now = this.clock.instant();
		TlsCheck newest = (domain.checkId() != null) ? this.checks.find(domain.checkId()).orElse(null) : null;
		TlsCheck present = (running != null) ? this.checks.find(running).orElse(null) : null;
		ClearTextChecks.ClearTextCheck clear = this.clearText.latest(domain.domain()).orElse(null);
		return new View(domain, newest, (newest != null) ? newest.verdict() : null, present, clear,
				clear != null && clear.underWay(now), ClearTextChecks.mayAsk(domain.domain(), person),
				domain.expires(now));
	}

	/**
	 * A domain as its partner sees it.
	 *
	 * @param domain the domain
	 * @param newest the newest check that has ended
	 * @param verdict what it means
	 * @param running the check that is under way
	 * @param clearText the newest try whether clear text is refused
	 * @param trying whether that is under way
	 * @param mayTry whether this person can ask for one
	 * @param expires whether a certificate runs out soon
	 */
	record View(WatchedDomain domain, @Nullable TlsCheck newest, @Nullable Verdict verdict, @Nullable TlsCheck running,
			ClearTextChecks.@Nullable ClearTextCheck clearText, boolean trying, boolean mayTry, boolean expires) {

		/** What it means for the partner, in a sentence. */
		public String sentence() {
			return switch (this.domain.condition().state()) {
				case UNKNOWN -> "We have not been able to say yet; we look again by ourselves.";
				case GOOD ->
					(this.domain.doubt() != null) ? this.domain.doubt() + ". So far your servers count as good."
							: "Mail that demands encryption gets through to you.";
				case FAILING -> "Mail that demands encryption does not get through to you. Mend what is marked below,"
						+ " then check again: one good check is enough.";
			};
		}

	}

}
