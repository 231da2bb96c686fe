package org.partnertls.connector;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.InboundConnector;
import org.partnertls.exchange.OutboundConnector;
import org.partnertls.exchange.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The one writer of the tenant: lists once, does for every due change what the list
 * allows, and lists once more to read back. Emergencies go ahead of everything. No
 * transaction is open while the network is used.
 */
@Component
class Pusher {

	private static final Logger log = LoggerFactory.getLogger(Pusher.class);

	/** Ends a run that always finds more to do, so that others come to their turn. */
	private static final int MOST_ROUNDS = 200;

	private static final int MOST_AT_ONCE = 500;

	/** While one waits for the tenant's answer, the others keep the books. */
	static final int HANDS = 3;

	private final ExchangeOnline exchange;

	private final Changes changes;

	private final OwnConnectors connectors;

	private final Ledger ledger;

	private final Emergencies emergencies;

	private final Gate gate;

	private final Rollouts rollouts;

	private final Lease lease;

	private final ConnectorProperties properties;

	private final TransactionTemplate transaction;

	private final Clock clock;

	/**
	 * At most one cmdlet that changes something is under way at any time, reliefs
	 * included: of two at once nobody knows which stands in the end.
	 */
	private final ReentrantLock writing = new ReentrantLock();

	/** What it throws is like a sudden death. */
	private volatile BiConsumer<Moment, StepKind> hook = (moment, step) -> {
	};

	Pusher(ExchangeOnline exchange, Changes changes, OwnConnectors connectors, Ledger ledger, Emergencies emergencies,
			Gate gate, Rollouts rollouts, Lease lease, ConnectorProperties properties, TransactionTemplate transaction,
			Clock clock) {
		this.exchange = exchange;
		this.changes = changes;
		this.connectors = connectors;
		this.ledger = ledger;
		this.emergencies = emergencies;
		this.gate = gate;
		this.rollouts = rollouts;
		this.lease = lease;
		this.properties = properties;
		this.transaction = transaction;
		this.clock = clock;
	}

	/** For tests: called at each moment of each step. */
	void hook(BiConsumer<Moment, StepKind> newHook) {
		this.hook = newHook;
	}

	/** Where a step can be cut short. */
	enum Moment {

		/** It stands as begun, and nothing was asked for. */
		BEGUN,
		/** The tenant has answered, and nothing was written down. */
		ANSWERED,
		/** What came of it is written down. */
		RECORDED

	}

	/**
	 * Carries out what is due. Safe to end at any point and to run again.
	 */
	void run() {
		if (!this.exchange.configured()) {
			return;
		}
		long fence = this.lease.take(tenantId());
		try {
			for (int round = 0; round < MOST_ROUNDS; round++) {
				emergencies(fence);
				if (!round(fence)) {
					return;
				}
			}
		}
		catch (Lease.Superseded ex) {
			log.info("Stopped pushing: {}", ex.getMessage());
		}
	}

	private boolean round(long fence) {
		Work work = inTransaction(fence, this::work);
		if (work.isEmpty()) {
			return false;
		}
		// Creating needs to know all that is there; going on needs to know our own only.
		Reply<Tenant> list = work.more() ? list() : listInUse();
		if (list instanceof Reply.Failed<Tenant> failed) {
			unlisted(work, failed, fence);
			return false;
		}
		Tenant tenant = ((Reply.Done<Tenant>) list).value();
		boolean progress = each(work.mixed(), tenant, work, fence);
		if (!work.more()) {
			return progress;
		}
		// What was just read back may have let more begin, with the same list.
		Work fresh = inTransaction(fence, this::work);
		return each(fresh.beginning(), tenant, fresh, fence) || progress;
	}

	/**
	 * No change can be carried on. What time does not heal is no fault of theirs: a few
	 * say so, and the others wait for somebody to let the pushes go on.
	 */
	private void unlisted(Work work, Reply.Failed<Tenant> failed, long fence) {
		int stopped = 0;
		for (UUID id : Stream.concat(work.begun().stream(), work.beginning().stream()).toList()) {
			if (stopped >= this.properties.failuresAllowed()) {
				inTransaction(fence, () -> this.gate.stop(Ledger.words(failed.failure())));
				return;
			}
			stopped += inTransaction(fence, () -> unlisted(id, work.allowance(), failed)) ? 1 : 0;
		}
	}

