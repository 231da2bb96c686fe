package org.partnertls.alarm;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.alarm.Alarm.Found;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.audit.HistoryAlarm;
import org.partnertls.audit.PeopleByAddress;
import org.partnertls.audit.PersonKeeper;
import org.partnertls.connector.CredentialEnds;
import org.partnertls.mail.Letter;
import org.partnertls.mail.MailProperties;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Retries;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Looks what is wrong and keeps one living alarm for each of it: opens it once, closes it
 * when its cause is gone, and escalates what nobody acknowledges. Since it looks at what
 * is, no alarm depends on a message having been heard; only what leaves no state behind
 * is heard of.
 */
@Component
class AlarmWatch {

	/** Before that, a letter at each of its days is enough. */
	private static final Duration ENDING = Duration.ofDays(14);

	/** Of more at once, a letter names the first. */
	private static final int NAMED = 20;

	private final Alarms alarms;

	private final Hooks hooks;

	private final AlarmProperties settings;

	private final MailProperties mail;

	private final OrganizationProperties organization;

	private final Outbox outbox;

	private final AuditLog audit;

	private final JdbcClient jdbc;

	private final Clock clock;

	AlarmWatch(Alarms alarms, Hooks hooks, AlarmProperties settings, MailProperties mail,
			OrganizationProperties organization, Outbox outbox, AuditLog audit, JdbcClient jdbc, Clock clock) {
		this.alarms = alarms;
		this.hooks = hooks;
		this.settings = settings;
		this.mail = mail;
		this.organization = organization;
		this.outbox = outbox;
		this.audit = audit;
		this.jdbc = jdbc;
		this.clock = clock;
	}

	@EventListener
	void on(HistoryAlarm event) {
		// What the verification finds stands in its result.
		if (event.kind() == HistoryAlarm.Kind.NOT_SEALED) {
			heard(new Found(Cause.SEALING, "sealing", null, null, event.words(), "/history/integrity", null));
		}
	}

	@EventListener
	void on(CredentialEnds event) {
		EmailAddress administrators = this.mail.administrators();
		if (administrators != null) {
			this.outbox.post(Letter.to(administrators, "administrators-credential")
				.with("subject", event.subject())
				.with("thumbprint", event.thumbprint())
				.with("words", (event.ended() ? "It ended on " : "It ends on ") + words(event.at()) + ".")
				.with("page", this.organization.link("/connection")));
		}
		if (event.at().isAfter(this.clock.instant().plus(ENDING))) {
			return;
		}
		heard(new Found(Cause.CREDENTIAL, event.thumbprint(), null, null,
				"The certificate " + event.subject() + " with the thumbprint " + event.thumbprint()
						+ (event.ended() ? " ended on " : " ends on ") + words(event.at()) + ".",
				"/connection", null));
	}

	private void heard(Found found) {
		Optional<Alarm> living = this.alarms.findLiving()
			.stream()
			.filter((alarm) -> alarm.cause() == found.cause() && alarm.subject().equals(found.subject()))
			.findFirst();
		living.ifPresentOrElse((alarm) -> {
			alarm.goesOn(found);
			this.alarms.save(alarm);
		}, () -> tellOpened(List.of(open(found))));
	}

	/** Compares what is wrong now with the alarms that live. */
	@Transactional
	void look() {
		Instant now = this.clock.instant();
		Map<String, Found> wrong = wrong(now);
		List<AlarmView> escalated = new ArrayList<>();
		List<Notice> notices = new ArrayList<>();
		for (Alarm alarm : this.alarms.findLiving()) {
			Found still = wrong.remove(key(alarm.cause(), alarm.subject()));
			if (still == null) {
				notices.add(close(alarm, now));
				continue;
			}
			alarm.goesOn(still);
			if (alarm.isToEscalate(now)) {
				alarm.escalate(now);
				this.audit.append(act("alarm.escalated", alarm).by(Actor.system("alarm-watch")));
				notices.add(notice("alarm.escalated", "Nobody has acknowledged this alarm", alarm.view(), null));
				escalated.add(alarm.view());
			}
			this.alarms.save(alarm);
		}
		this.hooks.tell(notices);
		tellOpened(wrong.values().stream().map(this::open).toList());
		if (!escalated.isEmpty()) {
			List<EmailAddress> second = this.settings.escalationAddresses();
			letters("alarm-escalated", second.isEmpty() ? addresses() : second, escalated);
		}
	}

	/**
	 * Somebody takes care of an alarm.
	 * @return what was wrong with that; nothing when it is done
	 */
	@Transactional
	Optional<String> acknowledge(UUID id, SignedIn person, @Nullable String note) {
		Alarm alarm = this.alarms.findById(id).orElseThrow(UnknownAlarm::new);
		if (!alarm.acknowledge(person.id(), note, this.clock.instant())) {
			return Optional
				.of((alarm.state() == Alarm.State.CLOSED) ? "The alarm has closed meanwhile: its cause is gone."
						: "Somebody else has acknowledged it meanwhile.");
		}
		this.alarms.save(alarm);
		this.audit.append(act("alarm.acknowledged", alarm).reason(note));
		this.hooks.tell(List
			.of(notice("alarm.acknowledged", "Somebody takes care of this alarm", alarm.view(), person.name())));
		return Optional.empty();
	}

