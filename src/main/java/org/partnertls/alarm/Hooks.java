package org.partnertls.alarm;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import org.jspecify.annotations.Nullable;
import org.partnertls.alarm.AlarmProperties.Webhook;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Http;
import org.partnertls.organization.Ids;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Retries;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Tells webhooks: writes the message in the transaction that wants it told; a job sends
 * it afterwards, as often as it takes. The same message has the same id at each try.
 */
@Component
class Hooks {

	private static final TaskDescriptor<Void> SEND = TaskDescriptor.of("alarm-webhook");

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final long MOST_BYTES = 64 * 1024;

	private static final int GONE = 410;

	/** Messages that people get of what happens at one moment. */
	private static final int CARDS = 20;

	private final AlarmProperties settings;

	private final OrganizationProperties organization;

	private final Deliveries deliveries;

	private final SchedulerClient scheduler;

	private final AuditLog audit;

	private final TransactionTemplate transaction;

	private final JsonMapper json;

	private final Clock clock;

	private final Http http = new Http(Duration.ofSeconds(5));

	Hooks(AlarmProperties settings, OrganizationProperties organization, Deliveries deliveries,
			@Lazy SchedulerClient scheduler, AuditLog audit, TransactionTemplate transaction, JsonMapper json,
			Clock clock) {
		this.settings = settings;
		this.organization = organization;
		this.deliveries = deliveries;
		this.scheduler = scheduler;
		this.audit = audit;
		this.transaction = transaction;
		this.json = json;
		this.clock = clock;
	}

	/**
	 * Tells everybody who hears of what happened at one moment. Programs get all of it;
	 * people, whose channel takes a few messages a second and who read fewer, the first
	 * ones and how many more there are.
	 */
	@Transactional(propagation = Propagation.MANDATORY)
	void tell(List<Notice> notices) {
		for (Webhook hook : this.settings.webhooks()) {
			List<Notice> heard = notices.stream().filter((notice) -> hook.hears(notice.isOfEscalated())).toList();
			int told = (hook.kind() == AlarmProperties.Kind.TEAMS) ? Math.min(heard.size(), CARDS) : heard.size();
			heard.subList(0, told).forEach((notice) -> tell(hook, notice));
			if (told < heard.size()) {
				tell(hook, more(heard.subList(told, heard.size())));
			}
		}
	}

	private Notice more(List<Notice> untold) {
		return new Notice("alarm.more", "At the same moment", untold.size() + " more alarms opened or changed",
				"They are not told one by one here. The portal lists them all.", null,
				this.organization.link("/alarms"), null, this.clock.instant());
	}

	/** Tells one of them. */
	@Transactional(propagation = Propagation.MANDATORY)
	void tell(Webhook hook, Notice notice) {
		Instant now = this.clock.instant();
		String body = this.json.writeValueAsString(switch (hook.kind()) {
			case GENERIC -> notice.generic();
			case TEAMS -> notice.card();
		});
		AlarmView alarm = notice.alarm();
		Delivery delivery = this.deliveries.save(
				new Delivery(Ids.at(now), (alarm != null) ? alarm.id() : null, hook.name(), notice.event(), body, now));
		this.scheduler.scheduleIfNotExists(SEND.instance(delivery.id().toString()).scheduledTo(now));
	}

	/** Sends a message once. Uses the network. */
	void send(UUID id) throws InterruptedException {
		Delivery delivery = this.deliveries.findById(id).orElseThrow();
		if (delivery.isOver()) {
			return;
		}
		Webhook hook = this.settings.webhook(delivery.hook()).orElse(null);
		if (hook == null) {
			ended(delivery,
					() -> delivery.givenUp(null, "The settings no longer name this webhook.", this.clock.instant()),
					true);
			return;
		}
		int status;
		try {
			status = this.http.send(request(hook, delivery), PATIENCE, MOST_BYTES).statusCode();
		}
		catch (Http.TooLarge ex) {
			// Whoever answers that much has taken it, but is none that we know how to
			// read.
			throw failed(delivery, null, "The answer is longer than " + MOST_BYTES / 1024 + " KiB.");
		}
		catch (IOException ex) {
			throw failed(delivery, null, "No answer: " + ex.getClass().getSimpleName()
					+ ((ex.getMessage() != null) ? ", " + ex.getMessage() : "") + ".");
		}
		if (status == GONE) {
			ended(delivery, () -> delivery.givenUp(status, "The other side says that this webhook is gone (410).",
					this.clock.instant()), true);
		}
		else if (status / 100 == 2) {
			ended(delivery, () -> delivery.sent(status, this.clock.instant()), false);
		}
		else {
			throw failed(delivery, status,
					"The answer was " + status + ((status / 100 == 3) ? "; redirects are not followed." : "."));
		}
	}

	private HttpRequest request(Webhook hook, Delivery delivery) {
		HttpRequest.Builder request = HttpRequest.newBuilder(hook.url())
			.header("Content-Type", "application/json")
			.header("User-Agent", "partner-tls-portal")
			.POST(HttpRequest.BodyPublishers.ofString(delivery.body()));
		Signature.key(hook.secret()).ifPresent((key) -> {
			Instant now = this.clock.instant();
			String id = "msg_" + delivery.id();
			request.header("webhook-id", id)
				.header("webhook-timestamp", String.valueOf(now.getEpochSecond()))
				.header("webhook-signature", Signature.of(key, id, now, delivery.body()));
		});
		return request.build();
	}

	private void ended(Delivery delivery, Runnable how, boolean failed) {
		this.transaction.executeWithoutResult((status) -> {
			how.run();
			this.deliveries.save(delivery);
			Act act = Act.of("alarm.told")
				.by(Actor.system("alarm-webhook"))
				.detail("webhook", delivery.hook())
				.detail("event", delivery.event());
			if (delivery.alarmId() != null) {
				act.on("alarm", delivery.alarmId());
			}
			this.audit.append(failed ? act.failed() : act);
		});
	}

	private NotTaken failed(Delivery delivery, @Nullable Integer answer, String words) {
		this.transaction.executeWithoutResult((status) -> {
			delivery.failed(answer, words);
			this.deliveries.save(delivery);
		});
		return new NotTaken(words);
	}

	/** The job is tried again. */
	static final class NotTaken extends RuntimeException {

		private static final long serialVersionUID = 1L;

		NotTaken(String words) {
			super(words);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		OneTimeTask<Void> alarmWebhook(Hooks hooks) {
			return Tasks.oneTime(SEND)
				.defaultPriority(30)
				.onFailure(Retries.thenPark(Duration.ofSeconds(10)))
				.execute((instance, context) -> {
					try {
						hooks.send(UUID.fromString(instance.getId()));
					}
					catch (InterruptedException ex) {
						Thread.currentThread().interrupt();
						throw new NotTaken("interrupted");
					}
				});
		}

	}

}
