package org.partnertls.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import javax.sql.DataSource;
import org.postgresql.PGConnection;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * How fast the history answers and leaves the portal, against PostgreSQL alone on the
 * same data in the same run.
 */
public final class SearchMeasures {

	private static final int TRIES = Integer.getInteger("bench.tries", 40);

	private static final String ORDER = " order by at desc, id desc limit 51";

	private final DataSource data;

	private final JdbcClient jdbc;

	private final History history;

	private final TransactionTemplate transaction;

	private final Instant newest;

	public SearchMeasures(DataSource data) {
		this.data = data;
		this.jdbc = JdbcClient.create(data);
		this.history = new History(this.jdbc, JsonMapper.shared());
		this.transaction = new TransactionTemplate(new DataSourceTransactionManager(data));
		this.transaction.setReadOnly(true);
		this.newest = this.jdbc.sql("select max(at) from audit_event")
			.query((row, number) -> row.getObject(1, OffsetDateTime.class).toInstant())
			.single();
	}

	/** Each filter and preset: the first page, and the hundredth by its cursor. */
	public void search() throws Exception {
		Map<String, String> filters = new LinkedHashMap<>();
		String month = this.newest.atOffset(ZoneOffset.UTC).toLocalDate().minusDays(30).toString();
		String year = this.newest.atOffset(ZoneOffset.UTC).toLocalDate().minusDays(400).toString();
		UUID subject = this.jdbc.sql("select subject_id from audit_event where at < ? order by at desc limit 1")
			.param(AuditLog.utc(this.newest.minusSeconds(86_400L * 200)))
			.query((row, number) -> UUID.fromString(row.getString(1)))
			.single();
		filters.put("", "true");
		filters.put("last=24h", "at >= '" + this.newest.minusSeconds(86_400) + "'");
		filters.put("from=" + year + "&to=" + month, "at >= '" + year + "T00:00Z' and at < '"
				+ this.newest.atOffset(ZoneOffset.UTC).toLocalDate().minusDays(29) + "T00:00Z'");
		filters.put("who=person 17", "actor_id = '" + new UUID(9, 17) + "'");
		filters.put("who=" + new UUID(9, 17), "actor_id = '" + new UUID(9, 17) + "'");
		filters.put("role=Administrator", "coalesce(actor_role, actor_kind) = 'Administrator'");
		filters.put("act=attestation.submitted", "code = 'attestation.submitted'");
		filters.put("act=connector", "code like 'connector.%'");
		filters.put("outcome=success", "outcome = 'success'");
		filters.put("outcome=refused", "outcome = 'refused'");
		filters.put("partner=" + new UUID(7, 5), "partner_id = '" + new UUID(7, 5) + "'");
		filters.put("domain=partner-5.example", "domain = 'partner-5.example'");
		filters.put("subject=" + subject, "subject_id = '" + subject + "'");
		filters.put("request=0123456789ab", "request_id = '0123456789ab'");
		filters.put("words=partner 1234", "at >= '" + this.newest.minus(Search.REACH)
				+ "' and audit_event_words(event) @@ audit_query('partner 1234')");
		filters.put("act=attestation.approved", "code = 'attestation.approved'");
		filters.put("act=connector&outcome=trouble", "code like 'connector.%' and outcome <> 'success'");
		filters.put("act=sign-in&outcome=trouble", "code like 'sign-in.%' and outcome <> 'success'");
		filters.put("partner=" + new UUID(7, 5) + "&act=connector",
				"partner_id = '" + new UUID(7, 5) + "' and code like 'connector.%'");
		double worst = 0;
		double ratio = 0;
		double ready = 0;
		for (String filter : filters.keySet()) {
			for (int i = 0; i < 5; i++) {
				this.transaction.execute((status) -> this.history.search(read(filter), null, null));
			}
		}
		for (Map.Entry<String, String> filter : filters.entrySet()) {
			Search search = read(filter.getKey());
			History.Cursor hundredth = hundredth(filter.getValue());
			for (History.Cursor cursor : (hundredth != null) ? Arrays.asList(null, hundredth)
					: Arrays.asList((History.Cursor) null)) {
				double[] bare = times(() -> bare(filter.getValue(), cursor, 0));
				double[] prepared = times(() -> bare(filter.getValue(), cursor, 5));
				double[] ours = times(
						() -> this.transaction.execute((status) -> this.history.search(search, cursor, null)));
				worst = Math.max(worst, p95(ours));
				ratio = Math.max(ratio, ours[TRIES / 2] / bare[TRIES / 2]);
				ready = Math.max(ready, ours[TRIES / 2] / prepared[TRIES / 2]);
				System.out.printf(Locale.ROOT,
						"search %-50s %-9s p95 %7.2f ms, SQL alone %7.2f ms, medians %.2f ms, %.1f×, of prepared SQL %.1f×%n",
						filter.getKey(), (cursor == null) ? "page 1" : "page 100", p95(ours), p95(bare),
						ours[TRIES / 2], ours[TRIES / 2] / bare[TRIES / 2], ours[TRIES / 2] / prepared[TRIES / 2]);
			}
		}
		AuditMeasures.result("search_p95_ms", worst);
		AuditMeasures.result("search_vs_sql", ratio);
		AuditMeasures.result("search_vs_prepared_sql", ready);
	}

