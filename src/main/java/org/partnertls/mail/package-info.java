/**
 * Outgoing messages: text templates and durable sending.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit" })
package org.partnertls.mail;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
