package org.partnertls.tlscheck;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.stereotype.Component;

/**
 * Warns when watched domains are not looked at in time. The portal serves all the same,
 * so that it is no reason to take it out of service.
 */
@Component
class RoundHealth implements HealthIndicator {

	static final Status WARNING = new Status("WARNING");

	private final Rounds rounds;

	RoundHealth(Rounds rounds) {
		this.rounds = rounds;
	}

	@Override
	public Health health() {
		return this.rounds.isMissed() ? Health.status(WARNING).build() : Health.up().build();
	}

}
