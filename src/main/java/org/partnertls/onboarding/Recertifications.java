package org.partnertls.onboarding;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.SchedulerClient.ScheduleOptions;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceCurrentlyExecutingException;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.mail.MailProperties;
import org.partnertls.organization.Ids;
import org.partnertls.organization.Retries;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.Partner;
import org.partnertls.partner.PartnerChanged;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Partnership;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Sees to it that both sides prove again in time: opens the pass, reminds, tells of what
 * is overdue. One durable task for each partner, written in the transaction that sets the
 * due date; nothing is ever switched off for being overdue.
 */
@Component
@Transactional
class Recertifications {

	static final TaskDescriptor<Void> TASK = TaskDescriptor.of("recertification");

	/** How long the portal's own look may take before a person has to. */
	private static final Duration OWN_LOOK = Duration.ofDays(1);

	/** How soon to look again for what waits for something else. */
	private static final Duration AGAIN = Duration.ofDays(1);

	private static final Actor PORTAL = Actor.system("recertification");

	private final Partners partners;

	private final Attestations attestations;

	private final Passes passes;

	private final Onboarding onboarding;

	private final EvidenceProperties settings;

	private final MailProperties mail;

	private final AuditLog audit;

	private final JdbcClient jdbc;

	private final SchedulerClient scheduler;

	private final ZoneId zone;

	private final Clock clock;

	Recertifications(Partners partners, Attestations attestations, Passes passes, Onboarding onboarding,
			EvidenceProperties settings, MailProperties mail, AuditLog audit, JdbcClient jdbc,
			@Lazy SchedulerClient scheduler, ZoneId zone, Clock clock) {
		this.partners = partners;
		this.attestations = attestations;
		this.passes = passes;
		this.onboarding = onboarding;
		this.settings = settings;
		this.mail = mail;
		this.audit = audit;
		this.jdbc = jdbc;
		this.scheduler = scheduler;
		this.zone = zone;
		this.clock = clock;
	}

	/** A due date was set or the partnership goes on: the task computes the rest. */
	@Transactional(propagation = Propagation.MANDATORY)
	void lookSoon(UUID partnerId) {
		try {
			this.scheduler.schedule(TASK.instance(partnerId.toString()).scheduledTo(this.clock.instant()),
					ScheduleOptions.WHEN_EXISTS_RESCHEDULE);
		}
		catch (TaskInstanceCurrentlyExecutingException ex) {
			// It runs again by the old dates at the latest, and computes anew then.
		}
	}

	@EventListener
	void on(PartnerChanged event) {
		this.partners.find(event.partnerId())
			.filter((partner) -> partner.state() == Partnership.State.ACTIVE && partner.nextDueAt() != null)
			.ifPresent((partner) -> lookSoon(partner.id()));
	}

	/**
	 * Does for a partner what has become due.
	 * @return when to look again; empty: never, unless something changes
	 */
	Optional<Instant> lookAfter(UUID partnerId) {
		// Whoever else looks after this partner waits; the reminders' key does the rest.
		this.jdbc.sql("select pg_advisory_xact_lock(hashtextextended('recertification ' || :id, 0))")
			.param("id", partnerId.toString())
			.query((row, number) -> 0)
			.single();
		Partner partner = this.partners.find(partnerId).orElse(null);
		if (partner == null || partner.state() != Partnership.State.ACTIVE || partner.nextDueAt() == null) {
			return Optional.empty();
		}
		Instant now = this.clock.instant();
		DueCalendar calendar = new DueCalendar(partner.nextDueAt(), this.settings, this.zone);
		Instant next = calendar.next(now);
		if (!calendar.opens().isAfter(now) && !open(partner, Attestation.Opening.byPortal(null))) {
			next = earlier(next, now.plus(AGAIN));
		}
		remind(partner, calendar, now);
		return Optional.of(earlier(next, holdWhatTakesTooLong(partner, now).orElse(next)));
	}

	private static Instant earlier(Instant one, Instant other) {
		return one.isBefore(other) ? one : other;
	}

