package org.partnertls.evidence;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
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
			case ACTIVE -> due(partner.nextDueAt());
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

	private PartnerSigns.Word due(@Nullable Instant due) {
		if (due == null) {
			return new PartnerSigns.Word("Active", "good");
		}
		long days = Duration.between(this.clock.instant(), due).toDays();
		if (days < 0) {
			return new PartnerSigns.Word("Overdue", "bad");
		}
		return (days <= 60) ? new PartnerSigns.Word("Due in " + days + " days", "wait")
				: new PartnerSigns.Word("Active", "good");
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
		claim(directions.out(), "Mail to " + partner.mainDomain().name().display() + " is sent over TLS only: "
				+ directions.out().words() + ".")
			.ifPresent(claims::add);
		claim(directions.in(),
				"Mail from " + partner.mainDomain().name().display()
						+ " is rejected without TLS. It encrypts; it does not authenticate the sender.")
			.ifPresent(claims::add);
		return claims;
	}

	/** What the platform enforces, or would if mail took that way. */
	private static Optional<Claim> claim(Directions.Way way, String sentence) {
		if (way.since() == null) {
			return Optional.empty();
		}
		return Optional.of(switch (way.state()) {
			case UNCHECKED -> new Claim("Set in our platform", sentence
					+ " Whether mail takes this way is being checked; until then it does not count as enforced.",
					way.since(), "wait");
			case NOT_ENFORCEABLE ->
				new Claim("Set in our platform", "The connector stands, but it is " + way.words(), way.since(), "bad");
			default -> new Claim("Enforced by our platform", sentence, way.since(), "good");
		});
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
