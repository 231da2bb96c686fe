package org.partnertls.exchange;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.ibm.icu.text.IDNA;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads connectors from the wire and makes stored forms comparable.
 */
final class ConnectorReader {

	private static final IDNA UTS46 = IDNA
		.getUTS46Instance(IDNA.NONTRANSITIONAL_TO_ASCII | IDNA.NONTRANSITIONAL_TO_UNICODE);

	private static final Pattern COST = Pattern.compile(";\\d{1,9}$");

	private ConnectorReader() {
	}

	static List<OutboundConnector> outbound(Answer answer) {
		return answer.value().stream().map(ConnectorReader::outbound).toList();
	}

	static List<InboundConnector> inbound(Answer answer) {
		return answer.value().stream().map(ConnectorReader::inbound).toList();
	}

	static Optional<OutboundConnector> createdOutbound(Answer answer) {
		return created(answer).map(ConnectorReader::outbound);
	}

	static Optional<InboundConnector> createdInbound(Answer answer) {
		return created(answer).map(ConnectorReader::inbound);
	}

	static Accepted accepted(Answer answer) {
		return new Accepted(answer.warnings());
	}

	static List<ValidationTask> validation(Answer answer) {
		return answer.value().stream().map(ConnectorReader::task).toList();
	}

	private static Optional<JsonNode> created(Answer answer) {
		return answer.value()
			.stream()
			.findFirst()
			.filter((node) -> text(node, "Guid") != null && text(node, "Name") != null);
	}

	static OutboundConnector outbound(JsonNode node) {
		return new OutboundConnector(guid(node), required(node, "Name"), flag(node, "Enabled"),
				text(node, "ConnectorType"), text(node, "ConnectorSource"), text(node, "Comment"),
				domains(node, "RecipientDomains"), texts(node, "SmartHosts"), flag(node, "UseMXRecord"),
				text(node, "TlsSettings"), domain(text(node, "TlsDomain")), text(node, "SmtpDaneMode"),
				text(node, "MtaStsMode"), flag(node, "IsTransportRuleScoped"), flag(node, "AllAcceptedDomains"),
				flag(node, "RouteAllMessagesViaOnPremises"), flag(node, "CloudServicesMailEnabled"),
				flag(node, "SenderRewritingEnabled"), flag(node, "TestMode"), texts(node, "ValidationRecipients"),
				flag(node, "IsValidated"), instant(node, "LastValidationTimestamp"), flag(node, "IsValid"),
				instant(node, "WhenCreatedUTC"), instant(node, "WhenChangedUTC"));
	}

	static InboundConnector inbound(JsonNode node) {
		return new InboundConnector(guid(node), required(node, "Name"), flag(node, "Enabled"),
				text(node, "ConnectorType"), text(node, "ConnectorSource"), text(node, "Comment"),
				domains(node, "SenderDomains"), sorted(texts(node, "SenderIPAddresses")), flag(node, "RequireTls"),
				flag(node, "RestrictDomainsToCertificate"), flag(node, "RestrictDomainsToIPAddresses"),
				text(node, "TlsSenderCertificateName"), texts(node, "AssociatedAcceptedDomains"),
				texts(node, "TrustedOrganizations"), flag(node, "CloudServicesMailEnabled"),
				flag(node, "TreatMessagesAsInternal"), flag(node, "EFSkipLastIP"), texts(node, "EFSkipIPs"),
				texts(node, "EFUsers"), flag(node, "IsValid"), instant(node, "WhenCreatedUTC"),
				instant(node, "WhenChangedUTC"));
	}

	private static ValidationTask task(JsonNode node) {
		Boolean successful = flag(node, "IsTaskSuccessful");
		if (successful == null) {
			throw new UnreadableAnswer("a validation step without IsTaskSuccessful");
		}
		Map<String, String> details = new LinkedHashMap<>();
		node.properties().forEach((property) -> {
			String key = property.getKey();
			JsonNode value = property.getValue();
			if (!key.contains("@") && !key.equals("TaskName") && !key.equals("IsTaskSuccessful") && !value.isNull()) {
				details.put(key, value.isString() ? value.stringValue() : value.toString());
			}
		});
		return new ValidationTask(required(node, "TaskName"), successful, details);
	}

	private static String guid(JsonNode node) {
		return required(node, "Guid").toLowerCase(Locale.ROOT);
	}

	static String required(JsonNode node, String key) {
		String value = text(node, key);
		if (value == null || value.isBlank()) {
			throw new UnreadableAnswer("an object without " + key);
		}
		return value;
	}

	static @Nullable String text(JsonNode node, String key) {
		JsonNode value = node.get(key);
		if (value == null || value.isNull()) {
			return null;
		}
		return value.isString() ? value.stringValue() : value.toString();
	}

	static @Nullable Boolean flag(JsonNode node, String key) {
		JsonNode value = node.get(key);
		if (value == null || value.isNull()) {
			return null;
		}
		if (value.isBoolean()) {
			return value.booleanValue();
		}
		String text = value.isString() ? value.stringValue().toLowerCase(Locale.ROOT) : "";
		return switch (text) {
			case "true" -> Boolean.TRUE;
			case "false" -> Boolean.FALSE;
			default -> throw new UnreadableAnswer(key + " is neither true nor false");
		};
	}

	static List<String> texts(JsonNode node, String key) {
		JsonNode value = node.get(key);
		if (value == null || value.isNull()) {
			return List.of();
		}
		if (!value.isArray()) {
			return Stream.of(required(node, key)).toList();
		}
		List<String> texts = new ArrayList<>();
		for (JsonNode element : value) {
			texts.add(element.isString() ? element.stringValue() : element.toString());
		}
		return texts;
	}

	static List<String> domains(JsonNode node, String key) {
		return sorted(texts(node, key).stream().map(ConnectorReader::domainOf).toList());
	}

	private static List<String> sorted(List<String> values) {
		return values.stream().distinct().sorted().toList();
	}

	private static @Nullable String domain(@Nullable String stored) {
		return (stored != null) ? domainOf(stored) : null;
	}

	/**
	 * {@code smtp:Example.COM;1} becomes {@code example.com}; {@code *} and the
	 * {@code *.} in front stay.
	 */
	static String domainOf(String stored) {
		String plain = stored.strip().toLowerCase(Locale.ROOT);
		if (plain.startsWith("smtp:")) {
			plain = plain.substring("smtp:".length());
		}
		plain = COST.matcher(plain).replaceFirst("");
		String pattern = plain.startsWith("*.") ? "*." : "";
		StringBuilder ascii = new StringBuilder();
		IDNA.Info info = new IDNA.Info();
		UTS46.nameToASCII(plain.substring(pattern.length()), ascii, info);
		return info.hasErrors() ? plain : pattern + ascii;
	}

	/**
	 * Most dates end in Z; {@code LastValidationTimestamp} has no zone and is UTC too.
	 */
	static @Nullable Instant instant(JsonNode node, String key) {
		String text = text(node, key);
		if (text == null || text.isBlank()) {
			return null;
		}
		try {
			TemporalAccessor read = DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from,
					LocalDateTime::from);
			return (read instanceof LocalDateTime local) ? local.toInstant(ZoneOffset.UTC) : Instant.from(read);
		}
		catch (DateTimeParseException ex) {
			return null;
		}
	}

}
