package org.partnertls.web;

import java.util.Map;

import org.partnertls.organization.Retries;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * How much waits where, for the rail. One statement over the tables of the modules below,
 * since it is asked at every page.
 */
@Component
class Rail {

	// Without a parameter, so that it is planned once: every page of staff asks it.
	private static final String COUNTS = """
			select (select count(*) from partner_request where state = 'CONFIRMED') as requests,
				(select count(*) from alarm where state = 'OPEN') as alarms,
				(select count(*) from attestation where state = 'SUBMITTED') as reviews,
				(select count(*) from connector_change where state = 'NEEDS_ATTENTION')
					+ (select count(*) from connector_drift where ended_at is null) as connectors,
				(select count(*) from scheduled_tasks where consecutive_failures >= %d) as jobs"""
		.formatted(Retries.LIMIT);

	private final JdbcClient jdbc;

	Rail(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	Map<String, Integer> counts() {
		return this.jdbc.sql(COUNTS)
			.query((row, number) -> Map.of("alarms", row.getInt("alarms"), "requests", row.getInt("requests"),
					"reviews", row.getInt("reviews"), "connectors", row.getInt("connectors"), "jobs",
					row.getInt("jobs")))
			.single();
	}

}
