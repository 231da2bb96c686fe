package org.partnertls.header;

import java.util.List;

import com.google.common.net.InetAddresses;
import org.jspecify.annotations.Nullable;

/**
 * Where the way down a message's {@code Received:} lines ends.
 *
 * @param hop the line that counts, or the one at which nothing more could be said; null
 * when all were read
 * @param tls what the line that counts tells; null when it tells nothing
 * @param ours whether our own server wrote the line
 * @param why in words, for when it tells nothing
 */
record DecidingHop(@Nullable Hop hop, @Nullable Tls tls, boolean ours, String why) {

	/**
	 * Goes down from the newest line to the first whose peer is outside.
	 */
	static DecidingHop find(List<Hop> hops, Boundary boundary) {
		for (Hop hop : hops) {
			if (isPeerInside(hop)) {
				continue;
			}
			String by = hop.byHost();
			if (by == null) {
				return lost(hop, "A Received line above the one that counts cannot be read for certain.");
			}
			boolean edge = Boundary.isExchangeOnlineEdge(by);
			if (boundary.isGateway(by)
					|| (edge && boundary.hasExchangeOnline() && !boundary.isGateway(hop.fromHost()))) {
				return found(hop);
			}
			if (edge && boundary.isGateway(hop.fromHost())) {
				continue;
			}
			return lost(hop, notOurs(by, edge));
		}
		return lost(null, hops.isEmpty() ? "The message has no Received lines. Copy the whole source of the message."
				: "None of the Received lines shows the message coming in from outside. Some programs leave that line out;"
						+ " copy the whole source of the message.");
	}

	private static String notOurs(String by, boolean edge) {
		if (edge) {
			return "The message came into Exchange Online at " + by + " past the gateway that our MX records name, or"
					+ " this is another organisation's Exchange Online.";
		}
		if (Boundary.isInsideExchangeOnline(by)) {
			return "The message did not come in by our MX: it was handed to Exchange Online at " + by
					+ ". Send the test message from the partner's mail servers.";
		}
		return "The message came in at " + by
				+ ", which is not among our MX names. If it is our gateway, an administrator"
				+ " adds it to portal.organization.mx-names.";
	}

	/**
	 * Whether the peer is one of the servers on the same side as the writer of the line.
	 * A name is not enough, since a peer can give any.
	 */
	private static boolean isPeerInside(Hop hop) {
		String address = hop.peerAddress();
		if (Boundary.isExchangeOnlineEdge(hop.byHost()) || Boundary.isInsideExchangeOnline(hop.byHost())) {
			return Boundary.isInsideExchangeOnline(hop.fromHost()) && address != null && isMicrosoftInternal(address);
		}
		return (hop.fromHost() == null && address == null) || (address != null && isPrivate(address));
	}

	/**
	 * Exchange Online talks to itself over private addresses and over its own IPv6
	 * networks, which are not those of virtual machines that anybody can rent
	 * ({@code 2603:10b6::} as against {@code 2603:1030::}).
	 */
	private static boolean isMicrosoftInternal(String address) {
		boolean own = address.startsWith("2603:10") && address.startsWith("6:", 8);
		return own || address.startsWith("2a01:111:f400:") || isPrivate(address);
	}

	private static boolean isPrivate(String address) {
		var parsed = InetAddresses.forString(address);
		boolean uniqueLocal = parsed.getAddress().length == 16 && (parsed.getAddress()[0] & 0xfe) == 0xfc;
		return uniqueLocal || parsed.isSiteLocalAddress() || parsed.isLoopbackAddress() || parsed.isLinkLocalAddress();
	}

	private static DecidingHop found(Hop hop) {
		return new DecidingHop(hop, hop.tls(), true, "The line that counts, written by " + hop.byHost()
				+ ", does not tell how the message came: it is cut off or in a form that we do not know.");
	}

	private static DecidingHop lost(@Nullable Hop hop, String why) {
		return new DecidingHop(hop, null, false, why);
	}

}
