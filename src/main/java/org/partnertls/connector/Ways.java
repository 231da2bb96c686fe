package org.partnertls.connector;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Computes how each way of mail stands, for many partners with few questions.
 */
@Component
class Ways {

	private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("d MMM, HH:mm", Locale.UK);

	private final JdbcClient jdbc;

	private final ZoneId zone;

	Ways(JdbcClient jdbc, ZoneId zone) {
		this.jdbc = jdbc;
		this.zone = zone;
	}

	Map<UUID, Directions> of(Collection<UUID> partners, String tenantId) {
		if (partners.isEmpty()) {
			return Map.of();
		}
		Map<UUID, List<Own>> own = group(this.jdbc.sql("""
				select partner_id, direction, enforced_since from connector
				where tenant_id = :tenant and partner_id in (:partners)""")
			.param("tenant", tenantId)
			.param("partners", partners)
			.query(Ways::own)
			.list(), Own::partnerId);
		Map<UUID, List<Loosened>> loosened = group(this.jdbc.sql("""
				select partner_id, direction, step, until from connector_relief
				where tenant_id = :tenant and partner_id in (:partners) and state in ('ACTIVE', 'ENDING')
				order by wanted_at""")
			.param("tenant", tenantId)
			.param("partners", partners)
			.query(Ways::loosened)
			.list(), Loosened::partnerId);
		Map<UUID, List<Drifted>> drifted = group(this.jdbc.sql("""
				select partner_id, direction, kind from connector_drift
				where tenant_id = :tenant and partner_id in (:partners) and ended_at is null""")
			.param("tenant", tenantId)
			.param("partners", partners)
			.query(Ways::drifted)
			.list(), Drifted::partnerId);
		Map<UUID, List<Newest>> newest = group(this.jdbc.sql("""
				select distinct on (c.partner_id) c.partner_id, c.state, c.enforce_at,
					exists (select from push_step s where s.change_id = c.id and s.state = 'FAILED'
						and s.kind not like 'INBOUND%') as outbound_failed,
					exists (select from push_step s where s.change_id = c.id and s.state = 'FAILED'
						and s.kind not like 'OUTBOUND%') as inbound_failed
				from connector_change c
				where c.tenant_id = :tenant and c.partner_id in (:partners) and c.state <> 'VOID'
				order by c.partner_id, c.proposed_at desc, c.id desc""")
			.param("tenant", tenantId)
			.param("partners", partners)
			.query(Ways::newest)
			.list(), Newest::partnerId);
		Map<UUID, List<Route>> routes = group(this.jdbc.sql("""
				select partner_id, direction, obstacles, checked_at from mail_path
				where tenant_id = :tenant and partner_id in (:partners)""")
			.param("tenant", tenantId)
			.param("partners", partners)
			.query((row, number) -> new Route(row.getObject(1, UUID.class), Direction.valueOf(row.getString(2)),
					Paths.texts(row.getString(3)), Objects.requireNonNull(instant(row, 4))))
			.list(), Route::partnerId);
		Map<UUID, Directions> directions = new HashMap<>();
		for (UUID partner : partners) {
			Facts facts = new Facts(own.getOrDefault(partner, List.of()), loosened.getOrDefault(partner, List.of()),
					drifted.getOrDefault(partner, List.of()),
					newest.getOrDefault(partner, List.of()).stream().findFirst().orElse(null),
					routes.getOrDefault(partner, List.of()));
			directions.put(partner, new Directions(way(Direction.OUTBOUND, facts), way(Direction.INBOUND, facts)));
		}
		return directions;
	}

	private Directions.Way way(Direction direction, Facts facts) {
		Own own = facts.own(direction);
		Instant since = (own != null) ? own.enforcedSince() : null;
		Loosened loosened = facts.loosened(direction);
		if (loosened != null) {
			return new Directions.Way(Directions.State.RELIEVED,
					(loosened.step().isClearText() ? "loosened: clear text may pass" : "loosened: any certificate")
							+ ", review by " + hour(loosened.until()),
					since);
		}
		Drift.Kind drifted = facts.drifted(direction);
		if (drifted != null) {
			// What we left there is not what is there: we do not claim it.
			return new Directions.Way(Directions.State.FAILING, switch (drifted) {
				case GONE -> "the connector was deleted in the tenant";
				case SWITCHED_OFF -> "switched off in the tenant by somebody";
				case LOOSENED -> "loosened in the tenant by somebody";
				case CHANGED -> "changed in the tenant by somebody";
				case UNVALIDATED -> "no longer recorded as validated in the tenant";
			}, drifted.isAlarm() ? null : since);
		}
		Newest newest = facts.newest();
		if (newest != null && newest.state() == ConnectorChange.State.NEEDS_ATTENTION && newest.failed(direction)) {
			return new Directions.Way(Directions.State.FAILING,
					(since != null) ? "enforced, but a change needs attention" : "needs attention", since);
		}
		if (since != null) {
			return enforced(direction, facts.route(direction), since);
		}
		if (newest != null && !newest.state().isOver()) {
			return new Directions.Way(Directions.State.WAITING, waiting(direction, newest), null);
		}
		return new Directions.Way(Directions.State.NOT_SET_UP, (own != null) ? "switched off" : "not set up", null);
	}

