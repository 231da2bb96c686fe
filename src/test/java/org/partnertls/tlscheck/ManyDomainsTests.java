package org.partnertls.tlscheck;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.TestDatabase;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Lists of ten thousand domains read few rows: what is shown is copied and indexed.
 */
@PortalTest
class ManyDomainsTests {

	@Autowired
	private TlsWatch watch;

	@Autowired
	private ResultsCsv csv;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private TestClock clock;

	private final String family = Fixtures.freshDomain();

	@BeforeEach
	void fill() {
		this.jdbc
			.sql("""
					insert into watched_domain (domain, partner_id, partner_name, watched_since, due_at, level, state,
						state_since, failures, first_failed_at, unclear, checked_at, rules_version, outcome, forced_tls,
						sentence, expires_at, expiring_from)
					select 'd' || lpad(n::text, 5, '0') || '.' || :family, :partner, 'Partner ' || n, :now,
						:now + interval '1 year', 'CERTIFICATE_VALIDATION', case when n % 200 = 0 then 'FAILING' else 'GOOD' end,
						:now, case when n % 200 = 0 then 3 else 0 end, case when n % 200 = 0 then :now end, 0, :now, 1000,
						case when n % 100 = 1 then 'INCONCLUSIVE' else 'PASS' end,
						case when n % 500 = 0 then 'FAIL' else 'PASS' end, 'Sentence', :now + interval '60 days',
						:now + case when n % 50 = 2 then interval '-1 day' else interval '46 days' end
					from generate_series(1, 10000) n""")
			.param("family", this.family)
			.param("partner", UUID.randomUUID())
			.param("now", TlsWatch.utc(this.clock.instant()))
			.update();
	}

	/**
	 * Other tests need not go through all of them; the portal itself may not delete any.
	 */
	@AfterEach
	void empty(@Value("${spring.datasource.url}") String url) throws SQLException {
		try (Connection connection = TestDatabase.connect(url, "superuser");
				PreparedStatement all = connection
					.prepareStatement("delete from watched_domain where domain like '%.' || ?")) {
			all.setString(1, this.family);
			assertThat(all.executeUpdate()).isEqualTo(10000);
		}
	}

	@Test
	void everyFilterFindsItsPagesAndTheCsvHasAll() throws IOException {
		assertThat(list("failing", null)).hasSize(50).allMatch((one) -> one.condition().failures() == 3);
		assertThat(list("expiring", null)).hasSizeGreaterThanOrEqualTo(51)
			.allMatch((one) -> one.expires(this.clock.instant()));
		assertThat(list("inconclusive", null)).hasSizeGreaterThanOrEqualTo(51);
		assertThat(list("not-forced", null)).hasSize(20);
		assertThat(list("", "d09980." + this.family)).hasSize(20);
		int[] lines = new int[1];
		int written = this.csv.write(DomainFilter.of(this.family, ""), new OutputStream() {

			@Override
			public void write(int octet) {
				lines[0] += (octet == '\n') ? 1 : 0;
			}

		});
		assertThat(written).isEqualTo(10_000);
		assertThat(lines[0]).isEqualTo(10_001);
	}

	// A timed test says more about the machine than about the statement; its plan does
	// not.
	@Test
	void aFilteredPageNeverReadsTheWholeTable() {
		this.transaction.executeWithoutResult((status) -> {
			for (DomainFilter.Show show : List.of(DomainFilter.Show.FAILING, DomainFilter.Show.INCONCLUSIVE,
					DomainFilter.Show.NOT_FORCED, DomainFilter.Show.DIFFERENT)) {
				assertThat(plan("domain > '' and " + show.condition() + " order by domain limit 51")).as("%s", show)
					.contains("Index")
					.doesNotContain("Seq Scan");
			}
			assertThat(plan("domain > 'd05000' and true order by domain limit 51")).contains("Index Scan")
				.doesNotContain("Seq Scan", "Sort");
			assertThat(plan("due_at <= now() - interval '1 year' order by due_at limit 500")).contains("Index")
				.doesNotContain("Seq Scan");
		});
	}

	private List<WatchedDomain> list(String show, String after) {
		return this.watch.list(DomainFilter.of(this.family, show), after, 200);
	}

	private String plan(String rest) {
		return String.join("\n",
				this.jdbc.sql("explain select * from watched_domain where " + rest).query(String.class).list());
	}

}
