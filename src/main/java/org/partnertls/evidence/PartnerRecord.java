package org.partnertls.evidence;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.History;
import org.partnertls.connector.Direction;

/**
 * A partner as the history tells it, event by event: what was so at any time, without a
 * look at what is so now.
 */
final class PartnerRecord {

	/** The acts that say something about where a partner stands. */
	static final List<String> CODES = List.of("partner.invited", "partner.opened", "partner.activated",
			"partner.proven", "partner.suspended", "partner.resumed", "partner.ended", "partner.withdrawn",
			"partner.expired", "partner.owner-changed", "partner.postponed", "domain.added", "domain.removed",
			"domain.proven", "domain.proof-waived", "attestation.submitted", "attestation.approved",
			"attestation.rejected", "proof.inbound", "connector.change-approved", "connector.change-approval-counted",
			"connector.change-done", "connector.change-retried", "connector.change-stale",
			"connector.outbound-validated", "connector.outbound-revalidated", "connector.outbound-validated.failed",
			"connector.outbound-written.failed", "connector.inbound-written.failed",
			"connector.outbound-read-back.failed", "connector.inbound-read-back.failed",
			"connector.outbound-enabled.failed", "connector.inbound-rejecting.failed", "connector.compared.failed",
			"connector.relief-asked", "connector.relieved", "connector.relief-ended", "connector.drift-alarm",
			"connector.drift-found", "connector.drift-ended", "enforcement.began", "enforcement.changed",
			"enforcement.ended", "connector.path-checked", "connector.path-checked.failed", "connector.path-changed",
			"connector.path-changed.failed", "connector.watch-lost", "connector.watched-again", "tlscheck.recovered",
			"tlscheck.failing", "tlscheck.gap", "tlscheck.watch-ended");

	/** Those of them that are about all partners. */
	private static final Set<String> OF_ALL = Set.of("connector.watch-lost", "connector.watched-again");

	private static final String UNWATCHED = "nobody looked at the tenant";

	private static final String CHANGED = "changed in the tenant by somebody else";

	private final UUID id;

	private String name = "";

	private String reference = "";

	private String state = "";

	private final Map<String, @Nullable Proof> domains = new TreeMap<>();

	private final EnumMap<Direction, Enforced> ways = new EnumMap<>(Direction.class);

	private final Map<String, Enforced> checks = new TreeMap<>();

	/** Those directions whose mail was seen to take our connector. */
	private final Set<Direction> taken = java.util.EnumSet.noneOf(Direction.class);

	private @Nullable Instant provenAt;

	private @Nullable Instant nextDue;

	private @Nullable String failing;

	private final Map<Direction, String> drifting = new EnumMap<>(Direction.class);

	private History.@Nullable Row owner;

	private History.@Nullable Row submitted;

	private final List<History.Row> approvals = new ArrayList<>();

	private History.@Nullable Row validated;

	private History.@Nullable Row received;

	private final Map<String, History.Row> reliefsAsked = new LinkedHashMap<>();

	private final Map<String, History.Row> reliefs = new LinkedHashMap<>();

	private final List<History.Row> postponed = new ArrayList<>();

	PartnerRecord(UUID id) {
		this.id = id;
		this.ways.put(Direction.OUTBOUND, new Enforced());
		this.ways.put(Direction.INBOUND, new Enforced());
	}

	/** Reads all partners' records up to a time. */
	static List<PartnerRecord> all(History history, Instant until) {
		Map<UUID, PartnerRecord> records = new LinkedHashMap<>();
		history.each(CODES, null, until, (event) -> {
			if (OF_ALL.contains(event.code())) {
				records.values().forEach((record) -> record.accept(event));
				return;
			}
			String partner = event.text("partner", "id");
			if (!partner.isEmpty()) {
				records.computeIfAbsent(UUID.fromString(partner), PartnerRecord::new).accept(event);
			}
		});
		return records.values()
			.stream()
			.filter((record) -> !record.state.isEmpty())
			.sorted(java.util.Comparator.comparing(PartnerRecord::name, String.CASE_INSENSITIVE_ORDER))
			.toList();
	}

