package org.partnertls.onboarding;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.Texts;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Passes after the first: either side opens them, says what they are about, closes them;
 * due dates are put off.
 */
@Controller
class PassController {

	private final Passes passes;

	private final Recertifications recertifications;

	private final Onboarding onboarding;

	private final Partners partners;

	PassController(Passes passes, Recertifications recertifications, Onboarding onboarding, Partners partners) {
		this.passes = passes;
		this.recertifications = recertifications;
		this.onboarding = onboarding;
		this.partners = partners;
	}

	@ModelAttribute("choices")
	Map<String, String> choices() {
		Map<String, String> choices = new LinkedHashMap<>();
		for (Passes.WhatChanges what : Passes.WhatChanges.values()) {
			choices.put(what.name(), what.words());
		}
		return choices;
	}

	// The partner's side

	@GetMapping("/partnership/change")
	String change(@ModelAttribute("form") ChangeForm form) {
		return "partnership/change";
	}

	@PostMapping("/partnership/change")
	String openChange(SignedIn person, @Valid @ModelAttribute("form") ChangeForm form, BindingResult errors,
			HttpServletResponse response) {
		if (!errors.hasErrors()) {
			String obstacle = this.passes.openChange(person, form.chosen(), form.words());
			if (obstacle == null) {
				return "redirect:/tasks";
			}
			errors.reject("refused", obstacle);
		}
		return TasksController.unprocessable(response, "partnership/change");
	}

	@PostMapping("/tasks/scope")
	String choose(SignedIn person, @RequestParam long version,
			@RequestParam(required = false) @Nullable Set<Passes.WhatChanges> what, RedirectAttributes flash) {
		return next((what == null || what.isEmpty()) ? "Choose what has changed."
				: this.passes.choose(person, version, what), flash, "/tasks");
	}

	@PostMapping("/tasks/domains/done")
	String domainsDone(SignedIn person, @RequestParam long version, RedirectAttributes flash) {
		String stale = this.onboarding.answer(person, version, "looked at the domains",
				(answers) -> answers.answered("domains"));
		return next(stale, flash, (stale == null) ? "/tasks" : "/tasks/domains");
	}

	@PostMapping("/tasks/domains/{domainId}/retirement")
	String retire(SignedIn person, @PathVariable UUID domainId, @RequestParam long version,
			@RequestParam boolean leaves, RedirectAttributes flash) {
		return next(this.passes.retire(person, version, domainId, leaves), flash, "/tasks/domains");
	}

	@PostMapping("/tasks/withdrawal")
	String close(SignedIn person, @RequestParam long version, RedirectAttributes flash) {
		String obstacle = this.passes.close(person, version);
		return next(obstacle, flash, (obstacle == null) ? "/partnership" : "/tasks");
	}

	private static String next(@Nullable String obstacle, RedirectAttributes flash, String page) {
		if (obstacle != null) {
			flash.addFlashAttribute("flash", obstacle);
			flash.addFlashAttribute("flashTone", "wait");
		}
		return "redirect:" + page;
	}

	// Our side

	@GetMapping("/partners/{id}/change")
	String change(@PathVariable UUID id, @ModelAttribute("form") ChangeForm form, Model model) {
		model.addAttribute("partner", partner(id));
		return "partners/change";
	}

	@PostMapping("/partners/{id}/change")
	String openChange(SignedIn me, @PathVariable UUID id, @Valid @ModelAttribute("form") ChangeForm form,
			BindingResult errors, Model model, HttpServletResponse response, RedirectAttributes flash) {
		if (!errors.hasErrors()) {
			String obstacle = this.passes.openChange(id, me, form.chosen(), form.words());
			if (obstacle == null) {
				flash.addFlashAttribute("flash", "The partner is asked for it.");
				return "redirect:/partners/" + id;
			}
			errors.reject("refused", obstacle);
		}
		model.addAttribute("partner", partner(id));
		return TasksController.unprocessable(response, "partners/change");
	}

	@PostMapping("/partners/{id}/recertification")
	String ask(SignedIn me, @PathVariable UUID id, RedirectAttributes flash) {
		return tell(this.recertifications.ask(id, me), flash, "/partners/" + id);
	}

	@GetMapping("/partners/{id}/postponement")
	String postponement(@PathVariable UUID id, @ModelAttribute("form") PostponementForm form, Model model) {
		return postponementPage(id, model);
	}

	private String postponementPage(UUID id, Model model) {
		Partner partner = partner(id);
		model.addAttribute("partner", partner);
		model.addAttribute("noFurther", this.recertifications.noFurther(partner));
		model.addAttribute("longest", this.recertifications.longest(partner));
		model.addAttribute("postponed", this.recertifications.postponement(partner).orElse(null));
		return "partners/postponement";
	}

	@PostMapping("/partners/{id}/postponement")
	String postpone(SignedIn me, @PathVariable UUID id, @ModelAttribute("form") PostponementForm form,
			BindingResult errors, Model model, HttpServletResponse response, RedirectAttributes flash) {
		LocalDate until = null;
		try {
			until = TasksController.date(form.until());
		}
		catch (DateTimeException ex) {
			errors.rejectValue("until", "until", "Enter a date such as 2027-03-31.");
		}
		if (until == null && !errors.hasErrors()) {
			errors.rejectValue("until", "until", "Say until when.");
		}
		Texts.lines(form.reason(), 1000, "Say why, for the history and for compliance.")
			.ifPresent((message) -> errors.rejectValue("reason", "reason", message));
		if (!errors.hasErrors() && until != null) {
			String obstacle = this.recertifications.postpone(id, until, String.valueOf(form.reason()).strip(), me);
			if (obstacle == null) {
				flash.addFlashAttribute("flash", "Put off. The partner and the owner are told.");
				return "redirect:/partners/" + id;
			}
			errors.rejectValue("until", "until", obstacle);
		}
		postponementPage(id, model);
		return TasksController.unprocessable(response, "partners/postponement");
	}

	@PostMapping("/attestations/{id}/withdrawal")
	String close(SignedIn me, @PathVariable UUID id, @RequestParam long version, @RequestParam @Nullable String note,
			RedirectAttributes flash) {
		String problem = Texts.lines(note, 1000, "Write why: the partner is told.").orElse(null);
		return tell((problem != null) ? new Review.Outcome(false, problem)
				: this.passes.close(id, me, version, String.valueOf(note).strip()), flash, "/reviews/" + id);
	}

	private static String tell(Review.Outcome outcome, RedirectAttributes flash, String page) {
		flash.addFlashAttribute("flash", outcome.sentence());
		flash.addFlashAttribute("flashTone", outcome.done() ? "good" : "bad");
		return "redirect:" + page;
	}

	private Partner partner(UUID id) {
		return this.partners.find(id).orElseThrow(NotFound::new);
	}

	/** What changes, and in words when. */
	record ChangeForm(@NotEmpty(message = "Choose what changes.") @Nullable Set<Passes.WhatChanges> what,
			@Size(max = 1000, message = "Keep this to 1,000 characters.") @Nullable String words) {

		Set<Passes.WhatChanges> chosen() {
			return (this.what != null) ? this.what : Set.of();
		}

	}

	/** Until when, and why. */
	record PostponementForm(@Nullable String until, @Nullable String reason) {
	}

}
