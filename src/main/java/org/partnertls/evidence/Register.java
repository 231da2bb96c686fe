package org.partnertls.evidence;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.audit.History;
import org.partnertls.mail.Letter;
import org.partnertls.mail.MailProperties;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The register of exceptions made by hand. What it held at any date is read from the
 * history, like all evidence.
 */
@Component
@Transactional
class Register {

	private static final List<String> CODES = List.of("exception.asked", "exception.accepted", "exception.ended");

	private final RegisterEntries entries;

	private final History history;

	private final AuditLog audit;

	private final Outbox outbox;

	private final MailProperties mail;

	private final OrganizationProperties organization;

	private final ZoneId zone;

	private final Clock clock;

	Register(RegisterEntries entries, History history, AuditLog audit, Outbox outbox, MailProperties mail,
			OrganizationProperties organization, ZoneId zone, Clock clock) {
		this.entries = entries;
		this.history = history;
		this.audit = audit;
		this.outbox = outbox;
		this.mail = mail;
		this.organization = organization;
		this.zone = zone;
		this.clock = clock;
	}

	/** Writes an exception down; somebody else has to accept it. */
	UUID ask(RegisterEntry.NewException wanted, SignedIn by) {
		RegisterEntry entry = this.entries.save(new RegisterEntry(wanted, by, this.clock.instant()));
		this.audit.append(about(entry, "exception.asked").detail("until", entry.endsOn())
			.reason(entry.reason())
			.personal("what", null, entry.what())
			.personal("owner", entry.ownerAddress().key(), entry.ownerName() + " <" + entry.ownerAddress() + ">"));
		return entry.id();
	}

	/**
	 * Takes it on.
	 * @return why not; empty: it is accepted
	 */
	Optional<String> accept(UUID id, SignedIn by) {
		RegisterEntry entry = find(id);
		if (entry.state() != RegisterEntry.State.ASKED) {
			return Optional.of("Somebody else has decided about this exception in the meantime.");
		}
		boolean accepted = entry.accept(by, this.clock.instant());
		Act act = about(entry, "exception.accepted");
		this.audit.append(accepted ? act : act.refused().detail("why", "asked for it themselves"));
		return accepted ? Optional.empty()
				: Optional.of("You wrote this exception down yourself; another administrator has to accept it.");
	}

	/**
	 * Ends it.
	 * @return why not; empty: it has ended
	 */
	Optional<String> end(UUID id, String reason) {
		RegisterEntry entry = find(id);
		if (entry.state() == RegisterEntry.State.ENDED) {
			return Optional.of("This exception has ended already.");
		}
		entry.end(this.clock.instant());
		this.audit.append(about(entry, "exception.ended").reason(reason));
		return Optional.empty();
	}

	/** Tells owners and compliance what ends soon and what is over. */
	void remind() {
		LocalDate today = LocalDate.ofInstant(this.clock.instant(), this.zone);
		for (UUID id : this.entries.ending(today.plusDays(RegisterEntry.SOON))) {
			RegisterEntry entry = find(id);
			RegisterEntry.Told told = entry.tell(today);
			if (told != null) {
				this.audit.append(about(entry, "exception.told").by(Actor.system("exception-register"))
					.detail("until", entry.endsOn())
					.detail("over", told == RegisterEntry.Told.OVER));
				letter(entry.ownerAddress(), entry, told);
				if (this.mail.compliance() != null) {
					letter(this.mail.compliance(), entry, told);
				}
			}
		}
	}

	private void letter(EmailAddress to, RegisterEntry entry, RegisterEntry.Told told) {
		Letter letter = Letter.to(to, "exception-ends")
			.with("about", entry.about())
			.with("what", entry.what())
			.with("owner", entry.ownerName())
			.with("until", entry.endsOn().toString())
			.with("how", (told == RegisterEntry.Told.OVER) ? "has passed its end" : "ends soon")
			.with("page", this.organization.link("/compliance/exceptions"));
		UUID partner = entry.partnerId();
		this.outbox.post((partner != null) ? letter.about(partner) : letter);
	}

	/** Whom each living entry still waits for. */
	@Transactional(readOnly = true)
	public Map<UUID, Living> living() {
		return this.entries.living()
			.stream()
			.collect(Collectors.toMap(RegisterEntry::id,
					(entry) -> new Living(entry.state() == RegisterEntry.State.ASKED, entry.askedBy())));
	}

	/** The domains for which an exception counts today. */
	@Transactional(readOnly = true)
	public Set<String> domains() {
		return Set.copyOf(this.entries.domains(LocalDate.ofInstant(this.clock.instant(), this.zone)));
	}

	/** What stood in the register at a time. */
	@Transactional(readOnly = true)
	public List<Pack.Exemption> at(Instant at) {
		Map<String, History.Row> asked = new LinkedHashMap<>();
		Map<String, History.Row> accepted = new LinkedHashMap<>();
		this.history.each(CODES, null, at, (event) -> {
			String id = event.text("subject", "id");
			switch (event.code()) {
				case "exception.asked" -> asked.put(id, event);
				case "exception.accepted" -> accepted.put(id, event);
				default -> asked.remove(id);
			}
		});
		List<History.Row> rows = new ArrayList<>(asked.values());
		rows.addAll(accepted.values());
		Map<UUID, History.Row> people = this.history.people(rows)
			.stream()
			.collect(Collectors.toMap(History.Row::id, (row) -> row));
		return asked.values()
			.stream()
			.map((event) -> exemption(people.getOrDefault(event.id(), event),
					accepted(accepted.get(event.text("subject", "id")), people), at))
			.toList();
	}

	private static String accepted(History.@Nullable Row event, Map<UUID, History.Row> people) {
		return (event != null) ? people.getOrDefault(event.id(), event).who() : "";
	}

	private Pack.Exemption exemption(History.Row event, String acceptedBy, Instant at) {
		String partner = event.text("partner", "id");
		String domain = event.text("domain", null);
		String until = event.facts().getOrDefault("until", "");
		boolean over = !until.isEmpty()
				&& LocalDate.parse(until).plusDays(1).atStartOfDay(this.zone).toInstant().isBefore(at);
		String what = event.personal().getOrDefault("what", "");
		return new Pack.Exemption(partner.isEmpty() ? null : UUID.fromString(partner),
				partner.isEmpty() ? domain : event.text("partner", "name"),
				(partner.isEmpty() || domain.isEmpty()) ? what : domain + ": " + what,
				event.personal().getOrDefault("owner", ""), event.personal().getOrDefault("reason", ""), acceptedBy,
				until, over, event.at(), event.id(), UUID.fromString(event.text("subject", "id")));
	}

	private RegisterEntry find(UUID id) {
		return this.entries.lock(id).orElseThrow(UnknownEntry::new);
	}

	private static Act about(RegisterEntry entry, String code) {
		Act act = Act.of(code).on("exception", entry.id());
		UUID partner = entry.partnerId();
		String domain = entry.domain();
		if (partner != null) {
			act.partner(partner, entry.partnerName());
		}
		return (domain != null) ? act.domain(domain) : act;
	}

	/**
	 * An entry that has not ended.
	 *
	 * @param waits whether somebody has to accept it
	 * @param askedBy who may not
	 */
	record Living(boolean waits, UUID askedBy) {
	}

	/** There is no such entry. */
	@org.springframework.web.bind.annotation.ResponseStatus(org.springframework.http.HttpStatus.NOT_FOUND)
	static final class UnknownEntry extends RuntimeException {

		private static final long serialVersionUID = 1L;

	}

}
