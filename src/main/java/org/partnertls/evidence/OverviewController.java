package org.partnertls.evidence;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.onboarding.Standing;
import org.partnertls.partner.Partner;
import org.partnertls.partner.PartnerSigns;
import org.partnertls.partner.Partners;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/**
 * The staff's start page: how many are enforced, and what to do next and why.
 */
@Controller
class OverviewController {

	private final Partners partners;

	private final Standings standings;

	private final Clock clock;

	OverviewController(Partners partners, Standings standings, Clock clock) {
		this.partners = partners;
		this.standings = standings;
		this.clock = clock;
	}

	@GetMapping("/overview")
	String overview(SignedIn person, Model model) {
		// Whoever has nothing to do here has something to look at there.
		if (!person.is(Role.ADMIN)) {
			return "redirect:/compliance";
		}
		List<Row> rows = this.partners.all().stream().map(this::row).toList();
		Instant soon = this.clock.instant().plus(Duration.ofDays(60));
		model.addAttribute("all", rows.size());
		model.addAttribute("enforced", rows.stream().filter(Row::enforced).count());
		model.addAttribute("underway",
				rows.stream()
					.filter((row) -> row.partner().activeSince() == null && !row.word().tone().equals("bad"))
					.count());
		model.addAttribute("attention", rows.stream().filter((row) -> row.word().tone().equals("bad")).count());
		model.addAttribute("due",
				rows.stream()
					.map((row) -> row.partner().nextDueAt())
					.filter((due) -> due != null && due.isBefore(soon))
					.count());
		List<Row> next = new ArrayList<>(rows.stream().filter((row) -> row.word().tone().equals("bad")).toList());
		rows.stream().filter((row) -> row.word().words().equals("Waiting for review")).forEach(next::add);
		rows.stream().filter((row) -> row.word().words().startsWith("Due ")).forEach(next::add);
		model.addAttribute("next", next);
		return "overview/index";
	}

	private Row row(Partner partner) {
		Optional<Standing> standing = this.standings.standing(partner);
		return new Row(partner, this.standings.strip(partner), this.standings.word(partner, standing),
				standing.map(Standing::attestationId).orElse(null));
	}

	/**
	 * A partner on the start page.
	 */
	record Row(Partner partner, Standings.Strip directions, PartnerSigns.Word word,
			java.util.@org.jspecify.annotations.Nullable UUID attestationId) {

		boolean enforced() {
			return this.directions.out().tone().equals("good") && this.directions.in().tone().equals("good");
		}

		/** Where to go to do it. */
		public String url() {
			return (this.word.words().toLowerCase(Locale.ROOT).endsWith("waiting for review")
					&& this.attestationId != null) ? "/reviews/" + this.attestationId
							: "/partners/" + this.partner.id();
		}

	}

}
