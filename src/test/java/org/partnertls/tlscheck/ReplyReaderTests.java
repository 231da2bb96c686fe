package org.partnertls.tlscheck;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.tlscheck.ReplyReader.UnreadableReply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ReplyReaderTests {

	private final Transcript transcript = new Transcript();

	@Test
	void aReplyOfSeveralLinesIsOneReply() throws IOException {
		SmtpReply reply = reader("250-mx greets\r\n250-StartTLS\r\n250 size 100\r\n").read();
		assertThat(reply.code()).isEqualTo(250);
		assertThat(reply.keywords()).containsExactly("STARTTLS", "SIZE 100");
		assertThat(reply.offersStartTls()).isTrue();
	}

	@Test
	void aBareLineFeedAndABareCodeAreAccepted() throws IOException {
		assertThat(reader("220\n").read()).isEqualTo(new SmtpReply(220, List.of("")));
	}

	@Test
	void aWordThatOnlyStartsLikeStartTlsIsNoOffer() throws IOException {
		assertThat(reader("250-mx STARTTLS\r\n250 STARTTLSX\r\n").read().offersStartTls()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "hello\r\n", "22 short\r\n", "2200 long\r\n", "120 too low\r\n", "620 too high\r\n",
			"220_odd\r\n", "\r\n", "220-one\r\n221 two\r\n" })
	void whatIsNoReplyIsRefused(String sent) {
		assertThatExceptionOfType(UnreadableReply.class).isThrownBy(() -> reader(sent).read());
	}

	@Test
	void linesRepliesAndSessionsAreBounded() {
		assertThatExceptionOfType(UnreadableReply.class).isThrownBy(() -> reader("220 " + "x".repeat(9000)).read());
		assertThatExceptionOfType(UnreadableReply.class).isThrownBy(() -> reader("220-x\r\n".repeat(101)).read());
		assertThatExceptionOfType(UnreadableReply.class)
			.isThrownBy(() -> reader(("220-" + "x".repeat(2000) + "\r\n").repeat(20)).read());
		ReplyReader reader = reader(("220 " + "x".repeat(2000) + "\r\n").repeat(60));
		assertThatExceptionOfType(UnreadableReply.class).isThrownBy(() -> {
			for (int i = 0; i < 60; i++) {
				reader.read();
			}
		}).withMessageContaining("session");
	}

	@Test
	void anEndInTheMiddleIsAnEnd() {
		assertThatExceptionOfType(EOFException.class).isThrownBy(() -> reader("220-one\r\n220 tw").read());
	}

	@Test
	void whatStandsBehindAReplyIsNoticed() throws IOException {
		ReplyReader reader = reader("220 go\r\n250 injected\r\n");
		reader.read();
		assertThat(reader.hasMore()).isTrue();
	}

	@Test
	void aTranscriptIsBoundedAndSaysSo() {
		for (int i = 0; i < 200; i++) {
			this.transcript.server("250 " + "ä\u0007".repeat(20));
		}
		assertThat(this.transcript.toString()).hasSizeLessThanOrEqualTo(4096)
			.startsWith("S: 250 \\xe4\\x07")
			.endsWith("\n...\n");
	}

	private ReplyReader reader(String sent) {
		return new ReplyReader(new ByteArrayInputStream(sent.getBytes(StandardCharsets.ISO_8859_1)), this.transcript,
				0);
	}

}
