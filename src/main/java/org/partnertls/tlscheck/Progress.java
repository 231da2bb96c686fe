package org.partnertls.tlscheck;

/**
 * Hears what a running check does. Called by one thread at a time, often many times a
 * second; it must not throw, for that would break the check off.
 */
@FunctionalInterface
public interface Progress {

	/**
	 * The check has come to a new stage.
	 * @param sentence for people, at most some hundred characters, safe to print
	 */
	void stage(String sentence);

}
