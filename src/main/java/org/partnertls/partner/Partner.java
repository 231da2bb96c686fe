package org.partnertls.partner;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

/**
 * A partner as other modules and pages see it.
 *
 * @param id the partner's id everywhere
 * @param reference what stands on the invitation: {@code TLS-2026-0147}
 * @param name the organisation's name
 * @param state how far we are with it
 * @param domains its mail domains, in the order in which they came; at least one
 * @param contacts its people, in the order given
 * @param former those of them who left
 * @param ownerName our colleague who answers for the partnership
 * @param ownerAddress where that colleague is told
 * @param ownerReturnedAt since when mail to them comes back for good; null: it arrives
 * @param ownerReturnedWhy what the mail server said then
 * @param invitedBy the account of the colleague who invited
 * @param reason why, in that colleague's or the partner's words
 * @param invitedAt when
 * @param activeSince when it first became active
 * @param lastProofAt when TLS was last proven in both directions
 * @param nextDueAt when both sides have to confirm and prove again
 * @param endedAt when it was over; null: it goes on
 * @param returnsFrom the same organisation's partnership of before
 * @param reducedAt when its people were replaced by pseudonyms
 * @param version counts the changes
 */
public record Partner(UUID id, String reference, String name, Partnership.State state, List<Domain> domains,
		List<Person> contacts, List<Person> former, String ownerName, EmailAddress ownerAddress,
		@Nullable Instant ownerReturnedAt, @Nullable String ownerReturnedWhy, UUID invitedBy, String reason,
		Instant invitedAt, @Nullable Instant activeSince, @Nullable Instant lastProofAt, @Nullable Instant nextDueAt,
		@Nullable Instant endedAt, @Nullable UUID returnsFrom, @Nullable Instant reducedAt, long version) {

	static Partner of(Partnership partnership) {
		return new Partner(partnership.id(), partnership.reference(), partnership.name(), partnership.state(),
				partnership.domains().stream().map(Domain::of).toList(),
				partnership.contacts().stream().map(Person::of).toList(),
				partnership.formerContacts().stream().map(Person::of).toList(), partnership.ownerName(),
				partnership.ownerAddress(), partnership.ownerReturnedAt(), partnership.ownerReturnedWhy(),
				partnership.invitedBy(), partnership.reason(), partnership.invitedAt(), partnership.activeSince(),
				partnership.lastProofAt(), partnership.nextDueAt(), partnership.endedAt(), partnership.returnsFrom(),
				partnership.reducedAt(), partnership.version());
	}

	/** The domain that stands for the partner where one is enough: its first. */
	public Domain mainDomain() {
		return this.domains.getFirst();
	}

	/** One of the partner's domains by id. */
	public Optional<Domain> domain(UUID domainId) {
		return this.domains.stream().filter((domain) -> domain.id().equals(domainId)).findFirst();
	}

	/** The people of a role. */
	public List<Person> contacts(ContactRole role) {
		return this.contacts.stream().filter((person) -> person.role() == role).toList();
	}

	/** One of the people by id. */
	public Optional<Person> contact(UUID contactId) {
		return this.contacts.stream().filter((person) -> person.id().equals(contactId)).findFirst();
	}

	/** One of the people who sign in, by address. */
	public Optional<Person> signingIn(EmailAddress address) {
		return this.contacts.stream()
			.filter((person) -> person.role().signsIn() && person.address().key().equals(address.key()))
			.findFirst();
	}

	/** Whether each domain is proven, or its proof waived. */
	public boolean isProven() {
		return this.domains.stream().noneMatch((domain) -> domain.proof() == Proof.UNPROVEN);
	}

	/** How we know that a domain is the partner's. */
	public enum Proof {

		/** We do not know yet. */
		UNPROVEN("Not proven yet", "wait"),
		/** The text that we asked for stood in the DNS. */
		PROVEN("Proven", "good"),
		/** A colleague took it on themselves, with a reason. */
		WAIVED("Waived by staff", "idle");

		private final String words;

		private final String tone;

		Proof(String words, String tone) {
			this.words = words;
			this.tone = tone;
		}

		/** The proof as people read it. */
		public String words() {
			return this.words;
		}

		/** How a page colours it: good, wait or idle. */
		public String tone() {
			return this.tone;
		}

	}

	/**
	 * A mail domain.
	 *
	 * @param id its id
	 * @param name the domain
	 * @param proof how we know that it is the partner's
	 * @param challengeName where the text has to stand in the DNS, as TXT
	 * @param challengeText the text
	 * @param askedAt when the text was made
	 * @param validUntil until when it can be found
	 * @param provenAt when it was found
	 * @param lookedUpAt when we last looked
	 * @param seen what we saw then, in words
	 * @param nextLookAt when we look again by ourselves; null: not before somebody asks
	 * @param waivedReason why no proof was asked for
	 * @param waivedAt when somebody decided that none is
	 */
	public record Domain(UUID id, DomainName name, Proof proof, String challengeName, String challengeText,
			Instant askedAt, Instant validUntil, @Nullable Instant provenAt, @Nullable Instant lookedUpAt,
			@Nullable String seen, @Nullable Instant nextLookAt, @Nullable String waivedReason,
			@Nullable Instant waivedAt) {

		static Domain of(MailDomain domain) {
			return new Domain(domain.id(), domain.name(), domain.proof(), domain.challengeName(),
					domain.challengeText(), domain.askedAt(), domain.validUntil(), domain.provenAt(),
					domain.lookedUpAt(), domain.seen(), domain.nextLookAt(), domain.waivedReason(), domain.waivedAt());
		}

		/** Whether it has counted as the partner's since a time, and not before. */
		public boolean countsSince(Instant time) {
			Instant at = (this.proof == Proof.WAIVED) ? this.waivedAt : this.provenAt;
			return this.proof != Proof.UNPROVEN && at != null && at.isAfter(time);
		}

	}

	/**
	 * Somebody at the partner.
	 *
	 * @param id their id as a contact
	 * @param name their name
	 * @param address where they are written to
	 * @param phone where they are phoned
	 * @param role what they are there for
	 * @param addedBy who named them, in words; null: themselves, or the invitation
	 * @param since since when they are there
	 * @param phoneSince since when the number is recorded
	 * @param leftAt when they left; null: they are there
	 * @param returnedAt when mail to them came back for good; null: it arrives
	 * @param returnedWhy what the mail server said then
	 */
	public record Person(UUID id, String name, EmailAddress address, @Nullable String phone, ContactRole role,
			@Nullable String addedBy, @Nullable Instant since, @Nullable Instant phoneSince, @Nullable Instant leftAt,
			@Nullable Instant returnedAt, @Nullable String returnedWhy) {

		static Person of(Contact contact) {
			return new Person(contact.id(), contact.name(), contact.address(), contact.phone(), contact.role(),
					contact.addedBy(), contact.since(), contact.phoneSince(), contact.leftAt(), contact.returnedAt(),
					contact.returnedWhy());
		}

		/** As one describes oneself on a form. */
		public NewContact described() {
			return new NewContact(this.name, this.address, this.phone, this.role);
		}

	}

}
