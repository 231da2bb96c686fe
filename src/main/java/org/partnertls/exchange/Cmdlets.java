package org.partnertls.exchange;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Runs cmdlets, or says why not.
 */
interface Cmdlets {

	/**
	 * Runs one.
	 * @param reader makes the value from the answer; throws {@link UnreadableAnswer}
	 */
	<T> Reply<T> run(String cmdlet, Map<String, @Nullable Object> parameters, Effect effect,
			Function<Answer, T> reader);

	/**
	 * Gets a token, and says why not.
	 */
	Optional<Failure> signIn();

	/**
	 * Asks which cmdlets may be run.
	 */
	Reply<Preflight> preflight();

}
