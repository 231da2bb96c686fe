package org.partnertls.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import lab.ExchangeFault;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.account.People;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

class DriftTests extends TenantTest {

	@Autowired
	private DriftCheck check;

	@Autowired
	private MockMvcTester mvc;

	/** What other tests have left changed in the tenant is not looked for here. */
	@BeforeEach
	void settleWhatIsOld() {
		this.check.run();
	}

	@Test
	void twoQuestionsAreEnoughForAllPartners() {
		enforced();
		enforced();
		forgetWhatIsGone();
		Instant moment = Instant.now();

		this.check.run();

		assertThat(callsSince(moment)).containsExactlyInAnyOrder("Get-OutboundConnector", "Get-InboundConnector");
		assertThat(this.check.last().orElseThrow().calls()).isEqualTo(2);
		assertThat(this.check.last().orElseThrow().compared()).isGreaterThanOrEqualTo(4);
	}

	@Test
	void thatNobodyCouldLookIsToldOnceAndEndsWithTheNextLook() {
		enforced();
		this.check.run();
		long lost = told("connector.watch-lost");
		long again = told("connector.watched-again");

		TENANT.forbid("Get-OutboundConnector", "Get-InboundConnector");
		this.clock.pass(Duration.ofHours(1));
		this.check.run();
		assertThat(told("connector.watch-lost")).isEqualTo(lost);
		this.clock.pass(Duration.ofHours(3));
		this.check.run();
		this.check.run();
		assertThat(told("connector.watch-lost")).isEqualTo(lost + 1);
		assertThat(told("connector.watched-again")).isEqualTo(again);
		TENANT.forbid();
		this.check.run();
		this.check.run();

		assertThat(told("connector.watched-again")).isEqualTo(again + 1);
		assertThat(told("connector.watch-lost")).isEqualTo(lost + 1);
	}

	private long told(String code) {
		return this.jdbc.sql("select count(*) from audit_event where code = ?").param(code).query(Long.class).single();
	}

	@Test
	void whatOthersChangeBesideOurSettingsIsNoDrift() {
		Wanted wanted = enforced();
		TENANT.runAside("Set-OutboundConnector", Map.of("Identity", outbound(wanted).getFirst().get("Guid"), "Name",
				"Renamed " + wanted.domains().first(), "ConnectorSource", "HybridWizard"));

		this.check.run();

		assertThat(this.connectors.drifts(wanted.partnerId())).isEmpty();
	}

	@Test
	void aValidationThatSomebodyTookBackIsNoticedAndCanBeDoneAgain() {
		Wanted wanted = enforced();
		TENANT.runAside("Set-OutboundConnector",
				Map.of("Identity", outbound(wanted).getFirst().get("Guid"), "IsValidated", false));

		this.check.run();

		assertThat(this.connectors.drifts(wanted.partnerId())).singleElement().satisfies((drift) -> {
			assertThat(drift.alarm()).isFalse();
			assertThat(drift.sentence()).contains("was validated and is no longer");
			assertThat(drift.fields()).singleElement()
				.isEqualTo(new Plan.Field("Recorded as validated", "IsValidated", "yes", "no", true));
		});
		assertThat(this.connectors.directions(wanted.partnerId()).out().since()).as("mail is still encrypted")
			.isNotNull();
		Plan plan = ((PlanResult.Planned) this.connectors.applyAgain(wanted.partnerId())).plan();
		assertThat(plan.summary()).isEqualTo("0 to create, 1 to change");
		Instant moment = Instant.now();
		UUID id = approved(plan);
		push();
		assertThat(change(id).state()).as(() -> change(id).why()).isEqualTo("DONE");
		assertThat(writesSince(moment)).containsExactly("Validate-OutboundConnector", "Set-OutboundConnector");
		assertThat(outbound(wanted).getFirst()).containsEntry("IsValidated", true);
		this.check.run();
		assertThat(this.connectors.drifts(wanted.partnerId())).isEmpty();
	}

