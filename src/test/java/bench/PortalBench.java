package bench;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import lab.IdentityProvider;
import org.flywaydb.core.Flyway;
import org.htmlunit.BrowserVersion;
import org.htmlunit.WebClient;
import org.htmlunit.html.HtmlAnchor;
import org.htmlunit.html.HtmlButton;
import org.htmlunit.html.HtmlPage;
import org.junit.jupiter.api.Test;
import org.partnertls.connector.SomePlan;
import org.partnertls.tlscheck.SomeReport;

/**
 * The staff's pages with 10,000 partners and a year behind them, from a JVM of their own
 * over HTTP, with somebody signed in; the same with 100; and beside them, in turns and on
 * the same PostgreSQL, the owners of spring-petclinic with as many rows. Each runs as it
 * is delivered: the portal with the flags and the class cache of its Dockerfile and a
 * heap of 192 MB, petclinic as its README starts it. What was filled stays in
 * {@code .bench/portal}.
 */
class PortalBench {

	private static final Path HOME = Path.of(".bench/portal").toAbsolutePath();

	private static final int CONNECTIONS = Integer.getInteger("bench.connections", 16);

	private static final Duration SLICE = Duration.ofSeconds(Integer.getInteger("bench.seconds", 6));

	private static final int ROUNDS = Integer.getInteger("bench.rounds", 3);

	private static final int MANY = Integer.getInteger("bench.partners", 10_000);

	private static final List<String> FLAGS = flags("bench.flags",
			"-XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xmx192m -XX:TrimNativeHeapInterval=10000");

	private static final List<String> PEER_FLAGS = flags("bench.peer-flags", "");

	/** What is judged by how much longer it takes with many partners. */
	private static final Set<String> GROWING = Set.of("list", "list, active", "list, searched", "list, not enforced",
			"partner", "work list", "history");

	private final List<Process> running = new ArrayList<>();

	private EmbeddedPostgres server;

	private IdentityProvider people;

	@Test
	void portal() throws Exception {
		Files.createDirectories(HOME);
		this.server = EmbeddedPostgres.builder()
			.setOverrideWorkingDirectory(HOME.resolve("binaries").toFile())
			.setDataDirectory(HOME.resolve("data"))
			.setCleanDataDirectory(false)
			.setServerConfig("fsync", "on")
			.setServerConfig("synchronous_commit", "on")
			.setServerConfig("full_page_writes", "on")
			.setServerConfig("shared_buffers", "512MB")
			.setServerConfig("max_connections", "120")
			.start();
		this.people = IdentityProvider.start("127.0.0.1", freePort(), "bench-secret");
		try {
			run();
		}
		finally {
			this.running.forEach(Process::destroy);
			for (Process one : this.running) {
				one.waitFor(20, TimeUnit.SECONDS);
			}
			this.people.close();
			this.server.close();
		}
	}

	private void run() throws Exception {
		roles();
		fill("portal_few", 100);
		fill("portal_many", MANY);
		Path portal = application();
		Program few = portal(portal, "portal_few");
		Program many = portal(portal, "portal_many");
		sealed();
		double growth = pages(few, many);
		stop(few);
		String checkout = System.getProperty("petclinic");
		if (checkout == null) {
			System.out.println("Skipped: spring-petclinic. Name a built checkout with -Dpetclinic=DIR.");
		}
		else {
			beside(portal, many, Path.of(checkout));
		}
		System.out.printf(Locale.ROOT, "RESULT portal.growth_100_to_10000 %.2f%n", growth);
	}

