package org.partnertls.evidence;

import java.time.Duration;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Counts mail, and tells of exceptions that end.
 */
@Configuration(proxyBeanMethods = false)
class EvidenceJobs {

	@Bean
	RecurringTask<Void> mailVolumeTask(MailVolume volume) {
		return Tasks.recurring("mail-volume", FixedDelay.of(Duration.ofMinutes(10)))
			.execute((instance, context) -> volume.count());
	}

	@Bean
	RecurringTask<Void> exceptionRegisterTask(Register register) {
		return Tasks.recurring("exception-register", FixedDelay.of(Duration.ofHours(6)))
			.execute((instance, context) -> register.remind());
	}

}
