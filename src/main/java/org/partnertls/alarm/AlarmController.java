package org.partnertls.alarm;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.Directory;
import org.partnertls.account.Role;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.mail.MailProperties;
import org.partnertls.organization.Csv;
import org.partnertls.organization.Texts;

import org.springframework.data.domain.Limit;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * The list of alarms, each of them, and who is told.
 */
@Controller
class AlarmController {

	private static final int PAGE = 50;

	private final Alarms alarms;

	private final AlarmWatch watch;

	private final Deliveries deliveries;

	private final AlarmProperties settings;

	private final MailProperties mail;

	private final Directory directory;

	private final AuditLog audit;

	AlarmController(Alarms alarms, AlarmWatch watch, Deliveries deliveries, AlarmProperties settings,
			MailProperties mail, Directory directory, AuditLog audit) {
		this.alarms = alarms;
		this.watch = watch;
		this.deliveries = deliveries;
		this.settings = settings;
		this.mail = mail;
		this.directory = directory;
		this.audit = audit;
	}

	@GetMapping("/alarms")
	String index(@RequestParam(defaultValue = "OPEN") String state, @RequestParam(defaultValue = "") String cause,
			@RequestParam(defaultValue = "") String partner, @RequestParam(defaultValue = "") String before,
			Model model) {
		Filter filter = Filter.of(state, cause, partner);
		List<AlarmView> found = find(filter, uuid(before), PAGE + 1);
		List<AlarmView> shown = found.subList(0, Math.min(PAGE, found.size()));
		model.addAttribute("alarms", shown);
		model.addAttribute("people", people(shown));
		model.addAttribute("filter", filter);
		Map<String, String> states = new LinkedHashMap<>();
		Arrays.stream(Alarm.State.values()).forEach((one) -> states.put(one.name(), one.words()));
		model.addAttribute("states", states);
		model.addAttribute("causes", Cause.values());
		model.addAttribute("csv", filter.address("/alarms/list.csv", null));
		model.addAttribute("newer", before.isEmpty() ? null : filter.address("/alarms", null));
		model.addAttribute("older",
				(found.size() > PAGE) ? filter.address("/alarms", shown.getLast().id().toString()) : null);
		return "alarms/index";
	}

	@GetMapping("/alarms/list.csv")
	void csv(@RequestParam(defaultValue = "") String state, @RequestParam(defaultValue = "") String cause,
			@RequestParam(defaultValue = "") String partner, HttpServletResponse response) throws IOException {
		Filter filter = Filter.of(state, cause, partner);
		this.audit.appendAlone(Act.of("alarm.exported").detail("state", filter.stateName()));
		try (Csv csv = Csv.attached(response, "alarms", "alarm", "partner", "sentence", "state", "since", "opened at",
				"escalated at", "acknowledged at", "closed at", "id")) {
			List<AlarmView> portion = find(filter, null, 500);
			while (!portion.isEmpty()) {
				portion.forEach((one) -> csv.line(one.cause().words(), one.partnerName(), one.sentence(),
						one.stateWords(), one.since(), one.openedAt(), one.escalatedAt(), one.acknowledgedAt(),
						one.closedAt(), one.id()));
				portion = (portion.size() < 500) ? List.of() : find(filter, portion.getLast().id(), 500);
			}
		}
	}

	@GetMapping("/alarms/{id:[0-9a-f-]{36}}")
	String show(@PathVariable UUID id, SignedIn person, Model model) {
		model.addAttribute("form", new Form(""));
		return page(id, person, model);
	}

