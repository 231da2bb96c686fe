package org.partnertls.request;

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
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Directory;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.audit.PeopleByAddress;
import org.partnertls.audit.PersonKeeper;
import org.partnertls.mail.Letter;
import org.partnertls.mail.MailProperties;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.organization.Words;
import org.partnertls.partner.DomainRules;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Where a request becomes a partner, or does not: each answer, its letters and its events
 * in one transaction.
 */
@Component
@Transactional
class Admission {

	private static final DateTimeFormatter WHEN = DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm zzz", Locale.UK);

	private final Requests requests;

	private final Partners partners;

	private final DomainRules rules;

	private final Directory directory;

	private final Invitations invitations;

	private final Outbox outbox;

	private final MailProperties mail;

	private final OrganizationProperties organization;

	private final AuditLog audit;

	private final Clock clock;

	Admission(Requests requests, Partners partners, DomainRules rules, Directory directory, Invitations invitations,
			Outbox outbox, MailProperties mail, OrganizationProperties organization, AuditLog audit, Clock clock) {
		this.requests = requests;
		this.partners = partners;
		this.rules = rules;
		this.directory = directory;
		this.invitations = invitations;
		this.outbox = outbox;
		this.mail = mail;
		this.organization = organization;
		this.audit = audit;
		this.clock = clock;
	}

	/** Keeps what was asked for until its address is confirmed. */
	UUID ask(PublicRequestController.Asked asked) {
		Instant now = this.clock.instant();
		String reference = String.format(Locale.ROOT, "REQ-%d-%04d", now.atZone(this.organization.zone()).getYear(),
				this.requests.nextReference());
		Request request = this.requests.save(new Request(reference, asked.organisation(), asked.address().domain(),
				asked.contactName(), asked.address(), asked.phone(), asked.reason(), Words.language(), now));
		this.audit.append(about(request, "request.asked").reason(request.reason()));
		return request.id();
	}

	/**
	 * Whoever asked has proven the address. Only now they are told what is reserved,
	 * taken or asked for already.
	 */
	Confirmation confirm(UUID id, EmailAddress proven) {
		Optional<Request> found = this.requests.findForChange(id)
			.filter((request) -> request.state() == Request.State.ASKED
					&& request.address().key().equals(proven.key()));
		if (found.isEmpty()) {
			return new Confirmation.Refused("This request is no longer there. Please ask again.");
		}
		Request request = found.get();
		this.requests.lockDomain(request.domain().ascii());
		Optional<String> refusal = refusal(request);
		if (refusal.isPresent()) {
			request.withdraw(refusal.get());
			this.audit.append(about(request, "request.refused").refused().detail("why", refusal.get()));
			return new Confirmation.Refused(refusal.get());
		}
		request.confirm(this.clock.instant());
		this.audit
			.append(about(request, "request.confirmed").change("state", Request.State.ASKED, Request.State.CONFIRMED));
		this.outbox.post(Letter.to(request.address(), "request-received")
			.with("name", request.contactName())
			.with("organisation", request.organisation())
			.with("domain", request.domain().display())
			.with("reference", request.reference())
			.with("check", this.organization.link("/programme/reference?ref=" + request.reference())));
		EmailAddress administrators = this.mail.administrators();
		if (administrators != null) {
			this.outbox.post(Letter.to(administrators, "administrators-request")
				.with("organisation", request.organisation())
				.with("domain", request.domain().display())
				.with("contact", request.contactName() + " <" + request.address() + ">")
				.with("reason", request.reason())
				.with("reference", request.reference())
				.with("page", this.organization.link("/requests/" + request.id())));
		}
		return new Confirmation.Waiting(request.reference());
	}

	private Optional<String> refusal(Request request) {
		List<String> refusals = this.rules.check(request.domain(), null).refusals();
		if (!refusals.isEmpty()) {
			return Optional.of(refusals.getFirst());
		}
		if (this.requests.findWaiting(request.domain()).isPresent()) {
			return Optional.of("Somebody in your organisation has asked for " + request.domain().display()
					+ " already, and we have not answered yet. There is nothing more to do. Questions: "
					+ this.organization.supportAddress() + ".");
		}
		return Optional.empty();
	}

	/** What a colleague should look at before accepting. */
	@Transactional(readOnly = true)
	DomainRules.Findings findings(Request request) {
		return this.rules.check(request.domain(), null);
	}

	/**
	 * Invites whoever asked.
	 * @param version the version of the page that the answer was given on
	 */
	Answer accept(UUID id, long version, String ownerName, EmailAddress ownerAddress, SignedIn me) {
		Request request = waiting(id);
		Optional<Answer> stale = stale(request, version);
		if (stale.isPresent()) {
			return stale.get();
		}
		Invitation invitation = this.partners.invite(new NewPartner(request.organisation(), request.domain(),
				request.contactName(), request.address(), ownerName, ownerAddress, request.reason(), me));
		return switch (invitation) {
			case Invitation.Refused refused -> new Answer.Refused(refused.problem().message());
			case Invitation.Invited invited -> {
				request.accept(invited.id(), me.id(), this.clock.instant());
				this.audit.append(about(request, "request.accepted").partner(invited.id(), request.organisation())
					.detail("partner reference", invited.reference())
					.change("state", Request.State.CONFIRMED, Request.State.ACCEPTED));
				this.directory.writeTo(request.address(), invited.id(), request.language());
				tell(invited, me, request.reference());
				yield new Answer.Done(invited.id());
			}
		};
	}

