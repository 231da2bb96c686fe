package org.partnertls.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;

/**
 * The key that signs checkpoints: Ed25519 (RFC 8032), as PKCS#8 in PEM. Lives outside the
 * database, so that whoever has the database alone cannot sign another history.
 */
final class SigningKey {

	private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";

	private static final String END = "-----END PRIVATE KEY-----";

	private final PrivateKey key;

	private final VerifierKey verifier;

	private SigningKey(PrivateKey key, VerifierKey verifier) {
		this.key = key;
		this.verifier = verifier;
	}

	/**
	 * Reads a key.
	 * @param name the origin of the log
	 * @param pemOrPath the PEM text, or the path of a file that holds it
	 * @throws IllegalArgumentException with a sentence that never repeats the value
	 */
	static SigningKey of(String name, String pemOrPath) {
		String pem = pemOrPath.strip();
		if (!pem.startsWith("-----BEGIN")) {
			try {
				pem = Files.readString(Path.of(pem)).strip();
			}
			catch (IOException | InvalidPathException ex) {
				throw new IllegalArgumentException(
						"it is neither a private key in PEM nor the path of a file that can be read");
			}
		}
		if (!pem.startsWith(BEGIN) || !pem.endsWith(END)) {
			throw new IllegalArgumentException("it does not hold a private key as PKCS#8 in PEM (BEGIN PRIVATE KEY)");
		}
		try {
			byte[] encoded = Base64.getMimeDecoder()
				.decode(pem.substring(BEGIN.length(), pem.length() - END.length()).strip());
			PrivateKey key = KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(encoded));
			SigningKey signing = new SigningKey(key, new VerifierKey(name, publicOf(key)));
			byte[] probe = name.getBytes(StandardCharsets.UTF_8);
			if (!signing.verifier.verify(probe, signing.signature(probe))) {
				throw new GeneralSecurityException("the public half does not fit");
			}
			return signing;
		}
		catch (GeneralSecurityException | IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"its private key is not an Ed25519 key (openssl genpkey -algorithm ed25519)");
		}
	}

	/** A new key as PKCS#8 in PEM. */
	static String generate() {
		try {
			byte[] encoded = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate().getEncoded();
			return BEGIN + "\n" + Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(encoded) + "\n" + END
					+ "\n";
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("every JDK has Ed25519", ex);
		}
	}

	// The platform makes a public key from random bytes only, so it is given the private
	// key as its random bytes.
	private static byte[] publicOf(PrivateKey key) throws GeneralSecurityException {
		byte[] seed = ((EdECPrivateKey) key).getBytes()
			.orElseThrow(() -> new GeneralSecurityException("a key that cannot be read"));
		KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
		generator.initialize(NamedParameterSpec.ED25519, new SecureRandom() {

			@Override
			public void nextBytes(byte[] bytes) {
				System.arraycopy(seed, 0, bytes, 0, bytes.length);
			}

		});
		KeyPair pair = generator.generateKeyPair();
		byte[] encoded = ((EdECPublicKey) pair.getPublic()).getEncoded();
		return Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
	}

	VerifierKey verifier() {
		return this.verifier;
	}

	/**
	 * The signed note: text, an empty line, the signature.
	 * @param text ends in a line feed
	 */
	String sign(String text) {
		return text + "\n" + this.verifier.line(signature(text.getBytes(StandardCharsets.UTF_8)));
	}

	private byte[] signature(byte[] text) {
		try {
			Signature ed25519 = Signature.getInstance("Ed25519");
			ed25519.initSign(this.key);
			ed25519.update(text);
			return ed25519.sign();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("the key was tried when it was read", ex);
		}
	}

}
