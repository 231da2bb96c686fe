package org.partnertls.connector;

import org.partnertls.organization.DomainName;

/**
 * How connectors are named.
 *
 * @param outbound a template with {@code {domain}}
 * @param inbound the same for the other direction
 */
record Names(String outbound, String inbound) {

	private static final int LONGEST = 64;

	private static final int MARK = 6;

	/**
	 * The name for a partner: the first of its domains stands for it. A name that is too
	 * long is cut and ends in a mark of the whole, so that two long names differ.
	 */
	String of(Direction direction, Wanted wanted) {
		DomainName first = wanted.domains().first();
		String template = (direction == Direction.OUTBOUND) ? this.outbound : this.inbound;
		String name = template.replace("{domain}", first.ascii()).replaceAll("[^A-Za-z0-9 ._()-]", "-").strip();
		if (name.length() <= LONGEST) {
			return name;
		}
		return name.substring(0, LONGEST - MARK - 1) + "-" + Json.sha256(name).substring(0, MARK);
	}

}
