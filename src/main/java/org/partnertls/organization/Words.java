package org.partnertls.organization;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.context.i18n.LocaleContext;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.context.i18n.TimeZoneAwareLocaleContext;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * What people read, in their language. The English sentence is the key; what has no entry
 * in a bundle stays English. Bundles are XML properties
 * {@code messages/AREA_LANGUAGE.xml}; an area is a folder of templates, or
 * {@code java-PACKAGE}; {@code AREA.MORE_LANGUAGE.xml} is one more file of it.
 * <p>
 * Only what a page shows at once goes through here: what is stored, logged or put into
 * the history stays English, as does everything that is said outside a request.
 */
public final class Words {

	/** The languages in which everything is there. */
	public static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, Locale.GERMAN);

	// A language that nobody speaks: it shows what cannot be translated.
	static final Locale PSEUDO = Locale.forLanguageTag("qps");

	private static final Pattern PLACE = Pattern.compile("\\{(\\d+)}");

	private static final Map<String, Map<String, String>> GERMAN = read("_de.xml");

	// What any area says, for an area that does not say it itself: Java's own first.
	private static final Map<String, String> ANY_GERMAN = any(GERMAN);

	private static volatile @Nullable UnaryOperator<String> pseudo;

	private Words() {
	}

	/**
	 * A sentence in the reader's language.
	 * @param english the sentence, a literal, with {@code {0}}, {@code {1}} … for values
	 * @param values put in as they are
	 */
	public static String of(String english, @Nullable Object... values) {
		return in(language(), english, values);
	}

	/** The same for a reader who is not the one of the request. */
	public static String in(Locale language, String english, @Nullable Object... values) {
		String found = lookUp(language, "", english);
		return fill((found != null) ? found : english, values);
	}

	/**
	 * The reader's language: one of {@link #LANGUAGES}, English outside a request.
	 */
	public static Locale language() {
		LocaleContext context = LocaleContextHolder.getLocaleContext();
		Locale locale = (context != null) ? context.getLocale() : null;
		return (locale != null) ? known(locale) : Locale.ENGLISH;
	}

	/** The language among ours that is closest to a locale: English if none is. */
	public static Locale known(Locale locale) {
		if (pseudo != null && locale.getLanguage().equals(PSEUDO.getLanguage())) {
			return PSEUDO;
		}
		return LANGUAGES.stream()
			.filter((ours) -> ours.getLanguage().equals(locale.getLanguage()))
			.findFirst()
			.orElse(Locale.ENGLISH);
	}

	/**
	 * How dates and numbers are written for readers of a language.
	 */
	public static Locale formats(Locale language) {
		if (language.equals(PSEUDO)) {
			return PSEUDO;
		}
		return language.getLanguage().equals(Locale.GERMAN.getLanguage()) ? Locale.GERMANY : Locale.UK;
	}

	/** The zone in which the reader reads times, if they have chosen one. */
	public static ZoneId zone(ZoneId otherwise) {
		TimeZone chosen = (LocaleContextHolder.getLocaleContext() instanceof TimeZoneAwareLocaleContext context)
				? context.getTimeZone() : null;
		return (chosen != null) ? chosen.toZoneId() : otherwise;
	}

	/**
	 * What stands for a unit in a language.
	 * @param area whose words come first; empty: Java's
	 * @return null where it stays as it is
	 */
	public static @Nullable String lookUp(Locale language, String area, String english) {
		UnaryOperator<String> accents = pseudo;
		if (accents != null && language.getLanguage().equals(PSEUDO.getLanguage())) {
			return accents.apply(english);
		}
		if (!language.getLanguage().equals(Locale.GERMAN.getLanguage())) {
			return null;
		}
		String own = GERMAN.getOrDefault(area, Map.of()).get(english);
		return (own != null) ? own : ANY_GERMAN.get(english);
	}

	/** The German bundles: by area, the German of each English unit. */
	static Map<String, Map<String, String>> german() {
		return GERMAN;
	}

	/**
	 * Has one more language spoken, in tests, which is made of the English.
	 * @param accents null for no longer
	 */
	static void pretend(@Nullable UnaryOperator<String> accents) {
		pseudo = accents;
	}

	private static String fill(String sentence, @Nullable Object... values) {
		if (values.length == 0) {
			return sentence;
		}
		return PLACE.matcher(sentence).replaceAll((place) -> {
			int number = Integer.parseInt(place.group(1));
			return Matcher
				.quoteReplacement((number < values.length) ? Objects.toString(values[number], "") : place.group());
		});
	}

	private static Map<String, String> any(Map<String, Map<String, String>> areas) {
		Map<String, String> any = new HashMap<>();
		areas.forEach((area, units) -> {
			if (area.startsWith("java-")) {
				units.forEach(any::putIfAbsent);
			}
		});
		areas.getOrDefault("common", Map.of()).forEach(any::putIfAbsent);
		areas.values().forEach((units) -> units.forEach(any::putIfAbsent));
		return Map.copyOf(any);
	}

	// A file of an area has a name after a dot, if there are several.
	private static Map<String, Map<String, String>> read(String suffix) {
		Map<String, Map<String, String>> areas = new TreeMap<>();
		try {
			for (Resource resource : new PathMatchingResourcePatternResolver()
				.getResources("classpath*:messages/*" + suffix)) {
				String name = Objects.requireNonNull(resource.getFilename());
				String area = name.substring(0, name.length() - suffix.length()).replaceFirst("\\..*", "");
				Properties entries = new Properties();
				try (InputStream in = resource.getInputStream()) {
					entries.loadFromXML(in);
				}
				Map<String, String> units = areas.computeIfAbsent(area, (key) -> new HashMap<>());
				entries.forEach((english, german) -> units.put((String) english, (String) german));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The bundles of words cannot be read", ex);
		}
		return areas;
	}

}
