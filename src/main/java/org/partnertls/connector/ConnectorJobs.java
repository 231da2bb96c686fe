package org.partnertls.connector;

import java.time.Duration;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.CompletionHandler.OnCompleteRemove;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.organization.Retries;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The durable work of this module.
 */
@Configuration(proxyBeanMethods = false)
class ConnectorJobs {

	private static final int PRIORITY = 20;

	@Bean
	RecurringTask<Void> connectorPush(Pusher pusher, Calls calls, ConnectorProperties properties) {
		return Tasks.recurring(Calls.PUSH, FixedDelay.of(properties.pushInterval()))
			.defaultPriority(PRIORITY)
			.execute((instance, context) -> {
				long heard;
				do {
					heard = calls.pushes();
					pusher.run();
				}
				while (calls.pushes() != heard);
			});
	}

	@Bean
	RecurringTask<Void> connectorDrift(DriftCheck check, ConnectorProperties properties) {
		return Tasks.recurring(Calls.DRIFT, FixedDelay.of(properties.driftInterval()))
			.defaultPriority(PRIORITY)
			.execute((instance, context) -> check.run());
	}

	@Bean
	CustomTask<Void> connectorValidate(Validation validation) {
		return Tasks.custom(Calls.VALIDATE)
			.defaultPriority(PRIORITY)
			.onFailure(Retries.thenPark(Duration.ofSeconds(30)))
			.execute((instance, context) -> validation.run(UUID.fromString(instance.getId()))
				.<CompletionHandler<Void>>map((next) -> (complete, operations) -> operations.reschedule(complete, next))
				.orElseGet(OnCompleteRemove::new));
	}

	@Bean
	CustomTask<Void> connectorRevalidate(Revalidation revalidation) {
		return Tasks.custom(Calls.REVALIDATE)
			.defaultPriority(PRIORITY)
			.onFailure(Retries.thenPark(Duration.ofMinutes(2)))
			.execute((instance, context) -> {
				revalidation.run(UUID.fromString(instance.getId()), context.getExecution().consecutiveFailures + 1);
				return new OnCompleteRemove<>();
			});
	}

}
