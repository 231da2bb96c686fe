/**
 * Who signs in and what they may do: staff by OpenID Connect, partners by one-time codes,
 * the one route table.
 */
@NullMarked
@ApplicationModule(allowedDependencies = { "organization", "audit", "mail" })
package org.partnertls.account;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
