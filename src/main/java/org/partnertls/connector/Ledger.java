package org.partnertls.connector;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.Call;
import org.partnertls.exchange.Failure;
import org.partnertls.organization.Retries;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/**
 * Records what became of a step: the change, the history, who is told and which job is
 * called, all in the caller's transaction.
 */
@Component
class Ledger {

	private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);

	private final Changes changes;

	private final OwnConnectors connectors;

	private final Drifts drifts;

	private final AuditLog audit;

	private final ApplicationEventPublisher events;

	private final Calls calls;

	private final ConnectorProperties properties;

	private final Clock clock;

	Ledger(Changes changes, OwnConnectors connectors, Drifts drifts, AuditLog audit, ApplicationEventPublisher events,
			Calls calls, ConnectorProperties properties, Clock clock) {
		this.changes = changes;
		this.connectors = connectors;
		this.drifts = drifts;
		this.audit = audit;
		this.events = events;
		this.calls = calls;
		this.properties = properties;
		this.clock = clock;
	}

	/** The step is done by this call. */
	void done(ConnectorChange change, StepKind step, @Nullable Call call, @Nullable String words, Consumer<Act> facts) {
		moving(change, () -> change.done(step, call, words, now()));
		Act act = act(change, step, call);
		facts.accept(act);
		this.audit.append(act);
		if (step == StepKind.OUTBOUND_UNDO) {
			undone(change);
		}
	}

	/** A write was answered when its change had gone on without it, or was over. */
	void late(ConnectorChange change, StepKind step, Call call, @Nullable String failure, Consumer<Act> facts) {
		Act act = call(about(change, "connector.late-answer").detail("step", step), call);
		facts.accept(act);
		this.audit.append((failure != null) ? act.failed().reason(failure) : act);
	}

	/** The tenant was found as the step wants it. */
	void found(ConnectorChange change, StepKind step, Tenant.@Nullable Seen seen) {
		Direction direction = Objects.requireNonNull(step.direction());
		if (seen != null) {
			change.found(direction, seen.guid());
		}
		moving(change, () -> {
			change.done(step, null, step.isReadBack() ? "As approved." : "It was so already.", now());
			Act act = act(change, step, null);
			if (seen != null) {
				act.detail("guid", seen.guid());
			}
			this.audit.append(act);
			if (step.isReadBack()) {
				keep(change, direction, seen);
				follow(change, step);
			}
		});
		if (step == StepKind.OUTBOUND_UNDO) {
			undone(change);
		}
	}

	/** We have left the connector as it was before the change. */
	private void undone(ConnectorChange change) {
		this.connectors
			.findByPartnerIdAndDirectionAndTenantId(change.partnerId(), Direction.OUTBOUND, change.tenantId())
			.ifPresent((own) -> {
				Form tried = own.form();
				Form before = Objects.requireNonNull(change.plan().of(Direction.OUTBOUND).before());
				own.see(change.partnerName(),
						new Tenant.Seen(Direction.OUTBOUND, own.guid(), own.name(), before, null, null), now());
				this.connectors.save(own);
				enforcement(change, own, tried, before);
			});
	}

	private void keep(ConnectorChange change, Direction direction, Tenant.@Nullable Seen seen) {
		this.drifts.open(change.partnerId(), direction, change.tenantId()).ifPresent((drift) -> {
			Drift.End how = (change.kind() == ChangeKind.ACCEPT) ? Drift.End.ACCEPTED : Drift.End.PUSHED;
			drift.end(how, now());
			this.drifts.save(drift);
			this.audit.append(DriftCheck.act(drift, "connector.drift-ended").detail("how", how));
		});
		OwnConnector own = this.connectors
			.findByPartnerIdAndDirectionAndTenantId(change.partnerId(), direction, change.tenantId())
			.orElse(null);
		if (seen == null) {
			if (own != null) {
				enforcement(change, own, own.form(), null);
				this.connectors.delete(own);
			}
			return;
		}
		Form before = (own != null) ? own.form() : null;
		if (own == null && change.kind() == ChangeKind.ADOPT) {
			this.audit.append(about(change, "connector.adopted").detail("direction", direction)
				.detail("guid", seen.guid())
				.detail("settings", Json.write(seen.form())));
		}
		if (own == null) {
			own = new OwnConnector(change.partnerId(), change.partnerName(), change.tenantId(), seen, now());
		}
		own.see(change.partnerName(), seen, now());
		this.connectors.save(own);
		enforcement(change, own, before, seen.form());
	}

	private void enforcement(ConnectorChange change, OwnConnector own, @Nullable Form before, @Nullable Form after) {
		Enforcement.changed(own, before, after, "approved change")
			.ifPresent((act) -> this.audit.append(act.by(Actor.system("connector-push"))
				.detail("change", change.id())
				.detail("kind", change.kind())));
	}

	/** What else is to be done when something has been read back. */
	private void follow(ConnectorChange change, StepKind step) {
		switch (step) {
			case OUTBOUND_READ_BACK -> {
				if (change.find(StepKind.OUTBOUND_VALIDATE).isPresent()) {
					this.calls.validate(change, now().plus(this.properties.propagation()));
				}
			}
			case OUTBOUND_ENABLED_READ_BACK ->
				this.events.publishEvent(new ConnectorEvent.OutboundEnforced(change.partnerId(), change.id()));
			case INBOUND_READ_BACK -> awaitProof(change);
			case INBOUND_ENFORCED_READ_BACK ->
				this.events.publishEvent(new ConnectorEvent.InboundEnforced(change.partnerId(), change.id()));
			default -> {
			}
		}
	}

	/**
	 * Lets those who know about proofs know that one counts now.
	 */
	void awaitProof(ConnectorChange change) {
		if (change.find(StepKind.INBOUND_PROOF).isEmpty() || change.enforceAt() != null) {
			return;
		}
		if (this.properties.inboundEnforcement() == ConnectorProperties.InboundEnforcement.AT_ONCE) {
			moving(change, () -> change.prove(now(), now(), now()));
		}
		else {
			this.events.publishEvent(new ConnectorEvent.ProofAwaited(change.partnerId(), change.id()));
		}
	}

	/** Look again later, a bounded number of times. */
	void notYet(ConnectorChange change, StepKind step, String words) {
		if (change.step(step).tries() + 1 >= this.properties.readBackTries()) {
			fail(change, step, null, words + " Look at the connector in the Exchange admin centre, then try again.");
			return;
		}
		change.defer(step, null, words, now().plus(this.properties.readBackPause()), now());
	}

	/** A person has to decide. */
	void fail(ConnectorChange change, StepKind step, @Nullable Call call, String words) {
		moving(change, () -> change.fail(step, call, words, now()));
		this.audit.append(act(change, step, call).failed().reason(words));
	}

	/** The call did not work: later, or never. */
	void failed(ConnectorChange change, StepKind step, @Nullable Call call, Failure failure) {
		String words = words(failure);
		int tries = change.step(step).tries() + 1;
		switch (failure.kind()) {
			case RETRYABLE, TRUNCATED, AMBIGUOUS_WRITE -> {
				if (tries >= Retries.LIMIT) {
					fail(change, step, call, words);
					return;
				}
				Duration pause = (failure.kind() == Failure.Kind.AMBIGUOUS_WRITE) ? this.properties.readBackPause()
						: backOff(tries, failure.retryAfter());
				defer(change, step, call, words, pause);
			}
			case CONFLICT_EXISTS, NOT_FOUND -> {
				// The list is behind: what it shows next decides.
				if (tries >= this.properties.readBackTries()) {
					fail(change, step, call, words);
					return;
				}
				defer(change, step, call, words, this.properties.readBackPause());
			}
			case INVALID, PERMISSION, AUTHENTICATION, PERMANENT -> fail(change, step, call, words);
		}
	}

	private void defer(ConnectorChange change, StepKind step, @Nullable Call call, String words, Duration pause) {
		change.defer(step, call, words, now().plus(pause), now());
		this.audit.append(act(change, step, call).failed().detail("again", "true").reason(words));
	}

	/** The validation failed for good. */
	void validationFailed(ConnectorChange change, @Nullable Call call, String words) {
		moving(change, () -> change.failValidation(call, words, now()));
		this.audit.append(act(change, StepKind.OUTBOUND_VALIDATE, call).failed().reason(words));
	}

	/** The change ends without effect from here on. */
	void revoke(ConnectorChange change, String code, String words) {
		change.revoke(words, now());
		this.changes.save(change);
		this.audit.append(about(change, code).failed().reason(words));
		this.events.publishEvent(new ConnectorEvent.ChangeNeedsAttention(change.partnerId(), change.id(), words));
	}

	/** Lets the change move and tells of where it got to. */
	void moving(ConnectorChange change, Runnable move) {
		ConnectorChange.State before = change.state();
		move.run();
		this.changes.save(change);
		ConnectorChange.State after = change.state();
		if (before == after) {
			return;
		}
		if (after == ConnectorChange.State.DONE) {
			this.audit.append(about(change, "connector.change-done"));
			this.events.publishEvent(new ConnectorEvent.ChangeDone(change.partnerId(), change.id(),
					change.attestationId(), change.kind()));
		}
		if (after == ConnectorChange.State.NEEDS_ATTENTION) {
			this.events.publishEvent(new ConnectorEvent.ChangeNeedsAttention(change.partnerId(), change.id(),
					Objects.requireNonNullElse(change.why(), "")));
		}
	}

	static Act about(ConnectorChange change, String code) {
		return Act.of(code)
			.by(Actor.system("connector-push"))
			.on("connector-change", change.id())
			.partner(change.partnerId(), change.partnerName())
			.detail("tenant", change.tenantId());
	}

	private static Act act(ConnectorChange change, StepKind step, @Nullable Call call) {
		return call(about(change, step.code()).detail("step", step), call);
	}

	private static Act call(Act act, @Nullable Call call) {
		if (call != null) {
			act.detail("cmdlet", call.cmdlet())
				.detail("requestId", call.requestId())
				.detail("durationMs", call.took().toMillis());
		}
		return act;
	}

	static String words(Failure failure) {
		return (failure.detail() != null) ? failure.message() + " (" + failure.detail() + ")" : failure.message();
	}

	/**
	 * Twice as long each time, give or take a half so that many do not come back at once;
	 * never sooner than asked.
	 */
	static Duration backOff(int tries, @Nullable Duration asked) {
		long own = FIRST_PAUSE.multipliedBy(1L << Math.min(tries - 1, 10)).toMillis();
		long jittered = ThreadLocalRandom.current().nextLong(own / 2, own + own / 2);
		if (asked == null || asked.toMillis() <= jittered) {
			return Duration.ofMillis(jittered);
		}
		return asked.plusMillis(ThreadLocalRandom.current().nextLong(FIRST_PAUSE.toMillis() / 2));
	}

	/** A change, locked until the transaction ends. */
	ConnectorChange lock(UUID id) {
		return this.changes.lock(id).orElseThrow();
	}

	private Instant now() {
		return this.clock.instant();
	}

}
