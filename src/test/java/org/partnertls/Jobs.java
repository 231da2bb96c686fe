package org.partnertls;

import java.util.List;

import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.testhelper.ManualScheduler;
import com.github.kagkarlsson.scheduler.testhelper.SettableClock;
import com.github.kagkarlsson.scheduler.testhelper.TestHelper;
import javax.sql.DataSource;

import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/**
 * Runs durable work by hand, in the calling thread.
 */
public final class Jobs {

	private final ManualScheduler scheduler;

	private final SettableClock schedulerClock = new SettableClock();

	private final TestClock clock;

	Jobs(DataSource dataSource, List<Task<?>> tasks, TestClock clock) {
		this.clock = clock;
		this.scheduler = TestHelper.createManualScheduler(new TransactionAwareDataSourceProxy(dataSource), tasks)
			.clock(this.schedulerClock)
			.build();
	}

	/**
	 * Runs what is due now, and what that makes due, a bounded number of times.
	 */
	public synchronized void runDue() {
		for (int i = 0; i < 5; i++) {
			this.schedulerClock.set(this.clock.instant());
			this.scheduler.runAnyDueExecutions();
		}
	}

}
