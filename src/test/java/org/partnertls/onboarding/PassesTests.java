package org.partnertls.onboarding;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.Wanted;
import org.partnertls.organization.DomainName;
import org.partnertls.partner.Partner;
import org.partnertls.tlscheck.TlsWatchEvent;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class PassesTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Passes passes;

	@Autowired
	private Onboarding onboarding;

	@Autowired
	private Connectors connectors;

	@Autowired
	private TestClock clock;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private MockMvcTester mvc;

	private People.Person inviter;

	private People.Person reviewer;

	private Relation relation;

	private DomainName domain;

	@BeforeEach
	void activate() {
		this.inviter = People.of(this.context).admin();
		this.reviewer = People.of(this.context).admin();
		this.relation = Relation.active(this.context, this.inviter, this.reviewer);
		this.domain = this.relation.partner().mainDomain().name();
	}

	@Test
	void aChangeHasOnlyTheTasksThatItTouches() {
		this.relation.openChange(Passes.WhatChanges.PROVIDER);
		assertThat(tasks()).extracting(TaskList.Task::key)
			.containsExactly("receiving", "sending", "setup", "test", "check");
		assertThat(tasks()).filteredOn(TaskList.Task::done).as("prefilled is not answered").isEmpty();
		assertThat(this.relation.pass().answers().platforms()).containsExactly(MailPlatform.POSTFIX);
		assertThat(this.relation.letters(Instant.EPOCH)).contains("owner-change-opened");
	}

	@Test
	void oneOfThreeNewDomainsWithoutItsRecordDoesNotHoldTheOthersBack() {
		this.relation.openChange(Passes.WhatChanges.DOMAINS);
		DomainName good = fresh();
		DomainName other = fresh();
		DomainName failing = fresh();
		for (DomainName name : List.of(good, other)) {
			waive(this.relation.addDomain(name.ascii()));
		}
		UUID pending = this.relation.addDomain(failing.ascii());
		assertThat(tasks()).filteredOn((task) -> task.key().equals("domains"))
			.singleElement()
			.satisfies((task) -> assertThat(task.hint()).contains(failing.display(), "does not hold the others back"));
		handIn();

		assertThat(this.relation.approve().done()).isTrue();

		assertThat(enforced()).containsExactlyInAnyOrder(this.domain, good, other);
		this.relation.pushed();
		assertThat(this.relation.partner().domain(pending)).as("still pending and visible")
			.hasValueSatisfying((one) -> assertThat(one.proof()).isEqualTo(Partner.Proof.UNPROVEN));

		Instant before = this.clock.instant();
		waive(pending);
		assertThat(this.relation.pass()).satisfies((pass) -> {
			assertThat(pass.kind()).isEqualTo(Attestation.Kind.CHANGE);
			assertThat(pass.state()).isEqualTo(Attestation.State.OPEN);
			assertThat(pass.openedWhy()).contains(failing.display());
		});
		assertThat(this.relation.letters(before)).containsExactly("partner-change-asked");
	}

	@Test
	void connectorsStayAsTheyAreUntilTheChangeIsApproved() {
		this.relation.openChange(Passes.WhatChanges.DOMAINS);
		DomainName added = fresh();
		waive(this.relation.addDomain(added.ascii()));
		handIn();
		assertThat(enforced()).containsExactly(this.domain);
		assertThat(this.relation.approve(this.inviter).done()).as("whoever shaped the last pass").isFalse();
		assertThat(enforced()).containsExactly(this.domain);
		this.relation.approve();
		assertThat(enforced()).containsExactlyInAnyOrder(this.domain, added);
		Instant due = this.relation.due();
		Instant before = this.clock.instant();
		this.relation.pushed();
		assertThat(this.relation.due()).as("a change proves not everything anew").isEqualTo(due);
		assertThat(this.relation.letters(before)).containsExactly("partner-change-done", "owner-change-done");
	}

	@Test
	void aRetiredDomainLeavesOurConnectorsFirstAndThePartnerHearsWhatToTakeBack() {
		DomainName second = fresh();
		this.relation.openChange(Passes.WhatChanges.DOMAINS);
		UUID id = this.relation.addDomain(second.ascii());
		waive(id);
		handIn();
		this.relation.approve();
		this.relation.pushed();

		this.relation.openChange(Passes.WhatChanges.DOMAINS);
		Relation.mustBeNull(this.passes.retire(this.relation.person.who(), this.relation.pass().version(), id, true));
		handIn();
		assertThat(this.onboarding.differences(this.relation.partner(), this.relation.pass()))
			.containsExactly("No longer a mail domain: " + second.display() + ".");
		this.relation.approve();
		assertThat(enforced()).containsExactly(this.domain);
		assertThat(this.relation.partner().domain(id)).as("until it is pushed").isPresent();
		Instant before = this.clock.instant();
		this.relation.pushed();
		assertThat(this.relation.partner().domain(id)).isEmpty();
		assertThat(this.relation.letters(before)).contains("partner-domain-retired");
	}

	@Test
	void theLastDomainAndTheOneThatPeopleAreReachedInStay() {
		this.relation.openChange(Passes.WhatChanges.DOMAINS);
		UUID only = this.relation.partner().mainDomain().id();
		assertThat(this.passes.retire(this.relation.person.who(), this.relation.pass().version(), only, true))
			.contains("One domain has to stay");
		waive(this.relation.addDomain(fresh().ascii()));
		assertThat(this.passes.retire(this.relation.person.who(), this.relation.pass().version(), only, true))
			.contains("A technical contact is reached in");
	}

	@Test
	void whoeverOfUsAsksForAChangeHasShapedIt() {
		Instant before = this.clock.instant();
		Relation.mustBeNull(this.passes.openChange(this.relation.id, this.reviewer.who(),
				Set.of(Passes.WhatChanges.SENDING), "You told me on the phone"));
		assertThat(this.relation.letters(before)).containsExactly("partner-change-asked");
		handIn();
		assertThat(this.relation.approve(this.reviewer).done()).isFalse();
		assertThat(this.relation.approve(this.inviter).done()).isTrue();
	}

	@Test
	void thereIsOnePassAtATime() {
		this.relation.openChange(Passes.WhatChanges.SENDING);
		assertThat(
				this.passes.openChange(this.relation.id, this.reviewer.who(), Set.of(Passes.WhatChanges.DOMAINS), null))
			.contains("under way already");
	}

	@Test
	void whatThePartnerOpenedThePartnerMayClose() {
		this.relation.openChange(Passes.WhatChanges.SENDING);
		Relation.mustBeNull(this.passes.close(this.relation.person.who(), this.relation.pass().version()));
		assertThat(this.relation.pass().state()).isEqualTo(Attestation.State.WITHDRAWN);
		assertThat(this.relation.events("attestation.withdrawn")).isEqualTo(1);
		this.relation.openChange(Passes.WhatChanges.SENDING);
	}

	/** What a change before it has left behind is not its affair. */
	@Test
	void whatCameWithAClosedChangeAndWasNeverProvenGoesWithIt() {
		this.relation.openChange(Passes.WhatChanges.DOMAINS);
		DomainName left = fresh();
		this.relation.addDomain(left.ascii());
		waive(this.relation.addDomain(fresh().ascii()));
		handIn();
		this.relation.approve();
		this.relation.pushed();
		this.clock.pass(Duration.ofDays(1));

		this.relation.openChange(Passes.WhatChanges.DOMAINS);
		UUID change = this.relation.pass().id();
		DomainName unproven = fresh();
		this.relation.addDomain(unproven.ascii());
		DomainName proven = fresh();
		waive(this.relation.addDomain(proven.ascii()));
		Relation.mustBeNull(this.passes.close(this.relation.person.who(), this.relation.pass().version()));

		assertThat(this.relation.partner().domains()).extracting(Partner.Domain::name)
			.contains(left, proven)
			.doesNotContain(unproven);
		assertThat(this.relation.events("domain.removed")).isEqualTo(1);
		this.relation.partners().rename(this.relation.id, "Another name of theirs");
		assertThat(this.relation.pass().id()).as("somebody has closed it: nothing else opens it again")
			.isEqualTo(change);
	}

	@Test
	void aDifferenceThatACheckSawBecomesAProposalOnceAndAsksThePartner() {
		Instant before = this.clock.instant();
		this.relation.publish(differs("mx9.elsewhere.example"));
		this.relation.publish(differs("mx9.elsewhere.example"));

		assertThat(this.passes.of(this.relation.id)).hasSize(2);
		assertThat(this.relation.pass()).satisfies((pass) -> {
			assertThat(pass.kind()).isEqualTo(Attestation.Kind.CHANGE);
			assertThat(pass.openedName()).isEqualTo("The TLS check");
			assertThat(pass.openedWhy()).contains("mx9.elsewhere.example");
		});
		assertThat(this.relation.letters(before)).filteredOn((template) -> template.startsWith("partner"))
			.containsExactly("partner-change-proposed");
		assertThat(this.passes.close(this.relation.person.who(), this.relation.pass().version()))
			.as("only we close what we opened")
			.contains("We have opened this one");
	}

	@Test
	void aProposalThatIsDismissedWithAReasonDoesNotComeBack() {
		this.relation.publish(differs("mx9.elsewhere.example"));
		Attestation proposal = this.relation.pass();
		assertThat(this.passes
			.close(proposal.id(), this.reviewer.who(), proposal.version(), "Their provider renamed its hosts.")
			.done()).isTrue();

		this.relation.publish(differs("mx9.elsewhere.example"));
		assertThat(this.relation.pass().id()).isEqualTo(proposal.id());
		this.relation.publish(differs("mx10.elsewhere.example"));
		assertThat(this.relation.pass().id()).isNotEqualTo(proposal.id());
	}

	@Test
	void theSameDifferenceIsNewsAgainWhenThatFromBeforeWasApproved() {
		this.relation.publish(differs("mx9.elsewhere.example"));
		UUID first = this.relation.pass().id();
		handIn();
		this.relation.approve();
		this.relation.pushed();
		this.clock.pass(Duration.ofDays(40));
		this.relation.publish(differs("mx9.elsewhere.example"));
		assertThat(this.relation.pass().id()).isNotEqualTo(first);
	}

	@Test
	void aDifferenceDuringAChangeBelongsToIt() {
		this.relation.openChange(Passes.WhatChanges.SENDING);
		UUID id = this.relation.pass().id();
		this.relation.publish(differs("mx9.elsewhere.example"));
		this.relation.publish(differs("mx9.elsewhere.example"));
		assertThat(this.relation.pass().id()).isEqualTo(id);
		assertThat(this.relation.pass().scope()).contains("receiving", "sending", "setup");
		assertThat(this.relation.events("attestation.difference-noted")).isEqualTo(1);
	}

	@Test
	void nothingIsApprovedWhileThePartnershipIsSuspended() {
		this.relation.openChange(Passes.WhatChanges.SENDING);
		handIn();
		this.relation.partners().suspend(this.relation.id, "Strike");

		assertThat(this.relation.approve()).satisfies((outcome) -> {
			assertThat(outcome.done()).isFalse();
			assertThat(outcome.sentence()).contains("suspended", "Resume it first");
		});
		String page = "/reviews/" + this.relation.pass().id();
		assertThat(this.mvc.get().uri(page).with(this.reviewer.signedIn())).bodyText()
			.contains("The partnership is suspended")
			.doesNotContain("Approve: push");
		assertThat(this.relation.pass().state()).isEqualTo(Attestation.State.SUBMITTED);

		this.relation.partners().resume(this.relation.id, "Over");
		assertThat(this.mvc.get().uri(page).with(this.reviewer.signedIn())).bodyText().contains("Approve: push");
		assertThat(this.relation.approve().done()).isTrue();
	}

	@Test
	void whatACheckSawDuringASuspensionIsProposedWhenItGoesOn() {
		this.relation.partners().suspend(this.relation.id, "Strike");
		this.relation.publish(differs("mx9.elsewhere.example"));
		this.jdbc.sql("update watched_domain set difference = ?, difference_since = now() where partner_id = ?")
			.params("New mail servers: mx9.elsewhere.example.\nMail goes on.", this.relation.id)
			.update();
		assertThat(this.relation.pass().isLiving()).isFalse();

		Instant before = this.clock.instant();
		this.relation.partners().resume(this.relation.id, "Over");

		assertThat(this.relation.pass().openedWhy())
			.isEqualTo(this.domain.display() + ": New mail servers: mx9.elsewhere.example.");
		assertThat(this.relation.letters(before)).contains("partner-change-proposed");
		this.relation.publish(differs("mx9.elsewhere.example"));
		this.relation.partners().suspend(this.relation.id, "Strike");
		this.relation.partners().resume(this.relation.id, "Over");
		assertThat(this.relation.events("attestation.difference-noted")).as("once for the same").isZero();
	}

	@Test
	void whatWasApprovedBesideTheAnswersStays() {
		Wanted last = this.connectors.lastWanted(this.relation.id).orElseThrow();
		Wanted.Options special = new Wanted.Options(new java.util.TreeSet<>(List.of(this.domain)), List.of(),
				Wanted.Dane.MANDATORY, Wanted.MtaSts.OPPORTUNISTIC, Wanted.Filtering.USUAL);
		Wanted restricted = new Wanted(last.partnerId(), last.partnerName(), last.domains(), last.tlsLevel(),
				last.tlsDomain(), last.validationRecipients(), new Wanted.ByAddress(List.of("192.0.2.1")),
				last.reference(), special);
		approveByHand(restricted);

		this.relation.openChange(Passes.WhatChanges.SENDING);
		Wanted wanted = this.onboarding.wanted(this.relation.partner(), this.relation.pass());
		assertThat(wanted.options()).isEqualTo(special);
		assertThat(wanted.restriction()).isEqualTo(new Wanted.ByAddress(List.of("192.0.2.1")));

		this.relation.answer((answers) -> answers.withSending(List.of(MailPlatform.POSTFIX), null,
				List.of("198.51.100.0/24"), null));
		assertThat(this.onboarding.wanted(this.relation.partner(), this.relation.pass()).restriction())
			.isEqualTo(new Wanted.ByAddress(List.of("198.51.100.0/24")));
	}

	@Test
	void whatIsUnderWayEndsWithThePartnership() {
		this.relation.openChange(Passes.WhatChanges.SENDING);
		this.relation.partners().end(this.relation.id, "Contract over");
		assertThat(this.relation.pass().state()).isEqualTo(Attestation.State.WITHDRAWN);
	}

	@Test
	void whatAPersonOpenedAndWroteNamesThemNoMoreOnceTheyAreReduced() {
		Relation.mustBeNull(this.passes.openChange(this.relation.person.who(), Set.of(Passes.WhatChanges.SENDING),
				"Ask Ines Tanner"));
		this.relation.partners().end(this.relation.id, "Ines Tanner said so");
		this.relation.partners().reduce(this.relation.id);
		assertThat(this.jdbc
			.sql("""
					select count(*) from attestation t where partner_id = :id and (t::text like '%Ines%' or opened_name = :name)""")
			.param("id", this.relation.id)
			.param("name", this.relation.person.who().name())
			.query(Integer.class)
			.single()).isZero();
		assertThat(this.relation.pass().openedName()).isEqualTo("Somebody");
	}

	private void approveByHand(Wanted wanted) {
		org.partnertls.connector.Plan plan = ((org.partnertls.connector.PlanResult.Planned) this.connectors
			.plan(wanted)).plan();
		UUID change = this.connectors.propose(null, plan, this.inviter.id());
		this.connectors.approve(change, this.reviewer.id(), "Amina Okafor", plan.hash(), this.inviter.id(), 1);
	}

	private void handIn() {
		Attestation pass = this.relation.pass();
		if (pass.scope().contains("domains")) {
			this.relation.answer((answers) -> answers.answered("domains"));
		}
		if (pass.scope().contains("receiving")) {
			this.relation.answer(Answers::withReceivingSeen);
		}
		if (pass.scope().contains("sending")) {
			this.relation
				.answer((answers) -> answers.withSending(List.of(MailPlatform.POSTFIX), null, List.of(), null));
		}
		if (pass.scope().contains("setup")) {
			this.relation.answer((answers) -> answers.withSetup(Answers.Setup.BOTH));
		}
		this.relation.seeTestMessage();
		this.relation.confirm(Relation.YES, Relation.YES);
	}

	private List<TaskList.Task> tasks() {
		return this.onboarding.of(this.relation.person.who()).tasks();
	}

	private Set<DomainName> enforced() {
		return this.onboarding.enforced(this.relation.partner());
	}

	private void waive(UUID domainId) {
		this.relation.partners().waive(this.relation.id, domainId, "Known for years", this.inviter.who());
	}

	private static DomainName fresh() {
		return DomainName.of(Fixtures.freshDomain());
	}

	private TlsWatchEvent differs(String host) {
		return this.relation.differs(this.domain, host, "Mail goes on.");
	}

}
