package org.partnertls.people;

import java.util.Optional;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Codes;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Texts;
import org.partnertls.partner.NewContact;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * A partner's people, as we see them: who is reached, who left, who follows, and a code
 * for whoever cannot get mail.
 */
@Controller
class StaffPeopleController {

	private final People people;

	private final Partners partners;

	private final Codes codes;

	private final OrganizationProperties organization;

	StaffPeopleController(People people, Partners partners, Codes codes, OrganizationProperties organization) {
		this.people = people;
		this.partners = partners;
		this.codes = codes;
		this.organization = organization;
	}

	@GetMapping("/partners/{id}/people")
	String index(@PathVariable UUID id, Model model) {
		Partner partner = find(id);
		model.addAttribute("owner",
				new PeopleForm(partner.ownerName(), partner.ownerAddress().toString(), null, null, null));
		model.addAttribute("form", PeopleForm.BLANK);
		return page(partner, model);
	}

	private String page(Partner partner, Model model) {
		model.addAttribute("partner", partner);
		model.addAttribute("waiting", this.people.waiting(partner.id()));
		model.addAttribute("roles", PartnerPeopleController.roles());
		return "people/staff";
	}

	@PostMapping("/partners/{id}/people")
	String add(@PathVariable UUID id, @ModelAttribute("form") PeopleForm form, BindingResult errors, SignedIn me,
			Model model, HttpServletResponse response, RedirectAttributes flash) {
		Partner partner = living(id);
		Optional<NewContact> person = form.read(errors);
		person.ifPresent((wanted) -> PeopleForm.reject(this.people.add(partner, wanted, me), errors));
		if (errors.hasErrors() || person.isEmpty()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			model.addAttribute("owner",
					new PeopleForm(partner.ownerName(), partner.ownerAddress().toString(), null, null, null));
			return page(partner, model);
		}
		return answer(id, person.get().name() + " is in the list."
				+ (person.get().role().signsIn() ? " An invitation went to " + person.get().address() + "." : ""),
				flash);
	}

