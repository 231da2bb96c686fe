package org.partnertls.connector;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.exchange.ExchangeOnline;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * One partner's connectors: how they are, what somebody has changed of them, all changes
 * of ours, and what can be done with them. Whatever is done is a plan that another person
 * approves.
 */
@Controller
class PartnerConnectorsController {

	private final Connectors connectors;

	private final OwnConnectors own;

	private final Changes changes;

	private final ExchangeOnline exchange;

	PartnerConnectorsController(Connectors connectors, OwnConnectors own, Changes changes, ExchangeOnline exchange) {
		this.connectors = connectors;
		this.own = own;
		this.changes = changes;
		this.exchange = exchange;
	}

	@GetMapping("/partners/{partnerId}/connectors")
	@Transactional(readOnly = true)
	String show(@PathVariable UUID partnerId, SignedIn person, Model model) {
		List<OwnConnector> pair = this.own.findByPartnerIdAndTenantId(partnerId, this.exchange.tenantId());
		List<ConnectorChange> all = this.changes.ofPartner(partnerId);
		if (pair.isEmpty() && all.isEmpty()) {
			throw new ResponseStatusException(HttpStatus.NOT_FOUND);
		}
		Directions directions = this.connectors.directions(partnerId);
		model.addAttribute("partnerId", partnerId);
		model.addAttribute("partnerName", all.isEmpty() ? pair.getFirst().partnerName() : all.getFirst().partnerName());
		model.addAttribute("pair", pair.stream().map((one) -> Held.of(one, directions)).toList());
		model.addAttribute("drifts", this.connectors.drifts(partnerId));
		model.addAttribute("changes", all.stream().map(ChangeView::of).toList());
		model.addAttribute("admin", person.is(Role.ADMIN));
		return "connectors/partner";
	}

	/** Brings what somebody changed back to what was approved. */
	@PostMapping("/partners/{partnerId}/connectors/approved-again")
	String applyAgain(@PathVariable UUID partnerId, SignedIn person, RedirectAttributes flash) {
		return propose(partnerId, this.connectors.applyAgain(partnerId), person, flash);
	}

	/** Lets stand what somebody changed. */
	@PostMapping("/partners/{partnerId}/connectors/acceptance")
	String accept(@PathVariable UUID partnerId, SignedIn person, RedirectAttributes flash) {
		return propose(partnerId, this.connectors.accept(partnerId), person, flash);
	}

	/** Brings the settings back that there were before a change. */
	@PostMapping("/partners/{partnerId}/connectors/return")
	String goBack(@PathVariable UUID partnerId, @RequestParam UUID before, SignedIn person, RedirectAttributes flash) {
		Optional<ChangeView> change = this.connectors.find(before)
			.filter((found) -> found.partnerId().equals(partnerId));
		if (change.isEmpty()) {
			throw new ResponseStatusException(HttpStatus.NOT_FOUND);
		}
		return propose(partnerId, this.connectors.goBack(before), person, flash);
	}

	private String propose(UUID partnerId, PlanResult result, SignedIn person, RedirectAttributes flash) {
		return switch (result) {
			case PlanResult.Unavailable unavailable -> answer(partnerId, unavailable.sentence(), flash);
			case PlanResult.Unsuitable unsuitable -> answer(partnerId, String.join(" ", unsuitable.sentences()), flash);
			case PlanResult.Planned planned when planned.plan().isNothing() ->
				answer(partnerId, "There is nothing to do: the tenant is so already.", flash);
			case PlanResult.Planned planned -> {
				UUID change = this.connectors.propose(null, planned.plan(), person.id());
				flash.addFlashAttribute("flash",
						"This is the plan. Since you made it, somebody else has to approve it.");
				flash.addFlashAttribute("flashTone", "wait");
				yield "redirect:/changes/" + change;
			}
		};
	}

	private static String answer(UUID partnerId, String words, RedirectAttributes flash) {
		flash.addFlashAttribute("flash", words);
		flash.addFlashAttribute("flashTone", "bad");
		return "redirect:/partners/" + partnerId + "/connectors";
	}

	/** A connector as we left it. */
	record Held(String title, String name, String guid, Directions.Way way, List<Plan.Field> fields,
			java.time.Instant seenAt) {

		static Held of(OwnConnector own, Directions directions) {
			return new Held(own.direction().title(), own.name(), own.guid(),
					(own.direction() == Direction.OUTBOUND) ? directions.out() : directions.in(),
					Plan.told(own.direction(), own.form()), own.seenAt());
		}

	}

}
