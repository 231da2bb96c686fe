package org.partnertls.people;

import java.time.Duration;
import java.time.Period;

import jakarta.validation.constraints.NotNull;
import org.partnertls.organization.Words;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Partners' people.
 *
 * @param objection how long a contact may object before a colleague has taken over
 * @param kept after how long people of a partnership that is over are replaced by
 * pseudonyms
 */
@Validated
@ConfigurationProperties("portal.people")
record PeopleProperties(@NotNull @DefaultValue("3d") Duration objection, @NotNull @DefaultValue("P2Y") Period kept) {

	PeopleProperties {
		if (objection.compareTo(Duration.ofHours(1)) < 0) {
			throw new IllegalArgumentException("portal.people.objection must be at least an hour.");
		}
		if (kept.isNegative() || kept.isZero()) {
			throw new IllegalArgumentException("portal.people.kept must be a period such as P2Y or P90D.");
		}
	}

	/** The period as people read it. */
	public String keptWords() {
		StringBuilder words = new StringBuilder();
		append(words, this.kept.getYears(), "year");
		append(words, this.kept.getMonths(), "month");
		append(words, this.kept.getDays(), "day");
		return words.toString();
	}

	private static void append(StringBuilder words, int count, String unit) {
		if (count != 0) {
			words.append(words.isEmpty() ? "" : Words.of(" and "))
				.append(count)
				.append(' ')
				.append(Words.of((count == 1) ? unit : unit + "s"));
		}
	}

}
