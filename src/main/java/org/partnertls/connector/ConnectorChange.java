package org.partnertls.connector;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.CascadeType;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderBy;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;
import org.partnertls.exchange.Call;
import org.partnertls.organization.Ids;

/**
 * A reviewed change of a partner's connectors: the plan, who approved it, how far it is.
 */
@Entity
@Table(name = "connector_change")
class ConnectorChange {

	@Id
	private UUID id;

	@Version
	private long version;

	private UUID partnerId;

	private String partnerName;

	private @Nullable UUID attestationId;

	private String tenantId;

	@Enumerated(EnumType.STRING)
	private ChangeKind kind;

	@Enumerated(EnumType.STRING)
	private State state;

	private String plan;

	@Transient
	private @Nullable Plan readPlan;

	private String planHash;

	private @Nullable UUID shapedBy;

	@ElementCollection(fetch = FetchType.EAGER)
	@CollectionTable(name = "connector_approval", joinColumns = @JoinColumn(name = "change_id"))
	@OrderBy("at")
	private List<Approval> approvals = new ArrayList<>();

	@OneToMany(cascade = CascadeType.ALL, orphanRemoval = true, fetch = FetchType.EAGER)
	@JoinColumn(name = "change_id", nullable = false, updatable = false)
	@OrderBy("seq")
	private Collection<PushStep> steps = new ArrayList<>();

	private @Nullable String outboundGuid;

	private @Nullable String inboundGuid;

	private @Nullable Instant validatedAt;

	private @Nullable Instant proofAt;

	private @Nullable Instant enforceAt;

	private @Nullable String why;

	private Instant proposedAt;

	private @Nullable Instant approvedAt;

	private @Nullable Instant startedAt;

	private @Nullable Instant finishedAt;

	private @Nullable Instant dueAt;

	private @Nullable UUID rolloutId;

	private @Nullable Integer portion;

	protected ConnectorChange() {
	}

	ConnectorChange(Plan plan, @Nullable UUID attestationId, String tenantId, @Nullable UUID shapedBy, Instant now) {
		this.id = Ids.at(now);
		this.partnerId = plan.wanted().partnerId();
		this.partnerName = plan.wanted().partnerName();
		this.attestationId = attestationId;
		this.tenantId = tenantId;
		this.kind = plan.kind();
		this.state = State.PLANNED;
		this.plan = Json.write(plan);
		this.planHash = plan.hash();
		this.shapedBy = shapedBy;
		this.proposedAt = now;
		for (StepKind step : StepKind.of(plan)) {
			this.steps.add(new PushStep(this.steps.size() + 1, step, step.title(plan), now));
		}
	}

	/**
	 * Counts somebody's approval, unless it must not count.
	 * @param seen the hash of the plan that they saw
	 * @param lastShapedBy the last internal person who shaped what is wanted; null:
	 * nobody
	 * @param required how many approvals are needed
	 */
	ApprovalResult approve(UUID approver, String name, String seen, @Nullable UUID lastShapedBy, int required,
			Instant now) {
		if (this.state != State.PLANNED) {
			return new ApprovalResult.Refused(
					"This change is " + this.state.words() + "; it is not waiting for approval.", "state");
		}
		if (!this.planHash.equals(seen)) {
			return new ApprovalResult.Refused(
					"The plan has changed since you opened the page. Look at it again, then decide.", "stale");
		}
		if (plan().isBlocked()) {
			return new ApprovalResult.Refused(
					"Something in the tenant is in the way, so that the plan cannot be carried"
							+ " out. Follow the warning above it, then compute the plan again.",
					"blocked");
		}
		if (approver.equals(lastShapedBy) || approver.equals(this.shapedBy)) {
			return new ApprovalResult.Refused(
					"You were the last to shape this, so that somebody else has to approve it.", "own-work");
		}
		if (this.approvals.stream().anyMatch((approval) -> approval.approverId.equals(approver))) {
			return new ApprovalResult.Refused("You have approved this already; somebody else has to as well.", "twice");
		}
		this.approvals.add(new Approval(approver, name, seen, now));
		int missing = required - this.approvals.size();
		if (missing > 0) {
			return new ApprovalResult.StillNeeds(missing);
		}
		move(State.APPROVED);
		this.approvedAt = now;
		settle(now);
		return new ApprovalResult.Approved();
	}

