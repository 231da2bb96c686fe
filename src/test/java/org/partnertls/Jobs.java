package org.partnertls;

import java.time.ZoneOffset;
import java.util.List;

import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.testhelper.ManualScheduler;
import com.github.kagkarlsson.scheduler.testhelper.SettableClock;
import com.github.kagkarlsson.scheduler.testhelper.TestHelper;
import javax.sql.DataSource;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/**
 * Runs durable work by hand, in the calling thread.
 */
public final class Jobs {

	private final ManualScheduler scheduler;

	private final SettableClock schedulerClock = new SettableClock();

	private final TestClock clock;

	private final JdbcClient jdbc;

	private final List<Task<?>> tasks;

	Jobs(DataSource dataSource, List<Task<?>> tasks, TestClock clock) {
		this.clock = clock;
		this.tasks = tasks;
		this.jdbc = JdbcClient.create(dataSource);
		this.scheduler = TestHelper.createManualScheduler(new TransactionAwareDataSourceProxy(dataSource), tasks)
			.clock(this.schedulerClock)
			.build();
	}

	/**
	 * Runs what is due now, and what that makes due, until nothing is; other tests of the
	 * class may have left work of theirs.
	 */
	public synchronized void runDue() {
		for (int i = 0; i < 100; i++) {
			this.schedulerClock.set(this.clock.instant());
			this.scheduler.runAnyDueExecutions();
			if (this.jdbc.sql("select count(*) from scheduled_tasks where execution_time <= ?")
				.param(this.clock.instant().atOffset(ZoneOffset.UTC))
				.query(Integer.class)
				.single() == 0) {
				return;
			}
		}
	}

	/**
	 * Forgets what tests before have left to be done once: whoever runs what is due would
	 * do it all.
	 */
	void forget() {
		this.jdbc.sql("delete from scheduled_tasks where task_instance <> ? and not picked")
			.param(RecurringTask.INSTANCE)
			.update();
	}

	/** Runs what is due of one kind, and leaves all else. */
	public synchronized void runDue(String name) {
		OneTimeTask<?> task = (OneTimeTask<?>) task(name);
		List<String> due = this.jdbc.sql("""
				select task_instance from scheduled_tasks where task_name = ? and execution_time <= ?
				order by execution_time, task_instance""")
			.params(name, this.clock.instant().atOffset(ZoneOffset.UTC))
			.query(String.class)
			.list();
		for (String instance : due) {
			task.execute(new TaskInstance<>(name, instance), null);
			this.jdbc.sql("delete from scheduled_tasks where task_name = ? and task_instance = ?")
				.params(name, instance)
				.update();
		}
	}

	/** Runs a piece of work that comes again by itself, as if its time had come. */
	public void runRecurring(String name) {
		task(name).execute(null, null);
	}

	private Task<?> task(String name) {
		return this.tasks.stream().filter((task) -> task.getName().equals(name)).findFirst().orElseThrow();
	}

}
