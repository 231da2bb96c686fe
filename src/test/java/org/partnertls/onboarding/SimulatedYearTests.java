package org.partnertls.onboarding;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;
import org.partnertls.partner.Partner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A year of two hundred partners, day by day, with whatever happens to partners: by
 * chance, but the same at each run. A small model beside the portal says what must have
 * come of it: states, due dates, every message, every event. The portal, its database and
 * its clock are this test's alone, since no other lives a year later.
 */
@PortalTest
@TestPropertySource(properties = "spring.application.name=a year later")
class SimulatedYearTests {

	private static final int PARTNERS = 200;

	private static final int DAYS = 365;

	private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

	/** What the model speaks of; other codes are other tests' matter. */
	private static final Set<String> CODES = Set.of("attestation.recertification-opened", "attestation.change-opened",
			"attestation.widened", "attestation.difference-noted", "attestation.submitted", "attestation.approved",
			"attestation.held", "attestation.withdrawn", "attestation.our-side-proven",
			"attestation.our-side-proven.failed", "recertification.reminded", "recertification.overdue",
			"partner.proven", "partner.postponed", "partner.suspended", "partner.resumed", "partner.ended",
			"domain.added", "domain.removed");

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Recertifications recertifications;

	@Autowired
	private Passes passes;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TestClock clock;

	private final Random random = new Random(20261128);

	private People.Person inviter;

	private People.Person reviewer;

	@Test
	void afterAYearEveryPartnerIsWhereASmallModelSaysWithEveryMessageAndEvent() {
		this.inviter = People.of(this.context).admin();
		this.reviewer = People.of(this.context).admin();
		List<Life> lives = new ArrayList<>();
		for (int i = 0; i < PARTNERS; i++) {
			Relation relation = Objects.requireNonNull(
					this.transaction.execute((status) -> Relation.active(this.context, this.inviter, this.reviewer)));
			// As if they had come one after the other in the year before.
			relation.moveDue(this.clock.instant().plus(Duration.ofHours(this.random.nextInt(24, 24 * 420))));
			lives.add(new Life(relation, this.clock.instant()));
		}
		Map<UUID, Life> byId = lives.stream().collect(Collectors.toMap((life) -> life.relation.id, (life) -> life));
		TreeMap<String, Integer> played = new TreeMap<>();
		for (int day = 0; day < DAYS; day++) {
			this.clock.pass(Duration.ofDays(1));
			Instant now = this.clock.instant();
			lives.forEach((life) -> life.aDayHasCome(now));
			lookAfter(byId);
			for (Life life : lives) {
				// Where something lies open, more happens.
				if (this.random.nextInt(1000) < (life.pass.isEmpty() ? 4 : 25)) {
					play(life, played);
				}
			}
		}
		System.out.println("Played in a year of " + PARTNERS + " partners: " + played);
		assertThat(played.keySet()).as("every kind of move").hasSize(MOVES.size());

		List<String> wrong = new ArrayList<>();
		lives.forEach((life) -> life.compare(wrong));
		assertThat(wrong).isEmpty();
	}

	/** What db-scheduler would do: whatever is due of these partners, once. */
	private void lookAfter(Map<UUID, Life> lives) {
		List<UUID> due = this.jdbc.sql("""
				select task_instance from scheduled_tasks
				where task_name = 'recertification' and execution_time <= ?""")
			.param(this.clock.instant().atOffset(ZoneOffset.UTC))
			.query((row, number) -> UUID.fromString(row.getString(1)))
			.list();
		due.stream()
			.filter(lives::containsKey)
			.forEach((id) -> Objects.requireNonNull(lives.get(id)).relation.runIfDue());
	}

	private void play(Life life, Map<String, Integer> played) {
		List<Move> possible = MOVES.stream().filter((move) -> move.isPossible(life)).toList();
		if (possible.isEmpty()) {
			return;
		}
		int weight = this.random.nextInt(possible.stream().mapToInt(Move::weight).sum());
		for (Move move : possible) {
			weight -= move.weight();
			if (weight < 0) {
				move.play(life, this);
				played.merge(move.name(), 1, Integer::sum);
				return;
			}
		}
	}

