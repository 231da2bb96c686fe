package org.partnertls.connector;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import lab.ExchangeFault;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.partnertls.Fixtures;
import org.partnertls.PortalApplication;

import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every step of a push, whatever goes wrong with its call, whether or not the portal dies
 * there, whether it goes on itself or another one takes over: in the end there is exactly
 * one connector in each direction and it is what was approved, or the push has stopped
 * and says why; and the history has every step once.
 */
@Isolated("so that its times are its own")
class FaultMatrixTests extends TenantTest {

	/** Longer than the portal waits for an answer in these tests. */
	private static final Duration TOO_LONG = Duration.ofMillis(500);

	/** Processes that are ready to take over, since a start takes long. */
	private static final Deque<PushProcess> STANDBY = new ConcurrentLinkedDeque<>();

	private static final List<PushProcess> ALIVE = new CopyOnWriteArrayList<>();

	/** How many more processes may start. */
	private int allowed = Integer.MAX_VALUE;

	private Class<?> application = PortalApplication.class;

	@TempDir
	private static Path directory;

	private static final Map<StepKind, String> CALLS = Map.ofEntries(
			Map.entry(StepKind.COMPARE, "Get-OutboundConnector"),
			Map.entry(StepKind.OUTBOUND_WRITE, "New-OutboundConnector"),
			Map.entry(StepKind.OUTBOUND_READ_BACK, "Get-OutboundConnector"),
			Map.entry(StepKind.INBOUND_WRITE, "New-InboundConnector"),
			Map.entry(StepKind.INBOUND_READ_BACK, "Get-InboundConnector"),
			Map.entry(StepKind.OUTBOUND_VALIDATE, "Validate-OutboundConnector"),
			Map.entry(StepKind.OUTBOUND_ENABLE, "Set-OutboundConnector"),
			Map.entry(StepKind.OUTBOUND_ENABLED_READ_BACK, "Get-OutboundConnector"),
			Map.entry(StepKind.OUTBOUND_UNDO, "Set-OutboundConnector"),
			Map.entry(StepKind.INBOUND_ENFORCE, "Set-InboundConnector"),
			Map.entry(StepKind.INBOUND_ENFORCED_READ_BACK, "Get-InboundConnector"));

	/** What has been written down just before the call of a look. */
	private static final Map<StepKind, StepKind> BEFORE = Map.of(StepKind.OUTBOUND_READ_BACK, StepKind.OUTBOUND_WRITE,
			StepKind.INBOUND_READ_BACK, StepKind.INBOUND_WRITE, StepKind.OUTBOUND_ENABLED_READ_BACK,
			StepKind.OUTBOUND_ENABLE, StepKind.INBOUND_ENFORCED_READ_BACK, StepKind.INBOUND_ENFORCE);

	/** No event of a case is older; the history has a partition for each month. */
	private Instant began = Instant.EPOCH;

	private volatile boolean takenOver;

	private volatile int goesOn;

	/** What can go wrong with a call. */
	private enum Fault {

		NONE, FAILS_BEFORE, FAILS_AFTER_THE_EFFECT, SLOW, COMMITS_LATE, CUT_BEFORE, CUT_AFTER_THE_EFFECT, THROTTLED,
		UNAVAILABLE, PASSING_AS_400, REFUSED, INVISIBLE, TRUNCATED, CHANGED_TENANT;

		boolean suits(StepKind step) {
			boolean look = isLook(step);
			boolean create = step == StepKind.OUTBOUND_WRITE || step == StepKind.INBOUND_WRITE;
			return switch (this) {
				case NONE, FAILS_BEFORE, CUT_BEFORE, THROTTLED, UNAVAILABLE, PASSING_AS_400, REFUSED -> true;
				case FAILS_AFTER_THE_EFFECT, SLOW, COMMITS_LATE, CUT_AFTER_THE_EFFECT -> !look;
				case INVISIBLE -> create;
				case TRUNCATED -> look;
				case CHANGED_TENANT -> step != StepKind.OUTBOUND_VALIDATE;
			};
		}

	}

	private static boolean isLook(StepKind step) {
		return step == StepKind.COMPARE || step.isReadBack();
	}

