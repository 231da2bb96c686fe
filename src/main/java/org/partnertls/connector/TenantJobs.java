package org.partnertls.connector;

import java.time.Duration;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.audit.Actor;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Regular looks at the tenant that change nothing there.
 */
@Configuration(proxyBeanMethods = false)
class TenantJobs {

	private static final int PRIORITY = 10;

	@Bean
	RecurringTask<Void> connectionCheck(Connection connection) {
		return Tasks.recurring("connection-check", FixedDelay.of(Duration.ofDays(1)))
			.defaultPriority(PRIORITY)
			.execute((instance, context) -> connection.look(Actor.system("connection-check")));
	}

}
