package org.partnertls.connector;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.BlockedConnector;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.Reply;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Partners' connectors as other modules know them: plan, propose, approve, prove, relieve
 * and see how things are. What happens later is told by {@link ConnectorEvent}s.
 */
@Component
public class Connectors {

	private static final int LONGEST_REASON = 1000;

	private final ExchangeOnline exchange;

	private final Changes changes;

	private final Reliefs reliefs;

	private final OwnConnectors connectors;

	private final Pusher pusher;

	private final Ledger ledger;

	private final Calls calls;

	private final Ways ways;

	private final Readings readings;

	private final Drifts drifts;

	private final Gate gate;

	private final AuditLog audit;

	private final ApplicationEventPublisher events;

	private final ConnectorProperties properties;

	private final OrganizationProperties organization;

	private final ZoneId zone;

	private final TransactionTemplate transaction;

	private final Clock clock;

	Connectors(ExchangeOnline exchange, Changes changes, Reliefs reliefs, OwnConnectors connectors, Pusher pusher,
			Ledger ledger, Calls calls, Ways ways, Readings readings, Drifts drifts, Gate gate, AuditLog audit,
			ApplicationEventPublisher events, ConnectorProperties properties, OrganizationProperties organization,
			ZoneId zone, TransactionTemplate transaction, Clock clock) {
		this.exchange = exchange;
		this.changes = changes;
		this.reliefs = reliefs;
		this.connectors = connectors;
		this.pusher = pusher;
		this.ledger = ledger;
		this.calls = calls;
		this.ways = ways;
		this.readings = readings;
		this.drifts = drifts;
		this.gate = gate;
		this.audit = audit;
		this.events = events;
		this.properties = properties;
		this.organization = organization;
		this.zone = zone;
		this.transaction = transaction;
		this.clock = clock;
	}

	/**
	 * Compares what a partner shall have with the tenant as it is now. Takes seconds and
	 * uses the network: call it with no transaction open.
	 */
	public PlanResult plan(Wanted wanted) {
		return plan(ChangeKind.ENFORCE, wanted);
	}

	/**
	 * The same for any kind of change that follows from what is wanted.
	 */
	public PlanResult plan(ChangeKind kind, Wanted wanted) {
		return plan(kind, wanted, List.of());
	}

	/** The same plan against the tenant as it is now. */
	public PlanResult again(Plan plan) {
		return plan(plan.kind(), plan.wanted(), plan.aims());
	}

	/**
	 * What brings a partner's connectors back to how we left them.
	 */
	public PlanResult applyAgain(UUID partnerId) {
		return drifted(ChangeKind.APPLY_AGAIN, partnerId,
				(drift) -> new Plan.Aim(drift.direction(), drift.wanted(), drift.found()));
	}

	/**
	 * What lets a partner's connectors stand as somebody has changed them in the tenant.
	 */
	public PlanResult accept(UUID partnerId) {
		return drifted(ChangeKind.ACCEPT, partnerId,
				(drift) -> new Plan.Aim(drift.direction(), drift.found(), drift.wanted()));
	}

	private PlanResult drifted(ChangeKind kind, UUID partnerId, Function<Drift, Plan.Aim> aim) {
		List<Plan.Aim> aims = inTransaction(() -> this.drifts.open(partnerId, this.exchange.tenantId())).stream()
			.map(aim)
			.toList();
		if (aims.isEmpty()) {
			return new PlanResult.Unsuitable(List.of("This partner's connectors are as the portal left them."));
		}
		return aimed(kind, lastWanted(partnerId), aims);
	}

	/**
	 * What brings the settings back that there were before a change.
	 */
	public PlanResult goBack(UUID changeId) {
		ConnectorChange change = inTransaction(() -> this.changes.findById(changeId).orElseThrow());
		List<Plan.Aim> aims = change.plan().back();
		if (change.startedAt() == null || aims.isEmpty()) {
			return new PlanResult.Unsuitable(List.of("This change has changed nothing in the tenant."));
		}
		return aimed(ChangeKind.GO_BACK, lastWanted(change.partnerId()).or(() -> Optional.of(change.plan().wanted())),
				aims);
	}

