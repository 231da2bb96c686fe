/**
 * What all pages share: layout, home, the rail's counts, error pages, headers. Nobody
 * uses it.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit", "dns", "header", "exchange", "mail", "account",
		"tlscheck", "partner", "connector", "request", "onboarding", "evidence" })
package org.partnertls.web;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
