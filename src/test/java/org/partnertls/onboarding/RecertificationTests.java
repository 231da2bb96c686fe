package org.partnertls.onboarding;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.NewContact;
import org.partnertls.partner.Partner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class RecertificationTests {

	private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Recertifications recertifications;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TestClock clock;

	private People.Person inviter;

	private People.Person reviewer;

	private Relation relation;

	@BeforeEach
	void activate() {
		this.inviter = People.of(this.context).admin();
		this.reviewer = People.of(this.context).admin();
		this.relation = Relation.active(this.context, this.inviter, this.reviewer);
	}

	@Test
	void fallsDueAYearAfterTheProofInTheOrganisationsZoneAndItsWorkIsPlannedWithIt() {
		Partner partner = this.relation.partner();
		assertThat(this.relation.due())
			.isEqualTo(java.util.Objects.requireNonNull(partner.lastProofAt()).atZone(BERLIN).plusYears(1).toInstant());
		assertThat(this.relation.runIfDue()).as("planned in the same transaction").isTrue();
		assertThat(this.relation.runIfDue()).as("and then for when it opens").isFalse();
		assertThat(this.relation.pass().kind()).isEqualTo(Attestation.Kind.FIRST);
	}

	@Test
	void opensPrefilledAndAsOnePageWhenItsTimeHasCome() {
		passUntil(60);
		assertThat(this.relation.runIfDue()).isTrue();

		Attestation pass = this.relation.pass();
		assertThat(pass.kind()).isEqualTo(Attestation.Kind.RECERTIFICATION);
		assertThat(pass.isOnePage()).isTrue();
		assertThat(pass.answers().platforms()).containsExactly(MailPlatform.POSTFIX);
		assertThat(pass.answers().confirmation()).isNull();
		assertThat(this.relation.events("attestation.recertification-opened")).isEqualTo(1);
	}

	@Test
	void whenNothingHasChangedAndBothSidesAreSeenToWorkItIsApprovedByItself() {
		Instant first = this.relation.due();
		openIt();
		this.relation.confirmNothingChanged();
		assertThat(this.relation.pass().isBeingChecked()).isTrue();
		assertThat(scheduled("connector-revalidation")).isEqualTo(1);

		Instant before = this.clock.instant();
		int proven = this.relation.events("partner.proven");
		this.relation.validated(true);

		assertThat(this.relation.pass().state()).isEqualTo(Attestation.State.APPROVED);
		assertThat(this.relation.due()).isAfter(first);
		assertThat(this.relation.letters(before)).containsExactlyInAnyOrder("partner-recertified", "owner-recertified");
		assertThat(this.jdbc.sql("""
				select actor_id from audit_event where code = 'attestation.approved' and partner_id = ?
				order by at desc limit 1""").param(this.relation.id).query(String.class).single())
			.isEqualTo("recertification");
		assertThat(this.relation.events("partner.proven")).isEqualTo(proven + 1);
		assertThat(this.jdbc.sql("select count(*) from connector_change where attestation_id = ?")
			.param(this.relation.pass().id())
			.query(Integer.class)
			.single()).as("connectors change").isZero();
	}

	@Test
	void theOlderOfBothProofsDecidesWhenItIsDueAgain() {
		openIt();
		this.relation.seeTestMessage();
		Instant message = this.clock.instant();
		this.clock.pass(Duration.ofDays(10));
		this.relation.checksPass();
		this.relation.confirm(Relation.YES, Relation.YES);
		this.relation.validated(true);

		assertThat(this.relation.due()).isBefore(message.atZone(BERLIN).plusYears(1).toInstant().plusSeconds(5));
	}

	@Test
	void withoutATestMessageNothingIsHandedIn() {
		openIt();
		assertThat(this.relation.tryToConfirm(Relation.YES, Relation.YES)).contains("Send us a test message");
	}

	@Test
	void aFailedValidationOfOurSideGoesToAPerson() {
		openIt();
		this.relation.confirmNothingChanged();
		this.relation.validated(false);
		isHeld("Our own connector was not validated");
	}

	@Test
	void whereThePortalCannotValidateAPersonDoes() {
		openIt();
		this.relation.confirmNothingChanged();
		this.relation.validated(null);
		isHeld("Our own connector was not validated");
	}

	@Test
	void aLiveCheckThatDisagreesGoesToAPerson() {
		openIt();
		this.relation.confirmNothingChanged();
		this.jdbc.sql(
				"update watched_domain set outcome = 'FAIL', sentence = 'The certificate has expired.' where partner_id = ?")
			.param(this.relation.id)
			.update();
		this.relation.validated(true);
		isHeld("The certificate has expired.");
	}

	@Test
	void aCheckOfLastWeekSaysNothingAboutToday() {
		openIt();
		this.relation.confirmNothingChanged();
		this.clock.pass(Duration.ofDays(3));
		this.relation.validated(true);
		isHeld("have not been checked within two days");
	}

	@Test
	void anAnswerThatIsNotTheSameGoesToAPersonOtherThanWhoeverShapedIt() {
		openIt();
		this.relation.seeTestMessage();
		this.relation.checksPass();
		Answers.Statement gap = new Answers.Statement(Answers.Choice.NOT_YET, "We migrate", "Ole Hahn",
				LocalDate.now(this.clock.withZone(BERLIN)).plusDays(30));
		this.relation.confirm(Relation.YES, gap);
		this.relation.validated(true);
		isHeld("Refuses clear text from us: not yet");

		Instant due = this.relation.due();
		assertThat(this.relation.approve(this.inviter).done()).as("whoever invited has shaped it").isFalse();
		assertThat(this.relation.approve().done()).isTrue();
		assertThat(this.relation.due()).as("not before it is pushed").isEqualTo(due);
		this.relation.pushed();
		assertThat(this.relation.due()).isAfter(due);
	}

	@Test
	void somethingHasChangedOpensOnlyTheTasksThatItTouchesAndGoesToReview() {
		openIt();
		Passes passes = this.context.getBean(Passes.class);
		Relation.mustBeNull(passes.choose(this.relation.person.who(), this.relation.pass().version(),
				java.util.Set.of(Passes.WhatChanges.SENDING)));
		Onboarding.Pass pass = this.context.getBean(Onboarding.class).of(this.relation.person.who());
		assertThat(pass.tasks()).extracting(TaskList.Task::key).containsExactly("sending", "test", "check");

		this.relation.answer((answers) -> answers.withSending(List.of(MailPlatform.EXIM), null, List.of(), null));
		this.relation.confirmNothingChanged();
		assertThat(this.relation.pass().isBeingChecked()).isFalse();
		this.relation.validated(true);
		assertThat(this.relation.pass().state()).isEqualTo(Attestation.State.SUBMITTED);
		assertThat(this.relation.pass().ourProofAt()).isNotNull();
		assertThat(this.context.getBean(Onboarding.class).differences(this.relation.partner(), this.relation.pass()))
			.containsExactly("Sends with: Exim; before: Postfix.");
	}

	@Test
	void whatThePortalCannotLookAtWithinADayGoesToAPerson() {
		openIt();
		this.relation.confirmNothingChanged();
		this.clock.pass(Duration.ofDays(1).plusMinutes(1));
		this.recertifications.lookAfter(this.relation.id);
		isHeld("could not be validated within a day");
	}

	@Test
	void remindsFirstTheContactThenAlsoTheSecondAndTheOwnerEachTimeOnce() {
		Instant start = this.clock.instant();
		List<String> log = new ArrayList<>();
		passUntil(66);
		Instant due = this.relation.due();
		// Daily, at an hour when the day's reminder has come.
		for (int days = 65; days >= 0; days--) {
			passUntil(days);
			Instant before = this.clock.instant();
			this.recertifications.lookAfter(this.relation.id);
			this.recertifications.lookAfter(this.relation.id);
			List<String> letters = this.relation.letters(before);
			if (!letters.isEmpty()) {
				log.add(days + ": " + letters);
			}
		}
		assertThat(this.relation.due()).isEqualTo(due);
		String both = "[partner-recertification, partner-recertification, owner-recertification]";
		assertThat(log).containsExactly("60: [partner-recertification]", "30: [partner-recertification]", "14: " + both,
				"7: " + both, "1: " + both,
				"0: [owner-recertification-overdue, compliance-recertification-overdue, partner-recertification-overdue,"
						+ " partner-recertification-overdue]");
		assertThat(this.relation.events("recertification.reminded")).isEqualTo(5);
		assertThat(this.relation.events("recertification.overdue")).isEqualTo(1);
		assertThat(this.relation.letters(start)).hasSize(15);
	}

	@Test
	void remindsWhoCanActEachOnceAndFirstOneWhomMailReaches() {
		String domain = this.relation.partner().mainDomain().name().ascii();
		this.relation.partners()
			.setContacts(this.relation.id,
					List.of(contact("Olga", "board@" + domain, ContactRole.BUSINESS),
							contact("Ines", "ines@" + domain, ContactRole.TECHNICAL),
							contact("Ines", "ines@" + domain, ContactRole.SECURITY),
							contact("Piet", "piet@" + domain, ContactRole.TECHNICAL),
							contact("Ole", "ole@elsewhere.example", ContactRole.EMERGENCY)));
		this.relation.partners().returned(EmailAddress.of("ines@" + domain), "No such user", this.clock.instant());

		passUntil(60);
		Instant before = this.clock.instant();
		this.recertifications.lookAfter(this.relation.id);
		assertThat(reminded(before)).containsExactly("piet@" + domain);
		passUntil(14);
		before = this.clock.instant();
		this.recertifications.lookAfter(this.relation.id);
		assertThat(reminded(before)).containsExactlyInAnyOrder("ines@" + domain, "piet@" + domain,
				"ole@elsewhere.example");
		passUntil(0);
		this.recertifications.lookAfter(this.relation.id);
		assertThat(this.jdbc.sql("""
				select letters from recertification_reminder where partner_id = ? and step like 'overdue%'""")
			.param(this.relation.id)
			.query(Integer.class)
			.single()).as("our two and three of theirs").isEqualTo(5);
	}

	private List<String> reminded(Instant since) {
		return this.jdbc.sql("""
				select recipient from letter
				where partner_id = ? and template = 'partner-recertification' and created_at > ? order by id""")
			.params(this.relation.id, since.atOffset(java.time.ZoneOffset.UTC))
			.query(String.class)
			.list();
	}

	private static NewContact contact(String name, String address, ContactRole role) {
		return new NewContact(name, EmailAddress.of(address), null, role);
	}

	@Test
	void whatIsOverdueIsToldAgainEveryWeekAndNothingIsSwitchedOff() {
		passUntil(0);
		for (int day = 0; day < 20; day++) {
			this.recertifications.lookAfter(this.relation.id);
			this.clock.pass(Duration.ofDays(1));
		}
		assertThat(this.relation.events("recertification.overdue")).isEqualTo(3);
		assertThat(this.jdbc.sql("select count(*) from connector where partner_id = ? and enforced_since is not null")
			.param(this.relation.id)
			.query(Integer.class)
			.single()).isEqualTo(2);
	}

	@Test
	void afterAStandstillOneMessageIsEnough() {
		passUntil(5);
		Instant before = this.clock.instant();
		this.recertifications.lookAfter(this.relation.id);
		assertThat(this.relation.letters(before)).hasSize(3);
		assertThat(this.jdbc.sql("select count(*) from recertification_reminder where partner_id = ? and letters = 0")
			.param(this.relation.id)
			.query(Integer.class)
			.single()).isEqualTo(3);
	}

	@Test
	void aReminderThatCrashedBeforeItsCommitIsSentOnceAfterwards() {
		passUntil(30);
		Instant before = this.clock.instant();
		this.transaction.executeWithoutResult((status) -> {
			this.recertifications.lookAfter(this.relation.id);
			status.setRollbackOnly();
		});
		assertThat(this.relation.letters(before)).isEmpty();
		this.recertifications.lookAfter(this.relation.id);
		this.recertifications.lookAfter(this.relation.id);
		assertThat(this.relation.letters(before)).containsExactly("partner-recertification");
	}

	@Test
	void twoInstancesThatRunAtOnceSendOne() throws Exception {
		passUntil(30);
		Instant before = this.clock.instant();
		try (ExecutorService instances = Executors.newFixedThreadPool(3)) {
			List<Future<?>> runs = new ArrayList<>();
			for (int i = 0; i < 3; i++) {
				runs.add(instances.submit(() -> this.recertifications.lookAfter(this.relation.id)));
			}
			for (Future<?> run : runs) {
				run.get();
			}
		}
		assertThat(this.relation.letters(before)).containsExactly("partner-recertification");
		assertThat(this.relation.events("attestation.recertification-opened")).isEqualTo(1);
	}

	@Test
	void whatWaitsForOurReviewRemindsOurOwnPeopleOnly() {
		openIt();
		this.relation.confirmNothingChanged();
		this.relation.validated(false);
		passUntil(7);
		Instant before = this.clock.instant();
		this.recertifications.lookAfter(this.relation.id);
		assertThat(this.relation.letters(before)).containsExactly("owner-recertification");
	}

	@Test
	void aDueDateIsPutOffWithAReasonAndWithinBounds() {
		passUntil(5);
		this.recertifications.lookAfter(this.relation.id);
		LocalDate due = LocalDate.ofInstant(this.relation.due(), BERLIN);
		assertThat(postpone(due)).contains("Choose a day after");
		assertThat(postpone(due.plusDays(61))).contains("at the latest");
		assertThat(postpone(due.plusDays(20))).isNull();

		assertThat(LocalDate.ofInstant(this.relation.due(), BERLIN)).isEqualTo(due.plusDays(20));
		assertThat(this.relation.events("partner.postponed")).isEqualTo(1);
		assertThat(this.recertifications.postponement(this.relation.partner())).hasValueSatisfying((postponed) -> {
			assertThat(postponed.reason()).isEqualTo("On leave until then");
			assertThat(postponed.by()).isEqualTo("Amina Okafor");
		});
		assertThat(postpone(due.plusDays(61))).as("counted from the first due date").contains("at the latest");
		Instant before = this.clock.instant();
		this.recertifications.lookAfter(this.relation.id);
		assertThat(this.relation.letters(before)).as("what would have been before").isEmpty();
		passUntil(14);
		this.recertifications.lookAfter(this.relation.id);
		assertThat(this.relation.letters(before)).hasSize(3);
	}

	@Test
	void aChangeThatIsUnderWayBecomesPartOfIt() {
		passUntil(70);
		this.relation.openChange(Passes.WhatChanges.SENDING);
		passUntil(50);
		this.recertifications.lookAfter(this.relation.id);
		assertThat(this.relation.pass().kind()).isEqualTo(Attestation.Kind.RECERTIFICATION);
		assertThat(this.relation.pass().scope()).containsExactly("sending");
		assertThat(this.relation.events("attestation.widened")).isEqualTo(1);
	}

	@Test
	void oneOfUsMayAskForItBeforeItsTime() {
		Instant before = this.clock.instant();
		assertThat(this.recertifications.ask(this.relation.id, this.reviewer.who()).done()).isTrue();
		assertThat(this.relation.pass().isOnePage()).isTrue();
		assertThat(this.relation.letters(before)).containsExactly("partner-recertification");
		assertThat(this.recertifications.ask(this.relation.id, this.reviewer.who()).done()).isFalse();
	}

	@Test
	void whatIsSuspendedIsNotRemindedUntilItGoesOn() {
		passUntil(13);
		this.relation.partners().suspend(this.relation.id, "Strike");
		assertThat(this.recertifications.lookAfter(this.relation.id)).isEmpty();
		this.relation.partners().resume(this.relation.id, "Over");
		assertThat(this.relation.runIfDue()).isTrue();
		assertThat(this.relation.events("recertification.reminded")).isEqualTo(1);
	}

	@Test
	void theSweepFindsWhoeverIsNotLookedAfter() {
		this.jdbc.sql("delete from scheduled_tasks where task_name = 'recertification' and task_instance = ?")
			.param(this.relation.id.toString())
			.update();
		this.recertifications.sweep();
		assertThat(this.relation.runIfDue()).isTrue();
	}

	private String postpone(LocalDate until) {
		return this.recertifications.postpone(this.relation.id, until, "On leave until then", this.reviewer.who());
	}

	private void openIt() {
		passUntil(40);
		this.recertifications.lookAfter(this.relation.id);
		assertThat(this.relation.pass().isOnePage()).isTrue();
	}

	private void isHeld(String why) {
		assertThat(this.relation.pass().state()).isEqualTo(Attestation.State.SUBMITTED);
		assertThat(this.relation.pass().held()).contains(why);
		assertThat(this.relation.events("attestation.held")).isEqualTo(1);
		assertThat(this.relation.letters(Instant.EPOCH)).contains("owner-recertification-held");
	}

	private int scheduled(String task) {
		return this.jdbc.sql("select count(*) from scheduled_tasks where task_name = ? and task_instance = ?")
			.params(task, this.relation.id.toString())
			.query(Integer.class)
			.single();
	}

	/** Lets time pass until some minutes after so many days before it is due. */
	private void passUntil(int days) {
		if (Duration.between(this.clock.instant(), this.relation.due()).toDays() > 100) {
			// Nearly a year has passed, without moving the clock that all tests share.
			this.relation.moveDue(this.clock.instant().plus(Duration.ofDays(75)));
		}
		Instant then = this.relation.due().atZone(BERLIN).minusDays(days).toInstant().plus(Duration.ofMinutes(5));
		Duration left = Duration.between(this.clock.instant(), then);
		if (!left.isNegative()) {
			this.clock.pass(left);
		}
	}

}
