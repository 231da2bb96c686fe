package org.partnertls.exchange;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Script mode: people run the cmdlets.
 */
final class NoCmdlets implements Cmdlets {

	private final Clock clock;

	NoCmdlets(Clock clock) {
		this.clock = clock;
	}

	@Override
	public <T> Reply<T> run(String cmdlet, Map<String, @Nullable Object> parameters, Effect effect,
			Function<Answer, T> reader) {
		Failure failure = new Failure(Failure.Kind.PERMANENT,
				"The portal is in script mode and does not call Exchange Online. Run the script it shows, or set"
						+ " portal.exchange.tenant-id and portal.exchange.mode.",
				null, null);
		return new Reply.Failed<>(failure,
				new Call(cmdlet, UUID.randomUUID().toString(), this.clock.instant(), Duration.ZERO));
	}

}
