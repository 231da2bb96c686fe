package org.partnertls.onboarding;

import java.util.List;
import java.util.stream.Stream;

import org.partnertls.connector.Connectors;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partner;
import org.partnertls.partner.PartnerEvent;
import org.partnertls.partner.Partners;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Hears what became of partnerships, in the same transaction, and tells both sides.
 */
@Component
class PartnerNews {

	private final Onboarding onboarding;

	private final Attestations attestations;

	private final Partners partners;

	private final Moves moves;

	private final Connectors connectors;

	private final OrganizationProperties organization;

	PartnerNews(Onboarding onboarding, Attestations attestations, Partners partners, Moves moves, Connectors connectors,
			OrganizationProperties organization) {
		this.onboarding = onboarding;
		this.attestations = attestations;
		this.partners = partners;
		this.moves = moves;
		this.connectors = connectors;
		this.organization = organization;
	}

	@EventListener
	void on(PartnerEvent event) {
		Partner partner = this.partners.find(event.partnerId()).orElseThrow(NotFound::new);
		switch (event) {
			case PartnerEvent.Suspended suspended ->
				tell(partner, this.moves.areOff(partner.id()) ? "switched-off" : "suspended", "/partnership",
						"Suspended: " + suspended.reason());
			case PartnerEvent.Resumed resumed ->
				tell(partner, "resumed", "/partnership", "Resumed: " + resumed.reason());
			case PartnerEvent.Ended ended -> over(partner, "ended", ended.reason());
			case PartnerEvent.Withdrawn withdrawn -> {
				// Who never came has nothing to take back.
				if (began(partner)) {
					over(partner, "moved", withdrawn.reason());
				}
			}
			case PartnerEvent.InvitationExpired expired -> {
				if (began(partner)) {
					this.onboarding.tellPartner(partner, "unfinished", "/request", false, expired.reason());
					this.onboarding.tellOwner(partner, "moved", "/partners/new?again=" + partner.id(),
							"The onboarding is over: " + expired.reason() + " The page has a form to invite again.");
				}
			}
			case PartnerEvent.PeopleReduced reduced -> {
				this.attestations.findAllOf(partner.id()).forEach((attestation) -> {
					attestation.reduce();
					this.attestations.save(attestation);
				});
				this.connectors.reduce(partner.id(), (address) -> reduced.pseudonymOf(address).address());
			}
			case PartnerEvent.ContactsChanged _, PartnerEvent.Unreachable _, PartnerEvent.OwnerChanged _ -> {
			}
		}
	}

	private boolean began(Partner partner) {
		return this.attestations.findLatest(partner.id()).isPresent();
	}

	private void over(Partner partner, String ours, String reason) {
		List<String> recipes = this.attestations.findLatest(partner.id())
			.map((attestation) -> attestation.answers().platforms())
			.orElse(List.of())
			.stream()
			.map((platform) -> this.organization.link("/programme/recipes/" + platform.slug()))
			.flatMap((recipe) -> Stream.of(recipe + "#to-us-undo", recipe + "#from-us-undo"))
			.toList();
		String takeBack = recipes.isEmpty() ? this.organization.link("/programme") : String.join("\n    ", recipes);
		this.onboarding.tellPartner(partner, "ended", "/programme", true,
				reason + "\n\nHow to take it back:\n    " + takeBack);
		String page = "/partners/" + partner.id();
		this.onboarding.tellOwner(partner, ours, page, ours.equals("ended") ? reason : "Ended: " + reason);
		this.onboarding.tellCompliance(partner, "moved", page, "Ended: " + reason);
	}

	private void tell(Partner partner, String template, String page, String words) {
		this.onboarding.tellPartner(partner, template, page, true, words);
		String ours = "/partners/" + partner.id();
		this.onboarding.tellOwner(partner, "moved", ours, words);
		this.onboarding.tellCompliance(partner, "moved", ours, words);
	}

}
