package org.partnertls.connector;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.organization.Ids;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Lets many changes begin in portions: a few first, then more at a time, each portion
 * only when the one before is through its validation, and none any more after some have
 * failed. What waits in small numbers begins at once.
 */
@Component
class Rollouts {

	/** Somebody has to look, or the approval was for another tenant. */
	private static final String FAILED = "(c.state = 'NEEDS_ATTENTION' or (c.state = 'VOID' and c.started_at is null))";

	private final JdbcClient jdbc;

	private final Changes changes;

	private final ExchangeOnline exchange;

	private final ConnectorProperties properties;

	private final AuditLog audit;

	private final Calls calls;

	private final Clock clock;

	Rollouts(JdbcClient jdbc, Changes changes, ExchangeOnline exchange, ConnectorProperties properties, AuditLog audit,
			Calls calls, Clock clock) {
		this.jdbc = jdbc;
		this.changes = changes;
		this.exchange = exchange;
		this.properties = properties;
		this.audit = audit;
		this.calls = calls;
		this.clock = clock;
	}

	/**
	 * How many of the approved changes may begin now, in the caller's transaction.
	 */
	Allowance allowance() {
		String tenant = this.exchange.tenantId();
		Instant now = this.clock.instant();
		long waiting = this.changes.waiting(tenant, now);
		Rollout open = open(tenant);
		if (open == null && waiting == 0) {
			return Allowance.NONE;
		}
		long hourly = this.properties.mostChangesPerHour()
				- this.changes.startedSince(tenant, now.minus(Duration.ofHours(1)));
		if (open == null) {
			if (waiting <= this.properties.firstPortion()) {
				return new Allowance(Math.min(hourly, waiting), null, 0);
			}
			open = begin(tenant, now);
		}
		if (open.stopped()) {
			return Allowance.NONE;
		}
		if (open.failed() >= this.properties.failuresAllowed()) {
			stop(open, now);
			return Allowance.NONE;
		}
		if (waiting == 0 && open.underWay() == 0) {
			end(open, now);
			return Allowance.NONE;
		}
		long left = size(open.portion()) - open.begun();
		if (left > 0) {
			return new Allowance(Math.min(hourly, left), open.id(), open.portion());
		}
		if (open.untried() > 0) {
			return Allowance.NONE;
		}
		int next = open.portion() + 1;
		this.jdbc.sql("update connector_rollout set portion = ? where id = ?").params(next, open.id()).update();
		return new Allowance(Math.min(hourly, size(next)), open.id(), next);
	}

	/** Whether another change of a bulk push may begin, in the caller's transaction. */
	boolean mayBegin(UUID rollout) {
		return this.jdbc.sql("""
				select r.stopped_at is null and r.ended_at is null and (
					select count(*) from connector_change c where c.rollout_id = r.id and %s) < ?
				from connector_rollout r where r.id = ?""".formatted(FAILED))
			.params(this.properties.failuresAllowed(), rollout)
			.query(Boolean.class)
			.single();
	}

	private int size(int portion) {
		return (portion == 1) ? this.properties.firstPortion() : this.properties.portion();
	}

	private Rollout begin(String tenant, Instant now) {
		UUID id = Ids.at(now);
		this.jdbc.sql("insert into connector_rollout (id, tenant_id, portion, begun_at) values (?, ?, 1, ?)")
			.params(id, tenant, now.atOffset(ZoneOffset.UTC))
			.update();
		this.audit.append(act("connector.rollout-begun", id));
		return new Rollout(id, 1, false, 0, 0, 0, 0, 0);
	}

	private void stop(Rollout rollout, Instant now) {
		this.jdbc.sql("update connector_rollout set stopped_at = ? where id = ?")
			.params(now.atOffset(ZoneOffset.UTC), rollout.id())
			.update();
		this.audit.append(act("connector.rollout-stopped", rollout.id()).failed()
			.detail("failed", rollout.failed())
			.detail("portion", rollout.portion()));
	}

