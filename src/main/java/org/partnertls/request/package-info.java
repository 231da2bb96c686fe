/**
 * The way in: the public form, acceptance, the invitation.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit", "mail", "account", "partner" })
package org.partnertls.request;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
