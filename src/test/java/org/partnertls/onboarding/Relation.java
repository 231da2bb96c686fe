package org.partnertls.onboarding;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.Fixtures;
import org.partnertls.account.PartnerSignedIn;
import org.partnertls.account.People;
import org.partnertls.audit.Actor;
import org.partnertls.connector.ApprovalResult;
import org.partnertls.connector.ChangeKind;
import org.partnertls.connector.ChangeView;
import org.partnertls.connector.ConnectorEvent;
import org.partnertls.connector.Connectors;
import org.partnertls.connector.PlanResult;
import org.partnertls.connector.ReliefResult;
import org.partnertls.connector.ReliefStep;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.AddDomain;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewContact;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Problem;
import org.partnertls.partner.SomePartner;
import org.partnertls.request.Inviting;
import org.partnertls.tlscheck.Approved;
import org.partnertls.tlscheck.Level;
import org.partnertls.tlscheck.MxPlatform;
import org.partnertls.tlscheck.TlsWatchEvent;
import org.partnertls.tlscheck.Verdict;

import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A partner whose life a test plays: the partner's person and ours act as they do on the
 * pages; what Exchange Online and mail servers would tell is told as they tell it, by
 * events and in the tables of those who hear them.
 */
final class Relation {

	static final Answers.Statement YES = new Answers.Statement(Answers.Choice.YES, null, null, null);

	final UUID id;

	/** Who of the partner acts. */
	People.Person person;

	private final People.Person reviewer;

	/** The same organisation as it was before. */
	private @Nullable Relation former;

	private final ApplicationContext context;

	private final JdbcClient jdbc;

	private final Onboarding onboarding;

	private final Attestations attestations;

	private Relation(ApplicationContext context, Partner partner, People.Person reviewer) {
		this.context = context;
		this.id = partner.id();
		this.person = People.of(context).partner(partner.id(), partner.contacts().getFirst().address());
		this.reviewer = reviewer;
		this.jdbc = context.getBean(JdbcClient.class);
		this.onboarding = context.getBean(Onboarding.class);
		this.attestations = context.getBean(Attestations.class);
	}

	/** One that has gone through all of its first pass and is enforced both ways. */
	static Relation active(ApplicationContext context, People.Person inviter, People.Person reviewer) {
		Relation relation = approved(context, inviter, reviewer);
		relation.pushed();
		return relation;
	}

	/** One whose first pass was approved just now. */
	static Relation approved(ApplicationContext context, People.Person inviter, People.Person reviewer) {
		Partner partner = SomePartner.onboarding(context, inviter.who());
		Relation relation = new Relation(context, partner, reviewer);
		relation.fillIn(inviter, true);
		relation.approve();
		return relation;
	}

	/**
	 * One that was invited just now.
	 * @param former the same organisation as it was before; null: they are new
	 */
	static Relation invited(ApplicationContext context, @Nullable Relation former, String owner, People.Person inviter,
			People.Person reviewer) {
		DomainName domain = (former != null) ? former.partner().mainDomain().name()
				: DomainName.of(Fixtures.freshDomain());
		NewPartner wanted = new NewPartner((former != null) ? former.partner().name() : "Partner " + domain, domain,
				"Ines Tanner", new EmailAddress("it", domain), "A Colleague", EmailAddress.of(owner), "Files",
				inviter.who());
		Invitation invitation = context.getBean(TransactionTemplate.class)
			.execute((status) -> context.getBean(Inviting.class).invite(wanted, Locale.ENGLISH));
		if (!(invitation instanceof Invitation.Invited invited)) {
			throw new AssertionError(String.valueOf(invitation));
		}
		Relation relation = of(context, invited.id(), reviewer);
		if (former != null && !former.id.equals(relation.partner().returnsFrom())) {
			throw new AssertionError(wanted.name() + " is not known to come back");
		}
		relation.former = former;
		return relation;
	}

	/** One that the portal has. */
	static Relation of(ApplicationContext context, UUID id, People.Person reviewer) {
		return new Relation(context, context.getBean(Partners.class).find(id).orElseThrow(), reviewer);
	}

	/** Somebody reads the code that went to their address. */
	void signIn(String address) {
		publish(new PartnerSignedIn(this.id, EmailAddress.of(address), true));
		actAs(address);
	}