	record Case(StepKind step, Fault fault, boolean crash, int schedulers) {

		Pusher.Moment before() {
			return isLook(this.step) ? Pusher.Moment.RECORDED : Pusher.Moment.BEGUN;
		}

		Pusher.Moment after() {
			return isLook(this.step) ? Pusher.Moment.RECORDED : Pusher.Moment.ANSWERED;
		}

		boolean takesLong() {
			return (this.fault == Fault.SLOW || this.fault == Fault.COMMITS_LATE)
					&& (this.schedulers == 2) == this.crash;
		}

		@Override
		public String toString() {
			return this.step + ", " + this.fault + (this.crash ? ", then a crash" : "") + ", " + this.schedulers
					+ ((this.schedulers == 1) ? " scheduler" : " schedulers");
		}

	}

	/**
	 * What other classes have left would be listed in every case. They are over: this
	 * class is the last.
	 */
	@BeforeAll
	static void beginWithAnEmptyTenant() {
		remove(TENANT.outbound(), TENANT.inbound());
	}

	static Stream<Case> cases() {
		return all().filter((what) -> !what.takesLong());
	}

	/** Where somebody waits in vain, half of the cases do for every day. */
	static Stream<Case> casesThatTakeLong() {
		return all().filter(Case::takesLong);
	}

	/** What is put back was on and has to be on again, with the settings from before. */
	static Stream<Case> undoings() {
		return Stream
			.of(Fault.NONE, Fault.FAILS_BEFORE, Fault.FAILS_AFTER_THE_EFFECT, Fault.CUT_AFTER_THE_EFFECT, Fault.REFUSED,
					Fault.CHANGED_TENANT)
			.flatMap((fault) -> Stream.of(new Case(StepKind.OUTBOUND_UNDO, fault, false, 1),
					new Case(StepKind.OUTBOUND_UNDO, fault, true, 1), new Case(StepKind.OUTBOUND_UNDO, fault, false, 2),
					new Case(StepKind.OUTBOUND_UNDO, fault, true, 2)));
	}

	static Stream<Case> all() {
		List<Case> cases = new ArrayList<>();
		for (StepKind step : StepKind.values()) {
			for (Fault fault : Fault.values()) {
				if (CALLS.containsKey(step) && step != StepKind.OUTBOUND_UNDO && fault.suits(step)) {
					for (boolean crash : new boolean[] { false, true }) {
						cases.add(new Case(step, fault, crash, 1));
						cases.add(new Case(step, fault, crash, 2));
					}
				}
			}
		}
		// Those that need no new process come first.
		return cases.stream().sorted(Comparator.comparing(Case::crash).thenComparingInt(Case::schedulers));
	}

	@Tag("slow")
	@Timeout(60)
	@ParameterizedTest(name = "{0}")
	@MethodSource("casesThatTakeLong")
	void endsTheSameWhereItTakesLong(Case what) {
		endsAsApprovedOrStopsAndSaysWhy(what);
	}

	/**
	 * {@code kill -9} of the process that pushes, once at each write. The next process
	 * takes over, and after the last one the tests' own portal.
	 */
	@Test
	@Timeout(300)
	void endsTheSameWhereverTheProcessThatPushesIsKilled() throws Exception {
		// The first needs connectors that stand, which nobody else may be pushing.
		List<Case> deaths = Stream.concat(undoings(), all())
			.filter((what) -> what.crash() && what.schedulers() == 1 && what.fault() == Fault.NONE)
			.filter((what) -> !isLook(what.step()))
			.toList();
		assertThat(deaths).hasSize(6);
		this.allowed = deaths.size();
		this.application = PushProcess.Pushing.class;
		try {
			for (Case what : deaths) {
				endsTheSameInProcessesOfTheirOwn(what);
				endWhatIsOpen();
			}
		}
		finally {
			endProcesses();
			othersGoOn();
		}
	}

