package org.partnertls.connector;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.organization.DomainName;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Other settings than before for one partner's connectors: every one that a partner
 * connector can have. What comes of it is a plan that another person approves.
 */
@Controller
class SettingsController {

	private final Connectors connectors;

	SettingsController(Connectors connectors) {
		this.connectors = connectors;
	}

	@GetMapping("/partners/{partnerId}/connectors/settings")
	String show(@PathVariable UUID partnerId, Model model) {
		Wanted wanted = wanted(partnerId);
		model.addAttribute("form", SettingsForm.of(wanted));
		return page(wanted, model);
	}

	@PostMapping("/partners/{partnerId}/connectors/settings")
	String plan(@PathVariable UUID partnerId, @ModelAttribute("form") SettingsForm form, BindingResult errors,
			SignedIn person, Model model, HttpServletResponse response, RedirectAttributes flash) {
		Wanted before = wanted(partnerId);
		if (!form.isFor(before)) {
			flash.addFlashAttribute("flash", meanwhile(partnerId)
					+ " These are the settings that are wanted now. Look at them and choose again.");
			flash.addFlashAttribute("flashTone", "wait");
			return "redirect:/partners/" + partnerId + "/connectors/settings";
		}
		@Nullable Wanted wanted = form.over(before, errors);
		if (wanted != null) {
			switch (this.connectors.plan(wanted)) {
				case PlanResult.Unsuitable unsuitable ->
					unsuitable.sentences().forEach((sentence) -> errors.reject("unsuitable", sentence));
				case PlanResult.Unavailable unavailable -> errors.reject("unavailable", unavailable.sentence());
				case PlanResult.Planned planned when planned.plan().isNothing() ->
					errors.reject("nothing", "The connectors have these settings already.");
				case PlanResult.Planned planned -> {
					UUID change = this.connectors.propose(null, planned.plan(), person.id());
					flash.addFlashAttribute("flash",
							"This is the plan. Since you made it, somebody else has to approve it.");
					flash.addFlashAttribute("flashTone", "wait");
					return "redirect:/changes/" + change;
				}
			}
		}
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return page(before, model);
	}

	private String meanwhile(UUID partnerId) {
		String names = this.connectors.latest(partnerId)
			.map(ChangeView::approvals)
			.orElse(List.of())
			.stream()
			.map(ChangeView.ApprovalView::name)
			.collect(Collectors.joining(", "));
		return names.isEmpty() ? "Meanwhile the settings were changed."
				: "Meanwhile other settings were approved by " + names + ".";
	}

	private Wanted wanted(UUID partnerId) {
		return this.connectors.lastWanted(partnerId)
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

	private static String page(Wanted wanted, Model model) {
		model.addAttribute("wanted", wanted);
		model.addAttribute("domains", wanted.domains().stream().map(DomainName::ascii).toList());
		model.addAttribute("levels", words(List.of(TlsLevel.values()), TlsLevel::name, TlsLevel::words));
		model.addAttribute("danes", words(List.of(Wanted.Dane.values()), Wanted.Dane::name, Wanted.Dane::words));
		model.addAttribute("mtaStss",
				words(List.of(Wanted.MtaSts.values()), Wanted.MtaSts::name, Wanted.MtaSts::words));
		model.addAttribute("routes",
				Map.of(SettingsForm.MX, "The MX records of the domain", SettingsForm.HOSTS, "These smart hosts"));
		Map<String, String> restrictions = new LinkedHashMap<>();
		restrictions.put(SettingsForm.NONE, "From any server, over TLS");
		restrictions.put(SettingsForm.CERTIFICATE, "Only with a certificate that has this name");
		restrictions.put(SettingsForm.ADDRESSES, "Only from these addresses");
		model.addAttribute("restrictions", restrictions);
		return "connectors/settings";
	}

	private static <T> Map<String, String> words(List<T> values, java.util.function.Function<T, String> key,
			java.util.function.Function<T, String> words) {
		Map<String, String> map = new LinkedHashMap<>();
		values.forEach((value) -> map.put(key.apply(value), words.apply(value)));
		return map;
	}

}
