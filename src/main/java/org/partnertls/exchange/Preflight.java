package org.partnertls.exchange;

import java.time.Instant;
import java.util.SortedSet;

import org.jspecify.annotations.Nullable;

/**
 * What Exchange Online lets the application do.
 *
 * @param cmdlets the cmdlets that it may run
 * @param serverTime the time by Exchange Online's clock, to the second; null: not told
 */
public record Preflight(SortedSet<String> cmdlets, @Nullable Instant serverTime) {
}