	/** All of them, with processes that really die or stand still. */
	@Tag("slow")
	@Timeout(600)
	@ParameterizedTest(name = "{0}")
	@MethodSource("all")
	void endsTheSameInProcessesOfTheirOwn(Case what) throws Exception {
		boolean undo = what.step() == StepKind.OUTBOUND_UNDO;
		Wanted wanted = undo ? enforced() : wanted(Fixtures.freshDomain());
		othersWait();
		prepare(what.schedulers());
		this.connectors.pause(ADMIN);
		UUID id = undo ? changed(wanted) : approved(wanted);
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		boolean[] struck = new boolean[1];
		this.takenOver = false;
		this.goesOn = Integer.MAX_VALUE;
		if (!BEFORE.containsKey(what.step())) {
			arm(what, wanted);
		}
		PushProcess.Watcher watcher = (process, moment, step) -> meet(what, wanted, id, process, moment, step, struck);
		ALIVE.forEach((process) -> process.watch(watcher));
		this.connectors.resume(ADMIN);

		driveProcesses(id, watcher);
		if (!undo && change(id).needsAttention() && what.fault() != Fault.CHANGED_TENANT) {
			assertThat(what.fault()).as(change(id).why()).isEqualTo(Fault.REFUSED);
			assertThat(this.connectors.retry(id)).isTrue();
			driveProcesses(id, watcher);
		}
		ALIVE.forEach((process) -> process.watch((other, moment, step) -> true));
		if (undo) {
			judgeUndone(what, wanted, id, struck[0], 0);
		}
		else {
			judge(what, wanted, id, struck[0]);
		}
	}

	/** No other work meets the faults. */
	private void othersWait() {
		this.jdbc.sql("""
				update scheduled_tasks set execution_time = execution_time + interval '10 years'
				where task_name not in ('connector-push', 'connector-validation')
				and execution_time < now() + interval '1 year'""").update();
	}

	private void othersGoOn() {
		this.jdbc.sql("""
				update scheduled_tasks set execution_time = execution_time - interval '10 years'
				where execution_time > now() + interval '9 years'""").update();
		this.jdbc.sql("""
				update scheduled_tasks set picked = false, picked_by = null, last_heartbeat = null
				where picked""").update();
	}

	private void prepare(int schedulers) throws Exception {
		ALIVE.removeIf((process) -> !process.isAlive());
		while (ALIVE.size() > schedulers) {
			ALIVE.removeLast().kill();
		}
		while (ALIVE.size() < schedulers) {
			takeOver((process, moment, step) -> true);
		}
	}

	private void takeOver(PushProcess.Watcher watcher) throws Exception {
		PushProcess next = STANDBY.isEmpty() ? startOne() : STANDBY.removeFirst();
		// A start takes longer than a case.
		while (STANDBY.size() < Math.min(2, this.allowed)) {
			STANDBY.addLast(startOne());
		}
		next.work(watcher);
		ALIVE.add(next);
		othersWait();
	}

	private PushProcess startOne() throws IOException {
		this.allowed--;
		Map<String, String> settings = new TreeMap<>();
		for (PropertySource<?> source : this.context.getEnvironment().getPropertySources()) {
			if (source instanceof EnumerablePropertySource<?> named
					&& (named.getName().equals("neighbours") || named.getName().contains("Dynamic Test"))) {
				for (String key : named.getPropertyNames()) {
					settings.put(key, this.context.getEnvironment().getProperty(key));
				}
			}
		}
		settings.putAll(Map.of("spring.main.banner-mode", "off", "spring.main.lazy-initialization", "true",
				"spring.main.web-application-type", "none", "spring.flyway.enabled", "false", "logging.level.root",
				"error", "spring.datasource.hikari.minimum-idle", "1", "db-scheduler.heartbeat-interval", "250ms",
				"db-scheduler.polling-interval", "200ms", "portal.connector.push-interval", "1s"));
		return PushProcess.start(this.application, settings, directory.resolve("processes.log"));
	}

	@AfterAll
	static void endProcesses() throws InterruptedException {
		for (PushProcess process : ALIVE) {
			process.kill();
		}
		for (PushProcess process : STANDBY) {
			process.kill();
		}
		ALIVE.clear();
		STANDBY.clear();
	}

