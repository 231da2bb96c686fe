package org.partnertls.onboarding;

import java.util.List;

import org.partnertls.onboarding.Recipe.Direction;
import org.partnertls.onboarding.Recipe.Step;

/**
 * Postfix (postconf(5), access(5), TLS_README). Our lines go into tables of their own,
 * which are put in front of the lists that are set: that works whatever kind of table
 * stands there (a regular expression, a database, a socket), leaves every file of the
 * partner untouched and can be taken out again exactly. Each block is complete, runs in a
 * shell of its own and may be run again.
 */
final class PostfixRecipe {

	private static final String COPY_MAIN_CF = """
			(
			set -eu
			dir=$(postconf -h config_directory)
			cp -p "$dir/main.cf" "$dir/main.cf.$(date +%Y%m%d-%H%M%S)"
			ls -l "$dir"/main.cf*
			)
			""";

	// What is set today without our table, wherever in the list it stands.
	private static final String OTHER_MAPS = """
			rest=$(postconf -h smtp_tls_policy_maps | sed -E \
			's#[a-z]+:[^, ]*/tls_policy\\.[[primary.regex]](, *| +|$)##; s#[, ]+$##')
			""";

	private static final String OTHER_RESTRICTIONS = """
			rest=$(postconf -h smtpd_sender_restrictions | sed -E \
			's#(warn_if_reject +)?check_sender_access +[a-z]+:[^, ]*/tls_senders\\.[[primary.regex]](, *| +|$)##; \
			s#[, ]+$##')
			""";

	private PostfixRecipe() {
	}

	static Recipe with(RecipeNames names) {
		return new Recipe(MailPlatform.POSTFIX,
				names
					.fill("""
							Postfix 3.6 or newer (postconf mail_version) built with TLS, and a root shell (bash) on the server that \
							talks to the Internet. If a gateway or a relayhost stands between your Postfix and the Internet, set \
							this up there instead. With several Postfix instances, export MAIL_CONFIG first.\
							"""),
				toUs(names), fromUs(names));
	}

