package org.partnertls.connector;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import org.erdtman.jcs.JsonCanonicalizer;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * How wanted connectors and plans are stored, and made comparable.
 */
final class Json {

	static final JsonMapper MAPPER = JsonMapper.builder().addModule(names()).build();

	private Json() {
	}

	static String write(Object value) {
		return MAPPER.writeValueAsString(value);
	}

	static <T> T read(String text, Class<T> type) {
		return MAPPER.readValue(text, type);
	}

	/**
	 * SHA-256 in lower-case hex over the canonical form (RFC 8785).
	 */
	static String hash(Object value) {
		try {
			return sha256(new JsonCanonicalizer(write(value)).getEncodedString());
		}
		catch (IOException ex) {
			throw new IllegalStateException("what was just written is no JSON", ex);
		}
	}

	static String sha256(String text) {
		try {
			return HexFormat.of()
				.formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every Java platform has SHA-256", ex);
		}
	}

	private static SimpleModule names() {
		return new SimpleModule("names").addSerializer(DomainName.class, new AsText<>(DomainName.class))
			.addSerializer(EmailAddress.class, new AsText<>(EmailAddress.class))
			.addDeserializer(DomainName.class, domain())
			.addDeserializer(EmailAddress.class, address());
	}

	private static ValueDeserializer<DomainName> domain() {
		return new StdDeserializer<>(DomainName.class) {

			@Override
			public DomainName deserialize(JsonParser parser, DeserializationContext context) {
				return new DomainName(parser.getString());
			}

		};
	}

	private static ValueDeserializer<EmailAddress> address() {
		return new StdDeserializer<>(EmailAddress.class) {

			@Override
			public EmailAddress deserialize(JsonParser parser, DeserializationContext context) {
				return EmailAddress.of(parser.getString());
			}

		};
	}

	/** Writes the text form. */
	private static final class AsText<T> extends StdSerializer<T> {

		private AsText(Class<T> type) {
			super(type);
		}

		@Override
		public void serialize(T value, JsonGenerator generator, SerializationContext context) {
			generator.writeString(value.toString());
		}

	}

}
