package org.partnertls.evidence;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * When something was so, as the history tells it: that clear text did not pass in one
 * direction, or that mail servers passed their checks. Intervals without a hole between
 * them, each with what began it.
 */
final class Enforced {

	private static final String WATCHED_AGAIN = "watched again";

	private final List<Interval> intervals = new ArrayList<>();

	private @Nullable Interval current;

	private final Kind otherwise;

	private final String why;

	Enforced() {
		this(Kind.OFF, "not set up yet");
	}

	/**
	 * Nothing is known yet.
	 * @param otherwise what was so before the first event
	 * @param why why
	 */
	Enforced(Kind otherwise, String why) {
		this.otherwise = otherwise;
		this.why = why;
	}

	/** Clear text does not pass from now on. */
	void on(Instant at, String level, Set<String> domains, String cause) {
		begin(new Interval(at, null, Kind.ON, cause, level, domains));
	}

	/**
	 * Clear text may pass, also if that was found later: what seemed unknown until then,
	 * or on because nobody had noticed, is known now.
	 */
	void off(Instant since, String cause) {
		Interval now = this.current;
		while (now != null && since.isBefore(now.from()) && !this.intervals.isEmpty()
				&& (now.kind() == Kind.UNKNOWN || now.cause().equals(WATCHED_AGAIN))) {
			now = this.intervals.removeLast();
			this.current = now;
		}
		begin(new Interval(since, null, Kind.OFF, cause, "", Set.of()));
	}

	/**
	 * Nobody looks; what is on is unknown from then until somebody does.
	 * @param from when it was looked at for the last time
	 */
	void unknown(Instant from, String cause) {
		Interval now = this.current;
		if (now != null && now.kind() == Kind.ON) {
			begin(new Interval(from, null, Kind.UNKNOWN, cause, now.level(), now.domains()));
		}
	}

	/**
	 * Somebody looks again, and had not since a time; what had been on then is unknown in
	 * between.
	 */
	void watchedAgain(Instant from, Instant to, String cause) {
		unknown(from, cause);
		Interval now = this.current;
		if (now != null && now.kind() == Kind.UNKNOWN) {
			begin(new Interval(to, null, Kind.ON, WATCHED_AGAIN, now.level(), now.domains()));
		}
	}

	/** The same as it was before the last interruption. */
	void again(Instant at, String cause) {
		for (Interval interval : this.intervals.reversed()) {
			if (interval.kind() != Kind.OFF) {
				on(at, interval.level(), interval.domains(), cause);
				return;
			}
		}
	}

	private void begin(Interval next) {
		Interval now = this.current;
		if (now == null) {
			this.current = next;
			return;
		}
		Instant end = next.from().isBefore(now.from()) ? now.from() : next.from();
		if (end.isAfter(now.from())) {
			this.intervals.add(now.until(end));
		}
		this.current = next.startingAt(end);
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
				clipped.add(new Interval(reached, begin, this.otherwise, this.why, "", Set.of()));
			}
			boolean covered = domain == null || interval.domains().contains(domain);
			clipped.add((interval.kind() == Kind.OFF || covered)
					? new Interval(begin, end, interval.kind(), interval.cause(), interval.level(), interval.domains())
					: new Interval(begin, end, Kind.OFF, "this domain is not in the connector", "", Set.of()));
			reached = end;
		}
		if (to.isAfter(reached)) {
			clipped.add(new Interval(reached, to, this.otherwise, this.why, "", Set.of()));
		}
		return clipped;
	}

	/**
	 * Was it on without a gap? A gap says no, whatever else is unknown.
	 */
	static Answer answer(List<Interval> intervals) {
		if (intervals.isEmpty() || intervals.stream().anyMatch((one) -> one.kind() == Kind.OFF)) {
			return Answer.NO;
		}
		return intervals.stream().allMatch((one) -> one.kind() == Kind.ON) ? Answer.YES : Answer.UNKNOWN;
	}

	/** Whether it was on without a gap. */
	enum Answer {

		YES, NO, UNKNOWN

	}

	/** What an interval can be. */
	enum Kind {

		/** Clear text does not pass. */
		ON("good"),
		/** Clear text may pass. */
		OFF("bad"),
		/** Nobody looked. */
		UNKNOWN("wait");

		private final String tone;

		Kind(String tone) {
			this.tone = tone;
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

		/**
		 * How long.
		 * @param now where what goes on has come to
		 */
		Duration lasting(Instant now) {
			return Duration.between(this.from, (this.to != null) ? this.to : now);
		}

		/** How long, in words. */
		public String length() {
			return (this.to == null) ? "until now" : words(Duration.between(this.from, this.to));
		}

		static String words(Duration length) {
			long days = length.toDays();
			if (days > 0) {
				return days + ((days == 1) ? " day " : " days ") + length.toHoursPart() + " h";
			}
			return (length.toHours() > 0) ? length.toHours() + " h " + length.toMinutesPart() + " min"
					: (length.toMinutes() > 0) ? length.toMinutes() + " min" : length.toSeconds() + " s";
		}

	}

}
