package org.partnertls.partner;

import java.time.Instant;

/**
 * What came of looking for a domain's text in the DNS.
 *
 * @param proven whether the domain is proven now
 * @param seen what was seen, in words, and by which server
 * @param at when
 */
public record LookUp(boolean proven, String seen, Instant at) {
}
