package lab;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/**
 * A small SMTP server (RFC 5321) with STARTTLS (RFC 3207), bounded in connections, line
 * length, message size and waiting time. What happens to mail is its {@link Desk}'s
 * affair.
 */
final class SmtpReceiver implements AutoCloseable {

	private static final int LONGEST_LINE = 2048;

	private static final int LARGEST_MESSAGE = 4 * 1024 * 1024;

	private static final int MOST_CONNECTIONS = 64;

	private static final int MOST_RECIPIENTS = 100;

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final String name;

	private final SSLContext tls;

	private final Desk desk;

	private final ServerSocket server;

	private final Semaphore places = new Semaphore(MOST_CONNECTIONS);

	private final Set<Socket> open = ConcurrentHashMap.newKeySet();

	/**
	 * Starts listening.
	 * @param name the host name in the greeting
	 * @param tls for STARTTLS; null = not offered
	 */
	SmtpReceiver(String name, InetSocketAddress address, SSLContext tls, Desk desk) throws IOException {
		this.name = name;
		this.tls = tls;
		this.desk = desk;
		this.server = new ServerSocket(address.getPort(), 50, address.getAddress());
		Thread.ofVirtual().name("smtp " + name).start(this::accept);
	}

	InetSocketAddress address() {
		return (InetSocketAddress) this.server.getLocalSocketAddress();
	}

	private void accept() {
		while (!this.server.isClosed()) {
			try {
				Socket socket = this.server.accept();
				if (this.places.tryAcquire()) {
					Thread.ofVirtual().name("smtp session").start(() -> serve(socket));
				}
				else {
					socket.close();
				}
			}
			catch (IOException ex) {
				// Closed, or this one connection failed: the loop's condition decides.
			}
		}
	}

	private void serve(Socket socket) {
		this.open.add(socket);
		try (socket) {
			socket.setSoTimeout((int) PATIENCE.toMillis());
			new Session(socket).run();
		}
		catch (IOException ex) {
			// The client went away: there is nobody left to tell.
		}
		finally {
			this.open.remove(socket);
			this.places.release();
		}
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		for (Socket socket : this.open) {
			socket.close();
		}
	}

	/**
	 * What is known about a message on its way in.
	 *
	 * @param peer the client's address
	 * @param helo the name that it gave
	 * @param sender the envelope sender, empty for the null sender
	 * @param recipients the envelope recipients
	 * @param tls the TLS session; null in clear text
	 */
	record Envelope(InetAddress peer, String helo, String sender, List<String> recipients, SSLSession tls) {
	}

	/**
	 * Decides over senders and recipients and takes messages.
	 */
	interface Desk {

		/** The reply to MAIL FROM. */
		default String sender(Envelope envelope) {
			return "250 2.1.0 Sender OK";
		}

		/** The reply to RCPT TO. */
		default String recipient(Envelope envelope, String recipient) {
			return "250 2.1.5 Recipient OK";
		}

		/** The reply after the message. */
		String message(Envelope envelope, byte[] content);

	}

	private final class Session {

		private Socket socket;

		private InputStream in;

		private OutputStream out;

		private SSLSession session;

		private String helo;

		private String sender;

		private final List<String> recipients = new ArrayList<>();

		Session(Socket socket) throws IOException {
			use(socket);
		}

		private void use(Socket socket) throws IOException {
			this.socket = socket;
			this.in = new BufferedInputStream(socket.getInputStream());
			this.out = new BufferedOutputStream(socket.getOutputStream());
		}

		void run() throws IOException {
			reply("220 " + SmtpReceiver.this.name + " ESMTP ready");
			String line = readLine();
			while (line != null) {
				int space = line.indexOf(' ');
				String verb = ((space >= 0) ? line.substring(0, space) : line).toUpperCase(Locale.ROOT);
				String rest = (space >= 0) ? line.substring(space + 1).strip() : "";
				if (verb.equals("QUIT")) {
					reply("221 2.0.0 Service closing transmission channel");
					return;
				}
				if (verb.equals("STARTTLS")) {
					if (!startTls()) {
						return;
					}
				}
				else {
					reply(answer(verb, rest));
				}
				line = readLine();
			}
		}

		private String answer(String verb, String rest) throws IOException {
			return switch (verb) {
				case "EHLO" -> hello(rest, true);
				case "HELO" -> hello(rest, false);
				case "MAIL" -> mail(rest);
				case "RCPT" -> recipient(rest);
				case "DATA" -> data();
				case "RSET" -> {
					reset();
					yield "250 2.0.0 Resetting";
				}
				case "NOOP" -> "250 2.0.0 OK";
				default -> "500 5.3.3 Unrecognized command";
			};
		}

