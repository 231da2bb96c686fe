package org.partnertls.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import lab.ExchangeFault;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.account.People;
import org.partnertls.exchange.ExchangeOnline;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

class BulkPushTests extends TenantTest {

	@Autowired
	private Rollouts rollouts;

	@Autowired
	private MockMvcTester mvc;

	@Test
	void manyBeginWithFiveThenTwentyAtATimeEachAfterTheOneBefore() {
		List<UUID> all = approved(28);

		this.pusher.run();
		assertThat(begun(all)).isEqualTo(5);
		this.pusher.run();
		assertThat(begun(all)).isEqualTo(5);
		assertThat(this.rollouts.view()).hasValueSatisfying((view) -> {
			assertThat(view.portion()).isEqualTo(1);
			assertThat(view.waiting()).isEqualTo(23);
		});

		validate(all);
		this.pusher.run();
		assertThat(begun(all)).isEqualTo(25);
		validate(all);
		this.pusher.run();
		assertThat(begun(all)).isEqualTo(28);
		validate(all);
		this.pusher.run();
		assertThat(all).allSatisfy((id) -> assertThat(change(id).state()).isEqualTo("PROVING"));
		this.pusher.run();
		assertThat(this.rollouts.view()).isEmpty();
	}

	@Test
	void manyApprovedOnOnePageGoOutInPortionsAndNobodyApprovesTheirOwn() {
		People.Person maker = People.of(this.context).admin();
		People.Person admin = People.of(this.context).admin();
		String family = Fixtures.freshDomain();
		List<UUID> all = new ArrayList<>();
		List<String> tickets = new ArrayList<>();
		for (int i = 0; i < 7; i++) {
			Plan plan = planned(wanted("n" + i + "." + family));
			UUID id = this.connectors.propose(null, plan, maker.id());
			all.add(id);
			tickets.add(id + ":" + plan.hash());
		}
		String name = change(all.getFirst()).partnerName();

		assertThat(this.mvc.get().uri("/changes?state=PLANNED").param("words", name).with(maker.signedIn()))
			.hasStatusOk()
			.bodyText()
			.contains("yours: somebody else approves")
			.doesNotContain(tickets.getFirst());
		assertThat(this.mvc.get().uri("/changes?state=PLANNED").param("words", name).with(admin.signedIn())).bodyText()
			.contains(tickets.getFirst());
		approve(maker, tickets);
		assertThat(all).allSatisfy((id) -> assertThat(change(id).state()).isEqualTo("PLANNED"));
		approve(admin, List.of(all.getFirst() + ":" + "0".repeat(64)));
		assertThat(change(all.getFirst()).state()).isEqualTo("PLANNED");

		approve(admin, tickets);

		assertThat(begun(all)).isZero();
		this.pusher.run();
		assertThat(begun(all)).isEqualTo(5);
		validate(all);
		this.pusher.run();
		assertThat(begun(all)).isEqualTo(7);
		validate(all);
		this.pusher.run();
		this.pusher.run();
	}

	private void approve(People.Person who, List<String> tickets) {
		assertThat(this.mvc.post()
			.uri("/changes/approvals")
			.param("change", tickets.toArray(String[]::new))
			.with(who.signedIn())
			.with(csrf())).hasRedirectedUrl("/changes?state=PLANNED");
	}

	@Test
	void stopsByItselfAfterTwoFailuresUntilSomebodyLetsItGoOn() {
		People.Person admin = People.of(this.context).admin();
		List<UUID> all = approved(7);
		TENANT.failNext(ExchangeFault.forbidden().on("New-OutboundConnector"));
		TENANT.failNext(ExchangeFault.forbidden().on("New-OutboundConnector"));

		this.pusher.run();
		validate(all);
		this.pusher.run();
		this.pusher.run();

		assertThat(all).filteredOn((id) -> change(id).needsAttention()).hasSize(2);
		// How many of the portion had begun before the second failure is a matter of
		// luck.
		assertThat(all).filteredOn((id) -> change(id).state().equals("APPROVED")).hasSizeBetween(2, 5);
		assertThat(this.rollouts.view().orElseThrow().stopped()).isTrue();
		assertThat(this.mvc.get().uri("/connectors").with(admin.signedIn())).bodyText()
			.contains("Stopped after failures", "Go on with the rest");

		assertThat(this.mvc.post().uri("/connectors/rollout/continuation").with(admin.signedIn()).with(csrf()))
			.hasRedirectedUrl("/connectors");
		this.pusher.run();
		assertThat(all).filteredOn((id) -> change(id).state().equals("APPROVED")).isEmpty();
	}