	/** Ends it without effect from here on. */
	void revoke(String reason, Instant now) {
		move(State.VOID);
		this.why = reason;
		this.finishedAt = now;
		this.dueAt = null;
	}

	/** It belongs to a bulk push. */
	void join(UUID rollout, int number) {
		this.rolloutId = rollout;
		this.portion = number;
	}

	/** Somebody carries a step out from now on. */
	void start(StepKind step, long fence, Instant now) {
		step(step).start(fence, now);
		if (this.state == State.APPROVED) {
			move(State.PUSHING);
			this.startedAt = now;
		}
		settle(now);
	}

	/** A step that was begun is not carried out yet; nothing was asked for. */
	void hold(StepKind step, Instant now) {
		step(step).hold();
		settle(now);
	}

	/**
	 * Whether a report about a step still counts: it is being carried out under this
	 * number.
	 */
	boolean accepts(StepKind step, long fence) {
		return !this.state.isOver() && step(step).isStartedBy(fence);
	}

	void done(StepKind step, @Nullable Call call, @Nullable String words, Instant now) {
		step(step).done(call, words, now);
		settle(now);
	}

	void defer(StepKind step, @Nullable Call call, String words, Instant until, Instant now) {
		step(step).defer(call, words, until, now);
		settle(now);
	}

	/** A step failed for good: a person has to look. */
	void fail(StepKind step, @Nullable Call call, String words, Instant now) {
		step(step).fail(call, words, now);
		needAttention(words, now);
	}

	/**
	 * The validation failed for good: what was there before is put back first.
	 */
	void failValidation(@Nullable Call call, String words, Instant now) {
		step(StepKind.OUTBOUND_VALIDATE).fail(call, words, now);
		this.why = words;
		if (plan().of(Direction.OUTBOUND).before() == null) {
			needAttention(words, now);
			return;
		}
		StepKind undo = StepKind.OUTBOUND_UNDO;
		this.steps.add(new PushStep(steps().getLast().seq() + 1, undo, undo.title(plan()), now));
		settle(now);
	}

	private void needAttention(String words, Instant now) {
		if (this.state != State.NEEDS_ATTENTION) {
			move(State.NEEDS_ATTENTION);
		}
		this.why = words;
		settle(now);
	}

	/** Tries again what failed. */
	boolean retry(Instant now) {
		if (this.state != State.NEEDS_ATTENTION) {
			return false;
		}
		boolean undone = this.steps.removeIf((step) -> step.kind() == StepKind.OUTBOUND_UNDO);
		for (PushStep step : this.steps) {
			boolean rewritten = undone && step.kind().direction() == Direction.OUTBOUND;
			if (rewritten || step.state() == PushStep.State.FAILED) {
				step.again();
			}
		}
		boolean begun = step(StepKind.COMPARE).state() == PushStep.State.DONE;
		if (!begun) {
			// It waits for its turn again, with those that have not begun.
			this.rolloutId = null;
			this.portion = null;
		}
		move(!begun ? State.APPROVED : isProving() ? State.PROVING : State.PUSHING);
		this.why = null;
		settle(now);
		return true;
	}

	/**
	 * A test message has proven TLS from the partner.
	 * @param hour from when on clear text may be rejected
	 */
	boolean prove(Instant proof, Instant hour, Instant now) {
		Optional<PushStep> waiting = find(StepKind.INBOUND_PROOF)
			.filter((step) -> step.state() == PushStep.State.WAITING);
		if (this.state.isOver() || this.state == State.PLANNED || waiting.isEmpty() || this.enforceAt != null) {
			return false;
		}
		this.proofAt = proof;
		this.enforceAt = hour;
		waiting.get().done(null, "Seen in our test mailbox.", now);
		step(StepKind.INBOUND_ENFORCE).due(hour, "At the announced hour.");
		settle(now);
		return true;
	}

	void found(Direction direction, String guid) {
		if (direction == Direction.OUTBOUND) {
			this.outboundGuid = guid;
		}
		else {
			this.inboundGuid = guid;
		}
	}

	void validated(Instant at) {
		this.validatedAt = at;
	}

