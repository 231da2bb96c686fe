package org.partnertls.audit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Reads the history, newest first, by pages that stay whole while events arrive (keyset
 * on time and id).
 */
@Component
@Transactional(readOnly = true)
public class History {

	static final int PAGE = 50;

	/** How many events words may lead to. */
	static final int MOST_FOUND = 10_000;

	/** How many values each give their part of a page. */
	private static final int FEW = 8;

	/** Seconds after which a question is given up. */
	private static final int SLOWEST = 10;

	private static final Set<String> TECHNICAL = Set.of("tenant", "guid", "requestId", "step", "cmdlet", "durationMs",
			"direction", "plan", "planHash", "change");

	private final JdbcClient jdbc;

	private final JsonMapper json;

	History(JdbcClient jdbc, JsonMapper json) {
		this.jdbc = jdbc;
		this.json = json;
	}

	/**
	 * One page of what fits the search.
	 * @param before where the page before ended; null: none
	 * @param after where the page after began; null: none. One of the two is null
	 */
	Page search(Search search, @Nullable Cursor before, @Nullable Cursor after) {
		boolean newer = after != null;
		try {
			Question question = question(search, newer ? after : before, newer, PAGE + 1);
			if (question.plain()) {
				// One condition, one index: a plan for each value would cost more than
				// the
				// answer, since every month has a partition.
				this.jdbc.sql("select set_config('plan_cache_mode', 'force_generic_plan', true)")
					.query(String.class)
					.single();
			}
			List<Row> rows = new ArrayList<>(this.jdbc.sql(question.sql())
				.withQueryTimeout(SLOWEST)
				.params(question.values())
				.query(this::row)
				.list());
			boolean more = rows.size() > PAGE;
			if (more) {
				rows.removeLast();
			}
			List<Row> page = withPersonal(newer ? rows.reversed() : rows);
			boolean hasNewer = newer ? more : before != null;
			boolean hasOlder = newer || more;
			return new Page(page, (hasNewer && !page.isEmpty()) ? page.getFirst().cursor() : null,
					(hasOlder && !page.isEmpty()) ? page.getLast().cursor() : null, null);
		}
		catch (TooMuch ex) {
			return new Page(List.of(), null, null, ex.sentence);
		}
		catch (QueryTimeoutException | UncategorizedSQLException ex) {
			// The server cancels what takes longer than the limit set above.
			if (ex.getCause() instanceof SQLException cause && "57014".equals(cause.getSQLState())) {
				return new Page(List.of(), null, null,
						"This search takes too long. Narrow it: give dates, or another field.");
			}
			throw ex;
		}
	}

