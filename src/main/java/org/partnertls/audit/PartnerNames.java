package org.partnertls.audit;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Knows partners by name, so that nobody has to type an id into a search.
 */
public interface PartnerNames {

	/** A partner's name, also of one that has gone. */
	Optional<String> of(UUID id);

	/**
	 * Those of this very name; else those with the words in their name or reference, by
	 * name.
	 * @param most how many at most
	 */
	List<Named> named(String words, int most);

	/** A partner as a list of them names it. */
	record Named(UUID id, String name, String reference) {
	}

}
