package org.partnertls.onboarding;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Review.
 *
 * @param approvals how many people, other than the last internal person who shaped it,
 * must approve a change
 */
@Validated
@ConfigurationProperties("portal.review")
record ReviewProperties(@Min(1) @Max(5) @DefaultValue("1") int approvals) {
}
