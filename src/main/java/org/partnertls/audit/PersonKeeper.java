package org.partnertls.audit;

import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Keeps people by name beside the history, in tables of its own. Whoever is erased from
 * the history is erased there in the same transaction. People are known by ids and by the
 * keys of their addresses.
 */
public interface PersonKeeper {

	/** Under which names in those tables the same people are known besides. */
	List<String> alsoKnownAs(Collection<String> people);

	/** Why they are still needed by name, in sentences; empty: they are not. */
	List<String> needed(Collection<String> people);

	/** Puts a pseudonym in their place. */
	void erase(Collection<String> people, String pseudonym, String address);

	/** What is kept of them, field by field. */
	List<Map<String, @Nullable Object>> kept(Collection<String> people);

}
