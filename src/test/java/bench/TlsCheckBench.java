package bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import com.google.errorprone.annotations.FormatMethod;
import com.sun.management.OperatingSystemMXBean;
import lab.DnsServer;
import lab.Pki;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.partnertls.ClassPath;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsProperties;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Finding;
import org.partnertls.tlscheck.Network;
import org.partnertls.tlscheck.ProbeSettings;
import org.partnertls.tlscheck.ProbeWork;
import org.partnertls.tlscheck.Prober;
import org.partnertls.tlscheck.Report;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.Trust;
import org.partnertls.tlscheck.Verdict;
import org.partnertls.tlscheck.Verdict.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How fast, right and steady the TLS check is, beside {@code posttls-finger} and
 * OpenSSL's own clients in the same run against the same servers. Rates are per second of
 * processor time of the client, since other work may go on on the machine.
 */
class TlsCheckBench {

	private static final String HOST = "mx.bench.example";

	private static final Pki PKI = new Pki("Bench", Clock.systemUTC());

	private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory
		.getOperatingSystemMXBean();

	/** On a machine that others use too, a slow answer is no error. */
	private static final ProbeSettings.Timeouts PATIENT = new ProbeSettings.Timeouts(Duration.ofSeconds(30),
			Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(120),
			Duration.ofSeconds(180));

	@TempDir
	private Path directory;

	private Process servers;

	private BufferedReader said;

	private BufferedWriter ask;

	private int port;

	private int tlsPort;

	private final List<String> results = new ArrayList<>();

	private final List<String> table = new ArrayList<>();

	@Test
	void run() throws Exception {
		startServers();
		try {
			Set<String> parts = Set.of(System.getProperty("bench.parts", "rates,slow,hostile,round").split(",", -1));
			if (parts.contains("rates")) {
				compared();
			}
			if (parts.contains("slow")) {
				slow();
			}
			if (parts.contains("hostile")) {
				hostile();
			}
			if (parts.contains("round")) {
				round();
			}
		}
		finally {
			this.servers.destroy();
		}
		this.table.forEach(System.out::println);
		this.results.forEach(System.out::println);
	}

	private void compared() throws Exception {
		double ours = rates();
		double finger = finger();
		double openssl = openssl();
		if (finger > 0) {
			result("tlscheck.vs_posttls_finger", ours / finger);
		}
		if (openssl > 0) {
			result("tlscheck.vs_openssl_client", ours / openssl);
		}
	}