	private PlanResult aimed(ChangeKind kind, Optional<Wanted> last, List<Plan.Aim> aims) {
		return last.map((wanted) -> plan(kind, wanted, aims))
			.orElseGet(() -> new PlanResult.Unsuitable(
					List.of("Nothing has been approved for this partner yet, so that there is nothing to go by.")));
	}

	/**
	 * What a partner's connectors are, or will be when what was approved last is carried
	 * out. What came to nothing or was undone does not count; of what was broken off,
	 * that which stands does.
	 * @return empty: nothing was approved, or all of it was taken back
	 */
	public Optional<Wanted> lastWanted(UUID partnerId) {
		return inTransaction(() -> {
			String tenant = this.exchange.tenantId();
			ConnectorChange approved = this.changes.lastApproved(partnerId, tenant).orElse(null);
			ConnectorChange broken = this.changes.lastStarted(partnerId, tenant)
				.filter((change) -> change.isBrokenOff(approved))
				.orElse(null);
			if (broken == null) {
				return Optional.ofNullable(approved).flatMap(ConnectorChange::wanted);
			}
			Map<Direction, Form> standing = new EnumMap<>(Direction.class);
			this.connectors.findByPartnerIdAndTenantId(partnerId, tenant)
				.forEach((own) -> standing.put(own.direction(), own.form()));
			// What is relieved for now is not what is wanted.
			this.reliefs.open(partnerId).forEach((relief) -> standing.remove(relief.direction()));
			return Optional.ofNullable(approved)
				.flatMap(ConnectorChange::wanted)
				.or(() -> standing.isEmpty() ? Optional.empty() : Optional.of(broken.plan().wanted()))
				.map((wanted) -> wanted.like(standing.get(Direction.OUTBOUND), standing.get(Direction.INBOUND)));
		});
	}

	private PlanResult plan(ChangeKind kind, Wanted wanted, List<Plan.Aim> aims) {
		List<String> objections = objections(kind, wanted);
		if (!objections.isEmpty()) {
			return new PlanResult.Unsuitable(objections);
		}
		Instant at = this.clock.instant();
		if (!this.exchange.configured()) {
			Optional<Readings.Reading> reading = this.readings.latest();
			Tenant tenant = reading.map(Readings.Reading::tenant).orElse(Tenant.EMPTY);
			Plan.Known known = inTransaction(() -> this.pusher.known(wanted.partnerId()));
			return planned(Plan.of(kind, wanted, aims, this.properties.names(), tenant, known), tenant,
					reading.map(Readings.Reading::at).orElse(at));
		}
		return switch (this.pusher.list()) {
			case Reply.Failed<Tenant> failed -> new PlanResult.Unavailable(Ledger.words(failed.failure()));
			case Reply.Done<Tenant> done -> {
				Plan.Known known = inTransaction(() -> this.pusher.known(wanted.partnerId()));
				Plan plan = Plan.of(kind, wanted, aims, this.properties.names(), done.value(), known);
				yield planned(plan.warning(blocked(plan)), done.value(), at);
			}
		};
	}

	/**
	 * Which of the inbound connectors that matter here Microsoft has blocked, as
	 * sentences. Not everybody may ask; then nothing is known to be blocked.
	 */
	private List<String> blocked(Plan plan) {
		Map<String, String> names = new HashMap<>();
		Plan.Action inbound = plan.of(Direction.INBOUND);
		if (inbound.guid() != null) {
			names.put(inbound.guid(), inbound.name());
		}
		plan.overlaps()
			.stream()
			.filter((overlap) -> overlap.direction() == Direction.INBOUND)
			.forEach((overlap) -> names.put(overlap.guid(), overlap.name()));
		if (names.isEmpty()
				|| !(this.exchange.blockedConnectors() instanceof Reply.Done<List<BlockedConnector>> done)) {
			return List.of();
		}
		return done.value()
			.stream()
			.filter((blocked) -> names.containsKey(blocked.connectorId()))
			.map((blocked) -> "Microsoft has blocked the inbound connector \"" + names.get(blocked.connectorId())
					+ "\" as compromised: mail does not use it. Find out why and have it released in the Exchange"
					+ " admin centre first.")
			.toList();
	}

