package lab;

/**
 * The lab cannot start, for a reason that its user can do something about. The message is
 * a sentence for them; there is no stack trace to read.
 */
final class LabException extends RuntimeException {

	LabException(String sentence) {
		super(sentence);
	}

}
