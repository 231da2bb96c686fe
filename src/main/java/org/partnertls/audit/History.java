package org.partnertls.audit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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
	 */
	Page search(Search search) {
		Map<String, Object> values = new HashMap<>();
		StringBuilder where = new StringBuilder("true");
		if (search.from() != null) {
			where.append(" and e.at >= :from");
			values.put("from", AuditLog.utc(search.from()));
		}
		if (search.to() != null) {
			where.append(" and e.at < :to");
			values.put("to", AuditLog.utc(search.to()));
		}
		if (search.act() != null) {
			where.append(" and (e.code = :act or e.code like :acts)");
			values.put("act", search.act());
			values.put("acts", like(search.act() + ".") + "%");
		}
		if (search.outcome() != null) {
			where.append(" and e.outcome = :outcome");
			values.put("outcome", search.outcome());
		}
		if (search.partner() != null) {
			where.append(" and e.partner_id = :partner");
			values.put("partner", search.partner());
		}
		if (search.words() != null) {
			// Who, what or where: the event's own text, and the personal data beside it.
			where.append("""
					 and (e.event ilike :words or exists (select from audit_personal p
					where p.event_id = e.id and p.content ilike :words))""");
			values.put("words", "%" + like(search.words()) + "%");
		}
		boolean newer = search.after() != null;
		Cursor cursor = newer ? search.after() : search.before();
		if (cursor != null) {
			where.append(newer ? " and (e.at, e.id) > (:at, :id)" : " and (e.at, e.id) < (:at, :id)");
			values.put("at", AuditLog.utc(cursor.at()));
			values.put("id", cursor.id());
		}
		String order = newer ? "asc" : "desc";
		List<Row> rows = new ArrayList<>(this.jdbc
			.sql("select e.id, e.at, e.event from audit_event e where " + where + " order by e.at " + order + ", e.id "
					+ order + " limit " + (PAGE + 1))
			.params(values)
			.query(this::row)
			.list());
		boolean more = rows.size() > PAGE;
		if (more) {
			rows.removeLast();
		}
		List<Row> page = withPersonal(newer ? rows.reversed() : rows);
		boolean hasNewer = newer ? more : search.before() != null;
		boolean hasOlder = newer || more;
		return new Page(page, (hasNewer && !page.isEmpty()) ? page.getFirst().cursor() : null,
				(hasOlder && !page.isEmpty()) ? page.getLast().cursor() : null);
	}

	/** The latest events about a partner, for its page. */
	public List<Row> ofPartner(UUID partner, int most) {
		return withPersonal(this.jdbc
			.sql("select id, at, event from audit_event where partner_id = ? order by at desc, id desc limit ?")
			.params(partner, most)
			.query(this::row)
			.list());
	}

	/** One event by id. */
	Optional<Row> find(UUID id) {
		return this.jdbc.sql("select id, at, event from audit_event where id = ?")
			.param(id)
			.query(this::row)
			.optional()
			.map((row) -> withPersonal(List.of(row)).getFirst());
	}

	/** The codes that occur, for the filter. */
	List<@Nullable String> codes() {
		return this.jdbc.sql("select distinct code from audit_event order by code limit 300")
			.query(String.class)
			.list();
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
		this.jdbc
			.sql("select event_id, slot, person_id, content from audit_personal where event_id in (:ids) order by slot")
			.param("ids", rows.stream().map(Row::id).toList())
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

	private static String like(String words) {
		return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
	}

	/**
	 * What to look for; null leaves a field open.
	 *
	 * @param from the first instant
	 * @param to the instant after the last
	 * @param act a code, or the part before a dot of several
	 * @param outcome success, failure or refused
	 * @param partner a partner's id
	 * @param words anything in the event or the personal data beside it
	 * @param before where the page before ended
	 * @param after where the page after began
	 */
	record Search(@Nullable Instant from, @Nullable Instant to, @Nullable String act, @Nullable String outcome,
			@Nullable UUID partner, @Nullable String words, @Nullable Cursor before, @Nullable Cursor after) {
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
	 */
	record Page(List<Row> rows, @Nullable Cursor newer, @Nullable Cursor older) {
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

		/** The act in words; see {@link Words}. */
		public String title() {
			return Words.of(code());
		}

		public String outcome() {
			return this.event.path("outcome").asString("");
		}

		/** How the outcome is coloured. */
		public String tone() {
			return switch (outcome()) {
				case "success" -> "good";
				case "refused" -> "wait";
				default -> "bad";
			};
		}

		/** Who acted, as far as it may still be told. */
		public String who() {
			String kind = this.event.path("actor").path("kind").asString("");
			String actor = this.personal.getOrDefault("actor", "");
			if (actor.startsWith("{")) {
				String name = JsonMapper.shared().readTree(actor).path("name").asString("");
				if (!name.isEmpty()) {
					return name;
				}
			}
			return switch (kind) {
				case "SYSTEM" -> "Portal";
				case "VISITOR" -> "Visitor";
				default -> actor.startsWith("erased contact") ? "E" + actor.substring(1)
						: "Account " + this.event.path("actor").path("id").asString("");
			};
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

}
