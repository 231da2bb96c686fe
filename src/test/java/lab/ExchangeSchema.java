package lab;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which parameters the cmdlets know and how their values are bound.
 */
final class ExchangeSchema {

	private enum Kind {

		TEXT, FLAG, LIST, DATE

	}

	private record Parameter(Kind kind, List<String> members) {
	}

	private static final DateTimeFormatter ZONELESS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS")
		.withZone(ZoneOffset.UTC);

	private static final Map<String, Parameter> SHARED = Map.of("Name", text(), "Enabled", flag(), "Comment", text(),
			"ConnectorType", oneOf("Partner", "OnPremises"), "ConnectorSource",
			oneOf("Default", "HybridWizard", "Migrated"), "CloudServicesMailEnabled", flag());

	private static final Map<String, Parameter> OUTBOUND = with(SHARED, Map.ofEntries(
			Map.entry("RecipientDomains", list()), Map.entry("UseMXRecord", flag()), Map.entry("SmartHosts", list()),
			Map.entry("TlsSettings", oneOf("EncryptionOnly", "CertificateValidation", "DomainValidation")),
			Map.entry("TlsDomain", text()), Map.entry("SmtpDaneMode", oneOf("Opportunistic", "Mandatory", "None")),
			Map.entry("MtaStsMode", oneOf("Opportunistic", "None")), Map.entry("IsTransportRuleScoped", flag()),
			Map.entry("TestMode", flag()), Map.entry("AllAcceptedDomains", flag()),
			Map.entry("RouteAllMessagesViaOnPremises", flag()), Map.entry("SenderRewritingEnabled", flag())));

	private static final Map<String, Parameter> INBOUND = with(SHARED,
			Map.ofEntries(Map.entry("SenderDomains", list()), Map.entry("SenderIPAddresses", list()),
					Map.entry("RequireTls", flag()), Map.entry("RestrictDomainsToCertificate", flag()),
					Map.entry("RestrictDomainsToIPAddresses", flag()), Map.entry("TlsSenderCertificateName", text()),
					Map.entry("AssociatedAcceptedDomains", list()), Map.entry("TrustedOrganizations", list()),
					Map.entry("TreatMessagesAsInternal", flag()), Map.entry("EFSkipIPs", list()),
					Map.entry("EFSkipLastIP", flag()), Map.entry("EFUsers", list())));

	private static final Map<String, Parameter> IDENTITY = Map.of("Identity", text());

	private static final Map<String, Map<String, Parameter>> CMDLETS = Map.ofEntries(
			Map.entry("Get-OutboundConnector",
					Map.of("Identity", text(), "IncludeTestModeConnectors", flag(), "IsTransportRuleScoped", flag(),
							"ResultSize", text())),
			Map.entry("Get-InboundConnector", Map.of("Identity", text(), "ResultSize", text())),
			Map.entry("New-OutboundConnector", OUTBOUND), Map.entry("New-InboundConnector", INBOUND),
			Map.entry("Set-OutboundConnector",
					with(with(OUTBOUND, IDENTITY),
							Map.of("IsValidated", flag(), "LastValidationTimestamp", date(), "ValidationRecipients",
									list()))),
			Map.entry("Set-InboundConnector", with(INBOUND, IDENTITY)),
			Map.entry("Remove-OutboundConnector", Map.of("Identity", text(), "Confirm", flag())),
			Map.entry("Remove-InboundConnector", Map.of("Identity", text(), "Confirm", flag())),
			Map.entry("Validate-OutboundConnector", Map.of("Identity", text(), "Recipients", list())),
			Map.entry("Get-AcceptedDomain", Map.of("Identity", text(), "ResultSize", text())),
			Map.entry("Get-BlockedConnector", Map.of("ConnectorId", text())),
			Map.entry("Get-OutboundConnectorReport", Map.of("Domain", text())),
			Map.entry("Get-TransportRule", Map.of("Identity", text(), "ResultSize", text(), "State", text())),
			Map.entry("Get-MessageTraceV2",
					Map.of("StartDate", date(), "EndDate", date(), "SenderAddress", list(), "RecipientAddress", list(),
							"Status", list(), "ResultSize", text(), "StartingRecipientAddress", text(),
							"MessageTraceId", text(), "Subject", text())),
			Map.entry("Get-MessageTraceDetailV2", Map.of("MessageTraceId", text(), "RecipientAddress", text())));

	private ExchangeSchema() {
	}

