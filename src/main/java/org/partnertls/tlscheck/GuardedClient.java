package org.partnertls.tlscheck;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsAnswer;
import org.partnertls.tlscheck.Report.ChainFacts;
import org.partnertls.tlscheck.Report.NameFit;
import org.partnertls.tlscheck.Report.Trust;

/**
 * Fetches what strangers name by HTTP/1.1 (RFC 9112): the name is resolved once, every
 * address is judged before anything is sent, no redirect is followed, and bytes and time
 * are bounded. For https the certificate must be trusted and for the host.
 */
final class GuardedClient {

	private static final Duration LIMIT = Duration.ofSeconds(10);

	private static final int MAX_HEAD = 16 * 1024;

	private final AddressGuard guard;

	private final ChainJudge judge;

	private final ScheduledExecutorService timer;

	private final Clock clock;

	private final int httpsPort;

	/**
	 * Makes a client.
	 * @param httpsPort instead of 443, for tests
	 */
	GuardedClient(AddressGuard guard, ChainJudge judge, ScheduledExecutorService timer, Clock clock, int httpsPort) {
		this.guard = guard;
		this.judge = judge;
		this.timer = timer;
		this.clock = clock;
		this.httpsPort = httpsPort;
	}

	/**
	 * Asks for something.
	 * @param url http or https
	 * @param body what to post, with its type; nothing to get
	 * @param most how many bytes the answer may have
	 * @param dns whom to ask for the address
	 * @param end until when, on the scale of {@link System#nanoTime()}; ten seconds at
	 * most
	 * @throws FetchFailed when there is no answer that could be read whole
	 */
	Response fetch(String url, @Nullable Post body, int most, Dns dns, long end) throws FetchFailed {
		long ownEnd = System.nanoTime() + LIMIT.toNanos();
		long until = (end - ownEnd < 0) ? end : ownEnd;
		Place place = place(url);
		InetAddress address = address(place.host(), dns.until(until));
		boolean lab = this.guard.isAllowedSpecially(address);
		if (!lab && place.port() != (place.secure() ? 443 : 80)) {
			throw new FetchFailed(Failure.NOT_ALLOWED, "port " + place.port() + " is not asked");
		}
		AtomicBoolean late = new AtomicBoolean();
		Socket raw = new Socket();
		Future<?> alarm = this.timer.schedule(() -> expire(raw, late), Math.max(0, until - System.nanoTime()),
				TimeUnit.NANOSECONDS);
		try (raw) {
			raw.connect(new InetSocketAddress(address, place.port()), Math.toIntExact(LIMIT.toMillis()));
			Socket socket = place.secure() ? secure(raw, place) : raw;
			OutputStream out = socket.getOutputStream();
			out.write(request(place, body));
			out.flush();
			return new Reading(socket.getInputStream(), most).response();
		}
		catch (SSLException ex) {
			throw late.get() ? tooLate() : new FetchFailed(Failure.UNTRUSTED, "the TLS handshake with " + place.host()
					+ " failed: " + Transcript.printable("" + ex.getMessage(), 120));
		}
		catch (IOException ex) {
			if (ex instanceof FetchFailed failed) {
				throw failed;
			}
			throw late.get() ? tooLate() : new FetchFailed(Failure.NO_ANSWER,
					"the web server does not answer: " + Transcript.printable("" + ex.getMessage(), 120));
		}
		finally {
			alarm.cancel(false);
		}
	}

	private static FetchFailed tooLate() {
		return new FetchFailed(Failure.NO_ANSWER, "the web server took too long");
	}

	private static void expire(Socket raw, AtomicBoolean late) {
		late.set(true);
		try {
			raw.close();
		}
		catch (IOException ex) {
			// Closed is closed; the reading ends either way.
			late.set(true);
		}
	}

