package org.partnertls.exchange;

import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads what is not a connector from the wire. Where the shape is not documented, only
 * what cannot be done without is demanded.
 */
final class TenantReader {

	private static final int MOST_DATA = 20_000;

	private TenantReader() {
	}

	static List<AcceptedDomain> acceptedDomains(Answer answer) {
		return answer.value()
			.stream()
			.map((node) -> new AcceptedDomain(ConnectorReader.domainOf(ConnectorReader.required(node, "DomainName")),
					ConnectorReader.text(node, "DomainType"),
					Boolean.TRUE.equals(ConnectorReader.flag(node, "Default")),
					Boolean.TRUE.equals(ConnectorReader.flag(node, "InitialDomain")),
					ConnectorReader.text(node, "SmtpDaneStatus")))
			.toList();
	}

	static List<BlockedConnector> blockedConnectors(Answer answer) {
		return answer.value()
			.stream()
			.map((node) -> new BlockedConnector(ConnectorReader.required(node, "ConnectorId").toLowerCase(Locale.ROOT),
					Detail.of(ConnectorReader.text(node, "Reason"))))
			.toList();
	}

	static List<ServingConnector> servingConnectors(Answer answer) {
		return answer.value()
			.stream()
			.filter((node) -> node.hasNonNull("Name"))
			.map((node) -> new ServingConnector(
					ConnectorReader.domainOf(Objects.requireNonNullElse(ConnectorReader.text(node, "Domain"), "")),
					ConnectorReader.required(node, "Name")))
			.toList();
	}

	static List<MailFlowRule> mailFlowRules(Answer answer) {
		return answer.value()
			.stream()
			.map((node) -> new MailFlowRule(ConnectorReader.required(node, "Name"),
					!"Disabled".equalsIgnoreCase(ConnectorReader.text(node, "State")),
					ConnectorReader.text(node, "Mode"),
					empty(ConnectorReader.text(node, "RouteMessageOutboundConnector")),
					ConnectorReader.domains(node, "RecipientDomainIs")))
			.toList();
	}

	static List<TracedMessage> messages(Answer answer) {
		return answer.value()
			.stream()
			.map((node) -> new TracedMessage(ConnectorReader.required(node, "MessageTraceId"),
					Detail.of(ConnectorReader.text(node, "MessageId")), received(node), address(node, "SenderAddress"),
					address(node, "RecipientAddress"),
					Objects.requireNonNullElse(Detail.of(ConnectorReader.text(node, "Status")), "None"),
					Detail.of(ConnectorReader.text(node, "FromIP"))))
			.toList();
	}

	static List<TraceEvent> events(Answer answer) {
		return answer.value()
			.stream()
			.map((node) -> new TraceEvent(ConnectorReader.instant(node, "Date"),
					Objects.requireNonNullElse(Detail.of(ConnectorReader.text(node, "Event")), "Unknown"),
					Detail.of(ConnectorReader.text(node, "Detail")), data(ConnectorReader.text(node, "Data"))))
			.toList();
	}

	/**
	 * {@code value[].exportedCmdlets}: a comma-separated text, or a list.
	 */
	static SortedSet<String> cmdlets(JsonNode body) {
		SortedSet<String> cmdlets = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
		for (JsonNode file : body.path("value")) {
			String key = file.has("exportedCmdlets") ? "exportedCmdlets" : "ExportedCmdlets";
			cmdlets.addAll(ConnectorReader.texts(file, key)
				.stream()
				.flatMap((text) -> Arrays.stream(text.split(",")))
				.map(String::strip)
				.filter((name) -> !name.isEmpty())
				.collect(Collectors.toSet()));
		}
		if (cmdlets.isEmpty()) {
			throw new UnreadableAnswer("an answer without exportedCmdlets");
		}
		return cmdlets;
	}

	static @Nullable Instant date(@Nullable String header) {
		try {
			return (header != null) ? ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant()
					: null;
		}
		catch (DateTimeParseException ex) {
			return null;
		}
	}

	private static @Nullable String data(@Nullable String text) {
		return (text != null && text.length() > MOST_DATA) ? text.substring(0, MOST_DATA) : text;
	}

	private static Instant received(JsonNode node) {
		Instant received = ConnectorReader.instant(node, "Received");
		if (received == null) {
			throw new UnreadableAnswer("a traced message without the time of its receipt");
		}
		return received;
	}

	private static String address(JsonNode node, String key) {
		return Objects.requireNonNullElse(Detail.of(ConnectorReader.text(node, key)), "").toLowerCase(Locale.ROOT);
	}

	private static @Nullable String empty(@Nullable String text) {
		return (text == null || text.isBlank()) ? null : text;
	}

}
