package org.partnertls.account;

import java.util.Optional;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.http.HttpStatus;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * The sign-in pages: staff go on to their identity provider, partners get a code.
 */
@Controller
class SignInController {

	private static final Logger log = LoggerFactory.getLogger(SignInController.class);

	private final Accounts accounts;

	private final Codes codes;

	private final StaffSignIn signIns;

	private final ClientRegistrationRepository registrations;

	SignInController(Accounts accounts, Codes codes, StaffSignIn signIns, ClientRegistrationRepository registrations) {
		this.accounts = accounts;
		this.codes = codes;
		this.signIns = signIns;
		this.registrations = registrations;
	}

	@GetMapping("/sign-in")
	String signIn(@ModelAttribute("form") AddressForm form) {
		return "sign-in/index";
	}

	/** Goes on to the identity provider, if it can be reached. */
	@GetMapping("/sign-in/staff")
	String staff(@RequestParam @Nullable String again, Model model, HttpServletResponse response) {
		try {
			this.registrations.findByRegistrationId(SecurityConfiguration.STAFF);
			return "redirect:/oauth2/authorization/staff" + ((again != null) ? "?again" : "");
		}
		catch (RuntimeException ex) {
			log.warn("The identity provider does not answer", ex);
			response.setStatus(HttpStatus.SERVICE_UNAVAILABLE.value());
			model.addAttribute("form", new AddressForm(""));
			model.addAttribute("unreachable", true);
			return "sign-in/index";
		}
	}

	@PostMapping("/sign-in")
	String ask(@Valid @ModelAttribute("form") AddressForm form, BindingResult errors, HttpServletRequest request,
			HttpServletResponse response) {
		EmailAddress address = null;
		try {
			address = EmailAddress.of((form.address() != null) ? form.address() : "");
		}
		catch (IllegalArgumentException ex) {
			errors.rejectValue("address", "address", String.valueOf(ex.getMessage()));
		}
		if (address == null || errors.hasErrors()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return "sign-in/index";
		}
		this.codes.send(Codes.Purpose.SIGN_IN, null, address,
				this.accounts.findLivingPartner(address.key()).isPresent(), request, response);
		return "redirect:/sign-in/code";
	}

	@GetMapping("/sign-in/code")
	String code(@ModelAttribute("form") CodeForm form, Model model, HttpServletRequest request) {
		Optional<EmailAddress> pending = this.codes.pending(Codes.Purpose.SIGN_IN, request);
		pending.ifPresent((address) -> model.addAttribute("address", address));
		this.codes.window(Codes.Purpose.SIGN_IN, request).ifPresent((number) -> model.addAttribute("window", number));
		return "sign-in/code";
	}

	@PostMapping("/sign-in/code")
	@Transactional
	String enter(@Valid @ModelAttribute("form") CodeForm form, BindingResult errors, Model model,
			HttpServletRequest request, HttpServletResponse response) {
		if (!errors.hasErrors()) {
			switch (this.codes.check(Codes.Purpose.SIGN_IN, String.valueOf(form.code()), request)) {
				case Codes.Answer.Right right -> {
					Optional<Account> account = this.accounts.findLivingPartner(right.address().key());
					if (account.isPresent()) {
						return "redirect:" + this.signIns.enterPartner(account.get(), right, request, response);
					}
					model.addAttribute("over", "This address no longer signs in here.");
				}
				case Codes.Answer.Wrong wrong -> errors.rejectValue("code", "code", wrong.message());
				case Codes.Answer.Over over -> model.addAttribute("over", over.message());
			}
		}
		this.codes.pending(Codes.Purpose.SIGN_IN, request)
			.ifPresent((address) -> model.addAttribute("address", address));
		this.codes.window(Codes.Purpose.SIGN_IN, request).ifPresent((number) -> model.addAttribute("window", number));
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return "sign-in/code";
	}

	@GetMapping("/signed-out")
	String signedOut() {
		return "sign-in/out";
	}

	@GetMapping("/no-access")
	String noAccess() {
		return "sign-in/no-access";
	}

	record AddressForm(@NotBlank(message = "Enter your e-mail address.") @Size(max = 254,
			message = "An address has at most 254 characters.") @Nullable String address) {
	}

	record CodeForm(@NotBlank(message = "Enter the code from the message.") @Size(max = 64,
			message = "The code has eight characters.") @Nullable String code) {
	}

}
