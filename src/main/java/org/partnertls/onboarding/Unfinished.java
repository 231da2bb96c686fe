package org.partnertls.onboarding;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.Connectors;
import org.partnertls.organization.OneByOne;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Partnership;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Partners who began and did not finish: they are reminded, and in the end it is over: of
 * a first task list the partnership, of a change the change, and all stays as it is.
 * Whoever has connectors of ours is never ended by itself, and what the TLS check saw is
 * there whether anybody answers or not. Re-certifications have their own reminders.
 */
@Component
@Transactional
class Unfinished {

	private final Onboarding onboarding;

	private final Passes passes;

	private final Partners partners;

	private final Connectors connectors;

	private final TaskListProperties settings;

	private final JdbcClient jdbc;

	private final AuditLog audit;

	private final ZoneId zone;

	private final Clock clock;

	Unfinished(Onboarding onboarding, Passes passes, Partners partners, Connectors connectors,
			TaskListProperties settings, JdbcClient jdbc, AuditLog audit, ZoneId zone, Clock clock) {
		this.onboarding = onboarding;
		this.passes = passes;
		this.partners = partners;
		this.connectors = connectors;
		this.settings = settings;
		this.jdbc = jdbc;
		this.audit = audit;
		this.zone = zone;
		this.clock = clock;
	}

	/**
	 * The task lists to which nobody has given an answer for long: whose reminder is due,
	 * or whose announced end has come, whenever they were reminded last.
	 */
	@Transactional(readOnly = true)
	List<UUID> silent() {
		return this.jdbc
			.sql("""
					select a.id from attestation a join partnership p on p.id = a.partner_id
					where a.state in ('OPEN', 'RETURNED') and (a.kind, p.state) in (('FIRST', 'ONBOARDING'), ('CHANGE', 'ACTIVE'))
						and (greatest(a.changed_at, coalesce(a.reminded_at, a.changed_at)) <= :before
							or (:expires and a.changed_at <= :end and (a.kind, a.opened_by) <> ('CHANGE', 'PORTAL')))
					order by greatest(a.changed_at, coalesce(a.reminded_at, a.changed_at)) limit 500""")
			.param("before", before(this.settings.remindAfter()))
			.param("expires", !this.settings.expireAfter().isZero())
			.param("end", before(this.settings.expireAfter()))
			.query((row, number) -> row.getObject("id", UUID.class))
			.list();
	}

	private OffsetDateTime before(Duration ago) {
		return this.clock.instant().minus(ago).atOffset(ZoneOffset.UTC);
	}

	void look(UUID id) {
		Onboarding.Pass pass = this.onboarding.find(id).orElseThrow(NotFound::new);
		Partner partner = pass.partner();
		boolean change = pass.attestation().kind() == Attestation.Kind.CHANGE;
		if (!pass.attestation().isEditable()
				|| partner.state() != (change ? Partnership.State.ACTIVE : Partnership.State.ONBOARDING)) {
			return;
		}
		Instant now = this.clock.instant();
		boolean ends = !this.settings.expireAfter().isZero()
				&& (change ? pass.attestation().openedBy() != Attestation.Opener.PORTAL
						: this.connectors.partnerName(partner.id()).isEmpty());
		Instant end = pass.attestation().changedAt().plus(this.settings.expireAfter());
		if (ends && !end.isAfter(now)) {
			String days = this.settings.expireAfter().toDays() + " days.";
			if (change) {
				this.passes.expire(partner, pass.attestation(), "Nobody went on with the change for " + days);
			}
			else {
				this.partners.expire(partner.id(), "Nobody went on with the task list for " + days);
			}
			return;
		}
		remind(pass,
				ends ? " Without an answer it ends by itself on "
						+ DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.UK).format(end.atZone(this.zone)) + "."
						: "");
	}

	private void remind(Onboarding.Pass pass, String end) {
		// Not by the entity: a reminder is no change that makes the partner's page stale.
		int due = this.jdbc.sql("""
				update attestation set reminded_at = :now
				where id = :id and greatest(changed_at, coalesce(reminded_at, changed_at)) <= :before""")
			.param("now", this.clock.instant().atOffset(ZoneOffset.UTC))
			.param("before", before(this.settings.remindAfter()))
			.param("id", pass.attestation().id())
			.update();
		if (due == 0) {
			return;
		}
		this.audit.append(Onboarding.about(Act.of("attestation.reminded"), pass.partner(), pass.attestation())
			.detail("done", pass.done())
			.detail("of", pass.tasks().size()));
		String open = pass.tasks()
			.stream()
			.filter((task) -> !task.done())
			.map(TaskList.Task::title)
			.collect(Collectors.joining(", "));
		this.onboarding.tellPartner(pass.partner(), "reminded", "/tasks", false,
				pass.done() + " of " + pass.tasks().size() + " tasks are done. Still open: " + open + "." + end);
	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		RecurringTask<Void> unfinishedTaskLists(Unfinished unfinished, TransactionTemplate transaction) {
			return Tasks.recurring("unfinished-task-lists", FixedDelay.ofHours(6))
				.execute((instance, context) -> OneByOne.each("unfinished-task-lists", unfinished.silent(), transaction,
						unfinished::look));
		}

	}

}
