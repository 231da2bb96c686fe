package org.partnertls.partner;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Texts;
import org.partnertls.partner.PartnerSigns.Sign;
import org.partnertls.partner.PartnerSigns.Way;
import org.partnertls.partner.PartnerSigns.Word;
import org.partnertls.partner.Partnership.State;

import org.springframework.beans.factory.ObjectProvider;
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
 * The list of partners, and the waiver of a domain's proof. The whole search stands in
 * the address, so that it can be shared.
 */
@Controller
class PartnersController {

	private static final int PAGE = 50;

	private static final Duration SOON = Duration.ofDays(60);

	private final Partnerships partnerships;

	private final Partners partners;

	private final ObjectProvider<PartnerSigns> signs;

	private final OrganizationProperties organization;

	private final Clock clock;

	PartnersController(Partnerships partnerships, Partners partners, ObjectProvider<PartnerSigns> signs,
			OrganizationProperties organization, Clock clock) {
		this.partnerships = partnerships;
		this.partners = partners;
		this.signs = signs;
		this.organization = organization;
		this.clock = clock;
	}

	@GetMapping("/partners")
	@Transactional(readOnly = true)
	String index(@RequestParam(defaultValue = "") String words, @RequestParam(defaultValue = "") String state,
			@RequestParam(defaultValue = "") String due, @RequestParam(defaultValue = "1") String page, Model model) {
		Search search = Search.of(words, state, due, page);
		Instant dueBy = this.clock.instant().plus(SOON);
		List<UUID> ids = this.partnerships.search(search.like(), search.likeDomain(), search.state(), search.due(),
				dueBy, PAGE + 1, (search.page() - 1L) * PAGE);
		boolean more = ids.size() > PAGE;
		List<Partner> found = this.partnerships.findAllByIds(ids.subList(0, Math.min(PAGE, ids.size())))
			.stream()
			.map(Partner::of)
			.toList();
		PartnerSigns known = this.signs.getIfAvailable();
		Map<UUID, Sign> signsOfPage = (known != null) ? known.of(found.stream().map(Partner::id).toList()) : Map.of();
		Map<State, Long> counts = new EnumMap<>(State.class);
		this.partnerships.countByState().forEach((count) -> counts.put(count.getState(), count.getCount()));
		model.addAttribute("search", search);
		model.addAttribute("rows",
				found.stream().map((partner) -> row(partner, signsOfPage.get(partner.id()))).toList());
		model.addAttribute("figures", Figures.of(counts, this.partnerships.countDue(dueBy)));
		model.addAttribute("states", stateWords());
		model.addAttribute("newer", (search.page() > 1) ? search.link(search.page() - 1) : null);
		model.addAttribute("older", more ? search.link(search.page() + 1) : null);
		model.addAttribute("shown", shown(search, found.size()));
		return "partners/index";
	}

	private static String shown(Search search, int count) {
		int before = (search.page() - 1) * PAGE;
		return (count == 1) ? "Partner " + (before + 1) : "Partners " + (before + 1) + " to " + (before + count);
	}

	private static Map<String, String> stateWords() {
		Map<String, String> words = new LinkedHashMap<>();
		Arrays.stream(State.values()).forEach((state) -> words.put(state.name(), state.words()));
		return words;
	}

	private Row row(Partner partner, @Nullable Sign sign) {
		Way out = (sign != null && sign.out() != null) ? sign.out() : Way.NOT_SET_UP;
		Way in = (sign != null && sign.in() != null) ? sign.in() : Way.NOT_SET_UP;
		Word state = (sign != null && sign.state() != null) ? sign.state()
				: new Word(partner.state().words(), partner.state().tone());
		int others = partner.domains().size() - 1;
		return new Row(partner.id(), partner.name(),
				partner.mainDomain().name().display() + ((others > 0) ? " · +" + others : ""),
				new Directions(this.organization.name(), this.organization.primaryDomain().display(), partner.name(),
						partner.mainDomain().name().display(), out, in),
				state, (sign != null && sign.tlsCheck() != null) ? sign.tlsCheck() : "not checked",
				partner.nextDueAt());
	}

