package lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.partnertls.ClassPath;

import static org.assertj.core.api.Assertions.assertThat;

class LabTests {

	@TempDir
	private Path directory;

	@Test
	void saysInOneSentenceWhichPortIsTaken() throws Exception {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			Process lab = lab(String.valueOf(taken.getLocalPort()));

			assertThat(lab.waitFor()).isEqualTo(1);
			assertThat(lab.inputReader().lines()).singleElement()
				.asString()
				.contains("Port " + taken.getLocalPort() + " is taken", "PORT=");
			assertThat(this.directory).isEmptyDirectory();
		}
	}

	@Test
	void saysInOneSentenceThatAPortIsNoNumber() throws Exception {
		Process lab = lab("eighty");

		assertThat(lab.waitFor()).isEqualTo(1);
		assertThat(lab.inputReader().lines()).singleElement().asString().contains("PORT must be a number");
	}

	@Test
	void saysInOneSentenceThatAnotherLabIsRunning() throws Exception {
		try (LabHome held = LabHome.open(this.directory.resolve("lab"))) {
			Process lab = lab(String.valueOf(freePort()));

			assertThat(lab.waitFor()).isEqualTo(1);
			assertThat(lab.inputReader().lines()).singleElement()
				.asString()
				.contains("Another lab is running on " + held.path("").toString());
		}
	}

	@Test
	@Tag("slow")
	void startsStopsAndStartsAgainAfterItWasKilled() throws Exception {
		int port = freePort();
		Process first = lab(String.valueOf(port));
		String table = untilUp(first);
		assertThat(table).contains("http://localhost:" + port, "Amina Okafor", "Portal.Compliance");
		assertThat(health(port)).contains("\"UP\"");
		first.destroyForcibly().waitFor();
		assertThat(Postmaster.on(this.directory.resolve("lab/postgres"))).as("outlives a killed lab").isPresent();

		Process second = lab(String.valueOf(port));
		assertThat(services(untilUp(second))).isEqualTo(services(table));
		assertThat(health(port)).contains("\"UP\"");
		second.destroy();
		second.waitFor();

		assertThat(Postmaster.on(this.directory.resolve("lab/postgres"))).as("goes with a stopped lab").isEmpty();
	}

	@Test
	void writesTheSettingsForAPortalElsewhere() throws Exception {
		Process lab = lab(String.valueOf(freePort()), "neighbours-only");
		try {
			untilUp(lab);
			assertThat(Files.readString(this.directory.resolve("lab/portal.properties"))).contains(
					"portal.account.issuer=http\\://127.0.0.1\\:", "portal.exchange.endpoint=", "spring.mail.port=");
			assertThat(this.directory.resolve("lab/postgres")).doesNotExist();
		}
		finally {
			lab.destroy();
			lab.waitFor();
		}
	}

	private static String services(String table) {
		return table.lines().filter((line) -> line.startsWith("  ")).collect(Collectors.joining("\n"));
	}

	private Process lab(String port, String... arguments) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(
				Stream
					.concat(Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
							"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp",
							ClassPath.ofTests(), "lab.Lab"), Arrays.stream(arguments))
					.toList());
		builder.environment().put("PORT", port);
		builder.environment().put("LAB_HOME", this.directory.resolve("lab").toString());
		return builder.redirectErrorStream(true).start();
	}

	/** All that it writes until its table is complete. */
	private static String untilUp(Process lab) throws IOException {
		StringBuilder written = new StringBuilder();
		BufferedReader lines = lab.inputReader();
		for (String line = lines.readLine(); line != null; line = lines.readLine()) {
			written.append(line).append('\n');
			if (line.startsWith("  PostgreSQL") || line.startsWith("  Settings")) {
				return written.toString();
			}
		}
		throw new AssertionError("The lab ended: " + written);
	}

	private static String health(int port) throws Exception {
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/health")).build(),
					HttpResponse.BodyHandlers.ofString())
			.body();
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

}
