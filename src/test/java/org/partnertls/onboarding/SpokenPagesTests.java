package org.partnertls.onboarding;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
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
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.request.RequestPostProcessor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Pages in a language that nobody speaks: English whose vowels have accents. A word
 * without them is data, or was forgotten in the bundles. And nothing but words may differ
 * from the English page. Walks along the links of every role, so that new pages are found
 * by themselves. Of pages that list what other tests have made, rows are not read.
 */
@PortalTest
class SpokenPagesTests {

	private static final int MOST = 150;

	/** Of pages that differ only in ids, numbers and the query. */
	private static final int MOST_ALIKE = 1;

	/** What people and organisations are called, in this test and in those before it. */
	private static final Pattern DATA = Pattern
		.compile("(?i)[“«]?(Partner p[0-9a-f]+\\.example|(IN|OUT)BOUND [0-9a-f-]{36}|Amina Okafor|Carl Lindqvist|"
				+ "pager|teams|Made by the Partner TLS Portal, reference [\\w-]+\\. Change it there\\.|"
				+ "Ines Tanner(, Postmaster)?|Ole Hahn|Olu Owner|Paula Meyer|Mo Helper|Contoso Bank|Known for years|"
				+ "We exchange files|Came with TLS 1\\.3 from mx)");

	/** What is called the same in every language. */
	private static final Pattern NAMES = Pattern
		.compile("Exchange (Online|Server)|Microsoft 365|Google Workspace|Postfix|Exim|Sendmail|Mimecast|"
				+ "Proofpoint Essentials|Cisco Secure Email Gateway \\(ESA\\)|Cloudflare Email Security|DANE|Administrator|Portal\\b");

	private static final Pattern WORD = Pattern
		.compile("(?<![\\p{L}\\p{M}\\d@./_:*-])\\p{L}[\\p{L}\\p{M}’']*(?![\\p{L}\\p{M}\\d@/_*]|[.-]\\p{L})");

	private static final Pattern PLAIN = Pattern.compile("(?i)[^\\u0301]*[aeiou][^\\u0301]*");

	private static final Pattern ID = Pattern.compile("[0-9a-f]{8}-[0-9a-f-]{27}|\\d+");

	private static final Set<String> READ = Set.of("title", "aria-label", "placeholder", "alt", "data-label",
			"data-done", "data-otherwise");

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private JdbcClient jdbc;

	/** What other tests have named, who share the database; the longest first. */
	private List<String> named = List.of();

	private final Map<String, String> forgotten = new LinkedHashMap<>();

	private final Map<String, String> altered = new LinkedHashMap<>();

	@BeforeEach
	void speak() {
		Bundles.pretend(true);
	}

	@AfterEach
	void hush() {
		Bundles.pretend(false);
	}

	@BeforeEach
	void readNames() {
		this.named = this.jdbc.sql("""
				select name from partnership union select owner_name from partnership
				union select owner_address from partnership union select name from contact
				union select address from contact union select name from mail_domain union select name from account
				union select address from account where address is not null
				union select organisation from partner_request union select contact_name from partner_request
				union select owner_name from exception_entry union select what from exception_entry
				union select reason from exception_entry union select partner_name from connector_drift
				union select name from connector_drift
				union select partner_name from watched_domain where partner_name is not null
				union select event::jsonb #>> '{partner,name}' from audit_event where partner_id is not null""")
			.query(String.class)
			.list()
			.stream()
			// A letter or two would be found in the middle of words.
			.filter((name) -> name.strip().length() > 2)
			.sorted(Comparator.comparingInt(String::length).reversed())
			.toList();
	}

	@Test
	void everyWordOnEveryPageOfEveryRoleIsInTheBundlesAndNothingElseChanges() {
		People people = People.of(this.context);
		People.Person admin = people.admin();
		Relation active = Relation.active(this.context, admin, people.admin());
		Partner starting = SomePartner.onboarding(this.context, admin.who());
		SomePartner.invited(this.context, admin.who());
		People.Person beginner = people.partner(starting.id(), starting.contacts().getFirst().address());

		int theirs = walk("/partners/" + active.id, admin.signedIn(), (href) -> ID.matcher(href).find(), true)
				+ walk("/partners/" + starting.id(), admin.signedIn(), (href) -> ID.matcher(href).find(), true);
		int staff = walk("/overview", admin.signedIn(), (href) -> !ID.matcher(href).find(), false);
		int compliance = walk("/compliance", people.compliance().signedIn(), (href) -> !ID.matcher(href).find(), false);
		int partner = walk("/partnership", active.person.signedIn(), (href) -> true, true)
				+ walk("/tasks", beginner.signedIn(), (href) -> true, true);
		int visitor = walk("/programme", null, (href) -> true, true) + walk("/sign-in", null, (href) -> true, true);

		assertThat(theirs).isGreaterThan(15);
		assertThat(staff).isGreaterThan(25);
		assertThat(compliance).isGreaterThan(12);
		assertThat(partner).isGreaterThan(18);
		assertThat(visitor).isGreaterThan(12);
		assertThat(this.altered).as("pages that differ in more than words").isEmpty();
		assertThat(this.forgotten).as("words that are in no bundle").isEmpty();
	}

