package org.partnertls.onboarding;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

import org.partnertls.Fixtures;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.Partner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Something that can happen to a partner: whether it is possible by the model, how often
 * it comes, and what it does to the portal and to the model.
 */
record LifeMove(String name, int weight, Predicate<Life> when, BiConsumer<Life, SimulatedYearTests> what) {

	boolean isPossible(Life life) {
		return this.when.test(life);
	}

	void play(Life life, SimulatedYearTests year) {
		if (life.isAnybodyThere()) {
			life.relation.actAs(life.actor());
		}
		life.goesOn(this.name);
		try {
			this.what.accept(life, year);
		}
		catch (AssertionError | RuntimeException ex) {
			throw new AssertionError(life.story(), ex);
		}
	}

	private static LifeMove move(String name, int weight, Predicate<Life> when,
			BiConsumer<Life, SimulatedYearTests> what) {
		return new LifeMove(name, weight, when, what);
	}

	private static final List<LifeMove> BEGINNING = List.of(move("who was invited comes", 90,
			(life) -> life.isLiving() && !life.invitations.isEmpty(), (life, year) -> {
				String address = year.oneOf(life.invitations.keySet());
				boolean first = life.state.equals("INVITED");
				life.relation.signIn(address);
				life.comes(address);
				if (first) {
					life.relation.begin();
					life.opensFirst();
				}
				if (life.handOver != null && !life.handOver.isByColleague() && life.handOver.to().equals(address)) {
					String from = life.handOver.from();
					life.handOver = null;
					life.replaced(from, address);
				}
			}), move("an invitation is sent again", 15, (life) -> life.isLiving() && !life.invitations.isEmpty(),
					(life, year) -> {
						String address = year.oneOf(life.invitations.keySet());
						year.post(year.inviter, "/invitations/" + life.relation.invitationOf(address) + "/sending");
						life.resent(address);
					}),
			move("an invitation is revoked", 6, (life) -> life.isLiving() && !life.invitations.isEmpty(),
					(life, year) -> {
						String address = year.oneOf(life.invitations.keySet());
						year.post(year.inviter, "/invitations/" + life.relation.invitationOf(address) + "/revocation",
								"reason", "It was somebody else's");
						life.revoked(address);
					}),
			move("whose invitation is over asks for another", 25, (life) -> life.state.equals("EXPIRED")
					&& !life.hasBegun && life.askedAgain.plus(Duration.ofDays(7)).isBefore(life.today),
					(life, year) -> {
						year.post(null, "/invitation/" + life.relation.lastInvitation() + "/renewal");
						life.askedAgain = life.today;
						life.event("invitation.asked-again");
						life.tellOwner("invitation-asked");
					}),
			move("the first task list is finished", 60,
					(life) -> life.isOnboarding() && life.isWithPartner() && life.isAnybodyThere(), (life, year) -> {
						life.relation.fillIn(year.inviter, !life.hasEmergency());
						life.namesEmergency();
						life.finished();
					}),
			move("the first task list is sent back", 25, Life::isFirstReviewable,
					(life, year) -> giveBack(life, year, "receiving")),
			move("the first task list is approved, and enforced", 60, Life::isFirstReviewable, (life, year) -> {
				assertThat(life.relation.approve().done()).isTrue();
				life.relation.pushed();
				life.activated(life.relation.due());
			}), move("who was invited is not wanted any more", 3,
					(life) -> life.state.equals("INVITED") || life.isOnboarding(), (life, year) -> {
						life.relation.ask(PartnerMove.Kind.END, PartnerMove.Mode.KEEP, year.inviter);
						life.event("partner.move-asked");
						boolean begun = life.hasBegun;
						life.over("WITHDRAWN");
						if (begun) {
							life.moved("ended");
						}
					}),
			move("they come back", 25, (life) -> !life.isLiving() && !life.cameBack, (life, year) -> {
				life.cameBack = true;
				year.invite(life);
			}));