		private String hello(String given, boolean extended) {
			boolean valid = !given.isEmpty() && given.length() <= 255 && given.chars()
				.allMatch((c) -> (Character.isLetterOrDigit(c) && c < 128) || "-._[]:".indexOf(c) >= 0);
			if (!valid) {
				return "501 5.5.4 Invalid domain name";
			}
			reset();
			this.helo = given;
			boolean offerTls = SmtpReceiver.this.tls != null && this.session == null;
			return extended
					? "250-" + SmtpReceiver.this.name + " Hello [" + this.socket.getInetAddress().getHostAddress()
							+ "]\r\n250-SIZE " + LARGEST_MESSAGE + "\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n"
							+ (offerTls ? "250-STARTTLS\r\n" : "") + "250 8BITMIME"
					: "250 " + SmtpReceiver.this.name;
		}

		private boolean startTls() throws IOException {
			if (SmtpReceiver.this.tls == null || this.session != null) {
				reply("502 5.5.1 STARTTLS is not available");
				return true;
			}
			// Commands sent ahead in clear text must not count inside TLS.
			if (this.in.available() > 0) {
				reply("554 5.5.0 Commands were sent before TLS started");
				return false;
			}
			reply("220 2.0.0 SMTP server ready");
			SSLSocket secured = (SSLSocket) SmtpReceiver.this.tls.getSocketFactory()
				.createSocket(this.socket, null, this.socket.getPort(), false);
			secured.setUseClientMode(false);
			secured.startHandshake();
			use(secured);
			this.session = secured.getSession();
			this.helo = null;
			reset();
			return true;
		}

		private String mail(String rest) {
			String address = path(rest, "FROM:");
			if (this.helo == null) {
				return "503 5.5.2 Send hello first";
			}
			if (address == null) {
				return "501 5.1.7 Invalid address";
			}
			String reply = SmtpReceiver.this.desk.sender(envelope(address));
			if (reply.startsWith("250")) {
				this.sender = address;
			}
			return reply;
		}

		private String recipient(String rest) {
			String address = path(rest, "TO:");
			if (this.sender == null) {
				return "503 5.5.2 Need mail command";
			}
			if (address == null || address.isEmpty()) {
				return "501 5.1.3 Invalid address";
			}
			if (this.recipients.size() >= MOST_RECIPIENTS) {
				return "452 4.5.3 Too many recipients";
			}
			String reply = SmtpReceiver.this.desk.recipient(envelope(this.sender), address);
			if (reply.startsWith("250")) {
				this.recipients.add(address);
			}
			return reply;
		}

		private String data() throws IOException {
			if (this.recipients.isEmpty()) {
				return "503 5.5.2 Need rcpt command";
			}
			reply("354 Start mail input; end with <CRLF>.<CRLF>");
			ByteArrayOutputStream content = new ByteArrayOutputStream();
			boolean tooLarge = false;
			for (byte[] line = readRaw(); !isDot(line); line = readRaw()) {
				int from = (line.length > 0 && line[0] == '.') ? 1 : 0;
				tooLarge |= content.size() + line.length > LARGEST_MESSAGE;
				if (!tooLarge) {
					content.write(line, from, line.length - from);
					content.write('\r');
					content.write('\n');
				}
			}
			Envelope envelope = envelope(this.sender);
			reset();
			return tooLarge ? "552 5.3.4 Message size exceeds fixed maximum message size"
					: SmtpReceiver.this.desk.message(envelope, content.toByteArray());
		}

		private Envelope envelope(String from) {
			return new Envelope(this.socket.getInetAddress(), this.helo, from, List.copyOf(this.recipients),
					this.session);
		}

		private void reset() {
			this.sender = null;
			this.recipients.clear();
		}

		private static String path(String rest, String keyword) {
			if (!rest.regionMatches(true, 0, keyword, 0, keyword.length())) {
				return null;
			}
			String path = rest.substring(keyword.length()).strip();
			int end = path.indexOf('>');
			boolean valid = path.startsWith("<") && end > 0 && end <= 320
					&& path.substring(1, end).chars().allMatch((c) -> c > ' ' && c < 127 && c != '<' && c != '(');
			return valid ? path.substring(1, end) : null;
		}

		private static boolean isDot(byte[] line) {
			return line.length == 1 && line[0] == '.';
		}

		private String readLine() throws IOException {
			int first = this.in.read();
			if (first < 0) {
				return null;
			}
			byte[] line = readRaw(first);
			return new String(line, StandardCharsets.UTF_8);
		}

		private byte[] readRaw() throws IOException {
			int first = this.in.read();
			if (first < 0) {
				throw new IOException("The client went away inside a message.");
			}
			return readRaw(first);
		}

		private byte[] readRaw(int first) throws IOException {
			ByteArrayOutputStream line = new ByteArrayOutputStream();
			int c = first;
			while (c >= 0 && c != '\n') {
				if (line.size() >= LONGEST_LINE) {
					throw new IOException("A line is longer than " + LONGEST_LINE + " bytes.");
				}
				line.write(c);
				c = this.in.read();
			}
			byte[] bytes = line.toByteArray();
			boolean cr = bytes.length > 0 && bytes[bytes.length - 1] == '\r';
			return cr ? java.util.Arrays.copyOf(bytes, bytes.length - 1) : bytes;
		}

		private void reply(String reply) throws IOException {
			this.out.write((reply + "\r\n").getBytes(StandardCharsets.UTF_8));
			this.out.flush();
		}

	}

}
