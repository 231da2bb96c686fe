package org.partnertls.tlscheck;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;

/**
 * The first message of a TLS handshake, made by hand: the Java runtime does not speak
 * what is out of date, and teaching it to would weaken every other connection of the
 * portal.
 *
 * @param version for people
 * @param code of the version, for example 0x0301
 * @param dheOnly whether it leaves no other key exchange than Diffie-Hellman over a prime
 */
record ClientHello(String version, int code, boolean dheOnly) {

	static final int SSL_2 = 0x0002;

	/** Versions that nobody should agree to. */
	static final List<ClientHello> OLD = List.of(new ClientHello("SSL 2.0", SSL_2), new ClientHello("SSL 3.0", 0x0300),
			new ClientHello("TLS 1.0", 0x0301), new ClientHello("TLS 1.1", 0x0302));

	static final ClientHello TLS_1_2 = new ClientHello("TLS 1.2", 0x0303);

	/** To see the prime that a server uses. */
	static final ClientHello DHE = new ClientHello("TLS 1.2", 0x0303, true);

	private static final SecureRandom RANDOM = new SecureRandom();

	/** ECDHE and DHE and RSA with AES and 3DES, then those of TLS 1.2. */
	private static final int[] SUITES = { 0xc009, 0xc00a, 0xc013, 0xc014, 0x0033, 0x0039, 0x002f, 0x0035, 0xc012,
			0x0016, 0x000a, 0x0005 };

	private static final int[] SUITES_OF_1_2 = { 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc023, 0xc027, 0x009e,
			0x009f, 0x009c, 0x003c };

	private static final int[] DHE_SUITES = { 0x009e, 0x009f, 0xccaa, 0x0067, 0x006b, 0x0033, 0x0039, 0x0016 };

	/** RC4, RC2, DES and 3DES with MD5, three bytes each. */
	private static final int[] SUITES_OF_SSL_2 = { 0x010080, 0x020080, 0x030080, 0x040080, 0x060040, 0x0700c0 };

	ClientHello(String version, int code) {
		this(version, code, false);
	}

	/**
	 * The message in its record.
	 * @param serverName for SNI, ASCII
	 */
	byte[] bytes(String serverName) {
		if (this.code == SSL_2) {
			return bytesOfSsl2();
		}
		Bytes body = new Bytes().two(this.code);
		byte[] random = new byte[32];
		RANDOM.nextBytes(random);
		body.all(random).one(0);
		Bytes suites = new Bytes();
		if (this.code >= TLS_1_2.code && !this.dheOnly) {
			suites.twos(SUITES_OF_1_2);
		}
		body.lengthTwo(suites.twos(this.dheOnly ? DHE_SUITES : SUITES));
		// Deflate is offered only to see whether it would be taken.
		body.lengthOne(new Bytes().one(1).one(0));
		if (this.code > 0x0300) {
			body.lengthTwo(extensions(serverName));
		}
		Bytes message = new Bytes().one(1).one(0).lengthTwo(body);
		return new Bytes().one(0x16).two(Math.min(this.code, 0x0301)).lengthTwo(message).toByteArray();
	}

	private static byte[] bytesOfSsl2() {
		Bytes suites = new Bytes();
		for (int suite : SUITES_OF_SSL_2) {
			suites.one(suite >> 16).two(suite);
		}
		byte[] challenge = new byte[16];
		RANDOM.nextBytes(challenge);
		byte[] list = suites.toByteArray();
		byte[] body = new Bytes().one(1)
			.two(SSL_2)
			.two(list.length)
			.two(0)
			.two(challenge.length)
			.all(list)
			.all(challenge)
			.toByteArray();
		return new Bytes().two(0x8000 | body.length).all(body).toByteArray();
	}

	private Bytes extensions(String serverName) {
		Bytes name = new Bytes().one(0).lengthTwo(new Bytes().all(serverName.getBytes(StandardCharsets.US_ASCII)));
		Bytes extensions = new Bytes();
		extensions.two(0).lengthTwo(new Bytes().lengthTwo(name));
		extensions.two(10).lengthTwo(new Bytes().lengthTwo(new Bytes().twos(0x001d, 0x0017, 0x0018)));
		extensions.two(11).lengthTwo(new Bytes().lengthOne(new Bytes().one(0)));
		if (this.code >= TLS_1_2.code) {
			extensions.two(13)
				.lengthTwo(new Bytes().lengthTwo(new Bytes().twos(0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806,
						0x0401, 0x0501, 0x0601, 0x0807, 0x0808)));
		}
		extensions.two(ServerHello.EXTENDED_MASTER_SECRET).two(0);
		return extensions.two(ServerHello.RENEGOTIATION_INFO).lengthTwo(new Bytes().one(0));
	}

	/**
	 * Writes numbers as TLS does, the larger byte first.
	 */
	private static final class Bytes {

		private final ByteArrayOutputStream out = new ByteArrayOutputStream();

		Bytes one(int value) {
			this.out.write(value);
			return this;
		}

		Bytes two(int value) {
			return one(value >> 8).one(value & 0xff);
		}

		Bytes twos(int... values) {
			for (int value : values) {
				two(value);
			}
			return this;
		}

		Bytes all(byte[] bytes) {
			this.out.writeBytes(bytes);
			return this;
		}

		Bytes lengthOne(Bytes other) {
			return one(other.out.size()).all(other.toByteArray());
		}

		Bytes lengthTwo(Bytes other) {
			return two(other.out.size()).all(other.toByteArray());
		}

		byte[] toByteArray() {
			return this.out.toByteArray();
		}

	}

}
