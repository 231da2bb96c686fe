package org.partnertls.onboarding;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.MxPlatform;
import org.partnertls.tlscheck.Report;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.HostReport;

/**
 * What a partner sends or receives mail with, as far as we have a recipe for it. Only
 * platforms whose settings are confirmed stand here; everybody else finds what to ask for
 * under {@link #OTHER}.
 */
public enum MailPlatform {

	/** Microsoft 365. */
	EXCHANGE_ONLINE("Exchange Online (Microsoft 365)"),

	/** Exchange on one's own servers. */
	EXCHANGE_SERVER("Exchange Server"),

	/** Gmail for organisations. */
	GOOGLE_WORKSPACE("Google Workspace"),

	/** Postfix. */
	POSTFIX("Postfix"),

	/** Exim. */
	EXIM("Exim"),

	/** Sendmail. */
	SENDMAIL("Sendmail"),

	/** Mimecast gateway. */
	MIMECAST("Mimecast"),

	/** Proofpoint Essentials; not Proofpoint Protection Server or on Demand. */
	PROOFPOINT_ESSENTIALS("Proofpoint Essentials"),

	/** Cisco Secure Email Gateway, formerly ESA or IronPort. */
	CISCO_ESA("Cisco Secure Email Gateway (ESA)"),

	/** Cloudflare Email Security, which stands before another server and never sends. */
	CLOUDFLARE("Cloudflare Email Security"),

	/** Anything else, or run by a provider. */
	OTHER("Another platform, or run by a provider");

	private final String displayName;

	MailPlatform(String displayName) {
		this.displayName = displayName;
	}

	/**
	 * The name for people.
	 */
	public String displayName() {
		return this.displayName;
	}

	/**
	 * Whether anybody sends with it.
	 */
	public boolean sends() {
		return this != CLOUDFLARE;
	}

	/**
	 * What a domain's mail servers are, told by their names and, where these are the
	 * partner's own, by their greetings. A hint and no more: a name can be anything, and
	 * a greeting says what its administrator wants it to say.
	 * @param report what a check saw
	 * @return each platform once; empty where nothing tells
	 */
	static Set<MailPlatform> seenIn(Report report) {
		Set<MailPlatform> seen = new TreeSet<>();
		for (HostReport host : report.hosts()) {
			MailPlatform hosted = hosted(MxPlatform.of(List.of(host.name())), host.name());
			if (hosted != null) {
				seen.add(hosted);
				continue;
			}
			host.addresses().stream().map(AddressReport::greeting).map(MailPlatform::greeting).forEach((one) -> {
				if (one != null) {
					seen.add(one);
				}
			});
		}
		return seen;
	}

	private static @Nullable MailPlatform hosted(MxPlatform provider, String host) {
		return switch (provider) {
			case MICROSOFT -> EXCHANGE_ONLINE;
			case GOOGLE -> GOOGLE_WORKSPACE;
			case MIMECAST -> MIMECAST;
			// pphosted.com is Proofpoint on Demand, another product.
			case PROOFPOINT -> host.endsWith(".ppe-hosted.com") ? PROOFPOINT_ESSENTIALS : OTHER;
			case CISCO -> CISCO_ESA;
			case CLOUDFLARE -> CLOUDFLARE;
			case BARRACUDA, BROADCOM, TREND_MICRO, SOPHOS, HORNETSECURITY, AMAZON, ZOHO -> OTHER;
			case OWN, SEVERAL -> null;
		};
	}

	private static @Nullable MailPlatform greeting(String line) {
		String words = line.toLowerCase(Locale.ROOT);
		return words.contains("postfix") ? POSTFIX : words.contains(" exim ") ? EXIM
				: words.contains("sendmail") ? SENDMAIL
						: words.contains("microsoft esmtp mail service") ? EXCHANGE_SERVER : null;
	}

	/**
	 * The name in a web address: {@code exchange-online}.
	 */
	public String slug() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