	private PlanResult planned(Plan plan, Tenant tenant, Instant at) {
		List<String> objections = new ArrayList<>(plan.objections());
		objections.addAll(this.properties.capacity().objections(plan, tenant));
		if (!objections.isEmpty()) {
			return new PlanResult.Unsuitable(objections);
		}
		return new PlanResult.Planned(plan, at, this.exchange.configured() ? List.of() : script(plan));
	}

	/** PowerShell lines that carry a plan out by hand. */
	public List<String> script(Plan plan) {
		return PowerShell.lines(plan, this.exchange.environment());
	}

	private List<String> objections(ChangeKind kind, Wanted wanted) {
		if (kind != ChangeKind.ENFORCE) {
			return wanted.domains().isEmpty() ? List.of("The partner has no mail domain.") : List.of();
		}
		List<String> objections = new ArrayList<>(wanted.objections());
		for (DomainName own : this.organization.mailDomains()) {
			if (wanted.domains().contains(own)) {
				objections.add(own.display() + " is our own domain; a partner's connector cannot be for it.");
			}
		}
		return objections;
	}

	/**
	 * Puts a plan up for approval. An earlier one of the same partner that was not
	 * approved becomes void.
	 * @param attestationId what it comes from; null: drift, suspend or end
	 * @param shapedBy who made it; null: the attestation tells
	 * @return the change's id
	 */
	@Transactional
	public UUID propose(@Nullable UUID attestationId, Plan plan, @Nullable UUID shapedBy) {
		Instant now = this.clock.instant();
		UUID partner = plan.wanted().partnerId();
		for (UUID open : this.changes.open(partner)) {
			ConnectorChange earlier = this.ledger.lock(open);
			if (earlier.state() == ConnectorChange.State.PLANNED) {
				earlier.revoke("A newer plan has taken its place.", now);
				this.changes.save(earlier);
			}
		}
		ConnectorChange change = this.changes
			.save(new ConnectorChange(plan, attestationId, this.exchange.tenantId(), shapedBy, now));
		this.audit.append(act(change, "connector.change-proposed").detail("planHash", change.hash())
			.detail("kind", change.kind())
			.detail("summary", plan.summary()));
		return change.id();
	}

	/** A change by its id. */
	@Transactional(readOnly = true)
	public Optional<ChangeView> find(UUID changeId) {
		return this.changes.findById(changeId).map(ChangeView::of);
	}

	/** The newest change of a partner. */
	@Transactional(readOnly = true)
	public Optional<ChangeView> latest(UUID partnerId) {
		return this.changes.findFirstByPartnerIdOrderByProposedAtDescIdDesc(partnerId).map(ChangeView::of);
	}

	/** The newest change that came from an attestation. */
	@Transactional(readOnly = true)
	public Optional<ChangeView> ofAttestation(UUID attestationId) {
		return this.changes.findFirstByAttestationIdOrderByProposedAtDescIdDesc(attestationId).map(ChangeView::of);
	}

	/**
	 * Whether a change is approved by itself and not together with an attestation: it has
	 * none, or that was approved before and only the tenant has changed since.
	 */
	@Transactional(readOnly = true)
	public boolean standsAlone(ChangeView change) {
		return change.attestationId() == null || this.changes.approvedBefore(change.attestationId());
	}

	/**
	 * Counts somebody's approval. With the last one needed, the push begins and other
	 * open changes of the partner become void. A refusal is kept in the history too: it
	 * is a value, so that the caller's transaction commits.
	 * @param seenHash the hash of the plan that they saw
	 * @param shapedBy the last internal person who shaped it; null: nobody
	 * @param required how many approvals are needed
	 */
	@Transactional
	public ApprovalResult approve(UUID changeId, UUID approverId, String approverName, String seenHash,
			@Nullable UUID shapedBy, int required) {
		ConnectorChange change = this.ledger.lock(changeId);
		ApprovalResult result = change.approve(approverId, approverName, seenHash, shapedBy, required,
				this.clock.instant());
		this.changes.save(change);
		switch (result) {
			case ApprovalResult.Approved approved -> {
				supersede(change);
				this.audit.append(act(change, "connector.change-approved").detail("planHash", change.hash()));
				this.calls.push();
			}
			case ApprovalResult.StillNeeds still ->
				this.audit.append(act(change, "connector.change-approval-counted").detail("planHash", change.hash())
					.detail("stillNeeded", still.more()));
			case ApprovalResult.Refused refused -> this.audit
				.append(act(change, "connector.change-approval-refused").refused().detail("because", refused.code()));
		}
		return result;
	}

