package org.partnertls.evidence;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.Direction;
import org.partnertls.organization.Csv;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/**
 * Pages for whoever has to show evidence: counts at any date, timelines, packs, the
 * register of exceptions, who held which role.
 */
@Controller
class ComplianceController {

	private static final String DATE_PROBLEM = "Dates are written like 2026-11-23, and lie in the past; this is today.";

	private final Evidence evidence;

	private final Register register;

	private final PackFile packs;

	private final Access access;

	private final AuditLog audit;

	private final ZoneId zone;

	private final Clock clock;

	ComplianceController(Evidence evidence, Register register, PackFile packs, Access access, AuditLog audit,
			ZoneId zone, Clock clock) {
		this.evidence = evidence;
		this.register = register;
		this.packs = packs;
		this.access = access;
		this.audit = audit;
		this.zone = zone;
		this.clock = clock;
	}

	@GetMapping("/compliance")
	String dashboard(@RequestParam(required = false) @Nullable String date,
			@RequestParam(required = false) @Nullable String list, Model model) {
		Instant at = at(date, model);
		List<PartnerRecord> records = this.evidence.records(at);
		Map<PartnerRecord.Listed, Integer> counts = new EnumMap<>(PartnerRecord.Listed.class);
		for (PartnerRecord.Listed one : PartnerRecord.Listed.values()) {
			counts.put(one, (int) records.stream().filter((record) -> record.listed(at).contains(one)).count());
		}
		PartnerRecord.Listed chosen = listed(list);
		model.addAttribute("counts", counts);
		model.addAttribute("all", records.size());
		model.addAttribute("chosen", chosen);
		model.addAttribute("rows", rows(records, chosen, at).limit(500).toList());
		return "compliance/index";
	}

	@GetMapping("/compliance/list.csv")
	void csv(@RequestParam(required = false) @Nullable String date,
			@RequestParam(required = false) @Nullable String list, Model model, HttpServletResponse response)
			throws IOException {
		Instant at = at(date, model);
		try (Csv csv = taken("partners", at, response, "compliance", "reference", "organisation", "domains", "state",
				"to them", "from them", "last proven", "next due", "failed", "id")) {
			rows(this.evidence.records(at), listed(list), at).forEach((row) -> csv.line(row.reference(), row.name(),
					row.domains(), row.state(), row.out() ? "enforced" : "not enforced",
					row.in() ? "enforced" : "not enforced", row.provenAt(), row.nextDue(), row.failing(), row.id()));
		}
	}

	private static PartnerRecord.@Nullable Listed listed(@Nullable String key) {
		return Arrays.stream(PartnerRecord.Listed.values())
			.filter((one) -> one.key().equals(key))
			.findFirst()
			.orElse(null);
	}

	private static Stream<Row> rows(List<PartnerRecord> records, PartnerRecord.@Nullable Listed chosen, Instant at) {
		return records.stream()
			.filter((record) -> chosen == null || record.listed(at).contains(chosen))
			.map((record) -> Row.of(record, at));
	}

	// A file with what was known at a time, and the event that somebody took it.
	private Csv taken(String what, Instant at, HttpServletResponse response, String name, String... head)
			throws IOException {
		this.audit.appendAlone(Act.of("evidence.exported").detail("what", what).detail("at", at));
		return Csv.attached(response, name, head);
	}

	@GetMapping("/compliance/exceptions")
	String exceptions(@RequestParam(required = false) @Nullable String date, SignedIn me, Model model) {
		Instant at = at(date, model);
		model.addAttribute("exceptions", this.evidence.exceptions(at));
		model.addAttribute("living", this.register.living());
		model.addAttribute("person", me);
		return "compliance/exceptions";
	}

	@GetMapping("/compliance/exceptions/list.csv")
	void exceptionsCsv(@RequestParam(required = false) @Nullable String date, Model model, HttpServletResponse response)
			throws IOException {
		Instant at = at(date, model);
		try (Csv csv = taken("exceptions", at, response, "exceptions", "partner", "what", "owner", "reason",
				"accepted by", "since", "last day", "past its end", "event")) {
			this.evidence.exceptions(at)
				.forEach((one) -> csv.line(one.partner(), one.what(), one.owner(), one.reason(), one.acceptedBy(),
						one.since(), one.lastDay(), one.over() ? "yes" : "no", one.event()));
		}
	}