	/**
	 * Opens it, unless it is open: a change that the partner is at becomes part of it;
	 * one that waits for us is decided first.
	 * @return whether it is open or done; if not, it has to be looked at again soon
	 */
	private boolean open(Partner partner, Attestation.Opening opening) {
		Optional<Attestation> living = this.passes.living(partner.id());
		if (isWithUs(partner)) {
			return living.filter((one) -> one.kind() == Attestation.Kind.CHANGE).isEmpty();
		}
		if (living.isEmpty()) {
			this.passes.open(partner, Attestation.Kind.RECERTIFICATION, opening, PORTAL);
		}
		else if (living.get().kind() == Attestation.Kind.CHANGE) {
			Attestation attestation = living.get();
			attestation.becomeRecertification(this.clock.instant());
			this.attestations.save(attestation);
			this.audit.append(Onboarding.about(Act.of("attestation.widened"), partner, attestation)
				.by(PORTAL)
				.change("kind", Attestation.Kind.CHANGE, attestation.kind()));
		}
		return true;
	}

	/**
	 * Whether the partner has done their part: a pass waits for our review, or the one
	 * that proves anew is approved and being pushed.
	 */
	private boolean isWithUs(Partner partner) {
		Instant proof = (partner.lastProofAt() != null) ? partner.lastProofAt() : Instant.EPOCH;
		return this.attestations.findLatest(partner.id())
			.filter((latest) -> latest.state() == Attestation.State.SUBMITTED
					|| (latest.state() == Attestation.State.APPROVED
							&& latest.kind() == Attestation.Kind.RECERTIFICATION && latest.openedAt().isAfter(proof)))
			.isPresent();
	}

	/** One of us asks for it before its time. */
	Review.Outcome ask(UUID partnerId, SignedIn colleague) {
		Partner partner = this.partners.find(partnerId).orElseThrow(NotFound::new);
		if (partner.state() != Partnership.State.ACTIVE) {
			return new Review.Outcome(false, "Only an active partner is asked to confirm again.");
		}
		Optional<Attestation> living = this.passes.living(partnerId);
		if (living.isPresent()) {
			return new Review.Outcome(false,
					"There is a " + living.get().kind().words().toLowerCase(Locale.ROOT) + " under way already.");
		}
		this.passes.open(partner, Attestation.Kind.RECERTIFICATION, new Attestation.Opening(Attestation.Opener.STAFF,
				colleague.name(), colleague.id(), null, java.util.Set.of(), null), null);
		this.onboarding.tellPartner(partner, "recertification", "/tasks", false,
				colleague.name() + " asks you to do this before its time.");
		return new Review.Outcome(true, partner.name() + " is asked to confirm again.");
	}

	private void remind(Partner partner, DueCalendar calendar, Instant now) {
		List<DueCalendar.Step> steps = new ArrayList<>(calendar.dueSteps(dueSince(partner), now));
		steps.removeAll(steps.stream().filter((step) -> isDone(partner.id(), calendar.due(), step.key())).toList());
		for (DueCalendar.Step step : steps) {
			// After a time of silence one message is enough.
			boolean newest = step.equals(steps.getLast());
			int letters = newest ? post(partner, calendar, step, now) : 0;
			int written = this.jdbc.sql("""
					insert into recertification_reminder (partner_id, due_at, step, at, letters)
					values (:partner, :due, :step, :at, :letters)""")
				.param("partner", partner.id())
				.param("due", utc(calendar.due()))
				.param("step", step.key())
				.param("at", utc(now))
				.param("letters", letters)
				.update();
			if (written == 1 && newest) {
				this.audit.append(Act.of(step.isOverdue() ? "recertification.overdue" : "recertification.reminded")
					.by(PORTAL)
					.on("partner", partner.id())
					.partner(partner.id(), partner.name())
					.detail("step", step.key())
					.detail("due", calendar.due())
					.detail("letters", letters));
			}
		}
	}

	private boolean isDone(UUID partnerId, Instant due, String step) {
		return this.jdbc.sql("""
				select count(*) from recertification_reminder
				where partner_id = :partner and due_at = :due and step = :step""")
			.param("partner", partnerId)
			.param("due", utc(due))
			.param("step", step)
			.query(Integer.class)
			.single() > 0;
	}

	/** What would have been due before the due date itself was set is not made up for. */
	private Instant dueSince(Partner partner) {
		Instant proof = partner.lastProofAt();
		Instant set = (proof != null) ? proof : Instant.EPOCH;
		return postponement(partner).map(Postponement::at).filter((at) -> at.isAfter(set)).orElse(set);
	}

