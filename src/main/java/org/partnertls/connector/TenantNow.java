package org.partnertls.connector;

import java.time.Duration;

import org.partnertls.exchange.Call;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.Failure;
import org.partnertls.exchange.Reply;

import org.springframework.stereotype.Component;

/**
 * The tenant's connectors as they are now, or in script mode as somebody pasted them
 * last.
 */
@Component
class TenantNow {

	private final ExchangeOnline exchange;

	private final Pusher pusher;

	private final Readings readings;

	TenantNow(ExchangeOnline exchange, Pusher pusher, Readings readings) {
		this.exchange = exchange;
		this.pusher = pusher;
		this.readings = readings;
	}

	/** Takes seconds and may use the network: call it with no transaction open. */
	Reply<Tenant> list() {
		if (this.exchange.configured()) {
			return this.pusher.list();
		}
		return this.readings.latest()
			.<Reply<Tenant>>map((reading) -> new Reply.Done<>(reading.tenant(),
					new Call("reading", reading.hash(), reading.at(), Duration.ZERO)))
			.orElseGet(() -> new Reply.Failed<>(new Failure(Failure.Kind.PERMANENT,
					"Nobody has pasted the tenant's connectors yet. Do that under Connectors first.", null, null),
					new Call("reading", "", java.time.Instant.EPOCH, Duration.ZERO)));
	}

}