	/**
	 * The next step of each lane that can be carried out at this time. Validation is
	 * somebody else's work, and a proof comes from outside.
	 */
	List<PushStep> next(Instant now) {
		return heads().stream().filter((step) -> isWork(step) && !dueAt(step, now).isAfter(now)).toList();
	}

	/** The next step of each lane, whatever it waits for. */
	List<PushStep> heads() {
		if (this.state.isOver() || this.state == State.PLANNED || this.state == State.NEEDS_ATTENTION) {
			return List.of();
		}
		PushStep compare = step(StepKind.COMPARE);
		if (compare.state() != PushStep.State.DONE) {
			return List.of(compare);
		}
		List<PushStep> heads = new ArrayList<>();
		for (Direction direction : Direction.values()) {
			at(direction).ifPresent(heads::add);
		}
		return heads;
	}

	private boolean isUndoing() {
		return find(StepKind.OUTBOUND_UNDO).isPresent();
	}

	private static boolean isSkippedByUndo(PushStep step) {
		return step.kind().direction() == Direction.OUTBOUND && step.kind() != StepKind.OUTBOUND_UNDO;
	}

	private static boolean isWork(PushStep step) {
		return step.kind() != StepKind.OUTBOUND_VALIDATE && step.kind() != StepKind.INBOUND_PROOF;
	}

	private static Instant dueAt(PushStep step, Instant now) {
		Instant notBefore = step.notBefore();
		return (notBefore != null) ? notBefore : now;
	}

	/** Draws the conclusions of what the steps say. */
	private void settle(Instant now) {
		if (isUndone() && this.state != State.NEEDS_ATTENTION && !this.state.isOver()) {
			move(State.NEEDS_ATTENTION);
		}
		List<PushStep> heads = heads();
		this.dueAt = heads.stream()
			.filter(ConnectorChange::isWork)
			.map((step) -> dueAt(step, now))
			.min(Comparator.naturalOrder())
			.orElse(null);
		if (this.state == State.PUSHING && isProving()) {
			move(State.PROVING);
		}
		if (heads.isEmpty() && (this.state == State.PUSHING || this.state == State.PROVING)) {
			move(State.DONE);
			this.finishedAt = now;
		}
	}

	/** The step that it is at on one connector, or has stopped at. */
	Optional<PushStep> at(Direction direction) {
		return steps().stream()
			.filter((step) -> step.kind().direction() == direction && step.state() != PushStep.State.DONE
					&& !(isUndoing() && isSkippedByUndo(step)))
			.findFirst();
	}

	/**
	 * What the partner's connectors shall be with it; empty: there shall be none, as
	 * before it. A plan that says itself what shall be was made from what was wanted
	 * until then.
	 */
	Optional<Wanted> wanted() {
		Wanted wanted = plan().wanted();
		if (!this.kind.isAsItIs() && this.kind != ChangeKind.GO_BACK) {
			return Optional.of(wanted);
		}
		Form outbound = plan().of(Direction.OUTBOUND).after();
		Form inbound = plan().of(Direction.INBOUND).after();
		return (outbound == null && inbound == null) ? Optional.empty() : Optional.of(wanted.like(outbound, inbound));
	}

	/**
	 * Whether it was ended in the middle, so that part of it stands, perhaps.
	 * @param counts the change that counts; null: none does
	 */
	boolean isBrokenOff(@Nullable ConnectorChange counts) {
		Instant approved = this.approvedAt;
		return counts == null || (this.state == State.VOID && !isUndoing() && approved != null
				&& counts.approvedAt != null && approved.isAfter(counts.approvedAt));
	}

	private boolean isUndone() {
		return find(StepKind.OUTBOUND_UNDO).filter((step) -> step.state() == PushStep.State.DONE).isPresent();
	}

	/** Whether everything is done but what waits for a proof. */
	private boolean isProving() {
		boolean lastPart = find(StepKind.INBOUND_PROOF).isPresent();
		return lastPart && this.steps.stream()
			.filter((step) -> step.kind().compareTo(StepKind.INBOUND_PROOF) < 0
					&& step.kind() != StepKind.OUTBOUND_UNDO)
			.allMatch((step) -> step.state() == PushStep.State.DONE);
	}

