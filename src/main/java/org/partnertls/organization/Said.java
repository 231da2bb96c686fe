package org.partnertls.organization;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * What the portal has said in English, in another language. Findings, states, steps and
 * the like are made and kept in English, since the history, letters, exports and other
 * people read them too; whoever shows them asks here. A finished text is found again by
 * the unit that it was made from: as it stands, as a pattern whose values may be such
 * texts themselves, or sentence by sentence.
 */
public final class Said {

	// What is longer, or has more sentences, is no text of ours.
	private static final int LONGEST = 6_000;

	private static final int MOST_SENTENCES = 16;

	// A pattern of little else than values would find itself in what people write.
	private static final int FEWEST_LETTERS = 5;

	private static final Pattern PLACE = Pattern.compile("\\{(\\d)}");

	private static final Pattern BETWEEN_SENTENCES = Pattern.compile("(?<=[.!?:;…”“])\\s+|\\R");

	private static final Pattern NEXT_SENTENCE = Pattern.compile("[\\p{Ll}\\d)”\"]{4}[.!?]\\s+\\p{Lu}");

	private static final List<String> MONTHS = List.of("January", "February", "March", "April", "May", "June", "July",
			"August", "September", "October", "November", "December");

	private static final List<String> GERMAN_MONTHS = List.of("Januar", "Februar", "März", "April", "Mai", "Juni",
			"Juli", "August", "September", "Oktober", "November", "Dezember");

	private static final Map<String, String> GERMAN_DAYS = Map.of("Monday", "Montag", "Tuesday", "Dienstag",
			"Wednesday", "Mittwoch", "Thursday", "Donnerstag", "Friday", "Freitag", "Saturday", "Samstag", "Sunday",
			"Sonntag");

	private static final Pattern DATE = Pattern.compile(
			"(?:\\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?\\b(\\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|"
					+ "Oct|Nov|Dec)([a-z]*)\\b");

	// Last, since it is made with the patterns above.
	private static final Said GERMAN = new Said();

	private final Map<String, String> units = new HashMap<>();

	// By the first word; those that begin with a value under an empty one.
	private final Map<String, List<Form>> forms = new HashMap<>();

	private Said() {
		Words.german().forEach((area, entries) -> {
			if (area.startsWith("java-")) {
				entries.forEach(this::add);
			}
		});
	}

	private void add(String english, String german) {
		if (PLACE.matcher(english).find()) {
			Form form = Form.of(english, german);
			this.forms.computeIfAbsent(firstWord(form.pieces().getFirst(), false), (word) -> new ArrayList<>())
				.add(form);
		}
		else {
			this.units.put(english, german);
		}
	}

	/**
	 * A text of ours in a language.
	 * @param english as it was made
	 * @return the same where it is not known
	 */
	public static String in(Locale language, String english) {
		String found = find(language, english);
		return (found != null) ? found : english;
	}

	/**
	 * The same.
	 * @return null where it is not known
	 */
	public static @Nullable String find(Locale language, String english) {
		if (language.getLanguage().equals(Locale.ENGLISH.getLanguage()) || english.length() > LONGEST) {
			return null;
		}
		String german = GERMAN.text(english, FEWEST_LETTERS);
		if (german == null || language.getLanguage().equals(Locale.GERMAN.getLanguage())) {
			return german;
		}
		return Words.lookUp(language, "", english);
	}

	private @Nullable String text(String english, int fewestLetters) {
		String bare = english.strip();
		if (bare.isEmpty()) {
			return null;
		}
		String found = whole(bare, fewestLetters);
		if (found == null) {
			found = sentences(bare, fewestLetters);
		}
		if (found == null) {
			return null;
		}
		int start = english.indexOf(bare);
		return english.substring(0, start) + found + english.substring(start + bare.length());
	}

	// Any case of the first letter: words are put at the beginning of a sentence, or
	// taken from it.
	private @Nullable String whole(String english, int fewestLetters) {
		if (english.isEmpty()) {
			return null;
		}
		String exact = one(english, fewestLetters);
		if (exact != null) {
			return exact;
		}
		if (english.endsWith(".") && this.units.containsKey(english.substring(0, english.length() - 1))) {
			return this.units.get(english.substring(0, english.length() - 1)) + ".";
		}
		char first = english.charAt(0);
		if (Character.isUpperCase(first)) {
			String lower = one(Character.toLowerCase(first) + english.substring(1), fewestLetters);
			return (lower != null) ? Character.toUpperCase(lower.charAt(0)) + lower.substring(1) : null;
		}
		return Character.isLowerCase(first) ? this.units.get(Character.toUpperCase(first) + english.substring(1))
				: null;
	}

	private @Nullable String one(String english, int fewestLetters) {
		String unit = this.units.get(english);
		if (unit != null) {
			return unit;
		}
		Form best = null;
		List<String> values = List.of();
		for (String word : List.of(firstWord(english, true), "")) {
			for (Form form : this.forms.getOrDefault(word, List.of())) {
				if ((form.letters() >= fewestLetters || !word.isEmpty())
						&& (best == null || form.letters() > best.letters())) {
					List<String> found = form.values(english);
					if (found != null
							&& (fewestLetters <= 2 || form.isClear() || found.stream().allMatch(this::isShort))) {
						best = form;
						values = found;
					}
				}
			}
		}
		if (best != null) {
			return best.fill(values.stream().map(this::value).toList());
		}
		return DATE.matcher(english).lookingAt() ? dates(english) : null;
	}

