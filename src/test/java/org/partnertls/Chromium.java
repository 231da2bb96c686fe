package org.partnertls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import com.deque.html.axecore.args.AxeRunOptions;
import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ViewportSize;
import org.junit.jupiter.api.Assumptions;

/**
 * Debian's Chromium without a window, and what is looked at on each page: no script or
 * policy error, nothing serious found by axe, nothing wider than the screen. Screenshots
 * go to {@code target/screenshots}.
 */
final class Chromium implements AutoCloseable {

	private static final Path PROGRAM = Path.of("/usr/bin/chromium");

	/**
	 * What is drawn of each page: {@code none} by default, since it takes longest;
	 * {@code two} draws it wide in light and narrow in dark, {@code all} in all four
	 * forms. {@code walk} does not look at pages at all, for whoever mends a journey.
	 */
	private static final String SHOTS = System.getProperty("test.screenshots", "none");

	private final Playwright playwright;

	private final Browser browser;

	private final List<String> problems = new ArrayList<>();

	private Chromium() {
		this.playwright = Playwright
			.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
		this.browser = this.playwright.chromium()
			.launch(new BrowserType.LaunchOptions().setExecutablePath(PROGRAM)
				.setHeadless(true)
				.setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-background-networking",
						"--disable-component-update", "--disable-sync", "--no-first-run")));
	}

	/**
	 * Starts the browser. Where there is none the test is skipped with a printed reason,
	 * or fails if the build demands one.
	 */
	static Chromium start() {
		if (!Files.isExecutable(PROGRAM)) {
			String reason = "Skipped: no browser at " + PROGRAM + ". Install Debian's chromium to run this test.";
			if (Boolean.getBoolean("test.browser.required")) {
				throw new IllegalStateException(reason);
			}
			System.out.println(reason);
			Assumptions.abort(reason);
		}
		// All tests share two cores.
		PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
		return new Chromium();
	}

	/** A person at a browser of their own. */
	Page person() {
		BrowserContext context = this.browser
			.newContext(new Browser.NewContextOptions().setViewportSize(1280, 900).setLocale("en-GB"));
		Page page = context.newPage();
		page.onConsoleMessage((message) -> {
			if (message.type().equals("error") && !message.text().contains("status of 4")) {
				this.problems.add(page.url() + ": " + message.text());
			}
		});
		page.onPageError((error) -> this.problems.add(page.url() + ": " + error));
		return page;
	}

	/**
	 * Looks at the page that is open, wide and narrow.
	 * @param name of the screenshots
	 */
	void look(Page page, String name) {
		if (SHOTS.equals("walk")) {
			return;
		}
		ViewportSize size = page.viewportSize();
		look(page, name, ColorScheme.LIGHT);
		// The colours of both come from one list of names, and the width is the same, so
		// that dark pages are looked at where somebody wants to see them.
		if (!SHOTS.equals("none")) {
			look(page, name, ColorScheme.DARK);
			page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
		}
		page.setViewportSize(size.width, size.height);
	}

	private void look(Page page, String name, ColorScheme scheme) {
		page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
		for (int width : new int[] { 390, 1280 }) {
			page.setViewportSize(width, 900);
			if (SHOTS.equals("all") || (SHOTS.equals("two") && (scheme == ColorScheme.DARK) == (width == 390))) {
				shoot(page, name + "-" + width + ((scheme == ColorScheme.DARK) ? "-dark" : ""));
			}
			int wide = ((Number) page.evaluate("document.documentElement.scrollWidth")).intValue();
			if (wide > width) {
				this.problems.add(name + ": " + wide + " pixels wide on a screen of " + width);
			}
		}
		// No page has a frame, so that nothing has to be gathered from elsewhere, which
		// opens one more page each time.
		AxeRunOptions onlyWhatIsWrong = new AxeRunOptions();
		onlyWhatIsWrong.setResultTypes(List.of("violations"));
		for (Rule rule : new AxeBuilder(page).setLegacyMode(true).options(onlyWhatIsWrong).analyze().getViolations()) {
			if (List.of("serious", "critical").contains(rule.getImpact())) {
				this.problems.add(name + " (" + scheme + "): " + rule.getId() + " " + rule.getHelp() + " "
						+ rule.getNodes().getFirst().getHtml());
			}
		}
	}

	private static void shoot(Page page, String name) {
		try {
			Path folder = Files.createDirectories(Path.of("target/screenshots"));
			page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(folder.resolve(name + ".png")));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The address and the words of every page that is open. */
	String where() {
		return this.browser.contexts()
			.stream()
			.flatMap((context) -> context.pages().stream())
			.map((page) -> page.url() + "\n" + page.locator("body").innerText())
			.collect(Collectors.joining("\n\n"));
	}

	/** What was found on all pages looked at. */
	List<String> problems() {
		return this.problems;
	}

	@Override
	public void close() {
		this.browser.close();
		this.playwright.close();
	}

}