	@Test
	void whilePausedNothingIsWrittenButReliefsAndEveryStaffPageSaysSo() {
		People.Person admin = People.of(this.context).admin();
		Wanted enforced = wanted(Fixtures.freshDomain());
		approved(enforced);
		this.connectors.proven(enforced.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();
		List<UUID> waiting = approved(1);

		assertThat(this.mvc.post().uri("/connectors/pause").with(admin.signedIn()).with(csrf()))
			.hasRedirectedUrl("/connectors");
		Instant moment = Instant.now();
		push();
		assertThat(callsSince(moment)).isEmpty();
		assertThat(change(waiting.getFirst()).state()).isEqualTo("APPROVED");
		for (String page : List.of("/overview", "/partners", "/history", "/connectors", "/connectors/drift")) {
			assertThat(this.mvc.get().uri(page).with(admin.signedIn())).bodyText()
				.contains("All pushes to Microsoft 365 are paused by");
		}
		this.connectors.relieve(enforced.partnerId(), ReliefStep.OUTBOUND_ENCRYPTION_ONLY, ADMIN, "Mail bounces.",
				this.clock.instant().plus(Duration.ofHours(1)));
		this.pusher.run();
		assertThat(writesSince(moment)).containsExactly("Set-OutboundConnector");

		assertThat(this.mvc.post().uri("/connectors/pause/end").with(admin.signedIn()).with(csrf()))
			.hasRedirectedUrl("/connectors");
		push();
		assertThat(change(waiting.getFirst()).state()).isEqualTo("PROVING");
		assertThat(this.mvc.get().uri("/overview").with(admin.signedIn())).bodyText().doesNotContain("are paused by");
	}

	@Test
	void aPauseInTheMiddleOfAPushHoldsTheNextWriteAndNotTheLook() {
		List<UUID> one = approved(1);
		this.pusher.hook((moment, step) -> {
			if (moment == Pusher.Moment.ANSWERED && step == StepKind.OUTBOUND_WRITE) {
				this.connectors.pause(ADMIN);
			}
		});

		push();

		assertThat(change(one.getFirst()).steps()).filteredOn((step) -> step.state().equals("done"))
			.extracting(ChangeView.StepView::title)
			.hasSize(3);
		assertThat(this.jdbc.sql("select count(*) from push_step where change_id = ? and state = 'DONE' and kind = ?")
			.params(one.getFirst(), "OUTBOUND_READ_BACK")
			.query(Integer.class)
			.single()).isEqualTo(1);
		this.connectors.resume(ADMIN);
		push();
		assertThat(change(one.getFirst()).state()).isEqualTo("PROVING");
	}

	@Test
	void aPauseHoldsEvenTheWriteThatIsDecidedAndWaitsForItsTurn() {
		List<UUID> one = approved(1);
		this.pusher.hook((moment, step) -> {
			if (moment == Pusher.Moment.BEGUN && step == StepKind.OUTBOUND_WRITE) {
				this.connectors.pause(ADMIN);
			}
		});
		Instant moment = Instant.now();

		push();

		assertThat(writesSince(moment)).isEmpty();
		assertThat(change(one.getFirst()).steps()).noneMatch((step) -> step.state().equals("running"));
		this.pusher.hook((at, step) -> {
		});
		this.connectors.resume(ADMIN);
		push();
		assertThat(change(one.getFirst()).state()).isEqualTo("PROVING");
	}

	@Test
	void theRestOfAPortionDoesNotBeginAfterTwoFailures() {
		List<UUID> all = approved(17);
		this.pusher.run();
		validate(all);
		TENANT.failNext(ExchangeFault.forbidden().on("New-OutboundConnector"));
		TENANT.failNext(ExchangeFault.forbidden().on("New-OutboundConnector"));

		this.pusher.run();

		assertThat(all).filteredOn((id) -> change(id).needsAttention()).hasSize(2);
		// Each hand may have begun another one already.
		assertThat(begun(all)).isBetween(7L, 7L + 2 * Pusher.HANDS);
		assertThat(this.rollouts.view().orElseThrow().stopped()).isTrue();
		this.rollouts.goOn(ADMIN);
		this.pusher.run();
		assertThat(begun(all)).isEqualTo(17);
	}

	@Test
	void approvalsThatHaveBecomeStaleStopABulkPushToo() {
		List<Wanted> wanted = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			wanted.add(wanted(Fixtures.freshDomain()));
		}
		List<UUID> all = wanted.stream().map(this::planned).toList().stream().map(this::approved).toList();
		wanted.forEach((one) -> TENANT.runAside("New-OutboundConnector",
				Map.of("Name", "To " + one.domains().first(), "ConnectorType", "Partner", "UseMXRecord", true,
						"RecipientDomains", List.of(one.domains().first().ascii()))));

		this.pusher.run();

		assertThat(all).filteredOn((id) -> change(id).state().equals("VOID")).hasSizeBetween(2, 1 + Pusher.HANDS);
		assertThat(this.rollouts.view().orElseThrow().stopped()).isTrue();
		this.rollouts.goOn(ADMIN);
	}

