package org.partnertls.audit;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class CheckpointTests {

	/** The example of Go's golang.org/x/mod/sumdb/note, where the format comes from. */
	private static final String PUBLISHED = """
			If you think cryptography is the answer to your problem,
			then you don't know what your problem is.

			— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
			""";

	private static final String PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

	/** Test 1 of RFC 8032, section 7.1, as PKCS#8. */
	private static final String RFC_8032 = """
			-----BEGIN PRIVATE KEY-----
			MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
			-----END PRIVATE KEY-----
			""";

	@TempDir
	private Path folder;

	@Test
	void checksThePublishedExampleOfASignedNote() {
		VerifierKey key = VerifierKey.of(PUBLISHED_KEY);

		assertThat(key.signed(PUBLISHED)).isTrue();
		assertThat(key.signed(PUBLISHED.replace("answer", "Answer"))).isFalse();
		assertThat(key.signed(PUBLISHED.replace("JnAM=", "JnAI="))).isFalse();
		assertThat(key.signed(PUBLISHED.replace("PeterNeumann ", "PeterPan "))).isFalse();
		assertThat(key).hasToString(PUBLISHED_KEY);
	}

	@Test
	void derivesThePublicKeyOfThePublishedPrivateOne() {
		SigningKey key = SigningKey.of("portal.example/history", RFC_8032);

		assertThat(key.verifier().raw()).asHexString()
			.isEqualToIgnoringCase("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	}

	@Test
	void signsWhatItsKeyAndNoOtherVerifies() {
		SigningKey key = SigningKey.of("portal.example/history", SigningKey.generate());
		Checkpoint checkpoint = Checkpoint.sign(key, 7, Merkle.empty());

		assertThat(checkpoint.note()).startsWith(
				"portal.example/history\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— portal.example/history ");
		assertThat(key.verifier().signed(checkpoint.note())).isTrue();
		assertThat(VerifierKey.of(key.verifier().toString()).signed(checkpoint.note())).isTrue();
		assertThat(SigningKey.of("portal.example/history", SigningKey.generate()).verifier().signed(checkpoint.note()))
			.isFalse();
		assertThat(key.verifier().signed(checkpoint.note().replace("\n7\n", "\n8\n"))).isFalse();
	}

	@Test
	void passesOverSignaturesOfOthers() {
		SigningKey key = SigningKey.of("portal.example/history", SigningKey.generate());
		SigningKey witness = SigningKey.of("witness.example", SigningKey.generate());
		String note = Checkpoint.sign(key, 7, Merkle.empty()).note();
		String both = note + witness.sign("x\n").lines().toList().getLast() + "\n";

		assertThat(key.verifier().signed(both)).isTrue();
		assertThat(witness.verifier().signed(both)).isFalse();
	}

	@Test
	void readsACheckpointThatWentByMail() {
		SigningKey key = SigningKey.of("portal.example/history", SigningKey.generate());
		Checkpoint checkpoint = Checkpoint.sign(key, 7, Merkle.empty());

		Checkpoint read = Checkpoint.of("\r\n  " + checkpoint.note().replace("\n", "\r\n  ") + "\r\n");

		assertThat(read).isEqualTo(checkpoint);
		assertThat(key.verifier().signed(read.note())).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "portal.example\n7",
			"portal.example\n-7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x y",
			"portal.example\n07\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x y",
			"portal.example\n99999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x y",
			"portal.example\n7\n47DEQpj8\n\n— x y", "portal.example\n7\n<script>\n\n— x y" })
	void saysWhatIsWrongWithSomethingElse(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> Checkpoint.of(text)).withMessageMatching("[A-Z].*\\.");
	}

	@Test
	void readsAKeyFromItsFileOrItsText() throws Exception {
		Path file = Files.writeString(this.folder.resolve("audit.pem"), RFC_8032);

		assertThat(SigningKey.of("a", file.toString()).verifier()).isEqualTo(SigningKey.of("a", RFC_8032).verifier());
	}

	@ParameterizedTest
	@ValueSource(strings = { "secret", "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----",
			"-----BEGIN RSA PRIVATE KEY-----\nsecret" })
	void neverRepeatsAKeyThatItCannotRead(String key) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new AuditProperties(key, null, java.util.List.of(), java.time.Duration.ofSeconds(1),
					java.time.Duration.ofSeconds(1), java.time.Duration.ofSeconds(1), null,
					java.time.Duration.ofSeconds(1), null, null, null))
			.withMessageStartingWith("portal.audit.signing-key: ")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("secret"));
	}

}
