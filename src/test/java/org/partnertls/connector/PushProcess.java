package org.partnertls.connector;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.boot.config.DbSchedulerStarter;
import org.partnertls.ClassPath;
import org.partnertls.PortalApplication;
import org.partnertls.audit.Actor;
import org.partnertls.audit.ActorSource;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;

/**
 * The portal, or the part of it that pushes, in a process of its own that stands still at
 * each moment of a push, says so and waits to be let go: so that it can be killed or
 * stopped there.
 */
final class PushProcess {

	private static final String AT = "@@at ";

	private static final String READY = "@@ready";

	/** Decides what becomes of a process that has come to a moment. */
	interface Watcher {

		/**
		 * It stands still until this returns.
		 * @return whether it may go on; otherwise it is dead
		 */
		boolean at(PushProcess process, Pusher.Moment moment, StepKind step) throws Exception;

	}

	private final Process process;

	private final Writer orders;

	private final CompletableFuture<Void> ready = new CompletableFuture<>();

	private volatile Watcher watcher = (process, moment, step) -> true;

	private PushProcess(Process process) {
		this.process = process;
		this.orders = process.outputWriter(StandardCharsets.UTF_8);
		Thread.ofVirtual().start(this::listen);
	}

	/**
	 * Begins to start one; it does nothing before it is told to.
	 * @param application {@link PortalApplication} or {@link Pushing}
	 */
	static PushProcess start(Class<?> application, Map<String, String> settings, Path log) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx400m",
						"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp",
						ClassPath.ofTests(), PushProcess.class.getName(), application.getName()));
		settings.forEach((key, value) -> command.add("--" + key + "=" + value));
		return new PushProcess(
				new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())).start());
	}

	private void listen() {
		try (BufferedReader lines = this.process.inputReader(StandardCharsets.UTF_8)) {
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				if (line.equals(READY)) {
					this.ready.complete(null);
				}
				else if (line.startsWith(AT)) {
					String[] words = line.substring(AT.length()).split(" ", -1);
					if (this.watcher.at(this, Pusher.Moment.valueOf(words[0]), StepKind.valueOf(words[1]))) {
						tell("go");
					}
				}
			}
		}
		catch (Exception ex) {
			// Whoever is killed says no more.
		}
		this.ready.completeExceptionally(new IllegalStateException("the process has ended; its log says why"));
	}

	/** It works from now on. */
	void work(Watcher by) throws Exception {
		this.ready.get(5, TimeUnit.MINUTES);
		this.watcher = by;
		tell("work");
	}

	void watch(Watcher by) {
		this.watcher = by;
	}

	private synchronized void tell(String word) throws IOException {
		this.orders.write(word + "\n");
		this.orders.flush();
	}

	/** {@code kill -9}. */
	void kill() throws InterruptedException {
		this.process.destroyForcibly();
		this.process.waitFor(20, TimeUnit.SECONDS);
	}

	/** It stands still, whatever it does, and its heart does not beat. */
	void signal(String name) throws Exception {
		new ProcessBuilder("kill", "-" + name, Long.toString(this.process.pid())).start().waitFor();
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	public static void main(String[] args) throws Exception {
		PrintStream out = System.out;
		System.setOut(System.err);
		BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Class.forName(args[0]), Idle.class)
			.run(Arrays.copyOfRange(args, 1, args.length));
		Object standing = new Object();
		context.getBean(Pusher.class).hook((moment, step) -> stand(standing, out, orders, moment, step));
		context.getBean(Validation.class)
			.hook((moment) -> stand(standing, out, orders, moment, StepKind.OUTBOUND_VALIDATE));
		out.println(READY);
		out.flush();
		if (orders.readLine() == null) {
			Runtime.getRuntime().halt(1);
		}
		context.getBean(Scheduler.class).start();
	}

	private static void stand(Object standing, PrintStream out, BufferedReader orders, Pusher.Moment moment,
			StepKind step) {
		synchronized (standing) {
			out.println(AT + moment + " " + step);
			out.flush();
			try {
				if (orders.readLine() == null) {
					Runtime.getRuntime().halt(1);
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
	}

	/**
	 * The scheduler waits for its order; without an annotation that a scan would find.
	 */
	static class Idle {

		@Bean
		DbSchedulerStarter dbSchedulerStarter() {
			return () -> {
			};
		}

	}

	/**
	 * What the connectors' module needs: a third less to start than the whole portal, and
	 * like {@link Idle} nothing that a scan would find.
	 */
	@EnableAutoConfiguration
	@ComponentScan({ "org.partnertls.connector", "org.partnertls.exchange", "org.partnertls.audit",
			"org.partnertls.organization" })
	@ConfigurationPropertiesScan({ "org.partnertls.connector", "org.partnertls.exchange", "org.partnertls.audit",
			"org.partnertls.organization" })
	static class Pushing {

		@Bean
		Clock clock() {
			return Clock.systemUTC();
		}

		@Bean
		ActorSource actors() {
			return () -> Actor.system("portal");
		}

	}

}
