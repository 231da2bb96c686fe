package org.partnertls.evidence;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.mail.Letter;
import org.partnertls.mail.MailProperties;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Tells administrators once a day what waits for them, instead of a letter for each. What
 * cannot wait for the morning is an alarm.
 */
@Component
class Digest {

	/** Whom the work list is for; nobody has shaped anything under this id. */
	private static final UUID ANYBODY = new UUID(0, 0);

	/** What falls due later can wait for another morning. */
	private static final Duration AHEAD = Duration.ofDays(30);

	/** Named of a kind; the page has all. */
	private static final int NAMED = 3;

	private final WorkList work;

	private final MailProperties mail;

	private final OrganizationProperties organization;

	private final Outbox outbox;

	private final AuditLog audit;

	private final JdbcClient jdbc;

	private final ZoneId zone;

	private final Clock clock;

	Digest(WorkList work, MailProperties mail, OrganizationProperties organization, Outbox outbox, AuditLog audit,
			JdbcClient jdbc, ZoneId zone, Clock clock) {
		this.work = work;
		this.mail = mail;
		this.organization = organization;
		this.outbox = outbox;
		this.audit = audit;
		this.jdbc = jdbc;
		this.zone = zone;
		this.clock = clock;
	}

	/** Writes today's letter, when its hour has come and it is not written yet. */
	@Transactional
	void write() {
		ZonedDateTime now = this.clock.instant().atZone(this.zone);
		EmailAddress administrators = this.mail.administrators();
		if (administrators == null || now.getHour() < this.mail.digestHour() || hasBegun(now.toLocalDate())) {
			return;
		}
		List<String> lines = lines();
		// Whoever adds the day writes the letter; a quiet morning is a day too.
		if (begin(now.toLocalDate(), lines.size()) && !lines.isEmpty()) {
			this.outbox.post(Letter.to(administrators, "administrators-digest")
				.with("about",
						(lines.size() == 1) ? lines.getFirst().substring(2).replaceFirst("\n.*", "")
								: lines.size() + " kinds of work")
				.with("words", String.join("\n", lines))
				.with("page", this.organization.link("/overview")));
			this.audit.append(Act.of("mail.digest")
				.by(Actor.system("digest"))
				.on("day", now.toLocalDate())
				.detail("things", lines.size()));
		}
	}

	private boolean hasBegun(LocalDate day) {
		return this.jdbc.sql("select exists (select from digest where day = ?)")
			.param(day)
			.query(Boolean.class)
			.single();
	}

	private boolean begin(LocalDate day, int things) {
		return this.jdbc.sql("insert into digest (day, at, things) values (?, ?, ?) on conflict do nothing")
			.params(day, this.clock.instant().atOffset(ZoneOffset.UTC), things)
			.update() == 1;
	}

	/** A line for each kind of work, with the first that it is about. */
	private List<String> lines() {
		List<String> lines = new ArrayList<>();
		long alarms = this.jdbc.sql("select count(*) from alarm where state = 'OPEN'").query(Long.class).single();
		if (alarms > 0) {
			lines.add("- Open alarms that nobody has acknowledged: " + alarms);
		}
		for (WorkList.Group group : this.work.groups(ANYBODY, AHEAD)) {
			List<String> names = group.items().stream().map(WorkList.Item::title).distinct().limit(NAMED).toList();
			lines.add("- " + group.title() + ": " + group.number()
					+ ((!group.ahead() && group.fresh() > 0) ? ", " + group.fresh() + " new since yesterday" : "")
					+ " (" + String.join(", ", names) + ((group.number() > names.size()) ? ", …" : "") + ")");
		}
		return lines;
	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		RecurringTask<Void> digestTask(Digest digest) {
			return Tasks.recurring("digest", FixedDelay.of(Duration.ofMinutes(10)))
				.defaultPriority(5)
				.execute((instance, context) -> digest.write());
		}

	}

}
