package org.partnertls.onboarding;

import java.io.IOException;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Csv;
import org.partnertls.organization.DomainName;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

import jakarta.servlet.http.HttpServletResponse;

/**
 * Our own names: what the DNS says, what recipes say, and who must be told of a change.
 */
@Controller
class OurNamesController {

	private final OurNames names;

	private final OurDomains domains;

	private final Partners partners;

	private final AuditLog audit;

	OurNamesController(OurNames names, OurDomains domains, Partners partners, AuditLog audit) {
		this.names = names;
		this.domains = domains;
		this.partners = partners;
		this.audit = audit;
	}

	@GetMapping("/our-names")
	String show(Model model) {
		model.addAttribute("domains", this.names.look());
		model.addAttribute("today", this.names.today());
		model.addAttribute("toTell", this.names.toTell());
		model.addAttribute("leftOut", this.names.leftOut());
		return "our-names/index";
	}

	/** Who must be told. */
	@GetMapping("/our-names/list.csv")
	void csv(HttpServletResponse response) throws IOException {
		this.audit.appendAlone(Act.of("partner.untold-exported"));
		try (Csv csv = Csv.attached(response, "who-must-be-told", "partner", "owner", "told at", "what has changed",
				"id")) {
			this.names.toTell()
				.forEach((one) -> csv.line(one.name(), one.owner(), one.since(), String.join(" ", one.changes()),
						one.partnerId()));
		}
	}

	@GetMapping("/partners/{partnerId}/our-domains")
	String choose(@PathVariable UUID partnerId, Model model) {
		Partner partner = this.partners.find(partnerId).orElseThrow(NotFound::new);
		return page(partner, this.domains.of(partnerId), model);
	}

	@PostMapping("/partners/{partnerId}/our-domains")
	String chosen(@PathVariable UUID partnerId, @RequestParam(required = false) @Nullable List<String> domains,
			Model model, HttpServletResponse response, RedirectAttributes flash) {
		Partner partner = this.partners.find(partnerId).orElseThrow(NotFound::new);
		List<DomainName> chosen = this.domains.all()
			.stream()
			.filter((domain) -> domains != null && domains.contains(domain.ascii()))
			.toList();
		if (chosen.isEmpty()) {
			model.addAttribute("problem", "Choose at least one domain: mail with the partner goes somewhere.");
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return page(partner, chosen, model);
		}
		this.domains.choose(partner, chosen);
		flash.addFlashAttribute("flash", "Recipes for " + partner.name() + " name "
				+ String.join(", ", chosen.stream().map(DomainName::display).toList()) + " from now on.");
		flash.addFlashAttribute("flashTone", "good");
		return "redirect:/partners/" + partnerId;
	}

	private String page(Partner partner, List<DomainName> chosen, Model model) {
		model.addAttribute("partner", partner);
		model.addAttribute("all", this.domains.all());
		model.addAttribute("chosen", chosen);
		return "our-names/partner";
	}

}
