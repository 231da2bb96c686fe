package org.partnertls.connector;

import java.time.Instant;
import java.util.List;

/**
 * What came of planning.
 */
public sealed interface PlanResult {

	/**
	 * A plan.
	 *
	 * @param plan against the tenant as it is, or against an empty one in script mode
	 * @param at when the tenant was read
	 * @param script PowerShell lines to run by hand; empty unless in script mode
	 */
	record Planned(Plan plan, Instant at, List<String> script) implements PlanResult {
	}

	/**
	 * The tenant cannot be read now.
	 *
	 * @param sentence for an administrator, saying what to do
	 */
	record Unavailable(String sentence) implements PlanResult {
	}

	/**
	 * What is wanted cannot be.
	 *
	 * @param sentences at least one, for people
	 */
	record Unsuitable(List<String> sentences) implements PlanResult {
	}

}
