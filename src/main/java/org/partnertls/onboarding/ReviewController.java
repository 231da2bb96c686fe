package org.partnertls.onboarding;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.audit.History;
import org.partnertls.connector.PlanResult;
import org.partnertls.connector.TlsLevel;
import org.partnertls.connector.Wanted;
import org.partnertls.organization.Csv;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;

import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Slice;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Reviews: answers, evidence, warnings, the plan, and the decision beside them.
 */
@Controller
class ReviewController {

	private final Attestations attestations;

	private final Onboarding onboarding;

	private final Review review;

	private final TestMessages messages;

	private final History history;

	private final OrganizationProperties organization;

	private final Partners partners;

	private final AuditLog audit;

	private final Clock clock;

	ReviewController(Attestations attestations, Onboarding onboarding, Review review, TestMessages messages,
			History history, OrganizationProperties organization, Partners partners, AuditLog audit, Clock clock) {
		this.attestations = attestations;
		this.onboarding = onboarding;
		this.review = review;
		this.messages = messages;
		this.history = history;
		this.organization = organization;
		this.partners = partners;
		this.audit = audit;
		this.clock = clock;
	}

	@GetMapping("/reviews")
	String index(Model model) {
		model.addAttribute("waiting", rows(this.attestations.findWaiting()));
		model.addAttribute("decided", rows(this.attestations.findLookedAt()));
		model.addAttribute("withPartners", rows(this.attestations.findWithPartners()));
		return "reviews/index";
	}

	/** Every pass that came to us, or that partners have before them again. */
	@GetMapping("/reviews/list.csv")
	void csv(HttpServletResponse response) throws IOException {
		this.audit.appendAlone(Act.of("attestation.exported"));
		try (Csv csv = Csv.attached(response, "reviews", "organisation", "reference", "domain", "what", "state",
				"opened at", "opened by", "why", "submitted at", "confirmed by", "shaped by", "changed at", "id")) {
			int page = 0;
			Slice<Attestation> slice;
			do {
				slice = this.attestations.findSeen(PageRequest.of(page++, 500));
				Map<UUID, Partner> theirs = this.partners
					.find(slice.stream().map(Attestation::partnerId).collect(Collectors.toSet()))
					.stream()
					.collect(Collectors.toMap(Partner::id, Function.identity()));
				slice.forEach((pass) -> line(csv, pass, Objects.requireNonNull(theirs.get(pass.partnerId()))));
			}
			while (slice.hasNext());
		}
	}

	private static void line(Csv csv, Attestation pass, Partner partner) {
		Answers.Confirmation confirmation = pass.answers().confirmation();
		csv.line(partner.name(), partner.reference(), partner.mainDomain().name(), pass.kind().words(),
				pass.state().words(), pass.openedAt(), pass.openedName(), pass.openedWhy(), pass.submittedAt(),
				(confirmation != null) ? confirmation.name() : null, pass.shapedByName(), pass.changedAt(), pass.id());
	}

	private List<Onboarding.Pass> rows(List<Attestation> found) {
		List<Onboarding.Pass> rows = new ArrayList<>();
		found.forEach((attestation) -> this.onboarding.find(attestation.id()).ifPresent(rows::add));
		return rows;
	}

	@GetMapping("/reviews/{id}")
	String show(SignedIn reviewer, @PathVariable UUID id, Model model) {
		Onboarding.Pass pass = this.onboarding.find(id).orElseThrow(NotFound::new);
		Attestation attestation = pass.attestation();
		model.addAttribute("pass", pass);
		model.addAttribute("decidable", attestation.state() == Attestation.State.SUBMITTED);
		model.addAttribute("obstacle", this.review.obstacle(pass.partner()));
		model.addAttribute("different", this.onboarding.differences(pass.partner(), attestation));
		model.addAttribute("own", reviewer.id().equals(attestation.shapedBy()));
		model.addAttribute("mayApprove", this.review.mayApprove(attestation));
		model.addAttribute("warnings", this.review.warnings(pass));
		model.addAttribute("findings", this.review.findings(pass.partner()));
		model.addAttribute("checks", this.onboarding.checks(pass.partner()));
		model.addAttribute("observation", this.review.observation());
		model.addAttribute("directions", planned(pass.partner(), attestation));
		model.addAttribute("levels", levels());
		model.addAttribute("proposal", this.review.proposal(pass.partner()));
		model.addAttribute("froms", from(attestation.answers()));
		model.addAttribute("danes", Wanted.Dane.values());
		model.addAttribute("policies", Wanted.MtaSts.values());
		model.addAttribute("tasks", TaskList.returnable());
		model.addAttribute("history", this.history.ofPartner(pass.partner().id(), 12));
		model.addAttribute("now", this.clock.instant());
		switch (this.review.plan(pass)) {
			case PlanResult.Planned planned -> {
				model.addAttribute("plan", planned.plan());
				model.addAttribute("plannedAt", planned.at());
				model.addAttribute("script", String.join("\n", planned.script()));
			}
			case PlanResult.Unavailable unavailable -> model.addAttribute("noPlan", unavailable.sentence());
			case PlanResult.Unsuitable unsuitable ->
				model.addAttribute("noPlan", String.join(" ", unsuitable.sentences()));
		}
		return "reviews/show";
	}

