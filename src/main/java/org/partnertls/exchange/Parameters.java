package org.partnertls.exchange;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks and writes the parameters of a cmdlet.
 */
final class Parameters {

	/**
	 * Exchange Online binds values by unique prefix, so that a wrong one can be answered
	 * with success: they are compared here.
	 */
	private static final Map<String, Set<String>> MEMBERS = Map.of("ConnectorType", Set.of("Partner", "OnPremises"),
			"TlsSettings", Set.of("EncryptionOnly", "CertificateValidation", "DomainValidation"), "SmtpDaneMode",
			Set.of("Opportunistic", "Mandatory", "None"), "MtaStsMode", Set.of("Opportunistic", "None"),
			"ConnectorSource", Set.of("Default", "HybridWizard", "Migrated"));

	private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'Z'")
		.withZone(ZoneOffset.UTC);

	private static final String HASH_TABLE = "#Exchange.GenericHashTable";

	private static final JsonMapper MAPPER = JsonMapper.shared();

	private Parameters() {
	}

	/**
	 * What is wrong with them, as a sentence.
	 */
	static Optional<String> objection(Map<String, @Nullable Object> parameters) {
		for (Map.Entry<String, @Nullable Object> parameter : parameters.entrySet()) {
			String name = parameter.getKey();
			Object value = parameter.getValue();
			Set<String> members = MEMBERS.get(name);
			if (members != null && value != null && !members.contains(value)) {
				return Optional.of(name + " cannot be \"" + value + "\"; it is one of "
						+ String.join(", ", members.stream().sorted().toList()) + ".");
			}
			if ((name.equals("Identity") || name.equals("Name")) && (value == null || value.toString().isBlank())) {
				// An empty identity may stand for every connector there is.
				return Optional.of("The connector's " + name + " is missing.");
			}
		}
		return Optional.empty();
	}

	static byte[] body(String cmdlet, Map<String, @Nullable Object> parameters) {
		ObjectNode root = MAPPER.createObjectNode();
		ObjectNode input = root.putObject("CmdletInput");
		input.put("CmdletName", cmdlet);
		ObjectNode target = input.putObject("Parameters");
		parameters.forEach((name, value) -> write(target, name, value));
		return MAPPER.writeValueAsBytes(root);
	}

	private static void write(ObjectNode target, String name, @Nullable Object value) {
		switch (value) {
			case null -> target.putNull(name);
			case String text -> target.put(name, text);
			case Boolean flag -> target.put(name, flag);
			case Integer number -> target.put(name, number);
			case Long number -> target.put(name, number);
			case UUID guid -> target.put(name, guid.toString());
			case Instant instant -> target.put(name, DATE.format(instant));
			case List<?> texts -> writeTexts(target.putArray(name), texts);
			case ListChange change -> writeChange(target.putObject(name), change);
			default -> throw new IllegalArgumentException(
					"The parameter " + name + " cannot be sent as " + value.getClass().getName());
		}
	}

	private static void writeChange(ObjectNode table, ListChange change) {
		table.put("@odata.type", HASH_TABLE);
		if (!change.add().isEmpty()) {
			writeTexts(table.putArray("Add"), change.add());
		}
		if (!change.remove().isEmpty()) {
			writeTexts(table.putArray("Remove"), change.remove());
		}
	}

	private static void writeTexts(ArrayNode array, List<?> texts) {
		texts.forEach((text) -> array.add(text.toString()));
	}

}
