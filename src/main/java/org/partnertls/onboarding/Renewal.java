package org.partnertls.onboarding;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.ConnectorEvent;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.Directions;
import org.partnertls.organization.DomainName;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.tlscheck.TlsWatch;
import org.partnertls.tlscheck.Verdict;
import org.partnertls.tlscheck.WatchedDomain;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Approves a re-certification in which nothing has changed. Four eyes look at what one of
 * us has shaped; here nobody has, no connector changes, the partner confirms as a named
 * person and both ways have just been seen to work. Whatever is not so goes to a person.
 */
@Component
class Renewal {

	/** A check of mail servers that is older says nothing about today. */
	private static final Duration TODAY = Duration.ofDays(2);

	private static final Actor PORTAL = Actor.system("recertification");

	private final Partners partners;

	private final Attestations attestations;

	private final Passes passes;

	private final Onboarding onboarding;

	private final Recertifications recertifications;

	private final Connectors connectors;

	private final TlsWatch watch;

	private final EvidenceProperties settings;

	private final AuditLog audit;

	private final ZoneId zone;

	private final Clock clock;

	Renewal(Partners partners, Attestations attestations, Passes passes, Onboarding onboarding,
			Recertifications recertifications, Connectors connectors, TlsWatch watch, EvidenceProperties settings,
			AuditLog audit, ZoneId zone, Clock clock) {
		this.partners = partners;
		this.attestations = attestations;
		this.passes = passes;
		this.onboarding = onboarding;
		this.recertifications = recertifications;
		this.connectors = connectors;
		this.watch = watch;
		this.settings = settings;
		this.audit = audit;
		this.zone = zone;
		this.clock = clock;
	}

	/** Our own side has been validated, in the transaction that records it. */
	@EventListener
	@Transactional(propagation = Propagation.MANDATORY)
	public void on(ConnectorEvent.Revalidated event) {
		Partner partner = this.partners.find(event.partnerId()).orElseThrow(NotFound::new);
		this.passes.living(partner.id())
			.filter((living) -> living.kind() == Attestation.Kind.RECERTIFICATION
					&& living.state() == Attestation.State.SUBMITTED)
			.ifPresent((attestation) -> hear(partner, attestation, event));
	}

	private void hear(Partner partner, Attestation attestation, ConnectorEvent.Revalidated event) {
		boolean proven = Boolean.TRUE.equals(event.successful());
		boolean own = attestation.isBeingChecked();
		attestation.ourSide(proven ? event.at() : null, event.words());
		this.attestations.save(attestation);
		Act act = Onboarding.about(Act.of("attestation.our-side-proven"), partner, attestation)
			.by(PORTAL)
			.detail("result", event.words());
		this.audit.append(proven ? act : act.failed());
		if (!own) {
			return;
		}
		Optional<Proof> proof = this.onboarding.proofOf(attestation.id());
		List<String> obstacles = obstacles(partner, attestation, proof.orElse(null));
		if (proof.isEmpty() || !obstacles.isEmpty()) {
			this.recertifications.hold(partner, attestation, obstacles);
			return;
		}
		attestation.approve("The portal", this.clock.instant());
		this.attestations.save(attestation);
		this.audit.append(Onboarding.about(Act.of("attestation.approved"), partner, attestation)
			.by(PORTAL)
			.change("state", Attestation.State.SUBMITTED, attestation.state())
			.detail("because",
					"nothing has changed, and the test message, the checks of their servers and the validation of our"
							+ " connector all say so")
			.detail("test-message", proof.get().at())
			.detail("validation", event.at()));
		this.recertifications.proven(partner, older(proof.get().at(), attestation.ourProofAt()), null);
	}

	/** Both ways count, so the older proof decides. */
	static Instant older(Instant proof, @Nullable Instant ours) {
		return (ours != null && ours.isBefore(proof)) ? ours : proof;
	}

	/** Why a person has to look; none: nothing speaks against it. */
	private List<String> obstacles(Partner partner, Attestation attestation, @Nullable Proof proof) {
		List<String> why = new ArrayList<>(this.onboarding.differences(partner, attestation));
		Instant now = this.clock.instant();
		if (proof == null || !TaskList.isFresh(proof.at(), now, this.settings.fresh())) {
			why.add("We have not seen a test message that came encrypted.");
		}
		if (attestation.ourProofAt() == null) {
			why.add("Our own connector was not validated: " + attestation.ourProof());
		}
		Answers.Confirmation confirmation = attestation.answers().confirmation();
		if (confirmation != null) {
			expired("Requires TLS toward us", confirmation.toUs(), now, why);
			expired("Refuses clear text from us", confirmation.fromUs(), now, why);
		}
		for (DomainName domain : Onboarding.covered(partner, attestation)) {
			String doubt = doubt(domain, now);
			if (doubt != null) {
				why.add(domain.display() + ": " + doubt);
			}
		}
		if (!this.connectors.drifts(partner.id()).isEmpty()) {
			why.add("Somebody has changed our connectors in the tenant.");
		}
		Directions directions = this.connectors.directions(partner.id());
		if (directions.out().state() != Directions.State.ENFORCED
				|| directions.in().state() != Directions.State.ENFORCED) {
			why.add("Not both ways are enforced: to them " + directions.out().words() + ", from them "
					+ directions.in().words() + ".");
		}
		return why;
	}

	private void expired(String what, Answers.Statement statement, Instant now, List<String> why) {
		LocalDate until = statement.until();
		if (until != null && !until.isAfter(LocalDate.ofInstant(now, this.zone))) {
			why.add(what + ": the gap was to end on " + until + ".");
		}
	}

	private @Nullable String doubt(DomainName domain, Instant now) {
		WatchedDomain watched = this.watch.find(domain).orElse(null);
		if (watched == null || watched.checkedAt() == null || watched.checkedAt().plus(TODAY).isBefore(now)) {
			return "its mail servers have not been checked within two days.";
		}
		if (watched.difference() != null) {
			return watched.difference();
		}
		return (watched.outcome() != Verdict.Outcome.PASS)
				? "the newest check says: " + ((watched.sentence() != null) ? watched.sentence() : "it cannot tell.")
				: null;
	}

}
