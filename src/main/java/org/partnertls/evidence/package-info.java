/**
 * What we can show: the dashboard and each partner's page with state, proofs and dates.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit", "dns", "header", "exchange", "mail", "account",
		"tlscheck", "partner", "connector", "request", "onboarding" })
package org.partnertls.evidence;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