	/** The one place where the state moves. */
	private void move(State to) {
		boolean allowed = switch (this.state) {
			case PLANNED -> to == State.APPROVED || to == State.VOID;
			case APPROVED -> to == State.PUSHING || to == State.VOID || to == State.NEEDS_ATTENTION;
			case PUSHING -> to == State.PROVING || to == State.DONE || to == State.NEEDS_ATTENTION || to == State.VOID;
			case PROVING -> to == State.DONE || to == State.NEEDS_ATTENTION || to == State.VOID;
			case NEEDS_ATTENTION ->
				to == State.APPROVED || to == State.PUSHING || to == State.PROVING || to == State.VOID;
			case DONE, VOID -> false;
		};
		if (!allowed) {
			throw new IllegalStateException("a change that is " + this.state + " cannot become " + to);
		}
		this.state = to;
	}

	PushStep step(StepKind wanted) {
		return find(wanted).orElseThrow(() -> new IllegalStateException("this change has no step " + wanted));
	}

	Optional<PushStep> find(StepKind wanted) {
		return this.steps.stream().filter((step) -> step.kind() == wanted).findFirst();
	}

	List<PushStep> steps() {
		return this.steps.stream().sorted(Comparator.comparingInt(PushStep::seq)).toList();
	}

	Plan plan() {
		Plan read = this.readPlan;
		if (read == null) {
			read = Json.read(this.plan, Plan.class);
			this.readPlan = read;
		}
		return read;
	}

	/** The GUID under which a connector is known, from the push or from the plan. */
	@Nullable String guid(Direction direction) {
		String found = (direction == Direction.OUTBOUND) ? this.outboundGuid : this.inboundGuid;
		return (found != null) ? found : plan().of(direction).guid();
	}

	UUID id() {
		return this.id;
	}

	UUID partnerId() {
		return this.partnerId;
	}

	String partnerName() {
		return this.partnerName;
	}

	@Nullable UUID attestationId() {
		return this.attestationId;
	}

	String tenantId() {
		return this.tenantId;
	}

	ChangeKind kind() {
		return this.kind;
	}

	State state() {
		return this.state;
	}

	String hash() {
		return this.planHash;
	}

	@Nullable UUID shapedBy() {
		return this.shapedBy;
	}

	List<Approval> approvals() {
		return List.copyOf(this.approvals);
	}

	@Nullable Instant startedAt() {
		return this.startedAt;
	}

	@Nullable Instant validatedAt() {
		return this.validatedAt;
	}

	@Nullable Instant proofAt() {
		return this.proofAt;
	}

	@Nullable Instant enforceAt() {
		return this.enforceAt;
	}

	@Nullable String why() {
		return this.why;
	}

	Instant proposedAt() {
		return this.proposedAt;
	}

	@Nullable Instant approvedAt() {
		return this.approvedAt;
	}

	@Nullable Instant finishedAt() {
		return this.finishedAt;
	}

	@Nullable Instant dueAt() {
		return this.dueAt;
	}

	/**
	 * Somebody's approval.
	 */
	@Embeddable
	static class Approval {

		private UUID approverId;

		private String approverName;

		@Column(name = "plan_hash")
		private String hash;

		private Instant at;

		protected Approval() {
		}

		Approval(UUID approverId, String approverName, String hash, Instant at) {
			this.approverId = approverId;
			this.approverName = approverName;
			this.hash = hash;
			this.at = at;
		}

		UUID approverId() {
			return this.approverId;
		}

		String approverName() {
			return this.approverName;
		}

		String hash() {
			return this.hash;
		}

		Instant at() {
			return this.at;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Approval that && this.approverId.equals(that.approverId);
		}

		@Override
		public int hashCode() {
			return Objects.hashCode(this.approverId);
		}

	}

	/** How far a change is. */
	enum State {

		PLANNED("waiting for approval"), APPROVED("approved, about to begin"), PUSHING("being carried out"),
		PROVING("waiting for the proof"), DONE("done"), NEEDS_ATTENTION("in need of attention"), VOID("void");

		private final String words;

		State(String words) {
			this.words = words;
		}

		String words() {
			return this.words;
		}

		boolean isOver() {
			return this == DONE || this == VOID;
		}

	}

}
