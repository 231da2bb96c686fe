package org.partnertls.web;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Finds the units of a template that can be translated, and puts other words in their
 * place. The English text itself is the key:
 * <ul>
 * <li>a block's text with its inline elements, which stand in it as {@code {0}} where
 * they have no words of their own, else as <code>{0}words{/0}</code>;
 * <li>attributes that people read;
 * <li>literals in attributes of Thymeleaf: {@code 'words'}, and {@code |words ${x}|} as
 * <code>words {0}</code>.
 * </ul>
 * All else stays as it is, to the letter: the source is cut at offsets and never parsed
 * and written anew.
 */
final class Units {

	private static final Set<String> INLINE = Set.of("a", "abbr", "b", "br", "code", "del", "em", "i", "ins", "kbd",
			"mark", "q", "small", "span", "strong", "sub", "sup", "svg", "th:block", "time", "wbr");

	private static final Set<String> VOID = Set.of("area", "base", "br", "col", "embed", "hr", "img", "input", "link",
			"meta", "source", "track", "wbr");

	// What stands in these is no language.
	private static final Set<String> OPAQUE = Set.of("code", "kbd", "pre", "script", "style", "svg");

	private static final Set<String> READ_ATTRIBUTES = Set.of("title", "alt", "placeholder", "aria-label", "data-label",
			"data-done", "data-otherwise", "label");

	// Attributes whose literals are names, addresses or conditions.
	private static final Set<String> UNREAD = Set.of("th:action", "th:case", "th:class", "th:classappend",
			"th:datetime", "th:each", "th:errorclass", "th:field", "th:for", "th:fragment", "th:href", "th:id", "th:if",
			"th:method", "th:name", "th:object", "th:src", "th:switch", "th:type", "th:unless", "th:value");

	// Their expressions are read by Spring, to the letter.
	private static final Set<String> BOUND = Set.of("th:errorclass", "th:field", "th:fragment", "th:object");

	private static final Set<String> REPLACING = Set.of("th:text", "th:utext", "th:replace", "th:insert");

	/**
	 * How an expression begins whose value is no words, but a code that is compared or
	 * sent.
	 */
	static final String KEPT = "${ ";

	private static final Pattern PLACE = Pattern.compile("\\{(/?)(\\d+)}");

	private static final Pattern LETTER = Pattern.compile("\\p{L}");

	private static final Pattern SENTENCE = Pattern.compile("(?!-)(?:\\p{Lu}\\p{Ll}.*|.*\\p{L} .*|.* \\p{L}.*)",
			Pattern.DOTALL);

	private final String source;

	private final Dictionary words;

	private final StringBuilder out = new StringBuilder();

	private int at;

	private Units(String source, Dictionary words) {
		this.source = source;
		this.words = words;
	}

	/**
	 * The template in other words.
	 * @param words what stands for a unit
	 * @throws IllegalArgumentException when it cannot be understood
	 */
	static String translate(String source, Dictionary words) {
		Units units = new Units(source, words);
		units.write(units.children(null));
		return units.out.toString();
	}

	// --- Reading

	private List<Node> children(@Nullable String parent) {
		List<Node> nodes = new ArrayList<>();
		while (this.at < this.source.length()) {
			int start = this.at;
			if (this.source.startsWith("<!--", start)) {
				String end = this.source.startsWith("<!--/*", start) ? "*/-->" : "-->";
				this.at = after(end, start + 4);
				nodes.add(new Other(start, this.at));
			}
			else if (this.source.startsWith("<!", start)) {
				this.at = after(">", start);
				nodes.add(new Other(start, this.at));
			}
			else if (this.source.startsWith("</", start)) {
				int end = after(">", start);
				String name = this.source.substring(start + 2, end - 1).strip().toLowerCase(Locale.ROOT);
				if (!name.equals(parent)) {
					throw new IllegalArgumentException("</" + name + "> ends <" + parent + "> " + where(start));
				}
				return nodes;
			}
			else if (this.source.charAt(start) == '<') {
				nodes.add(element());
			}
			else {
				int end = this.source.indexOf('<', start);
				this.at = (end < 0) ? this.source.length() : end;
				nodes.add(new Text(start, this.at));
			}
		}
		if (parent != null) {
			throw new IllegalArgumentException("<" + parent + "> never ends");
		}
		return nodes;
	}

