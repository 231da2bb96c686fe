package org.partnertls.partner;

import java.util.UUID;

/** What came of inviting a partner. */
public sealed interface Invitation {

	/**
	 * There is a new partner.
	 *
	 * @param id the partner's id
	 * @param reference what stands on the invitation
	 */
	record Invited(UUID id, String reference) implements Invitation {
	}

	/**
	 * There is none: a rule or somebody faster was in the way.
	 *
	 * @param problem the field of {@link NewPartner} and why
	 */
	record Refused(Problem problem) implements Invitation {
	}

}
