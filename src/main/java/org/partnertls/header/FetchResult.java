package org.partnertls.header;

import java.util.List;

/**
 * What came of looking into the test mailbox.
 */
public sealed interface FetchResult {

	/**
	 * The mailbox was read.
	 *
	 * @param messages newest first
	 * @param more whether older ones were left out because there were too many
	 */
	record Fetched(List<FetchedMessage> messages, boolean more) implements FetchResult {
	}

	/**
	 * The mailbox could not be read.
	 *
	 * @param why a sentence for staff, saying what to look at
	 */
	record Failed(String why) implements FetchResult {
	}

}