	@PostMapping("/alarms/{id:[0-9a-f-]{36}}/acknowledgement")
	String acknowledge(@PathVariable UUID id, @ModelAttribute("form") Form form, BindingResult errors, SignedIn person,
			Model model, HttpServletResponse response, RedirectAttributes flash) {
		String note = (form.note() != null) ? form.note().strip() : "";
		if (!note.isEmpty()) {
			Texts.lines(note, 1000, "").ifPresent((problem) -> errors.rejectValue("note", "note", problem));
		}
		if (errors.hasErrors()) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return page(id, person, model);
		}
		Optional<String> problem = this.watch.acknowledge(id, person, note.isEmpty() ? null : note);
		flash.addFlashAttribute("flash", problem.orElse("Acknowledged: it is yours, and nobody else is called."));
		if (problem.isPresent()) {
			flash.addFlashAttribute("flashTone", "wait");
		}
		return "redirect:/alarms/" + id;
	}

	@GetMapping("/alarms/settings")
	String settings(SignedIn person, Model model) {
		model.addAttribute("settings", this.settings);
		model.addAttribute("addresses", !this.settings.addresses().isEmpty() ? this.settings.addresses()
				: Optional.ofNullable(this.mail.administrators()).stream().toList());
		Map<String, List<Delivery.View>> told = new LinkedHashMap<>();
		this.settings.webhooks()
			.forEach((hook) -> told.put(hook.name(),
					this.deliveries.findByHookOrderByCreatedAtDesc(hook.name(), Limit.of(10))
						.stream()
						.map(Delivery::view)
						.toList()));
		model.addAttribute("told", told);
		model.addAttribute("admin", person.is(Role.ADMIN));
		return "alarms/settings";
	}

	@PostMapping("/alarms/webhooks/{name}/test")
	String test(@PathVariable String name, RedirectAttributes flash) {
		this.watch.test(this.settings.webhook(name).orElseThrow(UnknownAlarm::new));
		flash.addFlashAttribute("flash", "A test is on its way. Look below in a few seconds what came of it.");
		flash.addFlashAttribute("flashTone", "wait");
		return "redirect:/alarms/settings";
	}

	private String page(UUID id, SignedIn person, Model model) {
		AlarmView alarm = this.alarms.findById(id).orElseThrow(UnknownAlarm::new).view();
		model.addAttribute("alarm", alarm);
		model.addAttribute("people", people(List.of(alarm)));
		model.addAttribute("deliveries",
				this.deliveries.findByAlarmIdOrderByIdDesc(id).stream().map(Delivery::view).toList());
		model.addAttribute("admin", person.is(Role.ADMIN));
		return "alarms/show";
	}

	/** Who acknowledged, by their ids. */
	private Map<UUID, String> people(List<AlarmView> shown) {
		Map<UUID, String> people = new LinkedHashMap<>();
		for (AlarmView alarm : shown) {
			UUID by = alarm.acknowledgedBy();
			if (by != null) {
				people.computeIfAbsent(by,
						(id) -> this.directory.find(id).map(Directory.Person::name).orElse("a former colleague"));
			}
		}
		return people;
	}

	private List<AlarmView> find(Filter filter, @Nullable UUID before, int most) {
		return this.alarms.find(filter.state(), filter.cause(), filter.partner(), before, Limit.of(most))
			.stream()
			.map(Alarm::view)
			.toList();
	}

	private static @Nullable UUID uuid(String typed) {
		try {
			return UUID.fromString(typed);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/** What was typed. */
	record Form(@Nullable String note) {
	}

	/**
	 * Which alarms a list shows; null stands for any.
	 */
	record Filter(Alarm.@Nullable State state, @Nullable Cause cause, @Nullable UUID partner) {

		static Filter of(String state, String cause, String partner) {
			return new Filter(
					Arrays.stream(Alarm.State.values())
						.filter((one) -> one.name().equals(state))
						.findFirst()
						.orElse(null),
					Arrays.stream(Cause.values()).filter((one) -> one.name().equals(cause)).findFirst().orElse(null),
					uuid(partner));
		}

		public String stateName() {
			return (this.state != null) ? this.state.name() : "ANY";
		}

		public String causeName() {
			return (this.cause != null) ? this.cause.name() : "";
		}

		/** Whether it is what one sees first. */
		public boolean isUsual() {
			return this.state == Alarm.State.OPEN && this.cause == null && this.partner == null;
		}

		String address(String path, @Nullable String before) {
			Map<String, String> values = new LinkedHashMap<>();
			values.put("state", stateName());
			values.put("cause", causeName());
			values.put("partner", (this.partner != null) ? this.partner.toString() : "");
			values.put("before", (before != null) ? before : "");
			values.values().removeIf(String::isEmpty);
			UriComponentsBuilder address = UriComponentsBuilder.fromPath(path);
			values.forEach((name, value) -> address.queryParam(name, value));
			return address.encode().toUriString();
		}

	}

}
