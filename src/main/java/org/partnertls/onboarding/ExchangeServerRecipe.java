package org.partnertls.onboarding;

import java.util.ArrayList;
import java.util.List;

import org.partnertls.onboarding.Recipe.Direction;
import org.partnertls.onboarding.Recipe.Step;

/**
 * Exchange Server: a send connector for our domains, a receive connector for our sending
 * addresses. Not "Domain Security" (usage type Partner): that is mutual TLS between two
 * Exchange Servers, in which Exchange Online takes no part.
 */
final class ExchangeServerRecipe {

	private ExchangeServerRecipe() {
	}

	static Recipe with(RecipeNames names) {
		return new Recipe(MailPlatform.EXCHANGE_SERVER, """
				Exchange Server 2016, 2019 or Subscription Edition with TLS 1.2 switched on in Windows, the \
				Organization Management role, and the Exchange Management Shell. If a gateway stands between Exchange \
				and the Internet, set this up on the gateway instead. Do not choose the usage type Partner: it stands \
				for Domain Security, which does not work with Microsoft 365.""", toUs(names), fromUs(names));
	}

	private static Direction toUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that your Exchange organisation sends to [[domains]], not to sub-domains of them. It goes \
				straight to where our MX records point, encrypted, to a server with a valid certificate from a trusted \
				authority."""), stepsToUs(names), """
				The message waits in the queue of this connector and is tried again until the expiration time-out (2 \
				days unless you changed it); then the sender gets it back. It is never sent in clear text. \
				Get-Queue shows the reason under LastError.""");
	}

	private static List<Step> stepsToUs(RecipeNames names) {
		List<Step> steps = new ArrayList<>();
		steps.add(Step.look(names.fill("""
				If a connector names one of our domains as an address space already, do not make a second one: set \
				RequireTLS and TlsAuthLevel there (IgnoreSTARTTLS must be False) and go on with the check. If your \
				connector for * uses smart hosts, mail to us goes through them today: make sure that your servers \
				may reach the Internet on port 25 before you go on."""), """
				Get-SendConnector | Format-List Name, Enabled, AddressSpaces, DNSRoutingEnabled, SmartHosts, RequireTLS,
				  TlsAuthLevel, TlsDomain, IgnoreSTARTTLS, DomainSecureEnabled, Fqdn, SourceTransportServers"""));
		steps.add(Step.backup("Keep all send connectors as they are today in a file.", """
				Get-SendConnector |
				  Export-Clixml -NoClobber -Path "send-connectors-$(Get-Date -Format yyyyMMdd-HHmmss).xml\""""));
		steps.add(Step.tryOut(names.fill("""
				Create the connector switched off, so that no mail uses it yet. It is given the same source servers as \
				your connector for all other mail; if the first line shows none, name your servers yourself. It logs \
				the conversation with our servers."""), names.fill("""
				$servers = (Get-SendConnector | Where-Object { $_.AddressSpaces -like 'SMTP:`*;*' } |
				  Select-Object -First 1).SourceTransportServers
				$servers
				New-SendConnector -Name 'To [[primary]]' -Usage Custom -Enabled $false `
				  -AddressSpaces [[domains.powershell]] -DNSRoutingEnabled $true -SourceTransportServers $servers `
				  -RequireTLS $true -TlsAuthLevel CertificateValidation -IgnoreSTARTTLS $false `
				  -ProtocolLoggingLevel Verbose""")));
		steps.add(Step.tryOut("""
				On a source server, make sure that our servers can be reached: each MX host must answer on port 25.""",
				names.fill("""
						[[domains.powershell]] | ForEach-Object { Resolve-DnsName -Name $_ -Type MX } |
						  ForEach-Object { Test-NetConnection -ComputerName $_.NameExchange -Port 25 } |
						  Format-Table ComputerName, TcpTestSucceeded""")));
		steps.add(Step.change("Switch it on.", names.fill("""
				Set-SendConnector -Identity 'To [[primary]]' -Enabled $true""")));
		steps.add(Step.reload("""
				Nothing to restart: the transport service takes the connector up by itself within minutes.""", null));
		steps.add(Step.check("""
				Send us the test message from the task list, then look at the queue: it must be empty. We see on our \
				side how the message came.""", names.fill("""
				Get-SendConnector -Identity 'To [[primary]]' |
				  Format-List Name, Enabled, AddressSpaces, DNSRoutingEnabled, RequireTLS, TlsAuthLevel, TlsDomain
				Get-Queue | Where-Object { $_.NextHopDomain -in [[domains.powershell]] } |
				  Format-List Identity, Status, MessageCount, LastError""")));
		if (!names.onlyMxName().isEmpty()) {
			steps.add(Step.change("""
					If you like it stricter: also insist on the name in our servers' certificate. Should mail then \
					queue, go back with -TlsAuthLevel CertificateValidation -TlsDomain $null.""", names.fill("""
					Set-SendConnector -Identity 'To [[primary]]' `
					  -TlsAuthLevel DomainValidation -TlsDomain '%s'""".formatted(names.onlyMxName()))));
		}
		steps.add(Step.undo("""
				Switch it off, or remove it: the shell asks before it does. Mail to us then takes your other \
				connector, as before.""", names.fill("""
				Set-SendConnector -Identity 'To [[primary]]' -Enabled $false
				Remove-SendConnector -Identity 'To [[primary]]'""")));
		return steps;
	}

	private static Direction fromUs(RecipeNames names) {
		return new Direction(names.fill("""
				Exchange Server cannot require TLS by sender domain, only by the address that a message comes from. \
				The connector below therefore refuses clear text from the addresses that we send from, whoever the \
				sender is; clear text that claims to be from [[domains]] but comes from elsewhere still reaches your \
				other connectors. If that is not enough for you, answer "not possible on our platform" and tell us: \
				it becomes an exception that both sides know of."""), List.of(
				Step.look(
						names
							.fill("""
									Ask us for the addresses that we send from ([[support]]); our servers' certificates name [[sending]]. \
									Then see which connectors listen on port 25. Mail is taken by the one whose RemoteIPRanges fit most \
									closely. If one names our addresses already, set RequireTLS there instead."""),
						"""
								Get-ReceiveConnector | Format-List Identity, Enabled, TransportRole, Bindings, RemoteIPRanges, RequireTLS,
								  AuthMechanism, PermissionGroups, Fqdn, TlsCertificateName"""),
				Step.backup("Keep all receive connectors as they are today in a file.",
						"""
								Get-ReceiveConnector |
								  Export-Clixml -NoClobber -Path "receive-connectors-$(Get-Date -Format yyyyMMdd-HHmmss).xml\""""),
				Step.tryOut("""
						Put our addresses into the first line, one after another in quotes and with commas (IPv4, \
						ranges as 192.0.2.0/24), and your server's name into the second. Then let the shell say what \
						it would create. Repeat this and the change for every server that takes mail from the \
						Internet.""", names.fill(newReceiveConnector("-WhatIf"))),
				Step.change("""
						Create the connector, in the same window, where the shell still knows the two values.""",
						names.fill(newReceiveConnector("-ProtocolLoggingLevel Verbose"))),
				Step.reload("""
						Nothing to restart: the transport service takes the connector up by itself within minutes.""",
						null),
				Step.check(names.fill("""
						Read it back, then confirm the test message that we send you: it must still arrive, and the \
						Received line of your server must say "version=TLS1_2" or "version=TLS1_3"."""), names.fill("""
						Get-ReceiveConnector | Where-Object { $_.Name -eq 'From [[primary]]' } |
						  Format-List Identity, Enabled, RemoteIPRanges, RequireTLS""")), Step.undo("""
						Remove it on every server: the shell asks before it does. Our mail then comes in through your \
						other connector, as before.""", names.fill("""
						Get-ReceiveConnector | Where-Object { $_.Name -eq 'From [[primary]]' } |
						  Remove-ReceiveConnector"""))), """
						Exchange refuses the message with a temporary error before its content is sent. Our side keeps \
						it, tries again and returns it to our sender after about a day.""");
	}

	private static String newReceiveConnector(String last) {
		return """
				if (-not $addresses) { $addresses = (Read-Host 'Our sending addresses, with commas').Split(',').Trim() }
				if (-not $server) { $server = Read-Host 'Name of your server' }
				New-ReceiveConnector -Name 'From [[primary]]' -Server $server -TransportRole FrontendTransport -Custom `
				  -Bindings '0.0.0.0:25' -RemoteIPRanges $addresses -PermissionGroups AnonymousUsers `
				  -AuthMechanism Tls -RequireTLS $true %s""".formatted(last);
	}

}
