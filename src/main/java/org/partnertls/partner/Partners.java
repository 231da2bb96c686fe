package org.partnertls.partner;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Directory;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Texts;
import org.partnertls.partner.Partnership.State;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The partners as other modules know and move them. Each change writes its event in the
 * same transaction. An unknown id is an {@link UnknownPartner}; a move that the state
 * does not allow is an {@link IllegalStateException}, since pages do not offer it.
 */
@Component
@Transactional
public class Partners {

	private static final int MOST_DOMAINS = 50;

	private static final int MOST_CONTACTS = 10;

	private static final Pattern PHONE = Pattern.compile("\\+?[0-9][0-9 ()/.-]{3,38}(?: ?(?:x|ext\\.?) ?[0-9]{1,6})?");

	private final Partnerships partnerships;

	private final DomainRules rules;

	private final DomainProof proof;

	private final Directory directory;

	private final OrganizationProperties organization;

	private final AuditLog audit;

	private final SchedulerClient scheduler;

	private final ApplicationEventPublisher events;

	private final Clock clock;

	Partners(Partnerships partnerships, DomainRules rules, DomainProof proof, Directory directory,
			OrganizationProperties organization, AuditLog audit, @Lazy SchedulerClient scheduler,
			ApplicationEventPublisher events, Clock clock) {
		this.partnerships = partnerships;
		this.rules = rules;
		this.proof = proof;
		this.directory = directory;
		this.organization = organization;
		this.audit = audit;
		this.scheduler = scheduler;
		this.events = events;
		this.clock = clock;
	}

	/**
	 * Makes a partner in state INVITED with its first domain and contact, and lets the
	 * contact sign in. Sends nothing. Refusals leave nothing behind.
	 */
	public Invitation invite(NewPartner wanted) {
		if (!wanted.contactAddress().domain().equals(wanted.domain())) {
			return new Invitation.Refused(new Problem("contactAddress",
					"The contact's address must be in the domain " + wanted.domain().display() + "."));
		}
		this.partnerships.lockDomain(wanted.domain().ascii());
		List<String> refusals = this.rules.check(wanted.domain(), null).refusals();
		if (!refusals.isEmpty()) {
			return new Invitation.Refused(new Problem("domain", refusals.getFirst()));
		}
		if (this.directory.isTaken(wanted.contactAddress(), null)) {
			return new Invitation.Refused(
					new Problem("contactAddress", "This address already signs in for another organisation."));
		}
		Instant now = this.clock.instant();
		Partnership partnership = this.partnerships
			.save(new Partnership(newReference(now), wanted.name().strip(), wanted.domain(),
					new NewContact(wanted.contactName(), wanted.contactAddress(), null, ContactRole.TECHNICAL),
					wanted.ownerName().strip(), wanted.ownerAddress(), wanted.invitedBy().id(), wanted.reason().strip(),
					now));
		UUID contact = this.directory.openAccess(wanted.contactAddress(), wanted.contactName(), partnership.id());
		scheduleLookUps(partnership.domains().getFirst(), now);
		this.audit.append(about(partnership, "partner.invited").domain(wanted.domain())
			.detail("reference", partnership.reference())
			.change("state", null, State.INVITED)
			.reason(wanted.reason())
			.personal("contact", contact, wanted.contactName() + " <" + wanted.contactAddress() + ">")
			.personal("owner", wanted.ownerAddress().key(), wanted.ownerName() + " <" + wanted.ownerAddress() + ">"));
		return new Invitation.Invited(partnership.id(), partnership.reference());
	}

	private String newReference(Instant now) {
		return String.format(Locale.ROOT, "TLS-%d-%04d", now.atZone(this.organization.zone()).getYear(),
				this.partnerships.nextReference());
	}

	@Transactional(readOnly = true)
	public Optional<Partner> find(UUID id) {
		return this.partnerships.findById(id).map(Partner::of);
	}

	/**
	 * By the reference on the invitation.
	 * @param typed in any case, white space around it allowed
	 */
	@Transactional(readOnly = true)
	public Optional<Partner> findByReference(String typed) {
		return this.partnerships.findByReference(typed.strip().toUpperCase(Locale.ROOT)).map(Partner::of);
	}

