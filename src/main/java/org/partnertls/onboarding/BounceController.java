package org.partnertls.onboarding;

import java.util.List;
import java.util.Optional;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;

/**
 * Somebody has a bounce in their hand: whose it is, which way, why, and who does what.
 */
@Controller
class BounceController {

	private final Partners partners;

	private final OrganizationProperties organization;

	BounceController(Partners partners, OrganizationProperties organization) {
		this.partners = partners;
		this.organization = organization;
	}

	@GetMapping("/bounces")
	String show(Model model) {
		model.addAttribute("form", new BounceForm(""));
		return "bounces/index";
	}

	/** Explains, and keeps nothing: a bounce holds other people's mail. */
	@PostMapping("/bounces")
	String explain(@ModelAttribute("form") BounceForm form, BindingResult errors, Model model,
			HttpServletResponse response) {
		String text = form.text();
		if (text == null || text.isBlank()) {
			errors.rejectValue("text", "missing", "Paste the bounce, or the line with its code.");
		}
		else if (text.length() > Bounce.MOST_CHARACTERS) {
			errors.rejectValue("text", "long",
					"This is longer than a bounce. Paste its first part, up to 100,000 characters.");
		}
		if (errors.hasErrors() || text == null) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return "bounces/index";
		}
		Bounce bounce = Bounce.read(text);
		Optional<Partner> partner = partner(bounce.domains());
		model.addAttribute("bounce", bounce);
		model.addAttribute("partner", partner.orElse(null));
		model.addAttribute("domains",
				bounce.domains()
					.stream()
					.filter((domain) -> !this.organization.mailDomains().contains(domain))
					.map(DomainName::display)
					.toList());
		return "bounces/index";
	}

	private Optional<Partner> partner(List<DomainName> domains) {
		return domains.stream()
			.filter((domain) -> !this.organization.mailDomains().contains(domain))
			.map(this.partners::findByDomain)
			.flatMap(Optional::stream)
			.findFirst();
	}

	/** What was pasted. */
	record BounceForm(@Nullable String text) {
	}

}