	/** Reads one partner's record up to a time; null: there was no such partner yet. */
	static @Nullable PartnerRecord of(History history, UUID partner, Instant until) {
		PartnerRecord record = new PartnerRecord(partner);
		// What is about all partners belongs between the events of this one.
		List<History.Row> general = new ArrayList<>();
		history.each(OF_ALL, null, until, general::add);
		history.each(CODES, partner, until, (event) -> {
			while (!general.isEmpty() && general.getFirst().at().isBefore(event.at())) {
				record.accept(general.removeFirst());
			}
			record.accept(event);
		});
		general.forEach(record::accept);
		return record.state.isEmpty() ? null : record;
	}

	void accept(History.Row event) {
		String code = event.code();
		if (!event.text("partner", "name").isEmpty()) {
			this.name = event.text("partner", "name");
		}
		if (code.startsWith("partner.")) {
			partner(code, event);
		}
		else if (code.startsWith("domain.")) {
			domain(code, event);
		}
		else if (code.startsWith("tlscheck.")) {
			check(code, event);
		}
		else if (code.startsWith("enforcement.") || code.startsWith("connector.drift")
				|| code.startsWith("connector.path") || OF_ALL.contains(code)) {
			enforcement(code, event);
		}
		else {
			act(code, event);
		}
	}

	private void partner(String code, History.Row event) {
		for (History.Changed change : event.changed()) {
			if (change.field().equals("state")) {
				this.state = change.after();
			}
			if (change.field().equals("next due") && !change.after().equals("nothing")) {
				this.nextDue = Instant.parse(change.after());
			}
		}
		String proof = event.facts().get("proof-at");
		if (proof != null) {
			this.provenAt = Instant.parse(proof);
		}
		switch (code) {
			case "partner.invited" -> {
				this.reference = event.text("details", "reference");
				this.domains.put(event.text("domain", null), null);
				this.owner = event;
			}
			case "partner.owner-changed" -> this.owner = event;
			case "partner.postponed" -> this.postponed.add(event);
			default -> {
			}
		}
	}

	private void domain(String code, History.Row event) {
		String domain = event.text("domain", null);
		switch (code) {
			case "domain.added" -> this.domains.put(domain, null);
			case "domain.removed" -> this.domains.remove(domain);
			default -> this.domains.put(domain, new Proof(event, code.equals("domain.proof-waived")));
		}
	}

	private void check(String code, History.Row event) {
		String domain = event.text("domain", null);
		Enforced checks = this.checks.computeIfAbsent(domain,
				(key) -> new Enforced(Enforced.Kind.UNKNOWN, "not checked yet"));
		switch (code) {
			case "tlscheck.recovered" -> checks.on(event.at(), "", Set.of(domain), "passed the check");
			case "tlscheck.failing" -> checks.off(event.at(), "failed the check");
			case "tlscheck.gap" -> checks.watchedAgain(time(event.facts().get("since"), event.at()),
					time(event.facts().get("until"), event.at()),
					"inconclusive".equals(event.facts().get("reason")) ? "checks could not tell" : "not checked");
			default -> checks.unknown(time(event.facts().get("checked"), event.at()), "not watched any more");
		}
	}

