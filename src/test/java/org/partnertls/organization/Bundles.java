package org.partnertls.organization;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The bundles of words for tests of other packages, and a language that nobody speaks:
 * English with accents, between ⟦ and ⟧.
 */
public final class Bundles {

	/** Asked for by the language cookie, once it is {@link #pretend pretended}. */
	public static final Locale PSEUDO = Words.PSEUDO;

	// Places, tags, entities and what a recipe fills in stay.
	private static final Pattern KEPT = Pattern.compile("\\{/?\\d+}|&[a-z#0-9]+;|\\[\\[[^]]*]]");

	// Patterns of dates are units and have to remain such; the others are read by
	// programs.
	private static final Pattern FIXED = Pattern
		.compile("(EEEE,? )?d MMM.*|HH:mm.*|every \\ds|\\w+-hint \\w+-error|[45]xx|light dark");

	private Bundles() {
	}

	/** By area, the German of each unit. */
	public static Map<String, Map<String, String>> german() {
		return Words.german();
	}

	/** Lets the pseudo-language be spoken, or not. */
	public static void pretend(boolean spoken) {
		Words.pretend(spoken ? Bundles::accented : null);
	}

	static @Nullable String accented(String english) {
		if (FIXED.matcher(english).matches()) {
			return null;
		}
		StringBuilder accented = new StringBuilder("⟦");
		int from = 0;
		var kept = KEPT.matcher(english);
		while (kept.find()) {
			accented.append(accents(english.substring(from, kept.start()))).append(kept.group());
			from = kept.end();
		}
		return accented.append(accents(english.substring(from))).append("⟧").toString();
	}

	private static String accents(String text) {
		return Normalizer.normalize(text.replaceAll("[aeiouyAEIOUY]", "$0\u0301"), Normalizer.Form.NFC);
	}

}
