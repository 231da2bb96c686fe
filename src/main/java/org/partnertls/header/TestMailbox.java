package org.partnertls.header;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Properties;

import javax.net.ssl.SSLException;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.FetchProfile;
import jakarta.mail.Folder;
import jakarta.mail.FolderNotFoundException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Store;
import jakarta.mail.UIDFolder;
import jakarta.mail.search.ComparisonTerm;
import jakarta.mail.search.ReceivedDateTerm;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

import org.partnertls.header.FetchResult.Failed;
import org.partnertls.header.FetchResult.Fetched;
import org.partnertls.organization.EmailAddress;

/**
 * Our own mailbox for test messages. Every attestation has an address of its own in it,
 * told apart by a nonce in the plus part (RFC 5233), so that a message can be matched
 * without trusting anything else in it. Messages are only looked at: nothing is marked as
 * read, moved or deleted.
 */
@Component
public class TestMailbox {

	static final int NONCE_LENGTH = 12;

	/** Base32 (RFC 4648) in lower case: survives mail systems that fold case. */
	private static final String NONCE_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

	private static final int READ_AT_ONCE = 32 * 1024;

	private static final int MOST_OF_A_REPORT = 64 * 1024;

	/** Bounds what one look into a flooded mailbox may hold in memory. */
	private static final int MOST_BYTES = 16 * 1024 * 1024;

	private final TestMailboxProperties properties;

	private final @Nullable TestMailboxToken token;

	TestMailbox(TestMailboxProperties properties, ObjectProvider<TestMailboxToken> token) {
		this.properties = properties;
		this.token = token.getIfAvailable();
		if (properties.fetches() && !properties.hasCredentials() && this.token == null) {
			throw new IllegalArgumentException("portal.test-mailbox.host is set, so set portal.test-mailbox.password or"
					+ " portal.test-mailbox.access-token too.");
		}
	}

	/**
	 * A new nonce: 12 characters of a-z and 2-7, 60 bits.
	 */
	public static String newNonce(SecureRandom random) {
		StringBuilder nonce = new StringBuilder(NONCE_LENGTH);
		for (int i = 0; i < NONCE_LENGTH; i++) {
			nonce.append(NONCE_ALPHABET.charAt(random.nextInt(NONCE_ALPHABET.length())));
		}
		return nonce.toString();
	}

	/**
	 * Whether messages are fetched automatically.
	 */
	public boolean configured() {
		return this.properties.fetches();
	}

	/**
	 * The address without a plus part; null when none is configured.
	 */
	public @Nullable EmailAddress address() {
		return this.properties.address();
	}

	/**
	 * The address for one attestation.
	 * @param nonce from {@link #newNonce}
	 * @throws IllegalStateException when no address is configured: ask {@link #address()}
	 * first
	 */
	public EmailAddress addressFor(String nonce) {
		EmailAddress address = this.properties.address();
		if (address == null) {
			throw new IllegalStateException("portal.test-mailbox.address is not set.");
		}
		return new EmailAddress(address.local() + "+" + nonce, address.domain());
	}

	/**
	 * Looks for messages. Takes as long as the network does, so call it outside any
	 * transaction.
	 * @param since the earliest time of arrival; whole seconds count
	 */
	public FetchResult fetch(Instant since) {
		return fetch(since, (message) -> true, (int) this.properties.maxMessageSize().toBytes(), true);
	}

	/**
	 * Looks for reports (RFC 6522): what mail servers say of messages that they could not
	 * deliver. Their sources come whole, up to 64 KiB each.
	 * @param since the earliest time of arrival; whole seconds count
	 */
	public FetchResult fetchReports(Instant since) {
		return fetch(since, (message) -> message.isMimeType("multipart/report"), MOST_OF_A_REPORT, false);
	}

	private FetchResult fetch(Instant since, Wanted wanted, int most, boolean headersOnly) {
		if (!configured()) {
			return new Failed("No test mailbox is configured. An administrator sets portal.test-mailbox.host.");
		}
		try (Store store = Session.getInstance(sessionProperties()).getStore(this.properties.protocol().scheme())) {
			store.connect(this.properties.host(), this.properties.portOrDefault(), this.properties.signInName(),
					secret());
			try (Folder folder = store.getFolder(this.properties.folder())) {
				folder.open(Folder.READ_ONLY);
				return read(folder, (UIDFolder) folder, since.truncatedTo(ChronoUnit.SECONDS), wanted, most,
						headersOnly);
			}
		}
		catch (MessagingException | IOException | RuntimeException ex) {
			return new Failed(sentence(ex));
		}
	}