	private void beside(Path portal, Program many, Path checkout) throws Exception {
		Path jar;
		try (Stream<Path> files = Files.list(checkout.resolve("target"))) {
			jar = files.filter((file) -> file.getFileName().toString().matches("spring-petclinic.*\\.jar"))
				.findFirst()
				.orElseThrow();
		}
		Program owners = petclinic(jar);
		List<Double> ours = new ArrayList<>();
		List<Double> theirs = new ArrayList<>();
		load(many, "/partners", SLICE);
		load(owners, "/owners?page=1", SLICE.multipliedBy(2));
		for (int round = 0; round < ROUNDS; round++) {
			ours.add(load(many, "/partners", SLICE).rate());
			theirs.add(load(owners, "/owners?page=1", SLICE).rate());
		}
		Measured found = load(many, "/partners?words=nordwind", SLICE);
		Measured theirsFound = load(owners, "/owners?page=1&lastName=Davis1", SLICE);
		System.out.printf(Locale.ROOT,
				"list: portal %.0f/s, petclinic %.0f/s; searched: portal %.0f/s, petclinic %.0f/s%n", median(ours),
				median(theirs), found.rate(), theirsFound.rate());
		long ourMemory = memory(many);
		long theirMemory = memory(owners);
		stop(many);
		stop(owners);
		List<Double> ourStarts = new ArrayList<>();
		List<Double> theirStarts = new ArrayList<>();
		for (int round = 0; round < ROUNDS; round++) {
			Program one = portal(portal, "portal_many");
			ourStarts.add(one.seconds());
			stop(one);
			Program other = petclinic(jar);
			theirStarts.add(other.seconds());
			stop(other);
		}
		System.out.printf(Locale.ROOT,
				"start to healthy: portal %.2f s, petclinic %.2f s; memory (RSS) after load: portal %d MB, petclinic %d MB; flags %s and %s%n",
				median(ourStarts), median(theirStarts), ourMemory >> 10, theirMemory >> 10, FLAGS, PEER_FLAGS);
		System.out.printf(Locale.ROOT, "RESULT portal.list_vs_petclinic %.2f%n", median(ours) / median(theirs));
		System.out.printf(Locale.ROOT, "RESULT portal.start_vs_petclinic %.2f%n",
				median(ourStarts) / median(theirStarts));
		System.out.printf(Locale.ROOT, "RESULT portal.rss_vs_petclinic %.2f%n", (double) ourMemory / theirMemory);
	}

	/**
	 * The pages with few and with many partners, in turns, so that a machine that is
	 * slower for a while is so for both.
	 * @return how many times longer the page takes that grows the most, by the medians
	 */
	private double pages(Program few, Program many) throws Exception {
		Map<String, String> pages = new LinkedHashMap<>();
		pages.put("list", "/partners");
		pages.put("list, active", "/partners?state=ACTIVE");
		pages.put("list, searched", "/partners?words=nordwind+00020");
		pages.put("list, not enforced", "/partners?ways=not-both");
		pages.put("partner", "/partners/%s");
		pages.put("work list", "/overview");
		pages.put("history", "/history");
		pages.put("TLS checks", "/tls-checks");
		pages.put("TLS checks, failing", "/tls-checks?show=failing");
		String one = "select id from partnership where state = 'ACTIVE' order by id limit 1";
		String ofFew = value("portal_few", one);
		String ofMany = value("portal_many", one);
		Duration warmUp = Duration.ofSeconds(3);
		pages.values().forEach((page) -> load(few, page.formatted(ofFew), warmUp));
		pages.values().forEach((page) -> load(many, page.formatted(ofMany), warmUp));
		double most = 0;
		for (Map.Entry<String, String> page : pages.entrySet()) {
			List<Measured> before = new ArrayList<>();
			List<Measured> after = new ArrayList<>();
			for (int round = 0; round < ROUNDS; round++) {
				before.add(load(few, page.getValue().formatted(ofFew), SLICE));
				after.add(load(many, page.getValue().formatted(ofMany), SLICE));
			}
			Measured middle = middle(before);
			Measured grown = middle(after);
			double growth = grown.median() / middle.median();
			System.out.printf(Locale.UK,
					"%-20s 100 partners: %4.0f/s, median %5.1f ms, p95 %5.1f ms; %,d partners: %4.0f/s, median %5.1f ms, p95 %5.1f ms; %.2f times%n",
					page.getKey(), middle.rate(), middle.median(), middle.p95(), MANY, grown.rate(), grown.median(),
					grown.p95(), growth);
			if (GROWING.contains(page.getKey())) {
				most = Math.max(most, growth);
			}
		}
		System.out.printf(Locale.UK, "RSS: %d MB with 100 partners, %d MB with %,d%n", memory(few) >> 10,
				memory(many) >> 10, MANY);
		return most;
	}

