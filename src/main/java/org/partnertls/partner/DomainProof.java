package org.partnertls.partner;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsAnswer;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.Retries;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Looks for a domain's text in the DNS: when the partner asks, and by itself with growing
 * pauses until it is there or its time is over.
 */
@Component
class DomainProof {

	static final TaskDescriptor<Void> TASK = TaskDescriptor.of("domain-proof");

	static final Duration FIRST = Duration.ofMinutes(10);

	private static final Duration LONGEST_PAUSE = Duration.ofHours(6);

	private final Partnerships partnerships;

	private final Dns dns;

	private final AuditLog audit;

	private final SchedulerClient scheduler;

	private final TransactionTemplate transaction;

	private final ApplicationEventPublisher events;

	private final Clock clock;

	DomainProof(Partnerships partnerships, Dns dns, AuditLog audit, @Lazy SchedulerClient scheduler,
			TransactionTemplate transaction, ApplicationEventPublisher events, Clock clock) {
		this.partnerships = partnerships;
		this.dns = dns;
		this.audit = audit;
		this.scheduler = scheduler;
		this.transaction = transaction;
		this.events = events;
		this.clock = clock;
	}

	/**
	 * Looks now, because a person asks. A text whose time is over is replaced by a new
	 * one first. Must be called outside of a transaction: it waits for the network.
	 */
	LookUp lookUp(UUID partnerId, UUID domainId) {
		Question question = question(partnerId, domainId);
		if (question.over()) {
			return replace(partnerId, domainId);
		}
		return note(partnerId, domainId, question, look(question), true);
	}

	private Question question(UUID partnerId, UUID domainId) {
		return this.transaction.execute((status) -> {
			MailDomain domain = this.partnerships.findById(partnerId)
				.flatMap((partnership) -> partnership.domain(domainId))
				.orElseThrow(() -> new UnknownPartner(domainId));
			return new Question(domain.name(), domain.challengeName(), domain.token(),
					domain.proof() == Partner.Proof.UNPROVEN && domain.isOver(this.clock.instant()));
		});
	}

	private LookUp replace(UUID partnerId, UUID domainId) {
		return this.transaction.execute((status) -> {
			Partnership partnership = this.partnerships.findForChange(partnerId)
				.orElseThrow(() -> new UnknownPartner(partnerId));
			MailDomain domain = partnership.domain(domainId).orElseThrow(() -> new UnknownPartner(domainId));
			Instant now = this.clock.instant();
			domain.askAgain(now);
			String words = "The text had had its " + MailDomain.LIFE.toDays()
					+ " days. Publish the new one shown here and look again.";
			domain.lookedUp("", false, words, now);
			domain.looksAgain(now.plus(FIRST));
			partnership.changed(now);
			this.scheduler.scheduleIfNotExists(TASK.instance(domainId.toString()).scheduledTo(now.plus(FIRST)));
			this.audit.append(
					Partners.about(partnership, "domain.text-renewed").domain(domain.name()).on("domain", domainId));
			return new LookUp(false, words, now);
		});
	}

	private LookUp note(UUID partnerId, UUID domainId, Question question, Seen seen, boolean asked) {
		return this.transaction.execute((status) -> {
			Partnership partnership = this.partnerships.findForChange(partnerId)
				.orElseThrow(() -> new UnknownPartner(partnerId));
			MailDomain domain = partnership.domain(domainId).orElseThrow(() -> new UnknownPartner(domainId));
			Instant now = this.clock.instant();
			boolean news = !seen.words().equals(domain.seen());
			boolean proven = domain.lookedUp(question.token(), seen.found(), seen.words(), now);
			if (!asked || domain.proof() != Partner.Proof.UNPROVEN) {
				domain.looksAgain((domain.proof() == Partner.Proof.UNPROVEN) ? next(domain, now) : null);
			}
			partnership.changed(now);
			if (proven || asked || news) {
				Act act = Partners.about(partnership, proven ? "domain.proven" : "domain.looked-up")
					.domain(domain.name())
					.on("domain", domainId)
					.personal("seen", domain.name(), seen.words());
				if (proven) {
					act.change("proof", Partner.Proof.UNPROVEN, Partner.Proof.PROVEN);
				}
				this.audit.append((proven || seen.found()) ? act : act.failed());
			}
			if (proven) {
				this.events.publishEvent(new PartnerChanged(partnerId));
			}
			return new LookUp(domain.proof() == Partner.Proof.PROVEN, seen.words(), now);
		});
	}

