package org.partnertls.tlscheck;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

import lab.Pki;
import lab.WebHost;
import lab.WebHost.Answer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.partnertls.ClassPath;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Report.Revocation;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Against the benchmark's mail servers, which run in a Java of their own: they count
 * resumed sessions, and send along what their authority says of their certificates
 * (stapling), which one Java runtime either does or does not.
 */
class OtherServerTests {

	private static final String HOST = "mx.acme.example";

	private static final DomainName REVOKED = new DomainName("revoked.example");

	private static final WebHost GOOD = authority("127.46.2.1", false);

	private static final WebHost BAD = authority("127.46.2.2", true);

	@TempDir
	private static Path directory;

	private static Process process;

	private static BufferedReader said;

	private static int port;

	private final Neighbourhood neighbours = new Neighbourhood();

	@BeforeAll
	static void start() throws Exception {
		store("good", "http://127.46.2.1:" + GOOD.port() + "/");
		store("expired", "http://127.46.2.2:" + BAD.port() + "/");
		process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
				"-XX:TieredStopAtLevel=1", "-Djdk.tls.server.enableStatusRequestExtension=true",
				"-Dcom.sun.security.ocsp.useget=false", "-cp", ClassPath.ofTests(), "bench.StartTlsServers",
				directory.toString())
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
		port = Integer.parseInt(said.readLine().split(" ", -1)[0]);
	}

	@AfterAll
	static void stop() {
		process.destroy();
		GOOD.close();
		BAD.close();
	}

	@AfterEach
	void close() {
		this.neighbours.close();
	}

	@Test
	void whatIsSentAlongIsBelievedAndNotAskedForAgain() {
		this.neighbours.port(port);
		this.neighbours.dns.putMx("acme.example", 10, HOST).putAddress(HOST, "127.60.0.1");
		for (int i = 0; i < 2; i++) {
			Report report = this.neighbours.check();
			assertThat(chain(report).revocation().state()).as(report.toString()).isEqualTo(Revocation.GOOD);
			assertThat(Verdict.of(report).certificateValidation().outcome()).isEqualTo(Verdict.Outcome.PASS);
		}
		// By the server, which remembers it, and never by us.
		assertThat(GOOD.asked()).hasSize(1);
	}

	@Test
	void aRevocationThatIsSentAlongFails() {
		this.neighbours.port(port);
		this.neighbours.dns.putMx(REVOKED.ascii(), 10, HOST).putAddress(HOST, "127.62.0.1");
		for (int i = 0; i < 2; i++) {
			Report report = this.neighbours.check(REVOKED);
			assertThat(chain(report).revocation().state()).as(report.toString()).isEqualTo(Revocation.REVOKED);
			assertThat(Verdict.of(report).certificateValidation().outcome()).isEqualTo(Verdict.Outcome.FAIL);
		}
		assertThat(BAD.asked()).hasSize(1);
	}

	@Test
	void aResumedSessionWouldBeCounted() throws Exception {
		counted();
		SSLContext one = SSLContext.getInstance("TLS");
		one.init(null, new TrustManager[] { new RecordingTrust() }, null);
		assertThat(shakeHands(one)).isPositive();
		assertThat(shakeHands(one)).isPositive();
		assertThat(counted()).isEqualTo("2 1");

		this.neighbours.port(port);
		this.neighbours.dns.putMx("acme.example", 10, HOST).putAddress(HOST, "127.60.0.1");
		this.neighbours.with((prober) -> {
			for (int i = 0; i < 3; i++) {
				prober.check(Neighbourhood.ACME, (sentence) -> {
				});
			}
			return null;
		});
		assertThat(counted()).isEqualTo("3 0");
	}

	private static int shakeHands(SSLContext context) throws IOException {
		try (Socket raw = new Socket("127.60.0.1", port)) {
			say(raw, null);
			say(raw, "EHLO client.example");
			say(raw, "STARTTLS");
			SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(raw, "127.60.0.1", port, true);
			secure.startHandshake();
			say(secure, "EHLO client.example");
			return say(secure, "QUIT");
		}
	}

	private static int say(Socket socket, @Nullable String line) throws IOException {
		if (line != null) {
			socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
		}
		InputStream in = socket.getInputStream();
		return in.read(new byte[4096]);
	}

	private static String counted() throws IOException {
		process.getOutputStream().write('\n');
		process.getOutputStream().flush();
		return said.readLine();
	}

	private static Report.ChainFacts chain(Report report) {
		return report.hosts().getFirst().addresses().getFirst().chain();
	}

	private static WebHost authority(String address, boolean revoked) {
		return new WebHost(address, 0, null).answer(
				Answer.made(200, "application/ocsp-response", (request) -> Neighbourhood.PKI.ocsp(request, revoked)));
	}

	private static void store(String name, String responder) throws Exception {
		Pki.Identity identity = Neighbourhood.PKI.issue(new Pki.Leaf().names(HOST).responder(responder));
		KeyStore store = KeyStore.getInstance("PKCS12");
		store.load(null, null);
		store.setKeyEntry("server", identity.key(), "bench".toCharArray(),
				identity.chain().toArray(Certificate[]::new));
		try (OutputStream out = Files.newOutputStream(directory.resolve(name + ".p12"))) {
			store.store(out, "bench".toCharArray());
		}
	}

}
