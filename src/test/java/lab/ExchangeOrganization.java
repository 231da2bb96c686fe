package lab;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What a tenant has beside connectors: its own domains, mail-flow rules, what Microsoft
 * has blocked, and the trace of messages. Read by cmdlets, changed by tests and pages.
 */
final class ExchangeOrganization {

	static final Set<String> CMDLETS = Set.of("Get-AcceptedDomain", "Get-BlockedConnector",
			"Get-OutboundConnectorReport", "Get-TransportRule", "Get-MessageTraceV2", "Get-MessageTraceDetailV2");

	private static final DateTimeFormatter ZONELESS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS")
		.withZone(ZoneOffset.UTC);

	private static final int MOST_TRACED = 2000;

	private static final int TRACE_CALLS = 100;

	private static final Duration TRACE_WINDOW = Duration.ofMinutes(5);

	private final Clock clock;

	private final List<Map<String, Object>> domains = new ArrayList<>();

	private final List<Map<String, Object>> rules = new ArrayList<>();

	private final List<Map<String, Object>> blocked = new ArrayList<>();

	private final Deque<Traced> traced = new ArrayDeque<>();

	private final Deque<Instant> traceCalls = new ArrayDeque<>();

	ExchangeOrganization(Clock clock) {
		this.clock = clock;
		acceptDomain("contoso.onmicrosoft.com", false, true);
		acceptDomain("contoso.example", true, false);
	}

	private record Traced(Map<String, Object> row, Instant received, List<Map<String, Object>> events) {
	}

	synchronized void acceptDomain(String name, boolean isDefault, boolean isInitial) {
		Map<String, Object> domain = new LinkedHashMap<>();
		domain.put("DomainName", name);
		domain.put("Name", name);
		domain.put("Identity", name);
		domain.put("DomainType", "Authoritative");
		domain.put("Default", isDefault);
		domain.put("InitialDomain", isInitial);
		domain.put("MatchSubDomains", false);
		domain.put("SmtpDaneStatus", "Disabled");
		domain.put("PendingRemoval", false);
		domain.put("OutboundOnly", false);
		domain.put("AuthenticationType", "Managed");
		domain.put("Guid", UUID.randomUUID().toString());
		this.domains.removeIf((known) -> known.get("DomainName").equals(name));
		this.domains.add(domain);
	}

	synchronized void refuseDomain(String name) {
		this.domains.removeIf((known) -> known.get("DomainName").equals(name));
	}

	synchronized void rule(String name, String connector, List<String> recipientDomains, boolean enabled) {
		Map<String, Object> rule = new LinkedHashMap<>();
		rule.put("Name", name);
		rule.put("Identity", name);
		rule.put("Guid", UUID.randomUUID().toString());
		rule.put("State", enabled ? "Enabled" : "Disabled");
		rule.put("Mode", "Enforce");
		rule.put("Priority", this.rules.size());
		rule.put("RecipientDomainIs", recipientDomains.isEmpty() ? null : List.copyOf(recipientDomains));
		rule.put("RouteMessageOutboundConnector", connector);
		this.rules.add(rule);
	}

	synchronized void removeRules() {
		this.rules.clear();
	}

	synchronized List<Map<String, Object>> rules() {
		return List.copyOf(this.rules);
	}

	synchronized void block(String connectorId, String reason) {
		Map<String, Object> connector = new LinkedHashMap<>();
		connector.put("ConnectorId", connectorId);
		connector.put("Reason", reason);
		connector.put("CreatedDateTime", ZONELESS.format(this.clock.instant()));
		this.blocked.add(connector);
	}

	/**
	 * Notes a message.
	 * @param connector the connector that it took; null: none
	 * @return its MessageTraceId
	 */
	String trace(String sender, String recipient, String status, String connector, String words) {
		return trace(this.clock.instant(), sender, recipient, status, connector, words);
	}

