package org.partnertls.account;

import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.EmailAddress;

import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * The accounts as other modules know them: who may sign in, and who is who.
 */
@Component
@Transactional
public class Directory {

	private final Accounts accounts;

	private final Clock clock;

	Directory(Accounts accounts, Clock clock) {
		this.accounts = accounts;
		this.clock = clock;
	}

	/**
	 * Lets an address sign in for a partner and confirm; nothing changes when it already
	 * may.
	 * @return the account's id
	 * @throws IllegalArgumentException when the address confirms for another partner
	 */
	public UUID openAccess(EmailAddress address, String name, UUID partnerId) {
		return open(address, name, partnerId, Role.PARTNER);
	}

	/**
	 * The same for somebody who does tasks and cannot confirm, for any number of
	 * partners.
	 */
	public UUID openHelperAccess(EmailAddress address, String name, UUID partnerId) {
		return open(address, name, partnerId, Role.HELPER);
	}

	private UUID open(EmailAddress address, String name, UUID partnerId, Role role) {
		if (role == Role.PARTNER && confirmsElsewhere(address, partnerId)) {
			throw new IllegalArgumentException("This address already signs in for another organisation.");
		}
		Account account = this.accounts.findLiving(address.key(), partnerId)
			.orElseGet(() -> opened(address, name, partnerId, role));
		if (!account.roles().contains(role)) {
			account.becomes(role);
			this.accounts.save(account);
		}
		return account.id();
	}

	// In the language in which they are or were written to; else colleagues are written
	// to
	// in one language, until each says another.
	private Account opened(EmailAddress address, String name, UUID partnerId, Role role) {
		Account account = Account.ofPartner(address, name, partnerId, role, this.clock.instant());
		languageOf(address).or(() -> language(this.accounts.findLivingOfPartner(partnerId).stream()))
			.ifPresent((language) -> account.reads(new Reading(null, null), language));
		return this.accounts.save(account);
	}

	/** The language in which an address is written to, or was before its access ended. */
	@Transactional(readOnly = true)
	public Optional<Locale> languageOf(EmailAddress address) {
		return language(Stream.concat(this.accounts.findLiving(address.key()).stream(),
				this.accounts.findEnded(address.key()).stream()));
	}

	private static Optional<Locale> language(Stream<Account> accounts) {
		return accounts.map((known) -> known.reading().language()).filter(Objects::nonNull).findFirst();
	}

	/**
	 * Writes to a partner's person in this language, unless it is known already in which.
	 */
	public void writeTo(EmailAddress address, UUID partnerId, Locale language) {
		this.accounts.findLiving(address.key(), partnerId).ifPresent((account) -> {
			account.reads(new Reading(null, null), language);
			this.accounts.save(account);
		});
	}

	/**
	 * Ends the access of everybody at a partner; takes effect at their next request.
	 */
	public void endAccess(UUID partnerId) {
		this.accounts.findLivingOfPartner(partnerId).forEach((account) -> {
			account.end(this.clock.instant());
			this.accounts.save(account);
		});
	}

	/**
	 * Ends one person's access for a partner, and for no other; nothing happens when
	 * there is none.
	 */
	public void endAccess(EmailAddress address, UUID partnerId) {
		this.accounts.findLiving(address.key(), partnerId).ifPresent((account) -> {
			account.end(this.clock.instant());
			this.accounts.save(account);
		});
	}

	/** Whether an address confirms for another partner: it can for one only. */
	@Transactional(readOnly = true)
	public boolean confirmsElsewhere(EmailAddress address, @Nullable UUID exceptPartner) {
		return this.accounts.findLiving(address.key())
			.stream()
			.anyMatch((account) -> account.roles().contains(Role.PARTNER)
					&& !Objects.equals(account.partnerId(), exceptPartner));
	}

	/**
	 * Which of some addresses confirm already.
	 * @return their keys
	 */
	@Transactional(readOnly = true)
	public Set<String> confirming(Collection<EmailAddress> addresses) {
		return addresses.isEmpty() ? Set.of()
				: this.accounts.findConfirming(addresses.stream().map(EmailAddress::key).toList());
	}

	/** Whether an address signs in for a partner. */
	@Transactional(readOnly = true)
	public boolean signsIn(EmailAddress address, UUID partnerId) {
		return this.accounts.findLiving(address.key(), partnerId).isPresent();
	}

	/** Whether whoever is signed in may go on to another partner without a new code. */
	@Transactional(readOnly = true)
	public boolean hasOtherPartners() {
		return SignIns.provenBySession()
			.filter((proof) -> this.accounts.findLiving(proof.address().key()).size() > 1)
			.isPresent();
	}

	/**
	 * Knows the people of a partner that is over by pseudonyms only.
	 * @param pseudonymOf gives name and address for each of them, by the key of theirs
	 */
	public void reduce(UUID partnerId, Function<String, Person> pseudonymOf) {
		this.accounts.findAllOfPartner(partnerId).forEach((account) -> {
			String address = account.address();
			Person pseudonym = pseudonymOf.apply((address != null) ? EmailAddress.of(address).key() : "");
			account.reduce(pseudonym.name(), EmailAddress.of(String.valueOf(pseudonym.address())));
			this.accounts.save(account);
		});
	}

	/** The addresses of everybody who ever signed in for a partner. */
	@Transactional(readOnly = true)
	public List<EmailAddress> addressesOf(UUID partnerId) {
		return this.accounts.findAllOfPartner(partnerId)
			.stream()
			.map(Account::address)
			.filter(Objects::nonNull)
			.map(EmailAddress::of)
			.toList();
	}

	/** Somebody by id, whatever their standing. */
	@Transactional(readOnly = true)
	public Optional<Person> find(UUID accountId) {
		return this.accounts.findById(accountId).map(Person::of);
	}

	/** The administrators who have signed in at least once, by name. */
	@Transactional(readOnly = true)
	public List<Person> admins() {
		return this.accounts.findAdmins().stream().map(Person::of).toList();
	}

	/** The people who may sign in for a partner. */
	@Transactional(readOnly = true)
	public List<Person> ofPartner(UUID partnerId) {
		return this.accounts.findLivingOfPartner(partnerId).stream().map(Person::of).toList();
	}

	/**
	 * Somebody.
	 *
	 * @param id the account's id
	 * @param name how people know them
	 * @param address their e-mail address, where known
	 */
	public record Person(UUID id, String name, @Nullable String address) {

		private static Person of(Account account) {
			return new Person(account.id(), account.name(), account.address());
		}

	}

}
