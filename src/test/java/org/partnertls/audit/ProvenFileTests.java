package org.partnertls.audit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Exports are checked without the portal's database, here and in another language.
 */
@Execution(ExecutionMode.SAME_THREAD)
class ProvenFileTests {

	private static final int EVENTS = 600;

	private static OwnHistory history;

	private static Checkpoint checkpoint;

	@TempDir
	private Path folder;

	@BeforeAll
	static void append() {
		history = new OwnHistory().append(EVENTS).seal();
		checkpoint = history.proofs.latest().orElseThrow();
	}

	@AfterAll
	static void close() {
		history.close();
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3, 7, 100, 599, 1000 })
	void checksExportsOfAnySelection(int every) throws IOException {
		ProvenFile.Result result = check(export((index) -> index % every == every / 2));

		assertThat(result.wrong()).isNull();
		assertThat(result.events()).isEqualTo(
				java.util.stream.LongStream.range(0, EVENTS).filter((index) -> index % every == every / 2).count());
		assertThat(result.whole()).isEqualTo(every == 1 || result.events() < 2);
	}

	@Test
	void checksAnExportThatIsCompressed() throws IOException {
		ByteArrayOutputStream packed = new ByteArrayOutputStream();
		try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
			gzip.write(export((index) -> index < 10));
		}

		assertThat(check(packed.toByteArray()).wrong()).isNull();
	}

	@Test
	void namesTheEventWhoseTextOrPersonalDataWasChanged() throws IOException {
		assertWrongAt(7,
				lines(every(), (line) -> line.contains("\"index\":7,") ? line.replace("Nordwind", "Nordwine") : line));
		assertWrongAt(7, lines(every(),
				(line) -> line.contains("\"index\":7,") ? line.replace("because Greta", "because Gerda") : line));
	}

	@Test
	void namesTheGroupInWhichATextAndItsHashWereChanged() throws IOException {
		Finding wrong = check(lines(every(), (line) -> {
			if (!line.contains("\"index\":300,")) {
				return line;
			}
			String text = line.replace("Nordwind", "Nordwine");
			String event = tools.jackson.databind.json.JsonMapper.shared().readTree(text).path("event").asString();
			return text.replaceAll("\"leaf\":\"[^\"]+\"",
					"\"leaf\":\"" + java.util.Base64.getEncoder().encodeToString(Merkle.leaf(event)) + "\"");
		})).wrong();

		assertThat(wrong).isNotNull();
		assertThat(wrong.index()).isEqualTo(256);
		assertThat(wrong.last()).isEqualTo(511);
	}

	@Test
	void namesTheEventThatWasTakenOutPutInOrExchanged() throws IOException {
		List<String> lines = split(every());
		int seven = lines
			.indexOf(lines.stream().filter((line) -> line.contains("\"index\":7,")).findFirst().orElseThrow());

		List<String> removed = new ArrayList<>(lines);
		removed.remove(seven);
		assertWrongAt(7, join(removed));
		List<String> twice = new ArrayList<>(lines);
		twice.add(seven, lines.get(seven));
		assertWrongAt(7, join(twice));
		List<String> exchanged = new ArrayList<>(lines);
		Collections.swap(exchanged, seven, seven + 1);
		assertWrongAt(7, join(exchanged));
	}

	@Test
	void saysThatTheEndWasCutOff() throws IOException {
		List<String> lines = split(every());

		assertThat(check(join(lines.subList(0, 400))).wrong().words()).contains("cut off");
		assertThat(check(join(lines.subList(0, 1))).wrong().words()).contains("cut off");
		List<String> halved = new ArrayList<>(lines.subList(0, 258));
		halved.add(lines.getLast());
		assertThat(check(join(halved)).wrong().words()).contains("600 events, but 256 are there");
	}

	@Test
	void trustsNoKeyButTheOneGiven() throws IOException {
		byte[] file = every();
		VerifierKey other = SigningKey.of(OwnHistory.ORIGIN, SigningKey.generate()).verifier();

		assertThat(ProvenFile.check(new ByteArrayInputStream(file), List.of(other)).wrong().words())
			.contains("no good signature");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "\n", "{", "{}\n", "[]\n", "null\n", "{\"type\":\"event\",\"index\":0}\n",
			"{\"type\":\"group\",\"first\":0}\n", "{\"type\":\"end\",\"events\":0}\n",
			"{\"type\":\"checkpoint\",\"format\":\"2\"}\n", "\u0000\u0001\u0002\n" })
	void answersToAnythingElse(String file) throws IOException {
		assertThat(check(file.getBytes(StandardCharsets.UTF_8)).wrong()).isNotNull();
	}

	@Test
	void agreesWithACheckWrittenInAnotherLanguage() throws Exception {
		String python = List.of("/usr/bin/python3", "/usr/local/bin/python3")
			.stream()
			.filter((path) -> Files.isExecutable(Path.of(path)))
			.findFirst()
			.orElse(null);
		if (python == null) {
			System.out.println("Skipped: there is no python3 to check an export with.");
		}
		assumeTrue(python != null, "no python3");

		assertThat(python(python, every())).isEqualTo("good: 600 events");
		assertThat(python(python, export((index) -> index % 7 == 3))).isEqualTo("good: 86 events");
		assertThat(python(python,
				lines(every(), (line) -> line.contains("\"index\":7,") ? line.replace("Nordwind", "Nordwine") : line)))
			.isEqualTo("wrong: event 7 was changed");
		List<String> cut = split(every());
		cut.remove(300);
		assertThat(python(python, join(cut))).startsWith("wrong: event ").contains("missing");
		assertThat(python(python, lines(every(), (line) -> line.replace("\\n600\\n", "\\n599\\n"))))
			.isEqualTo("wrong: the checkpoint is not signed by this key");
	}

	private String python(String python, byte[] export) throws Exception {
		Path file = Files.write(this.folder.resolve("export.jsonl"), export);
		Path script = Path.of(ProvenFileTests.class.getResource("/verify_export.py").toURI());
		Process process = new ProcessBuilder(python, script.toString(), history.keys.verifying().getFirst().toString(),
				file.toString())
			.redirectErrorStream(true)
			.start();
		String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
		assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
		return said;
	}

	private static void assertWrongAt(long index, byte[] file) throws IOException {
		Finding wrong = check(file).wrong();
		assertThat(wrong).isNotNull();
		assertThat(wrong.index()).as(wrong::toString).isEqualTo(index);
	}

	private static byte[] every() throws IOException {
		return export((index) -> true);
	}

	private static byte[] export(LongPredicate wanted) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (ProvenLines lines = history.proofs.lines(out, checkpoint)) {
			history.jdbc.sql("""
					select l.index, e.event, p.slot, p.person_id, p.salt, p.content from audit_leaf l
					join audit_event e on e.id = l.event_id join audit_personal p on p.event_id = e.id
					where p.slot = 'reason' order by l.index""").query((row) -> {
				if (wanted.test(row.getLong(1))) {
					try {
						lines.event(row.getLong(1), row.getBytes(2), List.of(new ProvenLines.Beside(row.getString(3),
								row.getString(4), row.getBytes(5), row.getString(6))));
					}
					catch (IOException ex) {
						throw new java.io.UncheckedIOException(ex);
					}
				}
			});
		}
		return out.toByteArray();
	}

	private static byte[] lines(byte[] file, UnaryOperator<String> change) {
		return join(split(file).stream().map(change).toList());
	}

	private static List<String> split(byte[] file) {
		return new ArrayList<>(new String(file, StandardCharsets.UTF_8).lines().toList());
	}

	private static byte[] join(List<String> lines) {
		return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
	}

	private static ProvenFile.Result check(byte[] file) throws IOException {
		return ProvenFile.check(new ByteArrayInputStream(file), history.keys.verifying());
	}

}
