package org.partnertls;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * The real time plus whatever tests have added to it. Never goes back, so that tests can
 * share it.
 */
public final class TestClock extends Clock {

	private volatile Duration ahead = Duration.ZERO;

	/** Lets time pass. */
	public synchronized void pass(Duration duration) {
		this.ahead = this.ahead.plus(duration);
	}

	@Override
	public Instant instant() {
		return Instant.now().plus(this.ahead);
	}

	@Override
	public ZoneId getZone() {
		return ZoneOffset.UTC;
	}

	@Override
	public Clock withZone(ZoneId zone) {
		return Clock.fixed(instant(), zone);
	}

}