	/** Says no, and why, to whoever asked. */
	Answer reject(UUID id, long version, String why, SignedIn me) {
		Request request = waiting(id);
		Optional<Answer> stale = stale(request, version);
		if (stale.isPresent()) {
			return stale.get();
		}
		request.reject(why, me.id(), this.clock.instant());
		this.audit
			.append(about(request, "request.rejected").change("state", Request.State.CONFIRMED, Request.State.REJECTED)
				.reason(why));
		this.outbox.post(Letter.to(request.address(), "request-rejected")
			.in(request.language())
			.with("name", request.contactName())
			.with("organisation", request.organisation())
			.with("domain", request.domain().display())
			.with("reference", request.reference())
			.with("reason", why));
		return new Answer.Done(null);
	}

	/**
	 * Invites a partner whom a colleague asks for: no acceptance is needed.
	 * @param language in which the contact is written to; null: nobody has said
	 */
	Invitation invite(NewPartner wanted, @Nullable Locale language) {
		Invitation invitation = this.partners.invite(wanted);
		if (invitation instanceof Invitation.Invited invited) {
			if (language != null) {
				this.directory.writeTo(wanted.contactAddress(), invited.id(), language);
			}
			tell(invited, wanted.invitedBy(), "");
		}
		return invitation;
	}

	private void tell(Invitation.Invited invited, SignedIn me, String request) {
		Partner partner = this.partners.find(invited.id()).orElseThrow();
		Partner.Person contact = partner.contacts().getFirst();
		this.invitations.inviteFirst(partner, me.name(), request);
		this.outbox.post(Letter.to(partner.ownerAddress(), "owner-named")
			.about(invited.id())
			.with("name", partner.ownerName())
			.with("organisation", partner.name())
			.with("domain", partner.mainDomain().name().display())
			.with("reference", invited.reference())
			.with("colleague", me.name())
			.with("contact", contact.name() + " <" + contact.address() + ">")
			.with("page", this.organization.link("/partners/" + invited.id())));
	}

	private Request waiting(UUID id) {
		return this.requests.findForChange(id)
			.filter((request) -> request.confirmedAt() != null)
			.orElseThrow(() -> new UnknownRequest(id));
	}

	private Optional<Answer> stale(Request request, long version) {
		if (request.version() == version && request.state() == Request.State.CONFIRMED) {
			return Optional.empty();
		}
		return Optional.of(new Answer.Stale(changed(request)));
	}

	private String changed(Request request) {
		UUID by = request.decidedBy();
		Instant at = request.decidedAt();
		if (by == null || at == null) {
			return "This request has changed since you opened the page. Nothing was done.";
		}
		String who = this.directory.find(by).map(Directory.Person::name).orElse("A colleague");
		return who + " " + request.state().words().toLowerCase(Locale.ROOT) + " this request on "
				+ WHEN.format(at.atZone(this.organization.zone())) + ". Nothing else was done.";
	}

	private static Act about(Request request, String code) {
		return Act.of(code)
			.on("request", request.id())
			.domain(request.domain())
			.detail("reference", request.reference())
			.personal("contact", request.address().key(),
					request.organisation() + ", " + request.contactName() + " <" + request.address() + ">");
	}

	/** What came of a confirmed address. */
	sealed interface Confirmation {

		/** It waits for us. */
		record Waiting(String reference) implements Confirmation {
		}

		/** It cannot be. */
		record Refused(String message) implements Confirmation {
		}

	}

	/** What came of a colleague's answer. */
	sealed interface Answer {

		/** It was given; with the partner's id when it made one. */
		record Done(@Nullable UUID partnerId) implements Answer {
		}

		/** Somebody was faster. */
		record Stale(String message) implements Answer {
		}

		/** A rule is in the way. */
		record Refused(String message) implements Answer {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Cleanup {

		@Bean
		PersonKeeper requestsPeople(JdbcClient jdbc) {
			return new PeopleByAddress(jdbc, "partner_request", "address",
					"contact_name = :name, address = :address, phone = null, version = version + 1",
					"state in ('ASKED', 'CONFIRMED')",
					"This person's request to become a partner waits for an answer. Accept or reject it first.");
		}

		@Bean
		PersonKeeper invitationsPeople(JdbcClient jdbc) {
			return new PeopleByAddress(jdbc, "invitation", "address",
					"name = :name, address = :address, address_key = :address, why = null, version = version + 1",
					"state = 'PENDING'", "This person has an invitation that is still open. Revoke it first.");
		}

		@Bean
		RecurringTask<Void> requestCleanup(Requests requests, TransactionTemplate transaction, Clock clock) {
			return Tasks.recurring("request-cleanup", FixedDelay.ofHours(1))
				.execute((instance, context) -> transaction.executeWithoutResult(
						(status) -> requests.deleteUnconfirmed(clock.instant().minus(Duration.ofDays(1)))));
		}

	}

}