	private void supersede(ConnectorChange approved) {
		for (UUID open : this.changes.open(approved.partnerId())) {
			if (!open.equals(approved.id())) {
				ConnectorChange other = this.ledger.lock(open);
				other.revoke("A newer change has been approved and takes its place.", this.clock.instant());
				this.changes.save(other);
				this.audit.append(act(other, "connector.change-superseded").detail("by", approved.id()));
			}
		}
	}

	/**
	 * Ends a change without effect from here on.
	 * @param reason for the history
	 * @return whether there was something to end
	 */
	@Transactional
	public boolean revoke(UUID changeId, String reason) {
		ConnectorChange change = this.ledger.lock(changeId);
		if (change.state().isOver()) {
			return false;
		}
		change.revoke(reason, this.clock.instant());
		this.changes.save(change);
		this.audit.append(act(change, "connector.change-revoked").reason(reason));
		return true;
	}

	/**
	 * Tries again what needs attention.
	 * @return whether there was something to try
	 */
	@Transactional
	public boolean retry(UUID changeId) {
		ConnectorChange change = this.ledger.lock(changeId);
		if (!change.retry(this.clock.instant())) {
			return false;
		}
		this.changes.save(change);
		this.audit.append(act(change, "connector.change-retried"));
		if (change.heads().stream().anyMatch((step) -> step.kind() == StepKind.OUTBOUND_VALIDATE)) {
			this.calls.validate(change, this.clock.instant());
		}
		this.calls.push();
		return true;
	}

	/**
	 * A test message has proven TLS from a partner: sets the hour from which on clear
	 * text is rejected. Told too early, it counts when its time has come; told twice, the
	 * first counts.
	 * @param proofAt when the message was seen
	 * @param observation how long we go on watching; zero: not at all
	 * @param announcedHour the local hour at which rejecting may start, if the tenant may
	 * be changed then, else it starts when it may; both sides are told the day before,
	 * unless there is no observation
	 * @return the hour; empty: nothing waits for a proof
	 */
	@Transactional
	public Optional<Instant> proven(UUID partnerId, Instant proofAt, Duration observation, LocalTime announcedHour) {
		for (UUID open : this.changes.open(partnerId)) {
			ConnectorChange change = this.ledger.lock(open);
			Instant hour = hour(proofAt, observation, announcedHour);
			boolean[] counts = new boolean[1];
			this.ledger.moving(change, () -> counts[0] = change.prove(proofAt, hour, this.clock.instant()));
			if (counts[0]) {
				this.audit.append(act(change, StepKind.INBOUND_PROOF.code()).detail("proofAt", proofAt)
					.detail("enforceAt", hour));
				this.events.publishEvent(new ConnectorEvent.InboundAnnounced(change.partnerId(), change.id(), hour));
				this.calls.push();
				return Optional.of(hour);
			}
		}
		return Optional.empty();
	}

	private Instant hour(Instant proofAt, Duration observation, LocalTime announcedHour) {
		Instant now = this.clock.instant();
		ChangeCalendar calendar = this.properties.calendar();
		if (observation.isZero()) {
			return calendar.closed(now, this.zone).map(ChangeCalendar.Closed::until).orElse(now);
		}
		Instant watched = proofAt.plus(observation);
		Instant told = now.plus(Duration.ofDays(1));
		ZonedDateTime earliest = (watched.isAfter(told) ? watched : told).atZone(this.zone);
		return calendar.open(earliest, announcedHour).toInstant();
	}

