package org.partnertls.onboarding;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.connector.Connectors;
import org.partnertls.onboarding.PartnerMove.Kind;
import org.partnertls.onboarding.PartnerMove.Mode;
import org.partnertls.organization.Texts;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Suspending, resuming and ending a partnership: what happens, why, and a confirmation.
 */
@Controller
class MoveController {

	private final Moves moves;

	private final Partners partners;

	private final Connectors connectors;

	MoveController(Moves moves, Partners partners, Connectors connectors) {
		this.moves = moves;
		this.partners = partners;
		this.connectors = connectors;
	}

	@GetMapping("/partners/{id}/suspension")
	String suspension(@PathVariable UUID id, Model model) {
		return form(id, Kind.SUSPEND, Mode.SWITCH_OFF, model);
	}

	@PostMapping("/partners/{id}/suspension")
	String suspend(@PathVariable UUID id, @ModelAttribute("form") MoveForm form, BindingResult errors,
			@RequestParam(defaultValue = "false") boolean understood, SignedIn me, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		return ask(id, Kind.SUSPEND, form, errors, understood, me, model, response, flash);
	}

	@GetMapping("/partners/{id}/resumption")
	String resumption(@PathVariable UUID id, Model model) {
		return form(id, Kind.RESUME, Mode.SWITCH_ON, model);
	}

	@PostMapping("/partners/{id}/resumption")
	String resume(@PathVariable UUID id, @ModelAttribute("form") MoveForm form, BindingResult errors,
			@RequestParam(defaultValue = "false") boolean understood, SignedIn me, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		return ask(id, Kind.RESUME, form, errors, understood, me, model, response, flash);
	}

	@GetMapping("/partners/{id}/end")
	String ending(@PathVariable UUID id, Model model) {
		return form(id, Kind.END, Mode.REMOVE, model);
	}

	@PostMapping("/partners/{id}/end")
	String end(@PathVariable UUID id, @ModelAttribute("form") MoveForm form, BindingResult errors,
			@RequestParam(defaultValue = "false") boolean understood, SignedIn me, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		return ask(id, Kind.END, form, errors, understood, me, model, response, flash);
	}

	/** Plans again what could not be planned. */
	@PostMapping("/partners/{id}/move/plan")
	String plan(@PathVariable UUID id, RedirectAttributes flash) {
		PartnerMove move = this.moves.waiting(id).orElseThrow(NotFound::new);
		return answer(id, this.moves.plan(move.id()), flash);
	}

	@PostMapping("/partners/{id}/move/withdrawal")
	String callOff(@PathVariable UUID id, SignedIn me, RedirectAttributes flash) {
		flash.addFlashAttribute("flash", this.moves.callOff(id, me).orElse("There is nothing to call off."));
		flash.addFlashAttribute("flashTone", "wait");
		return "redirect:/partners/" + id;
	}

	private String form(UUID id, Kind kind, Mode mode, Model model) {
		model.addAttribute("form", new MoveForm("", mode.name()));
		return page(id, kind, model);
	}

	private String ask(UUID id, Kind kind, MoveForm form, BindingResult errors, boolean understood, SignedIn me,
			Model model, HttpServletResponse response, RedirectAttributes flash) {
		Texts.lines(form.reason(), 1000, "Say why: both sides read it.")
			.ifPresent((message) -> errors.rejectValue("reason", "reason", message));
		Mode mode = modes(kind).stream()
			.filter((each) -> each.name().equals(form.connectors()))
			.findFirst()
			.orElse(null);
		if (mode == null && this.moves.hasConnectors(id)) {
			errors.rejectValue("connectors", "connectors", "Choose what happens to the connectors.");
		}
		if (!understood) {
			errors.reject("understood", "Tick that you understand what happens.");
		}
		if (errors.hasErrors()) {
			page(id, kind, model);
			return TasksController.unprocessable(response, "moves/form");
		}
		return answer(id,
				this.moves.ask(id, kind, (mode != null) ? mode : Mode.KEEP, String.valueOf(form.reason()).strip(), me),
				flash);
	}

	private static String answer(UUID id, Moves.Outcome outcome, RedirectAttributes flash) {
		flash.addFlashAttribute("flash", outcome.sentence());
		flash.addFlashAttribute("flashTone", !outcome.done() ? "bad" : (outcome.change() != null) ? "wait" : "good");
		return "redirect:" + ((outcome.change() != null) ? "/changes/" + outcome.change() : "/partners/" + id);
	}

	private List<Mode> modes(Kind kind) {
		return switch (kind) {
			case SUSPEND -> List.of(Mode.SWITCH_OFF, Mode.KEEP);
			case RESUME -> List.of(Mode.SWITCH_ON, Mode.KEEP);
			case END -> List.of(Mode.REMOVE, Mode.SWITCH_OFF);
		};
	}

	private String page(UUID id, Kind kind, Model model) {
		Partner partner = this.partners.find(id).orElseThrow(NotFound::new);
		Map<String, String> choices = new LinkedHashMap<>();
		modes(kind).forEach((mode) -> choices.put(mode.name(), words(kind, mode)));
		model.addAttribute("partner", partner);
		model.addAttribute("kind", kind.name());
		model.addAttribute("possible", this.moves.possible(partner).contains(kind));
		model.addAttribute("waiting", this.moves.waiting(id).map(MoveView::of).orElse(null));
		model.addAttribute("hasConnectors", this.moves.hasConnectors(id));
		model.addAttribute("areOff", this.moves.areOff(id));
		model.addAttribute("reliefs", this.connectors.reliefs(id));
		model.addAttribute("choices", choices);
		return "moves/form";
	}

	private static String words(Kind kind, Mode mode) {
		return switch (mode) {
			case SWITCH_OFF -> "Switch both connectors off and keep them. Mail may then travel in clear text.";
			case REMOVE -> "Remove both connectors. Mail may then travel in clear text.";
			case SWITCH_ON -> "Switch both connectors on again, as they were.";
			case KEEP -> (kind == Kind.RESUME) ? "Leave the connectors as they are."
					: "Leave the connectors as they are. Mail stays encrypted as it is now.";
		};
	}

	/** What is asked for. */
	record MoveForm(@Nullable String reason, @Nullable String connectors) {
	}

}
