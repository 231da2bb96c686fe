package org.partnertls.audit;

import java.time.Duration;
import java.time.ZoneId;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.organization.Retries;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Writes large exports, and takes old ones away.
 */
@Configuration(proxyBeanMethods = false)
class ExportJobs {

	@Bean
	OneTimeTask<Void> historyExportTask(ExportFiles exports, ZoneId zone) {
		return Tasks.oneTime(ExportFiles.TASK)
			.onFailure(Retries.thenPark(Duration.ofSeconds(10)))
			.execute((instance, context) -> exports.run(UUID.fromString(instance.getId()), zone));
	}

	@Bean
	RecurringTask<Void> historyExportTidyTask(ExportFiles exports) {
		return Tasks.recurring("history-export-tidy", FixedDelay.ofHours(6))
			.execute((instance, context) -> exports.tidy());
	}

}
