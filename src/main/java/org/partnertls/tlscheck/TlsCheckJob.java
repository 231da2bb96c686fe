package org.partnertls.tlscheck;

import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.dns.Dns;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Retries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs the checks that were asked for: no transaction is open while the network is used,
 * and running one again that has finished does nothing.
 */
@Configuration(proxyBeanMethods = false)
class TlsCheckJob {

	/**
	 * A person wants to know how it is now, but no server is asked twice within a minute.
	 */
	private static final Duration ASKED = Duration.ofMinutes(1);

	@Bean
	Prober prober(Dns dns, TlsCheckProperties properties, OrganizationProperties organization, Clock clock) {
		return new Prober(dns, properties.settings(organization), clock);
	}

	@Bean
	OneTimeTask<Void> tlsCheck(TlsChecks checks, Looker looker, TlsWatch watch, SelfTest selfTest, Recorder recorder,
			TransactionTemplate transaction, AuditLog audit, ApplicationEventPublisher events, Clock clock) {
		return Tasks.oneTime(TlsChecks.TASK)
			.defaultPriority(10)
			.onFailure(Retries.thenPark(Duration.ofSeconds(10)))
			.execute((instance, context) -> {
				UUID id = UUID.fromString(instance.getId());
				TlsCheck check = checks.find(id).orElseThrow();
				if (check.finished()) {
					return;
				}
				checks.begin(id, clock.instant());
				Report report = looker.look(check.domain(), ASKED, false, new KeptProgress(checks, id));
				boolean counted = Verdict.of(report).domainValidation().outcome() == Verdict.Outcome.PASS
						|| watch.find(check.domain()).filter(WatchedDomain::watched).isEmpty()
						|| selfTest.run().passed();
				transaction.executeWithoutResult((status) -> {
					if (recorder.finish(id, check.domain(), report, counted)) {
						audit.append(finished(check, report));
						events.publishEvent(new TlsCheckFinished(id, check.domain()));
					}
				});
			});
	}

	@Bean
	RecurringTask<Void> tlsCheckRound(Rounds rounds) {
		return Tasks.recurring("tls-check-round", FixedDelay.ofSeconds(30))
			.defaultPriority(10)
			.execute((instance, context) -> rounds.work(() -> context.getSchedulerState().isShuttingDown()));
	}

	@Bean
	RecurringTask<Void> tlsCheckUpkeep(Rounds rounds, TlsChecks checks, StoredRests rests) {
		return Tasks.recurring("tls-check-upkeep", FixedDelay.ofMinutes(10))
			.defaultPriority(5)
			.execute((instance, context) -> {
				while (rounds.judgeAgain() > 0 && !context.getSchedulerState().isShuttingDown()) {
					// The next portion.
				}
				while (checks.purge() > 0 && !context.getSchedulerState().isShuttingDown()) {
					// The next portion.
				}
				rests.purge();
			});
	}

	private static Act finished(TlsCheck check, Report report) {
		Act act = Act.of("tlscheck.finished")
			.by(Actor.system("tls-check"))
			.on("tls-check", check.id())
			.domain(check.domain())
			.detail("rules", report.rulesVersion())
			.detail("hosts", report.hosts().size());
		Verdict.of(report).levels().forEach((level) -> act.detail(level.level().exchangeName(), level.outcome()));
		return act;
	}

	/**
	 * Keeps the sentence of a running check where pages can read it, a few times a second
	 * at most.
	 */
	private static final class KeptProgress implements Progress {

		private static final Logger LOG = LoggerFactory.getLogger(KeptProgress.class);

		private static final long PAUSE = Duration.ofMillis(300).toNanos();

		private final TlsChecks checks;

		private final UUID id;

		private long next = System.nanoTime();

		KeptProgress(TlsChecks checks, UUID id) {
			this.checks = checks;
			this.id = id;
		}

		@Override
		public void stage(String sentence) {
			long now = System.nanoTime();
			if (now - this.next < 0) {
				return;
			}
			this.next = now + PAUSE;
			try {
				this.checks.progress(this.id, sentence);
			}
			catch (DataAccessException | TransactionException ex) {
				// A sentence less; whether the check itself counts is seen at its end.
				LOG.debug("The progress of check {} was not kept", this.id, ex);
			}
		}

	}

}
