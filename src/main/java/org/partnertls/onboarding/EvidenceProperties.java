package org.partnertls.onboarding;

import java.time.Duration;
import java.time.LocalTime;
import java.time.Period;

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
 */
@Validated
@ConfigurationProperties("portal.evidence")
record EvidenceProperties(@NotNull @DefaultValue("30d") Duration fresh,
		@NotNull @DefaultValue("7d") Duration observation, @NotNull @DefaultValue("10:00") LocalTime announcedHour,
		@NotNull @DefaultValue("P1Y") Period recertification) {
}
