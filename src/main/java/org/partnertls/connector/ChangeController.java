package org.partnertls.connector;

import java.util.UUID;

import org.partnertls.account.Directory;
import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;

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
 * One change: its plan, who approved it, and its push while it runs.
 */
@Controller
class ChangeController {

	private final Connectors connectors;

	private final ConnectorProperties properties;

	private final Directory directory;

	private final Validations validations;

	ChangeController(Connectors connectors, ConnectorProperties properties, Directory directory,
			Validations validations) {
		this.connectors = connectors;
		this.properties = properties;
		this.directory = directory;
		this.validations = validations;
	}

	@GetMapping("/changes/{id}")
	String show(@PathVariable UUID id, SignedIn person, Model model) {
		ChangeView change = find(id);
		boolean alone = this.connectors.standsAlone(change);
		UUID shapedBy = change.shapedBy();
		model.addAttribute("change", change);
		model.addAttribute("admin", person.is(Role.ADMIN));
		model.addAttribute("alone", alone);
		model.addAttribute("mayApprove",
				person.is(Role.ADMIN) && alone && change.isWaitingForApproval() && !person.id().equals(shapedBy));
		model.addAttribute("approvers",
				this.directory.admins()
					.stream()
					.filter((admin) -> !admin.id().equals(shapedBy))
					.map(Directory.Person::name)
					.toList());
		model.addAttribute("directions", this.connectors.directions(change.partnerId()));
		model.addAttribute("script", String.join("\n", this.connectors.script(change.plan())));
		model.addAttribute("validations", this.validations.of(id));
		return "connectors/change";
	}

	/** The part of the page that moves. */
	@GetMapping("/changes/{id}/steps")
	String steps(@PathVariable UUID id, Model model) {
		model.addAttribute("change", find(id));
		return "connectors/steps :: steps";
	}

	@PostMapping("/changes/{id}/approval")
	String approve(@PathVariable UUID id, @RequestParam String hash, SignedIn person, RedirectAttributes flash) {
		ChangeView change = find(id);
		if (!this.connectors.standsAlone(change)) {
			return answer(id, "This change is approved together with the partner's answers, in its review.", "wait",
					flash);
		}
		return switch (this.connectors.approve(id, person.id(), person.name(), hash, change.shapedBy(),
				this.properties.approvals())) {
			case ApprovalResult.Approved approved ->
				answer(id, "Approved. The push begins within seconds.", "good", flash);
			case ApprovalResult.StillNeeds still -> answer(id, "Your approval counts. " + still.more()
					+ ((still.more() == 1) ? " more is needed." : " more are needed."), "good", flash);
			case ApprovalResult.Refused refused -> answer(id, refused.sentence(), "bad", flash);
		};
	}

	@PostMapping("/changes/{id}/retry")
	String retry(@PathVariable UUID id, RedirectAttributes flash) {
		find(id);
		return this.connectors.retry(id) ? answer(id, "It is tried again now.", "good", flash)
				: answer(id, "There is nothing to try again: the change has moved on.", "wait", flash);
	}

	/** Compares with the tenant again and puts the result up for approval. */
	@PostMapping("/changes/{id}/plan")
	String plan(@PathVariable UUID id, RedirectAttributes flash) {
		ChangeView change = find(id);
		if (change.isMoving() || change.state().equals("DONE")) {
			return answer(id, "This change is under way or done; there is nothing to compute again.", "wait", flash);
		}
		if (this.connectors.latest(change.partnerId()).filter((latest) -> latest.id().equals(id)).isEmpty()) {
			return answer(id, "There is a newer change for this partner. Look at that one.", "wait", flash);
		}
		return switch (this.connectors.again(change.plan())) {
			case PlanResult.Planned planned ->
				answer(this.connectors.propose(change.attestationId(), planned.plan(), change.shapedBy()),
						"This is the plan as of now. It waits for approval.", "good", flash);
			case PlanResult.Unavailable unavailable -> answer(id, unavailable.sentence(), "bad", flash);
			case PlanResult.Unsuitable unsuitable -> answer(id, String.join(" ", unsuitable.sentences()), "bad", flash);
		};
	}

	private static String answer(UUID id, String words, String tone, RedirectAttributes flash) {
		flash.addFlashAttribute("flash", words);
		flash.addFlashAttribute("flashTone", tone);
		return "redirect:/changes/" + id;
	}

	private ChangeView find(UUID id) {
		return this.connectors.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

}
