package org.partnertls.tlscheck;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskInstanceId;
import lab.PartnerMailServer;
import lab.PartnerMailServer.Fault;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Jobs;
import org.partnertls.PartnerSide;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Verdict.Outcome;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.event.ApplicationEvents;
import org.springframework.test.context.event.RecordApplicationEvents;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
@RecordApplicationEvents
class TlsChecksTests {

	@Autowired
	private TlsChecks checks;

	@Autowired
	private Recorder recorder;

	@Autowired
	private PartnerSide partners;

	@Autowired
	private Jobs jobs;

	@Autowired
	private TestClock clock;

	@Autowired
	private Fixtures fixtures;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private SchedulerClient scheduler;

	@Autowired
	private JdbcClient jdbc;

	private final DomainName domain = new DomainName(Fixtures.freshDomain());

	private PartnerMailServer server;

	@BeforeEach
	void start() {
		this.server = this.partners.mailServer(this.domain.ascii(), this.clock.instant());
	}

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void aCheckIsAskedForAndRunsLaterAndIsKeptWithItsEvent(@Autowired ApplicationEvents events) {
		UUID id = this.checks.ask(this.domain, "test");
		assertThat(this.checks.find(id)).hasValueSatisfying((check) -> {
			assertThat(check.finished()).isFalse();
			assertThat(check.startedAt()).isNull();
		});
		assertThat(this.server.connections()).isZero();

		this.jobs.runDue();

		TlsCheck check = this.checks.find(id).orElseThrow();
		assertThat(check.verdict().domainValidation().outcome()).isEqualTo(Outcome.PASS);
		assertThat(check.startedAt()).isNotNull();
		assertThat(check.finishedAt()).isAfterOrEqualTo(check.startedAt());
		assertThat(check.progress()).isNull();
		assertThat(this.checks.latest(this.domain)).hasValue(check);
		assertThat(this.fixtures.events("tlscheck.finished", id)).isEqualTo(1);
		assertThat(events.stream(TlsCheckFinished.class)).contains(new TlsCheckFinished(id, this.domain));
	}

	@Test
	void nothingIsAskedWhenTheCallersTransactionRollsBack() {
		UUID id = this.transaction.execute((status) -> {
			UUID asked = this.checks.ask(this.domain, "test");
			status.setRollbackOnly();
			return asked;
		});
		assertThat(this.checks.find(id)).isEmpty();
		assertThat(this.scheduler.getScheduledExecution(TaskInstanceId.of("tls-check", id.toString()))).isEmpty();
	}

	@Test
	void askingAgainGivesTheCheckThatIsUnderWayOrJustEnded() {
		UUID first = this.checks.ask(this.domain, "test");
		assertThat(this.checks.ask(this.domain, "other")).isEqualTo(first);
		this.jobs.runDue();
		assertThat(this.checks.ask(this.domain, "other")).isEqualTo(first);
		this.clock.pass(Duration.ofSeconds(31));
		assertThat(this.checks.ask(this.domain, "other")).isNotEqualTo(first);
		assertThat(this.checks.latestFinished(this.domain)).map(TlsCheck::id).hasValue(first);
	}

	@Test
	void twoWhoAskAtOnceGetTheSameCheck() throws ExecutionException, InterruptedException {
		try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
			Future<UUID> one = threads.submit(() -> this.checks.ask(this.domain, "one"));
			Future<UUID> two = threads.submit(() -> this.checks.ask(this.domain, "two"));
			assertThat(one.get()).isEqualTo(two.get());
		}
	}

	@Test
	void aCheckThatNeverEndsDoesNotBlockTheDomainForEver() {
		UUID first = this.checks.ask(this.domain, "test");
		this.clock.pass(Duration.ofMinutes(16));
		assertThat(this.checks.ask(this.domain, "test")).isNotEqualTo(first);
	}

	@Test
	void runningAFinishedCheckAgainDoesNothing() {
		UUID id = this.checks.ask(this.domain, "test");
		this.jobs.runDue();
		TlsCheck before = this.checks.find(id).orElseThrow();
		Instant now = this.clock.instant();
		this.scheduler.scheduleIfNotExists(TlsChecks.TASK.instance(id.toString()).scheduledTo(now));
		this.jobs.runDue();
		assertThat(this.checks.find(id)).hasValue(before);
		assertThat(this.server.connections()).as(String.valueOf(before)).isEqualTo(1);
		assertThat(this.fixtures.events("tlscheck.finished", id)).isEqualTo(1);
	}

	@Test
	void aLateSecondWorkerKeepsNothing() {
		UUID id = this.checks.ask(this.domain, "test");
		this.jobs.runDue();
		TlsCheck check = this.checks.find(id).orElseThrow();
		assertThat(this.recorder.finish(id, this.domain, check.report(), true)).isFalse();
	}

	@Test
	void progressIsReadableWhileItRunsAndNoTransactionStaysOpen()
			throws ExecutionException, InterruptedException, TimeoutException {
		this.server.fault(Fault.SILENT);
		UUID id = this.checks.ask(this.domain, "test");
		CompletableFuture<Void> run = CompletableFuture.runAsync(this.jobs::runDue);
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.until(() -> this.checks.find(id).orElseThrow().progress() != null && this.server.connections() == 1);
		assertThat(this.checks.find(id).orElseThrow().startedAt()).isNotNull();
		assertThat(this.jdbc
			.sql("select count(*) from pg_stat_activity where datname = current_database()"
					+ " and state like 'idle in transaction%'")
			.query(Integer.class)
			.single()).isZero();
		this.server.close();
		run.get(15, TimeUnit.SECONDS);
		assertThat(this.checks.find(id).orElseThrow().verdict().encryptionOnly().outcome())
			.isEqualTo(Outcome.INCONCLUSIVE);
	}

}
