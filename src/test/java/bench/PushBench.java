package bench;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskInstanceId;
import lab.ExchangeOnlineDouble;
import org.junit.jupiter.api.Test;
import org.partnertls.PortalApplication;
import org.partnertls.PortalTest;
import org.partnertls.account.People;
import org.partnertls.audit.Actor;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.Plan;
import org.partnertls.connector.PlanResult;
import org.partnertls.connector.TlsLevel;
import org.partnertls.connector.Wanted;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partners;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.awaitility.Awaitility.await;

/**
 * The whole portal with its own scheduler pushes many partners to a tenant that takes a
 * tenth of a second for every call, and then compares all connectors. The peer is the
 * ideal: one writer that does nothing but wait for the answers to its writes.
 */
class PushBench {

	private static final int PARTNERS = Integer.getInteger("bench.partners", 1000);

	private static final Duration LATENCY = Duration.ofMillis(100);

	private static final UUID MAKER = UUID.fromString("00000000-0000-7000-8000-000000000001");

	private static final UUID REVIEWER = UUID.fromString("00000000-0000-7000-8000-000000000002");

	private static final Actor ADMIN = new Actor(Actor.Kind.STAFF, REVIEWER.toString(), "Administrator", "Amina Okafor",
			null, null);

	private ConfigurableApplicationContext context;

	private JdbcClient jdbc;

	@Test
	void pushes() throws Exception {
		try (ExchangeOnlineDouble tenant = ExchangeOnlineDouble.start()) {
			this.context = new SpringApplicationBuilder(PortalApplication.class)
				.initializers(new PortalTest.Settings(), (starting) -> settings(starting, tenant))
				.run("--server.port=0", "--logging.level.root=warn");
			try (ConfigurableApplicationContext running = this.context) {
				this.jdbc = running.getBean(JdbcClient.class);
				run(tenant);
			}
		}
	}

	private static void settings(ConfigurableApplicationContext starting, ExchangeOnlineDouble tenant) {
		Map<String, Object> settings = new HashMap<>(tenant.properties());
		settings.put("portal.connector.propagation", "0s");
		settings.put("portal.connector.inbound-enforcement", "at-once");
		settings.put("portal.connector.most-changes-per-hour", "100000");
		settings.put("portal.connector.push-interval", "1s");
		settings.put("portal.connector.read-back-pause", "0s");
		settings.put("spring.datasource.hikari.maximum-pool-size", "20");
		settings.put("server.shutdown", "immediate");
		starting.getEnvironment().getPropertySources().addFirst(new MapPropertySource("bench", settings));
	}

	private void run(ExchangeOnlineDouble tenant) {
		Connectors connectors = this.context.getBean(Connectors.class);
		connectors.pause(ADMIN);
		for (int i = 0; i < PARTNERS; i++) {
			Plan plan = ((PlanResult.Planned) connectors.plan(wanted(i))).plan();
			UUID change = connectors.propose(null, plan, MAKER);
			connectors.approve(change, REVIEWER, "Amina Okafor", plan.hash(), MAKER, 1);
		}
		// The invitations are not what is measured.
		this.jdbc.sql("delete from scheduled_tasks where task_name = 'mail' and not picked").update();
		List<Long> heap = new ArrayList<>(List.of(heap()));
		System.out.printf(Locale.ROOT, "%d partners approved, %s a call, heap %d MB%n", PARTNERS, LATENCY,
				heap.getFirst());
		Map<String, Long> before = tenant.counts();
		tenant.latency(LATENCY);
		long start = System.nanoTime();
		connectors.resume(ADMIN);
		int[] mark = { PARTNERS / 5 };
		await().atMost(Duration.ofMinutes(60)).pollInterval(Duration.ofMillis(200)).until(() -> {
			int done = done();
			if (done >= mark[0]) {
				heap.add(heap());
				System.out.printf(Locale.ROOT, "%d done after %.1f s, heap %d MB%n", done,
						(System.nanoTime() - start) / 1e9, heap.getLast());
				mark[0] += PARTNERS / 5;
			}
			return done == PARTNERS;
		});
		double makespan = (System.nanoTime() - start) / 1e9;
		Map<String, Long> calls = new HashMap<>(tenant.counts());
		before.forEach((cmdlet, count) -> calls.merge(cmdlet, -count, Long::sum));
		long all = calls.values().stream().mapToLong(Long::longValue).sum();
		long writes = calls.entrySet()
			.stream()
			.filter((call) -> call.getKey().startsWith("New-") || call.getKey().startsWith("Set-"))
			.mapToLong(Map.Entry::getValue)
			.sum();
		double ideal = writes * LATENCY.toMillis() / 1e3;
		System.out.printf(Locale.ROOT, "calls %s%nmakespan %.1f s, ideal %.1f s for one writer (%d writes)%n", calls,
				makespan, ideal, writes);
		if (tenant.outbound().size() != PARTNERS || tenant.inbound().size() != PARTNERS) {
			throw new IllegalStateException("not one connector for each partner and direction");
		}
		Drift drift = drift(tenant);
		empty(tenant);
		System.out.printf(Locale.ROOT,
				"heap after a collection: at the start %d MB, in the middle %d MB, in the end %d MB, of which the portal's %d MB%n",
				heap.getFirst(), heap.get(heap.size() / 2), heap.getLast(), heap());
		System.out.printf(Locale.ROOT, "RESULT push.calls_per_partner %.2f%n", (double) all / PARTNERS);
		System.out.printf(Locale.ROOT, "RESULT push.makespan_ratio %.3f%n", makespan / ideal);
		System.out.printf(Locale.ROOT, "RESULT push.drift_calls %d%n", drift.calls());
		System.out.printf(Locale.ROOT, "RESULT push.drift_seconds %.3f%n", drift.seconds());
	}

