package org.partnertls.tlscheck;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * The state that repeated checks of a domain have come to. One failure may be a restart
 * or a bad minute on the way, so it takes several, spread over hours; a hard fact such as
 * an expired certificate counts at once, and so does a check that passes. What could not
 * be said changes nothing.
 *
 * @param state as people see it
 * @param since when it began
 * @param failures how many checks have failed since the last that passed
 * @param firstFailedAt when the first of them did
 * @param unclear how many checks in a row said nothing
 * @param unclearSince when the first of them was
 */
record Condition(State state, Instant since, int failures, @Nullable Instant firstFailedAt, int unclear,
		@Nullable Instant unclearSince) {

	/** Before the first check. */
	static Condition unknown(Instant now) {
		return new Condition(State.UNKNOWN, now, 0, null, 0, null);
	}

	/**
	 * Takes in a check.
	 * @param outcome what it came to
	 * @param hard whether what failed is no matter of chance
	 * @param at when it ended
	 * @param patience when failures count
	 */
	Condition after(Verdict.Outcome outcome, boolean hard, Instant at, Patience patience) {
		return switch (outcome) {
			case PASS -> new Condition(State.GOOD, (this.state == State.GOOD) ? this.since : at, 0, null, 0, null);
			case INCONCLUSIVE, NOT_OFFERED -> new Condition(this.state, this.since, this.failures, this.firstFailedAt,
					this.unclear + 1, (this.unclearSince != null) ? this.unclearSince : at);
			case FAIL -> failed(hard, at, patience);
		};
	}

	private Condition failed(boolean hard, Instant at, Patience patience) {
		int count = this.failures + 1;
		Instant first = (this.firstFailedAt != null) ? this.firstFailedAt : at;
		boolean patient = count >= patience.failures()
				&& !Duration.between(first, at).minus(patience.spread()).isNegative();
		boolean counts = hard || patient;
		return (this.state != State.FAILING && counts) ? new Condition(State.FAILING, at, count, first, 0, null)
				: new Condition(this.state, this.since, count, first, 0, null);
	}

	/**
	 * Since when so many checks have said nothing that it is no longer a bad hour.
	 */
	@Nullable Instant unclearSince(Instant at, Patience patience) {
		return (this.unclearSince != null && this.unclear >= patience.failures()
				&& !Duration.between(this.unclearSince, at).minus(patience.spread()).isNegative()) ? this.unclearSince
						: null;
	}

	/**
	 * When failures become a state.
	 *
	 * @param failures how many in a row at least
	 * @param spread from the first to the last at least
	 */
	record Patience(int failures, Duration spread) {

	}

	/**
	 * The state of a domain.
	 */
	enum State {

		/** No check has said anything yet. */
		UNKNOWN("Not known yet", "idle"),
		/** Mail that demands TLS gets through. */
		GOOD("Good", "good"),
		/** It does not. */
		FAILING("Failing", "bad");

		private final String words;

		private final String tone;

		State(String words, String tone) {
			this.words = words;
			this.tone = tone;
		}

		/** For people. */
		public String words() {
			return this.words;
		}

		/** The tone of a page that goes with it. */
		public String tone() {
			return this.tone;
		}

	}

}
