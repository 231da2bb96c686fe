package org.partnertls.evidence;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.Like;
import org.partnertls.partner.Partnership.State;

import org.springframework.web.util.UriComponentsBuilder;

/**
 * Which partners a list shows and in which order, as its address says it. What cannot be
 * read counts as not said.
 *
 * @param words a part of a name, domain, contact or reference
 * @param state a state
 * @param ways how mail is enforced
 * @param due when both sides have to prove again
 * @param finding what is wrong
 * @param owner a part of our owner's name or address
 * @param order the order
 */
record PartnerFilter(String words, @Nullable State state, @Nullable Ways ways, @Nullable Due due,
		@Nullable Finding finding, String owner, Order order) {

	static final PartnerFilter ALL = new PartnerFilter("", null, null, null, null, "", Order.NAME);

	private static final int LONGEST = 200;

	static PartnerFilter of(Map<String, String> said) {
		return new PartnerFilter(text(said, "words"), one(State.values(), said.get("state")),
				one(Ways.values(), said.get("ways")), one(Due.values(), said.get("due")),
				one(Finding.values(), said.get("finding")), text(said, "owner"),
				Optional.ofNullable(one(Order.values(), said.get("sort"))).orElse(Order.NAME));
	}

	/** The filter that stands in an address. */
	static PartnerFilter of(String query) {
		Map<String, String> said = new LinkedHashMap<>();
		UriComponentsBuilder.fromUriString("/?" + query)
			.build()
			.getQueryParams()
			.forEach((name, values) -> said.put(name, org.springframework.web.util.UriUtils
				.decode(String.valueOf(values.getFirst()), java.nio.charset.StandardCharsets.UTF_8)));
		return of(said);
	}

	private static String text(Map<String, String> said, String name) {
		String text = said.getOrDefault(name, "").replaceAll("\\p{C}", "").strip();
		return text.substring(0, text.offsetByCodePoints(0, Math.min(text.codePointCount(0, text.length()), LONGEST)));
	}

	private static <E extends Enum<E>> @Nullable E one(E[] values, @Nullable String slug) {
		return Arrays.stream(values).filter((value) -> slug(value).equals(slug)).findFirst().orElse(null);
	}

	/** The value as addresses say it. */
	static String slug(@Nullable Enum<?> value) {
		return (value == null) ? ""
				: (value instanceof State) ? value.name() : value.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	public boolean isEmpty() {
		return with(Order.NAME).equals(ALL);
	}

	/** The one choice that is made; null when there are more or other conditions. */
	@Nullable Enum<?> onlyChoice() {
		List<Enum<?>> made = Stream.<@Nullable Enum<?>>of(this.state, this.ways, this.due, this.finding)
			.<Enum<?>>mapMulti((choice, found) -> {
				if (choice != null) {
					found.accept(choice);
				}
			})
			.toList();
		return (made.size() == 1 && this.words.isEmpty() && this.owner.isEmpty()) ? made.getFirst() : null;
	}

	PartnerFilter with(Order other) {
		return new PartnerFilter(this.words, this.state, this.ways, this.due, this.finding, this.owner, other);
	}

	/** What is said, by the names of fields; nothing that is not said. */
	public Map<String, String> said() {
		Map<String, String> said = new LinkedHashMap<>();
		said.put("words", this.words);
		said.put("state", slug(this.state));
		said.put("ways", slug(this.ways));
		said.put("due", slug(this.due));
		said.put("finding", slug(this.finding));
		said.put("owner", this.owner);
		said.put("sort", (this.order != Order.NAME) ? slug(this.order) : "");
		said.values().removeIf(String::isEmpty);
		return said;
	}

	/** The same as it stands in an address, encoded. */
	String query() {
		return String.valueOf(Optional.ofNullable(address("/", Map.of()).getRawQuery()).orElse(""));
	}

	/** The address of a page with these partners. */
	java.net.URI address(String path, Map<String, String> more) {
		UriComponentsBuilder address = UriComponentsBuilder.fromPath(path);
		Map<String, String> values = new LinkedHashMap<>(said());
		values.putAll(more);
		values.keySet().forEach((name) -> address.queryParam(name, "{" + name + "}"));
		return address.encode().buildAndExpand(values).toUri();
	}

	/** What is searched for, in words, for whoever finds nothing or does it to all. */
	public String description() {
		StringBuilder words = new StringBuilder();
		add(words, this.words.isEmpty() ? null : "“" + this.words + "”");
		add(words, (this.state != null) ? this.state.words() : null);
		add(words, (this.ways != null) ? this.ways.words() : null);
		add(words, (this.due != null) ? this.due.words() : null);
		add(words, (this.finding != null) ? this.finding.words() : null);
		add(words, this.owner.isEmpty() ? null : "owner “" + this.owner + "”");
		return words.isEmpty() ? "all partners" : words.toString();
	}

	private static void add(StringBuilder all, @Nullable String words) {
		if (words != null) {
			all.append(all.isEmpty() ? "" : ", ").append(words);
		}
	}

	/** The condition over {@code partnership p}, with the parameters of {@link #bind}. */
	String condition() {
		StringBuilder sql = new StringBuilder("true");
		if (!this.words.isEmpty()) {
			// Each a search of its own, so that each has its index; no domain has a
			// blank.
			sql.append(" and ")
				.append("""
						p.id in (
							select id from partnership where lower(name || ' ' || reference) like :words
							union all select partnership_id from contact where lower(name || ' ' || address) like :words""");
			sql.append(this.words.contains(" ") ? ")"
					: " union all select partnership_id from mail_domain where name like :domain)");
		}
		if (this.state != null) {
			sql.append(" and p.state = :state");
		}
		if (!this.owner.isEmpty()) {
			sql.append(" and lower(p.owner_name || ' ' || p.owner_address) like :owner");
		}
		if (this.due != null) {
			sql.append(" and p.state in ('ACTIVE', 'SUSPENDED') and ").append(this.due.condition);
		}
		if (this.ways != null) {
			sql.append(" and ").append(this.ways.condition());
		}
		if (this.finding != null) {
			sql.append(" and ").append(this.finding.condition);
		}
		return sql.toString();
	}

	/** The values of the condition's parameters, but for now, soon and tenant. */
	Map<String, Object> bind() {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("words", like(this.words));
		values.put("domain", likeDomain());
		values.put("state", slug(this.state));
		values.put("owner", like(this.owner));
		return values;
	}

	// Domains are stored as A-labels: a whole name is looked for as such, however it was
	// typed.
	private String likeDomain() {
		try {
			return like(DomainName.of(this.words).ascii());
		}
		catch (IllegalArgumentException ex) {
			return like(this.words);
		}
	}

	private static String like(String text) {
		return Like.containing(text.toLowerCase(Locale.ROOT));
	}

	/** Reads the owner "me" as whoever asks. */
	PartnerFilter ofWhoever(SignedIn me) {
		String address = me.address();
		return (this.owner.equals("me") && address != null)
				? new PartnerFilter(this.words, this.state, this.ways, this.due, this.finding, address, this.order)
				: this;
	}

	/** How mail is enforced. */
	enum Ways {

		/** Clear text passes in neither direction. */
		BOTH("enforced both ways"),
		/** It is refused in one direction at most. */
		NOT_BOTH("not enforced both ways"),
		/** Mail to them is enforced. */
		OUT("enforced to them"),
		/** Mail from them is enforced. */
		IN("enforced from them"),
		/** Nothing is. */
		NONE("not enforced at all");

		private final String words;

		Ways(String words) {
			this.words = words;
		}

		public String words() {
			return this.words;
		}

		String condition() {
			return switch (this) {
				case BOTH -> enforced("OUTBOUND") + " and " + enforced("INBOUND");
				case NOT_BOTH -> "(" + loose("OUTBOUND") + " or " + loose("INBOUND") + ")";
				case OUT -> enforced("OUTBOUND");
				case IN -> enforced("INBOUND");
				case NONE -> loose("OUTBOUND") + " and " + loose("INBOUND");
			};
		}

		static String enforced(String direction) {
			return "exists (select " + held(direction) + ")";
		}

		// With a limit it is asked partner by partner until a page is full; for "not
		// exists" PostgreSQL first gathers all that are enforced.
		private static String loose(String direction) {
			return "(select true " + held(direction) + " limit 1) is null";
		}

		// The same rules by which a way is called enforced on a partner's page.
		private static String held(String direction) {
			return """
					from connector c where c.partner_id = p.id and c.tenant_id = :tenant
						and c.direction = '%1$s' and c.enforced_since is not null
						and not exists (select from connector_relief r where r.partner_id = c.partner_id
							and r.direction = c.direction and r.tenant_id = c.tenant_id and r.state in ('ACTIVE', 'ENDING'))
						and not exists (select from connector_drift d where d.partner_id = c.partner_id
							and d.direction = c.direction and d.tenant_id = c.tenant_id and d.ended_at is null)
						and not exists (select from mail_path m where m.partner_id = c.partner_id
							and m.direction = c.direction and m.tenant_id = c.tenant_id and m.obstacles <> '[]')"""
				.formatted(direction);
		}

	}

	/** When both sides have to prove again. */
	enum Due {

		/** The date has passed. */
		OVERDUE("overdue", "p.next_due_at < :now"),
		/** It comes within 60 days. */
		SOON("due within 60 days", "p.next_due_at between :now and :soon"),
		/** It is further away. */
		LATER("due later", "p.next_due_at > :soon");

		private final String words;

		private final String condition;

		Due(String words, String condition) {
			this.words = words;
			this.condition = condition;
		}

		public String words() {
			return this.words;
		}

	}

	/** What is wrong with a partner. */
	enum Finding {

		/** Somebody has loosened the connectors in an emergency. */
		RELIEVED("relieved",
				"exists (select from connector_relief r where r.partner_id = p.id and r.state <> 'ENDED')"),
		/** Somebody has changed them in the tenant. */
		DRIFT("changed in the tenant",
				"exists (select from connector_drift d where d.partner_id = p.id and d.ended_at is null)"),
		/** A change stands still. */
		ATTENTION("change needs attention",
				"exists (select from connector_change c where c.partner_id = p.id and c.state = 'NEEDS_ATTENTION')"),
		/** Mail servers fail the check. */
		FAILING("TLS check failing",
				"exists (select from watched_domain w where w.partner_id = p.id and w.state = 'FAILING')"),
		/** A certificate runs out. */
		EXPIRING("certificate expires soon", """
				exists (select from watched_domain w where w.partner_id = p.id and w.expiring_from <= :now
					and w.expires_at > :now)"""),
		/** Mail servers are others than those approved. */
		DIFFERENT("not as approved",
				"exists (select from watched_domain w where w.partner_id = p.id and w.difference is not null)"),
		/** A domain is not proven. */
		UNPROVEN("domain not proven", """
				exists (select from mail_domain m where m.partnership_id = p.id and m.living
					and m.proof = 'UNPROVEN')"""),
		/** Mail to somebody of theirs comes back. */
		UNREACHABLE("mail to a contact comes back", """
				exists (select from contact k where k.partnership_id = p.id and k.returned_at is not null
					and k.left_at is null) and p.state in ('INVITED', 'ONBOARDING', 'ACTIVE', 'SUSPENDED')"""),
		/** Their last technical contact has left. */
		DESERTED("no technical contact", """
				p.id in (select k.partnership_id from contact k where k.role = 'TECHNICAL' and k.left_at is not null)
					and not exists (select from contact t where t.partnership_id = p.id and t.role = 'TECHNICAL'
						and t.left_at is null) and p.state in ('INVITED', 'ONBOARDING', 'ACTIVE', 'SUSPENDED')"""),
		/** The answers wait for us. */
		REVIEW("waiting for review",
				"exists (select from attestation a where a.partner_id = p.id and a.state = 'SUBMITTED')");

		private final String words;

		private final String condition;

		Finding(String words, String condition) {
			this.words = words;
			this.condition = condition;
		}

		public String words() {
			return this.words;
		}

	}

	/** The order of a list; the id decides between equals. */
	enum Order {

		/** By the organisation's name. */
		NAME("Organisation", "lower(p.name)", "text", false),
		/** Who falls due first; who never does comes last. */
		DUE("Next due", "coalesce(p.next_due_at, timestamptz 'infinity')", "timestamptz", false),
		/** Who was invited last. */
		NEWEST("Newest", "p.invited_at", "timestamptz", true);

		private final String words;

		private final String key;

		private final String type;

		private final boolean descending;

		Order(String words, String key, String type, boolean descending) {
			this.words = words;
			this.key = key;
			this.type = type;
			this.descending = descending;
		}

		public String words() {
			return this.words;
		}

		/** In SQL, what partners are ordered by. */
		String key() {
			return this.key;
		}

		/**
		 * In SQL, whether a partner comes behind the one with {@code :key} and
		 * {@code :id}, or before it.
		 */
		String beyond(boolean behind) {
			return "(" + this.key + ", p.id) " + ((behind != this.descending) ? ">" : "<") + " (cast(:key as "
					+ this.type + "), :id)";
		}

		/** Whether this can be such a key; anything can stand in an address. */
		boolean reads(String text) {
			if (this == NAME) {
				return text.indexOf('\0') < 0;
			}
			try {
				return text.equals("infinity") || java.time.Instant.parse(text).isAfter(java.time.Instant.EPOCH);
			}
			catch (java.time.DateTimeException ex) {
				return false;
			}
		}

		/** In SQL, the order or its reverse. */
		String by(boolean forward) {
			String way = (forward != this.descending) ? "" : " desc";
			return this.key + way + ", p.id" + way;
		}

	}

}
