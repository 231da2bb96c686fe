package org.partnertls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import lab.MailHub;
import lab.Neighbourhood;
import org.htmlunit.BrowserVersion;
import org.htmlunit.WebClient;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.HtmlAnchor;
import org.htmlunit.html.HtmlButton;
import org.htmlunit.html.HtmlCheckBoxInput;
import org.htmlunit.html.HtmlInput;
import org.htmlunit.html.HtmlPage;
import org.htmlunit.html.HtmlRadioButtonInput;
import org.htmlunit.html.HtmlSelect;
import org.htmlunit.html.HtmlTextArea;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Somebody who uses the portal, with a browser of their own that runs no script, and with
 * their mail. Reads what the pages say and presses what stands on them.
 */
final class Visitor implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(90);

	/** A one-time code on a line of its own. */
	private static final Pattern CODE = Pattern.compile("(?m)^\\s+([A-Z0-9]{4}[ -]?[A-Z0-9]{4})\\s*$");

	private final WebClient browser = new WebClient(BrowserVersion.FIREFOX);

	private final URI portal;

	private final Neighbourhood neighbourhood;

	private HtmlPage page;

	Visitor(URI portal, Neighbourhood neighbourhood) {
		this.portal = portal;
		this.neighbourhood = neighbourhood;
		this.browser.getOptions().setJavaScriptEnabled(false);
		this.browser.getOptions().setCssEnabled(false);
		this.browser.getOptions().setThrowExceptionOnFailingStatusCode(false);
		this.browser.getOptions().setTimeout((int) PATIENCE.toMillis());
	}

	// What they do

	Visitor open(String path) {
		return arrive(() -> this.browser.getPage(this.portal.resolve(path).toString()));
	}

	Visitor follow(String link) {
		return arrive(element(HtmlAnchor.class, "//a[contains(normalize-space(), \"" + link + "\")]")::click);
	}

	Visitor press(String button) {
		return arrive(element(HtmlButton.class, "//button[starts-with(normalize-space(), \"" + button + "\")]")::click);
	}

	/**
	 * Sends a form by one of its buttons to where the form itself leads, as somebody
	 * would whose page has not the button for it.
	 */
	Visitor forge(String button) {
		element(HtmlButton.class, "//button[starts-with(normalize-space(), \"" + button + "\")]")
			.removeAttribute("formaction");
		return press(button);
	}

	Visitor type(String field, String value) {
		switch (element(DomElement.class, "//*[@name='" + field + "' and not(@type='hidden')]")) {
			case HtmlTextArea area -> area.setText(value);
			case HtmlInput input -> input.setValue(value);
			default -> throw new AssertionError("“" + field + "” takes no text.");
		}
		return this;
	}

	/** Chooses from a list, among radio buttons or check boxes. */
	Visitor choose(String field, String value) {
		switch (element(DomElement.class, "//select[@name='" + field + "'] | //input[@name='" + field + "' and @value='"
				+ value + "' and not(@type='hidden')]")) {
			case HtmlSelect select -> select.setSelectedAttribute(value, true);
			case HtmlRadioButtonInput radio -> radio.setChecked(true);
			case HtmlCheckBoxInput box -> box.setChecked(true);
			default -> throw new AssertionError("“" + field + "” offers no choice.");
		}
		return this;
	}

	/** Looks at a page again and again, until it says so. */
	Visitor openUntil(String path, Predicate<Visitor> saysSo) {
		await(path).atMost(PATIENCE)
			.pollInterval(Duration.ofMillis(300))
			.failFast(() -> assertThat(open(path).status()).as(path).isEqualTo(200))
			.untilAsserted(() -> assertThat(saysSo.test(this)).as(this::text).isTrue());
		return this;
	}

	Visitor signInAsStaff(String name) {
		return open("/sign-in").follow("Sign in with your work account").press(name);
	}

	Visitor signInByCode(String address) {
		return open("/sign-in").type("address", address).askForCode(address).press("Sign in");
	}

	/** Presses for a code, reads it in the mail and types it. */
	Visitor askForCode(String address) {
		long before = newestLetter();
		press("Send me a code");
		String letter = letter(address, before, "Your code").text();
		Matcher code = CODE.matcher(letter);
		assertThat(code.find()).as(letter).isTrue();
		return type("code", code.group(1));
	}

	Visitor signOut() {
		arrive(element(HtmlButton.class, "//form[contains(@action, '/logout')]//button")::click);
		assertThat(path()).isEqualTo("/signed-out");
		return this;
	}

	// What they see

	/** What the page says, but for its frame. */
	String text() {
		DomElement main = this.page.getFirstByXPath("//main");
		return (main != null) ? main.getParentNode().asNormalizedText() : this.page.asNormalizedText();
	}

	boolean reads(String words) {
		return text().contains(words);
	}

	Visitor mustRead(String... words) {
		assertThat(text()).contains(words);
		return this;
	}

	boolean hasButton(String button) {
		return this.page.getFirstByXPath("//button[starts-with(normalize-space(), \"" + button + "\")]") != null;
	}

	String textOf(String id) {
		return element(DomElement.class, "//*[@id='" + id + "']").getTextContent().strip();
	}

	String path() {
		return this.page.getUrl().getPath();
	}

	int status() {
		return this.page.getWebResponse().getStatusCode();
	}

	boolean hasCookie(String name) {
		return this.browser.getCookieManager().getCookie(name) != null;
	}

	/** Waits for a letter from the portal. */
	MailHub.StoredMail letter(String to, long after, String subject) {
		AtomicReference<MailHub.StoredMail> found = new AtomicReference<>();
		await("“" + subject + "” to " + to).atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> {
			this.neighbourhood.mail()
				.outgoing()
				.stream()
				.filter((mail) -> Long.parseLong(mail.id()) > after && mail.to().contains(to)
						&& mail.subject().contains(subject))
				.findFirst()
				.ifPresent(found::set);
			return found.get() != null;
		});
		return found.get();
	}

	long newestLetter() {
		return this.neighbourhood.mail()
			.outgoing()
			.stream()
			.mapToLong((mail) -> Long.parseLong(mail.id()))
			.max()
			.orElse(0);
	}

	@Override
	public void close() {
		this.browser.close();
	}

	private <T extends DomElement> T element(Class<T> type, String xpath) {
		Object found = this.page.getFirstByXPath(xpath);
		assertThat(found).as("%s on %s: %s", xpath, this.page.getUrl(), text()).isInstanceOf(type);
		return type.cast(found);
	}

	private Visitor arrive(Way way) {
		try {
			this.page = way.take();
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private interface Way {

		HtmlPage take() throws IOException;

	}

}
