package org.partnertls.people;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.partnertls.account.SignedIn;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.NewContact;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Problem;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * A partner's people, as their technical contact names them.
 */
@Controller
class PartnerPeopleController {

	private final People people;

	private final Partners partners;

	PartnerPeopleController(People people, Partners partners) {
		this.people = people;
		this.partners = partners;
	}

	@GetMapping("/partnership/people")
	String index(SignedIn me, Model model) {
		return list(me, model);
	}

	private String list(SignedIn me, Model model) {
		Partner partner = own(me);
		model.addAttribute("partner", partner);
		model.addAttribute("waiting", this.people.waiting(partner.id()));
		model.addAttribute("mine", String.valueOf(me.address()));
		return "people/index";
	}

	@GetMapping("/partnership/people/new")
	String form(SignedIn me, Model model) {
		model.addAttribute("form", PeopleForm.BLANK);
		return form("people/new", me, model);
	}

	@PostMapping("/partnership/people/new")
	String add(SignedIn me, @ModelAttribute("form") PeopleForm form, BindingResult errors, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		Optional<NewContact> person = form.read(errors);
		person.ifPresent((wanted) -> PeopleForm.reject(this.people.add(own(me), wanted, me), errors));
		if (errors.hasErrors() || person.isEmpty()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return form("people/new", me, model);
		}
		flash.addFlashAttribute("flash", person.get().name() + " is in the list."
				+ (person.get().role().signsIn() ? " An invitation went to " + person.get().address() + "." : ""));
		return "redirect:/partnership/people";
	}

	private String form(String view, SignedIn me, Model model) {
		model.addAttribute("partner", own(me));
		model.addAttribute("roles", roles());
		return view;
	}

	static Map<String, String> roles() {
		Map<ContactRole, String> hints = new EnumMap<>(Map.of(ContactRole.HELPER,
				"Technical helper: does the tasks, at any address; cannot confirm", ContactRole.TECHNICAL,
				"Technical contact: does the tasks and confirms; in your own mail domains", ContactRole.SECURITY,
				"Security contact: is told what weakens encryption", ContactRole.BUSINESS,
				"Business contact: is told when encryption begins, fails or ends", ContactRole.EMERGENCY,
				"Emergency contact: reached outside your mail domains when mail breaks"));
		Map<String, String> roles = new LinkedHashMap<>();
		List.of(ContactRole.HELPER, ContactRole.TECHNICAL, ContactRole.SECURITY, ContactRole.BUSINESS,
				ContactRole.EMERGENCY)
			.forEach((role) -> roles.put(role.name(), String.valueOf(hints.get(role))));
		return roles;
	}

	@GetMapping("/partnership/people/{contactId}")
	String show(SignedIn me, @PathVariable UUID contactId, Model model) {
		model.addAttribute("form", PeopleForm.of(person(own(me), contactId)));
		return page(me, contactId, model);
	}

	@PostMapping("/partnership/people/{contactId}")
	String change(SignedIn me, @PathVariable UUID contactId, @ModelAttribute("form") PeopleForm form,
			BindingResult errors, Model model, HttpServletResponse response, RedirectAttributes flash) {
		Partner partner = own(me);
		Partner.Person person = person(partner, contactId);
		form.read(person.role(), errors)
			.ifPresent((wanted) -> PeopleForm.reject(this.partners.changeContact(partner.id(), contactId, wanted),
					errors));
		if (errors.hasErrors()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return page(me, contactId, model);
		}
		flash.addFlashAttribute("flash", "Saved.");
		return "redirect:/partnership/people";
	}

	private String page(SignedIn me, UUID contactId, Model model) {
		Partner partner = own(me);
		model.addAttribute("partner", partner);
		model.addAttribute("person", person(partner, contactId));
		return "people/person";
	}

	@PostMapping("/partnership/people/{contactId}/removal")
	String remove(SignedIn me, @PathVariable UUID contactId, RedirectAttributes flash) {
		Partner partner = own(me);
		Partner.Person person = person(partner, contactId);
		Optional<String> refusal = person.address().toString().equalsIgnoreCase(me.address())
				? Optional.of("You cannot remove yourself. Hand over to a colleague instead.")
				: this.partners.removeContact(partner.id(), contactId);
		flash.addFlashAttribute("flash", refusal.orElse(person.name() + " is no longer in the list"
				+ (person.role().signsIn() ? " and no longer signs in." : ".")));
		flash.addFlashAttribute("flashTone", refusal.isPresent() ? "wait" : "good");
		return "redirect:/partnership/people";
	}

	@GetMapping("/partnership/people/hand-over")
	String handOverForm(SignedIn me, Model model) {
		model.addAttribute("form", PeopleForm.BLANK);
		return form("people/hand-over", me, model);
	}

	@PostMapping("/partnership/people/hand-over")
	String handOver(SignedIn me, @ModelAttribute("form") PeopleForm form, BindingResult errors, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		String reason = form.requireReason(errors);
		Optional<NewContact> person = form.read(ContactRole.TECHNICAL, errors);
		Partner partner = own(me);
		person.ifPresent((to) -> {
			List<Problem> problems = this.people.handOver(partner, to, reason, me);
			PeopleForm.reject(problems, errors);
		});
		if (errors.hasErrors() || person.isEmpty()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return form("people/hand-over", me, model);
		}
		flash.addFlashAttribute("flash",
				People.technical(partner, person.get().address()).isPresent()
						? person.get().address() + " is told. You keep your access until " + person.get().name()
								+ " signs in the next time."
						: "An invitation went to " + person.get().address() + ". You keep your access until "
								+ person.get().name() + " has signed in.");
		return "redirect:/partnership/people";
	}

	/** Objects, or takes one's own hand-over back. */
	@PostMapping("/partnership/people/hand-over/{id}/objection")
	String stop(SignedIn me, @PathVariable UUID id, RedirectAttributes flash) {
		boolean stopped = this.people.stop(own(me).id(), id, me);
		flash.addFlashAttribute("flash", stopped ? "Stopped. Everybody concerned is told."
				: "It is over already: look at who is in the list now.");
		flash.addFlashAttribute("flashTone", stopped ? "good" : "wait");
		return "redirect:/partnership/people";
	}

	private Partner own(SignedIn me) {
		return this.partners.find(me.requirePartner())
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.FORBIDDEN));
	}

	private static Partner.Person person(Partner partner, UUID contactId) {
		return partner.contact(contactId).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

}
