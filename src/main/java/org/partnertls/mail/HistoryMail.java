package org.partnertls.mail;

import org.partnertls.audit.CheckpointDue;
import org.partnertls.audit.HandOut;
import org.partnertls.audit.HistoryAlarm;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Tells the compliance address of the history: its checkpoints, to keep, and that it is
 * not what it was.
 */
@Component
class HistoryMail {

	private final MailProperties settings;

	private final OrganizationProperties organization;

	private final Outbox outbox;

	private final HandOut handOut;

	HistoryMail(MailProperties settings, OrganizationProperties organization, Outbox outbox, HandOut handOut) {
		this.settings = settings;
		this.organization = organization;
		this.outbox = outbox;
		this.handOut = handOut;
	}

	@EventListener
	void on(CheckpointDue due) {
		EmailAddress compliance = this.settings.compliance();
		if (compliance != null) {
			this.outbox.post(Letter.to(compliance, "compliance-checkpoint")
				.with("size", String.valueOf(due.checkpoint().size()))
				.with("checkpoint", due.checkpoint().note().strip().replace("\n", "\n    "))
				.with("page", this.organization.link("/history/integrity")));
			this.handOut.mailed(due.checkpoint());
		}
	}

	@EventListener
	void on(HistoryAlarm alarm) {
		EmailAddress compliance = this.settings.compliance();
		if (compliance != null) {
			this.outbox.post(Letter.to(compliance, "compliance-history-alarm")
				.with("words", alarm.words())
				.with("page", this.organization.link("/history/integrity")));
		}
	}

}