	/** Notes a message that came earlier, but later than those noted before. */
	synchronized String trace(Instant now, String sender, String recipient, String status, String connector,
			String words) {
		String id = UUID.randomUUID().toString();
		Map<String, Object> row = new LinkedHashMap<>();
		row.put("MessageTraceId", id);
		row.put("MessageId", "<" + id + "@trace.example>");
		row.put("Received", ZONELESS.format(now));
		row.put("SenderAddress", sender);
		row.put("RecipientAddress", recipient);
		row.put("FromIP", "198.51.100.7");
		row.put("ToIP", "");
		row.put("Subject", "Hello");
		row.put("Status", status);
		row.put("Size", 4711);
		List<Map<String, Object>> events = new ArrayList<>();
		events.add(event(id, now, "Receive", "Message received by: DB5PEPF00014B8A",
				(connector != null && !status.equals("Failed") && !status.equals("Pending")) ? inbound(connector)
						: ""));
		switch (status) {
			case "Pending" -> events.add(event(id, now, "Defer", words, outbound(connector)));
			case "Failed" -> events.add(event(id, now, "Fail", words, outbound(connector)));
			default -> events.add(event(id, now, "Deliver", "The message was successfully delivered.", ""));
		}
		this.traced.addFirst(new Traced(row, now, events));
		if (this.traced.size() > MOST_TRACED) {
			this.traced.removeLast();
		}
		return id;
	}

	/** The details of a message come after itself: now they name the connector. */
	synchronized void receivedBy(String traceId, String connector) {
		this.traced.stream()
			.filter((message) -> message.row().get("MessageTraceId").equals(traceId))
			.forEach((message) -> message.events().getFirst().put("Data", inbound(connector)));
	}

	private static String inbound(String connector) {
		return "S:InboundConnectorData=Name=" + connector
				+ ";ConnectorType=Partner;TenantId=11111111-2222-3333-4444-555555555555";
	}

	private static String outbound(String connector) {
		return (connector != null)
				? "S:Microsoft.Exchange.Hygiene.TenantOutboundConnectorCustomData=Name=" + connector + ";Type=Partner"
				: "";
	}

	private static Map<String, Object> event(String id, Instant at, String event, String detail, String data) {
		Map<String, Object> row = new LinkedHashMap<>();
		row.put("MessageTraceId", id);
		row.put("Date", ZONELESS.format(at));
		row.put("Event", event);
		row.put("Action", "");
		row.put("Detail", detail);
		row.put("Data", "<root><MEP Name=\"CustomData\" Blob=\"" + data + "\"/></root>");
		return row;
	}

	synchronized ExchangeTenant.Result run(String cmdlet, Map<String, Object> parameters,
			List<Map<String, Object>> outbound) {
		Map<String, Object> bound = ExchangeSchema.bind(cmdlet, parameters, Map.of());
		return switch (cmdlet) {
			case "Get-AcceptedDomain" -> result(this.domains);
			case "Get-BlockedConnector" -> result(this.blocked);
			case "Get-TransportRule" -> result(this.rules);
			case "Get-OutboundConnectorReport" -> report(bound, outbound);
			case "Get-MessageTraceV2" -> trace(bound);
			case "Get-MessageTraceDetailV2" -> detail(bound);
			default -> throw new IllegalStateException(cmdlet);
		};
	}

	private static ExchangeTenant.Result result(List<Map<String, Object>> objects) {
		List<Map<String, Object>> copies = new ArrayList<>();
		objects.forEach((object) -> copies.add(new LinkedHashMap<>(object)));
		return new ExchangeTenant.Result(copies, List.of());
	}

