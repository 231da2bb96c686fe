/**
 * What administrators have to know at once: alarms that open and close by what is found,
 * are acknowledged or escalated, and go out by mail and webhook.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit", "mail", "account", "connector" })
package org.partnertls.alarm;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
