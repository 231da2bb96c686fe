package org.partnertls.audit;

import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * One stretch of the history while it is verified: its leaves, the events that belong to
 * them, the personal data beside these, and what is signed within.
 */
final class Block {

	private static final int FETCH = 1000;

	private static final int MOST_FINDINGS = 20;

	private static final String EVENTS = "select id, at, xid::text::bigint, event, "
			+ String.join(", ", StoredEvent.COPIED) + " from audit_event where (xid, id) > (?::xid8, ?)";

	private static final UUID NIL = new UUID(0, 0);

	final long from;

	final long to;

	private final Verification.Archives archives;

	private final Set<String> erasedPeople;

	private final List<VerifierKey> keys;

	private final List<Leaf> leaves = new ArrayList<>();

	private final Merkle.Edge edge;

	final List<Finding> findings = new ArrayList<>();

	final List<Signed> signed = new ArrayList<>();

	final Map<YearMonth, Long> archivedOf = new HashMap<>();

	long untold;

	long events;

	/** Events that were read but do not belong here. */
	long strange;

	long personal;

	long erased;

	private final MessageDigest sha256 = Merkle.sha256();

	private final List<byte[]> nodes = new ArrayList<>();

	private @Nullable Map<UUID, Integer> places;

	private int pointer;

	Block(long from, long to, Verification.Archives archives, Set<String> erasedPeople, List<VerifierKey> keys) {
		this.from = from;
		this.to = to;
		this.archives = archives;
		this.erasedPeople = erasedPeople;
		this.keys = keys;
		this.edge = new Merkle.Edge((height, index, hash) -> {
			if (height == Tree.STEP) {
				this.nodes.add(hash);
			}
		});
	}

	/** The hash over all leaves. */
	byte[] root() {
		return this.edge.root();
	}

	void read(Connection connection, Map<String, Checkpoint> outside) throws SQLException {
		Leaf before = before(connection);
		readLeaves(connection);
		if (!this.leaves.isEmpty()) {
			Leaf last = this.leaves.stream().max(Leaf.ORDER).orElseThrow();
			// The times only spare the other months' partitions; what they hide is
			// counted
			// in the end.
			try (PreparedStatement query = connection
				.prepareStatement(EVENTS + " and (xid, id) <= (?::xid8, ?) and at >= ? and at <= ?")) {
				query.setString(1, Long.toUnsignedString(before.xid));
				query.setObject(2, before.event);
				query.setString(3, Long.toUnsignedString(last.xid));
				query.setObject(4, last.event);
				query.setObject(5,
						AuditLog.utc(at(this.leaves.stream().mapToLong((leaf) -> leaf.micros).min().orElse(0))));
				query.setObject(6,
						AuditLog.utc(at(this.leaves.stream().mapToLong((leaf) -> leaf.micros).max().orElse(0))));
				stream(connection, query);
			}
			unmatched(connection);
		}
		order(before);
		sign(connection, outside);
		compareNodes(connection);
		this.leaves.clear();
		this.places = null;
		keepFirst();
	}

	/** Events that have no leaf. */
	void readTail(Connection connection) throws SQLException {
		Leaf before = before(connection);
		try (PreparedStatement query = connection.prepareStatement(EVENTS)) {
			query.setString(1, Long.toUnsignedString(before.xid));
			query.setObject(2, before.event);
			query.setFetchSize(FETCH);
			List<Checked> batch = new ArrayList<>();
			try (ResultSet row = query.executeQuery()) {
				while (row.next()) {
					Row event = row(row);
					Leaf leaf = elsewhere(connection, event.id());
					if (leaf != null) {
						tell(Finding.at(leaf.index, event.id(), "its column “xid” has been changed."));
					}
					this.events++;
					check(event, null, batch);
					if (batch.size() >= FETCH) {
						personal(connection, batch);
					}
				}
			}
			personal(connection, batch);
		}
		keepFirst();
	}

	private Leaf before(Connection connection) throws SQLException {
		try (PreparedStatement query = connection.prepareStatement(
				"select index, event_id, at, xid::text::bigint, hash from audit_leaf where index < ? order by index desc limit 1")) {
			query.setLong(1, this.from);
			try (ResultSet row = query.executeQuery()) {
				return row.next() ? Leaf.of(row) : new Leaf(-1, NIL, 0, 0, new byte[0]);
			}
		}
	}

	private void readLeaves(Connection connection) throws SQLException {
		try (PreparedStatement query = connection.prepareStatement(
				"select index, event_id, at, xid::text::bigint, hash from audit_leaf where index >= ? and index < ? order by index")) {
			query.setLong(1, this.from);
			query.setLong(2, this.to);
			query.setFetchSize(FETCH);
			try (ResultSet row = query.executeQuery()) {
				while (row.next()) {
					this.leaves.add(Leaf.of(row));
				}
			}
		}
	}

