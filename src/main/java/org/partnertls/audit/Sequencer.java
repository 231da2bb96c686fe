package org.partnertls.audit;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Gives committed events their places in the tree and signs what it then holds.
 * <p>
 * Takes what lies below the snapshot horizon: a transaction that is still open, or begins
 * later, has a higher number than all that is taken, so nothing can appear in between and
 * the log has no gap. One at a time over all instances: an advisory lock spares the
 * others the work, and the primary key of the leaves would refuse them.
 */
@Component
class Sequencer {

	/** How many events are sealed at once. */
	static final int MOST = 5000;

	private static final long LOCK = 0x61756469744c6f67L;

	/** Numbers of transactions begin anew where a dump is restored. */
	private static final String OTHER_SERVER = "The history comes from another database server, whose transactions had higher numbers than this one has reached. See “After restoring a dump” in db/README.md.";

	private final JdbcClient jdbc;

	private final Keys keys;

	private final Clock clock;

	/** The right edge of the tree as this instance left it. */
	private volatile Merkle.@Nullable Edge edge;

	private volatile @Nullable Checkpoint newest;

	Sequencer(JdbcClient jdbc, Keys keys, Clock clock) {
		this.jdbc = jdbc;
		this.keys = keys;
		this.clock = clock;
	}

	/**
	 * Seals once.
	 * @return how many events were sealed; 0 also when another instance is at it
	 * @throws Refused when the tree is not what was signed before
	 */
	@Transactional
	public synchronized int seal() {
		if (!this.jdbc.sql("select pg_try_advisory_xact_lock(?)").param(LOCK).query(Boolean.class).single()) {
			return 0;
		}
		Last last = last();
		List<Leaf> leaves = insertLeaves(last);
		boolean unsigned = this.keys.signing() != null && isUnsigned(last.index() + 1);
		if (leaves.isEmpty() && !unsigned) {
			return 0;
		}
		Merkle.Edge before = edge(last.index() + 1);
		// What is in memory is taken over after the commit only.
		this.edge = null;
		Nodes nodes = new Nodes();
		Merkle.Edge after = before.copy(nodes);
		leaves.forEach((leaf) -> after.append(leaf.hash()));
		nodes.insert();
		Checkpoint signed = sign(after);
		org.springframework.transaction.support.TransactionSynchronizationManager
			.registerSynchronization(new org.springframework.transaction.support.TransactionSynchronization() {

				@Override
				public void afterCommit() {
					Sequencer.this.edge = after;
					Sequencer.this.newest = (signed != null) ? signed : Sequencer.this.newest;
				}

			});
		return leaves.size();
	}

	private Last last() {
		return this.jdbc.sql("""
				select index, xid::text, event_id, xid >= pg_snapshot_xmax(pg_current_snapshot())
				from audit_leaf order by index desc limit 1""").query((row, number) -> {
			if (row.getBoolean(4)) {
				throw new Refused(OTHER_SERVER);
			}
			return new Last(row.getLong(1), row.getString(2), row.getObject(3, UUID.class));
		}).optional().orElse(new Last(-1, "0", new UUID(0, 0)));
	}

	private List<Leaf> insertLeaves(Last last) {
		List<Leaf> leaves = new ArrayList<>(this.jdbc.sql("""
				with batch as (
					select id, at, xid, event from audit_event
					where (xid, id) > (:xid::xid8, :id) and xid < pg_snapshot_xmin(pg_current_snapshot())
					order by xid, id limit :most)
				insert into audit_leaf (index, event_id, at, xid, hash)
				select :last + row_number() over (order by xid, id), id, at, xid,
					sha256('\\x00'::bytea || convert_to(event, 'UTF8'))
				from batch
				returning index, hash""")
			.param("xid", last.xid())
			.param("id", last.event())
			.param("most", MOST)
			.param("last", last.index())
			.query((row, number) -> new Leaf(row.getLong(1), row.getBytes(2)))
			.list());
		leaves.sort(Comparator.comparingLong(Leaf::index));
		return leaves;
	}

	private boolean isUnsigned(long size) {
		Checkpoint known = this.newest;
		return size > 0 && (known == null || known.size() != size)
				&& newestCheckpoint().filter((c) -> c.size() == size).isEmpty();
	}

	/**
	 * The edge of the tree as it is stored, after making sure that it is what was signed
	 * last: a log never signs two histories.
	 */
	private Merkle.Edge edge(long size) {
		Merkle.Edge known = this.edge;
		if (known != null && known.size() == size) {
			return known;
		}
		Tree tree = new Tree(this.jdbc);
		Optional<Checkpoint> checkpoint = newestCheckpoint();
		if (checkpoint.isPresent()) {
			mustHold(checkpoint.get(), tree, size);
		}
		this.newest = checkpoint.orElse(null);
		return new Merkle.Edge((height, index, hash) -> {
		}, tree, size);
	}

	private void mustHold(Checkpoint checkpoint, Tree tree, long size) {
		if (!this.keys.verifying().isEmpty() && !this.keys.signed(checkpoint)) {
			throw new Refused("The newest checkpoint (" + checkpoint.size()
					+ " events) was not signed by a key that is known here: set portal.audit.earlier-keys, or find out who wrote it.");
		}
		if (checkpoint.size() > size) {
			throw new Refused("A checkpoint over " + checkpoint.size() + " events was signed, but only " + size
					+ " are left in the tree.");
		}
		try {
			if (!java.util.Arrays.equals(tree.root(checkpoint.size()), checkpoint.root())) {
				throw new Refused("The first " + checkpoint.size()
						+ " events of the tree are not what was signed: leaves or nodes have been changed.");
			}
		}
		catch (Tree.Damaged ex) {
			throw new Refused(String.valueOf(ex.getMessage()));
		}
	}

	private Optional<Checkpoint> newestCheckpoint() {
		return new Tree(this.jdbc).newestCheckpoint();
	}

	private @Nullable Checkpoint sign(Merkle.Edge tree) {
		SigningKey key = this.keys.signing();
		if (key == null) {
			return null;
		}
		Checkpoint checkpoint = Checkpoint.sign(key, tree.size(), tree.root());
		Instant now = this.clock.instant();
		this.jdbc.sql("insert into audit_checkpoint (size, root, at, note) values (?, ?, ?, ?)")
			.params(checkpoint.size(), checkpoint.root(), AuditLog.utc(now), checkpoint.note())
			.update();
		return checkpoint;
	}

	private record Last(long index, String xid, UUID event) {
	}

	@SuppressWarnings("ArrayRecordComponent")
	private record Leaf(long index, byte[] hash) {
	}

	/** Complete nodes that are stored, until they are inserted. */
	private final class Nodes implements Merkle.Stored {

		private final List<Object[]> rows = new ArrayList<>();

		@Override
		public void complete(int height, long index, byte[] hash) {
			if (height % Tree.STEP == 0) {
				this.rows.add(new Object[] { height, index, hash });
			}
		}

		void insert() {
			for (Object[] row : this.rows) {
				Sequencer.this.jdbc.sql("insert into audit_node (height, index, hash) values (?, ?, ?)")
					.params(row)
					.update();
			}
		}

	}

	/**
	 * Sealing has stopped: what is stored is not what was signed.
	 */
	static final class Refused extends RuntimeException {

		Refused(String message) {
			super(message);
		}

	}

}