	// The moves. One more kind of event is one more line: whether it is possible by the
	// model, how often, and what it does to the portal and to the model.

	private static final List<Move> MOVES = List
		.of(new Move("nothing changed", 40, (life) -> life.isOnePageOpen(), (life, year) -> {
			life.relation.confirmNothingChanged();
			life.event("attestation.submitted");
			life.relation.validated(true);
			life.event("attestation.our-side-proven");
			life.provenOn = life.today;
			if (!life.waiting.isEmpty()) {
				// A domain that is not in our connectors is a difference.
				life.event("attestation.held");
				life.letter("owner-recertification-held");
				life.pass = "SUBMITTED";
				return;
			}
			life.event("attestation.approved");
			life.proven();
		}), new Move("our side fails", 8, (life) -> life.isOnePageOpen(), (life, year) -> {
			life.relation.confirmNothingChanged();
			life.relation.validated(false);
			life.event("attestation.submitted");
			life.event("attestation.our-side-proven.failed");
			life.event("attestation.held");
			life.letter("owner-recertification-held");
			life.provenOn = life.today;
			life.pass = "SUBMITTED";
		}), new Move("review", 60, (life) -> life.isActive() && life.pass.equals("SUBMITTED"), (life, year) -> {
			assertThat(life.relation.approve().done()).isTrue();
			life.event("attestation.approved");
			life.letter("partner-pass-approved");
			boolean recertification = life.kind.equals("RECERTIFICATION");
			life.relation.pushed();
			life.leaving.forEach((domain) -> {
				life.event("domain.removed");
				life.domains.remove(domain);
			});
			if (!life.leaving.isEmpty()) {
				life.letter("partner-domain-retired");
			}
			life.leaving.clear();
			life.waiting.clear();
			if (recertification) {
				life.proven();
			}
			else {
				life.letter("partner-change-done");
				life.letter("owner-change-done");
			}
			life.close();
		}), new Move("partner opens a change", 8, (life) -> life.isActive() && life.pass.isEmpty(), (life, year) -> {
			life.relation.openChange(Passes.WhatChanges.SENDING);
			life.event("attestation.change-opened");
			life.letter("owner-change-opened");
			life.open("CHANGE", "sending");
		}), new Move("staff ask for a change", 5, (life) -> life.isActive() && life.pass.isEmpty(), (life, year) -> {
			Relation.mustBeNull(year.passes.openChange(life.relation.id, year.inviter.who(),
					Set.of(Passes.WhatChanges.PROVIDER), "As told"));
			life.event("attestation.change-opened");
			life.letter("partner-change-asked");
			life.open("CHANGE", "receiving", "sending", "setup");
		}), new Move("new domains, one not proven", 8, (life) -> life.isActive() && life.pass.isEmpty(),
				(life, year) -> {
					life.relation.openChange(Passes.WhatChanges.DOMAINS);
					life.event("attestation.change-opened");
					life.letter("owner-change-opened");
					life.open("CHANGE", "domains", "receiving");
					for (int i = 0; i < 2; i++) {
						String name = Fixtures.freshDomain();
						UUID id = life.relation.addDomain(name);
						life.event("domain.added");
						life.domains.add(name);
						if (i == 0) {
							life.relation.partners().waive(life.relation.id, id, "Known", year.inviter.who());
							life.waiting.add(name);
						}
						else {
							life.unproven.add(id);
							life.fresh.put(id, name);
						}
					}
				}), new Move("a domain left behind is proven", 60,
						(life) -> life.isActive() && life.pass.isEmpty() && !life.unproven.isEmpty(), (life, year) -> {
							life.relation.partners()
								.waive(life.relation.id, life.unproven.removeFirst(), "Known", year.inviter.who());
							life.waiting.add("proven late");
							life.event("attestation.change-opened");
							life.letter("partner-change-asked");
							life.open("CHANGE", "domains", "receiving");
						}),
				new Move("a domain is retired", 25,
						(life) -> life.isActive() && life.pass.isEmpty() && life.canRetire(), (life, year) -> {
							life.relation.openChange(Passes.WhatChanges.DOMAINS);
							life.event("attestation.change-opened");
							life.letter("owner-change-opened");
							life.open("CHANGE", "domains", "receiving");
							Partner.Domain leaving = life.relation.partner()
								.domains()
								.stream()
								.filter((domain) -> domain.proof() != Partner.Proof.UNPROVEN)
								.skip(1)
								.findFirst()
								.orElseThrow();
							Relation.mustBeNull(year.passes.retire(life.relation.person.who(),
									life.relation.pass().version(), leaving.id(), true));
							life.leaving.add(leaving.name().ascii());
						}),
				new Move("the partner finishes", 40,
						(life) -> life.isActive() && life.pass.equals("OPEN") && !life.scope.isEmpty(),
						(life, year) -> {
							life.finish();
							life.event("attestation.submitted");
							life.letter("owner-submitted");
							if (life.kind.equals("RECERTIFICATION")) {
								life.relation.validated(true);
								life.event("attestation.our-side-proven");
							}
							life.provenOn = life.today;
							life.pass = "SUBMITTED";
						}),
				new Move("a check sees other servers", 10, Life::isLiving, (life, year) -> {
					life.moves++;
					String host = "mx" + life.moves + ".elsewhere.example";
					for (int i = 0; i < 2; i++) {
						life.relation.publish(life.relation.differs(DomainName.of(life.domains.getFirst()), host, ""));
						life.letter("owner-tls-differs");
					}
					if (!life.isActive()) {
						return;
					}
					if (life.pass.isEmpty()) {
						life.event("attestation.change-opened");
						life.letter("partner-change-proposed");
						life.open("CHANGE", "receiving", "sending", "setup");
						return;
					}
					// What a pass was about before may be said anew.
					life.event("attestation.difference-noted");
					if (life.pass.equals("OPEN")) {
						life.letter("partner-change-proposed");
						life.scope.addAll(Set.of("receiving", "sending", "setup"));
					}
				}), new Move("staff close a change", 5, (life) -> life.isActive() && life.kind.equals("CHANGE"),
						(life, year) -> {
							Attestation pass = life.relation.pass();
							assertThat(year.passes.close(pass.id(), year.reviewer.who(), pass.version(), "A mistake")
								.done()).isTrue();
							life.event("attestation.withdrawn");
							life.letter("partner-change-closed");
							life.leaving.clear();
							life.fresh.forEach((id, name) -> {
								life.event("domain.removed");
								life.unproven.remove(id);
								life.domains.remove(name);
							});
							life.close();
						}),
				new Move("put off", 25, (life) -> life.canBePutOff(life.today), (life, year) -> {
					LocalDate until = life.latestPostponement().minusDays(year.random.nextInt(1, 5));
					Relation.mustBeNull(
							year.recertifications.postpone(life.relation.id, until, "On leave", year.reviewer.who()));
					life.postpone(until, year.clock.instant());
					life.event("partner.postponed");
					life.letter("partner-recertification-postponed");
					life.letter("owner-recertification-postponed");
				}), new Move("suspended", 2, Life::isActive, (life, year) -> {
					life.relation.partners().suspend(life.relation.id, "Strike");
					life.state = "SUSPENDED";
					life.event("partner.suspended");
					life.moved("suspended");
				}), new Move("resumed", 30, (life) -> life.state.equals("SUSPENDED"), (life, year) -> {
					life.relation.partners().resume(life.relation.id, "Over");
					life.state = "ACTIVE";
					life.event("partner.resumed");
					life.moved("resumed");
					if (life.pass.isEmpty() && !life.waiting.isEmpty()) {
						life.event("attestation.change-opened");
						life.letter("partner-change-asked");
						life.open("CHANGE", "domains", "receiving");
					}
				}), new Move("ended", 1, Life::isLiving, (life, year) -> {
					life.relation.partners().end(life.relation.id, "Contract over");
					life.state = "ENDED";
					life.event("partner.ended");
					life.moved("ended");
					if (!life.pass.isEmpty()) {
						life.event("attestation.withdrawn");
						life.close();
					}
				}));