	/** The living partner that holds a domain. */
	@Transactional(readOnly = true)
	public Optional<Partner> findByDomain(DomainName domain) {
		return this.partnerships.findLivingByDomain(domain).map(Partner::of);
	}

	/** All partners, whatever their state, by name. */
	@Transactional(readOnly = true)
	public List<Partner> all() {
		return this.partnerships.findAllByName().stream().map(Partner::of).toList();
	}

	/** A person of the partner came; only the first time changes anything. */
	public void opened(UUID id) {
		Partnership partnership = forChange(id);
		if (partnership.state() == State.INVITED) {
			move(partnership, "partner.opened", null, () -> partnership.open(this.clock.instant()));
		}
	}

	/**
	 * Both directions are proven: an onboarding partner becomes active, an active or
	 * suspended one is proven anew.
	 * @param proofAt when the proofs were seen
	 * @param nextDue when both sides have to confirm and prove again
	 */
	public void activated(UUID id, Instant proofAt, Instant nextDue) {
		Partnership partnership = forChange(id);
		Instant now = this.clock.instant();
		if (partnership.state() == State.ONBOARDING) {
			partnership.activate(proofAt, nextDue, now);
			this.audit.append(
					about(partnership, "partner.activated").detail("proof-at", proofAt.truncatedTo(ChronoUnit.SECONDS))
						.change("state", State.ONBOARDING, partnership.state())
						.change("next due", null, nextDue));
		}
		else {
			Instant before = partnership.nextDueAt();
			partnership.proven(proofAt, nextDue, now);
			this.audit
				.append(about(partnership, "partner.proven").detail("proof-at", proofAt.truncatedTo(ChronoUnit.SECONDS))
					.change("next due", before, nextDue));
		}
	}

	/**
	 * Puts off the day on which both sides have to prove again. How far is for the caller
	 * to bound.
	 */
	public void postpone(UUID id, Instant until, String reason) {
		Partnership partnership = forChange(id);
		Instant before = partnership.nextDueAt();
		partnership.postpone(until, this.clock.instant());
		this.audit.append(about(partnership, "partner.postponed").change("next due", before, until).reason(reason));
	}

	/** The active partners that have a day on which to prove again. */
	@Transactional(readOnly = true)
	public List<UUID> withDueDate() {
		return this.partnerships.findWithDueDate();
	}

	public void suspend(UUID id, String reason) {
		Partnership partnership = forChange(id);
		move(partnership, "partner.suspended", reason, () -> partnership.suspend(this.clock.instant()));
	}

	public void resume(UUID id, String reason) {
		Partnership partnership = forChange(id);
		move(partnership, "partner.resumed", reason, () -> partnership.resume(this.clock.instant()));
	}

	/** Ends the partnership: its domains are free, its people no longer sign in. */
	public void end(UUID id, String reason) {
		Partnership partnership = forChange(id);
		move(partnership, "partner.ended", reason, () -> partnership.end(this.clock.instant()));
	}

	/** Takes the invitation back, as {@link #end} does for one that was active. */
	public void withdraw(UUID id, String reason) {
		Partnership partnership = forChange(id);
		move(partnership, "partner.withdrawn", reason, () -> partnership.withdraw(this.clock.instant()));
	}

	/** Nobody came, or nobody finished, in time. */
	public void expire(UUID id, String reason) {
		Partnership partnership = forChange(id);
		move(partnership, "partner.expired", reason, () -> partnership.expire(this.clock.instant()));
	}

	private void move(Partnership partnership, String code, @Nullable String reason, Runnable verb) {
		State before = partnership.state();
		verb.run();
		if (!partnership.state().isLiving()) {
			this.directory.endAccess(partnership.id());
		}
		this.audit.append(about(partnership, code).change("state", before, partnership.state()).reason(reason));
		this.events.publishEvent(new PartnerChanged(partnership.id()));
	}

	/** Names another colleague who answers for the partnership. */
	public void setOwner(UUID id, String name, EmailAddress address) {
		Partnership partnership = forChange(id);
		partnership.setOwner(name.strip(), address, this.clock.instant());
		this.audit.append(about(partnership, "partner.owner-changed").personal("owner", address.key(),
				name + " <" + address + ">"));
	}