	private Place place(String url) throws FetchFailed {
		try {
			URI uri = new URI(url);
			boolean secure = "https".equalsIgnoreCase(uri.getScheme());
			String host = uri.getHost();
			if (host == null || !(secure || "http".equalsIgnoreCase(uri.getScheme())) || uri.getUserInfo() != null
					|| !Prober.isHostName(host.toLowerCase(Locale.ROOT))) {
				throw new FetchFailed(Failure.NOT_ALLOWED, "the address is none that is asked");
			}
			String path = (uri.getRawPath() == null || uri.getRawPath().isEmpty()) ? "/" : uri.getRawPath();
			String query = (uri.getRawQuery() != null) ? "?" + uri.getRawQuery() : "";
			int port = (uri.getPort() > 0) ? uri.getPort() : secure ? this.httpsPort : 80;
			return new Place(secure, host.toLowerCase(Locale.ROOT), port, path + query);
		}
		catch (URISyntaxException ex) {
			throw new FetchFailed(Failure.NOT_ALLOWED, "the address makes no sense");
		}
	}

	private InetAddress address(String host, Dns dns) throws FetchFailed {
		return switch (dns.addresses(host)) {
			case DnsAnswer.Found<InetAddress> found -> found.records()
				.stream()
				.filter(this.guard::permits)
				.findFirst()
				.orElseThrow(() -> new FetchFailed(Failure.NOT_ALLOWED,
						host + " has no address of the public Internet; it was not connected to"));
			case DnsAnswer.None<InetAddress> none -> throw new FetchFailed(Failure.NO_ANSWER, host + " has no address");
			case DnsAnswer.NoAnswer<InetAddress> noAnswer ->
				throw new FetchFailed(Failure.NO_ANSWER, host + " could not be looked up: " + noAnswer.why());
		};
	}

	private SSLSocket secure(Socket raw, Place place) throws IOException {
		RecordingTrust trust = new RecordingTrust();
		SSLSocket secure = Conversation.layer(raw, place.host(), place.port(), trust, place.host());
		secure.startHandshake();
		if (trust.chain().isEmpty()) {
			throw new FetchFailed(Failure.UNTRUSTED, "the web server shows no certificate");
		}
		Instant now = this.clock.instant();
		ChainFacts chain = this.judge.judge(trust.chain(), place.host(), place.host(), now);
		if (chain.trust() != Trust.TRUSTED) {
			throw new FetchFailed(Failure.UNTRUSTED, chain.trustWords());
		}
		if (now.isAfter(chain.validUntil()) || now.isBefore(chain.validFrom())) {
			throw new FetchFailed(Failure.UNTRUSTED,
					"the certificate is valid from " + chain.validFrom() + " to " + chain.validUntil());
		}
		if (chain.name() != NameFit.HOST) {
			throw new FetchFailed(Failure.UNTRUSTED, "the certificate is not for " + place.host());
		}
		return secure;
	}

	private static byte[] request(Place place, @Nullable Post body) {
		StringBuilder head = new StringBuilder();
		head.append((body != null) ? "POST " : "GET ").append(place.target()).append(" HTTP/1.1\r\n");
		head.append("Host: ").append(place.host()).append("\r\n");
		head.append("User-Agent: partner-tls-portal\r\nAccept-Encoding: identity\r\nConnection: close\r\n");
		if (body != null) {
			head.append("Content-Type: ").append(body.type()).append("\r\nContent-Length: ");
			head.append(body.content().length).append("\r\n");
		}
		head.append("\r\n");
		ByteArrayOutputStream request = new ByteArrayOutputStream();
		request.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
		if (body != null) {
			request.writeBytes(body.content());
		}
		return request.toByteArray();
	}

	/**
	 * Where to ask.
	 */
	private record Place(boolean secure, String host, int port, String target) {

	}

	/**
	 * What to post.
	 *
	 * @param type media type
	 * @param content the bytes
	 */
	@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
	record Post(String type, byte[] content) {

	}

	/**
	 * What came back.
	 *
	 * @param status for example 200
	 * @param type media type, printable
	 * @param body at most as many bytes as were wanted
	 */
	@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
	record Response(int status, @Nullable String type, byte[] body) {

	}

	/**
	 * Why nothing came back.
	 */
	enum Failure {

