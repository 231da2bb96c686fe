package org.partnertls.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * What the history can prove: that an event stands in it, that it still is what it was
 * when an older checkpoint was signed, and what of it is not sealed yet.
 */
@Component("historyProofs")
@Transactional(readOnly = true)
public class Proofs {

	private final JdbcClient jdbc;

	private final Keys keys;

	private final Sequencer sequencer;

	private final Clock clock;

	Proofs(JdbcClient jdbc, Keys keys, Sequencer sequencer, Clock clock) {
		this.jdbc = jdbc;
		this.keys = keys;
		this.sequencer = sequencer;
		this.clock = clock;
	}

	/** The newest checkpoint; empty as long as none was signed. */
	public Optional<Checkpoint> latest() {
		return new Tree(this.jdbc).newestCheckpoint();
	}

	/**
	 * The newest checkpoint after sealing what is committed by now, for exports and
	 * reports. What a transaction that is still open holds back stays unsealed.
	 */
	@Transactional(propagation = org.springframework.transaction.annotation.Propagation.NOT_SUPPORTED)
	public Optional<Checkpoint> sealed() {
		while (this.sequencer.seal() == Sequencer.MOST) {
			// There is more.
		}
		return latest();
	}

	/** The keys whose signatures count, the one in use first; empty without a key. */
	public List<VerifierKey> keys() {
		return this.keys.verifying();
	}

	/** Whether checkpoints are signed at all. */
	public boolean signing() {
		return this.keys.signing() != null;
	}

	/**
	 * The proof for an event against the newest checkpoint; empty as long as it is not
	 * sealed.
	 */
	public Optional<Inclusion> inclusion(UUID event) {
		Optional<Checkpoint> checkpoint = latest();
		return checkpoint.flatMap((signed) -> inclusion(event, signed));
	}

	/** The proof for an event against a checkpoint of this history. */
	public Optional<Inclusion> inclusion(UUID event, Checkpoint checkpoint) {
		return this.jdbc.sql("select index, hash from audit_leaf where event_id = ? and index < ?")
			.params(event, checkpoint.size())
			.query((row, number) -> {
				long index = row.getLong(1);
				return new Inclusion(event, index, row.getBytes(2),
						Merkle.inclusion(new Tree(this.jdbc), index, checkpoint.size()), checkpoint);
			})
			.optional();
	}

	/**
	 * The proof that the history of the old size is the beginning of that of the new one
	 * (RFC 6962, section 2.1.2).
	 */
	public List<byte[]> consistency(long oldSize, long newSize) {
		return Merkle.consistency(new Tree(this.jdbc), oldSize, newSize);
	}

	/**
	 * Writes events with what is needed to check them without the portal.
	 * @param checkpoint what they are checked against; every event written must be older
	 * @throws IOException when the stream does not take it
	 */
	public ProvenLines lines(OutputStream out, Checkpoint checkpoint) throws IOException {
		return new ProvenLines(out, checkpoint, new Tree(this.jdbc));
	}

	/** How far the history is sealed. */
	public Seal seal() {
		Optional<Checkpoint> checkpoint = latest();
		long signed = checkpoint.map(Checkpoint::size).orElse(0L);
		Instant at = this.jdbc.sql("select at from audit_checkpoint order by size desc limit 1")
			.query((row, number) -> row.getObject(1, OffsetDateTime.class).toInstant())
			.optional()
			.orElse(null);
		return this.jdbc.sql("""
				with last as (select coalesce(max(index), -1) as index from audit_leaf),
				sealed as (select xid, event_id from audit_leaf join last using (index)),
				waiting as (
					select at from audit_event
					where (xid, id) > (coalesce((select xid from sealed), '0'::xid8),
						coalesce((select event_id from sealed), '00000000-0000-0000-0000-000000000000'::uuid))
					order by xid, id limit 10000),
				unsigned as (select at from audit_leaf where index >= :signed order by index limit 1)
				select (select index + 1 from last), (select count(*) from waiting),
					least((select min(at) from waiting), (select at from unsigned))""")
			.param("signed", signed)
			.query((row, number) -> {
				OffsetDateTime oldest = row.getObject(3, OffsetDateTime.class);
				return new Seal(checkpoint.orElse(null), at, row.getLong(1), row.getLong(2),
						(oldest != null) ? Duration.between(oldest.toInstant(), this.clock.instant()) : Duration.ZERO);
			})
			.single();
	}

	/**
	 * How far the history is sealed. What a checkpoint covers cannot be changed
	 * unnoticed; the rest is shown as not yet sealed.
	 *
	 * @param checkpoint the newest; null while none was signed
	 * @param at when it was signed
	 * @param leaves how many events have their place in the tree
	 * @param waiting how many have none yet, counted to 10,000 at most
	 * @param lag how long the oldest event that no checkpoint covers has been waiting;
	 * zero if there is none
	 */
	public record Seal(@Nullable Checkpoint checkpoint, @Nullable Instant at, long leaves, long waiting, Duration lag) {

		/** How many events a checkpoint covers. */
		public long covered() {
			return (this.checkpoint != null) ? this.checkpoint.size() : 0;
		}

		/** How many events no checkpoint covers. */
		public long uncovered() {
			return this.leaves + this.waiting - covered();
		}

	}

}
