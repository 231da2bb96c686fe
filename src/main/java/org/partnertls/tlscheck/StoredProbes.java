package org.partnertls.tlscheck;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Keeps what servers showed, over restarts and for all instances, and leaves those alone
 * for a while that put us off (a 4xx reply): half an hour at first, then longer.
 */
@Component
class StoredProbes {

	private static final Duration LONGEST_PAUSE = Duration.ofDays(1);

	private final JdbcClient jdbc;

	private final JsonMapper json;

	private final RoundSettings settings;

	private final Clock clock;

	StoredProbes(JdbcClient jdbc, JsonMapper json, TlsCheckProperties properties, Clock clock) {
		this.jdbc = jdbc;
		this.json = json;
		this.settings = properties.rounds();
		this.clock = clock;
	}

	/**
	 * As the prober takes them.
	 * @param age how old a result may be
	 */
	SharedProbes within(Duration age) {
		return new SharedProbes() {

			@Override
			public Optional<AddressReport> recent(String host, InetAddress address) {
				return StoredProbes.this.recent(host, address, age);
			}

			@Override
			public void keep(String host, InetAddress address, AddressReport report) {
				StoredProbes.this.keep(host, address, report);
			}

		};
	}

	private Optional<AddressReport> recent(String host, InetAddress address, Duration age) {
		Instant now = this.clock.instant();
		return this.jdbc.sql("""
				select report from server_probe where host = :host and address = :address
				and (probed_at > :since or put_off_until > :now)""")
			.param("host", host)
			.param("address", address.getHostAddress())
			.param("since", TlsWatch.utc(now.minus(age)))
			.param("now", TlsWatch.utc(now))
			.query(String.class)
			.optional()
			.map((report) -> this.json.readValue(report, AddressReport.class));
	}

	private void keep(String host, InetAddress address, AddressReport report) {
		Instant now = this.clock.instant();
		StageReport failure = report.failure();
		boolean putOff = failure != null && failure.outcome() == StageOutcome.TEMPORARY;
		int times = putOff ? 1 + this.jdbc.sql("select put_off from server_probe where host = :host and address = :at")
			.param("host", host)
			.param("at", address.getHostAddress())
			.query(Integer.class)
			.optional()
			.orElse(0) : 0;
		this.jdbc.sql("""
				insert into server_probe (host, address, probed_at, report, put_off, put_off_until)
				values (:host, :address, :now, :report, :times, :until)
				on conflict (host, address) do update set probed_at = excluded.probed_at, report = excluded.report,
					put_off = excluded.put_off, put_off_until = excluded.put_off_until""")
			.param("host", host)
			.param("address", address.getHostAddress())
			.param("now", TlsWatch.utc(now))
			.param("report", this.json.writeValueAsString(report))
			.param("times", times)
			.param("until", putOff ? TlsWatch.utc(now.plus(pause(times))) : null, java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
			.update();
	}

	private Duration pause(int times) {
		Duration pause = this.settings.pause().multipliedBy(1L << Math.min(times - 1, 10));
		return (pause.compareTo(LONGEST_PAUSE) < 0) ? pause : LONGEST_PAUSE;
	}

	/** Forgets what no domain uses any more. */
	void purge() {
		this.jdbc.sql("delete from server_probe where probed_at < :before and coalesce(put_off_until, :before) <= :before")
			.param("before", TlsWatch.utc(this.clock.instant().minus(Duration.ofDays(14))))
			.update();
	}

}
