package org.partnertls.tlscheck;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.dns.Dns;
import org.partnertls.dns.Dnssec;
import org.partnertls.dns.Validation;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.MxOutcome;
import org.partnertls.tlscheck.Report.Stage;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Whether our own side works: the DNS answers for a domain that surely has mail servers
 * and tells right signatures from wrong ones, one of those servers greets us, and our
 * clock is right. When not, whatever checks find is no news about the partners.
 */
@Component
class SelfTest {

	/** Exchange Online, Exim and others say the time in their greeting (RFC 5322). */
	private static final Pattern DATE = Pattern
		.compile("(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d{1,2} [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d [+-]\\d{4}");

	private final Prober prober;

	private final Dns dns;

	private final JdbcClient jdbc;

	private final AuditLog audit;

	private final TransactionTemplate transaction;

	private final RoundSettings settings;

	private final DomainName domain;

	private final Clock clock;

	SelfTest(Prober prober, Dns dns, JdbcClient jdbc, AuditLog audit, TransactionTemplate transaction,
			TlsCheckProperties properties, OrganizationProperties organization, Clock clock) {
		this.prober = prober;
		this.dns = dns;
		this.jdbc = jdbc;
		this.audit = audit;
		this.transaction = transaction;
		this.settings = properties.rounds();
		this.domain = Optional.ofNullable(properties.rounds().selfTestDomain()).orElse(organization.primaryDomain());
		this.clock = clock;
	}

	/**
	 * Looks, which takes seconds and uses the network, and notes the result.
	 */
	Result run() {
		Report report = this.prober.check(this.domain, (sentence) -> {
		});
		Instant now = this.clock.instant();
		Instant database = this.jdbc.sql("select clock_timestamp() as now")
			.query((row, number) -> row.getObject("now", OffsetDateTime.class).toInstant())
			.single();
		Result result = judge(report, this.domain, signatures(), now, database, this.settings.clockTolerance());
		this.transaction.executeWithoutResult((status) -> note(result));
		return result;
	}

	/**
	 * What is wrong with the looking at signatures: nothing where none is looked at, or
	 * no names are set to see it by.
	 */
	private List<String> signatures() {
		List<String> words = new ArrayList<>();
		if (this.dns.validation() == Validation.NONE) {
			return words;
		}
		DomainName signed = this.settings.selfTestSigned();
		if (signed != null && this.dns.mx(signed).dnssec() != Dnssec.SECURE) {
			words.add("The resolver does not find " + signed + " signed, though it is.");
		}
		DomainName bogus = this.settings.selfTestBogus();
		if (bogus != null && this.dns.mx(bogus).dnssec() != Dnssec.BOGUS) {
			words.add("The resolver takes no offence at the signatures of " + bogus + ", which are wrong.");
		}
		return words;
	}

	private static Result judge(Report report, DomainName domain, List<String> signatures, Instant now,
			Instant database, Duration tolerance) {
		List<String> words = new ArrayList<>(signatures);
		boolean named = report.mx().outcome() == MxOutcome.FOUND || report.mx().outcome() == MxOutcome.IMPLICIT;
		boolean resolver = named && signatures.isEmpty();
		if (!named) {
			words.add("The DNS does not name the mail servers of " + domain + ": " + report.mx().outcome().words()
					+ ((report.mx().why() != null) ? " (" + report.mx().why() + ")" : "") + ".");
		}
		List<AddressReport> addresses = report.hosts().stream().flatMap((host) -> host.addresses().stream()).toList();
		boolean egress = addresses.stream().anyMatch((address) -> {
			StageReport greeting = address.at(Stage.GREETING);
			return greeting != null && greeting.outcome() == StageOutcome.OK;
		});
		if (named && !egress) {
			words.add("None of the mail servers of " + domain + " can be reached from here: is port 25 open on the way"
					+ " out?");
		}
		Instant right = addresses.stream()
			.map((address) -> date(address.transcript()))
			.flatMap(Optional::stream)
			.findFirst()
			.orElse(database);
		boolean clock = Duration.between(right, now).abs().compareTo(tolerance) <= 0
				&& Duration.between(database, now).abs().compareTo(tolerance) <= 0;
		if (!clock) {
			words.add("Our clock says " + now + ", but it is " + right + " for our mail servers and " + database
					+ " for the database.");
		}
		return new Result(now, resolver, egress, clock,
				words.isEmpty() ? "The DNS, the way out and the clock work." : String.join(" ", words));
	}

	private static Optional<Instant> date(String transcript) {
		Matcher found = DATE.matcher(transcript.lines().findFirst().orElse(""));
		try {
			return found.find()
					? Optional.of(ZonedDateTime.parse(found.group(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant())
					: Optional.empty();
		}
		catch (DateTimeException ex) {
			return Optional.empty();
		}
	}

	private void note(Result result) {
		boolean before = last().map(Result::passed).orElse(true);
		this.jdbc.sql("""
				insert into self_test (one, at, resolver, egress, clock, words)
				values (true, :at, :resolver, :egress, :clock, :words)
				on conflict (one) do update set at = excluded.at, resolver = excluded.resolver,
					egress = excluded.egress, clock = excluded.clock, words = excluded.words""")
			.param("at", TlsWatch.utc(result.at()))
			.param("resolver", result.resolver())
			.param("egress", result.egress())
			.param("clock", result.clock())
			.param("words", result.words())
			.update();
		if (before != result.passed()) {
			Act act = Act.of(result.passed() ? "tlscheck.self-test-passed" : "tlscheck.self-test-failed")
				.by(Actor.system("tls-check"))
				.detail("resolver", result.resolver())
				.detail("egress", result.egress())
				.detail("clock", result.clock());
			this.audit.append(result.passed() ? act : act.failed());
		}
	}

	/** What the last one came to. */
	Optional<Result> last() {
		return this.jdbc.sql("select * from self_test")
			.query((row, number) -> new Result(row.getObject("at", OffsetDateTime.class).toInstant(),
					row.getBoolean("resolver"), row.getBoolean("egress"), row.getBoolean("clock"),
					row.getString("words")))
			.optional();
	}

	/**
	 * What it came to.
	 *
	 * @param at when
	 * @param resolver whether the DNS answers
	 * @param egress whether mail servers can be reached
	 * @param clock whether our clock is right
	 * @param words what is wrong, for people
	 */
	record Result(Instant at, boolean resolver, boolean egress, boolean clock, String words) {

		/** Whether all of it works. */
		public boolean passed() {
			return this.resolver && this.egress && this.clock;
		}

	}

}
