package org.partnertls.evidence;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Acts on many partners: those ticked, or all that fit a search. A page says first to
 * whom and what.
 */
@Controller
class BulkController {

	private static final int NAMED = 30;

	private final Bulk bulk;

	private final PartnerList list;

	BulkController(Bulk bulk, PartnerList list) {
		this.bulk = bulk;
		this.list = list;
	}

	@GetMapping("/partners/bulk")
	String ask(@RequestParam Map<String, String> said,
			@RequestParam(name = "id", required = false) @Nullable Set<UUID> ids, SignedIn me, Model model,
			RedirectAttributes flash) {
		PartnerFilter filter = PartnerFilter.of(said).ofWhoever(me);
		boolean all = said.containsKey("all");
		if (!all && (ids == null || ids.isEmpty())) {
			return back(filter, "Tick the partners first, or choose all of the list.", flash);
		}
		if ("export".equals(said.get("act"))) {
			return "redirect:" + filter.address("/partners/list.csv", Map.of())
					+ (all ? "" : (filter.said().isEmpty() ? "?" : "&") + ids(ids));
		}
		Bulk.Kind kind = kind(said.get("act"));
		if (kind == null) {
			return back(filter, "Choose what to do.", flash);
		}
		List<UUID> asked = all ? this.list.ids(filter, kind.most() + 1)
				: List.copyOf(java.util.Objects.requireNonNull(ids));
		if (asked.size() > kind.most()) {
			return tooMany(kind, filter, flash);
		}
		List<PartnerList.Row> concerned = this.bulk.concerned(kind, filter, asked);
		model.addAttribute("kind", kind);
		model.addAttribute("filter", filter);
		model.addAttribute("all", all);
		model.addAttribute("ids", all ? List.of() : asked);
		model.addAttribute("asked", asked.size());
		model.addAttribute("before", number(said.get("concerned")));
		model.addAttribute("concerned", concerned.size());
		model.addAttribute("rows", concerned.stream().limit(NAMED).toList());
		model.addAttribute("back", filter.address("/partners", Map.of()).toString());
		return "partners/bulk";
	}

	private static String ids(@Nullable Set<UUID> ids) {
		return java.util.Objects.requireNonNull(ids)
			.stream()
			.map((id) -> "id=" + id)
			.collect(java.util.stream.Collectors.joining("&"));
	}

	@PostMapping("/partners/bulk")
	String act(@RequestParam Map<String, String> said,
			@RequestParam(name = "id", required = false) @Nullable Set<UUID> ids, SignedIn me,
			RedirectAttributes flash) {
		PartnerFilter filter = PartnerFilter.of(said).ofWhoever(me);
		Bulk.Kind kind = kind(said.get("act"));
		boolean all = said.containsKey("all");
		List<UUID> asked = (kind == null) ? List.of()
				: all ? this.list.ids(filter, kind.most() + 1) : (ids != null) ? List.copyOf(ids) : List.of();
		if (kind == null || asked.isEmpty()) {
			return back(filter, "There was nobody to do it to.", flash);
		}
		if (asked.size() > kind.most()) {
			return tooMany(kind, filter, flash);
		}
		List<UUID> concerned = this.bulk.concerned(kind, filter, asked).stream().map(PartnerList.Row::id).toList();
		Integer shown = number(said.get("concerned"));
		if (all && (shown == null || shown != concerned.size())) {
			// Others fit the search by now: whoever asked has not seen them.
			return "redirect:" + filter.address("/partners/bulk",
					Map.of("act", kind.slug(), "all", "true", "concerned", (shown != null) ? shown.toString() : "0"));
		}
		flash.addFlashAttribute("flash", this.bulk.act(kind, concerned, me));
		return "redirect:" + filter.address("/partners", Map.of());
	}

	private static String tooMany(Bulk.Kind kind, PartnerFilter filter, RedirectAttributes flash) {
		return back(filter,
				String.format(Locale.UK,
						"That is for at most %,d partners at once. Narrow the list with a filter first.", kind.most()),
				flash);
	}

	private static @Nullable Integer number(@Nullable String said) {
		return (said != null && said.matches("[0-9]{1,6}")) ? Integer.valueOf(said) : null;
	}

	private static Bulk.@Nullable Kind kind(@Nullable String slug) {
		return Arrays.stream(Bulk.Kind.values()).filter((one) -> one.slug().equals(slug)).findFirst().orElse(null);
	}

	private static String back(PartnerFilter filter, String words, RedirectAttributes flash) {
		flash.addFlashAttribute("flash", words);
		flash.addFlashAttribute("flashTone", "bad");
		return "redirect:" + filter.address("/partners", Map.of());
	}

}
