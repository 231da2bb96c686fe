package org.partnertls.connector;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ChangeCalendarTests {

	private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

	@Test
	void withoutSettingsItIsAlwaysOpen() {
		assertThat(ChangeCalendar.of(List.of(), List.of()).closed(Instant.EPOCH, BERLIN)).isEmpty();
	}

	@Test
	void opensInItsHoursByTheOrganisationsClock() {
		ChangeCalendar calendar = ChangeCalendar.of(List.of("Mon-Fri 07:00-18:00"), List.of());

		assertThat(calendar.closed(at("2026-11-24T07:00"), BERLIN)).isEmpty();
		assertThat(calendar.closed(at("2026-11-24T17:59"), BERLIN)).isEmpty();
		assertThat(calendar.closed(at("2026-11-24T06:59"), BERLIN))
			.hasValueSatisfying((closed) -> assertThat(closed.until()).isEqualTo(at("2026-11-24T07:00")));
		// Friday evening: until Monday.
		assertThat(calendar.closed(at("2026-11-27T18:00"), BERLIN)).hasValueSatisfying((closed) -> {
			assertThat(closed.until()).isEqualTo(at("2026-11-30T07:00"));
			assertThat(closed.words()).contains("outside the hours", "Monday 30 November, 07:00");
		});
	}

	@Test
	void aWindowMayGoPastMidnightAndBelongsToTheDayOnWhichItBegins() {
		ChangeCalendar calendar = ChangeCalendar.of(List.of("Sat,Sun 22:00-04:00"), List.of());

		assertThat(calendar.closed(at("2026-11-29T03:59"), BERLIN)).isEmpty();
		assertThat(calendar.closed(at("2026-11-30T03:59"), BERLIN)).isEmpty();
		assertThat(calendar.closed(at("2026-11-28T03:59"), BERLIN)).isPresent();
		assertThat(calendar.closed(at("2026-11-28T22:00"), BERLIN)).isEmpty();
		assertThat(ChangeCalendar.of(List.of("Mon-Sun 00:00-24:00"), List.of()).closed(at("2026-11-28T23:59"), BERLIN))
			.isEmpty();
	}

	@Test
	void aFreezeClosesItsDaysWhateverTheWindows() {
		ChangeCalendar calendar = ChangeCalendar.of(List.of("Mon-Fri 07:00-18:00"), List.of("2026-12-18/2027-01-04"));

		assertThat(calendar.closed(at("2026-12-17T17:00"), BERLIN)).isEmpty();
		assertThat(calendar.closed(at("2026-12-18T10:00"), BERLIN)).hasValueSatisfying((closed) -> {
			assertThat(closed.words()).contains("frozen");
			assertThat(closed.until()).isEqualTo(at("2027-01-05T07:00"));
		});
		assertThat(ChangeCalendar.of(List.of(), List.of("2026-12-24")).closed(at("2026-12-24T00:00"), BERLIN))
			.hasValueSatisfying((closed) -> assertThat(closed.until()).isEqualTo(at("2026-12-25T00:00")));
	}

	@Test
	void whatIsAnnouncedIsAnHourAtWhichItIsOpen() {
		ChangeCalendar always = ChangeCalendar.of(List.of(), List.of());
		assertThat(announced(always, "2026-11-24T09:00", "10:00")).isEqualTo("2026-11-24T10:00");
		assertThat(announced(always, "2026-11-24T10:01", "10:00")).isEqualTo("2026-11-25T10:00");

		ChangeCalendar frozen = ChangeCalendar.of(List.of(), List.of("2026-12-18/2027-01-04"));
		assertThat(announced(frozen, "2026-12-20T09:00", "10:00")).as("the hour, after the freeze")
			.isEqualTo("2027-01-05T10:00");

		ChangeCalendar weekends = ChangeCalendar.of(List.of("Sat,Sun 22:00-04:00"), List.of());
		assertThat(announced(weekends, "2026-11-24T09:00", "10:00")).as("when it opens").isEqualTo("2026-11-28T22:00");
		ChangeCalendar office = ChangeCalendar.of(List.of("Mon-Fri 07:00-18:00"), List.of("2026-11-30"));
		assertThat(announced(office, "2026-11-28T09:00", "10:00")).as("the hour, on the next day for changes")
			.isEqualTo("2026-12-01T10:00");
	}

	private static String announced(ChangeCalendar calendar, String earliest, String hour) {
		return calendar.open(at(earliest).atZone(BERLIN), LocalTime.parse(hour)).toLocalDateTime().toString();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Mon 7-18", "Someday 07:00-18:00", "07:00-18:00", "Mon 25:00-26:00", "M 07:00-08:00" })
	void whatIsNoWindowIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> ChangeCalendar.of(List.of(text), List.of()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "2026-12-18/2026-12-17", "Christmas", "2026-12-18/2026-12-19/2026-12-20", "2026-02-30" })
	void whatAreNoDaysAreRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> ChangeCalendar.of(List.of(), List.of(text)));
	}

	private static Instant at(String local) {
		return LocalDateTime.parse(local).atZone(BERLIN).toInstant();
	}

}
