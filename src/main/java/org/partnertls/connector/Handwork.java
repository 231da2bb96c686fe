package org.partnertls.connector;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.OutboundConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Moves approved changes on by what an administrator has done by hand, as a reading of
 * the tenant shows it. Decides like the push, and writes nothing to the tenant.
 */
@Component
class Handwork {

	private static final Logger log = LoggerFactory.getLogger(Handwork.class);

	private final ExchangeOnline exchange;

	private final JdbcClient jdbc;

	private final Ledger ledger;

	private final Lease lease;

	private final Pusher pusher;

	private final ConnectorProperties properties;

	private final TransactionTemplate transaction;

	private final Clock clock;

	Handwork(ExchangeOnline exchange, JdbcClient jdbc, Ledger ledger, Lease lease, Pusher pusher,
			ConnectorProperties properties, TransactionTemplate transaction, Clock clock) {
		this.exchange = exchange;
		this.jdbc = jdbc;
		this.ledger = ledger;
		this.lease = lease;
		this.pusher = pusher;
		this.properties = properties;
		this.transaction = transaction;
		this.clock = clock;
	}

	/**
	 * Takes a reading to all changes that are under way.
	 * @return what each of them still waits for in the tenant, by partner
	 */
	List<String> take(Readings.Reading reading) {
		List<String> missing = new ArrayList<>();
		List<UUID> open = this.jdbc.sql("""
				select id from connector_change
				where tenant_id = :tenant and state in ('APPROVED', 'PUSHING', 'PROVING', 'NEEDS_ATTENTION')
				order by proposed_at""")
			.param("tenant", this.exchange.tenantId())
			.query((row, number) -> row.getObject(1, UUID.class))
			.list();
		long fence = this.lease.take(this.exchange.tenantId());
		open.forEach((id) -> missing.addAll(guarded(id, reading, fence)));
		return missing;
	}

	/** Keeps one change that we cannot cope with from stopping all others. */
	private List<String> guarded(UUID id, Readings.Reading reading, long fence) {
		try {
			return inTransaction(() -> advance(id, reading, fence));
		}
		catch (DataAccessException | TransactionException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			log.error("Change {} could not be carried on", id, ex);
			return List.of("The portal could not cope with one change; its log has the reason.");
		}
	}

	private List<String> advance(UUID id, Readings.Reading reading, long fence) {
		List<String> missing = new ArrayList<>();
		Set<Direction> busy = EnumSet.noneOf(Direction.class);
		ConnectorChange change = this.ledger.lock(id);
		if (change.state() == ConnectorChange.State.NEEDS_ATTENTION) {
			change.retry(this.clock.instant());
		}
		while (true) {
			Optional<PushStep> next = change.heads()
				.stream()
				.filter((step) -> step.kind() != StepKind.INBOUND_PROOF)
				.filter((step) -> step.kind().direction() == null || !busy.contains(step.kind().direction()))
				.findFirst();
			if (next.isEmpty()) {
				return missing;
			}
			step(change, next.get().kind(), reading, fence).ifPresent((words) -> {
				Direction direction = next.get().kind().direction();
				if (direction != null) {
					busy.add(direction);
				}
				missing.add(change.partnerName() + ": " + words);
			});
			if (change.state().isOver() || change.state() == ConnectorChange.State.NEEDS_ATTENTION) {
				return missing;
			}
		}
	}

	/**
	 * Takes one step, if the reading shows that it was taken.
	 * @return what it still waits for
	 */
	private Optional<String> step(ConnectorChange change, StepKind kind, Readings.Reading reading, long fence) {
		Direction direction = kind.direction();
		Instant now = this.clock.instant();
		if (direction == null) {
			return compare(change, reading, fence);
		}
		Optional<Tenant.Seen> seen = seen(change, direction, reading.tenant());
		if (kind == StepKind.OUTBOUND_VALIDATE) {
			return validated(change, seen, fence);
		}
		if (isThereAlready(change, kind, seen)) {
			change.start(kind, fence, now);
			this.ledger.found(change, kind, seen.orElseThrow());
			return Optional.empty();
		}
		return switch (new Push(change, reading.tenant()).decide(kind)) {
			case Push.Decision.AlreadySo already -> {
				change.start(kind, fence, now);
				this.ledger.found(change, kind, (already.guid() != null) ? seen.orElse(null) : null);
				yield Optional.empty();
			}
			case Push.Decision.NotYet notYet -> Optional.of(notYet.words());
			case Push.Decision.Write write -> Optional.of("the script has not done this yet: "
					+ change.step(kind).title() + (write.command().changed().isEmpty() ? "."
							: " (" + String.join(", ", write.command().changed()) + ")."));
			case Push.Decision.Conflict conflict -> {
				change.start(kind, fence, now);
				this.ledger.fail(change, kind, null, conflict.words());
				yield Optional.of(conflict.words());
			}
		};
	}

