package org.partnertls.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Recomputes the whole history: the leaf of each event from its stored text, the tree
 * from the leaves, and what each checkpoint signs; compares the columns with the text,
 * and personal data with its commitments. Reads one snapshot over several connections and
 * writes nothing.
 * <p>
 * Works in blocks of 16,384 leaves. Each is a complete subtree by itself, so that several
 * are read at the same time and joined in order.
 */
final class Verification {

	private static final int HEIGHT = 14;

	static final int BLOCK = 1 << HEIGHT;

	/** More than these are counted and not told. */
	private static final int MOST_FINDINGS = 50;

	private final DataSource database;

	private final List<VerifierKey> keys;

	private final Map<String, Checkpoint> outside;

	private final int workers;

	private final Progress progress;

	private final List<Finding> findings = new ArrayList<>();

	private long wrong;

	/**
	 * Prepares a run.
	 * @param database as a role that may read the history
	 * @param keys whose signatures count; without any, signatures are not checked
	 * @param outside checkpoints that were kept elsewhere, by where they come from
	 * @param workers how many connections read at the same time, beside one that leads
	 */
	Verification(DataSource database, List<VerifierKey> keys, Map<String, Checkpoint> outside, int workers,
			Progress progress) {
		this.database = database;
		this.keys = keys;
		this.outside = outside;
		this.workers = workers;
		this.progress = progress;
	}

	/**
	 * Verifies.
	 * @throws SQLException when the database fails, which says nothing about the history
	 */
	Outcome run() throws SQLException, InterruptedException {
		try (Connection lead = open(null)) {
			String snapshot = String.valueOf(text(lead, "select pg_export_snapshot()"));
			long size = number(lead, "select coalesce(max(index) + 1, 0) from audit_leaf");
			Archives archives = new Archives(lead);
			Set<String> erased = erased(lead);
			Total total = new Total();
			cutTail(lead, size);
			blocks(lead, snapshot, size, archives, erased, total);
			Block tail = new Block(size, size, archives, erased, this.keys);
			tail.readTail(lead);
			total.add(tail);
			tail.findings.forEach(this::tell);
			this.wrong += tail.untold;
			overall(lead, size, archives, total);
			return new Outcome(total.events - tail.events, tail.events, total.archived, total.covered,
					total.checkpoints, total.personal, total.erased, !this.keys.isEmpty(), this.wrong,
					Finding.inOrder(this.findings));
		}
	}

	private void cutTail(Connection lead, long size) throws SQLException {
		Map<String, Checkpoint> all = new TreeMap<>(this.outside);
		try (PreparedStatement query = lead
			.prepareStatement("select note from audit_checkpoint order by size desc limit 1");
				ResultSet row = query.executeQuery()) {
			if (row.next()) {
				readable(row.getString(1)).ifPresent((checkpoint) -> all.put("The newest checkpoint", checkpoint));
			}
		}
		all.forEach((from, checkpoint) -> {
			if (checkpoint.size() > size) {
				tell(Finding.at(size, null, from + " was signed over " + checkpoint.size() + " events, but only " + size
						+ " are left in the tree: the end has been cut off."));
			}
		});
		for (Map.Entry<String, Checkpoint> kept : this.outside.entrySet()) {
			if (!this.keys.isEmpty() && this.keys.stream().noneMatch((key) -> key.signed(kept.getValue().note()))) {
				tell(Finding.general(kept.getKey() + " bears no signature by a key that is known here."));
			}
		}
	}

	private static java.util.Optional<Checkpoint> readable(String note) {
		try {
			return java.util.Optional.of(Checkpoint.of(note));
		}
		catch (IllegalArgumentException ex) {
			return java.util.Optional.empty();
		}
	}

