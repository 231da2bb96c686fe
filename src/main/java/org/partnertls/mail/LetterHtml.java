package org.partnertls.mail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.web.util.HtmlUtils;

/**
 * Makes the HTML of a letter from its text: paragraphs, lists, indented lines, and one
 * button for the page that the letter is about. Everything is escaped, and only our own
 * addresses become links, so that nobody can put one into a letter of ours. Nothing is
 * loaded from anywhere.
 */
final class LetterHtml {

	private static final String BUTTON = "display:inline-block;background:#0b5f73;color:#ffffff;text-decoration:none;"
			+ "padding:10px 18px;border-radius:6px;font-weight:600";

	private final Pattern ours;

	private final @Nullable String page;

	private final @Nullable String action;

	private final Locale language;

	private boolean called;

	/**
	 * Makes one letter.
	 * @param base what our own addresses begin with
	 * @param page where the button leads; null: there is none
	 * @param action what it says
	 */
	LetterHtml(String base, @Nullable String page, @Nullable String action, Locale language) {
		this.ours = Pattern.compile(Pattern.quote(base) + "(?:[^\\s<>\"]*[^\\s<>\".,;:)])?");
		this.page = page;
		this.action = action;
		this.language = language;
	}

	String of(String subject, String text) {
		StringBuilder html = new StringBuilder();
		html.append("<!doctype html>\n<html lang=\"").append(this.language.getLanguage()).append("\">\n<head>");
		html.append("<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
		html.append("<meta name=\"color-scheme\" content=\"light\"><title>");
		html.append(escape(subject)).append("</title></head>\n");
		html.append("<body style=\"margin:0;padding:24px 16px;font:16px/1.5 'Segoe UI',system-ui,sans-serif\">\n");
		html.append("<div style=\"max-width:600px;margin:0 auto;overflow-wrap:break-word\">\n");
		for (String block : text.strip().split("\n\\s*\n", -1)) {
			block(Arrays.asList(block.split("\n", -1)), html);
		}
		return html.append("</div>\n</body>\n</html>\n").toString();
	}

	/** Lines without an empty one between them may still be of several kinds. */
	private void block(List<String> lines, StringBuilder html) {
		List<String> same = new ArrayList<>();
		Kind kind = Kind.of(lines.getFirst(), Kind.PLAIN);
		for (String line : lines) {
			Kind next = Kind.of(line, kind);
			if (next != kind) {
				close(kind, same, html);
				same.clear();
				kind = next;
			}
			same.add(line);
		}
		close(kind, same, html);
	}

	private void close(Kind kind, List<String> lines, StringBuilder html) {
		if (lines.isEmpty()) {
			return;
		}
		switch (kind) {
			case PLAIN -> paragraph(String.join(" ", lines.stream().map(String::strip).toList()), html);
			case LIST -> {
				html.append("<ul>\n");
				items(lines).forEach((item) -> html.append("<li>").append(linked(item)).append("</li>\n"));
				html.append("</ul>\n");
			}
			case INDENTED -> {
				List<String> kept = lines.stream().map(String::strip).toList();
				if (kept.size() == 1 && isCall(kept.getFirst())) {
					button(html);
					return;
				}
				html.append("<p style=\"margin:16px 0;padding-left:16px;border-left:3px solid #8fd3e1\">");
				html.append(String.join("<br>\n", kept.stream().map(this::linked).toList())).append("</p>\n");
			}
		}
	}

	/** A line that goes on from an item belongs to it. */
	private static List<String> items(List<String> lines) {
		List<String> items = new ArrayList<>();
		for (String line : lines) {
			if (line.startsWith("- ")) {
				items.add(line.substring(2).strip());
			}
			else {
				items.addLast(items.removeLast() + " " + line.strip());
			}
		}
		return items;
	}

	private void paragraph(String words, StringBuilder html) {
		Matcher link = this.ours.matcher(words);
		while (link.find()) {
			if (isCall(link.group())) {
				String before = words.substring(0, link.start()).strip();
				String after = words.substring(link.end()).strip().replaceFirst("^\\.\\s*", "");
				if (!before.isEmpty()) {
					html.append("<p>").append(linked(before)).append("</p>\n");
				}
				button(html);
				if (!after.isEmpty()) {
					html.append("<p>").append(linked(after)).append("</p>\n");
				}
				return;
			}
		}
		html.append("<p>").append(linked(words)).append("</p>\n");
	}

	/** The first place where the page stands calls to it. */
	private boolean isCall(String url) {
		return !this.called && this.action != null && url.equals(this.page);
	}

	private void button(StringBuilder html) {
		this.called = true;
		String url = escape(String.valueOf(this.page));
		html.append("<p style=\"margin:24px 0\"><a href=\"").append(url).append("\" style=\"").append(BUTTON);
		html.append("\">").append(escape(String.valueOf(this.action))).append("</a><br>");
		html.append("<small>").append(url).append("</small></p>\n");
	}

	private String linked(String words) {
		Matcher link = this.ours.matcher(words);
		StringBuilder html = new StringBuilder();
		int from = 0;
		while (link.find()) {
			String url = escape(link.group());
			html.append(escape(words.substring(from, link.start())));
			html.append("<a href=\"").append(url).append("\">").append(url).append("</a>");
			from = link.end();
		}
		return html.append(escape(words.substring(from))).toString();
	}

	private static String escape(String words) {
		return HtmlUtils.htmlEscape(words, "UTF-8");
	}

	/** What a line is. */
	private enum Kind {

		PLAIN, LIST, INDENTED;

		static Kind of(String line, Kind before) {
			if (line.startsWith("- ")) {
				return LIST;
			}
			if (line.startsWith("    ")) {
				return INDENTED;
			}
			return (before == LIST && line.startsWith("  ")) ? LIST : PLAIN;
		}

	}

}
