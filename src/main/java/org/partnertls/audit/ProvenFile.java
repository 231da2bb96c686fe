package org.partnertls.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPInputStream;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checks what {@link ProvenLines} wrote, without a database, in one pass and little
 * memory. Nothing in the file is trusted but what the keys vouch for.
 */
final class ProvenFile {

	/** No line of ours is longer; a hostile one may be. */
	private static final int LONGEST = 1 << 24;

	private static final JsonMapper JSON = JsonMapper.shared();

	private final List<VerifierKey> keys;

	private final Reader reader;

	private @Nullable Checkpoint checkpoint;

	private int line;

	private long events;

	private long erased;

	private long gaps;

	private @Nullable Long first;

	private long last = -1;

	private Merkle.Edge group = new Merkle.Edge();

	private long groupFirst = -1;

	private long groupSize;

	private byte[] groupHash = new byte[0];

	private ProvenFile(List<VerifierKey> keys, Reader reader) {
		this.keys = keys;
		this.reader = reader;
	}

	/**
	 * Checks a file to its end or to the first thing that is wrong.
	 * @param in the file, plain or gzipped
	 * @param keys whose signatures count
	 * @param reader is given each event that has been found good, and each group's end
	 */
	static Result check(InputStream in, List<VerifierKey> keys, Reader reader) throws IOException {
		ProvenFile file = new ProvenFile(keys, reader);
		Finding wrong = null;
		try {
			file.read(plain(new BufferedInputStream(in, 1 << 16)));
		}
		catch (Wrong ex) {
			wrong = ex.finding;
		}
		catch (JacksonException | IllegalArgumentException ex) {
			wrong = Finding.general("Line " + file.line + " is not what an export writes.");
		}
		return new Result(file.checkpoint, file.events, file.erased, file.first, file.last, file.gaps == 0, wrong);
	}

	static Result check(InputStream in, List<VerifierKey> keys) throws IOException {
		return check(in, keys, (event) -> {
		});
	}

	private static InputStream plain(BufferedInputStream in) throws IOException {
		in.mark(2);
		boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
		in.reset();
		return gzip ? new BufferedInputStream(new GZIPInputStream(in, 1 << 16), 1 << 16) : in;
	}

	private void read(InputStream in) throws IOException {
		boolean ended = false;
		for (byte[] text = line(in); text != null; text = line(in)) {
			JsonNode node = JSON.readTree(text);
			if (ended) {
				throw wrong("Something stands after the end.");
			}
			switch (node.path("type").asString("")) {
				case "checkpoint" -> checkpoint(node);
				case "group" -> group(node);
				case "event" -> event(node);
				case "gap" -> gap(node);
				case "end" -> {
					finishGroup();
					if (node.path("events").asLong(-1) != this.events) {
						throw wrong("The file says that it holds " + node.path("events").asLong(-1) + " events, but "
								+ this.events + " are there.");
					}
					ended = true;
				}
				default -> throw wrong("This is not a line of an export.");
			}
		}
		if (!ended) {
			throw new Wrong(Finding.general("The file has been cut off after line " + this.line + "."));
		}
	}

	private void checkpoint(JsonNode node) {
		if (this.checkpoint != null) {
			throw wrong("There is a second checkpoint.");
		}
		if (!node.path("format").asString("").equals("1")) {
			throw wrong("This is a format that is not known here.");
		}
		Checkpoint found = Checkpoint.of(node.path("checkpoint").asString(""));
		if (this.keys.stream().noneMatch((key) -> key.name().equals(found.origin()) && key.signed(found.note()))) {
			throw wrong("The checkpoint bears no good signature by a key that you gave. It speaks of “" + found.origin()
					+ "”.");
		}
		this.checkpoint = found;
	}

	private void group(JsonNode node) throws IOException {
		Checkpoint signed = signed();
		finishGroup();
		long begin = number(node, "first");
		if (begin % ProvenLines.GROUP != 0 || begin <= this.groupFirst || begin >= signed.size()) {
			throw wrong("A group stands where none can.");
		}
		this.groupFirst = begin;
		this.groupSize = Math.min(ProvenLines.GROUP, signed.size() - begin);
		this.groupHash = hash(node.path("hash"));
		this.group = new Merkle.Edge();
		List<byte[]> path = new ArrayList<>();
		node.path("proof").forEach((hash) -> path.add(hash(hash)));
		long groups = (signed.size() + ProvenLines.GROUP - 1) / ProvenLines.GROUP;
		if (number(node, "size") != this.groupSize
				|| !Merkle.included(this.groupHash, begin / ProvenLines.GROUP, groups, path, signed.root())) {
			throw new Wrong(Finding.within(begin, begin + this.groupSize - 1, null, "The events from number " + begin
					+ " to " + (begin + this.groupSize - 1) + " are not what the checkpoint signs."));
		}
	}

	private void event(JsonNode node) throws IOException {
		long index = number(node, "index");
		String text = node.path("event").asString("");
		byte[] leaf = Merkle.leaf(text);
		UUID id = idOf(text);
		if (this.groupFirst < 0 || index < next()) {
			throw new Wrong(Finding.at(index, id, "it stands twice or out of order, or was put in."));
		}
		if (index > next()) {
			throw new Wrong(Finding.at(next(), null, "it has been taken out of the file."));
		}
		if (!MessageDigest.isEqual(leaf, hash(node.path("leaf")))) {
			throw new Wrong(Finding.at(index, id, "its text has been changed."));
		}
		List<ProvenLines.Beside> personal = personal(node.path("personal"), text, index, id);
		this.group.append(leaf);
		this.events++;
		this.first = (this.first == null) ? Long.valueOf(index) : this.first;
		this.gaps += (this.last >= 0 && index != this.last + 1) ? 1 : 0;
		this.last = index;
		this.reader.event(new Line(index, id, text, personal));
	}

