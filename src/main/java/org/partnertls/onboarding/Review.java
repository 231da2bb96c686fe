package org.partnertls.onboarding;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.partnertls.account.Directory;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.ChangeView;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.Plan;
import org.partnertls.connector.PlanResult;
import org.partnertls.connector.ApprovalResult;
import org.partnertls.connector.TlsLevel;
import org.partnertls.partner.DomainRules;
import org.partnertls.partner.Partner.Domain;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partnership;
import org.partnertls.tlscheck.Finding;
import org.partnertls.tlscheck.Level;
import org.partnertls.tlscheck.TlsCheck;
import org.partnertls.tlscheck.Verdict;

import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Our side of the workflow: approve, return, reject. Approving a pass approves its
 * connector change in the same transaction.
 */
@Component
class Review {

	private final Attestations attestations;

	private final Onboarding onboarding;

	private final Connectors connectors;

	private final Directory directory;

	private final DomainRules rules;

	private final ReviewProperties settings;

	private final EvidenceProperties evidence;

	private final WatchedDomains watched;

	private final AuditLog audit;

	private final TransactionTemplate transaction;

	private final Clock clock;

	Review(Attestations attestations, Onboarding onboarding, Connectors connectors, Directory directory,
			DomainRules rules, ReviewProperties settings, EvidenceProperties evidence, WatchedDomains watched,
			AuditLog audit, TransactionTemplate transaction, Clock clock) {
		this.attestations = attestations;
		this.onboarding = onboarding;
		this.connectors = connectors;
		this.directory = directory;
		this.rules = rules;
		this.settings = settings;
		this.evidence = evidence;
		this.watched = watched;
		this.audit = audit;
		this.transaction = transaction;
		this.clock = clock;
	}

	/**
	 * The plan against the tenant as it is now. Asks Microsoft 365; no transaction is
	 * open.
	 */
	PlanResult plan(Onboarding.Pass pass) {
		return this.connectors.plan(this.onboarding.wanted(pass.partner(), pass.attestation()));
	}

	/**
	 * Approves what the reviewer saw.
	 * @param seen the version of the pass that the page showed
	 * @param hash the hash of the plan that the page showed
	 */
	Outcome approve(SignedIn reviewer, UUID id, long seen, String hash, @Nullable String note) {
		Onboarding.Pass pass = this.onboarding.find(id).orElseThrow(NotFound::new);
		String stale = stale(pass.attestation(), seen);
		if (stale != null) {
			return new Outcome(false, stale);
		}
		return switch (plan(pass)) {
			case PlanResult.Unavailable unavailable -> new Outcome(false, unavailable.sentence());
			case PlanResult.Unsuitable unsuitable -> new Outcome(false, String.join(" ", unsuitable.sentences()));
			case PlanResult.Planned planned when !planned.plan().hash().equals(hash) -> new Outcome(false,
					"The tenant has changed since this page was made. Look at the plan again before you approve it.");
			case PlanResult.Planned planned -> {
				Outcome outcome = this.transaction.execute((status) -> decide(reviewer, id, seen, planned, note));
				yield (outcome != null) ? outcome : new Outcome(false, "Nothing was approved.");
			}
		};
	}

	private Outcome decide(SignedIn reviewer, UUID id, long seen, PlanResult.Planned planned, @Nullable String note) {
		Attestation attestation = this.attestations.findById(id).orElseThrow(NotFound::new);
		Partner partner = this.onboarding.partnerOf(attestation);
		String stale = stale(attestation, seen);
		if (stale != null) {
			return new Outcome(false, stale);
		}
		String obstacle = obstacle(partner);
		if (obstacle != null) {
			return new Outcome(false, obstacle);
		}
		UUID change = proposed(id, planned.plan(), attestation);
		ApprovalResult decision = this.connectors.approve(change, reviewer.id(), reviewer.name(), planned.plan().hash(),
				attestation.shapedBy(), this.settings.approvals());
		Act act = Onboarding.about(Act.of("attestation.approved"), partner, attestation)
			.detail("plan", planned.plan().hash())
			.detail("change", change)
			.reason(note);
		return switch (decision) {
			case ApprovalResult.Refused refused -> {
				this.audit.append(Onboarding.about(Act.of("attestation.approval-refused"), partner, attestation)
					.refused()
					.detail("why", refused.sentence()));
				yield new Outcome(false, refused.sentence());
			}
			case ApprovalResult.StillNeeds more -> {
				this.audit.append(act.detail("still-needed", more.more()));
				yield new Outcome(true, "Your approval counts. " + more.more() + " more by other people are needed.");
			}
			case ApprovalResult.Approved _ -> {
				Instant now = this.clock.instant();
				Attestation.State before = attestation.state();
				attestation.approve(reviewer.name(), now);
				this.attestations.save(attestation);
				this.watched.approved(partner, attestation);
				this.audit.append(act.change("state", before, attestation.state()));
				boolean first = attestation.kind() == Attestation.Kind.FIRST;
				this.onboarding.tellPartner(partner, first ? "approved" : "pass-approved", "/partnership", false,
						first ? "You need do nothing more for now."
								: attestation.kind().words() + ": you need do nothing more for now.");
				yield new Outcome(true, first ? "Approved. The connectors are being created and tested now."
						: "Approved. It is being pushed now; until then the connectors stay as they are.");
			}
		};
	}

