package org.partnertls.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Properties;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskInstanceId;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.audit.Act;
import org.partnertls.audit.AuditLog;
import org.partnertls.organization.Csv;
import org.partnertls.organization.Retries;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.EncodedResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Durable work: what failed so often that a person has to look, and what is under way.
 */
@Controller
class JobsController {

	/** What each task does, by its name. */
	static final Properties TITLES = titles();

	private final JdbcClient jdbc;

	private final SchedulerClient scheduler;

	private final AuditLog audit;

	private final Clock clock;

	JobsController(JdbcClient jdbc, SchedulerClient scheduler, AuditLog audit, Clock clock) {
		this.jdbc = jdbc;
		this.scheduler = scheduler;
		this.audit = audit;
		this.clock = clock;
	}

	@GetMapping("/jobs")
	@Transactional(readOnly = true)
	String index(Model model) {
		List<Job> jobs = jobs(200);
		model.addAttribute("parked", jobs.stream().filter(Job::parked).toList());
		model.addAttribute("others", jobs.stream().filter((job) -> !job.parked()).toList());
		return "jobs/index";
	}

	@GetMapping("/jobs/list.csv")
	void csv(HttpServletResponse response) throws IOException {
		this.audit.appendAlone(Act.of("job.exported"));
		try (Csv csv = Csv.attached(response, "jobs", "work", "for", "state", "due at", "last done at",
				"last failed at", "failures")) {
			jobs(100_000).forEach((job) -> csv.line(job.title(), job.instance(), job.state(), job.due(),
					job.lastSuccess(), job.lastFailure(), job.failures()));
		}
	}

	private List<Job> jobs(int most) {
		return this.jdbc.sql("""
				select task_name, task_instance, execution_time, picked, last_success, last_failure,
					coalesce(consecutive_failures, 0) as failures
				from scheduled_tasks order by coalesce(consecutive_failures, 0) desc, execution_time limit ?""")
			.param(most)
			.query((row, number) -> new Job(row.getString("task_name"), row.getString("task_instance"),
					row.getObject("execution_time", OffsetDateTime.class).toInstant(), row.getBoolean("picked"),
					instant(row.getObject("last_success", OffsetDateTime.class)),
					instant(row.getObject("last_failure", OffsetDateTime.class)), row.getInt("failures")))
			.list();
	}

	@PostMapping("/jobs/retry")
	@Transactional
	String retry(@RequestParam String name, @RequestParam String instance, RedirectAttributes flash) {
		int freed = this.jdbc
			.sql("update scheduled_tasks set consecutive_failures = 0 where task_name = ? and task_instance = ?"
					+ " and consecutive_failures >= ?")
			.params(name, instance, Retries.LIMIT)
			.update();
		if (freed == 0) {
			throw new ResponseStatusException(HttpStatus.NOT_FOUND);
		}
		this.scheduler.reschedule(TaskInstanceId.of(name, instance), this.clock.instant());
		this.audit.append(Act.of("job.retried").on("job", name + " " + instance));
		flash.addFlashAttribute("flash", "The work is due now and starts within seconds.");
		return "redirect:/jobs";
	}

	private static Properties titles() {
		try {
			return PropertiesLoaderUtils.loadProperties(
					new EncodedResource(new ClassPathResource("job-titles.properties"), StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
		return (time != null) ? time.toInstant() : null;
	}

	/** A piece of durable work. */
	record Job(String name, String instance, Instant due, boolean running, @Nullable Instant lastSuccess,
			@Nullable Instant lastFailure, int failures) {

		boolean parked() {
			return this.failures >= Retries.LIMIT;
		}

		/** What it does, in words. */
		public String title() {
			return TITLES.getProperty(this.name, this.name);
		}

		/** Whether it comes again by itself, for nobody in particular. */
		public boolean recurring() {
			return this.instance.equals("recurring");
		}

		public String state() {
			return parked() ? "Needs attention"
					: this.running ? "Running" : (this.failures > 0) ? "Trying again" : "Planned";
		}

		public String tone() {
			return parked() ? "bad" : (this.failures > 0) ? "wait" : this.running ? "good" : "idle";
		}

	}

}
