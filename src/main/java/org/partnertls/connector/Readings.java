package org.partnertls.connector;

import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.organization.Ids;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The tenant as an administrator pasted it, where the portal may not read it itself.
 * Every one is kept as evidence.
 */
@Component
class Readings {

	private final ExchangeOnline exchange;

	private final JdbcClient jdbc;

	private final AuditLog audit;

	private final Clock clock;

	Readings(ExchangeOnline exchange, JdbcClient jdbc, AuditLog audit, Clock clock) {
		this.exchange = exchange;
		this.jdbc = jdbc;
		this.audit = audit;
		this.clock = clock;
	}

	/**
	 * What somebody pasted.
	 *
	 * @param hash SHA-256 in lower-case hex over both texts
	 */
	record Reading(Tenant tenant, Instant at, String byName, String hash) {
	}

	/**
	 * Reads both texts, without keeping them.
	 * @throws IllegalArgumentException with a sentence, when one is something else
	 */
	static Tenant read(String outbound, String inbound) {
		return Tenant.of(ExchangeOnline.readOutbound(outbound), ExchangeOnline.readInbound(inbound));
	}

	/**
	 * Keeps both texts.
	 * @throws IllegalArgumentException as {@link #read} does
	 */
	@Transactional
	Reading keep(String outbound, String inbound, Actor by) {
		Tenant tenant = read(outbound, inbound);
		Instant now = this.clock.instant();
		String name = Objects.requireNonNullElse(by.name(), by.id());
		String hash = Json.sha256(outbound + "\n" + inbound);
		UUID id = Ids.at(now);
		this.jdbc.sql("""
				insert into tenant_reading (id, tenant_id, read_at, by_id, by_name, outbound, inbound, hash)
				values (:id, :tenant, :at, :byId, :byName, :outbound, :inbound, :hash)""")
			.param("id", id)
			.param("tenant", this.exchange.tenantId())
			.param("at", now.atOffset(ZoneOffset.UTC))
			.param("byId", by.id())
			.param("byName", name)
			.param("outbound", outbound.replace("\u0000", ""))
			.param("inbound", inbound.replace("\u0000", ""))
			.param("hash", hash)
			.update();
		this.audit.append(Act.of("tenant.read")
			.by(by)
			.on("tenant-reading", id)
			.detail("tenant", this.exchange.tenantId())
			.detail("outbound", tenant.of(Direction.OUTBOUND).size())
			.detail("inbound", tenant.of(Direction.INBOUND).size())
			.detail("hash", hash));
		return new Reading(tenant, now, name, hash);
	}

	/** The newest; empty: nobody has pasted anything yet. */
	Optional<Reading> latest() {
		List<Reading> newest = this.jdbc.sql("""
				select outbound, inbound, read_at, by_name, hash from tenant_reading
				where tenant_id = :tenant order by read_at desc, id desc limit 1""")
			.param("tenant", this.exchange.tenantId())
			.query((row, number) -> new Reading(read(row.getString(1), row.getString(2)),
					row.getObject(3, OffsetDateTime.class).toInstant(), row.getString(4), row.getString(5)))
			.list();
		return newest.stream().findFirst();
	}

}
