package lab;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Exchange Online demands of a connector as a whole.
 */
final class ExchangeRules {

	private static final Pattern DOMAIN = Pattern
		.compile("(?:\\*|(?:\\*\\.)?(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z0-9-]{2,63})");

	private static final Pattern IPV4 = Pattern
		.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})(?:/(\\d{1,2}))?");

	private static final Pattern FORBIDDEN_IN_NAMES = Pattern.compile("[\"/\\\\\\[\\]:;|=,+*?<>]");

	private ExchangeRules() {
	}

	static void checkOutbound(Map<String, Object> connector) {
		checkShared(connector);
		boolean domains = !list(connector, "RecipientDomains").isEmpty() || is(connector, "AllAcceptedDomains");
		demand(domains != is(connector, "IsTransportRuleScoped"), "ConnectorIncorrectRouteScopeException",
				"Specify either RecipientDomains or IsTransportRuleScoped, and not both.");
		list(connector, "RecipientDomains").forEach((domain) -> checkDomain("RecipientDomains", domain));
		boolean named = connector.get("TlsDomain") != null;
		demand(named == "DomainValidation".equals(connector.get("TlsSettings")), "ConnectorIncorrectTlsDomainException",
				"TlsDomain and the DomainValidation value of TlsSettings must be used together.");
		demand(!"*".equals(connector.get("TlsDomain")), "ConnectorIncorrectTlsDomainException",
				"TlsDomain can't be \"*\".");
		boolean hosts = !list(connector, "SmartHosts").isEmpty();
		demand(hosts != is(connector, "UseMXRecord"), "ConnectorIncorrectSmartHostsException",
				"Use either MX records or smart hosts, and not both.");
		demand(!"OnPremises".equals(connector.get("ConnectorType")) || !is(connector, "UseMXRecord"),
				"ConnectorIncorrectUseMXException", "A connector of the type OnPremises can't use MX records.");
		for (String host : list(connector, "SmartHosts")) {
			demand(!host.contains(":") && (!IPV4.matcher(host).matches() || isPublic(host)),
					"ConnectorIncorrectSmartHostsException",
					"The smart host " + host + " is not a public IPv4 address.");
		}
	}

	static void checkInbound(Map<String, Object> connector) {
		checkShared(connector);
		demand(!list(connector, "SenderDomains").isEmpty(), "ConnectorMissingSenderDomainsException",
				"SenderDomains can't be empty.");
		boolean byCertificate = is(connector, "RestrictDomainsToCertificate");
		boolean byAddress = is(connector, "RestrictDomainsToIPAddresses");
		Object certificate = connector.get("TlsSenderCertificateName");
		demand(certificate == null || is(connector, "RequireTls"), "ConnectorIncorrectTlsException",
				"TlsSenderCertificateName needs RequireTls.");
		demand(!"*".equals(certificate), "ConnectorIncorrectTlsException", "TlsSenderCertificateName can't be \"*\".");
		demand(!byCertificate || certificate != null, "ConnectorIncorrectRestrictionException",
				"RestrictDomainsToCertificate needs TlsSenderCertificateName.");
		demand(!byAddress || !list(connector, "SenderIPAddresses").isEmpty(), "ConnectorIncorrectRestrictionException",
				"RestrictDomainsToIPAddresses needs SenderIPAddresses.");
		demand(!byCertificate || !byAddress, "ConnectorIncorrectRestrictionException",
				"RestrictDomainsToCertificate and RestrictDomainsToIPAddresses can't be used together.");
		list(connector, "SenderIPAddresses").forEach(ExchangeRules::checkAddress);
		demand(!is(connector, "TreatMessagesAsInternal") || !is(connector, "CloudServicesMailEnabled"),
				"ConnectorIncorrectUsageException",
				"TreatMessagesAsInternal and CloudServicesMailEnabled can't be used together.");
	}

	static void checkDomain(String parameter, String domain) {
		if (!DOMAIN.matcher(domain).matches()) {
			throw ExchangeRefusal.value(parameter, domain, "It isn't a valid SMTP domain.");
		}
	}

	private static void checkShared(Map<String, Object> connector) {
		String name = String.valueOf(connector.get("Name"));
		demand(!name.isBlank() && name.length() <= 64, "ConnectorInvalidNameException",
				"The name must have 1 to 64 characters.");
		demand(!FORBIDDEN_IN_NAMES.matcher(name).find(), "ConnectorInvalidNameException",
				"The name has characters that aren't valid.");
		Object comment = connector.get("Comment");
		demand(comment == null || comment.toString().length() <= 1024, "ConnectorInvalidCommentException",
				"The comment can't exceed 1024 characters.");
		demand(!is(connector, "CloudServicesMailEnabled") || "OnPremises".equals(connector.get("ConnectorType")),
				"ConnectorIncorrectUsageException", "CloudServicesMailEnabled needs the type OnPremises.");
	}

	private static void checkAddress(String range) {
		Matcher matcher = IPV4.matcher(range);
		demand(matcher.matches(), "ConnectorInvalidIPAddressException", range + " isn't an IPv4 address or range.");
		String length = matcher.group(5);
		demand(length == null || (Integer.parseInt(length) >= 24 && Integer.parseInt(length) <= 32),
				"ConnectorInvalidIPAddressException", "The range " + range + " must be /24 to /32.");
		demand(isPublic(range), "ConnectorInvalidIPAddressException", range + " is a private or reserved address.");
	}

	private static boolean isPublic(String range) {
		Matcher matcher = IPV4.matcher(range);
		if (!matcher.matches()) {
			return false;
		}
		int first = Integer.parseInt(matcher.group(1));
		int second = Integer.parseInt(matcher.group(2));
		boolean bytes = first < 224 && second < 256 && Integer.parseInt(matcher.group(3)) < 256
				&& Integer.parseInt(matcher.group(4)) < 256;
		return bytes && first != 0 && first != 10 && first != 127 && !(first == 172 && second >= 16 && second < 32)
				&& !(first == 192 && second == 168) && !(first == 169 && second == 254)
				&& !(first == 100 && second >= 64 && second < 128);
	}

	private static void demand(boolean met, String type, String text) {
		if (!met) {
			throw ExchangeRefusal.rule(type, text);
		}
	}

	static boolean is(Map<String, Object> connector, String key) {
		return Boolean.TRUE.equals(connector.get(key));
	}

	static List<String> list(Map<String, Object> connector, String key) {
		return (connector.get(key) instanceof List<?> texts) ? texts.stream().map(String::valueOf).toList() : List.of();
	}

}
