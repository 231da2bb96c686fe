package org.partnertls.exchange;

import org.jspecify.annotations.Nullable;

/**
 * What others wrote, made fit to be kept: one line of at most 2000 printable characters.
 */
final class Detail {

	private static final int LONGEST = 2000;

	private Detail() {
	}

	static @Nullable String of(@Nullable String text) {
		if (text == null) {
			return null;
		}
		StringBuilder kept = new StringBuilder();
		text.codePoints().limit(4L * LONGEST).forEach((codePoint) -> append(kept, codePoint));
		String line = kept.toString().strip();
		if (line.isEmpty()) {
			return null;
		}
		return (line.length() > LONGEST) ? line.substring(0, LONGEST - 1) + "…" : line;
	}

	private static void append(StringBuilder kept, int codePoint) {
		if (Character.isWhitespace(codePoint)) {
			if (!kept.isEmpty() && kept.charAt(kept.length() - 1) != ' ') {
				kept.append(' ');
			}
		}
		else if (printable(codePoint)) {
			kept.appendCodePoint(codePoint);
		}
	}

	private static boolean printable(int codePoint) {
		return switch (Character.getType(codePoint)) {
			case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE,
					Character.UNASSIGNED ->
				false;
			default -> codePoint != 0xFFFD;
		};
	}

}
