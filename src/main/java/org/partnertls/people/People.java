package org.partnertls.people;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.account.PartnerSignedIn;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.audit.PeopleByAddress;
import org.partnertls.audit.PersonKeeper;
import org.partnertls.mail.Letter;
import org.partnertls.mail.LetterReturned;
import org.partnertls.mail.MailProperties;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OneByOne;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.NewContact;
import org.partnertls.partner.Partner;
import org.partnertls.partner.PartnerEvent;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Problem;
import org.partnertls.request.Inviting;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Who is who at a partner, as it changes: people come, hand over, take over and leave.
 * Whoever is replaced is told, whoever comes is invited.
 */
@Component
@Transactional
class People {

	private final Partners partners;

	private final HandOvers handOvers;

	private final Inviting inviting;

	private final Outbox outbox;

	private final MailProperties mail;

	private final PeopleProperties settings;

	private final OrganizationProperties organization;

	private final AuditLog audit;

	private final Clock clock;

	People(Partners partners, HandOvers handOvers, Inviting inviting, Outbox outbox, MailProperties mail,
			PeopleProperties settings, OrganizationProperties organization, AuditLog audit, Clock clock) {
		this.partners = partners;
		this.handOvers = handOvers;
		this.inviting = inviting;
		this.outbox = outbox;
		this.mail = mail;
		this.settings = settings;
		this.organization = organization;
		this.audit = audit;
		this.clock = clock;
	}

	/** What is under way for a partner. */
	@Transactional(readOnly = true)
	List<HandOver> waiting(UUID partnerId) {
		return this.handOvers.findWaiting(partnerId);
	}

	/** A partner's person, or one of us, names another one. */
	List<Problem> add(Partner partner, NewContact person, SignedIn by) {
		List<Problem> problems = this.partners.addContact(partner.id(), person, named(partner, by));
		if (problems.isEmpty() && person.role() == ContactRole.HELPER) {
			this.audit.append(about(partner, "person.helper-named").personal("contact", person.address().key(),
					person.name() + " <" + person.address() + ">"));
			tellOwner(partner, named(partner, by) + " has named " + person.name() + " <" + person.address()
					+ "> as technical helper: they do tasks and cannot confirm.");
		}
		return problems;
	}

	private String named(Partner partner, SignedIn by) {
		return by.name() + " (" + ((by.partnerId() != null) ? partner.name() : this.organization.name()) + ")";
	}

	/**
	 * The contact hands over to another person in the partner's domains: that one is
	 * invited now, or told if they are a technical contact already, and replaces them
	 * when they sign in.
	 */
	List<Problem> handOver(Partner partner, NewContact to, String reason, SignedIn me) {
		EmailAddress from = EmailAddress.of(String.valueOf(me.address()));
		Optional<HandOver> other = waitingFrom(partner, from);
		if (other.isPresent()) {
			return List.of(new Problem("address",
					"You are handing over to " + other.get().toName() + " already. Stop that first."));
		}
		if (to.address().key().equals(from.key())) {
			return List.of(new Problem("address", "This is your own address."));
		}
		boolean known = technical(partner, to.address()).isPresent();
		if (!known) {
			List<Problem> problems = this.partners.addContact(partner.id(), to, named(partner, me));
			if (!problems.isEmpty()) {
				return problems;
			}
		}
		HandOver handOver = this.handOvers.save(new HandOver(partner.id(), me.name(), from, to.name(), to.address(),
				HandOver.By.CONTACT, !known, reason, this.clock.instant()));
		asked(handOver, partner);
		if (known) {
			this.outbox.post(letter(partner, to.address(), "person-hand-over", "/sign-in").with("name", to.name())
				.with("colleague", me.name() + " <" + from + ">")
				.with("reason", reason));
		}
		return List.of();
	}

	/** Somebody among the technical contacts. */
	static Optional<Partner.Person> technical(Partner partner, EmailAddress address) {
		return partner.contacts(ContactRole.TECHNICAL)
			.stream()
			.filter((person) -> person.address().key().equals(address.key()))
			.findFirst();
	}

	private Optional<HandOver> waitingFrom(Partner partner, EmailAddress from) {
		return this.handOvers.findWaiting(partner.id())
			.stream()
			.filter((waiting) -> waiting.fromAddress().key().equals(from.key()))
			.findFirst();
	}

