package org.partnertls.tlscheck;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

import org.partnertls.organization.Csv;

import org.springframework.stereotype.Component;

/**
 * The results as a table for other programs: one line for each domain, times in UTC (RFC
 * 3339).
 */
@Component
class ResultsCsv {

	private static final int PORTION = 1000;

	private static final String[] HEAD = { "domain", "partner", "watched since", "state", "since", "level",
			"last check", "forced TLS", "what matters most", "checked at", "next check", "certificate until",
			"received by", "differs from what was approved" };

	private final TlsWatch watch;

	ResultsCsv(TlsWatch watch) {
		this.watch = watch;
	}

	/**
	 * Writes the domains, some at a time, so that a slow reader holds no connection to
	 * the database.
	 * @return how many lines there are beside the head
	 */
	int write(DomainFilter filter, OutputStream out) throws IOException {
		try (Csv csv = Csv.to(out, HEAD)) {
			String after = null;
			List<WatchedDomain> portion = this.watch.list(filter, after, PORTION);
			while (!portion.isEmpty()) {
				portion.forEach((domain) -> line(csv, domain));
				after = portion.getLast().domain().ascii();
				portion = (portion.size() < PORTION) ? List.of() : this.watch.list(filter, after, PORTION);
			}
			return csv.lines();
		}
	}

	private static void line(Csv csv, WatchedDomain domain) {
		csv.line(domain.domain().ascii(), domain.partnerName(), domain.watchedSince(), domain.stateWords(),
				domain.stateSince(), domain.level().exchangeName(), domain.outcome(), domain.forcedTls(),
				domain.sentence(), domain.checkedAt(), domain.dueAt(), domain.expiresAt(),
				(domain.platform() != null) ? domain.platform().words() : null, domain.difference());
	}

}
