package org.partnertls.tlscheck;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Report.Stage;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;

/**
 * One connection to one address of a mail server, stage by stage (RFC 5321, RFC 3207).
 * Each stage and the whole have a deadline; when it passes, a timer closes the raw
 * socket, since a socket's own time-out starts anew with every byte.
 */
final class Conversation implements AutoCloseable {

	/** A server that does not know EHLO; other 5xx replies are no statement about TLS. */
	private static final Set<Integer> EHLO_UNKNOWN = Set.of(500, 502, 504);

	private static final SecureRandom RANDOM = new SecureRandom();

	/** In seconds; a ticket lives for seven days at most (RFC 8446 section 4.6.1). */
	private static final int LONGER_THAN_A_TICKET = Math.toIntExact(Duration.ofDays(8).toSeconds());

	private final ProbeSettings settings;

	private final ScheduledExecutorService timer;

	private final String host;

	private final InetAddress address;

	private final long end;

	private final Consumer<String> says;

	private final Socket raw = new Socket();

	private final Transcript transcript = new Transcript();

	private final List<StageReport> stages = new ArrayList<>();

	private @Nullable ReplyReader reader;

	private @Nullable OutputStream out;

	/**
	 * Prepares a conversation; {@link #open()} begins it.
	 * @param end until when, on the scale of {@link System#nanoTime()}
	 */
	Conversation(ProbeSettings settings, ScheduledExecutorService timer, String host, InetAddress address, long end,
			Consumer<String> says) {
		this.settings = settings;
		this.timer = timer;
		this.host = host;
		this.address = address;
		this.end = end;
		this.says = says;
	}

	List<StageReport> stages() {
		return this.stages;
	}

	Transcript transcript() {
		return this.transcript;
	}

	/**
	 * Connects and hears the whole greeting.
	 */
	void open() throws StageFailed {
		stage(Stage.CONNECT, this.settings.timeouts().connect(), "connecting", this::connect);
		stage(Stage.GREETING, this.settings.timeouts().greeting(), "waiting for the greeting",
				() -> expect(reply(), 220));
	}

	/**
	 * Says EHLO in clear text; it fails where STARTTLS is not offered.
	 */
	void ehlo() throws StageFailed {
		stage(Stage.EHLO, this.settings.timeouts().reply(), "saying EHLO", () -> {
			SmtpReply reply = ask("EHLO " + this.settings.ehloName());
			if (EHLO_UNKNOWN.contains(reply.code())) {
				throw new Unexpected(StageOutcome.NO_EHLO, "EHLO is not known: " + reply.summary());
			}
			expect(reply, 250);
			if (!reply.offersStartTls()) {
				throw new Unexpected(StageOutcome.NO_STARTTLS, "STARTTLS is not among what the server offers");
			}
			return "STARTTLS is offered";
		});
	}

	void startTls() throws StageFailed {
		startTls("STARTTLS");
	}

	/**
	 * Asks for TLS and slips a command in behind it, in one packet.
	 */
	void startTlsAnd(String command) throws StageFailed {
		startTls("STARTTLS\r\n" + command);
	}

	private void startTls(String lines) throws StageFailed {
		stage(Stage.STARTTLS, this.settings.timeouts().reply(), "asking for TLS", () -> {
			SmtpReply reply = ask(lines);
			if (reply.code() >= 500) {
				throw new Unexpected(StageOutcome.NO_STARTTLS, "STARTTLS is refused: " + reply.summary());
			}
			expect(reply, 220);
			if (reader().hasMore()) {
				throw new Unexpected(StageOutcome.INJECTION, "bytes follow the reply to STARTTLS in clear text");
			}
			return reply.summary();
		});
	}

	/**
	 * Shakes hands, from a context of its own: a shared one would resume a session and
	 * hide the certificate.
	 * @param serverName what to say in SNI; null for none
	 * @return the connection, over which the conversation goes on
	 */
	SSLSocket handshake(RecordingTrust trust, @Nullable String serverName) throws StageFailed {
		List<SSLSocket> made = new ArrayList<>(1);
		stage(Stage.HANDSHAKE, this.settings.timeouts().handshake(), "agreeing on TLS", () -> {
			SSLSocket secure = layer(this.raw, this.host, this.settings.port(), trust, serverName);
			made.add(secure);
			secure.startHandshake();
			String version = secure.getSession().getProtocol();
			String suite = secure.getSession().getCipherSuite();
			this.transcript.remark("TLS " + version + " " + suite);
			this.reader = new ReplyReader(secure.getInputStream(), this.transcript, reader().sessionBytes());
			this.out = secure.getOutputStream();
			return version + ", " + suite;
		});
		return made.getFirst();
	}

