package org.partnertls.mail;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.organization.Texts;

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
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.util.HtmlUtils;

/**
 * Every letter that the portal sends, as it reads, and our own wording of it.
 */
@Controller
class LetterController {

	/** A letter stands in a frame that can do nothing. */
	private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none';"
			+ " form-action 'none'; frame-ancestors 'self'; sandbox";

	private static final int LONGEST = 6000;

	private final Letters letters;

	private final Wordings wordings;

	LetterController(Letters letters, Wordings wordings) {
		this.letters = letters;
		this.wordings = wordings;
	}

	@GetMapping("/letters")
	String index(Model model) {
		Map<Letters.Audience, List<Kind>> kinds = new LinkedHashMap<>();
		List<String> changed = this.wordings.changed();
		for (String name : this.letters.names()) {
			kinds.computeIfAbsent(Letters.Audience.of(name), (audience) -> new java.util.ArrayList<>())
				.add(kind(name, changed));
		}
		model.addAttribute("kinds", kinds);
		return "letters/index";
	}

	@GetMapping("/letters/{name}/{language}")
	String show(@PathVariable String name, @PathVariable String language, Model model) {
		Locale reader = language(name, language);
		model.addAttribute("form", form(name, reader));
		return page(name, reader, model);
	}

	/** The letter as HTML, for the frame. */
	@GetMapping("/letters/{name}/{language}/html")
	ResponseEntity<byte[]> html(@PathVariable String name, @PathVariable String language) {
		Locale reader = language(name, language);
		return framed(this.letters.render(this.letters.example(name, reader), reader).html());
	}

	/** How words would read that are not in force; nothing is kept. */
	@PostMapping("/letters/{name}/{language}/preview")
	ResponseEntity<byte[]> preview(@PathVariable String name, @PathVariable String language,
			@ModelAttribute("form") Form form) {
		Locale reader = language(name, language);
		Letters.Text text = form.text();
		List<String> problems = this.letters.problems(name, text);
		Letters.Rendered rendered = this.letters.render(this.letters.example(name, reader), text, reader);
		String subject = "<p style=\"font:600 16px system-ui,sans-serif;padding:0 16px\">"
				+ HtmlUtils.htmlEscape(rendered.subject(), "UTF-8") + "</p>";
		StringBuilder wrong = new StringBuilder();
		problems.forEach(
				(problem) -> wrong.append("<p style=\"color:#b3261e;font:16px system-ui,sans-serif;padding:0 16px\">")
					.append(HtmlUtils.htmlEscape(problem, "UTF-8"))
					.append("</p>"));
		return framed(rendered.html()
			.replaceFirst("(<body[^>]*>)", "$1" + java.util.regex.Matcher.quoteReplacement(wrong + subject)));
	}

	@PostMapping("/letters/{name}/{language}")
	String change(@PathVariable String name, @PathVariable String language, @ModelAttribute("form") Form form,
			BindingResult errors, Model model, HttpServletResponse response, RedirectAttributes flash) {
		Locale reader = language(name, language);
		Texts.line(form.subject(), 200, "Enter a subject.")
			.ifPresent((problem) -> errors.rejectValue("subject", "subject", problem));
		Texts.lines(form.body(), LONGEST, "Enter the text of the letter.")
			.ifPresent((problem) -> errors.rejectValue("body", "body", problem));
		if (!errors.hasErrors()) {
			this.letters.problems(name, form.text()).forEach((problem) -> errors.rejectValue("body", "body", problem));
		}
		if (!errors.hasErrors()) {
			String text = form.text().whole();
			boolean same = text.equals(this.letters.current(name, reader).whole());
			if (same) {
				flash.addFlashAttribute("flash", "The words are those in force already.");
				return "redirect:/letters/" + name + "/" + language;
			}
			if (this.wordings.change(name, reader, text, form.version())) {
				flash.addFlashAttribute("flash", "In force: the next letter of this kind has these words.");
				return "redirect:/letters/" + name + "/" + language;
			}
			errors.reject("stale", "Somebody else has changed these words meanwhile. Open the letter anew.");
		}
		response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
		return page(name, reader, model);
	}

	@PostMapping("/letters/{name}/{language}/reset")
	String reset(@PathVariable String name, @PathVariable String language, @RequestParam int version,
			RedirectAttributes flash) {
		Locale reader = language(name, language);
		boolean done = this.wordings.current(name, reader).isPresent()
				&& this.wordings.change(name, reader, null, version);
		flash.addFlashAttribute("flash", done ? "The portal's own words are in force again."
				: "Somebody else has changed these words meanwhile. Look at them first.");
		flash.addFlashAttribute("flashTone", done ? "good" : "wait");
		return "redirect:/letters/" + name + "/" + language;
	}

	private String page(String name, Locale reader, Model model) {
		Letters.Rendered rendered = this.letters.render(this.letters.example(name, reader), reader);
		model.addAttribute("kind", kind(name, this.wordings.changed()));
		model.addAttribute("language", reader.getLanguage());
		model.addAttribute("subject", rendered.subject());
		model.addAttribute("text", rendered.text());
		model.addAttribute("places", this.letters.places(name));
		model.addAttribute("kept", this.letters.kept(name));
		model.addAttribute("versions", this.wordings.versions(name, reader));
		model.addAttribute("own", this.wordings.current(name, reader).isPresent());
		return "letters/show";
	}

	private Form form(String name, Locale reader) {
		Letters.Text text = this.letters.current(name, reader);
		return new Form(text.subject(), text.body(),
				this.wordings.versions(name, reader)
					.stream()
					.mapToInt(Wordings.Wording::version)
					.findFirst()
					.orElse(0));
	}

	private static Kind kind(String name, List<String> changed) {
		return new Kind(name, Letters.title(name, org.partnertls.organization.Words.language()),
				Letters.LANGUAGES.stream().anyMatch((one) -> changed.contains(name + "_" + one.getLanguage())));
	}

	private Locale language(String name, String language) {
		return Letters.LANGUAGES.stream()
			.filter((one) -> one.getLanguage().equals(language) && this.letters.exists(name))
			.findFirst()
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
	}

	private static ResponseEntity<byte[]> framed(String html) {
		return ResponseEntity.ok()
			.contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
			.header("Content-Security-Policy", POLICY)
			.header("X-Frame-Options", "SAMEORIGIN")
			.body(html.getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * A letter of the list.
	 *
	 * @param title what it is, in words
	 * @param reworded whether it has words of ours in some language
	 */
	record Kind(String name, String title, boolean reworded) {
	}

	/**
	 * What was typed.
	 *
	 * @param version what it was made from
	 */
	record Form(@Nullable String subject, @Nullable String body, int version) {

		Letters.Text text() {
			String subject = (this.subject != null) ? this.subject : "";
			String body = (this.body != null) ? this.body : "";
			return Letters.Text.of(subject.strip().replaceAll("\\R", " ") + "\n" + body.replace("\t", "    "));
		}

	}

}
