package org.partnertls.connector;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * When the tenant may be changed, by the organisation's clock. Pure.
 *
 * @param windows when it may; none: at any time
 * @param freezes days on which it may not, whatever the windows say
 */
record ChangeCalendar(List<Window> windows, List<Freeze> freezes) {

	private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("EEEE d MMMM, HH:mm", Locale.UK);

	/** Further ahead nobody plans; what is closed for so long is closed. */
	private static final int LONGEST_DAYS = 400;

	ChangeCalendar {
		windows = List.copyOf(windows);
		freezes = List.copyOf(freezes);
	}

	/**
	 * Reads settings.
	 * @param windows each such as {@code Mon-Fri 07:00-18:00} or
	 * {@code Sat,Sun 22:00-04:00}
	 * @param freezes each such as {@code 2026-12-18/2027-01-04}, both days included
	 * @throws IllegalArgumentException with the text that is no such thing
	 */
	static ChangeCalendar of(List<String> windows, List<String> freezes) {
		return new ChangeCalendar(windows.stream().map(Window::of).toList(), freezes.stream().map(Freeze::of).toList());
	}

	/**
	 * Why the tenant may not be changed at a time, and until when; empty: it may.
	 */
	Optional<Closed> closed(Instant at, ZoneId zone) {
		ZonedDateTime now = at.atZone(zone);
		if (isOpen(now)) {
			return Optional.empty();
		}
		ZonedDateTime next = Stream.concat(Stream.of(LocalTime.MIDNIGHT), this.windows.stream().map(Window::from))
			.flatMap((time) -> Stream.iterate(now.toLocalDate(), (day) -> day.plusDays(1))
				.limit(LONGEST_DAYS)
				.map((day) -> day.atTime(time).atZone(zone))
				.filter((hour) -> hour.isAfter(now) && isOpen(hour))
				.limit(1))
			.min(ZonedDateTime::compareTo)
			.orElse(now.plusDays(LONGEST_DAYS));
		boolean frozen = this.freezes.stream().anyMatch((freeze) -> freeze.has(now.toLocalDate()));
		return Optional
			.of(new Closed((frozen ? "Changes are frozen by the calendar" : "It is outside the hours for changes")
					+ "; the push goes on from " + HOUR.format(next) + ".", next.toInstant()));
	}

	/**
	 * The first time from which on the tenant may be changed, at an hour of the day if
	 * that is within the hours for changes.
	 */
	ZonedDateTime open(ZonedDateTime earliest, LocalTime hour) {
		ZonedDateTime wished = at(earliest, hour);
		return closed(wished.toInstant(), wished.getZone()).map((closed) -> {
			ZonedDateTime opens = closed.until().atZone(wished.getZone());
			ZonedDateTime then = at(opens, hour);
			return isOpen(then) ? then : opens;
		}).orElse(wished);
	}

	private static ZonedDateTime at(ZonedDateTime earliest, LocalTime hour) {
		ZonedDateTime then = earliest.with(hour);
		return then.isBefore(earliest) ? then.plusDays(1) : then;
	}

	private boolean isOpen(ZonedDateTime now) {
		return this.freezes.stream().noneMatch((freeze) -> freeze.has(now.toLocalDate()))
				&& (this.windows.isEmpty() || this.windows.stream().anyMatch((window) -> window.has(now)));
	}

	/**
	 * Nothing is changed now.
	 *
	 * @param words why and until when, as a sentence
	 */
	record Closed(String words, Instant until) {
	}

	/**
	 * Hours of some days of the week.
	 *
	 * @param to not after {@code from}: the window ends on the next day
	 */
	record Window(Set<DayOfWeek> days, LocalTime from, LocalTime to) {

		private static final Pattern SHAPE = Pattern.compile("([A-Za-z,-]+) +(\\d{1,2}:\\d{2}) *- *(\\d{1,2}:\\d{2})");

		private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("H:mm", Locale.ROOT);

		static Window of(String text) {
			Matcher matcher = SHAPE.matcher(text.strip());
			if (!matcher.matches()) {
				throw new IllegalArgumentException(text);
			}
			try {
				String end = matcher.group(3).equals("24:00") ? "00:00" : matcher.group(3);
				return new Window(days(matcher.group(1)), LocalTime.parse(matcher.group(2), TIME),
						LocalTime.parse(end, TIME));
			}
			catch (DateTimeParseException ex) {
				throw new IllegalArgumentException(text, ex);
			}
		}

		private static Set<DayOfWeek> days(String text) {
			Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
			for (String part : text.split(",", -1)) {
				String[] ends = part.split("-", -1);
				DayOfWeek first = day(ends[0]);
				DayOfWeek last = day(ends[ends.length - 1]);
				for (DayOfWeek day = first; day != last; day = day.plus(1)) {
					days.add(day);
				}
				days.add(last);
			}
			return days;
		}

		private static DayOfWeek day(String text) {
			return Stream.of(DayOfWeek.values())
				.filter((day) -> text.length() >= 2 && day.name().startsWith(text.toUpperCase(Locale.ROOT)))
				.findFirst()
				.orElseThrow(() -> new IllegalArgumentException(text));
		}

		boolean has(ZonedDateTime now) {
			LocalTime time = now.toLocalTime();
			if (this.from.isBefore(this.to)) {
				return this.days.contains(now.getDayOfWeek()) && !time.isBefore(this.from) && time.isBefore(this.to);
			}
			return (this.days.contains(now.getDayOfWeek()) && !time.isBefore(this.from))
					|| (this.days.contains(now.getDayOfWeek().minus(1)) && time.isBefore(this.to));
		}

	}

	/** Days, both included. */
	record Freeze(LocalDate first, LocalDate last) {

		static Freeze of(String text) {
			String[] ends = text.strip().split("/", -1);
			try {
				Freeze freeze = new Freeze(LocalDate.parse(ends[0].strip()),
						LocalDate.parse(ends[ends.length - 1].strip()));
				if (ends.length > 2 || freeze.last.isBefore(freeze.first)) {
					throw new IllegalArgumentException(text);
				}
				return freeze;
			}
			catch (DateTimeParseException ex) {
				throw new IllegalArgumentException(text, ex);
			}
		}

		boolean has(LocalDate day) {
			return !day.isBefore(this.first) && !day.isAfter(this.last);
		}

	}

}
