package org.partnertls.tlscheck;

import java.net.InetAddress;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.ClearTextReport.ClearText;
import org.partnertls.tlscheck.ClearTextReport.HostClearText;
import org.partnertls.tlscheck.Conversation.StageFailed;
import org.partnertls.tlscheck.Report.Stage;

/**
 * Names the same sender and recipient to a server with TLS and without, and goes away
 * before any message. Only because somebody asked for it: it looks like the beginning of
 * a delivery.
 */
final class ClearTextProbe {

	/** How servers say that it is TLS that they miss (RFC 3207 section 4, RFC 3463). */
	private static final Pattern ABOUT_TLS = Pattern.compile("(?:^|\\D)[45]\\.7\\.\\d|tls|encrypt");

	private final ProbeSettings settings;

	private final Supplier<Conversation> conversations;

	private final String host;

	private final InetAddress address;

	private final String sender;

	private final String recipient;

	ClearTextProbe(ProbeSettings settings, Supplier<Conversation> conversations, String host, InetAddress address,
			String sender, String recipient) {
		this.settings = settings;
		this.conversations = conversations;
		this.host = host;
		this.address = address;
		this.sender = sender;
		this.recipient = recipient;
	}

	HostClearText run() {
		StringBuilder transcript = new StringBuilder();
		SmtpReply withTls = envelope(true, transcript);
		if (withTls == null || !withTls.isPositive()) {
			return result(ClearText.NOT_CLEAR, (withTls != null) ? "with TLS the answer is " + withTls.summary()
					: "the conversation with TLS broke off", transcript);
		}
		SmtpReply plain = envelope(false, transcript);
		if (plain == null) {
			return result(ClearText.NOT_CLEAR, "the conversation without TLS broke off", transcript);
		}
		String words = "without TLS the answer is " + plain.summary();
		if (plain.isPositive()) {
			return result(ClearText.ACCEPTED, words, transcript);
		}
		return result(refuses(plain) ? ClearText.REFUSED : ClearText.NOT_CLEAR, words, transcript);
	}

	/**
	 * Whether a reply turns away for good, or for now but because of TLS; anything else
	 * for now may be greylisting or a limit.
	 */
	private static boolean refuses(SmtpReply reply) {
		return reply.code() >= 500 || (reply.code() != 421
				&& ABOUT_TLS.matcher(String.join(" ", reply.lines()).toLowerCase(Locale.ROOT)).find());
	}

	private HostClearText result(ClearText outcome, String words, StringBuilder transcript) {
		return new HostClearText(this.host, this.address.getHostAddress(), outcome, Transcript.printable(words, 250),
				transcript.toString());
	}

	/**
	 * The last reply to MAIL and RCPT; nothing when it did not come to them.
	 */
	private @Nullable SmtpReply envelope(boolean tls, StringBuilder transcript) {
		try (Conversation conversation = this.conversations.get()) {
			try {
				return envelope(conversation, tls);
			}
			catch (StageFailed ex) {
				return null;
			}
			finally {
				transcript.append(tls ? "# with TLS\n" : "# without TLS\n").append(conversation.transcript());
			}
		}
	}

	private SmtpReply envelope(Conversation conversation, boolean tls) throws StageFailed {
		String ehlo = "EHLO " + this.settings.ehloName();
		conversation.open();
		if (tls) {
			conversation.ehlo();
			conversation.startTls();
			conversation.handshake(new RecordingTrust(), this.host);
			conversation.say(Stage.EHLO_IN_TLS, "saying EHLO inside TLS", ehlo, 250);
		}
		else {
			conversation.say(Stage.EHLO, "saying EHLO without TLS", ehlo, 250);
		}
		Stage stage = tls ? Stage.EHLO_IN_TLS : Stage.EHLO;
		SmtpReply reply = conversation.say(stage, "naming a sender", "MAIL FROM:<" + this.sender + ">");
		if (reply.isPositive()) {
			reply = conversation.say(stage, "naming a recipient", "RCPT TO:<" + this.recipient + ">");
		}
		try {
			conversation.quit();
		}
		catch (StageFailed ex) {
			// The answer is known already.
			return reply;
		}
		return reply;
	}

}