	private static Measured middle(List<Measured> rounds) {
		return rounds.stream()
			.sorted(java.util.Comparator.comparingDouble(Measured::median))
			.toList()
			.get(rounds.size() / 2);
	}

	private Measured load(Program program, String page, Duration during) {
		HttpRequest request = HttpRequest.newBuilder(program.address().resolve(page))
			.header("Cookie", program.cookie())
			.build();
		ConcurrentLinkedQueue<Long> times = new ConcurrentLinkedQueue<>();
		long start = System.nanoTime();
		long end = start + during.toNanos();
		List<Thread> threads = new ArrayList<>();
		ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
		for (int i = 0; i < CONNECTIONS; i++) {
			threads.add(Thread.ofPlatform().start(() -> {
				try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
					while (System.nanoTime() < end) {
						long from = System.nanoTime();
						HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
						if (answer.statusCode() != 200) {
							throw new IllegalStateException(page + " answers " + answer.statusCode());
						}
						times.add(System.nanoTime() - from);
					}
				}
				catch (IOException | InterruptedException | IllegalStateException ex) {
					failures.add(ex);
				}
			}));
		}
		try {
			for (Thread thread : threads) {
				thread.join();
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
		if (!failures.isEmpty()) {
			throw new IllegalStateException(failures.peek());
		}
		long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
		return new Measured(sorted.length / ((System.nanoTime() - start) / 1e9), sorted[sorted.length / 2] / 1e6,
				sorted[sorted.length * 95 / 100] / 1e6);
	}

	private Program portal(Path folder, String database) throws Exception {
		URI address = URI.create("http://localhost:" + freePort());
		this.people.admit(address);
		List<String> command = new ArrayList<>(List.of(java()));
		command.addAll(FLAGS);
		command.addAll(List.of("-XX:AOTCache=" + folder.resolve("portal.aot"), "-jar",
				folder.resolve("portal.jar").toString()));
		Map<String, Object> settings = new LinkedHashMap<>(this.people.portalSettings());
		settings.put("server.port", address.getPort());
		settings.put("spring.datasource.url", url(database));
		settings.put("spring.datasource.username", "portal_app");
		settings.put("spring.datasource.password", "bench");
		settings.put("spring.mail.host", "127.0.0.1");
		settings.put("spring.mail.port", "9");
		settings.put("portal.organization.base-url", address);
		settings.put("portal.organization.name", "Contoso Bank");
		settings.put("portal.organization.mail-domains", "contoso.example");
		settings.put("portal.organization.support-address", "mail-security@contoso.example");
		settings.put("portal.organization.support-phone", "+44 20 7946 0000");
		settings.put("portal.mail.from", "tls-portal@contoso.example");
		settings.put("portal.dns.servers", "127.0.0.1:9");
		settings.forEach((name, value) -> command.add("--" + name + "=" + value));
		// What was due while nobody looked would be looked at during the measurement.
		sql(database, "update watched_domain set due_at = now() + random() * interval '24 hours' + interval '2 hours'"
				+ " where due_at is not null; delete from scheduled_tasks where task_name in ('mail', 'domain-proof')");
		sql(database, "vacuum analyze watched_domain");
		Program started = start(command, Map.of("MALLOC_ARENA_MAX", "2"), address);
		return new Program(started.process(), address, started.seconds(), signIn(address));
	}

	private static String signIn(URI portal) throws IOException {
		try (WebClient browser = new WebClient(BrowserVersion.FIREFOX)) {
			browser.getOptions().setJavaScriptEnabled(false);
			browser.getOptions().setCssEnabled(false);
			HtmlPage page = browser.getPage(portal.resolve("/sign-in").toString());
			HtmlAnchor staff = page.getFirstByXPath("//a[contains(normalize-space(), 'work account')]");
			page = staff.click();
			HtmlButton amina = page.getFirstByXPath("//button[contains(normalize-space(), 'Amina')]");
			amina.click();
			return "PORTAL=" + browser.getCookieManager().getCookie("PORTAL").getValue();
		}
	}

	private Program petclinic(Path jar) throws Exception {
		URI address = URI.create("http://localhost:" + freePort());
		List<String> command = new ArrayList<>(List.of(java()));
		command.addAll(PEER_FLAGS);
		command.addAll(List.of("-jar", jar.toString(), "--spring.profiles.active=postgres",
				"--server.port=" + address.getPort(), "--spring.datasource.url=" + url("petclinic"),
				"--spring.datasource.username=petclinic", "--spring.datasource.password=petclinic"));
		sql("postgres", """
				do $$ begin if not exists (select from pg_roles where rolname = 'petclinic') then
					create role petclinic login password 'petclinic'; end if; end $$""");
		boolean fresh = value("postgres", "select count(*) from pg_database where datname = 'petclinic'").equals("0");
		if (fresh) {
			sql("postgres", "create database petclinic owner petclinic");
		}
		Program started = start(command, Map.of(), address);
		if (fresh) {
			sql("petclinic", """
					insert into owners (first_name, last_name, address, city, telephone)
					select 'George', (array['Franklin', 'Davis', 'Rodriquez', 'McTavish', 'Coleman'])[1 + n %% 5] || n,
						n || ' W. Liberty St.', 'Madison', '6085551023' from generate_series(1, %1$d) n;
					insert into pets (name, birth_date, type_id, owner_id)
					select 'Leo ' || n, date '2020-01-01' + n %% 1000, 1 + n %% 6, 11 + n %% (%1$d - 20)
					from generate_series(1, %1$d * 3 / 2) n;
					insert into visits (pet_id, visit_date, description)
					select 14 + n %% (%1$d - 20), date '2025-01-01' + n %% 365, 'rabies shot'
					from generate_series(1, %1$d * 3) n;
					analyze""".formatted(MANY));
		}
		return started;
	}

	private Program start(List<String> command, Map<String, String> environment, URI address) throws Exception {
		Path log = HOME.resolve("last.log");
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.directory(HOME.toFile());
		builder.environment().putAll(environment);
		long from = System.nanoTime();
		Process process = builder.start();
		this.running.add(process);
		try (HttpClient client = HttpClient.newHttpClient()) {
			HttpRequest request = HttpRequest.newBuilder(address.resolve("/actuator/health")).build();
			while (true) {
				try {
					if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
						return new Program(process, address, (System.nanoTime() - from) / 1e9, "none=none");
					}
				}
				catch (IOException ex) {
					if (!process.isAlive() || System.nanoTime() - from > 180e9) {
						throw new IllegalStateException(Files.readString(log), ex);
					}
				}
				Thread.sleep(20);
			}
		}
	}