	/** Tries a webhook. */
	@Transactional
	void test(AlarmProperties.Webhook hook) {
		this.hooks.tell(hook,
				new Notice("alarm.test", "A test of the Partner TLS Portal", "This webhook works",
						"Somebody has tried it on the portal's page of alarms.", null,
						this.organization.link("/alarms/settings"), null, this.clock.instant()));
		this.audit.append(Act.of("alarm.webhook-tested").on("webhook", hook.name()));
	}

	private Alarm open(Found found) {
		Instant now = this.clock.instant();
		Alarm alarm = this.alarms.save(new Alarm(found, now.plus(this.settings.escalateAfter()), now));
		this.audit.append(act("alarm.opened", alarm).by(Actor.system("alarm-watch")));
		return alarm;
	}

	private Notice close(Alarm alarm, Instant now) {
		alarm.close(now);
		this.alarms.save(alarm);
		this.audit.append(act("alarm.closed", alarm).by(Actor.system("alarm-watch")));
		return notice("alarm.closed", "Over: its cause is gone", alarm.view(), null);
	}

	private void tellOpened(List<Alarm> opened) {
		if (!opened.isEmpty()) {
			this.hooks.tell(
					opened.stream().map((alarm) -> notice("alarm.opened", "A new alarm", alarm.view(), null)).toList());
			letters("alarm-opened", addresses(), opened.stream().map(Alarm::view).toList());
		}
	}

	private List<EmailAddress> addresses() {
		EmailAddress administrators = this.mail.administrators();
		return !this.settings.addresses().isEmpty() ? this.settings.addresses()
				: (administrators != null) ? List.of(administrators) : List.of();
	}

	/** One letter however many there are. */
	private void letters(String template, List<EmailAddress> to, List<AlarmView> alarms) {
		AlarmView first = alarms.getFirst();
		String words = alarms.stream()
			.limit(NAMED)
			.map((alarm) -> "- " + alarm.title() + ". " + alarm.sentence() + " " + alarm.cause().remedy())
			.collect(Collectors.joining("\n"));
		int more = alarms.size() - NAMED;
		for (EmailAddress address : to) {
			Letter letter = Letter.to(address, template)
				.with("about", (alarms.size() == 1) ? first.title() : first.title() + " (+" + (alarms.size() - 1) + ")")
				.with("words", (more > 0) ? words + "\n- … (+" + more + ")" : words)
				.with("until", words(first.openedAt().plus(this.settings.escalateAfter())))
				.with("page", this.organization.link((alarms.size() == 1) ? first.path() : "/alarms"));
			UUID partner = first.partnerId();
			this.outbox.post((alarms.size() == 1 && partner != null) ? letter.about(partner) : letter);
		}
	}

	private Notice notice(String event, String words, AlarmView alarm, @Nullable String by) {
		return Notice.about(alarm, event, words, this.organization.link(alarm.path()), by, this.clock.instant());
	}

	private static Act act(String code, Alarm alarm) {
		AlarmView view = alarm.view();
		Act act = Act.of(code).on("alarm", view.id()).detail("cause", view.cause());
		return (view.partnerId() != null) ? act.partner(view.partnerId(), String.valueOf(view.partnerName())) : act;
	}

	private Map<String, Found> wrong(Instant now) {
		Map<String, Found> wrong = new LinkedHashMap<>();
		this.jdbc.sql(Cause.STATEMENT)
			.param("now", now.atOffset(ZoneOffset.UTC))
			.param("zone", this.organization.zone().getId())
			.param("parked", Retries.LIMIT)
			.query(AlarmWatch::found)
			.list()
			.forEach((found) -> wrong.put(key(found.cause(), found.subject()), found));
		return wrong;
	}

	private static Found found(ResultSet row, int number) throws SQLException {
		OffsetDateTime since = row.getObject("since", OffsetDateTime.class);
		return new Found(Cause.valueOf(row.getString("cause")), row.getString("subject"),
				row.getObject("partner_id", UUID.class), row.getString("partner_name"), row.getString("sentence"),
				row.getString("page"), (since != null) ? since.toInstant() : null);
	}

	private static String key(Cause cause, String subject) {
		return cause + " " + subject;
	}

	private String words(Instant at) {
		ZoneId zone = this.organization.zone();
		return DateTimeFormatter.ofPattern("EEEE d MMMM uuuu, HH:mm zzz", Locale.UK).format(at.atZone(zone));
	}

	@Configuration(proxyBeanMethods = false)
	static class Job {

		/**
		 * Whoever acknowledged an alarm: their words, and their name in what was sent.
		 */
		@Bean
		PersonKeeper alarmsPeople(JdbcClient jdbc) {
			return new PeopleByAddress(jdbc, "alarm", "acknowledged_by::text", "note = null");
		}

		@Bean
		PersonKeeper alarmDeliveriesPeople(JdbcClient jdbc) {
			return new PeopleByAddress(jdbc, "alarm_delivery",
					"(select a.acknowledged_by::text from alarm a where a.id = alarm_id)", "body = '{}'",
					"state in ('WAITING', 'FAILED')",
					"A message to a webhook about an alarm that this person acknowledged still waits. It is sent or given up within a day.");
		}

		@Bean
		RecurringTask<Void> alarmWatchTask(AlarmWatch watch) {
			return Tasks.recurring("alarm-watch", FixedDelay.of(Duration.ofSeconds(15)))
				.defaultPriority(20)
				.execute((instance, context) -> watch.look());
		}

	}

}
