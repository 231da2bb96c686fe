package org.partnertls.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.partnertls.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Execution(ExecutionMode.SAME_THREAD)
class SequencerTests {

	private final List<OwnHistory> kept = new ArrayList<>();

	@AfterEach
	void close() {
		this.kept.forEach(OwnHistory::close);
	}

	private OwnHistory keep(OwnHistory history) {
		this.kept.add(history);
		return history;
	}

	@Test
	void sealsEventsOfManyWritersWithoutAGapWhileTransactionsAreAbortedAndKilled() throws Exception {
		int writers = 6;
		int events = 100;
		OwnHistory history = keep(new OwnHistory());
		OwnHistory otherInstance = keep(new OwnHistory(history.url, history.keys));
		AtomicBoolean writing = new AtomicBoolean(true);
		List<Checkpoint> signed = new ArrayList<>();
		try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
			List<Future<Integer>> done = new ArrayList<>();
			for (int i = 0; i < writers; i++) {
				int writer = i;
				done.add(pool.submit(() -> write(history.url, writer, events)));
			}
			List<Future<?>> sealing = new ArrayList<>();
			for (OwnHistory instance : List.of(history, otherInstance)) {
				sealing.add(pool.submit((Callable<Void>) () -> {
					while (writing.get()) {
						instance.transaction.execute((status) -> instance.sequencer.seal());
						instance.proofs.latest().ifPresent((checkpoint) -> {
							synchronized (signed) {
								signed.add(checkpoint);
							}
						});
					}
					return null;
				}));
			}
			int committed = 0;
			for (Future<Integer> writer : done) {
				committed += writer.get();
			}
			writing.set(false);
			for (Future<?> sealer : sealing) {
				sealer.get();
			}
			history.seal();

			assertThat(history.jdbc.sql("select count(*) from audit_event").query(Integer.class).single())
				.isEqualTo(committed);
			assertThat(history.jdbc.sql("select index from audit_leaf order by index").query(Long.class).list())
				.isEqualTo(java.util.stream.LongStream.range(0, committed).boxed().toList());
		}
		assertThat(history.verify().findings()).isEmpty();
		Checkpoint newest = history.proofs.latest().orElseThrow();
		for (Checkpoint old : signed) {
			assertThat(Merkle.consistent(old.size(), old.root(), newest.size(), newest.root(),
					history.proofs.consistency(old.size(), newest.size())))
				.isTrue();
		}
		history.jdbc.sql("select id, event from audit_event").query((row) -> {
			Inclusion proof = history.proofs.inclusion(row.getObject(1, UUID.class)).orElseThrow();
			assertThat(proof.holds(row.getString(2))).isTrue();
			assertThat(proof.holds(row.getString(2) + " ")).isFalse();
		});
	}

	/** Every fifth is rolled back; now and then the connection dies in the middle. */
	private static int write(String url, int writer, int events) {
		try (OwnHistory own = new OwnHistory(url)) {
			return write(own, writer, events);
		}
	}

	private static int write(OwnHistory own, int writer, int events) {
		int committed = 0;
		for (int i = 0; i < events; i++) {
			int number = writer * 1000 + i;
			boolean abort = i % 5 == 3;
			boolean die = i % 25 == 7;
			try {
				own.transaction.executeWithoutResult((status) -> {
					own.log.append(OwnHistory.event(number));
					if (die) {
						kill(own);
					}
					if (abort) {
						status.setRollbackOnly();
					}
				});
				committed += abort ? 0 : 1;
			}
			catch (RuntimeException ex) {
				assertThat(die).as(ex::toString).isTrue();
			}
		}
		return committed;
	}

	private static void kill(OwnHistory own) {
		int backend = own.jdbc.sql("select pg_backend_pid()").query(Integer.class).single();
		try (var superuser = TestDatabase.connect(own.url, "superuser");
				var terminate = superuser.prepareStatement("select pg_terminate_backend(?, 5000)")) {
			terminate.setInt(1, backend);
			terminate.execute();
		}
		catch (java.sql.SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void waitsForATransactionThatIsStillOpen() throws Exception {
		OwnHistory history = keep(new OwnHistory());
		try (var open = TestDatabase.connect(history.url, "portal_app"); var statement = open.createStatement()) {
			open.setAutoCommit(false);
			statement.execute("select pg_current_xact_id()");
			history.append(3).sealWhatCanBe();
			assertThat(history.proofs.seal().leaves()).isZero();
			assertThat(history.proofs.seal().waiting()).isEqualTo(3);
			assertThat(history.proofs.seal().lag()).isPositive();
			open.commit();
		}

		assertThat(history.seal().proofs.seal()).satisfies((seal) -> {
			assertThat(seal.covered()).isEqualTo(3);
			assertThat(seal.uncovered()).isZero();
		});
	}

	@Test
	void sealsWithoutAKeyAndSignsAllOnceThereIsOne() throws Exception {
		OwnHistory history = keep(new OwnHistory(TestDatabase.create(), OwnHistory.keys("")));
		history.append(5).seal();
		assertThat(history.proofs.latest()).isEmpty();
		assertThat(history.proofs.seal().uncovered()).isEqualTo(5);
		assertThat(history.verify().signatures()).isFalse();

		OwnHistory withKey = keep(new OwnHistory(history.url));
		assertThat(withKey.seal().proofs.latest()).hasValueSatisfying((it) -> assertThat(it.size()).isEqualTo(5));
		assertThat(withKey.verify().findings()).isEmpty();
	}

	@Test
	void saysThatADumpWasRestoredIntoAnotherServerAndGoesOnOnceItsCounterIsPast() throws Exception {
		OwnHistory history = keep(new OwnHistory());
		history.append(2).seal();
		history.spoil(
				"update audit_event set xid = (pg_current_xact_id()::text::bigint + 500)::text::xid8 where id = (select event_id from audit_leaf where index = 1)",
				"update audit_leaf set xid = (select xid from audit_event where id = event_id) where index = 1");
		assertThatExceptionOfType(Sequencer.Refused.class).isThrownBy(history::seal)
			.withMessageContaining("After restoring a dump");

		String remedy = java.nio.file.Files.readString(java.nio.file.Path.of("db/README.md"));
		try (var owner = TestDatabase.connect(history.url, "portal_owner"); var statement = owner.createStatement()) {
			statement.execute(remedy.substring(remedy.indexOf("do $$ begin"), remedy.indexOf("end $$;")) + "end $$");
		}

		assertThat(history.append(3).seal().verify().findings()).isEmpty();
		assertThat(history.proofs.seal().covered()).isEqualTo(5);
	}

}