	/** Returns how many letters were posted. */
	private int post(Partner partner, DueCalendar calendar, DueCalendar.Step step, Instant now) {
		String page = "/partners/" + partner.id();
		String day = day(calendar.due());
		boolean withUs = isWithUs(partner);
		if (step.isOverdue()) {
			String words = (withUs ? "Due since " + day + ". The partner has confirmed; it waits for us."
					: "Due since " + day + ".") + " What is enforced stays enforced.";
			int letters = (this.mail.compliance() != null) ? 2 : 1;
			this.onboarding.tellOwner(partner, "recertification-overdue", page, words);
			this.onboarding.tellCompliance(partner, "recertification-overdue", page, words);
			if (!withUs) {
				letters += this.onboarding.tellPartner(partner, "recertification-overdue", "/tasks", true, day);
			}
			return letters;
		}
		if (withUs) {
			// The partner has done their part: it is our own people who are late.
			this.onboarding.tellOwner(partner, "recertification", page,
					"Due on " + day + ". The partner has confirmed; it waits for us.");
			return 1;
		}
		String words = inWords(calendar.daysLeft(now));
		List<Partner.Person> people = whoCanAct(partner);
		if (!step.wide()) {
			people = people.stream()
				.filter((person) -> person.returnedAt() == null)
				.findFirst()
				.or(people.stream()::findFirst)
				.stream()
				.toList();
		}
		people.forEach((person) -> this.onboarding.tell(partner, person, "recertification", "/tasks",
				"It is due on " + day + ", " + words + "."));
		if (step.wide()) {
			this.onboarding.tellOwner(partner, "recertification", page,
					"Due on " + day + ", " + words + ". The partner has been reminded.");
		}
		return people.size() + (step.wide() ? 1 : 0);
	}

	/**
	 * Those who confirm, and whoever can find them: each address once, those who confirm
	 * first. Security and business hear of it when it is overdue or done.
	 */
	private static List<Partner.Person> whoCanAct(Partner partner) {
		Set<String> seen = new HashSet<>();
		return Stream.of(ContactRole.TECHNICAL, ContactRole.EMERGENCY)
			.flatMap((role) -> partner.contacts(role).stream())
			.filter((person) -> seen.add(person.address().key()))
			.toList();
	}

	static String inWords(long days) {
		return (days == 0) ? "today" : (days == 1) ? "tomorrow" : "in " + days + " days";
	}

	/**
	 * A re-certification that the portal could not look at within a day goes to a person.
	 * @return until when it has time
	 */
	private Optional<Instant> holdWhatTakesTooLong(Partner partner, Instant now) {
		Optional<Attestation> checked = this.passes.living(partner.id()).filter(Attestation::isBeingChecked);
		Instant submitted = checked.map(Attestation::submittedAt).orElse(null);
		if (checked.isEmpty() || submitted == null) {
			return Optional.empty();
		}
		Instant end = submitted.plus(OWN_LOOK);
		if (end.isAfter(now)) {
			return Optional.of(end);
		}
		hold(partner, checked.get(), List.of("Our own connectors could not be validated within a day."));
		return Optional.empty();
	}

	/** A person has to look, for these reasons. */
	void hold(Partner partner, Attestation attestation, List<String> why) {
		String words = String.join(" ", why);
		attestation.hold(words);
		this.attestations.save(attestation);
		this.audit
			.append(Onboarding.about(Act.of("attestation.held"), partner, attestation).by(PORTAL).detail("why", words));
		this.onboarding.tellOwner(partner, "recertification-held", "/reviews/" + attestation.id(), words);
	}

	/** Both sides have proven again. */
	void proven(Partner partner, Instant proof, @Nullable String approvedBy) {
		Instant due = DueCalendar.due(proof, this.settings, this.zone);
		this.partners.activated(partner.id(), proof, due);
		lookSoon(partner.id());
		this.onboarding.tellPartner(partner, "recertified", "/partnership", false,
				"The next time is by " + day(due) + "; you get a message before.");
		this.onboarding
			.tellOwner(partner, "recertified", "/partners/" + partner.id(),
					((approvedBy != null) ? "Approved by " + approvedBy
							: "Nothing has changed, so the portal approved it by itself") + ". Next by " + day(due)
							+ ".");
	}