	private void order(Leaf before) {
		Leaf last = before;
		for (Leaf leaf : this.leaves) {
			// Of a leaf that is wrong itself more has been said already.
			if (last.index >= 0 && Leaf.ORDER.compare(last, leaf) >= 0 && !isTold(last) && !isTold(leaf)) {
				tell(Finding.at(last.index, last.event, "it stands before event " + leaf.event
						+ ", which was written earlier: places in the tree have been exchanged."));
			}
			last = leaf;
		}
	}

	private boolean isTold(Leaf leaf) {
		return this.findings.stream().anyMatch((finding) -> Long.valueOf(leaf.index).equals(finding.index()));
	}

	private void stream(Connection connection, PreparedStatement query) throws SQLException {
		query.setFetchSize(FETCH);
		List<Checked> batch = new ArrayList<>(this.leaves.size());
		try (ResultSet row = query.executeQuery()) {
			while (row.next()) {
				Row event = row(row);
				Leaf leaf = leafOf(event.id());
				if (leaf != null) {
					this.events++;
					leaf.matched = true;
					check(event, leaf, batch);
				}
				else {
					this.strange++;
					strange(connection, event);
					check(event, null, batch);
				}
				if (batch.size() >= Verification.BLOCK) {
					personal(connection, batch);
				}
			}
		}
		personal(connection, batch);
	}

	private void strange(Connection connection, Row event) throws SQLException {
		Leaf leaf = elsewhere(connection, event.id());
		tell((leaf != null) ? Finding.at(leaf.index, event.id(), "its column “xid” has been changed.")
				: Finding.beside(event.id(), "it was put in: it has no place in the tree."));
	}

	/** They come in any order, and mostly in that of the tree. */
	private @Nullable Leaf leafOf(UUID event) {
		if (this.pointer < this.leaves.size() && this.leaves.get(this.pointer).event.equals(event)) {
			return this.leaves.get(this.pointer++);
		}
		Map<UUID, Integer> all = this.places;
		if (all == null) {
			all = HashMap.newHashMap(this.leaves.size());
			for (int i = 0; i < this.leaves.size(); i++) {
				all.put(this.leaves.get(i).event, i);
			}
			this.places = all;
		}
		Integer place = all.get(event);
		if (place == null || this.leaves.get(place).matched) {
			return null;
		}
		this.pointer = place + 1;
		return this.leaves.get(place);
	}

	private static @Nullable Leaf elsewhere(Connection connection, UUID event) throws SQLException {
		try (PreparedStatement query = connection.prepareStatement(
				"select index, event_id, at, xid::text::bigint, hash from audit_leaf where event_id = ?")) {
			query.setObject(1, event);
			try (ResultSet row = query.executeQuery()) {
				return row.next() ? Leaf.of(row) : null;
			}
		}
	}

	private void check(Row event, @Nullable Leaf leaf, List<Checked> batch) {
		StoredEvent.Text text = StoredEvent.read(event.text());
		if (leaf != null && !Arrays.equals(Merkle.leaf(this.sha256, event.text()), leaf.hash)) {
			tell(Finding.at(leaf.index, event.id(), "its stored text or its leaf in the tree has been changed."));
		}
		else if (text == null) {
			tell(finding(event.id(), leaf, "its stored text is not JSON."));
		}
		else {
			String column = event.columns().differing(text);
			if (column == null && leaf != null) {
				column = (leaf.xid != event.xid()) ? "xid" : (leaf.micros == event.micros()) ? null : "at";
			}
			if (column != null) {
				tell(finding(event.id(), leaf, "its column “" + column + "” is not what was written."));
			}
		}
		batch.add(new Checked(event.id(), leaf, (text != null) ? text : new StoredEvent.Text()));
	}

	/** Leaves without their event. */
	private void unmatched(Connection connection) throws SQLException {
		for (Leaf leaf : this.leaves) {
			if (leaf.matched) {
				continue;
			}
			YearMonth month = this.archives.of(at(leaf.micros));
			if (month != null) {
				this.archivedOf.merge(month, 1L, Long::sum);
			}
			else if (this.findings.size() >= MOST_FINDINGS) {
				this.untold++;
			}
			else {
				tell(Finding.at(leaf.index, leaf.event, exists(connection, leaf.event)
						? "its column “at” or “xid” has been changed." : "it has been removed."));
			}
		}
	}

	private static Instant at(long micros) {
		return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
	}

