package org.partnertls.onboarding;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.Adoption;
import org.partnertls.connector.Candidate;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.TlsLevel;
import org.partnertls.connector.Wanted;
import org.partnertls.organization.Csv;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Words;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.AddDomain;
import org.partnertls.partner.DomainRules;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partners;
import org.partnertls.request.Inviting;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Hand-made connectors of the tenant: what is there, what it lacks, and a partner made of
 * it.
 */
@Controller
class AdoptionController {

	private final Adoption adoption;

	private final Connectors connectors;

	private final Inviting inviting;

	private final Partners partners;

	private final DomainRules rules;

	private final OrganizationProperties organization;

	private final TransactionTemplate transaction;

	private final AuditLog audit;

	AdoptionController(Adoption adoption, Connectors connectors, Inviting inviting, Partners partners,
			DomainRules rules, OrganizationProperties organization, TransactionTemplate transaction, AuditLog audit) {
		this.adoption = adoption;
		this.connectors = connectors;
		this.inviting = inviting;
		this.partners = partners;
		this.rules = rules;
		this.organization = organization;
		this.transaction = transaction;
		this.audit = audit;
	}

	@GetMapping("/adoption")
	String index(Model model) {
		switch (this.adoption.look()) {
			case Adoption.Look.Seen seen -> model.addAttribute("candidates", seen.candidates());
			case Adoption.Look.Unavailable unavailable -> model.addAttribute("unavailable", unavailable.sentence());
		}
		return "adoption/index";
	}