	/**
	 * The names of all cmdlets.
	 */
	static SortedSet<String> cmdlets() {
		return new TreeSet<>(CMDLETS.keySet());
	}

	static boolean knows(String cmdlet) {
		return CMDLETS.containsKey(cmdlet);
	}

	/**
	 * Reads the parameters as PowerShell would bind them.
	 * @param stored the object a list is added to or removed from; may be empty
	 */
	static Map<String, Object> bind(String cmdlet, Map<String, Object> given, Map<String, Object> stored) {
		Map<String, Object> bound = new LinkedHashMap<>();
		given.forEach((name, value) -> {
			if (name.contains("@")) {
				return;
			}
			Parameter parameter = CMDLETS.get(cmdlet).get(name);
			if (parameter == null) {
				throw ExchangeRefusal.parameters(
						"A parameter cannot be found that matches parameter name '" + name + "' of " + cmdlet + ".");
			}
			bound.put(name, bind(name, parameter, value, stored.get(name)));
		});
		return bound;
	}

	private static Object bind(String name, Parameter parameter, Object value, Object stored) {
		if (value == null) {
			return (parameter.kind() == Kind.LIST) ? List.of() : null;
		}
		return switch (parameter.kind()) {
			case FLAG -> {
				if (value instanceof Boolean) {
					yield value;
				}
				throw ExchangeRefusal.value(name, value, "Boolean parameters accept only Boolean values.");
			}
			case LIST -> boundList(name, value, stored);
			case DATE -> boundDate(name, value);
			case TEXT -> parameter.members().isEmpty() ? String.valueOf(value) : member(name, parameter, value);
		};
	}

	/**
	 * Enum values are bound by unique prefix, whatever the case.
	 */
	private static String member(String name, Parameter parameter, Object value) {
		String lower = String.valueOf(value).toLowerCase(Locale.ROOT);
		List<String> matching = parameter.members()
			.stream()
			.filter((member) -> member.toLowerCase(Locale.ROOT).startsWith(lower))
			.toList();
		if (matching.size() != 1 || lower.isEmpty()) {
			throw ExchangeRefusal.value(name, value, "Unable to match the identifier name " + value
					+ " to a valid enumerator name. Specify one of the following enumerator names and try again: "
					+ String.join(", ", parameter.members()));
		}
		return matching.getFirst();
	}

	private static List<String> boundList(String name, Object value, Object stored) {
		if (value instanceof List<?> texts) {
			return texts.stream().map(String::valueOf).toList();
		}
		if (value instanceof Map<?, ?> table) {
			if (!"#Exchange.GenericHashTable".equals(table.get("@odata.type"))) {
				throw ExchangeRefusal.value(name, value, "A hash table needs its @odata.type.");
			}
			List<String> changed = new ArrayList<>();
			if (table.size() > 1 && stored instanceof List<?> present) {
				present.forEach((text) -> changed.add(String.valueOf(text)));
			}
			entries(table.get("Remove")).forEach((gone) -> changed
				.removeIf((text) -> text.equalsIgnoreCase(gone) || text.equalsIgnoreCase("smtp:" + gone + ";1")));
			changed.addAll(entries(table.get("Add")));
			return changed;
		}
		return List.of(String.valueOf(value));
	}

	private static List<String> entries(Object list) {
		return (list instanceof List<?> texts) ? texts.stream().map(String::valueOf).toList() : List.of();
	}

	private static String boundDate(String name, Object value) {
		try {
			String text = String.valueOf(value);
			return ZONELESS
				.format(text.endsWith("Z") ? Instant.parse(text) : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
		}
		catch (DateTimeException ex) {
			throw ExchangeRefusal.value(name, value, "String was not recognized as a valid DateTime.");
		}
	}

	private static Parameter text() {
		return new Parameter(Kind.TEXT, List.of());
	}

	private static Parameter oneOf(String... members) {
		return new Parameter(Kind.TEXT, List.of(members));
	}

	private static Parameter flag() {
		return new Parameter(Kind.FLAG, List.of());
	}

	private static Parameter list() {
		return new Parameter(Kind.LIST, List.of());
	}

	private static Parameter date() {
		return new Parameter(Kind.DATE, List.of());
	}

	private static Map<String, Parameter> with(Map<String, Parameter> some, Map<String, Parameter> more) {
		Map<String, Parameter> all = new LinkedHashMap<>(some);
		all.putAll(more);
		return all;
	}

}
