package org.partnertls.mail;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Retries;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.mail.MailException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Posts letters in the transaction that wants somebody told; a job sends them afterwards.
 */
@Component
public class Outbox {

	private static final TaskDescriptor<Void> SEND = TaskDescriptor.of("mail");

	private final StoredLetters letters;

	private final SchedulerClient scheduler;

	private final JsonMapper json;

	private final Clock clock;

	Outbox(StoredLetters letters, @Lazy SchedulerClient scheduler, JsonMapper json, Clock clock) {
		this.letters = letters;
		this.scheduler = scheduler;
		this.json = json;
		this.clock = clock;
	}

	/**
	 * Posts a letter; it is sent when the transaction has committed.
	 */
	@Transactional(propagation = Propagation.MANDATORY)
	public void post(Letter letter) {
		StoredLetter stored = this.letters
			.save(new StoredLetter(letter, this.json.writeValueAsString(letter.model()), this.clock.instant()));
		this.scheduler.scheduleIfNotExists(SEND.instance(stored.id().toString()).scheduledTo(this.clock.instant()));
	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		OneTimeTask<Void> mail(StoredLetters letters, Postman postman, AuditLog audit, JsonMapper json,
				TransactionTemplate transaction, Clock clock) {
			return Tasks.oneTime(SEND)
				.defaultPriority(30)
				.onFailure(Retries.thenPark(Duration.ofSeconds(10)))
				.execute((instance, context) -> {
					StoredLetter letter = letters.findById(UUID.fromString(instance.getId())).orElseThrow();
					if (letter.state() == StoredLetter.State.SENT) {
						return;
					}
					Map<String, String> model = json.readValue(letter.model(), new TypeReference<>() {
					});
					try {
						postman.deliver(new Letter(letter.recipient(), letter.template(), model, letter.partnerId()),
								letter.id());
					}
					catch (MailException ex) {
						transaction.executeWithoutResult((status) -> {
							letter.failed(String.valueOf(ex.getMessage()));
							letters.save(letter);
						});
						throw ex;
					}
					transaction.executeWithoutResult((status) -> {
						letter.sent(clock.instant());
						letters.save(letter);
						audit.append(sent(letter));
					});
				});
		}

		private static Act sent(StoredLetter letter) {
			Act act = Act.of("mail.sent")
				.by(Actor.system("mail"))
				.on("letter", letter.id())
				.detail("template", letter.template())
				.personal("recipient", letter.recipient().key(), letter.recipient().toString());
			UUID partner = letter.partnerId();
			return (partner != null) ? act.partner(partner, "") : act;
		}

	}

}
