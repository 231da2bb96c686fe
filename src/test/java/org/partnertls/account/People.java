package org.partnertls.account;

import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;

import org.partnertls.Fixtures;
import org.partnertls.organization.EmailAddress;

import org.springframework.context.ApplicationContext;
import org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * People who are signed in, each with an account of their own in the database: the portal
 * reads their standing there as it does for everybody.
 *
 * <pre>
 * People.Person admin = People.of(context).admin();
 * mvc.get().uri("/partners").with(admin.signedIn())
 * mvc.post().uri("/partners/new").with(admin.signedIn()).with(csrf())
 * </pre>
 */
public final class People {

	private final Accounts accounts;

	private final TransactionTemplate transaction;

	private final Clock clock;

	private People(ApplicationContext context) {
		this.accounts = context.getBean(Accounts.class);
		this.transaction = context.getBean(TransactionTemplate.class);
		this.clock = context.getBean(Clock.class);
	}

	public static People of(ApplicationContext context) {
		return new People(context);
	}

	/** A new administrator. */
	public Person admin() {
		return staff("Amina Okafor", Role.ADMIN);
	}

	/** A new compliance officer. */
	public Person compliance() {
		return staff("Carl Lindqvist", Role.COMPLIANCE);
	}

	/** Somebody new of the staff. */
	public Person staff(String name, Role... roles) {
		EnumSet<Role> held = EnumSet.noneOf(Role.class);
		held.addAll(List.of(roles));
		return new Person(this.transaction.execute((status) -> {
			Account account = Account.ofStaff("https://identity.example", UUID.randomUUID().toString(), name,
					this.clock.instant());
			account.signedIn(name, "staff-" + account.id() + "@contoso.example", held);
			return this.accounts.save(account);
		}), this.clock);
	}

	/**
	 * Somebody of a partner. Who already has access by the address signs in, else access
	 * is opened.
	 */
	public Person partner(UUID partnerId, EmailAddress address) {
		return new Person(
				this.transaction.execute((status) -> this.accounts.findLiving(address.key(), partnerId)
					.orElseGet(() -> this.accounts
						.save(Account.ofPartner(address, "Paula Meyer", partnerId, this.clock.instant())))),
				this.clock);
	}

	/** Somebody new of a partner, with an address that nobody else has. */
	public Person partner(UUID partnerId) {
		return partner(partnerId, EmailAddress.of("it@" + Fixtures.freshDomain()));
	}

	/** Somebody new who helps a partner with its tasks. */
	public Person helper(UUID partnerId) {
		EmailAddress address = EmailAddress.of("mo@" + Fixtures.freshDomain());
		return new Person(
				this.transaction.execute((status) -> this.accounts
					.save(Account.ofPartner(address, "Mo Helper", partnerId, Role.HELPER, this.clock.instant()))),
				this.clock);
	}

	/** Somebody with an account. */
	public static final class Person {

		private final Account account;

		private final Clock clock;

		private Person(Account account, Clock clock) {
			this.account = account;
			this.clock = clock;
		}

		public UUID id() {
			return this.account.id();
		}

		public String name() {
			return this.account.name();
		}

		/** As controllers get them. */
		public SignedIn who() {
			return new SignedIn(this.account.id(), this.account.name(), this.account.address(), this.account.roles(),
					this.account.partnerId(), this.clock.instant());
		}

		/** Makes a request theirs, signed in just now. */
		public RequestPostProcessor signedIn() {
			return signedInSince(Duration.ZERO);
		}

		/** Makes a request theirs, signed in some time ago. */
		public RequestPostProcessor signedInSince(Duration ago) {
			return SecurityMockMvcRequestPostProcessors.authentication(new PortalAuthentication(this.account.id(),
					this.clock.instant().minus(ago), null, this.account.kind() == Account.Kind.PARTNER));
		}

	}

}
