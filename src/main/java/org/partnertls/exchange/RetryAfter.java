package org.partnertls.exchange;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The {@code Retry-After} header (RFC 9110, 10.2.3) in its form in seconds, the only one
 * these services send.
 */
final class RetryAfter {

	private static final Pattern SECONDS = Pattern.compile("\\d{1,6}");

	private RetryAfter() {
	}

	static @Nullable Duration of(Optional<String> header) {
		return header.map(String::strip)
			.filter((value) -> SECONDS.matcher(value).matches())
			.map((value) -> Duration.ofSeconds(Long.parseLong(value)))
			.orElse(null);
	}

}