	private void asked(HandOver handOver, Partner partner) {
		this.audit.append(about(partner, "person.hand-over-asked").detail("by", handOver.askedBy())
			.personal("from", handOver.fromAddress().key(), handOver.fromName() + " <" + handOver.fromAddress() + ">")
			.personal("to", handOver.toAddress().key(), handOver.toName() + " <" + handOver.toAddress() + ">")
			.reason(handOver.reason()));
	}

	/**
	 * Keeps that a colleague wants to take over, until their address is proven.
	 * @param from whose place they want, as they typed it
	 */
	UUID ask(Partner partner, EmailAddress from, String name, EmailAddress to, String reason) {
		return this.handOvers
			.save(new HandOver(partner.id(), "", from, name, to, HandOver.By.COLLEAGUE, false, reason,
					this.clock.instant()))
			.id();
	}

	/** What came of a proven address. */
	sealed interface TakeOver {

		/** It takes effect then, unless somebody objects. */
		record Waiting(Instant until) implements TakeOver {
		}

		/** It cannot be. */
		record Refused(String sentence) implements TakeOver {
		}

	}

	/** The colleague has proven their address: who is replaced is told and may object. */
	TakeOver confirm(UUID id, EmailAddress proven) {
		Optional<HandOver> found = this.handOvers.findForChange(id)
			.filter((handOver) -> handOver.state() == HandOver.State.ASKED
					&& handOver.toAddress().key().equals(proven.key()));
		if (found.isEmpty()) {
			return new TakeOver.Refused("This is no longer there. Please ask again.");
		}
		HandOver handOver = found.get();
		Partner partner = this.partners.find(handOver.partnerId()).orElseThrow();
		Optional<Partner.Person> replaced = technical(partner, handOver.fromAddress())
			.or(() -> gone(partner, handOver.fromAddress()));
		Optional<String> refusal = refusal(partner, replaced, handOver);
		if (refusal.isPresent() || replaced.isEmpty()) {
			String why = refusal.orElse("");
			handOver.refuse(why, this.clock.instant());
			this.handOvers.save(handOver);
			this.audit.append(about(partner, "person.hand-over-refused").refused()
				.personal("to", proven.key(), handOver.toName() + " <" + proven + ">")
				.reason(why));
			return new TakeOver.Refused(why);
		}
		handOver.confirm(replaced.get().name(), this.settings.objection(), this.clock.instant());
		this.handOvers.save(handOver);
		asked(handOver, partner);
		this.outbox.post(letter(partner, handOver.fromAddress(), "person-take-over", "/partnership/people")
			.with("name", handOver.fromName())
			.with("colleague", handOver.toName() + " <" + handOver.toAddress() + ">")
			.with("reason", handOver.reason())
			.with("until", words(handOver.dueAt())));
		tellOwner(partner,
				handOver.toName() + " <" + handOver.toAddress() + "> wants to take over from " + handOver.fromName()
						+ " <" + handOver.fromAddress() + ">. It takes effect on " + words(handOver.dueAt())
						+ " unless somebody objects; you can stop it, or let it take effect now.");
		return new TakeOver.Waiting(handOver.dueAt());
	}

	// Nobody else may be left who could hand over.
	private static Optional<Partner.Person> gone(Partner partner, EmailAddress address) {
		return partner.former()
			.stream()
			.filter((person) -> person.role() == ContactRole.TECHNICAL && person.address().key().equals(address.key()))
			.findFirst();
	}

	private Optional<String> refusal(Partner partner, Optional<Partner.Person> replaced, HandOver handOver) {
		if (!partner.state().isLiving() || replaced.isEmpty()) {
			return Optional.of("The address of the colleague that you gave is not that of a technical contact here."
					+ " Check it, or write to " + this.organization.supportAddress() + ".");
		}
		if (waitingFrom(partner, handOver.fromAddress()).isPresent()) {
			return Optional.of("Somebody is taking over from this colleague already.");
		}
		return partner.signingIn(handOver.toAddress())
			.filter((person) -> person.role() == ContactRole.TECHNICAL)
			.map((person) -> "You are a technical contact already: sign in with your own address.");
	}

	/**
	 * Somebody of the partner, or one of us, stops a hand-over.
	 * @return whether there was one
	 */
	boolean stop(UUID partnerId, UUID id, SignedIn by) {
		Optional<HandOver> found = ofPartner(partnerId, id);
		found.ifPresent((handOver) -> stop(handOver, by.name() + " objected."));
		return found.isPresent();
	}

