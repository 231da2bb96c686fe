package org.partnertls.request;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Directory;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Words;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.DomainRules;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Invites a partner by hand: whoever asks here invites at once.
 */
@Controller
class InviteController {

	private final Admission admission;

	private final Partners partners;

	private final DomainRules rules;

	private final Directory directory;

	private final OrganizationProperties organization;

	InviteController(Admission admission, Partners partners, DomainRules rules, Directory directory,
			OrganizationProperties organization) {
		this.admission = admission;
		this.partners = partners;
		this.rules = rules;
		this.directory = directory;
		this.organization = organization;
	}

	/**
	 * The form, blank or as the partner was known before.
	 * @param again a partner whose partnership is over
	 */
	@GetMapping("/partners/new")
	String form(@RequestParam @Nullable UUID again, SignedIn me, Model model) {
		String mine = me.address();
		Optional<Partner> before = Optional.ofNullable(again)
			.flatMap(this.partners::find)
			.filter((partner) -> !partner.state().isLiving());
		model.addAttribute("before", before.orElse(null));
		model.addAttribute("form", before.map((partner) -> InviteForm.of(partner, this.directory))
			.orElseGet(() -> new InviteForm("", "", "", "", me.name(), (mine != null) ? mine : "", "", "en", false)));
		return "partners/new";
	}

	@PostMapping("/partners/new")
	String invite(@ModelAttribute("form") InviteForm form, BindingResult errors, SignedIn me, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		Optional<NewPartner> wanted = form.read(errors, this.organization.mailDomains(), me);
		if (wanted.isPresent()
				&& isClear(wanted.get().domain(), Boolean.TRUE.equals(form.understood()), errors, model)) {
			switch (this.admission.invite(wanted.get(), form.spoken())) {
				case Invitation.Invited invited -> {
					flash.addFlashAttribute("flash", wanted.get().name() + " is invited. The invitation went to "
							+ wanted.get().contactAddress() + ".");
					return "redirect:/partners/" + invited.id();
				}
				case Invitation.Refused refused ->
					errors.rejectValue(refused.problem().field(), "refused", refused.problem().message());
			}
		}
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return "partners/new";
	}

	private boolean isClear(DomainName domain, boolean understood, BindingResult errors, Model model) {
		DomainRules.Findings findings = this.rules.check(domain, null);
		findings.refusals().forEach((message) -> errors.rejectValue("domain", "domain", message));
		model.addAttribute("warnings", findings.warnings());
		if (!findings.warnings().isEmpty() && !understood) {
			errors.rejectValue("understood", "understood", "Look at the warnings and tick this box to invite anyway.");
		}
		return !errors.hasErrors();
	}

	/**
	 * The form as it was typed; the box is null where the page has none, because there is
	 * nothing to warn of.
	 */
	record InviteForm(@Nullable String organisation, @Nullable String domain, @Nullable String contactName,
			@Nullable String contactAddress, @Nullable String ownerName, @Nullable String ownerAddress,
			@Nullable String reason, @Nullable String language, @Nullable Boolean understood) {

		/** In which language the contact is written to. */
		Locale spoken() {
			return Words.known(Locale.forLanguageTag((this.language != null) ? this.language : "en"));
		}

		static InviteForm of(Partner before, Directory directory) {
			Optional<Partner.Person> contact = (before.reducedAt() == null)
					? before.contacts(ContactRole.TECHNICAL).stream().findFirst() : Optional.empty();
			return new InviteForm(before.name(), before.mainDomain().name().unicode(),
					contact.map(Partner.Person::name).orElse(""),
					contact.map((person) -> person.address().toString()).orElse(""), before.ownerName(),
					before.ownerAddress().toString(), before.reason(),
					contact.flatMap((person) -> directory.languageOf(person.address()))
						.map(Locale::getLanguage)
						.orElse("en"),
					false);
		}

		Optional<NewPartner> read(BindingResult errors, List<DomainName> ours, SignedIn me) {
			Fields fields = new Fields(errors);
			fields.line("organisation", this.organisation, "Enter the organisation's name.");
			Optional<DomainName> read = fields.domain("domain", this.domain);
			fields.line("contactName", this.contactName, "Enter the name of the person to invite.");
			Optional<EmailAddress> contact = fields.addressIn(read, "contactAddress", this.contactAddress);
			fields.line("ownerName", this.ownerName, "Enter the colleague's name.");
			Optional<EmailAddress> owner = fields.ourAddress(ours, "ownerAddress", this.ownerAddress);
			fields.text("reason", this.reason, "Say why mail with this partner needs TLS.");
			if (!fields.areRight() || read.isEmpty() || contact.isEmpty() || owner.isEmpty()) {
				return Optional.empty();
			}
			return Optional
				.of(new NewPartner(Fields.strip(this.organisation), read.get(), Fields.strip(this.contactName),
						contact.get(), Fields.strip(this.ownerName), owner.get(), Fields.strip(this.reason), me));
		}

	}

}
