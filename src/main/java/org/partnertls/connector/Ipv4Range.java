package org.partnertls.connector;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which IPv4 addresses and ranges an inbound connector takes.
 */
final class Ipv4Range {

	private static final Pattern SHAPE = Pattern
		.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})(?:/(\\d{1,2}))?");

	/**
	 * Addresses that no mail server on the Internet has (IANA special-purpose registry,
	 * RFC 6890), as network and length. The documentation networks are left to Exchange
	 * Online to refuse.
	 */
	private static final List<String> RESERVED = List.of("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
			"169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3");

	/** What Exchange Online itself sends and receives with (Microsoft 365 endpoints). */
	private static final List<String> MICROSOFT = List.of("40.92.0.0/15", "40.107.0.0/16", "52.100.0.0/14",
			"104.47.0.0/17");

	private Ipv4Range() {
	}

	/** Whether an address or range begins within Exchange Online. */
	static boolean isMicrosoft(String range) {
		Matcher matcher = SHAPE.matcher(range);
		return matcher.matches() && MICROSOFT.stream().anyMatch((network) -> contains(network, address(matcher)));
	}

	/** Whether two addresses or ranges have an address in common. */
	static boolean meet(String one, String other) {
		Matcher first = SHAPE.matcher(one);
		Matcher second = SHAPE.matcher(other);
		if (!first.matches() || !second.matches()) {
			return false;
		}
		long mask = mask(Math.min(length(first), length(second)));
		return (address(first) & mask) == (address(second) & mask);
	}

	private static int length(Matcher matcher) {
		return (matcher.group(5) != null) ? Math.min(Integer.parseInt(matcher.group(5)), 32) : 32;
	}

	private static long address(Matcher matcher) {
		long address = 0;
		for (int i = 1; i <= 4; i++) {
			address = (address << 8) | Integer.parseInt(matcher.group(i));
		}
		return address;
	}

	static Optional<String> objection(String range) {
		if (range.contains(":")) {
			return Optional.of(range + " is an IPv6 address; Exchange Online takes IPv4 addresses here.");
		}
		Matcher matcher = SHAPE.matcher(range);
		if (!matcher.matches()) {
			return Optional
				.of(range + " is not an IPv4 address such as 203.0.113.7 or a range such as 203.0.113.0/24.");
		}
		long address = 0;
		for (int i = 1; i <= 4; i++) {
			int part = Integer.parseInt(matcher.group(i));
			if (part > 255) {
				return Optional.of(range + " is not an IPv4 address: each part is at most 255.");
			}
			address = (address << 8) | part;
		}
		int length = (matcher.group(5) != null) ? Integer.parseInt(matcher.group(5)) : 32;
		if (length < 24 || length > 32) {
			return Optional.of(range + " is too wide or not a range: Exchange Online takes /24 to /32.");
		}
		if ((address & ~mask(length) & 0xFFFFFFFFL) != 0) {
			return Optional.of(range + " does not begin where its range begins: write " + text(address & mask(length))
					+ "/" + length + ", or the address alone.");
		}
		long begin = address;
		if (RESERVED.stream().anyMatch((reserved) -> contains(reserved, begin))) {
			return Optional
				.of(range + " is a private or reserved address; name the public one that the Internet sees.");
		}
		return Optional.empty();
	}

	private static boolean contains(String network, long address) {
		Matcher matcher = SHAPE.matcher(network);
		if (!matcher.matches()) {
			return false;
		}
		return (address & mask(length(matcher))) == address(matcher);
	}

	private static long mask(int length) {
		return (0xFFFFFFFFL << (32 - length)) & 0xFFFFFFFFL;
	}

	private static String text(long address) {
		return (address >> 24 & 255) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255);
	}

}