	/** Something that can happen to a partner. */
	private record Move(String name, int weight, java.util.function.Predicate<Life> when,
			java.util.function.BiConsumer<Life, SimulatedYearTests> what) {

		boolean isPossible(Life life) {
			return this.when.test(life);
		}

		void play(Life life, SimulatedYearTests year) {
			this.what.accept(life, year);
		}

	}

	/** What must be so of one partner: computed without the portal. */
	private static final class Life {

		private final Relation relation;

		private final Instant began;

		private final Map<String, Integer> letters = new TreeMap<>();

		private final Map<String, Integer> events = new TreeMap<>();

		private final List<String> domains = new ArrayList<>();

		private final List<UUID> unproven = new ArrayList<>();

		/** Those of them that came with the pass under way. */
		private final Map<UUID, String> fresh = new TreeMap<>();

		private final Set<String> leaving = new TreeSet<>();

		/** Proven, and not in our connectors yet. */
		private final Set<String> waiting = new TreeSet<>();

		private final Set<String> scope = new TreeSet<>();

		private final Set<String> reminded = new TreeSet<>();

		private String state = "ACTIVE";

		/** Empty, OPEN or SUBMITTED. */
		private String pass = "";

		private String kind = "";

		private Instant due;

		private Instant firstDue;

		private Instant dueSince;

