package org.partnertls.audit;

import java.util.Base64;
import java.util.List;
import java.util.UUID;

/**
 * The proof that an event stands in the history that a checkpoint signs.
 *
 * @param event the event's id
 * @param index where it stands, counted from 0
 * @param leaf its leaf hash, {@code SHA-256(0x00 || stored text)}
 * @param path the hashes beside it on the way to the root, from the leaf up (RFC 6962,
 * section 2.1.1)
 * @param checkpoint signs the root
 */
@SuppressWarnings("ArrayRecordComponent")
public record Inclusion(UUID event, long index, byte[] leaf, List<byte[]> path, Checkpoint checkpoint) {

	/**
	 * Whether this stored text is what the checkpoint signs at this place. The signature
	 * itself is a question for {@link VerifierKey#signed}.
	 */
	public boolean holds(String storedText) {
		return Merkle.included(Merkle.leaf(storedText), this.index, this.checkpoint.size(), this.path,
				this.checkpoint.root());
	}

	/**
	 * The proof in the C2SP format {@code tlog-proof}, good for checking elsewhere.
	 */
	public String text() {
		StringBuilder text = new StringBuilder("c2sp.org/tlog-proof@v1\nindex " + this.index + "\n");
		this.path.forEach((hash) -> text.append(Base64.getEncoder().encodeToString(hash)).append('\n'));
		return text.append('\n').append(this.checkpoint.note()).toString();
	}

}
