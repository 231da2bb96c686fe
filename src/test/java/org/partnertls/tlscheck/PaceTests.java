package org.partnertls.tlscheck;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.partnertls.tlscheck.Condition.Patience;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

class PaceTests {

	private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

	private static final Patience PATIENCE = new Patience(3, Duration.ofHours(2));

	private static final Pace PACE = new Pace(Duration.ofDays(1), PATIENCE, Duration.ofMinutes(30));

	private static final Condition GOOD = Condition.unknown(NOW).after(Outcome.PASS, false, NOW, PATIENCE);

	@Test
	void tenThousandDomainsCheckedAtOnceAreSpreadOverTheDayAfterwards() {
		int[] hours = new int[30];
		for (int i = 0; i < 10_000; i++) {
			Instant due = PACE.next("d" + i + ".example", GOOD, NOW, null);
			hours[(int) Duration.between(NOW, due).toHours()]++;
		}
		for (int hour = 0; hour < 27; hour++) {
			assertThat(hours[hour]).as("hour %d", hour).isBetween((hour < 3) ? 0 : 340, (hour < 3) ? 0 : 500);
		}
	}

	@Test
	void aDomainKeepsItsTimeOfTheDay() {
		Instant first = PACE.next("acme.example", GOOD, NOW, null);
		assertThat(PACE.next("acme.example", GOOD, first.plusSeconds(40), null))
			.isEqualTo(first.plus(Duration.ofDays(1)));
	}

	@Test
	void aFirstFailureIsLookedAtAgainSoonEnoughToDecideWithinTheSpread() {
		Condition condition = GOOD;
		Instant at = NOW;
		for (int i = 0; i < 3; i++) {
			condition = condition.after(Outcome.FAIL, false, at, PATIENCE);
			at = PACE.next("acme.example", condition, at, null);
		}
		assertThat(condition.state()).isEqualTo(Condition.State.FAILING);
		assertThat(condition.since()).isBefore(NOW.plus(Duration.ofHours(2).plusMinutes(1)));
	}

	@Test
	void aServerThatPutsUsOffIsLeftAloneForLongerEachTime() {
		Condition once = GOOD.after(Outcome.INCONCLUSIVE, false, NOW, PATIENCE);
		Condition thrice = once.after(Outcome.INCONCLUSIVE, false, NOW, PATIENCE)
			.after(Outcome.INCONCLUSIVE, false, NOW, PATIENCE);
		assertThat(PACE.next("acme.example", once, NOW, null)).isEqualTo(NOW.plus(Duration.ofMinutes(30)));
		assertThat(PACE.next("acme.example", thrice, NOW, null)).isEqualTo(NOW.plus(Duration.ofHours(2)));
		Instant until = NOW.plus(Duration.ofDays(2));
		assertThat(PACE.next("acme.example", once, NOW, until)).isEqualTo(until);
	}

}
