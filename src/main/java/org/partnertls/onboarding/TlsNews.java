package org.partnertls.onboarding;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

import org.partnertls.mail.Letter;
import org.partnertls.mail.MailProperties;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.tlscheck.TlsRoundMissed;
import org.partnertls.tlscheck.TlsWatch;
import org.partnertls.tlscheck.TlsWatchEvent;
import org.partnertls.tlscheck.WatchedDomain;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Hears what the checks of watched domains came to, in the same transaction, and tells
 * those whom it concerns. Before connectors are approved, the partner is at it anyway.
 */
@Component
class TlsNews {

	private final Onboarding onboarding;

	private final Passes passes;

	private final Partners partners;

	private final TlsWatch watch;

	private final Outbox outbox;

	private final MailProperties mail;

	private final OrganizationProperties organization;

	private final ZoneId zone;

	TlsNews(Onboarding onboarding, Passes passes, Partners partners, TlsWatch watch, Outbox outbox, MailProperties mail,
			OrganizationProperties organization, ZoneId zone) {
		this.onboarding = onboarding;
		this.passes = passes;
		this.partners = partners;
		this.watch = watch;
		this.outbox = outbox;
		this.mail = mail;
		this.organization = organization;
		this.zone = zone;
	}

	@EventListener
	void on(TlsWatchEvent event) {
		this.partners.find(event.partnerId()).ifPresent((partner) -> tell(partner, event));
	}

	private void tell(Partner partner, TlsWatchEvent event) {
		String domain = event.domain().display();
		String page = "/tls-checks/domains/" + event.domain().ascii();
		boolean approved = this.watch.find(event.domain()).map(WatchedDomain::approved).isPresent();
		switch (event) {
			case TlsWatchEvent.Failing failing when approved -> {
				String words = domain + ": " + failing.sentence()
						+ (failing.remedy().isEmpty() ? "" : " " + failing.remedy());
				this.onboarding.tellOwner(partner, "tls-failing", page, words);
				this.onboarding.tellPartner(partner, "tls-failing", "/partnership/mail-servers", true, words);
			}
			case TlsWatchEvent.Recovered _ when approved ->
				this.onboarding.tellOwner(partner, "tls-recovered", page, domain);
			case TlsWatchEvent.Differs differs -> {
				this.onboarding.tellOwner(partner, "tls-differs", page,
						domain + ": " + String.join(" ", differs.changes()) + " " + differs.effect());
				this.passes.propose(partner, differs);
			}
			case TlsWatchEvent.CertificateExpires expires -> {
				String words = "The certificate of " + expires.host() + " (" + domain + ") is valid until "
						+ words(expires.expiresAt()) + ".";
				this.onboarding.tellOwner(partner, "certificate-expires", page, words);
				if (expires.own()) {
					this.onboarding.tellPartner(partner, "certificate-expires", "/partnership/mail-servers", false,
							words);
				}
			}
			case TlsWatchEvent.Failing _, TlsWatchEvent.Recovered _ -> {
			}
		}
	}

	@EventListener
	void on(TlsRoundMissed missed) {
		if (this.mail.compliance() != null) {
			this.outbox.post(Letter.to(this.mail.compliance(), "compliance-round-missed")
				.with("waiting", String.valueOf(missed.waiting()))
				.with("since", words(missed.since()))
				.with("page", this.organization.link("/tls-checks/rounds")));
		}
	}

	private String words(Instant at) {
		return DateTimeFormatter.ofPattern("EEEE d MMMM uuuu, HH:mm zzz", Locale.UK).format(at.atZone(this.zone));
	}

}
