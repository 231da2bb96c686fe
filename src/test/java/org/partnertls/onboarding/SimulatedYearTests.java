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
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.PartnerSignedIn;
import org.partnertls.account.People;
import org.partnertls.mail.Outbox;
import org.partnertls.mail.ReturnReport;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.Partner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

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

	private static final boolean BY_PEOPLE = false;

	private static final boolean BY_PORTAL = true;

	private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

	/** What the model speaks of; other codes are other tests' matter. */
	private static final Set<String> CODES = Set.of("attestation.recertification-opened", "attestation.change-opened",
			"attestation.widened", "attestation.difference-noted", "attestation.submitted", "attestation.approved",
			"attestation.held", "attestation.withdrawn", "attestation.our-side-proven",
			"attestation.our-side-proven.failed", "recertification.reminded", "recertification.overdue",
			"attestation.opened", "attestation.returned", "attestation.rejected", "attestation.reminded",
			"partner.invited", "partner.opened", "partner.activated", "partner.proven", "partner.postponed",
			"partner.move-asked", "partner.suspended", "partner.resumed", "partner.ended", "partner.contacts-changed",
			"partner.contact-left", "partner.unreachable.failed", "person.hand-over-asked", "person.hand-over-refused",
			"person.handed-over", "person.helper-named", "invitation.sent", "mail.returned.failed",
			"connector.relief-end-asked", "connector.change-retried", "domain.added", "domain.removed");

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Recertifications recertifications;

	@Autowired
	private Passes passes;

	@Autowired
	private Review review;

	@Autowired
	private Moves partnerMoves;

	@Autowired
	private Unfinished unfinished;

	@Autowired
	private Outbox outbox;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TestClock clock;

	private final Random random = new Random(20261128);

	private final List<Life> lives = new ArrayList<>();

	private People.Person inviter;

	private People.Person reviewer;

	@Test
	void afterAYearEveryPartnerIsWhereASmallModelSaysWithEveryMessageAndEvent() {
		this.inviter = People.of(this.context).admin();
		this.reviewer = People.of(this.context).admin();
		for (int i = 0; i < PARTNERS; i++) {
			Relation relation = Objects.requireNonNull(
					this.transaction.execute((status) -> Relation.active(this.context, this.inviter, this.reviewer)));
			// As if they had come one after the other in the year before.
			relation.moveDue(this.clock.instant().plus(Duration.ofHours(this.random.nextInt(24, 24 * 420))));
			this.lives.add(new Life(relation, this.clock.instant()));
		}
		TreeMap<String, Integer> played = new TreeMap<>();
		for (int day = 0; day < DAYS; day++) {
			this.clock.pass(Duration.ofDays(1));
			Instant now = this.clock.instant();
			this.lives.forEach((life) -> life.aDayHasCome(now));
			lookAfter();
			// Who comes back lives on as another one.
			for (Life life : List.copyOf(this.lives)) {
				if (this.random.nextInt(1000) < life.unrest()) {
					play(life, played);
				}
			}
		}
		System.out.println("Played in a year of " + PARTNERS + " partners: " + played);
		assertThat(played.keySet()).as("every kind of move").hasSize(MOVES.size());
		assertThat(this.lives).as("a change that nobody went on with").anyMatch((life) -> life.expired > 0);

		List<String> wrong = new ArrayList<>();
		this.lives.forEach((life) -> life.compare(wrong));
		assertThat(wrong).isEmpty();
	}

	/** What db-scheduler would do: whatever is due of these partners, once. */
	private void lookAfter() {
		Map<UUID, Life> byId = this.lives.stream()
			.collect(Collectors.toMap((life) -> life.relation.id, (life) -> life));
		List<UUID> due = this.jdbc.sql("""
				select task_instance from scheduled_tasks
				where task_name = 'recertification' and execution_time <= ?""")
			.param(this.clock.instant().atOffset(ZoneOffset.UTC))
			.query((row, number) -> UUID.fromString(row.getString(1)))
			.list();
		due.stream()
			.filter(byId::containsKey)
			.forEach((id) -> Objects.requireNonNull(byId.get(id)).relation.runIfDue());
		this.unfinished.silent()
			.forEach((id) -> this.transaction.executeWithoutResult((status) -> this.unfinished.look(id)));
		this.lives.stream().filter((life) -> life.relieved).forEach((life) -> life.relation.reliefIsOverdue());
	}

	/** Presses a button as somebody does. */
	private void post(People.Person who, String page, String... fields) {
		MockMvcTester.MockMvcRequestBuilder request = this.mvc.post().uri(page);
		for (int i = 0; i < fields.length; i += 2) {
			request.param(fields[i], fields[i + 1]);
		}
		assertThat(request.with(who.signedIn()).with(csrf())).as(page).hasStatus3xxRedirection();
	}

	private UUID one(String sql, Object... parameters) {
		return this.jdbc.sql(sql).params(parameters).query((row, number) -> row.getObject(1, UUID.class)).single();
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
			if (!life.waiting.isEmpty() || life.relieved) {
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
		}), new Move("review", 60, Life::isReviewable, (life, year) -> life.approved(false)),
				new Move("review, and the push fails at first", 20, Life::isReviewable,
						(life, year) -> life.approved(true)),
				new Move("partner opens a change", 8, (life) -> life.isActive() && life.pass.isEmpty(),
						(life, year) -> {
							life.relation.openChange(Passes.WhatChanges.SENDING);
							life.event("attestation.change-opened");
							life.letter("owner-change-opened");
							life.openChange(BY_PEOPLE, "sending");
						}),
				new Move("staff ask for a change", 5, (life) -> life.isActive() && life.pass.isEmpty(),
						(life, year) -> {
							Relation.mustBeNull(year.passes.openChange(life.relation.id, year.inviter.who(),
									Set.of(Passes.WhatChanges.PROVIDER), "As told"));
							life.event("attestation.change-opened");
							life.tellPartner("change-asked");
							life.openChange(BY_PEOPLE, "receiving", "sending", "setup");
						}),
				new Move("new domains, one not proven", 8, (life) -> life.isActive() && life.pass.isEmpty(),
						(life, year) -> {
							life.relation.openChange(Passes.WhatChanges.DOMAINS);
							life.event("attestation.change-opened");
							life.letter("owner-change-opened");
							life.openChange(BY_PEOPLE, "domains", "receiving");
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
						}),
				new Move("a domain left behind is proven", 60,
						(life) -> life.isActive() && life.pass.isEmpty() && !life.unproven.isEmpty(), (life, year) -> {
							life.relation.partners()
								.waive(life.relation.id, life.unproven.removeFirst(), "Known", year.inviter.who());
							life.waiting.add("proven late");
							life.opensWithReminder = false;
							life.event("attestation.change-opened");
							life.tellPartner("change-asked");
							life.openChange(BY_PORTAL, "domains", "receiving");
						}),
				new Move("a domain is retired", 25,
						(life) -> life.isActive() && life.pass.isEmpty() && life.canRetire(), (life, year) -> {
							life.relation.openChange(Passes.WhatChanges.DOMAINS);
							life.event("attestation.change-opened");
							life.letter("owner-change-opened");
							life.openChange(BY_PEOPLE, "domains", "receiving");
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
						(life) -> life.isActive() && life.isWithPartner() && !life.scope.isEmpty(), (life, year) -> {
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
						life.tellPartner("change-proposed");
						life.openChange(BY_PORTAL, "receiving", "sending", "setup");
						return;
					}
					// What a pass was about before may be said anew.
					life.event("attestation.difference-noted");
					life.changed = life.today;
					if (life.isWithPartner()) {
						life.tellPartner("change-proposed");
						life.scope.addAll(Set.of("receiving", "sending", "setup"));
					}
				}), new Move("staff close a change", 5, (life) -> life.isActive() && life.kind.equals("CHANGE"),
						(life, year) -> {
							Attestation pass = life.relation.pass();
							assertThat(year.passes.close(pass.id(), year.reviewer.who(), pass.version(), "A mistake")
								.done()).isTrue();
							life.closed();
						}),
				new Move("put off", 25, (life) -> life.canBePutOff(life.today), (life, year) -> {
					LocalDate until = life.latestPostponement().minusDays(year.random.nextInt(1, 5));
					Relation.mustBeNull(
							year.recertifications.postpone(life.relation.id, until, "On leave", year.reviewer.who()));
					life.postpone(until, year.clock.instant());
					life.event("partner.postponed");
					life.tellPartner("recertification-postponed");
					life.letter("owner-recertification-postponed");
				}), new Move("review sends it back", 25, Life::isReviewable, (life, year) -> {
					Attestation pass = life.relation.pass();
					String task = life.scope.isEmpty() ? "test" : life.scope.iterator().next();
					assertThat(year.review
						.giveBack(year.reviewer.who(), pass.id(), pass.version(), task, "Look at this again")
						.done()).isTrue();
					life.event("attestation.returned");
					life.tellPartner("returned");
					life.changed = life.today;
					life.pass = "RETURNED";
				}), new Move("review rejects", 8, Life::isReviewable, (life, year) -> {
					Attestation pass = life.relation.pass();
					assertThat(
							year.review.reject(year.reviewer.who(), pass.id(), pass.version(), "Not like this").done())
						.isTrue();
					life.event("attestation.rejected");
					life.tellPartner("rejected");
					life.leaving.clear();
					// A re-certification opens again with the next reminder.
					life.opensWithReminder = life.kind.equals("RECERTIFICATION");
					life.close();
				}), new Move("relieved", 3, (life) -> life.isActive() && !life.relieved, (life, year) -> {
					life.relation.relieve(year.reviewer);
					life.relieved = true;
					life.tellEverybody("relieved");
					life.letter("owner-relieved");
					life.letter("compliance-relieved");
				}), new Move("relief ends", 120, (life) -> life.relieved, (life, year) -> {
					life.relation.endRelief(year.inviter);
					life.relieved = false;
					life.event("connector.relief-end-asked");
					life.tellEverybody("relief-ended");
					life.letter("owner-relief-ended");
					life.letter("compliance-relief-ended");
				}), new Move("a helper is named", 2, (life) -> life.isLiving() && !life.helper, (life, year) -> {
					year.post(life.relation.person, "/partnership/people/new", "role", "HELPER", "name", "Mo Helper",
							"address", "mo@helps-" + life.domains.getFirst());
					life.helper = true;
					life.invited();
					life.event("person.helper-named");
					life.letter("owner-people");
				}), new Move("a second contact is named", 3, (life) -> life.isLiving() && life.technical.size() == 1,
						(life, year) -> {
							String address = life.newAddress();
							year.post(life.relation.person, "/partnership/people/new", "role", "TECHNICAL", "name",
									"Mika Brandt", "address", address);
							life.technical.add(address);
							life.invited();
						}),
				new Move("a contact has left", 12,
						(life) -> life.isLiving() && life.technical.size() == 2 && life.handsOverTo.isEmpty(),
						(life, year) -> {
							String gone = life.technical.removeFirst();
							UUID contact = life.relation.partner()
								.contacts(ContactRole.TECHNICAL)
								.stream()
								.filter((person) -> person.address().toString().equals(gone))
								.findFirst()
								.orElseThrow()
								.id();
							year.post(year.inviter, "/partners/" + life.relation.id + "/people/" + contact + "/leaving",
									"reason", "Their telephone says so");
							life.event("partner.contact-left");
							life.unreachable.remove(gone);
							life.relation.actAs(life.technical.getFirst());
						}),
				new Move("the contact hands over", 4, (life) -> life.isLiving() && life.handsOverTo.isEmpty(),
						(life, year) -> {
							life.handsOverTo = life.newAddress();
							year.post(life.relation.person, "/partnership/people/hand-over", "name", "Kim Novak",
									"address", life.handsOverTo, "reason", "I change teams");
							life.technical.add(life.handsOverTo);
							life.invited();
							life.event("person.hand-over-asked");
						}),
				new Move("who takes over comes", 60, (life) -> life.isLiving() && !life.handsOverTo.isEmpty(),
						(life, year) -> {
							life.relation.publish(
									new PartnerSignedIn(life.relation.id, EmailAddress.of(life.handsOverTo), true));
							String from = life.relation.person.who().address();
							life.technical.remove(from);
							life.unreachable.remove(from);
							life.unreachable.remove(life.handsOverTo);
							life.technical.remove(life.handsOverTo);
							life.technical.addFirst(life.handsOverTo);
							life.relation.actAs(life.handsOverTo);
							life.handsOverTo = "";
							life.event("partner.contacts-changed");
							life.event("person.handed-over");
							life.letter("person-replaced");
							life.letter("owner-people");
						}),
				new Move("a hand-over is stopped", 25, (life) -> life.isLiving() && !life.handsOverTo.isEmpty(),
						(life, year) -> {
							UUID waiting = year.one(
									"select id from hand_over where partner_id = ? and state = 'WAITING'",
									life.relation.id);
							boolean ours = year.random.nextBoolean();
							year.post(ours ? year.reviewer : life.relation.person,
									(ours ? "/partners/" + life.relation.id : "/partnership") + "/people/hand-over/"
											+ waiting + "/objection");
							life.technical.remove(life.handsOverTo);
							life.unreachable.remove(life.handsOverTo);
							life.handsOverTo = "";
							life.event("person.hand-over-refused");
							life.event("partner.contacts-changed");
							life.letter("person-hand-over-stopped");
						}),
				new Move("a letter bounces", 6,
						(life) -> life.isLiving() && !life.unreachable.contains(life.technical.getLast()),
						(life, year) -> {
							EmailAddress address = EmailAddress.of(life.technical.getLast());
							UUID letter = year.one("""
									select id from letter where partner_id = ? and recipient = ?
									order by created_at desc limit 1""", life.relation.id, address.toString());
							year.transaction.executeWithoutResult((status) -> assertThat(year.outbox.returned(
									new ReturnReport(letter, address, "550 5.1.1 No such user"), year.clock.instant()))
								.isTrue());
							life.unreachable.add(address.toString());
							life.event("mail.returned.failed");
							life.event("partner.unreachable.failed");
							life.letter("owner-people");
						}),
				new Move("suspended, with the connectors as they are", 2, Life::isActive,
						(life, year) -> life.suspended(year, PartnerMove.Mode.KEEP)),
				new Move("suspended, with the connectors off", 2, (life) -> life.isActive() && !life.relieved,
						(life, year) -> life.suspended(year, PartnerMove.Mode.SWITCH_OFF)),
				new Move("resumed", 30, (life) -> life.state.equals("SUSPENDED"), (life, year) -> {
					life.move(year, PartnerMove.Kind.RESUME,
							life.off ? PartnerMove.Mode.SWITCH_ON : PartnerMove.Mode.KEEP);
					life.off = false;
					life.state = "ACTIVE";
					life.opensWithReminder = false;
					life.event("partner.resumed");
					life.moved("resumed");
					if (life.pass.isEmpty() && !life.waiting.isEmpty()) {
						life.event("attestation.change-opened");
						life.tellPartner("change-asked");
						life.openChange(BY_PORTAL, "domains", "receiving");
					}
				}), new Move("ended", 1, (life) -> life.isLiving() && !life.relieved, (life, year) -> {
					life.move(year, PartnerMove.Kind.END, PartnerMove.Mode.REMOVE);
					life.state = "ENDED";
					life.handsOverTo = "";
					life.event("partner.ended");
					life.moved("ended");
					if (!life.pass.isEmpty()) {
						life.event(life.pass.equals("SUBMITTED") ? "attestation.rejected" : "attestation.withdrawn");
						life.close();
					}
				}), new Move("comes back", 40, (life) -> !life.isLiving() && !life.cameBack, (life, year) -> {
					life.cameBack = true;
					Instant before = year.clock.instant();
					Relation relation = Relation.returning(year.context, life.relation, year.inviter, year.reviewer);
					year.lives.add(Life.back(relation, before, year.clock.instant()));
				}));

	/** Something that can happen to a partner. */
	private record Move(String name, int weight, Predicate<Life> when, BiConsumer<Life, SimulatedYearTests> what) {

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

		/** The technical contacts' addresses; the first acts. */
		private final List<String> technical = new ArrayList<>();

		private final Set<String> unreachable = new TreeSet<>();

		private String state = "ACTIVE";

		/** Empty, OPEN, RETURNED or SUBMITTED. */
		private String pass = "";

		private String kind = "";

		private boolean byPortal;

		/** When somebody last did something about the pass, and was reminded of it. */
		private Instant changed = Instant.EPOCH;

		private Instant nudged = Instant.EPOCH;

		private boolean opensWithReminder;

		private boolean helper;

		/** Empty, or who was named and has not come yet. */
		private String handsOverTo = "";

		private boolean relieved;

		/** Whether the connectors were switched off with the suspension. */
		private boolean off;

		private boolean cameBack;

		private Instant due;

		private Instant firstDue;

		private Instant dueSince;

		private Instant today;

		/** When the message came that proves anew. */
		private Instant provenOn;

		private int moves;

		private int expired;

		Life(Relation relation, Instant now) {
			this.relation = relation;
			this.began = now;
			this.today = now;
			this.provenOn = now;
			this.due = relation.due();
			this.firstDue = this.due;
			this.dueSince = Instant.EPOCH;
			this.domains.add(relation.partner().mainDomain().name().ascii());
			this.technical.add("it@" + this.domains.getFirst());
		}

		/**
		 * Of an organisation that has come back and gone through its first pass again.
		 */
		static Life back(Relation relation, Instant before, Instant now) {
			Life life = new Life(relation, before);
			life.today = now;
			life.provenOn = now;
			life.dueSince = now;
			for (String code : List.of("partner.invited", "invitation.sent", "partner.opened", "attestation.opened",
					"partner.contacts-changed", "attestation.submitted", "attestation.approved", "partner.activated")) {
				life.event(code);
			}
			for (String template : List.of("invitation", "owner-submitted", "partner-approved", "partner-enforced",
					"owner-enforced", "owner-named")) {
				life.letter(template);
			}
			return life;
		}

		boolean isActive() {
			return this.state.equals("ACTIVE");
		}

		boolean isLiving() {
			return !this.state.equals("ENDED");
		}

		boolean isWithPartner() {
			return this.pass.equals("OPEN") || this.pass.equals("RETURNED");
		}

		boolean isReviewable() {
			return isActive() && this.pass.equals("SUBMITTED");
		}

		/**
		 * Of a thousand such days, on how many something happens: more where something
		 * lies open.
		 */
		int unrest() {
			return this.relieved ? 300
					: (isLiving() && this.pass.isEmpty() && this.handsOverTo.isEmpty() && isActive()) ? 5 : 25;
		}

		boolean isOnePageOpen() {
			return isActive() && isWithPartner() && this.scope.isEmpty();
		}

		boolean canRetire() {
			return this.domains.size() - this.unproven.size() > 1;
		}

		void event(String code) {
			this.events.merge(code, 1, Integer::sum);
		}

		String newAddress() {
			return "p" + ++this.moves + "@" + this.domains.getFirst();
		}

		/** One more person signs in. */
		void invited() {
			event("partner.contacts-changed");
			event("invitation.sent");
			letter("invitation-person");
		}

		/**
		 * All people of the partner, our owner and compliance hear of a suspension and
		 * the like.
		 */
		void moved(String how) {
			tellEverybody((how.equals("suspended") && this.off) ? "switched-off" : how);
			letter(how.equals("ended") ? "owner-ended" : "owner-moved");
			letter("compliance-moved");
		}

		void move(SimulatedYearTests year, PartnerMove.Kind what, PartnerMove.Mode connectors) {
			Moves.Outcome outcome = year.partnerMoves.ask(this.relation.id, what, connectors, "For a reason",
					year.inviter.who());
			assertThat(outcome.done()).as(outcome.sentence()).isTrue();
			event("partner.move-asked");
			if (outcome.change() != null) {
				this.relation.carriedOut(outcome.change());
			}
		}

		void suspended(SimulatedYearTests year, PartnerMove.Mode connectors) {
			move(year, PartnerMove.Kind.SUSPEND, connectors);
			this.off = connectors == PartnerMove.Mode.SWITCH_OFF;
			this.state = "SUSPENDED";
			event("partner.suspended");
			moved("suspended");
		}

		/** The review approves and it is pushed, at once or with trouble. */
		void approved(boolean trouble) {
			assertThat(this.relation.approve().done()).isTrue();
			event("attestation.approved");
			tellPartner("pass-approved");
			if (trouble) {
				this.relation.pushFails();
				letter("owner-attention");
				this.relation.pushAgain();
				event("connector.change-retried");
			}
			boolean recertification = this.kind.equals("RECERTIFICATION");
			this.relation.pushed();
			this.leaving.forEach((domain) -> {
				event("domain.removed");
				this.domains.remove(domain);
			});
			if (!this.leaving.isEmpty()) {
				tellPartner("domain-retired");
			}
			this.leaving.clear();
			this.waiting.clear();
			if (recertification) {
				proven();
			}
			else {
				tellPartner("change-done");
				letter("owner-change-done");
			}
			close();
		}

		void letter(String template) {
			this.letters.merge(template, 1, Integer::sum);
		}

		/** Whoever does tasks gets it. */
		void tellPartner(String template) {
			this.letters.merge("partner-" + template, this.technical.size() + (this.helper ? 1 : 0), Integer::sum);
		}

		/** So does who is reached elsewhere. */
		void tellEverybody(String template) {
			tellPartner(template);
			letter("partner-" + template);
		}

		void openChange(boolean portal, String... tasks) {
			open("CHANGE", tasks);
			this.byPortal = portal;
			this.changed = this.today;
			this.nudged = Instant.EPOCH;
		}

		void open(String newKind, String... tasks) {
			this.pass = "OPEN";
			this.kind = newKind;
			this.scope.clear();
			this.scope.addAll(Set.of(tasks));
		}

		/**
		 * A change is over without a decision; what came with it and is not proven goes.
		 */
		void closed() {
			event("attestation.withdrawn");
			tellPartner("change-closed");
			this.leaving.clear();
			this.fresh.forEach((id, name) -> {
				event("domain.removed");
				this.unproven.remove(id);
				this.domains.remove(name);
			});
			close();
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
			tellPartner("recertified");
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
			this.opensWithReminder = false;
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
			this.opensWithReminder = false;
		}

		/** What the portal does by itself on a day. */
		void aDayHasCome(Instant now) {
			this.today = now;
			if (this.relieved) {
				letter("owner-relief");
				letter("compliance-relief");
			}
			if (!isActive()) {
				return;
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
			boolean reminds = !newest.isEmpty() && !this.reminded.contains(newest);
			this.opensWithReminder &= !reminds;
			if (!before(60).isAfter(now) && !this.opensWithReminder) {
				if (this.pass.isEmpty()) {
					event("attestation.recertification-opened");
					open("RECERTIFICATION");
				}
				else if (isWithPartner() && this.kind.equals("CHANGE")) {
					event("attestation.widened");
					this.kind = "RECERTIFICATION";
				}
			}
			if (reminds) {
				remind(newest);
			}
			this.reminded.addAll(steps.keySet());
			lookAtSilence(now);
		}

		/**
		 * A change that nobody goes on with: reminded each week, over after ninety days.
		 */
		private void lookAtSilence(Instant now) {
			if (!isWithPartner() || !this.kind.equals("CHANGE")) {
				return;
			}
			if (!this.byPortal && !this.changed.plus(Duration.ofDays(90)).isAfter(now)) {
				closed();
				letter("owner-change-closed");
				this.expired++;
				return;
			}
			Instant sign = this.nudged.isAfter(this.changed) ? this.nudged : this.changed;
			if (sign.plus(Duration.ofDays(7)).isAfter(now)) {
				return;
			}
			this.nudged = now;
			event("attestation.reminded");
			tellPartner("reminded");
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
					tellEverybody("recertification-overdue");
				}
				return;
			}
			event("recertification.reminded");
			int days = Integer.parseInt(step.substring(7));
			if (withUs) {
				letter("owner-recertification");
				return;
			}
			// Who cannot confirm is not asked to; in time one of the others is enough.
			this.letters.merge("partner-recertification", (days <= 14) ? this.technical.size() + 1 : 1, Integer::sum);
			if (days <= 14) {
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
			differ(who + "technical contacts", new TreeSet<>(this.technical),
					addresses(partner, (person) -> person.role() == ContactRole.TECHNICAL), wrong);
			differ(who + "hand-overs under way", this.handsOverTo.isEmpty() ? List.of() : List.of(this.handsOverTo),
					this.relation.handOversTo(), wrong);
			differ(who + "unreachable", this.unreachable, addresses(partner, (person) -> person.returnedAt() != null),
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

		private static Set<String> addresses(Partner partner, Predicate<Partner.Person> which) {
			return partner.contacts()
				.stream()
				.filter(which)
				.map((person) -> person.address().toString())
				.collect(Collectors.toCollection(TreeSet::new));
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
