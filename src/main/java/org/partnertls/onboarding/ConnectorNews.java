package org.partnertls.onboarding;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;

import org.partnertls.connector.ChangeKind;
import org.partnertls.connector.ConnectorEvent;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.Directions;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.DomainName;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Partnership;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Hears what became of the connectors, in the same transaction, and tells those whom it
 * concerns.
 */
@Component
class ConnectorNews {

	private final Onboarding onboarding;

	private final Attestations attestations;

	private final Recertifications recertifications;

	private final Partners partners;

	private final Connectors connectors;

	private final Moves moves;

	private final EvidenceProperties evidence;

	private final Outbox outbox;

	private final ZoneId zone;

	private final Clock clock;

	ConnectorNews(Onboarding onboarding, Attestations attestations, Recertifications recertifications,
			Partners partners, Connectors connectors, Moves moves, EvidenceProperties evidence, Outbox outbox,
			ZoneId zone, Clock clock) {
		this.onboarding = onboarding;
		this.attestations = attestations;
		this.recertifications = recertifications;
		this.partners = partners;
		this.connectors = connectors;
		this.moves = moves;
		this.evidence = evidence;
		this.outbox = outbox;
		this.zone = zone;
		this.clock = clock;
	}

	@EventListener
	void on(ConnectorEvent event) {
		Partner partner = this.partners.find(event.partnerId()).orElseThrow(NotFound::new);
		String page = "/partners/" + partner.id();
		String relief = page + "/relief";
		switch (event) {
			case ConnectorEvent.ProofAwaited _ -> carryProof(partner.id());
			case ConnectorEvent.InboundAnnounced announced -> {
				this.onboarding.tellPartner(partner, "announced", "/partnership", false, words(announced.at()));
				this.onboarding.tellOwner(partner, "announced", page);
			}
			case ConnectorEvent.ChangeDone(UUID _, UUID _, UUID pass, var _) when pass != null ->
				done(partner, pass, page);
			case ConnectorEvent.ChangeDone done -> {
				if (done.kind() == ChangeKind.ADOPT) {
					this.onboarding.takenOver(partner);
				}
				this.moves.done(done);
			}
			// One direction alone is no news for a person; the page shows it. A
			// validation is heard by whoever asked for it.
			case ConnectorEvent.OutboundEnforced _, ConnectorEvent.InboundEnforced _, ConnectorEvent.Revalidated _ -> {
			}
			case ConnectorEvent.PathTaken _ -> tellEnforced(partner, page);
			case ConnectorEvent.ChangeNeedsAttention _ -> this.onboarding.tellOwner(partner, "attention", page);
			case ConnectorEvent.Relieved relieved -> relieved(partner, page, relieved.step().words() + ". "
					+ relieved.step().consequence() + " To be reviewed by " + words(relieved.until()) + ".");
			case ConnectorEvent.Drifted drifted -> {
				if (drifted.alarm()) {
					this.onboarding.tellOwner(partner, "drift", "/partners/" + partner.id() + "/connectors",
							drifted.sentence());
				}
			}
			case ConnectorEvent.NotEnforceable blocked ->
				this.onboarding.tellOwner(partner, "path", page + "/mail", blocked.sentence());
			case ConnectorEvent.ReliefFailed failed -> this.onboarding.tellOwner(partner, "relief", relief,
					"It could not be carried out: " + failed.step().words() + ". " + failed.why()
							+ " Run the PowerShell lines on the page by hand.");
			case ConnectorEvent.ReliefOverdue overdue -> overdue(partner, relief, overdue);
			case ConnectorEvent.ReliefEnded ended -> {
				reliefEnded(partner, page, ended);
				this.moves.reliefEnded(partner.id());
			}
		}
	}

	// A test message that arrived before the connectors stood proves the same thing.
	private void carryProof(UUID partnerId) {
		this.onboarding.newestProof(partnerId).ifPresent((proof) -> {
			if (TaskList.isFresh(proof.at(), this.clock.instant(), this.evidence.fresh())) {
				this.connectors.proven(partnerId, proof.at(), this.evidence.observation(),
						this.evidence.announcedHour());
			}
		});
	}