	/**
	 * Nobody waits for pauses that were asked for, and who died is followed by another.
	 */
	private void driveProcesses(UUID id, PushProcess.Watcher watcher) throws Exception {
		Instant end = Instant.now().plusSeconds(120);
		while (!isOver(id) && Instant.now().isBefore(end)) {
			if (ALIVE.removeIf((process) -> !process.isAlive()) || ALIVE.isEmpty()) {
				if (STANDBY.isEmpty() && this.allowed == 0) {
					drive(id);
					continue;
				}
				takeOver(watcher);
			}
			this.jdbc.sql("update push_step set not_before = now() where change_id = ? and not_before > now()")
				.param(id)
				.update();
			this.jdbc.sql("update connector_change set due_at = now() where id = ? and due_at > now()")
				.param(id)
				.update();
			this.jdbc.sql("""
					update scheduled_tasks set execution_time = now() where not picked and execution_time > now()
					and task_name in ('connector-push', 'connector-validation')""").update();
			Thread.sleep(100);
		}
		// Whoever stood still may write now what it had in hand.
		for (int i = 0; this.takenOver && i < 20 && TENANT.calls().size() <= this.goesOn; i++) {
			Thread.sleep(100);
		}
	}

	private boolean isOver(UUID id) {
		return List.of("DONE", "VOID", "NEEDS_ATTENTION")
			.contains(this.jdbc.sql("select state from connector_change where id = ?")
				.param(id)
				.query(String.class)
				.single());
	}

	private boolean meet(Case what, Wanted wanted, UUID id, PushProcess process, Pusher.Moment moment, StepKind step,
			boolean[] struck) throws Exception {
		if (moment == Pusher.Moment.RECORDED && step == BEFORE.get(what.step()) && !struck[0]) {
			arm(what, wanted);
		}
		if (step != what.step()) {
			return true;
		}
		if (what.schedulers() == 2 && !this.takenOver && moment == what.before()) {
			// The first stands still until the second has done its work, and then goes
			// on.
			this.takenOver = true;
			process.signal("STOP");
			for (int i = 0; i < 300 && !isOver(id) && !(struck[0] && i > 100); i++) {
				Thread.sleep(100);
			}
			process.signal("CONT");
			this.goesOn = TENANT.calls().size();
		}
		if (what.crash() && !struck[0] && moment == what.after()) {
			struck[0] = true;
			process.kill();
			return false;
		}
		return true;
	}

	@Timeout(60)
	@ParameterizedTest(name = "{0}")
	@MethodSource("cases")
	void endsAsApprovedOrStopsAndSaysWhy(Case what) {
		this.began = this.clock.instant().minusSeconds(1);
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		boolean[] struck = new boolean[1];
		this.takenOver = false;
		this.pusher.hook((moment, step) -> meet(what, wanted, moment, step, struck));
		this.validation.hook((moment) -> meet(what, wanted, moment, StepKind.OUTBOUND_VALIDATE, struck));
		if (!BEFORE.containsKey(what.step())) {
			arm(what, wanted);
		}

		drive(id);
		if (change(id).needsAttention() && what.fault() != Fault.CHANGED_TENANT) {
			assertThat(what.fault()).as(change(id).why()).isEqualTo(Fault.REFUSED);
			assertThat(this.connectors.retry(id)).isTrue();
			drive(id);
		}

		judge(what, wanted, id, struck[0]);
	}

	/** A change whose validation fails is taken back, whatever goes wrong with that. */
	@Timeout(60)
	@ParameterizedTest(name = "{0}")
	@MethodSource("undoings")
	void isPutBackOrStopsAndSaysWhy(Case what) {
		this.began = this.clock.instant().minusSeconds(1);
		Wanted wanted = enforced();
		UUID id = changed(wanted);
		boolean[] struck = new boolean[1];
		boolean[] armed = new boolean[1];
		this.takenOver = false;
		this.pusher.hook((moment, step) -> {
			// The write before it is the same cmdlet.
			if (step == what.step() && moment == what.before() && !armed[0]) {
				armed[0] = true;
				arm(what, wanted);
			}
			meet(what, wanted, moment, step, struck);
		});

		drive(id);
		int retries = 0;
		if (outbound(wanted).getFirst().get("TlsSettings").equals("DomainValidation")) {
			assertThat(what.fault()).as(change(id).why()).isEqualTo(Fault.REFUSED);
			assertThat(this.connectors.retry(id)).isTrue();
			// All but the comparison is done again, and stands in the history again.
			drive(id);
			retries = 1;
		}

		judgeUndone(what, wanted, id, struck[0], retries);
	}

