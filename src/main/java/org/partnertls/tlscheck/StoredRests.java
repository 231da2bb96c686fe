package org.partnertls.tlscheck;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Leaves servers alone that put us off (a 4xx reply): half an hour at first, twice as
 * long each further time, at most a day. Kept over restarts and for all instances.
 */
@Component
class StoredRests implements Rests {

	private static final Duration LONGEST = Duration.ofDays(1);

	private final JdbcClient jdbc;

	private final JsonMapper json;

	private final RoundSettings settings;

	private final Clock clock;

	StoredRests(JdbcClient jdbc, JsonMapper json, TlsCheckProperties properties, Clock clock) {
		this.jdbc = jdbc;
		this.json = json;
		this.settings = properties.rounds();
		this.clock = clock;
	}

	@Override
	public @Nullable AddressReport resting(String host, InetAddress address) {
		return this.jdbc.sql("select report from server_rest where host = :host and address = :at and until > :now")
			.param("host", host)
			.param("at", address.getHostAddress())
			.param("now", TlsWatch.utc(this.clock.instant()))
			.query(String.class)
			.optional()
			.map((report) -> this.json.readValue(report, AddressReport.class))
			.orElse(null);
	}

	@Override
	public void seen(String host, InetAddress address, AddressReport report) {
		StageReport failure = report.failure();
		if (failure == null || failure.outcome() != StageOutcome.TEMPORARY) {
			this.jdbc.sql("delete from server_rest where host = :host and address = :at")
				.param("host", host)
				.param("at", address.getHostAddress())
				.update();
			return;
		}
		int times = 1 + this.jdbc.sql("select times from server_rest where host = :host and address = :at")
			.param("host", host)
			.param("at", address.getHostAddress())
			.query(Integer.class)
			.optional()
			.orElse(0);
		Instant now = this.clock.instant();
		this.jdbc.sql("""
				insert into server_rest (host, address, report, times, until)
				values (:host, :at, :report, :times, :until)
				on conflict (host, address) do update set report = excluded.report, times = excluded.times,
					until = excluded.until""")
			.param("host", host)
			.param("at", address.getHostAddress())
			.param("report", this.json.writeValueAsString(report))
			.param("times", times)
			.param("until", TlsWatch.utc(now.plus(rest(times))))
			.update();
	}

	private Duration rest(int times) {
		Duration rest = this.settings.rest().multipliedBy(1L << Math.min(times - 1, 10));
		return (rest.compareTo(LONGEST) < 0) ? rest : LONGEST;
	}

	/** Forgets servers that nobody has asked for a long time. */
	void purge() {
		this.jdbc.sql("delete from server_rest where until < :before")
			.param("before", TlsWatch.utc(this.clock.instant().minus(Duration.ofDays(14))))
			.update();
	}

}
