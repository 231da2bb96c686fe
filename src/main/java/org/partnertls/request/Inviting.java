package org.partnertls.request;

import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;

import org.springframework.stereotype.Component;

/**
 * Invites a partner on a colleague's word, for those who compose more than that.
 */
@Component
public class Inviting {

	private final Admission admission;

	Inviting(Admission admission) {
		this.admission = admission;
	}

	/**
	 * Makes the partner and sends the invitation, in the caller's transaction.
	 */
	public Invitation invite(NewPartner wanted) {
		return this.admission.invite(wanted);
	}

}
