package org.partnertls.onboarding;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The partner's test message to us.
 */
@Controller
class TestMessageController {

	private final Onboarding onboarding;

	private final TestMessages messages;

	TestMessageController(Onboarding onboarding, TestMessages messages) {
		this.onboarding = onboarding;
		this.messages = messages;
	}

	@GetMapping("/tasks/test")
	String test(SignedIn person, @ModelAttribute("form") HeadersForm form, Model model,
			@RequestHeader(name = "HX-Request", required = false) @Nullable String htmx) {
		page(this.onboarding.of(person), model);
		return (htmx != null) ? "tasks/test :: seen" : "tasks/test";
	}

	private void page(Onboarding.Pass pass, Model model) {
		model.addAttribute("pass", pass);
		model.addAttribute("address", this.messages.addressFor(pass.attestation()));
		model.addAttribute("fetches", this.messages.fetches());
	}

	@PostMapping("/tasks/test/look")
	String look(SignedIn person, RedirectAttributes flash) {
		this.onboarding.of(person);
		String problem = this.messages.look();
		if (problem != null) {
			flash.addFlashAttribute("flash",
					"We could not look into our test mailbox just now. We go on trying; nothing is lost.");
			flash.addFlashAttribute("flashTone", "wait");
		}
		else if (this.onboarding.of(person).proofs().isEmpty()) {
			flash.addFlashAttribute("flash",
					"No message has arrived yet. Mail can take a few minutes; we keep looking every half minute.");
			flash.addFlashAttribute("flashTone", "wait");
		}
		return "redirect:" + (this.onboarding.of(person).attestation().isOnePage() ? "/tasks" : "/tasks/test");
	}

	@PostMapping("/tasks/test/headers")
	String headers(SignedIn person, @Valid @ModelAttribute("form") HeadersForm form, BindingResult errors, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		Onboarding.Pass pass = this.onboarding.of(person);
		if (!pass.attestation().isEditable()) {
			return "redirect:/partnership";
		}
		if (errors.hasErrors()) {
			page(pass, model);
			return TasksController.unprocessable(response, "tasks/test");
		}
		Proof read = this.messages.pastedByPartner(pass.attestation().id(),
				TestMessages.bytes(String.valueOf(form.headers())));
		flash.addFlashAttribute("flash", "What these headers say: " + read.sentence()
				+ " Since anybody can write headers, this is kept as unverified.");
		flash.addFlashAttribute("flashTone", "wait");
		return "redirect:/tasks/test";
	}

	/** Pasted headers. */
	record HeadersForm(@NotBlank(message = "Paste the headers of the message.") @Size(max = 1_000_000,
			message = "These headers are too long: paste at most one million characters.") @Nullable String headers) {
	}

}
