package lab;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

import javax.net.ssl.SSLContext;

import com.icegreen.greenmail.store.FolderException;
import com.icegreen.greenmail.store.MailFolder;
import com.icegreen.greenmail.store.StoredMessage;
import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;

/**
 * Our own organisation's side of the mail, on loopback: the MX of our domains, which
 * behaves and writes like the front end of Exchange Online; the test mailbox over IMAP;
 * and the server that the portal hands its own mail to, with an inbox to read it in.
 */
public final class MailHub implements AutoCloseable {

	/** Messages kept in each list and in the test mailbox. */
	public static final int MOST_MESSAGES = 500;

	private static final String POD = "DB5PEPF00014B8A";

	/** What the MX calls itself. */
	public static final String MX_NAME = POD + ".mail.protection.outlook.com";

	private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z",
			Locale.ENGLISH);

	private final Settings settings;

	private final Clock clock;

	private final MailHubCertificate certificate;

	private final GreenMail imap;

	private final GreenMailUser testMailbox;

	private final SmtpReceiver mx;

	private final SmtpReceiver submission;

	private final AtomicLong ids = new AtomicLong();

	private final Deque<StoredMail> outgoing = new ArrayDeque<>();

	private final Deque<StoredMail> incoming = new ArrayDeque<>();

	private volatile Predicate<String> requiresTls = (domain) -> false;

	private volatile BiConsumer<String, String> arrivals = (sender, recipient) -> {
	};

	private MailHub(Settings settings, Clock clock, MailHubCertificate certificate) throws IOException {
		this.settings = settings;
		this.clock = clock;
		this.certificate = certificate;
		this.imap = new GreenMail(new ServerSetup(settings.imap().getPort(),
				settings.imap().getAddress().getHostAddress(), ServerSetup.PROTOCOL_IMAP));
		this.imap.start();
		this.imap.getUserManager().setAuthRequired(true);
		this.testMailbox = this.imap.setUser(settings.testAddress(), settings.testAddress(), settings.testPassword());
		this.mx = new SmtpReceiver(MX_NAME, settings.mx(), this.certificate.server(), new Mx());
		this.submission = new SmtpReceiver("submission.lab", settings.submission(), null, new Submission());
	}

	/**
	 * Starts all three servers, the MX with a certificate of its own making.
	 */
	public static MailHub start(Settings settings, Clock clock) throws IOException {
		return new MailHub(settings, clock, MailHubCertificate.forHost(settings.mxHost()));
	}

	/**
	 * Starts all three servers.
	 * @param server presents the MX's certificate
	 * @param client trusts it
	 */
	public static MailHub start(Settings settings, Clock clock, SSLContext server, SSLContext client)
			throws IOException {
		return new MailHub(settings, clock, new MailHubCertificate(server, client));
	}

	/**
	 * Where the MX listens.
	 */
	public InetSocketAddress mxAddress() {
		return this.mx.address();
	}

	/**
	 * Where the portal hands in its mail, without TLS or sign-in.
	 */
	public InetSocketAddress submissionAddress() {
		return this.submission.address();
	}

	/**
	 * Where the test mailbox is read, protocol imap.
	 */
	public InetSocketAddress imapAddress() {
		return new InetSocketAddress(this.settings.imap().getAddress(), this.imap.getImap().getPort());
	}

	/**
	 * TLS settings that trust the MX's certificate.
	 */
	public SSLContext trust() {
		return this.certificate.client();
	}

	/**
	 * Lets somebody say for which envelope sender domains clear text is refused, as an
	 * inbound connector with RequireTls does. Asked anew for every message.
	 * @param senderDomain told a domain in lower case
	 */
	public void requireTls(Predicate<String> senderDomain) {
		this.requiresTls = senderDomain;
	}

	/**
	 * Lets somebody hear of each message that came in by the MX.
	 * @param heard told the envelope's sender and each recipient
	 */
	public void arrivals(BiConsumer<String, String> heard) {
		this.arrivals = heard;
	}

	/**
	 * What the portal sent, newest first.
	 */
	public List<StoredMail> outgoing() {
		return copy(this.outgoing);
	}

	/**
	 * What came in by the MX for others than the test mailbox, newest first.
	 */
	public List<StoredMail> incoming() {
		return copy(this.incoming);
	}

	/**
	 * What the test mailbox holds, newest first, as a mail program shows the source.
	 */
	public List<String> testMessages() {
		try {
			List<String> sources = new ArrayList<>();
			for (StoredMessage message : this.imap.getManagers()
				.getImapHostManager()
				.getInbox(this.testMailbox)
				.getMessages()) {
				ByteArrayOutputStream source = new ByteArrayOutputStream();
				message.getMimeMessage().writeTo(source);
				sources.addFirst(source.toString(StandardCharsets.UTF_8));
			}
			return sources;
		}
		catch (FolderException | MessagingException | IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static List<StoredMail> copy(Deque<StoredMail> mails) {
		synchronized (mails) {
			return List.copyOf(mails);
		}
	}

	@Override
	public void close() throws IOException {
		this.mx.close();
		this.submission.close();
		this.imap.stop();
	}

	private void store(Deque<StoredMail> mails, SmtpReceiver.Envelope envelope, byte[] content)
			throws MessagingException, IOException {
		StoredMail mail = StoredMail.of(String.valueOf(this.ids.incrementAndGet()), this.clock.instant(), envelope,
				content);
		synchronized (mails) {
			mails.addFirst(mail);
			if (mails.size() > MOST_MESSAGES) {
				mails.removeLast();
			}
		}
	}

	private void deliverToTestMailbox(byte[] content) throws Exception {
		MailFolder inbox = this.imap.getManagers().getImapHostManager().getInbox(this.testMailbox);
		synchronized (this.testMailbox) {
			if (inbox.getMessageCount() >= MOST_MESSAGES) {
				inbox.deleteAllMessages();
			}
			inbox.store(parse(content));
		}
	}

	private boolean isTestAddress(String recipient) {
		String test = this.settings.testAddress().toLowerCase(Locale.ROOT);
		String lower = recipient.toLowerCase(Locale.ROOT);
		int at = test.lastIndexOf('@');
		return lower.equals(test)
				|| (lower.startsWith(test.substring(0, at) + "+") && lower.endsWith(test.substring(at)));
	}

	private static MimeMessage parse(byte[] content) throws MessagingException {
		return new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(content));
	}

	private static String domain(String address) {
		return address.substring(address.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
	}

	private String deliver(SmtpReceiver.Envelope envelope, byte[] content, Deque<StoredMail> mails,
			Predicate<String> listed) {
		try {
			if (envelope.recipients().stream().anyMatch(this::isTestAddress)) {
				deliverToTestMailbox(content);
			}
			if (envelope.recipients().stream().anyMatch(listed)) {
				store(mails, envelope, content);
			}
			return "250 2.6.0 Queued mail for delivery";
		}
		catch (Exception ex) {
			// GreenMail declares no more than that; the sender is told.
			return "554 5.6.0 The message could not be read";
		}
	}

	private static byte[] stamped(byte[] content, String... headers) {
		ByteArrayOutputStream stamped = new ByteArrayOutputStream();
		for (String header : headers) {
			stamped.writeBytes((header + "\r\n").getBytes(StandardCharsets.US_ASCII));
		}
		stamped.writeBytes(content);
		return stamped.toByteArray();
	}

	private String now() {
		return DATE.format(this.clock.instant().atOffset(ZoneOffset.UTC));
	}

	/**
	 * How the hub is set up. A port of 0 takes any free one.
	 *
	 * @param mxHost the name that our MX records give, and that the certificate carries
	 * @param domains our mail domains, for which the MX takes mail
	 * @param testAddress where test messages go, without a plus part; also the IMAP user
	 * @param testPassword the IMAP password
	 * @param mx where the MX listens
	 * @param submission where the portal's mail is taken
	 * @param imap where the test mailbox is read
	 */
	public record Settings(String mxHost, Set<String> domains, String testAddress, String testPassword,
			InetSocketAddress mx, InetSocketAddress submission, InetSocketAddress imap) {

		public Settings {
			domains = Set.copyOf(domains);
		}

	}

	/**
	 * One message as a page shows it.
	 *
	 * @param id counts up
	 * @param time when it came in
	 * @param from the envelope sender
	 * @param to the envelope recipients
	 * @param subject decoded, empty when there is none
	 * @param text the plain text part, empty when there is none
	 * @param html the HTML part, empty when there is none
	 * @param headers one line each, as received
	 */
	public record StoredMail(String id, Instant time, String from, List<String> to, String subject, String text,
			String html, List<String> headers) {

		private static StoredMail of(String id, Instant time, SmtpReceiver.Envelope envelope, byte[] content)
				throws MessagingException, IOException {
			MimeMessage message = parse(content);
			String subject = message.getSubject();
			return new StoredMail(id, time, envelope.sender(), envelope.recipients(), (subject != null) ? subject : "",
					body(message, "text/plain", 0), body(message, "text/html", 0),
					List.copyOf(Collections.list(message.getAllHeaderLines())));
		}

		private static String body(Part part, String type, int depth) throws MessagingException, IOException {
			if (part.isMimeType(type)) {
				return String.valueOf(part.getContent());
			}
			if (!part.isMimeType("multipart/*") || depth > 5) {
				return "";
			}
			Multipart multipart = (Multipart) part.getContent();
			for (int i = 0; i < Math.min(multipart.getCount(), 50); i++) {
				BodyPart inner = multipart.getBodyPart(i);
				String found = body(inner, type, depth + 1);
				if (!found.isEmpty()) {
					return found;
				}
			}
			return "";
		}

	}

	private final class Mx implements SmtpReceiver.Desk {

		@Override
		public String sender(SmtpReceiver.Envelope envelope) {
			boolean refused = envelope.tls() == null && MailHub.this.requiresTls.test(domain(envelope.sender()));
			return refused ? "451 5.7.3 STARTTLS is required to send mail [" + MX_NAME + "]"
					: SmtpReceiver.Desk.super.sender(envelope);
		}

		@Override
		public String recipient(SmtpReceiver.Envelope envelope, String recipient) {
			return MailHub.this.settings.domains().contains(domain(recipient))
					? SmtpReceiver.Desk.super.recipient(envelope, recipient)
					: "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain";
		}

		@Override
		public String message(SmtpReceiver.Envelope envelope, byte[] content) {
			String now = now();
			byte[] stamped = stamped(content, internalHop(now), boundaryHop(envelope, now),
					"Return-Path: " + (envelope.sender().isEmpty() ? "<>" : envelope.sender()));
			envelope.recipients().forEach((recipient) -> MailHub.this.arrivals.accept(envelope.sender(), recipient));
			return deliver(envelope, stamped, MailHub.this.incoming, (recipient) -> !isTestAddress(recipient));
		}

		private String boundaryHop(SmtpReceiver.Envelope envelope, String now) {
			String bracket = (envelope.tls() != null) ? " (version=" + version(envelope.tls().getProtocol())
					+ ",\r\n cipher=" + envelope.tls().getCipherSuite() + ")" : "";
			return "Received: from " + envelope.helo() + " (" + envelope.peer().getHostAddress() + ") by\r\n " + MX_NAME
					+ " (10.167.8.200) with Microsoft SMTP\r\n Server" + bracket
					+ " id\r\n 15.20.9542.4 via Frontend Transport; " + now;
		}

		private String internalHop(String now) {
			return "Received: from " + POD + ".eurprd02.prod.outlook.com\r\n (2603:10a6:10:1a0:cafe::4) by"
					+ " DB8PR07CA0010.outlook.office365.com\r\n (2603:10a6:10:1a0::20) with Microsoft SMTP Server"
					+ " (version=TLS1_3,\r\n cipher=TLS_AES_256_GCM_SHA384) id 15.20.9499.7 via Frontend Transport; "
					+ now;
		}

		/** {@code TLSv1.3} as Exchange Online writes it: {@code TLS1_3}. */
		private static String version(String protocol) {
			return protocol.replace("v", "").replace('.', '_');
		}

	}

	private final class Submission implements SmtpReceiver.Desk {

		@Override
		public String message(SmtpReceiver.Envelope envelope, byte[] content) {
			byte[] stamped = stamped(content, "Received: from " + envelope.helo() + " ("
					+ envelope.peer().getHostAddress() + ") by submission.lab\r\n with ESMTP; " + now());
			return deliver(envelope, stamped, MailHub.this.outgoing, (recipient) -> true);
		}

	}

}
