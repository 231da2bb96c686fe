package org.partnertls.header;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import org.partnertls.organization.EmailAddress;

/**
 * Where the outside ends: the servers that take in our mail, so that the line one of them
 * wrote about a peer outside can be told from lines that anybody may have made up.
 *
 * @param mxNames host names that our MX records point to, as in
 * {@code portal.organization.mx-names}; a leading dot stands for a whole family. Names of
 * Exchange Online switch its rules on, any other name is a gateway's
 * @param testAddress the address that test messages go to, without a plus part; null when
 * there is none
 */
public record Boundary(List<String> mxNames, @Nullable EmailAddress testAddress) {

	/** What the front end of Exchange Online calls itself, in all its clouds. */
	private static final List<String> EDGES = List.of(".mail.protection.outlook.com", ".mail.protection.office365.us",
			".mail.protection.partner.outlook.cn");

	/** The MX names of domains with DNSSEC at Exchange Online end in this. */
	private static final String DNSSEC_MX = ".mx.microsoft";

	/** Servers inside Exchange Online, behind its front end. */
	private static final List<String> INSIDE = List.of(".prod.outlook.com", ".outlook.office365.com",
			".prod.protection.outlook.com", ".prod.partner.outlook.cn", ".protection.gbl", ".mgd.msft.net");

	public Boundary {
		mxNames = mxNames.stream().map((name) -> name.strip().toLowerCase(Locale.ROOT)).toList();
	}

	/**
	 * Whether Exchange Online itself is our MX.
	 */
	boolean hasExchangeOnline() {
		return this.mxNames.stream().anyMatch(Boundary::isExchangeOnlineMx);
	}

	/**
	 * Whether the host is one of the gateways that are our MX.
	 */
	boolean isGateway(@Nullable String host) {
		return host != null
				&& matches(host, this.mxNames.stream().filter((name) -> !isExchangeOnlineMx(name)).toList());
	}

	/**
	 * Whether the host is the front end of Exchange Online, ours or anybody's.
	 */
	static boolean isExchangeOnlineEdge(@Nullable String host) {
		return host != null && matches(host, EDGES);
	}

	/**
	 * Whether the host name is one that Exchange Online uses inside. A peer can claim
	 * such a name, so look at its address too.
	 */
	static boolean isInsideExchangeOnline(@Nullable String host) {
		return host != null && !isExchangeOnlineEdge(host) && matches(host, INSIDE);
	}

	private static boolean isExchangeOnlineMx(String name) {
		return isExchangeOnlineEdge("any" + name) || isExchangeOnlineEdge(name) || name.endsWith(DNSSEC_MX);
	}

	private static boolean matches(String host, Collection<String> names) {
		String lower = host.toLowerCase(Locale.ROOT);
		return names.stream().anyMatch((name) -> name.startsWith(".") ? lower.endsWith(name) : lower.equals(name));
	}

}
