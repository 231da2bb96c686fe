package org.partnertls.connector;

import java.io.IOException;

import jakarta.servlet.http.HttpServletResponse;
import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.ActorSource;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Csv;

import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * What somebody has changed in the tenant, and what holds for all pushes: whether they
 * are paused, and how a bulk push goes.
 */
@Controller
class DriftController {

	private final Connectors connectors;

	private final DriftCheck check;

	private final Rollouts rollouts;

	private final Calls calls;

	private final ActorSource actors;

	private final AuditLog audit;

	DriftController(Connectors connectors, DriftCheck check, Rollouts rollouts, Calls calls, ActorSource actors,
			AuditLog audit) {
		this.connectors = connectors;
		this.check = check;
		this.rollouts = rollouts;
		this.calls = calls;
		this.actors = actors;
		this.audit = audit;
	}

	@GetMapping("/connectors/drift")
	String show(SignedIn person, Model model) {
		model.addAttribute("drifts", this.connectors.drifts());
		model.addAttribute("check", this.check.last().orElse(null));
		model.addAttribute("admin", person.is(Role.ADMIN));
		return "connectors/drift";
	}

	@GetMapping("/connectors/drift/list.csv")
	void csv(HttpServletResponse response) throws IOException {
		this.audit.appendAlone(Act.of("connector.drift-exported"));
		try (Csv csv = Csv.attached(response, "changed-in-the-tenant", "partner", "connector", "name", "what",
				"found at", "changed at")) {
			this.connectors.drifts()
				.forEach((drift) -> csv.line(drift.partnerName(), drift.direction(), drift.name(), drift.sentence(),
						drift.foundAt(), drift.changedAt()));
		}
	}

	@PostMapping("/connectors/drift/check")
	@Transactional
	String check(RedirectAttributes flash) {
		this.calls.drift();
		this.audit.append(Act.of("connector.drift-asked"));
		return answer("/connectors/drift", "All connectors are being compared now. Look again in a minute.", "wait",
				flash);
	}

	@PostMapping("/connectors/pause")
	String pause(RedirectAttributes flash) {
		return this.connectors.pause(this.actors.current())
				? answer("/connectors",
						"Paused. What Exchange Online is being asked right now still ends; nothing new"
								+ " begins until somebody lets the pushes go on. Reliefs still work.",
						"wait", flash)
				: answer("/connectors", "The pushes are paused already.", "wait", flash);
	}

	@PostMapping("/connectors/pause/end")
	String resume(RedirectAttributes flash) {
		return this.connectors.resume(this.actors.current()) ? answer("/connectors", "The pushes go on.", "good", flash)
				: answer("/connectors", "The pushes are not paused.", "wait", flash);
	}

	@PostMapping("/connectors/rollout/continuation")
	String goOn(RedirectAttributes flash) {
		return this.rollouts.goOn(this.actors.current())
				? answer("/connectors", "The bulk push goes on. It stops again after further failures.", "good", flash)
				: answer("/connectors", "No bulk push has stopped.", "wait", flash);
	}

	private static String answer(String page, String words, String tone, RedirectAttributes flash) {
		flash.addFlashAttribute("flash", words);
		flash.addFlashAttribute("flashTone", tone);
		return "redirect:" + page;
	}

}