	private void blocks(Connection lead, String snapshot, long size, Archives archives, Set<String> erased, Total total)
			throws SQLException, InterruptedException {
		BlockingQueue<Connection> free = new ArrayBlockingQueue<>(this.workers);
		List<Connection> opened = new ArrayList<>();
		ExecutorService pool = Executors.newFixedThreadPool(this.workers);
		try {
			for (int i = 0; i < this.workers; i++) {
				opened.add(open(snapshot));
			}
			free.addAll(opened);
			Deque<Future<Block>> ahead = new ArrayDeque<>();
			Upper upper = new Upper(lead);
			long next = 0;
			for (long done = 0; done < size; done = Math.min(done + BLOCK, size)) {
				while (next < size && ahead.size() < this.workers * 2) {
					ahead.add(pool.submit(reading(free, next, Math.min(next + BLOCK, size), archives, erased)));
					next += BLOCK;
				}
				Block block = ahead.remove().get();
				block.findings.forEach(this::tell);
				this.wrong += block.untold;
				total.add(block);
				upper.add(block, total);
				this.progress.at(block.to, size);
			}
			upper.finish(size);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof SQLException failed) {
				throw failed;
			}
			throw new IllegalStateException(ex.getCause());
		}
		finally {
			pool.shutdownNow();
			for (Connection connection : opened) {
				connection.close();
			}
		}
	}

	private Callable<Block> reading(BlockingQueue<Connection> free, long from, long to, Archives archives,
			Set<String> erased) {
		return () -> {
			Connection connection = free.take();
			try {
				Block block = new Block(from, to, archives, erased, this.keys);
				block.read(connection, this.outside);
				return block;
			}
			finally {
				free.add(connection);
			}
		};
	}

	/** What can only be said of the whole. */
	private void overall(Connection lead, long size, Archives archives, Total total) throws SQLException {
		long nodes = 0;
		for (int height = Tree.STEP; height <= 40; height += Tree.STEP) {
			nodes += size >> height;
		}
		if (number(lead, "select count(*) from audit_node") != nodes) {
			tell(Finding.general("The tree has more or fewer stored nodes than its " + size + " leaves make."));
		}
		if (number(lead, "select count(*) from audit_event") != total.events + total.strange) {
			putIn(lead);
		}
		if (number(lead, "select count(*) from audit_personal") != total.personal) {
			String orphan = text(lead, """
					select event_id::text from audit_personal p
					where not exists (select from audit_event e where e.id = p.event_id) limit 1""");
			tell((orphan != null) ? Finding.beside(UUID.fromString(orphan), "personal data stands beside no event.")
					: Finding.general("Personal data stands beside events that were not read."));
		}
		Map<YearMonth, List<Archives.Month>> byMonth = new TreeMap<>();
		archives.months.forEach((one) -> byMonth.computeIfAbsent(one.month(), (key) -> new ArrayList<>()).add(one));
		byMonth.forEach((month, files) -> {
			long gone = total.archivedOf.getOrDefault(month, 0L);
			long held = files.stream().mapToLong(Archives.Month::events).sum();
			if (gone != held) {
				tell(Finding.at(files.stream().mapToLong(Archives.Month::first).min().orElse(0), null,
						"of " + month + ", " + gone + " events are not in the database, but " + ((files.size() == 1)
								? "the archive " + files.getFirst().file() + " holds " : "its archives hold ") + held
								+ "."));
			}
			if (!files.stream().allMatch(Archives.Month::told)) {
				tell(Finding.general("No event tells of the archive of " + month + "."));
			}
		});
		String silent = text(lead, """
				select number::text from audit_erased r where not exists (
					select from audit_event e where e.code = 'person.erased' and e.subject_id = r.number::text)
				and not exists (select from audit_archive) limit 1""");
		if (silent != null) {
			tell(Finding.general("No event tells that contact " + silent + " was erased."));
		}
	}

	/** Events that no block saw: their time is not that of their neighbours. */
	private void putIn(Connection lead) throws SQLException {
		try (PreparedStatement query = lead.prepareStatement("""
				select e.id from audit_event e where not exists (select from audit_leaf l where l.event_id = e.id)
				and (e.xid, e.id) <= (select xid, event_id from audit_leaf order by index desc limit 1)
				limit 50"""); ResultSet row = query.executeQuery()) {
			while (row.next()) {
				tell(Finding.beside(row.getObject(1, UUID.class), "it was put in: it has no place in the tree."));
			}
		}
		if (this.findings.isEmpty()) {
			tell(Finding.general("More or fewer events are stored than were read."));
		}
	}

	private void tell(Finding finding) {
		if (finding.event() != null && this.findings.stream()
			.anyMatch((told) -> finding.event().equals(told.event())
					&& java.util.Objects.equals(finding.index(), told.index()))) {
			return;
		}
		this.wrong++;
		if (this.findings.size() < MOST_FINDINGS) {
			this.findings.add(finding);
		}
	}

	private Connection open(@Nullable String snapshot) throws SQLException {
		Connection connection = this.database.getConnection();
		try {
			connection.setAutoCommit(false);
			connection.setReadOnly(true);
			connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
			if (snapshot != null) {
				try (java.sql.Statement adopt = connection.createStatement()) {
					adopt.execute("set transaction snapshot '" + snapshot + "'");
				}
			}
			return connection;
		}
		catch (SQLException ex) {
			connection.close();
			throw ex;
		}
	}

	private static Set<String> erased(Connection lead) throws SQLException {
		Set<String> erased = new HashSet<>();
		try (PreparedStatement query = lead.prepareStatement("select 'erased ' || number from audit_erased");
				ResultSet row = query.executeQuery()) {
			while (row.next()) {
				erased.add(row.getString(1));
			}
		}
		return erased;
	}

	private static long number(Connection connection, String sql) throws SQLException {
		String text = text(connection, sql);
		return (text != null) ? Long.parseLong(text) : 0;
	}

	private static @Nullable String text(Connection connection, String sql) throws SQLException {
		try (PreparedStatement query = connection.prepareStatement(sql); ResultSet row = query.executeQuery()) {
			return row.next() ? row.getString(1) : null;
		}
	}

	/** Is told how far it is. */
	interface Progress {

		void at(long done, long total);

	}

	/**
	 * What a run has found.
	 *
	 * @param sealed how many events of the tree were read and checked
	 * @param tail how many events have no place in the tree yet; only their columns and
	 * personal data were checked
	 * @param archived how many events of the tree have left in archives
	 * @param covered how many of the first events the newest good checkpoint covers
	 * @param checkpoints how many checkpoints were checked
	 * @param personal how many pieces of personal data stand beside events
	 * @param erased how many of these have been erased
	 * @param signatures whether signatures were checked: false without a key
	 * @param wrong how much is wrong
	 * @param findings what is wrong, the first event first; at most 50
	 */
	record Outcome(long sealed, long tail, long archived, long covered, long checkpoints, long personal, long erased,
			boolean signatures, long wrong, List<Finding> findings) {

		public boolean good() {
			return this.wrong == 0;
		}

		/** The first wrong event, or else the first thing that is wrong. */
		public @Nullable Finding first() {
			return this.findings.isEmpty() ? null : this.findings.getFirst();
		}

	}

	/** Sums over blocks. */
	private static final class Total {

		private long events;

		private long strange;

		private long archived;

		private long covered;

		private long checkpoints;

		private long personal;

		private long erased;

		private final Map<YearMonth, Long> archivedOf = new HashMap<>();

		void add(Block block) {
			this.events += block.events;
			this.strange += block.strange;
			this.personal += block.personal;
			this.erased += block.erased;
			block.archivedOf.forEach((month, count) -> {
				this.archivedOf.merge(month, count, Long::sum);
				this.archived += count;
			});
		}

	}

	/** The tree above the blocks, and what checkpoints say of it. */
	private final class Upper {

		private final Connection lead;

		private final List<Node> nodes = new ArrayList<>();

		private final Merkle.Edge edge = new Merkle.Edge((height, index, hash) -> {
			if (height % Tree.STEP == 0) {
				this.nodes.add(new Node(height, index, hash));
			}
		});

		private long lastGood;

		private final Map<String, Long> bad = new HashMap<>();

		Upper(Connection lead) {
			this.lead = lead;
		}

		void add(Block block, Total total) throws SQLException {
			for (Block.Signed signed : block.signed) {
				byte[] root = this.edge.rootWith(signed.root());
				if (Arrays.equals(root, signed.checkpoint().root())) {
					this.lastGood = signed.checkpoint().size();
					total.covered = (signed.from() == null && signed.good()) ? this.lastGood : total.covered;
				}
				else {
					mismatch(signed);
				}
				total.checkpoints++;
			}
			if (block.to - block.from == BLOCK) {
				this.edge.append(HEIGHT, block.root());
			}
		}

		private void mismatch(Block.Signed signed) throws SQLException {
			String who = (signed.from() != null) ? signed.from() : "";
			if (this.bad.putIfAbsent(who, signed.checkpoint().size()) != null) {
				return;
			}
			long size = signed.checkpoint().size();
			String id = text(this.lead, "select event_id::text from audit_leaf where index = " + this.lastGood);
			tell(Finding.within(this.lastGood, size - 1, (id != null) ? UUID.fromString(id) : null,
					((size - this.lastGood == 1) ? "it is" : "this one or one after it is")
							+ " not what was signed: the tree does not fit "
							+ ((signed.from() != null) ? signed.from() : "the checkpoint") + " over " + size
							+ " events."));
		}

		void finish(long size) throws SQLException {
			for (Node node : this.nodes) {
				String stored = text(this.lead, "select encode(hash, 'hex') from audit_node where height = "
						+ node.height() + " and index = " + node.index());
				if (!java.util.HexFormat.of().formatHex(node.hash()).equals(stored)) {
					tell(Finding.within(node.index() << node.height(), ((node.index() + 1) << node.height()) - 1, null,
							"the stored node over them has been changed or removed."));
				}
			}
		}

	}

	@SuppressWarnings("ArrayRecordComponent")
	private record Node(int height, long index, byte[] hash) {
	}

	/** The months that have left. */
	static final class Archives {

		private final List<Month> months = new ArrayList<>();

		Archives(Connection lead) throws SQLException {
			try (PreparedStatement query = lead.prepareStatement("""
					select month, file, events, first_index, exists (
						select from audit_leaf l where l.event_id = a.event_id) or exists (
						select from audit_event e where e.id = a.event_id)
					from audit_archive a order by month, class"""); ResultSet row = query.executeQuery()) {
				while (row.next()) {
					this.months.add(new Month(YearMonth.from(row.getObject(1, LocalDate.class)), row.getString(2),
							row.getLong(3), row.getLong(4), row.getBoolean(5)));
				}
			}
		}

		/** The archived month that an instant lies in; null if there is none. */
		@Nullable YearMonth of(java.time.Instant at) {
			if (this.months.isEmpty()) {
				return null;
			}
			YearMonth month = YearMonth.from(at.atOffset(ZoneOffset.UTC));
			return this.months.stream().anyMatch((archived) -> archived.month().equals(month)) ? month : null;
		}

		private record Month(YearMonth month, String file, long events, long first, boolean told) {
		}

	}

}
