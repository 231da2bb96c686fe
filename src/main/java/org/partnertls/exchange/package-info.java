/**
 * The adapter to Exchange Online: token, InvokeCommand, wire records, errors. Knows
 * cmdlets, not our connectors.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit" })
package org.partnertls.exchange;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
