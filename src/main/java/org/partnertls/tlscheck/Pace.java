package org.partnertls.tlscheck;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

import com.google.common.hash.Hashing;
import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Condition.Patience;
import org.partnertls.tlscheck.Condition.State;

/**
 * When a domain is looked at again. Each has a slot of its own in the interval, by a hash
 * of its name, so that the checks spread over the day whenever and however they began.
 *
 * @param interval between two checks when all is well
 * @param patience when failures count; the first ones are looked at again soon enough to
 * decide
 * @param pause after a check that said nothing; twice as long each further time
 */
record Pace(Duration interval, Patience patience, Duration pause) {

	/**
	 * When the next check is due.
	 * @param putOffUntil until when one of its servers does not want to be asked
	 */
	Instant next(String domain, Condition condition, Instant now, @Nullable Instant putOffUntil) {
		Instant slot = slot(domain, now);
		Instant due = slot;
		if (condition.unclear() > 0) {
			due = earlier(slot, now.plus(this.pause.multipliedBy(1L << Math.min(condition.unclear() - 1, 10))));
			if (putOffUntil != null && putOffUntil.isAfter(due)) {
				due = putOffUntil;
			}
		}
		else if (condition.failures() > 0) {
			// Doubtful failures are looked at often enough to decide, settled ones often
			// enough to see them mended on the same day.
			Duration again = (condition.state() == State.FAILING) ? this.interval.dividedBy(4)
					: this.patience.spread().dividedBy(Math.max(1, this.patience.failures() - 1)).plusSeconds(1);
			due = earlier(slot, now.plus(again));
		}
		return due;
	}

	private static Instant earlier(Instant one, Instant other) {
		return one.isBefore(other) ? one : other;
	}

	/**
	 * The domain's slot after the next eighth of the interval: a check out of turn, just
	 * before it, stands for it.
	 */
	private Instant slot(String domain, Instant now) {
		long length = this.interval.toSeconds();
		long phase = Math.floorMod(
				Hashing.murmur3_128().hashString(domain.toLowerCase(Locale.ROOT), StandardCharsets.UTF_8).asLong(),
				length);
		long earliest = now.getEpochSecond() + length / 8;
		return Instant.ofEpochSecond(earliest + Math.floorMod(phase - earliest, length));
	}

}
