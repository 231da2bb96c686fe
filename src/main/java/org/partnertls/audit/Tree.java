package org.partnertls.audit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The history's tree as it is stored: leaves, every eighth row of nodes above them, and
 * checkpoints. A hash between two stored rows is made from at most 128 of the row below;
 * what was read is kept as long as this object.
 */
final class Tree implements Merkle.Subtrees {

	/** How many rows lie between two that are stored. */
	static final int STEP = 8;

	private static final int HIGHEST = 40;

	private final JdbcClient jdbc;

	private final Map<Place, byte[]> known = new HashMap<>();

	Tree(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	/** How many leaves there are. */
	long size() {
		return this.jdbc.sql("select coalesce(max(index) + 1, 0) from audit_leaf").query(Long.class).single();
	}

	Optional<Checkpoint> newestCheckpoint() {
		return this.jdbc.sql("select note from audit_checkpoint order by size desc limit 1")
			.query(String.class)
			.optional()
			.map(Checkpoint::of);
	}

	/** The root over the first leaves. */
	byte[] root(long size) {
		return Merkle.root(this, 0, size);
	}

	@Override
	public byte[] hash(int height, long index) {
		byte[] found = this.known.get(new Place(height, index));
		if (found == null) {
			found = read(height, index);
			this.known.put(new Place(height, index), found);
		}
		return found;
	}

	private byte[] read(int height, long index) {
		int row = Math.min(height / STEP * STEP, HIGHEST);
		long width = 1L << (height - row);
		List<byte[]> hashes = row(row, index * width, width);
		if (hashes.size() != width) {
			throw new Damaged(row, index * width);
		}
		Merkle.Edge subtree = new Merkle.Edge();
		hashes.forEach(subtree::append);
		return subtree.root();
	}

	/**
	 * Hashes that are stored, in order.
	 * @param row a multiple of {@link #STEP}
	 */
	List<byte[]> row(int row, long from, long most) {
		List<byte[]> hashes = new ArrayList<>();
		String sql = (row == 0) ? "select index, hash from audit_leaf where index >= ? and index < ? order by index"
				: "select index, hash from audit_node where height = " + row
						+ " and index >= ? and index < ? order by index";
		this.jdbc.sql(sql).params(from, from + most).query((result) -> {
			if (result.getLong(1) != from + hashes.size()) {
				throw new Damaged(row, from + hashes.size());
			}
			hashes.add(result.getBytes(2));
		});
		return hashes;
	}

	private record Place(int height, long index) {
	}

	/**
	 * Part of the tree is not there.
	 */
	static final class Damaged extends RuntimeException {

		Damaged(int height, long index) {
			super((height == 0) ? "Leaf " + index + " of the history's tree is missing."
					: "Node " + index + " of row " + height + " of the history's tree is missing.");
		}

	}

}