	/**
	 * The question to the database. A group of acts is asked for as one value; where one
	 * of a few values is asked for, each gives its part of the page from an index.
	 * @param limit how many at most; zero: all, for an export
	 */
	Question question(Search search, @Nullable Cursor cursor, boolean newer, int limit) {
		Map<String, Object> values = new HashMap<>();
		StringBuilder where = new StringBuilder("true");
		List<Axis> axes = new ArrayList<>();
		if (search.from() != null) {
			where.append(" and e.at >= :from");
			values.put("from", AuditLog.utc(search.from()));
		}
		if (search.to() != null) {
			where.append(" and e.at < :to");
			values.put("to", AuditLog.utc(search.to()));
		}
		if (search.who() != null) {
			axes.add(new Axis("e.actor_id", persons(search.who())));
		}
		if (search.act() != null) {
			axes.add(search.act().contains(".") ? new Axis("e.code", Words.ways(search.act(), search.outcome()))
					: new Axis("split_part(e.code, '.', 1)", List.of(search.act())));
		}
		if (search.role() != null) {
			axes.add(new Axis("coalesce(e.actor_role, e.actor_kind)", roles(search.role())));
		}
		if (search.outcome() != null) {
			// The condition of the partial index, said so that no plan has to find out.
			where.append(
					search.outcome().equals("success") ? " and e.outcome = 'success'" : " and e.outcome <> 'success'");
			if (!search.outcome().equals("success")) {
				axes.add(new Axis("e.outcome", search.outcome().equals("trouble") ? List.of("failure", "refused")
						: List.of(search.outcome())));
			}
		}
		if (search.partner() != null) {
			where.append(" and e.partner_id = :partner");
			values.put("partner", search.partner());
		}
		equal(where, values, "domain", search.domain());
		equal(where, values, "subject_id", search.subject());
		equal(where, values, "request_id", search.request());
		if (search.person() != null) {
			where.append(" and e.id in (select p.event_id from audit_personal p where p.person_id = :person)");
			values.put("person", search.person());
		}
		if (search.words() != null) {
			where.append(" and e.id = any(cast(:ids as uuid[]))");
			values.put("ids", saying(search));
		}
		if (cursor != null) {
			// The first half again for the planner, which prunes months by it.
			where.append(newer ? " and e.at >= :at and (e.at, e.id) > (:at, :id)"
					: " and e.at <= :at and (e.at, e.id) < (:at, :id)");
			values.put("at", AuditLog.utc(cursor.at()));
			values.put("id", cursor.id());
		}
		Axis few = (limit > 0) ? axes.stream()
			.filter((axis) -> axis.values().size() > 1 && axis.values().size() <= FEW)
			.findFirst()
			.orElse(null) : null;
		for (Axis axis : axes) {
			if (axis.equals(few)) {
				where.append(" and ").append(axis.column()).append(" = one.value");
				continue;
			}
			String name = "axis" + values.size();
			boolean one = axis.values().size() == 1;
			where.append(" and ")
				.append(axis.column())
				.append(one ? " = :" + name : " = any(cast(:" + name + " as text[]))");
			values.put(name, one ? axis.values().getFirst() : axis.values().toArray(new String[0]));
		}
		String way = newer ? " asc" : " desc";
		String order = " order by e.at" + way + ", e.id" + way + ((limit > 0) ? " limit " + limit : "");
		String sql = "select e.id, e.at, e.event from audit_event e where " + where + order;
		if (few != null) {
			sql = "select e.id, e.at, e.event from unnest(cast(:few as text[])) as one(value) cross join lateral ("
					+ sql + ") e" + order;
			values.put("few", few.values().toArray(new String[0]));
		}
		long conditions = axes.size() + Stream.of(search.partner(), search.domain(), search.subject(), search.request())
			.filter(Objects::nonNull)
			.count();
		return new Question(sql, values, conditions <= 1 && search.person() == null && search.words() == null);
	}

	private static void equal(StringBuilder where, Map<String, Object> values, String column, @Nullable String value) {
		if (value != null) {
			where.append(" and e.").append(column).append(" = :").append(column);
			values.put(column, value);
		}
	}

	/**
	 * Everybody who has ever acted under a name or address with these words, or has this
	 * id.
	 */
	private List<String> persons(String who) {
		List<String> persons = new ArrayList<>(List.of(who));
		if (who.codePoints().anyMatch(Character::isLetterOrDigit)) {
			persons.addAll(this.jdbc.sql("""
					select distinct person_id from audit_name
					where audit_words(name || ' ' || address) @@ audit_query(:who) and person_id <> :who limit 201""")
				.param("who", who)
				.query((row, number) -> row.getString(1))
				.list());
		}
		if (persons.size() > 201) {
			throw new TooMuch("More than 200 people fit that name. Give more of it.");
		}
		return persons;
	}

	// Whoever holds several roles has acted in all of them.
	private List<String> roles(String role) {
		return this.jdbc
			.sql("""
					with recursive held(role) as (
						(select coalesce(actor_role, actor_kind) from audit_event order by 1 limit 1)
						union all
						select (select coalesce(e.actor_role, e.actor_kind) from audit_event e
							where coalesce(e.actor_role, e.actor_kind) > held.role order by 1 limit 1)
						from held where held.role is not null)
					select role from held where role is not null and (role = :role or :role = any(string_to_array(role, ', ')))
					union select :role""")
			.param("role", role)
			.query((row, number) -> row.getString(1))
			.list();
	}

