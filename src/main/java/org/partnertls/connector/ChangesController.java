package org.partnertls.connector;

import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.ConnectorChange.State;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.organization.Csv;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * All changes, newest first, and the approval of many at once. What is approved in large
 * numbers is pushed in portions.
 */
@Controller
class ChangesController {

	private static final int PAGE = 25;

	private final JdbcClient jdbc;

	private final Changes changes;

	private final Connectors connectors;

	private final ConnectorProperties properties;

	private final ExchangeOnline exchange;

	private final AuditLog audit;

	ChangesController(JdbcClient jdbc, Changes changes, Connectors connectors, ConnectorProperties properties,
			ExchangeOnline exchange, AuditLog audit) {
		this.jdbc = jdbc;
		this.changes = changes;
		this.connectors = connectors;
		this.properties = properties;
		this.exchange = exchange;
		this.audit = audit;
	}

	@GetMapping("/changes")
	@Transactional(readOnly = true)
	String index(@RequestParam(defaultValue = "") String state, @RequestParam(defaultValue = "") String words,
			@RequestParam(defaultValue = "") String before, SignedIn person, Model model) {
		Filter filter = Filter.of(state, words);
		List<Found> found = find(filter, Place.of(before), PAGE + 1);
		List<Found> shown = found.subList(0, Math.min(PAGE, found.size()));
		Map<UUID, ChangeView> open = this.changes
			.findAllByIdIn(shown.stream().filter((one) -> one.state() == State.PLANNED).map(Found::id).toList())
			.stream()
			.map(ChangeView::of)
			.collect(Collectors.toMap(ChangeView::id, (change) -> change));
		boolean admin = person.is(Role.ADMIN);
		List<Row> rows = shown.stream().map((one) -> row(one, open.get(one.id()), person)).toList();
		model.addAttribute("rows", rows);
		model.addAttribute("filter", filter);
		Map<String, String> states = new LinkedHashMap<>();
		Arrays.stream(State.values()).forEach((one) -> states.put(one.name(), one.words()));
		model.addAttribute("states", states);
		model.addAttribute("admin", admin);
		model.addAttribute("approvable", rows.stream().anyMatch((row) -> row.ticket() != null));
		model.addAttribute("portion", this.properties.firstPortion());
		model.addAttribute("csv", filter.address("/changes/list.csv", null));
		model.addAttribute("newer", before.isEmpty() ? null : filter.address("/changes", null));
		model.addAttribute("older",
				(found.size() > PAGE) ? filter.address("/changes", shown.getLast().place().token()) : null);
		return "connectors/changes";
	}

	private Row row(Found one, @Nullable ChangeView open, SignedIn person) {
		boolean alone = open != null && this.connectors.standsAlone(open);
		boolean mine = person.id().equals(one.shapedBy());
		return new Row(one, (open != null) ? open.plan().summary() : null,
				(open == null) ? null
						: !alone ? "approved in the partner's review" : mine ? "yours: somebody else approves" : null,
				(open != null && alone && !mine && person.is(Role.ADMIN)) ? one.id() + ":" + open.hash() : null);
	}

	@GetMapping("/changes/list.csv")
	void csv(@RequestParam(defaultValue = "") String state, @RequestParam(defaultValue = "") String words,
			HttpServletResponse response) throws IOException {
		Filter filter = Filter.of(state, words);
		this.audit.appendAlone(Act.of("connector.changes-exported").detail("state", filter.slug()));
		try (Csv csv = Csv.attached(response, "changes", "partner", "kind", "state", "proposed at", "approved at",
				"finished at", "why", "id")) {
			List<Found> portion = find(filter, null, 500);
			while (!portion.isEmpty()) {
				portion.forEach((one) -> csv.line(one.partnerName(), one.kind().words(), one.state().words(),
						one.proposedAt(), one.approvedAt(), one.finishedAt(), one.why(), one.id()));
				portion = (portion.size() < 500) ? List.of() : find(filter, portion.getLast().place(), 500);
			}
		}
	}

	/** Counts the person's approval of each change ticked, as it was shown. */
	@PostMapping("/changes/approvals")
	String approve(@RequestParam(name = "change", required = false) @Nullable List<String> ticked, SignedIn person,
			RedirectAttributes flash) {
		int approved = 0;
		int counted = 0;
		List<String> refused = new ArrayList<>();
		for (String one : (ticked != null) ? ticked : List.<String>of()) {
			String[] parts = one.split(":", 2);
			ChangeView change = this.connectors.find(UUID.fromString(parts[0])).orElse(null);
			if (change == null || parts.length < 2 || !this.connectors.standsAlone(change)) {
				refused.add("One of the changes is not approved here.");
				continue;
			}
			switch (this.connectors.approve(change.id(), person.id(), person.name(), parts[1], change.shapedBy(),
					this.properties.approvals())) {
				case ApprovalResult.Approved _ -> approved++;
				case ApprovalResult.StillNeeds _ -> counted++;
				case ApprovalResult.Refused why -> refused.add(change.partnerName() + ": " + why.sentence());
			}
		}
		flash.addFlashAttribute("flash", words(approved, counted, refused));
		flash.addFlashAttribute("flashTone", (approved + counted == 0) ? "bad" : refused.isEmpty() ? "good" : "wait");
		return "redirect:/changes?state=PLANNED";
	}