	/**
	 * Puts a due date off.
	 * @return why not, in words; null: it is put off
	 */
	@Nullable String postpone(UUID partnerId, LocalDate until, String reason, SignedIn colleague) {
		Partner partner = this.partners.find(partnerId).orElseThrow(NotFound::new);
		Instant before = partner.nextDueAt();
		if (partner.state() != Partnership.State.ACTIVE || before == null) {
			return "Nothing is due for this partner.";
		}
		Instant to = until.atTime(before.atZone(this.zone).toLocalTime()).atZone(this.zone).toInstant();
		String end = noFurther(partner);
		if (end != null) {
			return end;
		}
		LocalDate longest = longest(partner);
		if (!to.isAfter(before) || !to.isAfter(this.clock.instant())) {
			return "Choose a day after " + day(before.isAfter(this.clock.instant()) ? before : this.clock.instant())
					+ ".";
		}
		if (until.isAfter(longest)) {
			return "It can be put off to " + day(longest) + " at the latest.";
		}
		this.partners.postpone(partnerId, to, reason);
		Instant now = this.clock.instant();
		this.jdbc.sql("""
				insert into recertification_postponement (id, partner_id, due_at, until, reason, by_id, by_name, at)
				values (:id, :partner, :due, :until, :reason, :by, :name, :at)""")
			.param("id", Ids.at(now))
			.param("partner", partnerId)
			.param("due", utc(before))
			.param("until", utc(to))
			.param("reason", reason)
			.param("by", colleague.id())
			.param("name", colleague.name())
			.param("at", utc(now))
			.update();
		lookSoon(partnerId);
		this.onboarding.tellPartner(partner, "recertification-postponed", "/partnership", false, day(to));
		this.onboarding.tellOwner(partner, "recertification-postponed", "/partners/" + partnerId,
				"From " + day(before) + " to " + day(to) + " by " + colleague.name() + ": " + reason);
		return null;
	}

	/** The last day to which a partner's due date can be put off. */
	LocalDate longest(Partner partner) {
		Instant proof = partner.lastProofAt();
		Instant due = partner.nextDueAt();
		Instant first = (proof != null) ? DueCalendar.due(proof, this.settings, this.zone)
				: (due != null) ? due : this.clock.instant();
		return LocalDate.ofInstant(first, this.zone).plus(this.settings.longestPostponement());
	}

	/**
	 * Why a due date cannot be put off at all any more, and the way on; null: it can.
	 */
	@Nullable String noFurther(Partner partner) {
		Instant due = partner.nextDueAt();
		Instant now = this.clock.instant();
		LocalDate after = LocalDate.ofInstant((due != null && due.isAfter(now)) ? due : now, this.zone);
		LocalDate longest = longest(partner);
		return longest.isAfter(after) ? null : "It cannot be put off any further: " + day(longest)
				+ " is the latest day. Phone the partner and have it done, or suspend the partnership.";
	}

	/** How the due date that holds now was put off; empty: it was not. */
	@Transactional(readOnly = true)
	Optional<Postponement> postponement(Partner partner) {
		Instant due = partner.nextDueAt();
		return (due == null) ? Optional.empty()
				: this.jdbc.sql("""
						select due_at, until, reason, by_name, at from recertification_postponement
						where partner_id = :partner and until = :due order by at desc limit 1""")
					.param("partner", partner.id())
					.param("due", utc(due))
					.query((row, number) -> new Postponement(row.getObject(1, OffsetDateTime.class).toInstant(),
							row.getObject(2, OffsetDateTime.class).toInstant(), row.getString(3), row.getString(4),
							row.getObject(5, OffsetDateTime.class).toInstant()))
					.optional();
	}

	/** Nothing depends on every due date having called: what is missing is added. */
	void sweep() {
		for (UUID partner : this.partners.withDueDate()) {
			this.scheduler.schedule(TASK.instance(partner.toString()).scheduledTo(this.clock.instant()),
					ScheduleOptions.WHEN_EXISTS_DO_NOTHING);
		}
	}

	private String day(Instant at) {
		return day(LocalDate.ofInstant(at, this.zone));
	}

	private static String day(LocalDate day) {
		return DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.UK).format(day);
	}

	private static OffsetDateTime utc(Instant instant) {
		return instant.atOffset(ZoneOffset.UTC);
	}

	/** The durable work. */
	@Configuration(proxyBeanMethods = false)
	static class Jobs {

		private static final int PRIORITY = 10;

		@Bean
		CustomTask<Void> recertification(Recertifications recertifications) {
			return Tasks.custom(TASK)
				.defaultPriority(PRIORITY)
				.onFailure(Retries.thenPark(Duration.ofMinutes(1)))
				.execute((instance, context) -> recertifications.lookAfter(UUID.fromString(instance.getId()))
					.<CompletionHandler<Void>>map(
							(next) -> (complete, operations) -> operations.reschedule(complete, next))
					.orElseGet(CompletionHandler.OnCompleteRemove::new));
		}

		@Bean
		RecurringTask<Void> recertificationSweep(Recertifications recertifications) {
			return Tasks.recurring("recertification-sweep", FixedDelay.ofHours(24))
				.defaultPriority(PRIORITY)
				.execute((instance, context) -> recertifications.sweep());
		}

	}

}
