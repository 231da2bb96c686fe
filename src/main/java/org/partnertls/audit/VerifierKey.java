package org.partnertls.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The public half of a key that signs notes with Ed25519, written as C2SP
 * {@code signed-note} has it: {@code name+id+base64}, where the id is the first four
 * bytes of {@code SHA-256(name || 0x0A || 0x01 || key)} in hexadecimal and the base64 is
 * of {@code 0x01 || key}.
 *
 * @param name whose key it is; the origin of what it signs
 * @param raw the key, 32 bytes (RFC 8032)
 */
@SuppressWarnings("ArrayRecordComponent")
public record VerifierKey(String name, byte[] raw) {

	private static final byte ED25519 = 1;

	/** What stands before the raw key in its X.509 form (RFC 8410). */
	private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

	private static final String DASH = "\u2014 ";

	public VerifierKey {
		if (raw.length != 32 || !isName(name)) {
			throw new IllegalArgumentException("not a key");
		}
	}

	/**
	 * Reads a key.
	 * @throws IllegalArgumentException with a sentence for people, when it is none
	 */
	public static VerifierKey of(String text) {
		String[] parts = text.strip().split("\\+", 3);
		try {
			byte[] typed = Base64.getDecoder().decode((parts.length == 3) ? parts[2] : "");
			if (typed.length == 33 && typed[0] == ED25519) {
				VerifierKey key = new VerifierKey(parts[0], Arrays.copyOfRange(typed, 1, 33));
				if (HexFormat.of().formatHex(key.id()).equals(parts[1])) {
					return key;
				}
			}
		}
		catch (IllegalArgumentException ex) {
			// Said below.
		}
		throw new IllegalArgumentException(
				"A verification key reads name+id+key, with the id in 8 hexadecimal digits and an Ed25519 key in base64.");
	}

	static boolean isName(String name) {
		return !name.isEmpty() && name.chars().noneMatch((c) -> Character.isWhitespace(c) || c == '+' || c < 0x20);
	}

	/**
	 * Whether a note bears a good signature by this key. Signatures of others are passed
	 * over, as the format wants it.
	 * @param note text, an empty line, and lines of signatures
	 */
	public boolean signed(String note) {
		int end = note.lastIndexOf("\n\n");
		if (end < 0 || !note.endsWith("\n")) {
			return false;
		}
		byte[] text = note.substring(0, end + 1).getBytes(StandardCharsets.UTF_8);
		boolean good = false;
		for (String line : note.substring(end + 2).lines().toList()) {
			if (!line.startsWith(DASH)) {
				return false;
			}
			String[] parts = line.substring(DASH.length()).split(" ", -1);
			if (parts.length != 2) {
				return false;
			}
			if (parts[0].equals(this.name)) {
				byte[] signature = decode(parts[1]);
				if (signature.length > 4 && Arrays.equals(Arrays.copyOf(signature, 4), id())) {
					if (!verify(text, Arrays.copyOfRange(signature, 4, signature.length))) {
						return false;
					}
					good = true;
				}
			}
		}
		return good;
	}

	private static byte[] decode(String base64) {
		try {
			return Base64.getDecoder().decode(base64);
		}
		catch (IllegalArgumentException ex) {
			return new byte[0];
		}
	}

	boolean verify(byte[] text, byte[] signature) {
		try {
			Signature ed25519 = Signature.getInstance("Ed25519");
			ed25519.initVerify(publicKey());
			ed25519.update(text);
			return ed25519.verify(signature);
		}
		catch (GeneralSecurityException ex) {
			// The JDK throws for some malformed signatures and answers false for others.
			return false;
		}
	}

	private PublicKey publicKey() throws GeneralSecurityException {
		byte[] encoded = ByteBuffer.allocate(PREFIX.length + this.raw.length).put(PREFIX).put(this.raw).array();
		return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
	}

	/** The first bytes of a signature line: tells keys of one name apart. */
	byte[] id() {
		MessageDigest sha256 = Merkle.sha256();
		sha256.update(this.name.getBytes(StandardCharsets.UTF_8));
		sha256.update((byte) '\n');
		sha256.update(ED25519);
		return Arrays.copyOf(sha256.digest(this.raw), 4);
	}

	/** A line of a note's signatures. */
	String line(byte[] signature) {
		byte[] whole = ByteBuffer.allocate(4 + signature.length).put(id()).put(signature).array();
		return DASH + this.name + " " + Base64.getEncoder().encodeToString(whole) + "\n";
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof VerifierKey that && this.name.equals(that.name) && Arrays.equals(this.raw, that.raw);
	}

	@Override
	public int hashCode() {
		return Arrays.hashCode(this.raw);
	}

	/** As others are told it. */
	@Override
	public String toString() {
		byte[] typed = ByteBuffer.allocate(33).put(ED25519).put(this.raw).array();
		return this.name + "+" + HexFormat.of().formatHex(id()) + "+" + Base64.getEncoder().encodeToString(typed);
	}

}