	/**
	 * Has a partner's connectors validated once more, after the caller's transaction;
	 * what comes of it is a {@link ConnectorEvent.Revalidated}.
	 */
	@Transactional(propagation = Propagation.MANDATORY)
	public void validateAgain(UUID partnerId) {
		this.calls.revalidate(partnerId);
	}

	/** How mail with a partner is enforced, each way. */
	@Transactional(readOnly = true)
	public Directions directions(UUID partnerId) {
		return Objects.requireNonNull(directions(List.of(partnerId)).get(partnerId));
	}

	/**
	 * The same for many partners at once.
	 * @return a value for each of them
	 */
	@Transactional(readOnly = true)
	public Map<UUID, Directions> directions(Collection<UUID> partnerIds) {
		return this.ways.of(partnerIds, this.exchange.tenantId());
	}

	/**
	 * Loosens enforcement for a partner at once, ahead of all queued pushes. Whether the
	 * administrator signed in a short time ago is for the caller to check.
	 * @param by who does it
	 * @param reason why, in their words
	 * @param until when it shall be reviewed at the latest, at most
	 * {@code portal.connector.relief-limit} from now
	 */
	@Transactional
	public ReliefResult relieve(UUID partnerId, ReliefStep step, Actor by, String reason, Instant until) {
		Instant now = this.clock.instant();
		if (!this.exchange.configured()) {
			return new ReliefResult.Refused(
					"The portal is not connected to Exchange Online. Run the PowerShell lines below by hand.");
		}
		if (reason.isBlank() || reason.length() > LONGEST_REASON) {
			return new ReliefResult.Refused("Say why, in at most " + LONGEST_REASON + " characters.");
		}
		if (!until.isAfter(now) || until.isAfter(now.plus(this.properties.reliefLimit()))) {
			return new ReliefResult.Refused("A relief lasts at most " + this.properties.reliefLimit().toHours()
					+ " hours; choose an earlier end.");
		}
		Optional<OwnConnector> own = this.connectors.findByPartnerIdAndDirectionAndTenantId(partnerId, step.direction(),
				this.exchange.tenantId());
		if (own.isEmpty()) {
			return new ReliefResult.Refused((step.direction() == Direction.OUTBOUND)
					? "This partner has no outbound connector of ours, so that there is nothing to loosen."
					: "This partner has no inbound connector of ours, so that there is nothing to loosen.");
		}
		Optional<Relief> open = this.reliefs.open(partnerId)
			.stream()
			.filter((relief) -> relief.step() == step)
			.findFirst();
		if (open.isPresent() && open.get().state() != Relief.State.FAILED) {
			return new ReliefResult.Refused("This is " + open.get().state().words() + " already.");
		}
		Relief relief = open.orElseGet(() -> new Relief(own.get(), this.exchange.tenantId(), step, by.id(),
				Objects.requireNonNullElse(by.name(), by.id()), reason.strip(), until, now));
		if (open.isPresent()) {
			relief.again(until, now);
		}
		this.reliefs.save(relief);
		this.audit.append(Act.of("connector.relief-asked")
			.by(by)
			.on("connector-relief", relief.id())
			.partner(partnerId, relief.partnerName())
			.detail("step", step)
			.detail("until", until)
			.reason(reason));
		this.calls.push();
		return new ReliefResult.UnderWay();
	}

	/**
	 * Takes a partner's reliefs back: what was loosened becomes as it was. Nothing but
	 * this does so.
	 * @param by who decides it
	 */
	@Transactional
	public ReliefResult endRelief(UUID partnerId, Actor by) {
		List<Relief> open = this.reliefs.open(partnerId);
		if (open.isEmpty()) {
			return new ReliefResult.Refused("Nothing is loosened for this partner.");
		}
		for (Relief relief : open) {
			relief.end(by.id(), this.clock.instant());
			this.reliefs.save(relief);
			this.audit.append(Act.of("connector.relief-end-asked")
				.by(by)
				.on("connector-relief", relief.id())
				.partner(partnerId, relief.partnerName())
				.detail("step", relief.step()));
		}
		this.calls.push();
		return new ReliefResult.UnderWay();
	}

