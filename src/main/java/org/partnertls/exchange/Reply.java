package org.partnertls.exchange;

/**
 * What came of a cmdlet. Nothing that the network or Exchange Online does is thrown.
 *
 * @param <T> the value of a cmdlet that succeeded
 */
public sealed interface Reply<T> {

	Call call();

	/**
	 * Exchange Online answered that it did what was asked.
	 *
	 * @param value what it answered
	 */
	record Done<T>(T value, Call call) implements Reply<T> {
	}

	/**
	 * It did not, or nobody knows: {@link Failure.Kind} tells which.
	 *
	 * @param failure why, and what to do
	 */
	record Failed<T>(Failure failure, Call call) implements Reply<T> {
	}

}
