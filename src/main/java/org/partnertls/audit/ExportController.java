package org.partnertls.audit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Map;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Exports of the history: of what a search finds, in one of three formats.
 */
@Controller
class ExportController {

	private final Exports exports;

	private final ExportFiles files;

	private final Proofs proofs;

	private final AuditLog audit;

	private final ActorSource actors;

	private final ZoneId zone;

	private final Clock clock;

	ExportController(Exports exports, ExportFiles files, Proofs proofs, AuditLog audit, ActorSource actors, ZoneId zone,
			Clock clock) {
		this.exports = exports;
		this.files = files;
		this.proofs = proofs;
		this.audit = audit;
		this.actors = actors;
		this.zone = zone;
		this.clock = clock;
	}

	/** Nothing is returned when the file itself was the answer. */
	@PostMapping("/history/exports")
	@Nullable String export(@RequestParam Map<String, String> form, HttpServletResponse response, RedirectAttributes flash)
			throws IOException {
		Map<String, String> filter = Search.filled(form);
		ExportFormat format;
		try {
			format = ExportFormat.of(form.getOrDefault("format", ""));
		}
		catch (IllegalArgumentException ex) {
			return back(filter, "Choose a format first.", flash);
		}
		Search.Read read = Search.read(filter, this.zone, this.clock.instant());
		if (!read.problems().isEmpty()) {
			return back(filter, String.join(" ", read.problems()), flash);
		}
		if (format == ExportFormat.JSONL && !this.proofs.signing()) {
			return back(filter, "JSON Lines carry signed proofs, and this portal has no signing key. Ask whoever runs"
					+ " it, or choose another format.", flash);
		}
		long total;
		try {
			total = this.exports.count(read.search(), Exports.SMALL + 1L);
			if (total > Exports.SMALL) {
				total = this.exports.count(read.search(), Long.MAX_VALUE);
			}
		}
		catch (History.TooMuch ex) {
			return back(filter, ex.sentence(), flash);
		}
		if (total > Exports.SMALL) {
			UUID by = UUID.fromString(this.actors.current().id());
			return "redirect:/history/exports/" + this.files.ask(by, format, filter, total);
		}
		Checkpoint checkpoint = this.proofs.sealed().orElse(null);
		if (checkpoint == null && format == ExportFormat.JSONL) {
			return back(filter, "Nothing is signed yet. Try again in a moment.", flash);
		}
		this.audit.appendAlone(ExportFiles.act("history.exported", format, filter)
			.detail("events", total)
			.detail("checkpoint", (checkpoint != null) ? checkpoint.size() : "none"));
		attach(response, format, "history-" + this.clock.instant().toString().substring(0, 10) + "." + format.ending());
		try (OutputStream out = response.getOutputStream()) {
			this.exports.write(read.search(), format, checkpoint, out, (written) -> {
			});
		}
		return null;
	}

	private static void attach(HttpServletResponse response, ExportFormat format, String name) {
		response.setContentType(format.mediaType());
		response.setHeader("Content-Disposition", "attachment; filename=\"" + name + "\"");
	}

	private static String back(Map<String, String> filter, String sentence, RedirectAttributes flash) {
		flash.addFlashAttribute("flash", sentence);
		flash.addFlashAttribute("flashTone", "bad");
		UriComponentsBuilder address = UriComponentsBuilder.fromPath("/history");
		filter.keySet().forEach((field) -> address.queryParam(field, "{" + field + "}"));
		return "redirect:" + address.encode().buildAndExpand(filter).toUriString();
	}

	@GetMapping("/history/exports")
	String list(Model model) {
		model.addAttribute("exports", this.files.of(UUID.fromString(this.actors.current().id())));
		return "history/exports";
	}

	@GetMapping("/history/exports/{id}")
	String show(@PathVariable UUID id, @RequestHeader(name = "HX-Request", required = false) @Nullable String part,
			Model model) {
		model.addAttribute("export", find(id));
		return (part != null) ? "history/export :: progress" : "history/export";
	}

	@GetMapping("/history/exports/{id}/file")
	void file(@PathVariable UUID id, HttpServletResponse response) throws IOException {
		ExportFiles.Export export = find(id);
		if (!export.isDone()) {
			throw new ResponseStatusException(HttpStatus.NOT_FOUND);
		}
		this.audit.appendAlone(ExportFiles.act("history.downloaded", export.format(), export.filter())
			.on("history-export", export.id()));
		attach(response, export.format(), export.fileName());
		try (InputStream file = this.files.file(id); OutputStream out = response.getOutputStream()) {
			file.transferTo(out);
		}
	}

	/** Found through whoever asked for it. */
	private ExportFiles.Export find(UUID id) {
		return this.files.find(id)
			.filter((export) -> export.askedBy().toString().equals(this.actors.current().id()))
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

}
