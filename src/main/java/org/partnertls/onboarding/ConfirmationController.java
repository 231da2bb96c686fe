package org.partnertls.onboarding;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;

/**
 * Check your answers, then confirm as a named person.
 */
@Controller
class ConfirmationController {

	private final Onboarding onboarding;

	private final AgainPage again;

	private final ZoneId zone;

	private final Clock clock;

	ConfirmationController(Onboarding onboarding, AgainPage again, ZoneId zone, Clock clock) {
		this.onboarding = onboarding;
		this.again = again;
		this.zone = zone;
		this.clock = clock;
	}

	@GetMapping("/tasks/check")
	String check(SignedIn person, Model model) {
		Onboarding.Pass pass = this.onboarding.of(person);
		if (!TaskList.isReady(pass.tasks()) || !pass.attestation().isEditable() || pass.attestation().isOnePage()) {
			return "redirect:/tasks";
		}
		model.addAttribute("form", ConfirmationForm.blank(pass.attestation().version(), person.name()));
		page(pass, person, model);
		return "tasks/check";
	}

	private static void page(Onboarding.Pass pass, SignedIn person, Model model) {
		model.addAttribute("helper", person.is(Role.HELPER));
		model.addAttribute("pass", pass);
		model.addAttribute("choices", choices());
	}

	static Map<String, String> choices() {
		Map<String, String> choices = new LinkedHashMap<>();
		for (Answers.Choice choice : Answers.Choice.values()) {
			choices.put(choice.name(), choice.words());
		}
		return choices;
	}

	@PostMapping("/attestations/{id}/submission")
	String submit(SignedIn person, @PathVariable UUID id, @Valid @ModelAttribute("form") ConfirmationForm form,
			BindingResult errors, Model model, HttpServletResponse response) {
		Onboarding.Pass pass = this.onboarding.of(person);
		if (!pass.attestation().id().equals(id)) {
			throw new NotFound();
		}
		Instant now = this.clock.instant();
		Answers.Statement toUs = statement("toUs", form.toUs(), form.toUsReason(), form.toUsOwner(), form.toUsUntil(),
				now, errors);
		Answers.Statement fromUs = statement("fromUs", form.fromUs(), form.fromUsReason(), form.fromUsOwner(),
				form.fromUsUntil(), now, errors);
		if (!Boolean.TRUE.equals(form.truthful())) {
			errors.rejectValue("truthful", "truthful", "Tick the box to confirm.");
		}
		if (!errors.hasErrors() && toUs != null && fromUs != null) {
			String problem = this.onboarding.submit(person, id, TasksController.seen(form.version()),
					new Answers.Confirmation(String.valueOf(form.name()).strip(), String.valueOf(form.role()).strip(),
							toUs, fromUs, now));
			if (problem == null) {
				return "redirect:/partnership";
			}
			errors.reject("refused", problem);
		}
		if (pass.attestation().isOnePage() && pass.attestation().isEditable()) {
			return TasksController.unprocessable(response, this.again.page(pass, model));
		}
		page(pass, person, model);
		return TasksController.unprocessable(response, "tasks/check");
	}

	// A gap has a reason, somebody who looks after it, and an end.
	private Answers.@Nullable Statement statement(String field, Answers.@Nullable Choice choice,
			@Nullable String reason, @Nullable String owner, @Nullable String until, Instant now,
			BindingResult errors) {
		if (choice == null) {
			errors.rejectValue(field, "choice", "Choose an answer.");
			return null;
		}
		if (choice == Answers.Choice.YES) {
			return new Answers.Statement(choice, null, null, null);
		}
		if (TasksController.blankToNull(reason) == null) {
			errors.rejectValue(field + "Reason", "reason", "Say why, in a sentence.");
		}
		if (TasksController.blankToNull(owner) == null) {
			errors.rejectValue(field + "Owner", "owner", "Say who looks after this.");
		}
		LocalDate end = null;
		try {
			end = TasksController.date(until);
		}
		catch (DateTimeException ex) {
			errors.rejectValue(field + "Until", "until", "Enter a date such as 2027-03-31.");
		}
		LocalDate today = LocalDate.ofInstant(now, this.zone);
		if (end == null && !errors.hasFieldErrors(field + "Until")) {
			errors.rejectValue(field + "Until", "until", "Say until when at the latest.");
		}
		else if (end != null && (end.isBefore(today) || end.isAfter(today.plusYears(1)))) {
			errors.rejectValue(field + "Until", "until", "Choose a date within the next year.");
		}
		return new Answers.Statement(choice, TasksController.blankToNull(reason), TasksController.blankToNull(owner),
				end);
	}

	/** What is confirmed. */
	record ConfirmationForm(@Nullable Long version,
			@NotBlank(message = "Enter your name.") @Size(max = 120,
					message = "A name has at most 120 characters.") @Pattern(regexp = TasksController.LINE,
							message = "A name is one line without control characters.") @Nullable String name,
			@NotBlank(message = "Enter your role, for example mail administrator.") @Size(max = 120,
					message = "A role has at most 120 characters.") @Pattern(regexp = TasksController.LINE,
							message = "A role is one line without control characters.") @Nullable String role,
			Answers.@Nullable Choice toUs,
			@Size(max = 1000, message = "Keep this to 1,000 characters.") @Nullable String toUsReason,
			@Size(max = 120, message = "Keep this to 120 characters.") @Nullable String toUsOwner,
			@Size(max = 10, message = "Enter a date such as 2027-03-31.") @Nullable String toUsUntil,
			Answers.@Nullable Choice fromUs,
			@Size(max = 1000, message = "Keep this to 1,000 characters.") @Nullable String fromUsReason,
			@Size(max = 120, message = "Keep this to 120 characters.") @Nullable String fromUsOwner,
			@Size(max = 10, message = "Enter a date such as 2027-03-31.") @Nullable String fromUsUntil,
			@Nullable Boolean truthful) {

		static ConfirmationForm blank(long version, String name) {
			return new ConfirmationForm(version, name, null, null, null, null, null, null, null, null, null, false);
		}

		/** What they confirmed the last time; who confirms and whether, is asked anew. */
		static ConfirmationForm again(long version, String name, Answers.Confirmation last) {
			Answers.Statement toUs = last.toUs();
			Answers.Statement fromUs = last.fromUs();
			return new ConfirmationForm(version, name, name.equals(last.name()) ? last.role() : null, toUs.choice(),
					toUs.reason(), toUs.owner(), text(toUs.until()), fromUs.choice(), fromUs.reason(), fromUs.owner(),
					text(fromUs.until()), false);
		}

		private static @Nullable String text(@Nullable LocalDate date) {
			return (date != null) ? date.toString() : null;
		}

	}

}
