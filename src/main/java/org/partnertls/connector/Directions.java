package org.partnertls.connector;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * How mail between us and a partner is enforced by our platform, each way.
 *
 * @param out from us to them
 * @param in from them to us
 */
public record Directions(Way out, Way in) {

	/**
	 * One way.
	 *
	 * @param state what it is
	 * @param words the same for people
	 * @param since when the connector has enforced it; null: it does not
	 */
	public record Way(State state, String words, @Nullable Instant since) {

		/** good, wait, bad or idle. */
		public String tone() {
			return this.state.tone;
		}

		/** A Bootstrap icon without {@code bi-}. */
		public String icon() {
			return this.state.icon;
		}

	}

	/** What a way can be. */
	public enum State {

		/** There is no connector in use. */
		NOT_SET_UP("idle", "dash-circle"),
		/** It will be, after approval, push or proof. */
		WAITING("wait", "hourglass-split"),
		/** The connector stands; whether mail takes it, nobody has looked at yet. */
		UNCHECKED("wait", "lock"),
		/** Clear text does not pass. */
		ENFORCED("good", "lock-fill"),
		/** The connector stands, but mail takes another way. */
		NOT_ENFORCEABLE("bad", "sign-turn-right-fill"),
		/** Loosened in an emergency. */
		RELIEVED("bad", "unlock-fill"),
		/** Somebody has to look. */
		FAILING("bad", "exclamation-triangle-fill");

		private final String tone;

		private final String icon;

		State(String tone, String icon) {
			this.tone = tone;
			this.icon = icon;
		}

	}

}
