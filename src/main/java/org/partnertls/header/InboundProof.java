package org.partnertls.header;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.partnertls.header.MessageHeaders.Fields;
import org.partnertls.header.MessageHeaders.Refused;

/**
 * What a message's {@code Received:} lines prove about how it came into our organisation.
 * <p>
 * The lines are read from the top. The topmost was written by the server that holds the
 * mailbox; as long as a line's peer is inside, the next line was written inside too. The
 * first line whose peer is outside is the one that counts, and only if a server of ours
 * wrote it. Everything below it was handed to us by the sender, who can write what they
 * like.
 */
public sealed interface InboundProof {

	/**
	 * Reads a message source or pasted headers.
	 * @param source hostile; everything behind the headers is ignored
	 * @param boundary which servers are ours
	 */
	static InboundProof read(String source, Boundary boundary) {
		return switch (MessageHeaders.read(source)) {
			case Refused(String why) -> new Unreadable(why);
			case Fields fields -> {
				List<Hop> hops = fields.all("received", TestMessage.MOST_HOPS)
					.stream()
					.map(ReceivedLine::read)
					.toList();
				DecidingHop deciding = DecidingHop.find(hops, boundary);
				TestMessage message = TestMessage.of(fields, hops, deciding.ours() ? deciding.hop() : null, boundary);
				yield (deciding.hop() != null && deciding.tls() != null)
						? new Seen(deciding.hop(), deciding.tls(), message)
						: new CannotTell(deciding.why(), deciding.hop(), message);
			}
		};
	}

	/**
	 * Reads a message source, for example an uploaded file.
	 * @param source hostile; only the first megabyte is looked at
	 * @param boundary which servers are ours
	 */
	static InboundProof read(byte[] source, Boundary boundary) {
		// One more than the limit, so that the limit is noticed.
		int length = Math.min(source.length, MessageHeaders.LONGEST_SOURCE + 1);
		return read(new String(source, 0, length, StandardCharsets.ISO_8859_1), boundary);
	}

	/**
	 * The result in words.
	 */
	String sentence();

	/**
	 * The hop that counts tells.
	 *
	 * @param hop the line of our own server about a peer outside
	 * @param tls how the message came over that hop
	 * @param message what else the message says
	 */
	record Seen(Hop hop, Tls tls, TestMessage message) implements InboundProof {

		@Override
		public String sentence() {
			String peer = (this.hop.fromHost() != null) ? this.hop.fromHost() : "an unnamed server";
			String address = (this.hop.peerAddress() != null) ? " (" + this.hop.peerAddress() + ")" : "";
			return "From " + peer + address + " to " + this.hop.byHost() + ": " + this.tls.words() + ".";
		}

	}

	/**
	 * The lines prove nothing, neither good nor bad.
	 *
	 * @param why in words
	 * @param hop the line at which the reading ended; null when all were read
	 * @param message what else the message says
	 */
	record CannotTell(String why, @Nullable Hop hop, TestMessage message) implements InboundProof {

		@Override
		public String sentence() {
			return this.why;
		}

	}

	/**
	 * It is no message that we read.
	 *
	 * @param why in words
	 */
	record Unreadable(String why) implements InboundProof {

		@Override
		public String sentence() {
			return this.why;
		}

	}

}
