package org.partnertls.header;

import java.time.Duration;

import com.google.common.net.InetAddresses;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;

import org.partnertls.organization.EmailAddress;

/**
 * The mailbox that receives test messages. With an address alone partners are given
 * addresses to test with and somebody pastes the headers; with a host too the portal
 * fetches the messages itself.
 *
 * @param address the address without a plus part, for example
 * {@code tls-test@contoso.example}; its mail system must deliver {@code tls-test+x@…} to
 * the same mailbox
 * @param host the IMAP server; empty = messages are not fetched
 * @param port its port; by default 993 for imaps and 143 for imap
 * @param protocol {@code imaps}, or {@code imap}, which asks for STARTTLS and requires it
 * unless the host is this machine
 * @param username who signs in; by default the address
 * @param password for signing in with a password
 * @param accessToken for signing in with XOAUTH2 instead; a short-lived token is better
 * given by a {@link TestMailboxToken} bean
 * @param folder where the messages lie
 * @param connectTimeout the longest wait for a connection
 * @param readTimeout the longest wait for an answer
 * @param maxMessageSize how much of one message is read at most; only its headers are
 * needed
 * @param maxMessages how many messages are read at once, newest first
 */
@ConfigurationProperties("portal.test-mailbox")
record TestMailboxProperties(@Nullable EmailAddress address, @Nullable String host, @Nullable Integer port,
		@DefaultValue("imaps") Protocol protocol, @Nullable String username, @Nullable String password,
		@Nullable String accessToken, @DefaultValue("INBOX") String folder,
		@DefaultValue("10s") Duration connectTimeout, @DefaultValue("20s") Duration readTimeout,
		@DefaultValue("256KB") DataSize maxMessageSize, @DefaultValue("100") int maxMessages) {

	/** What RFC 5321 leaves of a local part when "+" and a nonce follow. */
	private static final int LONGEST_LOCAL = 64 - 1 - TestMailbox.NONCE_LENGTH;

	TestMailboxProperties {
		require(address == null || address.local().length() <= LONGEST_LOCAL,
				"portal.test-mailbox.address: the part before the @ may have at most " + LONGEST_LOCAL
						+ " characters, since a plus part is added to it");
		require(address == null || address.local().indexOf('+') < 0,
				"portal.test-mailbox.address: give the address without a plus part");
		require(!StringUtils.hasText(host) || address != null,
				"portal.test-mailbox.address is missing, but portal.test-mailbox.host is set");
		require(port == null || (port > 0 && port < 65536), "portal.test-mailbox.port must be between 1 and 65535");
		require(!connectTimeout.isNegative() && !connectTimeout.isZero(),
				"portal.test-mailbox.connect-timeout must be more than nothing");
		require(!readTimeout.isNegative() && !readTimeout.isZero(),
				"portal.test-mailbox.read-timeout must be more than nothing");
		require(maxMessageSize.toBytes() >= 16 * 1024 && maxMessageSize.toBytes() <= MessageHeaders.LONGEST_SOURCE,
				"portal.test-mailbox.max-message-size must be between 16KB and 1MB");
		require(maxMessages >= 1 && maxMessages <= 1000, "portal.test-mailbox.max-messages must be between 1 and 1000");
	}

	private static void require(boolean holds, String sentence) {
		if (!holds) {
			throw new IllegalArgumentException(sentence + ".");
		}
	}

	boolean fetches() {
		return StringUtils.hasText(this.host);
	}

	boolean hasCredentials() {
		return StringUtils.hasText(this.password) || StringUtils.hasText(this.accessToken);
	}

	String signInName() {
		return StringUtils.hasText(this.username) ? this.username : String.valueOf(this.address);
	}

	int portOrDefault() {
		return (this.port != null) ? this.port : this.protocol.port;
	}

	/**
	 * A password must not travel in clear text, except to a server on this machine.
	 */
	boolean requiresStartTls() {
		return this.protocol == Protocol.IMAP && !(this.host != null && isThisMachine(this.host));
	}

	private static boolean isThisMachine(String host) {
		return host.equals("localhost")
				|| (InetAddresses.isInetAddress(host) && InetAddresses.forString(host).isLoopbackAddress());
	}

	@Override
	public String toString() {
		return "TestMailboxProperties[" + this.address + " at " + this.protocol + " " + this.host + "]";
	}

	/**
	 * How the mailbox is spoken to.
	 */
	enum Protocol {

		/** TLS from the start (RFC 8314). */
		IMAPS("imaps", 993),
		/** Clear text that becomes TLS by STARTTLS. */
		IMAP("imap", 143);

		private final String scheme;

		private final int port;

		Protocol(String scheme, int port) {
			this.scheme = scheme;
			this.port = port;
		}

		String scheme() {
			return this.scheme;
		}

	}

}
