package org.partnertls.connector;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import lab.ExchangeFault;
import lab.ExchangeValidator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.Fixtures;
import org.partnertls.organization.DomainName;

import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class PushTests extends TenantTest {

	@Test
	void journeyEndsWithBothConnectorsEnforcedAndEveryStepInTheHistory() {
		List<ConnectorEvent> events = listen();
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		assertThat(this.connectors.directions(wanted.partnerId()).out().state()).isEqualTo(Directions.State.WAITING);

		push();

		assertThat(change(id).state()).isEqualTo("PROVING");
		assertThat(outbound(wanted)).singleElement()
			.satisfies((stored) -> assertThat(stored).containsEntry("Enabled", true)
				.containsEntry("IsValidated", true)
				.containsEntry("TlsSettings", "CertificateValidation")
				.containsEntry("UseMXRecord", true)
				.containsEntry("Name", "To " + wanted.domains().first()));
		assertThat(inbound(wanted)).singleElement()
			.satisfies(
					(stored) -> assertThat(stored).containsEntry("Enabled", true).containsEntry("RequireTls", false));
		assertThat(this.connectors.directions(wanted.partnerId()).out().state()).isEqualTo(Directions.State.UNCHECKED);

		Instant hour = this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ofDays(7), TEN)
			.orElseThrow();
		assertThat(hour).isBetween(this.clock.instant().plus(Duration.ofDays(7)).minusSeconds(60),
				this.clock.instant().plus(Duration.ofDays(8)));
		assertThat(hour.atZone(ZoneId.of("Europe/Berlin")).toLocalTime()).isEqualTo(TEN);
		push();
		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", false);

		this.clock.pass(Duration.between(this.clock.instant(), hour));
		push();

		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", true);
		assertThat(change(id).state()).isEqualTo("DONE");
		assertThat(change(id).steps()).allSatisfy((step) -> assertThat(step.state()).isEqualTo("done"));
		assertThat(this.connectors.directions(wanted.partnerId()).in().state()).isEqualTo(Directions.State.UNCHECKED);
		for (StepKind step : StepKind.of(change(id).plan())) {
			assertThat(this.fixtures.events(step.code(), id)).as(step.code()).isEqualTo(1);
		}
		assertThat(events).extracting((event) -> event.getClass().getSimpleName())
			.containsExactly("ProofAwaited", "OutboundEnforced", "InboundAnnounced", "InboundEnforced", "ChangeDone");
	}

	@Test
	void runningAgainChangesNothing() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = finished(wanted);
		Instant moment = Instant.now();

		this.pusher.run();
		push();

		assertThat(writesSince(moment)).isEmpty();
		assertThat(planned(wanted).summary()).isEqualTo("nothing to do");
		assertThat(change(id).state()).isEqualTo("DONE");
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3, 4 })
	void suddenDeathAfterAnyEffectEndsWithOneConnectorPerDirection(int fatal) {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		AtomicInteger effects = new AtomicInteger();
		this.pusher.hook((moment, step) -> {
			if (moment == Pusher.Moment.ANSWERED && effects.incrementAndGet() == fatal) {
				throw new SuddenDeath();
			}
		});
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);

		assertThatThrownBy(() -> {
			for (int i = 0; i < 5; i++) {
				this.pusher.run();
				this.validation.run(id);
			}
		}).isInstanceOf(SuddenDeath.class);
		assertThat(change(id).state()).isNotEqualTo("DONE");
		push();
		runToTheEnd(id);

		assertThat(change(id).state()).isEqualTo("DONE");
		assertThat(outbound(wanted)).singleElement()
			.satisfies(
					(stored) -> assertThat(stored).containsEntry("Enabled", true).containsEntry("IsValidated", true));
		assertThat(inbound(wanted)).singleElement()
			.satisfies((stored) -> assertThat(stored).containsEntry("RequireTls", true));
		assertThat(effects).hasValueGreaterThanOrEqualTo(fatal);
	}

	@ParameterizedTest
	@ValueSource(strings = { "New-OutboundConnector", "New-InboundConnector", "Set-OutboundConnector",
			"Set-InboundConnector" })
	void adoptsWhatWasDoneWhenTheAnswerIsLost(String cmdlet) {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		TENANT.failNext(ExchangeFault.cutAfterCommit().on(cmdlet));

		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		runToTheEnd(id);

		assertThat(change(id).state()).isEqualTo("DONE");
		assertThat(outbound(wanted)).hasSize(1);
		assertThat(inbound(wanted)).hasSize(1);
		assertThat(TENANT.waitingFaults()).isZero();
	}

	@Test
	void waitsForWhatCannotBeSeenYet() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		TENANT.invisibleReads(9);
		TENANT.failNext(ExchangeFault.cutAfterCommit().on("New-OutboundConnector"));

		runToTheEnd(id);

		assertThat(change(id).state()).isEqualTo("PROVING");
		assertThat(outbound(wanted)).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Get-OutboundConnector", "Get-InboundConnector" })
	void concludesNothingFromPartOfAList(String cmdlet) {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		TENANT.failNext(ExchangeFault.truncated().on(cmdlet));

		this.pusher.run();

		assertThat(outbound(wanted)).isEmpty();
		assertThat(inbound(wanted)).isEmpty();
		assertThat(change(id).state()).isEqualTo("APPROVED");
		this.clock.pass(Duration.ofMinutes(1));
		runToTheEnd(id);
		assertThat(change(id).state()).isEqualTo("PROVING");
	}

	@Test
	void aThrottledWriteStaysDueAndIsTriedLater() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		TENANT.failNext(ExchangeFault.throttled(Duration.ofMinutes(2)).on("New-OutboundConnector"));

		this.pusher.run();

		assertThat(outbound(wanted)).isEmpty();
		assertThat(change(id).state()).isEqualTo("PUSHING");
		assertThat(change(id).steps()).anySatisfy((step) -> {
			assertThat(step.state()).isEqualTo("waiting");
			assertThat(step.detail()).contains("busy");
		});
		Instant moment = Instant.now();
		this.clock.pass(Duration.ofMinutes(1));
		this.pusher.run();
		assertThat(writesSince(moment)).isEmpty();

		this.clock.pass(Duration.ofSeconds(70));
		runToTheEnd(id);
		assertThat(change(id).state()).isEqualTo("PROVING");
	}

	@Test
	void aMissingRoleNeedsAPersonWhoMayTryAgain() {
		List<ConnectorEvent> events = listen();
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		TENANT.failNext(ExchangeFault.forbidden().on("New-OutboundConnector"));

		this.pusher.run();

		assertThat(change(id).state()).isEqualTo("NEEDS_ATTENTION");
		assertThat(change(id).why()).contains("Exchange Administrator");
		assertThat(this.connectors.directions(wanted.partnerId()).out().state()).isEqualTo(Directions.State.FAILING);
		assertThat(events).hasAtLeastOneElementOfType(ConnectorEvent.ChangeNeedsAttention.class);

		assertThat(this.connectors.retry(id)).isTrue();
		assertThat(this.connectors.retry(id)).isFalse();
		runToTheEnd(id);
		assertThat(change(id).state()).isEqualTo("PROVING");
		assertThat(this.fixtures.events("connector.change-retried", id)).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(ints = { 401, 400 })
	void whatTimeDoesNotHealNeedsAPerson(int status) {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		TENANT.failNext(((status == 401) ? ExchangeFault.unauthorized()
				: ExchangeFault.error(400, "Microsoft.Exchange.Data.ConnectorIncorrectTlsException", "not like this"))
			.on("New-OutboundConnector"));
		TENANT.failNext(((status == 401) ? ExchangeFault.unauthorized()
				: ExchangeFault.error(400, "Microsoft.Exchange.Data.ConnectorIncorrectTlsException", "not like this"))
			.on("New-OutboundConnector"));

		this.pusher.run();

		assertThat(change(id).state()).isEqualTo("NEEDS_ATTENTION");
		assertThat(outbound(wanted)).isEmpty();
		assertThat(this.fixtures.events("connector.outbound-written.failed", id)).isEqualTo(1);
	}

	@Test
	void doesNotPushWhatWasApprovedForAnotherTenant() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		TENANT.runAside("New-OutboundConnector", Map.of("Name", "To " + wanted.domains().first(), "ConnectorType",
				"Partner", "UseMXRecord", true, "RecipientDomains", List.of(wanted.domains().first().ascii())));

		this.pusher.run();

		assertThat(change(id).state()).isEqualTo("VOID");
		assertThat(change(id).why()).contains("Compute the plan again");
		assertThat(inbound(wanted)).isEmpty();
		assertThat(planned(wanted).isBlocked()).isTrue();
		assertThat(planned(wanted).warnings()).anySatisfy((warning) -> assertThat(warning).contains("did not make"));
	}

	@Test
	void doesNotOverwriteWhatSomebodyChangedInBetween() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		push();
		TENANT.runAside("Set-InboundConnector", Map.of("Identity", inbound(wanted).getFirst().get("Guid"),
				"SenderIPAddresses", List.of("203.0.113.7"), "RestrictDomainsToIPAddresses", true));

		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();

		assertThat(change(id).state()).isEqualTo("NEEDS_ATTENTION");
		assertThat(change(id).why()).contains("RestrictDomainsToIPAddresses");
		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", false);
	}

	@Test
	void aConnectorWhoseValidationFailsStaysOffAndSaysWhy() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		TENANT.validator(DISCONTENT);

		push();

		assertThat(change(id).state()).isEqualTo("NEEDS_ATTENTION");
		assertThat(change(id).why()).contains("Send test email", "550 5.7.1 no");
		assertThat(outbound(wanted).getFirst()).containsEntry("Enabled", false);
		assertThat(TENANT.calls()
			.stream()
			.filter((call) -> call.cmdlet().startsWith("Validate")
					&& call.parameters().get("Recipients").toString().contains(wanted.domains().first().ascii())))
			.hasSize(3);

		TENANT.validator(ExchangeValidator.CONTENT);
		this.connectors.retry(id);
		push();
		assertThat(outbound(wanted).getFirst()).containsEntry("Enabled", true);
	}

	@Test
	void aChangedConnectorWhoseValidationFailsIsPutBackAndStaysOn() {
		Wanted before = wanted(Fixtures.freshDomain());
		finished(before);
		Wanted after = stricter(before);
		UUID id = approved(after);
		TENANT.validator(DISCONTENT);

		push();

		assertThat(change(id).state()).isEqualTo("NEEDS_ATTENTION");
		assertThat(outbound(before).getFirst()).containsEntry("Enabled", true)
			.containsEntry("TlsSettings", "CertificateValidation");
		TENANT.validator(ExchangeValidator.CONTENT);
		this.connectors.retry(id);
		push();
		assertThat(change(id).state()).isEqualTo("DONE");
		assertThat(outbound(before).getFirst()).containsEntry("TlsSettings", "DomainValidation")
			.containsEntry("TlsDomain", "mx.example");
	}

	@Test
	void puttingBackDoesNotOverwriteWhatSomebodyChangedMeanwhile() {
		Wanted before = wanted(Fixtures.freshDomain());
		finished(before);
		Wanted after = stricter(before);
		UUID id = approved(after);
		TENANT.validator(DISCONTENT);
		this.pusher.run();
		for (int i = 0; i < 3; i++) {
			this.validation.run(id);
		}
		TENANT.runAside("Set-OutboundConnector",
				Map.of("Identity", outbound(before).getFirst().get("Guid"), "TlsDomain", "relay.example"));
		Instant moment = Instant.now();

		push();

		assertThat(change(id).state()).isEqualTo("NEEDS_ATTENTION");
		assertThat(change(id).why()).contains("Somebody has changed", "TlsDomain");
		assertThat(writesSince(moment)).isEmpty();
	}

	@Test
	void aConnectorThatRejectsGoesOnRejectingUntilTheNextProof() {
		Wanted before = wanted(Fixtures.freshDomain());
		finished(before);
		DomainName more = DomainName.of(Fixtures.freshDomain());
		TreeSet<DomainName> domains = new TreeSet<>(before.domains());
		domains.add(more);
		Wanted after = new Wanted(before.partnerId(), before.partnerName(), domains, before.tlsLevel(), null,
				before.validationRecipients(), new Wanted.ByCertificate("mail.example"), before.reference());

		UUID id = approved(after);
		push();

		assertThat(change(id).state()).isEqualTo("PROVING");
		assertThat(inbound(before).getFirst()).containsEntry("RequireTls", true)
			.containsEntry("RestrictDomainsToCertificate", false);
		this.connectors.proven(before.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();
		assertThat(change(id).state()).isEqualTo("DONE");
		assertThat(inbound(before).getFirst()).containsEntry("RestrictDomainsToCertificate", true)
			.containsEntry("TlsSenderCertificateName", "mail.example");
		assertThat(outbound(before).getFirst().get("RecipientDomains").toString()).contains(more.ascii());
	}

	@Test
	void whoeverWasSupersededWritesNoMore() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		AtomicInteger others = new AtomicInteger();
		this.pusher.hook((moment, step) -> {
			if (moment == Pusher.Moment.ANSWERED && others.incrementAndGet() == 1) {
				// While the first run waits for its answer, another takes over.
				this.pusher.run();
			}
		});

		this.pusher.run();

		assertThat(outbound(wanted)).hasSize(1);
		assertThat(inbound(wanted)).hasSize(1);
		assertThat(this.fixtures.events("connector.outbound-read-back", id)).isEqualTo(1);
		assertThat(change(id).state()).isEqualTo("PUSHING");
	}

	@Test
	void whatWasRevokedWhileItWaitedForItsTurnIsNotWritten() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		this.pusher.hook((moment, step) -> {
			if (moment == Pusher.Moment.BEGUN && step == StepKind.OUTBOUND_WRITE) {
				this.connectors.revoke(id, "Edited.");
			}
		});
		Instant moment = Instant.now();

		push();

		assertThat(change(id).state()).isEqualTo("VOID");
		assertThat(writesSince(moment)).isEmpty();
	}

	@Test
	void whatWasWrittenForAChangeThatWasRevokedMeanwhileStandsInTheHistory() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		TENANT.beforeNext("New-OutboundConnector", () -> this.connectors.revoke(id, "Edited."));

		push();

		assertThat(change(id).state()).isEqualTo("VOID");
		String guid = outbound(wanted).getFirst().get("Guid").toString();
		assertThat(this.fixtures.events("connector.late-answer", id)).isEqualTo(1);
		assertThat(
				this.jdbc.sql("select event from audit_event where subject_id = ? and code = 'connector.late-answer'")
					.param(id.toString())
					.query(String.class)
					.single())
			.contains(guid);
	}

	@Test
	void suspendingSwitchesBothOffAndEndingTakesThemAway() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		finished(wanted);

		UUID suspended = approved(planned(ChangeKind.SUSPEND, wanted));
		push();
		assertThat(change(suspended).state()).isEqualTo("DONE");
		assertThat(outbound(wanted).getFirst()).containsEntry("Enabled", false);
		assertThat(inbound(wanted).getFirst()).containsEntry("Enabled", false);
		assertThat(this.connectors.directions(wanted.partnerId()).in().state()).isEqualTo(Directions.State.NOT_SET_UP);

		UUID ended = approved(planned(ChangeKind.REMOVE, wanted));
		push();
		assertThat(change(ended).state()).isEqualTo("DONE");
		assertThat(outbound(wanted)).isEmpty();
		assertThat(inbound(wanted)).isEmpty();
		assertThat(this.connectors.partnerName(wanted.partnerId())).isEmpty();
	}

	@Test
	void listsOnceForAllThatIsDue() {
		List<Wanted> many = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			many.add(wanted(Fixtures.freshDomain()));
		}
		many.forEach(this::approved);
		Instant moment = Instant.now();

		this.pusher.run();

		List<String> cmdlets = callsSince(moment);
		assertThat(cmdlets).filteredOn("Get-InboundConnector"::equals).hasSizeLessThanOrEqualTo(3);
		assertThat(cmdlets).filteredOn("New-InboundConnector"::equals).hasSize(5);
	}

	@Test
	void aNewerApprovedChangeTakesThePlaceOfOneThatWaits() {
		Wanted before = wanted(Fixtures.freshDomain());
		UUID waiting = approved(before);
		push();
		Wanted after = new Wanted(before.partnerId(), before.partnerName(), before.domains(), before.tlsLevel(), null,
				before.validationRecipients(), new Wanted.ByAddress(List.of("203.0.113.7")), before.reference());

		UUID newer = approved(after);
		this.connectors.proven(before.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();

		assertThat(change(waiting).state()).isEqualTo("VOID");
		assertThat(change(newer).state()).isEqualTo("DONE");
		assertThat(inbound(before)).singleElement()
			.satisfies((stored) -> assertThat(stored).containsEntry("RequireTls", true)
				.containsEntry("RestrictDomainsToIPAddresses", true));
		assertThat(this.connectors.latest(before.partnerId()).orElseThrow().id()).isEqualTo(newer);
	}

	@Test
	void planningSaysWhatIsInTheWay() {
		assertThat(this.connectors.plan(wanted(UUID.randomUUID(), "contoso.example"))).isInstanceOfSatisfying(
				PlanResult.Unsuitable.class,
				(unsuitable) -> assertThat(unsuitable.sentences()).singleElement()
					.asString()
					.contains("our own domain"));
		TENANT.failNext(ExchangeFault.truncated().on("Get-OutboundConnector"));
		assertThat(this.connectors.plan(wanted(Fixtures.freshDomain()))).isInstanceOf(PlanResult.Unavailable.class);
	}

	private UUID finished(Wanted wanted) {
		UUID id = approved(wanted);
		push();
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();
		assertThat(change(id).state()).isEqualTo("DONE");
		return id;
	}

	/** As db-scheduler would, with a bound. */
	private void runToTheEnd(UUID id) {
		for (int i = 0; i < 10 && !change(id).state().equals("DONE"); i++) {
			this.pusher.run();
			this.validation.run(id);
			this.clock.pass(Duration.ofMillis(10));
		}
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

	@Test
	void callsAgainWhenAnotherInstanceMovesTheJobBetweenTheLookAndTheWrite() {
		Calls calls = this.context.getBean(Calls.class);
		TransactionTemplate transaction = this.context.getBean(TransactionTemplate.class);
		transaction.executeWithoutResult((status) -> calls.push());
		CompletableFuture<Void> other = transaction.execute((status) -> {
			calls.push();
			CompletableFuture<Void> second = CompletableFuture
				.runAsync(() -> transaction.executeWithoutResult((inner) -> calls.push()));
			await().until(() -> this.jdbc
				.sql("""
						select count(*) from pg_stat_activity
						where datname = current_database() and wait_event_type = 'Lock' and query like '%scheduled_tasks%'""")
				.query(Integer.class)
				.single() > 0);
			return second;
		});

		assertThat(other).succeedsWithin(Duration.ofSeconds(10));
	}

	/** Like kill -9. */
	private static final class SuddenDeath extends Error {

	}

}
