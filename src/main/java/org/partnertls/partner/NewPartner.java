package org.partnertls.partner;

import org.partnertls.account.SignedIn;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

/**
 * A partner to be invited.
 *
 * @param name the organisation's name
 * @param domain its mail domain
 * @param contactName who is invited
 * @param contactAddress their address in that domain
 * @param ownerName our colleague who answers for the partnership
 * @param ownerAddress where that colleague is told
 * @param reason why
 * @param invitedBy the colleague who invites
 */
public record NewPartner(String name, DomainName domain, String contactName, EmailAddress contactAddress,
		String ownerName, EmailAddress ownerAddress, String reason, SignedIn invitedBy) {
}