	private Element element() {
		int start = this.at;
		int nameEnd = start + 1;
		while (!Character.isWhitespace(this.source.charAt(nameEnd)) && "/>".indexOf(this.source.charAt(nameEnd)) < 0) {
			nameEnd++;
		}
		String name = this.source.substring(start + 1, nameEnd).toLowerCase(Locale.ROOT);
		List<Attribute> attributes = new ArrayList<>();
		int i = nameEnd;
		while (this.source.charAt(i) != '>') {
			char c = this.source.charAt(i);
			if (Character.isWhitespace(c) || c == '/') {
				i++;
				continue;
			}
			int attribute = i;
			while ("=/>".indexOf(this.source.charAt(i)) < 0 && !Character.isWhitespace(this.source.charAt(i))) {
				i++;
			}
			String key = this.source.substring(attribute, i).toLowerCase(Locale.ROOT);
			if (this.source.charAt(i) == '=') {
				char quote = this.source.charAt(i + 1);
				if (quote != '"' && quote != '\'') {
					throw new IllegalArgumentException(key + " has no quotes " + where(i));
				}
				int end = this.source.indexOf(quote, i + 2);
				attributes.add(new Attribute(key, i + 2, end));
				i = end + 1;
			}
			else {
				attributes.add(new Attribute(key, i, i));
			}
		}
		boolean closed = this.source.charAt(i - 1) == '/' || VOID.contains(name);
		int open = i + 1;
		this.at = open;
		List<Node> children = new ArrayList<>();
		int close = open;
		if (!closed) {
			if (name.equals("script") || name.equals("style")) {
				close = this.source.indexOf("</" + name, open);
				this.at = close;
			}
			else {
				children = children(name);
				close = this.at;
			}
			this.at = after(">", close);
		}
		return new Element(start, this.at, name, attributes, children, open, close);
	}

	private int after(String end, int from) {
		int found = this.source.indexOf(end, from);
		if (found < 0) {
			throw new IllegalArgumentException("no " + end + " " + where(from));
		}
		return found + end.length();
	}

	private String where(int offset) {
		return "in line " + (1 + this.source.substring(0, offset).chars().filter((c) -> c == '\n').count());
	}

	// --- Writing

	private void write(List<Node> nodes) {
		List<Node> run = new ArrayList<>();
		for (Node node : nodes) {
			if (node instanceof Element element && !isInline(element)) {
				writeRun(run);
				run.clear();
				write(element);
			}
			else {
				run.add(node);
			}
		}
		writeRun(run);
	}

	private void write(Node node) {
		if (node instanceof Element element) {
			open(element);
			inside(element);
			this.out.append(this.source, element.close(), element.end());
		}
		else {
			this.out.append(this.source, node.start(), node.end());
		}
	}

	private void inside(Element element) {
		if (isOpaque(element) || isReplaced(element)) {
			this.out.append(this.source, element.open(), element.close());
		}
		else {
			write(element.children());
		}
	}

	private void open(Element element) {
		int from = element.start();
		for (Attribute attribute : element.attributes()) {
			this.out.append(this.source, from, attribute.start());
			String value = this.source.substring(attribute.start(), attribute.end());
			if (READ_ATTRIBUTES.contains(attribute.name()) && LETTER.matcher(value).find()) {
				this.out.append(plain(value, Kind.ATTRIBUTE));
			}
			else if (attribute.name().startsWith("th:") && !UNREAD.contains(attribute.name())) {
				boolean isKept = attribute.name().equals("th:with");
				this.out.append(expression(value, attribute.name().equals("th:text"), false, isKept));
			}
			else {
				this.out.append((UNREAD.contains(attribute.name()) && !BOUND.contains(attribute.name()))
						? value.replace("${", KEPT) : value);
			}
			from = attribute.end();
		}
		this.out.append(this.source, from, element.open());
	}

	// Text and inline elements side by side: one unit, if there is text among them.
	private void writeRun(List<Node> run) {
		int first = 0;
		int last = run.size();
		while (first < last && isMargin(run.get(first))) {
			write(run.get(first++));
		}
		while (last > first && isMargin(run.get(last - 1))) {
			last--;
		}
		List<Node> unit = run.subList(first, last);
		if (unit.stream().anyMatch((node) -> node instanceof Text && hasLetters(node))) {
			writeUnit(unit);
		}
		else {
			unit.forEach(this::write);
		}
		for (Node node : run.subList(last, run.size())) {
			write(node);
		}
	}

