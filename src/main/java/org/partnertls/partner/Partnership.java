package org.partnertls.partner;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Version;
import org.hibernate.annotations.Fetch;
import org.hibernate.annotations.FetchMode;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Ids;

/**
 * An organisation we exchange mail with, its mail domains and its people.
 */
@Entity
public class Partnership {

	@Id
	private UUID id;

	@Version
	private long version;

	private String reference;

	private String name;

	@Enumerated(EnumType.STRING)
	private State state;

	private String ownerName;

	private EmailAddress ownerAddress;

	private @Nullable Instant ownerReturnedAt;

	private @Nullable String ownerReturnedWhy;

	private UUID invitedBy;

	private String reason;

	private Instant invitedAt;

	private @Nullable Instant activeSince;

	private @Nullable Instant lastProofAt;

	private @Nullable Instant nextDueAt;

	private @Nullable Instant endedAt;

	private @Nullable UUID returnsFrom;

	private @Nullable Instant reducedAt;

	// Written at each change, so that a change of a domain or a contact counts as one of
	// the partnership.
	private Instant changedAt;

	@OneToMany(cascade = CascadeType.ALL, orphanRemoval = true)
	@JoinColumn(name = "partnership_id", nullable = false)
	@Fetch(FetchMode.SUBSELECT)
	private List<MailDomain> domains = new ArrayList<>();

	@OneToMany(cascade = CascadeType.ALL, orphanRemoval = true)
	@JoinColumn(name = "partnership_id", nullable = false)
	@Fetch(FetchMode.SUBSELECT)
	private List<Contact> contacts = new ArrayList<>();

	protected Partnership() {
	}

	Partnership(String reference, String name, DomainName domain, NewContact contact, String ownerName,
			EmailAddress ownerAddress, UUID invitedBy, String reason, Instant now) {
		this.id = Ids.at(now);
		this.reference = reference;
		this.name = name;
		this.state = State.INVITED;
		this.ownerName = ownerName;
		this.ownerAddress = ownerAddress;
		this.invitedBy = invitedBy;
		this.reason = reason;
		this.invitedAt = now;
		this.changedAt = now;
		this.domains.add(new MailDomain(domain, now));
		this.contacts.add(new Contact(0, contact, null, now));
	}

	/** The partner came for the first time. */
	void open(Instant now) {
		moveTo(State.ONBOARDING, now);
	}

	/** Both directions are proven for the first time. */
	void activate(Instant proofAt, Instant nextDue, Instant now) {
		moveTo(State.ACTIVE, now);
		this.activeSince = now;
		proven(proofAt, nextDue, now);
	}

	/** Both directions are proven again. */
	void proven(Instant proofAt, Instant nextDue, Instant now) {
		if (this.state != State.ACTIVE && this.state != State.SUSPENDED) {
			throw new IllegalStateException("the partnership " + this.reference + " is " + this.state
					+ ": only one that was active is proven again");
		}
		this.lastProofAt = proofAt;
		this.nextDueAt = nextDue;
		this.changedAt = now;
	}

	/** The day to prove again is put off. */
	void postpone(Instant until, Instant now) {
		if (this.nextDueAt == null || !until.isAfter(this.nextDueAt)) {
			throw new IllegalStateException("the partnership " + this.reference + " cannot be put off to " + until);
		}
		this.nextDueAt = until;
		this.changedAt = now;
	}

	void suspend(Instant now) {
		moveTo(State.SUSPENDED, now);
	}

	void resume(Instant now) {
		moveTo(State.ACTIVE, now);
	}

	void end(Instant now) {
		moveTo(State.ENDED, now);
	}

	void expire(Instant now) {
		moveTo(State.EXPIRED, now);
	}

	void withdraw(Instant now) {
		moveTo(State.WITHDRAWN, now);
	}

	private void moveTo(State next, Instant now) {
		if (!this.state.next().contains(next)) {
			throw new IllegalStateException(
					"the partnership " + this.reference + " is " + this.state + " and cannot become " + next);
		}
		this.state = next;
		this.changedAt = now;
		if (!next.isLiving()) {
			this.endedAt = now;
			this.domains.forEach(MailDomain::release);
		}
	}

	MailDomain add(DomainName domain, Instant now) {
		MailDomain added = new MailDomain(domain, now);
		this.domains.add(added);
		this.changedAt = now;
		return added;
	}

	void remove(MailDomain domain, Instant now) {
		this.domains.remove(domain);
		this.changedAt = now;
	}

	/**
	 * The people from now on, in this order; who is there already stays the same entry.
	 * Those who left stay as such, unless they are back.
	 * @param by who names those who are new, in words; null: themselves
	 */
	void setContacts(List<NewContact> people, @Nullable String by, Instant now) {
		List<Contact> kept = new ArrayList<>();
		for (int i = 0; i < people.size(); i++) {
			NewContact person = people.get(i);
			Optional<Contact> known = this.contacts.stream()
				.filter((contact) -> !kept.contains(contact) && contact.is(person))
				.findFirst();
			if (known.isPresent()) {
				known.get().become(i, person, now);
				known.get().stay();
				kept.add(known.get());
			}
			else {
				Contact added = new Contact(i, person, by, now);
				this.contacts.add(added);
				kept.add(added);
			}
		}
		this.contacts.removeIf((contact) -> !kept.contains(contact) && contact.leftAt() == null);
		this.changedAt = now;
	}

	/** Somebody is not there any more. */
	void left(Contact contact, Instant now) {
		contact.leave(now);
		this.changedAt = now;
	}