	/** How much of our mail goes to enforced partners, and who is next. */
	@GetMapping("/compliance/coverage")
	String coverage(@RequestParam(required = false) @Nullable String date, @RequestParam(defaultValue = "") String span,
			@RequestParam(defaultValue = "") String list, Model model) {
		Instant at = at(date, model);
		Coverage.Span chosen = Coverage.Span.of(span);
		Coverage coverage = this.evidence.coverage(this.evidence.records(at), at, chosen);
		model.addAttribute("coverage", coverage);
		model.addAttribute("span", chosen);
		model.addAttribute("spans", Coverage.Span.values());
		model.addAttribute("list", list);
		model.addAttribute("standings", Coverage.Standing.values());
		model.addAttribute("rows", domains(coverage, list).limit(200).toList());
		model.addAttribute("problem", model.containsAttribute("problem") ? model.getAttribute("problem")
				: (coverage != null) ? coverage.problem() : null);
		return "compliance/coverage";
	}

	@GetMapping("/compliance/coverage/list.csv")
	void coverageCsv(@RequestParam(required = false) @Nullable String date,
			@RequestParam(defaultValue = "") String span, @RequestParam(defaultValue = "") String list, Model model,
			HttpServletResponse response) throws IOException {
		Instant at = at(date, model);
		Coverage coverage = this.evidence.coverage(this.evidence.records(at), at, Coverage.Span.of(span));
		try (Csv csv = taken("coverage", at, response, "coverage", "domain", "partner", "sent", "received", "standing",
				"from", "to", "whole days")) {
			if (coverage != null) {
				domains(coverage, list).forEach((one) -> csv.line(one.domain(), one.partner(), one.sent(),
						one.received(), one.standing().words(), coverage.from(), coverage.to(), coverage.days()));
			}
		}
	}

	private static Stream<Coverage.OfDomain> domains(@Nullable Coverage coverage, String list) {
		return (coverage == null) ? Stream.of()
				: coverage.domains()
					.stream()
					.filter((domain) -> list.isEmpty() || domain.standing().key().equals(list));
	}

	@GetMapping("/compliance/roles")
	String roles(@RequestParam(required = false) @Nullable String date, Model model) {
		Instant at = at(date, model);
		this.audit.appendAlone(Act.of("evidence.opened").detail("what", "roles").detail("at", at));
		model.addAttribute("held", this.access.held(at));
		return "compliance/roles";
	}

	@GetMapping("/compliance/roles/list.csv")
	void rolesCsv(@RequestParam(required = false) @Nullable String date, Model model, HttpServletResponse response)
			throws IOException {
		Instant at = at(date, model);
		try (Csv csv = taken("roles", at, response, "roles", "name", "role", "first seen", "last used", "gone", "id")) {
			this.access.held(at)
				.forEach((one) -> csv.line(one.name(), one.role(), one.from(), one.lastUsed(), one.lost(),
						one.person()));
		}
	}

	@GetMapping("/compliance/evidence")
	String pack(@RequestParam(required = false) @Nullable String date, Model model) {
		return pack(null, date, model);
	}

	@GetMapping("/partners/{id}/evidence")
	String pack(@PathVariable @Nullable UUID id, @RequestParam(required = false) @Nullable String date, Model model) {
		Pack pack = this.evidence.pack(id, at(date, model));
		require(id, pack);
		this.audit.appendAlone(about("evidence.opened", id, pack));
		model.addAttribute("pack", pack);
		model.addAttribute("id", id);
		return "compliance/pack";
	}

	@GetMapping("/compliance/evidence.zip")
	void file(@RequestParam(required = false) @Nullable String date, Model model, HttpServletResponse response)
			throws IOException {
		file(null, date, model, response);
	}

