package org.partnertls.request;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Codes;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * The public form: everybody may ask, and nothing about our partners shows before the
 * address is proven by a code.
 */
@Controller
class PublicRequestController {

	private static final Pattern PHONE = Pattern.compile("\\+?[0-9][0-9 ()/.-]{3,38}");

	private static final Pattern REFERENCE = Pattern.compile("REQ-[0-9]{4}-[0-9]{4,9}");

	private final Admission admission;

	private final Codes codes;

	PublicRequestController(Admission admission, Codes codes) {
		this.admission = admission;
		this.codes = codes;
	}

	@GetMapping("/request")
	String form(@ModelAttribute("form") RequestForm form) {
		return "request/form";
	}

	@PostMapping("/request")
	@Transactional
	String ask(@ModelAttribute("form") RequestForm form, BindingResult errors, HttpServletRequest request,
			HttpServletResponse response) {
		Optional<Asked> asked = form.read(errors);
		if (asked.isEmpty()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return "request/form";
		}
		UUID id = this.admission.ask(asked.get());
		this.codes.send(Codes.Purpose.REQUEST, id, asked.get().address(), true, request, response);
		return "redirect:/request/code";
	}

	@GetMapping("/request/code")
	String code(@ModelAttribute("form") CodeForm form, Model model, HttpServletRequest request) {
		pending(model, request);
		return "request/code";
	}

	@PostMapping("/request/code")
	@Transactional
	String enter(@ModelAttribute("form") CodeForm form, BindingResult errors, Model model, HttpServletRequest request,
			HttpServletResponse response) {
		String typed = Fields.strip(form.code());
		if (typed.isEmpty() || typed.length() > 64) {
			errors.rejectValue("code", "code",
					typed.isEmpty() ? "Enter the code from the message." : "The code has eight characters.");
		}
		else {
			switch (this.codes.check(Codes.Purpose.REQUEST, typed, request)) {
				case Codes.Answer.Right right -> {
					return confirmed(right, model, response);
				}
				case Codes.Answer.Wrong wrong -> errors.rejectValue("code", "code", wrong.message());
				case Codes.Answer.Over over -> model.addAttribute("over", over.message());
			}
		}
		pending(model, request);
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return "request/code";
	}

	private String confirmed(Codes.Answer.Right right, Model model, HttpServletResponse response) {
		UUID id = right.subjectId();
		Admission.Confirmation confirmation = (id != null) ? this.admission.confirm(id, right.address())
				: new Admission.Confirmation.Refused("This request is no longer there. Please ask again.");
		return switch (confirmation) {
			case Admission.Confirmation.Waiting waiting -> "redirect:/request/sent?ref=" + waiting.reference();
			case Admission.Confirmation.Refused refused -> {
				model.addAttribute("message", refused.message());
				response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
				yield "request/refused";
			}
		};
	}

	@GetMapping("/request/sent")
	String sent(@RequestParam(defaultValue = "") String ref, Model model) {
		if (REFERENCE.matcher(ref).matches()) {
			model.addAttribute("reference", ref);
		}
		return "request/sent";
	}

	private void pending(Model model, HttpServletRequest request) {
		this.codes.pending(Codes.Purpose.REQUEST, request)
			.ifPresent((address) -> model.addAttribute("address", address));
	}

	record CodeForm(@Nullable String code) {
	}

	/** The form as it was typed. */
	record RequestForm(@Nullable String organisation, @Nullable String domain, @Nullable String contactName,
			@Nullable String address, @Nullable String phone, @Nullable String reason) {

		Optional<Asked> read(BindingResult errors) {
			Fields fields = new Fields(errors);
			fields.line("organisation", this.organisation, "Enter your organisation's name.");
			Optional<DomainName> read = fields.domain("domain", this.domain);
			fields.line("contactName", this.contactName, "Enter your name.");
			Optional<EmailAddress> contact = fields.addressIn(read, "address", this.address);
			String number = Fields.strip(this.phone);
			if (!number.isEmpty() && !PHONE.matcher(number).matches()) {
				fields.wrong("phone", "Enter a phone number such as +44 20 7946 0000, or leave it empty.");
			}
			fields.text("reason", this.reason, "Say in a sentence why your organisations exchange mail.");
			if (!fields.areRight() || read.isEmpty() || contact.isEmpty()) {
				return Optional.empty();
			}
			return Optional.of(new Asked(Fields.strip(this.organisation), Fields.strip(this.contactName), contact.get(),
					number.isEmpty() ? null : number, Fields.strip(this.reason)));
		}

	}

	/**
	 * What was asked for, read and within bounds. The domain is the address's.
	 */
	record Asked(String organisation, String contactName, EmailAddress address, @Nullable String phone, String reason) {
	}

}
