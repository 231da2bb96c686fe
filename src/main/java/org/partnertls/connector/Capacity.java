package org.partnertls.connector;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How many connectors a tenant holds. Microsoft publishes no number; those of the
 * settings have been reported by others.
 *
 * @param outbound the most outbound connectors
 * @param inbound the most inbound ones
 */
record Capacity(int outbound, int inbound) {

	private static final int FULL_PERCENT = 95;

	int limit(Direction direction) {
		return (direction == Direction.OUTBOUND) ? this.outbound : this.inbound;
	}

	/** Whether another connector would leave too little room. */
	boolean isFull(Direction direction, int count) {
		return (count + 1) * 100L > (long) limit(direction) * FULL_PERCENT;
	}

	/** Why a plan must not create what it would, a sentence for each direction. */
	List<String> objections(Plan plan, Tenant tenant) {
		List<String> sentences = new ArrayList<>();
		for (Plan.Action action : plan.actions()) {
			int count = tenant.of(action.direction()).size();
			if (action.kind() == Plan.Action.Kind.CREATE && isFull(action.direction(), count)) {
				String words = action.direction().words().toLowerCase(Locale.ROOT);
				sentences.add("The tenant has " + count + " " + words + " connectors of at most "
						+ limit(action.direction()) + ", and the portal stops at " + FULL_PERCENT
						+ " %. Remove connectors that nobody needs, or set portal.connector." + words
						+ "-limit to what Microsoft has told you.");
			}
		}
		return sentences;
	}

}
