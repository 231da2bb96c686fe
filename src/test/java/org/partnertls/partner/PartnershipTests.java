package org.partnertls.partner;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Partnership.State;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class PartnershipTests {

	private static final Instant NOW = Instant.parse("2026-11-23T13:30:00Z");

	private static final Map<State, Set<State>> TABLE = Map.of(State.INVITED,
			EnumSet.of(State.ONBOARDING, State.EXPIRED, State.WITHDRAWN), State.ONBOARDING,
			EnumSet.of(State.ACTIVE, State.EXPIRED, State.WITHDRAWN), State.ACTIVE,
			EnumSet.of(State.SUSPENDED, State.ENDED), State.SUSPENDED, EnumSet.of(State.ACTIVE, State.ENDED),
			State.ENDED, EnumSet.noneOf(State.class), State.EXPIRED, EnumSet.noneOf(State.class), State.WITHDRAWN,
			EnumSet.noneOf(State.class));

	private static final Map<State, Consumer<Partnership>> VERBS = Map.of(State.ONBOARDING, (p) -> p.open(NOW),
			State.SUSPENDED, (p) -> p.suspend(NOW), State.ENDED, (p) -> p.end(NOW), State.EXPIRED, (p) -> p.expire(NOW),
			State.WITHDRAWN, (p) -> p.withdraw(NOW), State.ACTIVE,
			(p) -> p.activate(NOW, NOW.plus(Duration.ofDays(365)), NOW));

	@ParameterizedTest
	@EnumSource
	void movesOnlyAsTheTableSays(State from) {
		VERBS.forEach((to, verb) -> {
			Partnership partnership = in(from);
			if (TABLE.get(from).contains(to)) {
				verb.accept(partnership);
				assertThat(partnership.state()).isEqualTo(to);
			}
			else {
				assertThatIllegalStateException().isThrownBy(() -> verb.accept(partnership));
				assertThat(partnership.state()).isEqualTo(from);
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	void isProvenAgainOnlyOnceItWasActive(State state) {
		Partnership partnership = in(state);
		Instant due = NOW.plus(Duration.ofDays(300));
		if (state == State.ACTIVE || state == State.SUSPENDED) {
			partnership.proven(NOW, due, NOW);
			assertThat(partnership.nextDueAt()).isEqualTo(due);
		}
		else {
			assertThatIllegalStateException().isThrownBy(() -> partnership.proven(NOW, due, NOW));
		}
	}

	@Test
	void resumesWhatWasSuspended() {
		Partnership partnership = in(State.SUSPENDED);
		partnership.resume(NOW);
		assertThat(partnership.state()).isEqualTo(State.ACTIVE);
		assertThatIllegalStateException().isThrownBy(() -> partnership.resume(NOW));
	}

	@Test
	void asksForATextOfAtLeast160Bits() {
		MailDomain one = new MailDomain(DomainName.of("acme.example"), NOW);
		MailDomain other = new MailDomain(DomainName.of("acme.example"), NOW);
		assertThat(one.token()).matches("[a-z2-7]{32}").isNotEqualTo(other.token());
		assertThat(one.challengeName()).isEqualTo("_tls-partner-challenge.acme.example");
		assertThat(one.isOver(NOW.plus(Duration.ofDays(14)).minusSeconds(1))).isFalse();
		assertThat(one.isOver(NOW.plus(Duration.ofDays(14)))).isTrue();
	}

	@Test
	void isNotProvenByTheTextOfAnEarlierQuestion() {
		MailDomain domain = new MailDomain(DomainName.of("acme.example"), NOW);
		String earlier = domain.token();
		domain.askAgain(NOW);
		assertThat(domain.lookedUp(earlier, true, "seen", NOW)).isFalse();
		assertThat(domain.proof()).isEqualTo(Partner.Proof.UNPROVEN);
		assertThat(domain.lookedUp(domain.token(), true, "seen", NOW)).isTrue();
	}

	private static Partnership in(State state) {
		Partnership partnership = new Partnership("TLS-2026-0001", "Acme", DomainName.of("acme.example"),
				new NewContact("Ines", EmailAddress.of("it@acme.example"), null, ContactRole.TECHNICAL), "Olu",
				EmailAddress.of("olu@contoso.example"), new UUID(0, 1), "files", NOW);
		switch (state) {
			case INVITED -> {
			}
			case ONBOARDING -> VERBS.get(State.ONBOARDING).accept(partnership);
			case ACTIVE -> {
				VERBS.get(State.ONBOARDING).accept(partnership);
				VERBS.get(State.ACTIVE).accept(partnership);
			}
			case SUSPENDED, ENDED -> {
				VERBS.get(State.ONBOARDING).accept(partnership);
				VERBS.get(State.ACTIVE).accept(partnership);
				VERBS.get(state).accept(partnership);
			}
			case EXPIRED, WITHDRAWN -> VERBS.get(state).accept(partnership);
		}
		return partnership;
	}

}
