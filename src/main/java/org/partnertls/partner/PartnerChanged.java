package org.partnertls.partner;

import java.util.UUID;

/**
 * Which domains a partner has, which of them are proven, or whether the partnership goes
 * on, may be different now; published in the transaction of the change.
 *
 * @param partnerId the partner
 */
public record PartnerChanged(UUID partnerId) {

}