	private void stop(HandOver handOver, String why) {
		Partner partner = this.partners.find(handOver.partnerId()).orElseThrow();
		handOver.refuse(why, this.clock.instant());
		this.handOvers.save(handOver);
		tellStopped(handOver, partner, why);
		if (handOver.isByColleague()) {
			tellOwner(partner, handOver.toName() + " does not take over from " + handOver.fromName() + ": " + why);
		}
		else if (handOver.added()) {
			// Named by the contact and not come yet: they are not to come any more.
			technical(partner, handOver.toAddress())
				.ifPresent((person) -> this.partners.removeContact(partner.id(), person.id()));
		}
	}

	private void over(UUID partnerId) {
		Partner partner = this.partners.find(partnerId).orElseThrow();
		this.handOvers.findOpen(partnerId).forEach((handOver) -> over(handOver, partner));
	}

	// Nobody comes any more in anybody's place.
	private void over(HandOver handOver, Partner partner) {
		String why = "The partnership is over.";
		boolean told = handOver.state() == HandOver.State.WAITING && handOver.isByColleague();
		handOver.refuse(why, this.clock.instant());
		this.handOvers.save(handOver);
		if (told) {
			tellStopped(handOver, partner, why);
		}
	}

	private void tellStopped(HandOver handOver, Partner partner, String why) {
		this.audit.append(about(partner, "person.hand-over-refused")
			.personal("to", handOver.toAddress().key(), handOver.toName() + " <" + handOver.toAddress() + ">")
			.reason(why));
		this.outbox.post(letter(partner, handOver.toAddress(), "person-hand-over-stopped", "/programme")
			.with("name", handOver.toName())
			.with("words", why));
	}

	private Optional<HandOver> ofPartner(UUID partnerId, UUID id) {
		return this.handOvers.findForChange(id)
			.filter((handOver) -> handOver.partnerId().equals(partnerId) && handOver.state() == HandOver.State.WAITING);
	}

	/** One of us lets a hand-over take effect now. */
	boolean letThrough(UUID partnerId, UUID id) {
		Optional<HandOver> found = ofPartner(partnerId, id);
		found.ifPresent(this::carryOut);
		return found.isPresent();
	}

	/** Nobody has objected in time. */
	void due(UUID id) {
		this.handOvers.findForChange(id)
			.filter((handOver) -> handOver.state() == HandOver.State.WAITING && handOver.isByColleague()
					&& !handOver.dueAt().isAfter(this.clock.instant()))
			.ifPresent(this::carryOut);
	}

	/** One of us puts another person in somebody's place, at once. */
	List<Problem> replace(Partner partner, Partner.Person person, NewContact to, String reason, SignedIn by) {
		HandOver handOver = new HandOver(partner.id(), person.name(), person.address(), to.name(), to.address(),
				HandOver.By.STAFF, false, reason, this.clock.instant());
		List<Problem> problems = this.partners.replaceContact(partner.id(), person.address(), to, named(partner, by));
		if (problems.isEmpty()) {
			this.handOvers.findWaiting(partner.id())
				.stream()
				.filter((waiting) -> waiting.fromAddress().key().equals(person.address().key()))
				.forEach((waiting) -> waiting.refuse(by.name() + " named somebody else.", this.clock.instant()));
			handOver.done(this.clock.instant());
			this.handOvers.save(handOver);
			handedOver(handOver, partner);
		}
		return problems;
	}

	private void carryOut(HandOver handOver) {
		Partner partner = this.partners.find(handOver.partnerId()).orElseThrow();
		if (!partner.state().isLiving()) {
			over(handOver, partner);
			return;
		}
		NewContact to = technical(partner, handOver.toAddress()).map(Partner.Person::described)
			.orElseGet(() -> new NewContact(handOver.toName(), handOver.toAddress(), null, ContactRole.TECHNICAL));
		// Before the people change: who leaves the list then must not stop this one.
		handOver.done(this.clock.instant());
		this.handOvers.save(handOver);
		List<Problem> problems = this.partners.replaceContact(partner.id(), handOver.fromAddress(), to,
				handOver.toName() + " (" + partner.name() + ")");
		if (problems.isEmpty()) {
			handedOver(handOver, partner);
			return;
		}
		this.audit.append(about(partner, "person.handed-over").failed().reason(problems.getFirst().message()));
		tellOwner(partner, handOver.toName() + " could not take over from " + handOver.fromName() + ": "
				+ problems.getFirst().message());
	}

