package org.partnertls.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Merkle trees as in RFC 6962, section 2.1: SHA-256, {@code 0x00} before what a leaf
 * holds, {@code 0x01} before the two hashes of a node. The proofs are checked as in RFC
 * 9162, sections 2.1.3.2 and 2.1.4.2.
 */
final class Merkle {

	/** Length of a hash in bytes. */
	static final int HASH = 32;

	private static final byte[] LEAF = { 0 };

	private static final byte[] NODE = { 1 };

	private Merkle() {
	}

	/** The root of a tree without leaves. */
	static byte[] empty() {
		return sha256().digest();
	}

	static byte[] leaf(byte[] data) {
		return leaf(sha256(), data);
	}

	static byte[] leaf(String event) {
		return leaf(event.getBytes(StandardCharsets.UTF_8));
	}

	static byte[] leaf(MessageDigest sha256, byte[] data) {
		sha256.update(LEAF);
		return sha256.digest(data);
	}

	static byte[] node(byte[] left, byte[] right) {
		MessageDigest sha256 = sha256();
		sha256.update(NODE);
		sha256.update(left);
		return sha256.digest(right);
	}

	static MessageDigest sha256() {
		try {
			return MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every Java platform has SHA-256", ex);
		}
	}

	/**
	 * The hash over leaves {@code from} (inclusive) to {@code to}, which must be a
	 * subtree of the tree with {@code to} leaves or of a larger one.
	 */
	static byte[] root(Subtrees subtrees, long from, long to) {
		long leaves = to - from;
		if (leaves == 0) {
			return empty();
		}
		if (Long.bitCount(leaves) == 1) {
			int height = Long.numberOfTrailingZeros(leaves);
			return subtrees.hash(height, from >> height);
		}
		long split = Long.highestOneBit(leaves);
		return node(root(subtrees, from, from + split), root(subtrees, from + split, to));
	}

	/**
	 * The audit path of a leaf (RFC 6962, section 2.1.1), from the leaf up.
	 */
	static List<byte[]> inclusion(Subtrees subtrees, long index, long size) {
		List<byte[]> path = new ArrayList<>();
		path(subtrees, index, 0, size, path);
		return path;
	}

	private static void path(Subtrees subtrees, long index, long from, long to, List<byte[]> path) {
		if (to - from == 1) {
			return;
		}
		long middle = from + split(to - from);
		if (index < middle) {
			path(subtrees, index, from, middle, path);
			path.add(root(subtrees, middle, to));
		}
		else {
			path(subtrees, index, middle, to, path);
			path.add(root(subtrees, from, middle));
		}
	}

	/**
	 * The consistency proof between two sizes (RFC 6962, section 2.1.2). Empty when they
	 * are equal or the old tree was.
	 */
	static List<byte[]> consistency(Subtrees subtrees, long oldSize, long newSize) {
		List<byte[]> proof = new ArrayList<>();
		if (oldSize > 0 && oldSize < newSize) {
			subProof(subtrees, oldSize, 0, newSize, true, proof);
		}
		return proof;
	}

	private static void subProof(Subtrees subtrees, long old, long from, long to, boolean whole, List<byte[]> proof) {
		if (old == to - from) {
			if (!whole) {
				proof.add(root(subtrees, from, to));
			}
			return;
		}
		long split = split(to - from);
		if (old <= split) {
			subProof(subtrees, old, from, from + split, whole, proof);
			proof.add(root(subtrees, from + split, to));
		}
		else {
			subProof(subtrees, old - split, from + split, to, false, proof);
			proof.add(root(subtrees, from, from + split));
		}
	}

	/** The largest power of two below. */
	private static long split(long leaves) {
		return Long.highestOneBit(leaves - 1);
	}

	/**
	 * Whether the leaf stands there in the tree with this root.
	 */
	static boolean included(byte[] leaf, long index, long size, List<byte[]> path, byte[] root) {
		byte[] reached = rootOf(leaf, index, size, path);
		return reached != null && MessageDigest.isEqual(reached, root);
	}

	/**
	 * The root to which a path leads; null when its length does not fit.
	 */
	static byte @Nullable [] rootOf(byte[] leaf, long index, long size, List<byte[]> path) {
		if (index < 0 || index >= size) {
			return null;
		}
		long first = index;
		long last = size - 1;
		byte[] hash = leaf;
		for (byte[] sibling : path) {
			if (last == 0) {
				return null;
			}
			if ((first & 1) == 1 || first == last) {
				hash = node(sibling, hash);
				while ((first & 1) == 0 && first != 0) {
					first >>= 1;
					last >>= 1;
				}
			}
			else {
				hash = node(hash, sibling);
			}
			first >>= 1;
			last >>= 1;
		}
		return (last == 0) ? hash : null;
	}

