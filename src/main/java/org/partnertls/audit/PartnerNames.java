package org.partnertls.audit;

import java.util.Map;
import java.util.UUID;

/**
 * Knows partners by name, so that nobody has to type an id into a search.
 */
public interface PartnerNames {

	/** All partners there ever were, by name. */
	Map<UUID, String> all();

}
