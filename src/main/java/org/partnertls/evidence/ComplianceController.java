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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.Direction;

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
		PartnerRecord.Listed chosen = null;
		for (PartnerRecord.Listed one : PartnerRecord.Listed.values()) {
			chosen = one.key().equals(list) ? one : chosen;
		}
		PartnerRecord.Listed shown = chosen;
		model.addAttribute("counts", counts);
		model.addAttribute("all", records.size());
		model.addAttribute("chosen", shown);
		model.addAttribute("rows",
				records.stream()
					.filter((record) -> shown == null || record.listed(at).contains(shown))
					.limit(500)
					.map((record) -> Row.of(record, at))
					.toList());
		return "compliance/index";
	}

	@GetMapping("/compliance/exceptions")
	String exceptions(@RequestParam(required = false) @Nullable String date, SignedIn me, Model model) {
		Instant at = at(date, model);
		model.addAttribute("exceptions", this.evidence.exceptions(at));
		model.addAttribute("living", this.register.living());
		model.addAttribute("person", me);
		return "compliance/exceptions";
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
		model.addAttribute("rows",
				(coverage == null) ? List.of()
						: coverage.domains()
							.stream()
							.filter((domain) -> list.isEmpty() || domain.standing().key().equals(list))
							.limit(200)
							.toList());
		model.addAttribute("problem", model.containsAttribute("problem") ? model.getAttribute("problem")
				: (coverage != null) ? coverage.problem() : null);
		return "compliance/coverage";
	}

	@GetMapping("/compliance/roles")
	String roles(@RequestParam(required = false) @Nullable String date, Model model) {
		Instant at = at(date, model);
		this.audit.appendAlone(Act.of("evidence.opened").detail("what", "roles").detail("at", at));
		model.addAttribute("held", this.access.held(at));
		return "compliance/roles";
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
		model.addAttribute("ways", lanes);
		return "compliance/timeline";
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
