package org.partnertls.alarm;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;

import lab.WebhookReceiver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Inbox;
import org.partnertls.Jobs;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.connector.CredentialEnds;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class AlarmTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Jobs jobs;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TestClock clock;

	@Autowired
	private Fixtures fixtures;

	@Autowired
	private WebhookReceiver receiver;

	@Autowired
	private MockMvcTester mvc;

	private final UUID partner = UUID.randomUUID();

	private final UUID drift = UUID.randomUUID();

	/** What other tests have left wrong is not new here. */
	@BeforeEach
	void settleWhatIsOld() {
		look();
	}

	@AfterEach
	void answerAgain() {
		this.receiver.answer(0);
	}

	@Test
	void anAlarmOpensOnceAndIsToldByMailAndSignedWebhook() {
		change("Nordwind");
		look();
		look();

		assertThat(ours()).hasSize(1);
		AlarmView alarm = ours().getFirst();
		assertThat(alarm.title()).isEqualTo("Changed in Microsoft 365: Nordwind");
		assertThat(alarm.state()).isEqualTo(Alarm.State.OPEN);
		assertThat(letters("administrators@contoso.example")).singleElement()
			.asString()
			.contains("Alarm: Changed in Microsoft 365: Nordwind", "was loosened: clear text may pass",
					"http://localhost/alarms/" + alarm.id());
		WebhookReceiver.Message signed = told("/generic").getFirst();
		assertThat(told("/generic")).hasSize(1);
		assertThat(signed.seal()).isEqualTo(WebhookReceiver.Seal.RIGHT);
		JsonNode message = JsonMapper.shared().readTree(signed.body());
		assertThat(message.path("type").asString()).isEqualTo("alarm.opened");
		assertThat(message.path("data").path("partnerId").asString()).isEqualTo(this.partner.toString());
		assertThat(this.fixtures.events("alarm.opened", this.partner)).isOne();
		assertThat(this.fixtures.events("alarm.told", alarm.id())).isEqualTo(2);
	}

	@Test
	void anAlarmClosesByItselfWhenItsCauseIsGone() {
		change("Nordwind");
		look();
		this.jdbc.sql("update connector_drift set ended_at = ?, ended_how = 'PUSHED' where id = ?")
			.params(now(), this.drift)
			.update();
		look();

		assertThat(ours().getFirst().state()).isEqualTo(Alarm.State.CLOSED);
		assertThat(told("/generic")).first()
			.extracting((one) -> JsonMapper.shared().readTree(one.body()).path("type").asString())
			.isEqualTo("alarm.closed");
		assertThat(this.fixtures.events("alarm.closed", this.partner)).isOne();
	}

	@Test
	void whatNobodyAcknowledgesGoesOnceToTheSecondAddress() {
		change("Nordwind");
		look();
		this.clock.pass(Duration.ofMinutes(59));
		look();
		assertThat(letters("duty@contoso.example")).isEmpty();

		this.clock.pass(Duration.ofMinutes(2));
		look();
		look();

		assertThat(letters("duty@contoso.example")).singleElement().asString().contains("Nobody has reacted");
		assertThat(ours().getFirst().stateWords()).isEqualTo("Escalated");
		assertThat(this.fixtures.events("alarm.escalated", this.partner)).isOne();
	}

	@Test
	void anAdministratorAcknowledgesAndNobodyElseIsCalled() {
		People.Person amina = People.of(this.context).admin();
		change("Nordwind");
		look();
		String page = "/alarms/" + ours().getFirst().id();

		assertThat(this.mvc.get().uri(page).with(amina.signedIn())).bodyText()
			.contains("What to do", "have the approved settings applied again", "/partners/" + this.partner);
		assertThat(this.mvc.post()
			.uri(page + "/acknowledgement")
			.param("note", "I am on it")
			.with(csrf())
			.with(amina.signedIn())).hasStatus(HttpStatus.FOUND);
		this.clock.pass(Duration.ofHours(2));
		look();

		assertThat(letters("duty@contoso.example")).isEmpty();
		assertThat(this.mvc.get().uri(page).with(amina.signedIn())).bodyText()
			.contains("I am on it", "Amina Okafor", "Acknowledged");
		assertThat(this.fixtures.events("alarm.acknowledged", this.partner)).isOne();
		assertThat(this.mvc.get().uri("/alarms?state=ACKNOWLEDGED&partner=" + this.partner).with(amina.signedIn()))
			.bodyText()
			.contains("Changed in Microsoft 365: Nordwind");
		assertThat(this.mvc.get().uri("/alarms?state=CLOSED&partner=" + this.partner).with(amina.signedIn())).bodyText()
			.contains("No alarm fits this search");
	}

	@Test
	void complianceReadsAlarmsAndAcknowledgesNone() {
		People.Person carl = People.of(this.context).compliance();
		change("Nordwind");
		look();
		String page = "/alarms/" + ours().getFirst().id();

		assertThat(this.mvc.get().uri(page).with(carl.signedIn())).bodyText()
			.contains("Nordwind")
			.doesNotContain("Acknowledge the alarm");
		assertThat(this.mvc.post().uri(page + "/acknowledgement").with(csrf()).with(carl.signedIn()))
			.hasStatus(HttpStatus.FORBIDDEN);
	}

	@Test
	void aNoteThatIsTooLongIsSaidBesideTheField() {
		change("Nordwind");
		look();

		assertThat(this.mvc.post()
			.uri("/alarms/" + ours().getFirst().id() + "/acknowledgement")
			.param("note", "x".repeat(1001))
			.with(csrf())
			.with(People.of(this.context).admin().signedIn())).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Enter at most 1000 characters.");
		assertThat(ours().getFirst().state()).isEqualTo(Alarm.State.OPEN);
	}

	@Test
	void aWebhookThatDoesNotTakeItIsToldAgainUnderTheSameId() {
		this.receiver.answer(500);
		change("Nordwind");
		look();
		this.receiver.answer(0);
		this.clock.pass(Duration.ofMinutes(1));
		this.jobs.runDue();

		List<WebhookReceiver.Message> told = told("/generic");
		assertThat(told).hasSize(2);
		assertThat(told).extracting(WebhookReceiver.Message::id).doesNotContain("").containsOnly(told.getFirst().id());
		assertThat(told).extracting(WebhookReceiver.Message::seal).containsOnly(WebhookReceiver.Seal.RIGHT);
		assertThat(deliveries()).contains("Taken, answer 204, at try 2.");
	}

	@Test
	void redirectsAreNotFollowedAndAWebhookThatIsGoneIsGivenUp() {
		this.receiver.answer(302);
		change("Nordwind");
		look();
		assertThat(deliveries()).contains("Tried 1 time: The answer was 302; redirects are not followed.");
		assertThat(this.receiver.messages()).extracting(WebhookReceiver.Message::path).doesNotContain("/elsewhere");

		this.receiver.answer(410);
		this.clock.pass(Duration.ofMinutes(1));
		this.jobs.runDue();
		assertThat(deliveries()).contains("Given up: The other side says that this webhook is gone (410).");
	}

	@Test
	void whatAPartnerCallsItselfIsNoMarkupInTeams() {
		String hostile = "[Sign in](https://evil.example) **now**";
		change(hostile);
		look();

		JsonNode card = JsonMapper.shared()
			.readTree(told("/teams").getFirst().body())
			.path("attachments")
			.path(0)
			.path("content");
		assertThat(card.path("type").asString()).isEqualTo("AdaptiveCard");
		card.path("body").forEach((block) -> assertThat(block.path("type").asString()).isEqualTo("RichTextBlock"));
		assertThat(card.path("body").path(1).path("inlines").path(0).path("text").asString()).contains(hostile);
		assertThat(card.path("actions").path(0).path("url").asString()).startsWith("http://localhost/alarms/");
	}

	/** A connector of everybody's is gone: a channel for people is not flooded. */
	@Test
	void ofManyAtOnceTeamsIsToldTheFirstAndProgramsAreToldAll() {
		long cards = messages("/teams");
		long programs = messages("/generic");
		for (int i = 0; i < 25; i++) {
			change("Partner " + i, UUID.randomUUID(), UUID.randomUUID());
		}
		look();

		assertThat(messages("/teams") - cards).isEqualTo(21);
		assertThat(messages("/generic") - programs).isEqualTo(25);
		assertThat(this.receiver.messages()).filteredOn((one) -> one.path().equals("/teams"))
			.extracting(WebhookReceiver.Message::body)
			.filteredOn((body) -> body.contains("5 more alarms opened or changed"))
			.singleElement()
			.asString()
			.contains("http://localhost/alarms\"");
	}

	@Test
	void administratorsTryAWebhookAndSeeWhatCameOfIt() {
		People.Person amina = People.of(this.context).admin();

		assertThat(this.mvc.post().uri("/alarms/webhooks/pager/test").with(csrf()).with(amina.signedIn()))
			.hasStatus(HttpStatus.FOUND);
		this.jobs.runDue();

		assertThat(this.receiver.messages()).first()
			.extracting((one) -> JsonMapper.shared().readTree(one.body()).path("type").asString())
			.isEqualTo("alarm.test");
		assertThat(this.mvc.get().uri("/alarms/settings").with(amina.signedIn())).bodyText()
			.contains("pager", "127.0.0.1", "duty@contoso.example", "Taken, answer 204.")
			.doesNotContain("whsec_", "/generic");
		assertThat(this.mvc.post().uri("/alarms/webhooks/none/test").with(csrf()).with(amina.signedIn()))
			.hasStatus(HttpStatus.NOT_FOUND);
	}

	@Test
	void whatLeavesNoStateBehindIsHeardOfAndStaysUntilItIsOver() {
		String thumbprint = "AB" + this.drift;
		this.context.getBean(TransactionTemplate.class)
			.executeWithoutResult((status) -> this.context
				.publishEvent(new CredentialEnds("CN=portal", thumbprint, this.clock.instant(), false)));
		look();
		assertThat(living(Cause.CREDENTIAL)).isOne();

		this.clock.pass(Duration.ofMinutes(1));
		this.jdbc.sql("insert into connection_check (tenant_id, checked_at, findings) values (?, ?, ?)")
			.params("alarms-" + this.drift, now(),
					"[{\"title\":\"Credential\",\"tone\":\"good\",\"words\":\"Lasts.\",\"remedy\":null}]")
			.update();
		look();

		assertThat(living(Cause.CREDENTIAL)).isZero();
	}

	@Test
	void everyCauseCanBeLookedFor() {
		for (Cause cause : Cause.values()) {
			assertThat(cause.words()).isNotBlank();
			assertThat(cause.remedy()).endsWith(".");
		}
		// All of them are in the one statement, which every look runs.
		assertThat(Cause.STATEMENT.split("union all", -1)).hasSizeGreaterThanOrEqualTo(Cause.values().length);
	}

	private long messages(String path) {
		return this.receiver.messages().stream().filter((one) -> one.path().equals(path)).count();
	}

	private void change(String name) {
		change(name, this.partner, this.drift);
	}

	private void change(String name, UUID partner, UUID drift) {
		this.jdbc
			.sql("""
					insert into connector_drift (id, version, tenant_id, partner_id, partner_name, direction, guid, name, kind,
						wanted, found, found_at, seen_at)
					values (:id, 0, :tenant, :partner, :name, 'INBOUND', 'g', 'From them', 'LOOSENED', '{}', '{}', :now, :now)""")
			.param("id", drift)
			.param("tenant", "alarms-" + drift)
			.param("partner", partner)
			.param("name", name)
			.param("now", now())
			.update();
	}

	private void look() {
		this.jobs.runRecurring("alarm-watch");
		this.jobs.runDue();
	}

	private OffsetDateTime now() {
		return this.clock.instant().atOffset(ZoneOffset.UTC);
	}

	private List<AlarmView> ours() {
		return this.context.getBean(Alarms.class)
			.find(null, null, this.partner, null, org.springframework.data.domain.Limit.of(10))
			.stream()
			.map(Alarm::view)
			.toList();
	}

	private long living(Cause cause) {
		return this.context.getBean(Alarms.class)
			.findLiving()
			.stream()
			.filter((alarm) -> alarm.cause() == cause)
			.count();
	}

	private List<String> deliveries() {
		return this.context.getBean(Deliveries.class)
			.findByAlarmIdOrderByIdDesc(ours().getFirst().id())
			.stream()
			.map((delivery) -> delivery.view().words())
			.toList();
	}

	private List<String> letters(String address) {
		return Inbox.of(this.context, address)
			.stream()
			.filter((letter) -> letter.contains(ours().getFirst().id().toString()))
			.toList();
	}

	private List<WebhookReceiver.Message> told(String path) {
		return this.receiver.messages()
			.stream()
			.filter((one) -> one.path().equals(path) && one.body().contains(ours().getFirst().id().toString()))
			.toList();
	}

}
