package org.partnertls.audit;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.Period;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The history at the command line: {@code java -jar portal.jar audit …}. Starts no more
 * than it needs; checking a file needs no database. Not a component.
 */
public final class AuditCommand {

	/** All is well. */
	public static final int GOOD = 0;

	/** The history or the file is not what was signed. */
	public static final int ALTERED = 1;

	/** It could not be done, which says nothing about the history. */
	public static final int FAILED = 2;

	private static final String HELP = """
			audit verify [FILE…] [--key=KEY]… [--checkpoint=FILE]… [--archives=FOLDER] [--settings…]
			    Without a file: reads the whole history at spring.datasource.url, as portal_auditor, and names the
			    first event that is not what was signed. --checkpoint compares with checkpoints kept elsewhere,
			    --archives also checks the archived months. With files: checks exports and archives, without a
			    database. KEY is a verification key (name+id+key) or a file with one per line; for the database the
			    keys of portal.audit.* count as well.
			audit archive --before=YYYY-MM [--class=CLASS] --to=FOLDER [--key=KEY]… [--settings…]
			audit archive --due --to=FOLDER [--key=KEY]… [--settings…]
			    Moves the months before to signed archives, as portal_owner; with --class only their events of one
			    class: access, operation or record. --due moves what portal.audit.keep-CLASS says is old enough.
			audit open FILE… --key=KEY… [--settings…]
			    Loads archives into another, migrated database for search, as portal_owner.
			audit new-key
			    Prints a new signing key for portal.audit.signing-key.
			Answers 0 when all is well, 1 when something was altered, 2 when it could not be done.""";

	private final PrintStream out;

	private final List<String> files = new ArrayList<>();

	private final List<String> keys = new ArrayList<>();

	private final List<String> checkpoints = new ArrayList<>();

	private final Map<String, String> options = new LinkedHashMap<>();

	private final List<String> settings = new ArrayList<>();

	private long tenths;

	private AuditCommand(PrintStream out, List<String> words) {
		this.out = out;
		for (String word : words) {
			if (word.startsWith("--key=")) {
				this.keys.add(word.substring("--key=".length()));
			}
			else if (word.startsWith("--checkpoint=")) {
				this.checkpoints.add(word.substring("--checkpoint=".length()));
			}
			else if (word.matches("--(before|to|archives|class)=.*|--due")) {
				String[] option = word.substring(2).split("=", 2);
				this.options.put(option[0], (option.length > 1) ? option[1] : "");
			}
			else if (word.startsWith("--")) {
				this.settings.add(word);
			}
			else {
				this.files.add(word);
			}
		}
	}

	/**
	 * Does what the words say.
	 * @param out where the answer goes
	 * @param words what follows {@code audit}
	 * @return {@link #GOOD}, {@link #ALTERED} or {@link #FAILED}
	 */
	public static int run(PrintStream out, List<String> words) {
		if (words.isEmpty()) {
			out.println(HELP);
			return FAILED;
		}
		AuditCommand command = new AuditCommand(out, words.subList(1, words.size()));
		try {
			return switch (words.getFirst()) {
				case "verify" -> command.files.isEmpty() ? command.verify() : command.verifyFiles();
				case "archive" -> command.archive();
				case "open" -> command.open();
				case "new-key" -> {
					out.print(SigningKey.generate());
					yield GOOD;
				}
				default -> {
					out.println(HELP);
					yield FAILED;
				}
			};
		}
		catch (Archive.Impossible | IllegalArgumentException ex) {
			out.println(ex.getMessage());
			return FAILED;
		}
		catch (IOException | SQLException | java.io.UncheckedIOException ex) {
			out.println("Failed: " + ex.getMessage());
			return FAILED;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return FAILED;
		}
	}

	private int verifyFiles() throws IOException {
		List<VerifierKey> given = givenKeys();
		if (given.isEmpty()) {
			throw new IllegalArgumentException(
					"Say by --key=… whose signature counts: a key that the file itself brought would prove nothing.");
		}
		int answer = GOOD;
		for (String file : this.files) {
			ProvenFile.Result result;
			try (var in = Files.newInputStream(path(file))) {
				result = ProvenFile.check(in, given);
			}
			answer = Math.max(answer, tell(file, result));
		}
		return answer;
	}

