/**
 * Partners' people over the years: roles, helpers, handing over, codes read out on the
 * phone, mail that comes back, our owners, and what is kept of those who are gone.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit", "header", "mail", "account", "partner", "request" })
package org.partnertls.people;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
