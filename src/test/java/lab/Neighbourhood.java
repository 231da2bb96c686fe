package lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.util.FileSystemUtils;

/**
 * Everybody the portal deals with, in one object: DNS, our own organisation's mail and
 * test mailbox, its Exchange Online tenant and sign-in, and partners with mail servers
 * good and bad. {@link #portalSettings} leads a portal here. The lab and the tests of
 * whole journeys use the same.
 */
public final class Neighbourhood implements AutoCloseable {

	/** Our own mail domain. */
	public static final String OUR_DOMAIN = "contoso.example";

	/** Where test messages go, without a plus part. */
	public static final String TEST_ADDRESS = "tls-test@" + OUR_DOMAIN;

	/**
	 * Auto-configurations that only the tests' class path has and that the portal must
	 * not see.
	 */
	public static final String NOT_THE_PORTALS = "org.springframework.boot.security.oauth2.server.authorization"
			+ ".autoconfigure.servlet.OAuth2AuthorizationServerAutoConfiguration,"
			+ "org.springframework.boot.security.oauth2.server.authorization"
			+ ".autoconfigure.servlet.OAuth2AuthorizationServerJwtAutoConfiguration";

	private static final String OUR_MX = "contoso-example.mail.protection.outlook.com";

	private static final String OUR_MX_ADDRESS = "127.0.1.1";

	private static final String LOOPBACK = "127.0.0.1";

	/** 127.0.1.11 and the addresses after it are the partners'. */
	private static final int FIRST_PARTNER = 256 + 11;

	private static final int LAST_PARTNER = 256 * 64;

	private static final int MOST_TEXTS = 1000;

	private static final Pattern DOMAIN = Pattern
		.compile("(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?");

	private static final Pattern TEXT = Pattern.compile("[ -~&&[^\"\\\\]]{1,2000}");

	private static final Pattern ADDRESS = Pattern.compile("[^\\s<>\"@\\p{Cntrl}]{1,64}@[A-Za-z0-9.-]{1,253}");

	private static final List<Known> FIRST_PARTNERS = List.of(
			new Known("Nordwind Logistics", "nordwind.example", PartnerMailServer.Fault.NONE),
			new Known("Wide World Importers", "wideworld.example", PartnerMailServer.Fault.NONE),
			new Known("Fabrikam Payments", "fabrikam.example", PartnerMailServer.Fault.EXPIRED),
			new Known("Litware Insurance", "litware.example", PartnerMailServer.Fault.SELF_SIGNED),
			new Known("Tailspin Toys", "tailspin.example", PartnerMailServer.Fault.WRONG_NAME),
			new Known("Adatum Health", "adatum.example", PartnerMailServer.Fault.NO_STARTTLS),
			new Known("Proseware Legal", "proseware.example", PartnerMailServer.Fault.MISSING_INTERMEDIATE));

	private final LabHome home;

	private final boolean forgotten;

	private final Clock clock;

	private final int smtpPort;

	private final int policyPort;

	private final Pki pki;

	private final DnsServer dns;

	private final MailHub mail;

	private final ExchangeOnlineDouble exchange;

	private final IdentityProvider identityProvider;

	private final WebhookReceiver webhooks;

	private final Map<String, Partner> partners = new LinkedHashMap<>();

