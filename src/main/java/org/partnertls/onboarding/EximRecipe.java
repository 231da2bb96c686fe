package org.partnertls.onboarding;

import java.util.List;

import org.partnertls.onboarding.Recipe.Direction;
import org.partnertls.onboarding.Recipe.Step;

/**
 * Exim: a router and a transport of their own toward us, a condition in the RCPT list
 * from us (Exim specification: the smtp transport, access control lists).
 */
final class EximRecipe {

	private EximRecipe() {
	}

	static Recipe with(RecipeNames names) {
		return new Recipe(MailPlatform.EXIM, """
				Exim 4.94 or newer built with TLS, and root on the server that talks to the Internet. Where the \
				configuration is generated (Debian's conf.d, cPanel, DirectAdmin), put the parts below where that tool \
				wants local additions, or it will overwrite them. On Debian the program is called exim4.""",
				toUs(names), fromUs(names));
	}

	private static Direction toUs(RecipeNames names) {
		return new Direction(
				names
					.fill("""
							All mail that this server routes by DNS to [[domains]], not to sub-domains of them. Both TLS options are \
							needed: tls_verify_hosts alone would still allow clear text."""),
				List.of(Step
					.look(names
						.fill("""
								See which file is in force, how mail to us is routed today, and with which transport. If it goes by \
								way of a smart host, this has to be set up there."""),
							names.fill("""
									exim -bP configure_file
									for domain in [[domains.shell]]; do exim -bt "postmaster@$domain"; done""")),
						backup(), Step
							.change("""
									Add a transport, anywhere below "begin transports". Nothing uses it yet. If your present \
									transport sets helo_data, interface or dkim_ options, copy those lines into it.""",
									names.fill("""
											[[label]]_smtp:
											  driver = smtp
											  hosts_require_tls = *
											  tls_verify_hosts = *
											  tls_verify_cert_hostnames = *
											  tls_verify_certificates = system""".replace("[[label]]", label(names)))),
						Step.change("""
								Add a router below "begin routers", before the one that the look-up showed. Keep \
								everything else.""", names.fill("""
								[[label]]:
								  driver = dnslookup
								  domains = [[domains.exim]]
								  transport = [[label]]_smtp
								  ignore_target_hosts = <; 0.0.0.0 ; 127.0.0.0/8 ; ::1
								  no_more""".replace("[[label]]", label(names)))),
						Step.tryOut(
								"""
										Check the new configuration before the running server reads it: the first command must print \
										no error, the others must name the new router and transport.""",
								names.fill("""
										exim -bV
										for domain in [[domains.shell]]; do exim -bt "postmaster@$domain"; done""")),
						Step.reload("Let the running server read it. (Where there is no systemd: send it a HUP.)",
								"systemctl reload exim4 2>/dev/null || systemctl reload exim"),
						Step.check(
								"""
										Send us the test message from the task list. The line with => in the main log must have X=TLS \
										and CV=yes.""",
								null),
						Step.undo(names
							.fill("""
									Take the router "%s" and then the transport "%s_smtp" out again, check with exim -bV and \
									reload. Mail to us then takes your other router, as before."""
								.formatted(label(names), label(names))), null)),
				"""
						The message waits in your queue and is tried again as your retry rules say (4 days in the \
						default configuration); then the sender gets it back. It is never sent in clear text.""");
	}

	private static Direction fromUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that arrives here with a sender address in [[domains]], not in sub-domains of them. It \
				encrypts; it does not prove who the sender is. Bounces are not covered: their sender address is \
				empty."""), List.of(Step.look("""
				See which access list is asked at RCPT, and that this server offers encryption: \
				tls_advertise_hosts must not be empty and a certificate must be set. Otherwise all our mail would be \
				refused.""", """
				exim -bP configure_file
				exim -bP acl_smtp_rcpt tls_advertise_hosts tls_certificate"""), backup(), Step.tryOut("""
				Add this first, as the first statement of that access list: it only writes to the log what would be \
				put off. Check and reload as below, leave it for a day and look for "would be deferred". None means \
				that all our mail arrives encrypted.""", names.fill("""
				warn  sender_domains = [[domains.exim]]
				      !encrypted     = *
				      log_message    = clear text from $sender_address would be deferred""")),
				Step.change("Replace these lines of ours with the following. Keep everything else.", names.fill("""
						defer message        = Session encryption is required
						      sender_domains = [[domains.exim]]
						      !encrypted     = *""")),
				Step.reload("Check the configuration and let the running server read it.",
						"exim -bV && { systemctl reload exim4 2>/dev/null || systemctl reload exim; }"),
				Step.check("""
						Play a clear-text session; nothing is sent. RCPT must be answered with "451 Session \
						encryption is required" for each of our domains.""", names.fill("""
						for domain in [[domains.shell]]; do
						  printf '%s\\r\\n' 'EHLO test.example' "MAIL FROM:<postmaster@$domain>" \\
						    "RCPT TO:<postmaster@$(exim -bP primary_hostname | sed 's/.*= *//')>" QUIT |
						    exim -bh 192.0.2.1 2>/dev/null
						done""")),
				Step.undo("Take our lines out of the access list again, check with exim -bV and reload.", null)), """
						Exim answers "451 Session encryption is required" before the content is sent. Our side keeps \
						the message, tries again and returns it to our sender after about a day.""");
	}

	private static Step backup() {
		return Step.backup("""
				Copy the file in force beside itself, with the time in its name. Where it is generated, keep a copy \
				of the files that it is generated from.""", """
				(
				set -eu
				file=$(exim -bP configure_file)
				cp -p "$file" "$file.$(date +%Y%m%d-%H%M%S)"
				)""");
	}

	// A driver's name may hold letters, digits and underscores only.
	private static String label(RecipeNames names) {
		return "tls_" + names.domains().getFirst().ascii().replaceAll("[^a-z0-9]", "_");
	}

}
