/**
 * The append-only history: what happened, by whom, on what, with which outcome. Declares
 * who may be an actor.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization" })
package org.partnertls.audit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
