package org.partnertls.connector;

import java.util.List;
import java.util.TreeSet;
import java.util.UUID;

import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

/**
 * A plan for whoever needs many, as it is stored.
 */
public final class SomePlan {

	private SomePlan() {
	}

	/** The first plan of a partner with one domain, in a tenant that has nothing. */
	public static String stored(UUID partner, String name, String domain) {
		return Json.write(Plan.of(ChangeKind.ENFORCE,
				new Wanted(partner, name, new TreeSet<>(List.of(new DomainName(domain))),
						TlsLevel.CERTIFICATE_VALIDATION, null, List.of(EmailAddress.of("it@" + domain)),
						new Wanted.Unrestricted(), "TLS-2026-0001"),
				new Names("To {domain}", "From {domain}"), Tenant.EMPTY, Plan.Known.NONE));
	}

}
