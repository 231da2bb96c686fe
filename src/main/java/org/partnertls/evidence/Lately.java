package org.partnertls.evidence;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * What was counted lately: counting thousands takes longer than finding a page of them,
 * and is asked for as often.
 */
final class Lately<T> {

	private static final Duration KEPT = Duration.ofSeconds(3);

	private final Supplier<T> counting;

	private final ReentrantLock lock = new ReentrantLock();

	private volatile @Nullable Counted<T> last;

	Lately(Supplier<T> counting) {
		this.counting = counting;
	}

	/**
	 * At most three seconds old; while somebody counts, whoever comes takes what was
	 * counted last.
	 */
	T get(Instant now) {
		Counted<T> known = this.last;
		if (known != null && (known.until().isAfter(now) || !this.lock.tryLock())) {
			return known.value();
		}
		if (known == null) {
			this.lock.lock();
		}
		try {
			Counted<T> counted = this.last;
			if (counted == null || !counted.until().isAfter(now)) {
				counted = new Counted<>(this.counting.get(), now.plus(KEPT));
				this.last = counted;
			}
			return counted.value();
		}
		finally {
			this.lock.unlock();
		}
	}

	private record Counted<T>(T value, Instant until) {
	}

}
