package org.partnertls.tlscheck;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Ids;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Retries;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Tries whether a partner's servers refuse clear text from us. It looks like the
 * beginning of a delivery, so it happens only when a person of the partner asks for it,
 * with that person's own address, and never again within minutes.
 */
@Component
class ClearTextChecks {

	private static final TaskDescriptor<Void> TASK = TaskDescriptor.of("clear-text-check");

	private static final Duration AGAIN = Duration.ofMinutes(5);

	private final JdbcClient jdbc;

	private final SchedulerClient scheduler;

	private final AuditLog audit;

	private final JsonMapper json;

	private final Clock clock;

	ClearTextChecks(JdbcClient jdbc, @Lazy SchedulerClient scheduler, AuditLog audit, JsonMapper json, Clock clock) {
		this.jdbc = jdbc;
		this.scheduler = scheduler;
		this.audit = audit;
		this.json = json;
		this.clock = clock;
	}

	/**
	 * Asks for it. Where one of the domain is under way, or was asked for a short time
	 * ago, that one stands for it.
	 * @param domain a domain of the person's partner
	 * @return false when the person's address is in another domain
	 */
	@Transactional
	boolean ask(DomainName domain, SignedIn person) {
		EmailAddress recipient = address(person);
		if (recipient == null || !recipient.domain().equals(domain)) {
			return false;
		}
		this.jdbc.sql("select pg_advisory_xact_lock(hashtextextended('clear_text_check ' || :domain, 0))")
			.param("domain", domain.ascii())
			.query((row, number) -> 0)
			.single();
		Instant now = this.clock.instant();
		if (latest(domain).filter((last) -> last.askedAt().plus(AGAIN).isAfter(now)).isPresent()) {
			return true;
		}
		UUID id = Ids.at(now);
		this.jdbc.sql("""
				insert into clear_text_check (id, domain, asked_by, asked_at, recipient)
				values (:id, :domain, :by, :now, :recipient)""")
			.param("id", id)
			.param("domain", domain.ascii())
			.param("by", person.id())
			.param("now", TlsWatch.utc(now))
			.param("recipient", recipient.toString())
			.update();
		this.audit.append(Act.of("tlscheck.clear-text-asked").on("clear-text-check", id).domain(domain));
		this.scheduler.scheduleIfNotExists(TASK.instance(id.toString()).scheduledTo(now));
		return true;
	}

	/** Whether a person's own address can be the recipient. */
	static boolean mayAsk(DomainName domain, SignedIn person) {
		EmailAddress address = address(person);
		return address != null && address.domain().equals(domain);
	}

	private static @Nullable EmailAddress address(SignedIn person) {
		return (person.address() != null) ? EmailAddress.of(person.address()) : null;
	}

	/** The newest of a domain. */
	@Transactional(readOnly = true)
	Optional<ClearTextCheck> latest(DomainName domain) {
		return this.jdbc
			.sql("select * from clear_text_check where domain = :domain order by asked_at desc, id desc limit 1")
			.param("domain", domain.ascii())
			.query(this::check)
			.optional();
	}

	/** By its id. */
	@Transactional(readOnly = true)
	Optional<ClearTextCheck> find(UUID id) {
		return this.jdbc.sql("select * from clear_text_check where id = :id")
			.param("id", id)
			.query(this::check)
			.optional();
	}

	private ClearTextCheck check(ResultSet row, int number) throws SQLException {
		String result = row.getString("result");
		return new ClearTextCheck(row.getObject("id", UUID.class), new DomainName(row.getString("domain")),
				row.getObject("asked_at", OffsetDateTime.class).toInstant(), row.getString("recipient"),
				TlsWatch.instant(row, "finished_at"),
				(result != null) ? this.json.readValue(result, ClearTextReport.class) : null);
	}

	/** Keeps what was seen. */
	@Transactional
	void finish(ClearTextCheck check, ClearTextReport report) {
		int first = this.jdbc.sql("""
				update clear_text_check set finished_at = :now, outcome = :outcome, result = :result, recipient = ''
				where id = :id and finished_at is null""")
			.param("now", TlsWatch.utc(this.clock.instant()))
			.param("outcome", report.outcome().name())
			.param("result", this.json.writeValueAsString(report))
			.param("id", check.id())
			.update();
		if (first == 1) {
			this.audit.append(Act.of("tlscheck.clear-text-finished")
				.by(Actor.system("tls-check"))
				.on("clear-text-check", check.id())
				.domain(check.domain())
				.detail("outcome", report.outcome()));
		}
	}

	/**
	 * One of them.
	 *
	 * @param id its id
	 * @param domain the mail domain
	 * @param askedAt when it was asked for
	 * @param recipient who was named; empty when it has ended
	 * @param finishedAt when it ended
	 * @param report what was seen, once it has ended
	 */
	record ClearTextCheck(UUID id, DomainName domain, Instant askedAt, String recipient, @Nullable Instant finishedAt,
			@Nullable ClearTextReport report) {

		/** Whether it may still end by itself. */
		public boolean underWay(Instant now) {
			return this.report == null && this.askedAt.plus(TlsCheck.GIVEN_UP).isAfter(now);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		OneTimeTask<Void> clearTextCheck(ClearTextChecks checks, Prober prober, OrganizationProperties organization) {
			EmailAddress sender = EmailAddress.of("tls-test@" + organization.primaryDomain().ascii());
			return Tasks.oneTime(TASK)
				.defaultPriority(10)
				.onFailure(Retries.thenPark(Duration.ofSeconds(10)))
				.execute((instance, context) -> {
					ClearTextCheck check = checks.find(UUID.fromString(instance.getId())).orElseThrow();
					if (check.report() != null) {
						return;
					}
					ClearTextReport report = prober.refusesClearText(sender, EmailAddress.of(check.recipient()),
							(sentence) -> {
							});
					checks.finish(check, report);
				});
		}

	}

}
