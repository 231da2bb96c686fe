package org.partnertls.web;

import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;

import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/**
 * Sends everybody to their own start page.
 */
@Controller
class HomeController {

	@GetMapping("/")
	String home(@Nullable SignedIn person) {
		if (person == null) {
			return "redirect:/programme";
		}
		if (person.partnerId() != null) {
			return "redirect:/tasks";
		}
		return person.roles().isEmpty() ? "redirect:/no-access" : "redirect:/overview";
	}

}
