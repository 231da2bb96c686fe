package org.partnertls.evidence;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * When clear text did not pass in one direction, as the history tells it: intervals
 * without a hole between them, each with what began it.
 */
final class Enforced {

	private final List<Interval> intervals = new ArrayList<>();

	private @Nullable Interval current;

	/** Clear text does not pass from now on. */
	void on(Instant at, String level, Set<String> domains, String cause) {
		begin(new Interval(at, null, Kind.ON, cause, level, domains));
	}

	/** Clear text may pass, also if that was found later. */
	void off(Instant since, String cause) {
		begin(new Interval(since, null, Kind.OFF, cause, "", Set.of()));
	}

	/**
	 * Nobody looked for a time; what had been on then is unknown.
	 */
	void unknown(Instant from, Instant to, String cause) {
		Interval now = this.current;
		if (now == null || now.kind() != Kind.ON || !to.isAfter(now.from())) {
			return;
		}
		Instant begin = from.isBefore(now.from()) ? now.from() : from;
		begin(new Interval(begin, null, Kind.UNKNOWN, cause, now.level(), now.domains()));
		begin(new Interval(to, null, Kind.ON, "watched again", now.level(), now.domains()));
	}

	/** The same as it was before the last interruption. */
	void again(Instant at, String cause) {
		for (Interval interval : this.intervals.reversed()) {
			if (interval.kind() == Kind.ON) {
				on(at, interval.level(), interval.domains(), cause);
				return;
			}
		}
	}

	private void begin(Interval next) {
		Interval now = this.current;
		if (now != null) {
			Instant end = next.from().isBefore(now.from()) ? now.from() : next.from();
			if (end.isAfter(now.from())) {
				this.intervals.add(now.until(end));
			}
			next = next.startingAt(end);
		}
		this.current = next;
	}

	/** All of them; the last has no end. */
	List<Interval> all() {
		List<Interval> all = new ArrayList<>(this.intervals);
		if (this.current != null) {
			all.add(this.current);
		}
		return all;
	}

	/** What was so at a time; null before the first. */
	@Nullable Interval at(Instant at) {
		Interval found = null;
		for (Interval interval : all()) {
			if (!interval.from().isAfter(at) && (interval.to() == null || interval.to().isAfter(at))) {
				found = interval;
			}
		}
		return found;
	}

	boolean isOn(Instant at) {
		Interval interval = at(at);
		return interval != null && interval.kind() == Kind.ON;
	}

	/** Whether it was ever on before a time. */
	boolean wasOn(Instant before) {
		return all().stream().anyMatch((interval) -> interval.kind() == Kind.ON && interval.from().isBefore(before));
	}

	/**
	 * Since when it is on without a hole; what only changed does not begin anew. Null: it
	 * is not.
	 */
	@Nullable Instant since(Instant at) {
		Instant since = null;
		for (Interval interval : all()) {
			if (interval.from().isAfter(at)) {
				break;
			}
			since = (interval.kind() != Kind.ON) ? null : (since != null) ? since : interval.from();
		}
		return since;
	}

	/**
	 * A span of time, without holes.
	 * @param domain for which domain; null: whichever
	 */
	List<Interval> between(Instant from, Instant to, @Nullable String domain) {
		List<Interval> clipped = new ArrayList<>();
		Instant reached = from;
		for (Interval interval : all()) {
			Instant end = (interval.to() == null || interval.to().isAfter(to)) ? to : interval.to();
			Instant begin = interval.from().isBefore(from) ? from : interval.from();
			if (!end.isAfter(begin)) {
				continue;
			}
			if (begin.isAfter(reached)) {
				clipped.add(new Interval(reached, begin, Kind.OFF, "not set up yet", "", Set.of()));
			}
			boolean covered = domain == null || interval.domains().contains(domain);
			clipped.add((interval.kind() == Kind.OFF || covered)
					? new Interval(begin, end, interval.kind(), interval.cause(), interval.level(), interval.domains())
					: new Interval(begin, end, Kind.OFF, "this domain is not in the connector", "", Set.of()));
			reached = end;
		}
		if (to.isAfter(reached)) {
			clipped.add(new Interval(reached, to, Kind.OFF, "not set up yet", "", Set.of()));
		}
		return clipped;
	}

	/** What an interval can be. */
	enum Kind {

		/** Clear text does not pass. */
		ON("On", "good"),
		/** Clear text may pass. */
		OFF("Off", "bad"),
		/** Nobody looked. */
		UNKNOWN("Unknown", "wait");

		private final String words;

		private final String tone;

		Kind(String words, String tone) {
			this.words = words;
			this.tone = tone;
		}

		public String words() {
			return this.words;
		}

		public String tone() {
			return this.tone;
		}

	}

	/**
	 * A span of time.
	 *
	 * @param from its first instant
	 * @param to the instant after its last; null: it goes on
	 * @param kind what was so
	 * @param cause why
	 * @param level how much was asked for, in Exchange Online's words
	 * @param domains for which domains
	 */
	record Interval(Instant from, @Nullable Instant to, Kind kind, String cause, String level, Set<String> domains) {

		private Interval until(Instant end) {
			return new Interval(this.from, end, this.kind, this.cause, this.level, this.domains);
		}

		private Interval startingAt(Instant begin) {
			return new Interval(begin, this.to, this.kind, this.cause, this.level, this.domains);
		}

		/** How long, in words. */
		public String length() {
			if (this.to == null) {
				return "until now";
			}
			Duration length = Duration.between(this.from, this.to);
			long days = length.toDays();
			if (days > 0) {
				return days + ((days == 1) ? " day " : " days ") + length.toHoursPart() + " h";
			}
			return (length.toHours() > 0) ? length.toHours() + " h " + length.toMinutesPart() + " min"
					: (length.toMinutes() > 0) ? length.toMinutes() + " min" : length.toSeconds() + " s";
		}

	}

}