	private Neighbourhood(LabHome home, boolean forgotten, String publicAddress, Clock clock) throws IOException {
		this.home = home;
		this.forgotten = forgotten;
		this.clock = clock;
		FutureTask<IdentityProvider> signIn = new FutureTask<>(() -> IdentityProvider.start(publicAddress,
				home.port("sign-in", LOOPBACK), home.secret("portal-client")));
		Thread.ofPlatform().name("lab-sign-in").start(signIn);
		this.pki = Pki.keptIn(home.path("authority.p12"), home.secret("authority"), "Lab", clock);
		this.pki.writeRoot(authorityFile());
		this.smtpPort = home.port("smtp", smtpAddresses());
		this.policyPort = home.port("policies", smtpAddresses());
		this.dns = new DnsServer(home.port("dns", LOOPBACK));
		this.dns.putMx(OUR_DOMAIN, 0, OUR_MX).putAddress(OUR_MX, OUR_MX_ADDRESS);
		this.mail = MailHub.start(
				new MailHub.Settings(OUR_MX, Set.of(OUR_DOMAIN), TEST_ADDRESS, home.secret("test-mailbox"),
						new InetSocketAddress(InetAddress.ofLiteral(OUR_MX_ADDRESS), this.smtpPort),
						local(home.port("submission", LOOPBACK)), local(home.port("imap", LOOPBACK))),
				clock, this.pki.good(OUR_MX).serverContext(), PartnerTrust.issuedBy(this.pki.root(), OUR_MX));
		this.exchange = ExchangeOnlineDouble.start(ExchangeOnlineDouble.Settings.defaults()
			.at(LOOPBACK, home.port("exchange", LOOPBACK))
			.keptIn(home.path("tenant.json"))
			.on(clock)
			.validating(new OutboundDelivery(this.dns.address(), this.smtpPort, this.pki.root(), OUR_DOMAIN, clock)));
		this.mail.requireTls(this::rejectsClearTextFrom);
		this.mail.arrivals((sender, recipient) -> this.exchange.trace(sender, recipient, "Delivered",
				connectorFor(sender.substring(sender.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT)), ""));
		this.webhooks = WebhookReceiver.start(home.port("webhooks", LOOPBACK), home.secret("webhooks"), clock);
		restore();
		this.identityProvider = started(signIn);
	}

	/**
	 * Starts everybody.
	 * @param home remembers ports, secrets and what was done here
	 * @param publicAddress where the pages that a browser visits listen
	 */
	static Neighbourhood start(LabHome home, String publicAddress) throws IOException {
		return new Neighbourhood(home, false, publicAddress, Clock.systemUTC());
	}

	/**
	 * Starts everybody on free ports, to be forgotten at the end.
	 * @param clock what the neighbours go by
	 */
	public static Neighbourhood temporary(Clock clock) throws IOException {
		LabHome home = LabHome.open(Files.createTempDirectory("neighbourhood"));
		return new Neighbourhood(home, true, LOOPBACK, clock);
	}

	/**
	 * What leads a portal here, without its database; and lets that portal ask for
	 * sign-ins.
	 * @param portal the portal's base URL
	 */
	public Map<String, Object> portalSettings(URI portal) {
		this.identityProvider.admit(portal);
		Map<String, Object> settings = new LinkedHashMap<>();
		settings.put("spring.autoconfigure.exclude", NOT_THE_PORTALS);
		settings.put("spring.mail.host", LOOPBACK);
		settings.put("spring.mail.port", this.mail.submissionAddress().getPort());
		settings.put("portal.organization.base-url", portal.toString());
		settings.put("portal.organization.name", "Contoso Bank");
		settings.put("portal.organization.mail-domains", OUR_DOMAIN);
		settings.put("portal.organization.support-address", "mail-security@" + OUR_DOMAIN);
		settings.put("portal.organization.support-phone", "+44 20 7946 0000");
		settings.put("portal.organization.zone", "Europe/Berlin");
		settings.put("portal.mail.from", "tls-portal@" + OUR_DOMAIN);
		settings.put("portal.mail.administrators", "mail-security@" + OUR_DOMAIN);
		settings.put("portal.mail.compliance", "compliance@" + OUR_DOMAIN);
		settings.put("portal.audit.signing-key", historyKey().toString());
		settings.putAll(this.webhooks.portalSettings());
		settings.putAll(this.identityProvider.portalSettings());
		settings.putAll(this.exchange.properties());
		settings.put("portal.dns.servers", this.dns.address());
		settings.put("portal.tls-check.port", this.smtpPort);
		settings.put("portal.tls-check.policy-port", this.policyPort);
		settings.put("portal.tls-check.ehlo-name", "portal." + OUR_DOMAIN);
		settings.put("portal.tls-check.allowed-networks", "127.0.0.0/8");
		settings.put("portal.tls-check.trust-anchors", authorityFile().toString());
		settings.put("portal.tls-check.pause", "0s");
		settings.put("portal.test-mailbox.address", TEST_ADDRESS);
		settings.put("portal.test-mailbox.host", LOOPBACK);
		settings.put("portal.test-mailbox.port", this.mail.imapAddress().getPort());
		settings.put("portal.test-mailbox.protocol", "imap");
		settings.put("portal.test-mailbox.password", this.home.secret("test-mailbox"));
		return settings;
	}