	private boolean unlisted(UUID id, Rollouts.Allowance allowance, Reply.Failed<Tenant> failed) {
		if (!failed.failure().isPassing() && this.gate.pause().isPresent()) {
			return false;
		}
		ConnectorChange change = this.ledger.lock(id);
		boolean stopped = false;
		for (PushStep step : change.next(this.clock.instant())) {
			if (!change.state().isOver() && change.state() != ConnectorChange.State.NEEDS_ATTENTION) {
				this.ledger.failed(change, step.kind(), failed.call(), failed.failure());
				stopped = change.state() == ConnectorChange.State.NEEDS_ATTENTION;
				if (stopped && step.kind() == StepKind.COMPARE && allowance.rollout() != null) {
					change.join(allowance.rollout(), allowance.portion());
				}
			}
		}
		return stopped;
	}

	/** Carries some changes on, with as many hands as help. */
	private boolean each(List<UUID> ids, Tenant tenant, Work work, long fence) {
		Queue<UUID> queue = new ConcurrentLinkedQueue<>(ids);
		if (ids.size() <= 1) {
			return drain(queue, tenant, work, fence);
		}
		try (ExecutorService hands = Executors.newVirtualThreadPerTaskExecutor()) {
			List<CompletableFuture<Boolean>> done = Stream.generate(() -> CompletableFuture.supplyAsync(() -> {
				boolean fine = false;
				try {
					boolean progress = drain(queue, tenant, work, fence);
					fine = true;
					return progress;
				}
				finally {
					if (!fine) {
						queue.clear();
					}
				}
			}, hands)).limit(HANDS).toList();
			boolean progress = false;
			for (CompletableFuture<Boolean> one : done) {
				progress |= one.join();
			}
			return progress;
		}
		catch (CompletionException ex) {
			switch (ex.getCause()) {
				case RuntimeException cause -> throw cause;
				case Error cause -> throw cause;
				case null, default -> throw ex;
			}
		}
	}

	private boolean drain(Queue<UUID> queue, Tenant tenant, Work work, long fence) {
		boolean progress = false;
		for (UUID id = queue.poll(); id != null; id = queue.poll()) {
			emergencies(fence);
			progress |= guarded(id, tenant, work, fence);
		}
		return progress;
	}

	/** Ahead of all else. */
	private void emergencies(long fence) {
		if (!this.emergencies.areDue()) {
			return;
		}
		this.writing.lock();
		try {
			this.emergencies.run(fence);
		}
		finally {
			this.writing.unlock();
		}
	}

	/** What there is to do at this time. */
	private Work work() {
		Instant now = this.clock.instant();
		if (this.gate.closed().isPresent()) {
			return new Work(this.changes.dueForALook(tenantId(), now), List.of(), Rollouts.Allowance.NONE, false);
		}
		Rollouts.Allowance allowance = this.rollouts.allowance();
		List<UUID> begun = this.changes.due(tenantId(), now);
		int most = Math.clamp(allowance.changes(), 0, MOST_AT_ONCE);
		List<UUID> beginning = (most > 0) ? this.changes.beginning(tenantId(), now, most) : List.of();
		return new Work(begun, beginning, allowance, !beginning.isEmpty());
	}

	/**
	 * Due changes.
	 *
	 * @param begun go on
	 * @param beginning may begin
	 * @param more whether some may begin now
	 */
	private record Work(List<UUID> begun, List<UUID> beginning, Rollouts.Allowance allowance, boolean more) {

		boolean isEmpty() {
			return this.begun.isEmpty() && this.beginning.isEmpty();
		}

		/**
		 * Both in turn: what goes on is mostly looked at, what begins is mostly written.
		 */
		List<UUID> mixed() {
			List<UUID> mixed = new ArrayList<>();
			for (int i = 0; i < Math.max(this.begun.size(), this.beginning.size()); i++) {
				this.begun.stream().skip(i).limit(1).forEach(mixed::add);
				this.beginning.stream().skip(i).limit(1).forEach(mixed::add);
			}
			return mixed;
		}

	}

