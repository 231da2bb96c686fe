package org.partnertls.tlscheck;

import java.time.Instant;

/**
 * Watched domains were not looked at in time; published once for each round.
 *
 * @param since when the round that is late began
 * @param waiting how many domains still wait
 */
public record TlsRoundMissed(Instant since, int waiting) {

}