	private void enforcement(String code, History.Row event) {
		Map<String, String> facts = event.facts();
		if (OF_ALL.contains(code)) {
			Instant from = time(facts.get("from"), event.at());
			this.ways.values().forEach((way) -> {
				if (code.equals("connector.watched-again")) {
					way.watchedAgain(from, event.at(), UNWATCHED);
				}
				else {
					way.unknown(from, UNWATCHED);
				}
			});
			return;
		}
		Direction direction = Direction.valueOf(facts.getOrDefault("direction", "OUTBOUND"));
		Enforced way = way(direction);
		if (code.startsWith("connector.path")) {
			if (code.endsWith(".failed")) {
				this.taken.remove(direction);
			}
			else {
				this.taken.add(direction);
			}
			return;
		}
		if (code.equals("enforcement.began")) {
			// What was seen before it began says nothing.
			this.taken.remove(direction);
		}
		switch (code) {
			case "enforcement.began",
					"enforcement.changed" ->
				way.on(event.at(), facts.getOrDefault("level", ""),
						new TreeSet<>(Arrays.asList(facts.getOrDefault("domains", "").split(" "))),
						facts.getOrDefault("cause", ""));
			case "enforcement.ended" -> way.off(event.at(), cause(facts));
			case "connector.drift-alarm" -> {
				this.drifting.put(direction, event.title());
				way.off(time(facts.get("since"), event.at()), CHANGED);
			}
			case "connector.drift-found" -> this.drifting.put(direction, event.title());
			default -> {
				this.drifting.remove(direction);
				if ("RETURNED".equals(facts.get("how"))) {
					Enforced.Interval now = way.at(event.at());
					if (now != null && now.kind() == Enforced.Kind.OFF && now.cause().equals(CHANGED)) {
						way.again(event.at(), "put back in the tenant");
					}
				}
			}
		}
	}

	/** What an event says, unless it says nothing or something from the future. */
	private static Instant time(@Nullable String text, Instant otherwise) {
		if (text == null) {
			return otherwise;
		}
		try {
			Instant time = Instant.parse(text);
			return time.isBefore(otherwise) ? time : otherwise;
		}
		catch (DateTimeException ex) {
			return otherwise;
		}
	}

	private static String cause(Map<String, String> facts) {
		return switch (facts.getOrDefault("kind", "")) {
			case "SUSPEND" -> "suspended";
			case "END" -> "ended";
			default -> facts.getOrDefault("cause", "");
		};
	}

	private void act(String code, History.Row event) {
		switch (code) {
			case "attestation.submitted" -> {
				this.submitted = event;
				this.approvals.clear();
			}
			case "attestation.approved", "connector.change-approved", "connector.change-approval-counted" -> {
				this.approvals.add(event);
				this.failing = null;
			}
			case "connector.outbound-validated", "connector.outbound-revalidated" -> this.validated = event;
			case "proof.inbound" -> {
				if (!event.text("details", "source").equals("PARTNER")) {
					this.received = event;
				}
			}
			case "connector.relief-asked" -> this.reliefsAsked.put(event.text("subject", "id"), event);
			case "connector.relieved" -> this.reliefs.put(event.text("subject", "id"), event);
			case "connector.relief-ended" -> this.reliefs.remove(event.text("subject", "id"));
			case "connector.change-done", "connector.change-retried" -> this.failing = null;
			default -> {
				if ((code.endsWith(".failed") && !event.facts().containsKey("again")) || code.endsWith("-stale")) {
					this.failing = event.title();
				}
			}
		}
	}

	/** In which lists of the dashboard the partner stood at a time. */
	Set<Listed> listed(Instant at) {
		Set<Listed> listed = java.util.EnumSet.noneOf(Listed.class);
		boolean living = Set.of("INVITED", "ONBOARDING", "ACTIVE", "SUSPENDED").contains(this.state);
		boolean stopped = this.ways.values().stream().anyMatch((way) -> way.wasOn(at) && !way.isOn(at));
		boolean on = this.ways.values().stream().allMatch((way) -> way.isOn(at));
		if (on) {
			listed.add(this.taken.containsAll(this.ways.keySet()) ? Listed.ENFORCED : Listed.UNSEEN);
		}
		else if (stopped) {
			listed.add(Listed.STOPPED);
		}
		if (this.provenAt != null && living && this.provenAt.isAfter(at.minus(Duration.ofDays(366)))) {
			listed.add(Listed.PROVEN);
		}
		if (living && this.nextDue != null) {
			if (this.nextDue.isBefore(at)) {
				listed.add(Listed.OVERDUE);
			}
			else if (this.nextDue.isBefore(at.plus(Duration.ofDays(60)))) {
				listed.add(Listed.DUE);
			}
		}
		if (living && (this.failing != null || !this.drifting.isEmpty())) {
			listed.add(Listed.FAILING);
		}
		return listed;
	}

