package org.partnertls.exchange;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Why a cmdlet has no result.
 *
 * @param kind what the caller may do now
 * @param message sentences for an administrator that say what to do
 * @param detail Exchange Online's own words (or the network's), at most 2000 printable
 * characters; never escaped for any output
 * @param retryAfter how long the other side asked us to wait
 */
public record Failure(Kind kind, String message, @Nullable String detail, @Nullable Duration retryAfter) {

	/** Whether asking again may work, with nobody having done anything. */
	public boolean isPassing() {
		return switch (this.kind) {
			case RETRYABLE, AMBIGUOUS_WRITE, TRUNCATED -> true;
			case CONFLICT_EXISTS, NOT_FOUND, INVALID, PERMISSION, AUTHENTICATION, PERMANENT -> false;
		};
	}

	/**
	 * What the caller may do now.
	 */
	public enum Kind {

		/**
		 * Nothing was changed; the same call may succeed later.
		 */
		RETRYABLE,

		/**
		 * The write was sent and its answer is lost: it may or may not have been carried
		 * out. List and compare before anything else.
		 */
		AMBIGUOUS_WRITE,

		/**
		 * A connector of that name exists already.
		 */
		CONFLICT_EXISTS,

		/**
		 * The connector named is not there (any more).
		 */
		NOT_FOUND,

		/**
		 * The values were refused; the same call will be refused again.
		 */
		INVALID,

		/**
		 * We are known, but may not do this (403).
		 */
		PERMISSION,

		/**
		 * No token, or a token that is not accepted (401).
		 */
		AUTHENTICATION,

		/**
		 * The list is not complete: nothing may be concluded from what is not in it.
		 */
		TRUNCATED,

		/**
		 * Anything else that time does not heal.
		 */
		PERMANENT

	}

}