	/** The organisation was a partner before. */
	void returnsFrom(UUID earlier) {
		this.returnsFrom = earlier;
	}

	/** Knows people by pseudonyms from now on. */
	void reduced(Instant now) {
		if (this.state.isLiving()) {
			throw new IllegalStateException("the partnership " + this.reference + " goes on, and so do its people");
		}
		this.reducedAt = now;
		this.changedAt = now;
	}

	void setOwner(String name, EmailAddress address, Instant now) {
		this.ownerName = name;
		this.ownerAddress = address;
		ownerNamedAgain(now);
	}

	/** Mail to our owner came back for good. */
	void ownerReturned(String why, Instant at, Instant now) {
		this.ownerReturnedAt = at;
		this.ownerReturnedWhy = why;
		this.changedAt = now;
	}

	/** Whoever is named is reached, as far as we know. */
	void ownerNamedAgain(Instant now) {
		this.ownerReturnedAt = null;
		this.ownerReturnedWhy = null;
		this.changedAt = now;
	}

	void rename(String newName, Instant now) {
		this.name = newName;
		this.changedAt = now;
	}

	/** Counts a change of one of the domains as a change of the partnership. */
	void changed(Instant now) {
		this.changedAt = now;
	}

	Optional<MailDomain> domain(UUID domainId) {
		return this.domains.stream().filter((domain) -> domain.id().equals(domainId)).findFirst();
	}

	/** Whether an address lies in one of the domains itself, not below it. */
	boolean receivesAt(EmailAddress address) {
		return this.domains.stream().anyMatch((domain) -> domain.name().equals(address.domain()));
	}

	/** Whether an address stops working when mail to one of the domains does. */
	boolean covers(EmailAddress address) {
		return this.domains.stream()
			.anyMatch((domain) -> domain.name().equals(address.domain()) || address.domain().isBelow(domain.name()));
	}

	UUID id() {
		return this.id;
	}

	long version() {
		return this.version;
	}

	String reference() {
		return this.reference;
	}

	String name() {
		return this.name;
	}

	State state() {
		return this.state;
	}

	List<MailDomain> domains() {
		return this.domains.stream()
			.sorted(Comparator.comparing((MailDomain domain) -> domain.id().toString()))
			.toList();
	}

	/** Those who are there. */
	List<Contact> contacts() {
		return this.contacts.stream()
			.filter((contact) -> contact.leftAt() == null)
			.sorted(Comparator.comparingInt(Contact::position))
			.toList();
	}

	/** Those who left. */
	List<Contact> formerContacts() {
		return this.contacts.stream()
			.filter((contact) -> contact.leftAt() != null)
			.sorted(Comparator.comparing(Contact::leftAt))
			.toList();
	}

	String ownerName() {
		return this.ownerName;
	}

	EmailAddress ownerAddress() {
		return this.ownerAddress;
	}

	@Nullable Instant ownerReturnedAt() {
		return this.ownerReturnedAt;
	}

	@Nullable String ownerReturnedWhy() {
		return this.ownerReturnedWhy;
	}

	UUID invitedBy() {
		return this.invitedBy;
	}

	String reason() {
		return this.reason;
	}

	Instant invitedAt() {
		return this.invitedAt;
	}

	@Nullable Instant activeSince() {
		return this.activeSince;
	}

	@Nullable Instant lastProofAt() {
		return this.lastProofAt;
	}

	@Nullable Instant nextDueAt() {
		return this.nextDueAt;
	}

	@Nullable Instant endedAt() {
		return this.endedAt;
	}

	@Nullable UUID returnsFrom() {
		return this.returnsFrom;
	}

	@Nullable Instant reducedAt() {
		return this.reducedAt;
	}

	/**
	 * How far we are with a partner.
	 */
	public enum State {

		/** The invitation is out. */
		INVITED("Invited", "idle"),
		/** The partner works through the task list, or we review, push and prove. */
		ONBOARDING("Onboarding", "wait"),
		/** Both directions were proven; re-certification falls due. */
		ACTIVE("Active", "good"),
		/** Put aside for a time; what is enforced then is up to the connectors. */
		SUSPENDED("Suspended", "wait"),
		/** Over; its history stays. */
		ENDED("Ended", "idle"),
		/** Nobody came within the time that the invitation was good for. */
		EXPIRED("Invitation expired", "idle"),
		/** We took the invitation back. */
		WITHDRAWN("Withdrawn", "idle");

		private final String words;

		private final String tone;

		State(String words, String tone) {
			this.words = words;
			this.tone = tone;
		}

		/** The states that may follow: the one place that says so. */
		Set<State> next() {
			return switch (this) {
				case INVITED -> EnumSet.of(ONBOARDING, EXPIRED, WITHDRAWN);
				case ONBOARDING -> EnumSet.of(ACTIVE, EXPIRED, WITHDRAWN);
				case ACTIVE -> EnumSet.of(SUSPENDED, ENDED);
				case SUSPENDED -> EnumSet.of(ACTIVE, ENDED);
				case ENDED, EXPIRED, WITHDRAWN -> EnumSet.noneOf(State.class);
			};
		}

		/** Whether the partnership goes on; a living one holds its domains. */
		public boolean isLiving() {
			return !next().isEmpty();
		}

		/** The state as people read it. */
		public String words() {
			return this.words;
		}

		/** How a page colours it: good, wait or idle. */
		public String tone() {
			return this.tone;
		}

	}

}