	private static boolean exists(Connection connection, UUID event) throws SQLException {
		try (PreparedStatement query = connection.prepareStatement("select 1 from audit_event where id = ?")) {
			query.setObject(1, event);
			try (ResultSet row = query.executeQuery()) {
				return row.next();
			}
		}
	}

	private void personal(Connection connection, List<Checked> batch) throws SQLException {
		Map<UUID, Checked> byEvent = new HashMap<>(batch.size() * 2);
		batch.forEach((checked) -> byEvent.put(checked.event, checked));
		Besides.each(connection, byEvent.keySet(), (id, row) -> {
			this.personal++;
			Checked event = Objects.requireNonNull(byEvent.get(id));
			String wrong = beside(event, row.getString(2), row.getString(3), row.getBytes(4), row.getBytes(5));
			event.found++;
			if (wrong != null) {
				tell(finding(event.event, event.leaf, wrong));
			}
		});
		for (Checked event : batch) {
			if (event.found < event.text.commitments().size()) {
				tell(finding(event.event, event.leaf, "personal data beside it has been removed."));
			}
		}
		batch.clear();
	}

	private @Nullable String beside(Checked event, String slot, @Nullable String person, byte @Nullable [] salt,
			byte @Nullable [] content) {
		String committed = event.text.commitments().get(slot);
		if (committed == null) {
			return "the personal data “" + slot + "” was put beside it.";
		}
		if (salt == null || content == null) {
			this.erased++;
			return (person != null && this.erasedPeople.contains(person)) ? null
					: "the personal data “" + slot + "” is gone, but nobody was erased.";
		}
		if (slot.equals("actor") && !Objects.equals(event.text.actor(), person)) {
			return "the person of the personal data “actor” has been changed.";
		}
		this.sha256.update(salt);
		return HexFormat.of().formatHex(this.sha256.digest(content)).equals(committed) ? null
				: "the personal data “" + slot + "” has been changed.";
	}

	private static Finding finding(UUID event, @Nullable Leaf leaf, String words) {
		return (leaf != null) ? Finding.at(leaf.index, event, words) : Finding.beside(event, words);
	}

	private void tell(Finding finding) {
		this.findings.add(finding);
		if (this.findings.size() > MOST_FINDINGS * 50) {
			keepFirst();
		}
	}

	/** The first wrong event has to be named, in whatever order events are read. */
	private void keepFirst() {
		if (this.findings.size() > MOST_FINDINGS) {
			this.findings.sort(Comparator.comparingLong(Finding::begin));
			this.untold += this.findings.size() - MOST_FINDINGS;
			this.findings.subList(MOST_FINDINGS, this.findings.size()).clear();
		}
	}

	/** Grows the tree, and stops where something was signed. */
	private void sign(Connection connection, Map<String, Checkpoint> outside) throws SQLException {
		List<Claim> claims = new ArrayList<>();
		outside.forEach((from, checkpoint) -> {
			if (checkpoint.size() > this.from && checkpoint.size() <= this.to) {
				claims.add(new Claim(checkpoint, from, true));
			}
		});
		try (PreparedStatement query = connection.prepareStatement(
				"select size, root, note from audit_checkpoint where size > ? and size <= ? order by size")) {
			query.setLong(1, this.from);
			query.setLong(2, this.to);
			query.setFetchSize(FETCH);
			try (ResultSet row = query.executeQuery()) {
				while (row.next()) {
					claim(row.getLong(1), row.getBytes(2), row.getString(3), claims);
				}
			}
		}
		claims.sort(Comparator.comparingLong((claim) -> claim.checkpoint().size()));
		int next = 0;
		long expected = this.from;
		for (Leaf leaf : this.leaves) {
			for (; expected < leaf.index; expected++) {
				tell(Finding.at(expected, null, "its leaf has been taken out of the tree."));
				this.edge.append(new byte[Merkle.HASH]);
			}
			this.edge.append(leaf.hash);
			expected++;
			for (; next < claims.size() && claims.get(next).checkpoint().size() <= expected; next++) {
				Claim claim = claims.get(next);
				this.signed.add(new Signed(claim.checkpoint(), claim.from(), claim.good(), this.edge.root()));
			}
		}
		for (; expected < this.to; expected++) {
			tell(Finding.at(expected, null, "its leaf has been taken out of the tree."));
			this.edge.append(new byte[Merkle.HASH]);
		}
	}

