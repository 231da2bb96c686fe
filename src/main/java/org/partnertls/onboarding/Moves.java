package org.partnertls.onboarding;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.ActorSource;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.ChangeKind;
import org.partnertls.connector.ChangeView;
import org.partnertls.connector.ConnectorEvent;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.PlanResult;
import org.partnertls.onboarding.PartnerMove.Kind;
import org.partnertls.onboarding.PartnerMove.Mode;
import org.partnertls.organization.Retries;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Partnership;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Suspends, resumes and ends partnerships: where the partnership, its connectors and its
 * task list meet. What loosens enforcement, another administrator approves.
 */
@Component
class Moves {

	private static final TaskDescriptor<Void> PLAN = TaskDescriptor.of("partner-move-plan");

	private final PartnerMoves moves;

	private final Partners partners;

	private final Connectors connectors;

	private final Attestations attestations;

	private final ActorSource actors;

	private final AuditLog audit;

	private final SchedulerClient scheduler;

	private final TransactionTemplate transaction;

	private final Clock clock;

	Moves(PartnerMoves moves, Partners partners, Connectors connectors, Attestations attestations, ActorSource actors,
			AuditLog audit, @Lazy SchedulerClient scheduler, TransactionTemplate transaction, Clock clock) {
		this.moves = moves;
		this.partners = partners;
		this.connectors = connectors;
		this.attestations = attestations;
		this.actors = actors;
		this.audit = audit;
		this.scheduler = scheduler;
		this.transaction = transaction;
		this.clock = clock;
	}

	/** What may be asked for now. */
	Set<Kind> possible(Partner partner) {
		return switch (partner.state()) {
			case INVITED, ONBOARDING -> EnumSet.of(Kind.END);
			case ACTIVE -> EnumSet.of(Kind.SUSPEND, Kind.END);
			case SUSPENDED -> EnumSet.of(Kind.RESUME, Kind.END);
			case ENDED, EXPIRED, WITHDRAWN -> EnumSet.noneOf(Kind.class);
		};
	}

	/** Whether there are connectors of ours to decide about. */
	boolean hasConnectors(UUID partnerId) {
		return this.connectors.partnerName(partnerId).isPresent() && this.connectors.lastWanted(partnerId).isPresent();
	}

	/** Whether they were switched off when the partnership was suspended. */
	boolean areOff(UUID partnerId) {
		return this.moves.findLastDone(partnerId)
			.filter((move) -> move.kind() == Kind.SUSPEND && move.connectors() == Mode.SWITCH_OFF)
			.isPresent();
	}

	/** What is under way for a partner. */
	Optional<PartnerMove> waiting(UUID partnerId) {
		return this.moves.findWaiting(partnerId);
	}

	/**
	 * Asks for a move. Without connectors to change it takes effect at once, else when
	 * the plan that this makes is approved and carried out. Uses the network: call it
	 * with no transaction open.
	 * @param reason as the partner will read it
	 */
	Outcome ask(UUID partnerId, Kind kind, Mode mode, String reason, SignedIn by) {
		boolean changes = mode != Mode.KEEP && hasConnectors(partnerId);
		Begun begun = inTransaction(() -> begin(partnerId, kind, changes ? mode : Mode.KEEP, reason, by));
		return (begun.move() != null && begun.planNow()) ? plan(begun.move()) : begun.outcome();
	}