	private static final List<LifeMove> PROVING = List
		.of(move("nothing changed", 40, Life::isOnePageOpen, (life, year) -> {
			life.relation.confirmNothingChanged();
			life.event("attestation.submitted");
			life.relation.validated(true);
			life.event("attestation.our-side-proven");
			life.provenOn = life.today;
			if (!life.waiting.isEmpty() || life.relieved) {
				// A domain that is not in our connectors is a difference.
				life.event("attestation.held");
				life.tellOwner("recertification-held");
				life.pass = "SUBMITTED";
				return;
			}
			life.event("attestation.approved");
			life.proven();
		}), move("our side fails", 8, Life::isOnePageOpen, (life, year) -> {
			life.relation.confirmNothingChanged();
			life.relation.validated(false);
			life.event("attestation.submitted");
			life.event("attestation.our-side-proven.failed");
			life.event("attestation.held");
			life.tellOwner("recertification-held");
			life.provenOn = life.today;
			life.pass = "SUBMITTED";
		}), move("put off", 25, (life) -> life.canBePutOff(life.today), (life, year) -> {
			LocalDate until = life.latestPostponement().minusDays(year.random.nextInt(1, 5));
			Relation
				.mustBeNull(year.recertifications.postpone(life.relation.id, until, "On leave", year.reviewer.who()));
			life.postpone(until, year.clock.instant());
			life.event("partner.postponed");
			life.tellPartner("recertification-postponed");
			life.tellOwner("recertification-postponed");
		}));

