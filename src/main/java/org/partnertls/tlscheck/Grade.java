package org.partnertls.tlscheck;

import java.util.List;

import org.partnertls.tlscheck.Finding.Severity;

/**
 * How well a domain's servers follow today's advice, kept apart from what a connector may
 * demand: a domain can be fit for forced TLS and still be out of date.
 */
public enum Grade {

	/** Nothing to better, and protected by DANE or MTA-STS. */
	EXEMPLARY("Exemplary", "good"),
	/** Nothing to better. */
	GOOD("Good", "good"),
	/** Some things should be better. */
	FAIR("Could be better", "wait"),
	/** Something is wrong. */
	POOR("Poor", "bad"),
	/** Too little was seen. */
	UNKNOWN("Cannot be said", "wait");

	private final String words;

	private final String tone;

	Grade(String words, String tone) {
		this.words = words;
		this.tone = tone;
	}

	/** For people. */
	public String words() {
		return this.words;
	}

	/** The tone of a page that goes with it. */
	public String tone() {
		return this.tone;
	}

	static Grade of(List<RuleResult> rules, boolean seen, boolean published) {
		if (has(rules, Severity.FAIL)) {
			return POOR;
		}
		if (!seen || has(rules, Severity.INCONCLUSIVE)) {
			return UNKNOWN;
		}
		if (has(rules, Severity.WARN)) {
			return FAIR;
		}
		return published ? EXEMPLARY : GOOD;
	}

	private static boolean has(List<RuleResult> rules, Severity severity) {
		return rules.stream().anyMatch((rule) -> rule.severity() == severity);
	}

}
