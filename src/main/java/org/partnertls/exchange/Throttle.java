package org.partnertls.exchange;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Keeps below a limit of calls in a running window, so that the other side never has to
 * refuse: for the message trace 100 in five minutes for the whole tenant, of which others
 * may want some too.
 */
final class Throttle {

	static final int TRACE_CALLS = 80;

	static final Duration TRACE_WINDOW = Duration.ofMinutes(5);

	private final int most;

	private final Duration window;

	private final Clock clock;

	private final Deque<Instant> taken = new ArrayDeque<>();

	Throttle(int most, Duration window, Clock clock) {
		this.most = most;
		this.window = window;
		this.clock = clock;
	}

	/**
	 * Takes one call.
	 * @return how long to wait before asking again; empty: go on
	 */
	synchronized Optional<Duration> take() {
		Instant now = this.clock.instant();
		while (!this.taken.isEmpty() && !this.taken.getFirst().plus(this.window).isAfter(now)) {
			this.taken.removeFirst();
		}
		if (this.taken.size() >= this.most) {
			return Optional.of(Duration.between(now, this.taken.getFirst().plus(this.window)));
		}
		this.taken.addLast(now);
		return Optional.empty();
	}

}