	/**
	 * Sends bytes that are no SMTP and hands over what comes back, until the deadline of
	 * a handshake.
	 */
	<T> T exchange(byte[] sent, Answer<T> answer) throws StageFailed {
		List<T> read = new ArrayList<>(1);
		stage(Stage.HANDSHAKE, this.settings.timeouts().handshake(), "trying other versions of TLS", () -> {
			this.raw.getOutputStream().write(sent);
			read.add(answer.read(this.raw.getInputStream()));
			return "";
		});
		return read.getFirst();
	}

	/**
	 * Sends one line and waits for the whole reply to it, whatever it is.
	 */
	SmtpReply say(Stage stage, String sentence, String line, int... expected) throws StageFailed {
		List<SmtpReply> heard = new ArrayList<>(1);
		stage(stage, this.settings.timeouts().reply(), sentence, () -> {
			SmtpReply reply = ask(line);
			heard.add(reply);
			return (expected.length > 0) ? expect(reply, expected[0]) : reply.summary();
		});
		return heard.getFirst();
	}

	void quit() throws StageFailed {
		say(Stage.QUIT, "saying goodbye", "QUIT");
	}

	private String connect() throws IOException {
		int millis = Math.toIntExact(Math.max(1, this.settings.timeouts().connect().toMillis()));
		this.raw.connect(new InetSocketAddress(this.address, this.settings.port()), millis);
		this.raw.setTcpNoDelay(true);
		this.reader = new ReplyReader(this.raw.getInputStream(), this.transcript, 0);
		this.out = this.raw.getOutputStream();
		return "connected to port " + this.settings.port();
	}

