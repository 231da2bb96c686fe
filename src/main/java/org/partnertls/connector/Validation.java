package org.partnertls.connector;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.exchange.Call;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.Failure;
import org.partnertls.exchange.Reply;
import org.partnertls.exchange.ValidationTask;
import org.partnertls.organization.EmailAddress;

import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Has Exchange Online send a test message over a new outbound connector. Takes minutes,
 * writes nothing to the tenant and so does not hold up the push.
 */
@Component
class Validation {

	private static final Duration HELD_PAUSE = Duration.ofMinutes(5);

	/** What it throws is like a sudden death. */
	private volatile Consumer<Pusher.Moment> hook = (moment) -> {
	};

	private final ExchangeOnline exchange;

	private final Ledger ledger;

	private final Validations validations;

	private final Emergencies emergencies;

	private final Gate gate;

	private final Lease lease;

	private final Calls calls;

	private final ConnectorProperties properties;

	private final TransactionTemplate transaction;

	private final Clock clock;

	Validation(ExchangeOnline exchange, Ledger ledger, Validations validations, Emergencies emergencies, Gate gate,
			Lease lease, Calls calls, ConnectorProperties properties, TransactionTemplate transaction, Clock clock) {
		this.exchange = exchange;
		this.ledger = ledger;
		this.validations = validations;
		this.emergencies = emergencies;
		this.gate = gate;
		this.lease = lease;
		this.calls = calls;
		this.properties = properties;
		this.transaction = transaction;
		this.clock = clock;
	}

	/** For tests: called at each moment. */
	void hook(Consumer<Pusher.Moment> newHook) {
		this.hook = newHook;
	}

	/**
	 * Validates a change's outbound connector, if that is what it waits for.
	 * @return when to try again; empty: never
	 */
	Optional<Instant> run(UUID changeId) {
		long number = this.lease.number();
		Task task = inTransaction(() -> begin(changeId, number));
		return switch (task) {
			case Task.None none -> Optional.empty();
			case Task.Later later -> Optional.of(later.at());
			case Task.Now now -> {
				this.hook.accept(Pusher.Moment.BEGUN);
				Reply<List<ValidationTask>> reply = this.exchange.validateOutboundConnector(now.guid(),
						now.recipients());
				this.hook.accept(Pusher.Moment.ANSWERED);
				Optional<Instant> next = inTransaction(() -> end(changeId, number, reply));
				this.hook.accept(Pusher.Moment.RECORDED);
				yield next;
			}
		};
	}

	private Task begin(UUID changeId, long number) {
		ConnectorChange change = this.ledger.lock(changeId);
		Optional<PushStep> head = change.heads()
			.stream()
			.filter((step) -> step.kind() == StepKind.OUTBOUND_VALIDATE)
			.findFirst();
		String guid = change.guid(Direction.OUTBOUND);
		if (head.isEmpty() || guid == null) {
			return new Task.None();
		}
		Instant now = this.clock.instant();
		Instant notBefore = head.get().notBefore();
		if (notBefore != null && notBefore.isAfter(now)) {
			return new Task.Later(notBefore);
		}
		if (this.emergencies.isRelieved(change.partnerId()) || this.gate.pause().isPresent()) {
			return new Task.Later(now.plus(HELD_PAUSE));
		}
		change.start(StepKind.OUTBOUND_VALIDATE, number, now);
		List<String> recipients = change.plan()
			.wanted()
			.validationRecipients()
			.stream()
			.map(EmailAddress::toString)
			.toList();
		return new Task.Now(guid, recipients);
	}

	private Optional<Instant> end(UUID changeId, long number, Reply<List<ValidationTask>> reply) {
		ConnectorChange change = this.ledger.lock(changeId);
		if (!change.accepts(StepKind.OUTBOUND_VALIDATE, number)) {
			return Optional.empty();
		}
		return switch (reply) {
			case Reply.Done<List<ValidationTask>> done -> judge(change, done);
			case Reply.Failed<List<ValidationTask>> failed -> failed(change, failed);
		};
	}

	private Optional<Instant> judge(ConnectorChange change, Reply.Done<List<ValidationTask>> reply) {
		List<ValidationTask> tasks = reply.value();
		this.validations.keep(change, tasks, reply.call());
		String words = words(tasks);
		if (!tasks.isEmpty() && tasks.stream().allMatch(ValidationTask::successful)) {
			change.validated(reply.call().at().plus(reply.call().took()).truncatedTo(ChronoUnit.MICROS));
			this.ledger.done(change, StepKind.OUTBOUND_VALIDATE, reply.call(), words,
					(act) -> act.detail("tasks", tasks.size()));
			this.calls.push();
			return Optional.empty();
		}
		return again(change, reply.call(), tasks.isEmpty() ? "Exchange Online told of no step of the validation."
				: "The validation failed. " + words);
	}

	private Optional<Instant> failed(ConnectorChange change, Reply.Failed<List<ValidationTask>> reply) {
		Failure failure = reply.failure();
		return switch (failure.kind()) {
			case RETRYABLE, NOT_FOUND, AMBIGUOUS_WRITE, TRUNCATED -> again(change, reply.call(), Ledger.words(failure));
			case CONFLICT_EXISTS, INVALID, PERMISSION, AUTHENTICATION, PERMANENT -> {
				// Nothing carries mail that is not known to have been tried.
				this.ledger.validationFailed(change, reply.call(), Ledger.words(failure));
				this.calls.push();
				yield Optional.empty();
			}
		};
	}

	/** Failures while a connector still spreads do not count for much. */
	private Optional<Instant> again(ConnectorChange change, @Nullable Call call, String words) {
		if (change.step(StepKind.OUTBOUND_VALIDATE).tries() + 1 >= this.properties.validationTries()) {
			this.ledger.validationFailed(change, call, words
					+ " Ask the partner whether their server takes mail over TLS, look at the TLS check, then try again.");
			this.calls.push();
			return Optional.empty();
		}
		Instant next = this.clock.instant().plus(this.properties.validationPause());
		change.defer(StepKind.OUTBOUND_VALIDATE, call, words, next, this.clock.instant());
		return Optional.of(next);
	}

	/** What each part of a validation came to. */
	static String words(List<ValidationTask> tasks) {
		return tasks.stream()
			.map((task) -> task.name() + ": " + (task.successful() ? "successful" : "failed") + details(task))
			.collect(Collectors.joining("; "));
	}

	private static String details(ValidationTask task) {
		String details = task.details()
			.entrySet()
			.stream()
			.sorted(java.util.Map.Entry.comparingByKey())
			.map((detail) -> detail.getKey() + " " + detail.getValue())
			.collect(Collectors.joining(", "));
		return details.isEmpty() ? "" : " (" + details + ")";
	}

	private <T> T inTransaction(Supplier<T> work) {
		return Objects.requireNonNull(this.transaction.execute((status) -> work.get()));
	}

	/** What there is to validate. */
	private sealed interface Task {

		/** Nothing. */
		record None() implements Task {
		}

		/** Not yet. */
		record Later(Instant at) implements Task {
		}

		/** This. */
		record Now(String guid, List<String> recipients) implements Task {
		}

	}

}
