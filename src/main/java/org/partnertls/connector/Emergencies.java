package org.partnertls.connector;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.UUID;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.Accepted;
import org.partnertls.exchange.Call;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.Failure;
import org.partnertls.exchange.InboundConnector;
import org.partnertls.exchange.OutboundConnector;
import org.partnertls.exchange.Reply;
import org.partnertls.organization.Retries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Carries out reliefs, takes them back when somebody asks for it, and reminds when their
 * time is over. Runs within the push, ahead of everything else there.
 */
@Component
class Emergencies {

	private static final Logger log = LoggerFactory.getLogger(Emergencies.class);

	private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);

	private final ExchangeOnline exchange;

	private final Reliefs reliefs;

	private final OwnConnectors connectors;

	private final Changes changes;

	private final Lease lease;

	private final Calls calls;

	private final AuditLog audit;

	private final ApplicationEventPublisher events;

	private final TransactionTemplate transaction;

	private final Clock clock;

	Emergencies(ExchangeOnline exchange, Reliefs reliefs, OwnConnectors connectors, Changes changes, Lease lease,
			Calls calls, AuditLog audit, ApplicationEventPublisher events, TransactionTemplate transaction,
			Clock clock) {
		this.exchange = exchange;
		this.reliefs = reliefs;
		this.connectors = connectors;
		this.changes = changes;
		this.lease = lease;
		this.calls = calls;
		this.audit = audit;
		this.events = events;
		this.transaction = transaction;
		this.clock = clock;
	}

	/** Whether enforcement for a partner is loosened, or about to be. */
	boolean isRelieved(UUID partnerId) {
		return !this.reliefs.open(partnerId).isEmpty();
	}

	/** Whether there is something to do. */
	boolean areDue() {
		return !due().isEmpty();
	}

	/**
	 * Does what is due. At most one caller at a time, and nobody else writes meanwhile.
	 */
	void run(long fence) {
		due().forEach((id) -> guarded(id, fence));
	}

	private List<UUID> due() {
		return inTransaction(() -> this.reliefs.due(this.exchange.tenantId(), this.clock.instant()));
	}

	/** Keeps one relief that we cannot cope with from stopping everything else. */
	private void guarded(UUID id, long fence) {
		try {
			carryOut(id, fence);
		}
		catch (Lease.Superseded | DataAccessException | TransactionException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			log.error("Relief {} could not be carried on", id, ex);
			inTransaction(fence, () -> {
				Relief relief = this.reliefs.lock(id).orElseThrow();
				relief.defer(null, "The portal could not cope with this; its log has the reason.",
						FIRST_PAUSE.multipliedBy(1L << Math.min(relief.tries(), 10)), this.clock.instant());
				return this.reliefs.save(relief);
			});
		}
	}

	private void carryOut(UUID id, long fence) {
		Optional<Relief> work = inTransaction(fence, () -> {
			Relief relief = this.reliefs.lock(id).orElseThrow();
			if (relief.isOverdue(this.clock.instant())) {
				remind(relief);
				return Optional.<Relief>empty();
			}
			return Optional.of(relief)
				.filter((open) -> open.state() == Relief.State.WANTED || open.state() == Relief.State.ENDING);
		});
		work.ifPresent((relief) -> carryOut(relief, fence));
	}

	private void remind(Relief relief) {
		relief.remind(this.clock.instant());
		this.reliefs.save(relief);
		this.audit.append(act(relief, "connector.relief-overdue"));
		this.events.publishEvent(new ConnectorEvent.ReliefOverdue(relief.partnerId(), relief.step(),
				Objects.requireNonNullElse(relief.appliedAt(), relief.wantedAt())));
	}

	private void carryOut(Relief relief, long fence) {
		Reply<Optional<Tenant.Seen>> look = look(relief);
		Form current = switch (look) {
			case Reply.Done<Optional<Tenant.Seen>> done -> done.value().map(Tenant.Seen::form).orElse(null);
			// Better by what we last knew than not at all.
			case Reply.Failed<Optional<Tenant.Seen>> failed ->
				inTransaction(() -> Optional.ofNullable(own(relief))).map(OwnConnector::form).orElse(null);
		};
		Relief.State begun = relief.state();
		if (current == null) {
			boolean over = begun == Relief.State.ENDING && look instanceof Reply.Done<Optional<Tenant.Seen>>;
			String words = "The connector \"" + relief.name()
					+ "\" is no longer in the tenant, so that nothing of ours is enforced there.";
			inTransaction(fence,
					() -> over ? over(relief.id(), look.call(), words) : fail(relief.id(), begun, look.call(), words));
			return;
		}
		Optional<Form> begin = inTransaction(fence, () -> {
			Relief started = this.reliefs.lock(relief.id()).orElseThrow();
			if (!started.isStill(begun)) {
				return Optional.<Form>empty();
			}
			started.start(fence, left(started, current));
			this.reliefs.save(started);
			return Optional.of(started.aim(current));
		});
		if (begin.isEmpty()) {
			return;
		}
		Form aim = begin.get();
		SortedSet<String> differences = aim.differences(current);
		if (differences.isEmpty() && look instanceof Reply.Done<Optional<Tenant.Seen>>) {
			inTransaction(fence, () -> done(relief.id(), begun, fence, look.call(), current, aim));
			return;
		}
		Reply<Accepted> reply = (relief.direction() == Direction.OUTBOUND)
				? this.exchange.setOutboundConnector(relief.guid(), relief.step().touched(aim))
				: this.exchange.setInboundConnector(relief.guid(), relief.step().touched(aim));
		switch (reply) {
			case Reply.Done<Accepted> done -> {
				boolean shown = !(look(relief) instanceof Reply.Done<Optional<Tenant.Seen>> after)
						|| after.value().map((seen) -> aim.differences(seen.form()).isEmpty()).orElse(false);
				inTransaction(fence, () -> shown ? done(relief.id(), begun, fence, done.call(), current, aim)
						: defer(relief.id(), begun, fence, done.call()));
			}
			case Reply.Failed<Accepted> failed -> inTransaction(fence, () -> failed(relief.id(), begun, fence, failed));
		}
	}

	/**
	 * What to go back to in the end: how we have left the connector, or what a change of
	 * ours has just made of it. What somebody else has changed is not ours to keep.
	 */
	private Form left(Relief relief, Form current) {
		OwnConnector own = own(relief);
		if (own == null || this.changes.underWay(relief.partnerId())
			.filter((change) -> Push.explains(change, relief.direction(), current))
			.isPresent()) {
			return current;
		}
		return own.form();
	}

	private Reply<Optional<Tenant.Seen>> look(Relief relief) {
		return switch (relief.direction()) {
			case OUTBOUND -> Pusher.map(this.exchange.outboundConnectors(),
					(list) -> list.stream()
						.filter((stored) -> isOf(relief, stored.guid()))
						.map((OutboundConnector stored) -> Tenant.Seen.of(stored))
						.findFirst());
			case INBOUND -> Pusher.map(this.exchange.inboundConnectors(),
					(list) -> list.stream()
						.filter((stored) -> isOf(relief, stored.guid()))
						.map((InboundConnector stored) -> Tenant.Seen.of(stored))
						.findFirst());
		};
	}

	private static boolean isOf(Relief relief, String guid) {
		return guid.equalsIgnoreCase(relief.guid());
	}

	private boolean done(UUID id, Relief.State begun, long fence, @Nullable Call call, Form current, Form aim) {
		Relief relief = this.reliefs.lock(id).orElseThrow();
		if (!relief.accepts(fence, begun)) {
			return false;
		}
		relief.done(call, this.clock.instant());
		this.reliefs.save(relief);
		see(relief, aim);
		boolean ended = relief.state() == Relief.State.ENDED;
		Act act = act(relief, ended ? "connector.relief-ended" : "connector.relieved");
		aim.differences(current)
			.forEach((parameter) -> act.change(parameter, current.get(parameter), aim.get(parameter)));
		this.audit.append(call(act, call));
		this.events.publishEvent(ended ? new ConnectorEvent.ReliefEnded(relief.partnerId(), relief.step(), null)
				: new ConnectorEvent.Relieved(relief.partnerId(), relief.step(), relief.byName(), relief.reason(),
						relief.until()));
		return true;
	}

	/**
	 * What was read back is kept as last known, but for what the relief does not touch: a
	 * difference there still is one.
	 */
	private void see(Relief relief, Form aim) {
		OwnConnector own = own(relief);
		if (own != null) {
			Form form = own.form().with(relief.step().touched(aim));
			Enforcement
				.changed(own, own.form(), form, (relief.state() == Relief.State.ENDED) ? "end of a relief" : "relief")
				.ifPresent((act) -> this.audit.append(act.by(Actor.system("connector-push"))
					.detail("relief", relief.id())
					.detail("step", relief.step())));
			own.see(own.partnerName(), new Tenant.Seen(own.direction(), own.guid(), own.name(), form, null, null),
					this.clock.instant());
			this.connectors.save(own);
		}
	}

	private @Nullable OwnConnector own(Relief relief) {
		return this.connectors
			.findByPartnerIdAndDirectionAndTenantId(relief.partnerId(), relief.direction(), this.exchange.tenantId())
			.orElse(null);
	}

	private boolean failed(UUID id, Relief.State begun, long fence, Reply.Failed<Accepted> reply) {
		Failure failure = reply.failure();
		Relief relief = this.reliefs.lock(id).orElseThrow();
		if (!relief.accepts(fence, begun)) {
			return false;
		}
		if (!failure.isPassing() || relief.tries() + 1 >= Retries.LIMIT) {
			return fail(id, begun, reply.call(), Ledger.words(failure));
		}
		Duration asked = failure.retryAfter();
		Duration own = FIRST_PAUSE.multipliedBy(1L << relief.tries());
		relief.defer(reply.call(), Ledger.words(failure), (asked != null && asked.compareTo(own) > 0) ? asked : own,
				this.clock.instant());
		this.reliefs.save(relief);
		this.audit
			.append(call(act(relief, "connector.relief-tried").failed().reason(Ledger.words(failure)), reply.call()));
		return true;
	}

	/** What was set does not show yet: it is compared again. */
	private boolean defer(UUID id, Relief.State begun, long fence, Call call) {
		Relief relief = this.reliefs.lock(id).orElseThrow();
		if (!relief.accepts(fence, begun)) {
			return false;
		}
		if (relief.tries() + 1 >= Retries.LIMIT) {
			return fail(id, begun, call, "The tenant does not show the new settings. Look at the connector in the"
					+ " Exchange admin centre.");
		}
		relief.defer(call, "The tenant does not show the new settings yet.", FIRST_PAUSE, this.clock.instant());
		this.reliefs.save(relief);
		return true;
	}

	private boolean fail(UUID id, Relief.State begun, @Nullable Call call, String words) {
		Relief relief = this.reliefs.lock(id).orElseThrow();
		if (!relief.isStill(begun)) {
			return false;
		}
		relief.fail(call, words, this.clock.instant());
		this.reliefs.save(relief);
		this.audit.append(call(act(relief, "connector.relief-failed").failed().reason(words), call));
		this.events.publishEvent(new ConnectorEvent.ReliefFailed(relief.partnerId(), relief.step(), words));
		return true;
	}

	/** There is nothing to take back any more: that it is gone, the comparison tells. */
	private boolean over(UUID id, @Nullable Call call, String words) {
		Relief relief = this.reliefs.lock(id).orElseThrow();
		if (!relief.isStill(Relief.State.ENDING)) {
			return false;
		}
		relief.done(call, this.clock.instant());
		this.reliefs.save(relief);
		OwnConnector own = own(relief);
		if (own != null) {
			// What is made again is made as it was before the relief.
			own.shallBe(relief.earlier(own.form()));
			this.connectors.save(own);
		}
		this.audit.append(call(act(relief, "connector.relief-ended").reason(words), call));
		this.events.publishEvent(new ConnectorEvent.ReliefEnded(relief.partnerId(), relief.step(), words));
		this.calls.drift();
		return true;
	}

	private static Act call(Act act, @Nullable Call call) {
		if (call != null) {
			act.detail("cmdlet", call.cmdlet())
				.detail("requestId", call.requestId())
				.detail("durationMs", call.took().toMillis());
		}
		return act;
	}

	private static Act act(Relief relief, String code) {
		return Act.of(code)
			.by(Actor.system("connector-push"))
			.on("connector-relief", relief.id())
			.partner(relief.partnerId(), relief.partnerName())
			.detail("step", relief.step())
			.detail("guid", relief.guid());
	}

	private <T> T inTransaction(long fence, Supplier<T> work) {
		return inTransaction(() -> {
			this.lease.check(this.exchange.tenantId(), fence);
			return work.get();
		});
	}

	private <T> T inTransaction(Supplier<T> work) {
		return Objects.requireNonNull(this.transaction.execute((status) -> work.get()));
	}

}
