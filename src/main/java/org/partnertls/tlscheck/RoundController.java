package org.partnertls.tlscheck;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Csv;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The rounds over all watched domains: how far the present one is, whether our own side
 * works, and what the last ones came to.
 */
@Controller
class RoundController {

	private static final int SHOWN = 30;

	private final Rounds rounds;

	private final SelfTest selfTest;

	private final RoundSettings settings;

	private final AuditLog audit;

	private final Clock clock;

	RoundController(Rounds rounds, SelfTest selfTest, TlsCheckProperties properties, AuditLog audit, Clock clock) {
		this.rounds = rounds;
		this.selfTest = selfTest;
		this.settings = properties.rounds();
		this.audit = audit;
		this.clock = clock;
	}

	@GetMapping("/tls-checks/rounds")
	String index(@RequestParam(required = false) @Nullable String seen, Model model, HttpServletRequest request,
			HttpServletResponse response) {
		Optional<Rounds.Round> underWay = this.rounds.underWay();
		if (request.getHeader("HX-Request") != null
				&& !underWay.map((round) -> round.id().toString()).orElse("").equals(seen)) {
			// The page was polling a round that has ended.
			response.setHeader("HX-Refresh", "true");
		}
		Rounds.Tally tally = this.rounds.tally();
		model.addAttribute("round", underWay.orElse(null));
		model.addAttribute("waiting", underWay.map(this.rounds::waiting).orElse(0));
		model.addAttribute("tally", tally);
		model.addAttribute("rounds", finished(SHOWN));
		model.addAttribute("missed", this.rounds.isMissed());
		model.addAttribute("selfTest", this.selfTest.last().orElse(null));
		model.addAttribute("interval", this.settings.interval());
		model.addAttribute("busy", tally.due() > 0);
		return "tlscheck/rounds";
	}

	@GetMapping("/tls-checks/rounds/list.csv")
	void csv(HttpServletResponse response) throws IOException {
		this.audit.appendAlone(Act.of("tlscheck.rounds-exported"));
		try (Csv csv = Csv.attached(response, "rounds", "began at", "finished at", "late since", "domains", "failing",
				"inconclusive", "id")) {
			finished(Integer.MAX_VALUE).forEach((round) -> csv.line(round.startedAt(), round.finishedAt(),
					round.alarmedAt(), round.domains(), round.failing(), round.inconclusive(), round.id()));
		}
	}

	private List<Rounds.Round> finished(int most) {
		return this.rounds.rounds(most).stream().filter((round) -> round.finishedAt() != null).toList();
	}

	@PostMapping("/tls-checks/rounds")
	String begin(SignedIn person, RedirectAttributes flash) {
		Instant now = this.clock.instant();
		Optional<Rounds.Round> last = this.rounds.underWay();
		if (last.filter((round) -> round.startedAt().plusSeconds(60).isAfter(now)).isPresent()) {
			flash.addFlashAttribute("flash", "A round has begun less than a minute ago; it is under way.");
			flash.addFlashAttribute("flashTone", "wait");
		}
		else {
			this.rounds.beginNow(person.id().toString());
			flash.addFlashAttribute("flash",
					"All watched domains are due now. The first results come within a minute.");
		}
		return "redirect:/tls-checks/rounds";
	}

}