	/** Corrects the organisation's name. */
	public void rename(UUID id, String name) {
		Partnership partnership = forChange(id);
		String before = partnership.name();
		partnership.rename(name.strip(), this.clock.instant());
		this.audit.append(about(partnership, "partner.renamed").change("name", before, partnership.name()));
		this.events.publishEvent(new PartnerChanged(id));
	}

	/** Some partners by id, by name; those that are not there are left out. */
	@Transactional(readOnly = true)
	public List<Partner> find(Collection<UUID> ids) {
		return this.partnerships.findAllByIds(ids).stream().map(Partner::of).toList();
	}

	/**
	 * Replaces the partner's people. Technical contacts are reached in one of the
	 * partner's own domains and may sign in; emergency contacts are reached elsewhere,
	 * because when TLS breaks, mail to those domains is what breaks.
	 * @return what is wrong, by fields {@code contacts} and {@code contacts[n].name},
	 * {@code .address} and {@code .phone}; empty when it was done
	 */
	public List<Problem> setContacts(UUID id, List<NewContact> people) {
		Partnership partnership = forChange(id);
		List<Problem> problems = problems(partnership, people);
		if (!problems.isEmpty()) {
			return problems;
		}
		List<EmailAddress> before = technical(partnership);
		partnership.setContacts(people, this.clock.instant());
		List<EmailAddress> after = technical(partnership);
		before.stream()
			.filter((address) -> after.stream().noneMatch((kept) -> kept.key().equals(address.key())))
			.forEach((address) -> this.directory.endAccess(address, id));
		Act act = about(partnership, "partner.contacts-changed").detail("contacts", people.size());
		for (int i = 0; i < people.size(); i++) {
			NewContact person = people.get(i);
			Object whose = person.address().key();
			if (person.role() == ContactRole.TECHNICAL) {
				whose = this.directory.openAccess(person.address(), person.name(), id);
			}
			act.personal("contact-" + (i + 1), whose, person.role().words() + ": " + person.name() + " <"
					+ person.address() + ">" + ((person.phone() != null) ? ", " + person.phone() : ""));
		}
		this.audit.append(act);
		return List.of();
	}

	private static List<EmailAddress> technical(Partnership partnership) {
		return partnership.contacts()
			.stream()
			.filter((contact) -> contact.role() == ContactRole.TECHNICAL)
			.map(Contact::address)
			.toList();
	}

	private List<Problem> problems(Partnership partnership, List<NewContact> people) {
		List<Problem> problems = new ArrayList<>();
		if (people.size() > MOST_CONTACTS) {
			problems.add(new Problem("contacts", "Give at most " + MOST_CONTACTS + " people."));
			return problems;
		}
		for (ContactRole role : ContactRole.values()) {
			if (people.stream().noneMatch((person) -> person.role() == role)) {
				problems.add(new Problem("contacts", switch (role) {
					case TECHNICAL -> "Give at least one technical contact in your own mail domain.";
					case EMERGENCY -> "Give an emergency contact outside your own mail domains.";
				}));
			}
		}
		for (int i = 0; i < people.size(); i++) {
			NewContact person = people.get(i);
			String field = "contacts[" + i + "]";
			Texts.line(person.name(), 120, "Enter the person's name.")
				.ifPresent((message) -> problems.add(new Problem(field + ".name", message)));
			address(partnership, person).ifPresent((message) -> problems.add(new Problem(field + ".address", message)));
			if (person.phone() != null && !PHONE.matcher(person.phone()).matches()) {
				problems.add(new Problem(field + ".phone", "Enter a phone number such as +44 20 7946 0000."));
			}
		}
		return problems;
	}

	private Optional<String> address(Partnership partnership, NewContact person) {
		return switch (person.role()) {
			case TECHNICAL -> {
				if (!partnership.receivesAt(person.address())) {
					yield Optional.of("A technical contact's address must be in one of your own mail domains.");
				}
				yield this.directory.isTaken(person.address(), partnership.id())
						? Optional.of("This address already signs in for another organisation.") : Optional.empty();
			}
			case EMERGENCY -> partnership.covers(person.address())
					? Optional.of("When mail to " + person.address().domain().display()
							+ " breaks, this address breaks with it. Give one outside your own mail domains.")
					: Optional.empty();
		};
	}

