package org.partnertls.header;

/**
 * Gives a fresh access token for signing in to the test mailbox with XOAUTH2. With such a
 * bean, no token or password needs to be configured.
 */
@FunctionalInterface
public interface TestMailboxToken {

	/**
	 * A token for IMAP, valid now.
	 * @throws RuntimeException when there is none; its message is shown to staff
	 */
	String token();

}
