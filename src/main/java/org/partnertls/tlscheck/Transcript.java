package org.partnertls.tlscheck;

import java.util.List;

/**
 * Both sides of a conversation in printable ASCII, cut off when it grows long. Lines of
 * the server start with {@code S:}, ours with {@code C:}, remarks with {@code #}.
 */
final class Transcript {

	private static final int MAX_CHARS = 4096;

	private static final int MAX_LINE = 512;

	private final StringBuilder text = new StringBuilder();

	void client(String line) {
		add("C: ", line);
	}

	void server(String line) {
		add("S: ", line);
	}

	void remark(String line) {
		add("# ", line);
	}

	private void add(String prefix, String line) {
		String whole = prefix + printable(line, MAX_LINE) + "\n";
		if (this.text.length() + whole.length() + 4 <= MAX_CHARS) {
			this.text.append(whole);
		}
		else if (!endsCut()) {
			this.text.append("...\n");
		}
	}

	private boolean endsCut() {
		return this.text.length() >= 4 && this.text.substring(this.text.length() - 4).equals("...\n");
	}

	/**
	 * The text with everything but printable ASCII escaped, cut to a length.
	 */
	static String printable(String raw, int most) {
		if (raw.length() <= most - 3 && raw.chars().allMatch((c) -> c >= 0x20 && c < 0x7f)) {
			return raw;
		}
		StringBuilder safe = new StringBuilder();
		for (int i = 0; i < raw.length(); i++) {
			char c = raw.charAt(i);
			String piece = (c >= 0x20 && c < 0x7f) ? String.valueOf(c)
					: (c <= 0xff) ? String.format("\\x%02x", (int) c) : String.format("\\u%04x", (int) c);
			if (safe.length() + piece.length() > most - 3) {
				return safe.append("...").toString();
			}
			safe.append(piece);
		}
		return safe.toString();
	}

	/**
	 * Names of hosts, each made safe.
	 */
	static List<String> printable(List<String> names) {
		return names.stream().map((name) -> printable(name, 260)).toList();
	}

	@Override
	public String toString() {
		return this.text.toString();
	}

}
