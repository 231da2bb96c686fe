/**
 * The two-sided workflow: the partner's task list, recipes, the confirmation, our review;
 * composes the wanted connectors.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit", "dns", "header", "exchange", "mail", "account",
		"tlscheck", "partner", "connector", "request" })
package org.partnertls.onboarding;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
