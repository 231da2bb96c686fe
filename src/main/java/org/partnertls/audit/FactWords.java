package org.partnertls.audit;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import org.partnertls.organization.Said;

/**
 * Says in words what stands in events as names, constants and instants.
 */
final class FactWords {

	/** What facts are called; the others are for programs, or said by the act itself. */
	private static final Map<String, String> NAMES = Map.ofEntries(Map.entry("by", "by"), Map.entry("of", "about"),
			Map.entry("how", "how"), Map.entry("kind", "what"), Map.entry("why", "why"),
			Map.entry("because", "because"), Map.entry("proof-at", "proven"), Map.entry("until", "until"),
			Map.entry("since", "since"), Map.entry("expires", "good until"), Map.entry("state", "state"),
			Map.entry("role", "role"), Map.entry("answer", "answered"), Map.entry("task", "task"),
			Map.entry("source", "seen in"), Map.entry("cause", "cause"), Map.entry("outbound", "mail to them"),
			Map.entry("inbound", "mail from them"), Map.entry("tls-domain", "name in the certificate"),
			Map.entry("due", "due"), Map.entry("next-due-at", "next due"), Map.entry("platform", "platform"),
			Map.entry("due-at", "due"));

	/** What constants say; of others only the event's own page speaks. */
	private static final Map<String, String> VALUES = Map.ofEntries(Map.entry("CONTACT", "the contact"),
			Map.entry("COLLEAGUE", "a colleague"), Map.entry("STAFF", "one of us"), Map.entry("PARTNER", "the partner"),
			Map.entry("OUTBOUND", "mail to them"), Map.entry("INBOUND", "mail from them"),
			Map.entry("MAILBOX", "the test mailbox"), Map.entry("true", "yes"), Map.entry("false", "no"),
			Map.entry("INVITED", "invited"), Map.entry("ONBOARDING", "onboarding"), Map.entry("ACTIVE", "active"),
			Map.entry("SUSPENDED", "suspended"), Map.entry("ENDED", "ended"), Map.entry("EXPIRED", "expired"),
			Map.entry("WITHDRAWN", "withdrawn"), Map.entry("OPEN", "open"), Map.entry("SUBMITTED", "submitted"),
			Map.entry("APPROVED", "approved"), Map.entry("RETURNED", "returned"), Map.entry("REJECTED", "rejected"));

	private static final Pattern CONSTANT = Pattern.compile("[A-Z]+(?:_[A-Z]+)*");

	private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{40,}");

	private static final DateTimeFormatter AT = DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm zzz");

	private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM uuuu");

	private FactWords() {
	}

	static String line(History.Row row, ZoneId zone) {
		List<String> line = new ArrayList<>();
		row.changed().forEach((change) -> {
			String name = NAMES.get(change.field());
			String before = change.before().equals("nothing") ? "" : value(change.before(), zone);
			String after = value(change.after(), zone);
			if (name != null && !after.isEmpty() && !change.after().equals("nothing")) {
				line.add(said(name) + ": " + (before.isEmpty() ? "" : before + " → ") + after);
			}
		});
		row.facts().forEach((fact, value) -> {
			String name = NAMES.get(fact);
			String words = value(value, zone);
			if (name != null && !words.isEmpty()) {
				line.add(said(name) + ": " + words);
			}
		});
		String recipient = row.beside().get("recipient");
		if (recipient != null) {
			line.add(said("to") + " " + recipient);
		}
		String said = row.beside().get("said");
		if (said != null) {
			line.add(said("their server said") + " “" + said + "”");
		}
		String reason = row.beside().get("reason");
		if (reason != null) {
			line.add("“" + reason + "”");
		}
		return String.join(" · ", line);
	}

	private static Locale formats() {
		return org.partnertls.organization.Words.formats(org.partnertls.organization.Words.language());
	}

	private static String said(String english) {
		return org.partnertls.organization.Words.of(english);
	}

	/** In words; empty for what only programs read. */
	private static String value(String value, ZoneId zone) {
		if (ID.matcher(value).matches()) {
			return "";
		}
		String words = VALUES.get(value);
		if (words != null) {
			return said(words);
		}
		if (CONSTANT.matcher(value).matches()) {
			return "";
		}
		try {
			if (value.length() >= 20 && value.charAt(10) == 'T') {
				return AT.withLocale(formats()).format(Instant.parse(value).atZone(zone));
			}
			if (value.length() == 10 && value.charAt(4) == '-') {
				return DAY.withLocale(formats()).format(LocalDate.parse(value));
			}
		}
		catch (DateTimeException ex) {
			// Then it only looks like a time.
			return value;
		}
		return Said.in(org.partnertls.organization.Words.language(), value);
	}

}
