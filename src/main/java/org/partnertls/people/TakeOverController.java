package org.partnertls.people;

import java.util.Optional;
import java.util.UUID;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Codes;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.Texts;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;

/**
 * A colleague of a contact takes over: they prove an address in the same domain, who is
 * replaced is told and may object. Until the address is proven the answer is the same for
 * everybody.
 */
@Controller
class TakeOverController {

	private final People people;

	private final Partners partners;

	private final Codes codes;

	TakeOverController(People people, Partners partners, Codes codes) {
		this.people = people;
		this.partners = partners;
		this.codes = codes;
	}

	@GetMapping("/take-over")
	String form(@ModelAttribute("form") TakeOverForm form) {
		return "people/take-over";
	}

	@PostMapping("/take-over")
	@Transactional
	String ask(@ModelAttribute("form") TakeOverForm form, BindingResult errors, HttpServletRequest request,
			HttpServletResponse response) {
		Texts.line(form.name(), 120, "Enter your name.")
			.ifPresent((message) -> errors.rejectValue("name", "name", message));
		Texts.lines(form.reason(), 500, "Say why: your colleague is told.")
			.ifPresent((message) -> errors.rejectValue("reason", "reason", message));
		EmailAddress mine = PeopleForm.address("address", form.address(), errors);
		EmailAddress colleague = PeopleForm.address("colleague", form.colleague(), errors);
		if (mine != null && colleague != null && !mine.domain().equals(colleague.domain())) {
			errors.rejectValue("address", "domain",
					"Your address must be in the same mail domain as your colleague's.");
		}
		if (mine != null && colleague != null && mine.key().equals(colleague.key())) {
			errors.rejectValue("address", "same", "This is your colleague's address. Enter your own.");
		}
		if (errors.hasErrors() || mine == null || colleague == null) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return "people/take-over";
		}
		Optional<Partner> partner = this.partners.findByDomain(mine.domain());
		UUID asked = partner
			.map((found) -> this.people.ask(found, colleague, String.valueOf(form.name()).strip(), mine,
					String.valueOf(form.reason()).strip()))
			.orElse(null);
		this.codes.send(Codes.Purpose.TAKE_OVER, asked, mine, asked != null, request, response);
		return "redirect:/take-over/code";
	}

	@GetMapping("/take-over/code")
	String code(@ModelAttribute("form") CodeForm form, Model model, HttpServletRequest request) {
		return codePage(model, request);
	}

	private String codePage(Model model, HttpServletRequest request) {
		this.codes.pending(Codes.Purpose.TAKE_OVER, request)
			.ifPresent((address) -> model.addAttribute("address", address));
		return "people/take-over-code";
	}

	@PostMapping("/take-over/code")
	@Transactional
	String enter(@ModelAttribute("form") CodeForm form, BindingResult errors, Model model, HttpServletRequest request,
			HttpServletResponse response) {
		String typed = form.code();
		if (typed == null || typed.isBlank()) {
			errors.rejectValue("code", "missing", "Enter the code from the message.");
		}
		else {
			switch (this.codes.check(Codes.Purpose.TAKE_OVER, typed, request)) {
				case Codes.Answer.Right right -> {
					model.addAttribute("answer", confirm(right));
					return "people/take-over-answer";
				}
				case Codes.Answer.Wrong wrong -> errors.rejectValue("code", "code", wrong.message());
				case Codes.Answer.Over over -> model.addAttribute("over", over.message());
			}
		}
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return codePage(model, request);
	}

	private Answer confirm(Codes.Answer.Right right) {
		UUID asked = right.subjectId();
		if (asked == null) {
			return new Answer(null, "This is no longer there. Please ask again.");
		}
		return switch (this.people.confirm(asked, right.address())) {
			case People.TakeOver.Waiting waiting -> new Answer(waiting.until(), null);
			case People.TakeOver.Refused refused -> new Answer(null, refused.sentence());
		};
	}

	/** What a colleague says. */
	record TakeOverForm(@Nullable String name, @Nullable String address, @Nullable String colleague,
			@Nullable String reason) {
	}

	record CodeForm(@Nullable String code) {
	}

	/** What came of it. */
	record Answer(java.time.@Nullable Instant until, @Nullable String refusal) {
	}

}
