package org.partnertls.audit;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A signed statement of what the history's tree holds, in the C2SP formats
 * {@code tlog-checkpoint} and {@code signed-note}: origin, number of events and root hash
 * on a line each, an empty line, and signatures.
 *
 * @param origin which log it speaks of
 * @param size how many events the tree holds
 * @param root its root, 32 bytes (RFC 6962)
 * @param note the whole text, from the origin to the end of the last signature line
 */
@SuppressWarnings("ArrayRecordComponent")
public record Checkpoint(String origin, long size, byte[] root, String note) {

	/**
	 * Reads a checkpoint. Says nothing about its signatures: {@link VerifierKey#signed}
	 * does.
	 * @param text as it was handed out; lines may have lost their indent or carry
	 * carriage returns, as after a trip by mail
	 * @throws IllegalArgumentException with a sentence for people, when it is none
	 */
	public static Checkpoint of(String text) {
		String note = text.replace("\r", "").strip().lines().map(String::strip).reduce("", (a, b) -> a + b + "\n");
		if (note.length() > 20_000) {
			throw new IllegalArgumentException("This is longer than any checkpoint.");
		}
		int end = note.indexOf("\n\n");
		List<String> lines = (end < 0) ? List.of() : note.substring(0, end).lines().toList();
		if (lines.size() < 3 || lines.getFirst().isEmpty()) {
			throw new IllegalArgumentException(
					"A checkpoint has its origin, its size and its hash on three lines, then an empty line and at least one signature.");
		}
		if (!lines.get(1).matches("0|[1-9][0-9]{0,17}")) {
			throw new IllegalArgumentException("The second line of a checkpoint is a plain number.");
		}
		byte[] root = decode(lines.get(2));
		if (root.length != Merkle.HASH) {
			throw new IllegalArgumentException("The third line of a checkpoint is a hash of 32 bytes in base64.");
		}
		return new Checkpoint(lines.getFirst(), Long.parseLong(lines.get(1)), root, note);
	}

	/** A new one, signed. */
	static Checkpoint sign(SigningKey key, long size, byte[] root) {
		String body = key.verifier().name() + "\n" + size + "\n" + Base64.getEncoder().encodeToString(root) + "\n";
		return new Checkpoint(key.verifier().name(), size, root, key.sign(body));
	}

	private static byte[] decode(String line) {
		try {
			return Base64.getDecoder().decode(line);
		}
		catch (IllegalArgumentException ex) {
			return new byte[0];
		}
	}

	/** The root as it stands in the note. */
	public String rootWords() {
		return Base64.getEncoder().encodeToString(this.root);
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof Checkpoint that && this.note.equals(that.note);
	}

	@Override
	public int hashCode() {
		return this.note.hashCode();
	}

	@Override
	public String toString() {
		return this.note;
	}

	/** Whether it says the same as another, whoever signed. */
	boolean sameTree(Checkpoint other) {
		return this.size == other.size && Arrays.equals(this.root, other.root);
	}

}