	/** What the tenant holds lies on the same heap and is not the portal's. */
	private static void empty(ExchangeOnlineDouble tenant) {
		tenant.outbound()
			.forEach((connector) -> tenant.runAside("Remove-OutboundConnector",
					Map.of("Identity", connector.get("Guid"), "Confirm", false)));
		tenant.inbound()
			.forEach((connector) -> tenant.runAside("Remove-InboundConnector",
					Map.of("Identity", connector.get("Guid"), "Confirm", false)));
	}

	private Drift drift(ExchangeOnlineDouble tenant) {
		long before = lists(tenant);
		Instant last = checkedAt();
		this.context.getBean(SchedulerClient.class)
			.reschedule(TaskInstanceId.of("connector-drift", "recurring"), Instant.now());
		await().atMost(Duration.ofMinutes(1))
			.pollInterval(Duration.ofMillis(50))
			.until(() -> checkedAt().isAfter(last));
		return this.jdbc.sql("select compared, differing, took_ms from connector_drift_check").query((row, number) -> {
			System.out.printf(Locale.ROOT, "drift: %d connectors compared, %d differ, %d ms in all%n", row.getInt(1),
					row.getInt(2), row.getLong(3));
			return new Drift(lists(tenant) - before, row.getLong(3) / 1e3);
		}).single();
	}

	private Instant checkedAt() {
		return this.jdbc.sql("select checked_at from connector_drift_check")
			.query((row, number) -> row.getTimestamp(1).toInstant())
			.optional()
			.orElse(Instant.EPOCH);
	}

	private static long lists(ExchangeOnlineDouble tenant) {
		return tenant.counts()
			.entrySet()
			.stream()
			.filter((call) -> call.getKey().startsWith("Get-"))
			.mapToLong(Map.Entry::getValue)
			.sum();
	}

	private int done() {
		return this.jdbc.sql("select count(*) from connector_change where state = 'DONE'")
			.query(Integer.class)
			.single();
	}

	/** What is in use when nothing that can go is left, in MB. */
	private static long heap() {
		System.gc();
		Runtime runtime = Runtime.getRuntime();
		return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
	}

	private Wanted wanted(int number) {
		DomainName domain = DomainName.of("partner-" + number + ".example");
		Invitation invitation = this.context.getBean(Partners.class)
			.invite(new NewPartner("Partner " + number, domain, "Greta Hahn", new EmailAddress("greta", domain),
					"Ines Falk", EmailAddress.of("ines.falk@contoso.example"), "Payroll",
					People.of(this.context).admin().who()));
		return new Wanted(((Invitation.Invited) invitation).id(), "Partner " + number, new TreeSet<>(List.of(domain)),
				TlsLevel.CERTIFICATE_VALIDATION, null, List.of(new EmailAddress("postmaster", domain)),
				new Wanted.Unrestricted(), "TLS-" + number);
	}

	private record Drift(long calls, double seconds) {
	}

}