	private int walk(String start, @Nullable RequestPostProcessor who, Predicate<String> follow, boolean withRows) {
		Deque<String> open = new ArrayDeque<>(List.of(start));
		Set<String> seen = new LinkedHashSet<>(open);
		Map<String, Integer> alike = new HashMap<>();
		int pages = 0;
		try (WebClient browser = new WebClient()) {
			browser.getOptions().setJavaScriptEnabled(false);
			browser.getOptions().setCssEnabled(false);
			while (!open.isEmpty() && pages < MOST) {
				String path = open.pop();
				if (alike.merge(shape(path), 1, Integer::sum) > MOST_ALIKE) {
					continue;
				}
				MockHttpServletResponse spoken = get(path, who, Bundles.PSEUDO.getLanguage());
				String type = spoken.getContentType();
				if (spoken.getStatus() != 200 || type == null || !type.startsWith("text/html")) {
					continue;
				}
				pages++;
				HtmlPage page = browser.loadHtmlCodeIntoCurrentWindow(spoken.getContentAsString());
				// Facts of events are records, and stay as they were written.
				if (!path.startsWith("/history")) {
					read(page.getDocumentElement(), path, withRows);
				}
				page.getAnchors()
					.stream()
					.map((anchor) -> anchor.getHrefAttribute().replaceFirst("#.*", ""))
					.filter((href) -> href.startsWith("/")
							&& !href.matches(".*(/sign-in/staff|/[\\w-]+\\.\\w+)(\\?.*)?"))
					.filter(follow)
					.filter(seen::add)
					.forEach(open::add);
				// Looking into the history is an event, so that its list is another each
				// time.
				if (path.startsWith("/history")) {
					continue;
				}
				List<String> other = skeleton(page);
				other.removeAll(
						skeleton(browser.loadHtmlCodeIntoCurrentWindow(get(path, who, "en").getContentAsString())));
				if (!other.isEmpty()) {
					this.altered.put(path, other.toString());
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return pages;
	}

	private MockHttpServletResponse get(String path, @Nullable RequestPostProcessor who, String language) {
		var request = this.mvc.get().uri(URI.create(path)).cookie(new Cookie("language", language));
		return ((who != null) ? request.with(who) : request).exchange().getResponse();
	}

	private static String shape(String path) {
		return ID.matcher(path.replaceFirst("\\?.*", "")).replaceAll("#");
	}

	private void read(DomNode node, String path, boolean withRows) {
		if (node instanceof DomText text) {
			check(text.getData(), path);
			return;
		}
		if (node instanceof DomElement element) {
			if (Set.of("script", "style", "pre", "code", "svg", "time", "textarea", "meta")
				.contains(element.getTagName()) || element.getAttribute("translate").equals("no")
					|| (!withRows && Set.of("tbody", "ol", "dl", "option").contains(element.getTagName()))
					|| (" " + element.getAttribute("class") + " ").matches(".* (mono|detail|event) .*")) {
				return;
			}
			READ.forEach((name) -> check(element.getAttribute(name), path));
		}
		node.getChildren().forEach((child) -> read(child, path, withRows));
	}

	private void check(String text, String path) {
		String words = NAMES.matcher(DATA.matcher(text).replaceAll("•")).replaceAll("•");
		if (!isPlain(words)) {
			return;
		}
		for (String name : this.named) {
			words = words.replace(name, "•");
		}
		if (isPlain(words)) {
			this.forgotten.putIfAbsent(text.strip().replaceAll("\\s+", " "), path);
		}
	}

	private static boolean isPlain(String words) {
		return WORD.matcher(Normalizer.normalize(words, Normalizer.Form.NFD))
			.results()
			.anyMatch((word) -> PLAIN.matcher(word.group()).matches());
	}

	// All but what people read, and what is made anew for each page.
	private static List<String> skeleton(HtmlPage page) {
		List<String> tags = new ArrayList<>();
		skeleton(page.getDocumentElement(), tags);
		return tags;
	}

	private static void skeleton(DomNode node, List<String> tags) {
		if (node instanceof DomElement element) {
			StringBuilder tag = new StringBuilder(element.getTagName().toLowerCase(Locale.ROOT));
			element.getAttributesMap().forEach((name, attribute) -> {
				boolean isMade = Set.of("lang", "content", "aria-pressed", "selected", "datetime").contains(name)
						|| element.getAttribute("name").equals("_csrf")
						|| (name.equals("href") && attribute.getValue().startsWith("/history"));
				if (!isMade && !READ.contains(name)) {
					tag.append(' ').append(name).append('=').append(attribute.getValue());
				}
			});
			tags.add(tag.toString());
		}
		node.getChildren().forEach((child) -> skeleton(child, tags));
	}

}
