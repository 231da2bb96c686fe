package org.partnertls.partner;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
		if (this.directory.confirmsElsewhere(wanted.contactAddress(), null)) {
			return new Invitation.Refused(
					new Problem("contactAddress", "This address already signs in for another organisation."));
		}
		Instant now = this.clock.instant();
		Optional<Partnership> before = this.partnerships.findFormerByDomain(wanted.domain());
		Partnership partnership = this.partnerships
			.save(new Partnership(newReference(now), wanted.name().strip(), wanted.domain(),
					new NewContact(wanted.contactName(), wanted.contactAddress(), null, ContactRole.TECHNICAL),
					wanted.ownerName().strip(), wanted.ownerAddress(), wanted.invitedBy().id(), wanted.reason().strip(),
					now));
		before.map(Partnership::id).ifPresent(partnership::returnsFrom);
		UUID contact = this.directory.openAccess(wanted.contactAddress(), wanted.contactName(), partnership.id());
		scheduleLookUps(partnership.domains().getFirst(), now);
		this.audit.append(about(partnership, "partner.invited").domain(wanted.domain())
			.detail("reference", partnership.reference())
			.detail("returns from", before.map(Partnership::reference).orElse("nowhere"))
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

	/** The partnership that followed this one, if the organisation has come back. */
	@Transactional(readOnly = true)
	public Optional<Partner> successor(UUID id) {
		return this.partnerships.findByReturnsFrom(id).map(Partner::of);
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

	/**
	 * Puts the partnership aside. What is enforced then is up to its connectors.
	 * @param reason as the partner reads it
	 */
	public void suspend(UUID id, String reason) {
		Partnership partnership = forChange(id);
		move(partnership, "partner.suspended", reason, () -> partnership.suspend(this.clock.instant()));
		this.events.publishEvent(new PartnerEvent.Suspended(id, reason));
	}

	public void resume(UUID id, String reason) {
		Partnership partnership = forChange(id);
		move(partnership, "partner.resumed", reason, () -> partnership.resume(this.clock.instant()));
		this.events.publishEvent(new PartnerEvent.Resumed(id, reason));
	}

	/** Ends the partnership: its domains are free, its people no longer sign in. */
	public void end(UUID id, String reason) {
		Partnership partnership = forChange(id);
		move(partnership, "partner.ended", reason, () -> partnership.end(this.clock.instant()));
		this.events.publishEvent(new PartnerEvent.Ended(id, reason));
	}

	/** Takes the invitation back, as {@link #end} does for one that was active. */
	public void withdraw(UUID id, String reason) {
		Partnership partnership = forChange(id);
		move(partnership, "partner.withdrawn", reason, () -> partnership.withdraw(this.clock.instant()));
		this.events.publishEvent(new PartnerEvent.Withdrawn(id, reason));
	}

	/** Nobody came, or nobody finished, in time. */
	public void expire(UUID id, String reason) {
		Partnership partnership = forChange(id);
		move(partnership, "partner.expired", reason, () -> partnership.expire(this.clock.instant()));
		this.events.publishEvent(new PartnerEvent.InvitationExpired(id, reason));
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

	/**
	 * Names the colleague who answers for the partnership; named again, they count as
	 * reached wherever they do.
	 */
	public void setOwner(UUID id, String name, EmailAddress address) {
		Partnership partnership = forChange(id);
		boolean again = partnership.ownerAddress().key().equals(address.key());
		setOwner(partnership, name, address, null);
		if (again) {
			this.partnerships.findReturnedByOwner(address.key())
				.forEach((other) -> forChange(other).ownerNamedAgain(this.clock.instant()));
		}
	}

	private void setOwner(Partnership partnership, String name, EmailAddress address, @Nullable String reason) {
		partnership.setOwner(name.strip(), address, this.clock.instant());
		this.audit.append(about(partnership, "partner.owner-changed")
			.personal("owner", address.key(), name.strip() + " <" + address + ">")
			.reason(reason));
		this.events.publishEvent(new PartnerEvent.OwnerChanged(partnership.id(), name.strip(), address));
	}

	/**
	 * Names another colleague for every living partnership for which somebody answers, in
	 * one act.
	 * @return which they were
	 */
	public List<Partner> handOverOwner(EmailAddress from, String name, EmailAddress address, String reason) {
		List<Partnership> theirs = this.partnerships.findLivingByOwner(from.key())
			.stream()
			.map(this::forChange)
			.toList();
		theirs.forEach((partnership) -> setOwner(partnership, name, address, reason));
		return theirs.stream().map(Partner::of).toList();
	}

	/** Who of us answers for how many living partnerships, most first. */
	@Transactional(readOnly = true)
	public List<Owner> owners() {
		return this.partnerships.findOwners()
			.stream()
			.map((owner) -> new Owner(owner.getName(), EmailAddress.of(owner.getAddress()), owner.getCount(),
					owner.getReturnedAt(), owner.getReturnedWhy()))
			.toList();
	}

	/** The living partnerships for which somebody of ours answers. */
	@Transactional(readOnly = true)
	public List<Partner> ofOwner(EmailAddress address) {
		return this.partnerships.findAllByIds(this.partnerships.findLivingByOwner(address.key()))
			.stream()
			.map(Partner::of)
			.toList();
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
		if (problems.isEmpty()) {
			replace(partnership, people, null);
		}
		return problems;
	}

	/**
	 * Adds a person; who signs in, may do so from now on.
	 * @param by who names them, in words that pages show: a name and whose person that is
	 * @return what is wrong, by fields {@code name}, {@code address}, {@code phone} and
	 * {@code role}
	 */
	public List<Problem> addContact(UUID id, NewContact person, String by) {
		Partnership partnership = forChange(id);
		List<Problem> problems = new ArrayList<>();
		List<NewContact> people = described(partnership);
		if (people.size() >= MOST_CONTACTS) {
			problems.add(new Problem("name", "There can be at most " + MOST_CONTACTS + " people."));
		}
		if (people.stream().anyMatch((one) -> isSame(one, person))) {
			problems.add(new Problem("address", "This person is in the list in this role already."));
		}
		check(partnership, person, "", problems);
		if (problems.isEmpty()) {
			people.add(person);
			replace(partnership, people, by);
		}
		return problems;
	}

	/**
	 * Corrects somebody's name and number, and the address of those who do not sign in.
	 */
	public List<Problem> changeContact(UUID id, UUID contactId, NewContact person) {
		Partnership partnership = forChange(id);
		Contact contact = contact(partnership, contactId);
		List<Problem> problems = new ArrayList<>();
		if (contact.role() != person.role()) {
			throw new IllegalArgumentException("a contact keeps its role");
		}
		if (contact.role().signsIn() && !contact.address().key().equals(person.address().key())) {
			problems.add(new Problem("address",
					"They sign in with this address. To replace it, hand over to the new address."));
		}
		check(partnership, person, "", problems);
		if (problems.isEmpty()) {
			replace(partnership,
					partnership.contacts()
						.stream()
						.map((one) -> one.id().equals(contactId) ? person : described(one))
						.toList(),
					contact.addedBy());
		}
		return problems;
	}

	/**
	 * Takes somebody out of the list.
	 * @return why they stay; empty when it was done
	 */
	public Optional<String> removeContact(UUID id, UUID contactId) {
		Partnership partnership = forChange(id);
		Contact contact = contact(partnership, contactId);
		ContactRole role = contact.role();
		boolean last = partnership.contacts().stream().filter((one) -> one.role() == role).count() == 1;
		if (last && role == ContactRole.TECHNICAL) {
			return Optional.of("The last technical contact stays until somebody else is. Hand over instead.");
		}
		if (last && role == ContactRole.EMERGENCY) {
			return Optional.of("The last emergency contact stays until there is another one.");
		}
		replace(partnership,
				partnership.contacts()
					.stream()
					.filter((one) -> !one.id().equals(contactId))
					.map(Partners::described)
					.toList(),
				null);
		return Optional.empty();
	}

	/**
	 * Puts one person in the place of another who signs in: the one may, the other may no
	 * longer, at their next request.
	 * @param from the address of who is replaced
	 * @param by who says so, in words
	 * @return what is wrong, by fields {@code name}, {@code address} and {@code phone}
	 */
	public List<Problem> replaceContact(UUID id, EmailAddress from, NewContact to, String by) {
		Partnership partnership = forChange(id);
		List<Problem> problems = new ArrayList<>();
		check(partnership, to, "", problems);
		if (!problems.isEmpty()) {
			return problems;
		}
		List<NewContact> people = described(partnership);
		NewContact replaced = new NewContact(to.name(), from, null, to.role());
		if (people.stream().anyMatch((one) -> isSame(one, replaced))) {
			people.removeIf((one) -> isSame(one, to) && !isSame(one, replaced));
			people.replaceAll((one) -> isSame(one, replaced) ? to : one);
		}
		else {
			// Who has left stands in no place any more.
			people.removeIf((one) -> isSame(one, to));
			people.add(to);
		}
		replace(partnership, people, by);
		return problems;
	}

	/** Somebody has left: they no longer sign in, and who they were stays in the list. */
	public void contactLeft(UUID id, UUID contactId, String reason) {
		Partnership partnership = forChange(id);
		Contact contact = contact(partnership, contactId);
		Partner.Person person = Partner.Person.of(contact);
		partnership.left(contact, this.clock.instant());
		if (contact.role().signsIn()) {
			this.directory.endAccess(contact.address(), id);
		}
		this.audit.append(about(partnership, "partner.contact-left").on("contact", contactId)
			.personal("contact", contact.address().key(), shown(described(contact)))
			.reason(reason));
		this.events.publishEvent(new PartnerEvent.ContactsChanged(id, List.of(), List.of(person)));
	}

	/**
	 * Mail to an address came back for good: whoever is reached there is marked, in every
	 * living partnership; so is our owner.
	 * @param why what the mail server said
	 * @return our owner who is reached there, when that is news
	 */
	public Optional<Owner> returned(EmailAddress address, String why, Instant at) {
		for (UUID id : this.partnerships.findLivingByContact(address.key())) {
			Partnership partnership = forChange(id);
			List<Contact> theirs = partnership.contacts()
				.stream()
				.filter((contact) -> contact.address().key().equals(address.key()))
				.toList();
			boolean news = theirs.stream().anyMatch((contact) -> contact.returnedAt() == null);
			theirs.forEach((contact) -> contact.returned(why, at));
			partnership.changed(this.clock.instant());
			if (news) {
				unreachable(partnership, address, why);
				this.events.publishEvent(new PartnerEvent.Unreachable(id, address, why));
			}
		}
		return ownerReturned(address, why, at);
	}

	// Their letters come back one by one, and there is one of each per partner: it is
	// news
	// once.
	private Optional<Owner> ownerReturned(EmailAddress address, String why, Instant at) {
		List<UUID> theirs = this.partnerships.findLivingByOwner(address.key());
		List<UUID> known = this.partnerships.findReturnedByOwner(address.key());
		String name = "";
		for (UUID id : theirs.stream().filter((each) -> !known.contains(each)).toList()) {
			Partnership partnership = forChange(id);
			partnership.ownerReturned(why, at, this.clock.instant());
			unreachable(partnership, address, why);
			name = partnership.ownerName();
		}
		return (known.isEmpty() && !theirs.isEmpty()) ? Optional.of(new Owner(name, address, theirs.size(), at, why))
				: Optional.empty();
	}

	private void unreachable(Partnership partnership, EmailAddress address, String why) {
		this.audit.append(about(partnership, "partner.unreachable").failed()
			.personal("contact", address.key(), address.toString())
			.personal("said", address.key(), why));
	}

	/** Mail to somebody arrives: they have read a code in it. */
	public void reached(UUID id, EmailAddress address) {
		this.partnerships.findForChange(id)
			.stream()
			.flatMap((partnership) -> partnership.contacts().stream())
			.filter((contact) -> contact.address().key().equals(address.key()) && contact.returnedAt() != null)
			.forEach(Contact::reached);
	}

	/**
	 * The partnerships that were over before a time and whose people still have names.
	 */
	@Transactional(readOnly = true)
	public List<UUID> toReduce(Instant overBefore) {
		return this.partnerships.findToReduce(overBefore);
	}

	/**
	 * Replaces the people of a partnership that is over by pseudonyms. Other modules do
	 * the same when they hear of it; what stands in the history has its own rule.
	 */
	public void reduce(UUID id) {
		Partnership partnership = forChange(id);
		Instant now = this.clock.instant();
		Map<String, PartnerEvent.Pseudonym> people = new LinkedHashMap<>();
		List<Contact> everybody = new ArrayList<>(partnership.contacts());
		everybody.addAll(partnership.formerContacts());
		Stream.concat(everybody.stream().map(Contact::address), this.directory.addressesOf(id).stream())
			.forEach((address) -> people.computeIfAbsent(address.key(),
					(key) -> PartnerEvent.Pseudonym.of(this.partnerships.nextPseudonym())));
		everybody.forEach((contact) -> contact.reduce(Objects.requireNonNull(people.get(contact.address().key()))));
		this.directory.reduce(id, (key) -> {
			PartnerEvent.Pseudonym pseudonym = Objects.requireNonNull(people.get(key));
			return new Directory.Person(id, pseudonym.name(), pseudonym.address().toString());
		});
		partnership.reduced(now);
		this.audit.append(about(partnership, "partner.people-reduced").detail("people", people.size()));
		this.events.publishEvent(new PartnerEvent.PeopleReduced(id, people, now));
	}

	private void replace(Partnership partnership, List<NewContact> people, @Nullable String by) {
		UUID id = partnership.id();
		if (!partnership.state().isLiving()) {
			throw new IllegalStateException(
					"the partnership " + partnership.reference() + " is over, and its people stay who they were");
		}
		List<Partner.Person> before = partnership.contacts().stream().map(Partner.Person::of).toList();
		partnership.setContacts(people, by, this.clock.instant());
		List<Partner.Person> after = partnership.contacts().stream().map(Partner.Person::of).toList();
		List<Partner.Person> left = without(before, after);
		left.stream()
			.filter((person) -> person.role().signsIn() && after.stream()
				.noneMatch((one) -> one.role().signsIn() && one.address().key().equals(person.address().key())))
			.forEach((person) -> this.directory.endAccess(person.address(), id));
		Act act = about(partnership, "partner.contacts-changed").detail("contacts", people.size());
		for (int i = 0; i < people.size(); i++) {
			NewContact person = people.get(i);
			Object whose = person.address().key();
			if (person.role().signsIn()) {
				whose = openAccess(person, people, id);
			}
			act.personal("contact-" + (i + 1), whose, shown(person));
		}
		this.audit.append(act);
		this.events.publishEvent(new PartnerEvent.ContactsChanged(id, without(after, before), left));
	}

	// Who is a technical contact and a helper, may confirm.
	private UUID openAccess(NewContact person, List<NewContact> people, UUID id) {
		boolean confirms = people.stream()
			.anyMatch(
					(one) -> one.role() == ContactRole.TECHNICAL && one.address().key().equals(person.address().key()));
		return confirms ? this.directory.openAccess(person.address(), person.name(), id)
				: this.directory.openHelperAccess(person.address(), person.name(), id);
	}

	private static List<Partner.Person> without(List<Partner.Person> some, List<Partner.Person> others) {
		return some.stream()
			.filter((person) -> others.stream().noneMatch((other) -> isSame(person.described(), other.described())))
			.toList();
	}

	private static boolean isSame(NewContact one, NewContact other) {
		return one.role() == other.role() && one.address().key().equals(other.address().key());
	}

	private static String shown(NewContact person) {
		return person.role().words() + ": " + person.name() + " <" + person.address() + ">"
				+ ((person.phone() != null) ? ", " + person.phone() : "");
	}

	private static NewContact described(Contact contact) {
		return new NewContact(contact.name(), contact.address(), contact.phone(), contact.role());
	}

	private static List<NewContact> described(Partnership partnership) {
		return new ArrayList<>(partnership.contacts().stream().map(Partners::described).toList());
	}

	private static Contact contact(Partnership partnership, UUID contactId) {
		return partnership.contacts()
			.stream()
			.filter((contact) -> contact.id().equals(contactId))
			.findFirst()
			.orElseThrow(() -> new UnknownPartner(contactId));
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
		if (people.stream().noneMatch((person) -> person.role() == ContactRole.TECHNICAL)) {
			problems.add(new Problem("contacts", "Give at least one technical contact in your own mail domain."));
		}
		if (people.stream().noneMatch((person) -> person.role() == ContactRole.EMERGENCY)) {
			problems.add(new Problem("contacts", "Give an emergency contact outside your own mail domains."));
		}
		for (int i = 0; i < people.size(); i++) {
			check(partnership, people.get(i), "contacts[" + i + "].", problems);
		}
		return problems;
	}

	private void check(Partnership partnership, NewContact person, String field, List<Problem> problems) {
		Texts.line(person.name(), 120, "Enter the person's name.")
			.ifPresent((message) -> problems.add(new Problem(field + "name", message)));
		address(partnership, person).ifPresent((message) -> problems.add(new Problem(field + "address", message)));
		if (person.phone() != null && !PHONE.matcher(person.phone()).matches()) {
			problems.add(new Problem(field + "phone", "Enter a phone number such as +44 20 7946 0000."));
		}
	}

	private Optional<String> address(Partnership partnership, NewContact person) {
		return switch (person.role()) {
			case TECHNICAL -> partnership.receivesAt(person.address()) ? taken(partnership, person)
					: Optional.of("A technical contact's address must be in one of your own mail domains.");
			case HELPER, SECURITY, BUSINESS -> Optional.empty();
			case EMERGENCY -> partnership.covers(person.address())
					? Optional.of("When mail to " + person.address().domain().display()
							+ " breaks, this address breaks with it. Give one outside your own mail domains.")
					: Optional.empty();
		};
	}

	private Optional<String> taken(Partnership partnership, NewContact person) {
		return this.directory.confirmsElsewhere(person.address(), partnership.id())
				? Optional.of("This address already signs in for another organisation.") : Optional.empty();
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
		domain.looksAgain(now.plus(DomainProof.FIRST));
		this.scheduler.scheduleIfNotExists(
				DomainProof.TASK.instance(domain.id().toString()).scheduledTo(now.plus(DomainProof.FIRST)));
	}

	private Partnership forChange(UUID id) {
		return this.partnerships.findForChange(id).orElseThrow(() -> new UnknownPartner(id));
	}

	static Act about(Partnership partnership, String code) {
		return Act.of(code).on("partner", partnership.id()).partner(partnership.id(), partnership.name());
	}

	/**
	 * A colleague of ours.
	 *
	 * @param name as named last
	 * @param address where they are told
	 * @param count for how many living partnerships they answer
	 * @param returnedAt since when mail to them comes back for good; null: it arrives
	 * @param returnedWhy what the mail server said then
	 */
	public record Owner(String name, EmailAddress address, long count, @Nullable Instant returnedAt,
			@Nullable String returnedWhy) {
	}

}
