package org.partnertls.onboarding;

import java.time.Clock;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;

import org.partnertls.account.SignedIn;

import org.springframework.stereotype.Component;
import org.springframework.ui.Model;

/**
 * The one page on which a partner confirms that nothing has changed: all that they once
 * said, a test message, a confirmation.
 */
@Component
class AgainPage {

	private final Onboarding onboarding;

	private final Attestations attestations;

	private final TestMessages messages;

	private final EvidenceProperties settings;

	private final ZoneId zone;

	private final Clock clock;

	AgainPage(Onboarding onboarding, Attestations attestations, TestMessages messages, EvidenceProperties settings,
			ZoneId zone, Clock clock) {
		this.onboarding = onboarding;
		this.attestations = attestations;
		this.messages = messages;
		this.settings = settings;
		this.zone = zone;
		this.clock = clock;
	}

	/** The form as it is opened: what they stated the last time, not confirmed yet. */
	ConfirmationController.ConfirmationForm form(SignedIn person, Onboarding.Pass pass) {
		long version = pass.attestation().version();
		return this.attestations.findInForce(pass.partner().id())
			.map((before) -> before.answers().confirmation())
			.map((last) -> ConfirmationController.ConfirmationForm.again(version, person.name(), last))
			.orElseGet(() -> ConfirmationController.ConfirmationForm.blank(version, person.name()));
	}

	/** Fills the page. */
	String page(Onboarding.Pass pass, Model model) {
		model.addAttribute("pass", pass);
		model.addAttribute("before",
				this.attestations.findInForce(pass.partner().id())
					.map((attestation) -> attestation.answers().confirmation())
					.orElse(null));
		model.addAttribute("results",
				this.onboarding.checks(pass.partner()).stream().map(MailFlowController.Result::of).toList());
		model.addAttribute("address", this.messages.addressFor(pass.attestation()));
		model.addAttribute("fetches", this.messages.fetches());
		model.addAttribute("choices", ConfirmationController.choices());
		Map<String, String> changes = new LinkedHashMap<>();
		for (Passes.WhatChanges what : Passes.WhatChanges.values()) {
			changes.put(what.name(), what.words());
		}
		model.addAttribute("changes", changes);
		if (pass.partner().nextDueAt() != null) {
			DueCalendar calendar = new DueCalendar(pass.partner().nextDueAt(), this.settings, this.zone);
			model.addAttribute("overdue", calendar.isOverdue(this.clock.instant()));
			model.addAttribute("days", Recertifications.inWords(calendar.daysLeft(this.clock.instant())));
		}
		return "tasks/again";
	}

}
