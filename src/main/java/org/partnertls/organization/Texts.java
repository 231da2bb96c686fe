package org.partnertls.organization;

import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Bounds of what people type into a form.
 */
public final class Texts {

	private Texts() {
	}

	/**
	 * What is wrong with a line of text.
	 * @param most how many characters it may have
	 * @param missing what to say when there is none
	 * @return a sentence for the person; empty when nothing is wrong
	 */
	public static Optional<String> line(@Nullable String typed, int most, String missing) {
		if (typed == null || typed.isBlank()) {
			return Optional.of(missing);
		}
		if (typed.strip().length() > most) {
			return Optional.of("Enter at most " + most + " characters.");
		}
		return typed.strip().codePoints().anyMatch(Texts::isControl)
				? Optional.of("Enter plain text on one line, without control characters.") : Optional.empty();
	}

	/** The same for several lines. */
	public static Optional<String> lines(@Nullable String typed, int most, String missing) {
		return line((typed != null) ? typed.replaceAll("[\r\n\t]", " ") : null, most, missing);
	}

	// Marks that turn the direction of writing can make a text read as something else.
	private static boolean isControl(int c) {
		return Character.isISOControl(c) || Character.getType(c) == Character.LINE_SEPARATOR
				|| Character.getType(c) == Character.PARAGRAPH_SEPARATOR || (c >= 0x202A && c <= 0x202E)
				|| (c >= 0x2066 && c <= 0x2069);
	}

}