	/** A connector enforces nothing for mail that does not take it. */
	private static Directions.Way enforced(Direction direction, @Nullable Route route, Instant since) {
		String words = (direction == Direction.OUTBOUND) ? "always uses TLS" : "rejected without TLS";
		if (route == null || route.at().isBefore(since)) {
			return new Directions.Way(Directions.State.UNCHECKED, words + " (path not checked yet)", since);
		}
		return route.obstacles().isEmpty() ? new Directions.Way(Directions.State.ENFORCED, words, since)
				: new Directions.Way(Directions.State.NOT_ENFORCEABLE,
						"not enforceable here, because " + route.obstacles().getFirst(), since);
	}

	private String waiting(Direction direction, Newest newest) {
		Instant enforceAt = newest.enforceAt();
		if (newest.state() == ConnectorChange.State.PLANNED) {
			return "waiting for approval";
		}
		if (direction == Direction.OUTBOUND) {
			return "being set up";
		}
		if (enforceAt != null) {
			return "will be rejected without TLS from " + hour(enforceAt);
		}
		return (newest.state() == ConnectorChange.State.PROVING) ? "waiting for a test message" : "being set up";
	}

	private String hour(Instant at) {
		return HOUR.format(at.atZone(this.zone));
	}

	private static <T> Map<UUID, List<T>> group(List<T> rows, java.util.function.Function<T, UUID> by) {
		return rows.stream().collect(java.util.stream.Collectors.groupingBy(by));
	}

	private static Own own(ResultSet row, int number) throws SQLException {
		return new Own(row.getObject(1, UUID.class), Direction.valueOf(row.getString(2)), instant(row, 3));
	}

	private static Loosened loosened(ResultSet row, int number) throws SQLException {
		return new Loosened(row.getObject(1, UUID.class), Direction.valueOf(row.getString(2)),
				ReliefStep.valueOf(row.getString(3)), row.getObject(4, OffsetDateTime.class).toInstant());
	}

	private static Drifted drifted(ResultSet row, int number) throws SQLException {
		return new Drifted(row.getObject(1, UUID.class), Direction.valueOf(row.getString(2)),
				Drift.Kind.valueOf(row.getString(3)));
	}

	private static Newest newest(ResultSet row, int number) throws SQLException {
		return new Newest(row.getObject(1, UUID.class), ConnectorChange.State.valueOf(row.getString(2)),
				instant(row, 3), row.getBoolean(4), row.getBoolean(5));
	}

	private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
		OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
		return (time != null) ? time.toInstant() : null;
	}

	private record Own(UUID partnerId, Direction direction, @Nullable Instant enforcedSince) {
	}

	private record Loosened(UUID partnerId, Direction direction, ReliefStep step, Instant until) {
	}

	private record Drifted(UUID partnerId, Direction direction, Drift.Kind kind) {
	}

	private record Newest(UUID partnerId, ConnectorChange.State state, @Nullable Instant enforceAt,
			boolean outboundFailed, boolean inboundFailed) {

		boolean failed(Direction direction) {
			return (direction == Direction.OUTBOUND) ? this.outboundFailed : this.inboundFailed;
		}

	}

	private record Route(UUID partnerId, Direction direction, List<String> obstacles, Instant at) {
	}

	private record Facts(List<Own> own, List<Loosened> loosened, List<Drifted> drifted, @Nullable Newest newest,
			List<Route> routes) {

		@Nullable Route route(Direction direction) {
			return this.routes.stream().filter((row) -> row.direction() == direction).findFirst().orElse(null);
		}

		Drift.@Nullable Kind drifted(Direction direction) {
			return this.drifted.stream()
				.filter((row) -> row.direction() == direction)
				.map(Drifted::kind)
				.findFirst()
				.orElse(null);
		}

		@Nullable Own own(Direction direction) {
			return this.own.stream().filter((row) -> row.direction() == direction).findFirst().orElse(null);
		}

		/** The furthest step counts. */
		@Nullable Loosened loosened(Direction direction) {
			return this.loosened.stream()
				.filter((row) -> row.direction() == direction)
				.max(java.util.Comparator.comparing(Loosened::step))
				.orElse(null);
		}

	}

}
