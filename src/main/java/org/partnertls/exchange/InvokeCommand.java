package org.partnertls.exchange;

import java.time.Clock;
import java.util.Map;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

final class InvokeCommand implements Cmdlets {

	private final NoCmdlets none;

	InvokeCommand(ExchangeProperties properties, Clock clock, Pause pause) {
		this.none = new NoCmdlets(clock);
	}

	@Override
	public <T> Reply<T> run(String cmdlet, Map<String, @Nullable Object> parameters, Effect effect,
			Function<Answer, T> reader) {
		return this.none.run(cmdlet, parameters, effect, reader);
	}

}