		private Instant today;

		/** When the message came that proves anew. */
		private Instant provenOn;

		private int moves;

		Life(Relation relation, Instant now) {
			this.relation = relation;
			this.began = now;
			this.today = now;
			this.provenOn = now;
			this.due = relation.due();
			this.firstDue = this.due;
			this.dueSince = Instant.EPOCH;
			this.domains.add(relation.partner().mainDomain().name().ascii());
		}

		boolean isActive() {
			return this.state.equals("ACTIVE");
		}

		boolean isLiving() {
			return !this.state.equals("ENDED");
		}

		boolean isOnePageOpen() {
			return isActive() && this.pass.equals("OPEN") && this.scope.isEmpty();
		}

		boolean canRetire() {
			return this.domains.size() - this.unproven.size() > 1;
		}

		void event(String code) {
			this.events.merge(code, 1, Integer::sum);
		}

		/**
		 * The partner's two, our owner and compliance hear of a suspension and the like.
		 */
		void moved(String how) {
			letter("partner-" + how);
			letter("partner-" + how);
			letter(how.equals("ended") ? "owner-ended" : "owner-moved");
			letter("compliance-moved");
		}

		void letter(String template) {
			this.letters.merge(template, 1, Integer::sum);
		}

		void open(String newKind, String... tasks) {
			this.pass = "OPEN";
			this.kind = newKind;
			this.scope.clear();
			this.scope.addAll(Set.of(tasks));
		}

		void close() {
			this.pass = "";
			this.kind = "";
			this.scope.clear();
			this.fresh.clear();
		}

		/** Proven anew: due in a year, by the calendar of Berlin. */
		void proven() {
			event("partner.proven");
			letter("partner-recertified");
			letter("owner-recertified");
			Instant now = this.relation.due();
			Instant expected = this.provenOn.atZone(BERLIN).plusYears(1).toInstant();
			if (now.isBefore(expected) || now.isAfter(expected.plus(Duration.ofHours(1)))) {
				event("a due date that is no year after the proof: " + now);
			}
			this.due = now;
			this.firstDue = now;
			this.dueSince = this.provenOn;
			this.reminded.clear();
			close();
		}

		boolean canBePutOff(Instant now) {
			return isActive() && this.due.isBefore(now.plus(Duration.ofDays(20))) && latestPostponement().minusDays(5)
				.isAfter(LocalDate.ofInstant(this.due.isAfter(now) ? this.due : now, BERLIN).plusDays(1));
		}

		LocalDate latestPostponement() {
			return LocalDate.ofInstant(this.firstDue, BERLIN).plusDays(60);
		}

		void postpone(LocalDate until, Instant now) {
			this.due = until.atTime(this.due.atZone(BERLIN).toLocalTime()).atZone(BERLIN).toInstant();
			this.dueSince = now;
			this.reminded.clear();
		}

