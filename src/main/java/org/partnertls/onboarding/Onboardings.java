package org.partnertls.onboarding;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partner;

import org.springframework.stereotype.Component;

/**
 * What the pages above may know of a partner's onboarding.
 */
@Component
public class Onboardings {

	private final Onboarding onboarding;

	private final Passes passes;

	private final Recertifications recertifications;

	private final Moves moves;

	private final OrganizationProperties organization;

	Onboardings(Onboarding onboarding, Passes passes, Recertifications recertifications, Moves moves,
			OrganizationProperties organization) {
		this.onboarding = onboarding;
		this.passes = passes;
		this.recertifications = recertifications;
		this.moves = moves;
		this.organization = organization;
	}

	/** The latest pass of a partner, if it has begun. */
	public Optional<Standing> of(UUID partnerId) {
		return this.onboarding.latest(partnerId).map(this::standing);
	}

	/** All passes of a partner, newest first. */
	public List<PassView> passes(UUID partnerId) {
		return this.passes.of(partnerId).stream().map(PassView::of).toList();
	}

	/** How the due date that holds was put off; empty: it was not. */
	public Optional<Postponement> postponement(Partner partner) {
		return this.recertifications.postponement(partner);
	}

	/** A suspension, resumption or end that is under way. */
	public Optional<MoveView> move(UUID partnerId) {
		return this.moves.waiting(partnerId).map(MoveView::of);
	}

	private Standing standing(Onboarding.Pass pass) {
		Attestation attestation = pass.attestation();
		Answers.Confirmation confirmation = attestation.answers().confirmation();
		Proof proof = pass.proof();
		if (attestation.kind() != Attestation.Kind.FIRST && attestation.state() != Attestation.State.APPROVED) {
			// What is said of a partner rests on what was approved, not on what is under
			// way.
			confirmation = this.onboarding.inForce(attestation.partnerId())
				.map((inForce) -> inForce.answers().confirmation())
				.orElse(confirmation);
		}
		if (proof == null && attestation.kind() != Attestation.Kind.FIRST) {
			proof = this.onboarding.newestProof(attestation.partnerId()).orElse(null);
		}
		return new Standing(attestation.id(), attestation.kind().name(), attestation.state().name(),
				attestation.isBeingChecked(), attestation.held(), pass.done(), pass.tasks().size(),
				(confirmation != null) ? stated(confirmation) : null, (confirmation != null) ? confirmation.at() : null,
				(proof != null) ? proof.sentence() : null, (proof != null) ? proof.at() : null, attestation.comment(),
				this.onboarding.checked(pass.partner()), this.onboarding.checks(pass.partner()));
	}

	private String stated(Answers.Confirmation by) {
		String us = this.organization.primaryDomain().display();
		return by.name() + ", " + by.role() + ": our server requires TLS to " + us + " — "
				+ by.toUs().choice().words().toLowerCase(java.util.Locale.ROOT) + "; refuses clear text from " + us
				+ " — " + by.fromUs().choice().words().toLowerCase(java.util.Locale.ROOT) + ".";
	}

}
