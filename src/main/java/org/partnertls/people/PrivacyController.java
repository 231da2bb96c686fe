package org.partnertls.people;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/**
 * What we keep of partners' people and for how long, as they read it.
 */
@Controller
class PrivacyController {

	private final PeopleProperties settings;

	PrivacyController(PeopleProperties settings) {
		this.settings = settings;
	}

	@GetMapping("/programme/privacy")
	String show(Model model) {
		model.addAttribute("kept", this.settings.keptWords());
		return "people/privacy";
	}

}
