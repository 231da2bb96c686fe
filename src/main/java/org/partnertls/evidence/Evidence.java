package org.partnertls.evidence;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Checkpoint;
import org.partnertls.audit.History;
import org.partnertls.audit.Proofs;
import org.partnertls.connector.Direction;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Makes evidence from the history: of any time, for one partner or for all.
 */
@Component
@Transactional(readOnly = true)
class Evidence {

	private final History history;

	private final Proofs proofs;

	private final Register register;

	private final MailVolume volume;

	private final OrganizationProperties organization;

	private final Clock clock;

	Evidence(History history, Proofs proofs, Register register, MailVolume volume, OrganizationProperties organization,
			Clock clock) {
		this.history = history;
		this.proofs = proofs;
		this.register = register;
		this.volume = volume;
		this.organization = organization;
		this.clock = clock;
	}

	/** All partners as they stood at a time. */
	List<PartnerRecord> records(Instant at) {
		return PartnerRecord.all(this.history, at);
	}

	/** One partner as it stood at a time; null: there was none such. */
	@Nullable PartnerRecord record(UUID partner, Instant at) {
		return PartnerRecord.of(this.history, partner, at);
	}

	/**
	 * A pack.
	 * @param partner for whom; null: for all that are, or were, enforced or under way
	 * @param at of which time it speaks
	 */
	Pack pack(@Nullable UUID partner, Instant at) {
		List<PartnerRecord> records;
		if (partner == null) {
			records = records(at);
		}
		else {
			PartnerRecord record = record(partner, at);
			records = (record != null) ? List.of(record) : List.of();
		}
		List<Pack.Exemption> byHand = this.register.at(at);
		return new Pack(this.organization.name(), at, this.clock.instant(),
				this.proofs.latest().map(Checkpoint::note).orElse(null), scope(),
				records.stream().map((record) -> ofPartner(record, byHand, at)).toList(),
				(partner != null) ? List.of()
						: byHand.stream().filter((exception) -> exception.partnerId() == null).toList(),
				(partner != null) ? null : coverage(records, at, Coverage.Span.QUARTER));
	}

	/** How much of our mail goes to enforced partners; null where nothing is counted. */
	@Nullable Coverage coverage(List<PartnerRecord> records, Instant at, Coverage.Span span) {
		return this.volume.before(at, span)
			.map((counted) -> Coverage.of(counted, records, this.register.at(at), at))
			.orElse(null);
	}

	/** All exceptions at a time, those made by hand last. */
	List<Pack.Exemption> exceptions(Instant at) {
		List<Pack.Exemption> byHand = this.register.at(at);
		List<Pack.Exemption> all = new ArrayList<>();
		for (PartnerRecord record : records(at)) {
			all.addAll(exceptions(record, new People(record), at));
		}
		all.addAll(byHand);
		return all;
	}

	/** What the word enforced covers; said wherever it is used. */
	List<String> scope() {
		return List.of(
				"Covered: mail whose envelope recipient (outbound) or envelope sender (inbound) is in the partner's domains named here, as far as it passes through our Exchange Online. Sub-domains are not covered unless they are named.",
				"Our side of it: " + this.organization.mailDomains()
					.stream()
					.map((domain) -> domain.display())
					.collect(Collectors.joining(", ")) + ".",
				"Outbound, “EncryptionOnly” encrypts; “CertificateValidation” and “DomainValidation” also authenticate the partner's server. Inbound, “RequireTls” encrypts and does not authenticate the sender, unless a certificate's name follows it.",
				"Not covered: mail that does not pass through our Exchange Online, such as services that send in our name from elsewhere; what happens behind the first mail server of either side; mail kept at rest.");
	}

	private Pack.OfPartner ofPartner(PartnerRecord record, List<Pack.Exemption> byHand, Instant at) {
		People people = new People(record);
		History.Row submitted = record.submitted();
		List<Pack.Claim> confirmed = new ArrayList<>();
		if (submitted != null) {
			confirmed.add(people.claim(Pack.Basis.STATED,
					"Its server requires TLS toward us: " + choice(submitted.facts().get("requires-tls-to-us")) + ".",
					submitted, "confirmed-by"));
			confirmed.add(people.claim(Pack.Basis.STATED,
					"Its server refuses clear text from us: "
							+ choice(submitted.facts().get("refuses-clear-text-from-us")) + ".",
					submitted, "confirmed-by"));
		}
		Instant due = record.nextDue();
		List<Pack.Exemption> exceptions = exceptions(record, people, at);
		byHand.stream().filter((one) -> record.id().equals(one.partnerId())).forEach(exceptions::add);
		return new Pack.OfPartner(record.id(), record.name(), record.reference(), state(record.state()),
				people.beside(record.owner(), "owner"), domains(record, people), ways(record, at), confirmed,
				record.approvals()
					.stream()
					.map((approval) -> people.claim(Pack.Basis.SEEN, approval.title() + ".", approval, null))
					.toList(),
				record.provenAt(), due, due != null && due.isBefore(at), findings(record, at), exceptions);
	}

