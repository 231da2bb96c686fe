package org.partnertls.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import lab.ExchangeFault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.Fixtures;

import org.springframework.beans.factory.annotation.Autowired;

import static org.assertj.core.api.Assertions.assertThat;

class ReliefTests extends TenantTest {

	@Autowired
	private DriftCheck check;

	@Test
	void goesAheadOfEverythingThatIsQueued() {
		Wanted wanted = enforced();
		for (int i = 0; i < 3; i++) {
			approved(wanted(Fixtures.freshDomain()));
		}
		Instant moment = Instant.now();

		assertThat(relieve(wanted, ReliefStep.OUTBOUND_ENCRYPTION_ONLY)).isInstanceOf(ReliefResult.UnderWay.class);
		this.pusher.run();

		assertThat(writesSince(moment)).startsWith("Set-OutboundConnector");
		assertThat(outbound(wanted).getFirst()).containsEntry("TlsSettings", "EncryptionOnly");
		assertThat(this.connectors.directions(wanted.partnerId()).out().state()).isEqualTo(Directions.State.RELIEVED);
		assertThat(this.connectors.directions(wanted.partnerId()).in().state()).isEqualTo(Directions.State.UNCHECKED);
		assertThat(this.fixtures.events("connector.relieved", wanted.partnerId())).isEqualTo(1);
	}

	@Test
	void goesAheadEvenInTheMiddleOfAPush() {
		Wanted wanted = enforced();
		List<Wanted> queue = List.of(wanted(Fixtures.freshDomain()), wanted(Fixtures.freshDomain()),
				wanted(Fixtures.freshDomain()));
		queue.forEach(this::approved);
		boolean[] asked = new boolean[1];
		this.pusher.hook((moment, step) -> {
			if (moment == Pusher.Moment.ANSWERED) {
				// No hand begins another write while the relief is asked for.
				synchronized (asked) {
					if (!asked[0]) {
						asked[0] = true;
						relieve(wanted, ReliefStep.INBOUND_CLEAR_TEXT);
					}
				}
			}
		});
		Instant moment = Instant.now();

		this.pusher.run();

		List<String> writes = writesSince(moment);
		// Each hand may have a write on its way already; the whole queue has many.
		assertThat(writes.indexOf("Set-InboundConnector")).isBetween(1, Pusher.HANDS);
		assertThat(writes).hasSizeGreaterThan(6);
		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", false);
	}

	@Test
	void staysUntilSomebodyEndsItAndThenAllIsAsBefore() {
		Wanted wanted = enforced();
		Map<String, Object> outboundBefore = outbound(wanted).getFirst();
		relieve(wanted, ReliefStep.OUTBOUND_ENCRYPTION_ONLY);
		relieve(wanted, ReliefStep.INBOUND_CLEAR_TEXT);
		relieve(wanted, ReliefStep.OUTBOUND_OFF);
		this.pusher.run();
		assertThat(outbound(wanted).getFirst()).containsEntry("Enabled", false);
		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", false);

		this.clock.pass(Duration.ofHours(5));
		this.pusher.run();

		assertThat(this.fixtures.events("connector.relief-overdue", wanted.partnerId())).isEqualTo(3);
		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", false);
		this.pusher.run();
		assertThat(this.fixtures.events("connector.relief-overdue", wanted.partnerId())).isEqualTo(3);

		this.clock.pass(Duration.ofDays(1));
		this.pusher.run();
		assertThat(this.fixtures.events("connector.relief-overdue", wanted.partnerId())).as("asks again every day")
			.isEqualTo(6);

		assertThat(this.connectors.endRelief(wanted.partnerId(), ADMIN)).isInstanceOf(ReliefResult.UnderWay.class);
		this.pusher.run();
		assertThat(letters(wanted))
			.contains("owner-relieved", "partner-relieved", "compliance-relieved", "owner-relief", "compliance-relief",
					"partner-relief-ended", "owner-relief-ended", "compliance-relief-ended")
			.doesNotContain("owner-attention");
		assertThat(outbound(wanted).getFirst()).containsEntry("Enabled", true)
			.containsEntry("TlsSettings", outboundBefore.get("TlsSettings"));
		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", true);
		assertThat(this.connectors.reliefs(wanted.partnerId())).isEmpty();
		assertThat(this.connectors.endRelief(wanted.partnerId(), ADMIN)).isInstanceOf(ReliefResult.Refused.class);
	}

