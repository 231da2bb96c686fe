package org.partnertls.connector;

import java.time.Clock;
import java.time.Instant;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.SchedulerClient.ScheduleOptions;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceCurrentlyExecutingException;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

/**
 * Calls the jobs, in the transaction that has work for them.
 */
@Component
class Calls {

	static final TaskDescriptor<Void> PUSH = TaskDescriptor.of("connector-push");

	static final TaskDescriptor<Void> DRIFT = TaskDescriptor.of("connector-drift");

	static final TaskDescriptor<Void> VALIDATE = TaskDescriptor.of("connector-validation");

	static final TaskDescriptor<Void> REVALIDATE = TaskDescriptor.of("connector-revalidation");

	private final SchedulerClient scheduler;

	private final Clock clock;

	Calls(@Lazy SchedulerClient scheduler, Clock clock) {
		this.scheduler = scheduler;
		this.clock = clock;
	}

	/**
	 * The push shall look for work now. If it is at it, it will look again by itself.
	 */
	void push() {
		schedule(PUSH, RecurringTask.INSTANCE, this.clock.instant());
	}

	/** All connectors shall be compared now. */
	void drift() {
		schedule(DRIFT, RecurringTask.INSTANCE, this.clock.instant());
	}

	/** A change shall be validated at a time. */
	void validate(ConnectorChange change, Instant at) {
		schedule(VALIDATE, change.id().toString(), at);
	}

	/** A partner's outbound connector shall be validated once more. */
	void revalidate(UUID partnerId) {
		schedule(REVALIDATE, partnerId.toString(), this.clock.instant());
	}

	private void schedule(TaskDescriptor<Void> task, String instance, Instant at) {
		try {
			this.scheduler.schedule(task.instance(instance).scheduledTo(at), ScheduleOptions.WHEN_EXISTS_RESCHEDULE);
		}
		catch (TaskInstanceCurrentlyExecutingException ex) {
			// It looks at the database again before it ends, or when it runs next.
		}
	}

}
