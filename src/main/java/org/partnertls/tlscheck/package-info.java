/**
 * The portal's own eyes: domain to MX to STARTTLS to certificate, as a report and a
 * verdict. The engine knows no Spring and no database.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit", "account", "dns" })
package org.partnertls.tlscheck;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
