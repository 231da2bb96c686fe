package org.partnertls.exchange;

import org.jspecify.annotations.Nullable;

/**
 * An inbound connector that Microsoft has blocked as compromised, as
 * {@code Get-BlockedConnector} tells it. Its shape is not documented beyond the id.
 *
 * @param connectorId the connector's GUID, in lower case
 * @param reason why, in Microsoft's words; null: not told
 */
public record BlockedConnector(String connectorId, @Nullable String reason) {
}