	private static Direction toUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that this server sends to [[domains]], not to sub-domains of them. Postfix then encrypts with \
				TLS 1.2 or newer and insists on a certificate from a trusted authority that names [[mx]]; a forged DNS \
				answer cannot lead it elsewhere."""), List.of(lookAtPolicy(names), Step.backup("""
				Copy the main configuration file beside itself, with the time in its name.""", COPY_MAIN_CF.strip()),
				writePolicy(names), tryConnection(names), trustAuthorities(names), usePolicy(names),
				Step.reload("Check the configuration and let Postfix read it again.",
						"postfix check && postfix reload"),
				checkPolicy(names), undoPolicy(names)), names.fill("""
						The message waits in your queue (status deferred, with the reason in the log) and is tried \
						again until maximal_queue_lifetime, 5 days unless you changed it; then the sender gets it \
						back. It is never sent in clear text. Senders are told of the delay earlier only if \
						delay_warning_time is set."""));
	}

	private static Step lookAtPolicy(RecipeNames names) {
		return Step.look(
				names
					.fill("""
							Nothing is changed yet. If relayhost or transport_maps sends our domains by way of another server, this \
							has to be set up on that server. If one of your tables has an answer for one of our domains already, \
							our line will come before it: should yours be dane-only or fingerprint, keep it, stop here and tell us. \
							Values that a service sets for itself in master.cf win over main.cf."""),
				names
					.fill("""
							(
							postconf mail_version default_database_type relayhost transport_maps default_transport
							postconf smtp_tls_policy_maps smtp_tls_security_level smtp_tls_CAfile smtp_tls_CApath smtp_tls_loglevel
							postconf -P | grep -F smtp_tls_ || echo 'master.cf sets no smtp_tls_ value of its own.'
							for table in $(postconf -xh smtp_tls_policy_maps | tr ',' ' '); do
							  for domain in [[domains.shell]]; do
							    answer=$(postmap -q "$domain" "$table" 2>/dev/null) && echo "$table says for $domain: $answer"
							  done
							done
							true
							)
							"""));
	}

	private static Step writePolicy(RecipeNames names) {
		String lines = names.forEachDomain("[[domain]]    secure [[mx.postfix]] protocols=>=TLSv1.2\n");
		return Step.tryOut("""
				Write our lines into a table of their own and ask it. Nothing uses the table yet. You should see one \
				line that starts with "secure" for each domain.""", names.fill("""
				(
				set -eu
				umask 022
				dir=$(postconf -h config_directory)
				type=$(postconf -h default_database_type)
				cat > "$dir/tls_policy.[[primary]]" <<'END'
				[[lines]]END
				postmap "$type:$dir/tls_policy.[[primary]]"
				for domain in [[domains.shell]]; do
				  postmap -q "$domain" "$type:$dir/tls_policy.[[primary]]"
				done
				)
				""".replace("[[lines]]", lines)));
	}

	private static Step tryConnection(RecipeNames names) {
		return Step.tryOut("""
				Connect to our servers under the same rule, without sending anything. For each domain the output must \
				say "Verified TLS connection established". If it says "Untrusted" or "Trusted" instead, this server \
				does not know the certificate authorities, or the certificate names another host: the lines above say \
				which. If it cannot connect, the network or DNS of this server is in the way. Do not go on before it \
				says "Verified".""", names.fill("""
				(
				file=$(postconf -xh smtp_tls_CAfile)
				path=$(postconf -xh smtp_tls_CApath)
				for known in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
				  if [ -z "$file$path" ] && [ -f "$known" ]; then file=$known; fi
				done
				for domain in [[domains.shell]]; do
				  posttls-finger -l secure -p '>=TLSv1.2' ${file:+-F "$file"} ${path:+-P "$path"} "$domain" [[mx.shell]]
				done
				)
				"""));
	}

	private static Step trustAuthorities(RecipeNames names) {
		return Step.change("""
				Only where neither smtp_tls_CAfile nor smtp_tls_CApath is set: let Postfix know the certificate \
				authorities of the system. Where one is set, this block leaves it alone.""", names.fill("""
				(
				set -eu
				dir=$(postconf -h config_directory)
				for known in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
				  if [ -z "$(postconf -h smtp_tls_CAfile)$(postconf -h smtp_tls_CApath)" ] && [ -f "$known" ]; then
				    postconf -e "smtp_tls_CAfile = $known"
				    echo "$known" > "$dir/tls_policy.[[primary]].cafile"
				  fi
				done
				postconf smtp_tls_CAfile smtp_tls_CApath
				)
				"""));
	}

	private static Step usePolicy(RecipeNames names) {
		return Step.change("""
				Put our table in front of those that are set. What is set stays; run again, it changes nothing more.""",
				names.fill("""
						(
						set -eu
						dir=$(postconf -h config_directory)
						table=$(postconf -h default_database_type):$dir/tls_policy.[[primary]]
						if [ -z "$(postconf -h smtp_tls_CAfile)$(postconf -h smtp_tls_CApath)" ]; then
						  echo 'Stopped: set smtp_tls_CAfile to your certificate authorities first.' >&2
						  exit 1
						fi
						[[rest]]postconf -e "smtp_tls_policy_maps = $table${rest:+, $rest}"
						grep '^smtp_tls_policy_maps' "$dir/main.cf"
						)
						""".replace("[[rest]]", OTHER_MAPS)));
	}

	private static Step checkPolicy(RecipeNames names) {
		return Step.check("""
				Ask the table that is in force: one line that starts with "secure" for each domain. Then send us the \
				test message from the task list; with smtp_tls_loglevel at 1 or more, the log says "Verified TLS \
				connection established" before it says "status=sent".""", names
			.fill("""
					(
					set -eu
					table=$(postconf -xh smtp_tls_policy_maps | tr ', ' '\\n\\n' | grep -E '/tls_policy\\.[[primary.regex]]$')
					for domain in [[domains.shell]]; do
					  echo "$domain: $(postmap -q "$domain" "$table")"
					done
					)
					"""));
	}

	private static Step undoPolicy(RecipeNames names) {
		return Step.undo("""
				Takes our table out of the list and deletes it; everything else stays as it is. The certificate \
				authorities are unset only if this recipe set them.""", names.fill("""
				(
				set -eu
				dir=$(postconf -h config_directory)
				name="$dir/tls_policy.[[primary]]"
				[[rest]]if [ -n "$rest" ]; then
				  postconf -e "smtp_tls_policy_maps = $rest"
				else
				  postconf -X smtp_tls_policy_maps
				fi
				if [ -f "$name.cafile" ] && [ "$(cat "$name.cafile")" = "$(postconf -h smtp_tls_CAfile)" ]; then
				  postconf -X smtp_tls_CAfile
				fi
				postfix check && postfix reload
				rm -f "$name" "$name.db" "$name.lmdb" "$name.cdb" "$name.dir" "$name.pag" "$name.cafile"
				)
				""".replace("[[rest]]", OTHER_MAPS)));
	}

	private static Direction fromUs(RecipeNames names) {
		return new Direction(names.fill("""
				All mail that arrives here with a sender address in [[domains]] or a sub-domain of them (Postfix \
				includes sub-domains unless smtpd_access_maps was taken out of parent_domain_matches_subdomains). \
				It encrypts; it does not prove who the sender is. Bounces are not covered: their sender address is \
				empty."""), List.of(lookAtRestrictions(names), Step.backup("""
				Copy the main configuration file beside itself, with the time in its name.""", COPY_MAIN_CF.strip()),
				writeSenders(names), watchSenders(names), refuseSenders(names),
				Step.reload("Check the configuration and let Postfix read it again.",
						"postfix check && postfix reload"),
				checkSenders(names), undoSenders(names)),
				names
					.fill("""
							Postfix answers a clear-text attempt with plaintext_reject_code (450 unless you changed it) and \
							"Session encryption is required". Our side keeps the message, tries again, and gives it back \
							to our sender after about a day. Nothing of it has been sent by then: the refusal comes \
							before the content."""));
	}

	private static Step lookAtRestrictions(RecipeNames names) {
		return Step.look(names.fill("""
				Nothing is changed yet. smtpd_tls_security_level must be "may" (or "encrypt"), otherwise this server \
				offers no encryption and would refuse all our mail: set up a certificate first. If a content filter \
				hands mail back to a second smtpd on this machine without TLS, that smtpd needs its own \
				"-o smtpd_sender_restrictions=" in master.cf, or it will refuse our mail too; the list below shows \
				every smtpd and what it sets for itself."""), names.fill("""
				(
				postconf mail_version default_database_type smtpd_sender_restrictions smtpd_delay_reject
				postconf smtpd_tls_security_level smtpd_tls_chain_files smtpd_tls_cert_file plaintext_reject_code
				postconf parent_domain_matches_subdomains
				postconf -M | grep -E ' (smtpd|postscreen)( |$)'
				postconf -P | grep -E '/(smtpd_sender_restrictions|smtpd_tls_security_level) ' \\
				  || echo 'master.cf sets neither of the two for a single service.'
				)
				"""));
	}

	private static Step writeSenders(RecipeNames names) {
		String lines = names.forEachDomain("[[domain]]    reject_plaintext_session\n");
		return Step.tryOut("""
				Write our lines into a table of their own and ask it. Nothing uses the table yet. You should see \
				"reject_plaintext_session" once for each domain.""", names.fill("""
				(
				set -eu
				umask 022
				dir=$(postconf -h config_directory)
				type=$(postconf -h default_database_type)
				cat > "$dir/tls_senders.[[primary]]" <<'END'
				[[lines]]END
				postmap "$type:$dir/tls_senders.[[primary]]"
				for domain in [[domains.shell]]; do
				  postmap -q "$domain" "$type:$dir/tls_senders.[[primary]]"
				done
				)
				""".replace("[[lines]]", lines)));
	}

	private static Step watchSenders(RecipeNames names) {
		return Step.tryOut(
				"""
						Put it in front for a trial: Postfix only writes to the log what it would refuse. Leave it so for a day \
						and look for "reject_warning" with one of our domains. None means that all our mail arrives \
						encrypted; if there is one, tell us before you go on.""",
				names
					.fill("""
							(
							set -eu
							dir=$(postconf -h config_directory)
							table=$(postconf -h default_database_type):$dir/tls_senders.[[primary]]
							[[rest]]postconf -e "smtpd_sender_restrictions = warn_if_reject check_sender_access $table${rest:+, $rest}"
							grep '^smtpd_sender_restrictions' "$dir/main.cf"
							postfix check && postfix reload
							)
							"""
						.replace("[[rest]]", OTHER_RESTRICTIONS)));
	}

	private static Step refuseSenders(RecipeNames names) {
		return Step.change("""
				Now refuse. Our table stays in front, what is set stays behind it; run again, it changes nothing more. \
				The block stops by itself where this server offers no encryption.""", names.fill("""
				(
				set -eu
				dir=$(postconf -h config_directory)
				table=$(postconf -h default_database_type):$dir/tls_senders.[[primary]]
				case $(postconf -xh smtpd_tls_security_level) in
				  may|encrypt) ;;
				  *) echo 'Stopped: this server offers no encryption; smtpd_tls_security_level is not "may".' >&2
				     exit 1 ;;
				esac
				[[rest]]postconf -e "smtpd_sender_restrictions = check_sender_access $table${rest:+, $rest}"
				grep '^smtpd_sender_restrictions' "$dir/main.cf"
				)
				""".replace("[[rest]]", OTHER_RESTRICTIONS)));
	}

	private static Step checkSenders(RecipeNames names) {
		String dialogue = names.forEachDomain("""
				'MAIL FROM:<postmaster@[[domain]]>' "RCPT TO:<$rcpt>" RSET \
				""").strip();
		return Step.check("""
				Talk to this server in clear text as if it were us; no message is sent. For each of our domains the \
				answer must be "450 … Session encryption is required". If it is 250, a service in master.cf sets \
				restrictions of its own: add the table in front of those as well. Set SMTP_HOST and SMTP_PORT where \
				the server listens elsewhere. Then answer the test message that we send you: its first Received line \
				should name TLS.""", names.fill("""
				(
				rcpt=postmaster@$(postconf -xh mydomain)
				answer() {
				  while IFS= read -r -t 30 -u 3 line; do
				    echo "$line"
				    case $line in ???-*) ;; *) break ;; esac
				  done
				}
				exec 3<>"/dev/tcp/${SMTP_HOST:-127.0.0.1}/${SMTP_PORT:-25}" || exit 1
				answer
				for say in 'EHLO [127.0.0.1]' [[dialogue]] QUIT; do
				  echo "> $say"
				  printf '%s\\r\\n' "$say" >&3
				  answer
				done
				)
				""".replace("[[dialogue]]", dialogue)));
	}

	private static Step undoSenders(RecipeNames names) {
		return Step.undo("""
				Takes our table out of the list and deletes it; everything else stays as it is.""", names.fill("""
				(
				set -eu
				dir=$(postconf -h config_directory)
				name="$dir/tls_senders.[[primary]]"
				[[rest]]if [ -n "$rest" ]; then
				  postconf -e "smtpd_sender_restrictions = $rest"
				else
				  postconf -X smtpd_sender_restrictions
				fi
				postfix check && postfix reload
				rm -f "$name" "$name.db" "$name.lmdb" "$name.cdb" "$name.dir" "$name.pag"
				)
				""".replace("[[rest]]", OTHER_RESTRICTIONS)));
	}

}
