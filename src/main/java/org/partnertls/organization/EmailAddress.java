package org.partnertls.organization;

import java.util.regex.Pattern;

/**
 * A mailbox address with an ASCII local part (RFC 5321 dot-string, at most 64 characters)
 * and a normalised domain. The local part keeps its case but two addresses that differ
 * only in case are the same account: compare {@link #key()}.
 *
 * @param local the part before the @
 * @param domain the part after it
 */
public record EmailAddress(String local, DomainName domain) {

	private static final Pattern DOT_STRING = Pattern
		.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*");

	public EmailAddress {
		if (local.length() > 64 || !DOT_STRING.matcher(local).matches()) {
			throw new IllegalArgumentException("Enter an e-mail address such as name@example.com.");
		}
	}

	/**
	 * Reads what a person typed.
	 * @param typed an address, white space around it allowed
	 * @throws IllegalArgumentException with a sentence for the person
	 */
	public static EmailAddress of(String typed) {
		String trimmed = typed.strip();
		int at = trimmed.lastIndexOf('@');
		if (at <= 0 || at == trimmed.length() - 1 || trimmed.length() > 254) {
			throw new IllegalArgumentException("Enter an e-mail address such as name@example.com.");
		}
		return new EmailAddress(trimmed.substring(0, at), DomainName.of(trimmed.substring(at + 1)));
	}

	/**
	 * The form under which an address is looked up: all lower case.
	 */
	public String key() {
		return this.local.toLowerCase(java.util.Locale.ROOT) + "@" + this.domain;
	}

	@Override
	public String toString() {
		return this.local + "@" + this.domain;
	}

}
