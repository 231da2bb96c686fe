package org.partnertls.tlscheck;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Report.Depth;

import org.springframework.stereotype.Component;

/**
 * Looks at a domain with what is known of it from before: the policy that senders may
 * remember, which servers rest, and whether it is time to look deeper.
 */
@Component
class Looker {

	private final Prober prober;

	private final TlsChecks checks;

	private final TlsWatch watch;

	private final StoredRests rests;

	private final RoundSettings settings;

	private final Clock clock;

	Looker(Prober prober, TlsChecks checks, TlsWatch watch, StoredRests rests, TlsCheckProperties properties,
			Clock clock) {
		this.prober = prober;
		this.checks = checks;
		this.watch = watch;
		this.rests = rests;
		this.settings = properties.rounds();
		this.clock = clock;
	}

	/**
	 * Looks. Uses the network; hold no transaction.
	 * @param oldest how old what a server showed to another domain may be
	 * @param patient whether nobody waits, so that it may look deeper when it is time
	 */
	Report look(DomainName domain, Duration oldest, boolean patient, Progress progress) {
		Instant now = this.clock.instant();
		Optional<Report> before = this.checks.latestFinished(domain).map(TlsCheck::report);
		boolean deep = patient && this.watch.find(domain)
			.map(WatchedDomain::deepAt)
			.filter((last) -> last.plus(this.settings.deepEvery()).isAfter(now))
			.isEmpty();
		Report report = this.prober.check(domain, new Prober.Ask(deep ? Depth.WEEKLY : Depth.DAILY, oldest,
				before.map(Report::mtaSts).orElse(null), this.rests), progress);
		return before.map(report::carrying).orElse(report);
	}

}
