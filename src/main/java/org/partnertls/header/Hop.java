package org.partnertls.header;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * One {@code Received:} line: one server taking a message from another (RFC 5321 section
 * 4.4). Every text in it is bounded and on one line; what the line does not say is null.
 *
 * @param writer which kind of server wrote the line
 * @param fromHost the name that the sending server gave; anybody can give any name
 * @param peerAddress the address that the sending server really had, as the receiving
 * server saw it; IPv4 or IPv6 in text form
 * @param byHost the server that wrote the line, in lower case; null when the line can be
 * read in more than one way
 * @param protocolWord the words after {@code with}, for example {@code ESMTPS}
 * @param tlsVersion the version as written, for example {@code TLS1_2}
 * @param cipher the cipher suite as written
 * @param tls what follows from it; null when the line does not tell
 * @param recipient the address after {@code for}
 * @param time when the server says it received the message
 * @param raw the line, unfolded
 */
public record Hop(Writer writer, @Nullable String fromHost, @Nullable String peerAddress, @Nullable String byHost,
		@Nullable String protocolWord, @Nullable String tlsVersion, @Nullable String cipher, @Nullable Tls tls,
		@Nullable String recipient, @Nullable Instant time, String raw) {

	/**
	 * The kinds of server whose lines we know.
	 */
	public enum Writer {

		/** Exchange Online and Exchange Server. */
		EXCHANGE("Microsoft Exchange"),
		/** Postfix. */
		POSTFIX("Postfix"),
		/** Exim. */
		EXIM("Exim"),
		/** Sendmail. */
		SENDMAIL("Sendmail"),
		/** Proofpoint. */
		PROOFPOINT("Proofpoint"),
		/** Google. */
		GOOGLE("Google"),
		/** Mimecast. */
		MIMECAST("Mimecast"),
		/** Cisco Secure Email. */
		CISCO("Cisco Secure Email"),
		/** MailGates. */
		MAILGATES("MailGates"),
		/** Anything else, read by the words of RFC 3848. */
		OTHER("another server");

		private final String words;

		Writer(String words) {
			this.words = words;
		}

		/**
		 * The name for people.
		 */
		public String words() {
			return this.words;
		}

	}

}
