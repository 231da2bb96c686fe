package org.partnertls.exchange;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads what PowerShell's {@code ConvertTo-Json} wrote. It differs from the wire: one
 * object comes without a list around it, GUIDs and enums may be objects, Windows
 * PowerShell writes dates as {@code /Date(1784919552000)/}, and what lies too deep is
 * flattened to text. What a web page may do to a text on its way here (a byte order mark,
 * a prompt in front) is forgiven; anything else is refused with a sentence.
 */
final class PastedConnectors {

	/** The list of a full tenant. */
	static final int MOST_CHARACTERS = 16 * 1024 * 1024;

	private static final JsonMapper MAPPER = JsonMapper
		.builder(JsonFactory.builder()
			.streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(20).maxStringLength(100_000).build())
			.build())
		.build();

	private static final Pattern OLD_DATE = Pattern.compile("/Date\\((-?\\d{1,16})(?:[+-]\\d{4})?\\)/");

	private static final List<String> ENUMS = List.of("ConnectorType", "ConnectorSource", "TlsSettings", "SmtpDaneMode",
			"MtaStsMode");

	private static final List<String> TLS_LEVELS = List.of("EncryptionOnly", "CertificateValidation",
			"DomainValidation");

	private PastedConnectors() {
	}

	static <T> List<T> read(String json, String mark, String cmdlet, Function<JsonNode, T> reader) {
		String text = json.replace("\uFEFF", "").strip();
		if (text.isEmpty() || text.equals("null")) {
			// ConvertTo-Json writes nothing for nothing.
			return List.of();
		}
		if (text.length() > MOST_CHARACTERS) {
			throw new IllegalArgumentException("This is longer than the connectors of a whole tenant can be.");
		}
		String otherwise = "This is not the output of " + cmdlet + " | ConvertTo-Json. Copy it whole, from the first"
				+ " bracket to the last, or write it to a file and open that in an editor.";
		try {
			JsonNode root = MAPPER.readTree(text);
			List<T> read = new ArrayList<>();
			for (JsonNode node : root.isArray() ? root : MAPPER.createArrayNode().add(root)) {
				if (!(node instanceof ObjectNode connector) || !connector.has(mark)) {
					throw new IllegalArgumentException(otherwise);
				}
				read.add(reader.apply(plain(connector)));
			}
			return read;
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException(otherwise, ex);
		}
		catch (UnreadableAnswer ex) {
			throw new IllegalArgumentException(otherwise + " (" + Detail.of(ex.getMessage()) + ")", ex);
		}
	}

	private static ObjectNode plain(ObjectNode connector) {
		ObjectNode plain = MAPPER.createObjectNode();
		connector.properties().forEach((property) -> plain.set(property.getKey(), plain(property.getValue())));
		for (String name : ENUMS) {
			if (plain.path(name).isNumber()) {
				// Which number stands for which value is told nowhere.
				throw new UnreadableAnswer(
						name + " is a number; run ConvertTo-Json with -EnumsAsStrings, or in PowerShell 7");
			}
		}
		if (plain.path("TlsSettings").isString() && !TLS_LEVELS.contains(plain.path("TlsSettings").stringValue())) {
			throw new UnreadableAnswer("TlsSettings has an unknown value");
		}
		return plain;
	}

	private static JsonNode plain(JsonNode value) {
		if (value instanceof ObjectNode object) {
			// { "value": …, "Value": … } around an enum or a GUID.
			JsonNode inner = object.has("Value") ? object.get("Value") : object.get("value");
			return (inner != null) ? plain(inner) : value;
		}
		if (value.isString()) {
			Matcher date = OLD_DATE.matcher(value.stringValue());
			if (date.matches()) {
				return MAPPER.getNodeFactory()
					.stringNode(java.time.Instant.ofEpochMilli(Long.parseLong(date.group(1))).toString());
			}
		}
		return value;
	}

}