	@Test
	void whatIsSwitchedOffWhileAProofIsAwaitedIsNoWorkOfOurs() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		push();
		assertThat(change(id).state()).isEqualTo("PROVING");
		TENANT.runAside("Set-OutboundConnector",
				Map.of("Identity", outbound(wanted).getFirst().get("Guid"), "Enabled", false));

		this.check.run();

		assertThat(this.connectors.drifts(wanted.partnerId())).singleElement()
			.satisfies((drift) -> assertThat(drift.alarm()).isTrue());
	}

	@Test
	void whatIsDeletedOrChangedWhileOurAnnouncedHourIsAwaitedIsNoWorkOfOurs() {
		Wanted deleted = wanted(Fixtures.freshDomain());
		Wanted early = wanted(Fixtures.freshDomain());
		for (Wanted wanted : List.of(deleted, early)) {
			approved(wanted);
			push();
			this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ofDays(7), TEN);
			push();
		}
		TENANT.runAside("Remove-InboundConnector",
				Map.of("Identity", inbound(deleted).getFirst().get("Guid"), "Confirm", false));
		TENANT.runAside("Set-InboundConnector",
				Map.of("Identity", inbound(early).getFirst().get("Guid"), "RequireTls", true));

		this.check.run();

		assertThat(this.connectors.drifts(deleted.partnerId())).singleElement()
			.satisfies((drift) -> assertThat(drift.alarm()).isTrue());
		assertThat(this.connectors.drifts(early.partnerId())).singleElement()
			.satisfies((drift) -> assertThat(drift.sentence()).contains("RequireTls"));
	}

	@Test
	void whatIsDeletedWhileAChangeNeedsAttentionAlarms() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		TENANT.failNext(ExchangeFault.forbidden().on("Set-OutboundConnector"));
		push();
		assertThat(change(id).state()).isEqualTo("NEEDS_ATTENTION");
		TENANT.runAside("Remove-OutboundConnector",
				Map.of("Identity", outbound(wanted).getFirst().get("Guid"), "Confirm", false));

		this.check.run();

		assertThat(this.connectors.drifts(wanted.partnerId())).singleElement()
			.satisfies((drift) -> assertThat(drift.alarm()).isTrue());
	}

	@Test
	void whatWasPutBackAfterAFailedValidationIsHowWeLeftIt() {
		Wanted before = enforced();
		Wanted after = stricter(before);
		UUID id = approved(after);
		TENANT.failNext(ExchangeFault.forbidden().on("Validate-OutboundConnector"));
		push();
		assertThat(change(id).state()).isEqualTo("NEEDS_ATTENTION");
		assertThat(change(id).why()).contains("Exchange Administrator");
		assertThat(outbound(before).getFirst()).as("settings that nobody has tried")
			.containsEntry("TlsSettings", "CertificateValidation");
		this.check.run();
		assertThat(this.connectors.drifts(before.partnerId())).isEmpty();

		this.connectors.revoke(id, "Given up.");
		this.check.run();

		assertThat(this.connectors.drifts(before.partnerId())).isEmpty();
	}

	@Test
	void anAlarmAndItsEndSaySinceWhen() {
		Wanted wanted = enforced();
		Instant before = Instant.now().minusSeconds(1);
		TENANT.runAside("Set-InboundConnector",
				Map.of("Identity", inbound(wanted).getFirst().get("Guid"), "Enabled", false));
		Instant after = Instant.now().plusSeconds(1);
		this.check.run();
		TENANT.runAside("Set-InboundConnector",
				Map.of("Identity", inbound(wanted).getFirst().get("Guid"), "Enabled", true));
		this.check.run();

		List<Instant> since = this.jdbc.sql("""
				select event::jsonb #>> '{details,since}' from audit_event
				where partner_id = ? and code in ('connector.drift-alarm.failed', 'connector.drift-alarm',
					'connector.drift-ended') order by at""")
			.param(wanted.partnerId())
			.query(String.class)
			.list()
			.stream()
			.map(Instant::parse)
			.toList();
		assertThat(since).hasSize(2).allSatisfy((one) -> assertThat(one).isBetween(before, after));
		assertThat(since.getFirst()).isEqualTo(since.getLast());
	}

	@Test
	void aDisabledConnectorAlarmsOnceAndIsNoLongerClaimedAsEnforced() {
		Wanted wanted = enforced();
		List<ConnectorEvent> events = listen();
		TENANT.runAside("Set-InboundConnector",
				Map.of("Identity", inbound(wanted).getFirst().get("Guid"), "Enabled", false));

		this.check.run();
		this.check.run();

		assertThat(this.connectors.drifts(wanted.partnerId())).singleElement().satisfies((drift) -> {
			assertThat(drift.alarm()).isTrue();
			assertThat(drift.sentence()).contains("switched off", "clear text");
			assertThat(drift.wantedBy()).isEqualTo("Amina Okafor");
			assertThat(drift.changedAt()).isNotNull();
			assertThat(drift.fields()).singleElement()
				.isEqualTo(new Plan.Field("Switched on", "Enabled", "yes", "no", true));
		});
		assertThat(events).filteredOn(ConnectorEvent.Drifted.class::isInstance)
			.filteredOn((event) -> event.partnerId().equals(wanted.partnerId()))
			.singleElement()
			.isInstanceOfSatisfying(ConnectorEvent.Drifted.class, (drifted) -> assertThat(drifted.alarm()).isTrue());
		assertThat(this.fixtures.events("connector.drift-alarm", wanted.partnerId())).isEqualTo(1);
		assertThat(this.connectors.directions(wanted.partnerId()).in().state()).isEqualTo(Directions.State.FAILING);
		assertThat(this.connectors.directions(wanted.partnerId()).in().since()).isNull();
		assertThat(this.connectors.directions(wanted.partnerId()).out().state()).isEqualTo(Directions.State.UNCHECKED);
	}

	@Test
	void aDeletedConnectorAlarmsAndIsMadeAgainAfterReview() {
		Wanted wanted = enforced();
		TENANT.runAside("Remove-OutboundConnector",
				Map.of("Identity", outbound(wanted).getFirst().get("Guid"), "Confirm", false));
		this.check.run();
		assertThat(this.connectors.drifts(wanted.partnerId())).singleElement()
			.satisfies((drift) -> assertThat(drift.sentence()).contains("no longer in the tenant"));

		Plan plan = ((PlanResult.Planned) this.connectors.applyAgain(wanted.partnerId())).plan();
		assertThat(plan.summary()).isEqualTo("1 to create, 0 to change");
		UUID id = approved(plan);
		push();

		assertThat(change(id).state()).as(() -> change(id).why()).isEqualTo("DONE");
		assertThat(outbound(wanted)).singleElement()
			.satisfies(
					(stored) -> assertThat(stored).containsEntry("Enabled", true).containsEntry("IsValidated", true));
		assertThat(this.connectors.drifts(wanted.partnerId())).isEmpty();
		this.check.run();
		assertThat(this.connectors.drifts(wanted.partnerId())).isEmpty();
		assertThat(this.fixtures.events("connector.drift-ended", wanted.partnerId())).isEqualTo(1);
		assertThat(this.connectors.directions(wanted.partnerId()).out().state()).isEqualTo(Directions.State.UNCHECKED);
	}

	@Test
	void applyingAgainNeedsNoNewProofAndIsReviewedWithoutAnAttestation() {
		Wanted wanted = enforced();
		loosen(wanted);
		this.check.run();

		PlanResult.Planned planned = (PlanResult.Planned) this.connectors.applyAgain(wanted.partnerId());
		UUID id = this.connectors.propose(null, planned.plan(), INVITER);
		assertThat(this.connectors.approve(id, INVITER, "Tomás Rey", planned.plan().hash(), INVITER, 1))
			.isInstanceOf(ApprovalResult.Refused.class);
		this.connectors.approve(id, REVIEWER, "Amina Okafor", planned.plan().hash(), INVITER, 1);
		push();

		assertThat(change(id).state()).isEqualTo("DONE");
		assertThat(change(id).attestationId()).isNull();
		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", true);
		assertThat(this.connectors.drifts(wanted.partnerId())).isEmpty();
	}

	@Test
	void whatIsAcceptedStandsAndWritesNothing() {
		Wanted wanted = enforced();
		loosen(wanted);
		this.check.run();
		Instant moment = Instant.now();

		Plan plan = ((PlanResult.Planned) this.connectors.accept(wanted.partnerId())).plan();
		assertThat(plan.summary()).isEqualTo("1 to accept as it is");
		assertThat(plan.warnings()).isNotNull();
		UUID id = approved(plan);
		push();

		assertThat(change(id).state()).isEqualTo("DONE");
		assertThat(writesSince(moment)).isEmpty();
		assertThat(this.connectors.drifts(wanted.partnerId())).isEmpty();
		this.check.run();
		assertThat(this.connectors.drifts(wanted.partnerId())).isEmpty();
		assertThat(this.connectors.directions(wanted.partnerId()).in().state()).isEqualTo(Directions.State.NOT_SET_UP);
	}

	@Test
	void anAcceptanceOfSomethingElseStops() {
		Wanted wanted = enforced();
		loosen(wanted);
		this.check.run();
		UUID id = approved(((PlanResult.Planned) this.connectors.accept(wanted.partnerId())).plan());
		TENANT.runAside("Set-InboundConnector",
				Map.of("Identity", inbound(wanted).getFirst().get("Guid"), "Enabled", false));

		push();

		assertThat(change(id).state()).isEqualTo("VOID");
		assertThat(change(id).why()).contains("Compute the plan again");
	}

	@Test
	void aTenantThatOurConnectorIsMadeToTrustIsTold() {
		Wanted wanted = enforced();
		TENANT.runAside("Set-InboundConnector", Map.of("Identity", inbound(wanted).getFirst().get("Guid"),
				"TrustedOrganizations", List.of("fabrikam.onmicrosoft.example")));

		this.check.run();

		assertThat(this.connectors.drifts(wanted.partnerId())).singleElement()
			.satisfies((drift) -> assertThat(drift.fields()).singleElement()
				.satisfies((field) -> assertThat(field.label()).isEqualTo("Also trusts these tenants")));
	}

	@Test
	void whatSomebodyPutsBackEndsByItself() {
		Wanted wanted = enforced();
		loosen(wanted);
		this.check.run();
		TENANT.runAside("Set-InboundConnector",
				Map.of("Identity", inbound(wanted).getFirst().get("Guid"), "RequireTls", true));

		this.check.run();

		assertThat(this.connectors.drifts(wanted.partnerId())).isEmpty();
		assertThat(this.fixtures.events("connector.drift-ended", wanted.partnerId())).isEqualTo(1);
	}

	@Test
	void reliefsAreOurOwnAndWhatIsChangedBesideThemIsNot() {
		Wanted wanted = enforced();
		this.connectors.relieve(wanted.partnerId(), ReliefStep.INBOUND_CLEAR_TEXT, ADMIN, "Mail bounces.",
				this.clock.instant().plus(Duration.ofHours(1)));
		this.check.run();
		assertThat(this.connectors.drifts(wanted.partnerId())).isEmpty();
		this.pusher.run();
		this.check.run();
		assertThat(this.connectors.drifts(wanted.partnerId())).isEmpty();

		TENANT.runAside("Set-InboundConnector",
				Map.of("Identity", inbound(wanted).getFirst().get("Guid"), "Enabled", false));
		this.check.run();
		assertThat(this.connectors.drifts(wanted.partnerId())).hasSize(1);
	}

	@Test
	void ourOwnPushIsNoDriftAtAnyMoment() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		this.pusher.hook((moment, step) -> this.check.run());
		push();
		assertThat(change(id).state()).isEqualTo("DONE");
		UUID off = approved(planned(ChangeKind.SUSPEND, wanted));
		push();
		assertThat(change(off).state()).isEqualTo("DONE");
		UUID gone = approved(planned(ChangeKind.REMOVE, wanted));
		push();
		assertThat(change(gone).state()).isEqualTo("DONE");

		assertThat(this.fixtures.events("connector.drift-alarm", wanted.partnerId())).isZero();
		assertThat(this.fixtures.events("connector.drift-found", wanted.partnerId())).isZero();
	}

	@Test
	void aListThatCannotBeHadConcludesNothingAndSaysSo() {
		Wanted wanted = enforced();
		TENANT.failNext(ExchangeFault.truncated().on("Get-InboundConnector"));

		this.check.run();

		assertThat(this.connectors.drifts(wanted.partnerId())).isEmpty();
		assertThat(this.check.last().orElseThrow().failure()).contains("part of the list");
		this.check.run();
		assertThat(this.check.last().orElseThrow().failure()).isNull();
	}

	@Test
	void pagesShowWhoWantedWhatAgainstWhatIsAndLetAnotherPersonApprove() {
		Wanted wanted = enforced();
		loosen(wanted);
		this.check.run();
		People.Person admin = People.of(this.context).admin();
		People.Person officer = People.of(this.context).compliance();
		String page = "/partners/" + wanted.partnerId() + "/connectors";

		assertThat(this.mvc.get().uri("/connectors/drift").with(admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains(wanted.partnerName(), "enforces less than was approved", "Amina Okafor", "RequireTls",
					"Apply again", "Accept what is there");
		assertThat(this.mvc.get().uri(page).with(officer.signedIn())).hasStatusOk()
			.bodyText()
			.contains("Changed in the tenant by somebody", "Enforce TLS")
			.doesNotContain("Apply again", "Go back to before");
		assertThat(this.mvc.post().uri(page + "/approved-again").with(officer.signedIn()).with(csrf()))
			.hasStatus(HttpStatus.FORBIDDEN);
		assertThat(this.mvc.post().uri(page + "/approved-again").with(admin.signedIn()).with(csrf()))
			.hasStatus3xxRedirection();
		ChangeView change = this.connectors.latest(wanted.partnerId()).orElseThrow();
		assertThat(change.kind()).isEqualTo(ChangeKind.APPLY_AGAIN);
		assertThat(change.shapedBy()).isEqualTo(admin.id());
		assertThat(this.mvc.post().uri("/connectors/drift/check").with(admin.signedIn()).with(csrf()))
			.hasRedirectedUrl("/connectors/drift");
		assertThat(this.mvc.get().uri("/partners/" + UUID.randomUUID() + "/connectors").with(admin.signedIn()))
			.hasStatus(HttpStatus.NOT_FOUND);
	}

	private void loosen(Wanted wanted) {
		TENANT.runAside("Set-InboundConnector",
				Map.of("Identity", inbound(wanted).getFirst().get("Guid"), "RequireTls", false));
	}

	/** Connectors that other tests have taken out of the tenant are asked for twice. */
	private void forgetWhatIsGone() {
		this.jdbc.sql("""
				delete from connector c where exists (select from connector_drift d where d.partner_id = c.partner_id
					and d.direction = c.direction and d.kind = 'GONE' and d.ended_at is null)""").update();
	}

	private List<ConnectorEvent> listen() {
		List<ConnectorEvent> events = new ArrayList<>();
		this.context.addApplicationListener((ApplicationListener<PayloadApplicationEvent<ConnectorEvent>>) (event) -> {
			if ((Object) event.getPayload() instanceof ConnectorEvent payload) {
				events.add(payload);
			}
		});
		return events;
	}

}
