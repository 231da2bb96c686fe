package org.partnertls.people;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Csv;
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

	private final AuditLog audit;

	OwnersController(People people, Partners partners, OrganizationProperties organization, AuditLog audit) {
		this.people = people;
		this.partners = partners;
		this.organization = organization;
		this.audit = audit;
	}

	@GetMapping("/owners")
	String index(Model model) {
		model.addAttribute("owners", this.partners.owners());
		return "people/owners";
	}

	@GetMapping("/owners/list.csv")
	void csv(HttpServletResponse response) throws IOException {
		this.audit.appendAlone(Act.of("partner.owners-exported"));
		try (Csv csv = Csv.attached(response, "owners", "colleague", "address", "partners", "mail comes back since",
				"mail comes back")) {
			this.partners.owners()
				.forEach((owner) -> csv.line(owner.name(), owner.address(), owner.count(), owner.returnedAt(),
						owner.returnedWhy()));
		}
	}

	@GetMapping("/owners/partners.csv")
	void csv(@RequestParam(defaultValue = "") String of, HttpServletResponse response) throws IOException {
		this.audit.appendAlone(Act.of("partner.list-exported").detail("filter", "[owner]"));
		try (Csv csv = Csv.attached(response, "partners-of-a-colleague", "reference", "organisation", "domains",
				"state", "owner", "owner address", "id")) {
			theirs(of).forEach((partner) -> csv.line(partner.reference(), partner.name(),
					partner.domains()
						.stream()
						.map((domain) -> domain.name().toString())
						.collect(Collectors.joining(", ")),
					partner.state().words(), partner.ownerName(), partner.ownerAddress(), partner.id()));
		}
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
		List<Partner> theirs = theirs(of);
		model.addAttribute("of", read(of).map(EmailAddress::toString).orElse(""));
		model.addAttribute("partners", theirs);
		model.addAttribute("owner", name(theirs));
		return "people/owner";
	}

	private List<Partner> theirs(String of) {
		return read(of).map(this.partners::ofOwner).orElse(List.of());
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