	/** Adds a mail domain, not proven yet. */
	public AddDomain addDomain(UUID id, DomainName name) {
		Partnership partnership = forChange(id);
		if (partnership.domains().stream().anyMatch((domain) -> domain.name().equals(name))) {
			return new AddDomain.Refused("The domain " + name.display() + " is in the list already.");
		}
		if (partnership.domains().size() >= MOST_DOMAINS) {
			return new AddDomain.Refused("A partner has at most " + MOST_DOMAINS + " mail domains here.");
		}
		this.partnerships.lockDomain(name.ascii());
		List<String> refusals = this.rules.check(name, id).refusals();
		if (!refusals.isEmpty()) {
			this.audit
				.append(about(partnership, "domain.refused").refused().domain(name).detail("why", refusals.getFirst()));
			return new AddDomain.Refused(refusals.getFirst());
		}
		Instant now = this.clock.instant();
		MailDomain added = partnership.add(name, now);
		scheduleLookUps(added, now);
		this.audit.append(about(partnership, "domain.added").domain(name).on("domain", added.id()));
		return new AddDomain.Added(added.id());
	}

	/**
	 * Takes a mail domain away.
	 * @return why it stays; empty when it is gone
	 */
	public Optional<String> removeDomain(UUID id, UUID domainId) {
		Partnership partnership = forChange(id);
		MailDomain domain = partnership.domain(domainId).orElseThrow(() -> new UnknownPartner(domainId));
		if (partnership.domains().size() == 1) {
			return Optional.of("A partner has at least one mail domain. Add the other one first.");
		}
		Optional<EmailAddress> stranded = technical(partnership).stream()
			.filter((address) -> address.domain().equals(domain.name()))
			.findFirst();
		if (stranded.isPresent()) {
			return Optional.of("The technical contact " + stranded.get() + " is reached in " + domain.name().display()
					+ ". Give that person an address in another of your mail domains first.");
		}
		partnership.remove(domain, this.clock.instant());
		this.audit.append(about(partnership, "domain.removed").domain(domain.name()).on("domain", domainId));
		this.events.publishEvent(new PartnerChanged(id));
		return Optional.empty();
	}

	/**
	 * Lets a domain count without a proof. Nothing changes when it is proven or waived.
	 * @param reason why, for the history
	 */
	public void waive(UUID id, UUID domainId, String reason, SignedIn by) {
		Partnership partnership = forChange(id);
		MailDomain domain = partnership.domain(domainId).orElseThrow(() -> new UnknownPartner(domainId));
		if (domain.proof() == Partner.Proof.UNPROVEN) {
			Instant now = this.clock.instant();
			domain.waive(reason.strip(), by.id(), now);
			partnership.changed(now);
			this.audit.append(about(partnership, "domain.proof-waived").domain(domain.name())
				.on("domain", domainId)
				.change("proof", Partner.Proof.UNPROVEN, Partner.Proof.WAIVED)
				.reason(reason));
			this.events.publishEvent(new PartnerChanged(id));
		}
	}

	/**
	 * Looks for a domain's text in the DNS now. Must be called outside of a transaction:
	 * it waits for the network.
	 */
	@Transactional(propagation = Propagation.NEVER)
	public LookUp lookUp(UUID id, UUID domainId) {
		return this.proof.lookUp(id, domainId);
	}

	private void scheduleLookUps(MailDomain domain, Instant now) {
		this.scheduler.scheduleIfNotExists(
				DomainProof.TASK.instance(domain.id().toString()).scheduledTo(now.plus(DomainProof.FIRST)));
	}

	private Partnership forChange(UUID id) {
		return this.partnerships.findForChange(id).orElseThrow(() -> new UnknownPartner(id));
	}

	static Act about(Partnership partnership, String code) {
		return Act.of(code).on("partner", partnership.id()).partner(partnership.id(), partnership.name());
	}

}
