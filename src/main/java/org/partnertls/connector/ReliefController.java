package org.partnertls.connector;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.ActorSource;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Mail bounces at three in the morning: one administrator loosens enforcement for one
 * partner.
 */
@Controller
class ReliefController {

	private static final List<Integer> HOURS = List.of(1, 2, 4, 8, 12, 24);

	private final Connectors connectors;

	private final ConnectorProperties properties;

	private final ActorSource actors;

	private final Clock clock;

	ReliefController(Connectors connectors, ConnectorProperties properties, ActorSource actors, Clock clock) {
		this.connectors = connectors;
		this.properties = properties;
		this.actors = actors;
		this.clock = clock;
	}

	@GetMapping("/partners/{partnerId}/relief")
	String show(@PathVariable UUID partnerId, SignedIn person, Model model) {
		model.addAttribute("form", new ReliefForm(ReliefStep.OUTBOUND_ENCRYPTION_ONLY.name(), "", "4"));
		return page(partnerId, person, model);
	}

	@PostMapping("/partners/{partnerId}/relief")
	String relieve(@PathVariable UUID partnerId, @ModelAttribute("form") ReliefForm form, BindingResult errors,
			@RequestParam(defaultValue = "false") boolean understood, SignedIn person, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		ReliefStep step = form.wanted();
		if (step == null) {
			errors.rejectValue("step", "step", "Choose what to loosen.");
		}
		if (form.reason() == null || form.reason().isBlank()) {
			errors.rejectValue("reason", "reason", "Say why; it stays in the history and is sent to those concerned.");
		}
		Integer hours = hours().stream()
			.filter((choice) -> choice.toString().equals(form.hours()))
			.findFirst()
			.orElse(null);
		if (hours == null) {
			errors.rejectValue("hours", "hours", "Choose for how long.");
		}
		if (!understood) {
			errors.reject("understood", "Tick that you understand what happens.");
		}
		if (!isFresh(person)) {
			errors.reject("fresh", "Sign in again first: this needs a sign-in of the last "
					+ this.properties.reliefSignIn().toMinutes() + " minutes.");
		}
		if (!errors.hasErrors() && step != null && hours != null && form.reason() != null) {
			Instant until = this.clock.instant().plus(Duration.ofHours(hours));
			switch (this.connectors.relieve(partnerId, step, this.actors.current(), form.reason(), until)) {
				case ReliefResult.UnderWay underWay -> {
					flash.addFlashAttribute("flash", "It is being done now, ahead of everything else. This page shows"
							+ " when it has taken effect.");
					flash.addFlashAttribute("flashTone", "wait");
					return "redirect:/partners/" + partnerId + "/relief";
				}
				case ReliefResult.Refused refused -> errors.reject("refused", refused.sentence());
			}
		}
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return page(partnerId, person, model);
	}

	@PostMapping("/partners/{partnerId}/relief/end")
	String end(@PathVariable UUID partnerId, @RequestParam(defaultValue = "false") boolean understood,
			RedirectAttributes flash) {
		String words = "Tick that you understand what happens.";
		String tone = "bad";
		if (understood) {
			switch (this.connectors.endRelief(partnerId, this.actors.current())) {
				case ReliefResult.UnderWay underWay -> {
					words = "Enforcement is being put back as it was.";
					tone = "good";
				}
				case ReliefResult.Refused refused -> words = refused.sentence();
			}
		}
		flash.addFlashAttribute("flash", words);
		flash.addFlashAttribute("flashTone", tone);
		return "redirect:/partners/" + partnerId + "/relief";
	}

	private String page(UUID partnerId, SignedIn person, Model model) {
		String name = this.connectors.partnerName(partnerId)
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		Map<ReliefStep, List<String>> lines = new EnumMap<>(ReliefStep.class);
		lines.putAll(this.connectors.reliefLines(partnerId));
		List<Choice> choices = lines.keySet()
			.stream()
			.map((step) -> new Choice(step.name(), step.words(), step.consequence()))
			.toList();
		Map<String, String> durations = new LinkedHashMap<>();
		hours().forEach((hours) -> durations.put(hours.toString(), (hours == 1) ? "1 hour" : hours + " hours"));
		List<Script> scripts = new ArrayList<>();
		lines.forEach((step, text) -> scripts.add(new Script(step.name(), step.words(), String.join("\n", text))));
		model.addAttribute("partnerId", partnerId);
		model.addAttribute("partnerName", name);
		model.addAttribute("directions", this.connectors.directions(partnerId));
		model.addAttribute("reliefs", this.connectors.reliefs(partnerId));
		model.addAttribute("choices", choices);
		model.addAttribute("durations", durations);
		model.addAttribute("scripts", scripts);
		model.addAttribute("fresh", isFresh(person));
		model.addAttribute("signInMinutes", this.properties.reliefSignIn().toMinutes());
		return "connectors/relief";
	}

	private List<Integer> hours() {
		return HOURS.stream()
			.filter((hours) -> Duration.ofHours(hours).compareTo(this.properties.reliefLimit()) <= 0)
			.toList();
	}

	private boolean isFresh(SignedIn person) {
		return person.signedInWithin(this.properties.reliefSignIn(), this.clock.instant());
	}

	/** What an administrator asks for. */
	record ReliefForm(@Nullable String step, @Nullable String reason, @Nullable String hours) {

		@Nullable ReliefStep wanted() {
			for (ReliefStep step : ReliefStep.values()) {
				if (step.name().equals(this.step)) {
					return step;
				}
			}
			return null;
		}

	}

	/** A step to choose. */
	record Choice(String value, String label, String hint) {
	}

	/** The lines for a step. */
	record Script(String id, String title, String text) {
	}

}
