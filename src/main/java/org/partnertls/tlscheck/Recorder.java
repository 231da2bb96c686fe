package org.partnertls.tlscheck;

import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Approved.Difference;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.CertificateFacts;
import org.partnertls.tlscheck.Report.HostReport;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Keeps what a check saw, and works out what it means for the domain: its state, what
 * differs from what was approved, which certificates run out, and when to look again. All
 * of it, with its events, in one transaction.
 */
@Component
class Recorder {

	private final JdbcClient jdbc;

	private final TlsChecks checks;

	private final TlsWatch watch;

	private final AuditLog audit;

	private final ApplicationEventPublisher events;

	private final JsonMapper json;

	private final RoundSettings settings;

	private final Clock clock;

	Recorder(JdbcClient jdbc, TlsChecks checks, TlsWatch watch, AuditLog audit, ApplicationEventPublisher events,
			JsonMapper json, TlsCheckProperties properties, Clock clock) {
		this.jdbc = jdbc;
		this.checks = checks;
		this.watch = watch;
		this.audit = audit;
		this.events = events;
		this.json = json;
		this.settings = properties.rounds();
		this.clock = clock;
	}

	/**
	 * Ends a check that somebody asked for.
	 * @return whether this was the first to do so; otherwise nothing was changed
	 */
	@Transactional
	boolean finish(UUID id, DomainName domain, Report report, boolean counted) {
		Instant now = this.clock.instant();
		if (this.jdbc.sql("""
				update tls_check set finished_at = :now, report = :report, rules_version = :rules, progress = null
				where id = :id and finished_at is null""")
			.param("now", TlsWatch.utc(now))
			.param("report", this.json.writeValueAsString(report))
			.param("rules", report.rulesVersion())
			.param("id", id)
			.update() == 0) {
			return false;
		}
		conclude(id, domain, report, counted, now);
		return true;
	}

	/**
	 * Keeps a check that a round made.
	 * @param counted false when our own outage is to blame
	 */
	@Transactional
	void keep(UUID id, DomainName domain, Report report, boolean counted) {
		Instant now = this.clock.instant();
		this.jdbc.sql("""
				insert into tls_check (id, domain, asked_at, asked_by, started_at, finished_at, report, rules_version)
				values (:id, :domain, :started, :by, :started, :now, :report, :rules)""")
			.param("id", id)
			.param("domain", domain.ascii())
			.param("by", TlsChecks.ROUND)
			.param("started", TlsWatch.utc(report.started()))
			.param("now", TlsWatch.utc(now))
			.param("report", this.json.writeValueAsString(report))
			.param("rules", report.rulesVersion())
			.update();
		conclude(id, domain, report, counted, now);
	}