	private static final List<LifeMove> CHANGING = List.of(move("review", 60, Life::isReviewable, (life, year) -> {
		approve(life);
		life.relation.pushed();
		life.pushed();
	}), move("review, and the push fails at first", 20, Life::isReviewable, (life, year) -> {
		approve(life);
		life.relation.pushFails();
		life.tellOwner("attention");
		life.relation.pushAgain();
		life.event("connector.change-retried");
		life.relation.pushed();
		life.pushed();
	}), move("review sends it back", 25, Life::isReviewable,
			(life, year) -> giveBack(life, year, life.scope.isEmpty() ? "test" : life.scope.iterator().next())),
			move("review rejects", 15, Life::isReviewable, (life, year) -> {
				Attestation pass = life.relation.pass();
				assertThat(year.review.reject(year.reviewer.who(), pass.id(), pass.version(), "Not like this").done())
					.isTrue();
				life.event("attestation.rejected");
				life.tellPartner("rejected");
				life.leaving.clear();
				// A re-certification opens again with the next reminder.
				life.opensWithReminder = life.kind.equals("RECERTIFICATION");
				life.close();
			}), move("partner opens a change", 8, Life::isQuiet, (life, year) -> {
				life.relation.openChange(Passes.WhatChanges.SENDING);
				life.tellOwner("change-opened");
				life.openChange(Life.BY_PEOPLE, "sending");
			}), move("staff ask for a change", 5, (life) -> life.isActive() && life.pass.isEmpty(), (life, year) -> {
				Relation.mustBeNull(year.passes.openChange(life.relation.id, year.inviter.who(),
						Set.of(Passes.WhatChanges.PROVIDER), "As told"));
				life.tellPartner("change-asked");
				life.openChange(Life.BY_PEOPLE, "receiving", "sending", "setup");
			}), move("new domains, one not proven", 16, Life::isQuiet, (life, year) -> {
				life.relation.openChange(Passes.WhatChanges.DOMAINS);
				life.tellOwner("change-opened");
				life.openChange(Life.BY_PEOPLE, "domains", "receiving");
				for (int i = 0; i < 2; i++) {
					String name = Fixtures.freshDomain();
					UUID id = life.relation.addDomain(name);
					life.event("domain.added");
					life.domains.add(name);
					if (i == 0) {
						life.relation.waive(id, year.inviter);
						life.waiting.add(name);
					}
					else {
						life.unproven.add(id);
						life.fresh.put(id, name);
					}
				}
			}), move("a domain left behind is proven", 90,
					(life) -> life.isEnforced() && life.pass.isEmpty() && !life.unproven.isEmpty(), (life, year) -> {
						life.relation.waive(life.unproven.removeFirst(), year.inviter);
						life.waiting.add("proven late");
						if (!life.isActive()) {
							life.provenLate = true;
							return;
						}
						life.opensWithReminder = false;
						life.tellPartner("change-asked");
						life.openChange(Life.BY_PORTAL, "domains", "receiving");
					}),
			move("a domain is retired", 60, (life) -> life.isQuiet() && life.canRetire(), (life, year) -> {
				life.relation.openChange(Passes.WhatChanges.DOMAINS);
				life.tellOwner("change-opened");
				life.openChange(Life.BY_PEOPLE, "domains", "receiving");
				Partner.Domain leaving = life.relation.partner()
					.domains()
					.stream()
					.filter((domain) -> domain.proof() != Partner.Proof.UNPROVEN)
					.skip(1)
					.findFirst()
					.orElseThrow();
				Relation.mustBeNull(year.passes.retire(life.relation.person.who(), life.relation.pass().version(),
						leaving.id(), true));
				life.leaving.add(leaving.name().ascii());
			}),
			move("the partner finishes", 40,
					(life) -> life.isActive() && life.isWithPartner() && !life.scope.isEmpty() && life.isAnybodyThere(),
					(life, year) -> {
						life.relation.finish(life.scope);
						if (life.kind.equals("RECERTIFICATION")) {
							life.relation.validated(true);
							life.event("attestation.our-side-proven");
						}
						life.finished();
					}),
			move("a check sees other servers", 10, Life::isEnforced, (life, year) -> {
				String host = life.newHost();
				for (int i = 0; i < 2; i++) {
					life.relation.publish(life.relation.differs(DomainName.of(life.domains.getFirst()), host, ""));
					life.tellOwner("tls-differs");
				}
				if (!life.isActive()) {
					return;
				}
				if (life.pass.isEmpty()) {
					life.tellPartner("change-proposed");
					life.openChange(Life.BY_PORTAL, "receiving", "sending", "setup");
					return;
				}
				// What a pass was about before may be said anew.
				life.event("attestation.difference-noted");
				life.changed = life.today;
				if (life.isWithPartner()) {
					life.tellPartner("change-proposed");
					life.scope.addAll(Set.of("receiving", "sending", "setup"));
				}
			}),
			move("staff close a change", 5, (life) -> life.isActive() && life.kind.equals("CHANGE"), (life, year) -> {
				Attestation pass = life.relation.pass();
				assertThat(year.passes.close(pass.id(), year.reviewer.who(), pass.version(), "A mistake").done())
					.isTrue();
				life.closed();
			}));

