package org.partnertls.onboarding;

import java.time.Duration;

import jakarta.validation.constraints.NotNull;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Task lists that are begun and not handed in.
 *
 * @param remindAfter after how long without an answer a partner is reminded, and again
 * @param expireAfter after how long without an answer a change is closed, and a first
 * task list ends, and the partnership with it; zero: never
 */
@Validated
@ConfigurationProperties("portal.tasks")
record TaskListProperties(@NotNull @DefaultValue("7d") Duration remindAfter,
		@NotNull @DefaultValue("90d") Duration expireAfter) {

	TaskListProperties {
		if (remindAfter.compareTo(Duration.ofDays(1)) < 0) {
			throw new IllegalArgumentException("portal.tasks.remind-after must be at least a day.");
		}
		if (!expireAfter.isZero() && expireAfter.compareTo(remindAfter) <= 0) {
			throw new IllegalArgumentException(
					"portal.tasks.expire-after must be longer than portal.tasks.remind-after, or 0 for never.");
		}
	}

}
