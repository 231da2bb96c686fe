package org.partnertls.tlscheck;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import com.google.common.collect.ImmutableList;

/**
 * Who runs the servers that a domain's MX records name, told by their names.
 */
public enum MxPlatform {

	/** Exchange Online. */
	MICROSOFT("Microsoft 365", "mail.protection.outlook.com", "mx.microsoft"),
	/** Google Workspace. */
	GOOGLE("Google Workspace", "google.com", "googlemail.com"),
	/** Proofpoint. */
	PROOFPOINT("Proofpoint", "pphosted.com", "ppe-hosted.com", "ppops.net"),
	/** Mimecast. */
	MIMECAST("Mimecast", "mimecast.com", "mimecast.co.za"),
	/** Cisco Secure Email. */
	CISCO("Cisco Secure Email", "iphmx.com"),
	/** Cloudflare Email Security; not its Email Routing, which only forwards. */
	CLOUDFLARE("Cloudflare Email Security", "mxrecord.io", "mxrecord.mx"),
	/** Barracuda. */
	BARRACUDA("Barracuda", "barracudanetworks.com", "cudamail.com"),
	/** Symantec / Broadcom. */
	BROADCOM("Broadcom Email Security", "messagelabs.com"),
	/** Trend Micro. */
	TREND_MICRO("Trend Micro", "trendmicro.com", "trendmicro.eu"),
	/** Sophos. */
	SOPHOS("Sophos", "sophos.com"),
	/** Hornetsecurity. */
	HORNETSECURITY("Hornetsecurity", "hornetsecurity.com", "antispameurope.com"),
	/** Amazon. */
	AMAZON("Amazon SES", "amazonaws.com"),
	/** Zoho. */
	ZOHO("Zoho Mail", "zoho.com", "zoho.eu"),
	/** More than one of these. */
	SEVERAL("several providers"),
	/** Anybody else: as far as we can tell, the partner. */
	OWN("servers of their own");

	private final String words;

	private final ImmutableList<String> families;

	MxPlatform(String words, String... families) {
		this.words = words;
		this.families = ImmutableList.copyOf(families);
	}

	/**
	 * Tells it from the names of the servers.
	 */
	public static MxPlatform of(List<String> hosts) {
		Set<MxPlatform> found = EnumSet.noneOf(MxPlatform.class);
		hosts.forEach((host) -> found.add(of(host)));
		return found.isEmpty() ? OWN : (found.size() == 1) ? found.iterator().next() : SEVERAL;
	}

	private static MxPlatform of(String host) {
		return Arrays.stream(values())
			.filter((platform) -> platform.families.stream().anyMatch((family) -> host.endsWith("." + family)))
			.findFirst()
			.orElse(OWN);
	}

	/**
	 * Whether a server belongs to one of the providers, whose certificates no customer
	 * renews.
	 */
	static boolean isHosted(String host) {
		return of(host) != OWN;
	}

	/** For people. */
	public String words() {
		return this.words;
	}

}
