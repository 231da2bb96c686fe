package org.partnertls.evidence;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.connector.Direction;
import org.partnertls.organization.DomainName;
import org.partnertls.partner.DomainRules;

/**
 * How much of our mail goes to and comes from domains with which TLS is enforced.
 *
 * @param from the first day that was counted
 * @param to the last
 * @param days how many days in between were counted to their end
 * @param messages how many messages were delivered, both ways
 * @param shares how many of them by the standing of the domain
 * @param domains the domains, those with most mail first
 * @param problem what kept days from being counted; null: nothing
 */
record Coverage(LocalDate from, LocalDate to, int days, long messages, Map<Standing, Long> shares,
		List<OfDomain> domains, @Nullable String problem) {

	/** Compares what was counted with who is enforced. */
	static Coverage of(MailVolume.Counted counted, List<PartnerRecord> records, List<Pack.Exemption> exceptions,
			Instant at) {
		Map<String, PartnerRecord> partners = new HashMap<>();
		records.stream()
			.filter((record) -> Set.of("INVITED", "ONBOARDING", "ACTIVE", "SUSPENDED").contains(record.state()))
			.forEach((record) -> record.domains().keySet().forEach((domain) -> partners.put(domain, record)));
		Set<String> accepted = exceptions.stream()
			.filter((one) -> one.partnerId() == null && !one.over() && !one.acceptedBy().isEmpty())
			.map(Pack.Exemption::partner)
			.collect(Collectors.toSet());
		List<OfDomain> domains = new ArrayList<>();
		Map<Standing, Long> shares = new EnumMap<>(Standing.class);
		long messages = 0;
		for (MailVolume.Volume volume : counted.domains()) {
			PartnerRecord partner = partners.get(volume.domain());
			Standing standing = (partner != null) ? standing(partner, volume.domain(), at)
					: accepted.contains(volume.domain()) ? Standing.EXCEPTION
							: provider(volume.domain()) ? Standing.PROVIDER : Standing.NOBODY;
			domains.add(new OfDomain(volume.domain(), volume.sent(), volume.received(), standing,
					(partner != null) ? partner.id() : null, (partner != null) ? partner.name() : ""));
			shares.merge(standing, volume.all(), Long::sum);
			messages += volume.all();
		}
		domains.sort(Comparator.comparingLong(OfDomain::all).reversed().thenComparing(OfDomain::domain));
		return new Coverage(counted.from(), counted.to(), counted.days(), messages, shares, domains, counted.problem());
	}

	private static Standing standing(PartnerRecord partner, String domain, Instant at) {
		boolean out = on(partner.way(Direction.OUTBOUND), domain, at);
		boolean in = on(partner.way(Direction.INBOUND), domain, at);
		return (out && in) ? Standing.ENFORCED : (out || in) ? Standing.ONE_WAY : Standing.UNDER_WAY;
	}

	private static boolean on(Enforced way, String domain, Instant at) {
		Enforced.Interval now = way.at(at.minusMillis(1));
		return now != null && now.kind() == Enforced.Kind.ON && now.domains().contains(domain);
	}

	private static boolean provider(String domain) {
		try {
			return !DomainRules.refusalsOfTheName(DomainName.of(domain)).isEmpty();
		}
		catch (IllegalArgumentException ex) {
			return true;
		}
	}

	/** The share of all messages, in percent. */
	public String percent(Standing standing) {
		return (this.messages == 0) ? "0 %"
				: String.format(Locale.ROOT, "%.1f %%", 100.0 * this.shares.getOrDefault(standing, 0L) / this.messages);
	}

	/** Where a domain stands. */
	enum Standing {

		/** Both ways. */
		ENFORCED("enforced both ways", "good"),
		/** One of both. */
		ONE_WAY("enforced one way", "wait"),
		/** A partner, and nothing is enforced. */
		UNDER_WAY("partner, not enforced", "wait"),
		/** Somebody accepted that it is not. */
		EXCEPTION("accepted exception", "idle"),
		/** Many people's mailboxes are there. */
		PROVIDER("cannot be a partner", "idle"),
		/** Nobody has asked yet. */
		NOBODY("not a partner", "bad");

		private final String words;

		private final String tone;

		Standing(String words, String tone) {
			this.words = words;
			this.tone = tone;
		}

		public String words() {
			return this.words;
		}

		public String tone() {
			return this.tone;
		}

		public String key() {
			return name().toLowerCase(Locale.ROOT).replace('_', '-');
		}

	}

	/** How far back mail is looked at. */
	enum Span {

		MONTH(30, "30 days"), QUARTER(90, "90 days"), YEAR(365, "a year");

		private final int days;

		private final String words;

		Span(int days, String words) {
			this.days = days;
			this.words = words;
		}

		static Span of(String key) {
			return switch (key) {
				case "month" -> MONTH;
				case "year" -> YEAR;
				default -> QUARTER;
			};
		}

		int days() {
			return this.days;
		}

		public String words() {
			return this.words;
		}

		public String key() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

	/**
	 * One domain.
	 *
	 * @param domain as an A-label
	 * @param sent how many messages we sent there
	 * @param received how many came from there
	 * @param standing where it stands
	 * @param partnerId whose it is; null: nobody's
	 * @param partner the partner's name; empty: nobody's
	 */
	record OfDomain(String domain, long sent, long received, Standing standing, @Nullable UUID partnerId,
			String partner) {

		public long all() {
			return this.sent + this.received;
		}

	}

}
