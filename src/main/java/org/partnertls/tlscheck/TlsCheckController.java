package org.partnertls.tlscheck;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Csv;
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
 * The pages about domains and their checks, for staff.
 */
@Controller
class TlsCheckController {

	private static final int PAGE = 50;

	private static final int DRAWN = 120;

	private final TlsChecks checks;

	private final TlsWatch watch;

	private final Rounds rounds;

	private final TlsReports reports;

	private final ResultsCsv csv;

	private final AuditLog audit;

	private final ZoneId zone;

	private final Clock clock;

	TlsCheckController(TlsChecks checks, TlsWatch watch, Rounds rounds, TlsReports reports, ResultsCsv csv,
			AuditLog audit, ZoneId zone, Clock clock) {
		this.checks = checks;
		this.watch = watch;
		this.rounds = rounds;
		this.reports = reports;
		this.csv = csv;
		this.audit = audit;
		this.zone = zone;
		this.clock = clock;
	}

	@GetMapping("/tls-checks")
	String index(@RequestParam(defaultValue = "") String domain, @RequestParam(defaultValue = "") String show,
			@RequestParam(required = false) @Nullable String after, Model model) {
		DomainFilter filter = DomainFilter.of(domain, show);
		List<WatchedDomain> found = this.watch.list(filter, after, PAGE + 1);
		List<WatchedDomain> page = found.subList(0, Math.min(PAGE, found.size()));
		Map<DomainName, UUID> running = this.checks.underWay(page.stream().map(WatchedDomain::domain).toList());
		Instant now = this.clock.instant();
		Map<DomainFilter.Show, Integer> counts = this.watch.counts();
		model.addAttribute("rows", page.stream().map((one) -> Row.of(one, running.get(one.domain()), now)).toList());
		model.addAttribute("domain", domain);
		model.addAttribute("slug", filter.show().slug());
		model.addAttribute("unfiltered", filter.isEmpty());
		model.addAttribute("choices",
				counts.entrySet()
					.stream()
					.map((entry) -> new Choice(entry.getKey().title(), entry.getValue(),
							filter.only(entry.getKey()).address("/tls-checks", null), entry.getKey() == filter.show()))
					.toList());
		model.addAttribute("next",
				(found.size() > PAGE) ? filter.address("/tls-checks", page.getLast().domain().ascii()) : null);
		model.addAttribute("first", (after != null) ? filter.address("/tls-checks", null) : null);
		model.addAttribute("csv", filter.address("/tls-checks/results.csv", null));
		model.addAttribute("words", (page.size() == 1) ? "1 domain" : page.size() + " domains on this page");
		model.addAttribute("missed", this.rounds.isMissed());
		return "tlscheck/index";
	}

	@GetMapping("/tls-checks/results.csv")
	void results(@RequestParam(defaultValue = "") String domain, @RequestParam(defaultValue = "") String show,
			HttpServletResponse response) throws IOException {
		DomainFilter filter = DomainFilter.of(domain, show);
		response.setContentType("text/csv;charset=UTF-8");
		response.setHeader("Content-Disposition", "attachment; filename=\"tls-checks.csv\"");
		this.audit
			.appendAlone(Act.of("tlscheck.exported").detail("show", filter.show()).detail("words", filter.words()));
		this.csv.write(filter, response.getOutputStream());
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
		Report report = check.report();
		TlsCheck before = (report != null) ? this.checks.before(check).orElse(null) : null;
		Report was = (before != null) ? before.report() : null;
		model.addAttribute("before", before);
		model.addAttribute("changes", (was != null && report != null) ? WhatChanged.between(was, report) : List.of());
		model.addAttribute("rulesNow", Report.RULES_VERSION);
		return "tlscheck/show";
	}

	@PostMapping("/tls-checks/{id}/repetition")
	String repeat(@PathVariable UUID id, SignedIn person, RedirectAttributes flash) {
		return ask(find(id).domain(), person, "redirect:/tls-checks/" + id, flash);
	}

