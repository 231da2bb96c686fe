package org.partnertls.evidence;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.PartnerNames;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Texts;

import org.springframework.http.HttpStatus;
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
 * Writes exceptions down, accepts and ends them. They are read on the compliance pages.
 */
@Controller
class RegisterController {

	private static final String LIST = "redirect:/compliance/exceptions";

	private static final int LONGEST_YEARS = 1;

	/** Of more that fit, the first are named. */
	private static final int NAMED = 5;

	private final Register register;

	private final PartnerNames names;

	private final ZoneId zone;

	private final Clock clock;

	RegisterController(Register register, PartnerNames names, ZoneId zone, Clock clock) {
		this.register = register;
		this.names = names;
		this.zone = zone;
		this.clock = clock;
	}

	@GetMapping("/exceptions/new")
	String form(@ModelAttribute("form") Form form, Model model) {
		return page(model);
	}

	@PostMapping("/exceptions")
	String ask(@ModelAttribute("form") Form form, BindingResult errors, SignedIn me, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		RegisterEntry.NewException wanted = read(form, errors);
		if (wanted == null) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return page(model);
		}
		this.register.ask(wanted, me);
		flash.addFlashAttribute("flash", "Written down. It counts once another administrator has accepted it.");
		return LIST;
	}

	@PostMapping("/exceptions/{id}/acceptance")
	String accept(@PathVariable UUID id, SignedIn me, RedirectAttributes flash) {
		return done(this.register.accept(id, me), "Accepted.", flash);
	}

	@PostMapping("/exceptions/{id}/end")
	String end(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason, RedirectAttributes flash) {
		Optional<String> problem = Texts.lines(reason, 1000, "Say why it ends.");
		return done(problem.isPresent() ? problem : this.register.end(id, reason.strip()), "Ended.", flash);
	}

	private static String done(Optional<String> problem, String words, RedirectAttributes flash) {
		flash.addFlashAttribute("flash", problem.orElse(words));
		if (problem.isPresent()) {
			flash.addFlashAttribute("flashTone", "bad");
		}
		return LIST;
	}

	private String page(Model model) {
		model.addAttribute("longest", today().plusYears(LONGEST_YEARS));
		return "compliance/exception";
	}

	private LocalDate today() {
		return LocalDate.ofInstant(this.clock.instant(), this.zone);
	}

	private RegisterEntry.@Nullable NewException read(Form form, BindingResult errors) {
		PartnerNames.Named partner = partner(form, errors);
		String domain = domain(form, errors);
		if (partner == null && domain == null && !errors.hasErrors()) {
			errors.rejectValue("partner", "partner", "Name a partner or a mail domain.");
		}
		need(errors, "what", Texts.line(form.what(), 200, "Say what is not as it should be."));
		need(errors, "ownerName", Texts.line(form.ownerName(), 120, "Say who answers for it."));
		need(errors, "reason", Texts.lines(form.reason(), 1000, "Say why."));
		EmailAddress owner = address(form, errors);
		LocalDate end = end(form, errors);
		if (errors.hasErrors() || owner == null || end == null) {
			return null;
		}
		return new RegisterEntry.NewException((partner != null) ? partner.id() : null,
				(partner != null) ? partner.name() : null, domain, text(form.what()), text(form.ownerName()), owner,
				text(form.reason()), end);
	}

	private static void need(BindingResult errors, String field, Optional<String> problem) {
		problem.ifPresent((message) -> errors.rejectValue(field, field, message));
	}

	private static String text(@Nullable String typed) {
		return (typed != null) ? typed.strip() : "";
	}

	private PartnerNames.@Nullable Named partner(Form form, BindingResult errors) {
		if (text(form.partner()).isEmpty()) {
			return null;
		}
		List<PartnerNames.Named> fitting = this.names.named(text(form.partner()), NAMED);
		if (fitting.size() == 1) {
			return fitting.getFirst();
		}
		errors.rejectValue("partner", "partner",
				fitting.isEmpty() ? "No partner has “" + text(form.partner()) + "” in its name or reference."
						: "Several partners fit. Type more of the name or a reference, such as " + fitting.stream()
							.map((one) -> one.reference() + " (" + one.name() + ")")
							.collect(Collectors.joining(", ")) + ".");
		return null;
	}

	private static @Nullable String domain(Form form, BindingResult errors) {
		if (text(form.domain()).isEmpty()) {
			return null;
		}
		try {
			return DomainName.of(text(form.domain())).ascii();
		}
		catch (IllegalArgumentException ex) {
			errors.rejectValue("domain", "domain", "This is not a mail domain.");
			return null;
		}
	}

	private static @Nullable EmailAddress address(Form form, BindingResult errors) {
		try {
			return EmailAddress.of(text(form.ownerAddress()));
		}
		catch (IllegalArgumentException ex) {
			errors.rejectValue("ownerAddress", "ownerAddress", "Give the address at which they are told of its end.");
			return null;
		}
	}

	private @Nullable LocalDate end(Form form, BindingResult errors) {
		try {
			LocalDate end = LocalDate.parse(text(form.endsOn()));
			if (end.isBefore(today())) {
				errors.rejectValue("endsOn", "endsOn", "This day has passed.");
			}
			else if (end.isAfter(today().plusYears(LONGEST_YEARS))) {
				errors.rejectValue("endsOn", "endsOn",
						"An exception lasts a year at most; then it is looked at again.");
			}
			return end;
		}
		catch (DateTimeException ex) {
			errors.rejectValue("endsOn", "endsOn", "Say until when, such as 2027-03-31.");
			return null;
		}
	}

	/** What was typed. */
	record Form(@Nullable String partner, @Nullable String domain, @Nullable String what, @Nullable String ownerName,
			@Nullable String ownerAddress, @Nullable String reason, @Nullable String endsOn) {
	}

}
