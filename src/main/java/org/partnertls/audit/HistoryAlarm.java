package org.partnertls.audit;

/**
 * The history is not what it was, or can no longer be sealed: whoever answers for it must
 * be told. Published in a transaction.
 *
 * @param words what was found, in a sentence or two
 */
public record HistoryAlarm(String words) {
}
