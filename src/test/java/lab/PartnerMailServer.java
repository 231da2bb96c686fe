package lab;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * A partner's mail server: SMTP with STARTTLS on an address of its own, taking mail and
 * keeping the last messages, with faults that can be switched on while it runs.
 */
public final class PartnerMailServer implements AutoCloseable {

	private static final int KEPT = 50;

	private static final int MAX_MESSAGE = 1024 * 1024;

	private static final Pattern PATH = Pattern.compile("(?i)(?:MAIL FROM|RCPT TO):\\s*<([^>]*)>.*");

	private final String host;

	private final Pki pki;

	private final Clock clock;

	private final ServerSocket listening;

	private final Map<Fault, SSLContext> contexts = new ConcurrentHashMap<>();

	private final Set<String> tlsRequiredFrom = ConcurrentHashMap.newKeySet();

	private final ConcurrentLinkedDeque<Received> received = new ConcurrentLinkedDeque<>();

	private final List<String> commands = new CopyOnWriteArrayList<>();

	private final List<String> serverNames = new CopyOnWriteArrayList<>();

	private final Set<Socket> open = ConcurrentHashMap.newKeySet();

	private final AtomicInteger connections = new AtomicInteger();

	/** Nobody ever releases it: waiting for it is waiting until the server closes. */
	private final Semaphore never = new Semaphore(0);

	private volatile Fault fault = Fault.NONE;

	private volatile Pki.Identity identity;

