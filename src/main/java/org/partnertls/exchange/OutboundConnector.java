package org.partnertls.exchange;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * An outbound connector as {@code Get-OutboundConnector} tells it. {@code null} means
 * that the answer did not have the value (which is not {@code false}) or had null; a list
 * that was absent is empty.
 *
 * @param guid stays the same through renames; the identity to use for Set and Remove
 * @param name unique among outbound connectors, whatever the case
 * @param enabled whether mail uses it
 * @param connectorType {@code Partner} or {@code OnPremises}
 * @param connectorSource {@code Default}, {@code AdminUI}, {@code HybridWizard} or
 * {@code Migrated}
 * @param comment free text
 * @param recipientDomains lower-case A-labels, sorted; may start with {@code *.} (only
 * sub-domains) or be {@code *}
 * @param smartHosts host names, addresses or ranges
 * @param useMxRecord route by MX instead of smart hosts
 * @param tlsSettings {@code EncryptionOnly}, {@code CertificateValidation},
 * {@code DomainValidation}, or {@code null}: opportunistic TLS
 * @param tlsDomain the name that must be in the certificate, with DomainValidation
 * @param smtpDaneMode {@code Opportunistic}, {@code Mandatory} or {@code None}
 * @param mtaStsMode {@code Opportunistic} or {@code None}
 * @param isTransportRuleScoped used by mail-flow rules only
 * @param allAcceptedDomains OnPremises only
 * @param routeAllMessagesViaOnPremises OnPremises only
 * @param cloudServicesMailEnabled OnPremises only
 * @param senderRewritingEnabled OnPremises only
 * @param testMode not used for mail yet
 * @param validationRecipients whom the last validation wrote to
 * @param isValidated what was set after a validation; nothing sets it by itself
 * @param lastValidation when it was set
 * @param isValid whether Exchange Online holds the object for consistent
 * @param whenCreated by Exchange Online's clock
 * @param whenChanged by Exchange Online's clock
 */
public record OutboundConnector(String guid, String name, @Nullable Boolean enabled, @Nullable String connectorType,
		@Nullable String connectorSource, @Nullable String comment, List<String> recipientDomains,
		List<String> smartHosts, @Nullable Boolean useMxRecord, @Nullable String tlsSettings,
		@Nullable String tlsDomain, @Nullable String smtpDaneMode, @Nullable String mtaStsMode,
		@Nullable Boolean isTransportRuleScoped, @Nullable Boolean allAcceptedDomains,
		@Nullable Boolean routeAllMessagesViaOnPremises, @Nullable Boolean cloudServicesMailEnabled,
		@Nullable Boolean senderRewritingEnabled, @Nullable Boolean testMode, List<String> validationRecipients,
		@Nullable Boolean isValidated, @Nullable Instant lastValidation, @Nullable Boolean isValid,
		@Nullable Instant whenCreated, @Nullable Instant whenChanged) {

	public OutboundConnector {
		recipientDomains = List.copyOf(recipientDomains);
		smartHosts = List.copyOf(smartHosts);
		validationRecipients = List.copyOf(validationRecipients);
	}

}