	private void handedOver(HandOver handOver, Partner partner) {
		this.audit.append(about(partner, "person.handed-over").detail("by", handOver.askedBy())
			.personal("from", handOver.fromAddress().key(), handOver.fromName() + " <" + handOver.fromAddress() + ">")
			.personal("to", handOver.toAddress().key(), handOver.toName() + " <" + handOver.toAddress() + ">")
			.reason(handOver.reason()));
		this.outbox.post(letter(partner, handOver.fromAddress(), "person-replaced", "/programme")
			.with("name", handOver.fromName())
			.with("colleague", handOver.toName() + " <" + handOver.toAddress() + ">")
			.with("reason", handOver.reason()));
		tellOwner(partner, handOver.toName() + " <" + handOver.toAddress() + "> has taken over from "
				+ handOver.fromName() + " <" + handOver.fromAddress() + ">.");
	}

	@EventListener
	void on(PartnerSignedIn event) {
		if (event.byMail()) {
			this.partners.reached(event.partnerId(), event.address());
		}
		this.handOvers.findWaiting(event.partnerId())
			.stream()
			.filter((handOver) -> handOver.askedBy() == HandOver.By.CONTACT
					&& handOver.toAddress().key().equals(event.address().key()))
			.forEach(this::carryOut);
	}

	@EventListener
	void on(LetterReturned event) {
		this.partners.returned(event.address(), event.why(), event.at()).ifPresent(this::tellAdministrators);
	}

	@EventListener
	void on(PartnerEvent event) {
		switch (event) {
			case PartnerEvent.ContactsChanged changed -> {
				Partner partner = this.partners.find(changed.partnerId()).orElseThrow();
				changed.left()
					.forEach((person) -> this.handOvers.findWaiting(partner.id())
						.stream()
						.filter((handOver) -> handOver.askedBy() == HandOver.By.CONTACT
								&& handOver.toAddress().key().equals(person.address().key()))
						.forEach((handOver) -> handOver.refuse("They never came.", this.clock.instant())));
				changed.came()
					.stream()
					.filter((person) -> person.role().signsIn())
					.forEach((person) -> invite(partner, person));
			}
			case PartnerEvent.Unreachable unreachable -> unreachable(unreachable);
			case PartnerEvent.PeopleReduced reduced -> {
				this.handOvers.findByPartnerId(reduced.partnerId())
					.forEach((handOver) -> handOver.reduce(reduced.pseudonymOf(handOver.fromAddress()),
							reduced.pseudonymOf(handOver.toAddress())));
				this.outbox.reduce(reduced.partnerId(), (key) -> nowhere(reduced, key));
			}
			case PartnerEvent.Ended _, PartnerEvent.Withdrawn _, PartnerEvent.InvitationExpired _ ->
				over(event.partnerId());
			case PartnerEvent.Suspended _, PartnerEvent.Resumed _, PartnerEvent.OwnerChanged _ -> {
			}
		}
	}

	private void invite(Partner partner, Partner.Person person) {
		String by = (person.addedBy() != null) ? person.addedBy() : partner.name();
		this.inviting.invite(partner, person, by, (person.role() == ContactRole.HELPER)
				? "to help with our mail servers" : "to look after our mail servers, as technical contact");
	}

	// Our own colleagues stay who they are.
	private EmailAddress nowhere(PartnerEvent.PeopleReduced reduced, String key) {
		EmailAddress address = EmailAddress.of(key);
		return this.organization.mailDomains().contains(address.domain()) ? address
				: reduced.pseudonymOf(address).address();
	}

	private void unreachable(PartnerEvent.Unreachable event) {
		Partner partner = this.partners.find(event.partnerId()).orElseThrow();
		tellOwner(partner,
				"Mail to " + event.address() + " comes back, so that nobody is told any more: " + event.why());
	}

	private void tellAdministrators(Partners.Owner owner) {
		EmailAddress administrators = this.mail.administrators();
		if (administrators != null && !administrators.key().equals(owner.address().key())) {
			this.outbox.post(Letter.to(administrators, "administrators-owner")
				.with("owner", owner.name() + " <" + owner.address() + ">")
				.with("words", (owner.count() == 1) ? "1 partner" : owner.count() + " partners")
				.with("why", String.valueOf(owner.returnedWhy()))
				.with("page", link(owner.address())));
		}
	}

