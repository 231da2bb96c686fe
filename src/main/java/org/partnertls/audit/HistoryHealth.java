package org.partnertls.audit;

import java.time.Duration;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Warns when the history is not sealed or not signed, or when its prepared months run
 * out. Never takes the portal out of service: events are kept all the same.
 */
@Component("sealing")
class HistoryHealth implements HealthIndicator {

	private static final Duration LATE = Duration.ofMinutes(1);

	private static final int FEWEST_MONTHS = 3;

	private final Proofs proofs;

	private final JdbcClient jdbc;

	HistoryHealth(Proofs proofs, JdbcClient jdbc) {
		this.proofs = proofs;
		this.jdbc = jdbc;
	}

	@Override
	public Health health() {
		Health.Builder health = Health.up();
		Proofs.Seal seal = this.proofs.seal();
		health.withDetail("covered", seal.covered()).withDetail("lagSeconds", seal.lag().toSeconds());
		if (!this.proofs.signing()) {
			health.status(warning("nothing is signed: portal.audit.signing-key is not set"));
		}
		else if (seal.lag().compareTo(LATE) > 0) {
			health.status(warning("events have been waiting to be sealed for " + seal.lag().toSeconds() + " s"));
		}
		int months = this.jdbc.sql("""
				select count(*) from pg_inherits join pg_class c on c.oid = inhrelid
				where inhparent = 'audit_event'::regclass
				and c.relname > 'audit_event_' || to_char(now() at time zone 'UTC', 'YYYY_MM')
				and c.relname ~ '^audit_event_[0-9]{4}_[0-9]{2}$'""").query(Integer.class).single();
		if (months < FEWEST_MONTHS) {
			health.status(warning("only " + months + " months are prepared: run migrate"));
		}
		return health.build();
	}

	private static Status warning(String words) {
		return new Status("WARNING", words);
	}

}
