package org.partnertls.connector;

import java.time.Instant;

/**
 * Somebody has paused all pushes.
 *
 * @param by their name
 */
public record PauseView(Instant since, String by) {
}
