package org.partnertls.audit;

import java.util.Locale;

/**
 * How the history leaves the portal.
 */
enum ExportFormat {

	/** Verifiable without the portal; see {@link ProvenLines}. */
	JSONL("JSON Lines, with proofs", "jsonl", "application/jsonl"),
	/** For a spreadsheet (RFC 4180). */
	CSV("CSV, for a spreadsheet", "csv", "text/csv; charset=utf-8"),
	/** For a SIEM (Open Cybersecurity Schema Framework). */
	OCSF("OCSF 1.3, for a SIEM", "ocsf.jsonl", "application/jsonl");

	private final String words;

	private final String ending;

	private final String mediaType;

	ExportFormat(String words, String ending, String mediaType) {
		this.words = words;
		this.ending = ending;
		this.mediaType = mediaType;
	}

	public String words() {
		return this.words;
	}

	/** How the file's name ends, without the dot. */
	String ending() {
		return this.ending;
	}

	String mediaType() {
		return this.mediaType;
	}

	/**
	 * Reads what a form says.
	 * @throws IllegalArgumentException for anything else
	 */
	static ExportFormat of(String text) {
		return valueOf(text.toUpperCase(Locale.ROOT));
	}

}