	private void stop(Program program) throws InterruptedException {
		program.process().destroy();
		if (!program.process().waitFor(30, TimeUnit.SECONDS)) {
			program.process().destroyForcibly().waitFor();
		}
		this.running.remove(program.process());
	}

	/** The portal as its Dockerfile puts it together, with its cache of classes. */
	private static Path application() throws Exception {
		Path jar = (System.getProperty("bench.jar") != null) ? Path.of(System.getProperty("bench.jar")) : build();
		Path folder = HOME.resolve("application");
		if (Files.exists(folder)) {
			try (Stream<Path> files = Files.walk(folder)) {
				files.sorted(java.util.Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
			}
		}
		execute(HOME, java(), "-Djarmode=tools", "-jar", jar.toAbsolutePath().toString(), "extract", "--destination",
				folder.toString());
		Files.move(folder.resolve(jar.getFileName()), folder.resolve("portal.jar"));
		List<String> training = new ArrayList<>(List.of(java()));
		training.addAll(FLAGS);
		training.addAll(List.of("-XX:AOTCacheOutput=" + folder.resolve("portal.aot"), "-Dspring.context.exit=onRefresh",
				"-jar", folder.resolve("portal.jar").toString(), "--spring.config.additional-location=file:"
						+ Path.of("src/main/docker/aot-training.yaml").toAbsolutePath()));
		execute(folder, training.toArray(String[]::new));
		return folder;
	}

	private static Path build() throws Exception {
		execute(Path.of("").toAbsolutePath(), "./mvnw", "-B", "-q", "-Dmaven.test.skip=true", "package");
		try (Stream<Path> files = Files.list(Path.of("target"))) {
			return files.filter((file) -> file.getFileName().toString().matches("partner-tls-portal-.*\\.jar"))
				.findFirst()
				.orElseThrow();
		}
	}

	private static void execute(Path where, String... command) throws Exception {
		Path log = HOME.resolve("last.log");
		Process process = new ProcessBuilder(command).directory(where.toFile())
			.redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.start();
		if (process.waitFor() != 0) {
			throw new IllegalStateException(Arrays.toString(command) + "\n" + Files.readString(log));
		}
	}

	private static List<String> flags(String property, String otherwise) {
		return Stream.of(System.getProperty(property, otherwise).split(" ")).filter((flag) -> !flag.isEmpty()).toList();
	}

	private static String java() {
		return Path.of(System.getProperty("java.home"), "bin", "java").toString();
	}

	private static long memory(Program program) throws IOException {
		return Files.readAllLines(Path.of("/proc/" + program.process().pid() + "/status"))
			.stream()
			.filter((line) -> line.startsWith("VmRSS:"))
			.mapToLong((line) -> Long.parseLong(line.replaceAll("\\D", "")))
			.findFirst()
			.orElseThrow();
	}

	private void roles() throws Exception {
		sql("postgres", Files.readString(Path.of("db/roles.sql")));
		for (String role : new String[] { "portal_owner", "portal_app", "portal_auditor" }) {
			sql("postgres", "alter role " + role + " password 'bench'");
		}
	}

	private void fill(String database, int partners) throws Exception {
		if (!value("postgres", "select count(*) from pg_database where datname = '" + database + "'").equals("0")) {
			migrate(database);
			return;
		}
		System.out.printf(Locale.UK, "Filling %s with %,d partners and a year, once …%n", database, partners);
		// Whoever interrupts it leaves nothing half full.
		String making = database + "_making";
		sql("postgres", "drop database if exists " + making);
		sql("postgres", "create database " + making + " owner portal_owner");
		sql(making, "alter schema public owner to portal_owner");
		migrate(making);
		try (var in = PortalBench.class.getResourceAsStream("/bench/portal.sql")) {
			sql(making,
					new String(java.util.Objects.requireNonNull(in).readAllBytes(),
							java.nio.charset.StandardCharsets.UTF_8)
						.replace(":partners", Integer.toString(partners))
						.replace(":tenant", "script")
						.replace(":plan",
								SomePlan
									.stored(UUID.fromString("00000000-0000-7000-8000-00000000abcd"), "Some Partner",
											"some-domain.example")
									.replace("'", "''"))
						.replace(":report",
								SomeReport.stored("some-domain.example", Instant.now()).replace("'", "''")));
		}
		sql(making, "vacuum analyze");
		sql("postgres", "alter database " + making + " rename to " + database);
	}

	private void migrate(String database) {
		Flyway.configure()
			.dataSource(url(database), "portal_owner", "bench")
			.locations("classpath:db/migration")
			.load()
			.migrate();
	}

	/** The first time, a year of history has to be sealed. */
	private void sealed() throws Exception {
		Instant end = Instant.now().plus(Duration.ofMinutes(10));
		while (Long.parseLong(value("portal_many",
				"select (select count(*) from audit_event) - (select count(*) from audit_leaf)")) > 100) {
			if (Instant.now().isAfter(end)) {
				throw new IllegalStateException("the history is not sealed");
			}
			Thread.sleep(500);
		}
	}

	private void sql(String database, String sql) throws SQLException {
		try (Connection connection = DriverManager.getConnection(url(database), "postgres", "postgres");
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private String value(String database, String sql) throws SQLException {
		try (Connection connection = DriverManager.getConnection(url(database), "postgres", "postgres");
				Statement statement = connection.createStatement();
				var result = statement.executeQuery(sql)) {
			result.next();
			return result.getString(1);
		}
	}

	private String url(String database) {
		return "jdbc:postgresql://127.0.0.1:" + this.server.getPort() + "/" + database;
	}

	private static double median(List<Double> values) {
		return values.stream().sorted().toList().get(values.size() / 2);
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	private record Program(Process process, URI address, double seconds, String cookie) {
	}

	private record Measured(double rate, double median, double p95) {
	}

}