	/**
	 * Opens the task list for the first time; who comes back starts from what is known.
	 */
	void begin() {
		Answers known = this.onboarding.of(this.person.who()).attestation().answers();
		Attestation before = (this.former != null) ? this.former.latest() : null;
		if (before != null && !known.platforms().equals(before.answers().platforms())) {
			throw new AssertionError("it does not start from what was answered before: " + known);
		}
	}

	/** Does all tasks of the first pass, and confirms. */
	void fillIn(People.Person inviter, boolean namesEmergency) {
		Partner partner = partner();
		if (partner.mainDomain().proof() == Partner.Proof.UNPROVEN) {
			waive(partner.mainDomain().id(), inviter);
		}
		if (namesEmergency) {
			List<Problem> problems = partners().addContact(this.id,
					new NewContact("Ole Hahn", EmailAddress.of("ole@elsewhere.example"), null, ContactRole.EMERGENCY),
					"Ines Tanner");
			if (!problems.isEmpty()) {
				throw new AssertionError(problems.toString());
			}
		}
		answer(Answers::withReceivingSeen);
		answer((answers) -> answers.withSending(List.of(MailPlatform.POSTFIX), null, List.of(), null));
		answer((answers) -> answers.withSetup(Answers.Setup.BOTH));
		seeTestMessage();
		confirm(YES, YES);
	}

	/** Does the tasks of a later pass, and confirms. */
	void finish(Set<String> scope) {
		if (scope.contains("domains")) {
			answer((answers) -> answers.answered("domains"));
		}
		if (scope.contains("receiving")) {
			answer(Answers::withReceivingSeen);
		}
		if (scope.contains("sending")) {
			answer((answers) -> answers.withSending(List.of(MailPlatform.EXIM), null, List.of(), null));
		}
		if (scope.contains("setup")) {
			answer((answers) -> answers.withSetup(Answers.Setup.BOTH));
		}
		confirmNothingChanged();
	}

	/** One of us takes a domain as proven. */
	void waive(UUID domainId, People.Person by) {
		partners().waive(this.id, domainId, "Known for years", by.who());
	}

	/** One of us asks for a move; what that changes in the tenant is carried out. */
	void ask(PartnerMove.Kind what, PartnerMove.Mode connectors, People.Person by) {
		Moves.Outcome outcome = this.context.getBean(Moves.class)
			.ask(this.id, what, connectors, "For a reason", by.who());
		if (!outcome.done()) {
			throw new AssertionError(outcome.sentence());
		}
		if (outcome.change() != null) {
			carriedOut(outcome.change());
		}
	}

	Partners partners() {
		return this.context.getBean(Partners.class);
	}

	Partner partner() {
		return partners().find(this.id).orElseThrow();
	}

	Attestation pass() {
		return this.attestations.findLatest(this.id).orElseThrow();
	}

	/** Their newest pass; null when they have never come. */
	@Nullable Attestation latest() {
		return this.attestations.findLatest(this.id).orElse(null);
	}

	Instant due() {
		return java.util.Objects.requireNonNull(partner().nextDueAt());
	}

	/** As if the last proof had been a year before this. */
	void moveDue(Instant due) {
		Instant proof = due.atZone(java.time.ZoneId.of("Europe/Berlin")).minusYears(1).toInstant();
		partners().activated(this.id, proof, due.truncatedTo(java.time.temporal.ChronoUnit.MICROS));
	}

	private Instant now() {
		return this.context.getBean(Clock.class).instant();
	}

	void answer(java.util.function.UnaryOperator<Answers> change) {
		long version = this.onboarding.of(this.person.who()).attestation().version();
		mustBeNull(this.onboarding.answer(this.person.who(), version, "answered", change));
	}

	/** Their test message lies in our mailbox, encrypted. */
	void seeTestMessage() {
		this.onboarding.of(this.person.who());
		this.context.getBean(Proofs.class)
			.save(new Proof(pass(), Proof.Source.MAILBOX, UUID.randomUUID().toString(), true,
					"Came with TLS 1.3 from mx." + partner().mainDomain().name(), null, now(), now()));
	}