		/** It is not asked: an address or port that is none of ours to ask. */
		NOT_ALLOWED,
		/** The certificate of the web server does not hold. */
		UNTRUSTED,
		/** There is no answer, or it does not end. */
		NO_ANSWER

	}

	/**
	 * Nothing came back.
	 */
	static final class FetchFailed extends IOException {

		private final Failure failure;

		FetchFailed(Failure failure, String words) {
			super(words);
			this.failure = failure;
		}

		Failure failure() {
			return this.failure;
		}

		String words() {
			return Transcript.printable(String.valueOf(getMessage()), 250);
		}

	}

	/**
	 * Reads one response, bounded.
	 */
	private static final class Reading {

		private final InputStream in;

		private final int most;

		private int headBytes;

		Reading(InputStream in, int most) {
			this.in = in;
			this.most = most;
		}

		Response response() throws IOException {
			String status = line();
			if (!status.matches("HTTP/1\\.[01] [1-5][0-9]{2}(?: .*)?")) {
				throw new FetchFailed(Failure.NO_ANSWER, "the answer is no HTTP");
			}
			Map<String, String> head = new HashMap<>();
			for (String line = line(); !line.isEmpty(); line = line()) {
				int colon = line.indexOf(':');
				if (colon > 0) {
					head.putIfAbsent(line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
							line.substring(colon + 1).strip());
				}
			}
			String type = head.get("content-type");
			return new Response(Integer.parseInt(status.substring(9, 12)),
					(type != null) ? Transcript.printable(type, 100) : null, body(head));
		}

		private byte[] body(Map<String, String> head) throws IOException {
			if (head.containsKey("content-encoding") && !"identity".equals(head.get("content-encoding"))) {
				throw new FetchFailed(Failure.NO_ANSWER, "the answer is compressed, which was not asked for");
			}
			if ("chunked".equalsIgnoreCase(head.get("transfer-encoding"))) {
				return chunks();
			}
			String length = head.get("content-length");
			if (length != null && length.matches("[0-9]{1,9}")) {
				int wanted = Integer.parseInt(length);
				if (wanted > this.most) {
					throw tooLarge();
				}
				byte[] body = this.in.readNBytes(wanted);
				if (body.length < wanted) {
					throw new FetchFailed(Failure.NO_ANSWER, "the answer ends too early");
				}
				return body;
			}
			return bounded(this.in.readNBytes(this.most + 1));
		}

		private byte[] chunks() throws IOException {
			ByteArrayOutputStream body = new ByteArrayOutputStream();
			while (true) {
				String size = line().split(";", 2)[0].strip();
				if (!size.matches("[0-9A-Fa-f]{1,7}")) {
					throw new FetchFailed(Failure.NO_ANSWER, "the answer is no HTTP");
				}
				int bytes = Integer.parseInt(size, 16);
				if (bytes == 0) {
					return body.toByteArray();
				}
				if (body.size() + bytes > this.most) {
					throw tooLarge();
				}
				byte[] chunk = this.in.readNBytes(bytes);
				if (chunk.length < bytes) {
					throw new FetchFailed(Failure.NO_ANSWER, "the answer ends too early");
				}
				body.writeBytes(chunk);
				this.headBytes = 0;
				line();
			}
		}

		private byte[] bounded(byte[] body) throws FetchFailed {
			if (body.length > this.most) {
				throw tooLarge();
			}
			return body;
		}

		private FetchFailed tooLarge() {
			return new FetchFailed(Failure.NO_ANSWER, "the answer is larger than " + this.most / 1024 + " KiB");
		}

		private String line() throws IOException {
			StringBuilder line = new StringBuilder();
			for (int b = this.in.read(); b != '\n'; b = this.in.read()) {
				this.headBytes++;
				if (b < 0 || this.headBytes > MAX_HEAD) {
					throw new FetchFailed(Failure.NO_ANSWER,
							(b < 0) ? "the web server hung up" : "the head of the answer does not end");
				}
				line.append((char) b);
			}
			int end = line.length();
			return (end > 0 && line.charAt(end - 1) == '\r') ? line.substring(0, end - 1) : line.toString();
		}

	}

}
