package org.partnertls.connector;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Hand-made connectors of the tenant for the same domains, which a partner could be made
 * of.
 *
 * @param domains the domains of both, lower-case A-labels, without patterns
 * @param outbound the connector for mail from us; null: there is none
 * @param inbound the connector for mail to us; null: there is none
 * @param gaps what does not enforce, as sentences
 */
public record Candidate(List<String> domains, @Nullable Found outbound, @Nullable Found inbound, List<String> gaps) {

	/** A connector. */
	public record Found(String guid, String name) {
	}

	/** What it is found again by. */
	public String key() {
		return ((this.outbound != null) ? this.outbound.guid() : "none") + "_"
				+ ((this.inbound != null) ? this.inbound.guid() : "none");
	}

}