	/** Our checks of their mail servers have just passed. */
	void checksPass() {
		this.jdbc.sql("""
				update watched_domain set outcome = 'PASS', state = 'GOOD', checked_at = :now
				where partner_id = :partner""")
			.param("now", OffsetDateTime.ofInstant(now(), ZoneOffset.UTC))
			.param("partner", this.id)
			.update();
	}

	@Nullable String tryToConfirm(Answers.Statement toUs, Answers.Statement fromUs) {
		Attestation pass = pass();
		return this.onboarding.submit(this.person.who(), pass.id(), pass.version(),
				new Answers.Confirmation("Ines Tanner", "Postmaster", toUs, fromUs, now()));
	}

	void confirm(Answers.Statement toUs, Answers.Statement fromUs) {
		mustBeNull(tryToConfirm(toUs, fromUs));
	}

	/** Nothing has changed: the one page, a message, a confirmation. */
	void confirmNothingChanged() {
		seeTestMessage();
		checksPass();
		confirm(YES, YES);
	}

	/** Exchange Online has validated our connector, or has not. */
	void validated(@Nullable Boolean successful) {
		publish(new ConnectorEvent.Revalidated(this.id, successful, now(), "The validation ended."));
	}

	Review.Outcome approve() {
		return approve(this.reviewer);
	}

	Review.Outcome approve(People.Person by) {
		Review review = this.context.getBean(Review.class);
		Onboarding.Pass pass = this.onboarding.find(pass().id()).orElseThrow();
		if (!(review.plan(pass) instanceof PlanResult.Planned planned)) {
			throw new AssertionError(review.plan(pass).toString());
		}
		return review.approve(by.who(), pass.attestation().id(), pass.attestation().version(), planned.plan().hash(),
				null);
	}

	/**
	 * What was approved is in the tenant, both ways enforced, and mail takes that way.
	 */
	void pushed() {
		stands();
		seesPath();
		done();
	}

	/** What was approved could not be pushed, and waits for one of us. */
	void pushFails() {
		UUID change = change();
		this.jdbc.sql("update connector_change set state = 'NEEDS_ATTENTION', why = 'It was refused.' where id = ?")
			.param(change)
			.update();
		publish(new ConnectorEvent.ChangeNeedsAttention(this.id, change, "It was refused."));
	}

	void pushAgain() {
		if (!this.context.getBean(Connectors.class).retry(change())) {
			throw new AssertionError("there is nothing to try again");
		}
	}

	/** A change that no pass asked for is approved, and done in the tenant. */
	void carriedOut(UUID id) {
		Connectors connectors = this.context.getBean(Connectors.class);
		ChangeView change = connectors.find(id).orElseThrow();
		ApprovalResult approval = connectors.approve(id, this.reviewer.id(), this.reviewer.name(), change.hash(),
				change.shapedBy(), 1);
		if (!(approval instanceof ApprovalResult.Approved)) {
			throw new AssertionError(approval.toString());
		}
		this.jdbc.sql("""
				update connector_change set state = 'DONE', started_at = :now, finished_at = :now
				where id = :id""")
			.param("now", OffsetDateTime.ofInstant(now(), ZoneOffset.UTC))
			.param("id", id)
			.update();
		publish(new ConnectorEvent.ChangeDone(this.id, id, null, change.kind()));
	}

	/** Mail bounces: one of us has loosened what is demanded, and it is in effect. */
	void relieve(People.Person by) {
		Instant until = now().plus(Duration.ofHours(12));
		this.jdbc.sql("""
				insert into connector_relief (id, version, partner_id, partner_name, tenant_id, step, state, direction,
					guid, name, reason, by_id, by_name, before, wanted_at, applied_at, until, fence, tries, due_at)
				select :id, 0, partner_id, partner_name, tenant_id, 'OUTBOUND_ENCRYPTION_ONLY', 'ACTIVE', direction,
					guid, name, 'Mail bounces', :by, :name, '{}', :now, :now, :until, 0, 0, :until
				from connector where partner_id = :partner and direction = 'OUTBOUND'""")
			.param("id", UUID.randomUUID())
			.param("by", by.id().toString())
			.param("name", by.name())
			.param("now", OffsetDateTime.ofInstant(now(), ZoneOffset.UTC))
			.param("until", OffsetDateTime.ofInstant(until, ZoneOffset.UTC))
			.param("partner", this.id)
			.update();
		publish(new ConnectorEvent.Relieved(this.id, ReliefStep.OUTBOUND_ENCRYPTION_ONLY, by.name(), "Mail bounces",
				until));
	}

