package org.partnertls.account;

import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
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
 * The sign-in pages: staff go on to their identity provider, partners get a code, and
 * whoever is there for several of them says for which.
 */
@Controller
class SignInController {

	private static final Logger log = LoggerFactory.getLogger(SignInController.class);

	private final Accounts accounts;

	private final Codes codes;

	private final SignIns signIns;

	private final ClientRegistrationRepository registrations;

	private final Organisations organisations;

	private final AuditLog audit;

	private final Clock clock;

	SignInController(Accounts accounts, Codes codes, SignIns signIns, ClientRegistrationRepository registrations,
			Organisations organisations, AuditLog audit, Clock clock) {
		this.organisations = organisations;
		this.audit = audit;
		this.clock = clock;
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
		this.codes.send(Codes.Purpose.SIGN_IN, null, address, !this.accounts.findLiving(address.key()).isEmpty(),
				request, response);
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
					List<Account> theirs = signingIn(right);
					SignIns.Proof proof = new SignIns.Proof(right.address().toString(), this.clock.instant(),
							right.byMail() ? SignIns.Way.MAIL : SignIns.Way.PHONE);
					if (theirs.size() == 1) {
						return "redirect:" + this.signIns.enterPartner(theirs.getFirst(), proof, request, response);
					}
					if (!theirs.isEmpty()) {
						this.signIns.keep(proof, request);
						return "redirect:/sign-in/organisation";
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

	// A code that was asked for on an invitation's page, or read out, is for one partner.
	private List<Account> signingIn(Codes.Answer.Right right) {
		UUID partner = right.subjectId();
		String key = right.address().key();
		return (partner != null) ? this.accounts.findLiving(key, partner).stream().toList()
				: this.accounts.findLiving(key);
	}

	/** Asks somebody who has proven their address for whom they are here. */
	@GetMapping("/sign-in/organisation")
	String organisations(@Nullable SignedIn me, Model model, HttpServletRequest request) {
		this.signIns.proof(request).ifPresent((proof) -> show(proof, me, model));
		return "sign-in/organisation";
	}

	/**
	 * Signs in for one of those.
	 * @param organisation the partner's id; one that is none of theirs, or is nobody's,
	 * gets the same answer
	 */
	@PostMapping("/sign-in/organisation")
	@Transactional
	String choose(@RequestParam(defaultValue = "") String organisation, @Nullable SignedIn me, Model model,
			HttpServletRequest request, HttpServletResponse response) {
		Optional<SignIns.Proof> proof = this.signIns.proof(request);
		if (proof.isPresent()) {
			Optional<Account> account = this.accounts.findLiving(proof.get().address().key())
				.stream()
				.filter((one) -> String.valueOf(one.partnerId()).equals(organisation))
				.findFirst();
			if (account.isPresent()) {
				return "redirect:" + this.signIns.enterPartner(account.get(), proof.get(), request, response);
			}
			this.audit.append(Act.of("sign-in.partner")
				.refused()
				.detail("why", "none of their organisations")
				.personal("address", proof.get().address().key(), proof.get().typed()));
			model.addAttribute("refused", true);
			show(proof.get(), me, model);
		}
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return "sign-in/organisation";
	}

	private void show(SignIns.Proof proof, @Nullable SignedIn me, Model model) {
		List<Account> theirs = this.accounts.findLiving(proof.address().key());
		model.addAttribute("address", proof.typed());
		model.addAttribute("choices",
				this.organisations.find(theirs.stream().map(Account::partnerId).filter(Objects::nonNull).toList())
					.stream()
					.map((one) -> new Choice(one.id(), one.name(), one.domain(), role(theirs, one.id()),
							me != null && one.id().equals(me.partnerId())))
					.toList());
	}

	private static String role(List<Account> theirs, UUID partner) {
		return theirs.stream()
			.filter((account) -> partner.equals(account.partnerId()) && account.roles().contains(Role.HELPER))
			.findFirst()
			.map((helper) -> "Technical helper")
			.orElse("Technical contact");
	}

	@GetMapping("/signed-out")
	String signedOut() {
		return "sign-in/out";
	}

	@GetMapping("/no-access")
	String noAccess() {
		return "sign-in/no-access";
	}

	/**
	 * A partner for which somebody may sign in.
	 *
	 * @param here whether they are signed in for it
	 */
	record Choice(UUID id, String name, String domain, String role, boolean here) {
	}

	record AddressForm(@NotBlank(message = "Enter your e-mail address.") @Size(max = 254,
			message = "An address has at most 254 characters.") @Nullable String address) {
	}

	record CodeForm(@NotBlank(message = "Enter the code from the message.") @Size(max = 64,
			message = "The code has eight characters.") @Nullable String code) {
	}

}
