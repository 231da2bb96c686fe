package org.partnertls.exchange;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * An inbound connector as {@code Get-InboundConnector} tells it. {@code null} means that
 * the answer did not have the value (which is not {@code false}) or had null; a list that
 * was absent is empty.
 *
 * @param guid stays the same through renames; the identity to use for Set and Remove
 * @param name unique among inbound connectors, whatever the case
 * @param enabled whether mail is held against it
 * @param connectorType {@code Partner} or {@code OnPremises}
 * @param connectorSource {@code Default}, {@code AdminUI}, {@code HybridWizard} or
 * {@code Migrated}
 * @param comment free text
 * @param senderDomains lower-case A-labels, sorted, without the stored form's
 * {@code smtp:} and {@code ;1}; may start with {@code *.} (domain and sub-domains) or be
 * {@code *}
 * @param senderIpAddresses IPv4 addresses and ranges, sorted
 * @param requireTls refuse mail in clear text
 * @param restrictDomainsToCertificate refuse mail whose TLS client certificate does not
 * match {@code tlsSenderCertificateName}
 * @param restrictDomainsToIpAddresses refuse mail from other addresses than
 * {@code senderIpAddresses}
 * @param tlsSenderCertificateName a domain, or {@code *.domain}
 * @param associatedAcceptedDomains our domains that it is limited to
 * @param trustedOrganizations names of tenants
 * @param cloudServicesMailEnabled OnPremises only
 * @param treatMessagesAsInternal OnPremises only
 * @param efSkipLastIp enhanced filtering skips the last hop
 * @param efSkipIps enhanced filtering skips these
 * @param efUsers enhanced filtering is for these
 * @param isValid whether Exchange Online holds the object for consistent
 * @param whenCreated by Exchange Online's clock
 * @param whenChanged by Exchange Online's clock
 */
public record InboundConnector(String guid, String name, @Nullable Boolean enabled, @Nullable String connectorType,
		@Nullable String connectorSource, @Nullable String comment, List<String> senderDomains,
		List<String> senderIpAddresses, @Nullable Boolean requireTls, @Nullable Boolean restrictDomainsToCertificate,
		@Nullable Boolean restrictDomainsToIpAddresses, @Nullable String tlsSenderCertificateName,
		List<String> associatedAcceptedDomains, List<String> trustedOrganizations,
		@Nullable Boolean cloudServicesMailEnabled, @Nullable Boolean treatMessagesAsInternal,
		@Nullable Boolean efSkipLastIp, List<String> efSkipIps, List<String> efUsers, @Nullable Boolean isValid,
		@Nullable Instant whenCreated, @Nullable Instant whenChanged) {

	public InboundConnector {
		senderDomains = List.copyOf(senderDomains);
		senderIpAddresses = List.copyOf(senderIpAddresses);
		associatedAcceptedDomains = List.copyOf(associatedAcceptedDomains);
		trustedOrganizations = List.copyOf(trustedOrganizations);
		efSkipIps = List.copyOf(efSkipIps);
		efUsers = List.copyOf(efUsers);
	}

}