	@Test
	void whenTheTenantRefusesToBeListedAFewSaySoAndTheOthersWait() {
		List<UUID> all = approved(4);
		TENANT.forbid("Get-OutboundConnector", "Get-InboundConnector");

		try {
			this.pusher.run();
			this.pusher.run();
		}
		finally {
			TENANT.forbid();
		}

		assertThat(all).filteredOn((id) -> change(id).needsAttention()).hasSize(2);
		assertThat(all).filteredOn((id) -> change(id).state().equals("APPROVED")).hasSize(2);
		assertThat(this.connectors.pause().orElseThrow().by()).isEqualTo("Partner TLS Portal");
		this.connectors.resume(ADMIN);
		this.pusher.run();
		assertThat(all).filteredOn((id) -> change(id).state().equals("PUSHING")).hasSize(2);
	}

	@Test
	void aTenantThatHasFilledUpSinceTakesNoMore() {
		List<UUID> one = approved(1);
		ConnectorProperties full = new Binder(
				new MapConfigurationPropertySource(Map.of("portal.connector.inbound-limit", "1")))
			.bindOrCreate("portal.connector", ConnectorProperties.class);
		Pusher pusher = new Pusher(this.context.getBean(ExchangeOnline.class), this.context.getBean(Changes.class),
				this.context.getBean(OwnConnectors.class), this.context.getBean(Ledger.class),
				this.context.getBean(Emergencies.class), this.context.getBean(Gate.class), this.rollouts,
				this.context.getBean(Lease.class), full, this.context.getBean(TransactionTemplate.class), this.clock);
		Instant moment = Instant.now();

		pusher.run();

		assertThat(change(one.getFirst()).needsAttention()).isTrue();
		assertThat(change(one.getFirst()).why()).contains("inbound connectors of at most 1");
		assertThat(writesSince(moment)).isEmpty();
		this.connectors.retry(one.getFirst());
		push();
		assertThat(change(one.getFirst()).state()).isEqualTo("PROVING");
	}

	private List<UUID> approved(int number) {
		List<Plan> plans = new ArrayList<>();
		for (int i = 0; i < number; i++) {
			plans.add(planned(wanted(Fixtures.freshDomain())));
		}
		return plans.stream().map(this::approved).toList();
	}

	private void validate(List<UUID> changes) {
		this.pusher.run();
		changes.forEach(this.validation::run);
	}

	private long begun(List<UUID> changes) {
		return changes.stream().filter((id) -> !change(id).state().equals("APPROVED")).count();
	}

}
