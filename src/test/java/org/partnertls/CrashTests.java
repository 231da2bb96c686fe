package org.partnertls;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import lab.ExchangeFault;
import lab.ExchangeOnlineDouble;
import lab.Neighbourhood;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The whole portal in a process of its own, from the approval on a page to enforcement:
 * it dies at each write, and every start takes a while.
 */
@Tag("slow")
class CrashTests {

	private static final Duration PATIENCE = Duration.ofSeconds(90);

	/** Every step of a first enforcement, as the history calls it. */
	private static final List<String> STEPS = List.of("connector.compared", "connector.outbound-written",
			"connector.outbound-read-back", "connector.inbound-written", "connector.inbound-read-back",
			"connector.outbound-validated", "connector.outbound-enabled", "connector.outbound-enforced",
			"connector.inbound-proven", "connector.inbound-rejecting", "connector.inbound-enforced",
			"connector.change-done");

	private static final List<String> WRITES = List.of("New-OutboundConnector", "New-InboundConnector",
			"Validate-OutboundConnector", "Set-OutboundConnector", "Set-InboundConnector");

	@TempDir
	private Path logs;

	private WholePortal whole;

	private Process process;

	@BeforeEach
	void open() throws IOException {
		this.whole = new WholePortal();
		// A dead process is missed after two seconds.
		this.whole.settings.put("db-scheduler.heartbeat-interval", "500ms");
		this.whole.settings.put("db-scheduler.polling-interval", "300ms");
	}

	@AfterEach
	void close() throws InterruptedException {
		if (this.process != null) {
			kill();
		}
		this.whole.close();
	}

	/**
	 * Each time, the tenant has done what it was asked for, and the process dies before
	 * it hears of it.
	 */
	@Test
	void aPushGoesOnWhereverTheProcessIsKilledBetweenAWriteAndItsAnswer() throws Exception {
		Neighbourhood.Partner nordwind = this.whole.neighbourhood.partner("nordwind.example");
		ExchangeOnlineDouble exchange = this.whole.neighbourhood.exchange();
		WRITES.forEach((cmdlet) -> exchange.failNext(ExchangeFault.slow(Duration.ofMinutes(10)).on(cmdlet)));
		start();
		Visitor amina = this.whole.visitor().signInAsStaff("Amina Okafor");
		String partner = approve(amina, nordwind);

		int kills = 0;
		for (int held = WRITES.size(); held > 0; held = exchange.waitingFaults()) {
			// Read while no process lives: the next write may come before we look.
			int waiting = held;
			if (kills > 0) {
				start();
			}
			kills++;
			await("call " + kills).atMost(PATIENCE).until(() -> exchange.waitingFaults() < waiting);
			// One that is held still has to take effect.
			int begun = WRITES.size() - exchange.waitingFaults();
			await().atMost(PATIENCE)
				.until(() -> WRITES.stream().filter((cmdlet) -> calls(cmdlet) > 0).count() >= begun);
			kill();
			assertThat(kills).isLessThanOrEqualTo(WRITES.size());
		}
		start();

		amina.openUntil(partner,
				(page) -> page.reads("always uses TLS") && page.reads("rejected without TLS") && page.reads("Active"));
		assertThat(exchange.outbound()).singleElement()
			.satisfies((connector) -> assertThat(connector).containsEntry("Name", "To nordwind.example")
				.containsEntry("Enabled", true)
				.containsEntry("IsValidated", true));
		assertThat(exchange.inbound()).singleElement()
			.satisfies((connector) -> assertThat(connector).containsEntry("Name", "From nordwind.example")
				.containsEntry("RequireTls", true));
		assertThat(calls("New-OutboundConnector")).isEqualTo(1);
		assertThat(calls("New-InboundConnector")).isEqualTo(1);
		assertThat(calls("Set-OutboundConnector")).isEqualTo(1);
		assertThat(calls("Set-InboundConnector")).isEqualTo(1);
		assertThat(steps()).isEqualTo(STEPS.stream().collect(Collectors.toMap((step) -> step, (step) -> 1)));
	}

	private String approve(Visitor amina, Neighbourhood.Partner nordwind) {
		String address = "mika.brandt@" + nordwind.domain();
		Visitor tomas = this.whole.visitor().signInAsStaff("Tomás Rey");
		tomas.open("/partners/new")
			.type("organisation", nordwind.name())
			.type("domain", nordwind.domain())
			.type("contactName", "Mika Brandt")
			.type("contactAddress", address)
			.type("ownerName", "Ines Albrecht")
			.type("ownerAddress", WholePortal.OWNER)
			.type("reason", "We exchange payment files every day.")
			.press("Send the invitation")
			.mustRead("is invited");
		this.whole.doTasks(this.whole.visitor().signInByCode(address), nordwind);
		amina.open("/reviews")
			.follow(nordwind.name())
			.press("Approve: create, test, then enforce")
			.mustRead("Approved.");
		return tomas.path();
	}

	private long calls(String cmdlet) {
		return this.whole.neighbourhood.exchange()
			.calls()
			.stream()
			.filter((call) -> call.cmdlet().equals(cmdlet) && call.executed())
			.count();
	}

	/** How often each step of the push stands in the history as done. */
	private Map<String, Integer> steps() throws SQLException {
		Map<String, Integer> steps = new TreeMap<>();
		try (Connection connection = TestDatabase.connect(this.whole.database, "portal_auditor");
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("""
						select code, count(*) from audit_event
						where subject_type = 'connector-change' and outcome = 'success'
						and actor_kind = 'SYSTEM' group by code""")) {
			while (rows.next()) {
				steps.put(rows.getString(1), rows.getInt(2));
			}
		}
		return steps;
	}

	private void start() throws Exception {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
						"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp",
						ClassPath.ofPortal(), PortalApplication.class.getName()));
		this.whole.settings.forEach((key, value) -> command.add("--" + key + "=" + value));
		File log = Files.createTempFile(this.logs, "portal", ".log").toFile();
		this.process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
		await("start").atMost(PATIENCE)
			.pollInterval(Duration.ofMillis(300))
			.failFast(() -> assertThat(this.process.isAlive()).as(() -> read(log)).isTrue())
			.until(this::isReady);
	}

	private boolean isReady() throws InterruptedException {
		try (HttpClient client = HttpClient.newHttpClient()) {
			URI readiness = this.whole.address.resolve("/actuator/health/readiness");
			return client
				.send(HttpRequest.newBuilder(readiness).timeout(Duration.ofSeconds(10)).build(),
						HttpResponse.BodyHandlers.discarding())
				.statusCode() == 200;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private void kill() throws InterruptedException {
		this.process.destroyForcibly();
		assertThat(this.process.waitFor(20, TimeUnit.SECONDS)).isTrue();
	}

	private static String read(File log) {
		try {
			return Files.readString(log.toPath());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