	/**
	 * Everything as JSON Lines with proofs, against {@code COPY} of the same rows of both
	 * tables.
	 */
	public void export(Proofs proofs) throws Exception {
		Exports exports = new Exports(this.data, this.history, proofs, new DataSourceTransactionManager(this.data));
		Checkpoint checkpoint = proofs.latest().orElseThrow();
		double[] copying = new double[3];
		double[] exporting = new double[3];
		for (int i = 0; i < 3; i++) {
			long begin = System.nanoTime();
			copy();
			copying[i] = (System.nanoTime() - begin) / 1e9;
			begin = System.nanoTime();
			// What is live is asked for twice a second: flat, however much has been
			// written.
			long[] live = new long[1];
			long written = exports.write(Search.EVERYTHING, ExportFormat.JSONL, checkpoint, new Counting(),
					(count) -> live[0] = Math.max(live[0], live()));
			exporting[i] = (System.nanoTime() - begin) / 1e9;
			System.out.printf(Locale.ROOT,
					"export of %,d events: COPY %.1f s, JSON Lines %.1f s, live after a collection at most %,d MB%n",
					written, copying[i], exporting[i], live[0] >> 20);
		}
		Arrays.sort(copying);
		Arrays.sort(exporting);
		AuditMeasures.result("export_ratio", copying[1] / exporting[1]);
	}

	/** What the last collection left. */
	private static long live() {
		return ManagementFactory.getMemoryPoolMXBeans()
			.stream()
			.map(MemoryPoolMXBean::getCollectionUsage)
			.filter(java.util.Objects::nonNull)
			.mapToLong(MemoryUsage::getUsed)
			.sum();
	}

	private void copy() throws SQLException, IOException {
		try (Connection connection = this.data.getConnection()) {
			for (String table : List.of("audit_event", "audit_personal")) {
				connection.unwrap(PGConnection.class)
					.getCopyAPI()
					.copyOut("copy (select * from " + table + ") to stdout", new Counting());
			}
		}
	}

	private Search read(String query) {
		Map<String, String> fields = new HashMap<>();
		for (String field : query.split("&", -1)) {
			if (field.contains("=")) {
				fields.put(field.substring(0, field.indexOf('=')), field.substring(field.indexOf('=') + 1));
			}
		}
		return Search.read(fields, ZoneOffset.UTC, this.newest).search();
	}

	private History.@org.jspecify.annotations.Nullable Cursor hundredth(String where) {
		return this.jdbc
			.sql("select at, id from audit_event where " + where + " order by at desc, id desc offset 4949 limit 1")
			.query((row, number) -> new History.Cursor(row.getObject(1, OffsetDateTime.class).toInstant(),
					row.getObject(2, UUID.class)))
			.optional()
			.orElse(null);
	}

	/**
	 * The events, and what stands beside them: a page shows names. As somebody types it:
	 * planned each time, since no two questions are the same; or planned once for all
	 * tries.
	 * @param threshold after how many tries it is; zero: never
	 */
	private Object bare(String where, History.@org.jspecify.annotations.Nullable Cursor cursor, int threshold)
			throws SQLException {
		List<String> found = new ArrayList<>();
		List<String> ids = new ArrayList<>();
		try (Connection connection = this.data.getConnection();
				PreparedStatement query = connection
					.prepareStatement("select id, at, event from audit_event where " + where
							+ ((cursor != null) ? " and (at, id) < ('" + cursor.at() + "', '" + cursor.id() + "')" : "")
							+ ORDER);
				PreparedStatement beside = connection.prepareStatement(
						"select event_id, slot, content from audit_personal where event_id = any(?::uuid[])")) {
			query.unwrap(org.postgresql.PGStatement.class).setPrepareThreshold(threshold);
			try (ResultSet row = query.executeQuery()) {
				while (row.next()) {
					ids.add(row.getString(1));
					found.add(row.getString(3));
				}
			}
			beside.setArray(1, connection.createArrayOf("text", ids.toArray()));
			try (ResultSet row = beside.executeQuery()) {
				while (row.next()) {
					found.add(row.getString(3));
				}
			}
		}
		return found;
	}

	private static double p95(double[] sorted) {
		return sorted[(int) Math.ceil(TRIES * 0.95) - 1];
	}

	/** Milliseconds of each try, the fastest first. */
	private static double[] times(Asked asked) throws Exception {
		for (int i = 0; i < 20; i++) {
			asked.ask();
		}
		double[] times = new double[TRIES];
		for (int i = 0; i < TRIES; i++) {
			long begin = System.nanoTime();
			asked.ask();
			times[i] = (System.nanoTime() - begin) / 1e6;
		}
		Arrays.sort(times);
		return times;
	}

	private interface Asked {

		Object ask() throws Exception;

	}

	/** Takes everything and keeps nothing. */
	private static final class Counting extends OutputStream {

		private long bytes;

		@Override
		public void write(int one) {
			this.bytes++;
		}

		@Override
		public void write(byte[] content, int from, int length) {
			this.bytes += length;
		}

	}

}
