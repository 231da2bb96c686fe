package org.partnertls.header;

/**
 * Makes a piece of somebody else's text safe to keep and to print: bounded, on one line,
 * without control characters and without the invisible ones that turn the direction of
 * reading. Escaping for HTML stays the template's work.
 */
final class ShownText {

	private ShownText() {
	}

	/**
	 * The text, cut to a number of characters.
	 */
	static String of(String text, int most) {
		int length = Math.min(text.length(), most);
		StringBuilder shown = new StringBuilder(length);
		for (int i = 0; i < length; i++) {
			shown.append(printable(text.charAt(i)));
		}
		if (text.length() > most) {
			shown.append('…');
		}
		return shown.toString();
	}

	private static char printable(char c) {
		if (c == '\t') {
			return ' ';
		}
		return switch (Character.getType(c)) {
			case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE,
					Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.UNASSIGNED ->
				'?';
			default -> c;
		};
	}

}