	/** Its time is over, and nobody has taken it back. */
	void reliefIsOverdue() {
		publish(new ConnectorEvent.ReliefOverdue(this.id, ReliefStep.OUTBOUND_ENCRYPTION_ONLY, now()));
	}

	/** One of us takes it back, and it is as before. */
	void endRelief(People.Person by) {
		Actor actor = new Actor(Actor.Kind.STAFF, by.id().toString(), "Administrator", by.name(), null, null);
		ReliefResult result = this.context.getBean(Connectors.class).endRelief(this.id, actor);
		if (!(result instanceof ReliefResult.UnderWay)) {
			throw new AssertionError(result.toString());
		}
		this.jdbc.sql("""
				update connector_relief set state = 'ENDED', ended_at = :now, due_at = null
				where partner_id = :partner and state = 'ENDING'""")
			.param("now", OffsetDateTime.ofInstant(now(), ZoneOffset.UTC))
			.param("partner", this.id)
			.update();
		publish(new ConnectorEvent.ReliefEnded(this.id, ReliefStep.OUTBOUND_ENCRYPTION_ONLY, null));
	}

	/** Somebody else of the partner acts from now on. */
	void actAs(String address) {
		this.person = People.of(this.context).partner(this.id, EmailAddress.of(address));
	}

	/** Nobody has looked yet whether mail takes the way that was pushed. */
	void pushedUnseen() {
		stands();
		done();
	}

	private UUID change() {
		return this.context.getBean(Connectors.class).ofAttestation(pass().id()).map(ChangeView::id).orElseThrow();
	}

	private void done() {
		publish(new ConnectorEvent.ChangeDone(this.id, change(), pass().id(), ChangeKind.ENFORCE));
	}

	private void stands() {
		UUID change = change();
		for (String direction : List.of("OUTBOUND", "INBOUND")) {
			this.jdbc
				.sql("""
						insert into connector (id, version, partner_id, partner_name, tenant_id, direction, guid, name, form,
							enforced_since, seen_at)
						values (:id, 0, :partner, :name, (select tenant_id from connector_change where id = :change),
							:direction, :guid, :name, '{}', :now, :now)
						on conflict do nothing""")
				.param("id", UUID.randomUUID())
				.param("partner", this.id)
				.param("change", change)
				.param("name", direction + " " + this.id)
				.param("direction", direction)
				.param("guid", UUID.randomUUID().toString())
				.param("now", OffsetDateTime.ofInstant(now(), ZoneOffset.UTC))
				.update();
		}
	}

	/** Mail takes our connectors, both ways, as somebody has looked. */
	void seesPath() {
		UUID change = change();
		for (String direction : List.of("OUTBOUND", "INBOUND")) {
			this.jdbc.sql("""
					insert into mail_path (tenant_id, partner_id, direction, checked_at, obstacles, notes)
					values ((select tenant_id from connector_change where id = :change), :partner, :direction, :now,
						'[]', '[]')
					on conflict do nothing""")
				.param("partner", this.id)
				.param("change", change)
				.param("direction", direction)
				.param("now", OffsetDateTime.ofInstant(now(), ZoneOffset.UTC))
				.update();
		}
	}

	/** What the TLS check tells when it sees another server than was approved. */
	TlsWatchEvent differs(DomainName domain, String host, String effect) {
		Instant now = this.context.getBean(Clock.class).instant();
		return new TlsWatchEvent.Differs(domain, this.id, UUID.randomUUID(), List.of("New mail servers: " + host + "."),
				effect, servers("mx.example", now), servers(host, now), Verdict.Outcome.PASS, null);
	}

	private static Approved servers(String host, Instant at) {
		return new Approved(at, Level.CERTIFICATE_VALIDATION, null, MxPlatform.OWN, new TreeSet<>(List.of(host)),
				new TreeMap<>());
	}

	void publish(Object event) {
		this.context.getBean(TransactionTemplate.class)
			.executeWithoutResult((status) -> this.context.publishEvent(event));
	}

	/** The partner says that something changes. */
	void openChange(Passes.WhatChanges... what) {
		mustBeNull(this.context.getBean(Passes.class).openChange(this.person.who(), Set.of(what), "From next week on"));
	}