	/** Keeps one change that we cannot cope with from stopping all others. */
	private boolean guarded(UUID id, Tenant tenant, Work work, long fence) {
		try {
			return advance(id, tenant, work, fence);
		}
		catch (Lease.Superseded | DataAccessException | TransactionException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			log.error("Change {} could not be carried on", id, ex);
			return setAside(id, fence);
		}
	}

	private boolean setAside(UUID id, long fence) {
		try {
			return inTransaction(fence, () -> {
				ConnectorChange change = this.ledger.lock(id);
				List<PushStep> heads = change.heads();
				if (!heads.isEmpty()) {
					this.ledger.fail(change, heads.getFirst().kind(), null,
							"The portal could not cope with this step. Its log has the reason; try again afterwards.");
				}
				return true;
			});
		}
		catch (Lease.Superseded | DataAccessException | TransactionException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			log.error("Change {} could not even be set aside", id, ex);
			return false;
		}
	}

	/**
	 * Does what one listing allows: everything that only looks, and at most one write in
	 * each direction.
	 */
	private boolean advance(UUID id, Tenant tenant, Work allowed, long fence) {
		Set<Direction> busy = EnumSet.noneOf(Direction.class);
		boolean progress = false;
		while (true) {
			Turn turn = inTransaction(fence, () -> decide(id, tenant, allowed, busy, fence));
			switch (turn) {
				case Turn.Over over -> {
					return progress;
				}
				case Turn.Looked looked -> {
					progress = true;
					this.hook.accept(Moment.RECORDED, looked.step());
					if (!looked.more()) {
						return true;
					}
				}
				case Turn.Blocked blocked -> {
					busy.add(blocked.direction());
					progress = true;
				}
				case Turn.Work work -> {
					busy.add(work.command().direction());
					progress = true;
					this.hook.accept(Moment.BEGUN, work.step());
					if (!write(id, work, busy, fence)) {
						return true;
					}
				}
			}
		}
	}

	private Turn decide(UUID id, Tenant tenant, Work allowed, Set<Direction> busy, long fence) {
		ConnectorChange change = this.ledger.lock(id);
		Instant now = this.clock.instant();
		Optional<PushStep> next = next(change, busy);
		if (next.isEmpty() || this.emergencies.isRelieved(change.partnerId())) {
			return new Turn.Over();
		}
		StepKind kind = next.get().kind();
		if (this.gate.holds(kind)) {
			return new Turn.Over();
		}
		Direction direction = kind.direction();
		if (direction == null) {
			return compare(change, tenant, allowed.allowance(), busy, fence);
		}
		Push.Decision decision = new Push(change, tenant).decide(kind);
		change.start(kind, fence, now);
		return switch (decision) {
			case Push.Decision.AlreadySo already -> {
				String guid = already.guid();
				this.ledger.found(change, kind, (guid != null) ? tenant.byGuid(direction, guid).orElse(null) : null);
				yield new Turn.Looked(kind, next(change, busy).isPresent());
			}
			case Push.Decision.NotYet notYet -> {
				this.ledger.notYet(change, kind, notYet.words());
				yield new Turn.Blocked(direction);
			}
			case Push.Decision.Conflict conflict -> {
				this.ledger.fail(change, kind, null, conflict.words());
				yield new Turn.Over();
			}
			case Push.Decision.Write write ->
				new Turn.Work(kind, write.command(), change.plan().of(direction).before());
		};
	}

	/** The next step that this listing has not been used for. */
	private Optional<PushStep> next(ConnectorChange change, Set<Direction> busy) {
		return change.next(this.clock.instant())
			.stream()
			.filter((step) -> step.kind().direction() == null || !busy.contains(step.kind().direction()))
			.findFirst();
	}