	/** The events with these words, in their own text or beside it. */
	private String[] saying(Search search) {
		Map<String, Object> values = new HashMap<>();
		values.put("words", search.words());
		Instant from = Objects.requireNonNullElse(search.from(), Instant.EPOCH);
		StringBuilder range = new StringBuilder(" and at >= :from");
		StringBuilder ids = new StringBuilder(" and event_id >= cast(:first as uuid)");
		values.put("from", AuditLog.utc(from));
		values.put("first", lowest(from));
		if (search.to() != null) {
			range.append(" and at < :to");
			ids.append(" and event_id < cast(:last as uuid)");
			values.put("to", AuditLog.utc(search.to()));
			values.put("last", lowest(search.to()));
		}
		if (search.partner() != null) {
			range.append(" and partner_id = :partner");
			values.put("partner", search.partner());
		}
		List<String> found = this.jdbc
			.sql("(select id::text from audit_event where audit_event_words(event) @@ audit_query(:words)" + range
					+ " limit " + (MOST_FOUND + 1)
					+ ") union (select event_id::text from audit_personal where slot <> 'actor' and slot not like 'search%'"
					+ " and audit_words(content) @@ audit_query(:words)" + ids + " limit " + (MOST_FOUND + 1) + ")")
			.withQueryTimeout(SLOWEST)
			.params(values)
			.query((row, number) -> row.getString(1))
			.list();
		if (found.size() > MOST_FOUND) {
			throw new TooMuch("More than 10,000 events say that. Narrow your search: give closer dates or more words.");
		}
		return found.toArray(new String[0]);
	}

	/** The lowest id of a millisecond: ids are UUIDv7. */
	private static String lowest(Instant at) {
		return new UUID(at.toEpochMilli() << 16, 0).toString();
	}

	/** The latest events about a partner, for its page. */
	public List<Row> ofPartner(UUID partner, int most) {
		return withPersonal(this.jdbc
			.sql("select id, at, event from audit_event where partner_id = ? order by at desc, id desc limit ?")
			.params(partner, most)
			.query(this::row)
			.list());
	}

	/**
	 * Goes through events in the order of time, without what stands beside them.
	 * @param codes which acts
	 * @param partner the only partner; null: all
	 * @param until the instant after the last
	 */
	public void each(Collection<String> codes, @Nullable UUID partner, Instant until, Consumer<Row> consumer) {
		Map<String, Object> values = new HashMap<>(
				Map.of("codes", codes.toArray(new String[0]), "until", AuditLog.utc(until)));
		if (partner != null) {
			values.put("partner", partner);
		}
		this.jdbc
			.sql("select id, at, event from audit_event where code = any(cast(:codes as text[])) and at < :until"
					+ ((partner != null) ? " and partner_id = :partner" : "") + " order by at, id")
			.withFetchSize(1000)
			.params(values)
			.query((result) -> {
				consumer.accept(row(result, 0));
			});
	}

	/** The last event of a code about a mail domain. */
	public Optional<Row> latest(String code, String domain, Instant until) {
		return this.jdbc.sql(
				"select id, at, event from audit_event where domain = ? and code = ? and at < ? order by at desc, id desc limit 1")
			.params(domain, code, AuditLog.utc(until))
			.query(this::row)
			.optional();
	}

	/** Adds what stands beside them to some events. */
	public List<Row> people(List<Row> rows) {
		return withPersonal(rows);
	}

	/** One event by id. */
	Optional<Row> find(UUID id) {
		return this.jdbc.sql("select id, at, event from audit_event where id = ?")
			.param(id)
			.query(this::row)
			.optional()
			.map((row) -> withPersonal(List.of(row)).getFirst());
	}

	private Row row(ResultSet result, int number) throws SQLException {
		String event = result.getString("event");
		return new Row(result.getObject("id", UUID.class), result.getObject("at", OffsetDateTime.class).toInstant(),
				event, this.json.readTree(event), Map.of());
	}