	private List<ProvenLines.Beside> personal(JsonNode node, String text, long index, @Nullable UUID id) {
		List<ProvenLines.Beside> all = new ArrayList<>();
		if (node.isMissingNode() || node.isEmpty()) {
			return all;
		}
		JsonNode commitments = JSON.readTree(text).path("commitments");
		node.properties().forEach((entry) -> {
			JsonNode value = entry.getValue();
			boolean gone = value.path("erased").asBoolean(false);
			ProvenLines.Beside beside = new ProvenLines.Beside(entry.getKey(), value.path("person").asString(""),
					gone ? null : Base64.getDecoder().decode(value.path("salt").asString("")),
					gone ? null : value.path("content").asString(""));
			String committed = commitments.path(entry.getKey()).asString("");
			if (committed.isEmpty() || (!gone && !committed.equals(beside.commitment()))) {
				throw new Wrong(Finding.at(index, id,
						"the personal data “" + entry.getKey() + "” beside it is not what it commits to."));
			}
			this.erased += gone ? 1 : 0;
			all.add(beside);
		});
		return all;
	}

	private void gap(JsonNode node) {
		long begin = number(node, "first");
		if (this.groupFirst < 0 || begin != next()) {
			throw new Wrong(Finding.at((this.groupFirst < 0) ? 0 : next(), null, "it has been taken out of the file."));
		}
		int height = (int) Math.min(number(node, "height"), Tree.STEP);
		this.group.append(height, hash(node.path("hash")));
	}

	private void finishGroup() throws IOException {
		if (this.groupFirst < 0) {
			signed();
			return;
		}
		if (this.group.size() < this.groupSize) {
			throw new Wrong(Finding.at(next(), null, "it has been taken out of the file."));
		}
		if (this.group.size() > this.groupSize) {
			throw new Wrong(Finding.at(this.groupFirst + this.groupSize, null, "it was put in."));
		}
		if (!MessageDigest.isEqual(this.group.root(), this.groupHash)) {
			throw new Wrong(Finding.within(this.groupFirst, this.groupFirst + this.groupSize - 1, null,
					"one of the events from here to number " + (this.groupFirst + this.groupSize - 1)
							+ " is not the one that was signed."));
		}
		this.reader.proven();
	}

	private long next() {
		return this.groupFirst + this.group.size();
	}

	private Checkpoint signed() {
		Checkpoint signed = this.checkpoint;
		if (signed == null) {
			throw wrong("The file does not begin with a checkpoint.");
		}
		return signed;
	}

	private Wrong wrong(String words) {
		return new Wrong(Finding.general("Line " + this.line + ": " + words));
	}

	private static long number(JsonNode node, String name) {
		JsonNode number = node.path(name);
		if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
			throw new IllegalArgumentException("not a number: " + name);
		}
		return number.asLong();
	}

	private static byte[] hash(JsonNode node) {
		byte[] hash = Base64.getDecoder().decode(node.asString(""));
		if (hash.length != Merkle.HASH) {
			throw new IllegalArgumentException("not a hash");
		}
		return hash;
	}

	private static @Nullable UUID idOf(String text) {
		try {
			return UUID.fromString(JSON.readTree(text).path("id").asString(""));
		}
		catch (JacksonException | IllegalArgumentException ex) {
			return null;
		}
	}

	private byte @Nullable [] line(InputStream in) throws IOException {
		ByteArrayOutputStream text = new ByteArrayOutputStream(1024);
		this.line++;
		for (int c = in.read(); c != '\n'; c = in.read()) {
			if (c < 0) {
				return (text.size() > 0) ? text.toByteArray() : null;
			}
			if (text.size() == LONGEST) {
				throw wrong("It is longer than any line of an export.");
			}
			text.write(c);
		}
		return text.toByteArray();
	}

	/** Takes what was found good. */
	interface Reader {

		/** An event; good if its group turns out to be. */
		void event(Line event) throws IOException;

		/** All events so far are what was signed. */
		default void proven() throws IOException {
		}

	}

	/**
	 * An event of a file.
	 *
	 * @param index where it stands
	 * @param id its id; null when the text names none
	 * @param event its stored text
	 * @param personal what stands beside it
	 */
	record Line(long index, @Nullable UUID id, String event, List<ProvenLines.Beside> personal) {
	}

	/**
	 * What a check has found.
	 *
	 * @param checkpoint what the events were checked against; null when there was none to
	 * trust
	 * @param events how many events were read
	 * @param erased how many pieces of personal data have been erased
	 * @param first where the first event stands; null without events
	 * @param last where the last one stands
	 * @param whole whether no event between the two is left out
	 * @param wrong the first thing that is wrong; null when all is well
	 */
	record Result(@Nullable Checkpoint checkpoint, long events, long erased, @Nullable Long first, long last,
			boolean whole, @Nullable Finding wrong) {
	}

	private static final class Wrong extends RuntimeException {

		private final transient Finding finding;

		Wrong(Finding finding) {
			super(finding.words());
			this.finding = finding;
		}

	}

}
