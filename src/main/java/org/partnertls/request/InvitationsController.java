package org.partnertls.request;

import java.io.IOException;
import java.time.Clock;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
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
import org.partnertls.organization.Csv;
import org.partnertls.organization.Like;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.request.SentInvitation.State;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * All invitations, what became of them, and what can be done with them. The whole search
 * stands in the address.
 */
@Controller
class InvitationsController {

	private static final int PAGE = 50;

	private final SentInvitations sent;

	private final Invitations invitations;

	private final Partners partners;

	private final AuditLog audit;

	private final Clock clock;

	InvitationsController(SentInvitations sent, Invitations invitations, Partners partners, AuditLog audit,
			Clock clock) {
		this.sent = sent;
		this.invitations = invitations;
		this.partners = partners;
		this.audit = audit;
		this.clock = clock;
	}

	@GetMapping("/invitations")
	@Transactional(readOnly = true)
	String index(@RequestParam(defaultValue = "") String words, @RequestParam(defaultValue = "") String state,
			@RequestParam(defaultValue = "1") String page, Model model) {
		Search search = Search.of(words, state, page);
		List<Row> found = find(search, PAGE + 1, (search.page() - 1L) * PAGE);
		boolean more = found.size() > PAGE;
		Map<State, Long> counts = new EnumMap<>(State.class);
		Arrays.stream(State.values()).forEach((each) -> counts.put(each, 0L));
		this.sent.countByState().forEach((count) -> counts.put(State.valueOf(count.getState()), count.getCount()));
		model.addAttribute("search", search);
		model.addAttribute("counts", counts);
		model.addAttribute("all", counts.values().stream().mapToLong(Long::longValue).sum());
		model.addAttribute("rows", found.subList(0, Math.min(PAGE, found.size())));
		model.addAttribute("newer", (search.page() > 1) ? search.link("/invitations", search.page() - 1) : null);
		model.addAttribute("older", more ? search.link("/invitations", search.page() + 1) : null);
		model.addAttribute("csv", search.link("/invitations/list.csv", 1));
		return "invitations/index";
	}

	@GetMapping("/invitations/list.csv")
	void csv(@RequestParam(defaultValue = "") String words, @RequestParam(defaultValue = "") String state,
			HttpServletResponse response) throws IOException {
		Search search = Search.of(words, state, "1");
		this.audit.appendAlone(Act.of("invitation.exported").detail("state", search.state()));
		try (Csv csv = Csv.attached(response, "invitations", "name", "address", "role", "organisation", "reference",
				"state", "why", "mail comes back", "sent at", "sent by", "times sent", "good until", "opened at",
				"ended at", "id")) {
			List<Row> portion;
			do {
				portion = find(search, 500, csv.lines());
				portion.forEach((row) -> csv.line(row.name(), row.address(), row.role(), row.partner().name(),
						row.partner().reference(), row.state(), row.why(), row.returned(), row.sentAt(),
						row.invitedBy(), row.sendings(), row.expiresAt(), row.openedAt(), row.endedAt(), row.id()));
			}
			while (portion.size() == 500);
		}
	}

	private List<Row> find(Search search, int most, long from) {
		List<SentInvitation> found = this.sent.search(search.like(), search.state(), most, from);
		Map<UUID, Partner> theirs = this.partners
			.find(found.stream().map(SentInvitation::partnerId).collect(Collectors.toSet()))
			.stream()
			.collect(Collectors.toMap(Partner::id, Function.identity()));
		return found.stream().map((one) -> row(one, Objects.requireNonNull(theirs.get(one.partnerId())))).toList();
	}

	private Row row(SentInvitation invitation, Partner partner) {
		return Row.of(invitation, partner, returned(invitation, partner),
				invitation.sentAt().plus(SentInvitation.PAUSE).isBefore(this.clock.instant()));
	}

	private static @Nullable String returned(SentInvitation invitation, Partner partner) {
		return partner.signingIn(invitation.address())
			.filter((person) -> person.returnedAt() != null)
			.map(Partner.Person::returnedWhy)
			.orElse(null);
	}

