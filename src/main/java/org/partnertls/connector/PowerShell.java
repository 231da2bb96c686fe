package org.partnertls.connector;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;

/**
 * Writes cmdlets for Exchange Online PowerShell, for people who do by hand what the
 * portal cannot. What is written is plain ASCII whatever stands in it: Windows PowerShell
 * reads a file without a mark as the machine's own code page, and there some letters turn
 * into quotation marks.
 */
final class PowerShell {

	private static final String CONNECT = "Connect-ExchangeOnline";

	private static final String SHARED = "Name,Guid,Enabled,ConnectorType,ConnectorSource,Comment,CloudServicesMailEnabled,"
			+ "IsValid,WhenCreatedUTC,WhenChangedUTC,";

	private static final String OUTBOUND = SHARED + "RecipientDomains,SmartHosts,UseMXRecord,TlsSettings,TlsDomain,"
			+ "SmtpDaneMode,MtaStsMode,IsTransportRuleScoped,AllAcceptedDomains,RouteAllMessagesViaOnPremises,"
			+ "SenderRewritingEnabled,TestMode,ValidationRecipients,IsValidated,LastValidationTimestamp";

	private static final String INBOUND = SHARED + "SenderDomains,SenderIPAddresses,RequireTls,"
			+ "RestrictDomainsToCertificate,RestrictDomainsToIPAddresses,TlsSenderCertificateName,"
			+ "AssociatedAcceptedDomains,TrustedOrganizations,TreatMessagesAsInternal,EFSkipLastIP,EFSkipIPs,EFUsers";

	private static final String TOP = """
			# [[title]]
			# Safe to run again: what is so already is left alone. Try it with -WhatIf first.
			[CmdletBinding(SupportsShouldProcess = $true)]
			param(
			    [ValidateSet('Prepare', 'Validate', 'Enforce', 'Read')]
			    [string] $Stage = 'Prepare'
			)
			$ErrorActionPreference = 'Stop'
			if (-not (Get-Command -Name 'Get-OutboundConnector' -ErrorAction SilentlyContinue)) {
			    [[connect]] -ShowBanner:$false
			}

			# Names of domains are compared as they stand in the DNS.
			function ConvertTo-Ascii([string] $Text) {
			    if ($Text -notmatch '[^\\x00-\\x7f]') { return $Text }
			    try { return (New-Object System.Globalization.IdnMapping).GetAscii($Text) } catch { return $Text }
			}

			# The same value in one form, however the tenant stores it.
			function ConvertTo-Plain($Value) {
			    if ($null -eq $Value) { return '' }
			    $texts = @($Value | ForEach-Object { ConvertTo-Ascii (([string] $_).ToLowerInvariant() -replace '^smtp:', '' -replace ';\\d+$', '' -replace '^\\[(.*)\\]$', '$1') })
			    return (@($texts | Where-Object { $_ -ne '' } | Sort-Object -Unique) -join ',')
			}

			function Get-All([string] $Direction) {
			    if ($Direction -eq 'Inbound') { return @(Get-InboundConnector -ResultSize Unlimited) }
			    $found = @(Get-OutboundConnector -ResultSize Unlimited)
			    $found += @(Get-OutboundConnector -ResultSize Unlimited -IncludeTestModeConnectors $true)
			    $found += @(Get-OutboundConnector -ResultSize Unlimited -IsTransportRuleScoped $true)
			    return @($found | Sort-Object -Property Guid -Unique)
			}

			function Find-Connector([string] $Direction, [string] $Guid, [string] $Name) {
			    $all = @(Get-All $Direction)
			    if ($Guid -ne '') { return $all | Where-Object { [string] $_.Guid -eq $Guid } | Select-Object -First 1 }
			    return $all | Where-Object { $_.Name -eq $Name } | Select-Object -First 1
			}

			function Get-Difference($Stored, [hashtable] $Wanted) {
			    return @($Wanted.Keys | Where-Object { (ConvertTo-Plain $Stored.$_) -ne (ConvertTo-Plain $Wanted[$_]) } | Sort-Object)
			}

			function New-Wanted([string] $Direction, [hashtable] $Wanted) {
			    $name = $Wanted['Name']
			    $stored = Find-Connector $Direction '' $name
			    if ($null -ne $stored) {
			        $differing = @(Get-Difference $stored $Wanted)
			        if ($differing.Count -eq 0) { Write-Output "$name is there already."; return }
			        if ((ConvertTo-Plain $stored.Comment) -ne (ConvertTo-Plain $Wanted['Comment'])) {
			            throw "A connector named $name exists that the portal did not make. Rename or remove it first."
			        }
			        Write-Output "$name is there already; it differs in: $($differing -join ', ')."
			        return
			    }
			    if ($PSCmdlet.ShouldProcess($name, "Create this $Direction connector")) {
			        if ($Direction -eq 'Inbound') { New-InboundConnector @Wanted | Out-Null } else { New-OutboundConnector @Wanted | Out-Null }
			        Write-Output "$name is created."
			    }
			}

			function Set-Wanted([string] $Direction, [string] $Guid, [string] $Name, [hashtable] $Wanted, [hashtable] $Before) {
			    $stored = Find-Connector $Direction $Guid $Name
			    if ($null -eq $stored) {
			        throw "$Name is not in the tenant. A new connector can take some minutes to show; run this stage again then."
			    }
			    $differing = @(Get-Difference $stored $Wanted)
			    if ($differing.Count -eq 0) { Write-Output "$Name is as wanted already."; return }
			    foreach ($key in $differing) {
			        if ($Before.ContainsKey($key) -and (ConvertTo-Plain $stored.$key) -ne (ConvertTo-Plain $Before[$key])) {
			            throw "Somebody has changed $key of $Name since this was approved. Have the plan computed again in the portal."
			        }
			    }
			    if ($PSCmdlet.ShouldProcess($Name, "Change $($differing -join ', ')")) {
			        $change = @{ Identity = [string] $stored.Guid }
			        foreach ($key in $differing) { $change[$key] = $Wanted[$key] }
			        if ($Direction -eq 'Inbound') { Set-InboundConnector @change } else { Set-OutboundConnector @change }
			        Write-Output "$Name is changed: $($differing -join ', ')."
			    }
			}

			function Remove-Known([string] $Direction, [string] $Guid, [string] $Name) {
			    $stored = Find-Connector $Direction $Guid $Name
			    if ($null -eq $stored) { Write-Output "$Name is gone already."; return }
			    if ($PSCmdlet.ShouldProcess($Name, "Remove this $Direction connector")) {
			        $identity = [string] $stored.Guid
			        if ($Direction -eq 'Inbound') { Remove-InboundConnector -Identity $identity -Confirm:$false } else { Remove-OutboundConnector -Identity $identity -Confirm:$false }
			        Write-Output "$Name is removed."
			    }
			}

			function Test-Outbound([string] $Guid, [string] $Name, [string[]] $Recipients) {
			    $stored = Find-Connector 'Outbound' $Guid $Name
			    if ($null -eq $stored) { throw "$Name is not in the tenant yet. Run this stage again in some minutes." }
			    if ($PSCmdlet.ShouldProcess($Name, "Send a validation message to $($Recipients -join ', ')")) {
			        $identity = [string] $stored.Guid
			        $tasks = @(Validate-OutboundConnector -Identity $identity -Recipients $Recipients)
			        $tasks | Format-Table -Property TaskName, IsTaskSuccessful -AutoSize | Out-String | Write-Output
			        if ($tasks.Count -eq 0 -or @($tasks | Where-Object { -not $_.IsTaskSuccessful }).Count -gt 0) {
			            throw "The validation of $Name failed. A new connector needs up to an hour; try again, then ask the partner."
			        }
			        Set-OutboundConnector -Identity $identity -IsValidated $true -LastValidationTimestamp (Get-Date).ToUniversalTime() -ValidationRecipients $Recipients
			    }
			}
			""";

