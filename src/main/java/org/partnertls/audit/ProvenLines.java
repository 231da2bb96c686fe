package org.partnertls.audit;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes events as JSON Lines that can be checked against a signed checkpoint with the
 * public key and nothing else; {@link ProvenFile} reads them. All hashes and salts are
 * base64, every hash is SHA-256.
 * <ol>
 * <li>The first line is {@code {"type":"checkpoint","format":"1","checkpoint":note}}: the
 * note as it was signed.
 * <li>Leaves belong to groups of 256. Before the first event of each group stands
 * {@code {"type":"group","first":index,"size":n,"hash":h,"proof":[…]}}: its first leaf,
 * how many leaves it has (fewer than 256 only at the end of the history), the hash over
 * them, and the path from there to the checkpoint's root: that of leaf {@code first/256}
 * in a tree whose leaves are the groups' hashes.
 * <li>{@code {"type":"event","index":i,"leaf":h,"event":text,"personal":{…}}}: the stored
 * text of an event; {@code leaf} is {@code SHA-256(0x00 || text in UTF-8)}.
 * {@code personal} holds what stands beside it by slot, each as
 * {@code {"person":id,"salt":s,"content":text}}, where {@code SHA-256(salt || content)}
 * is what the event's {@code commitments} say in hexadecimal, or as
 * {@code {"person":id,"erased":true}}; it is left out when empty.
 * <li>{@code {"type":"gap","first":index,"height":k,"hash":h}} stands for 2^k leaves of a
 * group whose events are not in the file.
 * <li>The last line is {@code {"type":"end","events":n}}.
 * </ol>
 * Within a group events and gaps come in the order of the tree and leave nothing out, so
 * that they lead to the group's hash.
 */
public final class ProvenLines implements AutoCloseable {

	/** How many leaves a group has. */
	static final int GROUP = 1 << Tree.STEP;

	private static final JsonFactory JSON = JsonFactory.builder()
		.disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
		.disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
		.build();

	private final OutputStream out;

	private final Tree tree;

	private final Groups groups;

	private final long size;

	private final JsonBytes line = new JsonBytes();

	private final MessageDigest sha256 = Merkle.sha256();

	private long group = -1;

	private long next;

	private long events;

	private @Nullable List<byte[]> leaves;

	ProvenLines(OutputStream out, Checkpoint checkpoint, Tree tree) throws IOException {
		this.out = new BufferedOutputStream(out, 1 << 16);
		this.tree = tree;
		this.size = checkpoint.size();
		this.groups = new Groups(tree, this.size);
		line((json) -> {
			json.writeStringProperty("type", "checkpoint");
			json.writeStringProperty("format", "1");
			json.writeStringProperty("checkpoint", checkpoint.note());
		});
	}

	/**
	 * Writes an event.
	 * @param index where it stands; greater than that of the event before
	 * @param event its stored text in UTF-8
	 * @param personal what stands beside it
	 * @throws IllegalArgumentException when the order is broken or the checkpoint does
	 * not cover it
	 */
	void event(long index, byte[] event, List<Beside> personal) throws IOException {
		if (index < this.next || index >= this.size) {
			throw new IllegalArgumentException("event " + index + " cannot be written here");
		}
		if (index / GROUP != this.group) {
			finishGroup();
			beginGroup(index / GROUP);
		}
		gapUntil(index);
		// Nearly all of a large file is lines of this kind, so they are made by hand.
		this.line.ascii("{\"type\":\"event\",\"index\":").ascii(Long.toString(index)).ascii(",\"leaf\":\"");
		this.line.base64(Merkle.leaf(this.sha256, event)).ascii("\",\"event\":").string(event);
		if (!personal.isEmpty()) {
			this.line.ascii(",\"personal\":{");
			for (int i = 0; i < personal.size(); i++) {
				this.line.ascii((i > 0) ? "," : "");
				write(personal.get(i));
			}
			this.line.ascii("}");
		}
		this.line.ascii("}\n").to(this.out);
		this.next = index + 1;
		this.events++;
	}

	private void write(Beside beside) {
		this.line.string(beside.slot()).ascii(":{\"person\":").string(beside.person());
		if (beside.salt() != null && beside.content() != null) {
			this.line.ascii(",\"salt\":\"").base64(beside.salt()).ascii("\",\"content\":").string(beside.content());
		}
		else {
			this.line.ascii(",\"erased\":true");
		}
		this.line.ascii("}");
	}

