package org.partnertls.header;

import java.time.Instant;

/**
 * The headers of one message from the test mailbox.
 *
 * @param id names the message for as long as the mailbox lives: UIDVALIDITY and UID (RFC
 * 9051 section 2.3.1.1)
 * @param received when the mailbox took it in, whole seconds
 * @param source the header part, bounded; hostile
 */
public record FetchedMessage(String id, Instant received, String source) {
}
