package org.partnertls.onboarding;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/**
 * Our own names: what the DNS says, what recipes say, and who must be told of a change.
 */
@Controller
class OurNamesController {

	private final OurNames names;

	OurNamesController(OurNames names) {
		this.names = names;
	}

	@GetMapping("/our-names")
	String show(Model model) {
		model.addAttribute("domains", this.names.look());
		model.addAttribute("today", this.names.today());
		model.addAttribute("toTell", this.names.toTell());
		return "our-names/index";
	}

}
