package org.partnertls.account;

import java.util.UUID;

import org.partnertls.organization.EmailAddress;

/**
 * Somebody of a partner has signed in, for this partner only; published in the
 * transaction that does it.
 *
 * @param partnerId whose person
 * @param address theirs
 * @param byMail whether a code came by mail just now, so that mail reaches them
 */
public record PartnerSignedIn(UUID partnerId, EmailAddress address, boolean byMail) {
}
