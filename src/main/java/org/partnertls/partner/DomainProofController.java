package org.partnertls.partner;

import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.Texts;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The proof of a domain: looked for now, or waived.
 */
@Controller
class DomainProofController {

	private final Partners partners;

	DomainProofController(Partners partners) {
		this.partners = partners;
	}

	/** Looks for a domain's text now. */
	@PostMapping("/partners/{id}/domains/{domainId}/look-up")
	String lookUp(@PathVariable UUID id, @PathVariable UUID domainId, RedirectAttributes flash) {
		LookUp seen = this.partners.lookUp(id, domainId);
		flash.addFlashAttribute("flash", seen.seen());
		flash.addFlashAttribute("flashTone", seen.proven() ? "good" : "wait");
		return "redirect:/partners/" + id;
	}

	@GetMapping("/partners/{id}/domains/{domainId}/waiver")
	String waiver(@PathVariable UUID id, @PathVariable UUID domainId, @ModelAttribute("form") WaiverForm form,
			Model model) {
		show(id, domainId, model);
		return "partners/waiver";
	}

	@PostMapping("/partners/{id}/domains/{domainId}/waiver")
	String waive(@PathVariable UUID id, @PathVariable UUID domainId, @ModelAttribute("form") WaiverForm form,
			BindingResult errors, SignedIn me, Model model, HttpServletResponse response, RedirectAttributes flash) {
		show(id, domainId, model);
		Texts.lines(form.reason(), 1000, "Say why no proof is needed.")
			.ifPresent((message) -> errors.rejectValue("reason", "reason", message));
		if (errors.hasErrors()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return "partners/waiver";
		}
		this.partners.waive(id, domainId, String.valueOf(form.reason()), me);
		flash.addFlashAttribute("flash", "The proof of the domain is waived.");
		return "redirect:/partners/" + id;
	}

	private void show(UUID id, UUID domainId, Model model) {
		Partner partner = this.partners.find(id).orElseThrow(() -> new UnknownPartner(id));
		model.addAttribute("partner", partner);
		model.addAttribute("domain", partner.domain(domainId).orElseThrow(() -> new UnknownPartner(domainId)));
	}

	record WaiverForm(@Nullable String reason) {
	}

}
