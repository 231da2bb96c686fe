package org.partnertls.tlscheck;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Conversation.StageFailed;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.ChainFacts;
import org.partnertls.tlscheck.Report.FurtherFacts;
import org.partnertls.tlscheck.Report.HelloFacts;
import org.partnertls.tlscheck.Report.Offer;
import org.partnertls.tlscheck.Report.Stage;
import org.partnertls.tlscheck.Report.TlsFacts;
import org.partnertls.tlscheck.Report.VersionOffer;

/**
 * Looks at one address of a mail server: greeting, EHLO, STARTTLS, handshake, EHLO, QUIT.
 * Never MAIL. Where asked, some more connections look at what changes slowly.
 */
final class AddressProbe {

	private final ProbeSettings settings;

	private final ChainJudge judge;

	private final Clock clock;

	private final ScheduledExecutorService timer;

	private final Target target;

	private final Consumer<String> says;

	private @Nullable TlsFacts tls;

	private List<X509Certificate> sent = List.of();

	private List<byte[]> stapled = List.of();

	private List<String> keywords = List.of();

	AddressProbe(ProbeSettings settings, ChainJudge judge, Clock clock, ScheduledExecutorService timer, Target target,
			Consumer<String> says) {
		this.settings = settings;
		this.judge = judge;
		this.clock = clock;
		this.timer = timer;
		this.target = target;
		this.says = says;
	}

	/**
	 * The certificates that the server sent; empty before the handshake.
	 */
	List<X509Certificate> sent() {
		return this.sent;
	}

	/**
	 * What its authority says of them, as sent along (RFC 6066 section 8).
	 */
	List<byte[]> stapled() {
		return this.stapled;
	}

	/**
	 * Runs the conversation; whatever happens ends up in the report.
	 */
	AddressReport run() {
		Instant started = this.clock.instant();
		try (Conversation conversation = conversation()) {
			try {
				converse(conversation);
			}
			catch (StageFailed ex) {
				// Stands in the report already.
			}
			ChainFacts chain = this.sent.isEmpty() ? null
					: this.judge.judge(this.sent, this.target.host(), this.target.domain(), this.clock.instant());
			return new AddressReport(this.target.address().getHostAddress(), started, conversation.stages(), this.tls,
					chain, this.keywords, conversation.transcript().toString(), null, null);
		}
	}

	private Conversation conversation() {
		long ownEnd = System.nanoTime() + this.settings.timeouts().probe().toNanos();
		long end = (this.target.end() - ownEnd < 0) ? this.target.end() : ownEnd;
		return new Conversation(this.settings, this.timer, this.target.host(), this.target.address(), end, this.says);
	}

	private void converse(Conversation conversation) throws StageFailed {
		conversation.open();
		conversation.ehlo();
		conversation.startTls();
		RecordingTrust trust = new RecordingTrust();
		SSLSocket secure;
		try {
			secure = conversation.handshake(trust, this.target.serverName());
		}
		finally {
			this.sent = trust.chain();
		}
		SSLSession session = secure.getSession();
		this.tls = new TlsFacts(session.getProtocol(), session.getCipherSuite(), false);
		if (session instanceof ExtendedSSLSession extended) {
			this.stapled = extended.getStatusResponses();
		}
		SmtpReply reply = conversation.say(Stage.EHLO_IN_TLS, "saying EHLO inside TLS",
				"EHLO " + this.settings.ehloName(), 250);
		this.keywords = reply.keywords();
		this.tls = new TlsFacts(session.getProtocol(), session.getCipherSuite(), reply.offersStartTls());
		conversation.quit();
	}

	/**
	 * Looks at what changes slowly, with one connection for each question.
	 * @param pause is called before each connection and tells whether to go on
	 */
	FurtherFacts further(Pause pause) throws InterruptedException {
		List<VersionOffer> versions = new ArrayList<>();
		for (ClientHello hello : ClientHello.OLD) {
			if (!pause.pause()) {
				return new FurtherFacts(versions, null, null, null, null);
			}
			versions.add(new VersionOffer(hello.version(), offer(hello)));
		}
		HelloFacts facts = pause.pause() ? hello() : null;
		Integer primeBits = pause.pause() ? exchange(ClientHello.DHE, ServerHello::primeBits) : null;
		String leaf = pause.pause() ? leafWithoutServerName() : null;
		Boolean obeys = (this.settings.slipsIn() && pause.pause()) ? obeysSlippedIn() : null;
		return new FurtherFacts(versions, facts, leaf, primeBits, obeys);
	}

	private Offer offer(ClientHello hello) {
		ServerHello answer = answer(hello);
		return (answer == null) ? Offer.NOT_CLEAR : answer.picks(hello) ? Offer.OFFERED : Offer.REFUSED;
	}

	private @Nullable HelloFacts hello() {
		ServerHello answer = answer(ClientHello.TLS_1_2);
		return (answer != null && answer.picks(ClientHello.TLS_1_2)) ? answer.facts() : null;
	}

	private @Nullable ServerHello answer(ClientHello hello) {
		return exchange(hello, ServerHello::read);
	}

	private <T> @Nullable T exchange(ClientHello hello, Conversation.Answer<T> answer) {
		try (Conversation conversation = conversation()) {
			conversation.open();
			conversation.ehlo();
			conversation.startTls();
			return conversation.exchange(hello.bytes(this.target.serverName()), answer);
		}
		catch (StageFailed ex) {
			return null;
		}
	}

	private @Nullable String leafWithoutServerName() {
		RecordingTrust trust = new RecordingTrust();
		try (Conversation conversation = conversation()) {
			conversation.open();
			conversation.ehlo();
			conversation.startTls();
			conversation.handshake(trust, null);
			conversation.quit();
		}
		catch (StageFailed ex) {
			// The certificate counts, if there was one.
		}
		return trust.chain().isEmpty() ? null : ChainJudge.sha256(trust.chain().getFirst());
	}

	/**
	 * Slips a command in behind STARTTLS. A careful server forgets it; one that answers
	 * it inside TLS would obey whoever sits on the line.
	 */
	private @Nullable Boolean obeysSlippedIn() {
		try (Conversation conversation = conversation()) {
			conversation.open();
			conversation.ehlo();
			conversation.startTlsAnd("NOOP");
			conversation.handshake(new RecordingTrust(), this.target.serverName());
			conversation.say(Stage.EHLO_IN_TLS, "saying EHLO inside TLS", "EHLO " + this.settings.ehloName());
			// Where the command was kept, the answers are late by one: this is that to
			// EHLO.
			return conversation.say(Stage.QUIT, "saying goodbye", "QUIT").code() == 250;
		}
		catch (StageFailed ex) {
			return null;
		}
	}

	/**
	 * Waits between connections.
	 */
	interface Pause {

		/**
		 * Waits.
		 * @return whether there is time left to go on
		 */
		boolean pause() throws InterruptedException;

	}

	/**
	 * Whom to talk to.
	 *
	 * @param host name of the server
	 * @param serverName what to say in SNI
	 * @param address one of its addresses
	 * @param domain the mail domain
	 * @param end until when, on the scale of {@link System#nanoTime()}
	 */
	record Target(String host, String serverName, InetAddress address, String domain, long end) {

	}

}