	private Begun begin(UUID partnerId, Kind kind, Mode mode, String reason, SignedIn by) {
		Partner partner = this.partners.find(partnerId).orElseThrow(NotFound::new);
		Optional<PartnerMove> other = this.moves.lockWaiting(partnerId);
		if (other.isPresent()) {
			return Begun.refused(other.get().askedByName() + " has already asked to " + other.get().kind().words()
					+ ". Carry that out or call it off first.");
		}
		if (!possible(partner).contains(kind)) {
			return Begun.refused("The partnership is " + partner.state().words().toLowerCase(java.util.Locale.ROOT)
					+ " now. Nothing was done.");
		}
		Instant now = this.clock.instant();
		PartnerMove move = this.moves.save(new PartnerMove(partnerId, kind, mode, reason, by.id(), by.name(), now));
		this.audit.append(about(move, partner, "partner.move-asked").reason(reason));
		if (mode == Mode.KEEP) {
			carryOut(move);
			return new Begun(null, false, new Outcome(true, null, done(kind)));
		}
		if (this.connectors.reliefs(partnerId).isEmpty()) {
			return new Begun(move.id(), true, new Outcome(true, null, ""));
		}
		// What is relieved would be planned as it stands now and be another by then.
		move.waitForRelief();
		this.moves.save(move);
		this.connectors.endRelief(partnerId, this.actors.current());
		if (this.connectors.reliefs(partnerId).isEmpty()) {
			return new Begun(move.id(), true, new Outcome(true, null, ""));
		}
		return new Begun(null, false, new Outcome(true, null,
				"The relief is taken back first. The plan follows by itself, and then waits for another administrator."));
	}

	private static String done(Kind kind) {
		return switch (kind) {
			case SUSPEND -> "Suspended. Both sides are told.";
			case RESUME -> "Resumed. Both sides are told.";
			case END -> "Ended. Both sides are told, and the partner what to take back.";
		};
	}

	/** Plans what a move means for the connectors, and puts it up for approval. */
	Outcome plan(UUID moveId) {
		PartnerMove move = this.moves.findById(moveId).orElseThrow(NotFound::new);
		if (move.state() != PartnerMove.State.WAITING || move.changeId() != null) {
			return new Outcome(false, null, "There is nothing to plan any more.");
		}
		PlanResult result = planned(move);
		return inTransaction(() -> {
			PartnerMove now = this.moves.lockWaiting(move.partnerId())
				.filter((same) -> same.id().equals(moveId))
				.orElseThrow(NotFound::new);
			return switch (result) {
				case PlanResult.Planned done when done.plan().isNothing() -> {
					carryOut(now);
					yield new Outcome(true, null, done(now.kind()));
				}
				case PlanResult.Planned done -> {
					UUID change = this.connectors.propose(null, done.plan(), now.askedBy());
					now.planned(change, null);
					this.moves.save(now);
					yield new Outcome(true, change, "This is the plan for the connectors. Since you made it, somebody"
							+ " else has to approve it; the partnership moves when it is carried out.");
				}
				case PlanResult.Unavailable unavailable -> notPlanned(now, unavailable.sentence());
				case PlanResult.Unsuitable unsuitable -> notPlanned(now, String.join(" ", unsuitable.sentences()));
			};
		});
	}

	private Outcome notPlanned(PartnerMove move, String why) {
		move.planned(null, why);
		this.moves.save(move);
		return new Outcome(false, null, why + " The request is kept: plan it again, or call it off.");
	}

	private PlanResult planned(PartnerMove move) {
		UUID partner = move.partnerId();
		return switch (move.connectors()) {
			case SWITCH_OFF -> plan(ChangeKind.SUSPEND, partner);
			case REMOVE -> plan(ChangeKind.REMOVE, partner);
			// What was approved and proven before needs no new proof to be as it was.
			case SWITCH_ON -> this.connectors.latest(partner)
				.filter((change) -> change.kind() == ChangeKind.SUSPEND && change.state().equals("DONE"))
				.map((change) -> this.connectors.goBack(change.id()))
				.orElseGet(() -> plan(ChangeKind.ENFORCE, partner));
			case KEEP -> throw new IllegalStateException("there is nothing to plan");
		};
	}

	private PlanResult plan(ChangeKind kind, UUID partner) {
		return this.connectors.lastWanted(partner)
			.map((wanted) -> this.connectors.plan(kind, wanted))
			.orElseGet(() -> new PlanResult.Unsuitable(List.of("Nothing has been approved for this partner yet.")));
	}