	/**
	 * Copies today's verdict on the newest report of a domain; its state waits for the
	 * next check.
	 */
	@Transactional
	void judgeAgain(DomainName domain) {
		WatchedDomain before = this.watch.lock(domain).orElseThrow();
		UUID id = before.checkId();
		Report report = (id != null) ? this.checks.find(id).map(TlsCheck::report).orElse(null) : null;
		if (report == null) {
			leaveAsJudged(domain);
			return;
		}
		Outcomes outcomes = Outcomes.of(report, Verdict.of(report), before.level(), before.approved());
		this.jdbc.sql("""
				update watched_domain set rules_version = :rules, outcome = :outcome, forced_tls = :forced,
					sentence = :sentence, expires_at = :expires, expiring_from = :expiring, platform = :platform
				where domain = :domain""")
			.param("rules", Report.RULES_VERSION)
			.param("outcome", outcomes.outcome().name())
			.param("forced", outcomes.forcedTls().name())
			.param("sentence", outcomes.sentence())
			.param("expires", utc(outcomes.expiresAt()), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("expiring", utc(outcomes.expiringFrom()), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("platform", outcomes.platform().name())
			.param("domain", domain.ascii())
			.update();
	}

	/** Takes a domain as judged, so that nobody tries for ever. */
	@Transactional
	void leaveAsJudged(DomainName domain) {
		this.jdbc.sql("update watched_domain set rules_version = :rules where domain = :domain")
			.param("rules", Report.RULES_VERSION)
			.param("domain", domain.ascii())
			.update();
	}

	private void conclude(UUID id, DomainName domain, Report report, boolean counted, Instant now) {
		this.checks.note(domain, now);
		WatchedDomain before = this.watch.lock(domain).orElseThrow();
		Verdict verdict = Verdict.of(report);
		Outcomes outcomes = Outcomes.of(report, verdict, before.level(), before.approved());
		Condition condition = counted
				? before.condition().after(outcomes.outcome(), outcomes.hard(), now, this.settings.patience())
				: before.condition();
		boolean changed = condition.state() != before.condition().state();
		this.jdbc.sql("""
				update tls_check set outcome = :outcome, forced_tls = :forced, sentence = :sentence,
					expires_at = :expires, became = :became, counted = :counted where id = :id""")
			.param("outcome", outcomes.outcome().name())
			.param("forced", outcomes.forcedTls().name())
			.param("sentence", outcomes.sentence())
			.param("expires", utc(outcomes.expiresAt()), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("became", changed ? condition.state().name() : null)
			.param("counted", counted)
			.param("id", id)
			.update();
		if (!counted) {
			return;
		}
		Approved approved = before.approved();
		if (approved != null && !approved.seen() && !report.hosts().isEmpty()) {
			approved = Approved.of(report, approved.level(), approved.tlsDomain(), approved.at());
		}
		Difference difference = (approved != null && approved.seen()) ? approved.compare(report, verdict)
				: new Difference(List.of(), "");
		// A look-up without an answer shows no difference, and does not end one either.
		boolean silent = report.mx().outcome() == Report.MxOutcome.NO_ANSWER;
		String words = silent ? before.difference() : difference.words();
		store(before, id, condition, outcomes, approved, words, now, report);
		UUID partner = before.partnerId();
		if (partner == null) {
			return;
		}
		gap(before, partner, id, condition, now);
		if (changed) {
			changed(before, partner, id, condition, verdict);
		}
		if (words != null && !words.equals(before.difference())) {
			differs(before, partner, id, report, verdict, difference);
		}
		else if (words == null && before.difference() != null) {
			this.audit.append(act("tlscheck.agrees", before, partner, id));
		}
		warn(before, partner, id, report, now);
	}

	private void differs(WatchedDomain before, UUID partner, UUID id, Report report, Verdict verdict,
			Difference difference) {
		Approved approved = Objects.requireNonNull(before.approved());
		Approved seen = Approved.of(report, approved.level(), approved.tlsDomain(), report.finished());
		Verdict.Outcome outbound = approved.outcome(report, verdict);
		this.audit.append(
				act("tlscheck.differs", before, partner, id).detail("changes", String.join(" ", difference.changes()))
					.detail("effect", difference.effect())
					.detail("approved", String.join(", ", approved.hosts()))
					.detail("seen", String.join(", ", seen.hosts()))
					.detail("outbound", outbound));
		this.events.publishEvent(new TlsWatchEvent.Differs(before.domain(), partner, id, difference.changes(),
				difference.effect(), approved, seen, outbound, verdict.domainValidation().tlsDomain()));
	}

	private void store(WatchedDomain before, UUID id, Condition condition, Outcomes outcomes,
			@Nullable Approved approved, @Nullable String difference, Instant now, Report report) {
		Instant since = (difference == null) ? null
				: difference.equals(before.difference()) ? before.differenceSince() : now;
		Instant due = before.watched()
				? this.settings.pace().next(before.domain().ascii(), condition, now, putOffUntil(report, now)) : null;
		this.jdbc
			.sql("""
					update watched_domain set approved = :approved, due_at = :due, state = :state, state_since = :since,
						failures = :failures, first_failed_at = :firstFailed, unclear = :unclear,
						unclear_since = :unclearSince, check_id = :check, deep_at = :deep, checked_at = :now, rules_version = :rules,
						outcome = :outcome, forced_tls = :forced, sentence = :sentence, expires_at = :expires,
						expiring_from = :expiring, platform = :platform, difference = :difference,
						difference_since = :differs
					where domain = :domain""")
			.param("approved", (approved != null) ? this.json.writeValueAsString(approved) : null)
			.param("due", utc(due), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("state", condition.state().name())
			.param("since", TlsWatch.utc(condition.since()))
			.param("failures", condition.failures())
			.param("firstFailed", utc(condition.firstFailedAt()), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("unclear", condition.unclear())
			.param("unclearSince", utc(condition.unclearSince()), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("check", id)
			.param("deep", utc((report.depth() == Report.Depth.WEEKLY) ? now : before.deepAt()),
					Types.TIMESTAMP_WITH_TIMEZONE)
			.param("now", TlsWatch.utc(now))
			.param("rules", Report.RULES_VERSION)
			.param("outcome", outcomes.outcome().name())
			.param("forced", outcomes.forcedTls().name())
			.param("sentence", outcomes.sentence())
			.param("expires", utc(outcomes.expiresAt()), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("expiring", utc(outcomes.expiringFrom()), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("platform", outcomes.platform().name())
			.param("difference", difference)
			.param("differs", utc(since), Types.TIMESTAMP_WITH_TIMEZONE)
			.param("domain", before.domain().ascii())
			.update();
	}

	private @Nullable Instant putOffUntil(Report report, Instant now) {
		List<String> hosts = report.hosts().stream().map(HostReport::name).toList();
		return hosts.isEmpty() ? null
				: this.jdbc.sql("""
						select max(until) as until from server_rest
						where host in (:hosts) and until > :now""")
					.param("hosts", hosts)
					.param("now", TlsWatch.utc(now))
					.query((row, number) -> java.util.Optional.ofNullable(TlsWatch.instant(row, "until")))
					.single()
					.orElse(null);
	}

	/**
	 * Notes, when a check says something again, for how long nothing was known.
	 */
	private void gap(WatchedDomain before, UUID partner, UUID id, Condition condition, Instant now) {
		Instant checked = before.checkedAt();
		Instant watched = before.watchedSince();
		Instant last = (checked != null && watched != null && watched.isAfter(checked)) ? watched : checked;
		if (last != null && last.plus(this.settings.latest()).isBefore(now)) {
			this.audit.append(gap(before, partner, id, last, now).detail("reason", "not-checked"));
			return;
		}
		Instant unclear = before.condition().unclearSince(now, this.settings.patience());
		if (unclear != null && condition.unclear() == 0) {
			this.audit.append(gap(before, partner, id, unclear, now).detail("reason", "inconclusive"));
		}
	}

	private static Act gap(WatchedDomain before, UUID partner, UUID id, Instant since, Instant until) {
		return act("tlscheck.gap", before, partner, id).detail("since", since).detail("until", until);
	}

	private void changed(WatchedDomain before, UUID partner, UUID id, Condition condition, Verdict verdict) {
		switch (condition.state()) {
			case FAILING -> {
				Finding worst = worst(verdict, before.level());
				String sentence = (worst != null) ? worst.sentence()
						: "The certificate does not have the name that our connector demands.";
				this.audit.append(act("tlscheck.failing", before, partner, id).failed()
					.change("state", before.condition().state(), condition.state())
					.detail("failures", condition.failures())
					.detail("found", (worst != null) ? worst.code() : "certificate-host-mismatch"));
				this.events.publishEvent(new TlsWatchEvent.Failing(before.domain(), partner, id, sentence,
						(worst != null) ? worst.remedy() : ""));
			}
			case GOOD -> {
				this.audit.append(act("tlscheck.recovered", before, partner, id).change("state",
						before.condition().state(), condition.state()));
				if (before.condition().state() == Condition.State.FAILING) {
					this.events.publishEvent(new TlsWatchEvent.Recovered(before.domain(), partner, id));
				}
			}
			case UNKNOWN -> {
			}
		}
	}

	private static @Nullable Finding worst(Verdict verdict, Level level) {
		return verdict.findings()
			.stream()
			.filter((finding) -> finding.severity() == Finding.Severity.FAIL && finding.stops().contains(level))
			.findFirst()
			.orElse(null);
	}

	private void warn(WatchedDomain before, UUID partner, UUID id, Report report, Instant now) {
		List<String> told = new ArrayList<>();
		for (HostReport host : report.hosts()) {
			for (AddressReport address : host.addresses()) {
				CertificateFacts leaf = (address.chain() != null) ? address.chain().leaf() : null;
				if (leaf != null && !told.contains(leaf.sha256()) && leaf.notAfter().isAfter(now)
						&& !Outcomes.expiringFrom(leaf).isAfter(now)) {
					told.add(leaf.sha256());
					warn(before, partner, id, host.name(), leaf, now);
				}
			}
		}
	}

	private void warn(WatchedDomain before, UUID partner, UUID id, String host, CertificateFacts leaf, Instant now) {
		int first = this.jdbc.sql("""
				insert into certificate_warning (domain, sha256, expires_at, warned_at)
				values (:domain, :sha256, :expires, :now) on conflict do nothing""")
			.param("domain", before.domain().ascii())
			.param("sha256", leaf.sha256())
			.param("expires", TlsWatch.utc(leaf.notAfter()))
			.param("now", TlsWatch.utc(now))
			.update();
		if (first == 1) {
			this.audit.append(act("tlscheck.certificate-expires", before, partner, id).detail("host", host)
				.detail("certificate", leaf.sha256())
				.detail("until", leaf.notAfter()));
			this.events.publishEvent(new TlsWatchEvent.CertificateExpires(before.domain(), partner, id, host,
					leaf.notAfter(), !MxPlatform.isHosted(host)));
		}
	}

	private static Act act(String code, WatchedDomain domain, UUID partner, UUID check) {
		return Act.of(code)
			.by(Actor.system("tls-check"))
			.on("tls-check", check)
			.domain(domain.domain())
			.partner(partner, (domain.partnerName() != null) ? domain.partnerName() : "");
	}

	private static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
		return (instant != null) ? TlsWatch.utc(instant) : null;
	}

}
