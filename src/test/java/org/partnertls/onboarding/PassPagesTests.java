package org.partnertls.onboarding;

import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Jobs;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.partner.SomePartner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class PassPagesTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Recertifications recertifications;

	@Autowired
	private TestClock clock;

	@Autowired
	private Fixtures fixtures;

	@Autowired
	private Jobs jobs;

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
	void nothingHasChangedIsOnePage() {
		openIt();
		assertThat(partnerGets("/")).hasRedirectedUrl("/tasks");
		assertThat(partnerGets("/tasks")).hasStatusOk()
			.bodyText()
			.contains("Is everything still so?", this.relation.partner().mainDomain().name().display(), "Postfix",
					"Ines Tanner", "Our server requires TLS when it sends to contoso.example",
					"Confirm: nothing has changed", "Something has changed", "in 40 days");
		Attestation pass = this.relation.pass();
		String submission = "/attestations/" + pass.id() + "/submission";

		assertThat(partnerPosts(submission, "version=" + pass.version(), "toUs=YES", "fromUs=YES", "name=Ines Tanner",
				"role=Postmaster"))
			.hasStatus(422)
			.bodyText()
			.contains("Tick the box to confirm.", "Is everything still so?");
		assertThat(partnerPosts(submission, "version=" + pass.version(), "toUs=YES", "fromUs=YES", "name=Ines Tanner",
				"role=Postmaster", "truthful=true"))
			.hasStatus(422)
			.bodyText()
			.contains("Some tasks are still open: Send us a test message");
		this.relation.seeTestMessage();
		this.relation.checksPass();
		assertThat(partnerPosts(submission, "version=" + pass.version(), "toUs=YES", "fromUs=YES", "name=Ines Tanner",
				"role=Postmaster", "truthful=true"))
			.hasRedirectedUrl("/partnership");
		assertThat(partnerGets("/partnership")).bodyText().contains("We validate our own side now");
		assertThat(staffGets("/reviews")).bodyText().contains("being checked by the portal");
		this.relation.validated(true);
		assertThat(partnerGets("/partnership")).bodyText()
			.contains("Mail between us is always encrypted", "What we have been through", "Re-certification",
					"Something changes at our side");
		assertThat(staffGets("/partners/" + this.relation.id)).bodyText()
			.contains("Passes", "Re-certification", "First pass", "The portal approved it");
	}

	@Test
	void somethingHasChangedShowsOnlyWhatItTouches() {
		openIt();
		Attestation pass = this.relation.pass();
		assertThat(partnerPosts("/tasks/scope", "version=" + pass.version())).hasRedirectedUrl("/tasks");
		assertThat(this.relation.pass().isOnePage()).isTrue();
		partnerPosts("/tasks/scope", "version=" + pass.version(), "what=DOMAINS");
		assertThat(partnerGets("/tasks")).bodyText()
			.contains("Confirm again: something has changed", "Your mail domains", "0 of 4 done")
			.doesNotContain("Who we can talk to");
	}

	@Test
	void thePartnerOpensAChangeAndClosesIt() {
		assertThat(partnerGets("/partnership/change")).hasStatusOk();
		assertThat(partnerPosts("/partnership/change")).hasStatus(422).bodyText().contains("Choose what changes.");
		assertThat(partnerPosts("/partnership/change", "what=PROVIDER", "words=From March on <b>new</b>"))
			.hasRedirectedUrl("/tasks");
		assertThat(partnerGets("/tasks")).bodyText()
			.contains("Something changes", "From March on &lt;b&gt;new&lt;/b&gt;", "0 of 5 done");
		assertThat(partnerPosts("/partnership/change", "what=PROVIDER")).hasStatus(422)
			.bodyText()
			.contains("under way already");
		assertThat(staffGets("/reviews")).bodyText().contains("With the partners", "From March on");
		assertThat(partnerPosts("/tasks/withdrawal", "version=" + this.relation.pass().version()))
			.hasRedirectedUrl("/partnership");
		assertThat(partnerGets("/partnership")).bodyText().contains("The change was closed.");
	}

	@Test
	void aChangeThatNobodyGoesOnWithIsRemindedOfAndClosedByItself() {
		partnerPosts("/partnership/change", "what=PROVIDER");
		Attestation change = this.relation.pass();
		daysGoBy(7);
		assertThat(this.fixtures.events("attestation.reminded", this.relation.id)).isOne();
		assertThat(this.relation.pass().state()).isEqualTo(Attestation.State.OPEN);

		daysGoBy(83);
		assertThat(this.relation.pass().id()).isEqualTo(change.id());
		assertThat(this.relation.pass().state()).isEqualTo(Attestation.State.WITHDRAWN);
		assertThat(partnerGets("/partnership")).bodyText()
			.contains("The change was closed.", "Nobody went on with the change for 90 days.",
					"Mail between us is always encrypted");
		daysGoBy(7);
		assertThat(this.fixtures.events("attestation.reminded", this.relation.id)).isOne();
	}

	private void daysGoBy(int days) {
		this.clock.pass(Duration.ofDays(days).plusSeconds(60));
		this.jobs.runRecurring("unfinished-task-lists");
	}

	@Test
	void aDomainThatOurConnectorsHaveIsRetiredAndNotRemoved() {
		this.relation.openChange(Passes.WhatChanges.DOMAINS);
		String added = Fixtures.freshDomain();
		assertThat(partnerPosts("/tasks/domains", "domain=" + added)).hasRedirectedUrl("/tasks/domains");
		assertThat(partnerGets("/tasks/domains")).bodyText()
			.contains("does not hold the others back", "Remove " + added,
					"Retire " + this.relation.partner().mainDomain().name().display(),
					"Continue: these are our domains");
		assertThat(partnerPosts("/tasks/domains/done", "version=" + this.relation.pass().version()))
			.hasRedirectedUrl("/tasks");
		assertThat(this.relation.pass().answers().answered()).contains("domains");
	}

	@Test
	void staffAskForAChangeAndForARecertification() {
		String page = "/partners/" + this.relation.id;
		assertThat(staffGets(page)).bodyText().contains("Ask for a change", "Ask to confirm again now", "Put it off");
		assertThat(staffGets(page + "/change")).hasStatusOk();
		assertThat(staffPosts(page + "/change")).hasStatus(422).bodyText().contains("Choose what changes.");
		assertThat(staffPosts(page + "/change", "what=SENDING", "words=as told by phone")).hasRedirectedUrl(page);
		Attestation change = this.relation.pass();
		assertThat(staffGets("/reviews/" + change.id())).bodyText()
			.contains("Change, opened by Amina Okafor", "as told by phone", "What is different from the pass before",
					"Close it without a decision");
		assertThat(staffPosts("/attestations/" + change.id() + "/withdrawal", "version=" + change.version(), "note="))
			.hasRedirectedUrl("/reviews/" + change.id());
		assertThat(this.relation.pass().state()).isEqualTo(Attestation.State.OPEN);
		staffPosts("/attestations/" + change.id() + "/withdrawal", "version=" + change.version(), "note=A mistake");
		assertThat(this.relation.pass().state()).isEqualTo(Attestation.State.WITHDRAWN);
		assertThat(staffPosts(page + "/recertification")).hasRedirectedUrl(page);
		assertThat(this.relation.pass().isOnePage()).isTrue();
	}

	@Test
	void whatIsOverdueIsShownEverywhereAndPutOffWithAReason() {
		this.relation.moveDue(this.clock.instant().minus(Duration.ofMinutes(1)));
		this.recertifications.lookAfter(this.relation.id);
		String page = "/partners/" + this.relation.id;
		String name = this.relation.partner().name();
		assertThat(staffGets(page)).bodyText().contains("Overdue: both sides had to confirm");
		assertThat(staffGets("/partners?words=" + this.relation.partner().reference())).bodyText()
			.contains(name, "Overdue");
		assertThat(staffGets("/overview")).bodyText().containsIgnoringCase("overdue");
		assertThat(partnerGets("/partnership")).bodyText().contains("Overdue: confirm again.", "Confirm again");
		assertThat(partnerGets("/tasks")).bodyText().contains("This was due on");
		assertThat(this.mvc.get()
			.uri("/compliance?list=overdue&words=" + name)
			.with(People.of(this.context).compliance().signedIn())
			.exchange()).hasStatusOk().bodyText().contains(name);

		LocalDate tomorrow = LocalDate.ofInstant(this.clock.instant(), ZoneId.of("Europe/Berlin")).plusDays(1);
		assertThat(staffGets(page + "/postponement")).hasStatusOk();
		assertThat(staffPosts(page + "/postponement", "until=nonsense", "reason=")).hasStatus(422)
			.bodyText()
			.contains("Enter a date such as", "Say why");
		assertThat(staffPosts(page + "/postponement", "until=" + tomorrow.plusDays(90), "reason=Leave")).hasStatus(422)
			.bodyText()
			.contains("at the latest");
		assertThat(staffPosts(page + "/postponement", "until=" + tomorrow.plusDays(9), "reason=On leave"))
			.hasRedirectedUrl(page);
		assertThat(staffGets(page)).bodyText().contains("put off from", "On leave").doesNotContain("Overdue: both");
		assertThat(partnerGets("/partnership")).bodyText().contains("The due date was put off from");
	}

	@Test
	void whatIsOverdueForTooLongToBePutOffSaysSoAndNamesTheWayOn() {
		this.relation.moveDue(this.clock.instant().minus(Duration.ofDays(70)));
		String page = "/partners/" + this.relation.id;
		assertThat(staffGets(page + "/postponement")).hasStatusOk()
			.bodyText()
			.contains("It cannot be put off any further", page + "/people", page + "/suspension")
			.doesNotContain("at the latest", "Put it off</button>");
		LocalDate tomorrow = LocalDate.ofInstant(this.clock.instant(), ZoneId.of("Europe/Berlin")).plusDays(1);
		assertThat(staffPosts(page + "/postponement", "until=" + tomorrow, "reason=Leave")).hasStatus(422)
			.bodyText()
			.contains("Phone the partner and have it done");
	}

	@Test
	void anotherPartnersPassIsNotFound() {
		openIt();
		People.Person other = People.of(this.context)
			.partner(SomePartner.onboarding(this.context, this.inviter.who()).id());
		String path = "/attestations/" + this.relation.pass().id() + "/submission";
		this.mvc.get().uri("/tasks").with(other.signedIn()).exchange();
		assertThat(this.mvc.post()
			.uri(path)
			.param("version", "0")
			.param("toUs", "YES")
			.with(other.signedIn())
			.with(csrf())
			.exchange()).hasStatus(404);
		assertThat(this.fixtures.refusals("access.not-found", "POST " + path)).isEqualTo(1);
		assertThat(this.mvc.post()
			.uri("/attestations/" + this.relation.pass().id() + "/withdrawal")
			.with(other.signedIn())
			.with(csrf())
			.exchange()).hasStatus(403);
	}

	private void openIt() {
		this.relation.moveDue(this.clock.instant().plus(Duration.ofDays(40)));
		this.recertifications.lookAfter(this.relation.id);
	}

	private MvcTestResult partnerGets(String path) {
		return this.mvc.get().uri(path).with(this.relation.person.signedIn()).exchange();
	}

	private MvcTestResult staffGets(String path) {
		return this.mvc.get().uri(path).with(this.reviewer.signedIn()).exchange();
	}

	private MvcTestResult partnerPosts(String path, String... fields) {
		return post(this.relation.person, path, fields);
	}

	private MvcTestResult staffPosts(String path, String... fields) {
		return post(this.reviewer, path, fields);
	}

	private MvcTestResult post(People.Person who, String path, String... fields) {
		var request = this.mvc.post().uri(path).with(who.signedIn()).with(csrf());
		for (String field : fields) {
			int split = field.indexOf('=');
			request.param(field.substring(0, split), field.substring(split + 1));
		}
		return request.exchange();
	}

}
