package org.partnertls.audit;

import java.io.IOException;
import java.io.OutputStream;

import org.partnertls.organization.Csv;

/**
 * Writes events as CSV.
 */
final class CsvLines implements Exports.Lines {

	private final Csv csv;

	CsvLines(OutputStream out) {
		this.csv = Csv.to(out, "time", "code", "act", "outcome", "actor kind", "actor id", "role", "name", "address",
				"ip", "partner id", "partner", "domain", "subject type", "subject id", "request", "reason", "details",
				"changes", "event id");
	}

	@Override
	public void write(Exports.Taken event, java.util.List<ProvenLines.Beside> personal) {
		History.Row row = event.row(personal);
		this.csv.line(row.text("at", null), row.code(), row.title(), row.outcome(), row.text("actor", "kind"),
				row.actorId(), row.text("actor", "role"), row.name(), row.address(), row.ip(),
				row.text("partner", "id"), row.text("partner", "name"), row.text("domain", null),
				row.text("subject", "type"), row.text("subject", "id"), row.text("request", null),
				row.personal().get("reason"), row.json("details"), row.json("changes"), row.id());
	}

	@Override
	public void close() throws IOException {
		this.csv.flush();
	}

}
