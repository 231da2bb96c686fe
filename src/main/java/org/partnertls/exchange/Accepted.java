package org.partnertls.exchange;

import java.util.List;

/**
 * The answer to a cmdlet that returns no object.
 *
 * @param warnings what Exchange Online remarked, in its own words; usually empty
 */
public record Accepted(List<String> warnings) {

	public Accepted {
		warnings = List.copyOf(warnings);
	}

}
