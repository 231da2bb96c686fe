package org.partnertls.evidence;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.Directions;
import org.partnertls.onboarding.Onboardings;
import org.partnertls.onboarding.Standing;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partner;
import org.partnertls.partner.PartnerSigns;
import org.partnertls.partner.Partners;

import org.springframework.stereotype.Component;

/**
 * Where a partner stands, in words: computed from the four aggregates each time, never
 * stored. Every claim says whether it is stated by the partner, seen by us or enforced by
 * our platform.
 */
@Component
class Standings implements PartnerSigns {

	private final Partners partners;

	private final Onboardings onboardings;

	private final Connectors connectors;

	private final OrganizationProperties organization;

	private final Clock clock;

	Standings(Partners partners, Onboardings onboardings, Connectors connectors, OrganizationProperties organization,
			Clock clock) {
		this.partners = partners;
		this.onboardings = onboardings;
		this.connectors = connectors;
		this.organization = organization;
		this.clock = clock;
	}

	Optional<Standing> standing(Partner partner) {
		return this.onboardings.of(partner.id());
	}

	/** The direction strip. */
	Strip strip(Partner partner) {
		Directions directions = this.connectors.directions(partner.id());
		return new Strip(this.organization.name(), this.organization.primaryDomain().display(), partner.name(),
				partner.mainDomain().name().display(), way(directions.out()), way(directions.in()));
	}

	private static boolean isIn(Directions directions, Directions.State state) {
		return directions.out().state() == state || directions.in().state() == state;
	}

	private static PartnerSigns.Way way(Directions.Way way) {
		return new PartnerSigns.Way(way.tone(), way.words(), way.icon());
	}

	/** The one word beside the name. */
	PartnerSigns.Word word(Partner partner, Optional<Standing> standing) {
		Directions directions = this.connectors.directions(partner.id());
		if (isIn(directions, Directions.State.RELIEVED)) {
			return new PartnerSigns.Word("Relieved", "bad");
		}
		if (isIn(directions, Directions.State.FAILING)) {
			return new PartnerSigns.Word("Needs attention", "bad");
		}
		return switch (partner.state()) {
			case INVITED -> new PartnerSigns.Word("Invited", "idle");
			case ONBOARDING -> standing.map(Standings::onboarding).orElse(new PartnerSigns.Word("Onboarding", "idle"));
			case ACTIVE -> active(partner.nextDueAt(), standing.orElse(null));
			case SUSPENDED -> new PartnerSigns.Word("Suspended", "wait");
			case ENDED -> new PartnerSigns.Word("Ended", "idle");
			case EXPIRED -> new PartnerSigns.Word("Invitation expired", "idle");
			case WITHDRAWN -> new PartnerSigns.Word("Withdrawn", "idle");
		};
	}

	private static PartnerSigns.Word onboarding(Standing standing) {
		return switch (standing.state()) {
			case "SUBMITTED" -> new PartnerSigns.Word("Waiting for review", "wait");
			case "RETURNED" -> new PartnerSigns.Word("Returned to the partner", "wait");
			case "REJECTED" -> new PartnerSigns.Word("Rejected", "bad");
			case "APPROVED" -> new PartnerSigns.Word("Being set up and proven", "wait");
			default ->
				new PartnerSigns.Word("Onboarding, " + standing.done() + " of " + standing.tasks() + " done", "wait");
		};
	}

	private PartnerSigns.Word active(@Nullable Instant due, @Nullable Standing standing) {
		boolean review = standing != null && standing.waitsForReview();
		Instant now = this.clock.instant();
		if (due != null && !due.isAfter(now)) {
			return new PartnerSigns.Word(review ? "Overdue, waiting for review" : "Overdue", "bad");
		}
		if (review) {
			return new PartnerSigns.Word("Waiting for review", "wait");
		}
		// Days as people count them, where the due date is decided.
		long days = (due != null) ? ChronoUnit.DAYS.between(LocalDate.ofInstant(now, this.organization.zone()),
				LocalDate.ofInstant(due, this.organization.zone())) : Long.MAX_VALUE;
		if (days <= 60) {
			return new PartnerSigns.Word(
					(days == 0) ? "Due today" : (days == 1) ? "Due tomorrow" : "Due in " + days + " days", "wait");
		}
		return (standing != null && standing.isLater() && standing.isWithPartner())
				? new PartnerSigns.Word("Change under way", "wait") : new PartnerSigns.Word("Active", "good");
	}

	/** What we may say, and on whose word. */
	List<Claim> claims(Partner partner, Optional<Standing> standing) {
		List<Claim> claims = new ArrayList<>();
		standing.ifPresent((one) -> {
			if (one.stated() != null) {
				claims.add(new Claim("Stated by the partner", one.stated(), one.statedAt(), "idle"));
			}
			if (one.proof() != null) {
				claims.add(new Claim("Seen by us", one.proof(), one.proofAt(), "good"));
			}
		});
		Directions directions = this.connectors.directions(partner.id());
		if (directions.out().since() != null) {
			claims.add(new Claim(
					"Enforced by our platform", "Mail to " + partner.mainDomain().name().display()
							+ " is sent over TLS only: " + directions.out().words() + ".",
					directions.out().since(), "good"));
		}
		if (directions.in().since() != null) {
			claims.add(new Claim(
					"Enforced by our platform", "Mail from " + partner.mainDomain().name().display()
							+ " is rejected without TLS. It encrypts; it" + " does not authenticate the sender.",
					directions.in().since(), "good"));
		}
		return claims;
	}

	@Override
	public Map<UUID, PartnerSigns.Sign> of(Collection<UUID> ids) {
		Map<UUID, PartnerSigns.Sign> signs = new HashMap<>();
		for (UUID id : ids) {
			this.partners.find(id).ifPresent((partner) -> signs.put(id, sign(partner)));
		}
		return signs;
	}

	private PartnerSigns.Sign sign(Partner partner) {
		Directions directions = this.connectors.directions(partner.id());
		Optional<Standing> standing = standing(partner);
		return new PartnerSigns.Sign(way(directions.out()), way(directions.in()), word(partner, standing),
				standing.map(Standing::checked).orElse(null));
	}

	/** The two organisations and the two ways, as the strip shows them. */
	record Strip(String ourName, String ourDomain, String theirName, String theirDomain, PartnerSigns.Way out,
			PartnerSigns.Way in) {
	}

	/**
	 * Something that we say about a partner.
	 *
	 * @param basis on whose word
	 * @param sentence what
	 * @param at since when
	 * @param tone how it is coloured
	 */
	record Claim(String basis, String sentence, @Nullable Instant at, String tone) {
	}

}
