package org.partnertls.tlscheck;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.ChainFacts;
import org.partnertls.tlscheck.Report.Stage;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;
import org.partnertls.tlscheck.Report.TlsFacts;

/**
 * One conversation with one address of a mail server: greeting, EHLO, STARTTLS,
 * handshake, EHLO, QUIT (RFC 5321, RFC 3207). Never MAIL. Each stage and the whole have a
 * deadline; when it passes, a timer closes the raw socket, since a socket's own time-out
 * starts anew with every byte.
 */
final class AddressProbe {

	/** A server that does not know EHLO; other 5xx replies are no statement about TLS. */
	private static final Set<Integer> EHLO_UNKNOWN = Set.of(500, 502, 504);

	private final ProbeSettings settings;

	private final ChainJudge judge;

	private final Clock clock;

	private final ScheduledExecutorService timer;

	private final String host;

	private final String domain;

	private final InetAddress address;

	private final long end;

	private final Consumer<String> says;

	private final Socket raw = new Socket();

	private final Transcript transcript = new Transcript();

	private final List<StageReport> stages = new ArrayList<>();

	private @Nullable TlsFacts tls;

	private @Nullable ChainFacts chain;

	private List<String> keywords = List.of();

	AddressProbe(ProbeSettings settings, ChainJudge judge, Clock clock, ScheduledExecutorService timer, Target target,
			Consumer<String> says) {
		this.settings = settings;
		this.judge = judge;
		this.clock = clock;
		this.timer = timer;
		this.host = target.host();
		this.domain = target.domain();
		this.address = target.address();
		long ownEnd = System.nanoTime() + settings.timeouts().probe().toNanos();
		this.end = (target.end() - ownEnd < 0) ? target.end() : ownEnd;
		this.says = says;
	}

	/**
	 * Runs the conversation; whatever happens ends up in the report.
	 */
	AddressReport run() {
		Instant started = this.clock.instant();
		try (Socket open = this.raw) {
			converse(open);
		}
		catch (StageFailed ex) {
			// Stands in the report already.
		}
		catch (IOException ex) {
			this.transcript.remark("closing failed");
		}
		return new AddressReport(this.address.getHostAddress(), started, this.stages, this.tls, this.chain,
				this.keywords, this.transcript.toString(), null, null);
	}

	private void converse(Socket socket) throws StageFailed, IOException {
		stage(Stage.CONNECT, this.settings.timeouts().connect(), "connecting", () -> connect(socket));
		ReplyReader reader = new ReplyReader(socket.getInputStream(), this.transcript, 0);
		OutputStream out = socket.getOutputStream();
		stage(Stage.GREETING, this.settings.timeouts().greeting(), "waiting for the greeting",
				() -> expect(reader.read(), 220));
		stage(Stage.EHLO, this.settings.timeouts().reply(), "saying EHLO", () -> ehlo(reader, out));
		stage(Stage.STARTTLS, this.settings.timeouts().reply(), "asking for TLS", () -> startTls(reader, out));
		SSLSocket secure = handshake(socket);
		ReplyReader secureReader = new ReplyReader(secure.getInputStream(), this.transcript, reader.sessionBytes());
		OutputStream secureOut = secure.getOutputStream();
		stage(Stage.EHLO_IN_TLS, this.settings.timeouts().reply(), "saying EHLO inside TLS",
				() -> ehloInTls(secureReader, secureOut, secure));
		stage(Stage.QUIT, this.settings.timeouts().reply(), "saying goodbye", () -> {
			send(secureOut, "QUIT");
			return secureReader.read().summary();
		});
	}

	private String connect(Socket socket) throws IOException {
		int millis = Math.toIntExact(Math.max(1, this.settings.timeouts().connect().toMillis()));
		socket.connect(new InetSocketAddress(this.address, this.settings.port()), millis);
		socket.setTcpNoDelay(true);
		return "connected to port " + this.settings.port();
	}

