package org.partnertls.onboarding;

import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What happens when around a due date: pure, in the organisation's zone, so that a day is
 * a day there also when the clocks change.
 *
 * @param due until when both sides have to have proven again
 */
record DueCalendar(Instant due, EvidenceProperties settings, ZoneId zone) {

	/** When a proof of this time has to be renewed at the latest. */
	static Instant due(Instant proof, EvidenceProperties settings, ZoneId zone) {
		return proof.atZone(zone).plus(settings.recertification()).toInstant();
	}

	private ZonedDateTime local() {
		return this.due.atZone(this.zone);
	}

	/** From when on the partner finds it open. */
	Instant opens() {
		return local().minus(this.settings.recertificationLead()).toInstant();
	}

	boolean isOverdue(Instant now) {
		return !this.due.isAfter(now);
	}

	/** How many days are left, as people count them: today's are none. */
	long daysLeft(Instant now) {
		return ChronoUnit.DAYS.between(LocalDate.ofInstant(now, this.zone), local().toLocalDate());
	}

	/**
	 * The reminders whose time has come, in order; of those that repeat only the newest.
	 * @param since when this due date was set: what would have been before is not made up
	 * for
	 */
	List<Step> dueSteps(Instant since, Instant now) {
		List<Step> steps = new ArrayList<>(
				before().stream().filter((step) -> step.at().isAfter(since) && !step.at().isAfter(now)).toList());
		if (isOverdue(now)) {
			steps.add(overdue(overdueTurn(now)));
		}
		return steps;
	}

	/** When something is to be done next. */
	Instant next(Instant now) {
		if (isOverdue(now)) {
			return overdue(overdueTurn(now) + 1).at();
		}
		Optional<Instant> reminder = before().stream().map(Step::at).filter((at) -> at.isAfter(now)).findFirst();
		Instant next = reminder.orElse(this.due);
		return (opens().isAfter(now) && opens().isBefore(next)) ? opens() : next;
	}

	private List<Step> before() {
		return this.settings.reminders()
			.stream()
			.map((period) -> new Step(period.toString(), local().minus(period).toInstant(), isWide(period)))
			.filter((step) -> step.at().isBefore(this.due))
			.sorted(Comparator.comparing(Step::at))
			.toList();
	}

	private boolean isWide(Period period) {
		return !local().minus(period).isBefore(local().minus(this.settings.widerReminders()));
	}

	private int overdueTurn(Instant now) {
		int turn = 0;
		while (!overdue(turn + 1).at().isAfter(now)) {
			turn++;
		}
		return turn;
	}

	private Step overdue(int turn) {
		return new Step("overdue-" + turn, local().plus(this.settings.overdueReminder().multipliedBy(turn)).toInstant(),
				true);
	}

	/**
	 * A reminder.
	 *
	 * @param key what it is called, once for each due date
	 * @param at when it goes out
	 * @param wide whether others than the first contact get it too
	 */
	record Step(String key, Instant at, boolean wide) {

		boolean isOverdue() {
			return this.key.startsWith("overdue");
		}

	}

}