	UUID id() {
		return this.id;
	}

	public String name() {
		return this.name;
	}

	String reference() {
		return this.reference;
	}

	/** INVITED, ONBOARDING and so on. */
	String state() {
		return this.state;
	}

	Map<String, @Nullable Proof> domains() {
		return this.domains;
	}

	Enforced way(Direction direction) {
		return java.util.Objects.requireNonNull(this.ways.get(direction));
	}

	/** When the mail servers of each domain passed our checks. */
	Map<String, Enforced> checks() {
		return this.checks;
	}

	@Nullable Instant provenAt() {
		return this.provenAt;
	}

	@Nullable Instant nextDue() {
		return this.nextDue;
	}

	/** What fails, in words; null: nothing. */
	@Nullable String failing() {
		return !this.drifting.isEmpty() ? this.drifting.values().iterator().next() : this.failing;
	}

	History.@Nullable Row owner() {
		return this.owner;
	}

	/** The last time that the partner confirmed. */
	History.@Nullable Row submitted() {
		return this.submitted;
	}

	/** Who approved since then. */
	List<History.Row> approvals() {
		return this.approvals;
	}

	/** The last good validation of the outbound connector. */
	History.@Nullable Row validated() {
		return this.validated;
	}

	/** The last good test message that we read ourselves. */
	History.@Nullable Row received() {
		return this.received;
	}

	/** What asked for the reliefs that go on: with reason and end. */
	List<History.Row> reliefs() {
		return this.reliefs.entrySet()
			.stream()
			.map((relief) -> this.reliefsAsked.getOrDefault(relief.getKey(), relief.getValue()))
			.toList();
	}

	List<History.Row> postponed() {
		return this.postponed;
	}

	/**
	 * How we knew that a domain was the partner's.
	 *
	 * @param event says so
	 * @param waived whether somebody of ours took it on themselves
	 */
	record Proof(History.Row event, boolean waived) {
	}

	/** The lists of the dashboard. */
	enum Listed {

		/** Clear text passes neither way. */
		ENFORCED("enforced both ways", "good", "Clear text passes in neither direction."),
		/** Connectors stand, and nobody has seen that mail takes them. */
		UNSEEN("path not seen", "wait",
				"Connectors stand for both directions; that mail takes them was not seen yet, or it does not."),
		/** Both ways were proven in the year before. */
		PROVEN("proven within the year", "good", "Both directions were proven in the year before."),
		/** To be proven again within sixty days. */
		DUE("due within 60 days", "wait", "Both sides confirm and prove again within 60 days."),
		/** The day has passed. */
		OVERDUE("overdue", "bad", "The day to confirm and prove again has passed. What is enforced stays enforced."),
		/** A push failed or a connector was changed by somebody else. */
		FAILING("failing", "bad", "A push failed, or a connector was changed in the tenant."),
		/** It was enforced before. */
		STOPPED("stopped", "bad",
				"Enforced before, and not in both directions any more: relieved, changed, suspended or ended.");

		private final String words;

		private final String tone;

		private final String sentence;

		Listed(String words, String tone, String sentence) {
			this.words = words;
			this.tone = tone;
			this.sentence = sentence;
		}

		public String words() {
			return this.words;
		}

		public String tone() {
			return this.tone;
		}

		public String sentence() {
			return this.sentence;
		}

		/** As it stands in an address. */
		public String key() {
			return name().toLowerCase(java.util.Locale.ROOT);
		}

	}

}
