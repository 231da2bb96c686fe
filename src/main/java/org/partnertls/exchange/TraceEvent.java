package org.partnertls.exchange;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * What happened to a traced message ({@code Get-MessageTraceDetailV2}).
 *
 * @param at when
 * @param event {@code Receive}, {@code Send external}, {@code Defer}, {@code Fail} …
 * @param detail in Exchange Online's words, one bounded printable line
 * @param data what the transport noted, at most 20,000 characters as they came; its keys
 * are not documented
 */
public record TraceEvent(@Nullable Instant at, String event, @Nullable String detail, @Nullable String data) {

	/** {@code S:InboundConnectorData=Name=From acme;ConnectorType=Partner;…}. */
	private static final Pattern CONNECTOR = Pattern
		.compile("(?:InboundConnectorData|TenantOutboundConnectorCustomData)=(?:[^;|]{0,200};)?Name=([^;|<\"]{1,128})");

	/**
	 * The connector that handled the message, where the data names one.
	 */
	public Optional<String> connector() {
		if (this.data == null) {
			return Optional.empty();
		}
		Matcher matcher = CONNECTOR.matcher(this.data);
		return matcher.find() ? Optional.ofNullable(Detail.of(matcher.group(1))) : Optional.empty();
	}

}
