package org.partnertls.evidence;

import java.util.List;

import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.evidence.PartnerFilter.Due;
import org.partnertls.evidence.PartnerFilter.Ways;
import org.partnertls.partner.Partnership.State;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/**
 * The staff's start page: how many are enforced, and what to do next and why.
 */
@Controller
class OverviewController {

	private final PartnerList list;

	private final WorkList work;

	OverviewController(PartnerList list, WorkList work) {
		this.list = list;
		this.work = work;
	}

	@GetMapping("/overview")
	String overview(SignedIn person, Model model) {
		// Whoever has nothing to do here has something to look at there.
		if (!person.is(Role.ADMIN)) {
			return "redirect:/compliance";
		}
		PartnerList.Counts counts = this.list.counts();
		List<WorkList.Group> groups = this.work.groups(person.id());
		model.addAttribute("all", counts.all());
		model.addAttribute("enforced", counts.of(Ways.BOTH));
		model.addAttribute("underway", counts.of(State.INVITED) + counts.of(State.ONBOARDING));
		model.addAttribute("attention",
				groups.stream()
					.filter((group) -> group.urgency() == WorkList.Urgency.NOW)
					.mapToLong(WorkList.Group::number)
					.sum());
		model.addAttribute("due", counts.of(Due.SOON) + counts.of(Due.OVERDUE));
		model.addAttribute("groups", groups);
		return "overview/index";
	}

}