	private void writeUnit(List<Node> nodes) {
		List<Element> places = new ArrayList<>();
		StringBuilder key = new StringBuilder();
		nodes.forEach((node) -> describe(node, key, places));
		String unit = key.toString().replaceAll("\\s+", " ").strip();
		String other = this.words.find(unit, Kind.TEXT);
		if (other == null || !agree(unit, other)) {
			nodes.forEach(this::writeUnchanged);
			return;
		}
		Text before = (nodes.getFirst() instanceof Text text) ? text : null;
		if (before != null && Character.isWhitespace(this.source.charAt(before.start()))) {
			this.out.append(' ');
		}
		Matcher place = PLACE.matcher(other);
		int from = 0;
		while (place.find()) {
			this.out.append(other, from, place.start());
			Element element = places.get(Integer.parseInt(place.group(2)));
			if (!place.group(1).isEmpty()) {
				this.out.append(this.source, element.close(), element.end());
			}
			else if (isSilent(element)) {
				write(element);
			}
			else {
				open(element);
			}
			from = place.end();
		}
		this.out.append(other, from, other.length());
		if (nodes.getLast() instanceof Text text && Character.isWhitespace(this.source.charAt(text.end() - 1))) {
			this.out.append(' ');
		}
	}

	// The words stay, but attributes may have some of their own.
	private void writeUnchanged(Node node) {
		if (node instanceof Element element && !isSilent(element)) {
			open(element);
			element.children().forEach(this::writeUnchanged);
			this.out.append(this.source, element.close(), element.end());
		}
		else {
			write(node);
		}
	}

	private void describe(Node node, StringBuilder key, List<Element> places) {
		switch (node) {
			case Text text -> key.append(this.source, text.start(), text.end());
			case Other _ -> {
			}
			case Element element -> {
				int number = places.size();
				places.add(element);
				key.append('{').append(number).append('}');
				if (!isSilent(element)) {
					element.children().forEach((child) -> describe(child, key, places));
					key.append("{/").append(number).append('}');
				}
			}
		}
	}

	/** Whether two units have the same places, each once, and well nested. */
	static boolean agree(String one, String other) {
		Set<String> wanted = new HashSet<>();
		PLACE.matcher(one).results().forEach((place) -> wanted.add(place.group()));
		List<String> open = new ArrayList<>();
		Set<String> seen = new HashSet<>();
		Matcher place = PLACE.matcher(other);
		while (place.find()) {
			if (!seen.add(place.group()) || !wanted.contains(place.group())) {
				return false;
			}
			if (!place.group(1).isEmpty()) {
				if (open.isEmpty() || !open.removeLast().equals(place.group(2))) {
					return false;
				}
			}
			else if (wanted.contains("{/" + place.group(2) + "}")) {
				open.add(place.group(2));
			}
		}
		return open.isEmpty() && seen.equals(wanted);
	}

	private boolean isInline(Element element) {
		return INLINE.contains(element.name()) && (isOpaque(element) || element.children()
			.stream()
			.allMatch((child) -> !(child instanceof Element inner) || isInline(inner)));
	}

	private boolean isOpaque(Element element) {
		return OPAQUE.contains(element.name()) || element.attributes()
			.stream()
			.anyMatch((attribute) -> attribute.name().equals("translate")
					&& this.source.startsWith("no", attribute.start()));
	}

	// What stands between its tags is an example; unless it is handed to the fragment.
	private boolean isReplaced(Element element) {
		return element.attributes()
			.stream()
			.anyMatch((attribute) -> REPLACING.contains(attribute.name())
					&& !this.source.substring(attribute.start(), attribute.end()).contains("~{::"));
	}

	// Has no words between its tags that would not be replaced.
	private boolean isSilent(Element element) {
		return isOpaque(element) || isReplaced(element)
				|| element.children().stream().allMatch((child) -> switch (child) {
					case Text text -> !hasLetters(text);
					case Element inner -> isSilent(inner);
					case Other _ -> true;
				});
	}

	// Space, remarks and icons around a unit are no part of it.
	private boolean isMargin(Node node) {
		return switch (node) {
			case Text text -> this.source.substring(text.start(), text.end()).isBlank();
			case Other _ -> true;
			case Element element -> element.name().equals("svg") || (element.name().equals("i") && isSilent(element));
		};
	}

	private boolean hasLetters(Node node) {
		return LETTER.matcher(this.source.substring(node.start(), node.end())).find();
	}

	// --- Expressions

	private String plain(String value, Kind kind) {
		String unit = value.replaceAll("\\s+", " ").strip();
		String other = this.words.find(unit, kind);
		return (other != null) ? other.replace("\"", "&quot;") : value;
	}

