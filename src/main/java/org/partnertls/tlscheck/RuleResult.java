package org.partnertls.tlscheck;

import java.util.Comparator;
import java.util.List;

import org.partnertls.tlscheck.Finding.Severity;

/**
 * What one rule came to.
 *
 * @param rule which
 * @param severity of the worst finding; where there is none, good news if the report
 * holds what the rule is about
 * @param findings by this rule, the worst first
 */
public record RuleResult(Rule rule, Severity severity, List<Finding> findings) {

	public RuleResult {
		findings = List.copyOf(findings);
	}

	static RuleResult of(Rule rule, Report report, List<Finding> all) {
		List<Finding> own = all.stream()
			.filter((finding) -> finding.rule() == rule)
			.sorted(Comparator.comparing(Finding::severity))
			.toList();
		Severity silent = rule.appliesTo(report) ? Severity.PASS : Severity.NOT_APPLICABLE;
		return new RuleResult(rule, own.isEmpty() ? silent : own.getFirst().severity(), own);
	}

}