	private void startServers() throws Exception {
		store("good", PKI.good("*.bench.example"));
		store("expired", PKI.expired("*.bench.example"));
		PKI.writeRoot(this.directory.resolve("root.pem"));
		Files.writeString(this.directory.resolve("main.cf"), "compatibility_level = 3.6\n");
		this.servers = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g",
				"-cp", ClassPath.ofTests(), StartTlsServers.class.getName(), this.directory.toString())
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		this.said = new BufferedReader(new InputStreamReader(this.servers.getInputStream(), StandardCharsets.US_ASCII));
		this.ask = new BufferedWriter(
				new OutputStreamWriter(this.servers.getOutputStream(), StandardCharsets.US_ASCII));
		String[] ports = this.said.readLine().split(" ", -1);
		this.port = Integer.parseInt(ports[0]);
		this.tlsPort = Integer.parseInt(ports[1]);
	}

	private void store(String name, Pki.Identity identity) throws Exception {
		KeyStore store = KeyStore.getInstance("PKCS12");
		store.load(null, null);
		store.setKeyEntry("server", identity.key(), "bench".toCharArray(),
				identity.chain().toArray(Certificate[]::new));
		try (OutputStream out = Files.newOutputStream(this.directory.resolve(name + ".p12"))) {
			store.store(out, "bench".toCharArray());
		}
	}

	/**
	 * How many connections the servers have had since they were last asked, and how many
	 * of them resumed a session.
	 */
	private int[] counted() throws IOException {
		this.ask.write("\n");
		this.ask.flush();
		return Arrays.stream(this.said.readLine().split(" ", -1)).mapToInt(Integer::parseInt).toArray();
	}

	/**
	 * Our rate at several numbers of probes at once; returns the best per second of
	 * processor time.
	 */
	private double rates() throws Exception {
		line("| client | at once | probes | probes/s | CPU ms per probe | per CPU second | p50 ms | p95 ms | p99 ms | RSS MiB | resumed |");
		line("|---|---|---|---|---|---|---|---|---|---|---|");
		double best = 0;
		int resumed = 0;
		try (ProbeWork work = new ProbeWork(settings(1000, PATIENT))) {
			cell("ours, cold", 64, 500, work);
			cell("warm-up", 64, 10_000, work);
			this.table.removeLast();
			counted();
			for (int atOnce : new int[] { 1, 16, 64, 256 }) {
				Cell cell = cell("ours", atOnce, (atOnce == 1) ? 1000 : 4000, work);
				best = Math.max(best, cell.perCpuSecond());
				resumed += cell.resumed();
			}
		}
		result("tlscheck.resumed", resumed);
		return best;
	}

	private Cell cell(String name, int atOnce, int probes, ProbeWork work) throws Exception {
		InetAddress[] addresses = addresses(60, 64);
		counted();
		long cpu = SYSTEM.getProcessCpuTime();
		long started = System.nanoTime();
		long[] nanos = atOnce(atOnce, probes, (i) -> {
			AddressReport report = work.probe(HOST, addresses[i % addresses.length]);
			assertThat(report.failure()).as(report::toString).isNull();
			assertThat(report.chain().trust()).isEqualTo(Trust.TRUSTED);
			assertThat(report.chain().name()).isEqualTo(Report.NameFit.HOST);
			return null;
		});
		double wall = (System.nanoTime() - started) / 1e9;
		double cpuSeconds = (SYSTEM.getProcessCpuTime() - cpu) / 1e9;
		Arrays.sort(nanos);
		int[] counted = counted();
		assertThat(counted[0]).isEqualTo(probes);
		Cell cell = new Cell(probes / cpuSeconds, counted[1]);
		line("| %s | %d | %d | %.0f | %.2f | %.0f | %.1f | %.1f | %.1f | %d | %d |", name, atOnce, probes,
				probes / wall, cpuSeconds * 1000 / probes, cell.perCpuSecond(), quantile(nanos, 0.5),
				quantile(nanos, 0.95), quantile(nanos, 0.99), rss(), cell.resumed());
		return cell;
	}

	private static double quantile(long[] sorted, double share) {
		return sorted[(int) Math.min(sorted.length - 1, sorted.length * share)] / 1e6;
	}

	private double finger() throws Exception {
		if (!Files.isExecutable(Path.of("/usr/sbin/posttls-finger"))) {
			line("posttls-finger is not installed (Debian's postfix package): left out.");
			return 0;
		}
		double best = 0;
		for (int atOnce : new int[] { 1, 8, 32 }) {
			best = Math.max(best, foreign("posttls-finger", atOnce, 400,
					"posttls-finger -c -l secure -F root.pem -s " + HOST + " [127.60.0.{}]:" + this.port + " " + HOST,
					"Verified TLS connection"));
		}
		return best;
	}

	/**
	 * The rate of OpenSSL's own library per second of processor time, by its timing
	 * client, which speaks no SMTP.
	 */
	private double openssl() throws Exception {
		for (int atOnce : new int[] { 1, 8, 32 }) {
			foreign("openssl s_client", atOnce, 400,
					"openssl s_client -connect 127.60.0.{}:" + this.port
							+ " -starttls smtp -CAfile root.pem -servername " + HOST + " -verify_hostname " + HOST
							+ " -verify_return_error -quiet -no_ign_eof",
					"");
		}
		String said = shell("openssl s_time -connect 127.60.0.1:" + this.tlsPort + " -new -time 6 -CAfile root.pem");
		Matcher number = Pattern.compile("(\\d+) connections in [0-9.]+s;").matcher(said);
		if (!number.find()) {
			line("openssl s_time did not run: left out.");
			return 0;
		}
		int connections = Integer.parseInt(number.group(1));
		double cpu = childSeconds(said);
		line("| openssl s_time -new (no SMTP) | 1 | %d | | %.2f | %.0f | | | | | |", connections,
				cpu * 1000 / connections, connections / cpu);
		return connections / cpu;
	}

	private double foreign(String name, int atOnce, int probes, String command, String success) throws Exception {
		long started = System.nanoTime();
		String said = shell("for i in $(seq " + probes + "); do echo $((1 + i % 64)); done | xargs -P " + atOnce
				+ " -I{} sh -c '" + command + " </dev/null' 2>&1");
		double wall = (System.nanoTime() - started) / 1e9;
		if (!success.isEmpty()) {
			assertThat(said.split(Pattern.quote(success), -1).length - 1)
				.as(said.substring(0, Math.min(2000, said.length())))
				.isEqualTo(probes);
		}
		double cpu = childSeconds(said);
		line("| %s | %d | %d | %.0f | %.2f | %.0f | | | | | |", name, atOnce, probes, probes / wall,
				cpu * 1000 / probes, probes / cpu);
		return probes / cpu;
	}

	private String shell(String script) throws Exception {
		Path output = Files.createTempFile(this.directory, "said", ".txt");
		ProcessBuilder builder = new ProcessBuilder("bash", "-c", script + "; echo; times")
			.directory(this.directory.toFile())
			.redirectErrorStream(true)
			.redirectInput(Path.of("/dev/null").toFile())
			.redirectOutput(output.toFile());
		builder.environment().put("MAIL_CONFIG", this.directory.toString());
		builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
		builder.environment().put("LC_ALL", "C");
		Process process = builder.start();
		assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
		return Files.readString(output, StandardCharsets.ISO_8859_1);
	}

	/**
	 * What bash says of its children: user and system time on its last line.
	 */
	private static double childSeconds(String said) {
		String last = said.strip().substring(said.strip().lastIndexOf('\n') + 1);
		Matcher time = Pattern.compile("(\\d+)m([0-9.]+)s").matcher(last);
		double seconds = 0;
		while (time.find()) {
			seconds += 60 * Integer.parseInt(time.group(1)) + Double.parseDouble(time.group(2));
		}
		return seconds;
	}

	/**
	 * A thousand domains with two servers each that wait 200 ms before every reply.
	 */
	private void slow() throws Exception {
		try (DnsServer dns = new DnsServer(0)) {
			for (int i = 0; i < 1000; i++) {
				for (int mx = 1; mx <= 2; mx++) {
					dns.putMx("d" + i + ".example", mx, "s" + i + "-" + mx + ".bench.example")
						.putAddress("s" + i + "-" + mx + ".bench.example", address(65, 2 * i + mx));
				}
			}
			try (Prober prober = prober(dns, 2500, PATIENT)) {
				long started = System.nanoTime();
				AtomicInteger right = new AtomicInteger();
				atOnce(1000, 1000, (i) -> {
					if (passes(prober.check(new DomainName("d" + i + ".example"), TlsCheckBench::ignore))) {
						right.incrementAndGet();
					}
					return null;
				});
				double seconds = (System.nanoTime() - started) / 1e9;
				line("1,000 domains x 2 servers, 200 ms per reply: %.1f s, %d right", seconds, right.get());
				result("tlscheck.slow_1000x2_seconds", seconds);
			}
		}
	}

	/**
	 * Five of a hundred each without STARTTLS, expired, busy and a tarpit; how much
	 * longer the good ones among them take than in a list of the same length that has
	 * none of these. How long they take in a list of their own is printed as well.
	 */
	private void hostile() throws Exception {
		int domains = 1000;
		ProbeSettings.Timeouts timeouts = new ProbeSettings.Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(3),
				Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30));
		double[] slowdowns = new double[3];
		double right = 1;
		try (DnsServer dns = new DnsServer(0)) {
			for (int i = 0; i < domains; i++) {
				dns.putMx("h" + i + ".example", 10, "h" + i + ".bench.example")
					.putAddress("h" + i + ".bench.example", address(kind(i), i))
					.putMx("g" + i + ".example", 10, "g" + i + ".bench.example")
					.putAddress("g" + i + ".bench.example", address(60, i));
			}
			List<Integer> good = IntStream.range(0, domains).filter((i) -> kind(i) == 60).boxed().toList();
			List<Integer> all = IntStream.range(0, domains).boxed().toList();
			try (Prober prober = prober(dns, 256, timeouts)) {
				lastGood(prober, "h", good);
				for (int run = 0; run < slowdowns.length; run++) {
					double alone = lastGood(prober, "h", good)[0];
					double harmless = lastGood(prober, "g", all)[0];
					double[] mixed = lastGood(prober, "h", all);
					slowdowns[run] = mixed[0] / harmless - 1;
					right = Math.min(right, mixed[1]);
					line("hostile mix, run %d: the good ones are done after %.2f s in the mix, %.2f s among good ones and"
							+ " %.2f s alone", run + 1, mixed[0], harmless, alone);
				}
			}
		}
		Arrays.sort(slowdowns);
		result("tlscheck.hostile_right", right);
		result("tlscheck.hostile_slowdown", slowdowns[1]);
	}

	private static int kind(int i) {
		return switch (i % 20) {
			case 3 -> 61;
			case 8 -> 62;
			case 13 -> 63;
			case 18 -> 64;
			default -> 60;
		};
	}

	/**
	 * Checks some domains, at most 256 at once.
	 * @return seconds until the last good one was judged, and the share judged rightly
	 */
	private static double[] lastGood(Prober prober, String name, List<Integer> domains) throws Exception {
		long started = System.nanoTime();
		long[] ends = new long[domains.size()];
		AtomicInteger right = new AtomicInteger();
		atOnce(256, domains.size(), (n) -> {
			int i = domains.get(n);
			Report report = prober.check(new DomainName(name + i + ".example"), TlsCheckBench::ignore);
			if (isRight(kind(i), Verdict.of(report))) {
				right.incrementAndGet();
			}
			ends[n] = (kind(i) == 60) ? System.nanoTime() - started : 0;
			return null;
		});
		return new double[] { Arrays.stream(ends).max().orElseThrow() / 1e9, right.get() / (double) domains.size() };
	}

	private static boolean isRight(int kind, Verdict verdict) {
		List<String> codes = verdict.findings().stream().map(Finding::code).toList();
		Outcome outcome = verdict.certificateValidation().outcome();
		return switch (kind) {
			case 60 -> outcome == Outcome.PASS;
			case 61 -> outcome == Outcome.FAIL && codes.contains("starttls-not-supported");
			case 62 -> outcome == Outcome.FAIL && codes.contains("certificate-expired")
					&& verdict.encryptionOnly().outcome() == Outcome.PASS;
			case 63 -> outcome == Outcome.INCONCLUSIVE && codes.contains("temporarily-refused");
			default -> outcome == Outcome.INCONCLUSIVE && codes.contains("timeout");
		};
	}

	/**
	 * One round over ten thousand domains, each with a server of its own: the memory that
	 * is in use after it, beside that before it.
	 */
	private void round() throws Exception {
		int domains = Integer.getInteger("bench.domains", 10_000);
		try (DnsServer dns = new DnsServer(0)) {
			for (int i = 0; i < domains; i++) {
				dns.putMx("r" + i + ".example", 10, "r" + i + ".bench.example")
					.putAddress("r" + i + ".bench.example", address(60, i));
			}
			try (Prober prober = prober(dns, 64, PATIENT)) {
				// What fills once and stays so is filled before: remembered servers,
				// classes.
				check(prober, 0, domains / 4);
				long before = used();
				long started = System.nanoTime();
				int right = check(prober, 0, domains);
				double seconds = (System.nanoTime() - started) / 1e9;
				long after = used();
				line("a round over %,d domains: %.0f s, %d right, heap after GC %.1f MiB before and %.1f MiB after",
						domains, seconds, right, before / 1048576.0, after / 1048576.0);
				result("tlscheck.round_heap_ratio", after / (double) before);
			}
		}
	}

	private static int check(Prober prober, int from, int to) throws Exception {
		AtomicInteger right = new AtomicInteger();
		atOnce(64, to - from, (i) -> {
			if (passes(prober.check(new DomainName("r" + (from + i) + ".example"), TlsCheckBench::ignore))) {
				right.incrementAndGet();
			}
			return null;
		});
		return right.get();
	}

	private static long used() {
		// The serial collector moves nothing for the sake of a little garbage, and counts
		// that as used, except every fourth time (MarkSweepAlwaysCompactCount).
		for (int i = 0; i < 5; i++) {
			System.gc();
		}
		return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
	}

	private static boolean passes(Report report) {
		return Verdict.of(report).domainValidation().outcome() == Outcome.PASS;
	}

	private static void ignore(String sentence) {
		// Nobody watches.
	}

	private Prober prober(DnsServer dns, int atOnce, ProbeSettings.Timeouts timeouts) {
		return new Prober(new Dns(new DnsProperties(List.of(dns.address()), Duration.ofSeconds(3))),
				settings(atOnce, timeouts), Clock.systemUTC());
	}

	private ProbeSettings settings(int atOnce, ProbeSettings.Timeouts timeouts) {
		return new ProbeSettings(this.port, "portal.example.org", timeouts, atOnce, List.of(Network.of("127.0.0.0/8")),
				List.of(PKI.root()), 443, Duration.ZERO, false);
	}

	private static String address(int kind, int i) {
		return "127." + kind + "." + (i / 250) + "." + (1 + i % 250);
	}

	private static InetAddress[] addresses(int kind, int many) {
		return IntStream.range(0, many)
			.mapToObj((i) -> InetAddress.ofLiteral(address(kind, i)))
			.toArray(InetAddress[]::new);
	}

	/**
	 * Does work so many times, so many at once.
	 * @return how long each took, in nanoseconds
	 */
	private static long[] atOnce(int atOnce, int times, IntFunction<Void> work) throws Exception {
		Semaphore free = new Semaphore(atOnce);
		long[] nanos = new long[times];
		List<Future<?>> running = new ArrayList<>();
		try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
			for (int i = 0; i < times; i++) {
				int number = i;
				free.acquire();
				running.add(threads.submit(() -> {
					long started = System.nanoTime();
					try {
						work.apply(number);
					}
					finally {
						nanos[number] = System.nanoTime() - started;
						free.release();
					}
				}));
			}
			for (Future<?> one : running) {
				one.get();
			}
		}
		return nanos;
	}

	private static long rss() throws IOException {
		return Files.readAllLines(Path.of("/proc/self/status"))
			.stream()
			.filter((line) -> line.startsWith("VmRSS:"))
			.mapToLong((line) -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
			.findFirst()
			.orElse(0);
	}

	@FormatMethod
	private void line(String format, Object... values) {
		String line = String.format(Locale.ROOT, format, values);
		this.table.add(line);
		System.out.println("# " + line);
	}

	private void result(String name, double value) {
		this.results.add(String.format(Locale.ROOT, "RESULT %s %s", name, (value == Math.rint(value))
				? String.format(Locale.ROOT, "%.0f", value) : String.format(Locale.ROOT, "%.3f", value)));
	}

	/**
	 * What one number of probes at once came to.
	 */
	private record Cell(double perCpuSecond, int resumed) {

	}

}
