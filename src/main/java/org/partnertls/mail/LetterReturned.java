package org.partnertls.mail;

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;

/**
 * A message of ours came back for good: nobody is reached at its address. Published in
 * the transaction in which that is recorded.
 *
 * @param address to whom it went
 * @param why what the mail server said
 * @param partnerId the partner it was about; null: none
 * @param at when
 */
public record LetterReturned(EmailAddress address, String why, @Nullable UUID partnerId, Instant at) {
}
