package org.partnertls.connector;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The numbers under which work on a tenant is carried out.
 */
@Component
class Lease {

	private final JdbcClient jdbc;

	Lease(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	/** Makes the caller the one writer of a tenant; whoever was it is so no longer. */
	@Transactional
	public long take(String tenantId) {
		return this.jdbc.sql("""
				insert into connector_lease (tenant_id, fence) values (?, nextval('connector_fence'))
				on conflict (tenant_id) do update set fence = excluded.fence
				returning fence""").params(tenantId).query(Long.class).single();
	}

	/**
	 * Makes sure, until the transaction ends, that the caller still is the one writer.
	 * @throws Superseded when somebody else has taken over
	 */
	@Transactional(propagation = Propagation.MANDATORY)
	public void check(String tenantId, long fence) {
		long current = this.jdbc.sql("select fence from connector_lease where tenant_id = ? for share")
			.params(tenantId)
			.query(Long.class)
			.single();
		if (current != fence) {
			throw new Superseded();
		}
	}

	/** A number for work that needs no lease. */
	@Transactional
	public long number() {
		return this.jdbc.sql("select nextval('connector_fence')").query(Long.class).single();
	}

	/** Somebody else carries on. */
	static final class Superseded extends RuntimeException {

		Superseded() {
			super("another run of the push has taken over");
		}

	}

}
