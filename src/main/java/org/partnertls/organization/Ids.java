package org.partnertls.organization;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/**
 * Makes ids: UUIDs of version 7 (RFC 9562), which sort by the time they were made.
 */
public final class Ids {

	private static final SecureRandom RANDOM = new SecureRandom();

	private Ids() {
	}

	/**
	 * A new id.
	 * @param now the time it carries, at millisecond precision
	 */
	public static UUID at(Instant now) {
		long high = (now.toEpochMilli() << 16) | 0x7000 | RANDOM.nextInt(0x1000);
		long low = (RANDOM.nextLong() >>> 2) | 0x8000000000000000L;
		return new UUID(high, low);
	}

}
