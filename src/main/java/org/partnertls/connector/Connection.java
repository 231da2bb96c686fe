package org.partnertls.connector;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.AcceptedDomain;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.Failure;
import org.partnertls.exchange.Preflight;
import org.partnertls.exchange.Reply;
import org.partnertls.exchange.SignInMeans;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Looks at the connection to the tenant piece by piece, in the order in which pieces need
 * each other, so that the first that is missing is the one to mend.
 */
@Component
class Connection {

	private static final List<String> NEEDED = List.of("Get-OutboundConnector", "Get-InboundConnector",
			"New-OutboundConnector", "New-InboundConnector", "Set-OutboundConnector", "Set-InboundConnector",
			"Remove-OutboundConnector", "Remove-InboundConnector", "Validate-OutboundConnector", "Get-AcceptedDomain");

	private static final List<String> FOR_THE_PATH = List.of("Get-OutboundConnectorReport", "Get-TransportRule",
			"Get-BlockedConnector");

	private static final List<String> FOR_THE_TRACE = List.of("Get-MessageTraceV2", "Get-MessageTraceDetailV2");

	private static final Duration SKEW = Duration.ofMinutes(1);

	private static final Duration FAR_SKEW = Duration.ofMinutes(5);

	private static final Duration ENDING = Duration.ofDays(60);

	/** At how many days before its end the certificate is told of, once each. */
	private static final List<Integer> WARNINGS = List.of(60, 30, 14, 7, 1, 0);

	private final ExchangeOnline exchange;

	private final Pusher pusher;

	private final Readings readings;

	private final ConnectorProperties properties;

	private final OrganizationProperties organization;

	private final JdbcClient jdbc;

	private final AuditLog audit;

	private final ApplicationEventPublisher events;

	private final TransactionTemplate transaction;

	private final ZoneId zone;

	private final Clock clock;

	Connection(ExchangeOnline exchange, Pusher pusher, Readings readings, ConnectorProperties properties,
			OrganizationProperties organization, JdbcClient jdbc, AuditLog audit, ApplicationEventPublisher events,
			TransactionTemplate transaction, ZoneId zone, Clock clock) {
		this.exchange = exchange;
		this.pusher = pusher;
		this.readings = readings;
		this.properties = properties;
		this.organization = organization;
		this.jdbc = jdbc;
		this.audit = audit;
		this.events = events;
		this.transaction = transaction;
		this.zone = zone;
		this.clock = clock;
	}

	/** What was found, and when. */
	record Look(Instant at, List<ConnectionFinding> findings) {

		boolean isGood() {
			return this.findings.stream().noneMatch((finding) -> finding.tone().equals("bad"));
		}

	}

	/** The last look; empty: there was none yet. */
	Optional<Look> last() {
		return this.jdbc.sql("select checked_at, findings from connection_check where tenant_id = :tenant")
			.param("tenant", this.exchange.tenantId())
			.query((row, number) -> new Look(row.getObject(1, OffsetDateTime.class).toInstant(),
					Arrays.asList(Json.read(row.getString(2), ConnectionFinding[].class))))
			.optional();
	}

	/**
	 * Looks now. Takes seconds and uses the network: call it with no transaction open.
	 * @param by who asked
	 */
	Look look(Actor by) {
		Look look = new Look(this.clock.instant(), this.exchange.configured() ? connected() : scripted());
		this.transaction.executeWithoutResult((status) -> {
			this.jdbc.sql("""
					insert into connection_check (tenant_id, checked_at, findings) values (:tenant, :at, :findings)
					on conflict (tenant_id) do update set checked_at = :at, findings = :findings""")
				.param("tenant", this.exchange.tenantId())
				.param("at", look.at().atOffset(ZoneOffset.UTC))
				.param("findings", Json.write(look.findings()))
				.update();
			Act act = Act.of("connection.checked").by(by).on("tenant", this.exchange.tenantId());
			look.findings()
				.stream()
				.filter((finding) -> finding.tone().equals("bad"))
				.forEach((finding) -> act.detail(finding.title(), "bad"));
			this.audit.append(look.isGood() ? act : act.failed());
			SignInMeans means = this.exchange.configured() ? this.exchange.signInMeans() : null;
			if (means != null) {
				warn(means, look.at());
			}
		});
		return look;
	}

