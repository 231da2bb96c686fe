package lab;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import javax.net.ssl.SSLContext;

import org.xbill.DNS.ARecord;
import org.xbill.DNS.Lookup;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * The sending side of the tenant: validates an outbound connector as Exchange Online
 * does, by looking up the partner's MX in the lab's DNS and bringing a message there by
 * real SMTP with the TLS that the connector demands.
 */
final class OutboundDelivery implements ExchangeValidator {

	private static final String SENDER = "O365ConnectorValidation@";

	private final InetSocketAddress dns;

	private final int smtpPort;

	private final X509Certificate authority;

	private final String ourDomain;

	private final Clock clock;

	/**
	 * A sender.
	 * @param dns the lab's DNS server, host and port
	 * @param smtpPort where the lab's mail servers listen
	 * @param authority whose certificates are trusted
	 * @param ourDomain in whose name it sends
	 */
	OutboundDelivery(String dns, int smtpPort, X509Certificate authority, String ourDomain, Clock clock) {
		String[] hostAndPort = dns.split(":", 2);
		this.dns = new InetSocketAddress(InetAddress.ofLiteral(hostAndPort[0]), Integer.parseInt(hostAndPort[1]));
		this.smtpPort = smtpPort;
		this.authority = authority;
		this.ourDomain = ourDomain;
		this.clock = clock;
	}

	@Override
	public List<Task> validate(List<String> recipients, Map<String, Object> connector) {
		List<Task> tasks = new ArrayList<>();
		for (String recipient : recipients) {
			tasks.addAll(validate(recipient, connector));
		}
		return tasks;
	}

	private List<Task> validate(String recipient, Map<String, Object> connector) {
		String domain = recipient.substring(recipient.lastIndexOf('@') + 1);
		List<InetAddress> targets = targets(domain, connector);
		if (targets.isEmpty()) {
			return outcome(recipient, false, false, "450 4.4.312 DNS query failed: " + domain + " has no mail server.");
		}
		PartnerMailClient.Dialogue dialogue = null;
		for (InetAddress target : targets) {
			dialogue = send(target, recipient, connector);
			if (dialogue.accepted()) {
				break;
			}
		}
		boolean encrypted = dialogue.lines().stream().anyMatch((line) -> line.startsWith("* "));
		boolean connected = dialogue.lines().stream().anyMatch((line) -> line.startsWith("< 220"));
		boolean asDemanded = connected && (encrypted || connector.get("TlsSettings") == null);
		return outcome(recipient, asDemanded, asDemanded && dialogue.accepted(), dialogue.finalReply());
	}

	private static List<Task> outcome(String recipient, boolean connected, boolean accepted, String detail) {
		return List.of(
				new Task("Check connectivity", connected,
						Map.of("Recipient", recipient, "Detail", connected ? "220 connected" : detail)),
				new Task("Send test email", accepted, Map.of("Recipient", recipient, "Detail", detail)));
	}

	private PartnerMailClient.Dialogue send(InetAddress target, String recipient, Map<String, Object> connector) {
		String from = SENDER + this.ourDomain;
		String source = "From: <" + from + ">\r\nTo: <" + recipient + ">\r\nDate: "
				+ DateTimeFormatter.RFC_1123_DATE_TIME.format(this.clock.instant().atOffset(ZoneOffset.UTC))
				+ "\r\nMessage-ID: <" + UUID.randomUUID() + "@" + this.ourDomain
				+ ">\r\nSubject: Test email for connector validation\r\n\r\n"
				+ "This message was sent to check that mail to your domain arrives over TLS.\r\n";
		InetSocketAddress server = new InetSocketAddress(target, this.smtpPort);
		return new PartnerMailClient(server, trust(connector), InetAddress.ofLiteral("127.0.0.1"))
			.send(new PartnerMailClient.Letter("mail-db5eur02.outbound.protection.outlook.com", from,
					List.of(recipient), source, true));
	}

	private SSLContext trust(Map<String, Object> connector) {
		return switch (String.valueOf(connector.get("TlsSettings"))) {
			case "CertificateValidation" -> PartnerTrust.issuedBy(this.authority);
			case "DomainValidation" ->
				PartnerTrust.issuedBy(this.authority, String.valueOf(connector.get("TlsDomain")));
			default -> PartnerTrust.anything();
		};
	}

	private List<InetAddress> targets(String domain, Map<String, Object> connector) {
		List<String> hosts = new ArrayList<>();
		if (Boolean.FALSE.equals(connector.get("UseMXRecord"))
				&& connector.get("SmartHosts") instanceof List<?> smart) {
			smart.forEach((host) -> hosts.add(String.valueOf(host)));
		}
		else {
			List<MXRecord> exchangers = look(domain, Type.MX).stream().map(MXRecord.class::cast).toList();
			exchangers.stream()
				.sorted(Comparator.comparingInt(MXRecord::getPriority))
				.forEach((mx) -> hosts.add(mx.getTarget().toString(true)));
			if (exchangers.isEmpty()) {
				hosts.add(domain);
			}
		}
		return hosts.stream()
			.flatMap((host) -> look(host, Type.A).stream())
			.map((record) -> ((ARecord) record).getAddress())
			.toList();
	}

	private List<Record> look(String name, int type) {
		try {
			SimpleResolver resolver = new SimpleResolver(this.dns);
			Lookup lookup = new Lookup(Name.fromString(name, Name.root), type);
			lookup.setResolver(resolver);
			lookup.setCache(null);
			Record[] found = lookup.run();
			return (found == null) ? List.of() : Arrays.asList(found);
		}
		catch (TextParseException ex) {
			return List.of();
		}
	}

}
