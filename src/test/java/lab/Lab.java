package lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;

import org.partnertls.PortalApplication;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * The lab: the real portal with real neighbours in one process, on loopback, with nothing
 * to install and nothing to configure. {@code ./mvnw spring-boot:test-run} starts it;
 * {@code PORT} says where the portal answers, {@code LAB_HOME} where the lab keeps what
 * it needs again.
 * <p>
 * With {@code neighbours-only} it starts no portal and no database, but writes the
 * settings for a portal to {@code portal.properties} in its home; {@code LAB_BIND} then
 * says where the pages that a browser visits listen, for a container whose ports are
 * published on loopback.
 */
public final class Lab {

	private static final String LOOPBACK = "127.0.0.1";

	/** So that a tour takes minutes and not days. */
	private static final Map<String, Object> TOUR = Map.of("portal.evidence.observation", "0s",
			"portal.connector.push-interval", "2s", "portal.connector.propagation", "2s",
			"portal.connector.validation-pause", "3s", "portal.connector.read-back-pause", "1s",
			"portal.account.codes-per-source", "1000", "portal.account.codes-per-address", "1000");

	private final LabHome home;

	private final URI portal;

	private final List<AutoCloseable> open = new ArrayList<>();

	private Lab(LabHome home, URI portal) {
		this.home = home;
		this.portal = portal;
	}

	public static void main(String[] args) {
		try {
			quiet();
			boolean neighboursOnly = args.length > 0 && args[0].equals("neighbours-only");
			int port = port(System.getenv().getOrDefault("PORT", "8080"));
			if (!neighboursOnly) {
				requireFree(port);
			}
			LabHome home = LabHome.open(Path.of(System.getenv().getOrDefault("LAB_HOME", ".lab")));
			Lab lab = new Lab(home, URI.create("http://localhost:" + port));
			SpringApplication.getShutdownHandlers().add(lab::close);
			if (neighboursOnly) {
				lab.startNeighbours(System.getenv().getOrDefault("LAB_BIND", LOOPBACK));
			}
			else {
				lab.start(port);
			}
		}
		catch (LabException ex) {
			System.err.println(ex.getMessage());
			System.exit(1);
		}
		catch (IOException | UncheckedIOException ex) {
			System.err
				.println("The lab cannot start: " + ex.getMessage() + ". Start it again; it then takes other ports.");
			System.exit(1);
		}
		catch (RuntimeException ex) {
			// Threads that are up already would keep a lab without a portal alive.
			ex.printStackTrace();
			System.exit(1);
		}
	}

	private void start(int port) throws IOException {
		FutureTask<LabDatabase> starting = new FutureTask<>(() -> LabDatabase.start(this.home));
		Thread.ofPlatform().name("lab-database").start(starting);
		Neighbourhood neighbourhood = keep(Neighbourhood.start(this.home, LOOPBACK));
		LabPages pages = keep(LabPages.start(neighbourhood, this.portal, LOOPBACK, this.home.port("pages", LOOPBACK)));
		LabDatabase database = keep(await(starting));
		Map<String, Object> settings = new HashMap<>(neighbourhood.portalSettings(this.portal));
		settings.putAll(database.portalSettings());
		settings.putAll(TOUR);
		settings.put("server.address", LOOPBACK);
		settings.put("server.port", port);
		runPortal(settings);
		System.out.println(table(neighbourhood, pages,
				row("PostgreSQL " + LabDatabase.MAJOR, database.url(), "data in " + this.home.path("postgres"))));
	}

	private void startNeighbours(String address) throws IOException {
		Neighbourhood neighbourhood = keep(Neighbourhood.start(this.home, address));
		LabPages pages = keep(LabPages.start(neighbourhood, this.portal, address, this.home.port("pages", LOOPBACK)));
		Properties settings = new Properties();
		neighbourhood.portalSettings(this.portal).forEach((key, value) -> settings.setProperty(key, value.toString()));
		TOUR.forEach((key, value) -> settings.setProperty(key, value.toString()));
		// A portal from its jar has no such classes to leave out.
		settings.remove("spring.autoconfigure.exclude");
		this.home.write("portal.properties", settings);
		System.out.println(table(neighbourhood, pages,
				row("Settings for a portal", this.home.path("portal.properties").toString(), "")));
	}

