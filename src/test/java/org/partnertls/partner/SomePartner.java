package org.partnertls.partner;

import org.partnertls.Fixtures;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

import org.springframework.context.ApplicationContext;

/**
 * Partners for tests, each with a fresh domain.
 */
public final class SomePartner {

	private SomePartner() {
	}

	/** One that was just invited; its contact is {@code it@} its domain. */
	public static Partner invited(ApplicationContext context, SignedIn by) {
		return invited(context, by, Fixtures.freshDomain());
	}

	/** One with a domain of the test's choice. */
	public static Partner invited(ApplicationContext context, SignedIn by, String domain) {
		Partners partners = context.getBean(Partners.class);
		Invitation invitation = partners.invite(new NewPartner("Partner " + domain, DomainName.of(domain),
				"Ines Tanner", EmailAddress.of("it@" + domain), "Olu Owner", EmailAddress.of("olu@contoso.example"),
				"We exchange files", by));
		if (invitation instanceof Invitation.Invited invited) {
			return partners.find(invited.id()).orElseThrow();
		}
		throw new IllegalStateException(invitation.toString());
	}

	/** One whose contact has been here. */
	public static Partner onboarding(ApplicationContext context, SignedIn by) {
		Partner partner = invited(context, by);
		Partners partners = context.getBean(Partners.class);
		partners.opened(partner.id());
		return partners.find(partner.id()).orElseThrow();
	}

}