	/**
	 * Calls off what is under way.
	 * @return a sentence; empty when there was nothing
	 */
	Optional<String> callOff(UUID partnerId, SignedIn by) {
		return inTransaction(() -> this.moves.lockWaiting(partnerId).map((move) -> {
			UUID change = move.changeId();
			Optional<ChangeView> view = (change != null) ? this.connectors.find(change) : Optional.empty();
			if (view.filter(ChangeView::isMoving).isPresent()) {
				return "It is being carried out already. Wait for its end; it can be undone then.";
			}
			view.filter((found) -> !found.isVoid())
				.ifPresent((found) -> this.connectors.revoke(found.id(), by.name() + " has called it off."));
			move.drop(by.name() + " called it off.", this.clock.instant());
			this.moves.save(move);
			this.audit
				.append(about(move, this.partners.find(partnerId).orElseThrow(NotFound::new), "partner.move-dropped"));
			return "Called off. Nothing has changed.";
		}));
	}

	/** A change of connectors is done: what waits for it moves now. */
	void done(ConnectorEvent.ChangeDone change) {
		this.moves.lockWaiting(change.partnerId())
			.filter((move) -> move.waitsFor(change.kind()))
			.ifPresent(this::carryOut);
	}

	/** What was relieved is as before: what waits for that is planned now. */
	void reliefEnded(UUID partnerId) {
		this.moves.findWaiting(partnerId)
			.filter((move) -> move.isAfterRelief() && move.changeId() == null
					&& this.connectors.reliefs(partnerId).isEmpty())
			.ifPresent((move) -> this.scheduler
				.scheduleIfNotExists(PLAN.instance(move.id().toString()).scheduledTo(this.clock.instant())));
	}

	private void carryOut(PartnerMove move) {
		UUID id = move.partnerId();
		Partner partner = this.partners.find(id).orElseThrow(NotFound::new);
		move.done(this.clock.instant());
		this.moves.save(move);
		switch (move.kind()) {
			case SUSPEND -> this.partners.suspend(id, move.reason());
			case RESUME -> this.partners.resume(id, move.reason());
			case END -> {
				closeWhatIsOpen(partner, move);
				if (partner.state() == Partnership.State.INVITED || partner.state() == Partnership.State.ONBOARDING) {
					this.partners.withdraw(id, move.reason());
				}
				else {
					this.partners.end(id, move.reason());
				}
			}
		}
	}

	// Nothing may be pushed or reviewed for a partner who is gone.
	private void closeWhatIsOpen(Partner partner, PartnerMove move) {
		this.connectors.latest(partner.id())
			.filter((change) -> !change.isVoid() && !change.state().equals("DONE"))
			.ifPresent((change) -> this.connectors.revoke(change.id(), "The partnership has ended."));
		this.attestations.findLatest(partner.id())
			.filter((attestation) -> attestation.state() == Attestation.State.SUBMITTED)
			.ifPresent((attestation) -> {
				attestation.reject(move.reason(), move.askedByName(), this.clock.instant());
				this.attestations.save(attestation);
				this.audit.append(Onboarding.about(Act.of("attestation.rejected"), partner, attestation)
					.change("state", Attestation.State.SUBMITTED, attestation.state())
					.reason(move.reason()));
			});
	}

	private static Act about(PartnerMove move, Partner partner, String code) {
		return Act.of(code)
			.on("partner", partner.id())
			.partner(partner.id(), partner.name())
			.detail("move", move.kind())
			.detail("connectors", move.connectors());
	}

	private <T> T inTransaction(Supplier<T> work) {
		return Objects.requireNonNull(this.transaction.execute((status) -> work.get()));
	}

	/** What came of the first half. */
	private record Begun(@Nullable UUID move, boolean planNow, Outcome outcome) {

		static Begun refused(String why) {
			return new Begun(null, false, new Outcome(false, null, why));
		}

	}

	/**
	 * What came of asking.
	 *
	 * @param done whether it is done or under way
	 * @param change the change that waits for approval; null: none
	 * @param sentence what to tell whoever asked
	 */
	record Outcome(boolean done, @Nullable UUID change, String sentence) {
	}

	/** The durable work. */
	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		OneTimeTask<Void> partnerMovePlan(Moves moves) {
			return Tasks.oneTime(PLAN)
				.onFailure(Retries.thenPark(Duration.ofMinutes(1)))
				.execute((instance, context) -> moves.plan(UUID.fromString(instance.getId())));
		}

	}

}