	private int tell(String file, ProvenFile.Result result) {
		Checkpoint checkpoint = result.checkpoint();
		if (result.wrong() != null || checkpoint == null) {
			this.out.println("ALTERED " + file + ": " + result.wrong());
			return ALTERED;
		}
		this.out.println("good    " + file + ": " + result.events() + " events"
				+ ((result.first() == null) ? ""
						: ", numbers " + result.first() + " to " + result.last()
								+ (result.whole() ? " without a gap" : ", a selection"))
				+ ", out of " + checkpoint.size() + " that the checkpoint of " + checkpoint.origin() + " signs"
				+ ((result.erased() > 0) ? "; " + result.erased() + " pieces of personal data were erased" : ""));
		return GOOD;
	}

	private int verify() throws IOException, SQLException, InterruptedException {
		try (ConfigurableApplicationContext context = start()) {
			List<VerifierKey> all = keys(context);
			DataSource database = context.getBean(DataSource.class);
			Map<String, Checkpoint> outside = new LinkedHashMap<>();
			for (String file : this.checkpoints) {
				List<Checkpoint> kept = Verifications.kept(Files.readString(path(file)));
				for (int i = 0; i < kept.size(); i++) {
					outside.put((kept.size() == 1) ? file : file + " (" + (i + 1) + ")", kept.get(i));
				}
			}
			int answer = archives(database, all, outside);
			Verification.Outcome outcome = new Verification(database, all, outside,
					Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4), this::progress)
				.run();
			return Math.max(answer, tell(outcome));
		}
	}

	private void progress(long done, long total) {
		long tenth = done * 10 / total;
		if (tenth > this.tenths) {
			this.tenths = tenth;
			this.out.println(done + " of " + total + " events read");
		}
	}

	private int tell(Verification.Outcome outcome) {
		this.out
			.println("\n" + outcome.sealed() + " events read, " + outcome.archived() + " archived, " + outcome.covered()
					+ " covered by " + outcome.checkpoints() + " checkpoints, " + outcome.tail() + " not sealed yet, "
					+ outcome.personal() + " pieces of personal data, " + outcome.erased() + " of them erased.");
		if (!outcome.signatures()) {
			this.out.println("No signature was checked: there is no key. Give one with --key=…");
		}
		outcome.findings().forEach((finding) -> this.out.println("  " + finding));
		this.out.println(outcome.good() ? "All is well." : "ALTERED: " + outcome.wrong() + " wrong.");
		return !outcome.good() ? ALTERED : outcome.signatures() ? GOOD : FAILED;
	}

	private int archives(DataSource database, List<VerifierKey> all, Map<String, Checkpoint> outside)
			throws IOException {
		String folder = this.options.get("archives");
		int answer = GOOD;
		if (folder == null) {
			return answer;
		}
		for (Map<String, Object> month : JdbcClient.create(database)
			.sql("select file, sha256, events from audit_archive order by month")
			.query()
			.listOfRows()) {
			String name = String.valueOf(month.get("file"));
			Path file = path(folder).resolve(name);
			if (!Files.exists(file)) {
				this.out.println("ALTERED " + name + ": it is not in " + folder + ".");
				answer = ALTERED;
				continue;
			}
			ProvenFile.Result result;
			try (var in = Files.newInputStream(file)) {
				result = ProvenFile.check(in, all);
			}
			answer = Math.max(answer, tell(name, result));
			if (!Archive.sha256(file).equals(month.get("sha256"))
					|| !String.valueOf(result.events()).equals(String.valueOf(month.get("events")))) {
				this.out.println("ALTERED " + name + ": it is not the file that was written.");
				answer = ALTERED;
			}
			if (result.checkpoint() != null) {
				outside.put("The checkpoint in " + name, result.checkpoint());
			}
		}
		return answer;
	}

	private int archive() throws IOException {
		Path folder = path(this.options.getOrDefault("to", ""));
		if (this.options.getOrDefault("to", "").isEmpty() || !Files.isDirectory(folder)) {
			throw new IllegalArgumentException("Say by --to=FOLDER where archives go; the folder must be there.");
		}
		if (this.options.containsKey("due")) {
			return archiveDue(folder);
		}
		YearMonth before;
		try {
			before = YearMonth.parse(this.options.getOrDefault("before", ""));
		}
		catch (DateTimeException ex) {
			throw new IllegalArgumentException("Say by --before=YYYY-MM which months leave.", ex);
		}
		if (!before.isBefore(YearMonth.now(Clock.systemUTC()).plusMonths(1))) {
			throw new IllegalArgumentException("Only months that are over can leave.");
		}
		String named = this.options.get("class");
		Keeping keeping = (named == null) ? null : Keeping.named(named)
			.orElseThrow(() -> new IllegalArgumentException("A class is access, operation or record."));
		try (ConfigurableApplicationContext context = start()) {
			if (archive(context, before, keeping, folder) == 0) {
				this.out.println("There are no events before " + before + ".");
			}
			return GOOD;
		}
	}

	private int archiveDue(Path folder) throws IOException {
		try (ConfigurableApplicationContext context = start()) {
			AuditProperties properties = context.getBean(AuditProperties.class);
			int moved = 0;
			for (Keeping keeping : Keeping.values()) {
				Period period = properties.keep(keeping);
				if (period != null) {
					// A month is over only once its last day is old enough.
					moved += archive(context, YearMonth.from(LocalDate.now(Clock.systemUTC()).minus(period)), keeping,
							folder);
				}
			}
			if (moved == 0) {
				this.out.println("Nothing is due.");
			}
			return GOOD;
		}
	}

	private int archive(ConfigurableApplicationContext context, YearMonth before, @Nullable Keeping keeping,
			Path folder) throws IOException {
		Archive archive = new Archive(context.getBean(DataSource.class), keys(context), Clock.systemUTC());
		List<YearMonth> months = archive.months(before, keeping);
		for (YearMonth month : months) {
			this.out.println(month + ": " + archive.move(month, keeping, folder) + " events"
					+ ((keeping != null) ? " of class " + keeping.key() : "") + " moved to " + folder);
		}
		return months.size();
	}

	private int open() throws IOException {
		if (this.files.isEmpty()) {
			throw new IllegalArgumentException("Name the archives to open.");
		}
		try (ConfigurableApplicationContext context = start()) {
			Archive archive = new Archive(context.getBean(DataSource.class), keys(context), Clock.systemUTC());
			for (String file : this.files) {
				this.out.println(file + ": " + archive.open(path(file)) + " events loaded");
			}
			return GOOD;
		}
	}

	private ConfigurableApplicationContext start() {
		return new SpringApplicationBuilder(Database.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.run(this.settings.toArray(String[]::new));
	}

	private List<VerifierKey> keys(ConfigurableApplicationContext context) throws IOException {
		Environment environment = context.getEnvironment();
		String base = environment.getProperty("portal.organization.base-url");
		List<VerifierKey> all = new ArrayList<>(givenKeys());
		AuditProperties properties = context.getBean(AuditProperties.class);
		if (base != null || (properties.origin() != null && !properties.origin().isBlank())) {
			all.addAll(new Keys(properties, ((base != null) ? URI.create(base).getAuthority() : "") + "/history")
				.verifying());
		}
		else {
			properties.earlierKeys().stream().map(VerifierKey::of).forEach(all::add);
		}
		return all;
	}

	private List<VerifierKey> givenKeys() throws IOException {
		List<VerifierKey> given = new ArrayList<>();
		for (String key : this.keys) {
			@Nullable Path file = key.contains("+") ? null : path(key);
			try (Stream<String> lines = (file != null) ? Files.lines(file) : Stream.of(key)) {
				lines.filter((line) -> !line.isBlank()).map(VerifierKey::of).forEach(given::add);
			}
		}
		return given;
	}

	private static Path path(String name) {
		try {
			return Path.of(name);
		}
		catch (InvalidPathException ex) {
			throw new IllegalArgumentException("“" + name + "” is not a path.", ex);
		}
	}

	/** No more of the portal than its database and the settings of the history. */
	@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
	@EnableConfigurationProperties(AuditProperties.class)
	static class Database {

	}

}
