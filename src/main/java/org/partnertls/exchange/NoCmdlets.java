package org.partnertls.exchange;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Script mode: people run the cmdlets.
 */
final class NoCmdlets implements Cmdlets {

	private static final Failure SCRIPT_MODE = new Failure(Failure.Kind.PERMANENT,
			"The portal is in script mode and does not call Exchange Online. Run the script it shows, or set"
					+ " portal.exchange.tenant-id and portal.exchange.mode.",
			null, null);

	private final Clock clock;

	NoCmdlets(Clock clock) {
		this.clock = clock;
	}

	@Override
	public <T> Reply<T> run(String cmdlet, Map<String, @Nullable Object> parameters, Effect effect,
			Function<Answer, T> reader) {
		return failed(cmdlet);
	}

	@Override
	public Optional<Failure> signIn() {
		return Optional.of(SCRIPT_MODE);
	}

	@Override
	public Reply<Preflight> preflight() {
		return failed("EXOModuleFile");
	}

	private <T> Reply<T> failed(String cmdlet) {
		return new Reply.Failed<>(SCRIPT_MODE,
				new Call(cmdlet, UUID.randomUUID().toString(), this.clock.instant(), Duration.ZERO));
	}

}
