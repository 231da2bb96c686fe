package org.partnertls.evidence;

import java.time.Duration;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.audit.PeopleByAddress;
import org.partnertls.audit.PersonKeeper;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Counts mail, tells of exceptions that end, and gives up those who answered for them.
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

	@Bean
	PersonKeeper registersPeople(JdbcClient jdbc) {
		return new PeopleByAddress(jdbc, "exception_entry", "owner_address",
				"owner_name = :name, owner_address = :address, version = version + 1", "state <> 'ENDED'",
				"This person answers for an exception that goes on. End it, or have it written down anew with another owner.");
	}

}