	public Pki pki() {
		return this.pki;
	}

	public DnsServer dns() {
		return this.dns;
	}

	public MailHub mail() {
		return this.mail;
	}

	public ExchangeOnlineDouble exchange() {
		return this.exchange;
	}

	/** Who is told of alarms. */
	public WebhookReceiver webhooks() {
		return this.webhooks;
	}

	public IdentityProvider identityProvider() {
		return this.identityProvider;
	}

	/** Where every mail server of the neighbourhood listens. */
	public int smtpPort() {
		return this.smtpPort;
	}

	/**
	 * The partners, in the order in which they came.
	 */
	public List<Partner> partners() {
		synchronized (this.partners) {
			return List.copyOf(this.partners.values());
		}
	}

	/**
	 * The partner with a mail domain.
	 * @throws IllegalArgumentException when there is none
	 */
	public Partner partner(String domain) {
		synchronized (this.partners) {
			Partner partner = this.partners.get(domain.toLowerCase(Locale.ROOT));
			if (partner == null) {
				throw new IllegalArgumentException("There is no partner " + domain + " in the lab.");
			}
			return partner;
		}
	}

	/**
	 * A new partner with a good mail server of its own: MX, address and certificate.
	 * @param domain its mail domain, in lower case
	 * @throws IllegalArgumentException when the domain is none or taken
	 */
	public Partner addPartner(String name, String domain) {
		Partner added;
		synchronized (this.partners) {
			added = open(name, domain.strip().toLowerCase(Locale.ROOT));
		}
		save();
		return added;
	}

	/**
	 * Publishes a text in a partner's zone.
	 * @throws IllegalArgumentException when the name is not the partner's
	 */
	public void publish(Partner partner, String name, String text) {
		String owner = ownName(partner, name);
		// Zone files have quotation marks around it, which are no part of it.
		String plain = text.strip().replaceFirst("^\"(.*)\"$", "$1");
		if (!TEXT.matcher(plain).matches()) {
			throw new IllegalArgumentException("The text must have 1 to 2000 characters, plain ASCII without quotation"
					+ " marks and backslashes inside.");
		}
		if (texts().size() >= MOST_TEXTS) {
			throw new IllegalArgumentException("There are too many texts already. Remove some.");
		}
		this.dns.putTxt(owner, plain);
		save();
	}

	/**
	 * Removes a text from a partner's zone.
	 */
	public void withdraw(Partner partner, String name, String text) {
		this.dns.removeTxt(ownName(partner, name), text);
		save();
	}

	/**
	 * The texts in a partner's zone.
	 */
	public List<Text> texts(Partner partner) {
		return texts().stream().filter((text) -> owns(partner, text.name())).toList();
	}

	/**
	 * Gives a partner's mail server a fault, or none.
	 */
	public void fault(Partner partner, PartnerMailServer.Fault fault) {
		partner.server().fault(fault);
		save();
	}

	/**
	 * Lets a partner's domain publish something else about TLS.
	 */
	public void publish(Partner partner, Published published) {
		partner.publisher().publish(published);
		save();
	}

	/**
	 * Whether a partner's mail server refuses clear text from us.
	 */
	public void requireTlsFromUs(Partner partner, boolean required) {
		if (required) {
			partner.server().requireTlsFrom(OUR_DOMAIN);
		}
		else {
			partner.server().allowClearTextFrom(OUR_DOMAIN);
		}
		save();
	}