	/** What was approved must be what would be planned now. */
	private Turn compare(ConnectorChange change, Tenant tenant, Rollouts.Allowance allowance, Set<Direction> busy,
			long fence) {
		if (allowance.rollout() != null) {
			// The others of its portion may have failed since this was allowed.
			if (!this.rollouts.mayBegin(allowance.rollout())) {
				return new Turn.Over();
			}
			change.join(allowance.rollout(), allowance.portion());
		}
		Plan approved = change.plan();
		Plan current = approved.again(this.properties.names(), tenant, known(change.partnerId()));
		if (!change.hash().equals(approved.hash()) || !current.hash().equals(change.hash())) {
			this.ledger.revoke(change, "connector.change-stale",
					"The tenant has changed since this was approved, so that the approval is for something else."
							+ " Compute the plan again and have it approved.");
			return new Turn.Over();
		}
		List<String> full = this.properties.capacity().objections(approved, tenant);
		if (!full.isEmpty()) {
			this.ledger.fail(change, StepKind.COMPARE, null, String.join(" ", full));
			return new Turn.Over();
		}
		change.start(StepKind.COMPARE, fence, this.clock.instant());
		this.ledger.done(change, StepKind.COMPARE, null, "The tenant is as it was when this was approved.",
				(act) -> act.detail("planHash", change.hash()));
		if (change.find(StepKind.INBOUND_WRITE).isEmpty()) {
			this.ledger.awaitProof(change);
		}
		return new Turn.Looked(StepKind.COMPARE, next(change, busy).isPresent());
	}

	/** Runs a cmdlet; tells whether the listing allows another step. */
	private boolean write(UUID id, Turn.Work work, Set<Direction> busy, long fence) {
		Push.Command command = work.command();
		Reply<Optional<String>> reply;
		this.writing.lock();
		try {
			emergencies(fence);
			if (!inTransaction(fence, () -> isStillWanted(id, work.step(), fence))) {
				return false;
			}
			reply = call(command);
		}
		finally {
			this.writing.unlock();
		}
		this.hook.accept(Moment.ANSWERED, work.step());
		boolean more;
		try {
			more = inTransaction(fence, () -> record(id, work, reply, busy, fence));
		}
		catch (Lease.Superseded ex) {
			inTransaction(() -> late(this.ledger.lock(id), work, reply));
			throw ex;
		}
		this.hook.accept(Moment.RECORDED, work.step());
		return more;
	}

	private boolean record(UUID id, Turn.Work work, Reply<Optional<String>> reply, Set<Direction> busy, long fence) {
		Push.Command command = work.command();
		ConnectorChange change = this.ledger.lock(id);
		if (!change.accepts(work.step(), fence)) {
			return late(change, work, reply);
		}
		switch (reply) {
			case Reply.Done<Optional<String>> done -> {
				done.value().ifPresent((guid) -> change.found(command.direction(), guid));
				this.ledger.done(change, work.step(), done.call(), null, (act) -> describe(act, work));
			}
			case Reply.Failed<Optional<String>> failed ->
				this.ledger.failed(change, work.step(), failed.call(), failed.failure());
		}
		return next(change, busy).isPresent();
	}

	/**
	 * The change has gone on without the answer, but the tenant may have changed by it.
	 */
	private boolean late(ConnectorChange change, Turn.Work work, Reply<Optional<String>> reply) {
		String failure = (reply instanceof Reply.Failed<Optional<String>> failed) ? Ledger.words(failed.failure())
				: null;
		this.ledger.late(change, work.step(), reply.call(), failure, (act) -> {
			describe(act, work);
			if (reply instanceof Reply.Done<Optional<String>> done) {
				done.value().ifPresent((guid) -> act.detail("guid", guid));
			}
		});
		return false;
	}

	/**
	 * Whether what was decided before the wait still is to be written. Otherwise the step
	 * waits, as if nobody had begun it.
	 */
	private boolean isStillWanted(UUID id, StepKind step, long fence) {
		ConnectorChange change = this.ledger.lock(id);
		if (!change.accepts(step, fence)) {
			return false;
		}
		if (this.emergencies.isRelieved(change.partnerId()) || this.gate.holds(step)) {
			change.hold(step, this.clock.instant());
			return false;
		}
		return true;
	}

	private static void describe(Act act, Turn.Work work) {
		Push.Command command = work.command();
		Form before = work.before();
		command.parameters()
			.forEach((parameter, value) -> act.change(parameter, (before != null) ? text(before.get(parameter)) : null,
					text(value)));
		act.detail("direction", command.direction());
		if (command.guid() != null) {
			act.detail("guid", command.guid());
		}
	}