	private static final String READ = """

			if ($Stage -eq 'Read') {
			    # Paste both files into the portal.
			    ConvertTo-Json -Compress -Depth 4 -InputObject @(Get-All 'Outbound' | Select-Object OUTBOUND) | Set-Content -Path 'connectors-outbound.json' -Encoding UTF8
			    ConvertTo-Json -Compress -Depth 4 -InputObject @(Get-All 'Inbound' | Select-Object INBOUND) | Set-Content -Path 'connectors-inbound.json' -Encoding UTF8
			    Write-Output 'Written: connectors-outbound.json and connectors-inbound.json.'
			}
			"""
		.replace("Select-Object OUTBOUND", "Select-Object " + OUTBOUND)
		.replace("Select-Object INBOUND", "Select-Object " + INBOUND);

	private PowerShell() {
	}

	/**
	 * The line that signs in.
	 * @param environment the cloud's name; null: none is needed
	 */
	static String connect(@Nullable String environment) {
		return (environment != null) ? CONNECT + " -ExchangeEnvironmentName " + environment : CONNECT;
	}

	/** The line whose output is pasted back for a direction. */
	static String readLine(Direction direction) {
		return "ConvertTo-Json -Compress -Depth 4 -InputObject @(Get-" + direction.noun()
				+ " -ResultSize Unlimited | Select-Object " + properties(direction) + ") | Set-Clipboard";
	}

	private static String properties(Direction direction) {
		return (direction == Direction.OUTBOUND) ? OUTBOUND : INBOUND;
	}

	static String line(String cmdlet, @Nullable String identity, Map<String, @Nullable Object> parameters) {
		StringBuilder line = new StringBuilder(cmdlet);
		if (identity != null) {
			line.append(" -Identity ").append(quoted(identity));
		}
		parameters.forEach((name, value) -> line.append(" -").append(name).append(' ').append(value(value)));
		return line.toString();
	}

