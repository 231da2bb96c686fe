package org.partnertls.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.partnertls.organization.Bundles;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.EncodedResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * All that templates say, and all that Java marks as words, has a German entry; no entry
 * is left over; and each has the places of its English. What is missing is printed as XML
 * for the bundle.
 */
class GermanTests {

	/** Literals that look like words and are read by programs. */
	private static final Set<String> NO_WORDS = Set.of("4xx", "5xx", "light dark", "every 1s", "every 2s", "every 5s",
			"file-hint file-error", "about-hint about-error");

	private static final String LITERAL = "\"(?:[^\"\\\\]|\\\\.)*\"";

	private static final Pattern LITERALS = Pattern.compile(LITERAL + "(?:\\s*\\+\\s*" + LITERAL + ")*");

	private static final Pattern MARKED = Pattern
		.compile("(?:\\bWords\\.(?:of|unit|date)\\(|\\bmessage = )\\s*(" + LITERALS.pattern() + ")");

	@Test
	void everyUnitOfEveryTemplateHasAnEntry() {
		Map<String, Set<String>> missing = new TreeMap<>();
		Set<String> anywhere = all();
		unitsByArea().forEach((area, units) -> units.forEach((unit) -> {
			if (!anywhere.contains(unit)) {
				missing.computeIfAbsent(area, (key) -> new LinkedHashSet<>()).add(unit);
			}
		}));

		assertThat(missing).as(() -> xml(missing)).isEmpty();
	}

	@Test
	void everySentenceThatJavaMarksHasAnEntry() {
		Map<String, Set<String>> missing = new TreeMap<>();
		Set<String> anywhere = all();
		sources().forEach((file, source) -> MARKED.matcher(source).results().forEach((marked) -> {
			String unit = joined(marked.group(1));
			if (isSentence(unit) && !anywhere.contains(unit)) {
				missing.computeIfAbsent("java-" + file.getParent().getFileName(), (key) -> new LinkedHashSet<>())
					.add(unit);
			}
		}));

		assertThat(missing).as(() -> xml(missing)).isEmpty();
	}

	@Test
	void everyActOfTheHistoryHasAnEntryAndNoOtherIsThere() {
		assertThat(entries("java-audit.codes")).containsExactlyInAnyOrderElementsOf(
				Stream.concat(values("audit-codes.properties"), Stream.of("Did not work: {0}", "Refused: {0}"))
					.collect(Collectors.toSet()));
	}

	@Test
	void everyTitleOfAJobHasAnEntryAndNoOtherIsThere() {
		assertThat(entries("java-web.jobs"))
			.containsExactlyInAnyOrderElementsOf(values("job-titles.properties").collect(Collectors.toSet()));
	}

	@Test
	void noEntryOfATemplateIsLeftOver() {
		Map<String, Set<String>> used = unitsByArea();
		Set<String> everywhere = used.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
		List<String> stale = new ArrayList<>();
		Bundles.german().forEach((area, entries) -> {
			if (!area.startsWith("java-")) {
				Set<String> own = area.equals("common") ? everywhere : used.getOrDefault(area, Set.of());
				entries.keySet()
					.stream()
					.filter((unit) -> !own.contains(unit))
					.map((unit) -> area + ": " + unit)
					.forEach(stale::add);
			}
		});

		assertThat(stale).as("entries that no template uses").isEmpty();
	}

	@Test
	void everyEntryHasThePlacesOfItsEnglish() {
		List<String> wrong = new ArrayList<>();
		Bundles.german().forEach((area, entries) -> entries.forEach((english, german) -> {
			boolean agree = area.startsWith("java-") ? places(english).equals(places(german))
					: Units.agree(english, german);
			if (!agree) {
				wrong.add(area + ": " + english + " → " + german);
			}
		}));

		assertThat(wrong).isEmpty();
	}

	@Test
	void noEntryIsWrittenInEnglishOrLeftEmpty() {
		List<String> wrong = new ArrayList<>();
		Bundles.german().forEach((area, entries) -> entries.forEach((english, german) -> {
			if (german.isBlank()
					|| (english.equals(german) && english.matches(".*\\b(the|and|of|is|are|was|not|for)\\b.*"))) {
				wrong.add(area + ": " + english);
			}
		}));

		assertThat(wrong).isEmpty();
	}

	private static Set<String> all() {
		return Bundles.german().values().stream().flatMap((area) -> area.keySet().stream()).collect(Collectors.toSet());
	}

	private static Set<String> entries(String file) {
		Properties entries = new Properties();
		try (InputStream in = new ClassPathResource("messages/" + file + "_de.xml").getInputStream()) {
			entries.loadFromXML(in);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return entries.stringPropertyNames();
	}

	private static Stream<String> values(String file) {
		try {
			Properties lines = PropertiesLoaderUtils
				.loadProperties(new EncodedResource(new ClassPathResource(file), StandardCharsets.UTF_8));
			return lines.stringPropertyNames().stream().map(lines::getProperty);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Set<String> places(String text) {
		return Pattern.compile("\\{/?\\d+}")
			.matcher(text)
			.results()
			.map(MatchResult::group)
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static Map<String, Set<String>> unitsByArea() {
		Path root = Path.of("src/main/resources/templates");
		Map<String, Set<String>> units = new TreeMap<>();
		files(root, ".html").forEach((file, source) -> Units.translate(source, (unit, kind) -> {
			if (!NO_WORDS.contains(unit)) {
				units
					.computeIfAbsent(PageLanguages.area(root.relativize(file).toString().replaceFirst("\\.html$", "")),
							(key) -> new LinkedHashSet<>())
					.add(unit);
			}
			return null;
		}));
		return units;
	}

	private static Map<Path, String> sources() {
		Map<Path, String> sources = new LinkedHashMap<>();
		files(Path.of("src/main/java/org/partnertls"), ".java").forEach((file, source) -> {
			// The history has words of another kind.
			if (source.contains("import org.partnertls.organization.Words;") || source.contains("message = ")) {
				sources.put(file, source);
			}
		});
		return sources;
	}

	private static Map<Path, String> files(Path root, String suffix) {
		Map<Path, String> found = new TreeMap<>();
		try (Stream<Path> files = Files.walk(root)) {
			for (Path file : files.filter((one) -> one.toString().endsWith(suffix)).toList()) {
				found.put(file, Files.readString(file));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return found;
	}

	private static boolean isSentence(String unit) {
		return unit.matches("(?s)\\p{L}.* .*\\p{L}.*") || unit.matches("\\p{Lu}\\p{Ll}+");
	}

	private static String joined(String literals) {
		StringBuilder joined = new StringBuilder();
		Matcher literal = Pattern.compile(LITERAL).matcher(literals);
		while (literal.find()) {
			joined.append(literal.group(), 1, literal.group().length() - 1);
		}
		return joined.toString().translateEscapes();
	}

	private static String xml(Map<String, Set<String>> missing) {
		StringBuilder xml = new StringBuilder();
		missing.forEach((area, units) -> {
			xml.append("\nmessages/").append(area).append("_de.xml\n");
			units.forEach((unit) -> xml.append("<entry key=\"")
				.append(unit.replace("&", "&amp;")
					.replace("\"", "&quot;")
					.replace("<", "&lt;")
					.replace(">", "&gt;")
					.replace("\n", "&#10;"))
				.append("\"></entry>\n"));
		});
		return xml.toString();
	}

}
