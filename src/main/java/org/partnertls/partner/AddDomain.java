package org.partnertls.partner;

import java.util.UUID;

/** What came of adding a mail domain. */
public sealed interface AddDomain {

	/**
	 * The domain is the partner's, not proven yet.
	 *
	 * @param domainId its id
	 */
	record Added(UUID domainId) implements AddDomain {
	}

	/**
	 * The domain cannot be the partner's.
	 *
	 * @param message why, for the person at the form
	 */
	record Refused(String message) implements AddDomain {
	}

}