	/**
	 * A TLS socket over a connection.
	 */
	static SSLSocket layer(Socket socket, String host, int port, RecordingTrust trust, @Nullable String serverName)
			throws IOException {
		try {
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(null, new TrustManager[] { trust }, RANDOM);
			// Tickets for a later session are thrown away unread: no later one is wanted.
			context.getClientSessionContext().setSessionTimeout(LONGER_THAN_A_TICKET);
			SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true);
			SSLParameters parameters = secure.getSSLParameters();
			parameters.setServerNames(serverNames(serverName));
			secure.setSSLParameters(parameters);
			return secure;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java runtime has TLS", ex);
		}
	}

	private static List<SNIServerName> serverNames(@Nullable String name) {
		try {
			return (name != null) ? List.of(new SNIHostName(name)) : List.of();
		}
		catch (IllegalArgumentException ex) {
			// A name with an underscore works for MX but cannot stand in SNI.
			return List.of();
		}
	}

	private ReplyReader reader() {
		return Objects.requireNonNull(this.reader);
	}

	private SmtpReply reply() throws IOException {
		return reader().read();
	}

	private SmtpReply ask(String line) throws IOException {
		this.transcript.client(line);
		OutputStream to = Objects.requireNonNull(this.out);
		to.write(ReplyReader.command(line));
		to.flush();
		return reply();
	}

	private static String expect(SmtpReply reply, int code) throws Unexpected {
		if (reply.code() == code) {
			return reply.summary();
		}
		throw new Unexpected(reply.isTemporary() ? StageOutcome.TEMPORARY : StageOutcome.REJECTED, reply.summary());
	}

	private void stage(Stage stage, Duration limit, String sentence, Step step) throws StageFailed {
		this.says.accept(this.host + " (" + this.address.getHostAddress() + "): " + sentence);
		long started = System.nanoTime();
		long nanos = Math.max(0, Math.min(limit.toNanos(), this.end - started));
		AtomicBoolean late = new AtomicBoolean();
		Future<?> alarm = this.timer.schedule(() -> expire(late), nanos, TimeUnit.NANOSECONDS);
		try {
			String words = step.run();
			note(stage, StageOutcome.OK, started, words);
		}
		catch (IOException ex) {
			Unexpected what = late.get() ? new Unexpected(StageOutcome.TIMEOUT, "no answer in time")
					: outcome(stage, ex);
			note(stage, what.outcome(), started, String.valueOf(what.getMessage()));
			throw new StageFailed();
		}
		finally {
			alarm.cancel(false);
		}
	}

	private void note(Stage stage, StageOutcome outcome, long started, String words) {
		String safe = Transcript.printable(words, 250);
		if (outcome != StageOutcome.OK) {
			this.transcript.remark(stage.title() + ": " + safe);
		}
		this.stages
			.add(new StageReport(stage, outcome, Duration.ofNanos(System.nanoTime() - started).toMillis(), safe));
	}

	@Override
	public void close() {
		try {
			this.raw.close();
		}
		catch (IOException ex) {
			this.transcript.remark("closing failed");
		}
	}

	private void expire(AtomicBoolean late) {
		late.set(true);
		try {
			this.raw.close();
		}
		catch (IOException ex) {
			// Closed is closed; the stage ends either way.
			late.set(true);
		}
	}

	private static Unexpected outcome(Stage stage, IOException ex) {
		return switch (ex) {
			case Unexpected unexpected -> unexpected;
			case ReplyReader.UnreadableReply unreadable ->
				new Unexpected(StageOutcome.UNREADABLE, String.valueOf(unreadable.getMessage()));
			case EOFException hungUp -> new Unexpected(StageOutcome.CLOSED, "the server closed the connection");
			case SocketTimeoutException late -> new Unexpected(StageOutcome.TIMEOUT, "no answer in time");
			case SSLException broken when stage == Stage.HANDSHAKE -> handshake(broken);
			case NoRouteToHostException far ->
				new Unexpected(StageOutcome.UNREACHABLE, "there is no way there from here");
			case ConnectException refused when says(refused, "refused") ->
				new Unexpected(StageOutcome.CONNECTION_REFUSED, "the connection is refused");
			case SocketException far when says(far, "unreachable") || says(far, "not supported") ->
				new Unexpected(StageOutcome.UNREACHABLE, "there is no way there from here");
			default -> new Unexpected(StageOutcome.CLOSED, "the connection broke off");
		};
	}

	private static Unexpected handshake(SSLException ex) {
		if (ex.getCause() instanceof RecordingTrust.KeyTooLarge large) {
			return new Unexpected(StageOutcome.KEY_TOO_LARGE, String.valueOf(large.getMessage()));
		}
		if (ex.getCause() instanceof EOFException || ex.getCause() instanceof SocketException) {
			return new Unexpected(StageOutcome.CLOSED, "the server closed the connection during the handshake");
		}
		if (says(ex, "protocol_version") || says(ex, "protocol version")) {
			return new Unexpected(StageOutcome.TLS_TOO_OLD, "the server has nothing newer than TLS 1.1");
		}
		if (says(ex, "maximum chain length") || says(ex, "maximum allowed") || says(ex, "exceeds the maximum")) {
			return new Unexpected(StageOutcome.CHAIN_TOO_LARGE, "the server sends more certificates than is allowed");
		}
		if (says(ex, "internal_error") || says(ex, "user_canceled")) {
			return new Unexpected(StageOutcome.CLOSED, "the server broke the handshake off for a reason of its own");
		}
		return new Unexpected(StageOutcome.HANDSHAKE_FAILED, "the handshake failed: " + ex.getMessage());
	}

	private static boolean says(Exception ex, String part) {
		return String.valueOf(ex.getMessage()).toLowerCase(Locale.ROOT).contains(part);
	}

	/**
	 * A stage's work; returns what was seen, in words.
	 */
	private interface Step {

		String run() throws IOException;

	}

	/**
	 * Reads what a server answers.
	 *
	 * @param <T> what it makes of it
	 */
	interface Answer<T> {

		T read(InputStream in) throws IOException;

	}

	/**
	 * The conversation went another way than it should.
	 */
	private static final class Unexpected extends IOException {

		private final StageOutcome outcome;

		Unexpected(StageOutcome outcome, String words) {
			super(words);
			this.outcome = outcome;
		}

		StageOutcome outcome() {
			return this.outcome;
		}

	}

	/**
	 * A stage failed and is noted; the conversation ends.
	 */
	static final class StageFailed extends Exception {

	}

}