		/** What the portal does by itself on a day. */
		void aDayHasCome(Instant now) {
			this.today = now;
			if (!isActive()) {
				return;
			}
			if (!before(60).isAfter(now)) {
				if (this.pass.isEmpty()) {
					event("attestation.recertification-opened");
					open("RECERTIFICATION");
				}
				else if (this.pass.equals("OPEN") && this.kind.equals("CHANGE")) {
					event("attestation.widened");
					this.kind = "RECERTIFICATION";
				}
			}
			Map<String, Instant> steps = new HashMap<>();
			for (int days : new int[] { 60, 30, 14, 7, 1 }) {
				if (before(days).isAfter(this.dueSince) && !before(days).isAfter(now)) {
					steps.put("before-" + days, before(days));
				}
			}
			if (!this.due.isAfter(now)) {
				int weeks = 0;
				while (!this.due.atZone(BERLIN).plusWeeks(weeks + 1L).toInstant().isAfter(now)) {
					weeks++;
				}
				steps.put("overdue-" + weeks, this.due.atZone(BERLIN).plusWeeks(weeks).toInstant());
			}
			String newest = steps.entrySet()
				.stream()
				.max(Map.Entry.comparingByValue())
				.map(Map.Entry::getKey)
				.orElse("");
			if (!newest.isEmpty() && !this.reminded.contains(newest)) {
				remind(newest);
			}
			this.reminded.addAll(steps.keySet());
		}

		private Instant before(int days) {
			return this.due.atZone(BERLIN).minusDays(days).toInstant();
		}

		private void remind(String step) {
			boolean withUs = this.pass.equals("SUBMITTED");
			if (step.startsWith("overdue")) {
				event("recertification.overdue");
				letter("owner-recertification-overdue");
				letter("compliance-recertification-overdue");
				if (!withUs) {
					letter("partner-recertification-overdue");
					letter("partner-recertification-overdue");
				}
				return;
			}
			event("recertification.reminded");
			int days = Integer.parseInt(step.substring(7));
			if (withUs) {
				letter("owner-recertification");
				return;
			}
			letter("partner-recertification");
			if (days <= 14) {
				letter("partner-recertification");
				letter("owner-recertification");
			}
		}

		void finish() {
			if (this.scope.contains("domains")) {
				this.relation.answer((answers) -> answers.answered("domains"));
			}
			if (this.scope.contains("receiving")) {
				this.relation.answer(Answers::withReceivingSeen);
			}
			if (this.scope.contains("sending")) {
				this.relation
					.answer((answers) -> answers.withSending(List.of(MailPlatform.EXIM), null, List.of(), null));
			}
			if (this.scope.contains("setup")) {
				this.relation.answer((answers) -> answers.withSetup(Answers.Setup.BOTH));
			}
			this.relation.seeTestMessage();
			this.relation.checksPass();
			this.relation.confirm(Relation.YES, Relation.YES);
		}

		void compare(List<String> wrong) {
			Partner partner = this.relation.partner();
			String who = partner.reference() + " (" + this.state + "): ";
			differ(who + "state", this.state, partner.state().name(), wrong);
			differ(who + "due", this.due, partner.nextDueAt(), wrong);
			differ(who + "domains", new TreeSet<>(this.domains),
					partner.domains()
						.stream()
						.map((domain) -> domain.name().ascii())
						.collect(Collectors.toCollection(TreeSet::new)),
					wrong);
			Attestation latest = this.relation.pass();
			differ(who + "pass", this.pass, latest.isLiving() ? latest.state().name() : "", wrong);
			if (latest.isLiving()) {
				differ(who + "kind", this.kind, latest.kind().name(), wrong);
				differ(who + "scope", this.scope, latest.scope(), wrong);
			}
			differ(who + "letters", this.letters, count(this.relation.letters(this.began)), wrong);
			differ(who + "events", this.events, count(this.relation.codes(this.began, CODES)), wrong);
		}

		private static Map<String, Integer> count(List<String> texts) {
			Map<String, Integer> counts = new TreeMap<>();
			texts.forEach((text) -> counts.merge(text, 1, Integer::sum));
			return counts;
		}

		private static void differ(String what, @Nullable Object expected, @Nullable Object found, List<String> wrong) {
			if (!Objects.equals(expected, found)) {
				wrong.add(what + " should be " + expected + " and is " + found);
			}
		}

	}

}
