package org.partnertls.organization;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Stream;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * Writes a list as CSV (RFC 4180) in UTF-8, line by line, so that no list is ever held as
 * a whole. A spreadsheet takes nothing in it for a formula.
 */
public final class Csv implements AutoCloseable {

	private final CsvWriter writer;

	private int lines;

	private Csv(OutputStream out) {
		this.writer = CsvWriter.builder()
			.lineDelimiter(LineDelimiter.CRLF)
			.bufferSize(1 << 16)
			.build(out, StandardCharsets.UTF_8);
	}

	/**
	 * Begins a file.
	 * @param head what the columns are called
	 */
	public static Csv to(OutputStream out, String... head) {
		Csv csv = new Csv(out);
		csv.writer.writeRecord(head);
		return csv;
	}

	/**
	 * Begins a file that is the answer to a request.
	 * @param name of the file, without its ending
	 * @param head what the columns are called
	 */
	public static Csv attached(HttpServletResponse response, String name, String... head) throws IOException {
		response.setContentType("text/csv;charset=UTF-8");
		response.setHeader("Content-Disposition", "attachment; filename=\"" + name + ".csv\"");
		return to(response.getOutputStream(), head);
	}

	/** Writes a line; null is an empty cell. */
	public void line(@Nullable Object... cells) {
		this.lines++;
		this.writer.writeRecord(Stream.of(cells).map((cell) -> safe(Objects.toString(cell, ""))).toList());
	}

	/** How many lines there are beside the head. */
	public int lines() {
		return this.lines;
	}

	/** Hands over what was written, and leaves the stream open. */
	public void flush() throws IOException {
		this.writer.flush();
	}

	@Override
	public void close() throws IOException {
		this.writer.close();
	}

	/** What a cell was before it was made {@link #safe(String) safe}. */
	public static String plain(String cell) {
		String bare = cell.startsWith("'") ? cell.substring(1) : cell;
		return safe(bare).equals(cell) ? bare : cell;
	}

	/**
	 * What a spreadsheet would calculate is made text by an apostrophe before it, also
	 * where white space stands first.
	 */
	public static String safe(String cell) {
		String bare = cell.stripLeading();
		return ((!bare.isEmpty() && "=+-@|＝＋－＠".indexOf(bare.charAt(0)) >= 0)
				|| (!cell.isEmpty() && "\t\r\n\0".indexOf(cell.charAt(0)) >= 0)) ? "'" + cell : cell;
	}

}