	private static List<Pack.Claim> domains(PartnerRecord record, People people) {
		List<Pack.Claim> domains = new ArrayList<>();
		record.domains().forEach((domain, proof) -> {
			if (proof == null) {
				History.Row invited = record.owner();
				if (invited != null) {
					domains.add(people.claim(Pack.Basis.STATED, domain + ": not proven.", invited, ""));
				}
			}
			else {
				domains.add(people.claim(
						proof.waived() ? Pack.Basis.STATED : Pack.Basis.SEEN, proof.waived()
								? domain + ": proof waived by our staff." : domain + ": proven by a record in its DNS.",
						proof.event(), null));
			}
		});
		return domains;
	}

	private List<Pack.Way> ways(PartnerRecord record, Instant at) {
		List<Pack.Way> ways = new ArrayList<>();
		for (Direction direction : Direction.values()) {
			Enforced way = record.way(direction);
			Enforced.Interval now = way.at(at.minusMillis(1));
			boolean on = now != null && now.kind() == Enforced.Kind.ON;
			History.Row proof = (direction == Direction.OUTBOUND) ? record.validated() : record.received();
			ways.add(new Pack.Way(direction.name(),
					(direction == Direction.OUTBOUND) ? "Mail to " + record.name() : "Mail from " + record.name(), on,
					on ? way.since(at.minusMillis(1)) : null, sentence(direction, now),
					(on && now != null) ? now.domains().stream().sorted().toList() : List.of(),
					(proof != null) ? new Pack.Claim(Pack.Basis.SEEN,
							(direction == Direction.OUTBOUND)
									? "Exchange Online validated the connector with a message to the partner."
									: proof.text("details", "result"),
							"", proof.at(), proof.id()) : null));
		}
		return ways;
	}

	private static String sentence(Direction direction, Enforced.@Nullable Interval now) {
		if (now == null) {
			return "Nothing is enforced yet.";
		}
		return switch (now.kind()) {
			case ON -> ((direction == Direction.OUTBOUND) ? "Our Exchange Online sends only over TLS ("
					: "Our Exchange Online rejects what does not come over TLS (") + now.level() + ").";
			case UNKNOWN -> "Unknown: " + now.cause() + ".";
			case OFF -> "Not enforced: " + now.cause() + ".";
		};
	}

	private List<Pack.Claim> findings(PartnerRecord record, Instant at) {
		List<Pack.Claim> findings = new ArrayList<>();
		for (String domain : record.domains().keySet()) {
			this.history.latest("tlscheck.finished", domain, at).ifPresent((check) -> {
				String levels = new TreeMap<>(check.facts()).entrySet()
					.stream()
					.filter((fact) -> Set.of("EncryptionOnly", "CertificateValidation", "DomainValidation")
						.contains(fact.getKey()))
					.map((fact) -> fact.getKey() + " " + fact.getValue().toLowerCase(java.util.Locale.ROOT))
					.collect(Collectors.joining(", "));
				findings.add(new Pack.Claim(Pack.Basis.SEEN,
						"Mail servers of " + domain + ": " + (levels.isEmpty() ? "checked" : levels) + ".", "",
						check.at(), check.id()));
			});
		}
		return findings;
	}

