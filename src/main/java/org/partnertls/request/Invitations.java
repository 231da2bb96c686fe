package org.partnertls.request;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.partnertls.account.PartnerSignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.mail.Letter;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OneByOne;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.Partner;
import org.partnertls.partner.PartnerEvent;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Partnership;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Invitations from the letter to their end: opened, expired or revoked. Whoever was the
 * first to be invited carries the partnership: with their invitation it ends.
 */
@Component
@Transactional
class Invitations {

	private final SentInvitations sent;

	private final Requests requests;

	private final Partners partners;

	private final Outbox outbox;

	private final InvitationProperties settings;

	private final OrganizationProperties organization;

	private final AuditLog audit;

	private final Clock clock;

	Invitations(SentInvitations sent, Requests requests, Partners partners, Outbox outbox,
			InvitationProperties settings, OrganizationProperties organization, AuditLog audit, Clock clock) {
		this.sent = sent;
		this.requests = requests;
		this.partners = partners;
		this.outbox = outbox;
		this.settings = settings;
		this.organization = organization;
		this.audit = audit;
		this.clock = clock;
	}

	/**
	 * Invites the first person of a partner.
	 * @param by our colleague
	 * @param request the reference of the request that this answers; empty: none
	 */
	void inviteFirst(Partner partner, String by, String request) {
		invite(partner, partner.contacts().getFirst(), by, request, "");
	}

	void invite(Partner partner, Partner.Person person, String by, String why) {
		invite(partner, person, by, "", why);
	}

	private void invite(Partner partner, Partner.Person person, String by, String request, String why) {
		Instant now = this.clock.instant();
		this.sent.findPending(person.address().key(), partner.id()).ifPresent((earlier) -> {
			earlier.revoke("A newer invitation has taken its place.", now);
			this.sent.save(earlier);
			// Before the new one comes: one invitation of a partner is pending at most.
			this.sent.flush();
			this.audit.append(about(earlier, partner, "invitation.revoked").detail("by", "a newer one"));
		});
		SentInvitation invitation = this.sent.save(new SentInvitation(partner.id(), person.name(), person.address(),
				person.role(), by, request, this.settings.life(), now));
		this.audit.append(about(invitation, partner, "invitation.sent").detail("expires", invitation.expiresAt()));
		post(invitation, partner, why);
	}

	private void post(SentInvitation invitation, Partner partner, String why) {
		boolean first = why.isEmpty();
		this.outbox
			.post(Letter
				.to(invitation.address(),
						!first ? "invitation-person"
								: invitation.request().isEmpty() ? "invitation" : "invitation-asked")
				.about(partner.id())
				.with("name", invitation.name())
				.with("organisation", partner.name())
				.with("domain", partner.mainDomain().name().display())
				.with("reference", partner.reference())
				.with("colleague", invitation.invitedBy())
				.with("owner", partner.ownerName())
				.with("ownerAddress", partner.ownerAddress().toString())
				.with("reason", first ? partner.reason() : why)
				.with("role", role(invitation.role()))
				.with("asked", invitation.request())
				.with("page", this.organization.link("/invitation/" + invitation.id()))
				.with("until", day(invitation.expiresAt()))
				.with("signIn", this.organization.link("/sign-in"))
				.with("programme", this.organization.link("/programme"))
				.with("check", this.organization.link("/programme/reference?ref=" + partner.reference())));
	}

	private static String role(ContactRole role) {
		return (role == ContactRole.HELPER) ? "technical helper: you do the tasks, and a technical contact confirms"
				: "technical contact: you do the tasks and confirm them";
	}

	private String day(Instant at) {
		return DateTimeFormatter.ofPattern("EEEE d MMMM uuuu", Locale.UK).format(at.atZone(this.organization.zone()));
	}

	/**
	 * Sends the letter again; from now on the whole time counts.
	 * @param by our colleague
	 * @return what came of it, in words
	 */
	Outcome resend(UUID id, String by) {
		SentInvitation invitation = forChange(id);
		Partner partner = partner(invitation);
		Instant now = this.clock.instant();
		if (invitation.state() != SentInvitation.State.PENDING) {
			return new Outcome(false, "This invitation is " + invitation.state().words().toLowerCase(Locale.ROOT)
					+ " and cannot be sent again.");
		}
		if (invitation.sentAt().plus(SentInvitation.PAUSE).isAfter(now)) {
			return new Outcome(false, "It was sent less than " + SentInvitation.PAUSE.toMinutes()
					+ " minutes ago. Give it time to arrive.");
		}
		invitation.sendAgain(this.settings.life(), now);
		this.sent.save(invitation);
		this.audit.append(about(invitation, partner, "invitation.resent").detail("sendings", invitation.sendings())
			.detail("expires", invitation.expiresAt()));
		post(invitation, partner, first(invitation, partner) ? "" : by + " sends your invitation again");
		return new Outcome(true, "Sent again to " + invitation.address() + ". It can be used until "
				+ day(invitation.expiresAt()) + ".");
	}

