package org.partnertls.onboarding;

import java.util.UUID;

import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.Paths;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;

import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * How a partner's mail really goes: its path through the tenant, what is late or lost.
 */
@Controller
class PartnerMailController {

	private final Partners partners;

	private final PartnerMail mail;

	private final Paths paths;

	private final PathJobs jobs;

	private final AuditLog audit;

	PartnerMailController(Partners partners, PartnerMail mail, Paths paths, PathJobs jobs, AuditLog audit) {
		this.partners = partners;
		this.mail = mail;
		this.paths = paths;
		this.jobs = jobs;
		this.audit = audit;
	}

	@GetMapping("/partners/{partnerId}/mail")
	String show(@PathVariable UUID partnerId, Model model) {
		Partner partner = this.partners.find(partnerId).orElseThrow(NotFound::new);
		model.addAttribute("partner", partner);
		model.addAttribute("paths", this.paths.of(partnerId));
		model.addAttribute("traced", this.mail.traced(partnerId));
		switch (this.mail.troubles(partner)) {
			case PartnerMail.Troubles.Seen seen -> model.addAttribute("troubles", seen.messages());
			case PartnerMail.Troubles.Unknown unknown -> model.addAttribute("unknown", unknown.why());
		}
		return "bounces/partner";
	}

	@PostMapping("/partners/{partnerId}/mail/path-checks")
	@Transactional
	String check(@PathVariable UUID partnerId, RedirectAttributes flash) {
		Partner partner = this.partners.find(partnerId).orElseThrow(NotFound::new);
		this.jobs.ask(partner.id());
		this.audit
			.append(Act.of("connector.path-asked").on("partner", partner.id()).partner(partner.id(), partner.name()));
		flash.addFlashAttribute("flash", "The path is being checked; load this page again in a moment.");
		flash.addFlashAttribute("flashTone", "wait");
		return "redirect:/partners/" + partnerId + "/mail";
	}

}
