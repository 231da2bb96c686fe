package org.partnertls.audit;

import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * The history pages. The whole search stands in the address, so that it can be shared.
 */
@Controller
class HistoryController {

	private static final int MOST_FITTING = 10;

	private final History history;

	private final AuditLog audit;

	private final Proofs proofs;

	private final PartnerNames partners;

	private final ZoneId zone;

	private final Clock clock;

	HistoryController(History history, AuditLog audit, Proofs proofs, PartnerNames partners, ZoneId zone, Clock clock) {
		this.partners = partners;
		this.history = history;
		this.proofs = proofs;
		this.audit = audit;
		this.zone = zone;
		this.clock = clock;
	}

	@GetMapping("/history")
	String index(@RequestParam Map<String, String> said, Model model) {
		Map<String, String> query = new LinkedHashMap<>(said);
		List<PartnerNames.Named> fitting = partner(query);
		Search.Read read = Search.read(query, this.zone, this.clock.instant());
		List<String> problems = new ArrayList<>(read.problems());
		History.@Nullable Cursor before = cursor(query.get("before"), problems);
		History.@Nullable Cursor after = (before != null) ? null : cursor(query.get("after"), problems);
		History.Page page = this.history.search(read.search(), before, after);
		Map<String, String> filled = Search.filled(query);
		String asked = Search.filled(said).getOrDefault("partner", "");
		if (!filled.containsKey("partner") && !asked.isEmpty()) {
			problems.add(fitting.isEmpty()
					? "No partner has “" + asked + "” in its name or reference, so that all partners are looked at."
					: (fitting.size() > MOST_FITTING) ? "More than " + MOST_FITTING + " partners fit “" + asked
							+ "”. Choose one of the first or write more of its name; until then all are looked at."
							: "Several partners fit “" + asked + "”. Choose one; until then all are looked at.");
		}
		if (before == null && after == null) {
			Act looked = Act.of("history.searched");
			filled.forEach((field, value) -> looked.personal("search-" + field, null, value));
			this.audit.appendAlone(looked);
		}
		if (page.problem() != null) {
			problems.add(page.problem());
		}
		model.addAttribute("query", filled);
		String partner = (read.search().partner() != null) ? this.partners.of(read.search().partner()).orElse(asked)
				: asked;
		model.addAttribute("partner", partner);
		model.addAttribute("fitting",
				fitting.stream()
					.limit(MOST_FITTING)
					.map((one) -> new Choice(one.name() + " (" + one.reference() + ")", about(filled, one.id())))
					.toList());
		model.addAttribute("chosen", chosen(filled, partner));
		model.addAttribute("problems", problems);
		model.addAttribute("stopped", page.problem() != null);
		model.addAttribute("rows", page.rows());
		model.addAttribute("formats", ExportFormat.values());
		model.addAttribute("acts", Words.all());
		model.addAttribute("older", link(filled, "before", page.older()));
		model.addAttribute("newer", link(filled, "after", page.newer()));
		model.addAttribute("reach",
				read.search().words() != null && !filled.containsKey("from") && !filled.containsKey("last"));
		model.addAttribute("words",
				(page.rows().size() == 1) ? "1 event" : page.rows().size() + " events on this page");
		return "history/index";
	}

	@GetMapping("/history/{id}")
	String show(@PathVariable UUID id, Model model) {
		History.Row event = this.history.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		this.audit.appendAlone(Act.of("history.opened").on("event", id));
		Inclusion proof = this.proofs.inclusion(id).orElse(null);
		model.addAttribute("event", event);
		model.addAttribute("proof", proof);
		model.addAttribute("holds", proof != null && proof.holds(event.text()));
		model.addAttribute("signing", this.proofs.signing());
		return "history/show";
	}

	/** Every code with its meaning, made from the catalogue itself. */
	@GetMapping("/history/codes")
	String codes(Model model) {
		model.addAttribute("acts", Words.all());
		return "history/codes";
	}

	/**
	 * Puts the id of the partner that is named in the place of its name. Where several
	 * fit, or none, the search is one without a partner.
	 * @return those among which to choose
	 */
	private List<PartnerNames.Named> partner(Map<String, String> query) {
		String named = Search.filled(query).get("partner");
		if (named == null || Search.isId(named)) {
			return List.of();
		}
		List<PartnerNames.Named> fitting = this.partners.named(named, MOST_FITTING + 1);
		query.remove("partner");
		if (fitting.size() == 1) {
			query.put("partner", fitting.getFirst().id().toString());
		}
		return fitting;
	}

	/** The filters above the list, each with the address of the search without it. */
	private static List<Chosen> chosen(Map<String, String> filled, String partner) {
		List<Chosen> chosen = new ArrayList<>();
		filled.forEach((field, value) -> {
			Map<String, String> rest = new LinkedHashMap<>(filled);
			rest.remove(field);
			chosen.add(new Chosen(field, field.equals("partner") ? partner : value,
					address(rest).encode().buildAndExpand(rest).toUriString()));
		});
		return chosen;
	}

	private static String about(Map<String, String> filled, UUID partner) {
		Map<String, String> search = new LinkedHashMap<>(filled);
		search.put("partner", partner.toString());
		return address(search).encode().buildAndExpand(search).toUriString();
	}

	private static @Nullable String link(Map<String, String> filled, String way, History.@Nullable Cursor cursor) {
		return (cursor == null) ? null
				: address(filled).queryParam(way, cursor.toString()).encode().buildAndExpand(filled).toUriString();
	}

	private static UriComponentsBuilder address(Map<String, String> filled) {
		UriComponentsBuilder address = UriComponentsBuilder.fromPath("/history");
		filled.keySet().forEach((field) -> address.queryParam(field, "{" + field + "}"));
		return address;
	}

	private static History.@Nullable Cursor cursor(@Nullable String text, List<String> problems) {
		try {
			return (text == null || text.isBlank()) ? null : History.Cursor.of(text);
		}
		catch (IllegalArgumentException ex) {
			problems.add("The place in the list could not be read, so this is its beginning.");
			return null;
		}
	}

	/**
	 * A partner that fits what was typed.
	 *
	 * @param name its name and reference
	 * @param url the search about it
	 */
	record Choice(String name, String url) {
	}

	/**
	 * A filter in use.
	 *
	 * @param field which
	 * @param value what is looked for
	 * @param without the search without it
	 */
	record Chosen(String field, String value, String without) {

		/** The field as it is read. */
		public String label() {
			return switch (this.field) {
				case "last" -> "In the last";
				case "request" -> "Request";
				default -> this.field.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + this.field.substring(1);
			};
		}

	}

}
