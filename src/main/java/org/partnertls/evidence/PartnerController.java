package org.partnertls.evidence;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.partnertls.account.Directory;
import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.audit.History;
import org.partnertls.connector.Connectors;
import org.partnertls.mail.Outbox;
import org.partnertls.mail.SentLetter;
import org.partnertls.onboarding.Onboardings;
import org.partnertls.onboarding.Standing;
import org.partnertls.organization.Csv;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Partnership;

import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Slice;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.server.ResponseStatusException;

/**
 * A partner's page: for staff any partner's, for a partner their own.
 */
@Controller
class PartnerController {

	/** Messages on the page itself. */
	private static final int FEW = 8;

	private static final int MOST = 500;

	private final Partners partners;

	private final Standings standings;

	private final Onboardings onboardings;

	private final Connectors connectors;

	private final Directory directory;

	private final History history;

	private final Outbox outbox;

	private final AuditLog audit;

	private final Clock clock;

	PartnerController(Partners partners, Standings standings, Onboardings onboardings, Connectors connectors,
			Directory directory, History history, Outbox outbox, AuditLog audit, Clock clock) {
		this.partners = partners;
		this.standings = standings;
		this.onboardings = onboardings;
		this.connectors = connectors;
		this.directory = directory;
		this.history = history;
		this.outbox = outbox;
		this.audit = audit;
		this.clock = clock;
	}

	@GetMapping("/partners/{id}")
	String show(@PathVariable UUID id, Model model) {
		Partner partner = this.partners.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		fill(partner, model);
		model.addAttribute("inviter",
				this.directory.find(partner.invitedBy()).map(Directory.Person::name).orElse("a former colleague"));
		model.addAttribute("change", this.connectors.latest(id).orElse(null));
		model.addAttribute("history", this.history.ofPartner(id, 15));
		model.addAttribute("letters", this.outbox.about(id, FEW));
		model.addAttribute("people", people(partner));
		model.addAttribute("move", this.onboardings.move(id).orElse(null));
		model.addAttribute("unreachable", partner.state().isLiving()
				&& partner.contacts().stream().anyMatch((person) -> person.returnedAt() != null));
		model.addAttribute("before",
				Optional.ofNullable(partner.returnsFrom()).flatMap(this.partners::find).orElse(null));
		model.addAttribute("successor", this.partners.successor(id).orElse(null));
		return "partners/show";
	}

	/** Every message about a partner, to whomever it went. */
	@GetMapping("/partners/{id}/messages")
	String messages(@PathVariable UUID id, Model model) {
		Partner partner = this.partners.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		List<SentLetter> letters = this.outbox.about(id, MOST);
		model.addAttribute("partner", partner);
		model.addAttribute("letters", letters);
		model.addAttribute("people", people(partner));
		model.addAttribute("more", letters.size() == MOST);
		return "partners/messages";
	}

	@GetMapping("/partners/{id}/messages.csv")
	void csv(@PathVariable UUID id, HttpServletResponse response) throws IOException {
		Partner partner = this.partners.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		this.audit.appendAlone(Act.of("partner.messages-exported").partner(id, partner.name()));
		Map<String, String> people = people(partner);
		try (Csv csv = Csv.attached(response, "messages", "partner", "message", "to", "address", "state", "why",
				"written at", "sent at", "came back at")) {
			int page = 0;
			Slice<SentLetter> slice;
			do {
				slice = this.outbox.about(id, PageRequest.of(page++, 500));
				slice.forEach((letter) -> csv.line(partner.name(), letter.title(), people.get(letter.to().key()),
						letter.to(), letter.fate(), letter.why(), letter.at(), letter.sentAt(), letter.returnedAt()));
			}
			while (slice.hasNext());
		}
	}

	/** Who is behind an address, by its key, as far as we know. */
	private static Map<String, String> people(Partner partner) {
		Map<String, String> people = new HashMap<>();
		partner.former().forEach((person) -> people.put(person.address().key(), person.name()));
		partner.contacts().forEach((person) -> people.put(person.address().key(), person.name()));
		people.put(partner.ownerAddress().key(), partner.ownerName());
		return people;
	}

	@GetMapping("/partnership")
	String own(SignedIn person, Model model) {
		Partner partner = this.partners.find(person.requirePartner())
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.FORBIDDEN));
		fill(partner, model);
		model.addAttribute("confirms", person.is(Role.PARTNER));
		return "partnership/index";
	}

	private void fill(Partner partner, Model model) {
		Optional<Standing> standing = this.standings.standing(partner);
		model.addAttribute("partner", partner);
		model.addAttribute("standing", standing.orElse(null));
		model.addAttribute("state", this.standings.word(partner, standing));
		model.addAttribute("directions", this.standings.strip(partner));
		model.addAttribute("claims", this.standings.claims(partner, standing));
		model.addAttribute("passes", this.onboardings.passes(partner.id()));
		model.addAttribute("postponed", this.onboardings.postponement(partner).orElse(null));
		Instant due = partner.nextDueAt();
		model.addAttribute("overdue",
				partner.state() == Partnership.State.ACTIVE && due != null && !due.isAfter(this.clock.instant()));
		model.addAttribute("checks", standing.map(Standing::checks).orElse(List.of()));
	}

}