	/** Approved, and not valid. */
	private UUID changed(Wanted wanted) {
		TENANT.validator(DISCONTENT);
		return approved(stricter(wanted));
	}

	private void judgeUndone(Case what, Wanted wanted, UUID id, boolean struck, int retries) {
		ChangeView end = change(id);
		assertThat(end.state()).as(end.steps().toString()).isEqualTo("NEEDS_ATTENTION");
		assertThat(end.why()).isNotBlank();
		assertThat(outbound(wanted)).hasSize(1);
		assertThat(inbound(wanted)).hasSize(1);
		assertThat(outbound(wanted).getFirst()).containsEntry("Enabled", true);
		if (what.fault() == Fault.CHANGED_TENANT) {
			assertThat(outbound(wanted).getFirst()).containsEntry("Comment", "mine now");
		}
		else {
			assertThat(planned(wanted).summary()).isEqualTo("nothing to do");
		}
		historyIsComplete(id, retries);
		assertThat(struck).as("the crash happened").isEqualTo(what.crash());
		leave(wanted);
	}

	private void judge(Case what, Wanted wanted, UUID id, boolean struck) {
		ChangeView end = change(id);
		if (what.fault() != Fault.CHANGED_TENANT) {
			assertThat(end.state()).as(() -> end.why() + " " + end.steps()).isEqualTo("DONE");
		}
		if (end.state().equals("DONE")) {
			assertThat(outbound(wanted)).hasSize(1);
			assertThat(inbound(wanted)).hasSize(1);
			assertThat(planned(wanted).summary()).isEqualTo("nothing to do");
			assertThat(end.steps()).allSatisfy((step) -> assertThat(step.state()).isEqualTo("done"));
		}
		else {
			assertThat(end.state()).as(end.steps().toString()).isIn("NEEDS_ATTENTION", "VOID");
			assertThat(end.why()).isNotBlank();
			assertThat(outbound(wanted).size()).isLessThanOrEqualTo(1);
			assertThat(inbound(wanted).size()).isLessThanOrEqualTo(1);
		}
		historyIsComplete(id, 0);
		// A look at a tenant that was changed is never through, so that nobody dies after
		// it.
		boolean neverThere = what.fault() == Fault.CHANGED_TENANT && isLook(what.step());
		assertThat(struck || !what.crash() || neverThere).as("the crash happened").isTrue();
		leave(wanted);
	}

	/** Lists would grow with every case, and what is gone would be drift. */
	private void leave(Wanted wanted) {
		this.jdbc.sql("delete from connector where partner_id = ?").param(wanted.partnerId()).update();
		remove(outbound(wanted), inbound(wanted));
	}

	private static void remove(List<Map<String, Object>> outbound, List<Map<String, Object>> inbound) {
		outbound.forEach((stored) -> TENANT.runAside("Remove-OutboundConnector",
				Map.of("Identity", stored.get("Guid"), "Confirm", false)));
		inbound.forEach((stored) -> TENANT.runAside("Remove-InboundConnector",
				Map.of("Identity", stored.get("Guid"), "Confirm", false)));
	}

	/** As db-scheduler would: whoever died is followed by another run. */
	private void drive(UUID id) {
		for (int i = 0; i < 24 && !isOver(id); i++) {
			try {
				this.pusher.run();
				this.validation.run(id);
			}
			catch (SuddenDeath ex) {
				continue;
			}
			this.clock.pass(Duration.ofMinutes(1));
		}
	}

	private void meet(Case what, Wanted wanted, Pusher.Moment moment, StepKind step, boolean[] struck) {
		if (moment == Pusher.Moment.RECORDED && step == BEFORE.get(what.step()) && !struck[0]) {
			arm(what, wanted);
		}
		if (step != what.step()) {
			return;
		}
		if (what.schedulers() == 2 && !this.takenOver && moment == what.before()) {
			// The first stands still while the second does its work, and then goes on.
			this.takenOver = true;
			try {
				this.pusher.run();
			}
			catch (SuddenDeath ex) {
				// It was the second that died.
			}
		}
		if (what.crash() && !struck[0] && moment == what.after()) {
			struck[0] = true;
			throw new SuddenDeath();
		}
	}

