package org.partnertls.tlscheck;

import java.util.List;
import java.util.Locale;

/**
 * A whole reply of an SMTP server (RFC 5321 section 4.2).
 *
 * @param code three digits, the same on every line
 * @param lines the text of each line behind the code, ISO 8859-1, not escaped
 */
record SmtpReply(int code, List<String> lines) {

	SmtpReply {
		lines = List.copyOf(lines);
	}

	boolean isPositive() {
		return this.code >= 200 && this.code < 300;
	}

	boolean isTemporary() {
		return this.code >= 400 && this.code < 500;
	}

	/**
	 * The keywords of an EHLO reply with their parameters, upper-case keyword first; the
	 * first line, which greets, left out.
	 */
	List<String> keywords() {
		return this.lines.stream()
			.skip(1)
			.map((line) -> Transcript.printable(line.strip(), 100))
			.filter((line) -> !line.isEmpty())
			.map((line) -> {
				int space = line.indexOf(' ');
				return (space < 0) ? line.toUpperCase(Locale.ROOT)
						: line.substring(0, space).toUpperCase(Locale.ROOT) + line.substring(space);
			})
			.toList();
	}

	boolean offersStartTls() {
		return keywords().stream().anyMatch((keyword) -> keyword.equals("STARTTLS") || keyword.startsWith("STARTTLS "));
	}

	/**
	 * The code and the first line, for people.
	 */
	String summary() {
		return Transcript.printable(this.code + " " + this.lines.getFirst(), 200).strip();
	}

}
