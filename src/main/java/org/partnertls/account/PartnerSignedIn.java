package org.partnertls.account;

import java.util.UUID;

import org.partnertls.organization.EmailAddress;

/**
 * Somebody of a partner has signed in; published in the transaction that counts the code.
 *
 * @param partnerId whose person
 * @param address theirs
 * @param byMail whether the code came by mail, so that mail reaches them
 */
public record PartnerSignedIn(UUID partnerId, EmailAddress address, boolean byMail) {
}