	private void claim(long size, byte[] root, String note, List<Claim> claims) {
		Checkpoint checkpoint;
		try {
			checkpoint = Checkpoint.of(note);
		}
		catch (IllegalArgumentException ex) {
			tell(Finding.general("The checkpoint over " + size + " events cannot be read: " + ex.getMessage()));
			return;
		}
		boolean good = this.keys.isEmpty() || this.keys.stream().anyMatch((key) -> key.signed(note));
		if (!good) {
			tell(Finding.general(
					"The checkpoint over " + size + " events bears no good signature by a key that is known here."));
		}
		if (checkpoint.size() != size || !Arrays.equals(checkpoint.root(), root)) {
			tell(Finding.general("The columns of the checkpoint over " + size + " events are not what its note says."));
			return;
		}
		claims.add(new Claim(checkpoint, null, good));
	}

	private void compareNodes(Connection connection) throws SQLException {
		try (PreparedStatement query = connection
			.prepareStatement("select index, hash from audit_node where height = 8 and index >= ? and index < ?")) {
			query.setLong(1, this.from >> Tree.STEP);
			query.setLong(2, (this.to + 255) >> Tree.STEP);
			int good = 0;
			try (ResultSet row = query.executeQuery()) {
				while (row.next()) {
					int at = (int) (row.getLong(1) - (this.from >> Tree.STEP));
					if (at < this.nodes.size() && Arrays.equals(this.nodes.get(at), row.getBytes(2))) {
						good++;
					}
					else {
						long first = row.getLong(1) << Tree.STEP;
						tell(Finding.within(first, first + ProvenLines.GROUP - 1, null,
								"the stored node over them, or a leaf below it, has been changed."));
					}
				}
			}
			if (good < this.nodes.size() && this.findings.isEmpty()) {
				tell(Finding.within(this.from, this.to - 1, null, "a stored node over some of them is missing."));
			}
		}
	}

	private static Row row(ResultSet row) throws SQLException {
		@Nullable String[] columns = new @Nullable String[StoredEvent.COPIED.length];
		for (int i = 0; i < columns.length; i++) {
			columns[i] = row.getString(5 + i);
		}
		UUID id = row.getObject(1, UUID.class);
		long micros = micros(row, 2);
		return new Row(id, micros, row.getLong(3), row.getBytes(4), new StoredEvent(id, micros, columns));
	}

	/**
	 * A time in microseconds since 1970: the driver makes this of the eight bytes on the
	 * wire, without a calendar.
	 */
	static long micros(ResultSet row, int column) throws SQLException {
		Timestamp at = row.getTimestamp(column);
		return Math.floorDiv(at.getTime(), 1000L) * 1_000_000 + at.getNanos() / 1000;
	}

	/** A leaf as it is stored. */
	private static final class Leaf {

		/** The order of the tree. */
		private static final Comparator<Leaf> ORDER = (a, b) -> {
			int order = Long.compareUnsigned(a.xid, b.xid);
			order = (order != 0) ? order
					: Long.compareUnsigned(a.event.getMostSignificantBits(), b.event.getMostSignificantBits());
			return (order != 0) ? order
					: Long.compareUnsigned(a.event.getLeastSignificantBits(), b.event.getLeastSignificantBits());
		};

		private final long index;

		private final UUID event;

		private final long micros;

		private final long xid;

		private final byte[] hash;

		private boolean matched;

		Leaf(long index, UUID event, long micros, long xid, byte[] hash) {
			this.index = index;
			this.event = event;
			this.micros = micros;
			this.xid = xid;
			this.hash = hash;
		}

		static Leaf of(ResultSet row) throws SQLException {
			return new Leaf(row.getLong(1), row.getObject(2, UUID.class), micros(row, 3), row.getLong(4),
					row.getBytes(5));
		}

	}

	/**
	 * A row of the history.
	 *
	 * @param id column
	 * @param micros its column “at”
	 * @param xid column
	 * @param text its column “event” in UTF-8
	 * @param columns all that is copied from the text
	 */
	@SuppressWarnings("ArrayRecordComponent")
	private record Row(UUID id, long micros, long xid, byte[] text, StoredEvent columns) {
	}

	/** An event whose personal data is yet to be looked at. */
	private static final class Checked {

		private final UUID event;

		private final @Nullable Leaf leaf;

		private final StoredEvent.Text text;

		private int found;

		Checked(UUID event, @Nullable Leaf leaf, StoredEvent.Text text) {
			this.event = event;
			this.leaf = leaf;
			this.text = text;
		}

	}

	private record Claim(Checkpoint checkpoint, @Nullable String from, boolean good) {
	}

	/**
	 * A checkpoint within the block.
	 *
	 * @param checkpoint what was signed
	 * @param from where it comes from; null for the database's own
	 * @param good whether its signature is good, or was not asked for
	 * @param root the hash over the block's leaves up to its size
	 */
	@SuppressWarnings("ArrayRecordComponent")
	record Signed(Checkpoint checkpoint, @Nullable String from, boolean good, byte[] root) {
	}

}