	private Partner partner(SentInvitation invitation) {
		return this.partners.find(invitation.partnerId()).orElseThrow(() -> new UnknownRequest(invitation.id()));
	}

	@PostMapping("/invitations/{id}/sending")
	String resend(@PathVariable UUID id, SignedIn me, RedirectAttributes flash) {
		return answer(this.invitations.resend(id, me.name()), flash);
	}

	@GetMapping("/invitations/{id}/revocation")
	@Transactional(readOnly = true)
	String revocation(@PathVariable UUID id, @ModelAttribute("form") ReasonForm form, Model model) {
		return page(id, model);
	}

	@PostMapping("/invitations/{id}/revocation")
	String revoke(@PathVariable UUID id, @ModelAttribute("form") ReasonForm form, BindingResult errors, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		Fields fields = new Fields(errors);
		fields.text("reason", form.reason(), "Say why: whoever was invited is told.");
		if (!fields.areRight()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return page(id, model);
		}
		return answer(this.invitations.revoke(id, Fields.strip(form.reason())), flash);
	}

	private String page(UUID id, Model model) {
		SentInvitation invitation = this.sent.findById(id).orElseThrow(() -> new UnknownRequest(id));
		Partner partner = partner(invitation);
		model.addAttribute("invitation", Row.of(invitation, partner, null, false));
		return "invitations/revocation";
	}

	private static String answer(Invitations.Outcome outcome, RedirectAttributes flash) {
		flash.addFlashAttribute("flash", outcome.sentence());
		flash.addFlashAttribute("flashTone", outcome.done() ? "good" : "wait");
		return "redirect:/invitations";
	}

	record ReasonForm(@Nullable String reason) {
	}

	/**
	 * What is searched for.
	 *
	 * @param words as typed, bounded
	 * @param state a state's name, or empty for any
	 * @param page from 1
	 */
	record Search(String words, String state, int page) {

		static Search of(String words, String state, String page) {
			String bounded = words.strip().substring(0, Math.min(words.strip().length(), 200)).replaceAll("\\p{C}", "");
			boolean known = Arrays.stream(State.values()).anyMatch((each) -> each.name().equals(state));
			return new Search(bounded, known ? state : "",
					page.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(page) : 1);
		}

		public boolean isEmpty() {
			return this.words.isEmpty() && this.state.isEmpty();
		}

		String like() {
			return Like.containing(this.words.toLowerCase(Locale.ROOT));
		}

		String link(String path, int toPage) {
			UriComponentsBuilder address = UriComponentsBuilder.fromPath(path);
			if (!this.words.isEmpty()) {
				address.queryParam("words", "{words}");
			}
			if (!this.state.isEmpty()) {
				address.queryParam("state", this.state);
			}
			if (toPage > 1) {
				address.queryParam("page", toPage);
			}
			return address.encode().buildAndExpand(Map.of("words", this.words)).toUriString();
		}

	}

	/** One line of the list. */
	record Row(SentInvitation of, Partner partner, @Nullable String returned, boolean sendable) {

		static Row of(SentInvitation invitation, Partner partner, @Nullable String returned, boolean sendable) {
			return new Row(invitation, partner, returned, sendable);
		}

		public boolean pending() {
			return this.of.state() == State.PENDING;
		}

		/** Whether only a new partnership can bring them here. */
		public boolean again() {
			return !this.partner.state().isLiving();
		}

		public UUID id() {
			return this.of.id();
		}

		public String name() {
			return this.of.name();
		}

		public String address() {
			return this.of.address().toString();
		}

		public String role() {
			return this.of.role().words();
		}

		public String invitedBy() {
			return this.of.invitedBy();
		}

		public String state() {
			return this.of.state().words();
		}

		public String tone() {
			return this.of.state().tone();
		}

		public int sendings() {
			return this.of.sendings();
		}

		public java.time.Instant sentAt() {
			return this.of.sentAt();
		}

		public java.time.Instant expiresAt() {
			return this.of.expiresAt();
		}

		public java.time.@Nullable Instant openedAt() {
			return this.of.openedAt();
		}

		public java.time.@Nullable Instant endedAt() {
			return this.of.endedAt();
		}

		public @Nullable String why() {
			return this.of.why();
		}

	}

}
