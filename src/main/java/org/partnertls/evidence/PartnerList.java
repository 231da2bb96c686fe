package org.partnertls.evidence;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.Directions;
import org.partnertls.evidence.PartnerFilter.Due;
import org.partnertls.evidence.PartnerFilter.Finding;
import org.partnertls.evidence.PartnerFilter.Ways;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.organization.DomainName;
import org.partnertls.partner.Partnership.State;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The partners as lists show them: what all modules know of them, page by page, with few
 * questions whatever their number.
 */
@Component
class PartnerList {

	static final int PAGE = 25;

	static final Duration SOON = Duration.ofDays(60);

	private static final int PORTION = 500;

	// The condition of the filter, turned so that each table is read once.
	private static final String BOTH = """
			select count(*) from connector o join connector i on i.partner_id = o.partner_id
				and i.tenant_id = o.tenant_id and i.direction = 'INBOUND' and i.enforced_since is not null
			where o.tenant_id = :tenant and o.direction = 'OUTBOUND' and o.enforced_since is not null
				and o.partner_id not in (
					select partner_id from connector_relief where tenant_id = :tenant and state in ('ACTIVE', 'ENDING')
					union all select partner_id from connector_drift where tenant_id = :tenant and ended_at is null
					union all select partner_id from mail_path where tenant_id = :tenant and obstacles <> '[]')""";

	private final JdbcClient jdbc;

	private final Connectors connectors;

	private final ExchangeOnline exchange;

	private final Standings standings;

	private final Clock clock;

	private final Lately<Counts> counted = new Lately<>(this::count);

	PartnerList(JdbcClient jdbc, Connectors connectors, ExchangeOnline exchange, Standings standings, Clock clock) {
		this.jdbc = jdbc;
		this.connectors = connectors;
		this.exchange = exchange;
		this.standings = standings;
		this.clock = clock;
	}

	/**
	 * A page.
	 * @param place where it begins or ends; null: at the start
	 */
	@Transactional(readOnly = true)
	Page page(PartnerFilter filter, @Nullable Place place) {
		boolean forward = place == null || place.behind();
		List<Facts> found = facts(filter, null, place, PAGE + 1);
		boolean more = found.size() > PAGE;
		List<Facts> shown = found.subList(0, Math.min(PAGE, found.size()));
		shown = forward ? shown : shown.reversed();
		Place previous = ((forward ? place != null : more) && !shown.isEmpty()) ? shown.getFirst().place(false) : null;
		Place next = ((forward ? more : true) && !shown.isEmpty()) ? shown.getLast().place(true) : null;
		long total = (place == null && !more) ? shown.size() : total(filter);
		return new Page(rows(shown), total, previous, next);
	}

	/** Hands over all, some at a time, so that they are never held together. */
	void each(PartnerFilter filter, @Nullable Collection<UUID> only, Consumer<Row> reader) {
		List<Facts> portion = facts(filter, only, null, PORTION);
		while (!portion.isEmpty()) {
			rows(portion).forEach(reader);
			portion = (portion.size() < PORTION) ? List.of()
					: facts(filter, only, portion.getLast().place(true), PORTION);
		}
	}

	/** The ids of those that fit, in order. */
	@Transactional(readOnly = true)
	List<UUID> ids(PartnerFilter filter, int most) {
		return asked("select p.id from partnership p where " + filter.condition() + " order by "
				+ filter.order().by(true) + " limit :most", filter)
			.param("most", most)
			.query((row, number) -> row.getObject(1, UUID.class))
			.list();
	}

	private long total(PartnerFilter filter) {
		PartnerFilter any = filter.with(PartnerFilter.Order.NAME);
		Counts counts = counts();
		if (any.isEmpty()) {
			return counts.all();
		}
		Enum<?> only = any.onlyChoice();
		if (only != null && counts.knows(only)) {
			return counts.of(only);
		}
		return asked("select count(*) from partnership p where " + filter.condition(), filter).query(Long.class)
			.single();
	}

	/**
	 * How many partners each choice has among all; at most three seconds old.
	 */
	Counts counts() {
		return this.counted.get(this.clock.instant());
	}

