package org.partnertls.onboarding;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;

import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/**
 * Shows a reviewer's comment on the page of the task that it is about.
 */
@ControllerAdvice(assignableTypes = { TasksController.class, MailFlowController.class, TestMessageController.class,
		ConfirmationController.class })
class AskedAgain {

	private final Attestations attestations;

	AskedAgain(Attestations attestations) {
		this.attestations = attestations;
	}

	@ModelAttribute("asked")
	@Nullable String asked(@Nullable SignedIn person, HttpServletRequest request) {
		if (person == null || person.partnerId() == null) {
			return null;
		}
		return this.attestations.findLatest(person.requirePartner())
			.filter((attestation) -> attestation.state() == Attestation.State.RETURNED
					&& request.getRequestURI().endsWith("/tasks/" + attestation.commentTask()))
			.map(Attestation::comment)
			.orElse(null);
	}

}
