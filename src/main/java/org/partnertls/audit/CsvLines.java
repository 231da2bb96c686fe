package org.partnertls.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;

/**
 * Writes events as CSV (RFC 4180) in UTF-8. A cell that a spreadsheet would take for a
 * formula gets an apostrophe in front.
 */
final class CsvLines implements Exports.Lines {

	private final CsvWriter csv;

	CsvLines(OutputStream out) {
		this.csv = CsvWriter.builder()
			.lineDelimiter(LineDelimiter.CRLF)
			.bufferSize(1 << 16)
			.build(out, StandardCharsets.UTF_8);
		this.csv.writeRecord("time", "code", "act", "outcome", "actor kind", "actor id", "role", "name", "address",
				"ip", "partner id", "partner", "domain", "subject type", "subject id", "request", "reason", "details",
				"changes", "event id");
	}

	@Override
	public void write(Exports.Taken event, java.util.List<ProvenLines.Beside> personal) {
		History.Row row = event.row(personal);
		this.csv.writeRecord(safe(row.text("at", null)), safe(row.code()), safe(row.title()), row.outcome(),
				row.text("actor", "kind"), safe(row.actorId()), safe(row.text("actor", "role")), safe(row.name()),
				safe(row.address()), safe(row.ip()), row.text("partner", "id"), safe(row.text("partner", "name")),
				safe(row.text("domain", null)), safe(row.text("subject", "type")), safe(row.text("subject", "id")),
				safe(row.text("request", null)), safe(row.personal().getOrDefault("reason", "")), row.json("details"),
				row.json("changes"), row.id().toString());
	}

	@Override
	public void close() throws IOException {
		this.csv.flush();
	}

	/** Keeps a spreadsheet from calculating what somebody typed. */
	static String safe(String cell) {
		return (!cell.isEmpty() && "=+-@\t\r\n＝＋－＠".indexOf(cell.charAt(0)) >= 0) ? "'" + cell : cell;
	}

}
