package org.partnertls.request;

import java.util.Locale;

import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partner;

import org.springframework.stereotype.Component;

/**
 * Invites partners and their people, for those who compose more than that. Each verb is
 * part of the caller's transaction.
 */
@Component
public class Inviting {

	private final Admission admission;

	private final Invitations invitations;

	Inviting(Admission admission, Invitations invitations) {
		this.admission = admission;
		this.invitations = invitations;
	}

	/**
	 * Makes the partner and sends the invitation.
	 * @param language in which the contact is written to
	 */
	public Invitation invite(NewPartner wanted, Locale language) {
		return this.admission.invite(wanted, language);
	}

	/**
	 * Invites one more person, who may sign in already; nobody has two invitations at a
	 * time.
	 * @param by who asks, as the letter names them
	 * @param why in their words
	 */
	public void invite(Partner partner, Partner.Person person, String by, String why) {
		this.invitations.invite(partner, person, by, why);
	}

}
