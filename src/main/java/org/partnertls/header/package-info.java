/**
 * Reads the Received: chain of a test message, and fetches such messages from the test
 * mailbox.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit" })
package org.partnertls.header;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