	/** Ends the file; the stream below is flushed and left open. */
	@Override
	public void close() throws IOException {
		finishGroup();
		line((json) -> {
			json.writeStringProperty("type", "end");
			json.writeNumberProperty("events", this.events);
		});
		this.out.flush();
	}

	private void beginGroup(long number) throws IOException {
		this.group = number;
		this.next = number * GROUP;
		this.leaves = null;
		line((json) -> {
			json.writeStringProperty("type", "group");
			json.writeNumberProperty("first", this.next);
			json.writeNumberProperty("size", end() - this.next);
			json.writeStringProperty("hash", base64(this.groups.hash(0, number)));
			json.writeArrayPropertyStart("proof");
			Merkle.inclusion(this.groups, number, this.groups.count())
				.forEach((hash) -> json.writeString(base64(hash)));
			json.writeEndArray();
		});
	}

	private void finishGroup() throws IOException {
		if (this.group >= 0) {
			gapUntil(end());
		}
	}

	private long end() {
		return Math.min((this.group + 1) * GROUP, this.size);
	}

	/** Stands for the leaves up to there with as few hashes as possible. */
	private void gapUntil(long until) throws IOException {
		while (this.next < until) {
			int height = Math.min(Long.numberOfTrailingZeros(this.next | GROUP),
					63 - Long.numberOfLeadingZeros(until - this.next));
			long first = this.next;
			byte[] hash = subtree(first, height);
			line((json) -> {
				json.writeStringProperty("type", "gap");
				json.writeNumberProperty("first", first);
				json.writeNumberProperty("height", height);
				json.writeStringProperty("hash", base64(hash));
			});
			this.next += 1L << height;
		}
	}

	private byte[] subtree(long first, int height) {
		List<byte[]> all = this.leaves;
		if (all == null) {
			all = this.tree.row(0, this.group * GROUP, end() - this.group * GROUP);
			this.leaves = all;
		}
		int from = (int) (first - this.group * GROUP);
		Merkle.Edge edge = new Merkle.Edge();
		all.subList(from, from + (1 << height)).forEach(edge::append);
		return edge.root();
	}

	private void line(java.util.function.Consumer<JsonGenerator> properties) throws IOException {
		try (JsonGenerator json = JSON.createGenerator(tools.jackson.core.ObjectWriteContext.empty(), this.out)) {
			json.writeStartObject();
			properties.accept(json);
			json.writeEndObject();
		}
		catch (tools.jackson.core.exc.JacksonIOException ex) {
			throw ex.getCause();
		}
		this.out.write('\n');
	}

	private static String base64(byte[] bytes) {
		return Base64.getEncoder().encodeToString(bytes);
	}

	/**
	 * Personal data beside an event.
	 *
	 * @param slot what it is
	 * @param person whose it is
	 * @param salt of the commitment; null once erased
	 * @param content the data; null once erased
	 */
	@SuppressWarnings("ArrayRecordComponent")
	public record Beside(String slot, String person, byte @Nullable [] salt, @Nullable String content) {

		/** What the event commits to; null once erased. */
		@Nullable String commitment() {
			return (this.salt != null && this.content != null) ? AuditLog.commitment(this.salt, this.content) : null;
		}

	}

	/**
	 * The tree above the groups, all in memory: 64 bytes for 256 events.
	 */
	private static final class Groups implements Merkle.Subtrees {

		private final List<List<byte[]>> rows = new ArrayList<>();

		Groups(Tree tree, long size) {
			List<byte[]> row = new ArrayList<>(tree.row(Tree.STEP, 0, size / GROUP));
			if (row.size() < size / GROUP) {
				throw new Tree.Damaged(Tree.STEP, row.size());
			}
			if (size % GROUP != 0) {
				row.add(Merkle.root(tree, size / GROUP * GROUP, size));
			}
			while (!row.isEmpty()) {
				this.rows.add(row);
				List<byte[]> above = new ArrayList<>();
				for (int i = 0; i + 1 < row.size(); i += 2) {
					above.add(Merkle.node(row.get(i), row.get(i + 1)));
				}
				row = above;
			}
		}

		long count() {
			return this.rows.isEmpty() ? 0 : this.rows.getFirst().size();
		}

		@Override
		public byte[] hash(int height, long index) {
			return this.rows.get(height).get((int) index);
		}

	}

}
