package org.partnertls.onboarding;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.AddDomain;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.LookUp;
import org.partnertls.partner.Partners;
import org.partnertls.partner.NewContact;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partner.Person;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The partner's task list, its people and its domains.
 */
@Controller
class TasksController {

	static final String LINE = "[^\\p{Cntrl}]*";

	private final Onboarding onboarding;

	private final Passes passes;

	private final AgainPage again;

	private final Partners partners;

	TasksController(Onboarding onboarding, Passes passes, AgainPage again, Partners partners) {
		this.onboarding = onboarding;
		this.passes = passes;
		this.again = again;
		this.partners = partners;
	}

	@GetMapping("/tasks")
	String index(SignedIn person, Model model) {
		Onboarding.Pass pass = this.onboarding.of(person);
		if (!pass.attestation().isEditable()) {
			return "redirect:/partnership";
		}
		if (pass.attestation().isOnePage()) {
			model.addAttribute("form", this.again.form(person, pass));
			return this.again.page(pass, model);
		}
		model.addAttribute("pass", pass);
		model.addAttribute("confirms", person.is(Role.PARTNER));
		return "tasks/index";
	}

	@GetMapping("/tasks/contacts")
	String contacts(SignedIn person, Model model) {
		Partner partner = this.onboarding.of(person).partner();
		model.addAttribute("form", ContactsForm.of(own(partner, person), emergency(partner)));
		model.addAttribute("partner", partner);
		return "tasks/contacts";
	}

	@PostMapping("/tasks/contacts")
	String saveContacts(SignedIn person, @Valid @ModelAttribute("form") ContactsForm form, BindingResult errors,
			Model model, HttpServletResponse response) {
		Partner partner = this.onboarding.of(person).partner();
		Person own = own(partner, person);
		List<NewContact> contacts = new ArrayList<>();
		add(contacts, form.name(), form.address(), form.phone(), ContactRole.TECHNICAL, "address", errors);
		if (own != null && !contacts.isEmpty() && !contacts.getFirst().address().key().equals(own.address().key())) {
			errors.rejectValue("address", "address", "You sign in with " + own.address()
					+ ". To go on with another address, hand over to it under “Your people”.");
		}
		add(contacts, form.emergencyName(), form.emergencyAddress(), form.emergencyPhone(), ContactRole.EMERGENCY,
				"emergencyAddress", errors);
		Person emergency = partner.contacts(ContactRole.EMERGENCY).stream().findFirst().orElse(null);
		partner.contacts()
			.stream()
			.filter((other) -> !other.equals(own) && !other.equals(emergency))
			.map(Person::described)
			.forEach(contacts::add);
		if (!errors.hasErrors()) {
			this.partners.setContacts(partner.id(), contacts)
				.forEach((problem) -> errors.rejectValue(field(problem.field()), "contact", problem.message()));
		}
		if (errors.hasErrors()) {
			model.addAttribute("partner", partner);
			return unprocessable(response, "tasks/contacts");
		}
		return "redirect:/tasks";
	}

	private static @Nullable Person own(Partner partner, SignedIn person) {
		String address = person.address();
		return partner.contacts(ContactRole.TECHNICAL)
			.stream()
			.filter((one) -> one.address().toString().equalsIgnoreCase(address))
			.findFirst()
			.or(() -> partner.contacts(ContactRole.TECHNICAL).stream().findFirst())
			.orElse(null);
	}

	/** Who it is, or was when the organisation was a partner before. */
	private @Nullable Person emergency(Partner partner) {
		return partner.contacts(ContactRole.EMERGENCY)
			.stream()
			.findFirst()
			.or(() -> Optional.ofNullable(partner.returnsFrom())
				.flatMap(this.partners::find)
				.filter((before) -> before.reducedAt() == null)
				.flatMap((before) -> before.contacts(ContactRole.EMERGENCY).stream().findFirst()))
			.orElse(null);
	}

