package org.partnertls.evidence;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import org.partnertls.account.OnBehalf;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.Plan;
import org.partnertls.connector.PlanResult;
import org.partnertls.connector.Wanted;
import org.partnertls.mail.Letter;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Retries;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Partnership.State;
import org.partnertls.tlscheck.TlsWatch;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What is done to many partners at once: each by a job of its own, one after the other,
 * so that neither mail servers nor the tenant are flooded and nothing is lost.
 */
@Component
class Bulk {

	private static final TaskDescriptor<Void> REMIND = TaskDescriptor.of("partner-reminder");

	private static final TaskDescriptor<Void> COMPARE = TaskDescriptor.of("partner-comparison");

	private static final Duration AGAIN = Duration.ofHours(20);

	private final PartnerList list;

	private final TlsWatch watch;

	private final SchedulerClient scheduler;

	private final AuditLog audit;

	private final Clock clock;

	Bulk(PartnerList list, TlsWatch watch, @Lazy SchedulerClient scheduler, AuditLog audit, Clock clock) {
		this.list = list;
		this.watch = watch;
		this.scheduler = scheduler;
		this.audit = audit;
		this.clock = clock;
	}

	/** Those of some partners to whom an act applies, in the list's order. */
	List<PartnerList.Row> concerned(Kind kind, PartnerFilter filter, Collection<UUID> ids) {
		List<PartnerList.Row> rows = new ArrayList<>();
		this.list.each(filter, ids, (row) -> {
			if (kind.applies(row, this.clock.instant())) {
				rows.add(row);
			}
		});
		return rows;
	}

	/**
	 * Does it.
	 * @return what is going to happen, as a sentence
	 */
	@Transactional
	public String act(Kind kind, List<UUID> ids, SignedIn me) {
		this.audit.append(Act.of(kind.code).detail("partners", ids.size()));
		return switch (kind) {
			case CHECK -> {
				int domains = this.watch.lookSoon(ids);
				yield (domains == 1) ? "1 domain is looked at within the next minutes, at the pace of the rounds."
						: domains + " domains are looked at within the next minutes, at the pace of the rounds.";
			}
			case REMIND -> schedule(REMIND, ids, me, Duration.ofMillis(500),
					(ids.size() == 1) ? "1 reminder goes out now, two in a second."
							: ids.size() + " reminders go out now, two in a second.");
			case COMPARE -> schedule(COMPARE, ids, me, Duration.ofSeconds(2),
					((ids.size() == 1) ? "1 partner is compared with the tenant now, one every two seconds."
							: ids.size() + " partners are compared with the tenant now, one every two seconds.")
							+ " What differs waits for approval under Connectors, Changes.");
		};
	}

	private String schedule(TaskDescriptor<Void> task, List<UUID> ids, SignedIn me, Duration pace, String words) {
		Instant at = this.clock.instant();
		for (UUID id : ids) {
			this.scheduler.scheduleIfNotExists(task.instance(id + "/" + me.id()).scheduledTo(at));
			at = at.plus(pace);
		}
		return words;
	}

	/** What can be done to many. */
	enum Kind {

		/** Their mail servers are checked again. */
		CHECK("Check mail servers again", "Check again", "partner.checks-asked", 10_000,
				"Their proven domains are looked at within the next minutes. Nobody is told."),
		/** Their people are reminded. */
		REMIND("Remind the partners’ people", "Send the reminders", "partner.reminders-asked", 1000,
				"Their technical contacts get a letter with what is open and where it is done, at most one a day. Only"
						+ " those who have something to do are written to."),
		/** Their connectors are compared, and what differs is put up for approval. */
		COMPARE("Plan connectors again", "Compare and plan", "connector.plans-asked", 1000,
				"What was approved last for each is compared with the tenant. Where it differs, a change is put up that"
						+ " somebody else approves; approved changes are pushed in portions.");

		private final String title;

		private final String label;

		private final String code;

		private final int most;

		private final String effect;

		Kind(String title, String label, String code, int most, String effect) {
			this.title = title;
			this.label = label;
			this.code = code;
			this.most = most;
			this.effect = effect;
		}

		public String title() {
			return this.title;
		}

		public String label() {
			return this.label;
		}

		public String effect() {
			return this.effect;
		}

		/** For how many partners it may be asked at once. */
		int most() {
			return this.most;
		}

		public String slug() {
			return name().toLowerCase(Locale.ROOT);
		}

		boolean applies(PartnerList.Row row, Instant now) {
			PartnerList.Facts facts = row.facts();
			return switch (this) {
				case CHECK -> facts.state().isLiving();
				case REMIND -> Reason.of(facts.state(), facts.pass(), facts.nextDueAt(), now).isPresent();
				case COMPARE -> facts.state() == State.ACTIVE || facts.state() == State.ONBOARDING;
			};
		}

	}

	/** What somebody is reminded of. */
	enum Reason {

		/** Nobody has come. */
		INVITED("You are invited, and nobody has signed in yet."),
		/** The task list is not finished. */
		OPEN("Your task list is not finished yet. What you have answered is kept."),
		/** We asked for changes. */
		RETURNED("We have asked you to change something, and wait for it."),
		/** It is time to prove again. */
		DUE("Both of us have to confirm and prove again soon.");

		private final String words;

		Reason(String words) {
			this.words = words;
		}