	private void end(Rollout rollout, Instant now) {
		this.jdbc.sql("update connector_rollout set ended_at = ? where id = ?")
			.params(now.atOffset(ZoneOffset.UTC), rollout.id())
			.update();
		this.audit.append(act("connector.rollout-ended", rollout.id()).detail("portions", rollout.portion()));
	}

	/**
	 * Lets a bulk push go on that has stopped by itself; what failed until now no longer
	 * counts.
	 * @return whether there was one
	 */
	@Transactional
	public boolean goOn(Actor by) {
		Rollout open = open(this.exchange.tenantId());
		if (open == null || !open.stopped()) {
			return false;
		}
		this.jdbc.sql("update connector_change c set rollout_id = null where rollout_id = ? and " + FAILED)
			.params(open.id())
			.update();
		this.jdbc.sql("update connector_rollout set stopped_at = null where id = ?").params(open.id()).update();
		this.audit.append(act("connector.rollout-continued", open.id()).by(by));
		this.calls.push();
		return true;
	}

	/** The bulk push under way. */
	Optional<RolloutView> view() {
		Rollout open = open(this.exchange.tenantId());
		return Optional.ofNullable(open)
			.map((rollout) -> new RolloutView(rollout.portion(), rollout.total(), rollout.underWay(), rollout.failed(),
					this.changes.waiting(this.exchange.tenantId(), this.clock.instant()), rollout.stopped()));
	}

	private @Nullable Rollout open(String tenant) {
		return this.jdbc.sql("""
				select r.id, r.portion, r.stopped_at is not null,
					count(c.id) filter (where c.portion = r.portion),
					count(c.id) filter (where c.state in ('APPROVED', 'PUSHING') and not exists (
						select from connector_relief l where l.partner_id = c.partner_id and l.state <> 'ENDED')),
					count(c.id) filter (where c.state in ('APPROVED', 'PUSHING') and not exists (
						select from connector_relief l where l.partner_id = c.partner_id and l.state <> 'ENDED')
						and exists (select from push_step s where s.change_id = c.id and s.state <> 'DONE'
							and s.kind in ('COMPARE', 'OUTBOUND_WRITE', 'OUTBOUND_READ_BACK', 'INBOUND_WRITE',
								'INBOUND_READ_BACK', 'OUTBOUND_VALIDATE'))),
					count(c.id) filter (where %s),
					count(c.id)
				from connector_rollout r left join connector_change c on c.rollout_id = r.id
				where r.tenant_id = ? and r.ended_at is null group by r.id""".formatted(FAILED))
			.params(tenant)
			.query((row, number) -> new Rollout(row.getObject(1, UUID.class), row.getInt(2), row.getBoolean(3),
					row.getLong(4), row.getLong(5), row.getLong(6), row.getLong(7), row.getLong(8)))
			.optional()
			.orElse(null);
	}

	private static Act act(String code, UUID id) {
		return Act.of(code).by(Actor.system("connector-push")).on("connector-rollout", id);
	}

	/**
	 * How many changes may begin.
	 *
	 * @param rollout the bulk push that they belong to; null: none
	 * @param portion of it
	 */
	record Allowance(long changes, @Nullable UUID rollout, int portion) {

		static final Allowance NONE = new Allowance(0, null, 0);

	}

	/**
	 * A bulk push.
	 *
	 * @param begun changes of this portion
	 * @param underWay changes that are not through
	 * @param untried those of them that are not through their validation
	 */
	private record Rollout(UUID id, int portion, boolean stopped, long begun, long underWay, long untried, long failed,
			long total) {
	}

	/**
	 * A bulk push as pages show it.
	 *
	 * @param portion the number of the portion that is at it
	 * @param begun how many changes have begun
	 * @param underWay how many of them are not through yet
	 * @param failed how many of them need attention
	 * @param waiting how many have not begun
	 * @param stopped whether it has stopped by itself
	 */
	public record RolloutView(int portion, long begun, long underWay, long failed, long waiting, boolean stopped) {
	}

}
