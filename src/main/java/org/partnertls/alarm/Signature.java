package org.partnertls.alarm;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;

/**
 * Signs messages as Standard Webhooks has it: HMAC-SHA256 over id, time and body, so that
 * nobody can forge one, change one or send an old one again.
 */
final class Signature {

	private static final String PREFIX = "whsec_";

	private Signature() {
	}

	/**
	 * The key in a secret; nothing when it holds none of 24 to 64 bytes.
	 */
	static Optional<byte[]> key(@Nullable String secret) {
		if (secret == null) {
			return Optional.empty();
		}
		try {
			String encoded = secret.strip();
			byte[] key = Base64.getDecoder()
				.decode(encoded.startsWith(PREFIX) ? encoded.substring(PREFIX.length()) : encoded);
			return (key.length >= 24 && key.length <= 64) ? Optional.of(key) : Optional.empty();
		}
		catch (IllegalArgumentException ex) {
			return Optional.empty();
		}
	}

	/** The value of the header {@code webhook-signature}. */
	static String of(byte[] key, String id, Instant at, String body) {
		try {
			Mac mac = Mac.getInstance("HmacSHA256");
			mac.init(new SecretKeySpec(key, "HmacSHA256"));
			byte[] signed = (id + "." + at.getEpochSecond() + "." + body).getBytes(StandardCharsets.UTF_8);
			return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("every Java platform has HmacSHA256", ex);
		}
	}

}
