package org.partnertls.exchange;

import java.util.List;
import java.util.stream.Stream;

import tools.jackson.databind.JsonNode;

/**
 * The body of a success.
 *
 * @param value the objects
 * @param warnings {@code @adminapi.warnings}
 */
record Answer(List<JsonNode> value, List<String> warnings) {

	/** This page and the next. */
	Answer and(Answer next) {
		return new Answer(Stream.concat(this.value.stream(), next.value.stream()).toList(),
				Stream.concat(this.warnings.stream(), next.warnings.stream()).toList());
	}

}