	/**
	 * The script that does what a plan says, in its stages, as lines.
	 * @param environment the cloud's name; null: none is needed
	 */
	static List<String> lines(Plan plan, @Nullable String environment) {
		Map<Stage, List<String>> stages = new LinkedHashMap<>();
		for (Stage stage : Stage.values()) {
			stages.put(stage, new ArrayList<>());
		}
		for (Plan.Action action : plan.actions()) {
			if (action.isWork()) {
				write(plan, action, stages);
			}
		}
		StringBuilder script = new StringBuilder(
				TOP.replace("[[title]]", "Partner TLS Portal, plan " + plan.hash().substring(0, 12) + ".")
					.replace("[[connect]]", connect(environment)));
		stages.forEach((stage, lines) -> {
			if (!lines.isEmpty()) {
				script.append("\nif ($Stage -eq '").append(stage.word).append("') {\n");
				lines.forEach((line) -> script.append("    ").append(line).append('\n'));
				script.append("}\n");
			}
		});
		return script.append(READ).toString().lines().toList();
	}

	private static void write(Plan plan, Plan.Action action, Map<Stage, List<String>> stages) {
		List<String> prepare = Objects.requireNonNull(stages.get(Stage.PREPARE));
		String direction = quoted(action.direction().words());
		String guid = quoted(Objects.requireNonNullElse(action.guid(), ""));
		String name = quoted(action.name());
		Form after = action.after();
		Form before = action.before();
		if (after == null) {
			prepare.add("Remove-Known " + direction + " " + guid + " " + name);
			return;
		}
		// The same stages as those of the push.
		boolean staged = (action.direction() == Direction.OUTBOUND)
				? StepKind.of(plan).contains(StepKind.OUTBOUND_VALIDATE) : plan.kind() == ChangeKind.ENFORCE;
		Form first = !staged ? after : (action.direction() == Direction.OUTBOUND)
				? after.with(Form.ENABLED, before != null && before.is(Form.ENABLED)) : after.watching();
		if (before == null) {
			prepare.add("New-Wanted " + direction + " " + table(first.forCreation(action.direction(), action.name())));
		}
		else if (!staged || action.direction() == Direction.OUTBOUND || !action.isRejecting()) {
			prepare.add(set(action, first, before));
		}
		if (!staged) {
			return;
		}
		if (action.direction() == Direction.OUTBOUND) {
			Objects.requireNonNull(stages.get(Stage.VALIDATE))
				.add("Test-Outbound " + guid + " " + name + " "
						+ value(plan.wanted().validationRecipients().stream().map(EmailAddress::toString).toList()));
			Objects.requireNonNull(stages.get(Stage.VALIDATE)).add(set(action, after, first));
		}
		else {
			Objects.requireNonNull(stages.get(Stage.ENFORCE))
				.add("# Only after a test message has proven TLS, at the hour that was announced.");
			Objects.requireNonNull(stages.get(Stage.ENFORCE))
				.add(set(action, after, action.isRejecting() ? Objects.requireNonNull(before) : first));
		}
	}

	private static String set(Plan.Action action, Form wanted, Form base) {
		SortedSet<String> differences = wanted.differences(base);
		return "Set-Wanted " + quoted(action.direction().words()) + " "
				+ quoted(Objects.requireNonNullElse(action.guid(), "")) + " " + quoted(action.name()) + " "
				+ table(wanted.only(differences)) + " " + table(base.only(differences));
	}

	private static String table(Map<String, @Nullable Object> values) {
		StringBuilder table = new StringBuilder("@{");
		values.forEach((key, value) -> table.append(' ').append(key).append(" = ").append(value(value)).append(';'));
		return table.append(" }").toString();
	}

	private static String value(@Nullable Object value) {
		return switch (value) {
			case null -> "$null";
			case Boolean flag -> flag ? "$true" : "$false";
			case Instant instant -> quoted(instant.toString());
			case List<?> list -> list.isEmpty() ? "@()" : "@("
					+ String.join(", ", list.stream().map((element) -> quoted(element.toString())).toList()) + ")";
			default -> quoted(value.toString());
		};
	}

	/**
	 * A text as an expression in which nothing is expanded. Single quotes hold what is
	 * printable ASCII; everything else stands as its number.
	 */
	static String quoted(String text) {
		List<String> parts = new ArrayList<>();
		StringBuilder plain = new StringBuilder();
		for (int i = 0; i < text.length(); i++) {
			char unit = text.charAt(i);
			if (unit >= ' ' && unit <= '~') {
				plain.append((unit == '\'') ? "''" : String.valueOf(unit));
				continue;
			}
			if (!plain.isEmpty()) {
				parts.add("'" + plain + "'");
				plain.setLength(0);
			}
			parts.add(Character.isISOControl(unit) ? "' '" : "[char]0x%04X".formatted((int) unit));
		}
		if (!plain.isEmpty() || parts.isEmpty()) {
			parts.add("'" + plain + "'");
		}
		if (parts.size() == 1 && parts.getFirst().startsWith("'")) {
			return parts.getFirst();
		}
		// The first must be text, so that + joins instead of adding numbers.
		return "('' + " + String.join(" + ", parts) + ")";
	}

	/** In which run of the script something is done. */
	private enum Stage {

		PREPARE("Prepare"), VALIDATE("Validate"), ENFORCE("Enforce");

		private final String word;

		Stage(String word) {
			this.word = word;
		}

	}

}
