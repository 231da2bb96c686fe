package org.partnertls.mail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Said;
import org.partnertls.organization.Words;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.EncodedResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.stereotype.Component;

/**
 * The letters that there are: what each is, its text in each language, and how it reads
 * with its values. A text is plain, with places in braces: its first line is the subject.
 * Nothing in it is ever run, so that an administrator may put it into other words.
 */
@Component
class Letters {

	static final List<Locale> LANGUAGES = Words.LANGUAGES;

	private static final Pattern PLACE = Pattern.compile("\\{([A-Za-z]+)}");

	/**
	 * Without these nobody finds the way, or knows what happens or whether it is real.
	 */
	private static final Set<String> KEPT = Set.of("page", "check", "reference", "code", "checkpoint", "words", "until",
			"minutes", "ourPhone");

	/** Whoever it is about, these can stand in any letter. */
	private static final Set<String> OURS = Set.of("ourName", "ourAddress", "ourPhone", "ourDomain", "privacy");

	/** What stands in these was written by the portal, in English. */
	private static final Set<String> SAID = Set.of("about", "asked", "how", "purpose", "role", "since", "until",
			"words");

	private static final Map<Locale, Properties> TITLES = Map.of(Locale.ENGLISH, titles(""), Locale.GERMAN,
			titles("_de"));

	private final Map<String, Text> own = new ConcurrentHashMap<>();

	private final Wordings wordings;

	private final OrganizationProperties organization;

	Letters(Wordings wordings, OrganizationProperties organization) {
		this.wordings = wordings;
		this.organization = organization;
	}

	/** The names of all letters, those to partners first. */
	List<String> names() {
		return titles(Locale.ENGLISH).stringPropertyNames()
			.stream()
			.filter((key) -> key.endsWith(".title"))
			.map((key) -> key.substring(0, key.length() - ".title".length()))
			.sorted((a, b) -> {
				int byAudience = Audience.of(a).compareTo(Audience.of(b));
				return (byAudience != 0) ? byAudience : a.compareTo(b);
			})
			.toList();
	}

	boolean exists(String name) {
		return titles(Locale.ENGLISH).containsKey(name + ".title");
	}

	/** What a letter is, in words. */
	static String title(String name, Locale language) {
		String english = titles(Locale.ENGLISH).getProperty(name + ".title", name);
		return titles(language).getProperty(name + ".title", Words.in(language, english));
	}

	/** The portal's own text. */
	Text own(String name, Locale language) {
		return this.own.computeIfAbsent(name + "_" + language, (key) -> read(name, language));
	}

	/** The text that is in force: our own wording, or else the portal's. */
	Text current(String name, Locale language) {
		return this.wordings.current(name, language)
			.map(Wordings.Wording::text)
			.map(Text::of)
			.orElseGet(() -> own(name, language));
	}

	/** The places that can stand in a letter. */
	Set<String> places(String name) {
		Set<String> places = new TreeSet<>(OURS);
		places.addAll(own(name, Locale.ENGLISH).places());
		return places;
	}

	/** The places that may not be left out. */
	Set<String> kept(String name) {
		Set<String> kept = new TreeSet<>(own(name, Locale.ENGLISH).places());
		kept.retainAll(KEPT);
		return kept;
	}

	/** The letter as it will be read. */
	Rendered render(Letter letter, Locale language) {
		return render(letter, current(letter.template(), language), language);
	}

	/** The same with a text that is not in force. */
	Rendered render(Letter letter, Text text, Locale language) {
		Map<String, String> values = new HashMap<>(letter.model());
		translate(values, language);
		values.put("to", letter.to().toString());
		values.put("ourName", this.organization.name());
		values.put("ourAddress", this.organization.supportAddress().toString());
		values.put("ourPhone", this.organization.supportPhone());
		values.put("ourDomain", this.organization.primaryDomain().toString());
		values.put("privacy", this.organization.link("/programme/privacy"));
		// Whatever a partner typed may stand in a subject: it must not start a new
		// header.
		String subject = fill(text.subject(), values).replaceAll("[\\p{Cntrl}\\p{Zl}\\p{Zp}]", " ").strip();
		String body = fill(text.body(), values).strip() + "\n";
		String action = titles(language).getProperty(letter.template() + ".action");
		return new Rendered(subject, body,
				new LetterHtml(this.organization.link("/"), values.get("page"), action, language).of(subject, body));
	}

