package org.partnertls.audit;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;

/**
 * What to look for in the history; null leaves a field open.
 *
 * @param from the first instant
 * @param to the instant after the last
 * @param who an actor's id, or words of a name or address under which somebody acted
 * @param role a role's words, or a kind of actor
 * @param act a code, or the part before a dot of several
 * @param outcome success, failure or refused
 * @param partner a partner's id
 * @param domain a mail domain as A-label
 * @param subject the id of what it was done to
 * @param request the reference of a request
 * @param words words in the details, each by its beginning
 * @param person whose personal data stands beside the event: somebody's id
 */
record Search(@Nullable Instant from, @Nullable Instant to, @Nullable String who, @Nullable String role,
		@Nullable String act, @Nullable String outcome, @Nullable UUID partner, @Nullable String domain,
		@Nullable String subject, @Nullable String request, @Nullable String words, @Nullable String person) {

	/** The fields as they stand in an address. */
	static final List<String> FIELDS = List.of("last", "from", "to", "who", "role", "act", "outcome", "partner",
			"domain", "subject", "request", "words", "person");

	static final Search EVERYTHING = new Search(null, null, null, null, null, null, null, null, null, null, null, null);

	/** How far back words are looked for unless dates are given. */
	static final Duration REACH = Duration.ofDays(31);

	private static final int LONGEST = 200;

	private static final Map<String, Duration> SPANS = Map.of("24h", Duration.ofHours(24), "7d", Duration.ofDays(7),
			"31d", REACH);

	/**
	 * Reads a search from an address.
	 * @param query the parameters; what is blank is left open
	 * @param zone in which dates are meant
	 */
	static Read read(Map<String, String> query, ZoneId zone, Instant now) {
		List<String> problems = new ArrayList<>();
		String last = text(query, "last");
		Instant from = time(query, "from", 0, zone, problems);
		if (last != null && from == null) {
			if (SPANS.containsKey(last)) {
				from = now.minus(SPANS.get(last));
			}
			else {
				problems.add("A span is one of 24h, 7d and 31d.");
			}
		}
		Instant to = time(query, "to", 1, zone, problems);
		String words = text(query, "words");
		if (words != null && words.codePoints().noneMatch(Character::isLetterOrDigit)) {
			problems.add("Words are made of letters and digits.");
			words = null;
		}
		if (words != null && from == null) {
			from = ((to != null) ? to : now).minus(REACH);
		}
		return new Read(new Search(from, to, text(query, "who"), text(query, "role"), text(query, "act"),
				outcome(query, problems), id(query, problems), domain(query), text(query, "subject"),
				text(query, "request"), words, text(query, "person")), problems);
	}

	private static @Nullable String text(Map<String, String> query, String field) {
		String text = query.get(field);
		if (text == null || text.isBlank()) {
			return null;
		}
		// PostgreSQL has no place for NUL.
		String clean = text.replace("\0", "").strip();
		return clean.substring(0, Math.min(clean.length(), LONGEST));
	}

	private static @Nullable Instant time(Map<String, String> query, String field, int plusDays, ZoneId zone,
			List<String> problems) {
		String text = text(query, field);
		if (text == null) {
			return null;
		}
		try {
			return text.contains("T") ? LocalDateTime.parse(text).atZone(zone).toInstant()
					: LocalDate.parse(text).plusDays(plusDays).atStartOfDay(zone).toInstant();
		}
		catch (DateTimeException ex) {
			problems.add("Dates are written like 2026-11-23 or 2026-11-23T14:30.");
			return null;
		}
	}

	private static @Nullable String outcome(Map<String, String> query, List<String> problems) {
		String outcome = text(query, "outcome");
		if (outcome == null || List.of("success", "failure", "refused", "trouble").contains(outcome)) {
			return outcome;
		}
		problems.add("An outcome is success, failure, refused or trouble.");
		return null;
	}

	static boolean isId(String text) {
		return text.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
	}

	private static @Nullable UUID id(Map<String, String> query, List<String> problems) {
		String text = text(query, "partner");
		if (text != null && !isId(text)) {
			problems.add("A partner is given by the id that stands in the address of its page.");
			return null;
		}
		return (text != null) ? UUID.fromString(text) : null;
	}

	private static @Nullable String domain(Map<String, String> query) {
		String text = text(query, "domain");
		try {
			return (text != null) ? DomainName.of(text).ascii() : null;
		}
		catch (IllegalArgumentException ex) {
			return text;
		}
	}

	/** The same about one partner only. */
	Search with(UUID about) {
		return new Search(this.from, this.to, this.who, this.role, this.act, this.outcome, about, this.domain,
				this.subject, this.request, this.words, this.person);
	}

	/** The fields that are filled, as they stand in an address. */
	static Map<String, String> filled(Map<String, String> query) {
		Map<String, String> filled = new LinkedHashMap<>();
		for (String field : FIELDS) {
			String text = text(query, field);
			if (text != null) {
				filled.put(field, text);
			}
		}
		return filled;
	}

	/**
	 * A search that was read.
	 *
	 * @param search what could be read
	 * @param problems what could not, in sentences
	 */
	record Read(Search search, List<String> problems) {
	}

}