	/**
	 * Whether the script has run already is not known, so that our own connectors may
	 * look either way; each step tells. Others that are for the same mail must be those
	 * that were approved.
	 */
	private Optional<String> compare(ConnectorChange change, Readings.Reading reading, long fence) {
		Plan approved = change.plan();
		Set<String> known = approved.overlaps().stream().map(Handwork::key).collect(Collectors.toSet());
		Optional<String> other = approved
			.again(this.properties.names(), reading.tenant(), this.pusher.known(change.partnerId()))
			.overlaps()
			.stream()
			.filter((overlap) -> !known.contains(key(overlap)))
			.map((overlap) -> "The connector \"" + overlap.name()
					+ "\" is for the same mail and new, or changed since this was approved. Compute the plan again and"
					+ " have it approved.")
			.findFirst();
		if (other.isPresent()) {
			this.ledger.revoke(change, "connector.change-stale", other.get());
			return other;
		}
		change.start(StepKind.COMPARE, fence, this.clock.instant());
		this.ledger.done(change, StepKind.COMPARE, null,
				"Carried out by hand; what is there is read from what " + reading.byName() + " pasted.",
				(act) -> act.detail("reading", reading.hash()));
		if (change.find(StepKind.INBOUND_WRITE).isEmpty()) {
			this.ledger.awaitProof(change);
		}
		return Optional.empty();
	}

	private static String key(Overlaps.Overlap overlap) {
		return overlap.direction() + " " + overlap.guid() + " " + overlap.mark();
	}

	private static Optional<Tenant.Seen> seen(ConnectorChange change, Direction direction, Tenant tenant) {
		String guid = change.guid(direction);
		return (guid != null) ? tenant.byGuid(direction, guid)
				: tenant.byName(direction, change.plan().of(direction).name());
	}

	/**
	 * Whoever ran several stages of the script before pasting is further than the step.
	 */
	private static boolean isThereAlready(ConnectorChange change, StepKind kind, Optional<Tenant.Seen> seen) {
		Form after = change.plan().of(Objects.requireNonNull(kind.direction())).after();
		boolean first = kind == StepKind.OUTBOUND_WRITE || kind == StepKind.OUTBOUND_READ_BACK
				|| kind == StepKind.INBOUND_WRITE || kind == StepKind.INBOUND_READ_BACK;
		return first && after != null && seen.isPresent() && after.differences(seen.get().form()).isEmpty();
	}

	private Optional<String> validated(ConnectorChange change, Optional<Tenant.Seen> seen, long fence) {
		OutboundConnector stored = seen.map(Tenant.Seen::outbound).orElse(null);
		Instant last = (stored != null) ? stored.lastValidation() : null;
		Instant approved = change.approvedAt();
		if (stored == null || last == null || !Boolean.TRUE.equals(stored.isValidated()) || approved == null
				|| last.isBefore(approved)) {
			return Optional.of("the outbound connector has not been validated since the approval. Run the script with"
					+ " -Stage Validate.");
		}
		change.start(StepKind.OUTBOUND_VALIDATE, fence, this.clock.instant());
		change.validated(last);
		this.ledger.done(change, StepKind.OUTBOUND_VALIDATE, null, "Validated by hand; the tenant says so.",
				(act) -> act.detail("validatedAt", last));
		return Optional.empty();
	}

	private <T> T inTransaction(Supplier<T> work) {
		return Objects.requireNonNull(this.transaction.execute((status) -> work.get()));
	}

}
