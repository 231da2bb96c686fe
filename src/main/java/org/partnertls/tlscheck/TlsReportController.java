package org.partnertls.tlscheck;

import java.io.IOException;
import java.util.Optional;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Csv;
import org.partnertls.organization.DomainName;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Where staff take in the TLS reports of others.
 */
@Controller
class TlsReportController {

	private static final int SHOWN = 100;

	private static final int MAX_ZIPPED = 1024 * 1024;

	private final TlsReports reports;

	private final TlsWatch watch;

	private final AuditLog audit;

	TlsReportController(TlsReports reports, TlsWatch watch, AuditLog audit) {
		this.reports = reports;
		this.watch = watch;
		this.audit = audit;
	}

	@GetMapping("/tls-checks/reports")
	String index(Model model) {
		return page(model, null, null, "");
	}

	@GetMapping("/tls-checks/reports/list.csv")
	void csv(HttpServletResponse response) throws IOException {
		this.audit.appendAlone(Act.of("tlscheck.reports-exported"));
		try (Csv csv = Csv.attached(response, "tls-reports", "from", "report", "first time", "last time", "about",
				"good", "failed", "failures", "left out", "taken in at", "id")) {
			this.reports.newest(Integer.MAX_VALUE)
				.forEach((report) -> csv.line(report.organization(), report.reportId(), report.from(), report.to(),
						report.domains(), report.succeeded(), report.failed(), report.types(), report.leftOut(),
						report.at(), report.id()));
		}
	}

	@PostMapping("/tls-checks/reports")
	String take(@RequestParam(required = false) @Nullable MultipartFile file,
			@RequestParam(defaultValue = "") String about, SignedIn person, Model model, RedirectAttributes flash,
			HttpServletResponse response) throws IOException {
		String wrongAbout = null;
		DomainName domain = null;
		if (!about.isBlank()) {
			domain = watched(about).orElse(null);
			wrongAbout = (domain == null) ? "No domain of this name is watched. Leave it empty if you are not sure."
					: null;
		}
		String wrongFile = (file == null || file.isEmpty()) ? "Choose the file that came with the report."
				: (file.getSize() > MAX_ZIPPED) ? "The file has more than 1 MiB, which no honest report has." : null;
		if (wrongFile == null && wrongAbout == null && file != null) {
			try {
				Optional<TlsReport> taken = this.reports.take(file.getBytes(), domain, person);
				flash.addFlashAttribute("flash", taken.map(TlsReportController::words)
					.orElse("This very report was taken in before; it does not count twice."));
				flash.addFlashAttribute("flashTone", taken.isPresent() ? "good" : "wait");
				return "redirect:/tls-checks/reports";
			}
			catch (TlsReport.Unreadable ex) {
				wrongFile = ex.sentence();
			}
		}
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return page(model, wrongFile, wrongAbout, about);
	}

	private static String words(TlsReport report) {
		return "Taken in: " + report.organization() + " reports " + report.succeeded() + " good sessions and "
				+ report.failed() + " that failed."
				+ ((report.leftOut() > 0) ? " " + report.leftOut() + " entries could not be used." : "");
	}

	private Optional<WatchedDomain> find(String typed) {
		try {
			return this.watch.find(DomainName.of(typed.strip())).filter(WatchedDomain::watched);
		}
		catch (IllegalArgumentException ex) {
			return Optional.empty();
		}
	}

	private Optional<DomainName> watched(String typed) {
		return find(typed).map(WatchedDomain::domain);
	}

	private String page(Model model, @Nullable String wrongFile, @Nullable String wrongAbout, String about) {
		model.addAttribute("reports", this.reports.newest(SHOWN));
		model.addAttribute("wrongFile", wrongFile);
		model.addAttribute("wrongAbout", wrongAbout);
		model.addAttribute("about", about);
		return "tlscheck/reports";
	}

}