	/** Looks for a domain's text now. */
	@PostMapping("/partners/{id}/domains/{domainId}/look-up")
	String lookUp(@PathVariable UUID id, @PathVariable UUID domainId, RedirectAttributes flash) {
		LookUp seen = this.partners.lookUp(id, domainId);
		flash.addFlashAttribute("flash", seen.seen());
		flash.addFlashAttribute("flashTone", seen.proven() ? "good" : "wait");
		return "redirect:/partners/" + id;
	}

	@GetMapping("/partners/{id}/domains/{domainId}/waiver")
	String waiver(@PathVariable UUID id, @PathVariable UUID domainId, @ModelAttribute("form") WaiverForm form,
			Model model) {
		show(id, domainId, model);
		return "partners/waiver";
	}

	@PostMapping("/partners/{id}/domains/{domainId}/waiver")
	String waive(@PathVariable UUID id, @PathVariable UUID domainId, @ModelAttribute("form") WaiverForm form,
			BindingResult errors, SignedIn me, Model model, HttpServletResponse response, RedirectAttributes flash) {
		show(id, domainId, model);
		Texts.lines(form.reason(), 1000, "Say why no proof is needed.")
			.ifPresent((message) -> errors.rejectValue("reason", "reason", message));
		if (errors.hasErrors()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return "partners/waiver";
		}
		this.partners.waive(id, domainId, String.valueOf(form.reason()), me);
		flash.addFlashAttribute("flash", "The proof of the domain is waived.");
		return "redirect:/partners/" + id;
	}

	private void show(UUID id, UUID domainId, Model model) {
		Partner partner = this.partners.find(id).orElseThrow(() -> new UnknownPartner(id));
		model.addAttribute("partner", partner);
		model.addAttribute("domain", partner.domain(domainId).orElseThrow(() -> new UnknownPartner(domainId)));
	}

	record WaiverForm(@Nullable String reason) {
	}

	/**
	 * What is searched for.
	 *
	 * @param words as typed, bounded
	 * @param state a state's name, or empty for any
	 * @param due whether only those whose re-certification is near
	 * @param page from 1
	 */
	record Search(String words, String state, boolean due, int page) {

		static Search of(String words, String state, String due, String page) {
			String bounded = words.strip().substring(0, Math.min(words.strip().length(), 200)).replaceAll("\\p{C}", "");
			boolean known = Arrays.stream(State.values()).anyMatch((each) -> each.name().equals(state));
			return new Search(bounded, known ? state : "", due.equals("soon"),
					page.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(page) : 1);
		}

		public boolean isEmpty() {
			return this.words.isEmpty() && this.state.isEmpty() && !this.due;
		}

		String like() {
			return "%" + escape(this.words.toLowerCase(Locale.ROOT)) + "%";
		}

		// Domains are stored as A-labels: a whole name is looked for as such, however it
		// was typed.
		String likeDomain() {
			try {
				return "%" + escape(DomainName.of(this.words).ascii()) + "%";
			}
			catch (IllegalArgumentException ex) {
				return like();
			}
		}

		String link(int toPage) {
			UriComponentsBuilder address = UriComponentsBuilder.fromPath("/partners");
			if (!this.words.isEmpty()) {
				address.queryParam("words", "{words}");
			}
			if (!this.state.isEmpty()) {
				address.queryParam("state", this.state);
			}
			if (this.due) {
				address.queryParam("due", "soon");
			}
			return address.queryParam("page", toPage)
				.encode()
				.buildAndExpand(Map.of("words", this.words))
				.toUriString();
		}

		private static String escape(String text) {
			return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
		}

	}

	/** One line of the list. */
	record Row(UUID id, String name, String domain, Directions directions, Word state, String tlsCheck,
			@Nullable Instant nextDue) {
	}

	/** The two directions as the fragment draws them. */
	record Directions(String ourName, String ourDomain, String theirName, String theirDomain, Way out, Way in) {
	}

	/** How many partners are where. */
	record Figures(long all, long active, long coming, long suspended, int due) {

		static Figures of(Map<State, Long> counts, int due) {
			return new Figures(counts.values().stream().mapToLong(Long::longValue).sum(),
					counts.getOrDefault(State.ACTIVE, 0L),
					counts.getOrDefault(State.INVITED, 0L) + counts.getOrDefault(State.ONBOARDING, 0L),
					counts.getOrDefault(State.SUSPENDED, 0L), due);
		}

	}

}