	UUID addDomain(String name) {
		return ((AddDomain.Added) partners().addDomain(this.id, DomainName.of(name))).domainId();
	}

	/** Does the recertification's durable work, if it is due. */
	boolean runIfDue() {
		Optional<OffsetDateTime> planned = this.jdbc
			.sql("select execution_time from scheduled_tasks where task_name = 'recertification' and task_instance = ?")
			.param(this.id.toString())
			.query(OffsetDateTime.class)
			.optional();
		if (planned.isEmpty() || planned.get().toInstant().isAfter(now())) {
			return false;
		}
		Optional<Instant> next = this.context.getBean(Recertifications.class).lookAfter(this.id);
		if (next.isPresent()) {
			this.jdbc.sql("""
					update scheduled_tasks set execution_time = ?
					where task_name = 'recertification' and task_instance = ?""")
				.params(next.get().atOffset(ZoneOffset.UTC), this.id.toString())
				.update();
		}
		else {
			this.jdbc.sql("delete from scheduled_tasks where task_name = 'recertification' and task_instance = ?")
				.param(this.id.toString())
				.update();
		}
		return true;
	}

	/** The templates of all letters about this partner since a time, in order. */
	List<String> letters(Instant since) {
		return this.jdbc
			.sql("select template from letter where partner_id = ? and created_at > ? order by created_at, id")
			.params(this.id, since.atOffset(ZoneOffset.UTC))
			.query(String.class)
			.list();
	}

	/**
	 * The templates of those letters since a time that are in one of some states, each
	 * with where it went.
	 */
	List<String> letters(Instant since, Set<String> states) {
		return this.jdbc.sql("""
				select template || ' ' || recipient from letter
				where partner_id = :partner and created_at > :since and state in (:states)""")
			.param("partner", this.id)
			.param("since", since.atOffset(ZoneOffset.UTC))
			.param("states", states)
			.query(String.class)
			.list();
	}

	/** The invitation that somebody has not used yet. */
	UUID invitationOf(String address) {
		return one("select id from invitation where partner_id = ? and address = ? and state = 'PENDING'", this.id,
				address);
	}

	UUID lastInvitation() {
		return one("select id from invitation where partner_id = ? order by sent_at desc limit 1", this.id);
	}

	/** The hand-over under way. */
	UUID handOver() {
		return one("select id from hand_over where partner_id = ? and state = 'WAITING'", this.id);
	}

	UUID alarm(String cause) {
		return one("select id from alarm where partner_id = ? and cause = ? and state <> 'CLOSED'", this.id, cause);
	}

	private UUID one(String sql, Object... parameters) {
		return this.jdbc.sql(sql).params(parameters).query(UUID.class).single();
	}

	/** What is wrong, and who takes care of it. */
	Map<String, String> alarms() {
		Map<String, String> alarms = new TreeMap<>();
		this.jdbc.sql("""
				select cause, case when state = 'OPEN' and escalated_at is not null then 'ESCALATED' else state end
				from alarm where partner_id = ? and state <> 'CLOSED'""").param(this.id).query((row) -> {
			alarms.put(row.getString(1), row.getString(2));
		});
		return alarms;
	}

	/** Who is to come in somebody's place. */
	List<String> handOversTo() {
		return this.jdbc.sql("select to_address from hand_over where partner_id = ? and state in ('ASKED', 'WAITING')")
			.param(this.id)
			.query(String.class)
			.list();
	}

	/** What the audit log has about this partner under a code. */
	int events(String code) {
		return this.jdbc.sql("select count(*) from audit_event where code = ? and partner_id = ?")
			.params(code, this.id)
			.query(Integer.class)
			.single();
	}

	/** The codes of what the audit log has about this partner since a time, in order. */
	List<String> codes(Instant since, Set<String> wanted) {
		return this.jdbc.sql("""
				select code from audit_event
				where partner_id = :partner and at > :since and code in (:codes) order by at, id""")
			.param("partner", this.id)
			.param("since", since.atOffset(ZoneOffset.UTC))
			.param("codes", wanted)
			.query(String.class)
			.list();
	}

	static void mustBeNull(@Nullable String obstacle) {
		if (obstacle != null) {
			throw new AssertionError(obstacle);
		}
	}

}
