package org.partnertls.onboarding;

import java.util.List;

import org.partnertls.onboarding.Recipe.Direction;
import org.partnertls.onboarding.Recipe.Step;

/**
 * Sendmail: entries of the access map toward us (ruleset {@code tls_rcpt}), a local
 * ruleset at MAIL FROM from us (cf/README, "STARTTLS" and "LOCAL_RULESETS"). The rulesets
 * were run with Sendmail 8.17.
 */
final class SendmailRecipe {

	private SendmailRecipe() {
	}

	static Recipe with(RecipeNames names) {
		return new Recipe(MailPlatform.SENDMAIL, """
				Sendmail 8.12 or newer built with STARTTLS, with FEATURE(`access_db') in sendmail.mc, and root on the \
				server that talks to the Internet. The paths below are the usual ones; where yours differ, so do the \
				commands.""", toUs(names), fromUs(names));
	}

	private static Direction toUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that this server hands over for [[domains]] and for their sub-domains. The server's \
				certificate must come from an authority that you trust. Sendmail does not compare the name in it."""),
				List.of(Step.look("""
						See that this server keeps an access map, knows the certificate authorities, and what it \
						says about TLS today. There must be no Try_TLS line that says NO for our servers.""", """
						grep -n 'access_db\\|confCACERT' /etc/mail/sendmail.mc
						grep -n '^[^#]*TLS' /etc/mail/access"""),
						Step.backup("Copy the access map's source beside itself, with the time in its name.", """
								cp -p /etc/mail/access "/etc/mail/access.$(date +%Y%m%d-%H%M%S)\""""), Step.tryOut("""
								Look at your latest deliveries to us in the log. Each connection must say \
								verify=OK. If it says verify=FAIL, confCACERT_PATH does not lead to the \
								certificate authorities (/etc/ssl/certs on most systems): mend that first, or mail \
								to us will wait.""", names.fill("""
								grep 'STARTTLS=client' /var/log/mail.log /var/log/maillog 2>/dev/null | tail -20""")),
						Step.change("Add these lines to /etc/mail/access. Leave what stands there.",
								names.forEachDomain("TLS_Rcpt:[[domain]]\tTEMP+VERIFY:112\n").strip()),
						Step.reload("Make the map anew. The running server reads it at once.",
								"makemap hash /etc/mail/access < /etc/mail/access"), Step.check("""
										Ask the rules what they would do without encryption: the answer for each \
										domain must contain 403 and "not authenticated". Then send us the test message \
										from the task list.""", names.fill("""
										for domain in [[domains.shell]]; do
										  (echo '.D{verify}NO'; echo "tls_rcpt user@$domain") | sendmail -bt | grep returns
										done""")), Step.undo("Take our lines out of /etc/mail/access and make the map anew.", """
										makemap hash /etc/mail/access < /etc/mail/access""")),
				"""
						The message waits in the queue and is tried again until confTO_QUEUERETURN (5 days if you \
						never set it) gives it back to its sender. It is never sent in clear text.""");
	}

	private static Direction fromUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that arrives here with a sender address in [[domains]], not in sub-domains of them. It \
				encrypts; it does not prove who the sender is. Bounces are not covered: their sender address is \
				empty."""), List.of(Step.look("""
				See that this server offers encryption: the answer must list STARTTLS, or all our mail would be put \
				off. See also whether sendmail.mc has local rulesets already.""", """
				(sleep 1; printf 'EHLO test.example\\r\\n'; sleep 1; printf 'QUIT\\r\\n') | sendmail -bs | grep STARTTLS
				grep -n 'LOCAL_\\|Local_check_mail' /etc/mail/sendmail.mc"""), Step.backup("""
				Copy the configuration and its source beside themselves, with the time in the name.""", """
				(
				set -eu
				at=$(date +%Y%m%d-%H%M%S)
				cp -p /etc/mail/sendmail.mc "/etc/mail/sendmail.mc.$at"
				cp -p /etc/mail/sendmail.cf "/etc/mail/sendmail.cf.$at"
				)"""), Step.tryOut("""
				Look at our latest mail in the log: each connection from our servers must say STARTTLS=server. If \
				some came without, tell us before you go on.""", """
				grep 'STARTTLS=server' /var/log/mail.log /var/log/maillog 2>/dev/null | tail -20"""), Step.change("""
				Add this at the end of sendmail.mc. Between the left and the right side of a rule stands a \
				tabulator, not blanks: check after pasting. If there is a LOCAL_CONFIG, a LOCAL_RULESETS or a \
				Local_check_mail already, add the lines there instead of making a second.""", names.fill("""
				LOCAL_CONFIG
				C{PartnerTls}[[domains.words]]

				LOCAL_RULESETS
				SLocal_check_mail
				R$*\t\t\t\t$: < $&{cipher_bits} > $>CanonAddr $1
				R< > $* < @ $={PartnerTls} . > $*\t$#error $@ 4.7.0 $: "450 Session encryption is required"
				R< > $* < @ $={PartnerTls} > $*\t$#error $@ 4.7.0 $: "450 Session encryption is required\"""")),
				Step.tryOut("""
						Make the configuration beside the one in force and ask it: for each domain the answer must \
						be 450 Session encryption is required. Nothing has changed for your mail yet.""", names.fill("""
						m4 /etc/mail/sendmail.mc > /etc/mail/sendmail.cf.new
						for domain in [[domains.shell]]; do
						  echo "check_mail <postmaster@$domain>" | sendmail -C /etc/mail/sendmail.cf.new -bt | grep '^check_mail  *returns'
						done""")), Step.reload("Put it in force and restart. (Without systemd: kill -HUP the daemon.)", """
						mv /etc/mail/sendmail.cf.new /etc/mail/sendmail.cf && systemctl restart sendmail"""),
				Step.check("Confirm the test message that we send you: it must still arrive.", null), Step.undo("""
						Take our lines out of sendmail.mc, make the configuration anew and restart.""", """
						m4 /etc/mail/sendmail.mc > /etc/mail/sendmail.cf.new && mv /etc/mail/sendmail.cf.new /etc/mail/sendmail.cf
						systemctl restart sendmail""")), """
				Sendmail answers "450 Session encryption is required" before the content is sent. Our side keeps the \
				message, tries again and returns it to our sender after about a day.""");
	}

}