	/** Names another colleague who answers for the partner. */
	@PostMapping("/partners/{id}/people/owner")
	String owner(@PathVariable UUID id, @ModelAttribute("owner") PeopleForm form, BindingResult errors, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		Partner partner = living(id);
		String reason = form.requireReason(errors);
		EmailAddress address = ourAddress(form, this.organization, errors);
		if (errors.hasErrors() || address == null) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			model.addAttribute("form", PeopleForm.BLANK);
			return page(partner, model);
		}
		this.people.nameOwner(partner, String.valueOf(form.name()).strip(), address, reason);
		return answer(id, form.name() + " answers for " + partner.name() + " now, and is told.", flash);
	}

	static @Nullable EmailAddress ourAddress(PeopleForm form, OrganizationProperties organization,
			BindingResult errors) {
		Texts.line(form.name(), 120, "Enter the colleague's name.")
			.ifPresent((message) -> errors.rejectValue("name", "name", message));
		EmailAddress address = PeopleForm.address("address", form.address(), errors);
		if (address != null && organization.mailDomains()
			.stream()
			.noneMatch((our) -> address.domain().equals(our) || address.domain().isBelow(our))) {
			errors.rejectValue("address", "elsewhere",
					"Enter an address in one of our own mail domains, for example name@" + organization.primaryDomain()
							+ ".");
		}
		return address;
	}

	@GetMapping("/partners/{id}/people/{contactId}/hand-over")
	String handOverForm(@PathVariable UUID id, @PathVariable UUID contactId, Model model) {
		model.addAttribute("form", PeopleForm.BLANK);
		return person("people/staff-hand-over", id, contactId, model);
	}

	@PostMapping("/partners/{id}/people/{contactId}/hand-over")
	String handOver(@PathVariable UUID id, @PathVariable UUID contactId, @ModelAttribute("form") PeopleForm form,
			BindingResult errors, SignedIn me, Model model, HttpServletResponse response, RedirectAttributes flash) {
		Partner partner = living(id);
		Partner.Person person = find(partner, contactId);
		String reason = form.requireReason(errors);
		Optional<NewContact> to = form.read(person.role(), errors);
		to.ifPresent((wanted) -> PeopleForm.reject(this.people.replace(partner, person, wanted, reason, me), errors));
		if (errors.hasErrors() || to.isEmpty()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return person("people/staff-hand-over", id, contactId, model);
		}
		return answer(id, to.get().name() + " is in the place of " + person.name() + ". Both are told.", flash);
	}

	/** Somebody has left: they no longer sign in. */
	@PostMapping("/partners/{id}/people/{contactId}/leaving")
	String left(@PathVariable UUID id, @PathVariable UUID contactId, @RequestParam(defaultValue = "") String reason,
			RedirectAttributes flash) {
		Partner partner = living(id);
		Partner.Person person = find(partner, contactId);
		Optional<String> wrong = Texts.lines(reason, 1000, "Say how you know that they have left.");
		if (wrong.isPresent()) {
			flash.addFlashAttribute("flashTone", "bad");
			return answer(id, wrong.get(), flash);
		}
		this.partners.contactLeft(id, contactId, reason.strip());
		return answer(id, person.name() + " is marked as gone and no longer signs in.", flash);
	}

	@PostMapping("/partners/{id}/people/hand-over/{handOverId}/objection")
	String stop(@PathVariable UUID id, @PathVariable UUID handOverId, SignedIn me, RedirectAttributes flash) {
		return answer(id,
				this.people.stop(id, handOverId, me) ? "Stopped. Everybody concerned is told." : "It is over already.",
				flash);
	}

	@PostMapping("/partners/{id}/people/hand-over/{handOverId}/effect")
	String letThrough(@PathVariable UUID id, @PathVariable UUID handOverId, RedirectAttributes flash) {
		return answer(id,
				this.people.letThrough(living(id).id(), handOverId) ? "It has taken effect." : "It is over already.",
				flash);
	}

	@GetMapping("/partners/{id}/people/{contactId}/code")
	String codeForm(@PathVariable UUID id, @PathVariable UUID contactId, Model model) {
		model.addAttribute("form", new CodeForm("", "", false));
		return person("people/code", id, contactId, model);
	}

	/** Makes a code and shows it once, to be read out now. */
	@PostMapping("/partners/{id}/people/{contactId}/code")
	String code(@PathVariable UUID id, @PathVariable UUID contactId, @ModelAttribute("form") CodeForm form,
			BindingResult errors, Model model, HttpServletResponse response) {
		Partner.Person person = find(living(id), contactId);
		String phone = person.phone();
		if (phone == null || !person.role().signsIn()) {
			errors.reject("phone", "No number is recorded for this person, so that nobody can be called back.");
		}
		if (form.number() == null || !form.number().replaceAll("\\s", "").matches("[0-9]{6}")) {
			errors.rejectValue("number", "number", "Enter the six digits on their page.");
		}
		Texts.lines(form.recognised(), 500, "Say how you recognised them.")
			.ifPresent((message) -> errors.rejectValue("recognised", "recognised", message));
		if (!Boolean.TRUE.equals(form.called())) {
			errors.rejectValue("called", "called", "Call the recorded number first, then tick this box.");
		}
		if (!errors.hasErrors() && phone != null) {
			switch (this.codes.readOut(person.address(), id, String.valueOf(form.number()), phone,
					String.valueOf(form.recognised()).strip())) {
				case Codes.ReadOut.Made made -> {
					model.addAttribute("made", made);
					return person("people/code", id, contactId, model);
				}
				case Codes.ReadOut.Refused refused -> errors.rejectValue("number", "refused", refused.sentence());
			}
		}
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return person("people/code", id, contactId, model);
	}

	private String person(String view, UUID id, UUID contactId, Model model) {
		Partner partner = find(id);
		model.addAttribute("partner", partner);
		model.addAttribute("person", find(partner, contactId));
		return view;
	}

	private static String answer(UUID id, String words, RedirectAttributes flash) {
		flash.addFlashAttribute("flash", words);
		return "redirect:/partners/" + id + "/people";
	}

	private Partner find(UUID id) {
		return this.partners.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

	// The people of a partnership that is over do not change any more.
	private Partner living(UUID id) {
		return Optional.of(find(id))
			.filter((partner) -> partner.state().isLiving())
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

	private static Partner.Person find(Partner partner, UUID contactId) {
		return partner.contact(contactId).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

	/** What is asked before a code is made. */
	record CodeForm(@Nullable String number, @Nullable String recognised, @Nullable Boolean called) {
	}

}
