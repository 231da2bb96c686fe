package lab;

import org.webjars.WebJarVersionLocator;

import org.springframework.web.util.HtmlUtils;

/**
 * The frame of the lab's own pages, in the portal's colours.
 */
final class LabLayout {

	private static final WebJarVersionLocator WEBJARS = new WebJarVersionLocator();

	/** For pages that load and post to nothing but themselves. */
	static final String POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self';"
			+ " img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

	private LabLayout() {
	}

	/**
	 * A page.
	 * @param navigation HTML for the bar, may be empty
	 * @param body HTML
	 */
	static String page(String title, String navigation, String body) {
		return """
				<!doctype html>
				<html lang="en-GB" data-bs-theme="auto">
				<head>
				<meta charset="utf-8">
				<meta name="viewport" content="width=device-width, initial-scale=1">
				<meta name="color-scheme" content="light dark">
				<title>%s · Lab</title>
				<link rel="icon" type="image/svg+xml" href="/favicon.svg">
				<link rel="stylesheet" href="%s">
				<link rel="stylesheet" href="%s">
				<link rel="stylesheet" href="/css/portal.css">
				<script src="/js/portal.js"></script>
				</head>
				<body>
				<a class="skip" href="#content">Skip to content</a>
				<header class="topbar"><div>
				<a class="brand" href="/"><span>The lab <small>· not the real world</small></span></a>
				%s
				</div></header>
				<main class="page mx-auto" id="content" tabindex="-1">
				%s
				</main>
				</body>
				</html>
				""".formatted(escape(title), webjar("bootstrap", "css/bootstrap.min.css"),
				webjar("bootstrap-icons", "font/bootstrap-icons.min.css"), navigation, body);
	}

	/** Text for between tags and in attributes. */
	static String escape(Object text) {
		return HtmlUtils.htmlEscape(String.valueOf(text), "UTF-8");
	}

	private static String webjar(String name, String file) {
		return "/webjars/" + WEBJARS.path(name, file);
	}

}
