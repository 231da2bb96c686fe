package org.partnertls.exchange;

/**
 * Which outbound connector Exchange Online uses for a domain, as
 * {@code Get-OutboundConnectorReport} tells it.
 *
 * @param domain lower-case A-label
 * @param name the connector's name
 */
public record ServingConnector(String domain, String name) {
}
