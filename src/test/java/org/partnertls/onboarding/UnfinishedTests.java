package org.partnertls.onboarding;

import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Inbox;
import org.partnertls.Jobs;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Partnership;
import org.partnertls.partner.SomePartner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class UnfinishedTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Partners partners;

	@Autowired
	private Attestations attestations;

	@Autowired
	private TestClock clock;

	@Autowired
	private Jobs jobs;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private Fixtures fixtures;

	private Partner partner;

	private People.Person greta;

	private String domain;

	@BeforeEach
	void begin() {
		this.partner = SomePartner.invited(this.context, People.of(this.context).admin().who());
		this.domain = this.partner.mainDomain().name().ascii();
		this.greta = People.of(this.context).partner(this.partner.id(), EmailAddress.of("it@" + this.domain));
		this.mvc.get().uri("/tasks").with(this.greta.signedIn()).exchange();
	}

	@Test
	void remindsOfWhatIsOpenEveryWeekAndAnAnswerStartsTheWeekAnew() {
		long version = attestation().version();
		pass(6);
		assertThat(reminders()).isZero();
		pass(1);
		assertThat(reminders()).isOne();
		assertThat(Inbox.of(this.context, "it@" + this.domain).getFirst()).contains("Still open: encrypted mail",
				"0 of 7 tasks are done", "Who we can talk to", "it ends by itself on");
		pass(7);
		assertThat(reminders()).isEqualTo(2);
		assertThat(attestation().version()).isEqualTo(version);
		pass(3);
		this.mvc.post()
			.uri("/tasks/sending")
			.param("version", String.valueOf(version))
			.param("platforms", "POSTFIX")
			.with(this.greta.signedIn())
			.with(csrf())
			.exchange();
		pass(5);
		assertThat(reminders()).isEqualTo(2);
	}

	@Test
	void whatNobodyFinishesEndsAndIsFilledInWhenTheyComeBack() {
		this.mvc.post()
			.uri("/tasks/sending")
			.param("version", String.valueOf(attestation().version()))
			.param("platforms", "POSTFIX")
			.with(this.greta.signedIn())
			.with(csrf())
			.exchange();
		pass(90);
		assertThat(this.partners.find(this.partner.id()).orElseThrow().state()).isEqualTo(Partnership.State.EXPIRED);
		assertThat(Inbox.of(this.context, "it@" + this.domain).getFirst()).contains("Over for now");
		assertThat(this.mvc.get().uri("/tasks").with(this.greta.signedIn())).hasRedirectedUrl("/sign-in");

		Partner again = SomePartner.invited(this.context, People.of(this.context).admin().who(), this.domain);
		assertThat(again.returnsFrom()).isEqualTo(this.partner.id());
		this.mvc.get()
			.uri("/tasks")
			.with(People.of(this.context).partner(again.id(), EmailAddress.of("it@" + this.domain)).signedIn())
			.exchange();
		assertThat(this.attestations.findLatest(again.id()).orElseThrow().answers().platforms())
			.containsExactly(MailPlatform.POSTFIX);
	}

	@Test
	void itEndsOnTheDayThatTheLettersNamedWheneverTheLastReminderWas() {
		for (int week = 0; week < 11; week++) {
			pass(7);
		}
		// The last reminder comes three days before the end.
		pass(10);
		assertThat(reminders()).isEqualTo(12);
		assertThat(state()).isEqualTo(Partnership.State.ONBOARDING);
		pass(3);
		assertThat(state()).isEqualTo(Partnership.State.EXPIRED);
	}

	@Test
	void whatNeverEndsByItselfIsRemindedOfWeeklyForGood() {
		this.jdbc
			.sql("""
					insert into connector (id, version, partner_id, partner_name, tenant_id, direction, guid, name, form, seen_at)
					values (?, 0, ?, 'x', 'script', 'OUTBOUND', ?, 'x', '{}', now())""")
			.params(UUID.randomUUID(), this.partner.id(), UUID.randomUUID().toString())
			.update();
		pass(95);
		pass(0);
		assertThat(reminders()).isOne();
		assertThat(state()).isEqualTo(Partnership.State.ONBOARDING);
	}

	private Partnership.State state() {
		return this.partners.find(this.partner.id()).orElseThrow().state();
	}

	private Attestation attestation() {
		return this.attestations.findLatest(this.partner.id()).orElseThrow();
	}

	private int reminders() {
		return this.fixtures.events("attestation.reminded", this.partner.id());
	}

	private void pass(int days) {
		this.clock.pass(Duration.ofDays(days).plusSeconds(60));
		this.jobs.runRecurring("unfinished-task-lists");
	}

}
