package org.partnertls.connector;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is written for PowerShell says what is meant and nothing else, whatever stands in
 * it.
 */
class PowerShellTests {

	/** A text in single quotes, with doubled quotes inside. */
	private static final String QUOTED = "'(?:[ -&(-~]|'')*'";

	/** A text: nothing in it that PowerShell would expand. */
	private static final String TEXT = "(?:" + QUOTED + "|\\(''(?: \\+ (?:" + QUOTED
			+ "|\\[char\\]0x[0-9A-F]{4}))+\\))";

	private static final String VALUE = "(?:\\$null|\\$true|\\$false|" + TEXT + "|@\\((?:" + TEXT + "(?:, " + TEXT
			+ ")*)?\\))";

	private static final String TABLE = "@\\{(?: [A-Za-z]+ = " + VALUE + ";)* \\}";

	/** Every line that depends on the plan. */
	private static final Pattern CALL = Pattern
		.compile("    (?:New-Wanted " + TEXT + " " + TABLE + "|Set-Wanted (?:" + TEXT + " ){3}" + TABLE + " " + TABLE
				+ "|Test-Outbound (?:" + TEXT + " ){2}" + VALUE + "|Remove-Known (?:" + TEXT + " ){2}" + TEXT + ")");

	@TempDir
	private Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "plain", "", "it's", "'; Remove-Mailbox *; '", "\u2018\u2019\u201A\u201B",
			"\u201C$(x)\u201D", "$(Remove-Mailbox)", "`n`$x", "a\r\nRemove-Mailbox", "\u0000\u001b[31m", "\u202Eevil",
			"ü@ß.example", "\uD83D\uDE00", "''", "'", "\\", "\"", "# no comment", "@('x')", "%s",
			"\u0085\u2028\u00A0" })
	void aTextIsWrittenAsOneThatPowerShellReadsBack(String hostile) {
		String written = PowerShell.quoted(hostile);
		assertThat(written).matches(TEXT);
		assertThat(read(written)).isEqualTo(hostile.replaceAll("\\p{Cntrl}|\u0085", " "));
		assertThat(PowerShell.line("Set-InboundConnector", hostile, Map.of("SenderDomains", List.of(hostile, "x"))))
			.matches("Set-InboundConnector -Identity " + TEXT + " -SenderDomains " + VALUE);
	}

	/** As PowerShell does: doubled quotes are one, [char] is a character, + joins. */
	private static String read(String expression) {
		StringBuilder text = new StringBuilder();
		Matcher parts = Pattern.compile("'((?:[^']|'')*)'|\\[char\\]0x([0-9A-F]{4})").matcher(expression);
		while (parts.find()) {
			text.append((parts.group(1) != null) ? parts.group(1).replace("''", "'")
					: String.valueOf((char) Integer.parseInt(parts.group(2), 16)));
		}
		return text.toString();
	}

	private static Plan hostilePlan(ChangeKind kind) {
		Wanted wanted = new Wanted(UUID.fromString("00000000-0000-7000-8000-00000000000a"), "Acme'; Remove-Mailbox",
				new TreeSet<>(List.of(DomainName.of("bücher.example"), DomainName.of("acme.example"))),
				TlsLevel.DOMAIN_VALIDATION, "*.mx.acme.example", List.of(EmailAddress.of("o'brien`$x{'}@acme.example")),
				new Wanted.ByAddress(List.of("198.51.100.0/24")), "TLS-1");
		String name = "To acme\u2019; Remove-Mailbox '*' $(x)\r\n#";
		return Plan.of(kind, wanted, new Names("To {domain}", "From {domain}"),
				List.of(PlanTests.outbound("guid-1", name, "It's \u2018mine\u2019", "EncryptionOnly",
						List.of("acme.example"))),
				(kind == ChangeKind.ENFORCE) ? List.of()
						: List.of(PlanTests.inbound("guid'2", name, List.of("acme.example"))),
				new Plan.Known("guid-1", "guid'2"));
	}

	@Test
	void everyLineThatThePlanDecidesIsACallWithTextsOnly() {
		List<String> fixed = PowerShell.lines(Plan.of(ChangeKind.SUSPEND, PlanTests.wanted(),
				new Names("To {domain}", "From {domain}"), Tenant.EMPTY, Plan.Known.NONE), null);
		for (ChangeKind kind : List.of(ChangeKind.ENFORCE, ChangeKind.SUSPEND, ChangeKind.REMOVE)) {
			List<String> lines = PowerShell.lines(hostilePlan(kind), null);
			assertThat(String.join("\n", lines)).as("no other letters").matches(Pattern.compile("[\\n -~]+"));
			assertThat(lines).filteredOn((line) -> !fixed.contains(line))
				.hasSizeGreaterThan(2)
				.allSatisfy(
						(line) -> assertThat(line).matches("# Partner TLS Portal, plan [0-9a-f]{12}\\.|if \\(\\$Stage"
								+ " -eq '(?:Prepare|Validate|Enforce)'\\) \\{|    # Only after .*|" + CALL.pattern()));
		}
	}

	@Test
	void theStagesFollowThoseOfThePush() {
		List<String> lines = PowerShell
			.lines(Plan.of(ChangeKind.ENFORCE, PlanTests.wanted(), new Names("To {domain}", "From {domain}"),
					Tenant.EMPTY, Plan.Known.NONE), null)
			.stream()
			.filter((line) -> line.startsWith("if ($Stage") || CALL.matcher(line).matches())
			.toList();
		assertThat(lines).hasSize(9);
		assertThat(lines.get(0)).contains("'Prepare'");
		assertThat(lines.get(1)).contains("New-Wanted 'Outbound'", "Enabled = $false", "'acme.example'");
		assertThat(lines.get(2)).contains("New-Wanted 'Inbound'", "Enabled = $true", "RequireTls = $false");
		assertThat(lines.get(3)).contains("'Validate'");
		assertThat(lines.get(4)).contains("Test-Outbound", "'postmaster@acme.example'");
		assertThat(lines.get(5)).contains("Set-Wanted 'Outbound'", "@{ Enabled = $true; } @{ Enabled = $false; }");
		assertThat(lines.get(6)).contains("'Enforce'");
		assertThat(lines.get(7)).contains("Set-Wanted 'Inbound'", "@{ RequireTls = $true; } @{ RequireTls = $false; }");
	}

	@Test
	void everyWriteAsksShouldProcessFirst() {
		String script = String.join("\n", PowerShell.lines(hostilePlan(ChangeKind.ENFORCE), null));
		Matcher write = Pattern.compile("(?:New|Set|Remove|Validate)-(?:In|Out)boundConnector").matcher(script);
		int writes = 0;
		while (write.find()) {
			int function = script.lastIndexOf("\nfunction ", write.start());
			assertThat(script.substring(function, write.start())).contains("if ($PSCmdlet.ShouldProcess(");
			writes++;
		}
		assertThat(writes).isEqualTo(8);
	}

	/** The script compares with the same eyes as the portal: see Form. */
	@Test
	void whatTheTenantStoresInAnotherFormIsNoDifference() {
		String script = String.join("\n", PowerShell.lines(hostilePlan(ChangeKind.ENFORCE), null));
		String plain = script.substring(script.indexOf("function ConvertTo-Plain"), script.indexOf("function Get-All"));
		assertThat(replaced(plain, "[203.0.113.7]")).isEqualTo("203.0.113.7");
		assertThat(replaced(plain, "smtp:*.acme.example;1")).isEqualTo("*.acme.example");
		assertThat(replaced(plain, "relay.acme.example")).isEqualTo("relay.acme.example");
		assertThat(plain).contains("ConvertTo-Ascii ((");
		assertThat(script).contains("(New-Object System.Globalization.IdnMapping).GetAscii($Text)");
	}

	/** As -replace does, one after the other. */
	private static String replaced(String script, String value) {
		Matcher replace = Pattern.compile("-replace '([^']+)', '([^']*)'").matcher(script);
		String text = value;
		while (replace.find()) {
			text = text.replaceAll(replace.group(1), replace.group(2));
		}
		return text;
	}

	@Test
	void theScriptSignsInToTheCloudThatTheTenantIsIn() {
		assertThat(PowerShell.lines(hostilePlan(ChangeKind.ENFORCE), null))
			.contains("    Connect-ExchangeOnline -ShowBanner:$false");
		assertThat(PowerShell.lines(hostilePlan(ChangeKind.ENFORCE), "O365USGovGCCHigh"))
			.contains("    Connect-ExchangeOnline -ExchangeEnvironmentName O365USGovGCCHigh -ShowBanner:$false");
		assertThat(Relief.powershell(ReliefStep.OUTBOUND_OFF, "guid-1", "O365China")).first()
			.isEqualTo("Connect-ExchangeOnline -ExchangeEnvironmentName O365China");
	}

	@Test
	void linesOfAReliefNameTheConnectorByItsGuid() {
		assertThat(Relief.powershell(ReliefStep.OUTBOUND_ENCRYPTION_ONLY, "guid-1", null)).containsExactly(
				"Connect-ExchangeOnline",
				"Set-OutboundConnector -Identity 'guid-1' -TlsDomain $null -TlsSettings 'EncryptionOnly'");
	}

	@Test
	void aRealPowerShellParsesTheScript() throws IOException, InterruptedException {
		Path script = this.directory.resolve("change.ps1");
		Files.write(script, PowerShell.lines(hostilePlan(ChangeKind.ENFORCE), null), StandardCharsets.US_ASCII);
		Process parser;
		try {
			parser = new ProcessBuilder("pwsh", "-NoProfile", "-NonInteractive", "-Command",
					"$e = $null; [System.Management.Automation.Language.Parser]::ParseFile('" + script
							+ "', [ref] $null, [ref] $e) | Out-Null; $e | ForEach-Object { $_.ToString() };"
							+ " exit $e.Count")
				.redirectErrorStream(true)
				.start();
		}
		catch (IOException ex) {
			System.out.println("Not parsed by a real PowerShell: no pwsh is installed here.");
			Assumptions.abort("no pwsh is installed here");
			return;
		}
		String said = new String(parser.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(parser.waitFor(60, TimeUnit.SECONDS)).isTrue();
		assertThat(parser.exitValue()).as(said).isZero();
	}

}
