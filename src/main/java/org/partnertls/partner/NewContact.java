package org.partnertls.partner;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;

/**
 * A person to be reached at a partner.
 *
 * @param name up to 120 characters
 * @param address where they are written to
 * @param phone up to 40 characters; null when none was given
 * @param role what they are there for
 */
public record NewContact(String name, EmailAddress address, @Nullable String phone, ContactRole role) {

	public NewContact {
		name = name.strip();
		phone = (phone != null && !phone.isBlank()) ? phone.strip() : null;
	}

}
