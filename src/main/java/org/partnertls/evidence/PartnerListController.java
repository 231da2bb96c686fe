package org.partnertls.evidence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.evidence.PartnerFilter.Due;
import org.partnertls.evidence.PartnerFilter.Finding;
import org.partnertls.evidence.PartnerFilter.Order;
import org.partnertls.evidence.PartnerFilter.Ways;
import org.partnertls.organization.Csv;
import org.partnertls.partner.Partnership.State;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The list of partners. The whole search stands in the address, so that it can be shared.
 */
@Controller
class PartnerListController {

	private final PartnerList list;

	private final SavedViews views;

	private final AuditLog audit;

	PartnerListController(PartnerList list, SavedViews views, AuditLog audit) {
		this.list = list;
		this.views = views;
		this.audit = audit;
	}

	@GetMapping("/partners")
	String index(@RequestParam Map<String, String> said, SignedIn me, Model model) {
		PartnerFilter filter = PartnerFilter.of(said).ofWhoever(me);
		PartnerList.Place before = PartnerList.Place.of(said.get("before"), filter.order(), false);
		PartnerList.Place place = (before != null) ? before
				: PartnerList.Place.of(said.get("after"), filter.order(), true);
		PartnerList.Page page = this.list.page(filter, place);
		PartnerList.Counts counts = this.list.counts();
		model.addAttribute("filter", filter);
		model.addAttribute("page", page);
		model.addAttribute("counts", counts);
		model.addAttribute("none", filter.isEmpty() && page.rows().isEmpty() && place == null);
		model.addAttribute("choices", choices(counts, filter));
		model.addAttribute("states", options(State.values(), State::words, filter.state()));
		model.addAttribute("ways", options(Ways.values(), Ways::words, filter.ways()));
		model.addAttribute("dues", options(Due.values(), Due::words, filter.due()));
		model.addAttribute("findings", options(Finding.values(), Finding::words, filter.finding()));
		model.addAttribute("orders", options(Order.values(), Order::words, filter.order()));
		model.addAttribute("views", this.views.of(me.id()));
		model.addAttribute("mine",
				(me.address() != null) ? address(PartnerFilter.of(Map.of("owner", "me")), Map.of()) : null);
		model.addAttribute("csv", filter.address("/partners/list.csv", Map.of()).toString());
		model.addAttribute("previous", address(filter, page.previous(), "before"));
		model.addAttribute("next", address(filter, page.next(), "after"));
		model.addAttribute("first", (place != null) ? address(filter, Map.of()) : null);
		model.addAttribute("sorts",
				Arrays.stream(Order.values())
					.collect(java.util.stream.Collectors.toMap(PartnerFilter::slug,
							(order) -> address(filter.with(order), Map.of()))));
		return "partners/index";
	}

	private static @Nullable String address(PartnerFilter filter, PartnerList.@Nullable Place place, String way) {
		return (place != null) ? address(filter, Map.of(way, place.token())) : null;
	}

	private static String address(PartnerFilter filter, Map<String, String> more) {
		return filter.address("/partners", more).toString();
	}

	private static <E extends Enum<E>> List<Option> options(E[] values, java.util.function.Function<E, String> words,
			@Nullable E chosen) {
		return Arrays.stream(values)
			.map((value) -> new Option(PartnerFilter.slug(value), capital(words.apply(value)), value == chosen))
			.toList();
	}

	private static String capital(String words) {
		return Character.toUpperCase(words.charAt(0)) + words.substring(1);
	}

	// What somebody most often looks for, each with its number.
	private static List<Choice> choices(PartnerList.Counts counts, PartnerFilter filter) {
		List<Choice> choices = new ArrayList<>();
		choices.add(new Choice("All", counts.all(), "/partners", filter.isEmpty()));
		add(choices, counts, filter, "state", State.ACTIVE, State.ACTIVE.words());
		add(choices, counts, filter, "ways", Ways.BOTH, Ways.BOTH.words());
		add(choices, counts, filter, "state", State.INVITED, State.INVITED.words());
		add(choices, counts, filter, "state", State.ONBOARDING, State.ONBOARDING.words());
		add(choices, counts, filter, "due", Due.SOON, Due.SOON.words());
		add(choices, counts, filter, "due", Due.OVERDUE, Due.OVERDUE.words());
		for (Finding finding : Finding.values()) {
			if (counts.of(finding) > 0) {
				add(choices, counts, filter, "finding", finding, finding.words());
			}
		}
		return choices;
	}

	private static void add(List<Choice> choices, PartnerList.Counts counts, PartnerFilter filter, String field,
			Enum<?> value, String words) {
		PartnerFilter chosen = PartnerFilter.of(Map.of(field, PartnerFilter.slug(value)));
		choices.add(new Choice(capital(words), counts.of(value), address(chosen, Map.of()),
				filter.with(Order.NAME).equals(chosen)));
	}

	/** The list, or what of it was chosen, for a spreadsheet. */
	@GetMapping("/partners/list.csv")
	void csv(@RequestParam Map<String, String> said,
			@RequestParam(name = "id", required = false) @Nullable Set<UUID> ids, SignedIn me,
			HttpServletResponse response) throws IOException {
		PartnerFilter filter = PartnerFilter.of(said).ofWhoever(me);
		this.audit.appendAlone(Act.of("partner.list-exported")
			.detail("filter", filter.said().keySet().toString())
			.detail("chosen", (ids != null) ? ids.size() : "all that fit"));
		try (Csv csv = Csv.attached(response, "partners", "reference", "organisation", "domains", "state", "to them",
				"from them", "tls check", "owner", "owner address", "invited at", "active since", "last proof at",
				"next due at", "id")) {
			this.list.each(filter, ids, (row) -> {
				PartnerList.Facts facts = row.facts();
				csv.line(facts.reference(), facts.name(), facts.allDomains(), row.state().words(), row.out().words(),
						row.in().words(), row.checked(), facts.ownerName(), facts.ownerAddress(), facts.invitedAt(),
						facts.activeSince(), facts.lastProofAt(), facts.nextDueAt(), facts.id());
			});
		}
	}

	@PostMapping("/partners/views")
	String save(@RequestParam Map<String, String> said, @RequestParam(defaultValue = "") String name, SignedIn me,
			RedirectAttributes flash) {
		PartnerFilter filter = PartnerFilter.of(said);
		Optional<String> problem = this.views.save(me.id(), name, filter);
		flash.addFlashAttribute("flash", problem.orElse("The view “" + name.strip() + "” is kept. Only you see it."));
		flash.addFlashAttribute("flashTone", problem.isPresent() ? "bad" : "good");
		return "redirect:" + address(filter, Map.of());
	}

	@PostMapping("/partners/views/deletion")
	String delete(@RequestParam String name, SignedIn me, RedirectAttributes flash) {
		boolean deleted = this.views.delete(me.id(), name);
		flash.addFlashAttribute("flash", deleted ? "The view is deleted." : "There is no such view any more.");
		return "redirect:/partners";
	}

	/** An entry of a select. */
	record Option(String value, String label, boolean chosen) {
	}

	/** A choice above the list. */
	record Choice(String title, long count, String url, boolean current) {
	}

}