	// Literals of Thymeleaf's standard expressions and of those within ${}.
	private String expression(String value, boolean isText, boolean within, boolean isKept) {
		StringBuilder result = new StringBuilder();
		int i = 0;
		while (i < value.length()) {
			char c = value.charAt(i);
			if (c == '\'') {
				int end = literalEnd(value, i);
				String literal = value.substring(i + 1, end - 1);
				boolean said = !isCompared(value, i, end) && !(within && isArgument(value, i));
				result.append('\'').append(said ? literal(literal, isText) : literal).append('\'');
				i = end;
			}
			else if (c == '|' && !within) {
				int end = value.indexOf('|', i + 1);
				result.append('|').append(substitution(value.substring(i + 1, end))).append('|');
				i = end + 1;
			}
			else if (i + 1 < value.length() && value.charAt(i + 1) == '{' && "$*@#~".indexOf(c) >= 0) {
				int end = expressionEnd(value, i + 2);
				String inner = value.substring(i + 2, end - 1);
				result.append((isKept && c == '$') ? KEPT : c + "{");
				result.append((c == '@' || c == '#') ? inner : expression(inner, isText, c != '~', isKept)).append('}');
				i = end;
			}
			else {
				result.append(c);
				i++;
			}
		}
		return result.toString();
	}

	private String literal(String literal, boolean isText) {
		if (!LETTER.matcher(literal).find() || !(isText || SENTENCE.matcher(literal).matches())) {
			return literal;
		}
		String plain = literal.replace("\\'", "'").replace("''", "'");
		String other = this.words.find(plain, Kind.LITERAL);
		return (other != null) ? escaped(other) : literal;
	}

	private String substitution(String text) {
		List<String> places = new ArrayList<>();
		StringBuilder key = new StringBuilder();
		int i = 0;
		while (i < text.length()) {
			char c = text.charAt(i);
			if ((c == '$' || c == '*') && i + 1 < text.length() && text.charAt(i + 1) == '{') {
				int end = expressionEnd(text, i + 2);
				key.append('{').append(places.size()).append('}');
				places.add(c + "{" + expression(text.substring(i + 2, end - 1), true, true, false) + "}");
				i = end;
			}
			else {
				key.append(c);
				i++;
			}
		}
		String unit = key.toString();
		String words = PLACE.matcher(unit).replaceAll("");
		String other = null;
		if (LETTER.matcher(words).find() && SENTENCE.matcher(words.strip().isEmpty() ? "" : words).matches()) {
			String found = this.words.find(unit.strip(), Kind.LITERAL);
			other = (found != null && agree(unit, found)) ? unit.replace(unit.strip(), escaped(found)) : null;
		}
		return PLACE.matcher((other != null) ? other : unit)
			.replaceAll((place) -> Matcher.quoteReplacement(places.get(Integer.parseInt(place.group(2)))));
	}

	// What a bundle says may not end the literal, nor the attribute.
	private static String escaped(String other) {
		return other.replace("\"", "”").replace("'", "’").replace("|", "¦").replace("<", "‹");
	}

	private static int literalEnd(String value, int start) {
		int i = start + 1;
		while (value.charAt(i) != '\'' || (i + 1 < value.length() && value.charAt(i + 1) == '\'')) {
			i += (value.charAt(i) == '\\' || value.charAt(i) == '\'') ? 2 : 1;
		}
		return i + 1;
	}

	private static int expressionEnd(String value, int inside) {
		int depth = 1;
		int i = inside;
		while (depth > 0) {
			char c = value.charAt(i);
			if (c == '\'') {
				i = literalEnd(value, i);
				continue;
			}
			depth += (c == '{') ? 1 : (c == '}') ? -1 : 0;
			i++;
		}
		return i;
	}

	private static boolean isCompared(String value, int start, int end) {
		String before = value.substring(0, start).stripTrailing();
		String after = value.substring(end).stripLeading();
		return before.endsWith("==") || before.endsWith("!=") || after.startsWith("==") || after.startsWith("!=")
				|| before.endsWith("[");
	}

	private static boolean isArgument(String value, int start) {
		String before = value.substring(0, start).stripTrailing();
		return before.endsWith(",") || before.endsWith("{") || (before.endsWith("(") && before.length() > 1
				&& Character.isJavaIdentifierPart(before.charAt(before.length() - 2)));
	}

	/** What stands for a unit. */
	@FunctionalInterface
	interface Dictionary {

		/**
		 * Looks a unit up.
		 * @return null to leave it as it is
		 */
		@Nullable String find(String unit, Kind kind);

	}

	/** Where a unit stands. */
	enum Kind {

		TEXT, ATTRIBUTE, LITERAL

	}

	private sealed interface Node {

		int start();

		int end();

	}

	private record Text(int start, int end) implements Node {
	}

	private record Other(int start, int end) implements Node {
	}

	private record Element(int start, int end, String name, List<Attribute> attributes, List<Node> children, int open,
			int close) implements Node {

	}

	private record Attribute(String name, int start, int end) {
	}

}
