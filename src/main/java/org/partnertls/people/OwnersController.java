package org.partnertls.people;

import java.util.List;
import java.util.Optional;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;
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
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Our colleagues who answer for partners, and handing all of one's partners over in one
 * act.
 */
@Controller
class OwnersController {

	private final People people;

	private final Partners partners;

	private final OrganizationProperties organization;

	OwnersController(People people, Partners partners, OrganizationProperties organization) {
		this.people = people;
		this.partners = partners;
		this.organization = organization;
	}

	@GetMapping("/owners")
	String index(Model model) {
		model.addAttribute("owners", this.partners.owners());
		return "people/owners";
	}

	@GetMapping("/owners/partners")
	String partners(@RequestParam(defaultValue = "") String of, Model model) {
		model.addAttribute("form", PeopleForm.BLANK);
		return page(of, model);
	}

	@PostMapping("/owners/partners")
	String handOver(@RequestParam(defaultValue = "") String of, @ModelAttribute("form") PeopleForm form,
			BindingResult errors, @RequestParam(defaultValue = "false") boolean understood, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		String reason = form.requireReason(errors);
		EmailAddress address = StaffPeopleController.ourAddress(form, this.organization, errors);
		Optional<EmailAddress> from = read(of);
		if (!understood) {
			errors.reject("understood", "Tick that you understand what happens.");
		}
		if (address != null && from.filter((before) -> before.key().equals(address.key())).isPresent()) {
			errors.rejectValue("address", "same", "They answer for these partners already.");
		}
		if (errors.hasErrors() || address == null || from.isEmpty()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return page(of, model);
		}
		String name = String.valueOf(form.name()).strip();
		int count = this.people.handOverOwner(from.get(), name, address, reason);
		flash.addFlashAttribute("flash", (count == 0) ? "There was nothing to hand over." : name + " answers for "
				+ ((count == 1) ? "1 partner" : count + " partners") + " more now, and is told.");
		flash.addFlashAttribute("flashTone", (count == 0) ? "wait" : "good");
		return "redirect:/owners";
	}

	private String page(String of, Model model) {
		List<Partner> theirs = read(of).map(this.partners::ofOwner).orElse(List.of());
		model.addAttribute("of", read(of).map(EmailAddress::toString).orElse(""));
		model.addAttribute("partners", theirs);
		model.addAttribute("owner", name(theirs));
		return "people/owner";
	}

	private static @Nullable String name(List<Partner> theirs) {
		return theirs.isEmpty() ? null : theirs.getFirst().ownerName();
	}

	private static Optional<EmailAddress> read(String typed) {
		try {
			return Optional.of(EmailAddress.of(typed));
		}
		catch (IllegalArgumentException ex) {
			return Optional.empty();
		}
	}

}