	/**
	 * Starts.
	 * @param host its name, in its greeting and in its certificate
	 * @param address a loopback address of its own, such as 127.0.1.25
	 * @param port 0 for any that is free
	 * @param pki who issues its certificates
	 * @param clock for the time of receipt
	 */
	public PartnerMailServer(String host, String address, int port, Pki pki, Clock clock) {
		this.host = host;
		this.pki = pki;
		this.clock = clock;
		this.identity = pki.good(host);
		try {
			this.listening = new ServerSocket(port, 100, InetAddress.ofLiteral(address));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Thread.ofPlatform().daemon().name("lab-smtp-" + host).start(this::serve);
	}

	public String host() {
		return this.host;
	}

	public String address() {
		return this.listening.getInetAddress().getHostAddress();
	}

	public int port() {
		return this.listening.getLocalPort();
	}

	public Fault fault() {
		return this.fault;
	}

	/**
	 * Behaves differently from the next connection on.
	 */
	public PartnerMailServer fault(Fault fault) {
		this.fault = fault;
		return this;
	}

	/**
	 * Shows another certificate when it has no fault with certificates.
	 */
	public PartnerMailServer identity(Pki.Identity identity) {
		this.identity = identity;
		this.contexts.clear();
		return this;
	}

	/**
	 * What it shows when it has no fault with certificates.
	 */
	public Pki.Identity identity() {
		return this.identity;
	}

	/**
	 * Refuses mail in clear text from senders in a domain (451 5.7.3).
	 */
	public void requireTlsFrom(String domain) {
		this.tlsRequiredFrom.add(domain.toLowerCase(Locale.ROOT));
	}

	/**
	 * Takes it again.
	 */
	public void allowClearTextFrom(String domain) {
		this.tlsRequiredFrom.remove(domain.toLowerCase(Locale.ROOT));
	}

	public boolean requiresTlsFrom(String domain) {
		return this.tlsRequiredFrom.contains(domain.toLowerCase(Locale.ROOT));
	}

	/**
	 * The last messages, the newest first, at most 50.
	 */
	public List<Received> received() {
		return List.copyOf(this.received);
	}

	/**
	 * How many connections there have been.
	 */
	public int connections() {
		return this.connections.get();
	}

	/**
	 * Every command line of every client, in order.
	 */
	public List<String> commands() {
		return List.copyOf(this.commands);
	}

	/**
	 * The names that clients asked for in their handshakes (SNI), in order; empty where
	 * they named none.
	 */
	public List<String> serverNames() {
		return List.copyOf(this.serverNames);
	}

	@Override
	public void close() {
		try {
			this.listening.close();
			for (Socket socket : this.open) {
				socket.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void serve() {
		while (!this.listening.isClosed()) {
			try {
				Socket socket = this.listening.accept();
				this.connections.incrementAndGet();
				this.open.add(socket);
				Thread.ofVirtual().start(() -> converse(socket));
			}
			catch (IOException ex) {
				// Closed, or the client was gone before it was served.
			}
		}
	}

	private void converse(Socket socket) {
		try (socket) {
			new Session(socket, this.fault).run();
		}
		catch (IOException ex) {
			// The client hung up, or the server is being closed.
			return;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.open.remove(socket);
		}
	}

	private SSLContext context(Fault fault) {
		return this.contexts.computeIfAbsent(fault, (wanted) -> (switch (wanted) {
			case EXPIRED -> this.pki.expired(this.host);
			case EXPIRES_SOON -> this.pki.shortLived(Duration.ofHours(100), this.host);
			case SELF_SIGNED -> this.pki.selfSigned(this.host);
			case WRONG_NAME -> this.pki.good("www.somebody-else.example");
			case MISSING_INTERMEDIATE -> this.pki.missingIntermediate(this.host);
			default -> this.identity;
		}).serverContext());
	}

	/**
	 * One conversation.
	 */
	private final class Session {

		private final Socket raw;

		private final Fault fault;

		private InputStream in;

		private OutputStream out;

		private SSLSocket secure;

		private String from;

		private final List<String> to = new ArrayList<>();

		Session(Socket socket, Fault fault) throws IOException {
			this.raw = socket;
			this.fault = fault;
			this.in = new BufferedInputStream(socket.getInputStream());
			this.out = socket.getOutputStream();
		}

		void run() throws IOException, InterruptedException {
			if (!greet()) {
				return;
			}
			while (true) {
				String line = line();
				PartnerMailServer.this.commands.add(line);
				if (!obey(line)) {
					return;
				}
			}
		}

		private boolean greet() throws IOException, InterruptedException {
			switch (this.fault) {
				case GREET_421 -> say("421 4.7.0 Too many connections, try again later");
				case GREET_554 -> say("554 5.7.1 Your host is listed");
				case HANG_UP -> {
					return false;
				}
				case SILENT -> waitForClose();
				case TARPIT -> drip("220 " + PartnerMailServer.this.host + " is slow today, very slow indeed\r\n");
				case BINARY_JUNK -> raw(HexFormat.of().parseHex("00ff1b5b324a0d3c7363726970743e0a"));
				case ENDLESS_LINES -> endless("220-<script>alert(1)</script>\r\n");
				case ENDLESS_LINE -> endless("220 and on and on ");
				case MIXED_CODES -> say("220-first\r\n250 second");
				default -> say("220 " + PartnerMailServer.this.host + " ESMTP ready");
			}
			return this.fault != Fault.GREET_421 && this.fault != Fault.GREET_554;
		}

		private boolean obey(String line) throws IOException, InterruptedException {
			String verb = line.split("[ :]", 2)[0].toUpperCase(Locale.ROOT);
			switch (verb) {
				case "EHLO" -> ehlo();
				case "HELO" -> say("250 " + PartnerMailServer.this.host);
				case "STARTTLS" -> startTls();
				case "MAIL" -> mail(line);
				case "RCPT" -> rcpt(line);
				case "DATA" -> data();
				case "RSET" -> {
					reset();
					say("250 2.0.0 Reset");
				}
				case "NOOP" -> say("250 2.0.0 Ok");
				case "QUIT" -> {
					say("221 2.0.0 Bye");
					return false;
				}
				default -> say("500 5.5.1 Unknown command");
			}
			return true;
		}

		private void ehlo() throws IOException, InterruptedException {
			reset();
			if (this.secure == null && this.fault == Fault.EHLO_UNKNOWN) {
				say("502 5.5.1 EHLO is not implemented");
				return;
			}
			if (this.secure != null && this.fault == Fault.EHLO_421_IN_TLS) {
				say("421 4.7.0 Busy");
				return;
			}
			if ((this.fault == Fault.TARPIT_AFTER_EHLO && this.secure == null)
					|| (this.fault == Fault.TARPIT_IN_TLS && this.secure != null)) {
				drip("250 " + PartnerMailServer.this.host + " is slow today, very slow indeed\r\n");
				return;
			}
			if (this.fault == Fault.ENDLESS_EHLO) {
				endless("250-and another thing\r\n");
			}
			boolean offer = (this.secure == null) ? this.fault != Fault.NO_STARTTLS
					: this.fault == Fault.STARTTLS_OFFERED_AGAIN;
			say("250-" + PartnerMailServer.this.host + "\r\n250-PIPELINING\r\n250-SIZE " + MAX_MESSAGE
					+ (offer ? "\r\n250-starttls" : "") + "\r\n250 8BITMIME");
		}

		private void startTls() throws IOException, InterruptedException {
			String slippedIn = (this.fault == Fault.OBEYS_SLIPPED_IN && this.in.available() > 0) ? line() : null;
			switch (this.fault) {
				case TARPIT_AFTER_STARTTLS -> {
					drip("220 2.0.0 Ready to start TLS, but slowly, very slowly\r\n");
					return;
				}
				case STARTTLS_454 -> {
					say("454 4.7.0 TLS not available due to temporary reason");
					return;
				}
				case NO_STARTTLS, STARTTLS_REFUSED -> {
					say("502 5.5.1 STARTTLS is not available");
					return;
				}
				case INJECTED_RESPONSE ->
					raw("220 2.0.0 Ready\r\n250 injected\r\n".getBytes(StandardCharsets.US_ASCII));
				default -> say("220 2.0.0 Ready to start TLS");
			}
			switch (this.fault) {
				case CLOSE_IN_HANDSHAKE -> {
					this.in.read();
					this.raw.close();
				}
				case STALL_IN_HANDSHAKE -> waitForClose();
				case NOT_TLS -> raw("250 what handshake?\r\n".getBytes(StandardCharsets.US_ASCII));
				case TLS_1_0_ONLY -> serverHelloOfTls10();
				case OLD_TLS_TOO, OLD_SSL_TOO, SHORT_PRIME -> handshakeOrOld();
				case DRIP_IN_HANDSHAKE -> drip("\026\003\003@\0" + "x".repeat(1000));
				default -> handshake(null);
			}
			if (slippedIn != null) {
				obey(slippedIn);
			}
		}

		/**
		 * Answers an old ClientHello with the version that it has; that is all that a
		 * client sees of a server which still agrees to it.
		 */
		private void handshakeOrOld() throws IOException {
			byte[] head = this.in.readNBytes(5);
			boolean ssl2 = (head[0] & 0x80) != 0;
			int length = ssl2 ? ((head[0] & 0x7f) << 8) + Byte.toUnsignedInt(head[1]) - 3
					: (Byte.toUnsignedInt(head[3]) << 8) + Byte.toUnsignedInt(head[4]);
			byte[] hello = this.in.readNBytes(length);
			if (ssl2 && this.fault != Fault.OLD_SSL_TOO) {
				this.raw.close();
				return;
			}
			String answer = ssl2 ? "800b" + "0400010002" + "00".repeat(6) : answer(hello);
			if (answer != null) {
				raw(HexFormat.of().parseHex(answer));
				waitForClose();
			}
			byte[] consumed = Arrays.copyOf(head, head.length + hello.length);
			System.arraycopy(hello, 0, consumed, head.length, hello.length);
			handshake(new ByteArrayInputStream(consumed));
		}

		/**
		 * What is answered by hand; null where Java can answer.
		 */
		private String answer(byte[] hello) {
			int version = (hello[4] << 8) + hello[5];
			String body = "02000026" + String.format("%04x", version) + "42".repeat(32) + "00" + "c009" + "00";
			String record = "16" + String.format("%04x", version) + "002a" + body;
			return switch (this.fault) {
				case OLD_TLS_TOO -> (version == 0x0301 || version == 0x0302) ? record : null;
				case OLD_SSL_TOO -> (version == 0x0300) ? record : null;
				// No ECDHE is offered; the key exchange goes on in a further record.
				case SHORT_PRIME -> (version == 0x0303 && !HexFormat.of().formatHex(hello).contains("c02f"))
						? record + "160303008a" + "0c0000860080" + "c3".repeat(128) + "000105" + "00" : null;
				default -> null;
			};
		}

		/**
		 * A whole ServerHello that picks TLS 1.0: modern Java cannot speak it, but a
		 * client has seen enough.
		 */
		private void serverHelloOfTls10() throws IOException {
			this.in.read();
			String hello = "02000026" + "0301" + "42".repeat(32) + "00" + "c009" + "00";
			raw(HexFormat.of().parseHex("160301002a" + hello));
			waitForClose();
		}

		private void handshake(InputStream consumed) throws IOException {
			SSLSocketFactory factory = context(this.fault).getSocketFactory();
			SSLSocket upgraded = (SSLSocket) ((consumed != null) ? factory.createSocket(this.raw, consumed, true)
					: factory.createSocket(this.raw, this.raw.getInetAddress().getHostAddress(), this.raw.getPort(),
							true));
			upgraded.setUseClientMode(false);
			if (this.fault == Fault.TLS_1_2_ONLY) {
				upgraded.setEnabledProtocols(new String[] { "TLSv1.2" });
			}
			if (this.fault == Fault.WEAK_SUITE) {
				upgraded.setEnabledProtocols(new String[] { "TLSv1.2" });
				upgraded.setEnabledCipherSuites(new String[] { "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA" });
			}
			upgraded.startHandshake();
			PartnerMailServer.this.serverNames
				.add(((ExtendedSSLSession) upgraded.getSession()).getRequestedServerNames()
					.stream()
					.map((name) -> ((SNIHostName) name).getAsciiName())
					.collect(Collectors.joining()));
			this.secure = upgraded;
			this.in = new BufferedInputStream(upgraded.getInputStream());
			this.out = upgraded.getOutputStream();
			reset();
		}

		private void mail(String line) throws IOException {
			Matcher path = PATH.matcher(line);
			if (!path.matches()) {
				say("501 5.5.4 Syntax: MAIL FROM:<address>");
				return;
			}
			String sender = path.group(1);
			String domain = sender.substring(sender.lastIndexOf('@') + 1);
			if (this.secure == null && requiresTlsFrom(domain)) {
				say("451 5.7.3 STARTTLS is required to send mail");
				return;
			}
			if (this.secure == null && this.fault == Fault.GREYLISTS_CLEAR_TEXT) {
				say("450 4.2.0 Greylisted, come back in five minutes");
				return;
			}
			reset();
			this.from = sender;
			say("250 2.1.0 Ok");
		}

		private void rcpt(String line) throws IOException {
			Matcher path = PATH.matcher(line);
			if (this.from == null || !path.matches() || this.to.size() == 100) {
				say("503 5.5.1 MAIL first, then up to 100 recipients");
				return;
			}
			if (this.fault == Fault.UNKNOWN_RECIPIENT) {
				say("550 5.1.1 No such mailbox");
				return;
			}
			this.to.add(path.group(1));
			say("250 2.1.5 Ok");
		}

		private void data() throws IOException {
			if (this.to.isEmpty()) {
				say("503 5.5.1 RCPT first");
				return;
			}
			say("354 End with a dot on its own line");
			ByteArrayOutputStream message = new ByteArrayOutputStream();
			for (String line = line(); !line.equals("."); line = line()) {
				String text = line.startsWith(".") ? line.substring(1) : line;
				if (message.size() + text.length() + 2 <= MAX_MESSAGE) {
					message.writeBytes((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
				}
			}
			String tls = (this.secure == null) ? null
					: this.secure.getSession().getProtocol() + " " + this.secure.getSession().getCipherSuite();
			PartnerMailServer.this.received.addFirst(new Received(PartnerMailServer.this.clock.instant(), tls,
					this.from, this.to, message.toString(StandardCharsets.ISO_8859_1)));
			while (PartnerMailServer.this.received.size() > KEPT) {
				PartnerMailServer.this.received.pollLast();
			}
			reset();
			say("250 2.0.0 Ok: queued");
		}

		private void reset() {
			this.from = null;
			this.to.clear();
		}

		private void drip(String text) throws IOException, InterruptedException {
			for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
				raw(new byte[] { b });
				if (PartnerMailServer.this.never.tryAcquire(100, TimeUnit.MILLISECONDS)) {
					return;
				}
			}
		}

		private void endless(String text) throws IOException {
			while (true) {
				raw(text.getBytes(StandardCharsets.US_ASCII));
			}
		}

		private void waitForClose() throws IOException {
			this.in.transferTo(OutputStream.nullOutputStream());
			throw new EOFException();
		}

		private void say(String line) throws IOException {
			raw((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
		}

		private void raw(byte[] bytes) throws IOException {
			this.out.write(bytes);
			this.out.flush();
		}

		private String line() throws IOException {
			return Lines.next(this.in, 4096);
		}

	}

	/**
	 * A message that came in.
	 *
	 * @param at when
	 * @param tls version and cipher suite, or null when it came in clear text
	 * @param from envelope sender
	 * @param to envelope recipients
	 * @param source the message, ISO 8859-1
	 */
	public record Received(Instant at, String tls, String from, List<String> to, String source) {

		public Received {
			to = List.copyOf(to);
		}

		public boolean overTls() {
			return this.tls != null;
		}

	}

	/**
	 * What is wrong with it.
	 */
	public enum Fault {

		/** Nothing. */
		NONE,
		/** Its certificate has run out. */
		EXPIRED,
		/** Its certificate runs out in four days. */
		EXPIRES_SOON,
		/** Its certificate is signed by itself. */
		SELF_SIGNED,
		/** Its certificate is for another name. */
		WRONG_NAME,
		/** It does not send the intermediate certificate. */
		MISSING_INTERMEDIATE,
		/** It does not offer STARTTLS. */
		NO_STARTTLS,
		/** It knows nothing newer than TLS 1.2. */
		TLS_1_2_ONLY,
		/** It picks TLS 1.0. */
		TLS_1_0_ONLY,
		/** It knows TLS 1.2 with a CBC suite only. */
		WEAK_SUITE,
		/** It greets with 421. */
		GREET_421,
		/** It greets with 554. */
		GREET_554,
		/** It closes at once. */
		HANG_UP,
		/** It never says a word. */
		SILENT,
		/** It sends ten bytes a second. */
		TARPIT,
		/** It greets with bytes that are no text. */
		BINARY_JUNK,
		/** Its greeting has lines without end. */
		ENDLESS_LINES,
		/** Its greeting is a line without end. */
		ENDLESS_LINE,
		/** The lines of its greeting have different codes. */
		MIXED_CODES,
		/** It does not know EHLO. */
		EHLO_UNKNOWN,
		/** It puts STARTTLS off. */
		STARTTLS_454,
		/** It offers STARTTLS and refuses it. */
		STARTTLS_REFUSED,
		/** It sends clear text behind its reply to STARTTLS. */
		INJECTED_RESPONSE,
		/** It hangs up in the handshake. */
		CLOSE_IN_HANDSHAKE,
		/** It falls silent in the handshake. */
		STALL_IN_HANDSHAKE,
		/** It answers the handshake in clear text. */
		NOT_TLS,
		/** It offers STARTTLS inside TLS. */
		STARTTLS_OFFERED_AGAIN,
		/** It puts us off inside TLS. */
		EHLO_421_IN_TLS,
		/** It agrees to TLS 1.0 and 1.1 as well. */
		OLD_TLS_TOO,
		/** It agrees to SSL 2.0 and 3.0 as well. */
		OLD_SSL_TOO,
		/** It does Diffie-Hellman over a prime of 1024 bits as well. */
		SHORT_PRIME,
		/** It obeys inside TLS what came in clear text behind STARTTLS. */
		OBEYS_SLIPPED_IN,
		/** It answers EHLO ten bytes a second. */
		TARPIT_AFTER_EHLO,
		/** It answers STARTTLS ten bytes a second. */
		TARPIT_AFTER_STARTTLS,
		/** It sends its part of the handshake ten bytes a second. */
		DRIP_IN_HANDSHAKE,
		/** It answers EHLO inside TLS ten bytes a second. */
		TARPIT_IN_TLS,
		/** Its answer to EHLO has lines without end. */
		ENDLESS_EHLO,
		/** It puts off senders who come without TLS, for another reason. */
		GREYLISTS_CLEAR_TEXT,
		/** It knows no recipient. */
		UNKNOWN_RECIPIENT

	}

}
