package org.partnertls.audit;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
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
 * copied from it. Millions of them are compared, so columns stand in arrays.
 */
final class StoredEvent {

	/** The columns that are copied from the text, besides id and at. */
	static final String[] COPIED = { "code", "outcome", "actor_kind", "actor_id", "actor_role", "subject_type",
			"subject_id", "partner_id", "domain", "request_id" };

	private static final int ACTOR_ID = 3;

	private static final JsonFactory JSON = new JsonFactory();

	private final UUID id;

	private final long micros;

	private final @Nullable String[] columns;

	/**
	 * The columns of a row.
	 * @param micros microseconds since 1970
	 * @param columns in the order of {@link #COPIED}
	 */
	StoredEvent(UUID id, long micros, @Nullable String[] columns) {
		this.id = id;
		this.micros = micros;
		this.columns = columns;
	}

	/**
	 * Reads the text.
	 * @param event in UTF-8
	 * @return null when it is not what the portal writes
	 */
	static @Nullable Text read(byte[] event) {
		Text text = new Text();
		return new Scan(event, text).all() ? text : parsed(event);
	}

	/** Whatever the quick way does not understand. */
	private static @Nullable Text parsed(byte[] event) {
		Text text = new Text();
		try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), event)) {
			if (json.nextToken() != JsonToken.START_OBJECT) {
				return null;
			}
			for (String name = json.nextName(); name != null; name = json.nextName()) {
				JsonToken value = json.nextToken();
				if (value == JsonToken.START_OBJECT) {
					members(json, name, text);
				}
				else if (value == JsonToken.VALUE_STRING) {
					text.set(name, json.getString());
				}
				else {
					json.skipChildren();
				}
			}
			return text;
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	private static void members(JsonParser json, String of, Text text) {
		switch (of) {
			case "actor", "subject", "partner", "commitments" -> {
				for (String name = json.nextName(); name != null; name = json.nextName()) {
					if (json.nextToken() == JsonToken.VALUE_STRING) {
						text.set(of, name, json.getString());
					}
					else {
						json.skipChildren();
					}
				}
			}
			default -> json.skipChildren();
		}
	}

	/**
	 * The first column that does not say what the text says; null when all agree.
	 */
	@Nullable String differing(Text text) {
		if (!this.id.toString().equals(text.id)) {
			return "id";
		}
		if (text.at == null || micros(text.at) != this.micros) {
			return "at";
		}
		for (int i = 0; i < COPIED.length; i++) {
			if (!Objects.equals(this.columns[i], text.columns[i])) {
				return COPIED[i];
			}
		}
		return null;
	}

	/** Microseconds since 1970 of a time as events have it; -1 for anything else. */
	static long micros(String at) {
		if (at.length() != "2026-11-24T17:00:00.000000Z".length() || at.charAt(26) != 'Z') {
			return -1;
		}
		try {
			long day = LocalDate.of(digits(at, 0, 4), digits(at, 5, 7), digits(at, 8, 10)).toEpochDay();
			long second = day * 86_400 + digits(at, 11, 13) * 3600L + digits(at, 14, 16) * 60L + digits(at, 17, 19);
			return second * 1_000_000 + digits(at, 20, 26);
		}
		catch (DateTimeException ex) {
			return -1;
		}
	}

	private static int digits(String text, int from, int to) {
		int number = 0;
		for (int i = from; i < to; i++) {
			number = number * 10 + text.charAt(i) - '0';
		}
		return number;
	}

	/**
	 * The quick way through an event as the portal writes it: objects of strings, without
	 * white space. Gives up at anything else, and at an escape in what it has to tell.
	 */
	private static final class Scan {

		private final byte[] json;

		private final Text text;

		private int at;

		/** Where the string that was read last stands, and whether it has escapes. */
		private int begin;

		private int end;

		private boolean escaped;

		Scan(byte[] json, Text text) {
			this.json = json;
			this.text = text;
		}

		boolean all() {
			return object(null) && this.at == this.json.length;
		}

		private boolean object(@Nullable String of) {
			if (!take('{')) {
				return false;
			}
			if (take('}')) {
				return true;
			}
			do {
				if (!string() || this.escaped) {
					return false;
				}
				int from = this.begin;
				int to = this.end;
				if (!take(':') || !member(of, from, to)) {
					return false;
				}
			}
			while (take(','));
			return take('}');
		}

		private boolean member(@Nullable String of, int from, int to) {
			if (this.at < this.json.length && this.json[this.at] == '{') {
				String inner = (of == null) ? ascii(from, to) : "";
				return switch (inner) {
					case "actor", "subject", "partner", "commitments" -> object(inner);
					default -> skip();
				};
			}
			if (!string() || this.escaped) {
				return false;
			}
			if (of != null) {
				this.text.set(of, ascii(from, to), utf8());
			}
			else {
				this.text.set(ascii(from, to), utf8());
			}
			return true;
		}

		/** Over an object that says nothing about columns, with all that is in it. */
		private boolean skip() {
			int depth = 0;
			do {
				if (this.at >= this.json.length) {
					return false;
				}
				switch (this.json[this.at]) {
					case '{' -> depth++;
					case '}' -> depth--;
					case '"' -> {
						if (!string()) {
							return false;
						}
						continue;
					}
					case ':', ',' -> {
					}
					default -> {
						return false;
					}
				}
				this.at++;
			}
			while (depth > 0);
			return true;
		}

		private boolean string() {
			if (!take('"')) {
				return false;
			}
			this.begin = this.at;
			this.escaped = false;
			for (; this.at < this.json.length; this.at++) {
				byte one = this.json[this.at];
				if (one == '"') {
					this.end = this.at++;
					return true;
				}
				if (one == '\\') {
					this.escaped = true;
					this.at++;
				}
			}
			return false;
		}

		private boolean take(char wanted) {
			if (this.at < this.json.length && this.json[this.at] == wanted) {
				this.at++;
				return true;
			}
			return false;
		}

		private String ascii(int from, int to) {
			return new String(this.json, from, to - from, StandardCharsets.ISO_8859_1);
		}

		private String utf8() {
			return new String(this.json, this.begin, this.end - this.begin, StandardCharsets.UTF_8);
		}

	}

	/** What the text says. */
	static final class Text {

		private @Nullable String id;

		private @Nullable String at;

		private final @Nullable String[] columns = new @Nullable String[COPIED.length];

		private final Map<String, String> commitments = new HashMap<>(4);

		private void set(String name, String value) {
			switch (name) {
				case "id" -> this.id = value;
				case "at" -> this.at = value;
				case "code" -> this.columns[0] = value;
				case "outcome" -> this.columns[1] = value;
				case "domain" -> this.columns[8] = value;
				case "request" -> this.columns[9] = value;
				default -> {
				}
			}
		}

		private void set(String of, String name, String value) {
			switch (of) {
				case "commitments" -> this.commitments.put(name, value);
				case "actor" -> set(name, value, "kind", 2, "id", ACTOR_ID, "role", 4);
				case "subject" -> set(name, value, "type", 5, "id", 6, "", 0);
				default -> set(name, value, "id", 7, "", 0, "", 0);
			}
		}

		private void set(String name, String value, String first, int one, String second, int two, String third,
				int three) {
			if (name.equals(first)) {
				this.columns[one] = value;
			}
			else if (name.equals(second)) {
				this.columns[two] = value;
			}
			else if (name.equals(third)) {
				this.columns[three] = value;
			}
		}

		/** When it happened, as it is written. */
		@Nullable String at() {
			return this.at;
		}

		@Nullable String actor() {
			return this.columns[ACTOR_ID];
		}

		/** In the order of {@link #COPIED}. */
		@Nullable String[] columns() {
			return this.columns.clone();
		}

		/** By slot. */
		Map<String, String> commitments() {
			return this.commitments;
		}

	}

}