	private Signs planned(Partner partner, Attestation attestation) {
		return new Signs(this.organization.name(), this.organization.primaryDomain().display(), partner.name(),
				partner.domains().getFirst().name().display(),
				new Signs.Way("wait", "will use TLS " + attestation.level().words(), "lock"),
				new Signs.Way("wait", "will be rejected without TLS, once proven", "lock"));
	}

	private static Map<String, String> levels() {
		Map<String, String> levels = new LinkedHashMap<>();
		for (TlsLevel level : TlsLevel.values()) {
			levels.put(level.name(), level.words());
		}
		return levels;
	}

	/** What they said decides what mail from them can be asked for. */
	private static List<Choices.From> from(Answers answers) {
		List<Choices.From> from = new ArrayList<>(List.of(Choices.From.ANYWHERE));
		if (answers.certificateName() != null) {
			from.add(Choices.From.CERTIFICATE);
		}
		if (!answers.ipRanges().isEmpty()) {
			from.add(Choices.From.ADDRESSES);
		}
		return from;
	}

	@PostMapping("/attestations/{id}/approval")
	String approve(SignedIn reviewer, @PathVariable UUID id, @RequestParam long version, @RequestParam String plan,
			@RequestParam @Nullable String note, RedirectAttributes flash) {
		if (tooLong(note)) {
			return tell(id, new Review.Outcome(false, "Keep the note to 1,000 characters."), flash);
		}
		return tell(id, this.review.approve(reviewer, id, version, plan, note), flash);
	}

	@PostMapping("/attestations/{id}/return")
	String giveBack(SignedIn reviewer, @PathVariable UUID id, @RequestParam long version,
			@RequestParam @Nullable String task, @RequestParam @Nullable String note, RedirectAttributes flash) {
		if (note == null || note.isBlank() || tooLong(note) || task == null
				|| TaskList.returnable().stream().noneMatch((one) -> one.key().equals(task))) {
			return tell(id, new Review.Outcome(false,
					"To ask for changes, choose the task and write what the partner should do, in up to 1,000 characters."),
					flash);
		}
		return tell(id, this.review.giveBack(reviewer, id, version, task, note.strip()), flash);
	}

	@PostMapping("/attestations/{id}/rejection")
	String reject(SignedIn reviewer, @PathVariable UUID id, @RequestParam long version,
			@RequestParam @Nullable String note, RedirectAttributes flash) {
		if (note == null || note.isBlank() || tooLong(note)) {
			return tell(id,
					new Review.Outcome(false, "To reject, write why in up to 1,000 characters: the partner is told."),
					flash);
		}
		return tell(id, this.review.reject(reviewer, id, version, note.strip()), flash);
	}

	@PostMapping("/attestations/{id}/level")
	String choose(SignedIn reviewer, @PathVariable UUID id, @RequestParam long version, @RequestParam TlsLevel level,
			@RequestParam @Nullable String tlsDomain, @RequestParam(defaultValue = "ANYWHERE") Choices.From from,
			@RequestParam(defaultValue = "OPPORTUNISTIC") Wanted.Dane dane,
			@RequestParam(defaultValue = "OPPORTUNISTIC") Wanted.MtaSts mtaSts, RedirectAttributes flash) {
		try {
			return tell(id, this.review.choose(reviewer, id, version, level, TasksController.blankToNull(tlsDomain),
					new Choices(from, dane, mtaSts)), flash);
		}
		catch (Review.Refusal ex) {
			return tell(id, new Review.Outcome(false, String.valueOf(ex.getMessage())), flash);
		}
	}

	/** A test message read by one of us: pasted, or uploaded as a file. */
	@PostMapping("/attestations/{id}/proofs")
	String proof(@PathVariable UUID id, @RequestParam @Nullable String headers,
			@RequestParam(required = false) @Nullable MultipartFile file, RedirectAttributes flash) throws IOException {
		byte[] source = (file != null && !file.isEmpty()) ? file.getBytes()
				: TestMessages.bytes((headers != null) ? headers : "");
		if (source.length == 0 || source.length > 1_000_000) {
			return tell(id, new Review.Outcome(false, "Paste the headers, or choose an .eml file of at most 1 MB."),
					flash);
		}
		Proof read = this.messages.pastedByStaff(id, source);
		return tell(id, new Review.Outcome(read.proves(), read.sentence()), flash);
	}

	private static boolean tooLong(@Nullable String note) {
		return note != null && note.length() > 1000;
	}

	private static String tell(UUID id, Review.Outcome outcome, RedirectAttributes flash) {
		flash.addFlashAttribute("flash", outcome.sentence());
		flash.addFlashAttribute("flashTone", outcome.done() ? "good" : "bad");
		return "redirect:/reviews/" + id;
	}

	/**
	 * The direction strip of a page.
	 */
	public record Signs(String ourName, String ourDomain, String theirName, String theirDomain, Way out, Way in) {

		/** One arrow. */
		public record Way(String tone, String words, String icon) {
		}

	}

}
