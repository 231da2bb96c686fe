/**
 * Organisations we exchange mail with: their mail domains and the proof of each, their
 * contacts, the state of the relation.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit", "account", "dns" })
package org.partnertls.partner;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
