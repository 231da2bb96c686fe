package org.partnertls.exchange;

import java.util.List;

import tools.jackson.databind.JsonNode;

/**
 * The body of a success.
 *
 * @param value the objects
 * @param warnings {@code @adminapi.warnings}
 */
record Answer(List<JsonNode> value, List<String> warnings) {
}