	// The partnership hangs on this invitation: nobody of theirs has ever come.
	private static boolean first(SentInvitation invitation, Partner partner) {
		return partner.state() == Partnership.State.INVITED && invitation.role() == ContactRole.TECHNICAL;
	}

	/** Takes an invitation back that nobody has used. */
	Outcome revoke(UUID id, String reason) {
		SentInvitation invitation = forChange(id);
		Partner partner = partner(invitation);
		if (invitation.state() != SentInvitation.State.PENDING) {
			return new Outcome(false, "This invitation is " + invitation.state().words().toLowerCase(Locale.ROOT)
					+ ". To end somebody’s access, go to the partner’s people.");
		}
		invitation.revoke(reason, this.clock.instant());
		this.sent.save(invitation);
		this.audit.append(about(invitation, partner, "invitation.revoked").reason(reason));
		this.outbox.post(Letter.to(invitation.address(), "invitation-revoked")
			.about(partner.id())
			.with("name", invitation.name())
			.with("organisation", partner.name())
			.with("reference", partner.reference())
			.with("reason", reason)
			.with("owner", partner.ownerName())
			.with("ownerAddress", partner.ownerAddress().toString()));
		if (isTheLastOf(invitation, partner)) {
			this.partners.withdraw(partner.id(), reason);
		}
		else {
			forget(invitation, partner);
		}
		return new Outcome(true, "The invitation of " + invitation.name() + " is revoked, and they are told.");
	}

	private boolean isTheLastOf(SentInvitation invitation, Partner partner) {
		return first(invitation, partner) && this.sent.findPendingOf(partner.id())
			.stream()
			.noneMatch((other) -> !other.id().equals(invitation.id()) && other.role() == ContactRole.TECHNICAL);
	}

	// Who never came is no contact; the last technical contact stays to be replaced.
	private void forget(SentInvitation invitation, Partner partner) {
		partner.contacts()
			.stream()
			.filter((person) -> person.role() == invitation.role()
					&& person.address().key().equals(invitation.address().key()))
			.findFirst()
			.ifPresent((person) -> {
				if (this.partners.removeContact(partner.id(), person.id()).isPresent()) {
					this.partners.contactLeft(partner.id(), person.id(), "Never came");
				}
			});
	}

	/** Ends an invitation whose time is over; nothing happens when it is not. */
	void expire(UUID id) {
		SentInvitation invitation = forChange(id);
		Instant now = this.clock.instant();
		if (!invitation.isOver(now)) {
			return;
		}
		Partner partner = partner(invitation);
		String why = "Nobody signed in within " + days(this.settings.life()) + ".";
		invitation.expire(why, now);
		this.sent.save(invitation);
		this.audit.append(about(invitation, partner, "invitation.expired"));
		this.outbox.post(Letter.to(partner.ownerAddress(), "owner-invitation-expired")
			.about(partner.id())
			.with("name", partner.ownerName())
			.with("partner", partner.name())
			.with("reference", partner.reference())
			.with("domains", partner.mainDomain().name().display())
			.with("contact", invitation.name() + " <" + invitation.address() + ">")
			.with("words", why)
			.with("page", this.organization.link("/invitations?words=" + partner.reference())));
		if (isTheLastOf(invitation, partner)) {
			this.partners.expire(partner.id(), why);
		}
		else {
			forget(invitation, partner);
		}
	}

	private static String days(Duration life) {
		long days = life.toDays();
		return (days == 0) ? life.toHours() + " hours" : (days == 1) ? "a day" : days + " days";
	}

