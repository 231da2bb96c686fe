package org.partnertls.audit;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The catalogue of acts: what each code of the history means. The words stand in
 * {@code audit-codes.properties}; a code that was ever written stays there. An act that
 * did not work, or was refused, has a code of its own: that of the act with
 * {@code .failed} or {@code .refused} behind it, unless its name says so already.
 */
final class Words {

	private static final Pattern SPEAKS_OF_TROUBLE = Pattern.compile(
			".*(failed|refused|denied|not-found|without-role|stale|revoked|superseded|bounced|alarm|drift-found|lost|stopped|failing|differs|expires|missed)");

	private static final NavigableMap<String, String> WORDS = load();

	private Words() {
	}

	/** The meaning of a code in English; the code itself where none is written down. */
	static String of(String code) {
		String words = WORDS.get(code);
		if (words != null) {
			return words;
		}
		int end = code.lastIndexOf('.');
		String act = (end > 0) ? WORDS.get(code.substring(0, end)) : null;
		if (act == null) {
			return code;
		}
		return (code.endsWith(".failed") ? "Did not work: " : "Refused: ")
				+ act.substring(0, 1).toLowerCase(Locale.ROOT) + act.substring(1);
	}

	/** The same in the language of whoever reads a page. */
	static String shown(String code) {
		Locale language = org.partnertls.organization.Words.language();
		String act = code.substring(0, Math.max(code.lastIndexOf('.'), 0));
		if (language.equals(Locale.ENGLISH) || WORDS.containsKey(code) || !WORDS.containsKey(act)) {
			return org.partnertls.organization.Words.in(language, of(code));
		}
		// Other languages may not begin the act with a small letter.
		return org.partnertls.organization.Words.in(language,
				code.endsWith(".failed") ? "Did not work: {0}" : "Refused: {0}", shown(act));
	}

	/** The code for an act that ended like this: success, failure or refused. */
	static String code(String act, String outcome) {
		if (outcome.equals("success") || speaksOfTrouble(act)) {
			return act;
		}
		return act + (outcome.equals("failure") ? ".failed" : ".refused");
	}

	static boolean speaksOfTrouble(String code) {
		return SPEAKS_OF_TROUBLE.matcher(code).matches();
	}

	/** Whether a meaning is written down for a code. */
	static boolean knows(String code) {
		return WORDS.containsKey(code);
	}

	/**
	 * An act's code, and what it becomes when it does not work.
	 * @param outcome the only outcome wanted; null: any
	 */
	static List<String> ways(String act, @Nullable String outcome) {
		Stream<String> outcomes = (outcome == null) ? Stream.of("success", "failure", "refused")
				: outcome.equals("trouble") ? Stream.of("failure", "refused") : Stream.of(outcome);
		return outcomes.map((end) -> code(act, end)).distinct().toList();
	}

	/** The whole catalogue, by group. */
	static Map<String, List<Meaning>> all() {
		Map<String, List<Meaning>> all = new TreeMap<>();
		WORDS.forEach(
				(code, words) -> all
					.computeIfAbsent(code.contains(".") ? code.substring(0, code.indexOf('.')) : code,
							(group) -> new ArrayList<>())
					.add(new Meaning(code)));
		return all;
	}

	private static NavigableMap<String, String> load() {
		Properties words = new Properties();
		try (InputStream in = Words.class.getResourceAsStream("/audit-codes.properties")) {
			if (in != null) {
				words.load(new InputStreamReader(in, StandardCharsets.UTF_8));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		NavigableMap<String, String> sorted = new TreeMap<>();
		words.stringPropertyNames().forEach((code) -> sorted.put(code, words.getProperty(code)));
		return sorted;
	}

	/**
	 * A line of the catalogue.
	 *
	 * @param code the code
	 */
	record Meaning(String code) {

		/** What it means, to the reader. */
		public String words() {
			return shown(this.code);
		}

		/** The codes of the same act when it does not work, each with its meaning. */
		public List<Meaning> troubles() {
			return ways(this.code, "trouble").stream()
				.filter((other) -> !other.equals(this.code))
				.map(Meaning::new)
				.toList();
		}

		/** How long it is kept; see {@link Keeping}. */
		public String keeping() {
			return Keeping.of(this.code).key();
		}

	}

}