	private static final List<LifeMove> TROUBLE = List
		.of(move("relieved", 3, (life) -> life.isActive() && !life.relieved, (life, year) -> {
			life.relation.relieve(year.reviewer);
			life.relieved = true;
			life.tellEverybody("relieved");
			life.tellOwner("relieved");
			life.tellCompliance("relieved");
		}), move("relief ends", 120, (life) -> life.relieved, (life, year) -> {
			life.relation.endRelief(year.inviter);
			life.relieved = false;
			life.event("connector.relief-end-asked");
			life.tellEverybody("relief-ended");
			life.tellOwner("relief-ended");
			life.tellCompliance("relief-ended");
		}), move("somebody takes care of an alarm", 40, (life) -> !life.alarm().isEmpty(), (life, year) -> {
			year.post(year.reviewer, "/alarms/" + life.relation.alarm(life.alarm()) + "/acknowledgement", "note",
					"They are phoned");
			life.acknowledged(life.alarm());
		}), move("a letter bounces", 6, (life) -> life.isHere() && !life.technical.isEmpty()
				&& !life.unreachable.contains(life.technical.getLast()) && life.hasLetter(life.technical.getLast()),
				(life, year) -> {
					String address = life.technical.getLast();
					life.comesBack(year.bounces(life, address), address);
					life.unreachable.add(address);
					life.event("partner.unreachable.failed");
					life.tellOwner("people");
				}),
				move("suspended, with the connectors as they are", 2, Life::isActive,
						(life, year) -> suspend(life, year, PartnerMove.Mode.KEEP)),
				move("suspended, with the connectors off", 2, (life) -> life.isActive() && !life.relieved,
						(life, year) -> suspend(life, year, PartnerMove.Mode.SWITCH_OFF)),
				move("resumed", 30, (life) -> life.state.equals("SUSPENDED"), (life, year) -> {
					life.relation.ask(PartnerMove.Kind.RESUME,
							life.off ? PartnerMove.Mode.SWITCH_ON : PartnerMove.Mode.KEEP, year.inviter);
					life.event("partner.move-asked");
					life.off = false;
					life.state = "ACTIVE";
					life.opensWithReminder = false;
					life.event("partner.resumed");
					life.moved("resumed");
					if (life.pass.isEmpty() && life.provenLate) {
						life.tellPartner("change-asked");
						life.openChange(Life.BY_PORTAL, "domains", "receiving");
					}
				}), move("ended", 2, (life) -> life.isEnforced() && !life.relieved, (life, year) -> {
					life.relation.ask(PartnerMove.Kind.END, PartnerMove.Mode.REMOVE, year.inviter);
					life.event("partner.move-asked");
					life.over("ENDED");
					life.moved("ended");
				}));