	/** Whoever hears of it late hears of it once, not of all that was missed. */
	void warn(SignInMeans means, Instant now) {
		Instant expires = means.expires();
		String subject = means.subject();
		String thumbprint = means.thumbprint();
		if (expires == null || subject == null || thumbprint == null) {
			return;
		}
		boolean news = false;
		for (int days : WARNINGS) {
			if (!now.isBefore(expires.minus(Duration.ofDays(days)))) {
				news = this.jdbc.sql("""
						insert into credential_warning (thumbprint, days, told_at) values (:thumbprint, :days, :at)
						on conflict do nothing""")
					.param("thumbprint", thumbprint)
					.param("days", days)
					.param("at", now.atOffset(ZoneOffset.UTC))
					.update() == 1;
			}
		}
		if (news) {
			this.audit.append(Act.of("connection.credential-ends")
				.by(Actor.system("connection-check"))
				.on("tenant", this.exchange.tenantId())
				.detail("thumbprint", thumbprint)
				.detail("ends", expires));
			this.events.publishEvent(new CredentialEnds(subject, thumbprint, expires, !expires.isAfter(now)));
		}
	}

	private List<ConnectionFinding> scripted() {
		List<ConnectionFinding> findings = new ArrayList<>();
		findings.add(ConnectionFinding.wait("Mode",
				"The portal may not call Exchange Online: people run its scripts and paste the result back.",
				"Set portal.exchange.tenant-id, client-id and a certificate to let it do so itself."));
		Optional<Readings.Reading> reading = this.readings.latest();
		if (reading.isEmpty()) {
			findings
				.add(ConnectionFinding.bad("Reading of the tenant", "Nobody has pasted the tenant's connectors yet.",
						"Paste them on the page \"Read the tenant by hand\"; plans are made against them."));
			return findings;
		}
		findings.add(ConnectionFinding.good("Reading of the tenant",
				"Pasted by " + reading.get().byName() + " on " + day(reading.get().at()) + "."));
		room(reading.get().tenant(), findings);
		return findings;
	}

	private List<ConnectionFinding> connected() {
		List<ConnectionFinding> findings = new ArrayList<>();
		findings.add(ConnectionFinding.good("Cloud", this.exchange.place() + "."));
		means(findings);
		Optional<Failure> signIn = this.exchange.signIn();
		if (signIn.isPresent()) {
			findings.add(failure("Token", "There is no token.", signIn.get()));
			return findings;
		}
		findings.add(ConnectionFinding.good("Token", "Microsoft's sign-in service gives the application a token."));
		switch (this.exchange.preflight()) {
			case Reply.Failed<Preflight> failed -> {
				boolean permitted = failed.failure().kind() != Failure.Kind.AUTHENTICATION;
				if (permitted && failed.failure().kind() == Failure.Kind.PERMISSION) {
					findings.add(ConnectionFinding.good("Permission", "The token is accepted."));
				}
				findings.add(failure(permitted ? "Role" : "Permission",
						permitted ? "Exchange Online does not let the application run cmdlets."
								: "Exchange Online does not accept the token.",
						failed.failure()));
				return findings;
			}
			case Reply.Done<Preflight> done -> {
				findings.add(ConnectionFinding.good("Permission", "The token is accepted."));
				cmdlets(done.value().cmdlets(), findings);
				skew(done.value().serverTime(), findings);
			}
		}
		domains(findings);
		switch (this.pusher.list()) {
			case Reply.Failed<Tenant> failed ->
				findings.add(failure("Connectors", "The connectors cannot be listed.", failed.failure()));
			case Reply.Done<Tenant> done -> room(done.value(), findings);
		}
		return findings;
	}

	private void means(List<ConnectionFinding> findings) {
		SignInMeans means = this.exchange.signInMeans();
		Instant expires = (means != null) ? means.expires() : null;
		if (means == null || expires == null) {
			findings.add(ConnectionFinding.wait("Credential",
					"The application signs in with a client secret. When it ends, only Entra ID knows.",
					"Use a certificate in production: portal.exchange.certificate."));
			return;
		}
		String words = "Certificate " + means.subject() + ", thumbprint " + means.thumbprint() + ", ends on "
				+ day(expires) + ".";
		String remedy = "Make a new key and certificate, upload the certificate in the app registration beside the old"
				+ " one, then set portal.exchange.certificate.";
		Instant now = this.clock.instant();
		findings.add(!expires.isAfter(now) ? ConnectionFinding.bad("Credential", words, remedy)
				: expires.isBefore(now.plus(ENDING)) ? ConnectionFinding.wait("Credential", words, remedy)
						: ConnectionFinding.good("Credential", words));
	}

