package org.partnertls.connector;

import java.time.Instant;

/**
 * The certificate with which the portal signs in to Exchange Online ends soon, or has
 * ended.
 *
 * @param subject its name
 * @param thumbprint by which the app registration shows it
 * @param at when it ends
 * @param ended whether it has
 */
public record CredentialEnds(String subject, String thumbprint, Instant at, boolean ended) {
}
