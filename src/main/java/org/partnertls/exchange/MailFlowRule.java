package org.partnertls.exchange;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A mail-flow rule, as far as it says where mail goes ({@code Get-TransportRule}).
 *
 * @param name as people gave it
 * @param enabled {@code State} is Enabled
 * @param mode {@code Enforce}, {@code Audit} or {@code AuditAndNotify}; only the first
 * moves mail
 * @param connector name or GUID of the outbound connector that it routes messages to
 * ({@code RouteMessageOutboundConnector}); null: none
 * @param recipientDomains {@code RecipientDomainIs}: lower-case A-labels; empty: the rule
 * is not limited to any
 */
public record MailFlowRule(String name, boolean enabled, @Nullable String mode, @Nullable String connector,
		List<String> recipientDomains) {

	public MailFlowRule {
		recipientDomains = List.copyOf(recipientDomains);
	}

	/**
	 * Whether it takes messages away from the connectors that would serve them.
	 */
	public boolean reroutes() {
		return this.enabled && this.connector != null && (this.mode == null || this.mode.equals("Enforce"));
	}

}
