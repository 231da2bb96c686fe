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
	 * @throws IllegalArgumentException when the address signs in for another partner
	 */
	public UUID openAccess(EmailAddress address, String name, UUID partnerId) {
		return open(address, name, partnerId, Role.PARTNER);
	}

	/** The same for somebody who does tasks and cannot confirm. */
	public UUID openHelperAccess(EmailAddress address, String name, UUID partnerId) {
		return open(address, name, partnerId, Role.HELPER);
	}

	private UUID open(EmailAddress address, String name, UUID partnerId, Role role) {
		Account account = this.accounts.findLivingPartner(address.key())
			.orElseGet(() -> opened(address, name, partnerId, role));
		if (!partnerId.equals(account.partnerId())) {
			throw new IllegalArgumentException("This address already signs in for another organisation.");
		}
		if (!account.roles().contains(role)) {
			account.becomes(role);
			this.accounts.save(account);
		}
		return account.id();
	}

	// Colleagues are written to in one language, until each says another.
	private Account opened(EmailAddress address, String name, UUID partnerId, Role role) {
		Account account = Account.ofPartner(address, name, partnerId, role, this.clock.instant());
		for (Account colleague : this.accounts.findLivingOfPartner(partnerId)) {
			Locale language = colleague.reading().language();
			if (language != null) {
				account.reads(new Reading(null, null), language);
				break;
			}
		}
		return this.accounts.save(account);
	}

	/** Writes to somebody in this language, unless it is known already in which. */
	public void writeTo(EmailAddress address, Locale language) {
		this.accounts.findLivingPartner(address.key()).ifPresent((account) -> {
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

	/** Ends one person's access for a partner; nothing happens when there is none. */
	public void endAccess(EmailAddress address, UUID partnerId) {
		this.accounts.findLivingPartner(address.key())
			.filter((account) -> partnerId.equals(account.partnerId()))
			.ifPresent((account) -> {
				account.end(this.clock.instant());
				this.accounts.save(account);
			});
	}

	/** Whether somebody at another partner signs in with this address. */
	@Transactional(readOnly = true)
	public boolean isTaken(EmailAddress address, @Nullable UUID exceptPartner) {
		return this.accounts.findLivingPartner(address.key())
			.filter((account) -> !Objects.equals(account.partnerId(), exceptPartner))
			.isPresent();
	}

	/**
	 * Which of some addresses sign in already.
	 * @return their keys
	 */
	@Transactional(readOnly = true)
	public Set<String> taken(Collection<EmailAddress> addresses) {
		return addresses.isEmpty() ? Set.of()
				: this.accounts.findTaken(addresses.stream().map(EmailAddress::key).toList());
	}

	/** Whether an address signs in, for whichever partner. */
	@Transactional(readOnly = true)
	public boolean signsIn(EmailAddress address) {
		return this.accounts.findLivingPartner(address.key()).isPresent();
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