	private Seen look(Question question) {
		return switch (this.dns.txt(question.name())) {
			case DnsAnswer.Found<String> found -> judge(question, found);
			case DnsAnswer.None<String> none -> nothing(question, none);
			case DnsAnswer.NoAnswer<String> noAnswer -> new Seen(false,
					"We could not look: " + noAnswer.why() + ". This says nothing about your record; we look again.");
		};
	}

	private static Seen judge(Question question, DnsAnswer.Found<String> found) {
		if (found.records().stream().anyMatch((text) -> MailDomain.matches(text, question.token()))) {
			return new Seen(true,
					"The text stands at " + question.name() + " (asked the DNS server " + found.server() + ").");
		}
		int count = found.records().size() + found.leftOff();
		String excerpt = excerpt(found.records().getFirst());
		return new Seen(false,
				((count == 1)
						? "There is a text at " + question.name() + ", but not the one we asked for: “" + excerpt
								+ "” (asked the DNS server " + found.server() + ")."
						: "There are " + count + " texts at " + question.name() + ", but not the one we asked for: “"
								+ excerpt + "” (asked the DNS server " + found.server() + ").")
						+ " Replace it by the text shown here, or add that one.");
	}

	// DNS panels that add the domain to whatever is typed are the most common mistake.
	private Seen nothing(Question question, DnsAnswer.None<String> none) {
		String twice = question.name() + "." + question.domain();
		if (this.dns.txt(twice) instanceof DnsAnswer.Found<String> found
				&& found.records().stream().anyMatch((text) -> MailDomain.matches(text, question.token()))) {
			return new Seen(false, "The text stands at " + twice + ": your DNS provider has added the domain to the"
					+ " name. Enter only _tls-partner-challenge as the name there.");
		}
		String server = none.server();
		String what = switch (none.absence()) {
			case NO_SUCH_NAME ->
				"There is no name " + question.name() + " in the DNS yet (asked the DNS server " + server + ").";
			case NO_SUCH_RECORD ->
				"There is no TXT record at " + question.name() + " yet (asked the DNS server " + server + ").";
		};
		return new Seen(false, what + " A new record can take from minutes to hours; we look again by ourselves.");
	}

	private static String excerpt(String text) {
		String clean = text.replaceAll("\\p{C}", " ").strip();
		return (clean.length() > 80) ? clean.substring(0, 80) + "…" : clean;
	}

	/**
	 * What to look for.
	 *
	 * @param over whether the text has had its time
	 */
	private record Question(DomainName domain, String name, String token, boolean over) {
	}

	/** What was there. */
	private record Seen(boolean found, String words) {
	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		CustomTask<Void> domainProofTask(DomainProof proof) {
			return Tasks.custom(TASK)
				.defaultPriority(10)
				.onFailure(Retries.thenPark(Duration.ofMinutes(1)))
				.execute((instance, context) -> proof.lookAgain(UUID.fromString(instance.getId()))
					.<CompletionHandler<Void>>map(
							(next) -> (complete, operations) -> operations.reschedule(complete, next))
					.orElseGet(CompletionHandler.OnCompleteRemove::new));
		}

	}

	/** When to look again; empty when there is nothing to look for any more. */
	Optional<Instant> lookAgain(UUID domainId) {
		Optional<Waiting> waiting = waiting(domainId);
		if (waiting.isEmpty()) {
			return Optional.empty();
		}
		Question question = question(waiting.get().partnerId(), domainId);
		LookUp result = note(waiting.get().partnerId(), domainId, question, look(question), false);
		if (result.proven()) {
			return Optional.empty();
		}
		return Optional.of(next(waiting.get().askedAt(), result.at()));
	}

	// Doubles the time since the text was made, so that a row needs no counter.
	private static Instant next(Instant askedAt, Instant now) {
		Duration soFar = Duration.between(askedAt, now);
		Duration pause = List.of(soFar, LONGEST_PAUSE).stream().min(Duration::compareTo).orElse(FIRST);
		return now.plus((pause.compareTo(FIRST) < 0) ? FIRST : pause);
	}

	private static @Nullable Instant next(MailDomain domain, Instant now) {
		Instant next = next(domain.askedAt(), now);
		return next.isBefore(domain.validUntil()) ? next : null;
	}

	private Optional<Waiting> waiting(UUID domainId) {
		return this.transaction.execute((status) -> this.partnerships.findByDomainId(domainId)
			.filter((partnership) -> partnership.state().isLiving())
			.flatMap((partnership) -> partnership.domain(domainId)
				.filter((domain) -> domain.proof() == Partner.Proof.UNPROVEN && !domain.isOver(this.clock.instant()))
				.map((domain) -> new Waiting(partnership.id(), domain.askedAt()))));
	}

	/** A domain that still waits for its proof. */
	private record Waiting(UUID partnerId, Instant askedAt) {
	}

}
