package org.partnertls.exchange;

/**
 * The answer says that it worked, but is not what the cmdlet answers.
 */
final class UnreadableAnswer extends RuntimeException {

	UnreadableAnswer(String message) {
		super(message);
	}

}
