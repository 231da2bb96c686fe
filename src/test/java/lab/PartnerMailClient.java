package lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import com.google.common.io.ByteStreams;

/**
 * A partner's sending mail server: brings one message to an MX by real SMTP, with
 * STARTTLS or in clear text, and keeps the dialogue.
 */
public final class PartnerMailClient {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final int MOST_REPLY_LINES = 100;

	/** In one conversation, so that a line without end has one. */
	private static final long MOST_BYTES = 256 * 1024;

	private final InetSocketAddress mx;

	private final SSLContext trust;

	private final InetAddress source;

	/**
	 * A client for one MX.
	 * @param trust which certificates it accepts
	 * @param source the address that it sends from
	 */
	public PartnerMailClient(InetSocketAddress mx, SSLContext trust, InetAddress source) {
		this.mx = mx;
		this.trust = trust;
		this.source = source;
	}

	/**
	 * Sends one message. What goes wrong stands in the dialogue.
	 */
	public Dialogue send(Letter letter) {
		List<String> lines = new ArrayList<>();
		try (Socket socket = new Socket()) {
			socket.bind(new InetSocketAddress(this.source, 0));
			socket.connect(this.mx, (int) PATIENCE.toMillis());
			socket.setSoTimeout((int) PATIENCE.toMillis());
			boolean accepted = talk(socket, letter, lines);
			return new Dialogue(lines, accepted);
		}
		catch (IOException ex) {
			lines.add("! " + ex.getMessage());
			return new Dialogue(lines, false);
		}
	}

	private boolean talk(Socket socket, Letter letter, List<String> lines) throws IOException {
		Line line = new Line(socket, lines);
		if (!line.expect("2") || !line.say("EHLO " + letter.ehlo(), "2")) {
			return false;
		}
		if (letter.startTls()) {
			if (!line.say("STARTTLS", "220")) {
				return false;
			}
			SSLSocket secured = (SSLSocket) this.trust.getSocketFactory()
				.createSocket(socket, this.mx.getHostString(), this.mx.getPort(), true);
			secured.startHandshake();
			lines.add("* " + secured.getSession().getProtocol() + " " + secured.getSession().getCipherSuite());
			line = new Line(secured, lines);
			if (!line.say("EHLO " + letter.ehlo(), "2")) {
				return false;
			}
		}
		boolean accepted = letter(line, letter);
		if (accepted) {
			line.quit();
		}
		return accepted;
	}

	private static boolean letter(Line line, Letter letter) throws IOException {
		if (!line.say("MAIL FROM:<" + letter.from() + ">", "2")) {
			return false;
		}
		for (String to : letter.to()) {
			if (!line.say("RCPT TO:<" + to + ">", "2")) {
				return false;
			}
		}
		return line.say("DATA", "354") && line.data(letter.source());
	}

	/**
	 * What is to be sent.
	 *
	 * @param ehlo the name that the server gives
	 * @param from the envelope sender
	 * @param to the envelope recipients
	 * @param source headers, empty line, body
	 * @param startTls whether to encrypt; without it the message goes in clear text
	 */
	public record Letter(String ehlo, String from, List<String> to, String source, boolean startTls) {

		public Letter {
			to = List.copyOf(to);
			if (to.isEmpty() || (ehlo + from + String.join("", to)).chars().anyMatch((c) -> c < ' ')) {
				throw new IllegalArgumentException(
						"A name or an address has a line break in it, or nobody is addressed.");
			}
		}

	}

	/**
	 * How it went.
	 *
	 * @param lines what was said: {@code >} by us, {@code <} by the MX, {@code *} about
	 * TLS, {@code !} what went wrong
	 * @param accepted whether the MX took the message
	 */
	public record Dialogue(List<String> lines, boolean accepted) {

		public Dialogue {
			lines = List.copyOf(lines);
		}

		/**
		 * The reply that decided: to the message, or the refusal.
		 */
		public String finalReply() {
			List<String> replies = this.lines.stream()
				.filter((line) -> !line.startsWith(">") && !line.startsWith("< 221"))
				.toList();
			return replies.isEmpty() ? "" : replies.getLast().substring(2);
		}

	}

	private static final class Line {

		private final BufferedReader in;

		private final OutputStream out;

		private final List<String> lines;

		Line(Socket socket, List<String> lines) throws IOException {
			this.in = new BufferedReader(new InputStreamReader(ByteStreams.limit(socket.getInputStream(), MOST_BYTES),
					StandardCharsets.UTF_8));
			this.out = socket.getOutputStream();
			this.lines = lines;
		}

		boolean say(String command, String wanted) throws IOException {
			this.lines.add("> " + command);
			write(command + "\r\n");
			return expect(wanted);
		}

		boolean data(String source) throws IOException {
			StringBuilder stuffed = new StringBuilder(source.length() + 16);
			source.lines()
				.forEach((line) -> stuffed.append(line.startsWith(".") ? "." : "").append(line).append("\r\n"));
			this.lines.add("> (the message)");
			write(stuffed + ".\r\n");
			return expect("2");
		}

		/** The message is delivered by now, however the parting goes. */
		void quit() {
			try {
				say("QUIT", "2");
			}
			catch (IOException ex) {
				this.lines.add("> (connection closed)");
			}
		}

		boolean expect(String wanted) throws IOException {
			for (int i = 0; i < MOST_REPLY_LINES; i++) {
				String reply = this.in.readLine();
				if (reply == null) {
					throw new IOException("The server closed the connection.");
				}
				this.lines.add("< " + reply);
				if (reply.length() < 4 || reply.charAt(3) != '-') {
					return reply.startsWith(wanted);
				}
			}
			throw new IOException("The server's reply does not end.");
		}

		private void write(String text) throws IOException {
			this.out.write(text.getBytes(StandardCharsets.UTF_8));
			this.out.flush();
		}

	}

}
