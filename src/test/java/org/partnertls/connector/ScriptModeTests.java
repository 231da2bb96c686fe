package org.partnertls.connector;

import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;

import org.springframework.beans.factory.annotation.Autowired;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A portal that may not call Exchange Online.
 */
@PortalTest
class ScriptModeTests {

	@Autowired
	private Connectors connectors;

	@Autowired
	private Pusher pusher;

	@Test
	void plansForAnEmptyTenantAndGivesTheLinesToRunByHand() {
		Wanted wanted = TenantTest.wanted(UUID.randomUUID(), Fixtures.freshDomain());

		assertThat(this.connectors.plan(wanted)).isInstanceOfSatisfying(PlanResult.Planned.class, (planned) -> {
			assertThat(planned.plan().summary()).isEqualTo("2 to create, 0 to change");
			assertThat(planned.script())
				.anySatisfy((line) -> assertThat(line).contains("New-Wanted 'Inbound'").contains("RequireTls = $false"))
				.anySatisfy((line) -> assertThat(line).contains("Set-Wanted 'Inbound'").contains("RequireTls = $true"));
		});
	}

	@Test
	void pushesNothing() {
		Wanted wanted = TenantTest.wanted(UUID.randomUUID(), Fixtures.freshDomain());
		Plan plan = ((PlanResult.Planned) this.connectors.plan(wanted)).plan();
		UUID id = this.connectors.propose(null, plan, TenantTest.INVITER);
		this.connectors.approve(id, TenantTest.REVIEWER, "Amina Okafor", plan.hash(), TenantTest.INVITER, 1);

		this.pusher.run();

		assertThat(this.connectors.find(id).orElseThrow().state()).isEqualTo("APPROVED");
		assertThat(this.connectors.relieve(wanted.partnerId(), ReliefStep.OUTBOUND_OFF, TenantTest.ADMIN, "Bounces",
				java.time.Instant.MAX))
			.isInstanceOf(ReliefResult.Refused.class);
	}

}