	/** The pack with all that is needed to check it elsewhere. */
	@GetMapping("/partners/{id}/evidence.zip")
	void file(@PathVariable @Nullable UUID id, @RequestParam(required = false) @Nullable String date, Model model,
			HttpServletResponse response) throws IOException {
		Pack pack = this.evidence.pack(id, at(date, model));
		require(id, pack);
		this.audit.appendAlone(about("evidence.exported", id, pack));
		String name = "evidence-" + ((id != null) ? pack.partners().getFirst().reference() + "-" : "")
				+ LocalDate.ofInstant(pack.at().minusMillis(1), this.zone);
		response.setContentType("application/zip");
		response.setCharacterEncoding(StandardCharsets.UTF_8);
		response.setHeader("Content-Disposition",
				"attachment; filename=\"" + name.replaceAll("[^A-Za-z0-9-]", "") + ".zip\"");
		try (OutputStream out = response.getOutputStream()) {
			this.packs.write(pack, id, out);
		}
	}

	@GetMapping("/partners/{id}/timeline")
	String timeline(@PathVariable UUID id, @RequestParam(required = false) @Nullable String from,
			@RequestParam(required = false) @Nullable String to,
			@RequestParam(required = false) @Nullable String domain, Model model) {
		model.addAttribute("ways", lanes(id, from, to, domain, model));
		return "compliance/timeline";
	}

	@GetMapping("/partners/{id}/timeline.csv")
	void timelineCsv(@PathVariable UUID id, @RequestParam(required = false) @Nullable String from,
			@RequestParam(required = false) @Nullable String to,
			@RequestParam(required = false) @Nullable String domain, Model model, HttpServletResponse response)
			throws IOException {
		List<Lane> lanes = lanes(id, from, to, domain, model);
		this.audit.appendAlone(Act.of("evidence.exported").detail("what", "timeline").on("partner", id));
		try (Csv csv = Csv.attached(response, "timeline", "what", "state", "from", "to", "how long", "why", "level")) {
			lanes.forEach((lane) -> lane.spans()
				.forEach((span) -> csv.line(lane.words(), span.state(), span.from(), span.to(), span.length(),
						span.cause(), span.level())));
		}
	}

	private List<Lane> lanes(UUID id, @Nullable String from, @Nullable String to, @Nullable String domain,
			Model model) {
		Instant now = this.clock.instant();
		PartnerRecord record = this.evidence.record(id, now.plusMillis(1));
		if (record == null) {
			throw new ResponseStatusException(HttpStatus.NOT_FOUND);
		}
		LocalDate today = LocalDate.ofInstant(now, this.zone);
		LocalDate first = day(from, today.minusYears(1), model);
		LocalDate last = day(to, today, model);
		if (last.isBefore(first)) {
			model.addAttribute("problem", "The first day has to be before the last.");
			first = last.minusYears(1);
		}
		Instant begin = first.atStartOfDay(this.zone).toInstant();
		Instant end = last.plusDays(1).atStartOfDay(this.zone).toInstant();
		Instant reached = end.isAfter(now) ? now : end;
		String chosen = (domain == null || domain.isBlank()) ? null : domain.strip();
		model.addAttribute("record", record);
		model.addAttribute("id", id);
		model.addAttribute("reference", record.reference());
		model.addAttribute("domains", record.domains().keySet());
		model.addAttribute("domain", chosen);
		model.addAttribute("from", first);
		model.addAttribute("to", last);
		List<Lane> lanes = new ArrayList<>();
		for (Direction direction : Direction.values()) {
			lanes.add(Lane.of(((direction == Direction.OUTBOUND) ? "Mail to " : "Mail from ") + record.name(), "On",
					"Off", record.way(direction).between(begin, reached, chosen), begin, reached));
		}
		record.checks().forEach((name, checks) -> {
			if (chosen == null || chosen.equals(name)) {
				lanes.add(Lane.of("Checks of the mail servers of " + name, "Passed", "Failed",
						checks.between(begin, reached, null), begin, reached));
			}
		});
		return lanes;
	}

	private static void require(@Nullable UUID id, Pack pack) {
		if (id != null && pack.partners().isEmpty()) {
			throw new ResponseStatusException(HttpStatus.NOT_FOUND);
		}
	}

	private static Act about(String code, @Nullable UUID id, Pack pack) {
		Act act = Act.of(code).detail("what", "evidence pack").detail("at", pack.at());
		return (id != null) ? act.partner(id, pack.partners().getFirst().name()) : act;
	}