	private static void cmdlets(SortedSet<String> allowed, List<ConnectionFinding> findings) {
		List<String> missing = missing(NEEDED, allowed);
		findings.add(missing.isEmpty()
				? ConnectionFinding.good("Role", "The application may read and change connectors.")
				: ConnectionFinding.bad("Role", "The application may not run " + String.join(", ", missing) + ".",
						"Give its service principal the Entra role Exchange Administrator; or, for the least rights, an"
								+ " Exchange role group with \"Remote and Accepted Domains\" and \"View-Only"
								+ " Configuration\". A new role can take an hour to work."));
		missing = missing(FOR_THE_PATH, allowed);
		findings.add(missing.isEmpty()
				? ConnectionFinding.good("Path of mail",
						"The application may see mail-flow rules and what serves a domain.")
				: ConnectionFinding.wait("Path of mail",
						"The application may not run " + String.join(", ", missing)
								+ ", so the portal cannot check whether mail really takes its connectors.",
						"Add the role \"View-Only Configuration\" to its role group."));
		missing = missing(FOR_THE_TRACE, allowed);
		findings.add(missing.isEmpty() ? ConnectionFinding.good("Message trace", "The application may trace messages.")
				: ConnectionFinding.wait("Message trace",
						"The application may not run " + String.join(", ", missing)
								+ ". Test messages are found in the test mailbox or pasted instead.",
						"Optional: add a role with message trace, such as \"View-Only Recipients\", to its role group,"
								+ " or give it the Entra role Global Reader."));
	}

	private static List<String> missing(List<String> cmdlets, SortedSet<String> allowed) {
		return cmdlets.stream().filter((cmdlet) -> !allowed.contains(cmdlet)).toList();
	}

	private void skew(@Nullable Instant serverTime, List<ConnectionFinding> findings) {
		if (serverTime == null) {
			findings.add(ConnectionFinding.wait("Clock", "Exchange Online did not tell its time.", null));
			return;
		}
		Duration skew = Duration.between(serverTime, this.clock.instant());
		long seconds = skew.abs().toSeconds();
		String words = skew.isNegative() ? "This server's clock is " + seconds + " seconds behind Exchange Online's."
				: "This server's clock is " + seconds + " seconds ahead of Exchange Online's.";
		String remedy = "Let this server take its time from the network (NTP): tokens, proofs and announced hours"
				+ " depend on it.";
		findings.add((skew.abs().compareTo(FAR_SKEW) > 0) ? ConnectionFinding.bad("Clock", words, remedy)
				: (skew.abs().compareTo(SKEW) > 0) ? ConnectionFinding.wait("Clock", words, remedy)
						: ConnectionFinding.good("Clock", "This server's clock agrees with Exchange Online's."));
	}

	private void domains(List<ConnectionFinding> findings) {
		switch (this.exchange.acceptedDomains()) {
			case Reply.Failed<List<AcceptedDomain>> failed ->
				findings.add(failure("Our domains", "The tenant's domains cannot be listed.", failed.failure()));
			case Reply.Done<List<AcceptedDomain>> done -> {
				Set<String> accepted = Set.copyOf(done.value().stream().map(AcceptedDomain::name).toList());
				List<String> strange = this.organization.mailDomains()
					.stream()
					.filter((domain) -> !accepted.contains(domain.ascii()))
					.map(DomainName::display)
					.toList();
				String all = String.join(", ",
						done.value().stream().map(AcceptedDomain::name).sorted().limit(50).toList());
				findings.add(strange.isEmpty()
						? ConnectionFinding.good("Our domains",
								"All domains that partners are told are accepted domains of the tenant. It has: " + all
										+ ".")
						: ConnectionFinding.bad("Our domains",
								String.join(", ", strange)
										+ " is told to partners but is no accepted domain of the tenant." + " It has: "
										+ all + ".",
								"Correct portal.organization.mail-domains, or add the domain in the Exchange admin centre"
										+ " under Mail flow, Accepted domains."));
			}
		}
	}

	private void room(Tenant tenant, List<ConnectionFinding> findings) {
		for (Direction direction : Direction.values()) {
			int count = tenant.of(direction).size();
			int limit = this.properties.capacity().limit(direction);
			String title = direction.words() + " connectors";
			String words = count + " of at most " + limit + ".";
			findings.add(this.properties.capacity().isFull(direction, count)
					? ConnectionFinding.bad(title, words + " No plan may create another.",
							"Remove connectors that nobody needs, or set portal.connector."
									+ direction.words().toLowerCase(Locale.ROOT)
									+ "-limit to what Microsoft has told you.")
					: (count * 100L > limit * 80L)
							? ConnectionFinding.wait(title, words, "Room is running out; remove what nobody needs.")
							: ConnectionFinding.good(title, words));
		}
	}

	private static ConnectionFinding failure(String title, String words, Failure failure) {
		String detail = (failure.detail() != null) ? " (" + failure.detail() + ")" : "";
		return ConnectionFinding.bad(title, words + detail, failure.message());
	}

	private String day(Instant at) {
		return DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.UK).format(at.atZone(this.zone));
	}

}
