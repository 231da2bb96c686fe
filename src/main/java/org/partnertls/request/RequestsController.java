package org.partnertls.request;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Directory;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Csv;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.DomainRules;

import org.springframework.data.domain.Limit;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Slice;
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
 * The queue of confirmed requests, and our answers.
 */
@Controller
class RequestsController {

	private static final int PAGE = 50;

	private final Requests requests;

	private final Admission admission;

	private final Directory directory;

	private final OrganizationProperties organization;

	private final AuditLog audit;

	RequestsController(Requests requests, Admission admission, Directory directory, OrganizationProperties organization,
			AuditLog audit) {
		this.requests = requests;
		this.admission = admission;
		this.directory = directory;
		this.organization = organization;
		this.audit = audit;
	}

	@GetMapping("/requests")
	String index(@RequestParam(defaultValue = "waiting") String tab, @RequestParam(defaultValue = "1") String page,
			Model model) {
		boolean decided = tab.equals("decided");
		model.addAttribute("tab", decided ? "decided" : "waiting");
		model.addAttribute("waiting", this.requests.countWaiting());
		if (decided) {
			int number = page.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(page) : 1;
			Slice<Request> slice = this.requests.findDecided(PageRequest.of(number - 1, PAGE));
			model.addAttribute("rows", slice.map(this::row).getContent());
			model.addAttribute("newer", (number > 1) ? "/requests?tab=decided&page=" + (number - 1) : null);
			model.addAttribute("older", slice.hasNext() ? "/requests?tab=decided&page=" + (number + 1) : null);
		}
		else {
			model.addAttribute("rows", this.requests.findWaiting(Limit.of(500)).stream().map(this::row).toList());
		}
		return "requests/index";
	}

	/** Every request that was confirmed. */
	@GetMapping("/requests/list.csv")
	void csv(HttpServletResponse response) throws IOException {
		this.audit.appendAlone(Act.of("request.exported"));
		try (Csv csv = Csv.attached(response, "requests", "reference", "organisation", "domain", "contact", "address",
				"phone", "reason", "state", "asked at", "decided at", "decided by", "answer")) {
			this.requests.findWaiting(Limit.of(500)).forEach((request) -> line(csv, request));
			int page = 0;
			Slice<Request> slice;
			do {
				slice = this.requests.findDecided(PageRequest.of(page++, 500));
				slice.forEach((request) -> line(csv, request));
			}
			while (slice.hasNext());
		}
	}

	private void line(Csv csv, Request request) {
		csv.line(request.reference(), request.organisation(), request.domain(), request.contactName(),
				request.address(), request.phone(), request.reason(), request.state().words(), request.askedAt(),
				request.decidedAt(), decider(request), request.answer());
	}

	private Row row(Request request) {
		return new Row(request.id(), request.organisation(), request.domain(), request.contactName(),
				request.reference(), request.state(), request.confirmedAt(), request.decidedAt(), decider(request));
	}

	private @Nullable String decider(Request request) {
		UUID by = request.decidedBy();
		return (by != null) ? this.directory.find(by).map(Directory.Person::name).orElse("A colleague") : null;
	}

	@GetMapping("/requests/{id}")
	String show(@PathVariable UUID id, SignedIn me, Model model) {
		Request request = this.requests.findConfirmed(id).orElseThrow(() -> new UnknownRequest(id));
		String mine = me.address();
		model.addAttribute("accept", new AcceptForm(request.version(), me.name(), (mine != null) ? mine : "", false));
		model.addAttribute("reject", new RejectForm(request.version(), ""));
		return page(request, model);
	}

	private String page(Request request, Model model) {
		model.addAttribute("asked", Shown.of(request, decider(request)));
		boolean open = request.state() == Request.State.CONFIRMED;
		DomainRules.Findings findings = open ? this.admission.findings(request)
				: new DomainRules.Findings(List.of(), List.of());
		model.addAttribute("refusals", findings.refusals());
		model.addAttribute("warnings", findings.warnings());
		return "requests/show";
	}

