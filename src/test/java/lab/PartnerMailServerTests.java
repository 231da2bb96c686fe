package lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Clock;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The double must itself behave as a mail server does, or what is tested against it means
 * nothing.
 */
class PartnerMailServerTests {

	private static final Pki PKI = new Pki("Mail", Clock.systemUTC());

	private final PartnerMailServer server = new PartnerMailServer("mx.acme.example", "127.46.0.2", 0, PKI,
			Clock.systemUTC());

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void itTakesMailInClearTextAndSaysSo() throws Exception {
		try (Client client = new Client()) {
			client.deliver("ines@contoso.example");
		}
		assertThat(this.server.received()).singleElement().satisfies((message) -> {
			assertThat(message.overTls()).isFalse();
			assertThat(message.from()).isEqualTo("ines@contoso.example");
			assertThat(message.to()).containsExactly("greta@acme.example");
			assertThat(message.source()).isEqualTo("Subject: Hello\r\n\r\n.dot\r\n");
		});
	}

	@Test
	void itTakesMailOverTlsAndSaysSo() throws Exception {
		try (Client client = new Client()) {
			client.startTls();
			client.deliver("ines@contoso.example");
		}
		assertThat(this.server.received()).singleElement()
			.satisfies((message) -> assertThat(message.tls()).startsWith("TLSv1.3 "));
	}

	@Test
	void itRefusesClearTextFromADomainThatItWasToldToProtect() throws Exception {
		this.server.requireTlsFrom("Contoso.example");
		try (Client client = new Client()) {
			client.say("EHLO client.example", "250 8BITMIME");
			client.say("MAIL FROM:<ines@CONTOSO.example>", "451 5.7.3 STARTTLS is required to send mail");
			client.say("MAIL FROM:<ines@other.example>", "250 2.1.0 Ok");
		}
		try (Client client = new Client()) {
			client.startTls();
			client.deliver("ines@contoso.example");
		}
		this.server.allowClearTextFrom("contoso.example");
		try (Client client = new Client()) {
			client.deliver("ines@contoso.example");
		}
		assertThat(this.server.received()).extracting(PartnerMailServer.Received::overTls).containsExactly(false, true);
	}

	@Test
	void itKeepsTheLastFiftyMessages() throws Exception {
		for (int i = 0; i < 53; i++) {
			try (Client client = new Client()) {
				client.deliver("n" + i + "@contoso.example");
			}
		}
		assertThat(this.server.received()).hasSize(50)
			.first()
			.extracting(PartnerMailServer.Received::from)
			.isEqualTo("n52@contoso.example");
	}

	private final class Client implements AutoCloseable {

		private Socket socket;

		private BufferedReader in;

		Client() throws IOException {
			this.socket = new Socket(InetAddress.ofLiteral("127.46.0.2"), PartnerMailServerTests.this.server.port());
			this.in = reader();
			expect("220 mx.acme.example ESMTP ready");
		}

		void deliver(String from) throws IOException {
			say("EHLO client.example", "250 8BITMIME");
			say("MAIL FROM:<" + from + ">", "250 2.1.0 Ok");
			say("RCPT TO:<greta@acme.example>", "250 2.1.5 Ok");
			say("DATA", "354 End with a dot on its own line");
			say("Subject: Hello\r\n\r\n..dot\r\n.", "250 2.0.0 Ok: queued");
			say("QUIT", "221 2.0.0 Bye");
		}

		void startTls() throws IOException, GeneralSecurityException {
			say("EHLO client.example", "250 8BITMIME");
			say("STARTTLS", "220 2.0.0 Ready to start TLS");
			KeyStore trusted = KeyStore.getInstance("PKCS12");
			trusted.load(null, null);
			trusted.setCertificateEntry("root", PKI.root());
			TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trust.init(trusted);
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(null, trust.getTrustManagers(), null);
			SSLSocket secure = (SSLSocket) context.getSocketFactory()
				.createSocket(this.socket, "mx.acme.example", this.socket.getPort(), true);
			secure.startHandshake();
			this.socket = secure;
			this.in = reader();
		}

		void say(String line, String answer) throws IOException {
			this.socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
			expect(answer);
		}

		private void expect(String answer) throws IOException {
			String line = this.in.readLine();
			while (line != null && line.charAt(3) == '-') {
				line = this.in.readLine();
			}
			assertThat(line).isEqualTo(answer);
		}

		private BufferedReader reader() throws IOException {
			return new BufferedReader(new InputStreamReader(this.socket.getInputStream(), StandardCharsets.US_ASCII));
		}

		@Override
		public void close() throws IOException {
			this.socket.close();
		}

	}

}
