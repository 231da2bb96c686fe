package org.partnertls.connector;

import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.ExchangeOnline;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Whether the tenant may be changed at this time: nobody has paused the push, and the
 * calendar allows it. Reliefs do not ask here.
 */
@Component
class Gate {

	private final JdbcClient jdbc;

	private final ExchangeOnline exchange;

	private final ChangeCalendar calendar;

	private final AuditLog audit;

	private final Calls calls;

	private final ZoneId zone;

	private final Clock clock;

	Gate(JdbcClient jdbc, ExchangeOnline exchange, ConnectorProperties properties, AuditLog audit, Calls calls,
			ZoneId zone, Clock clock) {
		this.jdbc = jdbc;
		this.exchange = exchange;
		this.calendar = properties.calendar();
		this.audit = audit;
		this.calls = calls;
		this.zone = zone;
		this.clock = clock;
	}

	/** Who has paused the push; empty: nobody. */
	Optional<PauseView> pause() {
		return this.jdbc.sql("select paused_at, by_name from push_pause where tenant_id = ?")
			.params(this.exchange.tenantId())
			.query((row, number) -> new PauseView(row.getObject(1, OffsetDateTime.class).toInstant(), row.getString(2)))
			.optional();
	}

	/** Why nothing may be changed now, as a sentence; empty: it may. */
	Optional<String> closed() {
		return pause().map((pause) -> "All pushes are paused by " + pause.by() + ".")
			.or(() -> this.calendar.closed(this.clock.instant(), this.zone).map(ChangeCalendar.Closed::words));
	}

	/** Whether a step has to wait. To put back what failed only people can forbid. */
	boolean holds(StepKind step) {
		if (!step.isWrite()) {
			return false;
		}
		return (step == StepKind.OUTBOUND_UNDO) ? pause().isPresent() : closed().isPresent();
	}

	/**
	 * Nothing is pushed from now on, but for reliefs.
	 * @return whether it was not so already
	 */
	@Transactional
	public boolean pause(Actor by) {
		return pause(by, name(by), null);
	}

	/**
	 * The same by the portal itself, in the caller's transaction: it cannot work there.
	 * @param why a sentence that says what to do
	 */
	boolean stop(String why) {
		return pause(Actor.system("connector-push"), "Partner TLS Portal", why);
	}

	private boolean pause(Actor by, String name, @Nullable String why) {
		Instant now = this.clock.instant();
		int done = this.jdbc.sql("""
				insert into push_pause (tenant_id, paused_at, by_id, by_name) values (?, ?, ?, ?)
				on conflict do nothing""")
			.params(this.exchange.tenantId(), now.atOffset(ZoneOffset.UTC), by.id(), name)
			.update();
		if (done == 1) {
			Act act = act("connector.pushes-paused", by);
			this.audit.append((why != null) ? act.reason(why) : act);
		}
		return done == 1;
	}

	/**
	 * The push goes on.
	 * @return whether it was paused
	 */
	@Transactional
	public boolean resume(Actor by) {
		int done = this.jdbc.sql("delete from push_pause where tenant_id = ?")
			.params(this.exchange.tenantId())
			.update();
		if (done == 1) {
			this.audit.append(act("connector.pushes-resumed", by));
			this.calls.push();
		}
		return done == 1;
	}

	private static String name(Actor by) {
		return Objects.requireNonNullElse(by.name(), by.id());
	}

	private Act act(String code, Actor by) {
		return Act.of(code).by(by).on("tenant", this.exchange.tenantId());
	}

}
