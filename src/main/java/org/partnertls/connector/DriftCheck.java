package org.partnertls.connector;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.Reply;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Compares all connectors of all partners with how we left them, by listing the tenant
 * once. What we ourselves are changing at the time is no drift, what others change beside
 * our settings neither.
 */
@Component
class DriftCheck {

	private final ExchangeOnline exchange;

	private final Pusher pusher;

	private final OwnConnectors connectors;

	private final Changes changes;

	private final Reliefs reliefs;

	private final Drifts drifts;

	private final AuditLog audit;

	private final ApplicationEventPublisher events;

	private final JdbcClient jdbc;

	private final TransactionTemplate transaction;

	private final Duration longest;

	private final Clock clock;

	DriftCheck(ExchangeOnline exchange, Pusher pusher, OwnConnectors connectors, Changes changes, Reliefs reliefs,
			Drifts drifts, AuditLog audit, ApplicationEventPublisher events, JdbcClient jdbc,
			TransactionTemplate transaction, ConnectorProperties settings, Clock clock) {
		this.exchange = exchange;
		this.pusher = pusher;
		this.connectors = connectors;
		this.changes = changes;
		this.reliefs = reliefs;
		this.drifts = drifts;
		this.audit = audit;
		this.events = events;
		this.jdbc = jdbc;
		this.transaction = transaction;
		this.longest = settings.driftInterval().multipliedBy(3);
		this.clock = clock;
	}

	/**
	 * Lists the tenant and compares. Takes seconds and uses the network: call it with no
	 * transaction open.
	 */
	void run() {
		if (!this.exchange.configured()) {
			return;
		}
		Instant start = this.clock.instant();
		List<Left> ours = inTransaction(() -> left(tenantId()));
		if (ours.isEmpty()) {
			keep(new Outcome(start, 0, 0, 0, Duration.ZERO));
			return;
		}
		int calls = 2;
		Reply<Tenant> list = this.pusher.listInUse();
		if (list instanceof Reply.Done<Tenant> done && isMissing(ours, done.value())) {
			// Whether it is gone or only in test mode or for rules, the whole list tells.
			list = this.pusher.list();
			calls += 5;
		}
		switch (list) {
			case Reply.Failed<Tenant> failed -> keep(Ledger.words(failed.failure()));
			case Reply.Done<Tenant> done -> compare(ours, done.value(), start, calls);
		}
	}

	/**
	 * Compares with a list that is there already.
	 * @param whole all connectors of the tenant
	 * @param at when it was made
	 */
	void compare(Tenant whole, Instant at) {
		compare(inTransaction(() -> left(tenantId())), whole, at, 0);
	}

	private void compare(List<Left> ours, Tenant tenant, Instant start, int calls) {
		Map<String, Tenant.Seen> byGuid = byGuid(tenant);
		Set<String> drifted = inTransaction(() -> openKeys(tenantId()));
		int differing = 0;
		for (Left left : ours) {
			Tenant.Seen seen = byGuid.get(key(left.direction(), left.guid()));
			boolean same = seen != null && left.isSame(seen);
			if (!same) {
				differing += inTransaction(() -> found(left, seen)) ? 1 : 0;
			}
			else if (drifted.contains(left.partnerId() + " " + left.direction())) {
				inTransaction(() -> returned(left));
			}
		}
		keep(new Outcome(start, ours.size(), differing, calls, Duration.between(start, this.clock.instant())));
	}

	private static boolean isMissing(List<Left> ours, Tenant tenant) {
		Map<String, Tenant.Seen> byGuid = byGuid(tenant);
		return ours.stream().anyMatch((left) -> !byGuid.containsKey(key(left.direction(), left.guid())));
	}

	private static Map<String, Tenant.Seen> byGuid(Tenant tenant) {
		Map<String, Tenant.Seen> byGuid = new HashMap<>();
		tenant.connectors().forEach((seen) -> byGuid.put(key(seen.direction(), seen.guid()), seen));
		return byGuid;
	}

