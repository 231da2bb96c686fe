package org.partnertls.onboarding;

import java.util.Arrays;

import org.partnertls.organization.OrganizationProperties;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

/**
 * The public pages: what the programme is, and every recipe, for anybody to read.
 */
@Controller
class ProgrammeController {

	private final OrganizationProperties organization;

	ProgrammeController(OrganizationProperties organization) {
		this.organization = organization;
	}

	@GetMapping("/programme")
	String programme(Model model) {
		model.addAttribute("platforms", MailPlatform.values());
		return "programme/index";
	}

	/** A page that a suspicious administrator can forward to a colleague. */
	@GetMapping("/programme/why")
	String why() {
		return "programme/why";
	}

	@GetMapping("/programme/recipes/{platform}")
	String recipe(@PathVariable String platform, Model model) {
		MailPlatform chosen = Arrays.stream(MailPlatform.values())
			.filter((one) -> one.slug().equals(platform))
			.findFirst()
			.orElseThrow(NotFound::new);
		model.addAttribute("platforms", MailPlatform.values());
		model.addAttribute("platform", chosen);
		model.addAttribute("recipe", Recipes.of(chosen, this.organization));
		return "programme/recipe";
	}

}
