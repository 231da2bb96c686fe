package org.partnertls.exchange;

import org.jspecify.annotations.Nullable;

/**
 * A mail domain of our own tenant, as {@code Get-AcceptedDomain} tells it.
 *
 * @param name lower-case A-label
 * @param type {@code Authoritative}, {@code InternalRelay} or {@code ExternalRelay}
 * @param isDefault whether it is the tenant's default
 * @param isInitial whether it is the one under onmicrosoft.com that the tenant began with
 * @param daneStatus {@code SmtpDaneStatus}; null: not told
 */
public record AcceptedDomain(String name, @Nullable String type, boolean isDefault, boolean isInitial,
		@Nullable String daneStatus) {
}
