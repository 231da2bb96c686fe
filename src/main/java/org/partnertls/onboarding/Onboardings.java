package org.partnertls.onboarding;

import java.util.Optional;
import java.util.UUID;

import org.partnertls.organization.OrganizationProperties;

import org.springframework.stereotype.Component;

/**
 * What the pages above may know of a partner's onboarding.
 */
@Component
public class Onboardings {

	private final Onboarding onboarding;

	private final Moves moves;

	private final OrganizationProperties organization;

	Onboardings(Onboarding onboarding, Moves moves, OrganizationProperties organization) {
		this.onboarding = onboarding;
		this.moves = moves;
		this.organization = organization;
	}

	/** The latest pass of a partner, if it has begun. */
	public Optional<Standing> of(UUID partnerId) {
		return this.onboarding.latest(partnerId).map(this::standing);
	}

	/** A suspension, resumption or end that is under way. */
	public Optional<MoveView> move(UUID partnerId) {
		return this.moves.waiting(partnerId).map(MoveView::of);
	}

	private Standing standing(Onboarding.Pass pass) {
		Attestation attestation = pass.attestation();
		Answers.Confirmation confirmation = attestation.answers().confirmation();
		Proof proof = pass.proof();
		return new Standing(attestation.id(), attestation.state().name(), pass.done(), pass.tasks().size(),
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
