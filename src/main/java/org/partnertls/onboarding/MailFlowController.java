package org.partnertls.onboarding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partner;
import org.partnertls.tlscheck.Asked;
import org.partnertls.tlscheck.TlsCheck;
import org.partnertls.tlscheck.TlsChecks;
import org.partnertls.tlscheck.Verdict;

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
 * How the partner receives, how they send, and the recipe for what they send with.
 */
@Controller
class MailFlowController {

	// One IPv4 address or a network of /24 to /32, which is all that an inbound connector
	// takes.
	private static final Pattern RANGE = Pattern
		.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.|(?=/|$))){4}(?:/(?:2[4-9]|3[0-2]))?");

	private final Onboarding onboarding;

	private final TlsChecks checks;

	private final OrganizationProperties organization;

	MailFlowController(Onboarding onboarding, TlsChecks checks, OrganizationProperties organization) {
		this.onboarding = onboarding;
		this.checks = checks;
		this.organization = organization;
	}

	@GetMapping("/tasks/receiving")
	String receiving(SignedIn person, Model model) {
		Onboarding.Pass pass = this.onboarding.of(person);
		model.addAttribute("pass", pass);
		model.addAttribute("results", results(pass.partner()));
		return "tasks/receiving";
	}

	@PostMapping("/tasks/receiving/check")
	String check(SignedIn person, RedirectAttributes flash) {
		Onboarding.Pass pass = this.onboarding.of(person);
		for (Partner.Domain domain : pass.partner().domains()) {
			if (this.checks.ask(domain.name(), person) instanceof Asked.TooMany many) {
				flash.addFlashAttribute("flash", many.sentence());
				flash.addFlashAttribute("flashTone", "wait");
			}
		}
		return "redirect:/tasks/receiving";
	}

	/** One check while it runs; a check of a foreign domain is not found. */
	@GetMapping("/tasks/receiving/{checkId}/progress")
	String progress(SignedIn person, @PathVariable UUID checkId, Model model) {
		Partner partner = this.onboarding.of(person).partner();
		TlsCheck check = this.checks.find(checkId)
			.filter((found) -> partner.domains().stream().anyMatch((domain) -> domain.name().equals(found.domain())))
			.orElseThrow(NotFound::new);
		model.addAttribute("result", Result.of(check));
		return "tasks/receiving :: result";
	}

	@PostMapping("/tasks/receiving")
	String seen(SignedIn person, @RequestParam long version, RedirectAttributes flash) {
		return next(
				this.onboarding.answer(person, version, "looked at how mail is received", Answers::withReceivingSeen),
				flash, "/tasks/receiving");
	}

	private List<Result> results(Partner partner) {
		return this.onboarding.checks(partner).stream().map(Result::of).toList();
	}

	@GetMapping("/tasks/sending")
	String sending(SignedIn person, Model model) {
		Onboarding.Pass pass = this.onboarding.of(person);
		Answers answers = pass.attestation().answers();
		model.addAttribute("form", new SendingForm(pass.attestation().version(), answers.platforms(),
				answers.otherSenders(), String.join("\n", answers.ipRanges()), answers.certificateName()));
		return sendingPage(pass.partner(), model);
	}

	private String sendingPage(Partner partner, Model model) {
		model.addAttribute("seen", this.onboarding.seen(partner));
		model.addAttribute("platforms", MailPlatform.values());
		return "tasks/sending";
	}

	@PostMapping("/tasks/sending")
	String saveSending(SignedIn person, @Valid @ModelAttribute("form") SendingForm form, BindingResult errors,
			Model model, HttpServletResponse response) {
		List<String> ranges = ranges(form.ipRanges(), errors);
		String certificate = TasksController.blankToNull(form.certificateName());
		if (certificate != null) {
			try {
				certificate = certificate.startsWith("*.") ? "*." + DomainName.of(certificate.substring(2))
						: DomainName.of(certificate).ascii();
			}
			catch (IllegalArgumentException ex) {
				errors.rejectValue("certificateName", "name",
						"Enter the name in the certificate, for example mail.example.com or *.example.com.");
			}
		}
		String name = certificate;
		if (!errors.hasErrors()) {
			String stale = this.onboarding.answer(person, TasksController.seen(form.version()), "said how mail is sent",
					(answers) -> answers.withSending((form.platforms() != null) ? form.platforms() : List.of(),
							TasksController.blankToNull(form.otherSenders()), ranges, name));
			if (stale == null) {
				return "redirect:/tasks/setup";
			}
			errors.reject("stale", stale);
		}
		sendingPage(this.onboarding.of(person).partner(), model);
		return TasksController.unprocessable(response, "tasks/sending");
	}

	private static List<String> ranges(@Nullable String typed, BindingResult errors) {
		List<String> ranges = new ArrayList<>();
		if (typed != null && typed.length() <= 4000) {
			for (String range : typed.split("[\\s,;]+", -1)) {
				if (!range.isBlank()) {
					if (!RANGE.matcher(range).matches()) {
						errors.rejectValue("ipRanges", "range", "“" + range.substring(0, Math.min(range.length(), 40))
								+ "” is no IPv4 address or network from /24 to /32, such as 192.0.2.10 or 192.0.2.0/24.");
						return ranges;
					}
					ranges.add(range);
				}
			}
		}
		return ranges;
	}

	@GetMapping("/tasks/setup")
	String setup(SignedIn person, @RequestParam @Nullable String platform, Model model) {
		Onboarding.Pass pass = this.onboarding.of(person);
		Answers answers = pass.attestation().answers();
		if (answers.platforms().isEmpty()) {
			return "redirect:/tasks/sending";
		}
		model.addAttribute("form", new SetupForm(pass.attestation().version(), answers.setup()));
		return setupPage(pass, platform, model);
	}

	private String setupPage(Onboarding.Pass pass, @Nullable String platform, Model model) {
		Answers answers = pass.attestation().answers();
		Set<MailPlatform> seen = this.onboarding.seen(pass.partner());
		answers.platforms().forEach(seen::remove);
		model.addAttribute("seen", seen);
		MailPlatform chosen = Arrays.stream(MailPlatform.values())
			.filter((one) -> one.slug().equals(platform))
			.findFirst()
			.orElse(answers.platforms().getFirst());
		model.addAttribute("recipe", Recipes.of(chosen, this.organization));
		model.addAttribute("platform", chosen);
		model.addAttribute("answers", answers);
		model.addAttribute("platforms", MailPlatform.values());
		Map<String, String> states = new LinkedHashMap<>();
		for (Answers.Setup state : Answers.Setup.values()) {
			states.put(state.name(), state.words());
		}
		model.addAttribute("states", states);
		return "tasks/setup";
	}

	@PostMapping("/tasks/setup")
	String saveSetup(SignedIn person, @Valid @ModelAttribute("form") SetupForm form, BindingResult errors, Model model,
			HttpServletResponse response) {
		Answers.Setup state = form.state();
		if (state == null) {
			errors.rejectValue("state", "state", "Say how far you are; “I will come back to this” is fine.");
		}
		if (!errors.hasErrors() && state != null) {
			String stale = this.onboarding.answer(person, TasksController.seen(form.version()),
					"said how far the set-up is", (answers) -> answers.withSetup(state));
			if (stale == null) {
				return "redirect:/tasks";
			}
			errors.reject("stale", stale);
		}
		Onboarding.Pass pass = this.onboarding.of(person);
		if (pass.attestation().answers().platforms().isEmpty()) {
			return "redirect:/tasks/sending";
		}
		setupPage(pass, null, model);
		return TasksController.unprocessable(response, "tasks/setup");
	}

	private static String next(@Nullable String stale, RedirectAttributes flash, String again) {
		if (stale == null) {
			return "redirect:/tasks";
		}
		flash.addFlashAttribute("flash", stale);
		flash.addFlashAttribute("flashTone", "wait");
		return "redirect:" + again;
	}

	/** What the partner sends with. */
	record SendingForm(@Nullable Long version, @NotEmpty(
			message = "Choose what you send with; choose “Another platform” if yours is not listed.") @Nullable List<MailPlatform> platforms,
			@Size(max = 1000, message = "Keep this to 1,000 characters.") @Nullable String otherSenders,
			@Size(max = 4000, message = "Keep this to 4,000 characters.") @Nullable String ipRanges,
			@Size(max = 253, message = "A name has at most 253 characters.") @Nullable String certificateName) {
	}

	/** How far the recipe is done. */
	record SetupForm(@Nullable Long version, Answers.@Nullable Setup state) {
	}

	/**
	 * A check as its page shows it.
	 *
	 * @param check the check
	 * @param verdict what it means; null while it runs
	 */
	record Result(TlsCheck check, @Nullable Verdict verdict) {

		static Result of(TlsCheck check) {
			return new Result(check, (check.report() != null) ? Verdict.of(check.report()) : null);
		}

	}

}
