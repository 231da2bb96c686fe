package org.partnertls.tlscheck;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.SocketException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

import org.partnertls.tlscheck.Report.HelloFacts;

/**
 * What a server answers to a {@link ClientHello}.
 *
 * @param version that it picks; 0 when it refuses
 * @param compression method; 0 for none
 * @param extensions their numbers
 */
record ServerHello(int version, int compression, Set<Integer> extensions) {

	static final int EXTENDED_MASTER_SECRET = 23;

	static final int RENEGOTIATION_INFO = 0xff01;

	private static final ServerHello REFUSAL = new ServerHello(0, 0, Set.of());

	private static final int HANDSHAKE = 22;

	private static final int MAX_RECORD = 16 * 1024;

	private static final int MAX_MESSAGES = 64 * 1024;

	private static final int SSL_2_SERVER_HELLO = 4;

	private static final int SERVER_KEY_EXCHANGE = 12;

	ServerHello {
		extensions = Set.copyOf(extensions);
	}

	/**
	 * Reads one record; an alert or a closed connection is a refusal.
	 */
	static ServerHello read(InputStream in) throws IOException {
		try {
			DataInputStream data = new DataInputStream(in);
			int type = data.readUnsignedByte();
			if ((type & 0x80) != 0) {
				return ofSsl2(data);
			}
			data.readUnsignedShort();
			int length = data.readUnsignedShort();
			if (type != HANDSHAKE || length > MAX_RECORD || length < 42) {
				return REFUSAL;
			}
			return of(ByteBuffer.wrap(data.readNBytes(length)));
		}
		catch (EOFException ex) {
			return REFUSAL;
		}
		catch (SocketException ex) {
			if (String.valueOf(ex.getMessage()).contains("reset")) {
				return REFUSAL;
			}
			throw ex;
		}
	}

	/**
	 * The rest of an answer by SSL 2.0, whose records begin with their length.
	 */
	private static ServerHello ofSsl2(DataInputStream data) throws IOException {
		data.readUnsignedByte();
		boolean hello = data.readUnsignedByte() == SSL_2_SERVER_HELLO;
		data.readUnsignedShort();
		int version = data.readUnsignedShort();
		return (hello && version == ClientHello.SSL_2) ? new ServerHello(version, 0, Set.of()) : REFUSAL;
	}

	/**
	 * How long the prime is that a server uses for Diffie-Hellman.
	 * @return 0 when it does not agree to that
	 */
	static int primeBits(InputStream in) throws IOException {
		DataInputStream messages = new DataInputStream(new Messages(in));
		try {
			while (true) {
				int type = messages.readUnsignedByte();
				int length = (messages.readUnsignedByte() << 16) + messages.readUnsignedShort();
				if (type == SERVER_KEY_EXCHANGE) {
					return new BigInteger(1, messages.readNBytes(Math.min(MAX_RECORD, messages.readUnsignedShort())))
						.bitLength();
				}
				messages.skipNBytes(length);
			}
		}
		catch (EOFException ex) {
			return 0;
		}
	}

	private static ServerHello of(ByteBuffer message) {
		try {
			if (message.get() != 2) {
				return REFUSAL;
			}
			message.position(4);
			int version = Short.toUnsignedInt(message.getShort());
			message.position(message.position() + 32);
			skip(message, Byte.toUnsignedInt(message.get()));
			message.getShort();
			int compression = Byte.toUnsignedInt(message.get());
			Set<Integer> extensions = new HashSet<>();
			if (message.remaining() >= 2) {
				message.getShort();
				while (message.remaining() >= 4) {
					extensions.add(Short.toUnsignedInt(message.getShort()));
					skip(message, Short.toUnsignedInt(message.getShort()));
				}
			}
			return new ServerHello(version, compression, extensions);
		}
		catch (BufferUnderflowException | IllegalArgumentException ex) {
			return REFUSAL;
		}
	}

	private static void skip(ByteBuffer message, int bytes) {
		// The rest may stand in a further record; what was read so far counts.
		message.position(Math.min(message.limit(), message.position() + bytes));
	}

	boolean picks(ClientHello hello) {
		return this.version == hello.code();
	}

	HelloFacts facts() {
		return new HelloFacts(this.extensions.contains(EXTENDED_MASTER_SECRET),
				this.extensions.contains(RENEGOTIATION_INFO), this.compression != 0);
	}

	/**
	 * The handshake messages in the records of a connection, one behind the other; ends
	 * with the first record of another kind, and before it becomes too much.
	 */
	private static final class Messages extends InputStream {

		private final DataInputStream in;

		private int left;

		private int read;

		Messages(InputStream in) {
			this.in = new DataInputStream(in);
		}

		@Override
		public int read() throws IOException {
			byte[] one = new byte[1];
			return (read(one, 0, 1) < 0) ? -1 : Byte.toUnsignedInt(one[0]);
		}

		@Override
		public int read(byte[] into, int from, int most) throws IOException {
			while (this.left == 0) {
				if (this.in.read() != HANDSHAKE) {
					return -1;
				}
				this.in.readUnsignedShort();
				this.left = this.in.readUnsignedShort();
			}
			int length = Math.min(Math.min(most, this.left), MAX_MESSAGES - this.read);
			int got = (length > 0) ? this.in.read(into, from, length) : -1;
			this.left -= Math.max(0, got);
			this.read += Math.max(0, got);
			return got;
		}

	}

}