		static Optional<Reason> of(State state, @org.jspecify.annotations.Nullable String pass,
				@org.jspecify.annotations.Nullable Instant due, Instant now) {
			boolean soon = due != null && due.isBefore(now.plus(PartnerList.SOON));
			return switch (state) {
				case INVITED -> Optional.of(INVITED);
				case ONBOARDING -> (pass == null || pass.equals("OPEN")) ? Optional.of(OPEN)
						: pass.equals("RETURNED") ? Optional.of(RETURNED) : Optional.empty();
				// Who has handed in, and whose pass is approved, waits for us.
				case ACTIVE -> switch (pass) {
					case "OPEN" -> Optional.of(soon ? DUE : OPEN);
					case "RETURNED" -> Optional.of(RETURNED);
					case "SUBMITTED", "APPROVED" -> Optional.empty();
					case null, default -> soon ? Optional.of(DUE) : Optional.empty();
				};
				case SUSPENDED, ENDED, EXPIRED, WITHDRAWN -> Optional.empty();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Work {

		@Bean
		OneTimeTask<Void> partnerReminder(Reminder reminder, OnBehalf behalf) {
			return Tasks.oneTime(REMIND)
				.defaultPriority(20)
				.onFailure(Retries.thenPark(Duration.ofSeconds(10)))
				.execute((instance, context) -> {
					String[] parts = instance.getId().split("/", 2);
					behalf.ofAdmin(UUID.fromString(parts[1]),
							(admin) -> reminder.remind(UUID.fromString(parts[0]), admin));
				});
		}

		@Bean
		OneTimeTask<Void> partnerComparison(Connectors connectors, OnBehalf behalf) {
			return Tasks.oneTime(COMPARE)
				.defaultPriority(10)
				.onFailure(Retries.thenPark(Duration.ofMinutes(1)))
				.execute((instance, context) -> {
					String[] parts = instance.getId().split("/", 2);
					behalf.ofAdmin(UUID.fromString(parts[1]),
							(admin) -> compare(connectors, UUID.fromString(parts[0]), admin));
				});
		}

		private static void compare(Connectors connectors, UUID partner, SignedIn admin) {
			Optional<Wanted> wanted = connectors.lastWanted(partner);
			if (wanted.isEmpty()) {
				return;
			}
			switch (connectors.plan(wanted.get())) {
				case PlanResult.Planned planned -> {
					if (planned.plan().actions().stream().anyMatch(Plan.Action::isWork)) {
						connectors.propose(null, planned.plan(), admin.id());
					}
				}
				case PlanResult.Unavailable unavailable -> throw new IllegalStateException(unavailable.sentence());
				case PlanResult.Unsuitable _ -> {
					// Its page says what is in the way.
				}
			}
		}

	}

	/** Writes to a partner's people, if there is still something to remind them of. */
	@Component
	static class Reminder {

		private final Partners partners;

		private final JdbcClient jdbc;

		private final Outbox outbox;

		private final OrganizationProperties organization;

		private final AuditLog audit;

		private final TransactionTemplate transaction;

		private final Clock clock;

		Reminder(Partners partners, JdbcClient jdbc, Outbox outbox, OrganizationProperties organization, AuditLog audit,
				TransactionTemplate transaction, Clock clock) {
			this.partners = partners;
			this.jdbc = jdbc;
			this.outbox = outbox;
			this.organization = organization;
			this.audit = audit;
			this.transaction = transaction;
			this.clock = clock;
		}

		void remind(UUID id, SignedIn admin) {
			this.transaction.executeWithoutResult((status) -> this.partners.find(id).ifPresent((partner) -> {
				Instant now = this.clock.instant();
				String pass = this.jdbc
					.sql("select state from attestation where partner_id = ? order by opened_at desc limit 1")
					.param(id)
					.query(String.class)
					.optional()
					.orElse(null);
				Optional<Reason> reason = Reason.of(partner.state(), pass, partner.nextDueAt(), now);
				if (reason.isEmpty() || isRecent(id, now)) {
					return;
				}
				partner.contacts(ContactRole.TECHNICAL)
					.forEach((person) -> this.outbox.post(letter(partner, person, reason.get(), admin)));
				this.audit.append(Act.of("partner.reminded")
					.on("partner", id)
					.partner(id, partner.name())
					.detail("of", reason.get()));
			}));
		}

		private boolean isRecent(UUID id, Instant now) {
			return this.jdbc.sql("""
					select exists (select from letter where partner_id = ? and template = 'partner-reminder'
						and created_at > ?)""")
				.params(id, PartnerList.utc(now.minus(AGAIN)))
				.query(Boolean.class)
				.single();
		}

		private Letter letter(Partner partner, Partner.Person person, Reason reason, SignedIn admin) {
			return Letter.to(person.address(), "partner-reminder")
				.about(partner.id())
				.with("name", person.name())
				.with("reference", partner.reference())
				.with("domains",
						partner.domains()
							.stream()
							.map((domain) -> domain.name().display())
							.collect(java.util.stream.Collectors.joining(", ")))
				.with("words", reason.words)
				.with("colleague", admin.name())
				.with("owner", partner.ownerName())
				.with("page", this.organization.link("/sign-in"))
				.with("check", this.organization.link("/programme/reference?ref=" + partner.reference()));
		}

	}

}
