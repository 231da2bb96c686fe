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
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceCurrentlyExecutingException;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.connector.ConnectorEvent;
import org.partnertls.connector.Paths;
import org.partnertls.partner.Partners;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Checks whether mail with partners takes our connectors: soon after a direction comes
 * into force, and round by round. However many come into force together, the tenant is
 * listed once for all of them.
 */
@Component
class PathJobs {

	private static final Logger log = LoggerFactory.getLogger(PathJobs.class);

	static final TaskDescriptor<Void> ASKED = TaskDescriptor.of("mail-paths-asked");

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
		this.paths.ask(event.partnerId());
	}

	@EventListener
	void on(ConnectorEvent.InboundEnforced event) {
		this.paths.ask(event.partnerId());
	}

	/** Somebody wants a partner's paths checked now. */
	void ask(UUID partnerId) {
		this.paths.ask(partnerId);
		try {
			this.scheduler.schedule(ASKED.instance(RecurringTask.INSTANCE).scheduledTo(this.clock.instant()),
					ScheduleOptions.WHEN_EXISTS_RESCHEDULE);
		}
		catch (TaskInstanceCurrentlyExecutingException ex) {
			// Its next run, soon, takes this one too.
		}
	}

	/**
	 * Checks those who were asked for, with one look at the tenant; who is asked for
	 * meanwhile waits for the next, or a push of many would be followed by a look at the
	 * tenant for each. Uses the network.
	 */
	void checkAsked() {
		List<UUID> ids = this.paths.asked();
		if (!ids.isEmpty()) {
			this.paths.checkAsked(hosts(ids), atOurMx())
				.ifPresent((why) -> log.warn("The paths of mail could not be checked: {}", why));
		}
	}

	/**
	 * A round: those for whom Exchange Online was asked longest ago. Uses the network.
	 */
	void round() {
		this.names.askForChecks();
		List<UUID> oldest = this.paths.oldest();
		if (!oldest.isEmpty()) {
			this.paths.check(hosts(oldest), atOurMx())
				.ifPresent((why) -> log.warn("The paths of mail could not be checked: {}", why));
		}
	}

	private List<String> atOurMx() {
		return this.names.look().stream().map(OurNames.Domain::obstacle).filter(Objects::nonNull).toList();
	}

	private Map<UUID, Paths.Hosts> hosts(List<UUID> ids) {
		Map<UUID, Paths.Hosts> hosts = new LinkedHashMap<>();
		for (UUID id : ids) {
			hosts.put(id, this.partners.find(id).map(this.names::hostsOf).orElse(Paths.Hosts.UNKNOWN));
		}
		return hosts;
	}

	/** The durable work. */
	@Configuration(proxyBeanMethods = false)
	static class Jobs {

		private static final int PRIORITY = 10;

		@Bean
		RecurringTask<Void> mailPathsAsked(PathJobs jobs) {
			return Tasks.recurring(ASKED, FixedDelay.of(Duration.ofSeconds(10)))
				.defaultPriority(PRIORITY)
				.execute((instance, context) -> jobs.checkAsked());
		}

		@Bean
		RecurringTask<Void> mailPaths(PathJobs jobs) {
			return Tasks.recurring("mail-paths", FixedDelay.of(Duration.ofHours(6)))
				.defaultPriority(PRIORITY)
				.execute((instance, context) -> jobs.round());
		}

	}

}