	/**
	 * Whether the tree of the new size holds the old one unchanged as its beginning.
	 */
	static boolean consistent(long oldSize, byte[] oldRoot, long newSize, byte[] newRoot, List<byte[]> proof) {
		if (oldSize < 0 || oldSize > newSize) {
			return false;
		}
		if (oldSize == 0) {
			return proof.isEmpty() && Arrays.equals(oldRoot, empty());
		}
		if (oldSize == newSize) {
			return proof.isEmpty() && MessageDigest.isEqual(oldRoot, newRoot);
		}
		List<byte[]> rest = new ArrayList<>(proof);
		if (Long.bitCount(oldSize) == 1) {
			rest.addFirst(oldRoot);
		}
		if (rest.isEmpty()) {
			return false;
		}
		long first = oldSize - 1;
		long last = newSize - 1;
		while ((first & 1) == 1) {
			first >>= 1;
			last >>= 1;
		}
		byte[] older = rest.getFirst();
		byte[] newer = older;
		for (byte[] hash : rest.subList(1, rest.size())) {
			if (last == 0) {
				return false;
			}
			if ((first & 1) == 1 || first == last) {
				older = node(hash, older);
				newer = node(hash, newer);
				while ((first & 1) == 0 && first != 0) {
					first >>= 1;
					last >>= 1;
				}
			}
			else {
				newer = node(newer, hash);
			}
			first >>= 1;
			last >>= 1;
		}
		return last == 0 && MessageDigest.isEqual(older, oldRoot) && MessageDigest.isEqual(newer, newRoot);
	}

	/**
	 * Knows the hashes of complete subtrees.
	 */
	interface Subtrees {

		/**
		 * The hash over the leaves from {@code index * 2^height} up to the next subtree.
		 */
		byte[] hash(int height, long index);

	}

	/**
	 * A tree that only grows, of which no more is kept than its right edge: one complete
	 * subtree for each one in the binary form of its size.
	 */
	static final class Edge {

		private final byte[][] subtrees = new byte[Long.SIZE][];

		private long size;

		private final Stored stored;

		/** A tree that tells nobody about its nodes. */
		Edge() {
			this((height, index, hash) -> {
			});
		}

		/**
		 * An empty tree.
		 * @param stored is told each node once it is complete
		 */
		Edge(Stored stored) {
			this.stored = stored;
		}

		/** The edge of a tree that exists. */
		Edge(Stored stored, Subtrees subtrees, long size) {
			this(stored);
			long from = 0;
			for (int height = Long.SIZE - 2; height >= 0; height--) {
				if ((size & (1L << height)) != 0) {
					this.subtrees[height] = subtrees.hash(height, from >> height);
					from += 1L << height;
				}
			}
			this.size = size;
		}

		/** Another that goes on from here by itself. */
		Edge copy(Stored stored) {
			Edge copy = new Edge(stored);
			System.arraycopy(this.subtrees, 0, copy.subtrees, 0, this.subtrees.length);
			copy.size = this.size;
			return copy;
		}

		void append(byte[] leaf) {
			append(0, leaf);
		}

		/**
		 * Appends a complete subtree.
		 * @throws IllegalArgumentException when it cannot begin at this size
		 */
		void append(int height, byte[] hash) {
			if (height < 0 || height > Long.SIZE - 2 || (this.size & ((1L << height) - 1)) != 0) {
				throw new IllegalArgumentException("no subtree of height " + height + " begins at leaf " + this.size);
			}
			int at = height;
			byte[] subtree = hash;
			while ((this.size & (1L << at)) != 0) {
				subtree = node(this.subtrees[at], subtree);
				at++;
				this.stored.complete(at, this.size >> at, subtree);
			}
			this.subtrees[at] = subtree;
			this.size += 1L << height;
		}

		long size() {
			return this.size;
		}

		byte[] root() {
			byte[] root = null;
			for (int height = 0; height < Long.SIZE - 1; height++) {
				if ((this.size & (1L << height)) != 0) {
					root = (root == null) ? this.subtrees[height] : node(this.subtrees[height], root);
				}
			}
			return (root != null) ? root : empty();
		}

		/**
		 * The root of this tree and what follows it.
		 * @param following the hash over at least one more leaf, and no more than the
		 * smallest subtree here has
		 */
		byte[] rootWith(byte[] following) {
			byte[] root = following;
			for (int height = 0; height < Long.SIZE - 1; height++) {
				if ((this.size & (1L << height)) != 0) {
					root = node(this.subtrees[height], root);
				}
			}
			return root;
		}

	}

	/** Hears of each node once it is complete. */
	interface Stored {

		void complete(int height, long index, byte[] hash);

	}

}
