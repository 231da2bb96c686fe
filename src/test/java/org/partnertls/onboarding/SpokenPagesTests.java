package org.partnertls.onboarding;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.servlet.http.Cookie;
import org.htmlunit.WebClient;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.DomText;
import org.htmlunit.html.HtmlPage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.PortalTest;
import org.partnertls.account.People;
import org.partnertls.organization.Bundles;
import org.partnertls.partner.Partner;
import org.partnertls.partner.SomePartner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.request.RequestPostProcessor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Pages in a language that nobody speaks: English whose vowels have accents. A word
 * without them is data, or was forgotten in the bundles. Walks along the links of every
 * role, so that new pages are found by themselves.
 */
@PortalTest
class SpokenPagesTests {

	private static final int MOST = 400;

	// People, organisations and what they wrote, in this test and in others that share
	// its database; and names that are the same in every language.
	private static final Set<String> DATA = Set.of("amina", "okafor", "carl", "lindqvist", "ines", "tanner", "ole", "hahn",
			"olu", "owner", "contoso", "bank", "paula", "meyer", "mo", "helper");

	private static final Pattern WORD = Pattern.compile("(?<![\\p{L}\\p{M}\\d@./_:*-])\\p{L}[\\p{L}\\p{M}’']*(?![\\p{L}\\p{M}\\d@/_*]|[.-]\\p{L})");

	private static final Pattern PLAIN = Pattern.compile("(?i)[^\\u0301]*[aeiou][^\\u0301]*");

	private static final Pattern ID = Pattern.compile("[0-9a-f]{8}-[0-9a-f-]{27}|\\d+");

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	@BeforeEach
	void speak() {
		Bundles.pretend(true);
	}

	@AfterEach
	void hush() {
		Bundles.pretend(false);
	}

	@Test
	void everyWordOnEveryPageOfEveryRoleIsInTheBundles() {
		People people = People.of(this.context);
		People.Person admin = people.admin();
		Relation active = Relation.active(this.context, admin, people.admin());
		Partner starting = SomePartner.onboarding(this.context, admin.who());
		SomePartner.invited(this.context, admin.who());
		Map<String, Set<String>> forgotten = new LinkedHashMap<>();

		int staff = walk("/overview", admin.signedIn(), forgotten)
				+ walk("/partners/" + active.id, admin.signedIn(), forgotten);
		int compliance = walk("/compliance", people.compliance().signedIn(), forgotten);
		int partner = walk("/partnership", active.person.signedIn(), forgotten)
				+ walk("/tasks", people.partner(starting.id(), starting.contacts().getFirst().address()).signedIn(),
						forgotten);
		int visitor = walk("/programme", null, forgotten) + walk("/sign-in", null, forgotten);

		System.out.println("PAGES staff " + staff + " compliance " + compliance + " partner " + partner + " visitor " + visitor);
		forgotten.forEach((words, where) -> System.out.println("FORGOTTEN " + words + "   " + where));
		assertThat(staff).isGreaterThan(40);
		assertThat(partner).isGreaterThan(20);
		assertThat(visitor).isGreaterThan(15);
		assertThat(forgotten).isEmpty();
	}

	private int walk(String start, @Nullable RequestPostProcessor who, Map<String, Set<String>> forgotten) {
		Deque<String> open = new ArrayDeque<>(List.of(start));
		Set<String> seen = new LinkedHashSet<>(open);
		Map<String, Integer> alike = new HashMap<>();
		int pages = 0;
		try (WebClient browser = new WebClient()) {
			browser.getOptions().setJavaScriptEnabled(false);
			browser.getOptions().setCssEnabled(false);
			while (!open.isEmpty() && pages < MOST) {
				String path = open.pop();
				if (alike.merge(ID.matcher(path).replaceAll("#"), 1, Integer::sum) > 2) {
					continue;
				}
				var request = this.mvc.get().uri(java.net.URI.create(path)).cookie(new Cookie("language", Bundles.PSEUDO.getLanguage()));
				MvcTestResult answer = ((who != null) ? request.with(who) : request).exchange();
				String type = answer.getResponse().getContentType();
				if (answer.getResponse().getStatus() != 200 || type == null || !type.startsWith("text/html")) {
					continue;
				}
				pages++;
				HtmlPage page = browser.loadHtmlCodeIntoCurrentWindow(answer.getResponse().getContentAsString());
				read(page.getDocumentElement(), path, forgotten);
				page.getAnchors().forEach((anchor) -> {
					String href = anchor.getHrefAttribute().replaceFirst("#.*", "");
					if (href.startsWith("/") && !href.matches(".*(csv|zip|eml|ps1|txt|\\.json|/webjars/|oauth2|/sign-in/staff).*") && seen.add(href)) {
						open.add(href);
					}
				});
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return pages;
	}

	private static void read(DomNode node, String path, Map<String, Set<String>> forgotten) {
		if (node instanceof DomText text) {
			check(text.getData(), path, forgotten);
			return;
		}
		if (node instanceof DomElement element) {
			if (Set.of("script", "style", "pre", "code", "svg", "time", "textarea", "meta").contains(element.getTagName())
					|| element.getAttribute("translate").equals("no") || (" " + element.getAttribute("class") + " ").contains(" mono ")
					|| element.getId().equals("zone")) {
				return;
			}
			for (String name : List.of("title", "aria-label", "placeholder", "alt", "data-label", "data-done")) {
				check(element.getAttribute(name), path, forgotten);
			}
		}
		node.getChildren().forEach((child) -> read(child, path, forgotten));
	}

	private static void check(String text, String path, Map<String, Set<String>> forgotten) {
		String decomposed = java.text.Normalizer.normalize(text, java.text.Normalizer.Form.NFD);
		Matcher word = WORD.matcher(decomposed);
		while (word.find()) {
			if (PLAIN.matcher(word.group()).matches() && !DATA.contains(word.group().toLowerCase(java.util.Locale.ROOT))) {
				forgotten.computeIfAbsent(text.strip().replaceAll("\\s+", " "), (key) -> new LinkedHashSet<>()).add(ID.matcher(path).replaceAll("#"));
				return;
			}
		}
	}

}
