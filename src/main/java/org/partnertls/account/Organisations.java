package org.partnertls.account;

import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * Knows the partners for which somebody signs in, by the words in which they know them.
 */
public interface Organisations {

	/** Some of them, by name; those that are not there are left out. */
	List<Organisation> find(Collection<UUID> ids);

	/**
	 * A partner.
	 *
	 * @param name its name
	 * @param domain the first of its mail domains, as people read it
	 */
	record Organisation(UUID id, String name, String domain) {
	}

}
