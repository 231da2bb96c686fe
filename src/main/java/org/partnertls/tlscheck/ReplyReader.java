package org.partnertls.tlscheck;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads replies of a server that may be hostile: lines, replies and the whole session are
 * bounded. Time is bounded elsewhere, by closing the socket.
 */
final class ReplyReader {

	private static final int MAX_LINE_KEPT = 2048;

	private static final int MAX_LINE_READ = 8 * 1024;

	private static final int MAX_REPLY_LINES = 100;

	private static final int MAX_REPLY_BYTES = 16 * 1024;

	private static final int MAX_SESSION_BYTES = 96 * 1024;

	private static final Pattern REPLY_LINE = Pattern.compile("[2-5][0-9]{2}(?:[ -].*)?");

	private final InputStream in;

	private final Transcript transcript;

	private final byte[] buffer = new byte[2048];

	private int next;

	private int filled;

	private int sessionBytes;

	/**
	 * Reads from a connection.
	 * @param in the connection
	 * @param transcript hears every line
	 * @param sessionBytes how much of the session's bytes are used up already
	 */
	ReplyReader(InputStream in, Transcript transcript, int sessionBytes) {
		this.in = in;
		this.transcript = transcript;
		this.sessionBytes = sessionBytes;
	}

	int sessionBytes() {
		return this.sessionBytes;
	}

	/**
	 * The next whole reply.
	 * @throws UnreadableReply when it is none or too large
	 * @throws EOFException when the server hangs up
	 */
	SmtpReply read() throws IOException {
		List<String> lines = new ArrayList<>();
		int bytes = 0;
		int code = 0;
		while (true) {
			String line = line();
			this.transcript.server(line);
			bytes += line.length();
			if (!REPLY_LINE.matcher(line).matches()) {
				throw new UnreadableReply("a line that is no SMTP reply");
			}
			int lineCode = Integer.parseInt(line.substring(0, 3));
			if (!lines.isEmpty() && lineCode != code) {
				throw new UnreadableReply("one reply with different codes");
			}
			code = lineCode;
			lines.add((line.length() > 4) ? line.substring(4) : "");
			if (line.length() == 3 || line.charAt(3) == ' ') {
				return new SmtpReply(code, lines);
			}
			if (lines.size() == MAX_REPLY_LINES || bytes > MAX_REPLY_BYTES) {
				throw new UnreadableReply("a reply that does not end");
			}
		}
	}

	/**
	 * Whether bytes stand behind the last reply.
	 */
	boolean hasMore() throws IOException {
		return this.next < this.filled || this.in.available() > 0;
	}

	private String line() throws IOException {
		StringBuilder line = new StringBuilder();
		for (int read = 0; read < MAX_LINE_READ; read++) {
			int b = octet();
			if (b == '\n') {
				int end = line.length();
				return (end > 0 && line.charAt(end - 1) == '\r') ? line.substring(0, end - 1) : line.toString();
			}
			if (line.length() < MAX_LINE_KEPT) {
				line.append((char) b);
			}
		}
		this.transcript.server(line.toString());
		throw new UnreadableReply("a line that does not end");
	}

	private int octet() throws IOException {
		if (this.next == this.filled) {
			this.filled = Math.max(this.in.read(this.buffer), 0);
			this.next = 0;
			this.sessionBytes += this.filled;
			if (this.filled == 0) {
				throw new EOFException("The server closed the connection");
			}
			if (this.sessionBytes > MAX_SESSION_BYTES) {
				throw new UnreadableReply("more than a whole session may hold");
			}
		}
		return Byte.toUnsignedInt(this.buffer[this.next++]);
	}

	/**
	 * One command line as bytes.
	 */
	static byte[] command(String line) {
		return (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
	}

	/**
	 * The server sent something that cannot be read as a reply.
	 */
	static final class UnreadableReply extends IOException {

		/**
		 * Says what came.
		 * @param what completes "the server sent ..."
		 */
		UnreadableReply(String what) {
			super("the server sent " + what);
		}

	}

}
