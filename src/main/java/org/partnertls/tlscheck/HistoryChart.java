package org.partnertls.tlscheck;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Said;
import org.partnertls.organization.Words;
import org.partnertls.tlscheck.TlsChecks.Run;

/**
 * The history of a domain as a drawing: two bands coloured by what each check came to,
 * and a line of how many days the first certificate had left. Coordinates in a box of 720
 * by 170.
 *
 * @param level the band at the level of the connector
 * @param forced the band at the lowest level
 * @param days the points of the line, for an SVG polyline; empty when nothing is known
 * @param mostDays at the top of the line's scale
 * @param changes where the state of the domain changed
 * @param dates below the time axis
 * @param words all of it in a sentence
 */
record HistoryChart(List<Span> level, List<Span> forced, String days, long mostDays, List<Mark> changes,
		List<Mark> dates, String words) {

	private static final double LEFT = 110;

	private static final double RIGHT = 710;

	private static final double TOP = 70;

	private static final double BOTTOM = 140;

	private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM", Locale.UK);

	/**
	 * Draws.
	 * @param newestFirst at least one
	 * @param now the right end
	 * @param zone of the dates
	 */
	static HistoryChart of(List<Run> newestFirst, Instant now, ZoneId zone) {
		List<Run> runs = newestFirst.reversed();
		Instant from = runs.getFirst().at();
		double length = Math.max(1, Duration.between(from, now).toSeconds());
		List<Span> level = new ArrayList<>();
		List<Span> forced = new ArrayList<>();
		List<Mark> changes = new ArrayList<>();
		for (int i = 0; i < runs.size(); i++) {
			Run run = runs.get(i);
			Instant end = (i + 1 < runs.size()) ? runs.get(i + 1).at() : now;
			double x = x(from, run.at(), length);
			double width = Math.max(1, x(from, end, length) - x);
			String when = DAY.format(run.at().atZone(zone));
			level.add(new Span(x, width, run.tone(), when + ": " + said(run.words())));
			forced.add(new Span(x, width, (run.forcedTls() == null || !run.counted()) ? "idle" : run.forcedTls().tone(),
					when + ": " + said((run.forcedTls() == null) ? run.words() : run.forcedTls().words())));
			if (run.became() != null) {
				changes.add(new Mark(x, when + ": " + said("FAILING".equals(run.became()) ? "failing" : "good")));
			}
		}
		long most = Math.max(30, runs.stream().mapToLong(HistoryChart::daysLeft).max().orElse(0));
		List<Run> dated = runs.stream().filter((run) -> run.expiresAt() != null).toList();
		// What the newest says holds until now.
		String days = Stream
			.concat(dated.stream().map((run) -> point(x(from, run.at(), length), y(run, most))),
					dated.stream().skip(Math.max(0, dated.size() - 1)).map((run) -> point(RIGHT, y(run, most))))
			.collect(Collectors.joining(" "));
		return new HistoryChart(level, forced, days, most, changes, dates(from, now, zone), words(runs));
	}

	private static double y(Run run, long most) {
		return BOTTOM - (BOTTOM - TOP) * Math.clamp(daysLeft(run) / (double) most, 0, 1);
	}

	private static double x(Instant from, Instant at, double length) {
		return LEFT + (RIGHT - LEFT) * Duration.between(from, at).toSeconds() / length;
	}

	private static String point(double x, double y) {
		return number(x) + "," + number(y);
	}

	private static String number(double value) {
		return String.format(Locale.ROOT, "%.1f", value);
	}

	private static long daysLeft(Run run) {
		return (run.expiresAt() != null) ? Duration.between(run.at(), run.expiresAt()).toDays() : 0;
	}

	private static List<Mark> dates(Instant from, Instant now, ZoneId zone) {
		List<Mark> dates = new ArrayList<>();
		Duration whole = Duration.between(from, now);
		for (int i = 0; i <= 4; i++) {
			Instant at = from.plus(whole.multipliedBy(i).dividedBy(4));
			String text = ((whole.toDays() < 4) ? DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.UK) : DAY)
				.format(at.atZone(zone));
			dates.add(new Mark(LEFT + (RIGHT - LEFT) * i / 4, text));
		}
		return dates;
	}

	// Behind a date it would not be known as a text of ours.
	private static String said(String english) {
		return Said.in(Words.language(), english);
	}

	private static String words(List<Run> runs) {
		long passed = count(runs, Verdict.Outcome.PASS);
		long failed = count(runs, Verdict.Outcome.FAIL);
		long unclear = runs.size() - passed - failed;
		return (runs.size() == 1)
				? "Of the last check " + passed + " passed, " + failed + " failed and " + unclear + " could not say."
				: "Of the last " + runs.size() + " checks " + passed + " passed, " + failed + " failed and " + unclear
						+ " could not say.";
	}

	private static long count(List<Run> runs, Verdict.@Nullable Outcome outcome) {
		return runs.stream().filter((run) -> run.counted() && run.outcome() == outcome).count();
	}

	/**
	 * A part of a band.
	 */
	record Span(double from, double length, String tone, String title) {

		/** Where it begins, for an attribute. */
		public String x() {
			return number(this.from);
		}

		/** How wide it is, for an attribute. */
		public String width() {
			return number(this.length);
		}

	}

	/**
	 * A place on the time axis.
	 */
	record Mark(double at, String title) {

		/** Where it is, for an attribute. */
		public String x() {
			return number(this.at);
		}

	}

}