	private List<Row> withPersonal(List<Row> rows) {
		if (rows.isEmpty()) {
			return rows;
		}
		Map<UUID, Map<String, String>> personal = new HashMap<>();
		this.jdbc.sql(
				"select event_id, slot, person_id, content from audit_personal where event_id = any(cast(:ids as uuid[])) order by slot")
			.param("ids", rows.stream().map((row) -> row.id().toString()).toArray(String[]::new))
			.query((result) -> {
				String content = result.getString("content");
				personal.computeIfAbsent(result.getObject("event_id", UUID.class), (id) -> new LinkedHashMap<>())
					.put(result.getString("slot"), (content != null) ? content : erased(result.getString("person_id")));
			});
		return rows.stream()
			.map((row) -> new Row(row.id(), row.at(), row.text(), row.event(),
					personal.getOrDefault(row.id(), Map.of())))
			.toList();
	}

	/** How somebody is shown whose data is gone: “erased contact 17”. */
	private static String erased(@Nullable String person) {
		return (person != null) ? person.replace("erased ", "erased contact ") : "erased";
	}

	/**
	 * What to ask the database.
	 *
	 * @param sql with names for values
	 * @param values by name
	 * @param plain whether the same plan is good for all values
	 */
	record Question(String sql, Map<String, Object> values, boolean plain) {

		/** The same without its order, for counting. */
		String unordered() {
			return this.sql.substring(0, this.sql.lastIndexOf(" order by "));
		}

	}

	/** A column that may have one of several values. */
	private record Axis(String column, List<String> values) {
	}

	/** More fits than can be answered. */
	static final class TooMuch extends RuntimeException {

		private static final long serialVersionUID = 1L;

		private final String sentence;

		TooMuch(String sentence) {
			super(sentence, null, false, false);
			this.sentence = sentence;
		}

		String sentence() {
			return this.sentence;
		}

	}

	/** A place in the history. */
	record Cursor(Instant at, UUID id) {

		/**
		 * Reads what {@link #toString()} wrote.
		 * @throws IllegalArgumentException for anything else
		 */
		static Cursor of(String text) {
			int split = text.indexOf('_');
			if (split < 0) {
				throw new IllegalArgumentException("not a place in the history");
			}
			try {
				return new Cursor(Instant.parse(text.substring(0, split)), UUID.fromString(text.substring(split + 1)));
			}
			catch (java.time.DateTimeException ex) {
				throw new IllegalArgumentException("not a place in the history", ex);
			}
		}

		@Override
		public String toString() {
			return this.at + "_" + this.id;
		}

	}

	/**
	 * A page, newest first.
	 *
	 * @param rows the events
	 * @param newer where the newer page begins; null at the newest
	 * @param older where the older page begins; null at the oldest
	 * @param problem why it could not be answered; null when it was
	 */
	record Page(List<Row> rows, @Nullable Cursor newer, @Nullable Cursor older, @Nullable String problem) {
	}

	/**
	 * An event as it is shown.
	 *
	 * @param id its id
	 * @param at when
	 * @param text the stored canonical JSON
	 * @param event the same, parsed
	 * @param personal what stands beside it, by slot
	 */
	public record Row(UUID id, Instant at, String text, JsonNode event, Map<String, String> personal) {

		Cursor cursor() {
			return new Cursor(this.at, this.id);
		}

		public String code() {
			return this.event.path("code").asString("");
		}

		/** The act in English words; see {@link Words}. */
		public String title() {
			return Words.of(code());
		}

		/** The same to the reader of a page. */
		public String words() {
			return Words.shown(code());
		}

		public String outcome() {
			return this.event.path("outcome").asString("");
		}

		/** How the outcome is coloured. */
		public String tone() {
			return switch (outcome()) {
				// It went well, and is no good news.
				case "success" -> code().matches(
						"enforcement\\.ended|connector\\.relieved|partner\\.(suspended|ended|expired)|history\\.found-altered")
								? "wait" : "good";
				case "refused" -> "wait";
				default -> "bad";
			};
		}

		/** Who acted, as far as it may still be told. */
		public String who() {
			String kind = this.event.path("actor").path("kind").asString("");
			String actor = this.personal.getOrDefault("actor", "");
			String name = ofActor("name");
			if (!name.isEmpty()) {
				return name;
			}
			return switch (kind) {
				case "SYSTEM" -> "Portal";
				case "VISITOR" -> "Visitor";
				default -> actor.startsWith("erased contact") ? "E" + actor.substring(1)
						: "Account " + this.event.path("actor").path("id").asString("");
			};
		}

