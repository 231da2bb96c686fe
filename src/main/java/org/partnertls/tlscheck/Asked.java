package org.partnertls.tlscheck;

import java.util.UUID;

/**
 * What came of a person's asking for a check.
 */
public sealed interface Asked {

	/**
	 * It is under way, or one that has just ended stands for it.
	 *
	 * @param id the check
	 */
	record Granted(UUID id) implements Asked {
	}

	/**
	 * The person has asked too often.
	 *
	 * @param sentence what to tell them
	 */
	record TooMany(String sentence) implements Asked {
	}

}
