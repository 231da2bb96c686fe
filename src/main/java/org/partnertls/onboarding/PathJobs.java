package org.partnertls.onboarding;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.SchedulerClient.ScheduleOptions;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.connector.ConnectorEvent;
import org.partnertls.connector.Paths;
import org.partnertls.organization.Retries;
import org.partnertls.partner.Partners;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Checks whether mail with partners takes our connectors: at once when a direction comes
 * into force, and round by round.
 */
@Component
class PathJobs {

	static final TaskDescriptor<Void> ONE = TaskDescriptor.of("mail-path-of-partner");

	/** As many as are asked about in one round, since each domain costs a call. */
	private static final int ROUND = 200;

	private final Paths paths;

	private final OurNames names;

	private final Partners partners;

	private final SchedulerClient scheduler;

	private final Clock clock;

	PathJobs(Paths paths, OurNames names, Partners partners, @Lazy SchedulerClient scheduler, Clock clock) {
		this.paths = paths;
		this.names = names;
		this.partners = partners;
		this.scheduler = scheduler;
		this.clock = clock;
	}

	@EventListener
	void on(ConnectorEvent.OutboundEnforced event) {
		ask(event.partnerId());
	}

	@EventListener
	void on(ConnectorEvent.InboundEnforced event) {
		ask(event.partnerId());
	}

	/** Somebody wants a partner's paths checked now. */
	void ask(UUID partnerId) {
		this.scheduler.schedule(ONE.instance(partnerId.toString()).scheduledTo(this.clock.instant()),
				ScheduleOptions.WHEN_EXISTS_DO_NOTHING);
	}

	/** Checks some partners. Uses the network. */
	void check(List<UUID> ids) {
		List<String> atOurMx = this.names.look()
			.stream()
			.map(OurNames.Domain::obstacle)
			.filter(Objects::nonNull)
			.toList();
		Map<UUID, Paths.Hosts> hosts = new LinkedHashMap<>();
		for (UUID id : ids) {
			hosts.put(id, this.partners.find(id).map(this.names::hostsOf).orElse(Paths.Hosts.UNKNOWN));
		}
		if (!hosts.isEmpty()) {
			this.paths.check(hosts, atOurMx).ifPresent((why) -> {
				throw new IllegalStateException("The paths of mail could not be checked: " + why);
			});
		}
	}

	/** The durable work. */
	@Configuration(proxyBeanMethods = false)
	static class Jobs {

		private static final int PRIORITY = 10;

		@Bean
		OneTimeTask<Void> mailPathOfPartner(PathJobs jobs) {
			return Tasks.oneTime(ONE)
				.defaultPriority(PRIORITY)
				.onFailure(Retries.thenPark(Duration.ofMinutes(1)))
				.execute((instance, context) -> jobs.check(List.of(UUID.fromString(instance.getId()))));
		}

		@Bean
		RecurringTask<Void> mailPaths(PathJobs jobs, Paths paths, OurNames names) {
			return Tasks.recurring("mail-paths", FixedDelay.of(Duration.ofHours(6)))
				.defaultPriority(PRIORITY)
				.execute((instance, context) -> {
					names.askForChecks();
					List<UUID> oldest = paths.oldest(ROUND);
					if (!oldest.isEmpty()) {
						jobs.check(oldest);
					}
				});
		}

	}

}