	private FetchResult read(Folder folder, UIDFolder uids, Instant since, Wanted wanted, int most, boolean headersOnly)
			throws MessagingException, IOException {
		Message[] found = candidates(folder, since);
		Message[] newest = Arrays.copyOfRange(found, Math.max(0, found.length - this.properties.maxMessages()),
				found.length);
		FetchProfile profile = new FetchProfile();
		profile.add(UIDFolder.FetchProfileItem.UID);
		// The envelope brings the time of arrival along.
		profile.add(FetchProfile.Item.ENVELOPE);
		folder.fetch(newest, profile);
		List<FetchedMessage> messages = new ArrayList<>();
		int budget = MOST_BYTES;
		for (int i = newest.length - 1; i >= 0 && budget > 0; i--) {
			Message message = newest[i];
			Instant received = received(message);
			if (!message.isExpunged() && !received.isBefore(since) && wanted.is(message)) {
				String source = source(message, most, headersOnly);
				budget -= source.length();
				messages.add(new FetchedMessage(uids.getUIDValidity() + "/" + uids.getUID(message), received, source));
			}
		}
		return new Fetched(List.copyOf(messages), newest.length < found.length || budget <= 0);
	}

	/**
	 * IMAP searches by the day of a time zone that the server chooses, hence two days
	 * more.
	 */
	@SuppressWarnings("JavaUtilDate") // the mail API's own type
	private static Message[] candidates(Folder folder, Instant since) throws MessagingException {
		Date from = Date.from(since.minus(Duration.ofDays(2)));
		return folder.search(new ReceivedDateTerm(ComparisonTerm.GE, from));
	}

	@SuppressWarnings("JavaUtilDate") // the mail API's own type
	private static Instant received(Message message) throws MessagingException {
		Date received = message.getReceivedDate();
		return (received != null) ? received.toInstant() : Instant.EPOCH;
	}

	/**
	 * A message or its header part, at most as much as given. Of what is to be left out
	 * only as much is fetched as shares a chunk.
	 */
	private static String source(Message message, int most, boolean headersOnly)
			throws MessagingException, IOException {
		HeaderSink sink = new HeaderSink(most, headersOnly);
		try {
			message.writeTo(sink);
		}
		catch (HeaderSink.Full ex) {
			// What was wanted.
		}
		return sink.text();
	}

	/** Which messages count. */
	private interface Wanted {

		boolean is(Message message) throws MessagingException;

	}

	private String secret() {
		if (this.token != null) {
			return this.token.token();
		}
		return String.valueOf(usesToken() ? this.properties.accessToken() : this.properties.password());
	}

	private boolean usesToken() {
		String accessToken = this.properties.accessToken();
		return this.token != null || (accessToken != null && !accessToken.isBlank());
	}

	private Properties sessionProperties() {
		String prefix = "mail." + this.properties.protocol().scheme() + ".";
		Properties session = new Properties();
		session.setProperty(prefix + "connectiontimeout", String.valueOf(this.properties.connectTimeout().toMillis()));
		session.setProperty(prefix + "timeout", String.valueOf(this.properties.readTimeout().toMillis()));
		session.setProperty(prefix + "writetimeout", String.valueOf(this.properties.readTimeout().toMillis()));
		session.setProperty(prefix + "peek", "true");
		session.setProperty(prefix + "partialfetch", "true");
		session.setProperty(prefix + "fetchsize", String.valueOf(READ_AT_ONCE));
		session.setProperty(prefix + "ssl.checkserveridentity", "true");
		session.setProperty(prefix + "starttls.enable", "true");
		session.setProperty(prefix + "starttls.required", String.valueOf(this.properties.requiresStartTls()));
		if (usesToken()) {
			session.setProperty(prefix + "auth.mechanisms", "XOAUTH2");
		}
		return session;
	}

	private String sentence(Exception failure) {
		String server = this.properties.host() + ":" + this.properties.portOrDefault();
		Throwable cause = failure;
		for (int depth = 0; depth < 10 && cause != null; depth++, cause = next(cause)) {
			String sentence = switch (cause) {
				case AuthenticationFailedException _ -> server + " refused to let " + this.properties.signInName()
						+ " sign in. Check portal.test-mailbox.username and the password or token"
						+ said(cause.getMessage());
				case FolderNotFoundException _ -> "There is no folder " + this.properties.folder()
						+ " in the test mailbox. Check" + " portal.test-mailbox.folder.";
				case UnknownHostException _ ->
					"The host name in portal.test-mailbox.host, " + this.properties.host() + ", cannot be found.";
				case ConnectException _ -> server + " does not accept a connection" + said(cause.getMessage());
				case SocketTimeoutException _ -> server + " did not answer in time.";
				case SSLException _ ->
					"No trusted TLS connection to " + server + " came about" + said(cause.getMessage());
				default -> null;
			};
			if (sentence != null) {
				return sentence;
			}
		}
		return "The test mailbox at " + server + " could not be read" + said(failure.getMessage());
	}

	/**
	 * The mail API chains some causes as "next".
	 */
	private static @Nullable Throwable next(Throwable failure) {
		if (failure instanceof MessagingException messaging && messaging.getNextException() != null) {
			return messaging.getNextException();
		}
		return failure.getCause();
	}

	private static String said(@Nullable String text) {
		return (text == null || text.isBlank()) ? "." : ". It said: " + ShownText.of(text.strip(), 200);
	}

}
