package org.partnertls.request;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import com.google.common.collect.ImmutableSet;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import org.partnertls.organization.Csv;

/**
 * A list of partners as somebody's spreadsheet wrote it: with commas or semicolons, with
 * or without a byte order mark, the columns in any order. What our own files guard
 * against being calculated comes back as it was.
 */
final class ImportFile {

	/** How large a file may be. */
	static final int MOST_BYTES = 1_000_000;

	/** How many lines it may have below its head. */
	static final int MOST_ROWS = 2000;

	/** How long a cell may be. */
	static final int MOST_CHARACTERS = 2000;

	private ImportFile() {
	}

	/**
	 * Reads a file.
	 * @throws Unreadable when it is none, with a sentence for the person
	 */
	static List<Line> read(byte[] bytes) {
		if (bytes.length == 0) {
			throw new Unreadable("Choose a CSV file. It is empty, or none was chosen.");
		}
		if (bytes.length > MOST_BYTES) {
			throw new Unreadable("The file is larger than 1 MB. Split it into several files.");
		}
		return read(text(bytes));
	}

	/** The text of a file, without a byte order mark. */
	static String text(byte[] bytes) {
		try {
			String text = StandardCharsets.UTF_8.newDecoder()
				.onMalformedInput(CodingErrorAction.REPORT)
				.onUnmappableCharacter(CodingErrorAction.REPORT)
				.decode(ByteBuffer.wrap(bytes))
				.toString();
			if (text.indexOf('\0') < 0) {
				return (!text.isEmpty() && text.charAt(0) == '\uFEFF') ? text.substring(1) : text;
			}
		}
		catch (CharacterCodingException ex) {
			// Said below.
		}
		throw new Unreadable("The file is not text in UTF-8. In Excel, save it as “CSV UTF-8 (comma delimited)”.");
	}

	/**
	 * Reads the text of a file.
	 * @throws Unreadable when it is none, with a sentence for the person
	 */
	static List<Line> read(String text) {
		if (text.length() > MOST_BYTES) {
			throw new Unreadable("The file is larger than 1 MB. Split it into several files.");
		}
		List<Line> lines = new ArrayList<>();
		List<Column> head = null;
		try (CsvReader<CsvRecord> reader = CsvReader.builder()
			.fieldSeparator(separator(text))
			.skipEmptyLines(true)
			.allowUnclosedQuote(false)
			.extraFieldStrategy(FieldMismatchStrategy.IGNORE)
			.missingFieldStrategy(FieldMismatchStrategy.IGNORE)
			.ofCsvRecord(text)) {
			for (CsvRecord line : reader) {
				if (line.getFields().stream().allMatch(String::isBlank)) {
					continue;
				}
				if (head == null) {
					head = head(line.getFields());
					continue;
				}
				if (lines.size() == MOST_ROWS) {
					throw new Unreadable("The file has more than 2,000 rows. Split it into several files.");
				}
				lines.add(line(head, line));
			}
		}
		catch (CsvParseException ex) {
			throw new Unreadable("The file cannot be read as CSV after row " + lines.size()
					+ ": a quotation mark is opened and not closed, or text follows a closed one.");
		}
		catch (java.io.IOException ex) {
			throw new java.io.UncheckedIOException(ex);
		}
		if (lines.isEmpty()) {
			throw new Unreadable("The file has no rows below its head.");
		}
		return lines;
	}

	// Whichever the first line has more of: quoted cells of a head hold neither.
	private static char separator(String text) {
		String first = text.lines().filter((line) -> !line.isBlank()).findFirst().orElse("");
		return (first.chars().filter((c) -> c == ';').count() > first.chars().filter((c) -> c == ',').count()) ? ';'
				: ',';
	}

	private static List<Column> head(List<String> cells) {
		List<Column> columns = new ArrayList<>();
		Set<Column> seen = EnumSet.noneOf(Column.class);
		for (String cell : cells) {
			Column column = Column.of(cell);
			if (column != Column.UNKNOWN && !seen.add(column)) {
				throw new Unreadable("The column “" + column.title() + "” is there twice.");
			}
			columns.add(column);
		}
		String missing = Arrays.stream(Column.values())
			.filter((column) -> column.required && !seen.contains(column))
			.map((column) -> "“" + column.title() + "”")
			.collect(Collectors.joining(", "));
		if (!missing.isEmpty()) {
			throw new Unreadable("The first line has to name the columns. Missing: " + missing
					+ ". The template shows all of them.");
		}
		return columns;
	}

	private static Line line(List<Column> head, CsvRecord record) {
		Map<Column, String> cells = new EnumMap<>(Column.class);
		boolean tooMany = false;
		for (int i = 0; i < record.getFieldCount(); i++) {
			String cell = Csv.plain(record.getField(i).strip()).strip();
			if (i >= head.size()) {
				tooMany |= !cell.isEmpty();
			}
			else if (head.get(i) != Column.UNKNOWN) {
				cells.put(head.get(i), cell);
			}
		}
		return new Line((int) record.getStartingLineNumber(), cells, tooMany);
	}

	/** What a file can say of a partner. */
	enum Column {

		/** The organisation's name. */
		ORGANISATION("organisation", true, "organization", "company", "partner"),
		/** Its mail domain. */
		DOMAIN("domain", true, "mail domain"),
		/** Who is invited. */
		CONTACT_NAME("contact name", true, "contact"),
		/** Where they are. */
		CONTACT_ADDRESS("contact address", true, "contact email", "contact e-mail", "email", "e-mail", "address"),
		/** Our colleague who answers for it; whoever imports when it is empty. */
		OWNER_NAME("owner name", false, "owner"),
		/** Where that colleague is. */
		OWNER_ADDRESS("owner address", false, "owner email", "owner e-mail"),
		/** Why. */
		REASON("reason", false),
		/**
		 * In which language the contact is written to; nobody has said when it is empty.
		 */
		LANGUAGE("language", false, "sprache", "contact language"),
		/** Anything else is passed over. */
		UNKNOWN("", false);

		private final String title;

		private final boolean required;

		private final ImmutableSet<String> others;

		Column(String title, boolean required, String... others) {
			this.title = title;
			this.required = required;
			this.others = ImmutableSet.copyOf(others);
		}

		String title() {
			return this.title;
		}

		private static Column of(String cell) {
			String name = cell.strip().toLowerCase(Locale.ROOT).replaceAll("[_ ]+", " ");
			return Arrays.stream(values())
				.filter((column) -> column.title.equals(name) || column.others.contains(name))
				.findFirst()
				.orElse(UNKNOWN);
		}

	}

	/**
	 * A row.
	 *
	 * @param number of the line in the file
	 * @param cells what it says
	 * @param tooMany whether it has more cells than the head has columns
	 */
	record Line(int number, Map<Column, String> cells, boolean tooMany) {

		String cell(Column column) {
			return this.cells.getOrDefault(column, "");
		}

	}

	/** The file is no list of partners; the message says why to the person. */
	static final class Unreadable extends RuntimeException {

		private static final long serialVersionUID = 1L;

		Unreadable(String message) {
			super(message);
		}

	}

}