		/** The role in which they acted, or what sort of actor it was. */
		public String role() {
			String role = this.event.path("actor").path("role").asString("");
			return !role.isEmpty() ? role : switch (this.event.path("actor").path("kind").asString("")) {
				case "SYSTEM" -> "The portal itself";
				case "VISITOR" -> "Not signed in";
				default -> "";
			};
		}

		/** Who acted, for another search: the id of an account, or the name of a job. */
		public String actorId() {
			return this.event.path("actor").path("id").asString("");
		}

		/** Their name then, where it may still be told; else empty. */
		public String name() {
			return ofActor("name");
		}

		/** A part of the event as JSON; empty where there is none. */
		String json(String object) {
			JsonNode value = this.event.path(object);
			return value.isMissingNode() ? "" : value.toString();
		}

		/** Their address, where it may still be told. */
		public String address() {
			return ofActor("address");
		}

		/** Where the request came from. */
		public String ip() {
			return ofActor("ip");
		}

		private String ofActor(String field) {
			String actor = this.personal.getOrDefault("actor", "");
			return actor.startsWith("{") ? JsonMapper.shared().readTree(actor).path(field).asString("") : "";
		}

		/** What stands beside the event besides the actor. */
		public Map<String, String> beside() {
			Map<String, String> beside = new LinkedHashMap<>(this.personal);
			beside.remove("actor");
			return beside;
		}

		/**
		 * A plain member of the event, or of an object in it; empty where there is none.
		 */
		public String text(String object, @Nullable String field) {
			JsonNode value = this.event.path(object);
			return ((field != null) ? value.path(field) : value).asString("");
		}

		/** The facts, by name. */
		public Map<String, String> facts() {
			Map<String, String> facts = new LinkedHashMap<>();
			this.event.path("details")
				.properties()
				.forEach((fact) -> facts.put(fact.getKey(), fact.getValue().asString("")));
			return facts;
		}

		/** The fields that changed: before and after, null for nothing. */
		public List<Changed> changed() {
			List<Changed> changed = new ArrayList<>();
			this.event.path("changes")
				.properties()
				.forEach((change) -> changed.add(new Changed(change.getKey(), plain(change.getValue().path("before")),
						plain(change.getValue().path("after")))));
			return changed;
		}

		/** On what: the partner, the domain or the kind of thing. */
		public String on() {
			String partner = this.event.path("partner").path("name").asString("");
			String domain = this.event.path("domain").asString("");
			if (!partner.isEmpty()) {
				return partner;
			}
			return !domain.isEmpty() ? domain : this.event.path("subject").path("type").asString("");
		}

		/**
		 * The facts in one line, without ids and the like, which stand on the event's own
		 * page.
		 */
		public String detail() {
			StringBuilder line = new StringBuilder();
			this.event.path("changes")
				.properties()
				.forEach((change) -> append(line, change.getKey() + ": " + plain(change.getValue().path("before"))
						+ " → " + plain(change.getValue().path("after"))));
			this.event.path("details")
				.properties()
				.stream()
				.filter((fact) -> !TECHNICAL.contains(fact.getKey()))
				.forEach((fact) -> append(line, fact.getKey() + ": " + fact.getValue().asString("")));
			String reason = this.personal.get("reason");
			if (reason != null) {
				append(line, "“" + reason + "”");
			}
			return line.toString();
		}

		/**
		 * The facts in one line, in words, for people who do not read the history every
		 * day.
		 * @param zone in which times are told
		 */
		public String inWords(ZoneId zone) {
			return FactWords.line(this, zone);
		}

		private static String plain(JsonNode value) {
			return value.isNull() || value.isMissingNode() ? "nothing" : value.asString("");
		}

		private static void append(StringBuilder line, String text) {
			line.append(line.isEmpty() ? "" : " · ").append(text);
		}

		/** For timelines. */
		public Instant time() {
			return this.at;
		}

	}

	/**
	 * A field that changed.
	 *
	 * @param field which
	 * @param before what it was
	 * @param after what it is
	 */
	public record Changed(String field, String before, String after) {
	}

}