	private static List<Pack.Exemption> exceptions(PartnerRecord record, People people, Instant at) {
		List<Pack.Exemption> exceptions = new ArrayList<>();
		History.Row submitted = record.submitted();
		if (submitted != null) {
			gap(exceptions, record, people, submitted, "requires-tls-to-us",
					"Its server does not require TLS toward us", at);
			gap(exceptions, record, people, submitted, "refuses-clear-text-from-us",
					"Its server does not refuse clear text from us", at);
		}
		record.domains().forEach((domain, proof) -> {
			if (proof != null && proof.waived()) {
				exceptions.add(new Pack.Exemption(record.id(), record.name(),
						"The domain " + domain + " counts without a proof", people.who(proof.event()),
						people.beside(proof.event(), "reason"), people.who(proof.event()), "", false,
						proof.event().at(), proof.event().id(), null));
			}
		});
		for (History.Row relief : record.reliefs()) {
			String until = relief.facts().getOrDefault("until", "");
			exceptions.add(new Pack.Exemption(record.id(), record.name(), "Enforcement is loosened ("
					+ relief.facts().getOrDefault("step", "").replace('_', ' ').toLowerCase(java.util.Locale.ROOT)
					+ ")", people.who(relief), people.beside(relief, "reason"), people.who(relief), until,
					isOver(until, at), relief.at(), relief.id(), null));
		}
		for (History.Row postponed : record.postponed()) {
			exceptions.add(new Pack.Exemption(record.id(), record.name(), "The yearly proof was postponed",
					people.who(postponed), people.beside(postponed, "reason"), people.who(postponed), "", false,
					postponed.at(), postponed.id(), null));
		}
		return exceptions;
	}

	private static void gap(List<Pack.Exemption> exceptions, PartnerRecord record, People people, History.Row submitted,
			String statement, String what, Instant at) {
		String choice = submitted.facts().getOrDefault(statement, "YES");
		if (choice.equals("YES")) {
			return;
		}
		String until = submitted.facts().getOrDefault(statement + "-until", "");
		exceptions.add(new Pack.Exemption(record.id(), record.name(), what + " (" + choice(choice) + ")",
				people.beside(submitted, statement + "-owner"), people.beside(submitted, statement + "-reason"),
				record.approvals().stream().map(people::who).distinct().collect(Collectors.joining(", ")), until,
				isOver(until, at), submitted.at(), submitted.id(), null));
	}

	private static boolean isOver(String until, Instant at) {
		if (until.isEmpty()) {
			return false;
		}
		try {
			Instant end = until.contains("T") ? Instant.parse(until)
					: LocalDate.parse(until).plusDays(1).atStartOfDay(java.time.ZoneOffset.UTC).toInstant();
			return end.isBefore(at);
		}
		catch (DateTimeException ex) {
			return false;
		}
	}

	private static String choice(@Nullable String choice) {
		return switch ((choice != null) ? choice : "") {
			case "YES" -> "yes";
			case "NOT_POSSIBLE" -> "not possible on its platform";
			case "NOT_YET" -> "not yet";
			default -> "not said";
		};
	}

	static String state(String state) {
		return switch (state) {
			case "INVITED" -> "Invited";
			case "ONBOARDING" -> "Onboarding";
			case "ACTIVE" -> "Active";
			case "SUSPENDED" -> "Suspended";
			case "ENDED" -> "Ended";
			case "EXPIRED" -> "Invitation expired";
			case "WITHDRAWN" -> "Withdrawn";
			default -> state;
		};
	}

	/** Who stands beside the events of a record, fetched together. */
	private final class People {

		private final Map<UUID, History.Row> rows;

		People(PartnerRecord record) {
			List<History.Row> wanted = new ArrayList<>(record.approvals());
			wanted.addAll(record.reliefs());
			wanted.addAll(record.postponed());
			if (record.owner() != null) {
				wanted.add(record.owner());
			}
			if (record.submitted() != null) {
				wanted.add(record.submitted());
			}
			record.domains().values().forEach((proof) -> {
				if (proof != null) {
					wanted.add(proof.event());
				}
			});
			this.rows = Evidence.this.history.people(wanted)
				.stream()
				.collect(Collectors.toMap(History.Row::id, (row) -> row, (a, b) -> a));
		}

		String beside(History.@Nullable Row event, String slot) {
			History.Row row = (event != null) ? this.rows.get(event.id()) : null;
			return (row != null) ? row.personal().getOrDefault(slot, "") : "";
		}

		String who(History.Row event) {
			return this.rows.getOrDefault(event.id(), event).who();
		}

		/**
		 * @param slot where the name stands; null: who acted; empty: nobody
		 */
		Pack.Claim claim(Pack.Basis basis, String sentence, History.Row event, @Nullable String slot) {
			return new Pack.Claim(basis, sentence,
					(slot == null) ? who(event) : slot.isEmpty() ? "" : beside(event, slot), event.at(), event.id());
		}

	}

}