	/** What the portal itself has said is said in the reader's language. */
	private static void translate(Map<String, String> values, Locale language) {
		SAID.forEach((place) -> values.computeIfPresent(place, (key, value) -> Said.in(language, value)));
	}

	/** Puts values into places, once: what stands in a value is no place. */
	private static String fill(String text, Map<String, String> values) {
		return PLACE.matcher(text)
			.replaceAll((place) -> Matcher.quoteReplacement(values.getOrDefault(place.group(1), "")));
	}

	/** A letter of a kind with values that show how it reads. */
	Letter example(String name, Locale language) {
		Map<String, String> values = new TreeMap<>();
		places(name).forEach((place) -> values.put(place, switch (place) {
			case "page", "signIn", "programme", "check" -> this.organization.link("/programme");
			default -> titles(language).getProperty("example." + place,
					titles(Locale.ENGLISH).getProperty("example." + place, place));
		}));
		return new Letter(this.organization.supportAddress(), name, Map.copyOf(values), null);
	}

	private static Text read(String name, Locale language) {
		String file = "templates/mail/" + name + (language.equals(Locale.GERMAN) ? "_de" : "") + ".txt";
		try {
			return Text.of(new ClassPathResource(file).getContentAsString(StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("there is no letter " + file, ex);
		}
	}

	private static Properties titles(Locale language) {
		return TITLES.getOrDefault(language, new Properties());
	}

	private static Properties titles(String suffix) {
		try {
			return PropertiesLoaderUtils.loadProperties(new EncodedResource(
					new ClassPathResource("letters" + suffix + ".properties"), StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What is wrong with an own wording.
	 * @return sentences; none when nothing is
	 */
	List<String> problems(String name, Text text) {
		List<String> problems = new ArrayList<>();
		Set<String> used = text.places();
		Set<String> known = places(name);
		used.stream()
			.filter((place) -> !known.contains(place))
			.forEach((place) -> problems.add("This letter has no {" + place + "}. It has "
					+ known.stream().map((one) -> "{" + one + "}").collect(Collectors.joining(", ")) + "."));
		kept(name).stream()
			.filter((place) -> !used.contains(place))
			.forEach((place) -> problems.add("{" + place + "} has to stay: " + switch (place) {
				case "page", "check" -> "without the link nobody finds the way.";
				case "ourPhone" -> "whoever doubts the letter has to know whom to phone.";
				case "code", "checkpoint", "words" -> "it is what the letter is about.";
				default -> "whoever reads the letter needs it.";
			}));
		String bare = PLACE.matcher(text.subject() + text.body()).replaceAll("");
		if (bare.contains("{") || bare.contains("}")) {
			problems.add("Braces stand around the name of a place only, such as {ourName}.");
		}
		return problems;
	}

	/**
	 * A text with places.
	 */
	record Text(String subject, String body) {

		static Text of(String whole) {
			String text = whole.replace("\r\n", "\n");
			int end = text.indexOf('\n');
			return (end < 0) ? new Text(text.strip(), "")
					: new Text(text.substring(0, end).strip(), text.substring(end + 1).strip() + "\n");
		}

		String whole() {
			return this.subject + "\n" + this.body;
		}

		Set<String> places() {
			return PLACE.matcher(whole())
				.results()
				.map((place) -> place.group(1))
				.collect(Collectors.toCollection(TreeSet::new));
		}

	}

	/** A letter as it will be read. */
	record Rendered(String subject, String text, String html) {
	}

	/** To whom a letter goes. */
	enum Audience {

		PARTNERS("To partners"), OWNERS("To the colleagues who answer for partners"),
		ADMINISTRATORS("To administrators"), COMPLIANCE("To compliance");

		private final String words;

		Audience(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

		static Audience of(String name) {
			return Stream.of("owner-", "exception-").anyMatch(name::startsWith) ? OWNERS
					: Stream.of("administrators-", "alarm-").anyMatch(name::startsWith) ? ADMINISTRATORS
							: name.startsWith("compliance-") ? COMPLIANCE : PARTNERS;
		}

	}

}
