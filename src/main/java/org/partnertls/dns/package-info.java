/**
 * Lookups over dnsjava: TXT, MX, addresses, each answer a value that says whether the
 * question could be answered.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization" })
package org.partnertls.dns;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
