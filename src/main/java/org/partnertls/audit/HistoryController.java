package org.partnertls.audit;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
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

	private final History history;

	private final AuditLog audit;

	private final ZoneId zone;

	private final Clock clock;

	HistoryController(History history, AuditLog audit, ZoneId zone, Clock clock) {
		this.history = history;
		this.audit = audit;
		this.zone = zone;
		this.clock = clock;
	}

	@GetMapping("/history")
	String index(@RequestParam Map<String, String> query, Model model) {
		String problem = null;
		History.Search search;
		try {
			search = new History.Search(day(query.get("from"), 0), day(query.get("to"), 1), text(query.get("act")),
					text(query.get("outcome")), id(query.get("partner")), text(query.get("words")),
					cursor(query.get("before")), cursor(query.get("after")));
		}
		catch (IllegalArgumentException | DateTimeException ex) {
			problem = "Part of this search could not be read, so it was left out: dates are written like 2026-11-23.";
			search = new History.Search(null, null, text(query.get("act")), text(query.get("outcome")), null,
					text(query.get("words")), null, null);
		}
		History.Page page = this.history.search(search);
		if (query.get("before") == null && query.get("after") == null) {
			Act looked = Act.of("history.searched");
			query.forEach((field, value) -> {
				if (!value.isBlank()) {
					looked.personal("search-" + (field.matches("[a-z]{1,10}") ? field : "other"), null, value);
				}
			});
			this.audit.appendAlone(looked);
		}
		model.addAttribute("query", query);
		model.addAttribute("problem", problem);
		model.addAttribute("rows", page.rows());
		model.addAttribute("codes", this.history.codes());
		model.addAttribute("older", link(query, "before", page.older()));
		model.addAttribute("newer", link(query, "after", page.newer()));
		model.addAttribute("words",
				(page.rows().size() == 1) ? "1 event" : page.rows().size() + " events on this page");
		model.addAttribute("today", LocalDate.ofInstant(this.clock.instant(), this.zone));
		return "history/index";
	}

	@GetMapping("/history/{id}")
	String show(@PathVariable UUID id, Model model) {
		model.addAttribute("event",
				this.history.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND)));
		return "history/show";
	}

	private static @Nullable String link(Map<String, String> query, String direction, History.@Nullable Cursor cursor) {
		if (cursor == null) {
			return null;
		}
		UriComponentsBuilder address = UriComponentsBuilder.fromPath("/history");
		for (String field : List.of("from", "to", "act", "outcome", "partner", "words")) {
			if (!query.getOrDefault(field, "").isBlank()) {
				address.queryParam(field, "{" + field + "}");
			}
		}
		return address.queryParam(direction, cursor.toString()).encode().buildAndExpand(query).toUriString();
	}

	private @Nullable Instant day(@Nullable String text, int plusDays) {
		return (text == null || text.isBlank()) ? null
				: LocalDate.parse(text.strip()).plusDays(plusDays).atStartOfDay(this.zone).toInstant();
	}

	private static @Nullable String text(@Nullable String text) {
		return (text == null || text.isBlank()) ? null
				: text.strip().substring(0, Math.min(text.strip().length(), 200));
	}

	private static @Nullable UUID id(@Nullable String text) {
		return (text == null || text.isBlank()) ? null : UUID.fromString(text.strip());
	}

	private static History.@Nullable Cursor cursor(@Nullable String text) {
		return (text == null || text.isBlank()) ? null : History.Cursor.of(text);
	}

}
