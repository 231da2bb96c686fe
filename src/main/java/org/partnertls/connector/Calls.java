package org.partnertls.connector;

import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient.ScheduleOptions;
import com.github.kagkarlsson.scheduler.exceptions.ExecutionException;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceCurrentlyExecutingException;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Calls the jobs, in the transaction that has work for them.
 */
@Component
class Calls {

	static final TaskDescriptor<Void> PUSH = TaskDescriptor.of("connector-push");

	static final TaskDescriptor<Void> DRIFT = TaskDescriptor.of("connector-drift");

	static final TaskDescriptor<Void> VALIDATE = TaskDescriptor.of("connector-validation");

	static final TaskDescriptor<Void> REVALIDATE = TaskDescriptor.of("connector-revalidation");

	/** Other instances move the same rows. */
	private static final int TRIES = 4;

	private final ObjectProvider<Scheduler> scheduler;

	private final Clock clock;

	private final AtomicLong pushes = new AtomicLong();

	Calls(ObjectProvider<Scheduler> scheduler, Clock clock) {
		this.scheduler = scheduler;
		this.clock = clock;
	}

	/**
	 * The push shall look for work now. If it is at it, it looks once more before it
	 * ends.
	 */
	void push() {
		schedule(PUSH, RecurringTask.INSTANCE, this.clock.instant(), this.pushes::incrementAndGet);
	}

	/** How often the push was called, by what is committed. */
	long pushes() {
		return this.pushes.get();
	}

	/** All connectors shall be compared now. */
	void drift() {
		schedule(DRIFT, RecurringTask.INSTANCE, this.clock.instant(), () -> {
		});
	}

	/** A change shall be validated at a time. */
	void validate(ConnectorChange change, Instant at) {
		schedule(VALIDATE, change.id().toString(), at, () -> {
		});
	}

	/** A partner's outbound connector shall be validated once more. */
	void revalidate(UUID partnerId) {
		schedule(REVALIDATE, partnerId.toString(), this.clock.instant(), () -> {
		});
	}

	private void schedule(TaskDescriptor<Void> task, String instance, Instant at, Runnable then) {
		Scheduler jobs = this.scheduler.getObject();
		for (int left = TRIES; left > 0; left--) {
			try {
				jobs.schedule(task.instance(instance).scheduledTo(at), ScheduleOptions.WHEN_EXISTS_RESCHEDULE);
				break;
			}
			catch (TaskInstanceCurrentlyExecutingException ex) {
				// It looks at the database again before it ends, or when it runs next.
				break;
			}
			catch (ExecutionException ex) {
				// Somebody began, moved or ended it between the look and the write.
				if (left == 1) {
					throw ex;
				}
			}
		}
		// Whoever looks before the commit sees nothing and would wait for its next turn.
		afterCommit(() -> {
			then.run();
			jobs.triggerCheckForDueExecutions();
		});
	}

	private static void afterCommit(Runnable work) {
		if (!TransactionSynchronizationManager.isSynchronizationActive()) {
			work.run();
			return;
		}
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCommit() {
				work.run();
			}

		});
	}

}
