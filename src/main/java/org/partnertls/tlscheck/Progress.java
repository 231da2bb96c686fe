package org.partnertls.tlscheck;

/**
 * Hears what a running check does. Called by one thread at a time, often several times a
 * second; what it throws ends nothing but is not reported either, so it had better not
 * throw.
 */
@FunctionalInterface
public interface Progress {

	/**
	 * The check has come to a new stage.
	 * @param sentence for people, at most some hundred characters, safe to print
	 */
	void stage(String sentence);

}
