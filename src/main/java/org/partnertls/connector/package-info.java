/**
 * Wanted connectors, the plan against the tenant, reviewed changes, the push, relief.
 * Only reads, plans, pushes.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit", "account", "exchange" })
package org.partnertls.connector;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