	/**
	 * Whoever has the letter asks for a new one; our owner is told, once a week.
	 * @return whether they were told just now
	 */
	boolean askAgain(UUID id) {
		SentInvitation invitation = forChange(id);
		Partner partner = partner(invitation);
		boolean told = invitation.askAgain(this.clock.instant());
		Act act = about(invitation, partner, "invitation.asked-again");
		this.audit.append(told ? act : act.refused());
		if (told) {
			this.sent.save(invitation);
			this.outbox.post(Letter.to(partner.ownerAddress(), "owner-invitation-asked")
				.about(partner.id())
				.with("name", partner.ownerName())
				.with("partner", partner.name())
				.with("reference", partner.reference())
				.with("domains", partner.mainDomain().name().display())
				.with("contact", invitation.name() + " <" + invitation.address() + ">")
				.with("page", this.organization.link(partner.state().isLiving()
						? "/partners/" + partner.id() + "/people" : "/partners/new?again=" + partner.id())));
		}
		return told;
	}

	/** Ends what is pending for an address, without a word. */
	void drop(UUID partnerId, EmailAddress address, String why) {
		this.sent.findPendingOf(partnerId)
			.stream()
			.filter((invitation) -> invitation.address().key().equals(address.key()))
			.forEach((invitation) -> revokeQuietly(invitation, why));
	}

	private void revokeQuietly(SentInvitation invitation, String why) {
		invitation.revoke(why, this.clock.instant());
		this.sent.save(invitation);
		this.audit.append(about(invitation, partner(invitation), "invitation.revoked").reason(why));
	}

	@EventListener
	void on(PartnerSignedIn event) {
		this.sent.findPending(event.address().key(), event.partnerId()).ifPresent((invitation) -> {
			invitation.open(this.clock.instant());
			this.sent.save(invitation);
			this.audit.append(about(invitation, partner(invitation), "invitation.opened"));
		});
	}

	@EventListener
	void on(PartnerEvent event) {
		switch (event) {
			case PartnerEvent.Ended ended -> dropAll(ended.partnerId(), ended.reason());
			case PartnerEvent.Withdrawn withdrawn -> dropAll(withdrawn.partnerId(), withdrawn.reason());
			case PartnerEvent.InvitationExpired expired -> dropAll(expired.partnerId(), expired.reason());
			case PartnerEvent.ContactsChanged changed -> changed.left()
				.forEach((person) -> drop(changed.partnerId(), person.address(),
						"No longer one of the partner’s people."));
			case PartnerEvent.PeopleReduced reduced -> reduce(reduced);
			case PartnerEvent.Suspended _, PartnerEvent.Resumed _, PartnerEvent.Unreachable _,
					PartnerEvent.OwnerChanged _ ->
				{
				}
		}
	}

	private void reduce(PartnerEvent.PeopleReduced reduced) {
		this.sent.findAllOf(reduced.partnerId()).forEach((invitation) -> {
			invitation.reduce(reduced.pseudonymOf(invitation.address()));
			this.sent.save(invitation);
		});
		this.requests.findByPartnerId(reduced.partnerId()).forEach((request) -> {
			request.reduce(reduced.pseudonymOf(request.address()));
			this.requests.save(request);
		});
	}

	private void dropAll(UUID partnerId, String why) {
		this.sent.findPendingOf(partnerId).forEach((invitation) -> revokeQuietly(invitation, why));
	}

	private SentInvitation forChange(UUID id) {
		return this.sent.findForChange(id).orElseThrow(() -> new UnknownRequest(id));
	}

	private Partner partner(SentInvitation invitation) {
		return this.partners.find(invitation.partnerId()).orElseThrow(() -> new UnknownRequest(invitation.id()));
	}

	private static Act about(SentInvitation invitation, Partner partner, String code) {
		return Act.of(code)
			.on("invitation", invitation.id())
			.partner(partner.id(), partner.name())
			.detail("role", invitation.role())
			.personal("contact", invitation.address().key(), invitation.name() + " <" + invitation.address() + ">");
	}

	/**
	 * What came of an act.
	 *
	 * @param done whether it was done
	 * @param sentence what to tell whoever asked for it
	 */
	record Outcome(boolean done, String sentence) {
	}

	@Configuration(proxyBeanMethods = false)
	static class Expiry {

		@Bean
		RecurringTask<Void> invitationExpiry(Invitations invitations, SentInvitations sent,
				TransactionTemplate transaction, Clock clock) {
			return Tasks.recurring("invitation-expiry", FixedDelay.ofHours(1))
				.execute((instance, context) -> OneByOne.each("invitation-expiry", sent.findOver(clock.instant()),
						transaction, invitations::expire));
		}

	}

}
