package org.partnertls.organization;

import java.time.Duration;

import com.github.kagkarlsson.scheduler.task.FailureHandler;

/**
 * What happens to durable work that fails: it is tried again with growing pauses, and
 * after its last try it is parked, never dropped. Parked work shows on the jobs page,
 * where an administrator may start it again.
 */
public final class Retries {

	/** How many times a piece of work is tried before a person has to look. */
	public static final int LIMIT = 8;

	/** Parked work is due so far away that it never runs by itself. */
	public static final Duration PARKED = Duration.ofDays(36500);

	private Retries() {
	}

	/**
	 * Tries {@value #LIMIT} times, first after the given pause, then twice as long each
	 * time, and then parks.
	 * @param first the pause before the second try
	 */
	public static <T> FailureHandler<T> thenPark(Duration first) {
		return FailureHandler.<T>maxRetries(LIMIT - 1)
			.withBackoff(first, 2)
			.then((complete, operations) -> operations.reschedule(complete, complete.getTimeDone().plus(PARKED)));
	}

}
