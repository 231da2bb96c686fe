package org.partnertls.audit;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An event as the database holds it: the text, which proofs are made of, and the columns
 * copied from it.
 *
 * @param id column
 * @param at column
 * @param xid column: the transaction that wrote it
 * @param event the stored text
 * @param columns the other columns by name; without those that are null
 */
record StoredEvent(UUID id, Instant at, long xid, String event, Map<String, String> columns) {

	/** The columns that are copied from the text, besides id and at. */
	static final String[] COPIED = { "code", "outcome", "actor_kind", "actor_id", "actor_role", "subject_type",
			"subject_id", "partner_id", "domain", "request_id" };

	private static final JsonFactory JSON = new JsonFactory();

	/**
	 * Reads the text.
	 * @return null when it is not what the portal writes
	 */
	static @Nullable Text read(String event) {
		Map<String, String> columns = new HashMap<>(16);
		Map<String, String> commitments = new HashMap<>(4);
		try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), event)) {
			if (json.nextToken() != JsonToken.START_OBJECT) {
				return null;
			}
			for (String name = json.nextName(); name != null; name = json.nextName()) {
				JsonToken value = json.nextToken();
				switch (name) {
					case "actor" -> members(json, value, "actor_", columns);
					case "subject" -> members(json, value, "subject_", columns);
					case "partner" -> members(json, value, "partner_", columns);
					case "commitments" -> members(json, value, "", commitments);
					default -> {
						if (value == JsonToken.VALUE_STRING) {
							columns.put(name.equals("request") ? "request_id" : name, json.getString());
						}
						else {
							json.skipChildren();
						}
					}
				}
			}
			return new Text(columns, commitments);
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	private static void members(JsonParser json, JsonToken start, String prefix, Map<String, String> into) {
		if (start != JsonToken.START_OBJECT) {
			return;
		}
		for (String name = json.nextName(); name != null; name = json.nextName()) {
			if (json.nextToken() == JsonToken.VALUE_STRING) {
				into.put(prefix + name, json.getString());
			}
			else {
				json.skipChildren();
			}
		}
	}

	/**
	 * The first column that does not say what the text says; null when all agree.
	 */
	@Nullable String differing(Text text) {
		if (!this.id.toString().equals(text.columns().get("id"))) {
			return "id";
		}
		String written = text.columns().get("at");
		try {
			if (written == null || !Instant.parse(written).equals(this.at)) {
				return "at";
			}
		}
		catch (DateTimeException ex) {
			return "at";
		}
		for (String column : COPIED) {
			if (!Objects.equals(this.columns.get(column), text.columns().get(column))) {
				return column;
			}
		}
		return null;
	}

	/**
	 * What the text says.
	 *
	 * @param columns by column's name
	 * @param commitments by slot
	 */
	record Text(Map<String, String> columns, Map<String, String> commitments) {
	}

}
