package org.partnertls.tlscheck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import lab.DnsServer;
import lab.Pki;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsProperties;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Prober.Ask;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.Depth;
import org.partnertls.tlscheck.Report.NameFit;
import org.partnertls.tlscheck.Report.Offer;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.VersionOffer;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A real Postfix and a real Exim, each configured in several ways, judged by us and by
 * Postfix's own {@code posttls-finger}, which must agree. Needs root, Postfix in
 * /usr/sbin and Exim unpacked under target/mta; without them it is skipped with a printed
 * reason, or fails where {@code test.mta.required} says so. Nothing of the system's is
 * touched.
 */
class RealServersTests {

	private static final String HOST = "mx.acme.example";

	private static final Pki PKI = new Pki("Real", Clock.systemUTC());

	private static final Path EXIM = Path.of("target/mta/usr/sbin/exim4").toAbsolutePath();

	private static final Pattern FINGER = Pattern.compile(
			"(Verified|Trusted|Untrusted|Anonymous) TLS connection established .*: (TLSv[0-9.]+) with cipher (\\S+)");

	@TempDir
	private static Path directory;

	private static final DnsServer DNS = new DnsServer(0);

	private static int port;

	private static Process exim;

	private static boolean postfix;

	@BeforeAll
	static void start() throws Exception {
		String missing = missing();
		if (missing != null) {
			assertThat(Boolean.getBoolean("test.mta.required")).as(missing).isFalse();
			System.out.println("Skipped: " + missing);
			Assumptions.abort(missing);
		}
		try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.48.0.1"))) {
			port = free.getLocalPort();
		}
		for (Setup setup : Setup.values()) {
			setup.identity().writePem(directory.resolve(setup.address() + ".pem"));
		}
		PKI.writeRoot(directory.resolve("root.pem"));
		startPostfix();
		startExim();
		for (Setup setup : Setup.values()) {
			Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> greets(setup.address()));
		}
	}

	@AfterAll
	static void stop() throws Exception {
		if (postfix) {
			run(Map.of(), "/usr/sbin/postfix", "stop");
		}
		if (exim != null) {
			exim.destroy();
			exim.waitFor(10, TimeUnit.SECONDS);
		}
		DNS.close();
	}

	@ParameterizedTest
	@EnumSource
	void weAgreeWithPostfixsOwnJudge(Setup setup) throws Exception {
		Report report = check(setup);
		AddressReport address = report.hosts().getFirst().addresses().getFirst();
		String said = finger(setup, List.of("-l", "secure"));
		Matcher finger = FINGER.matcher(said);
		boolean established = finger.find();
		assertThat(address.tls() != null).as(report + "\n" + said).isEqualTo(established);
		if (!established) {
			assertThat(address.failure().outcome()).isEqualTo(StageOutcome.NO_STARTTLS);
			return;
		}
		assertThat(status(report, address)).as(report + "\n" + said).isEqualTo(finger.group(1));
		boolean nameOnly = Verdict.of(report).certificateValidation().outcome() == Outcome.PASS
				&& address.chain().name() != NameFit.HOST;
		assertThat(said.contains("hostname mismatch")).as(report + "\n" + said).isEqualTo(nameOnly);
		assertThat(address.tls().version()).isEqualTo(finger.group(2));
		assertThat(address.failure()).isNull();
		assertThat(address.at(Report.Stage.QUIT).outcome()).isEqualTo(StageOutcome.OK);
		for (VersionOffer offer : address.further().versions()) {
			if (!offer.version().startsWith("SSL")) {
				assertThat(offer.offer()).as(offer + " at " + setup)
					.isEqualTo(FINGER.matcher(finger(setup, only(offer.version()))).find() ? Offer.OFFERED
							: Offer.REFUSED);
			}
		}
		if (setup == Setup.ONLY_NEW || setup == Setup.OLD_TOO) {
			assertThat(address.further().versions()).extracting(VersionOffer::offer)
				.contains((setup == Setup.OLD_TOO) ? Offer.OFFERED : Offer.REFUSED);
		}
	}

	/**
	 * What we found, in Postfix's words, which has one word for every reason.
	 */
	private static String status(Report report, AddressReport address) {
		return (Verdict.of(report).certificateValidation().outcome() == Outcome.PASS
				&& address.chain().name() == NameFit.HOST) ? "Verified" : "Untrusted";
	}

	private static Report check(Setup setup) {
		String domain = setup.name().toLowerCase(Locale.ROOT).replace('_', '-') + ".example";
		DNS.remove(HOST).putAddress(HOST, setup.address()).putMx(domain, 10, HOST);
		ProbeSettings settings = new ProbeSettings(port, "portal.example.org", ProbeSettings.Timeouts.usual(), 4,
				List.of(Network.of("127.0.0.0/8")), List.of(PKI.root()), 443, Duration.ZERO, false);
		Dns lookups = new Dns(new DnsProperties(List.of(DNS.address()), Duration.ofSeconds(2)));
		try (Prober prober = new Prober(lookups, settings, Clock.systemUTC())) {
			return prober.check(new DomainName(domain), new Ask(Depth.WEEKLY, Duration.ZERO, null), (sentence) -> {
			});
		}
	}

	private static String finger(Setup setup, List<String> options) throws Exception {
		List<String> command = new ArrayList<>(
				List.of("/usr/sbin/posttls-finger", "-c", "-F", directory.resolve("root.pem").toString(), "-s", HOST));
		command.addAll(options);
		command.addAll(List.of("[" + setup.address() + "]:" + port, HOST));
		return run(Map.of(), command.toArray(String[]::new));
	}

	private static List<String> only(String version) {
		List<String> others = Stream.of("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
			.filter((other) -> !other.equals(version.equals("TLS 1.0") ? "TLSv1" : version.replace("TLS ", "TLSv")))
			.map((other) -> "!" + other)
			.toList();
		// Only where TLS is a bonus does Postfix speak versions so old.
		return List.of("-l", "may", "-p", String.join(",", others));
	}

	private static String missing() {
		if (!Files.isExecutable(Path.of("/usr/sbin/posttls-finger"))) {
			return "Postfix is not installed in /usr/sbin.";
		}
		if (!Files.isExecutable(EXIM)) {
			return "There is no Exim in " + EXIM + "; .ci/run puts one there.";
		}
		return "root".equals(System.getProperty("user.name")) ? null : "only root can start private mail servers.";
	}

	private static boolean greets(String address) throws IOException {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), 1000);
			socket.setSoTimeout(5000);
			return socket.getInputStream().read() == '2';
		}
	}

	private static void startPostfix() throws Exception {
		Path etc = Files.createDirectories(directory.resolve("postfix"));
		run(Map.of(), "bash", "-c", "chmod 755 '%1$s' && mkdir -p '%1$s/queue' '%1$s/data' && chown postfix '%1$s/data'"
			.formatted(directory));
		StringBuilder master = new StringBuilder();
		for (Setup setup : Setup.values()) {
			if (!setup.exim()) {
				master.append(setup.address() + ":" + port + " inet n - n - - smtpd -o smtpd_tls_chain_files="
						+ directory + "/" + setup.address() + ".pem " + setup.options() + "\n");
			}
		}
		for (String service : List.of("cleanup unix n - n - 0 cleanup", "tlsmgr unix - - n 1000? 1 tlsmgr",
				"rewrite unix - - n - - trivial-rewrite", "proxymap unix - - n - - proxymap",
				"anvil unix - - n - 1 anvil", "qmgr unix n - n 300 1 qmgr", "pickup unix n - n 60 1 pickup",
				"postlog unix-dgram n - n - 1 postlogd")) {
			master.append(service + "\n");
		}
		Files.writeString(etc.resolve("master.cf"), master);
		Path main = Files.writeString(etc.resolve("main.cf"), """
				compatibility_level = 3.6
				queue_directory = %1$s/queue
				data_directory = %1$s/data
				maillog_file = %1$s/log
				maillog_file_prefixes = %1$s
				mail_owner = postfix
				setgid_group = postdrop
				myhostname = mx.acme.example
				inet_protocols = ipv4
				inet_interfaces = 127.0.0.1
				alias_maps =
				mynetworks = 192.0.2.0/24
				smtpd_tls_security_level = may
				smtpd_peername_lookup = no
				default_database_type = hash
				""".formatted(directory));
		// Every Postfix command waits until main.cf is two seconds old; so it is made
		// older.
		Files.setLastModifiedTime(main, FileTime.from(Instant.now().minusSeconds(60)));
		postfix = true;
		run(Map.of(), "/usr/sbin/postfix", "start");
	}

	private static void startExim() throws Exception {
		Path home = Files.createDirectories(directory.resolve("exim"));
		Files.createDirectories(home.resolve("spool"));
		Files.createDirectories(home.resolve("log"));
		run(Map.of(), "chown", "-R", "8:8", home.toString());
		// Debian's Exim wants a user of its own, which only it gets to see.
		Files.writeString(directory.resolve("passwd"),
				Files.readString(Path.of("/etc/passwd")) + "Debian-exim:x:8:8::/tmp:/bin/false\n");
		Files.writeString(directory.resolve("group"), Files.readString(Path.of("/etc/group")) + "Debian-exim:x:8:\n");
		String plain = "${if eq{$received_ip_address}{%s}{}{*}}".formatted(Setup.EXIM_PLAIN.address());
		String ciphers = "${if eq{$received_ip_address}{%s}{NORMAL:-VERS-TLS1.3}{NORMAL}}"
			.formatted(Setup.EXIM_TLS_1_2.address());
		Path config = Files.writeString(directory.resolve("exim.conf"),
				"""
						primary_hostname = mx.acme.example
						keep_environment =
						spool_directory = %1$s/exim/spool
						log_file_path = %1$s/exim/log/%%slog
						local_interfaces = <; %2$s
						daemon_smtp_ports = %3$d
						tls_advertise_hosts = %4$s
						tls_certificate = %1$s/$received_ip_address.pem
						tls_privatekey = %1$s/$received_ip_address.pem
						tls_require_ciphers = %5$s
						host_lookup =
						rfc1413_query_timeout = 0s
						""".formatted(directory,
						String.join(" ; ", Stream.of(Setup.values()).filter(Setup::exim).map(Setup::address).toList()),
						port, plain, ciphers));
		for (Setup setup : Setup.values()) {
			// GnuTLS wants the public key beside the private one, which Java leaves out.
			Path pem = directory.resolve(setup.address() + ".pem");
			String key = run(Map.of(), "openssl", setup.name().endsWith("RSA") ? "rsa" : "ec", "-in", pem.toString())
				.replaceFirst("(?s)^.*?(?=-----BEGIN)", "");
			assertThat(key).startsWith("-----BEGIN");
			Files.writeString(pem, key + Files.readString(pem).replaceFirst("(?s)^.*?-----END PRIVATE KEY-----\n", ""));
		}
		ProcessBuilder builder = new ProcessBuilder(EXIM.toString(), "-C", config.toString(), "-bdf")
			.redirectErrorStream(true)
			.redirectOutput(directory.resolve("exim.out").toFile());
		builder.environment().putAll(wrapped());
		exim = builder.start();
	}

	private static Map<String, String> wrapped() {
		try (Stream<Path> libraries = Files.find(EXIM.getParent().getParent().resolve("lib"), 2,
				(file, attributes) -> file.getFileName().toString().equals("libnss_wrapper.so"))) {
			Path wrapper = libraries.findFirst().orElseThrow();
			return Map.of("LD_PRELOAD", wrapper.toString(), "LD_LIBRARY_PATH", wrapper.getParent().toString(),
					"NSS_WRAPPER_PASSWD", directory.resolve("passwd").toString(), "NSS_WRAPPER_GROUP",
					directory.resolve("group").toString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String run(Map<String, String> environment, String... command) throws Exception {
		Path output = Files.createTempFile(directory, "output", ".txt");
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectInput(Path.of("/dev/null").toFile())
			.redirectOutput(output.toFile());
		builder.environment().put("MAIL_CONFIG", directory.resolve("postfix").toString());
		builder.environment().put("LC_ALL", "C");
		builder.environment().putAll(environment);
		Process process = builder.start();
		if (!process.waitFor(60, TimeUnit.SECONDS)) {
			process.destroyForcibly();
			throw new AssertionError("takes longer than a minute: " + String.join(" ", command));
		}
		return Files.readString(output);
	}

	/**
	 * A way to configure a mail server.
	 */
	enum Setup {

		GOOD, SELF_SIGNED, EXPIRED, NOT_YET_VALID, WRONG_NAME, WILDCARD, MISSING_INTERMEDIATE, UNKNOWN_AUTHORITY,
		FOR_CLIENTS, RSA, PLAIN("-o smtpd_tls_security_level=none"), DEMANDS_TLS("-o smtpd_tls_security_level=encrypt"),
		TLS_1_2("-o smtpd_tls_protocols=!TLSv1.3"),
		CBC("-o smtpd_tls_protocols=!TLSv1.3 -o tls_medium_cipherlist=AES128-SHA256:ECDHE-ECDSA-AES128-SHA256"),
		OLD_TOO("-o {smtpd_tls_protocols=>=TLSv1}"), ONLY_NEW("-o {smtpd_tls_protocols=>=TLSv1.2}"), EXIM_GOOD,
		EXIM_SELF_SIGNED, EXIM_EXPIRED, EXIM_WRONG_NAME, EXIM_MISSING_INTERMEDIATE, EXIM_RSA, EXIM_PLAIN, EXIM_TLS_1_2;

		private final String options;

		Setup() {
			this("");
		}

		Setup(String options) {
			this.options = options;
		}

		boolean exim() {
			return name().startsWith("EXIM");
		}

		String options() {
			return this.options;
		}

		String address() {
			return "127.48.1." + (1 + List.of(values()).indexOf(this));
		}

		Pki.Identity identity() {
			return switch (name().replace("EXIM_", "")) {
				case "SELF_SIGNED" -> PKI.selfSigned(HOST);
				case "EXPIRED" -> PKI.expired(HOST);
				case "NOT_YET_VALID" ->
					PKI.issue(new Pki.Leaf().names(HOST).from(Instant.now().plus(Duration.ofDays(1))));
				case "WRONG_NAME" -> PKI.good("www.somebody-else.example");
				case "WILDCARD" -> PKI.good("*.acme.example");
				case "MISSING_INTERMEDIATE" -> PKI.missingIntermediate(HOST);
				case "UNKNOWN_AUTHORITY" -> new Pki("Stranger", Clock.systemUTC()).good(HOST);
				case "FOR_CLIENTS" -> PKI.issue(new Pki.Leaf().names(HOST).purpose(KeyPurposeId.id_kp_clientAuth));
				case "RSA" -> PKI.issue(new Pki.Leaf().names(HOST).rsa(2048));
				default -> PKI.good(HOST);
			};
		}

	}

}
