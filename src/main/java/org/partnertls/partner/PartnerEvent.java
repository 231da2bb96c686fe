package org.partnertls.partner;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.partnertls.organization.EmailAddress;

/**
 * What happened to a partnership or its people, published in the transaction in which it
 * is recorded. Whoever tells people about it, hears it here.
 */
public sealed interface PartnerEvent {

	UUID partnerId();

	/**
	 * Put aside for a time.
	 *
	 * @param reason as the partner reads it
	 */
	record Suspended(UUID partnerId, String reason) implements PartnerEvent {
	}

	/** It goes on. */
	record Resumed(UUID partnerId, String reason) implements PartnerEvent {
	}

	/** It is over: its domains are free and nobody signs in for it any more. */
	record Ended(UUID partnerId, String reason) implements PartnerEvent {
	}

	/** Taken back before it ever became active. */
	record Withdrawn(UUID partnerId, String reason) implements PartnerEvent {
	}

	/** Nobody came, or nobody finished, in time. */
	record InvitationExpired(UUID partnerId, String reason) implements PartnerEvent {
	}

	/**
	 * Other people than before.
	 *
	 * @param came who was not there before
	 * @param left who is not there any more
	 */
	record ContactsChanged(UUID partnerId, List<Partner.Person> came,
			List<Partner.Person> left) implements PartnerEvent {

		public ContactsChanged {
			came = List.copyOf(came);
			left = List.copyOf(left);
		}

	}

	/** Mail to somebody of theirs comes back for good. */
	record Unreachable(UUID partnerId, EmailAddress address, String why) implements PartnerEvent {
	}

	/** Another colleague of ours answers for the partnership. */
	record OwnerChanged(UUID partnerId, String name, EmailAddress address) implements PartnerEvent {
	}

	/**
	 * The people of a partnership that is over are to be known by pseudonyms only, from
	 * now on and wherever they stand outside the history.
	 *
	 * @param people pseudonyms by {@link EmailAddress#key()}
	 * @param at when
	 */
	record PeopleReduced(UUID partnerId, Map<String, Pseudonym> people, Instant at) implements PartnerEvent {

		public PeopleReduced {
			people = Map.copyOf(people);
		}

		/** What stands for whoever had an address. */
		public Pseudonym pseudonymOf(EmailAddress address) {
			return this.people.getOrDefault(address.key(), Pseudonym.NOBODY);
		}

	}

	/**
	 * Stands for a person.
	 *
	 * @param name instead of their name
	 * @param address instead of their address; reaches nobody (RFC 2606)
	 */
	record Pseudonym(String name, EmailAddress address) {

		/** Stands for whoever has no pseudonym of their own. */
		public static final Pseudonym NOBODY = new Pseudonym("Somebody", EmailAddress.of("nobody@removed.invalid"));

		static Pseudonym of(long number) {
			return new Pseudonym("Person " + number, EmailAddress.of("person-" + number + "@removed.invalid"));
		}

	}

}
