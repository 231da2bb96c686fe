package org.partnertls.tlscheck;

import java.util.List;
import java.util.Set;

/**
 * One thing that a check found.
 *
 * @param rule by which rule
 * @param code stable; an IANA STARTTLS validation result type (RFC 8460 section 4.3)
 * where one fits
 * @param severity how bad it is
 * @param fact what was seen, as it was seen; empty where the sentence says it all
 * @param sentence what was found, in plain words
 * @param remedy what to do about it; empty where nothing is to be done
 * @param hosts the servers it was found at; empty when it is about the domain
 * @param stops the levels of enforcement that it stands in the way of
 */
public record Finding(Rule rule, String code, Severity severity, String fact, String sentence, String remedy,
		List<String> hosts, Set<Level> stops) {

	public Finding {
		if (!rule.codes().contains(code)) {
			throw new IllegalArgumentException("Rule " + rule + " knows no code " + code);
		}
		hosts = List.copyOf(hosts);
		stops = Set.copyOf(stops);
	}

	/**
	 * How bad a finding is, the worst first.
	 */
	public enum Severity {

		/** Mail would bounce, or could be read on its way. */
		FAIL("Problem", "bad", "x-circle-fill"),
		/** It could not be checked; nothing is held against the partner. */
		INCONCLUSIVE("Not clear", "wait", "question-circle-fill"),
		/** It works, but should be better or will stop working. */
		WARN("Warning", "wait", "exclamation-triangle-fill"),
		/** As it should be. */
		PASS("Good", "good", "check-circle-fill"),
		/** There is nothing of that kind to judge. */
		NOT_APPLICABLE("Does not apply", "idle", "dash-circle");

		private final String words;

		private final String tone;

		private final String icon;

		Severity(String words, String tone, String icon) {
			this.words = words;
			this.tone = tone;
			this.icon = icon;
		}

		/** For people. */
		public String words() {
			return this.words;
		}

		/** The tone of a page that goes with it. */
		public String tone() {
			return this.tone;
		}

		/** The icon of a page that goes with it. */
		public String icon() {
			return this.icon;
		}

	}

}
