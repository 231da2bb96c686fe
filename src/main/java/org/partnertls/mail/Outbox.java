package org.partnertls.mail;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.audit.PeopleByAddress;
import org.partnertls.audit.PersonKeeper;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Retries;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.data.domain.Limit;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Slice;
import org.springframework.jdbc.core.simple.JdbcClient;
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

	private final AuditLog audit;

	private final ApplicationEventPublisher events;

	private final Clock clock;

	Outbox(StoredLetters letters, @Lazy SchedulerClient scheduler, JsonMapper json, AuditLog audit,
			ApplicationEventPublisher events, Clock clock) {
		this.letters = letters;
		this.scheduler = scheduler;
		this.json = json;
		this.audit = audit;
		this.events = events;
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

	/**
	 * Takes in that nobody is reached at an address.
	 * @param why what the mail server said
	 */
	@Transactional(propagation = Propagation.MANDATORY)
	public void returned(EmailAddress address, String why, Instant at) {
		returned(address, why, null, null, at);
	}

	/**
	 * Takes in that a letter came back, if it is one of ours that went there.
	 * @return whether it was news
	 */
	@Transactional(propagation = Propagation.MANDATORY)
	public boolean returned(ReturnReport report, Instant at) {
		return this.letters.findById(report.letterId())
			.filter((letter) -> letter.recipient().key().equals(report.recipient().key()))
			.map((letter) -> returned(letter.id(), report.why(), at))
			.orElse(false);
	}

	private boolean returned(UUID letterId, String why, Instant at) {
		Optional<StoredLetter> letter = this.letters.findById(letterId)
			.filter((found) -> found.state() != StoredLetter.State.RETURNED);
		letter.ifPresent((found) -> {
			found.returned(why, at);
			this.letters.save(found);
			returned(found.recipient(), why, found.id(), found.partnerId(), at);
		});
		return letter.isPresent();
	}

	private void returned(EmailAddress address, String why, @Nullable UUID letter, @Nullable UUID partner, Instant at) {
		Act act = Act.of("mail.returned")
			.by(Actor.system("mail"))
			.failed()
			.personal("recipient", address.key(), address.toString())
			.personal("said", address.key(), why);
		if (letter != null) {
			act.on("letter", letter);
		}
		this.audit.append((partner != null) ? act.partner(partner, "") : act);
		this.events.publishEvent(new LetterReturned(address, why, partner, at));
	}

	/** Whether a letter of a kind was ever written about a partner. */
	@Transactional(readOnly = true)
	public boolean wasWritten(UUID partnerId, String template) {
		return this.letters.existsByPartnerIdAndTemplate(partnerId, template);
	}

	/**
	 * The letters about a partner, newest first, with their fate.
	 * @param most how many
	 */
	@Transactional(readOnly = true)
	public List<SentLetter> about(UUID partnerId, int most) {
		return this.letters.findByPartnerIdOrderByCreatedAtDesc(partnerId, Limit.of(most))
			.stream()
			.map(StoredLetter::view)
			.toList();
	}

	/** Some of the letters about a partner, newest first, with their fate. */
	@Transactional(readOnly = true)
	public Slice<SentLetter> about(UUID partnerId, Pageable page) {
		return this.letters.findByPartnerIdOrderByCreatedAtDescIdDesc(partnerId, page).map(StoredLetter::view);
	}

	/**
	 * Forgets what the letters about a partner said, and to whom; that they were sent
	 * stays.
	 * @param pseudonymOf what stands for an address, by its key
	 */
	@Transactional(propagation = Propagation.MANDATORY)
	public void reduce(UUID partnerId, Function<String, EmailAddress> pseudonymOf) {
		this.letters.findByPartnerId(partnerId).forEach((letter) -> {
			letter.reduce(pseudonymOf.apply(letter.recipient().key()));
			this.letters.save(letter);
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		PersonKeeper lettersPeople(JdbcClient jdbc) {
			return new PeopleByAddress(jdbc, "letter", "recipient", "recipient = :address, model = '{}', error = null");
		}

		@Bean
		PersonKeeper wordingsPeople(JdbcClient jdbc) {
			return new PeopleByAddress(jdbc, "letter_wording", "editor", "changed_by = :name");
		}

		@Bean
		OneTimeTask<Void> mail(StoredLetters letters, Postman postman, @Lazy Outbox outbox, AuditLog audit,
				JsonMapper json, TransactionTemplate transaction, Clock clock) {
			return Tasks.oneTime(SEND)
				.defaultPriority(30)
				.onFailure(Retries.thenPark(Duration.ofSeconds(10)))
				.execute((instance, context) -> {
					StoredLetter letter = letters.findById(UUID.fromString(instance.getId())).orElseThrow();
					if (letter.state() == StoredLetter.State.SENT || letter.state() == StoredLetter.State.RETURNED) {
						return;
					}
					Map<String, String> model = json.readValue(letter.model(), new TypeReference<>() {
					});
					try {
						postman.deliver(new Letter(letter.recipient(), letter.template(), model, letter.partnerId()),
								letter.id());
					}
					catch (MailReturned ex) {
						transaction.executeWithoutResult(
								(status) -> outbox.returned(letter.id(), ex.getMessage(), clock.instant()));
						return;
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