	/**
	 * Why nothing is approved for a partner now; null: nothing is in the way. An approval
	 * would switch on again what a suspension has switched off.
	 */
	@Nullable String obstacle(Partner partner) {
		return (partner.state() == Partnership.State.SUSPENDED)
				? "The partnership is suspended, so nothing is approved. Resume it first." : null;
	}

	// Where more than one approval is needed, the first has put the plan up already.
	private UUID proposed(UUID id, Plan plan, Attestation attestation) {
		return this.connectors.ofAttestation(id)
			.filter((change) -> change.isWaitingForApproval() && change.hash().equals(plan.hash()))
			.map(ChangeView::id)
			.orElseGet(() -> this.connectors.propose(id, plan, attestation.shapedBy()));
	}

	private void withdraw(UUID id, String why) {
		this.connectors.ofAttestation(id)
			.filter(ChangeView::isWaitingForApproval)
			.ifPresent((change) -> this.connectors.revoke(change.id(), why));
	}

	/** Gives it back to the partner with a comment at one task. */
	@Transactional
	Outcome giveBack(SignedIn reviewer, UUID id, long seen, String task, String comment) {
		Attestation attestation = this.attestations.findById(id).orElseThrow(NotFound::new);
		String stale = stale(attestation, seen);
		if (stale != null) {
			return new Outcome(false, stale);
		}
		Partner partner = this.onboarding.partnerOf(attestation);
		attestation.giveBack(comment, task, reviewer.name(), this.clock.instant());
		if (!task.equals("test") && !attestation.isAbout(task)) {
			attestation.widen(List.of(task), reviewer.name(), "returned it", this.clock.instant());
		}
		this.attestations.save(attestation);
		withdraw(id, "The partner looks at it again.");
		this.audit.append(Onboarding.about(Act.of("attestation.returned"), partner, attestation)
			.change("state", Attestation.State.SUBMITTED, attestation.state())
			.detail("task", task)
			.reason(comment));
		this.onboarding.tellPartner(partner, "returned", "/tasks", false, comment);
		return new Outcome(true, partner.name() + " has it back with your comment.");
	}

	/** Decides against it. */
	@Transactional
	Outcome reject(SignedIn reviewer, UUID id, long seen, String reason) {
		Attestation attestation = this.attestations.findById(id).orElseThrow(NotFound::new);
		String stale = stale(attestation, seen);
		if (stale != null) {
			return new Outcome(false, stale);
		}
		Partner partner = this.onboarding.partnerOf(attestation);
		attestation.reject(reason, reviewer.name(), this.clock.instant());
		this.attestations.save(attestation);
		withdraw(id, "The partner was rejected.");
		this.audit.append(Onboarding.about(Act.of("attestation.rejected"), partner, attestation)
			.change("state", Attestation.State.SUBMITTED, attestation.state())
			.reason(reason));
		this.onboarding.tellPartner(partner, "rejected", "/partnership", false, reason);
		return new Outcome(true, "Rejected, and " + partner.name() + " is told why.");
	}

	/** Chooses other settings; whoever does may not approve. */
	@Transactional
	Outcome choose(SignedIn reviewer, UUID id, long seen, TlsLevel level, @Nullable String tlsDomain, Choices choices) {
		Attestation attestation = this.attestations.findById(id).orElseThrow(NotFound::new);
		String stale = stale(attestation, seen);
		if (stale != null) {
			return new Outcome(false, stale);
		}
		Partner partner = this.onboarding.partnerOf(attestation);
		TlsLevel before = attestation.level();
		Choices chosen = attestation.choices();
		attestation.choose(level, (level == TlsLevel.DOMAIN_VALIDATION) ? tlsDomain : null, choices, reviewer.id(),
				reviewer.name(), this.clock.instant());
		List<String> objections = this.onboarding.wanted(partner, attestation).objections();
		if (!objections.isEmpty()) {
			throw new Refusal(String.join(" ", objections));
		}
		this.attestations.save(attestation);
		withdraw(id, "Other settings were chosen.");
		Act act = Onboarding.about(Act.of("attestation.edited"), partner, attestation)
			.change("tls-level", before, level);
		if (tlsDomain != null && level == TlsLevel.DOMAIN_VALIDATION) {
			act.detail("tls-domain", tlsDomain);
		}
		change(act, "from", chosen.from(), choices.from());
		change(act, "dane", chosen.dane(), choices.dane());
		change(act, "mta-sts", chosen.mtaSts(), choices.mtaSts());
		this.audit.append(act);
		return new Outcome(true, "The plan now uses TLS " + level.words() + "; mail from them: "
				+ choices.from().words() + ". Since you shaped it, somebody else has to approve.");
	}