	private static String key(Direction direction, String guid) {
		return direction + " " + guid.toLowerCase(Locale.ROOT);
	}

	/** How we left all connectors. */
	private List<Left> left(String tenantId) {
		return this.jdbc
			.sql("select partner_id, direction, guid, form, version, validated from connector where tenant_id = ?")
			.params(tenantId)
			.query((row, number) -> new Left(row.getObject(1, UUID.class), Direction.valueOf(row.getString(2)),
					row.getString(3), row.getString(4), row.getLong(5), row.getBoolean(6)))
			.list();
	}

	private Set<String> openKeys(String tenantId) {
		return new HashSet<>(this.jdbc
			.sql("select partner_id || ' ' || direction from connector_drift where tenant_id = ? and ended_at is null")
			.params(tenantId)
			.query(String.class)
			.list());
	}

	/**
	 * It is not as we left it, unless that is our own doing.
	 * @return whether it counts
	 */
	private boolean found(Left left, Tenant.@Nullable Seen seen) {
		OwnConnector own = this.connectors.lock(left.partnerId(), left.direction(), tenantId()).orElse(null);
		if (own == null || own.version() != left.version() || isOurDoing(own, seen)) {
			return false;
		}
		Instant now = this.clock.instant();
		Drift open = this.drifts.open(own.partnerId(), own.direction(), tenantId()).orElse(null);
		Drift drift = (open != null) ? open : new Drift(own, tenantId(), seen, now);
		Drift.Kind before = (open != null) ? open.kind() : null;
		boolean news = open == null || open.see(own.form(), seen, now);
		this.drifts.save(drift);
		if (news) {
			tell(drift, before);
		}
		return true;
	}

	private void tell(Drift drift, Drift.@Nullable Kind before) {
		Act act = act(drift, drift.kind().isAlarm() ? "connector.drift-alarm" : "connector.drift-found").failed()
			.detail("kind", drift.kind());
		Form found = drift.found();
		if (found != null) {
			drift.differences()
				.forEach((parameter) -> act.change(parameter, Pusher.text(drift.wanted().get(parameter)),
						Pusher.text(found.get(parameter))));
		}
		this.audit.append(act);
		// An alarm that rings already need not ring again for every detail.
		boolean alarm = drift.kind().isAlarm() && drift.kind() != before;
		this.events.publishEvent(
				new ConnectorEvent.Drifted(drift.partnerId(), drift.id(), drift.direction(), alarm, drift.sentence()));
	}

	private boolean isOurDoing(OwnConnector own, Tenant.@Nullable Seen seen) {
		Form form = (seen != null) ? seen.form() : null;
		boolean pushed = this.changes.underWay(own.partnerId())
			.filter((change) -> Push.explains(change, own.direction(), form))
			.isPresent();
		// A relief on its way has been written, perhaps, and not been read back yet.
		return pushed || (form != null && this.reliefs.open(own.partnerId())
			.stream()
			.filter((relief) -> relief.direction() == own.direction() && relief.state() != Relief.State.ACTIVE)
			.anyMatch((relief) -> relief.explains(own.form(), form)));
	}

	/** Somebody has put it back, unless a relief only makes it look so. */
	private boolean returned(Left left) {
		if (this.reliefs.open(left.partnerId()).stream().anyMatch((relief) -> relief.direction() == left.direction())) {
			return false;
		}
		this.drifts.open(left.partnerId(), left.direction(), tenantId()).ifPresent((drift) -> {
			drift.end(Drift.End.RETURNED, this.clock.instant());
			this.drifts.save(drift);
			this.audit.append(act(drift, "connector.drift-ended").detail("how", Drift.End.RETURNED));
		});
		return true;
	}

	static Act act(Drift drift, String code) {
		Act act = Act.of(code)
			.by(Actor.system("connector-drift"))
			.on("connector-drift", drift.id())
			.partner(drift.partnerId(), drift.partnerName())
			.detail("direction", drift.direction())
			.detail("guid", drift.guid());
		Instant since = drift.alarmSince();
		return (since != null) ? act.detail("since", since) : act;
	}