	/** What a pass has approved is pushed and proven. */
	private void done(Partner partner, UUID attestationId, String page) {
		Attestation attestation = this.attestations.findById(attestationId).orElseThrow(NotFound::new);
		retire(partner, attestation);
		Instant proof = this.onboarding.newestProof(partner.id()).map(Proof::at).orElseGet(this.clock::instant);
		switch (attestation.kind()) {
			case FIRST -> activated(partner, proof, page);
			case CHANGE -> {
				this.onboarding.tellPartner(partner, "change-done", "/partnership", false,
						covered(partner, attestation));
				this.onboarding.tellOwner(partner, "change-done", page, covered(partner, attestation));
			}
			case RECERTIFICATION -> this.recertifications.proven(partner,
					Renewal.older(proof, attestation.ourProofAt()), attestation.approvedBy());
		}
	}

	/** Domains leave when our connectors no longer have them, and not before. */
	private void retire(Partner partner, Attestation attestation) {
		List<String> gone = new ArrayList<>();
		for (UUID leaving : attestation.answers().retiring()) {
			partner.domain(leaving).ifPresent((domain) -> {
				if (this.partners.removeDomain(partner.id(), leaving).isEmpty()) {
					gone.add(domain.name().display());
				}
			});
		}
		if (!gone.isEmpty()) {
			this.onboarding.tellPartner(partner, "domain-retired", "/programme", false, String.join(", ", gone));
		}
	}

	private static String covered(Partner partner, Attestation attestation) {
		return Onboarding.covered(partner, attestation)
			.stream()
			.map(DomainName::display)
			.collect(Collectors.joining(", "));
	}

	private void activated(Partner partner, Instant proof, String page) {
		UUID id = partner.id();
		Instant due = DueCalendar.due(proof, this.evidence, this.zone);
		this.partners.activated(id, proof, due);
		this.recertifications.lookSoon(id);
		tellEnforced(this.partners.find(id).orElseThrow(NotFound::new), page);
	}

	/**
	 * Tells once that mail is always encrypted: when all that was approved is done and it
	 * was seen that mail takes our connectors, both ways, whichever comes last.
	 */
	private void tellEnforced(Partner partner, String page) {
		Directions ways = this.connectors.directions(partner.id());
		Instant due = partner.nextDueAt();
		if (partner.state() != Partnership.State.ACTIVE || due == null
				|| ways.out().state() != Directions.State.ENFORCED || ways.in().state() != Directions.State.ENFORCED
				|| this.outbox.wasWritten(partner.id(), "owner-enforced")) {
			return;
		}
		this.onboarding.tellPartner(partner, "enforced", "/partnership", false,
				"Both sides look at it again by "
						+ DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.UK).format(due.atZone(this.zone))
						+ " at the latest; you get a message before.");
		this.onboarding.tellOwner(partner, "enforced", page);
	}

	private void relieved(Partner partner, String page, String words) {
		this.onboarding.tellPartner(partner, "relieved", "/partnership", true, words);
		this.onboarding.tellOwner(partner, "relieved", page);
		this.onboarding.tellCompliance(partner, "relieved", page, words);
	}

	private void reliefEnded(Partner partner, String page, ConnectorEvent.ReliefEnded ended) {
		if (ended.gone() != null) {
			String words = "Ended: " + ended.step().words() + ". " + ended.gone();
			this.onboarding.tellOwner(partner, "relief", page, words);
			this.onboarding.tellCompliance(partner, "relief", page, words);
			return;
		}
		String words = "Ended: " + ended.step().words() + ". What was enforced before is enforced again.";
		this.onboarding.tellOwner(partner, "relief-ended", page, words);
		this.onboarding.tellPartner(partner, "relief-ended", "/partnership", true, words);
		this.onboarding.tellCompliance(partner, "relief-ended", page, words);
	}

	/**
	 * Nobody has taken it back in time: the owner and compliance hear of it every day.
	 */
	private void overdue(Partner partner, String page, ConnectorEvent.ReliefOverdue overdue) {
		String words = "Its time is over and it is still in effect, since " + words(overdue.since()) + ": "
				+ overdue.step().words() + ". " + overdue.step().consequence()
				+ " It does not end by itself: end it, or relieve anew with a reason.";
		this.onboarding.tellOwner(partner, "relief", page, words);
		this.onboarding.tellCompliance(partner, "relief", page, words);
	}

	private String words(Instant at) {
		return DateTimeFormatter.ofPattern("EEEE d MMMM uuuu, HH:mm zzz", Locale.UK).format(at.atZone(this.zone));
	}

}
