package org.partnertls.request;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Codes;
import org.partnertls.account.Directory;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The page that an invitation leads to. Looking at it changes nothing, so that whatever
 * opens links in mail does no harm; the address is shown in part only, and a code goes to
 * it alone.
 */
@Controller
class InvitationController {

	private final SentInvitations sent;

	private final Invitations invitations;

	private final Partners partners;

	private final Directory directory;

	private final Codes codes;

	private final Clock clock;

	InvitationController(SentInvitations sent, Invitations invitations, Partners partners, Directory directory,
			Codes codes, Clock clock) {
		this.sent = sent;
		this.invitations = invitations;
		this.partners = partners;
		this.directory = directory;
		this.codes = codes;
		this.clock = clock;
	}

	@GetMapping("/invitation/{id}")
	String show(@PathVariable String id, Model model, HttpServletResponse response) {
		Optional<SentInvitation> found = find(id);
		if (found.isEmpty()) {
			response.setStatus(HttpStatus.NOT_FOUND.value());
			return "invitation/unknown";
		}
		model.addAttribute("invitation", shown(found.get()));
		return "invitation/show";
	}

	/** Has a code mailed to whoever was invited; it signs in for this partner only. */
	@PostMapping("/invitation/{id}/code")
	String code(@PathVariable String id, HttpServletRequest request, HttpServletResponse response) {
		Optional<SentInvitation> found = find(id);
		if (found.isEmpty() || !shown(found.get()).usable()) {
			return "redirect:/invitation/{id}";
		}
		SentInvitation invitation = found.get();
		this.codes.send(Codes.Purpose.SIGN_IN, invitation.partnerId(), invitation.address(),
				this.directory.signsIn(invitation.address(), invitation.partnerId()), request, response);
		return "redirect:/sign-in/code";
	}

	/** Asks for a new one. */
	@PostMapping("/invitation/{id}/renewal")
	String renew(@PathVariable String id, RedirectAttributes flash) {
		find(id).ifPresent((invitation) -> {
			boolean told = this.invitations.askAgain(invitation.id());
			flash.addFlashAttribute("flash",
					told ? "We have told the colleague who answers for this. You get a new"
							+ " invitation, or an answer, by mail."
							: "The colleague who answers for this knows already.");
			flash.addFlashAttribute("flashTone", told ? "good" : "wait");
		});
		return "redirect:/invitation/{id}";
	}

	private Optional<SentInvitation> find(String id) {
		try {
			return this.sent.findById(UUID.fromString(id));
		}
		catch (IllegalArgumentException ex) {
			return Optional.empty();
		}
	}

	private Shown shown(SentInvitation invitation) {
		Partner partner = this.partners.find(invitation.partnerId())
			.orElseThrow(() -> new UnknownRequest(invitation.id()));
		SentInvitation.State state = invitation.isOver(this.clock.instant()) ? SentInvitation.State.EXPIRED
				: invitation.state();
		boolean mayAskAgain = invitation.mayAskAgain(this.clock.instant());
		return new Shown(invitation.id(), state.name(), partner.name(), partner.reference(), invitation.masked(),
				invitation.role().words(), invitation.invitedBy(), invitation.expiresAt(), invitation.endedAt(),
				partner.ownerName(), this.directory.signsIn(invitation.address(), invitation.partnerId()),
				invitation.askedAgainAt(), mayAskAgain);
	}

	/**
	 * An invitation as whoever has the letter sees it.
	 *
	 * @param state its state; one whose time is over is expired
	 * @param signsIn whether the address still signs in for the partner
	 * @param mayAskAgain whether somebody is told when they ask for a new one
	 */
	record Shown(UUID id, String state, String organisation, String reference, String masked, String role,
			String invitedBy, Instant expiresAt, @Nullable Instant endedAt, String owner, boolean signsIn,
			@Nullable Instant askedAgainAt, boolean mayAskAgain) {

		/** Whether a code can be had. */
		public boolean usable() {
			return this.state.equals("PENDING") || (this.state.equals("OPENED") && this.signsIn);
		}

		/** Used, and whoever used it has no access any more. */
		public boolean ended() {
			return this.state.equals("OPENED") && !this.signsIn;
		}

	}

}
