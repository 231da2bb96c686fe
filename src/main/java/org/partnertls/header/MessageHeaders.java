package org.partnertls.header;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The header fields of a message source or of pasted headers, unfolded (RFC 5322 section
 * 2.2.3), in one pass and within bounds.
 * <p>
 * People paste: text before the first field is skipped, and a line that has lost the
 * white space it was folded with is joined to the field above it.
 */
final class MessageHeaders {

	/** Characters of a source that are looked at. */
	static final int LONGEST_SOURCE = 1024 * 1024;

	/**
	 * Header lines, folded ones counted singly. Messages that went through many filters
	 * have a few hundred.
	 */
	static final int MOST_LINES = 4000;

	private static final Set<String> MAIL_FIELDS = Set.of("received", "from", "date", "message-id", "return-path",
			"delivered-to");

	private final List<Field> fields = new ArrayList<>();

	private @Nullable String name;

	private final StringBuilder value = new StringBuilder();

	private int lines;

	private MessageHeaders() {
	}

	/**
	 * Reads the header part of a source.
	 * @param source hostile, of any size
	 */
	static Reading read(String source) {
		MessageHeaders headers = new MessageHeaders();
		int start = (!source.isEmpty() && source.charAt(0) == '\uFEFF') ? 1 : 0;
		int end = Math.min(source.length(), LONGEST_SOURCE);
		while (start < end) {
			int stop = start;
			while (stop < end && source.charAt(stop) != '\n' && source.charAt(stop) != '\r') {
				stop++;
			}
			if (stop == end && end < source.length()) {
				return new Refused("The headers are longer than 1 MB. Paste only the headers of the message.");
			}
			if (!headers.line(source.substring(start, stop))) {
				break;
			}
			if (headers.lines > MOST_LINES) {
				return new Refused("There are too many header lines: more than " + MOST_LINES
						+ ". A real message has a few hundred at most; paste the headers of one message.");
			}
			boolean pair = stop + 1 < source.length() && source.charAt(stop) == '\r' && source.charAt(stop + 1) == '\n';
			start = stop + (pair ? 2 : 1);
		}
		headers.close();
		return headers.reading();
	}

	/**
	 * Takes in one line.
	 * @return false when the header part ends here
	 */
	private boolean line(String line) {
		if (line.isBlank()) {
			return this.name == null;
		}
		int colon = nameLength(line);
		if (colon > 0) {
			close();
			this.name = line.substring(0, colon).stripTrailing().toLowerCase(Locale.ROOT);
			this.value.append(line, line.indexOf(':', colon) + 1, line.length());
		}
		else if (this.name != null) {
			this.value.append(' ').append(line);
		}
		this.lines += (this.name != null) ? 1 : 0;
		return true;
	}

	/**
	 * How long the field name at the start of the line is; 0 when there is none.
	 */
	private static int nameLength(String line) {
		int i = 0;
		while (i < line.length() && line.charAt(i) > ' ' && line.charAt(i) < 127 && line.charAt(i) != ':') {
			i++;
		}
		return (i > 0 && i < line.length() && line.charAt(i) == ':') ? i : 0;
	}

	private void close() {
		if (this.name != null) {
			this.fields.add(new Field(this.name, this.value.toString().strip()));
			this.value.setLength(0);
		}
	}

	private Reading reading() {
		if (this.fields.stream().noneMatch((field) -> MAIL_FIELDS.contains(field.name()))) {
			return new Refused("There are no mail headers in this. Save the message as .eml, or open its source or its"
					+ " internet headers, and copy everything from the top.");
		}
		return new Fields(List.copyOf(this.fields));
	}

	/**
	 * One unfolded field.
	 *
	 * @param name in lower case
	 * @param value without line breaks
	 */
	record Field(String name, String value) {
	}

	/**
	 * What came of reading.
	 */
	sealed interface Reading {

	}

	/**
	 * The fields, topmost first.
	 *
	 * @param fields at most {@link #MOST_LINES}
	 */
	record Fields(List<Field> fields) implements Reading {

		@Nullable String first(String name) {
			return this.fields.stream()
				.filter((field) -> field.name().equals(name))
				.map(Field::value)
				.findFirst()
				.orElse(null);
		}

		List<String> all(String name, int most) {
			return this.fields.stream()
				.filter((field) -> field.name().equals(name))
				.map(Field::value)
				.limit(most)
				.toList();
		}

	}

	/**
	 * Nothing that we read.
	 *
	 * @param why a sentence for the person
	 */
	record Refused(String why) implements Reading {
	}

}