	@GetMapping("/tls-checks/domains/{name}")
	String domain(@PathVariable String name, @RequestParam(required = false) @Nullable Instant before, Model model) {
		WatchedDomain domain = findDomain(name);
		List<TlsChecks.Run> drawn = this.checks.runs(domain.domain(), null, DRAWN);
		List<TlsChecks.Run> found = this.checks.runs(domain.domain(), before, PAGE + 1);
		List<TlsChecks.Run> runs = found.subList(0, Math.min(PAGE, found.size()));
		Instant now = this.clock.instant();
		TlsCheck newest = (domain.checkId() != null) ? this.checks.find(domain.checkId()).orElse(null) : null;
		Verdict verdict = (newest != null) ? newest.verdict() : null;
		model.addAttribute("domain", domain);
		model.addAttribute("expires", domain.expires(now));
		model.addAttribute("newest", newest);
		model.addAttribute("verdict", verdict);
		model.addAttribute("running", this.checks.underWay(List.of(domain.domain())).get(domain.domain()));
		model.addAttribute("chart", drawn.isEmpty() ? null : HistoryChart.of(drawn, now, this.zone));
		model.addAttribute("runs", runs);
		String here = "/tls-checks/domains/" + domain.domain().ascii();
		model.addAttribute("older", (found.size() > PAGE) ? here + "?before=" + runs.getLast().at() + "#checks" : null);
		model.addAttribute("newer", (before != null) ? here + "#checks" : null);
		model.addAttribute("failures", this.reports.ofDomain(domain.domain(), verdict));
		return "tlscheck/domain";
	}

	/** All checks of a domain that have ended. */
	@GetMapping("/tls-checks/domains/{name}/checks.csv")
	void checks(@PathVariable String name, HttpServletResponse response) throws IOException {
		DomainName domain = findDomain(name).domain();
		this.audit.appendAlone(Act.of("tlscheck.exported").on("domain", domain.ascii()));
		try (Csv csv = Csv.attached(response, "checks", "domain", "checked at", "result", "forced TLS",
				"what mattered most", "certificate until", "domain became", "id")) {
			List<TlsChecks.Run> portion = this.checks.runs(domain, null, 500);
			while (!portion.isEmpty()) {
				portion.forEach((run) -> csv.line(domain, run.at(), run.words(), run.forcedTls(), run.sentence(),
						run.expiresAt(), run.became(), run.id()));
				portion = (portion.size() < 500) ? List.of() : this.checks.runs(domain, portion.getLast().at(), 500);
			}
		}
	}

	@PostMapping("/tls-checks/domains/{name}/check")
	String check(@PathVariable String name, SignedIn person, RedirectAttributes flash) {
		DomainName domain = findDomain(name).domain();
		return ask(domain, person, "redirect:/tls-checks/domains/" + domain.ascii(), flash);
	}

	private String ask(DomainName domain, SignedIn person, String otherwise, RedirectAttributes flash) {
		return switch (this.checks.ask(domain, person)) {
			case Asked.Granted asked -> "redirect:/tls-checks/" + asked.id();
			case Asked.TooMany many -> {
				flash.addFlashAttribute("flash", many.sentence());
				flash.addFlashAttribute("flashTone", "wait");
				yield otherwise;
			}
		};
	}

	private TlsCheck find(UUID id) {
		return this.checks.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

	private WatchedDomain findDomain(String name) {
		try {
			return this.watch.find(DomainName.of(name))
				.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		}
		catch (IllegalArgumentException ex) {
			throw new ResponseStatusException(HttpStatus.NOT_FOUND, null, ex);
		}
	}

	/**
	 * A choice of domains above the list.
	 */
	record Choice(String title, int count, String url, boolean current) {
	}

	/**
	 * A line of the list.
	 *
	 * @param domain the domain
	 * @param url of what is known about it, or of the check that is under way
	 * @param state in a word or two
	 * @param tone of the state
	 * @param sentence what matters most
	 * @param expires whether a certificate runs out soon
	 */
	record Row(WatchedDomain domain, String url, String state, String tone, String sentence, boolean expires) {

		static Row of(WatchedDomain domain, @Nullable UUID running, Instant now) {
			String page = "/tls-checks/domains/" + domain.domain().ascii();
			if (domain.checkId() == null) {
				return (running != null)
						? new Row(domain, "/tls-checks/" + running, "Running", "idle", "The first check is under way.",
								false)
						: new Row(domain, page, "Not checked yet", "idle",
								domain.watched() ? "The first check comes by itself." : "No check came to an end.",
								false);
			}
			String doubt = domain.doubt();
			boolean known = domain.condition().state() != Condition.State.UNKNOWN;
			return new Row(domain, page, known ? domain.stateWords() : outcome(domain).words(),
					known ? domain.stateTone() : outcome(domain).tone(), ((doubt != null && known) ? doubt + ". " : "")
							+ ((domain.sentence() != null) ? domain.sentence() : ""),
					domain.expires(now));
		}

		private static Verdict.Outcome outcome(WatchedDomain domain) {
			Verdict.Outcome outcome = domain.outcome();
			return (outcome != null) ? outcome : Verdict.Outcome.INCONCLUSIVE;
		}

	}

}
