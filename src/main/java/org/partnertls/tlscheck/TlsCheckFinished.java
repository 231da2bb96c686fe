package org.partnertls.tlscheck;

import java.util.UUID;

import org.partnertls.organization.DomainName;

/**
 * A check has finished; published in the transaction that keeps its report.
 *
 * @param checkId the check
 * @param domain the domain that was checked
 */
public record TlsCheckFinished(UUID checkId, DomainName domain) {

}
