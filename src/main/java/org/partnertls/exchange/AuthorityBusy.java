package org.partnertls.exchange;

import java.io.IOException;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The sign-in service is there but has no answer now (429 or 5xx).
 */
final class AuthorityBusy extends IOException {

	private final transient @Nullable Duration retryAfter;

	AuthorityBusy(int status, @Nullable Duration retryAfter) {
		super("HTTP status " + status);
		this.retryAfter = retryAfter;
	}

	@Nullable Duration retryAfter() {
		return this.retryAfter;
	}

}
