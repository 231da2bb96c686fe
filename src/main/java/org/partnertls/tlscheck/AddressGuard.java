package org.partnertls.tlscheck;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keeps the probe away from addresses that no public mail server can have, so that nobody
 * reaches into our own network by pointing an MX record there. The ranges are those of
 * the IANA special-purpose address registries (RFC 6890) that are not globally reachable,
 * multicast and what is reserved; IPv6 outside 2000::/3 is refused altogether. Forms that
 * carry an IPv4 address (mapped, NAT64, 6to4) are judged by the address that they carry.
 */
final class AddressGuard {

	private static final List<Network> SPECIAL = Stream.of("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
			"169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
			"192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
			"224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
		.map(Network::of)
		.toList();

	private static final Network GLOBAL_UNICAST = Network.of("2000::/3");

	private static final Network NAT64 = Network.of("64:ff9b::/96");

	private static final Network SIX_TO_FOUR = Network.of("2002::/16");

	private final List<Network> allowed;

	AddressGuard(List<Network> allowed) {
		this.allowed = List.copyOf(allowed);
	}

	boolean permits(InetAddress address) {
		InetAddress carried = carried(address);
		return isIn(this.allowed, carried) || isPublic(carried);
	}

	/**
	 * Whether an address is permitted only because the settings say so, as in a lab.
	 */
	boolean isAllowedSpecially(InetAddress address) {
		return isIn(this.allowed, carried(address));
	}

	private static boolean isPublic(InetAddress address) {
		boolean global = !(address instanceof Inet6Address) || GLOBAL_UNICAST.contains(address);
		return global && !isIn(SPECIAL, address);
	}

	private static boolean isIn(List<Network> networks, InetAddress address) {
		return networks.stream().anyMatch((network) -> network.contains(address));
	}

	/**
	 * The IPv4 address inside an IPv6 one, or the address itself.
	 */
	private static InetAddress carried(InetAddress address) {
		byte[] bytes = address.getAddress();
		if (bytes.length == 4) {
			return address;
		}
		if (isMapped(bytes) || NAT64.contains(address)) {
			return four(bytes, 12);
		}
		return SIX_TO_FOUR.contains(address) ? four(bytes, 2) : address;
	}

	private static boolean isMapped(byte[] bytes) {
		for (int i = 0; i < 10; i++) {
			if (bytes[i] != 0) {
				return false;
			}
		}
		return bytes[10] == -1 && bytes[11] == -1;
	}

	private static InetAddress four(byte[] bytes, int from) {
		try {
			return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + 4));
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException("Four bytes are an IPv4 address", ex);
		}
	}

}
