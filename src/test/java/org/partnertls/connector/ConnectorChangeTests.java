package org.partnertls.connector;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ConnectorChangeTests {

	private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

	private static final UUID SHAPER = UUID.fromString("00000000-0000-7000-8000-000000000001");

	private static final UUID SECOND = UUID.fromString("00000000-0000-7000-8000-000000000002");

	private static final UUID THIRD = UUID.fromString("00000000-0000-7000-8000-000000000003");

	private final Plan plan = Plan.of(ChangeKind.ENFORCE, PlanTests.wanted(), new Names("To {domain}", "From {domain}"),
			List.of(), List.of(), Plan.Known.NONE);

	private final ConnectorChange change = new ConnectorChange(this.plan, null, "tenant", SHAPER, NOW);

	@Test
	void oneOtherPersonIsEnough() {
		assertThat(approve(SECOND, 1)).isInstanceOf(ApprovalResult.Approved.class);
		assertThat(this.change.state()).isEqualTo(ConnectorChange.State.APPROVED);
		assertThat(this.change.dueAt()).isEqualTo(NOW);
	}

	@Test
	void whoShapedItLastMayNotApproveIt() {
		assertThat(approve(SHAPER, 1)).isInstanceOfSatisfying(ApprovalResult.Refused.class,
				(refused) -> assertThat(refused.code()).isEqualTo("own-work"));
		assertThat(this.change.approve(THIRD, "Third", this.plan.hash(), THIRD, 1, NOW)).isInstanceOfSatisfying(
				ApprovalResult.Refused.class, (refused) -> assertThat(refused.code()).isEqualTo("own-work"));
		assertThat(this.change.state()).isEqualTo(ConnectorChange.State.PLANNED);
	}

	@Test
	void nobodyCountsTwice() {
		assertThat(approve(SECOND, 2)).isEqualTo(new ApprovalResult.StillNeeds(1));
		assertThat(approve(SECOND, 2)).isInstanceOfSatisfying(ApprovalResult.Refused.class,
				(refused) -> assertThat(refused.code()).isEqualTo("twice"));
		assertThat(this.change.state()).isEqualTo(ConnectorChange.State.PLANNED);
		assertThat(approve(THIRD, 2)).isInstanceOf(ApprovalResult.Approved.class);
	}

	@Test
	void whoSawAnotherPlanMayNotApproveThisOne() {
		assertThat(this.change.approve(SECOND, "Second", "0".repeat(64), SHAPER, 1, NOW)).isInstanceOfSatisfying(
				ApprovalResult.Refused.class, (refused) -> assertThat(refused.code()).isEqualTo("stale"));
	}

	@Test
	void afterTheLastApprovalNoneCounts() {
		approve(SECOND, 1);

		assertThat(approve(THIRD, 1)).isInstanceOfSatisfying(ApprovalResult.Refused.class,
				(refused) -> assertThat(refused.code()).isEqualTo("state"));
	}

	@Test
	void whatIsVoidStaysVoid() {
		this.change.revoke("Edited.", NOW);

		assertThat(approve(SECOND, 1)).isInstanceOfSatisfying(ApprovalResult.Refused.class,
				(refused) -> assertThat(refused.code()).isEqualTo("state"));
		assertThat(this.change.retry(NOW)).isFalse();
		assertThat(this.change.dueAt()).isNull();
		assertThatThrownBy(() -> this.change.revoke("Again.", NOW)).isInstanceOf(IllegalStateException.class);
	}

	@Test
	void aBlockedPlanCannotBeApproved() {
		Plan blocked = Plan.of(
				ChangeKind.ENFORCE, PlanTests.wanted(), new Names("To {domain}", "From {domain}"), List.of(PlanTests
					.outbound("g", "To acme.example", "by hand", "EncryptionOnly", List.of("acme.example"))),
				List.of(), Plan.Known.NONE);

		assertThat(new ConnectorChange(blocked, null, "tenant", SHAPER, NOW).approve(SECOND, "Second", blocked.hash(),
				SHAPER, 1, NOW))
			.isInstanceOfSatisfying(ApprovalResult.Refused.class,
					(refused) -> assertThat(refused.code()).isEqualTo("blocked"));
	}

	@Test
	void aReportUnderAnOlderNumberCountsForNothing() {
		approve(SECOND, 1);
		this.change.start(StepKind.COMPARE, 7, NOW);
		this.change.start(StepKind.COMPARE, 8, NOW);

		assertThat(this.change.accepts(StepKind.COMPARE, 7)).isFalse();
		assertThat(this.change.accepts(StepKind.COMPARE, 8)).isTrue();
		this.change.revoke("Over.", NOW);
		assertThat(this.change.accepts(StepKind.COMPARE, 8)).isFalse();
	}

	@Test
	void bothLanesGoOnAfterTheComparison() {
		approve(SECOND, 1);
		assertThat(this.change.next(NOW)).extracting(PushStep::kind).containsExactly(StepKind.COMPARE);

		this.change.start(StepKind.COMPARE, 1, NOW);
		this.change.done(StepKind.COMPARE, null, null, NOW);

		assertThat(this.change.next(NOW)).extracting(PushStep::kind)
			.containsExactly(StepKind.OUTBOUND_WRITE, StepKind.INBOUND_WRITE);
		assertThat(this.change.state()).isEqualTo(ConnectorChange.State.PUSHING);
	}

	@Test
	void rejectingWaitsForTheAnnouncedHourWhenTheProofComesEarly() {
		approve(SECOND, 1);
		Instant hour = NOW.plusSeconds(3600);
		assertThat(this.change.prove(NOW, hour, NOW)).isTrue();
		assertThat(this.change.prove(NOW, NOW, NOW)).isFalse();

		for (PushStep step : this.change.steps()) {
			if (step.kind() != StepKind.INBOUND_PROOF && step.kind().compareTo(StepKind.INBOUND_ENFORCE) < 0) {
				this.change.start(step.kind(), 1, NOW);
				this.change.done(step.kind(), null, null, NOW);
			}
		}

		assertThat(this.change.state()).isEqualTo(ConnectorChange.State.PROVING);
		assertThat(this.change.next(NOW)).isEmpty();
		assertThat(this.change.dueAt()).isEqualTo(hour);
		assertThat(this.change.next(hour)).extracting(PushStep::kind).containsExactly(StepKind.INBOUND_ENFORCE);
	}

	@Test
	void aProofBeforeApprovalIsNotKept() {
		assertThat(this.change.prove(NOW, NOW, NOW)).isFalse();
	}

	/**
	 * All orders of up to five acts, against the rule in one sentence: approved are two
	 * different people who did not shape it and saw this plan, before it became void.
	 */
	@Test
	void inWhateverOrderPeopleActTheRuleHolds() {
		for (int code = 0; code < 5 * 5 * 5 * 5 * 5; code++) {
			ConnectorChange tried = new ConnectorChange(this.plan, null, "tenant", SHAPER, NOW);
			Set<UUID> counted = new HashSet<>();
			boolean voided = false;
			for (int rest = code, i = 0; i < 5; rest /= 5, i++) {
				boolean open = !voided && counted.size() < 2;
				switch (rest % 5) {
					case 0 -> act(tried, SECOND, open, counted);
					case 1 -> act(tried, THIRD, open, counted);
					case 2 -> assertThat(tried.approve(SHAPER, "Shaper", this.plan.hash(), SHAPER, 2, NOW))
						.isInstanceOf(ApprovalResult.Refused.class);
					case 3 -> assertThat(tried.approve(SECOND, "Second", "f".repeat(64), SHAPER, 2, NOW))
						.isInstanceOf(ApprovalResult.Refused.class);
					default -> {
						if (!tried.state().isOver()) {
							tried.revoke("Edited.", NOW);
						}
						voided = true;
					}
				}
			}
			assertThat(tried.state()).as("order %d", code)
				.isEqualTo(voided ? ConnectorChange.State.VOID
						: (counted.size() == 2) ? ConnectorChange.State.APPROVED : ConnectorChange.State.PLANNED);
		}
	}

	private void act(ConnectorChange tried, UUID who, boolean open, Set<UUID> counted) {
		ApprovalResult result = tried.approve(who, "Name", this.plan.hash(), SHAPER, 2, NOW);
		boolean counts = open && counted.add(who);
		assertThat(result).isEqualTo(!counts ? result
				: (counted.size() == 2) ? new ApprovalResult.Approved() : new ApprovalResult.StillNeeds(1));
		assertThat(result instanceof ApprovalResult.Refused).isEqualTo(!counts);
	}

	private ApprovalResult approve(UUID approver, int required) {
		return this.change.approve(approver, "Name", this.plan.hash(), SHAPER, required, NOW);
	}

}