	private Counts count() {
		Map<State, Long> states = new EnumMap<>(State.class);
		this.jdbc.sql("select state, count(*) from partnership group by state").query((row) -> {
			states.put(State.valueOf(row.getString(1)), row.getLong(2));
		});
		Map<String, Long> others = new HashMap<>();
		String each = Arrays.stream(Due.values())
			.map((due) -> count(due.name(), PartnerFilter.of(Map.of("due", PartnerFilter.slug(due)))))
			.collect(Collectors.joining(", "))
				+ ", "
				+ Arrays.stream(Finding.values())
					.map((finding) -> count(finding.name(),
							PartnerFilter.of(Map.of("finding", PartnerFilter.slug(finding)))))
					.collect(Collectors.joining(", "))
				+ ", (" + BOTH + ") as \"BOTH\"";
		asked("select " + each, PartnerFilter.ALL).query((row) -> {
			for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
				others.put(row.getMetaData().getColumnLabel(column), row.getLong(column));
			}
		});
		return new Counts(states.values().stream().mapToLong(Long::longValue).sum(), states, others);
	}

	private static String count(String name, PartnerFilter filter) {
		return "(select count(*) from partnership p where " + filter.condition() + ") as \"" + name + "\"";
	}

	private JdbcClient.StatementSpec asked(String sql, PartnerFilter filter) {
		Instant now = this.clock.instant();
		return this.jdbc.sql(sql)
			.params(filter.bind())
			.param("now", utc(now))
			.param("soon", utc(now.plus(SOON)))
			.param("tenant", this.exchange.tenantId());
	}

	private List<Facts> facts(PartnerFilter filter, @Nullable Collection<UUID> only, @Nullable Place place, int most) {
		boolean forward = place == null || place.behind();
		String key = filter.order().key();
		return asked(
				"""
						with page as materialized (
							select p.id, p.name, p.reference, p.state, p.owner_name, p.owner_address, p.next_due_at,
								p.invited_at, p.active_since, p.last_proof_at, %1$s as key, row_number() over (order by %4$s) as seq
							from partnership p where %2$s %3$s order by %4$s limit :most)
						select p.id, p.name, p.reference, p.state, p.owner_name, p.owner_address, p.next_due_at, p.invited_at,
							p.active_since, p.last_proof_at, p.key, d.name as domain, d.number as domains,
							d.all_names, (select a.state from attestation a where a.partner_id = p.id
						order by a.opened_at desc limit 1) as pass,
							w.failing, w.unclear, w.checked_at
						from page p
						left join lateral (select (array_agg(m.name order by m.id))[1] as name, count(*) as number,
							string_agg(m.name, ' ' order by m.id) as all_names
							from mail_domain m where m.partnership_id = p.id) d on true
						left join lateral (select bool_or(w.state = 'FAILING') as failing,
							bool_or(w.outcome = 'INCONCLUSIVE') as unclear, min(w.checked_at) as checked_at
							from watched_domain w where w.partner_id = p.id) w on true
						order by p.seq"""
					.formatted(key, filter.condition() + ((only != null) ? " and p.id = any(:only)" : ""),
							(place != null) ? "and " + filter.order().beyond(place.behind()) : "",
							filter.order().by(forward)),
				filter)
			.param("most", most)
			.param("only", (only != null) ? only.toArray(UUID[]::new) : null)
			.param("key", (place != null) ? place.key() : null)
			.param("id", (place != null) ? place.id() : null)
			.query(PartnerList::facts)
			.list();
	}

	private static Facts facts(ResultSet row, int number) throws SQLException {
		return new Facts(row.getObject("id", UUID.class), row.getString("name"), row.getString("reference"),
				State.valueOf(row.getString("state")), row.getString("owner_name"), row.getString("owner_address"),
				instant(row, "next_due_at"), instant(row, "invited_at"), instant(row, "active_since"),
				instant(row, "last_proof_at"), key(row), row.getString("domain"), row.getInt("domains"),
				row.getString("all_names"), row.getString("pass"), row.getBoolean("failing"), row.getBoolean("unclear"),
				instant(row, "checked_at"));
	}

	private static String key(ResultSet row) throws SQLException {
		return switch (row.getObject("key")) {
			case java.sql.Timestamp _ when row.getString("key").equals("infinity") -> "infinity";
			case java.sql.Timestamp _ -> String.valueOf(instant(row, "key"));
			case Object text -> text.toString();
		};
	}

	private List<Row> rows(List<Facts> facts) {
		Map<UUID, Directions> directions = this.connectors.directions(facts.stream().map(Facts::id).toList());
		Instant now = this.clock.instant();
		return facts.stream().map((one) -> row(one, Objects.requireNonNull(directions.get(one.id())), now)).toList();
	}

	private Row row(Facts one, Directions ways, Instant now) {
		String domain = (one.domain() != null) ? new DomainName(one.domain()).display() : "";
		return new Row(one, domain + ((one.domains() > 1) ? " · +" + (one.domains() - 1) : ""), ways,
				this.standings.word(ways, one.state(), one.pass(), one.nextDueAt()), checked(one, now));
	}

	private static String checked(Facts one, Instant now) {
		Instant at = one.checkedAt();
		if (at == null) {
			return "not checked";
		}
		long days = Duration.between(at, now).toDays();
		return (one.failing() ? "failing" : one.unclear() ? "not clear" : "passed")
				+ ((days < 1) ? "" : (days == 1) ? ", a day ago" : ", " + days + " days ago");
	}

	private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
		OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
		return (time != null) ? time.toInstant() : null;
	}

	static OffsetDateTime utc(Instant instant) {
		return instant.atOffset(ZoneOffset.UTC);
	}

	/** What the tables say of a partner. */
	record Facts(UUID id, String name, String reference, State state, String ownerName, String ownerAddress,
			@Nullable Instant nextDueAt, @Nullable Instant invitedAt, @Nullable Instant activeSince,
			@Nullable Instant lastProofAt, String key, @Nullable String domain, int domains,
			@Nullable String allDomains, @Nullable String pass, boolean failing, boolean unclear,
			@Nullable Instant checkedAt) {

		Place place(boolean behind) {
			return new Place(this.key, this.id, behind);
		}

	}

	/**
	 * A line of the list.
	 *
	 * @param facts what the tables say
	 * @param domain the first domain, and how many there are besides
	 * @param ways how each way of mail stands
	 * @param state where the partner stands, in a word
	 * @param checked what the checks of the mail servers say
	 */
	record Row(Facts facts, String domain, Directions ways, Standings.Word state, String checked) {

		public UUID id() {
			return this.facts.id();
		}

		public String name() {
			return this.facts.name();
		}

		public @Nullable Instant nextDue() {
			return this.facts.nextDueAt();
		}

		/** As the picture of both ways asks for it. */
		public String theirName() {
			return this.facts.name();
		}

		public Directions.Way out() {
			return this.ways.out();
		}

		public Directions.Way in() {
			return this.ways.in();
		}

	}

	/**
	 * A page of the list.
	 *
	 * @param total how many fit in all
	 * @param previous where the page before ends; null: there is none
	 * @param next where the next begins; null: there is none
	 */
	record Page(List<Row> rows, long total, @Nullable Place previous, @Nullable Place next) {
	}

	/**
	 * A place in the order, which stays where it is while others come and go.
	 *
	 * @param key what the partner there is ordered by
	 * @param id the partner
	 * @param behind whether what comes behind it is meant, or what comes before
	 */
	record Place(String key, UUID id, boolean behind) {

		/** As an address says it. */
		String token() {
			return Base64.getUrlEncoder()
				.withoutPadding()
				.encodeToString((this.id + this.key).getBytes(java.nio.charset.StandardCharsets.UTF_8));
		}

		/** Reads what an address says; null when it says nothing of the kind. */
		static @Nullable Place of(@Nullable String token, PartnerFilter.Order order, boolean behind) {
			if (token == null || token.isEmpty() || token.length() > 2000) {
				return null;
			}
			try {
				String text = new String(Base64.getUrlDecoder().decode(token), java.nio.charset.StandardCharsets.UTF_8);
				Place place = new Place(text.substring(36), UUID.fromString(text.substring(0, 36)), behind);
				return order.reads(place.key()) ? place : null;
			}
			catch (IllegalArgumentException | StringIndexOutOfBoundsException ex) {
				return null;
			}
		}

	}

	/**
	 * How many partners each choice has.
	 *
	 * @param all of them
	 * @param states by state
	 * @param others by the name of the choice
	 */
	record Counts(long all, Map<State, Long> states, Map<String, Long> others) {

		boolean knows(Enum<?> choice) {
			return choice instanceof State || choice == Ways.NOT_BOTH || this.others.containsKey(choice.name());
		}

		public long of(Enum<?> choice) {
			return (choice instanceof State state) ? this.states.getOrDefault(state, 0L) : (choice == Ways.NOT_BOTH)
					? this.all - of(Ways.BOTH) : this.others.getOrDefault(choice.name(), 0L);
		}

	}

}
