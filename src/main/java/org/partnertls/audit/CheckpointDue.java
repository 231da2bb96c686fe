package org.partnertls.audit;

/**
 * It is time that somebody outside gets the newest checkpoint by mail. Published in a
 * transaction; whoever mails it says so with {@link HandOut#mailed}.
 *
 * @param checkpoint the newest
 */
public record CheckpointDue(Checkpoint checkpoint) {
}