	// A + in an address is no blank.
	private String link(EmailAddress owner) {
		return this.organization
			.link("/owners/partners?of=" + URLEncoder.encode(owner.toString(), StandardCharsets.UTF_8));
	}

	/**
	 * Names another colleague of ours for one partner.
	 * @param reason why, for the history and for those concerned
	 */
	void nameOwner(Partner partner, String name, EmailAddress address, String reason) {
		this.partners.setOwner(partner.id(), name, address);
		this.outbox.post(letter(partner, address, "owner-changed", "/partners/" + partner.id()).with("name", name)
			.with("words", partner.name() + " (" + partner.reference() + ")")
			.with("reason", reason));
	}

	/**
	 * Names another colleague for all partners for which somebody answers.
	 * @return for how many
	 */
	int handOverOwner(EmailAddress from, String name, EmailAddress address, String reason) {
		List<Partner> theirs = this.partners.handOverOwner(from, name, address, reason);
		if (!theirs.isEmpty()) {
			this.audit.append(Act.of("partner.owners-handed-over")
				.on("owner", theirs.size() + " partners")
				.detail("partners", theirs.size())
				.personal("from", from.key(), from.toString())
				.personal("owner", address.key(), name + " <" + address + ">")
				.reason(reason));
			this.outbox.post(Letter.to(address, "owner-changed")
				.with("name", name)
				.with("words", (theirs.size() == 1) ? theirs.getFirst().name() : theirs.size() + " partners")
				.with("reason", reason)
				.with("page", link(address)));
		}
		return theirs.size();
	}

	private void tellOwner(Partner partner, String words) {
		this.outbox
			.post(letter(partner, partner.ownerAddress(), "owner-people", "/partners/" + partner.id() + "/people")
				.with("name", partner.ownerName())
				.with("words", words));
	}

	private Letter letter(Partner partner, EmailAddress to, String template, String page) {
		return Letter.to(to, template)
			.about(partner.id())
			.with("partner", partner.name())
			.with("reference", partner.reference())
			.with("domains", partner.mainDomain().name().display())
			.with("page", this.organization.link(page));
	}

	private String words(Instant at) {
		return DateTimeFormatter.ofPattern("EEEE d MMMM uuuu, HH:mm zzz", Locale.UK)
			.format(at.atZone(this.organization.zone()));
	}

	private static Act about(Partner partner, String code) {
		return Act.of(code).on("partner", partner.id()).partner(partner.id(), partner.name());
	}

	/** Replaces the people of partnerships that were over long enough ago. */
	void reduce(UUID partnerId) {
		this.partners.reduce(partnerId);
	}

	Instant reducedBefore() {
		return this.clock.instant().atZone(this.organization.zone()).minus(this.settings.kept()).toInstant();
	}

	/** The durable work. */
	@Configuration(proxyBeanMethods = false)
	static class Job {

		@Bean
		PersonKeeper peopleWhoHandedOver(JdbcClient jdbc) {
			return new PeopleByAddress(jdbc, "hand_over", "from_address",
					"from_name = :name, from_address = :address, version = version + 1");
		}

		@Bean
		PersonKeeper peopleWhoTookOver(JdbcClient jdbc) {
			return new PeopleByAddress(jdbc, "hand_over", "to_address",
					"to_name = :name, to_address = :address, version = version + 1", "state in ('ASKED', 'WAITING')",
					"This person is about to take over from a contact. Let that end first.");
		}

		@Bean
		RecurringTask<Void> handOverDue(People people, HandOvers handOvers, TransactionTemplate transaction,
				Clock clock) {
			return Tasks.recurring("hand-over-due", FixedDelay.ofMinutes(15)).execute((instance, context) -> {
				transaction.executeWithoutResult(
						(status) -> handOvers.deleteUnconfirmed(clock.instant().minus(Duration.ofDays(1))));
				OneByOne.each("hand-over-due", handOvers.findDue(clock.instant()), transaction, people::due);
			});
		}

		@Bean
		RecurringTask<Void> peopleReduction(People people, Partners partners, TransactionTemplate transaction) {
			return Tasks.recurring("people-reduction", FixedDelay.ofHours(24))
				.execute((instance, context) -> OneByOne.each("people-reduction",
						partners.toReduce(people.reducedBefore()), transaction, people::reduce));
		}

	}

}
