package org.partnertls.tlscheck;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.Ids;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The reports of others about TLS that staff took in, and what they mean beside our own
 * checks: both name a failure by the same IANA result types.
 */
@Component
class TlsReports {

	private final JdbcClient jdbc;

	private final TlsWatch watch;

	private final TlsChecks checks;

	private final AuditLog audit;

	private final OrganizationProperties organization;

	private final Clock clock;

	TlsReports(JdbcClient jdbc, TlsWatch watch, TlsChecks checks, AuditLog audit, OrganizationProperties organization,
			Clock clock) {
		this.jdbc = jdbc;
		this.watch = watch;
		this.checks = checks;
		this.audit = audit;
		this.organization = organization;
		this.clock = clock;
	}

	/**
	 * Takes one in.
	 * @param file as it came
	 * @param about the partner's domain that it is about, where somebody says so
	 * @return what it held; empty when the same file was taken in before
	 * @throws TlsReport.Unreadable with a sentence for people
	 */
	@Transactional
	Optional<TlsReport> take(byte[] file, @Nullable DomainName about, SignedIn person) {
		TlsReport report = TlsReport.read(file);
		Instant now = this.clock.instant();
		UUID id = Ids.at(now);
		int first = this.jdbc.sql("""
				insert into tls_report (id, digest, organization, report_id, range_from, range_to, succeeded, failed,
					left_out, uploaded_by, uploaded_at)
				values (:id, :digest, :organization, :reportId, :from, :to, :succeeded, :failed, :leftOut, :by, :now)
				on conflict (digest) do nothing""")
			.param("id", id)
			.param("digest", digest(file))
			.param("organization", report.organization())
			.param("reportId", report.reportId())
			.param("from", utc(report.from()), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("to", utc(report.to()), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("succeeded", report.succeeded())
			.param("failed", report.failed())
			.param("leftOut", report.leftOut())
			.param("by", person.id())
			.param("now", TlsWatch.utc(now))
			.update();
		if (first == 0) {
			return Optional.empty();
		}
		String sender = (about != null) ? about.ascii() : sender(report);
		for (int i = 0; i < report.failures().size(); i++) {
			keep(id, i, report.failures().get(i), sender, about);
		}
		this.audit.append(Act.of("tlscheck.report-read")
			.on("tls-report", id)
			.detail("organization", report.organization())
			.detail("failures", report.failures().size())
			.detail("sessions", report.failed()));
		return Optional.of(report);
	}

	private void keep(UUID id, int position, TlsReport.Failure failure, @Nullable String sender,
			@Nullable DomainName about) {
		boolean towardUs = this.organization.mailDomains()
			.stream()
			.anyMatch((domain) -> domain.ascii().equals(failure.policyDomain()));
		String domain = (towardUs || about != null) ? sender : known(failure.policyDomain());
		this.jdbc.sql("""
				insert into tls_report_failure (tls_report_id, position, domain, toward_us, policy_domain, policy_type,
					result_type, sessions, receiving_mx, reason)
				values (:id, :position, :domain, :towardUs, :policyDomain, :policyType, :result, :sessions, :mx,
					:reason)""")
			.param("id", id)
			.param("position", position)
			.param("domain", domain)
			.param("towardUs", towardUs)
			.param("policyDomain", failure.policyDomain())
			.param("policyType", failure.policyType())
			.param("result", failure.resultType())
			.param("sessions", failure.sessions())
			.param("mx", failure.receivingMx())
			.param("reason", failure.reason())
			.update();
	}

	/**
	 * Which partner's domain a report came from: that of its contact, or its name where
	 * that is a domain.
	 */
	private @Nullable String sender(TlsReport report) {
		String contact = report.contact().replaceFirst("(?i)^mailto:", "");
		String byContact = known(contact.substring(contact.lastIndexOf('@') + 1));
		return (byContact != null) ? byContact : known(report.organization());
	}

	/** The domain that is watched, itself or the one above it. */
	private @Nullable String known(String name) {
		String candidate = name.strip().toLowerCase(Locale.ROOT);
		while (candidate.indexOf('.') > 0) {
			String one = candidate;
			boolean found = this.jdbc
				.sql("select count(*) from watched_domain where domain = :domain and watched_since is not null")
				.param("domain", one)
				.query(Integer.class)
				.single() > 0;
			if (found) {
				return one;
			}
			candidate = candidate.substring(candidate.indexOf('.') + 1);
		}
		return null;
	}

	/** The newest reports, newest first. */
	@Transactional(readOnly = true)
	List<Taken> newest(int most) {
		return this.jdbc.sql("""
				select r.*, (select string_agg(distinct f.domain, ', ') from tls_report_failure f
					where f.tls_report_id = r.id) as domains,
					(select string_agg(distinct f.result_type, ', ') from tls_report_failure f
					where f.tls_report_id = r.id) as types
				from tls_report r order by uploaded_at desc, id desc limit :most""")
			.param("most", most)
			.query((row, number) -> new Taken(row.getObject("id", UUID.class), row.getString("organization"),
					row.getString("report_id"), TlsWatch.instant(row, "range_from"), TlsWatch.instant(row, "range_to"),
					row.getLong("succeeded"), row.getLong("failed"), row.getInt("left_out"),
					row.getObject("uploaded_at", OffsetDateTime.class).toInstant(), row.getString("domains"),
					row.getString("types")))
			.list();
	}

	/**
	 * What others report about a domain, each kind of failure once, beside what we see.
	 * @param verdict of our newest check of the domain
	 */
	@Transactional(readOnly = true)
	List<Told> ofDomain(DomainName domain, @Nullable Verdict verdict) {
		return this.jdbc.sql("""
				select f.toward_us, f.result_type, f.policy_domain, sum(f.sessions) as sessions,
					max(coalesce(r.range_to, r.uploaded_at)) as last,
					string_agg(distinct r.organization, ', ') as organizations,
					string_agg(distinct nullif(f.receiving_mx, ''), ', ') as servers
				from tls_report_failure f join tls_report r on r.id = f.tls_report_id
				where f.domain = :domain group by f.toward_us, f.result_type, f.policy_domain
				order by last desc, f.result_type limit 100""").param("domain", domain.ascii()).query((row, number) -> {
			boolean towardUs = row.getBoolean("toward_us");
			String type = row.getString("result_type");
			String policyDomain = row.getString("policy_domain");
			Verdict ours = towardUs ? ofOurs(policyDomain) : verdict;
			return new Told(towardUs, type, row.getLong("sessions"),
					row.getObject("last", OffsetDateTime.class).toInstant(), row.getString("organizations"),
					row.getString("servers"), finding(ours, type), ours != null);
		}).list();
	}

	private @Nullable Verdict ofOurs(String policyDomain) {
		return this.organization.mailDomains()
			.stream()
			.filter((domain) -> domain.ascii().equals(policyDomain))
			.findFirst()
			.flatMap(this.checks::latestFinished)
			.map(TlsCheck::verdict)
			.orElse(null);
	}

	private static @Nullable Finding finding(@Nullable Verdict verdict, String type) {
		return (verdict == null) ? null
				: verdict.findings().stream().filter((finding) -> finding.code().equals(type)).findFirst().orElse(null);
	}

	private static String digest(byte[] file) {
		try {
			return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every Java platform has SHA-256", ex);
		}
	}

	private static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
		return (instant != null) ? TlsWatch.utc(instant) : null;
	}

	/** A report that was taken in. */
	record Taken(UUID id, String organization, @Nullable String reportId, @Nullable Instant from, @Nullable Instant to,
			long succeeded, long failed, int leftOut, Instant at, @Nullable String domains, @Nullable String types) {
	}

	/**
	 * What others tell of a domain.
	 *
	 * @param towardUs about mail from there to us; else about mail to there
	 * @param resultType an IANA STARTTLS validation result type
	 * @param sessions how many failed, over all reports
	 * @param last until when
	 * @param organizations who says so
	 * @param servers which servers were failing
	 * @param finding what we see of the same kind
	 * @param checked whether we have looked at all
	 */
	record Told(boolean towardUs, String resultType, long sessions, Instant last, String organizations,
			@Nullable String servers, @Nullable Finding finding, boolean checked) {

		/** What it means beside our own checks. */
		public String words() {
			Finding ours = this.finding;
			return (ours != null) ? "We see it too: " + ours.sentence()
					: this.checked
							? "Our newest check does not see it: it may be mended, or happen on another way only."
							: "We have not looked ourselves.";
		}

	}

}