	private static void change(Act act, String what, Object before, Object after) {
		if (!before.equals(after)) {
			act.change(what, before, after);
		}
	}

	/**
	 * What the checks of a partner's servers allow to demand.
	 *
	 * @param tlsDomain the name that all their certificates have; null: none, or unknown
	 * @param dane what is expected of demanding DANE
	 * @param mtaSts what was seen of their MTA-STS policy
	 */
	record Proposal(@Nullable String tlsDomain, @Nullable String dane, @Nullable String mtaSts) {
	}

	/** From the newest finished check of each domain; they must agree. */
	Proposal proposal(Partner partner) {
		List<Verdict> verdicts = this.onboarding.checks(partner)
			.stream()
			.map(TlsCheck::report)
			.filter(java.util.Objects::nonNull)
			.map(Verdict::of)
			.toList();
		if (verdicts.isEmpty()) {
			return new Proposal(null, null, null);
		}
		List<String> names = verdicts.stream()
			.map((verdict) -> String.valueOf(verdict.level(Level.DOMAIN_VALIDATION).tlsDomain()))
			.distinct()
			.toList();
		String name = (names.size() == 1) ? names.getFirst() : "null";
		return new Proposal(name.equals("null") ? null : name, said(verdicts, Verdict::dane),
				said(verdicts, Verdict::mtaSts));
	}

	private static String said(List<Verdict> verdicts, Function<Verdict, Verdict.LevelVerdict> which) {
		return verdicts.stream()
			.map(which)
			.map(Verdict.LevelVerdict::sentence)
			.distinct()
			.collect(java.util.stream.Collectors.joining(" "));
	}

	private static @Nullable String stale(Attestation attestation, long seen) {
		if (attestation.state() != Attestation.State.SUBMITTED) {
			return "This is no longer waiting for review: " + attestation.lastChange() + ".";
		}
		return (attestation.version() != seen)
				? "Meanwhile " + attestation.lastChange() + ". Look at it again before you decide." : null;
	}

	/** Who may still approve, by name. */
	List<String> mayApprove(Attestation attestation) {
		return this.directory.admins()
			.stream()
			.filter((person) -> !person.id().equals(attestation.shapedBy()))
			.map(Directory.Person::name)
			.toList();
	}

	/** What a reviewer should notice. */
	List<String> warnings(Onboarding.Pass pass) {
		List<String> warnings = new ArrayList<>();
		Attestation attestation = pass.attestation();
		if (attestation.held() != null) {
			warnings.add("The portal did not approve this by itself: " + attestation.held());
		}
		else if (attestation.kind() == Attestation.Kind.RECERTIFICATION && attestation.ourProof() != null) {
			warnings.add("Our own side: " + attestation.ourProof());
		}
		if (attestation.kind() != Attestation.Kind.FIRST) {
			pass.partner()
				.domains()
				.stream()
				.filter((domain) -> domain.proof() == Partner.Proof.UNPROVEN)
				.forEach((domain) -> warnings.add(domain.name().display()
						+ " is not proven yet and left out. Once it is, it gets a change of its own."));
		}
		for (Domain domain : pass.partner().domains()) {
			warnings.addAll(this.rules.check(domain.name(), pass.partner().id()).warnings());
		}
		for (TlsCheck check : this.onboarding.checks(pass.partner())) {
			if (check.report() != null) {
				Verdict.LevelVerdict expected = Verdict.of(check.report())
					.level(Level.valueOf(pass.attestation().level().name()));
				if (expected.outcome() != Verdict.Outcome.PASS) {
					warnings.add(check.domain() + ": " + expected.sentence());
				}
			}
		}
		Answers.Confirmation confirmation = pass.attestation().answers().confirmation();
		if (confirmation != null && confirmation.hasGaps()) {
			warnings.add("The partner states a gap. Approving accepts it until the date they name.");
		}
		Proof proof = pass.proof();
		if (proof != null && !TaskList.isFresh(proof.at(), this.clock.instant(), this.evidence.fresh())) {
			warnings.add("The test message is older than " + this.evidence.fresh().toDays()
					+ " days, so rejecting clear text waits for a new one.");
		}
		return warnings;
	}

	Duration observation() {
		return this.evidence.observation();
	}

	/** Findings of all checks, for the page. */
	List<Finding> findings(Partner partner) {
		return this.onboarding.checks(partner)
			.stream()
			.map(TlsCheck::report)
			.filter(java.util.Objects::nonNull)
			.flatMap((report) -> Verdict.of(report).findings().stream())
			.toList();
	}

	/**
	 * What came of an act.
	 *
	 * @param done whether it was done
	 * @param sentence what to tell the reviewer
	 */
	record Outcome(boolean done, String sentence) {
	}

	/** Undoes the transaction and tells the reviewer why. */
	static final class Refusal extends RuntimeException {

		private static final long serialVersionUID = 1L;

		Refusal(String sentence) {
			super(sentence);
		}

	}

}
