package org.partnertls.tlscheck;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.partnertls.tlscheck.Condition.Patience;
import org.partnertls.tlscheck.Condition.State;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

class ConditionTests {

	private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

	private static final Patience PATIENCE = new Patience(3, Duration.ofHours(2));

	private final Condition good = Condition.unknown(NOW).after(Outcome.PASS, false, NOW, PATIENCE);

	@Test
	void oneCheckThatPassesIsEnough() {
		assertThat(this.good.state()).isEqualTo(State.GOOD);
		assertThat(this.good.since()).isEqualTo(NOW);
	}

	@Test
	void threeFailuresOverTwoHoursAreAState() {
		Condition condition = fail(this.good, 10);
		assertThat(condition.state()).isEqualTo(State.GOOD);
		condition = fail(condition, 70);
		assertThat(condition.state()).isEqualTo(State.GOOD);
		condition = fail(condition, 130);
		assertThat(condition.state()).isEqualTo(State.FAILING);
		assertThat(condition.since()).isEqualTo(NOW.plus(Duration.ofMinutes(130)));
	}

	@Test
	void manyFailuresInAShortTimeAreNot() {
		Condition condition = this.good;
		for (int minute = 0; minute < 119; minute++) {
			condition = fail(condition, minute);
		}
		assertThat(condition.state()).isEqualTo(State.GOOD);
		assertThat(fail(condition, 120).state()).isEqualTo(State.FAILING);
	}

	@Test
	void twoFailuresFarApartAreNot() {
		assertThat(fail(fail(this.good, 0), 60 * 24).state()).isEqualTo(State.GOOD);
	}

	@Test
	void aHardFactCountsAtOnce() {
		assertThat(this.good.after(Outcome.FAIL, true, NOW, PATIENCE).state()).isEqualTo(State.FAILING);
	}

	@Test
	void oneCheckThatPassesRecoversAndForgets() {
		Condition failing = this.good.after(Outcome.FAIL, true, NOW, PATIENCE);
		Condition again = failing.after(Outcome.PASS, false, NOW.plusSeconds(60), PATIENCE);
		assertThat(again.state()).isEqualTo(State.GOOD);
		assertThat(again.since()).isEqualTo(NOW.plusSeconds(60));
		assertThat(again.failures()).isZero();
		assertThat(again.firstFailedAt()).isNull();
	}

	@Test
	void whatCannotBeSaidNeitherFailsNorRecoversNorForgives() {
		Condition failing = this.good.after(Outcome.FAIL, true, NOW, PATIENCE);
		assertThat(failing.after(Outcome.INCONCLUSIVE, false, NOW, PATIENCE).state()).isEqualTo(State.FAILING);
		Condition doubtful = fail(fail(this.good, 0), 60).after(Outcome.INCONCLUSIVE, false,
				NOW.plus(Duration.ofMinutes(90)), PATIENCE);
		assertThat(doubtful.state()).isEqualTo(State.GOOD);
		assertThat(doubtful.unclear()).isEqualTo(1);
		assertThat(fail(doubtful, 120).state()).isEqualTo(State.FAILING);
	}

	@Test
	void failuresGoOnCountingFromTheFirstWhileItFails() {
		Condition failing = this.good.after(Outcome.FAIL, true, NOW, PATIENCE);
		Condition later = fail(failing, 600);
		assertThat(later.since()).isEqualTo(NOW);
		assertThat(later.failures()).isEqualTo(2);
	}

	private static Condition fail(Condition condition, int minute) {
		return condition.after(Outcome.FAIL, false, NOW.plus(Duration.ofMinutes(minute)), PATIENCE);
	}

}