	private String ehlo(ReplyReader reader, OutputStream out) throws IOException {
		send(out, "EHLO " + this.settings.ehloName());
		SmtpReply reply = reader.read();
		if (EHLO_UNKNOWN.contains(reply.code())) {
			throw new Unexpected(StageOutcome.NO_EHLO, "EHLO is not known: " + reply.summary());
		}
		expect(reply, 250);
		if (!reply.offersStartTls()) {
			throw new Unexpected(StageOutcome.NO_STARTTLS, "STARTTLS is not among what the server offers");
		}
		return "STARTTLS is offered";
	}

	private String startTls(ReplyReader reader, OutputStream out) throws IOException {
		send(out, "STARTTLS");
		SmtpReply reply = reader.read();
		if (reply.code() >= 500) {
			throw new Unexpected(StageOutcome.NO_STARTTLS, "STARTTLS is refused: " + reply.summary());
		}
		expect(reply, 220);
		if (reader.hasMore()) {
			throw new Unexpected(StageOutcome.INJECTION, "bytes follow the reply to STARTTLS in clear text");
		}
		return reply.summary();
	}

	private SSLSocket handshake(Socket socket) throws StageFailed {
		RecordingTrust trust = new RecordingTrust();
		List<SSLSocket> made = new ArrayList<>(1);
		try {
			stage(Stage.HANDSHAKE, this.settings.timeouts().handshake(), "agreeing on TLS", () -> {
				SSLSocket secure = layer(socket, trust);
				made.add(secure);
				secure.startHandshake();
				String version = secure.getSession().getProtocol();
				String suite = secure.getSession().getCipherSuite();
				this.tls = new TlsFacts(version, suite, false);
				this.transcript.remark("TLS " + version + " " + suite);
				return version + ", " + suite;
			});
		}
		finally {
			List<X509Certificate> sent = trust.chain();
			if (!sent.isEmpty()) {
				this.chain = this.judge.judge(sent, this.host, this.domain, this.clock.instant());
			}
		}
		return made.getFirst();
	}

	/**
	 * A TLS socket over the connection, from a context of its own: a shared one would
	 * resume a session and hide the certificate.
	 */
	private SSLSocket layer(Socket socket, RecordingTrust trust) throws IOException {
		try {
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(null, new TrustManager[] { trust }, null);
			SSLSocket secure = (SSLSocket) context.getSocketFactory()
				.createSocket(socket, this.host, this.settings.port(), true);
			SSLParameters parameters = secure.getSSLParameters();
			parameters.setServerNames(serverNames());
			secure.setSSLParameters(parameters);
			return secure;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java runtime has TLS", ex);
		}
	}

	private List<SNIServerName> serverNames() {
		try {
			return List.of(new SNIHostName(this.host));
		}
		catch (IllegalArgumentException ex) {
			// A name with an underscore works for MX but cannot stand in SNI.
			return List.of();
		}
	}

	private String ehloInTls(ReplyReader reader, OutputStream out, SSLSocket secure) throws IOException {
		send(out, "EHLO " + this.settings.ehloName());
		SmtpReply reply = reader.read();
		expect(reply, 250);
		this.keywords = reply.keywords();
		this.tls = new TlsFacts(secure.getSession().getProtocol(), secure.getSession().getCipherSuite(),
				reply.offersStartTls());
		return reply.summary();
	}

	private void send(OutputStream out, String line) throws IOException {
		this.transcript.client(line);
		out.write(ReplyReader.command(line));
		out.flush();
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
	 * Whom to talk to.
	 *
	 * @param host name of the server
	 * @param address one of its addresses
	 * @param domain the mail domain
	 * @param end until when, on the scale of {@link System#nanoTime()}
	 */
	record Target(String host, InetAddress address, String domain, long end) {

	}

	/**
	 * A stage's work; returns what was seen, in words.
	 */
	private interface Step {

		String run() throws IOException;

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
	private static final class StageFailed extends Exception {

	}

}