	@GetMapping("/adoption/list.csv")
	void csv(HttpServletResponse response) throws IOException {
		if (!(this.adoption.look() instanceof Adoption.Look.Seen seen)) {
			throw new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE);
		}
		this.audit.appendAlone(Act.of("connector.candidates-exported"));
		try (Csv csv = Csv.attached(response, "connectors-to-adopt", "domains", "outbound", "inbound",
				"what they lack")) {
			seen.candidates()
				.forEach((one) -> csv.line(String.join(", ", one.domains()), name(one.outbound()), name(one.inbound()),
						String.join(" ", one.gaps())));
		}
	}

	private static @Nullable String name(Candidate.@Nullable Found connector) {
		return (connector != null) ? connector.name() : null;
	}

	@GetMapping("/adoption/{key}")
	String form(@PathVariable String key, SignedIn me, Model model) {
		Found found = found(key);
		String first = found.candidate().domains().stream().findFirst().orElse("");
		model.addAttribute("form", new AdoptionForm("", first, "", "", me.name(),
				(me.address() != null) ? me.address() : "", "", "en", false));
		return page(found.candidate(), model);
	}

	@PostMapping("/adoption/{key}")
	String adopt(@PathVariable String key, @ModelAttribute("form") AdoptionForm form, BindingResult errors, SignedIn me,
			Model model, HttpServletResponse response, RedirectAttributes flash) {
		Found found = found(key);
		NewPartner wanted = form.read(errors, found.candidate(), this.organization.mailDomains(), me);
		if (wanted != null) {
			DomainRules.Findings findings = this.rules.check(wanted.domain(), null);
			findings.refusals().forEach((sentence) -> errors.rejectValue("domain", "domain", sentence));
			model.addAttribute("warnings", findings.warnings());
			if (!findings.warnings().isEmpty() && !Boolean.TRUE.equals(form.understood())) {
				errors.rejectValue("understood", "understood", "Look at the warnings and tick this box to go on.");
			}
			if (!errors.hasErrors()) {
				Optional<String> page = this.transaction
					.execute((status) -> adopt(wanted, form.spoken(), found, me, errors, flash));
				if (page != null && page.isPresent()) {
					return page.get();
				}
			}
		}
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return page(found.candidate(), model);
	}

	private Optional<String> adopt(NewPartner wanted, Locale language, Found found, SignedIn me, BindingResult errors,
			RedirectAttributes flash) {
		return switch (this.inviting.invite(wanted, language)) {
			case Invitation.Refused refused -> {
				errors.rejectValue(refused.problem().field(), "refused", refused.problem().message());
				yield Optional.empty();
			}
			case Invitation.Invited invited -> {
				UUID change = this.connectors.propose(null, this.adoption.plan(
						wanted(invited.id(), wanted, found.candidate()), found.candidate(), found.snapshot()), me.id());
				StringBuilder left = new StringBuilder();
				for (String other : found.candidate().domains()) {
					if (!other.equals(wanted.domain().ascii()) && this.partners.addDomain(invited.id(),
							DomainName.of(other)) instanceof AddDomain.Refused refused) {
						left.append(" ").append(refused.message());
					}
				}
				flash.addFlashAttribute("flash",
						wanted.name() + " is a partner now; the invitation went to " + wanted.contactAddress()
								+ ". Somebody else approves that its connectors are taken over as they" + " are."
								+ left);
				flash.addFlashAttribute("flashTone", left.isEmpty() ? "good" : "wait");
				yield Optional.of("redirect:/changes/" + change);
			}
		};
	}

	/** What is known already; the task list tells the rest. */
	private Wanted wanted(UUID partnerId, NewPartner partner, Candidate candidate) {
		return new Wanted(partnerId, partner.name(),
				candidate.domains().stream().map(DomainName::of).collect(Collectors.toCollection(TreeSet::new)),
				TlsLevel.CERTIFICATE_VALIDATION, null, List.of(partner.contactAddress()), new Wanted.Unrestricted(),
				this.partners.find(partnerId).orElseThrow().reference());
	}

	private record Found(Candidate candidate, Adoption.Snapshot snapshot) {
	}

	private Found found(String key) {
		return switch (this.adoption.look()) {
			case Adoption.Look.Unavailable unavailable ->
				throw new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE, unavailable.sentence());
			case Adoption.Look.Seen seen -> seen.candidates()
				.stream()
				.filter((candidate) -> candidate.key().equals(key) && !candidate.domains().isEmpty())
				.findFirst()
				.map((candidate) -> new Found(candidate, seen.snapshot()))
				.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		};
	}

	private static String page(Candidate candidate, Model model) {
		model.addAttribute("candidate", candidate);
		java.util.Map<String, String> domains = new java.util.LinkedHashMap<>();
		candidate.domains().forEach((domain) -> domains.put(domain, domain));
		model.addAttribute("domains", domains);
		return "adoption/show";
	}

	/** The form as it was typed. */
	record AdoptionForm(@Nullable String name, @Nullable String domain, @Nullable String contactName,
			@Nullable String contactAddress, @Nullable String ownerName, @Nullable String ownerAddress,
			@Nullable String reason, @Nullable String language, @Nullable Boolean understood) {

		/** In which language the contact is written to. */
		Locale spoken() {
			return Words.known(Locale.forLanguageTag((this.language != null) ? this.language : "en"));
		}

		@Nullable NewPartner read(BindingResult errors, Candidate candidate, List<DomainName> ours, SignedIn me) {
			line(errors, "name", this.name, "Enter the organisation's name.");
			line(errors, "contactName", this.contactName, "Enter the name of the person to invite.");
			line(errors, "ownerName", this.ownerName, "Enter the colleague's name.");
			if (this.reason == null || this.reason.isBlank() || this.reason.length() > 1000) {
				errors.rejectValue("reason", "reason", "Say why mail with this partner needs TLS.");
			}
			if (this.domain == null || !candidate.domains().contains(this.domain)) {
				errors.rejectValue("domain", "domain", "Choose one of the connectors' domains.");
				return null;
			}
			DomainName main;
			try {
				main = DomainName.of(this.domain);
			}
			catch (IllegalArgumentException ex) {
				errors.rejectValue("domain", "domain", String.valueOf(ex.getMessage()));
				return null;
			}
			EmailAddress contact = address(errors, "contactAddress", this.contactAddress);
			EmailAddress owner = address(errors, "ownerAddress", this.ownerAddress);
			if (contact != null && !contact.domain().equals(main)) {
				errors.rejectValue("contactAddress", "elsewhere",
						"The contact's address must be in the domain " + main.display() + ".");
			}
			if (owner != null && !ours.contains(owner.domain())) {
				errors.rejectValue("ownerAddress", "elsewhere", "Enter an address in one of our own mail domains.");
			}
			if (errors.hasErrors() || contact == null || owner == null) {
				return null;
			}
			return new NewPartner(strip(this.name), main, strip(this.contactName), contact, strip(this.ownerName),
					owner, strip(this.reason), me);
		}

		private static void line(BindingResult errors, String field, @Nullable String typed, String sentence) {
			if (typed == null || typed.isBlank() || typed.length() > 120) {
				errors.rejectValue(field, field, sentence);
			}
		}

		private static @Nullable EmailAddress address(BindingResult errors, String field, @Nullable String typed) {
			try {
				return EmailAddress.of((typed != null) ? typed : "");
			}
			catch (IllegalArgumentException ex) {
				errors.rejectValue(field, "address", String.valueOf(ex.getMessage()));
				return null;
			}
		}

		private static String strip(@Nullable String typed) {
			return (typed != null) ? typed.strip() : "";
		}

	}

}
