package org.partnertls.evidence;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * What was counted lately: counting thousands takes longer than finding a page of them,
 * and is asked for as often.
 */
final class Lately<T> {

	private static final Duration KEPT = Duration.ofSeconds(3);

	private final Supplier<T> counting;

	private volatile @Nullable Counted<T> last;

	Lately(Supplier<T> counting) {
		this.counting = counting;
	}

	/**
	 * At most three seconds old; while somebody counts, whoever comes takes what was
	 * counted last. Nobody waits for another, who may need the connection that the
	 * waiting holds.
	 */
	T get(Instant now) {
		Counted<T> known = this.last;
		if (known != null) {
			if (known.until().isAfter(now)) {
				return known.value();
			}
			this.last = new Counted<>(known.value(), now.plus(KEPT));
		}
		T value = this.counting.get();
		this.last = new Counted<>(value, now.plus(KEPT));
		return value;
	}

	private record Counted<T>(T value, Instant until) {
	}

}