	/**
	 * The exact domain wins, then the longest pattern.
	 */
	private static ExchangeTenant.Result report(Map<String, Object> bound, List<Map<String, Object>> outbound) {
		if (bound.get("Domain") == null) {
			throw ExchangeRefusal
				.parameters("Cannot process command because of one or more missing mandatory parameters: Domain.");
		}
		String domain = String.valueOf(bound.get("Domain")).toLowerCase(Locale.ROOT);
		return outbound.stream()
			.filter((connector) -> ExchangeRules.is(connector, "Enabled")
					&& !ExchangeRules.is(connector, "IsTransportRuleScoped")
					&& !ExchangeRules.is(connector, "TestMode"))
			.flatMap((connector) -> ExchangeRules.list(connector, "RecipientDomains")
				.stream()
				.map((pattern) -> pattern.toLowerCase(Locale.ROOT))
				.filter((pattern) -> pattern.equals("*") || pattern.equals(domain)
						|| (pattern.startsWith("*.") && domain.endsWith(pattern.substring(1))))
				.map((pattern) -> Map.entry(pattern.equals(domain) ? Integer.MAX_VALUE : pattern.length(), connector)))
			.max(Map.Entry.comparingByKey(Comparator.naturalOrder()))
			.map((found) -> {
				Map<String, Object> row = new LinkedHashMap<>();
				row.put("Organization", "contoso.onmicrosoft.com");
				row.put("Domain", domain);
				row.put("Name", found.getValue().get("Name"));
				return new ExchangeTenant.Result(List.of(row), List.of());
			})
			.orElseGet(ExchangeTenant.Result::nothing);
	}

	private ExchangeTenant.Result trace(Map<String, Object> bound) {
		countTraceCall();
		Instant now = this.clock.instant();
		Instant until = date(bound, "EndDate", now);
		Instant from = date(bound, "StartDate", until.minus(Duration.ofDays(2)));
		if (Duration.between(from, until).compareTo(Duration.ofDays(10)) > 0
				|| from.isBefore(now.minus(Duration.ofDays(90)))) {
			throw ExchangeRefusal.rule("InvalidExpressionException",
					"The query may cover 10 days at most, within the last 90 days.");
		}
		int size = (bound.get("ResultSize") != null) ? Integer.parseInt(bound.get("ResultSize").toString()) : 1000;
		if (size < 1 || size > 5000) {
			throw ExchangeRefusal.rule("InvalidExpressionException", "ResultSize must be from 1 to 5000.");
		}
		List<String> statuses = ExchangeRules.list(bound, "Status");
		return result(this.traced.stream()
			.filter((message) -> !message.received().isBefore(from) && !message.received().isAfter(until))
			.filter((message) -> matches(bound, "SenderAddress", message.row())
					&& matches(bound, "RecipientAddress", message.row()))
			.filter((message) -> statuses.isEmpty() || statuses.contains(String.valueOf(message.row().get("Status"))))
			.limit(size)
			.map(Traced::row)
			.toList());
	}

	private ExchangeTenant.Result detail(Map<String, Object> bound) {
		countTraceCall();
		return result(this.traced.stream()
			.filter((message) -> message.row().get("MessageTraceId").equals(bound.get("MessageTraceId"))
					&& String.valueOf(message.row().get("RecipientAddress"))
						.equalsIgnoreCase(String.valueOf(bound.get("RecipientAddress"))))
			.findFirst()
			.map(Traced::events)
			.orElse(List.of()));
	}

	private void countTraceCall() {
		Instant now = this.clock.instant();
		while (!this.traceCalls.isEmpty() && !this.traceCalls.getFirst().plus(TRACE_WINDOW).isAfter(now)) {
			this.traceCalls.removeFirst();
		}
		if (this.traceCalls.size() >= TRACE_CALLS) {
			throw ExchangeRefusal.throttled();
		}
		this.traceCalls.addLast(now);
	}

	private static boolean matches(Map<String, Object> bound, String key, Map<String, Object> row) {
		List<String> patterns = ExchangeRules.list(bound, key);
		String address = String.valueOf(row.get(key)).toLowerCase(Locale.ROOT);
		return patterns.isEmpty() || patterns.stream()
			.map((pattern) -> pattern.toLowerCase(Locale.ROOT))
			.anyMatch((pattern) -> pattern.startsWith("*") ? address.endsWith(pattern.substring(1))
					: pattern.equals(address));
	}

	private static Instant date(Map<String, Object> bound, String key, Instant otherwise) {
		try {
			return (bound.get(key) != null)
					? LocalDateTime.parse(String.valueOf(bound.get(key))).toInstant(ZoneOffset.UTC) : otherwise;
		}
		catch (DateTimeException ex) {
			throw ExchangeRefusal.value(key, bound.get(key), "String was not recognized as a valid DateTime.");
		}
	}

}