	private void arm(Case what, Wanted wanted) {
		String call = CALLS.get(what.step());
		ExchangeFault fault = switch (what.fault()) {
			case NONE -> null;
			case FAILS_BEFORE -> ExchangeFault.error(500, "Microsoft.Exchange.Data.ServerBusyException", "busy");
			case FAILS_AFTER_THE_EFFECT ->
				ExchangeFault.error(500, "Microsoft.Exchange.Data.BackendCommunicationException", "lost").afterCommit();
			case SLOW -> ExchangeFault.slow(TOO_LONG);
			case COMMITS_LATE -> ExchangeFault.late(TOO_LONG);
			case CUT_BEFORE -> ExchangeFault.cutBefore();
			case CUT_AFTER_THE_EFFECT -> ExchangeFault.cutAfterCommit();
			case THROTTLED -> ExchangeFault.throttled(Duration.ofSeconds(50));
			case UNAVAILABLE -> ExchangeFault.unavailable();
			case PASSING_AS_400 -> ExchangeFault.passing();
			case REFUSED -> ExchangeFault.forbidden();
			case TRUNCATED -> ExchangeFault.truncated();
			case INVISIBLE -> {
				TENANT.invisibleReads(6);
				yield null;
			}
			case CHANGED_TENANT -> {
				TENANT.beforeNext(call, () -> meddle(what.step(), wanted));
				yield null;
			}
		};
		if (fault != null) {
			TENANT.failNext(fault.on(call));
		}
	}

	/** Somebody else works in the tenant at the same time. */
	private static void meddle(StepKind step, Wanted wanted) {
		String domain = wanted.domains().first().ascii();
		boolean outbound = step.direction() != Direction.INBOUND;
		List<Map<String, Object>> ours = outbound ? outbound(wanted) : inbound(wanted);
		String noun = outbound ? "OutboundConnector" : "InboundConnector";
		if (ours.isEmpty()) {
			TENANT.runAside("New-" + noun, outbound
					? Map.of("Name", "To " + domain, "ConnectorType", "Partner", "UseMXRecord", true,
							"RecipientDomains", List.of(domain))
					: Map.of("Name", "From " + domain, "ConnectorType", "Partner", "SenderDomains", List.of(domain)));
		}
		else {
			TENANT.runAside("Set-" + noun, Map.of("Identity", ours.getFirst().get("Guid"), "Comment", "mine now"));
		}
	}

	/** Every step that is done stands in the history as done, once for each time. */
	private void historyIsComplete(UUID id, long retries) {
		Map<String, Long> events = new java.util.HashMap<>();
		OffsetDateTime since = this.began.atOffset(ZoneOffset.UTC);
		this.jdbc.sql("""
				select code, count(*) from audit_event
				where subject_id = ? and at >= ? and outcome = 'success' group by code""")
			.params(id.toString(), since)
			.query((row) -> {
				events.put(row.getString(1), row.getLong(2));
			});
		List<String> done = this.jdbc.sql("select kind from push_step where change_id = ? and state = 'DONE'")
			.params(id)
			.query(String.class)
			.list();
		assertThat(done).allSatisfy(
				(kind) -> assertThat(events.get(StepKind.valueOf(kind).code())).isNotNull().isBetween(1L, 1 + retries));
		assertThat(events).containsEntry("connector.change-proposed", 1L)
			.containsEntry("connector.change-approved", 1L);
		if (change(id).state().equals("DONE")) {
			assertThat(events).containsEntry("connector.change-done", 1L);
		}
		else {
			assertThat(this.jdbc
				.sql("select count(*) from audit_event where subject_id = ? and at >= ? and outcome = 'failure'")
				.params(id.toString(), since)
				.query(Long.class)
				.single()).isPositive();
		}
	}

	/** Like kill -9. */
	private static final class SuddenDeath extends Error {

	}

}
