package org.partnertls.onboarding;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneId;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class DueCalendarTests {

	private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

	private static final EvidenceProperties SETTINGS = settings("P1Y");

	private static EvidenceProperties settings(String recertification) {
		return new EvidenceProperties(Duration.ofDays(30), Duration.ofDays(7), LocalTime.of(10, 0),
				Period.parse(recertification), Period.ofDays(60),
				List.of(Period.ofDays(60), Period.ofDays(30), Period.ofDays(14), Period.ofDays(7), Period.ofDays(1)),
				Period.ofDays(14), Period.ofDays(7), Period.ofDays(60));
	}

	private static Instant berlin(String local) {
		return java.time.LocalDateTime.parse(local).atZone(BERLIN).toInstant();
	}

	@Test
	void aYearIsAYearOfTheOrganisationsCalendar() {
		// In UTC this is still the day before.
		assertThat(DueCalendar.due(berlin("2026-03-01T00:30"), SETTINGS, BERLIN)).isEqualTo(berlin("2027-03-01T00:30"));
		assertThat(DueCalendar.due(berlin("2028-02-29T12:00"), SETTINGS, BERLIN)).isEqualTo(berlin("2029-02-28T12:00"));
	}

	@Test
	void aReminderComesAtTheSameHourAlsoWhenTheClocksChange() {
		DueCalendar calendar = new DueCalendar(berlin("2027-04-05T09:00"), SETTINGS, BERLIN);
		assertThat(calendar.dueSteps(Instant.EPOCH, berlin("2027-03-22T08:59"))).extracting(DueCalendar.Step::key)
			.containsExactly("P60D", "P30D");
		assertThat(calendar.dueSteps(Instant.EPOCH, berlin("2027-03-22T09:00"))).extracting(DueCalendar.Step::key)
			.containsExactly("P60D", "P30D", "P14D");
	}

	@Test
	void othersAreRemindedFromTheFourteenthDayOn() {
		DueCalendar calendar = new DueCalendar(berlin("2027-04-05T09:00"), SETTINGS, BERLIN);
		assertThat(calendar.dueSteps(Instant.EPOCH, berlin("2027-04-05T08:00"))).extracting(DueCalendar.Step::wide)
			.containsExactly(false, false, true, true, true);
	}

	@Test
	void whatWasBeforeTheDueDateWasSetIsNotMadeUpFor() {
		DueCalendar calendar = new DueCalendar(berlin("2027-04-05T09:00"), SETTINGS, BERLIN);
		assertThat(calendar.dueSteps(berlin("2027-03-20T09:00"), berlin("2027-03-25T09:00")))
			.extracting(DueCalendar.Step::key)
			.containsExactly("P14D");
	}

	@Test
	void nextIsWhateverComesFirst() {
		DueCalendar calendar = new DueCalendar(berlin("2027-04-05T09:00"), SETTINGS, BERLIN);
		assertThat(calendar.next(berlin("2026-06-01T09:00"))).isEqualTo(berlin("2027-02-04T09:00"));
		assertThat(calendar.next(berlin("2027-02-04T09:00"))).isEqualTo(berlin("2027-03-06T09:00"));
		assertThat(calendar.next(berlin("2027-04-04T10:00"))).isEqualTo(berlin("2027-04-05T09:00"));
		assertThat(calendar.next(berlin("2027-04-05T09:00"))).isEqualTo(berlin("2027-04-12T09:00"));
		assertThat(calendar.next(berlin("2027-04-25T09:00"))).isEqualTo(berlin("2027-04-26T09:00"));
	}

	@Test
	void daysAreCountedAsPeopleCountThem() {
		DueCalendar calendar = new DueCalendar(berlin("2027-04-05T09:00"), SETTINGS, BERLIN);
		assertThat(calendar.daysLeft(berlin("2027-04-04T23:59"))).isEqualTo(1);
		assertThat(calendar.daysLeft(berlin("2027-04-05T00:01"))).isZero();
		assertThat(calendar.isOverdue(berlin("2027-04-05T08:59"))).isFalse();
		assertThat(calendar.isOverdue(berlin("2027-04-05T09:00"))).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "P13M", "P366D", "P0D", "P-1D" })
	void aYearIsTheLongest(String wrong) {
		assertThatIllegalArgumentException().isThrownBy(() -> settings(wrong))
			.withMessageStartingWith("portal.evidence.recertification must be");
	}

	@Test
	void aYearInDaysIsFine() {
		assertThat(settings("P365D").recertification()).isEqualTo(Period.ofDays(365));
	}

}