	/**
	 * Sends a test message as a partner's mail server would, to the MX of our domain, by
	 * real SMTP.
	 * @param to for example a test address given by the portal
	 * @param tls whether to use STARTTLS
	 * @throws IllegalArgumentException when it is no e-mail address
	 */
	public PartnerMailClient.Dialogue sendTestMessage(Partner partner, String to, boolean tls) {
		String recipient = to.strip();
		if (!ADDRESS.matcher(recipient).matches()) {
			throw new IllegalArgumentException("“" + recipient + "” is no e-mail address.");
		}
		String from = "postmaster@" + partner.domain();
		String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(this.clock.instant().atOffset(ZoneOffset.UTC));
		// The hop inside the partner's own network, which proves nothing about ours.
		String source = "Received: from workstation." + partner.domain() + " (192.0.2.77) by " + partner.server().host()
				+ "\r\n with ESMTPSA (TLS1.3) id " + Long.toString(this.clock.millis(), 36) + "; " + date
				+ "\r\nFrom: Postmaster <" + from + ">\r\nTo: <" + recipient + ">\r\nDate: " + date
				+ "\r\nMessage-ID: <" + UUID.randomUUID() + "@" + partner.domain() + ">\r\nSubject: TLS test from "
				+ partner.domain() + "\r\n\r\nThis is a test message.\r\n";
		return new PartnerMailClient(this.mail.mxAddress(), this.mail.trust(),
				InetAddress.ofLiteral(partner.server().address()))
			.send(new PartnerMailClient.Letter(partner.server().host(), from, List.of(recipient), source, tls));
	}

