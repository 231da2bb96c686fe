package org.partnertls.exchange;

import java.time.Duration;
import java.time.Instant;

/**
 * What the audit log keeps about one cmdlet.
 *
 * @param cmdlet for example {@code New-OutboundConnector}
 * @param requestId the {@code client-request-id} that was sent; Microsoft's support asks
 * for it. Of several questions behind one answer, the last one's
 * @param at when the first request was made
 * @param took until the answer was read, waits between tries included
 */
public record Call(String cmdlet, String requestId, Instant at, Duration took) {
}