	/**
	 * The end of a day in the organisation's zone; now for today, and for what cannot be
	 * read.
	 */
	private Instant at(@Nullable String date, Model model) {
		Instant now = this.clock.instant();
		LocalDate today = LocalDate.ofInstant(now, this.zone);
		LocalDate day = day(date, today, model);
		model.addAttribute("date", day);
		model.addAttribute("past", day.isBefore(today));
		return day.isBefore(today) ? day.plusDays(1).atStartOfDay(this.zone).toInstant() : now.plusMillis(1);
	}

	private LocalDate day(@Nullable String text, LocalDate otherwise, Model model) {
		if (text == null || text.isBlank()) {
			return otherwise;
		}
		try {
			LocalDate day = LocalDate.parse(text.strip());
			if (!day.isAfter(LocalDate.ofInstant(this.clock.instant(), this.zone)) && day.getYear() > 1970) {
				return day;
			}
		}
		catch (DateTimeException ex) {
			// Said below.
		}
		model.addAttribute("problem", DATE_PROBLEM);
		return otherwise;
	}

	/**
	 * A partner in a list.
	 */
	record Row(UUID id, String name, String reference, String domains, String state, boolean out, boolean in,
			@Nullable Instant provenAt, @Nullable Instant nextDue, Set<PartnerRecord.Listed> listed,
			@Nullable String failing) {

		static Row of(PartnerRecord record, Instant at) {
			return new Row(record.id(), record.name(), record.reference(), String.join(", ", record.domains().keySet()),
					Evidence.state(record.state()), record.way(Direction.OUTBOUND).isOn(at.minusMillis(1)),
					record.way(Direction.INBOUND).isOn(at.minusMillis(1)), record.provenAt(), record.nextDue(),
					record.listed(at), record.failing());
		}

	}

	/**
	 * One line of the page of timelines.
	 *
	 * @param words of what
	 * @param spans newest first
	 * @param answer whether it was on without a gap
	 * @param sentence the same in words
	 * @param parts shares of the whole width, oldest first
	 */
	record Lane(String words, List<Span> spans, Enforced.Answer answer, String sentence, List<Part> parts) {

		static Lane of(String words, String on, String off, List<Enforced.Interval> intervals, Instant begin,
				Instant end) {
			double all = Math.max(1, end.toEpochMilli() - begin.toEpochMilli());
			Enforced.Answer answer = Enforced.answer(intervals);
			return new Lane(words, intervals.reversed().stream().map((one) -> Span.of(one, on, off)).toList(), answer,
					switch (answer) {
						case YES -> "Yes, without a gap";
						case NO -> "No, " + told(intervals, Enforced.Kind.OFF, "gap");
						case UNKNOWN -> "Unknown, " + told(intervals, Enforced.Kind.UNKNOWN, "time nobody could tell");
					},
					intervals.stream()
						.map((one) -> new Part(one.kind().tone(),
								100 * (one.from().toEpochMilli() - begin.toEpochMilli()) / all,
								100 * one.lasting(end).toMillis() / all))
						.toList());
		}

		private static String told(List<Enforced.Interval> intervals, Enforced.Kind kind, String noun) {
			List<Enforced.Interval> those = intervals.stream().filter((one) -> one.kind() == kind).toList();
			Duration all = those.stream().map((one) -> one.lasting(one.from())).reduce(Duration.ZERO, Duration::plus);
			return ((those.size() == 1) ? "1 " + noun
					: those.size() + " " + (noun.startsWith("time") ? "times" + noun.substring(4) : noun + "s")) + ", "
					+ Enforced.Interval.words(all) + " in all";
		}

		public String tone() {
			return switch (this.answer) {
				case YES -> "good";
				case NO -> "bad";
				case UNKNOWN -> "wait";
			};
		}

	}

	/** A span of time in one state, as it is shown. */
	record Span(Instant from, @Nullable Instant to, String state, String tone, String length, String cause,
			String level) {

		private static Span of(Enforced.Interval one, String on, String off) {
			return new Span(one.from(), one.to(), switch (one.kind()) {
				case ON -> on;
				case OFF -> off;
				case UNKNOWN -> "Unknown";
			}, one.kind().tone(), one.length(), one.cause(), one.level());
		}

	}

	/** A share of a lane's width, in percent. */
	record Part(String tone, double start, double width) {
	}

}