	@Override
	public void close() {
		try {
			this.identityProvider.close();
			this.webhooks.close();
			this.exchange.close();
			this.mail.close();
			this.dns.close();
			partners().forEach((partner) -> {
				partner.server().close();
				partner.publisher().close();
			});
			this.home.close();
			if (this.forgotten) {
				FileSystemUtils.deleteRecursively(this.home.path(""));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Path authorityFile() {
		return this.home.path("authority.pem");
	}

	/** The key that signs checkpoints of the history, made at the first start. */
	private Path historyKey() {
		Path file = this.home.path("history.pem");
		if (!Files.exists(file)) {
			try {
				byte[] key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate().getEncoded();
				this.home.write("history.pem",
						"-----BEGIN PRIVATE KEY-----\n"
								+ Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(key)
								+ "\n-----END PRIVATE KEY-----\n");
			}
			catch (NoSuchAlgorithmException ex) {
				throw new IllegalStateException(ex);
			}
		}
		return file;
	}

	private static InetSocketAddress local(int port) {
		return new InetSocketAddress(InetAddress.ofLiteral(LOOPBACK), port);
	}

	private static String address(int number) {
		return "127.0." + (number / 256) + "." + (number % 256);
	}

	private static String[] smtpAddresses() {
		return Stream
			.concat(Stream.of(OUR_MX_ADDRESS),
					IntStream.range(0, FIRST_PARTNERS.size()).mapToObj((i) -> address(FIRST_PARTNER + i)))
			.toArray(String[]::new);
	}

	private static IdentityProvider started(FutureTask<IdentityProvider> signIn) {
		try {
			return signIn.get();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("The OpenID provider did not start", ex.getCause());
		}
	}

	private boolean rejectsClearTextFrom(String domain) {
		return inboundFor(domain).anyMatch((connector) -> Boolean.TRUE.equals(connector.get("RequireTls")));
	}

	/** The name of the inbound connector that takes mail from a domain; null: none. */
	private String connectorFor(String domain) {
		return inboundFor(domain).findFirst().map((connector) -> connector.get("Name").toString()).orElse(null);
	}

	private Stream<Map<String, Object>> inboundFor(String domain) {
		return this.exchange.inbound()
			.stream()
			.filter((connector) -> Boolean.TRUE.equals(connector.get("Enabled")))
			.filter((connector) -> ((List<?>) connector.get("SenderDomains")).stream()
				.map((stored) -> String.valueOf(stored)
					.replaceFirst("^smtp:", "")
					.replaceFirst(";\\d+$", "")
					.toLowerCase(Locale.ROOT))
				.anyMatch((pattern) -> pattern.equals("*") || pattern.equals(domain)
						|| (pattern.startsWith("*.") && domain.endsWith(pattern.substring(1)))));
	}

	private Partner open(String name, String domain) {
		if (!DOMAIN.matcher(domain).matches() || name.isBlank() || name.length() > 100) {
			throw new IllegalArgumentException("“" + domain + "” is no domain name, or the name is missing.");
		}
		if (this.partners.containsKey(domain) || domain.equals(OUR_DOMAIN)) {
			throw new IllegalArgumentException(domain + " is in the lab already.");
		}
		int number = FIRST_PARTNER + this.partners.size();
		if (number > LAST_PARTNER) {
			throw new IllegalArgumentException("The lab is full.");
		}
		String host = "mx1." + domain;
		PartnerMailServer server = new PartnerMailServer(host, address(number), this.smtpPort, this.pki, this.clock);
		this.dns.putMx(domain, 10, host).putAddress(host, server.address());
		Partner partner = new Partner(name.strip(), domain, server,
				new Publisher(domain, server, this.dns, this.pki, this.policyPort, this.clock));
		this.partners.put(domain, partner);
		return partner;
	}

	private static boolean owns(Partner partner, String name) {
		return name.equals(partner.domain()) || name.endsWith("." + partner.domain());
	}

	private static String ownName(Partner partner, String name) {
		String owner = name.strip().toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
		if (!DOMAIN.matcher(owner).matches() || !owns(partner, owner)) {
			throw new IllegalArgumentException("The name must be " + partner.domain() + " or end in ."
					+ partner.domain() + ", but is “" + name.strip() + "”.");
		}
		return owner;
	}

	private List<Text> texts() {
		List<Text> texts = new ArrayList<>();
		for (String line : this.dns.lines()) {
			String[] columns = line.split("\\s+", 5);
			if (columns[3].equals("TXT")) {
				String name = columns[0].replaceFirst("\\.$", "");
				this.dns.texts(name)
					.stream()
					.map((text) -> new Text(name, text))
					.filter((text) -> !texts.contains(text))
					.forEach(texts::add);
			}
		}
		return texts;
	}

	private void restore() throws IOException {
		Path file = this.home.path("partners.json");
		if (!Files.exists(file)) {
			synchronized (this.partners) {
				FIRST_PARTNERS.forEach((known) -> open(known.name(), known.domain()).server().fault(known.fault()));
			}
			save();
			return;
		}
		Kept kept = JsonMapper.shared().readValue(Files.readString(file), new TypeReference<Kept>() {
		});
		synchronized (this.partners) {
			for (KeptPartner partner : kept.partners()) {
				PartnerMailServer server = open(partner.name(), partner.domain()).server().fault(partner.fault());
				if (partner.requiresTls()) {
					server.requireTlsFrom(OUR_DOMAIN);
				}
			}
		}
		kept.texts().forEach((text) -> this.dns.putTxt(text.name(), text.text()));
		// Behind the texts, among which its own stand as well.
		kept.partners()
			.stream()
			.filter((partner) -> partner.publishes() != null)
			.forEach((partner) -> partner(partner.domain()).publisher().publish(partner.publishes()));
	}

	private void save() {
		synchronized (this.partners) {
			List<KeptPartner> kept = this.partners.values()
				.stream()
				.map((partner) -> new KeptPartner(partner.name(), partner.domain(), partner.server().fault(),
						partner.server().requiresTlsFrom(OUR_DOMAIN), partner.publishes()))
				.toList();
			this.home.write("partners.json", JsonMapper.shared().writeValueAsString(new Kept(kept, texts())));
		}
	}

	/**
	 * An organisation that mails with ours.
	 *
	 * @param name what it calls itself
	 * @param domain its mail domain
	 * @param server its mail server, which sends as well
	 * @param publisher what it publishes about TLS
	 */
	public record Partner(String name, String domain, PartnerMailServer server, Publisher publisher) {

		public Published publishes() {
			return this.publisher.published();
		}

		@Override
		public boolean equals(Object other) {
			return other instanceof Partner partner && partner.domain.equals(this.domain);
		}

		@Override
		public int hashCode() {
			return Objects.hashCode(this.domain);
		}

	}

	/**
	 * A TXT record.
	 *
	 * @param name where
	 * @param text what
	 */
	public record Text(String name, String text) {
	}

	private record Known(String name, String domain, PartnerMailServer.Fault fault) {
	}

	private record KeptPartner(String name, String domain, PartnerMailServer.Fault fault, boolean requiresTls,
			Published publishes) {
	}

	private record Kept(List<KeptPartner> partners, List<Text> texts) {
	}

}