	private static final List<LifeMove> PEOPLE = List
		.of(move("a helper is named", 2, (life) -> life.isAnybodyThere() && life.helper.isEmpty(), (life, year) -> {
			life.helper = "mo@helps-" + life.newAddress().replace('@', '-');
			year.post(life.relation.person, "/partnership/people/new", "role", "HELPER", "name", "Mo Helper", "address",
					life.helper);
			life.invites(life.helper);
			life.event("person.helper-named");
			life.tellOwner("people");
		}), move("a second contact is named", 6, (life) -> life.isAnybodyThere() && life.technical.size() == 1,
				(life, year) -> {
					String address = life.newAddress();
					year.post(life.relation.person, "/partnership/people/new", "role", "TECHNICAL", "name",
							"Mika Brandt", "address", address);
					life.technical.add(address);
					life.invites(address);
				}), move("one of us names a contact where there is none", 120,
						(life) -> life.isHere() && life.technical.isEmpty(), (life, year) -> {
							String address = life.newAddress();
							year.post(year.inviter, "/partners/" + life.relation.id + "/people", "role", "TECHNICAL",
									"name", "Mika Brandt", "address", address);
							life.technical.add(address);
							life.invites(address);
						}),
				move("a contact has left", 40, (life) -> life.isHere() && life.technical.size() == 2, (life, year) -> {
					String gone = year.oneOf(life.technical);
					year.post(year.inviter,
							"/partners/" + life.relation.id + "/people/" + contact(life, gone) + "/leaving", "reason",
							"Their telephone says so");
					life.event("partner.contact-left");
					life.goes(gone);
				}), move("the contact hands over", 4, (life) -> life.isAnybodyThere() && life.handOver == null,
						(life, year) -> {
							String to = life.newAddress();
							year.post(life.relation.person, "/partnership/people/hand-over", "name", "Kim Novak",
									"address", to, "reason", "I change teams");
							life.handOver = new Life.HandOver(life.actor(), to, null);
							life.technical.add(to);
							life.invites(to);
							life.event("person.hand-over-asked");
						}),
				move("a colleague wants to take over", 4,
						(life) -> life.isHere() && !life.technical.isEmpty() && life.handOver == null, (life, year) -> {
							String from = year.oneOf(life.technical);
							String to = life.newAddress();
							year.takeOver(from, to);
							life.handOver = new Life.HandOver(from, to, year.clock.instant().plus(Duration.ofDays(3)));
							life.event("person.hand-over-asked");
							life.letter("person-take-over", from);
							life.tellOwner("people");
						}),
				move("a hand-over is stopped", 60, (life) -> life.isAnybodyThere() && life.handOver != null,
						(life, year) -> {
							Life.HandOver waiting = Objects.requireNonNull(life.handOver);
							boolean ours = year.random.nextBoolean();
							year.post(ours ? year.reviewer : life.relation.person,
									(ours ? "/partners/" + life.relation.id : "/partnership") + "/people/hand-over/"
											+ life.relation.handOver() + "/objection");
							life.handOver = null;
							life.event("person.hand-over-refused");
							life.letter("person-hand-over-stopped", waiting.to());
							if (waiting.isByColleague()) {
								life.tellOwner("people");
							}
							else {
								life.event("partner.contacts-changed");
								life.goes(waiting.to());
							}
						}),
				move("one of us lets a colleague take over now", 60,
						(life) -> life.isHere() && life.handOver != null && life.handOver.isByColleague(),
						(life, year) -> {
							Life.HandOver waiting = Objects.requireNonNull(life.handOver);
							year.post(year.reviewer, "/partners/" + life.relation.id + "/people/hand-over/"
									+ life.relation.handOver() + "/effect");
							life.handOver = null;
							life.replaced(waiting.from(), waiting.to());
						}),
				move("one of us puts another in a contact's place", 3,
						(life) -> life.isHere() && !life.technical.isEmpty() && life.handOver == null, (life, year) -> {
							String from = year.oneOf(life.technical);
							String to = life.newAddress();
							year.post(year.inviter,
									"/partners/" + life.relation.id + "/people/" + contact(life, from) + "/hand-over",
									"name", "Kim Novak", "address", to, "reason", "Their head of IT phoned");
							life.replaced(from, to);
						}),
				move("another colleague of ours answers for them", 3, Life::isLiving, (life, year) -> {
					String owner = year.anotherThan(life.owner);
					year.post(year.inviter, "/partners/" + life.relation.id + "/people/owner", "name", "A Colleague",
							"address", owner, "reason", "A new team");
					life.owner = owner;
					life.ownerUnreachable = false;
					life.event("partner.owner-changed");
					life.letter("owner-changed", owner);
				}));

	/** All that can happen. */
	static final List<LifeMove> ALL = java.util.stream.Stream.of(BEGINNING, PROVING, CHANGING, TROUBLE, PEOPLE)
		.flatMap(List::stream)
		.toList();

	private static void approve(Life life) {
		assertThat(life.relation.approve().done()).isTrue();
		life.event("attestation.approved");
		life.tellPartner("pass-approved");
	}

	private static void giveBack(Life life, SimulatedYearTests year, String task) {
		Attestation pass = life.relation.pass();
		assertThat(
				year.review.giveBack(year.reviewer.who(), pass.id(), pass.version(), task, "Look at this again").done())
			.isTrue();
		life.event("attestation.returned");
		life.tellPartner("returned");
		life.changed = life.today;
		life.pass = "RETURNED";
	}

	private static void suspend(Life life, SimulatedYearTests year, PartnerMove.Mode connectors) {
		life.relation.ask(PartnerMove.Kind.SUSPEND, connectors, year.inviter);
		life.event("partner.move-asked");
		life.off = connectors == PartnerMove.Mode.SWITCH_OFF;
		life.state = "SUSPENDED";
		life.event("partner.suspended");
		life.moved("suspended");
	}

	private static UUID contact(Life life, String address) {
		return life.relation.partner()
			.contacts(ContactRole.TECHNICAL)
			.stream()
			.filter((person) -> person.address().key().equals(EmailAddress.of(address).key()))
			.findFirst()
			.orElseThrow()
			.id();
	}

}