	private boolean isShort(String value) {
		return value.split("\\s+", 5).length < 5 || text(value, 2) != null;
	}

	private String value(String english) {
		String found = text(english, 2);
		return (found != null) ? found : dates(english);
	}

	// The longest run of sentences that is known, and so on from there.
	private @Nullable String sentences(String english, int fewestLetters) {
		List<MatchResult> gaps = BETWEEN_SENTENCES.matcher(english).results().toList();
		if (gaps.isEmpty() || gaps.size() >= MOST_SENTENCES) {
			return null;
		}
		StringBuilder german = new StringBuilder();
		boolean any = false;
		int first = 0;
		while (first <= gaps.size()) {
			int from = (first == 0) ? 0 : gaps.get(first - 1).end();
			int last = (first == 0) ? gaps.size() - 1 : gaps.size();
			String found = null;
			while (last >= first && found == null) {
				int to = (last == gaps.size()) ? english.length() : gaps.get(last).start();
				String piece = english.substring(from, to);
				// A word alone is no sentence; in commands it may be one of theirs.
				found = (piece.indexOf(' ') > 0) ? whole(piece, fewestLetters) : null;
				last -= (found == null) ? 1 : 0;
			}
			any |= found != null;
			int end = (found != null) ? last : first;
			int to = (end == gaps.size()) ? english.length() : gaps.get(end).start();
			german.append((found != null) ? found : english.substring(from, to));
			if (end < gaps.size()) {
				german.append(gaps.get(end).group());
			}
			first = end + 1;
		}
		return any ? german.toString() : null;
	}

	private static String dates(String english) {
		return DATE.matcher(english).replaceAll((found) -> {
			int month = 0;
			while (!MONTHS.get(month).startsWith(found.group(3))) {
				month++;
			}
			String name = GERMAN_MONTHS.get(month);
			boolean written = MONTHS.get(month).length() == 3 + found.group(4).length();
			String day = (found.group(1) != null) ? GERMAN_DAYS.get(found.group(1) + "day") + ", " : "";
			return Matcher.quoteReplacement(day + found.group(2) + ". "
					+ ((written || name.length() <= 4) ? name : name.substring(0, 3) + "."));
		});
	}

	private static String firstWord(String text, boolean complete) {
		int end = 0;
		while (end < text.length() && Character.isLetter(text.charAt(end))) {
			end++;
		}
		return (end < text.length() || complete) ? text.substring(0, end) : "";
	}

	/** All that is known; for tests. */
	static Collection<String> english() {
		List<String> all = new ArrayList<>(GERMAN.units.keySet());
		GERMAN.forms.values().forEach((forms) -> forms.forEach((form) -> all.add(form.english())));
		return all;
	}

	/**
	 * A unit with values in it.
	 *
	 * @param english with its places
	 * @param pieces what stands between them, one more than there are places
	 * @param places their numbers, in the order in which the English has them
	 * @param german with the same places
	 * @param letters how many the pieces have
	 */
	private record Form(String english, List<String> pieces, List<Integer> places, String german, int letters) {

		static Form of(String english, String german) {
			List<String> pieces = List.of(PLACE.split(english, -1));
			List<Integer> places = PLACE.matcher(english)
				.results()
				.map((place) -> Integer.parseInt(place.group(1)))
				.toList();
			return new Form(english, pieces, places, german,
					(int) String.join("", pieces).chars().filter(Character::isLetter).count());
		}

		/** Whether hardly anybody else writes like that, whatever the values are. */
		boolean isClear() {
			return this.letters >= 10 || this.pieces.getFirst().endsWith(": ");
		}

		/** The values in a text that was made from it; null if it was not. */
		@Nullable List<String> values(String text) {
			String first = this.pieces.getFirst();
			String last = this.pieces.getLast();
			int end = text.length() - last.length();
			if (!text.startsWith(first) || !text.endsWith(last) || end < first.length()) {
				return null;
			}
			List<String> values = new ArrayList<>();
			int from = first.length();
			for (String piece : this.pieces.subList(1, this.pieces.size() - 1)) {
				int at = text.indexOf(piece, from);
				if (at < 0 || at + piece.length() > end) {
					return null;
				}
				values.add(text.substring(from, at));
				from = at + piece.length();
			}
			values.add(text.substring(from, end));
			// What ends with the sentence is no more than one.
			return last.startsWith(".") && NEXT_SENTENCE.matcher(values.getLast()).find() ? null : values;
		}

		String fill(List<String> values) {
			UnaryOperator<String> value = (number) -> {
				int at = this.places.indexOf(Integer.parseInt(number));
				return (at < 0) ? "" : values.get(at);
			};
			return PLACE.matcher(this.german)
				.replaceAll((place) -> Matcher.quoteReplacement(value.apply(place.group(1))));
		}

	}

}