	private static void runPortal(Map<String, Object> settings) {
		SpringApplication application = new SpringApplication(PortalApplication.class);
		application.setBannerMode(Banner.Mode.OFF);
		application.setLogStartupInfo(false);
		application.setDefaultProperties(
				Map.of("logging.level.root", "warn", "spring.lifecycle.timeout-per-shutdown-phase", "5s"));
		// Before everything else, so that no variable meant for a real portal reaches
		// this one.
		application.addInitializers((context) -> context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("lab", settings)));
		application.run();
	}

	private synchronized <T extends AutoCloseable> T keep(T started) {
		this.open.addFirst(started);
		return started;
	}

	/** Runs when Spring has closed the portal. */
	private synchronized void close() {
		for (AutoCloseable started : this.open) {
			try {
				started.close();
			}
			catch (Exception ex) {
				System.err.println("The lab could not stop cleanly: " + ex.getMessage());
			}
		}
	}

	private static <T> T await(FutureTask<T> starting) {
		try {
			return starting.get();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof LabException told) {
				throw told;
			}
			throw new IllegalStateException(ex.getCause());
		}
	}

	private static int port(String told) {
		try {
			int port = Integer.parseInt(told.strip());
			if (port > 0 && port < 65536) {
				return port;
			}
		}
		catch (NumberFormatException ex) {
			// Told below.
		}
		throw new LabException("PORT must be a number from 1 to 65535, but is “" + told + "”.");
	}

	/**
	 * Browsers try localhost over IPv6 first, so nobody may be there either.
	 */
	private static void requireFree(int port) {
		if (!LabHome.isFree(port, LOOPBACK) || answers(port)) {
			throw new LabException("Port " + port
					+ " is taken by another program. Stop it, or start the lab on another port, for example PORT="
					+ ((port < 65535) ? port + 1 : 8080) + ".");
		}
	}

	private static boolean answers(int port) {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress(InetAddress.ofLiteral("::1"), port), 500);
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Before Spring configures logging, libraries would write everything.
	 */
	private static void quiet() {
		LoggingSystem logging = LoggingSystem.get(Lab.class.getClassLoader());
		logging.beforeInitialize();
		logging.initialize(new LoggingInitializationContext(new StandardEnvironment()), null, null);
		logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.WARN);
	}

	private String table(Neighbourhood neighbourhood, LabPages pages, String more) {
		long seconds = Math.round(ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0);
		String people = IdentityProvider.PERSONAS.stream()
			.map((persona) -> row("  " + persona.name(), persona.roleWords(), ""))
			.collect(Collectors.joining());
		String partners = neighbourhood.partners()
			.stream()
			.map(Neighbourhood.Partner::domain)
			.limit(3)
			.collect(Collectors.joining(", ")) + ", …";
		return """

				The lab is up after %d s. Stop it with Ctrl+C.

				""".formatted(seconds)
				+ row("The portal", this.portal.toString(), "/actuator/health tells when it is up")
				+ row("The lab's pages", pages.address().toString(), "inbox, the partners' side, the tenant")
				+ row("Sign-in", neighbourhood.identityProvider().issuer().toString(), "OpenID Connect, pick who to be")
				+ people + row("  A partner's person", "any address at " + partners, "with a code from the inbox")
				+ row("Mail servers", "port " + neighbourhood.smtpPort(),
						"ours on 127.0.1.1, the partners' from 127.0.1.11")
				+ row("DNS", neighbourhood.dns().address(), "UDP and TCP") + row("Exchange Online",
						neighbourhood.exchange().address().toString(), "a double with the real protocol")
				+ more;
	}

	private static String row(String what, String where, String remark) {
		return "  %-22s %-42s %s".formatted(what, where, remark).stripTrailing() + "\n";
	}

}