	private String words(int approved, int counted, List<String> refused) {
		if (approved + counted == 0 && refused.isEmpty()) {
			return "Tick the changes to approve first.";
		}
		StringBuilder words = new StringBuilder(approved + " approved.");
		if (approved > this.properties.firstPortion()) {
			words.append(" They are pushed in portions: ")
				.append(this.properties.firstPortion())
				.append(" first, then ")
				.append(this.properties.portion())
				.append(" at a time, each once the one before is validated.");
		}
		if (counted > 0) {
			words.append(' ').append(counted).append(" still need somebody else's approval as well.");
		}
		refused.stream().limit(5).forEach((why) -> words.append(' ').append(why));
		return words.toString();
	}

	// Without the plans, which are long.
	private List<Found> find(Filter filter, @Nullable Place place, int most) {
		return this.jdbc
			.sql("""
					select id, partner_id, partner_name, kind, state, proposed_at, approved_at, finished_at, why, shaped_by
					from connector_change where tenant_id = :tenant %s %s
						and strpos(lower(partner_name), :words) > 0
					order by proposed_at desc, id desc limit :most"""
				.formatted((filter.state() != null) ? "and state = :state" : "",
						(place != null) ? "and (proposed_at, id) < (:at, :id)" : ""))
			.param("tenant", this.exchange.tenantId())
			.param("state", filter.slug())
			.param("words", filter.words().toLowerCase(Locale.ROOT))
			.param("at", (place != null) ? place.at().atOffset(ZoneOffset.UTC) : null)
			.param("id", (place != null) ? place.id() : null)
			.param("most", most)
			.query(ChangesController::found)
			.list();
	}

	private static Found found(ResultSet row, int number) throws SQLException {
		return new Found(row.getObject(1, UUID.class), row.getObject(2, UUID.class), row.getString(3),
				ChangeKind.valueOf(row.getString(4)), State.valueOf(row.getString(5)),
				row.getObject(6, OffsetDateTime.class).toInstant(), instant(row, 7), instant(row, 8), row.getString(9),
				row.getObject(10, UUID.class));
	}

	private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
		OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
		return (time != null) ? time.toInstant() : null;
	}

	/**
	 * Which changes a list shows.
	 *
	 * @param state null: any
	 * @param words a part of the partner's name
	 */
	record Filter(@Nullable State state, String words) {

		static Filter of(String state, String words) {
			return new Filter(
					Arrays.stream(State.values()).filter((one) -> one.name().equals(state)).findFirst().orElse(null),
					words.strip().substring(0, Math.min(words.strip().length(), 120)).replaceAll("\\p{C}", ""));
		}

		public boolean isEmpty() {
			return this.state == null && this.words.isEmpty();
		}

		public String slug() {
			return (this.state != null) ? this.state.name() : "";
		}

		String address(String path, @Nullable String before) {
			Map<String, String> values = new LinkedHashMap<>();
			values.put("state", slug());
			values.put("words", this.words);
			values.put("before", (before != null) ? before : "");
			values.values().removeIf(String::isEmpty);
			UriComponentsBuilder address = UriComponentsBuilder.fromPath(path);
			values.keySet().forEach((name) -> address.queryParam(name, "{" + name + "}"));
			return address.encode().buildAndExpand(values).toUriString();
		}

	}

	/** Where a page begins. */
	private record Place(Instant at, UUID id) {

		static @Nullable Place of(String token) {
			try {
				String[] parts = token.split("_", 2);
				return (parts.length == 2) ? new Place(Instant.parse(parts[0]), UUID.fromString(parts[1])) : null;
			}
			catch (java.time.DateTimeException | IllegalArgumentException ex) {
				return null;
			}
		}

		String token() {
			return this.at + "_" + this.id;
		}

	}

	/** What the table says of a change, but for its plan. */
	record Found(UUID id, UUID partnerId, String partnerName, ChangeKind kind, State state, Instant proposedAt,
			@Nullable Instant approvedAt, @Nullable Instant finishedAt, @Nullable String why, @Nullable UUID shapedBy) {

		private Place place() {
			return new Place(this.proposedAt, this.id);
		}

	}

	/**
	 * A line of the list.
	 *
	 * @param summary of the plan, while it waits
	 * @param note why the person cannot approve it here; null: they can, or nobody can
	 * @param ticket what is sent to approve it; null: it cannot be
	 */
	record Row(Found change, @Nullable String summary, @Nullable String note, @Nullable String ticket) {

		public String words() {
			return this.change.state().words();
		}

		public String tone() {
			return ChangeView.tone(this.change.state());
		}

		/** What is wrong, while it is. */
		public @Nullable String trouble() {
			return (this.change.state() == State.NEEDS_ATTENTION) ? this.change.why() : null;
		}

	}

}
