package org.partnertls.exchange;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import lab.ExchangeOnlineDouble;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/**
 * The adapter as the portal would configure it, with waits that pass at once.
 */
final class Portal {

	final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());

	final ExchangeOnline exchange;

	Portal(ExchangeOnlineDouble neighbour, Map<String, String> overrides, Clock clock) {
		Map<String, String> keys = new HashMap<>(neighbour.properties());
		keys.putAll(overrides);
		this.exchange = new ExchangeOnline(properties(keys), clock, this.pauses::add);
	}

	Portal(ExchangeOnlineDouble neighbour) {
		this(neighbour, Map.of(), Clock.systemUTC());
	}

	static ExchangeProperties properties(Map<String, String> keys) {
		return new Binder(new MapConfigurationPropertySource(keys)).bindOrCreate("portal.exchange",
				Bindable.of(ExchangeProperties.class));
	}

	static <T> T value(Reply<T> reply) {
		return switch (reply) {
			case Reply.Done<T> done -> done.value();
			case Reply.Failed<T> failed -> throw new AssertionError("failed: " + failed.failure());
		};
	}

	static Failure failure(Reply<?> reply) {
		return switch (reply) {
			case Reply.Done<?> done -> throw new AssertionError("did not fail: " + done.value());
			case Reply.Failed<?> failed -> failed.failure();
		};
	}

}