	// The first contact is the person themselves, the second the emergency contact.
	private static String field(String problem) {
		String name = problem.endsWith(".phone") ? "phone" : problem.endsWith(".name") ? "name" : "address";
		return problem.startsWith("contacts[1]")
				? "emergency" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1) : name;
	}

	private static void add(List<NewContact> contacts, @Nullable String name, @Nullable String address,
			@Nullable String phone, ContactRole role, String field, BindingResult errors) {
		if (name == null || address == null || errors.hasFieldErrors(field)) {
			return;
		}
		try {
			contacts.add(new NewContact(name.strip(), EmailAddress.of(address), blankToNull(phone), role));
		}
		catch (IllegalArgumentException ex) {
			errors.rejectValue(field, "address", String.valueOf(ex.getMessage()));
		}
	}

	@GetMapping("/tasks/domains")
	String domains(SignedIn person, @ModelAttribute("form") DomainForm form, Model model) {
		return domainsPage(this.onboarding.of(person), model);
	}

	private String domainsPage(Onboarding.Pass pass, Model model) {
		model.addAttribute("partner", pass.partner());
		model.addAttribute("pass", pass);
		model.addAttribute("enforced", this.onboarding.enforced(pass.partner()));
		return "tasks/domains";
	}

	@PostMapping("/tasks/domains")
	String addDomain(SignedIn person, @Valid @ModelAttribute("form") DomainForm form, BindingResult errors, Model model,
			HttpServletResponse response) {
		Onboarding.Pass pass = this.onboarding.of(person);
		if (!pass.attestation().isEditable()) {
			return "redirect:/partnership";
		}
		if (!errors.hasErrors()) {
			try {
				if (this.partners.addDomain(pass.partner().id(),
						DomainName.of(String.valueOf(form.domain()))) instanceof AddDomain.Refused refused) {
					errors.rejectValue("domain", "domain", refused.message());
				}
				else {
					belongs(person, pass.attestation());
				}
			}
			catch (IllegalArgumentException ex) {
				errors.rejectValue("domain", "domain", String.valueOf(ex.getMessage()));
			}
		}
		if (errors.hasErrors()) {
			domainsPage(pass, model);
			return unprocessable(response, "tasks/domains");
		}
		return "redirect:/tasks/domains";
	}

	// A domain that was added is about domains, whatever the pass was opened for.
	private void belongs(SignedIn person, Attestation attestation) {
		if (!attestation.isAbout("domains")) {
			this.passes.choose(person, attestation.version(), Set.of(Passes.WhatChanges.DOMAINS));
		}
	}

	@PostMapping("/tasks/domains/{domainId}/look-up")
	String lookUp(SignedIn person, @PathVariable UUID domainId, RedirectAttributes flash) {
		Partner partner = this.onboarding.of(person).partner();
		requireOwn(partner, domainId);
		LookUp seen = this.partners.lookUp(partner.id(), domainId);
		flash.addFlashAttribute("flash", seen.seen());
		flash.addFlashAttribute("flashTone", seen.proven() ? "good" : "wait");
		return "redirect:/tasks/domains";
	}

	@PostMapping("/tasks/domains/{domainId}/removal")
	String remove(SignedIn person, @PathVariable UUID domainId, RedirectAttributes flash) {
		Onboarding.Pass pass = this.onboarding.of(person);
		requireOwn(pass.partner(), domainId);
		if (!pass.attestation().isEditable() || pass.partner().domains().size() == 1) {
			flash.addFlashAttribute("flash", "The last domain cannot be removed.");
			flash.addFlashAttribute("flashTone", "wait");
		}
		else if (this.onboarding.enforced(pass.partner())
			.contains(pass.partner().domain(domainId).orElseThrow(NotFound::new).name())) {
			// What our connectors have leaves them first.
			String problem = this.passes.retire(person, pass.attestation().version(), domainId, true);
			if (problem != null) {
				flash.addFlashAttribute("flash", problem);
				flash.addFlashAttribute("flashTone", "wait");
			}
		}
		else {
			this.partners.removeDomain(pass.partner().id(), domainId).ifPresent((problem) -> {
				flash.addFlashAttribute("flash", problem);
				flash.addFlashAttribute("flashTone", "wait");
			});
		}
		return "redirect:/tasks/domains";
	}

	private static void requireOwn(Partner partner, UUID domainId) {
		if (partner.domains().stream().noneMatch((domain) -> domain.id().equals(domainId))) {
			throw new NotFound();
		}
	}

	static String unprocessable(HttpServletResponse response, String view) {
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return view;
	}

	static @Nullable String blankToNull(@Nullable String text) {
		return (text == null || text.isBlank()) ? null : text.strip();
	}

	/** The partner's people. */
	record ContactsForm(
			@NotBlank(message = "Enter your name.") @Size(max = 120,
					message = "A name has at most 120 characters.") @Pattern(regexp = LINE,
							message = "A name is one line without control characters.") @Nullable String name,
			@NotBlank(message = "Enter your e-mail address.") @Size(max = 254,
					message = "An address has at most 254 characters.") @Nullable String address,
			@Size(max = 40, message = "A phone number has at most 40 characters.") @Pattern(regexp = LINE,
					message = "A phone number is one line.") @Nullable String phone,
			@NotBlank(message = "Enter the emergency contact's name.") @Size(max = 120,
					message = "A name has at most 120 characters.") @Pattern(regexp = LINE,
							message = "A name is one line without control characters.") @Nullable String emergencyName,
			@NotBlank(message = "Enter the emergency contact's e-mail address.") @Size(max = 254,
					message = "An address has at most 254 characters.") @Nullable String emergencyAddress,
			@Size(max = 40, message = "A phone number has at most 40 characters.") @Pattern(regexp = LINE,
					message = "A phone number is one line.") @Nullable String emergencyPhone) {

		static ContactsForm of(@Nullable Person own, @Nullable Person emergency) {
			return new ContactsForm((own != null) ? own.name() : null, (own != null) ? own.address().toString() : null,
					(own != null) ? own.phone() : null, (emergency != null) ? emergency.name() : null,
					(emergency != null) ? emergency.address().toString() : null,
					(emergency != null) ? emergency.phone() : null);
		}

	}

	/** One more domain. */
	record DomainForm(@NotBlank(message = "Enter a mail domain.") @Size(max = 253,
			message = "A domain name has at most 253 characters.") @Nullable String domain) {
	}

	/** A form without a version was made from no page of ours: it is stale. */
	static long seen(@Nullable Long version) {
		return (version != null) ? version : -1;
	}

	/** Reads a date that a browser sent. */
	static @Nullable LocalDate date(@Nullable String text) {
		return (text == null || text.isBlank()) ? null : LocalDate.parse(text.strip());
	}

}
