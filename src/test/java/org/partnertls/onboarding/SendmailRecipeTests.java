package org.partnertls.onboarding;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.Assumptions;
import org.partnertls.onboarding.Recipe.Direction;
import org.partnertls.onboarding.Recipe.Kind;
import org.partnertls.onboarding.Recipe.Step;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The recipe for Sendmail, line by line as a partner would copy it, asked of a real
 * Sendmail's rulesets. Needs Sendmail, its configuration macros and m4 unpacked under
 * target/mta; without them it is skipped with a printed reason, or fails where
 * {@code test.mta.required} says so.
 */
class SendmailRecipeTests {

	private static final Path MTA = Path.of("target/mta").toAbsolutePath();

	private static final Path SENDMAIL = MTA.resolve("usr/libexec/sendmail/sendmail");

	private static final Path LIBRARIES = MTA.resolve("usr/lib/x86_64-linux-gnu");

	private final Recipe recipe = Recipes.of(MailPlatform.SENDMAIL,
			new OrganizationProperties(URI.create("https://tls.contoso.example"), "Contoso",
					List.of(DomainName.of("contoso.example"), DomainName.of("contoso-bank.example")),
					List.of(".mail.protection.outlook.com"), List.of("mail.protection.outlook.com"),
					EmailAddress.of("help@contoso.example"), "+44 20 7946 0000", ZoneOffset.UTC));

	@TempDir
	private Path directory;

	@BeforeEach
	void unpacked() throws Exception {
		if (!Files.exists(SENDMAIL)) {
			String missing = "Sendmail is not unpacked under target/mta.";
			assertThat(Boolean.getBoolean("test.mta.required")).as(missing).isFalse();
			System.out.println("Skipped: " + missing);
			Assumptions.abort(missing);
		}
		Files.createDirectory(this.directory.resolve("queue"));
		Files.writeString(this.directory.resolve("hosts"), "127.0.0.1 mx.acme.example\n");
		Files.writeString(this.directory.resolve("access"), "banned.example\tREJECT\n");
		Files.writeString(this.directory.resolve("sendmail.mc"), """
				divert(0)dnl
				define(`_CF_DIR_', `%1$s/usr/share/sendmail/cf/')dnl
				include(`%1$s/usr/share/sendmail/cf/m4/cf.m4')dnl
				OSTYPE(`linux')dnl
				define(`QUEUE_DIR', `%2$s/queue')dnl
				define(`confDONT_BLAME_SENDMAIL', `MapInUnsafeDirPath,ForwardFileInUnsafeDirPath')dnl
				FEATURE(`access_db', `hash -T<TMPF> %2$s/access')dnl
				define(`confDOMAIN_NAME', `mx.acme.example')dnl
				FEATURE(`accept_unresolvable_domains')dnl
				FEATURE(`nocanonify')dnl
				MAILER(`smtp')dnl
				""".formatted(MTA, this.directory));
		shell("m4 /etc/mail/sendmail.mc > /etc/mail/sendmail.cf && makemap hash /etc/mail/access < /etc/mail/access");
	}

	@Test
	void letsNoMailGoToUsWithoutAnEncryptedAndVerifiedConnection() throws Exception {
		assertThat(ask(".D{verify}NO", "tls_rcpt someone@contoso.example")).contains("returns: OK");
		append("access", codes(this.recipe.toUs(), Kind.CHANGE).getFirst());
		shell(codes(this.recipe.toUs(), Kind.RELOAD).getFirst());
		assertThat(shell(codes(this.recipe.toUs(), Kind.CHECK).getFirst()).lines()
			.filter((line) -> line.startsWith("tls_rcpt") && line.contains("403"))).hasSize(2)
			.allMatch((line) -> line.contains("not authenticated"));
		assertThat(ask(".D{verify}OK", ".D{cipher_bits}256", "tls_rcpt someone@contoso.example"))
			.contains("returns: OK");
		assertThat(ask(".D{verify}FAIL", ".D{cipher_bits}256", "tls_rcpt someone@contoso.example"))
			.contains("403 \" authentication failed\"");
		assertThat(ask(".D{verify}NO", "tls_rcpt someone@sub.contoso.example")).contains("403");
		assertThat(ask(".D{verify}NO", "tls_rcpt someone@other.example")).contains("returns: OK");
	}

	@Test
	void refusesOurMailInClearTextAndOnlyThat() throws Exception {
		append("sendmail.mc", codes(this.recipe.fromUs(), Kind.CHANGE).getFirst());
		assertThat(shell(codes(this.recipe.fromUs(), Kind.TRY).getLast()).lines()
			.filter((line) -> line.contains("450 Session encryption is required"))).hasSize(2);
		shell("mv /etc/mail/sendmail.cf.new /etc/mail/sendmail.cf");
		assertThat(ask("check_mail <postmaster@contoso.example>")).contains("450 Session encryption");
		assertThat(ask(".D{cipher_bits}256", "check_mail <postmaster@contoso.example>")).doesNotContain("450");
		assertThat(ask("check_mail <postmaster@sub.contoso.example>")).doesNotContain("450");
		assertThat(ask("check_mail <postmaster@other.example>")).doesNotContain("450");
		assertThat(ask("check_mail <>")).doesNotContain("450");
	}

	private static List<String> codes(Direction direction, Kind kind) {
		return Objects.requireNonNull(direction)
			.steps()
			.stream()
			.filter((step) -> step.kind() == kind)
			.map(Step::code)
			.filter(Objects::nonNull)
			.toList();
	}

	private void append(String file, String lines) throws Exception {
		Path path = this.directory.resolve(file);
		Files.writeString(path, Files.readString(path) + lines + "\n");
	}

	private String ask(String... lines) throws Exception {
		return shell("printf '%s\\n' '" + String.join("' '", lines) + "' | sendmail -bt");
	}

	/** Runs what a partner would, on the private copy instead of /etc/mail. */
	private String shell(String script) throws Exception {
		String config = this.directory + "/sendmail.cf";
		String own = script.replace("/etc/mail", this.directory.toString())
			.replace("sendmail -bt", SENDMAIL + " -Am -C " + config + " -bt")
			.replace("sendmail -C", SENDMAIL + " -Am -C")
			.replace("makemap hash", MTA + "/usr/libexec/sendmail/makemap -C " + config + " hash");
		ProcessBuilder builder = new ProcessBuilder("bash", "-c", own).redirectErrorStream(true);
		builder.environment().merge("PATH", MTA + "/usr/bin", (path, first) -> first + ":" + path);
		builder.environment().put("LD_LIBRARY_PATH", LIBRARIES + ":" + MTA + "/lib/x86_64-linux-gnu");
		// Sendmail sleeps for a minute on a machine whose name has no dot.
		builder.environment().put("LD_PRELOAD", LIBRARIES + "/libnss_wrapper.so");
		builder.environment().put("NSS_WRAPPER_HOSTNAME", "mx.acme.example");
		builder.environment().put("NSS_WRAPPER_HOSTS", this.directory + "/hosts");
		Process process = builder.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		process.waitFor();
		return output;
	}

}