	@Test
	void holdsBackWhatWouldEnforceAgain() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		push();
		relieve(wanted, ReliefStep.OUTBOUND_OFF);
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);

		push();

		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", false);
		assertThat(outbound(wanted).getFirst()).containsEntry("Enabled", false);
		assertThat(change(id).state()).isEqualTo("PROVING");
	}

	@ParameterizedTest
	@CsvSource({ "INBOUND_ENFORCE, INBOUND_CLEAR_TEXT", "OUTBOUND_ENABLE, OUTBOUND_OFF" })
	void whatWasDecidedBeforeAReliefDoesNotUndoIt(StepKind step, ReliefStep relief) {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		this.pusher.hook((moment, at) -> {
			if (moment == Pusher.Moment.BEGUN && at == step && this.connectors.reliefs(wanted.partnerId()).isEmpty()) {
				relieve(wanted, relief);
			}
		});

		push();

		assertThat(this.fixtures.events("connector.relieved", wanted.partnerId())).isEqualTo(1);
		assertThat((relief.direction() == Direction.INBOUND) ? inbound(wanted).getFirst().get("RequireTls")
				: outbound(wanted).getFirst().get("Enabled"))
			.isEqualTo(false);
		assertThat(change(id).steps()).noneMatch((one) -> one.state().equals("running"));

		this.pusher.hook((moment, at) -> {
		});
		this.connectors.endRelief(wanted.partnerId(), ADMIN);
		push();
		assertThat(change(id).state()).isEqualTo("DONE");
		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", true);
		assertThat(outbound(wanted).getFirst()).containsEntry("Enabled", true);
	}

	@Test
	void remembersWhatWasBeforeWhenTheFirstAnswerIsLost() {
		Wanted wanted = enforced();
		relieve(wanted, ReliefStep.INBOUND_CLEAR_TEXT);
		TENANT.failNext(ExchangeFault.cutAfterCommit().on("Set-InboundConnector"));

		this.pusher.run();
		this.clock.pass(Duration.ofMinutes(1));
		this.pusher.run();
		this.connectors.endRelief(wanted.partnerId(), ADMIN);
		this.pusher.run();

		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", true);
	}

	@Test
	void worksByWhatWeLastKnewWhenTheTenantCannotBeListed() {
		Wanted wanted = enforced();
		relieve(wanted, ReliefStep.INBOUND_CLEAR_TEXT);
		TENANT.failNext(ExchangeFault.truncated().on("Get-InboundConnector"));

		this.pusher.run();

		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", false);
	}

	@Test
	void saysSoWhenItCannotBeDoneAndMayBeAskedForAgain() {
		Wanted wanted = enforced();
		relieve(wanted, ReliefStep.INBOUND_CLEAR_TEXT);
		TENANT.failNext(ExchangeFault.forbidden().on("Set-InboundConnector"));

		this.pusher.run();

		assertThat(this.connectors.reliefs(wanted.partnerId())).singleElement()
			.satisfies((relief) -> assertThat(relief.detail()).contains("Exchange Administrator"));
		assertThat(relieve(wanted, ReliefStep.INBOUND_CLEAR_TEXT)).isInstanceOf(ReliefResult.UnderWay.class);
		this.pusher.run();
		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", false);
	}

	@Test
	void whoeverIsAtItLearnsThatItsEndWasAskedForInTheMeantime() {
		Wanted wanted = PlanTests.wanted();
		Instant now = Instant.EPOCH;
		Form form = Form.wanted(Direction.INBOUND, wanted);
		OwnConnector own = new OwnConnector(wanted.partnerId(), "Acme", "tenant",
				new Tenant.Seen(Direction.INBOUND, "guid", "From acme.example", form, null, null), now);
		Relief relief = new Relief(own, "tenant", ReliefStep.INBOUND_CLEAR_TEXT, "id", "Name", "Bounces",
				now.plusSeconds(60), now);
		relief.start(7, form);
		assertThat(relief.accepts(7, Relief.State.WANTED)).isTrue();
		assertThat(relief.accepts(6, Relief.State.WANTED)).isFalse();

		relief.end("id", now);

		assertThat(relief.accepts(7, Relief.State.WANTED)).isFalse();
		assertThat(relief.aim(relief.step().relieved(form))).isEqualTo(form);
	}

	@Test
	void endsWhereTheConnectorWasDeletedAndLeavesTheRestToTheComparison() {
		Wanted wanted = enforced();
		relieve(wanted, ReliefStep.INBOUND_CLEAR_TEXT);
		this.pusher.run();
		remove(wanted);
		this.check.run();

		this.connectors.endRelief(wanted.partnerId(), ADMIN);
		this.pusher.run();

		assertThat(this.connectors.reliefs(wanted.partnerId())).isEmpty();
		assertThat(letters(wanted)).contains("owner-relief", "compliance-relief")
			.doesNotContain("owner-relief-ended", "partner-relief-ended");
		this.check.run();
		assertThat(this.connectors.directions(wanted.partnerId()).in().words()).contains("deleted in the tenant");
		Plan again = ((PlanResult.Planned) this.connectors.applyAgain(wanted.partnerId())).plan();
		assertThat(again.of(Direction.INBOUND).target().is(Form.REQUIRE_TLS)).isTrue();
		UUID id = approved(again);
		push();
		assertThat(change(id).state()).as(() -> change(id).why()).isEqualTo("DONE");
	}

	@Test
	void oneThatWasEndedBeforeItBeganIsNotOpenedAgain() {
		Wanted wanted = enforced();
		relieve(wanted, ReliefStep.INBOUND_CLEAR_TEXT);
		remove(wanted);
		TENANT.beforeNext("Get-InboundConnector", () -> this.connectors.endRelief(wanted.partnerId(), ADMIN));

		this.pusher.run();

		assertThat(this.connectors.reliefs(wanted.partnerId())).isEmpty();
		assertThat(this.fixtures.events("connector.relief-failed", wanted.partnerId())).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whatCannotBeTakenBackGoesOnAskingEveryDay(boolean applied) {
		Wanted wanted = enforced();
		relieve(wanted, ReliefStep.INBOUND_CLEAR_TEXT);
		if (!applied) {
			TENANT.failNext(ExchangeFault.cutAfterCommit().on("Set-InboundConnector"));
		}
		this.pusher.run();
		this.connectors.endRelief(wanted.partnerId(), ADMIN);
		TENANT.failNext(ExchangeFault.forbidden().on("Set-InboundConnector"));
		this.pusher.run();
		assertThat(this.fixtures.events("connector.relief-failed", wanted.partnerId())).isEqualTo(1);

		this.clock.pass(Duration.ofHours(5));
		this.pusher.run();
		assertThat(this.fixtures.events("connector.relief-overdue", wanted.partnerId())).isEqualTo(1);
		this.connectors.endRelief(wanted.partnerId(), ADMIN);
		TENANT.failNext(ExchangeFault.forbidden().on("Set-InboundConnector"));
		this.pusher.run();
		this.clock.pass(Duration.ofHours(25));
		this.pusher.run();
		assertThat(this.fixtures.events("connector.relief-overdue", wanted.partnerId())).isEqualTo(2);
	}

	@Test
	void whatSomebodyElseHadChangedIsNeitherKeptNorCalledPutBack() {
		Wanted wanted = enforced();
		TENANT.runAside("Set-InboundConnector",
				Map.of("Identity", inbound(wanted).getFirst().get("Guid"), "RequireTls", false));
		TENANT.runAside("Set-OutboundConnector",
				Map.of("Identity", outbound(wanted).getFirst().get("Guid"), "Comment", "mine now"));
		this.check.run();
		assertThat(this.connectors.drifts(wanted.partnerId())).hasSize(2);

		relieve(wanted, ReliefStep.INBOUND_CLEAR_TEXT);
		relieve(wanted, ReliefStep.OUTBOUND_ENCRYPTION_ONLY);
		this.pusher.run();
		this.check.run();
		assertThat(this.connectors.drifts(wanted.partnerId())).hasSize(2);
		assertThat(this.fixtures.events("connector.drift-ended", wanted.partnerId())).isZero();

		this.connectors.endRelief(wanted.partnerId(), ADMIN);
		this.pusher.run();
		this.check.run();
		assertThat(inbound(wanted).getFirst()).as("as approved").containsEntry("RequireTls", true);
		assertThat(outbound(wanted).getFirst()).containsEntry("TlsSettings", "CertificateValidation")
			.containsEntry("Comment", "mine now");
		assertThat(this.connectors.drifts(wanted.partnerId())).singleElement()
			.satisfies((drift) -> assertThat(drift.fields()).singleElement()
				.satisfies((field) -> assertThat(field.parameter()).isEqualTo("Comment")));
	}

	@Test
	void whatAChangeOfOursHasJustWrittenIsWhatItGoesBackTo() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		this.pusher.hook((moment, step) -> {
			if (moment == Pusher.Moment.ANSWERED && step == StepKind.INBOUND_ENFORCE) {
				relieve(wanted, ReliefStep.INBOUND_CLEAR_TEXT);
			}
		});
		push();
		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", false);

		this.connectors.endRelief(wanted.partnerId(), ADMIN);
		push();

		assertThat(change(id).state()).isEqualTo("DONE");
		assertThat(inbound(wanted).getFirst()).containsEntry("RequireTls", true);
	}

	private static void remove(Wanted wanted) {
		TENANT.runAside("Remove-InboundConnector",
				Map.of("Identity", inbound(wanted).getFirst().get("Guid"), "Confirm", false));
	}

	@Test
	void refusesWithoutReasonTooLongTwiceOrForNothing() {
		Wanted wanted = enforced();
		Instant soon = this.clock.instant().plus(Duration.ofHours(1));

		assertThat(this.connectors.relieve(wanted.partnerId(), ReliefStep.OUTBOUND_OFF, ADMIN, " ", soon))
			.isInstanceOf(ReliefResult.Refused.class);
		assertThat(this.connectors.relieve(wanted.partnerId(), ReliefStep.OUTBOUND_OFF, ADMIN, "Bounces",
				this.clock.instant().plus(Duration.ofHours(25))))
			.isInstanceOf(ReliefResult.Refused.class);
		assertThat(this.connectors.relieve(UUID.randomUUID(), ReliefStep.OUTBOUND_OFF, ADMIN, "Bounces", soon))
			.isInstanceOf(ReliefResult.Refused.class);
		assertThat(relieve(wanted, ReliefStep.OUTBOUND_OFF)).isInstanceOf(ReliefResult.UnderWay.class);
		assertThat(relieve(wanted, ReliefStep.OUTBOUND_OFF)).isInstanceOf(ReliefResult.Refused.class);
	}

	private ReliefResult relieve(Wanted wanted, ReliefStep step) {
		return this.connectors.relieve(wanted.partnerId(), step, ADMIN, "Payroll mail bounces.",
				this.clock.instant().plus(Duration.ofHours(4)));
	}

	private java.util.List<String> letters(Wanted wanted) {
		return this.jdbc.sql("select distinct template from letter where partner_id = ?")
			.param(wanted.partnerId())
			.query(String.class)
			.list();
	}

}
