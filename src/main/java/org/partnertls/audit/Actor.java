package org.partnertls.audit;

import org.jspecify.annotations.Nullable;

/**
 * Who acts.
 *
 * @param kind what sort of actor
 * @param id stable id: an account id, a job's name, or {@code visitor}
 * @param role the role in which they act; null where there is none
 * @param name how people know them; personal data, kept apart from the event
 * @param address their e-mail address; personal data
 * @param ip where the request came from; personal data
 */
public record Actor(Kind kind, String id, @Nullable String role, @Nullable String name, @Nullable String address,
		@Nullable String ip) {

	/**
	 * The portal itself, in a job.
	 * @param job what it is doing, for example {@code connector-push}
	 */
	public static Actor system(String job) {
		return new Actor(Kind.SYSTEM, job, null, null, null, null);
	}

	/** What sort of actor. */
	public enum Kind {

		/** One of us, signed in by OpenID Connect. */
		STAFF,
		/** A partner's person, signed in by a one-time code. */
		PARTNER,
		/** Somebody who is not signed in. */
		VISITOR,
		/** The portal's own work. */
		SYSTEM

	}

}
