package org.partnertls.dns;

import java.util.Comparator;

/**
 * One MX record (RFC 5321 section 5.1).
 *
 * @param preference the lower, the earlier it is tried
 * @param host lower-case name without the trailing dot, escaped as in a zone file where
 * it holds other bytes than a host name may; {@code .} for the null MX of RFC 7505
 */
public record MxHost(int preference, String host) implements Comparable<MxHost> {

	private static final Comparator<MxHost> ORDER = Comparator.comparingInt(MxHost::preference)
		.thenComparing(MxHost::host);

	public boolean isNull() {
		return this.host.equals(".");
	}

	@Override
	public int compareTo(MxHost other) {
		return ORDER.compare(this, other);
	}

}
