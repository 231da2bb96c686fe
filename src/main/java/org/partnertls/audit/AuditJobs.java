package org.partnertls.audit;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

import com.github.kagkarlsson.scheduler.SchedulerState;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Retries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The history's durable work.
 */
@Configuration(proxyBeanMethods = false)
class AuditJobs {

	private static final Logger LOG = LoggerFactory.getLogger(AuditJobs.class);

	private static final int PRIORITY = 40;

	/**
	 * Seals. The scheduler looks for work once a second only, so whoever has the job
	 * keeps it for a shift; if its instance dies, another has it within seconds.
	 */
	@Bean
	RecurringTask<Void> auditSeal(Sequencer sequencer, AuditProperties properties, AuditLog audit,
			TransactionTemplate transaction, ApplicationEventPublisher events) {
		Shift shift = new Shift(sequencer, properties, audit, transaction, events);
		return Tasks.recurring("audit-seal", FixedDelay.of(Duration.ofSeconds(1)))
			.defaultPriority(PRIORITY)
			.execute((instance, context) -> shift.work(context.getSchedulerState()));
	}

	@Bean
	RecurringTask<Void> auditHandOut(HandOut handOut) {
		return Tasks.recurring("audit-hand-out", FixedDelay.of(handOut.rhythm()))
			.execute((instance, context) -> handOut.run());
	}

	@Bean
	OneTimeTask<Void> auditVerification(Verifications verifications) {
		return Tasks.oneTime(Verifications.TASK)
			.onFailure(Retries.thenPark(Duration.ofSeconds(30)))
			.execute((instance, context) -> {
				try {
					verifications.run(UUID.fromString(instance.getId()));
				}
				catch (java.sql.SQLException | InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
			});
	}

	/** Seals until its time is over. */
	private static final class Shift {

		private final Sequencer sequencer;

		private final AuditProperties properties;

		private final AuditLog audit;

		private final TransactionTemplate transaction;

		private final ApplicationEventPublisher events;

		private volatile @Nullable String told;

		Shift(Sequencer sequencer, AuditProperties properties, AuditLog audit, TransactionTemplate transaction,
				ApplicationEventPublisher events) {
			this.sequencer = sequencer;
			this.properties = properties;
			this.audit = audit;
			this.transaction = transaction;
			this.events = events;
		}

		void work(SchedulerState state) {
			long end = System.nanoTime() + this.properties.sealShift().toNanos();
			try {
				do {
					if (this.sequencer.seal() < Sequencer.MOST) {
						if (System.nanoTime() - end >= 0) {
							break;
						}
						LockSupport.parkNanos(this.properties.sealInterval().toNanos());
					}
				}
				while (!state.isShuttingDown() && System.nanoTime() - end < 0);
				this.told = null;
			}
			catch (Sequencer.Refused ex) {
				refused(ex);
			}
		}

		// Once for each reason, or the events about it would fill the history.
		private void refused(Sequencer.Refused ex) {
			String words = String.valueOf(ex.getMessage());
			if (words.equals(this.told)) {
				return;
			}
			this.told = words;
			LOG.error("The history is not being sealed: {}", words);
			this.transaction.executeWithoutResult((status) -> {
				this.audit.append(
						Act.of("history.sealing-refused").by(Actor.system("audit-seal")).failed().detail("why", words));
				this.events.publishEvent(
						new HistoryAlarm(HistoryAlarm.Kind.NOT_SEALED, "Nothing is sealed any more. " + words));
			});
		}

	}

}