	@PostMapping("/requests/{id}/acceptance")
	String accept(@PathVariable UUID id, @ModelAttribute("accept") AcceptForm form, BindingResult errors, SignedIn me,
			Model model, HttpServletResponse response, RedirectAttributes flash) {
		Request request = this.requests.findConfirmed(id).orElseThrow(() -> new UnknownRequest(id));
		Fields fields = new Fields(errors);
		fields.line("ownerName", form.ownerName(), "Enter the colleague's name.");
		Optional<EmailAddress> owner = fields.ourAddress(this.organization.mailDomains(), "ownerAddress",
				form.ownerAddress());
		if (!Boolean.TRUE.equals(form.understood()) && !this.admission.findings(request).warnings().isEmpty()) {
			fields.wrong("understood", "Look at the warnings and tick this box, or reject the request.");
		}
		model.addAttribute("reject", new RejectForm(form.version(), ""));
		if (!fields.areRight() || owner.isEmpty()) {
			return again(HttpStatus.UNPROCESSABLE_CONTENT, id, model, response);
		}
		Admission.Answer answer = this.admission.accept(id, seen(form.version()), Fields.strip(form.ownerName()),
				owner.get(), me);
		return switch (answer) {
			case Admission.Answer.Done done -> {
				flash.addFlashAttribute("flash",
						request.organisation() + " is invited. The invitation went to " + request.address() + ".");
				yield "redirect:/partners/" + done.partnerId();
			}
			case Admission.Answer.Stale stale -> stale(stale, id, model, response);
			case Admission.Answer.Refused refused -> {
				errors.reject("refused", refused.message());
				yield again(HttpStatus.UNPROCESSABLE_CONTENT, id, model, response);
			}
		};
	}

	@PostMapping("/requests/{id}/rejection")
	String reject(@PathVariable UUID id, @ModelAttribute("reject") RejectForm form, BindingResult errors, SignedIn me,
			Model model, HttpServletResponse response, RedirectAttributes flash) {
		Request request = this.requests.findConfirmed(id).orElseThrow(() -> new UnknownRequest(id));
		Fields fields = new Fields(errors);
		fields.text("reason", form.reason(), "Say why: the requester is told.");
		String mine = me.address();
		model.addAttribute("accept", new AcceptForm(form.version(), me.name(), (mine != null) ? mine : "", false));
		if (!fields.areRight()) {
			return again(HttpStatus.UNPROCESSABLE_CONTENT, id, model, response);
		}
		return switch (this.admission.reject(id, seen(form.version()), Fields.strip(form.reason()), me)) {
			case Admission.Answer.Done done -> {
				flash.addFlashAttribute("flash",
						"The request is rejected, and " + request.contactName() + " is told why.");
				yield "redirect:/requests";
			}
			case Admission.Answer.Stale stale -> stale(stale, id, model, response);
			case Admission.Answer.Refused refused -> {
				errors.reject("refused", refused.message());
				yield again(HttpStatus.UNPROCESSABLE_CONTENT, id, model, response);
			}
		};
	}

	private String stale(Admission.Answer.Stale stale, UUID id, Model model, HttpServletResponse response) {
		model.addAttribute("stale", stale.message());
		return again(HttpStatus.CONFLICT, id, model, response);
	}

	private String again(HttpStatus status, UUID id, Model model, HttpServletResponse response) {
		response.setStatus(status.value());
		return page(this.requests.findConfirmed(id).orElseThrow(() -> new UnknownRequest(id)), model);
	}

	// A form without a version was made from no page of ours: it is stale.
	private static long seen(@Nullable Long version) {
		return (version != null) ? version : -1;
	}

	record AcceptForm(@Nullable Long version, @Nullable String ownerName, @Nullable String ownerAddress,
			@Nullable Boolean understood) {
	}

	record RejectForm(@Nullable Long version, @Nullable String reason) {
	}

	/** A request as its page shows it. */
	record Shown(UUID id, String reference, String organisation, DomainName domain, String contactName,
			EmailAddress address, @Nullable String phone, String reason, Request.State state, Instant askedAt,
			@Nullable Instant decidedAt, @Nullable String decider, @Nullable String answer, @Nullable UUID partnerId) {

		static Shown of(Request request, @Nullable String decider) {
			return new Shown(request.id(), request.reference(), request.organisation(), request.domain(),
					request.contactName(), request.address(), request.phone(), request.reason(), request.state(),
					request.askedAt(), request.decidedAt(), decider, request.answer(), request.partnerId());
		}

	}

	/** One line of the queue. */
	record Row(UUID id, String organisation, DomainName domain, String contactName, String reference,
			Request.State state, @Nullable Instant confirmedAt, @Nullable Instant decidedAt, @Nullable String decider) {
	}

}
