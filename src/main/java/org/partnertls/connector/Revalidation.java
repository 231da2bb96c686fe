package org.partnertls.connector;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.Call;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.Reply;
import org.partnertls.exchange.ValidationTask;
import org.partnertls.organization.EmailAddress;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Validates an outbound connector that stands, so that our side is proven as freshly as
 * the partner's. Writes nothing to the tenant: running twice does no harm.
 */
@Component
class Revalidation {

	private final ExchangeOnline exchange;

	private final Changes changes;

	private final OwnConnectors connectors;

	private final Validations validations;

	private final AuditLog audit;

	private final ApplicationEventPublisher events;

	private final ConnectorProperties properties;

	private final TransactionTemplate transaction;

	private final Clock clock;

	Revalidation(ExchangeOnline exchange, Changes changes, OwnConnectors connectors, Validations validations,
			AuditLog audit, ApplicationEventPublisher events, ConnectorProperties properties,
			TransactionTemplate transaction, Clock clock) {
		this.exchange = exchange;
		this.changes = changes;
		this.connectors = connectors;
		this.validations = validations;
		this.audit = audit;
		this.events = events;
		this.properties = properties;
		this.transaction = transaction;
		this.clock = clock;
	}

	/**
	 * Validates. Uses the network; no transaction is open meanwhile.
	 * @param attempt from 1
	 * @throws NotYetValid when it failed and is worth another attempt
	 */
	void run(UUID partnerId, int attempt) {
		if (!this.exchange.configured()) {
			byHand(partnerId, "The portal is not connected to Exchange Online, so that a person has to validate our"
					+ " outbound connector.");
			return;
		}
		Optional<Task> task = this.transaction.execute((status) -> task(partnerId));
		if (task == null || task.isEmpty()) {
			byHand(partnerId, "We have no outbound connector for this partner that could be validated.");
			return;
		}
		Reply<List<ValidationTask>> reply = this.exchange.validateOutboundConnector(task.get().guid(),
				task.get().recipients());
		String failure = switch (reply) {
			case Reply.Failed<List<ValidationTask>> failed -> Ledger.words(failed.failure());
			case Reply.Done<List<ValidationTask>> done when done.value().isEmpty() ->
				"Exchange Online told of no step of the validation.";
			case Reply.Done<List<ValidationTask>> done -> done.value().stream().allMatch(ValidationTask::successful)
					? null : "The validation failed. " + Validation.words(done.value());
		};
		boolean last = failure == null || attempt >= this.properties.validationTries();
		this.transaction.executeWithoutResult((status) -> record(task.get(), reply, failure, last));
		if (!last) {
			throw new NotYetValid(String.valueOf(failure));
		}
	}

	private Optional<Task> task(UUID partnerId) {
		String tenant = this.exchange.tenantId();
		return this.connectors.findByPartnerIdAndDirectionAndTenantId(partnerId, Direction.OUTBOUND, tenant)
			.flatMap((own) -> this.changes.lastApproved(partnerId, tenant)
				.or(() -> this.changes.lastStarted(partnerId, tenant))
				.map((change) -> new Task(change, own.guid(),
						change.plan().wanted().validationRecipients().stream().map(EmailAddress::toString).toList())));
	}

	private void record(Task task, Reply<List<ValidationTask>> reply, @Nullable String failure, boolean last) {
		Call call = reply.call();
		if (reply instanceof Reply.Done<List<ValidationTask>> done) {
			this.validations.keep(task.change(), task.guid(), done.value(), call);
		}
		if (!last) {
			return;
		}
		Instant at = call.at().plus(call.took());
		Act act = Act.of("connector.outbound-revalidated")
			.by(Actor.system("connector-revalidation"))
			.on("connector-change", task.change().id())
			.partner(task.change().partnerId(), task.change().partnerName())
			.detail("guid", task.guid())
			.detail("result", (failure != null) ? failure : "successful");
		this.audit.append((failure != null) ? act.failed() : act);
		this.events.publishEvent(new ConnectorEvent.Revalidated(task.change().partnerId(), failure == null, at,
				(failure != null) ? failure : "Our outbound connector was validated with a message to the partner."));
	}

	private void byHand(UUID partnerId, String why) {
		this.transaction.executeWithoutResult((status) -> this.events
			.publishEvent(new ConnectorEvent.Revalidated(partnerId, null, this.clock.instant(), why)));
	}

	/**
	 * What to validate.
	 *
	 * @param change what was approved last
	 */
	private record Task(ConnectorChange change, String guid, List<String> recipients) {
	}

	/** It failed, and is tried again after a pause. */
	static final class NotYetValid extends RuntimeException {

		private static final long serialVersionUID = 1L;

		NotYetValid(String words) {
			super(words);
		}

	}

}