	/** What is loosened for a partner now. */
	@Transactional(readOnly = true)
	public List<ReliefView> reliefs(UUID partnerId) {
		return this.reliefs.open(partnerId)
			.stream()
			.map((relief) -> ReliefView.of(relief, this.clock.instant()))
			.toList();
	}

	/**
	 * The PowerShell lines for each step of a relief that a partner's connectors allow,
	 * for when the portal is down.
	 */
	@Transactional(readOnly = true)
	public Map<ReliefStep, List<String>> reliefLines(UUID partnerId) {
		Map<ReliefStep, List<String>> lines = new HashMap<>();
		for (OwnConnector own : this.connectors.findByPartnerIdAndTenantId(partnerId, this.exchange.tenantId())) {
			for (ReliefStep step : ReliefStep.values()) {
				if (step.direction() == own.direction()) {
					lines.put(step, Relief.powershell(step, own.guid(), this.exchange.environment()));
				}
			}
		}
		return lines;
	}

	/**
	 * Puts others in the place of the addresses that validation messages went to, in all
	 * that was planned and done for a partner and is closed. What a plan was approved by
	 * keeps its hash, which says what the plan was then.
	 * @param other what stands for an address
	 */
	@Transactional(propagation = Propagation.MANDATORY)
	public void reduce(UUID partnerId, UnaryOperator<EmailAddress> other) {
		this.changes.closed(partnerId)
			.stream()
			.flatMap((change) -> change.plan().wanted().validationRecipients().stream())
			.distinct()
			// The longer first: one may be the end of another.
			.sorted(Comparator.comparingInt((EmailAddress address) -> address.key().length()).reversed())
			.forEach((address) -> {
				String words = "\\y" + address.key().replaceAll("[^\\p{L}\\p{N}]", "\\\\$0") + "\\y";
				String instead = other.apply(address).toString();
				this.changes.reducePlans(partnerId, words, instead);
				this.changes.reduceSteps(partnerId, words, instead);
				this.changes.reduceValidations(partnerId, words, instead);
			});
	}

	/** The name under which a partner's connectors are kept; empty: it has none. */
	@Transactional(readOnly = true)
	public Optional<String> partnerName(UUID partnerId) {
		return this.connectors.findByPartnerIdAndTenantId(partnerId, this.exchange.tenantId())
			.stream()
			.map(OwnConnector::partnerName)
			.findFirst();
	}

	private static Act act(ConnectorChange change, String code) {
		return Act.of(code)
			.on("connector-change", change.id())
			.partner(change.partnerId(), change.partnerName())
			.detail("tenant", change.tenantId());
	}

	/** What somebody has changed of a partner's connectors, sentence by sentence. */
	@Transactional(readOnly = true)
	public List<DriftView> drifts(UUID partnerId) {
		return this.drifts.open(partnerId, this.exchange.tenantId())
			.stream()
			.map((drift) -> DriftView.of(drift, this.changes.lastApproved(partnerId, this.exchange.tenantId())))
			.toList();
	}

	/** All that somebody has changed, newest first. */
	@Transactional(readOnly = true)
	public List<DriftView> drifts() {
		return this.drifts.open(this.exchange.tenantId())
			.stream()
			.map((drift) -> DriftView.of(drift, this.changes.lastApproved(drift.partnerId(), this.exchange.tenantId())))
			.toList();
	}

	/** Who has paused all pushes; empty: nobody has. */
	@Transactional(readOnly = true)
	public Optional<PauseView> pause() {
		return this.gate.pause();
	}

	/**
	 * Nothing is pushed from now on, but for reliefs. Needs nobody's approval.
	 * @return whether it was not so already
	 */
	public boolean pause(Actor by) {
		return this.gate.pause(by);
	}

	/**
	 * The push goes on.
	 * @return whether it was paused
	 */
	public boolean resume(Actor by) {
		return this.gate.resume(by);
	}

	private <T> T inTransaction(Supplier<T> work) {
		return Objects.requireNonNull(this.transaction.execute((status) -> work.get()));
	}

}
