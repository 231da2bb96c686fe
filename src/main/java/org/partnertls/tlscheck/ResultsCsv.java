package org.partnertls.tlscheck;

import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import de.siegmar.fastcsv.writer.CsvWriter;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

/**
 * The results as a table for other programs: one line for each domain, times in UTC (RFC
 * 3339). A spreadsheet takes nothing in it for a formula.
 */
@Component
class ResultsCsv {

	private static final int PORTION = 1000;

	private static final List<String> HEAD = List.of("domain", "partner", "watched since", "state", "since", "level",
			"last check", "forced TLS", "what matters most", "checked at", "next check", "certificate until",
			"received by", "differs from what was approved");

	private final TlsWatch watch;

	ResultsCsv(TlsWatch watch) {
		this.watch = watch;
	}

	/**
	 * Writes the domains, some at a time, so that a slow reader holds no connection to
	 * the database.
	 * @return how many lines there are beside the head
	 */
	int write(DomainFilter filter, Writer out) throws IOException {
		int lines = 0;
		try (CsvWriter csv = CsvWriter.builder().build(out)) {
			csv.writeRecord(HEAD);
			String after = null;
			List<WatchedDomain> portion = this.watch.list(filter, after, PORTION);
			while (!portion.isEmpty()) {
				portion.forEach((domain) -> csv.writeRecord(line(domain)));
				lines += portion.size();
				after = portion.getLast().domain().ascii();
				portion = (portion.size() < PORTION) ? List.of() : this.watch.list(filter, after, PORTION);
			}
		}
		return lines;
	}

	private static List<String> line(WatchedDomain domain) {
		return Stream
			.of(domain.domain().ascii(), text(domain.partnerName()), time(domain.watchedSince()), domain.stateWords(),
					time(domain.stateSince()), domain.level().exchangeName(), text(domain.outcome()),
					text(domain.forcedTls()), text(domain.sentence()), time(domain.checkedAt()), time(domain.dueAt()),
					time(domain.expiresAt()), (domain.platform() != null) ? domain.platform().words() : "",
					text(domain.difference()))
			.map(ResultsCsv::harmless)
			.toList();
	}

	/**
	 * What spreadsheets would calculate is made text by an apostrophe before it.
	 */
	static String harmless(String value) {
		return (!value.isEmpty() && "=+-@\t\r\n|".indexOf(value.charAt(0)) >= 0) ? "'" + value : value;
	}

	private static String text(@Nullable Object value) {
		return Objects.toString(value, "");
	}

	private static String time(@Nullable Instant time) {
		return (time != null) ? time.toString() : "";
	}

}