	private void keep(Outcome outcome) {
		inTransaction(() -> {
			looked().filter((look) -> look.at().plus(this.longest).isBefore(outcome.at()))
				.ifPresent((look) -> this.audit.append(watch("connector.watched-again", look.at())));
			return this.jdbc.sql("""
					insert into connector_drift_check (tenant_id, checked_at, compared, differing, calls, took_ms)
					values (?, ?, ?, ?, ?, ?)
					on conflict (tenant_id) do update set checked_at = excluded.checked_at,
					compared = excluded.compared, differing = excluded.differing, calls = excluded.calls,
					took_ms = excluded.took_ms, failure = null, failed_at = null, lost_at = null""")
				.params(tenantId(), outcome.at().atOffset(ZoneOffset.UTC), outcome.compared(), outcome.differing(),
						outcome.calls(), outcome.took().toMillis())
				.update();
		});
	}

	private void keep(String failure) {
		inTransaction(() -> {
			Instant now = this.clock.instant();
			boolean lost = looked().filter((look) -> !look.told() && look.at().plus(this.longest).isBefore(now))
				.map((look) -> {
					this.audit.append(watch("connector.watch-lost", look.at()).failed().detail("why", failure));
					return true;
				})
				.orElse(false);
			return this.jdbc
				.sql("""
						update connector_drift_check set failure = ?, failed_at = ?, lost_at = case when ? then ? else lost_at end
						where tenant_id = ?""")
				.params(failure, now.atOffset(ZoneOffset.UTC), lost, now.atOffset(ZoneOffset.UTC), tenantId())
				.update();
		});
	}

	// Nobody knows what was so in between: what timelines show as unknown.
	private Act watch(String code, Instant last) {
		return Act.of(code).by(Actor.system("connector-drift")).on("tenant", tenantId()).detail("from", last);
	}

	private Optional<Look> looked() {
		return this.jdbc
			.sql("select checked_at, lost_at is not null from connector_drift_check where tenant_id = ? for update")
			.params(tenantId())
			.query((row, number) -> new Look(row.getObject(1, OffsetDateTime.class).toInstant(), row.getBoolean(2)))
			.optional();
	}

	/** The last comparison; empty: there was none. */
	Optional<CheckView> last() {
		return this.jdbc.sql("""
				select checked_at, compared, differing, calls, took_ms, failure from connector_drift_check
				where tenant_id = ?""")
			.params(tenantId())
			.query((row, number) -> new CheckView(row.getObject(1, OffsetDateTime.class).toInstant(), row.getInt(2),
					row.getInt(3), row.getInt(4), row.getLong(5), row.getString(6)))
			.optional();
	}

	private String tenantId() {
		return this.exchange.tenantId();
	}

	private <T> T inTransaction(Supplier<T> work) {
		return Objects.requireNonNull(this.transaction.execute((status) -> work.get()));
	}

	/** How we left one connector. */
	private record Left(UUID partnerId, Direction direction, String guid, String form, long version,
			boolean validated) {

		boolean isSame(Tenant.Seen seen) {
			return (seen.isValidated() || !this.validated) && isSame(seen.form());
		}

		private boolean isSame(Form seen) {
			return this.form.equals(Json.write(seen)) || Json.read(this.form, Form.class).differences(seen).isEmpty();
		}

	}

	/** The last comparison, and whether the history was told that none has come since. */
	private record Look(Instant at, boolean told) {
	}

	private record Outcome(Instant at, int compared, int differing, int calls, Duration took) {
	}

	/**
	 * A comparison as pages show it.
	 *
	 * @param compared how many connectors
	 * @param differing how many of them were not as we left them
	 * @param calls how many questions it took
	 * @param failure why the newest try could not compare; null: it could
	 */
	public record CheckView(Instant at, int compared, int differing, int calls, long milliseconds,
			@Nullable String failure) {
	}

}
