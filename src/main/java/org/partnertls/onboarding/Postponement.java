package org.partnertls.onboarding;

import java.time.Instant;

/**
 * A due date that was put off.
 *
 * @param from the day it was
 * @param until the day it is
 * @param reason why
 * @param by who decided it
 * @param at when
 */
public record Postponement(Instant from, Instant until, String reason, String by, Instant at) {
}
