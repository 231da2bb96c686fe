package org.partnertls.exchange;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A message on its way to one recipient, as {@code Get-MessageTraceV2} tells it.
 *
 * @param traceId {@code MessageTraceId}
 * @param messageId the Message-ID header; null: not told
 * @param received when Exchange Online took it
 * @param sender envelope sender
 * @param recipient envelope recipient
 * @param status {@code Delivered}, {@code Failed}, {@code Pending} …
 * @param fromIp who brought it; null: not told
 */
public record TracedMessage(String traceId, @Nullable String messageId, Instant received, String sender,
		String recipient, String status, @Nullable String fromIp) {
}
