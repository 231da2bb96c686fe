package lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A PostgreSQL server that is running on a data directory, found by its
 * {@code postmaster.pid}.
 *
 * @param process the server
 * @param port where it listens
 */
record Postmaster(ProcessHandle process, int port) {

	private static final int PID = 0;

	private static final int PORT = 3;

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	/**
	 * The server on a data directory. The file survives a crash of the machine, so the
	 * process must be there and be PostgreSQL's.
	 */
	static Optional<Postmaster> on(Path data) {
		Path file = data.resolve("postmaster.pid");
		if (!Files.exists(file)) {
			return Optional.empty();
		}
		try {
			List<String> lines = Files.readAllLines(file);
			if (lines.size() <= PORT) {
				return Optional.empty();
			}
			int port = Integer.parseInt(lines.get(PORT).strip());
			return ProcessHandle.of(Long.parseLong(lines.get(PID).strip()))
				.filter(ProcessHandle::isAlive)
				.filter(Postmaster::isPostgres)
				.map((process) -> new Postmaster(process, port));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static boolean isPostgres(ProcessHandle process) {
		return process.info().command().filter((command) -> command.endsWith("postgres")).isPresent();
	}

	/**
	 * Shuts it down: sessions end, everything is written.
	 */
	void stop() {
		try {
			// SIGINT is PostgreSQL's fast shutdown; Java itself can only send SIGTERM,
			// which would wait for the sessions.
			new ProcessBuilder("kill", "-INT", Long.toString(this.process.pid())).inheritIO().start().waitFor();
			this.process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			throw new LabException("PostgreSQL (process " + this.process.pid() + ") does not stop.");
		}
	}

}
