package org.partnertls.onboarding;

import java.util.ArrayList;
import java.util.List;

import org.partnertls.onboarding.Recipe.Direction;
import org.partnertls.onboarding.Recipe.Step;

/**
 * Exchange Online: one partner connector for each direction (New-OutboundConnector,
 * New-InboundConnector, Validate-OutboundConnector). A connector of its own leaves those
 * that exist untouched; where one names our domains already it has to be amended instead,
 * since the choice between two is undefined.
 */
final class ExchangeOnlineRecipe {

	private ExchangeOnlineRecipe() {
	}

	static Recipe with(RecipeNames names) {
		return new Recipe(MailPlatform.EXCHANGE_ONLINE, """
				The Exchange Administrator role, and either the Exchange admin center (Mail flow › Connectors) or \
				PowerShell with the module ExchangeOnlineManagement 3 or newer: sign in with Connect-ExchangeOnline, \
				then run the lines below in that window. Every Exchange Online plan has connectors.""", toUs(names),
				fromUs(names));
	}

	private static Direction toUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that your organisation sends to [[domains]], not to sub-domains of them. It goes where our MX \
				records point, encrypted, to a server with a valid certificate from a trusted authority. Mail that you \
				send by way of another service, such as a newsletter provider, does not pass your connectors."""),
				stepsToUs(names), """
						Exchange Online keeps the message, tries again for 24 hours and then returns it to the sender. \
						It is never sent in clear text. The message trace says why (for example 4.7.320, the \
						certificate; 4.4.317, no encryption offered).""");
	}

	private static List<Step> stepsToUs(RecipeNames names) {
		List<Step> steps = new ArrayList<>();
		steps.add(Step.look(
				names
					.fill("""
							In the Exchange admin center, open Mail flow › Connectors and look for one from Office 365 to a partner \
							organisation that names one of our domains. If there is one, do not make a second: which of two is \
							used is undefined. Change the security of that one to "Always use TLS", trusted certificate authority, \
							and go on with the check."""),
				"""
						$params = 'Name', 'Enabled', 'ConnectorType', 'RecipientDomains', 'UseMXRecord', 'SmartHosts',
						  'TlsSettings', 'TlsDomain', 'IsTransportRuleScoped'
						Get-OutboundConnector -IncludeTestModeConnectors $true | Format-List $params
						Get-OutboundConnector -IsTransportRuleScoped $true | Format-List $params"""));
		steps.add(Step.backup("Keep all outbound connectors as they are today in a file.", """
				Get-OutboundConnector -IncludeTestModeConnectors $true |
				  Export-Clixml -NoClobber -Path "outbound-connectors-$(Get-Date -Format yyyyMMdd-HHmmss).xml\""""));
		steps.add(Step.tryOut(
				names
					.fill("""
							Create the connector switched off, so that no mail uses it yet. In the admin center: Add a connector; \
							from Office 365, to Partner organization; name it "To [[primary]]"; take the tick from "Turn it on"; \
							only when messages are sent to these domains: [[domains]]; use the MX record; always use TLS, issued by \
							a trusted certificate authority (CA)."""),
				names
					.fill("""
							New-OutboundConnector -Name 'To [[primary]]' -ConnectorType Partner -Enabled $false `
							  -RecipientDomains [[domains.powershell]] -UseMXRecord $true -TlsSettings CertificateValidation `
							  -Comment 'TLS is required toward this partner.'""")));
		steps.add(Step.tryOut(
				names
					.fill("""
							Validate it: Exchange Online sends a test message to us under exactly this rule. Every line must end in \
							True. A connector can take up to an hour to be known everywhere, so try once more later before you \
							look for a fault."""),
				names.fill("""
						Validate-OutboundConnector -Identity 'To [[primary]]' -Recipients 'postmaster@[[primary]]' |
						  Format-Table TaskName, IsTaskSuccessful""")));
		steps.add(Step.change("""
				Switch it on. In the admin center: select the connector and turn it on.""", names.fill("""
				Set-OutboundConnector -Identity 'To [[primary]]' -Enabled $true""")));
		steps.add(Step.reload("""
				Nothing to do: Exchange Online takes the connector up by itself, within an hour.""", null));
		steps.add(Step.check("""
				Read it back, then send us the test message from the task list. We see on our side how it came.""",
				names.fill("""
						Get-OutboundConnector -Identity 'To [[primary]]' |
						  Format-List Name, Enabled, RecipientDomains, UseMXRecord, TlsSettings, TlsDomain""")));
		if (!names.onlyMxName().isEmpty()) {
			steps.add(Step.change("""
					If you like it stricter: also insist on the name in our servers' certificate. Validate again \
					afterwards; should that fail, go back with -TlsSettings CertificateValidation -TlsDomain $null.""",
					names.fill("""
							Set-OutboundConnector -Identity 'To [[primary]]' `
							  -TlsSettings DomainValidation -TlsDomain '%s'""".formatted(names.onlyMxName()))));
		}
		steps.add(Step.undo("""
				Switch it off, or remove it: PowerShell asks before it does. Exchange Online then encrypts toward us \
				when it can, as it did before.""", names.fill("""
				Set-OutboundConnector -Identity 'To [[primary]]' -Enabled $false
				Remove-OutboundConnector -Identity 'To [[primary]]'""")));
		return steps;
	}

	private static Direction fromUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that arrives with an envelope sender in [[domains]], not in sub-domains of them. It refuses \
				what does not come over TLS; it does not prove who the sender is. If a gateway stands in front of \
				Exchange Online, refuse clear text on that gateway: Exchange Online only sees the gateway."""), List
			.of(Step.look(names.fill("""
					In the Exchange admin center, open Mail flow › Connectors and look for one from a partner \
					organisation that names one of our domains or *. If one names our domain, do not make a second: \
					switch "Reject email messages if they aren't sent over TLS" on there and go on with the \
					check."""), """
					Get-InboundConnector | Format-List Name, Enabled, ConnectorType, SenderDomains, RequireTls,
					  RestrictDomainsToIPAddresses, SenderIPAddresses, RestrictDomainsToCertificate,
					  TlsSenderCertificateName"""), Step.backup(
					"Keep all inbound connectors as they are today in a file.",
					"""
							Get-InboundConnector |
							  Export-Clixml -NoClobber -Path "inbound-connectors-$(Get-Date -Format yyyyMMdd-HHmmss).xml\""""),
					Step.tryOut("""
							Microsoft offers no test for this direction. Look instead at a message that came from \
							us lately: its headers should say "version=TLS1_2" or "version=TLS1_3" in the Received \
							line where your organisation took it over from ours. Then let PowerShell say what it \
							would create.""", names.fill(newInbound("-WhatIf"))), Step.change(names.fill("""
							Create the connector. In the admin center: Add a connector; from Partner organization; \
							name it "From [[primary]]"; identify by the sender's domain: [[domains]]; tick "Reject \
							email messages if they aren't sent over TLS" and leave the other restrictions \
							empty."""), names.fill(newInbound("-Enabled $true"))), Step.reload("""
							Nothing to do: Exchange Online takes the connector up by itself, within an hour.""", null),
					Step.check("""
							Read it back, then confirm the test message that we send you: it must still arrive.""",
							names.fill("""
									Get-InboundConnector -Identity 'From [[primary]]' |
									  Format-List Name, Enabled, SenderDomains, RequireTls""")),
					Step.undo("""
							Switch it off, or remove it: PowerShell asks before it does.""", names.fill("""
							Set-InboundConnector -Identity 'From [[primary]]' -Enabled $false
							Remove-InboundConnector -Identity 'From [[primary]]'"""))),
				"""
						Exchange Online refuses the message with "451 5.7.3 STARTTLS is required" before its content is \
						sent. Our side keeps it, tries again and returns it to our sender after about a day.""");
	}

	private static String newInbound(String last) {
		return """
				New-InboundConnector -Name 'From [[primary]]' -ConnectorType Partner `
				  -SenderDomains [[domains.powershell]] -RequireTls $true `
				  -RestrictDomainsToIPAddresses $false -RestrictDomainsToCertificate $false `
				  -Comment 'Clear text from this partner is refused.' %s""".formatted(last);
	}

}
