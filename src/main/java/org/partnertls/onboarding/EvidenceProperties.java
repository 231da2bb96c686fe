package org.partnertls.onboarding;

import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.Period;
import java.util.List;

import jakarta.validation.constraints.NotNull;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What proofs are good for, and when.
 *
 * @param fresh how long the proof of a test message counts
 * @param observation how long mail is watched after the proof before clear text is
 * rejected
 * @param announcedHour the hour of the day, in the organisation's zone, at which clear
 * text begins to be rejected
 * @param recertification after how long both sides prove again, at most a year
 * @param recertificationLead how long before that the partner finds it open
 * @param reminders when the partner is reminded, as times before the due date
 * @param widerReminders from when on the partner's second contact and our owner are
 * reminded too
 * @param overdueReminder how often the partner, the owner and compliance hear of what is
 * overdue
 * @param longestPostponement how far a due date can be put off in all
 */
@Validated
@ConfigurationProperties("portal.evidence")
record EvidenceProperties(@NotNull @DefaultValue("30d") Duration fresh,
		@NotNull @DefaultValue("7d") Duration observation, @NotNull @DefaultValue("10:00") LocalTime announcedHour,
		@NotNull @DefaultValue("P1Y") Period recertification, @NotNull @DefaultValue("60d") Period recertificationLead,
		@NotNull @DefaultValue( {
				"60d", "30d", "14d", "7d", "1d" }) List<Period> reminders,
		@NotNull @DefaultValue("14d") Period widerReminders, @NotNull @DefaultValue("7d") Period overdueReminder,
		@NotNull @DefaultValue("60d") Period longestPostponement){

	EvidenceProperties {
		reminders = List.copyOf(reminders);
		// Any year will do to compare periods with, if it is not a leap year.
		LocalDate day = LocalDate.of(2025, 1, 1);
		require(positive(recertification) && !day.plus(recertification).isAfter(day.plusYears(1)),
				"recertification must be longer than nothing and at most a year");
		require(!recertificationLead.isNegative(), "recertification-lead must not be negative");
		require(reminders.stream().allMatch(EvidenceProperties::positive), "each of reminders must be a time before");
		require(positive(overdueReminder), "overdue-reminder must be longer than nothing");
		require(!longestPostponement.isNegative(), "longest-postponement must not be negative");
	}

	private static boolean positive(Period period) {
		return !period.isNegative() && !period.isZero();
	}

	private static void require(boolean met, String sentence) {
		if (!met) {
			throw new IllegalArgumentException("portal.evidence." + sentence + ".");
		}
	}

}
