package org.partnertls.audit;

/**
 * Knows who acts on the current thread.
 */
public interface ActorSource {

	/**
	 * The signed-in person, a visitor within a request, or the system outside of one.
	 */
	Actor current();

}
