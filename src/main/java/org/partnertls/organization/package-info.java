/**
 * Who we are: our names, mail domains and settings, and the value types that every module
 * speaks.
 */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package org.partnertls.organization;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
