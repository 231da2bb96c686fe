package org.partnertls.request;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.partnertls.partner.Partners;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * Confirms to everybody that a reference is ours, and when it was given. Says nothing
 * about whom: references can be counted through.
 */
@Controller
class ReferenceController {

	private final Partners partners;

	private final Requests requests;

	ReferenceController(Partners partners, Requests requests) {
		this.partners = partners;
		this.requests = requests;
	}

	@GetMapping("/programme/reference")
	String reference(@RequestParam(defaultValue = "") String ref, Model model) {
		String typed = ref.strip().toUpperCase(Locale.ROOT);
		if (!typed.isEmpty()) {
			model.addAttribute("answer", find(typed).orElse(Answer.NO));
			model.addAttribute("typed", typed.substring(0, Math.min(typed.length(), 40)).replaceAll("\\p{C}", ""));
		}
		return "programme/reference";
	}

	private Optional<Answer> find(String typed) {
		if (typed.matches("TLS-[0-9]{4}-[0-9]{4,9}")) {
			return this.partners.findByReference(typed)
				.map((partner) -> new Answer(true, partner.state().isLiving(), "an invitation", partner.invitedAt()));
		}
		if (typed.matches("REQ-[0-9]{4}-[0-9]{4,9}")) {
			return this.requests.findConfirmedByReference(typed)
				.map((request) -> new Answer(true, true, "a request that reached us", request.askedAt()));
		}
		return Optional.empty();
	}

	/**
	 * What we say about a reference.
	 *
	 * @param ours whether we gave it
	 * @param current whether it still stands
	 * @param what what it belongs to
	 * @param at when we gave it
	 */
	record Answer(boolean ours, boolean current, String what, @Nullable Instant at) {

		static final Answer NO = new Answer(false, false, "", null);

	}

}