	/** The addresses of people stay out of what cannot be erased. */
	static @Nullable String text(@Nullable Object value) {
		return (value == null) ? null : value.toString().contains("@") ? "(addresses)" : value.toString();
	}

	private Reply<Optional<String>> call(Push.Command command) {
		Map<String, @Nullable Object> parameters = command.parameters();
		String guid = (command.guid() != null) ? command.guid() : "";
		boolean outbound = command.direction() == Direction.OUTBOUND;
		return switch (command.verb()) {
			case "New" -> outbound
					? map(this.exchange.newOutboundConnector(parameters), (made) -> made.map(OutboundConnector::guid))
					: map(this.exchange.newInboundConnector(parameters), (made) -> made.map(InboundConnector::guid));
			case "Set" -> map(outbound ? this.exchange.setOutboundConnector(guid, parameters)
					: this.exchange.setInboundConnector(guid, parameters), (accepted) -> Optional.empty());
			case "Remove" ->
				map(outbound ? this.exchange.removeOutboundConnector(guid) : this.exchange.removeInboundConnector(guid),
						(accepted) -> Optional.empty());
			default -> throw new IllegalArgumentException(command.verb());
		};
	}

	/**
	 * All connectors of the tenant, or none at all: what is missing from part of a list
	 * says nothing.
	 */
	Reply<Tenant> list() {
		return list(this.exchange::outboundConnectors);
	}

	/** The same without those that are in test mode or for mail-flow rules only. */
	Reply<Tenant> listInUse() {
		return list(this.exchange::outboundConnectorsInUse);
	}

	private Reply<Tenant> list(Supplier<Reply<List<OutboundConnector>>> question) {
		try (ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor()) {
			CompletableFuture<Reply<List<InboundConnector>>> inbound = CompletableFuture
				.supplyAsync(this.exchange::inboundConnectors, beside);
			return switch (question.get()) {
				case Reply.Failed<List<OutboundConnector>> failed ->
					new Reply.Failed<>(failed.failure(), failed.call());
				case Reply.Done<List<OutboundConnector>> outbound ->
					map(inbound.join(), (found) -> Tenant.of(outbound.value(), found));
			};
		}
	}

	/** The connectors that we made for a partner. */
	Plan.Known known(UUID partnerId) {
		List<OwnConnector> own = new ArrayList<>(this.connectors.findByPartnerIdAndTenantId(partnerId, tenantId()));
		return new Plan.Known(guid(own, Direction.OUTBOUND), guid(own, Direction.INBOUND));
	}

	private static @Nullable String guid(List<OwnConnector> own, Direction direction) {
		return own.stream()
			.filter((connector) -> connector.direction() == direction)
			.map(OwnConnector::guid)
			.findFirst()
			.orElse(null);
	}

	static <A, B> Reply<B> map(Reply<A> reply, java.util.function.Function<A, B> mapping) {
		return switch (reply) {
			case Reply.Done<A> done -> new Reply.Done<>(mapping.apply(done.value()), done.call());
			case Reply.Failed<A> failed -> new Reply.Failed<>(failed.failure(), failed.call());
		};
	}

	private String tenantId() {
		return this.exchange.tenantId();
	}

	private <T> T inTransaction(long fence, Supplier<T> work) {
		return inTransaction(() -> {
			this.lease.check(tenantId(), fence);
			return work.get();
		});
	}

	private <T> T inTransaction(Supplier<T> work) {
		return java.util.Objects.requireNonNull(this.transaction.execute((status) -> work.get()));
	}

	/** What one look at a change came to. */
	private sealed interface Turn {

		/** Nothing more with this list. */
		record Over() implements Turn {
		}

		/**
		 * Something was concluded without a write.
		 *
		 * @param more whether this listing allows another step
		 */
		record Looked(StepKind step, boolean more) implements Turn {
		}

		/** One direction has to wait. */
		record Blocked(Direction direction) implements Turn {
		}

		/** A cmdlet is to be run. */
		record Work(StepKind step, Push.Command command, @Nullable Form before) implements Turn {
		}

	}

}
