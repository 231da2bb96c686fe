package org.partnertls.evidence;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.Directions;
import org.partnertls.onboarding.Onboardings;
import org.partnertls.onboarding.Standing;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partnership;

import org.springframework.stereotype.Component;

/**
 * Where a partner stands, in words: computed from the four aggregates each time, never
 * stored. Every claim says whether it is stated by the partner, seen by us or enforced by
 * our platform.
 */
@Component
class Standings {

	private static final Word ONBOARDING = new Word("Onboarding", "wait");

	private final Onboardings onboardings;

	private final Connectors connectors;

	private final OrganizationProperties organization;

	private final Clock clock;

	Standings(Onboardings onboardings, Connectors connectors, OrganizationProperties organization, Clock clock) {
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

	private static Way way(Directions.Way way) {
		return new Way(way.tone(), way.words(), way.icon());
	}

	/** The one word beside the name. */
	Word word(Partner partner, Optional<Standing> standing) {
		Word word = word(this.connectors.directions(partner.id()), partner.state(),
				standing.map(Standing::state).orElse(null), partner.nextDueAt());
		return (partner.state() == Partnership.State.ONBOARDING && word.equals(ONBOARDING) && standing.isPresent())
				? new Word("Onboarding, " + standing.get().done() + " of " + standing.get().tasks() + " done", "wait")
				: word;
	}

	/**
	 * The same for a list, from what is found without asking for each.
	 * @param pass the state of the latest pass of the task list; null before the first
	 */
	Word word(Directions directions, Partnership.State state, @Nullable String pass, @Nullable Instant due) {
		if (isIn(directions, Directions.State.RELIEVED)) {
			return new Word("Relieved", "bad");
		}
		if (isIn(directions, Directions.State.FAILING)) {
			return new Word("Needs attention", "bad");
		}
		return switch (state) {
			case ONBOARDING -> onboarding((pass != null) ? pass : "");
			case ACTIVE -> active(due, (pass != null) ? pass : "");
			case INVITED, SUSPENDED, ENDED, EXPIRED, WITHDRAWN -> new Word(state.words(), state.tone());
		};
	}

	private static Word onboarding(String pass) {
		return switch (pass) {
			case "SUBMITTED" -> new Word("Waiting for review", "wait");
			case "RETURNED" -> new Word("Returned to the partner", "wait");
			case "REJECTED" -> new Word("Rejected", "bad");
			case "APPROVED" -> new Word("Being set up and proven", "wait");
			default -> ONBOARDING;
		};
	}

	private Word active(@Nullable Instant due, String pass) {
		boolean review = pass.equals("SUBMITTED");
		Instant now = this.clock.instant();
		if (due != null && !due.isAfter(now)) {
			return new Word(review ? "Overdue, waiting for review" : "Overdue", "bad");
		}
		if (review) {
			return new Word("Waiting for review", "wait");
		}
		// Days as people count them, where the due date is decided.
		long days = (due != null) ? ChronoUnit.DAYS.between(LocalDate.ofInstant(now, this.organization.zone()),
				LocalDate.ofInstant(due, this.organization.zone())) : Long.MAX_VALUE;
		if (days <= 60) {
			return new Word((days == 0) ? "Due today" : (days == 1) ? "Due tomorrow" : "Due in " + days + " days",
					"wait");
		}
		return (pass.equals("OPEN") || pass.equals("RETURNED")) ? new Word("Change under way", "wait")
				: new Word("Active", "good");
	}

	/** What we may say, and on whose word. */
	List<Claim> claims(Partner partner, Optional<Standing> standing) {
		List<Claim> claims = new ArrayList<>();
		standing.ifPresent((one) -> {
			if (one.stated() != null) {
				claims.add(new Claim(Pack.Basis.STATED, one.stated(), one.statedAt(), "idle"));
			}
			if (one.proof() != null) {
				claims.add(new Claim(Pack.Basis.SEEN, one.proof(), one.proofAt(), "good"));
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
			case UNCHECKED -> new Claim(Pack.Basis.SET, sentence
					+ " Whether mail takes this way is being checked; until then it does not count as enforced.",
					way.since(), "wait");
			case NOT_ENFORCEABLE ->
				new Claim(Pack.Basis.SET, "The connector stands, but it is " + way.words(), way.since(), "bad");
			case RELIEVED, FAILING ->
				new Claim(Pack.Basis.SET, "Not as approved at the moment: " + way.words() + ".", way.since(), "bad");
			default -> new Claim(Pack.Basis.ENFORCED, sentence, way.since(), "good");
		});
	}

	/**
	 * One direction.
	 *
	 * @param tone good, wait, bad or idle
	 * @param words for example {@code enforced}
	 * @param icon a Bootstrap icon without {@code bi-}
	 */
	record Way(String tone, String words, String icon) {
	}

	/**
	 * A state word.
	 *
	 * @param words for example {@code Due in 21 days}
	 * @param tone good, wait, bad or idle
	 */
	record Word(String words, String tone) {
	}

	/** The two organisations and the two ways, as the strip shows them. */
	record Strip(String ourName, String ourDomain, String theirName, String theirDomain, Way out, Way in) {
	}

	/**
	 * Something that we say about a partner.
	 *
	 * @param basis on whose word
	 * @param sentence what
	 * @param at since when
	 * @param tone how it is coloured
	 */
	record Claim(Pack.Basis basis, String sentence, @Nullable Instant at, String tone) {
	}

}
