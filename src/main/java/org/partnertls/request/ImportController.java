package org.partnertls.request;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Csv;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.request.ImportFile.Column;
import org.partnertls.request.Imports.Mark;
import org.partnertls.request.Imports.Row;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Takes in partners from CSV. Until it is confirmed, the file stands in the page and
 * nowhere else.
 */
@Controller
class ImportController {

	private final Imports imports;

	private final OrganizationProperties organization;

	private final AuditLog audit;

	ImportController(Imports imports, OrganizationProperties organization, AuditLog audit) {
		this.imports = imports;
		this.organization = organization;
		this.audit = audit;
	}

	@GetMapping("/partners/imports")
	String index(Model model) {
		model.addAttribute("imports", this.imports.newest());
		return "requests/imports";
	}

	@GetMapping("/partners/imports/list.csv")
	void csv(HttpServletResponse response) throws IOException {
		this.audit.appendAlone(Act.of("partner.imports-exported"));
		try (Csv csv = Csv.attached(response, "imports", "imported at", "by", "new", "changed", "invited",
				"being invited", "not invited yet", "refused", "id")) {
			this.imports.all()
				.forEach((one) -> csv.line(one.at(), one.by(), one.all(), one.changed(), one.invited(), one.asked(),
						one.waiting() + one.doubtful(), one.refused(), one.id()));
		}
	}

	@GetMapping("/partners/imports/template.csv")
	void template(HttpServletResponse response) throws IOException {
		try (Csv csv = Csv.attached(response, "partners", titles("").toArray(String[]::new))) {
			csv.line("Example Corporation", "example.com", "Alex Example", "alex@example.com", "Our Colleague",
					"colleague@" + this.organization.primaryDomain(), "Contracts with personal data", "en");
		}
	}

	private static List<String> titles(String more) {
		List<String> titles = new ArrayList<>();
		for (Column column : Column.values()) {
			if (column != Column.UNKNOWN) {
				titles.add(column.title());
			}
		}
		if (!more.isEmpty()) {
			titles.add(more);
		}
		return titles;
	}

	@PostMapping("/partners/imports/preview")
	String preview(@RequestParam(required = false) @Nullable MultipartFile file,
			@RequestParam(defaultValue = "") String reason, SignedIn me, Model model, HttpServletResponse response)
			throws IOException {
		byte[] bytes = (file != null) ? file.getBytes() : new byte[0];
		model.addAttribute("reason", reason);
		try {
			List<Row> rows = this.imports.preview(ImportFile.read(bytes), reason.strip(), me);
			Map<Mark, Long> counts = new EnumMap<>(Mark.class);
			for (Mark mark : Mark.values()) {
				counts.put(mark, rows.stream().filter((row) -> row.mark() == mark).count());
			}
			model.addAttribute("rows", rows);
			model.addAttribute("counts", counts);
			model.addAttribute("doubtful", rows.stream().filter(Row::doubtful).count());
			model.addAttribute("fresh", counts.get(Mark.NEW));
			model.addAttribute("wrong", counts.get(Mark.ERROR));
			model.addAttribute("doing", rows.stream().filter(Row::doesSomething).count());
			model.addAttribute("content", ImportFile.text(bytes));
			return "requests/import-preview";
		}
		catch (ImportFile.Unreadable ex) {
			response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
			model.addAttribute("wrong", ex.getMessage());
			return index(model);
		}
	}

	/** The rows in error as a file to be mended, each with the reason. */
	@PostMapping("/partners/imports/failed.csv")
	void failed(@RequestParam String content, @RequestParam(defaultValue = "") String reason, SignedIn me,
			HttpServletResponse response) throws IOException {
		List<Row> rows = read(content, reason, me);
		try (Csv csv = Csv.attached(response, "partners-failed", titles("error").toArray(String[]::new))) {
			for (Row row : rows) {
				if (row.mark() == Mark.ERROR) {
					List<Object> cells = new ArrayList<>();
					for (Column column : Column.values()) {
						if (column != Column.UNKNOWN) {
							cells.add(row.line().cell(column));
						}
					}
					cells.add("Line " + row.line().number() + ". " + String.join(" ", row.problems()));
					csv.line(cells.toArray());
				}
			}
		}
	}

	@PostMapping("/partners/imports")
	String store(@RequestParam String content, @RequestParam(defaultValue = "") String reason,
			@RequestParam(defaultValue = "false") boolean invite, SignedIn me, RedirectAttributes flash) {
		List<Row> rows = read(content, reason, me);
		UUID id = this.imports.store(rows, me);
		int asked = invite ? this.imports.invite(id, null, me) : 0;
		flash.addFlashAttribute("flash",
				(asked > 0)
						? "Imported. " + asked + ((asked == 1) ? " invitation goes" : " invitations go") + " out now."
						: "Imported. Nobody has been invited yet.");
		return "redirect:/partners/imports/" + id;
	}

	private List<Row> read(String content, String reason, SignedIn me) {
		try {
			return this.imports.preview(ImportFile.read(content), reason.strip(), me);
		}
		catch (ImportFile.Unreadable ex) {
			// The page that was sent had read it.
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST, ex.getMessage(), ex);
		}
	}

	@GetMapping("/partners/imports/{id}")
	String show(@PathVariable UUID id, @RequestHeader(name = "HX-Request", required = false) @Nullable String part,
			Model model, HttpServletResponse response) {
		Imports.Import found = find(id);
		if (part != null && !found.isMoving()) {
			// The page was polling; with the last invitation all of it changes.
			response.setHeader("HX-Refresh", "true");
		}
		model.addAttribute("import", found);
		if (part == null) {
			model.addAttribute("rows", this.imports.rows(id));
		}
		return (part != null) ? "requests/import :: progress" : "requests/import";
	}

	/** The new partners of an import, and what became of each. */
	@GetMapping("/partners/imports/{id}/rows.csv")
	void rows(@PathVariable UUID id, HttpServletResponse response) throws IOException {
		find(id);
		this.audit.appendAlone(Act.of("partner.import-exported").on("partner-import", id));
		try (Csv csv = Csv.attached(response, "imported-partners", "line", "organisation", "domain", "contact name",
				"contact address", "language", "state", "problem", "look first", "partner")) {
			this.imports.rows(id)
				.forEach((row) -> csv.line(row.line(), row.organisation(), row.domain(), row.contactName(),
						row.address(), row.language(), row.state().words(), row.problem(), row.warning(),
						row.partnerId()));
		}
	}

	@PostMapping("/partners/imports/{id}/invitations")
	String invite(@PathVariable UUID id, @RequestParam(defaultValue = "false") boolean all,
			@RequestParam(name = "line", required = false) @Nullable Set<Integer> lines, SignedIn me,
			RedirectAttributes flash) {
		find(id);
		if (!all && (lines == null || lines.isEmpty())) {
			flash.addFlashAttribute("flash", "Tick the organisations to invite first.");
			flash.addFlashAttribute("flashTone", "bad");
			return "redirect:/partners/imports/" + id;
		}
		int asked = this.imports.invite(id, all ? null : lines, me);
		flash.addFlashAttribute("flash", (asked == 0) ? "There is nobody left to invite here."
				: (asked == 1) ? "The invitation goes out now." : asked + " invitations go out now, two in a second.");
		return "redirect:/partners/imports/" + id;
	}

	private Imports.Import find(UUID id) {
		return this.imports.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

}
