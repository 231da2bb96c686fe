package org.partnertls.connector;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.ActorSource;
import org.partnertls.exchange.ExchangeOnline;

import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
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
 * Script mode: the script of a change to take away, and the tenant as an administrator
 * pastes it back.
 */
@Controller
class HandworkController {

	private static final int MOST_CHARACTERS = 2 * 1024 * 1024;

	private final Connectors connectors;

	private final Readings readings;

	private final Handwork handwork;

	private final DriftCheck drift;

	private final ExchangeOnline exchange;

	private final ActorSource actors;

	HandworkController(Connectors connectors, Readings readings, Handwork handwork, DriftCheck drift,
			ExchangeOnline exchange, ActorSource actors) {
		this.connectors = connectors;
		this.readings = readings;
		this.handwork = handwork;
		this.drift = drift;
		this.exchange = exchange;
		this.actors = actors;
	}

	/** The script as a file. */
	@GetMapping("/changes/{id}/script")
	ResponseEntity<byte[]> script(@PathVariable UUID id) {
		ChangeView change = this.connectors.find(id)
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		String name = "partner-tls-" + change.hash().substring(0, 12) + ".ps1";
		return ResponseEntity.ok()
			.contentType(MediaType.TEXT_PLAIN)
			.header(HttpHeaders.CONTENT_DISPOSITION, ContentDisposition.attachment().filename(name).build().toString())
			.body((String.join("\r\n", this.connectors.script(change.plan())) + "\r\n")
				.getBytes(StandardCharsets.US_ASCII));
	}

	@GetMapping("/tenant-readings")
	String show(Model model) {
		model.addAttribute("form", new ReadingForm("", ""));
		return page(model);
	}

	@PostMapping("/tenant-readings")
	String take(@ModelAttribute("form") ReadingForm form, BindingResult errors, Model model,
			HttpServletResponse response, RedirectAttributes flash) {
		check("outbound", form.outbound(), errors, ExchangeOnline::readOutbound);
		check("inbound", form.inbound(), errors, ExchangeOnline::readInbound);
		if (errors.hasErrors() || form.outbound() == null || form.inbound() == null) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			return page(model);
		}
		Readings.Reading reading = this.readings.keep(form.outbound(), form.inbound(), this.actors.current());
		List<String> missing = List.of();
		if (!this.exchange.configured()) {
			missing = this.handwork.take(reading);
			this.drift.compare(reading.tenant(), reading.at());
		}
		flash.addFlashAttribute("flash",
				"Read " + count(reading, Direction.OUTBOUND) + " outbound and " + count(reading, Direction.INBOUND)
						+ " inbound connectors."
						+ (missing.isEmpty() ? "" : " Not everything is done yet; see below."));
		flash.addFlashAttribute("flashTone", missing.isEmpty() ? "good" : "wait");
		flash.addFlashAttribute("missing", missing);
		return "redirect:/tenant-readings";
	}

	private static void check(String field, @Nullable String text, BindingResult errors,
			java.util.function.Consumer<String> reader) {
		if (text == null || text.isBlank()) {
			errors.rejectValue(field, "missing", "Paste it here. Without any connector it is [].");
			return;
		}
		if (text.length() > MOST_CHARACTERS) {
			errors.rejectValue(field, "long", "This is longer than the connectors of a whole tenant can be.");
			return;
		}
		try {
			reader.accept(text);
		}
		catch (IllegalArgumentException ex) {
			errors.rejectValue(field, "unreadable", String.valueOf(ex.getMessage()));
		}
	}

	private static int count(Readings.Reading reading, Direction direction) {
		return reading.tenant().of(direction).size();
	}

	private String page(Model model) {
		model.addAttribute("reading", this.readings.latest().orElse(null));
		model.addAttribute("connected", this.exchange.configured());
		model.addAttribute("connectLine", PowerShell.connect(this.exchange.environment()));
		model.addAttribute("outboundLine", PowerShell.readLine(Direction.OUTBOUND));
		model.addAttribute("inboundLine", PowerShell.readLine(Direction.INBOUND));
		return "connectors/reading";
	}

	/** Both texts as they were pasted. */
	record ReadingForm(@Nullable String outbound, @Nullable String inbound) {
	}

}
