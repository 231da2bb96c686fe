package org.partnertls.exchange;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What to look for in the message trace: at most ten days, not older than ninety.
 *
 * @param from the earliest receipt
 * @param until the latest
 * @param senders addresses or {@code *@domain}, any of which counts; empty: anybody
 * @param recipients addresses or {@code *@domain}, any of which counts; empty: anybody
 * @param statuses {@code Delivered}, {@code Failed}, {@code Pending} …; empty: all
 */
public record TraceQuestion(Instant from, Instant until, List<String> senders, List<String> recipients,
		List<String> statuses) {

	/** The longest time that one question may cover. */
	public static final Duration LONGEST = Duration.ofDays(10);

	/** How many messages one answer holds at most. */
	public static final int MOST_ROWS = 1000;

	public TraceQuestion {
		senders = List.copyOf(senders);
		recipients = List.copyOf(recipients);
		statuses = List.copyOf(statuses);
		if (!until.isAfter(from) || Duration.between(from, until).compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException("A message trace covers more than nothing and at most ten days.");
		}
	}

	Map<String, @Nullable Object> parameters() {
		Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
		parameters.put("StartDate", this.from);
		parameters.put("EndDate", this.until);
		if (!this.senders.isEmpty()) {
			parameters.put("SenderAddress", this.senders);
		}
		if (!this.recipients.isEmpty()) {
			parameters.put("RecipientAddress", this.recipients);
		}
		if (!this.statuses.isEmpty()) {
			parameters.put("Status", this.statuses);
		}
		parameters.put("ResultSize", MOST_ROWS);
		return parameters;
	}

}
