package org.partnertls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.SelectOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

import static org.assertj.core.api.Assertions.assertThat;
import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

/**
 * The README's tour in a real browser, as the three people, in the lab as a visitor
 * starts it; every page is looked at on the way. Runs beside the other tests: the lab is
 * a process of its own.
 */
class BrowserTourTests {

	/** Says what stood on every page when a step failed. */
	@RegisterExtension
	static final TestExecutionExceptionHandler WHERE = (context, failure) -> {
		System.out.println(BrowserTourTests.chromium.where());
		throw failure;
	};

	private static final Pattern CODE = Pattern.compile("[A-Z0-9]{4}-[A-Z0-9]{4}");

	private static final Set<String> CODES_USED = new HashSet<>();

	private static Process lab;

	private static Chromium chromium;

	private static String portal;

	private static String neighbours;

	private String organisation;

	@BeforeAll
	static void startTheLab() throws IOException {
		chromium = Chromium.start();
		if (System.getProperty("lab.portal") != null) {
			portal = System.getProperty("lab.portal");
			neighbours = System.getProperty("lab.neighbours");
			return;
		}
		int port = freePort();
		Path output = Files.createTempFile("lab", ".log");
		ProcessBuilder start = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx768m", "-XX:TieredStopAtLevel=1", "-cp", ClassPath.ofTests(), "lab.Lab")
			.redirectErrorStream(true)
			.redirectOutput(output.toFile());
		start.environment().put("PORT", Integer.toString(port));
		start.environment().put("LAB_HOME", Files.createTempDirectory("lab").toString());
		lab = start.start();
		portal = "http://localhost:" + port;
		Pattern pages = Pattern.compile("lab's pages\\s+(http://\\S+)");
		await(Duration.ofMinutes(4), () -> {
			assertThat(lab.isAlive()).as(() -> read(output)).isTrue();
			Matcher found = pages.matcher(read(output));
			if (found.find()) {
				neighbours = found.group(1);
			}
			return neighbours != null;
		});
	}

	@AfterAll
	static void stopTheLab() throws InterruptedException {
		if (lab != null) {
			lab.destroy();
			lab.waitFor();
		}
		if (chromium != null) {
			chromium.close();
		}
	}

	@Test
	void threePeopleTakeAPartnerFromARequestToEnforcedTlsInBothDirections() {
		String domain = "tailwind" + Long.toString(Instant.now().toEpochMilli(), 36) + ".example";
		this.organisation = "Tailwind Freight " + domain.substring(13, 16).toUpperCase(java.util.Locale.ROOT);
		Page visitor = chromium.person();
		Page tomas = chromium.person();
		Page amina = chromium.person();
		Page greta = chromium.person();
		Page jonas = chromium.person();
		Page lab = chromium.person();
		lab.navigate(neighbours + "/partners");
		lab.getByLabel("Organisation").fill(organisation);
		lab.getByLabel("Domain").fill(domain);
		follow(lab.locator("form[action='/partners'] button"));
		String address = "greta.hahn@" + domain;

		ask(visitor, domain, address);
		accept(tomas, domain);
		signInWithACode(greta, address);
		contacts(greta, address);
		prove(greta, lab, domain);
		receivingAndSending(greta);
		testMessage(greta, lab, domain);
		confirm(greta);
		refusesOwnApproval(tomas);
		askedForChanges(tomas, greta);
		approve(amina);
		enforced(amina, greta, lab, domain);
		history(jonas);
		evidence(amina, jonas, domain);
		confirmAgain(amina, greta, lab, domain);
		change(amina, greta);
		relief(amina, greta, domain);
		alarms(amina);
		enforcedAgain(amina, greta);
		others(amina, jonas, lab);
		fiveHundred(tomas, domain);
		mailServers(greta);
		signOut(amina, greta);

		assertThat(chromium.problems()).isEmpty();
	}

	/**
	 * By keyboard alone, on a phone's width: nothing is clicked and every page is looked
	 * at.
	 */
	@Test
	void aContactHandsOverByKeyboardOnAPhone() {
		String domain = "kestrel" + Long.toString(Instant.now().toEpochMilli(), 36) + ".example";
		Page tomas = chromium.person();
		staff(tomas, "Tomás Rey");
		tomas.navigate(portal + "/partners/new");
		typed(tomas, "organisation", "Kestrel Couriers");
		typed(tomas, "domain", domain);
		typed(tomas, "contactName", "Greta Hahn");
		typed(tomas, "contactAddress", "greta@" + domain);
		typed(tomas, "reason", "Weekly payroll");
		enter(tomas, "main form button.btn-primary");
		String partner = tomas.url();
		tomas.navigate(portal + "/invitations");
		chromium.look(tomas, "invitations");
		tomas.navigate(portal + tomas.locator("a[href$='/revocation']").first().getAttribute("href"));
		chromium.look(tomas, "invitation-revocation");
		Matcher link = Pattern.compile("/invitation/[0-9a-f-]{36}").matcher(letter("greta@" + domain, "invites"));
		assertThat(link.find()).isTrue();

		Page greta = chromium.person();
		greta.setViewportSize(390, 844);
		greta.navigate(portal + link.group());
		chromium.look(greta, "invitation");
		enter(greta, "main form button");
		chromium.look(greta, "sign-in-code-window");
		onto(greta, "#code").pressSequentially(code("greta@" + domain));
		enter(greta.locator("*:focus"));
		greta.waitForURL("**/tasks");
		greta.navigate(portal + "/partnership/people/new");
		onto(greta, "#role").press("Space");
		typed(greta, "name", "Mo Helper");
		typed(greta, "address", "mo@dns-provider.example");
		chromium.look(greta, "people-new");
		enter(greta, "main form button.btn-primary");
		chromium.look(greta, "people");
		enter(greta, "a[href='/partnership/people/hand-over']");
		enter(greta, "main form button.btn-primary");
		chromium.look(greta, "hand-over-errors");
		typed(greta, "name", "Mika Brandt");
		typed(greta, "address", "mika@" + domain);
		typed(greta, "reason", "I change to another team");
		enter(greta, "main form button.btn-primary");
		assertThat(greta.locator("main")).containsText("It takes effect when they sign in");
		chromium.look(greta, "people-handing-over");

		tomas.navigate(partner + "/people");
		chromium.look(tomas, "staff-people");
		tomas.navigate(partner);
		chromium.look(tomas, "partner-people");
		tomas.navigate(partner + "/end");
		chromium.look(tomas, "partner-end");
		tomas.navigate(portal + "/owners");
		chromium.look(tomas, "owners");
		enter(tomas, "main table a");
		chromium.look(tomas, "owner");

		Page mika = chromium.person();
		mika.navigate(portal + "/take-over");
		chromium.look(mika, "take-over");
		mika.navigate(portal + "/programme/privacy");
		chromium.look(mika, "privacy");
		mika.navigate(portal + "/sign-in");
		typed(mika, "address", "mika@" + domain);
		enter(mika.locator("*:focus"));
		mika.waitForURL("**/sign-in/code");
		onto(mika, "#code").pressSequentially(code("mika@" + domain));
		enter(mika.locator("*:focus"));
		mika.waitForURL("**/tasks");
		greta.navigate(portal + "/tasks");
		assertThat(greta.url()).endsWith("/sign-in");
		greta.navigate(portal + link.group());
		assertThat(greta.locator("h1")).containsText("This access has ended");
		chromium.look(greta, "invitation-ended");

		assertThat(chromium.problems()).isEmpty();
	}

	private static void typed(Page page, String field, String value) {
		Locator input = onto(page, "#" + field);
		page.keyboard().press("Control+A");
		input.pressSequentially(value);
	}

	/** Clicks what leads to another page, or to this one again. */
	private static void follow(Locator target) {
		leave(target.page(), target::click);
	}

	private static void press(Page page, String button) {
		follow(page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(button)));
	}

	private static void open(Page page, String link) {
		follow(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(link)));
	}

	/** The same by keyboard. */
	private static void enter(Page page, String selector) {
		enter(onto(page, selector));
	}

	private static void enter(Locator target) {
		leave(target.page(), () -> target.press("Enter"));
	}

	/**
	 * Playwright itself does not wait for the page that an act leads to. On a machine
	 * that is short of time an act may reach the page and lead nowhere: nothing was asked
	 * of the portal then, and it is done once more, as anybody would.
	 */
	private static void leave(Page page, Runnable act) {
		boolean[] asked = new boolean[1];
		boolean[] loaded = new boolean[1];
		Consumer<Request> asks = (request) -> asked[0] |= request.isNavigationRequest();
		Consumer<Page> loads = (arrived) -> loaded[0] = true;
		page.onRequest(asks);
		page.onLoad(loads);
		try {
			act.run();
			if (!happens(page, () -> asked[0] || loaded[0], 20_000)) {
				System.out.println("An act on " + page.url() + " led nowhere; once more.");
				act.run();
			}
			// The lab sends mail before it answers, and all tests share two cores.
			assertThat(happens(page, () -> loaded[0], 120_000))
				.as(() -> "nothing came from " + page.url() + (asked[0] ? ", which was asked" : ", which was not asked")
						+ "; it shows:\n" + page.locator("body").innerText())
				.isTrue();
		}
		finally {
			page.offRequest(asks);
			page.offLoad(loads);
		}
	}

	private static boolean happens(Page page, BooleanSupplier what, int milliseconds) {
		try {
			page.waitForCondition(what, new Page.WaitForConditionOptions().setTimeout(milliseconds));
			return true;
		}
		catch (TimeoutError ex) {
			return false;
		}
	}

	/** Goes there with the tab key, as somebody would who has no mouse. */
	private static Locator onto(Page page, String selector) {
		for (int i = 0; i < 80; i++) {
			if ((Boolean) page.evaluate("(s) => document.activeElement?.matches(s) ?? false", selector)) {
				return page.locator("*:focus");
			}
			page.keyboard().press("Tab");
		}
		throw new AssertionError(selector + " cannot be reached by keyboard on " + page.url());
	}

	private void ask(Page visitor, String domain, String address) {
		visitor.navigate(portal + "/");
		chromium.look(visitor, "programme");
		visitor.navigate(portal + "/programme/recipes/postfix");
		chromium.look(visitor, "recipe-postfix");
		for (String recipe : new String[] { "exchange-online", "exchange-server", "google-workspace", "cloudflare" }) {
			visitor.navigate(portal + "/programme/recipes/" + recipe);
			chromium.look(visitor, "recipe-" + recipe);
		}
		visitor.navigate(portal + "/programme/why");
		chromium.look(visitor, "why");
		visitor.navigate(portal + "/programme/reference?ref=TLS-2026-9999");
		chromium.look(visitor, "reference-unknown");
		visitor.navigate(portal + "/request");
		chromium.look(visitor, "request");
		follow(visitor.locator("main form button"));
		chromium.look(visitor, "request-errors");
		reserved(visitor);
		visitor.navigate(portal + "/request");
		visitor.locator("#organisation").fill(organisation);
		visitor.locator("#domain").fill(domain);
		visitor.locator("#contactName").fill("Greta Hahn");
		visitor.locator("#address").fill(address);
		visitor.locator("#reason").fill("Delivery papers with customs data, weekly");
		follow(visitor.locator("main form button"));
		chromium.look(visitor, "request-code");
		visitor.locator("#code").fill(code(address));
		follow(visitor.locator("main form button").first());
		assertThat(visitor.url()).contains("/request/sent");
		chromium.look(visitor, "request-sent");
	}

	/** What is ours is refused, but only after the code. */
	private void reserved(Page visitor) {
		String address = "mallory@contoso.example";
		visitor.locator("#organisation").fill("Contoso Bank");
		visitor.locator("#domain").fill("contoso.example");
		visitor.locator("#contactName").fill("Mallory");
		visitor.locator("#address").fill(address);
		visitor.locator("#reason").fill("I should like to be you");
		follow(visitor.locator("main form button"));
		visitor.locator("#code").fill(code(address));
		follow(visitor.locator("main form button").first());
		chromium.look(visitor, "request-refused");
	}

	private void staff(Page person, String name) {
		person.navigate(portal + "/sign-in");
		follow(person.locator("a[href*='/sign-in/staff'], form[action*='/sign-in/staff'] button").first());
		follow(person.getByText(name).first());
		person.waitForURL(portal + "/**");
	}

	private void accept(Page tomas, String domain) {
		staff(tomas, "Tomás Rey");
		chromium.look(tomas, "overview-empty");
		tomas.navigate(portal + "/requests");
		chromium.look(tomas, "requests");
		follow(tomas.locator("a[href*='/requests/']")
			.filter(new Locator.FilterOptions().setHasText(organisation))
			.first());
		chromium.look(tomas, "request-decide");
		tomas.locator("#ownerName").fill("Ines Falk");
		tomas.locator("#ownerAddress").fill("ines.falk@contoso.example");
		press(tomas, "Accept and invite");
		assertThat(tomas.url()).contains("/partners/");
		assertThat(tomas.locator("h1")).containsText(organisation);
		chromium.look(tomas, "partner-invited");
		follow(tomas.locator("a[href$='/waiver']"));
		chromium.look(tomas, "waiver");
		tomas.navigate(portal + "/requests?tab=decided");
		chromium.look(tomas, "requests-decided");
	}

	private void signInWithACode(Page greta, String address) {
		String invitation = letter(address, "invit");
		assertThat(invitation).contains("Tomás Rey", "TLS-", "+44 20 7946 0000").doesNotContain("token");
		greta.navigate(portal + "/sign-in");
		chromium.look(greta, "sign-in");
		greta.locator("#address").fill(address);
		follow(greta.locator("form[action$='/sign-in'] button"));
		chromium.look(greta, "sign-in-code");
		greta.locator("#code").fill(code(address));
		follow(greta.locator("main form button").first());
		assertThat(greta.url()).endsWith("/tasks");
		chromium.look(greta, "tasks");
	}

	private void contacts(Page greta, String address) {
		open(greta, "Who we can talk to");
		assertThat(greta.locator("#address")).hasValue(address);
		greta.locator("#emergencyName").fill("Ole Hahn");
		greta.locator("#emergencyAddress").fill(address);
		follow(greta.locator("main form button"));
		chromium.look(greta, "contacts-error");
		greta.locator("#emergencyAddress").fill("ole@elsewhere.example");
		follow(greta.locator("main form button"));
		assertThat(greta.url()).endsWith("/tasks");
	}

	private void prove(Page greta, Page lab, String domain) {
		open(greta, "Your mail domains");
		chromium.look(greta, "domains");
		lab.navigate(neighbours + "/partners/" + domain);
		lab.locator("#name").fill(greta.locator("#name-0").textContent());
		lab.locator("#text").fill(greta.locator("#value-0").textContent());
		press(lab, "Publish TXT record");
		press(greta, "Look for the record of " + domain + " now");
		assertThat(greta.locator("main")).containsText("We found the record");
		chromium.look(greta, "domains-proven");
		greta.navigate(portal + "/tasks");
	}

	private void receivingAndSending(Page greta) {
		open(greta, "How you receive mail");
		chromium.look(greta, "receiving");
		Locator check = greta.getByRole(AriaRole.BUTTON,
				new Page.GetByRoleOptions().setName("Check our mail servers now"));
		// A round may have been quicker.
		if (check.count() > 0) {
			follow(check);
		}
		assertThat(greta.locator("main")).containsText("STARTTLS",
				new com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions().setTimeout(60_000));
		chromium.look(greta, "receiving-result");
		press(greta, "Continue");
		open(greta, "How you send mail");
		chromium.look(greta, "sending");
		greta.locator("#postfix").check();
		follow(greta.locator("main form button[type=submit]"));
		assertThat(greta.locator("main")).containsText("smtp_tls_policy_maps");
		chromium.look(greta, "setup");
		greta.locator("input[name=state][value=BOTH]").check();
		follow(greta.locator("main form button[type=submit]"));
		assertThat(greta.url()).endsWith("/tasks");
	}

	private void testMessage(Page greta, Page lab, String domain) {
		open(greta, "Send us a test message");
		chromium.look(greta, "test-message");
		send(lab, domain, greta.locator("#address").textContent());
		await(Duration.ofSeconds(60), () -> {
			press(greta, "Look now");
			return greta.locator("main").textContent().contains("TLS 1.3");
		});
		chromium.look(greta, "test-message-seen");
	}

	private void confirm(Page greta) {
		greta.navigate(portal + "/tasks");
		chromium.look(greta, "tasks-done");
		open(greta, "Check and confirm");
		follow(greta.locator("main form button[type=submit]"));
		chromium.look(greta, "check-errors");
		affirm(greta);
		chromium.look(greta, "partnership-submitted");
	}

	private void affirm(Page greta) {
		greta.locator("input[name=toUs][value=YES]").check();
		greta.locator("input[name=fromUs][value=YES]").check();
		greta.locator("#role").fill("Mail administrator");
		greta.locator("#truthful").check();
		follow(greta.locator("main form button[type=submit]"));
		assertThat(greta.url()).endsWith("/partnership");
	}

	private void refusesOwnApproval(Page tomas) {
		review(tomas);
		assertThat(tomas.locator(".decision")).containsText("somebody else has to approve");
		chromium.look(tomas, "review-own");
	}

	private void askedForChanges(Page tomas, Page greta) {
		tomas.locator("#note").fill("Which server sends your invoices? Please name it too.");
		tomas.locator("#task").selectOption(new SelectOption().setLabel("How you send mail"));
		press(tomas, "Ask for changes");
		greta.navigate(portal + "/tasks");
		assertThat(greta.locator("main")).containsText("Which server sends your invoices?");
		chromium.look(greta, "tasks-returned");
		open(greta, "How you send mail");
		assertThat(greta.locator("main")).containsText("Which server sends your invoices?");
		greta.locator("#otherSenders").fill("Invoices leave from billing." + greta.url().hashCode() + ".example");
		follow(greta.locator("main form button[type=submit]"));
		greta.navigate(portal + "/tasks/check");
		affirm(greta);
		tomas.navigate(portal + "/reviews");
		chromium.look(tomas, "reviews-own");
	}

	private void review(Page person) {
		person.navigate(portal + "/reviews");
		follow(person.locator("table a").filter(new Locator.FilterOptions().setHasText(organisation)).first());
	}

	private void approve(Page amina) {
		staff(amina, "Amina Okafor");
		chromium.look(amina, "overview");
		amina.navigate(portal + "/reviews");
		chromium.look(amina, "reviews");
		review(amina);
		chromium.look(amina, "review");
		press(amina, "Approve: create, test, then enforce");
		assertThat(amina.locator(".notice")).containsText("Approved");
	}

	private void enforced(Page amina, Page greta, Page lab, String domain) {
		open(amina, "Partner page");
		open(amina, "Newest change");
		String change = amina.url();
		chromium.look(amina, "change-running");
		await(Duration.ofMinutes(3), () -> {
			amina.navigate(change);
			String page = amina.locator("main").textContent();
			assertThat(page).doesNotContain("Needs attention");
			return page.contains("Done");
		});
		chromium.look(amina, "change-done");
		// A direction counts once the way of mail was looked at, moments after the
		// change.
		await(Duration.ofSeconds(60), () -> {
			greta.navigate(portal + "/partnership");
			return greta.locator("main").textContent().contains("Mail between us is always encrypted");
		});
		chromium.look(greta, "partnership-enforced");
		lab.navigate(neighbours + "/tenant");
		assertThat(lab.locator("main")).containsText("To " + domain);
		assertThat(lab.locator("main")).containsText("From " + domain);
		lab.navigate(neighbours + "/partners/" + domain);
		lab.locator("#to").fill("tls-test@contoso.example");
		lab.locator("#tls-no").check();
		follow(lab.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Send").setExact(true)));
		assertThat(lab.locator("main")).containsText("451 5.7.3");
		assertThat(letter("ines.falk@contoso.example", "Enforced in both directions"))
			.contains("always encrypted, both ways");
	}

	private void history(Page jonas) {
		staff(jonas, "Jonas Lind");
		jonas.navigate(portal + "/history");
		chromium.look(jonas, "history");
		jonas.getByLabel("Act").selectOption("attestation.approved");
		press(jonas, "Search");
		assertThat(jonas.url()).contains("act=attestation.approved");
		assertThat(jonas.locator("tbody")).containsText("Amina Okafor");
		follow(jonas.locator("tbody a").first());
		chromium.look(jonas, "history-event");
		jonas.navigate(portal + "/history?words=nothing+like+this");
		chromium.look(jonas, "history-nothing");
	}

	private void evidence(Page amina, Page jonas, String domain) {
		jonas.navigate(portal + "/history/integrity");
		follow(jonas.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Verify")).first());
		jonas.navigate(portal + "/history/codes");
		assertThat(jonas.locator("main")).containsText("connector.outbound-written.failed");
		chromium.look(jonas, "history-codes");
		amina.navigate(portal + "/exceptions/new");
		amina.locator("#domain").fill("gmx.example");
		chromium.look(amina, "exception-new");
		amina.locator("#what").fill("Private customers write from there");
		amina.locator("#reason").fill("Nobody can enforce anything with a mailbox provider");
		amina.locator("#ownerName").fill("Ines Falk");
		amina.locator("#ownerAddress").fill("ines.falk@contoso.example");
		amina.locator("#endsOn").fill(java.time.LocalDate.now(java.time.ZoneOffset.UTC).plusDays(200).toString());
		press(amina, "Write it down");
		assertThat(amina.locator("main")).containsText("another administrator has to accept it");
		chromium.look(amina, "exceptions");
		jonas.navigate(portal + "/compliance");
		chromium.look(jonas, "compliance");
		jonas.navigate(portal + "/compliance/coverage");
		chromium.look(jonas, "coverage");
		jonas.navigate(portal + "/compliance");
		follow(jonas.locator("tr:has-text('" + domain + "') a:has-text('Timeline')"));
		assertThat(jonas.locator("main")).containsText("No, 1 gap");
		chromium.look(jonas, "timeline");
		open(jonas, "Evidence pack");
		chromium.look(jonas, "evidence");
		await(Duration.ofSeconds(60), () -> {
			jonas.navigate(portal + "/history/integrity");
			return jonas.locator("main").textContent().contains("All is well");
		});
		chromium.look(jonas, "history-integrity");
	}

	/**
	 * Nothing has changed: on a telephone, by keyboard alone, in less than two minutes.
	 */
	private void confirmAgain(Page amina, Page greta, Page lab, String domain) {
		partnerPage(amina);
		press(amina, "Ask to confirm again now");
		assertThat(amina.locator(".notice").first()).containsText("is asked to confirm again");
		assertThat(letter("greta.hahn@" + domain, "Please confirm again")).contains("Amina Okafor", "Ines Falk",
				"+44 20 7946 0000");
		greta.navigate(portal + "/tasks");
		assertThat(greta.locator("h1")).containsText("Is everything still so?");
		chromium.look(greta, "again");
		Instant begin = Instant.now();
		greta.setViewportSize(390, 900);
		send(lab, domain, greta.locator("#address").textContent());
		await(Duration.ofSeconds(60), () -> {
			if (greta.locator("#seen").textContent().contains("TLS 1.3")) {
				return true;
			}
			tabTo(greta, "form[action$='/tasks/test/look'] button");
			enter(greta.locator("*:focus"));
			greta.waitForLoadState();
			return false;
		});
		tabTo(greta, "#truthful");
		greta.keyboard().press("Space");
		tabTo(greta, "form[action*='/attestations/'] button[type=submit]");
		enter(greta.locator("*:focus"));
		greta.waitForURL(portal + "/partnership");
		assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofMinutes(2));
		chromium.look(greta, "partnership-confirmed");
		await(Duration.ofMinutes(2), () -> {
			greta.navigate(portal + "/partnership");
			String page = greta.locator("main").textContent();
			assertThat(page).doesNotContain("reviews it next");
			return page.contains("The portal approved it");
		});
		chromium.look(greta, "partnership-again");
		assertThat(letter("greta.hahn@" + domain, "confirmed again")).contains("The next time is by");
		partnerPage(amina);
		assertThat(amina.locator("main")).containsText("Re-certification");
		chromium.look(amina, "partner-passes");
	}

	private void partnerPage(Page amina) {
		amina.navigate(portal + "/partners");
		follow(amina.locator("main a").filter(new Locator.FilterOptions().setHasText(organisation)).first());
	}

	private static void tabTo(Page page, String selector) {
		for (int i = 0; i < 120; i++) {
			page.keyboard().press("Tab");
			if (Boolean.TRUE.equals(page.evaluate("selector => document.activeElement.matches(selector)", selector))) {
				return;
			}
		}
		throw new AssertionError("no way by keyboard to " + selector + " on " + page.url());
	}

	/** Something changes in between: a domain more, then nothing after all. */
	private void change(Page amina, Page greta) {
		greta.navigate(portal + "/partnership");
		open(greta, "Something changes at our side");
		chromium.look(greta, "change-open");
		greta.locator("#what-domains").check();
		greta.locator("#words").fill("The carrier we bought joins us in March");
		press(greta, "Open this change");
		assertThat(greta.url()).endsWith("/tasks");
		chromium.look(greta, "tasks-change");
		open(greta, "Your mail domains");
		greta.locator("#domain").fill("carrier" + Long.toString(Instant.now().toEpochMilli(), 36) + ".example");
		press(greta, "Add this domain");
		assertThat(greta.locator("main")).containsText("does not hold the others back");
		chromium.look(greta, "domains-change");
		amina.navigate(portal + "/reviews");
		assertThat(amina.locator("main")).containsText("The carrier we bought");
		chromium.look(amina, "reviews-with-partners");
		follow(amina.locator("table a").filter(new Locator.FilterOptions().setHasText(organisation)).first());
		chromium.look(amina, "review-change");
		amina.getByText("Close it without a decision").click();
		amina.locator("#close-note").fill("They told us by phone that it is called off.");
		follow(amina.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Close it").setExact(true)));
		assertThat(amina.locator(".notice").first()).containsText("nothing changes");
		partnerPage(amina);
		open(amina, "Put it off");
		chromium.look(amina, "postponement");
		partnerPage(amina);
		open(amina, "Ask for a change");
		chromium.look(amina, "partner-change");
	}

	/** What the partner sees of our checks of their servers. */
	private void mailServers(Page greta) {
		greta.navigate(portal + "/partnership/mail-servers");
		chromium.look(greta, "mail-servers");
		follow(greta.locator("main a[href^='/partnership/mail-servers/']").first());
		chromium.look(greta, "mail-server");
	}

	/** What needs somebody at once, who is told of it, and how letters read. */
	private void alarms(Page amina) {
		await(Duration.ofSeconds(60), () -> {
			amina.navigate(portal + "/alarms?state=ANY");
			return amina.locator("main th a")
				.allInnerTexts()
				.stream()
				.anyMatch((title) -> title.contains("Encryption is relaxed"));
		});
		chromium.look(amina, "alarms");
		follow(amina.locator("main th a").first());
		chromium.look(amina, "alarm");
		for (String page : java.util.List.of("/alarms/settings", "/letters")) {
			amina.navigate(portal + page);
			chromium.look(amina, page.substring(1).replace('/', '-'));
		}
	}

	private void relief(Page amina, Page greta, String domain) {
		amina.navigate(portal + "/partners");
		chromium.look(amina, "partners");
		follow(amina.locator("main a").filter(new Locator.FilterOptions().setHasText(organisation)).first());
		chromium.look(amina, "partner");
		open(amina, "Mail is bouncing");
		chromium.look(amina, "relief");
		amina.locator("#reason").fill("Their certificate expired at 3 a.m.; phoned Greta Hahn");
		amina.locator("form:has(#reason) button.btn-danger").first().click();
		follow(amina.locator("dialog[open] button.btn-danger"));
		chromium.look(amina, "relieved");
		assertThat(letter("compliance@contoso.example", "Relaxed")).contains(organisation, domain);
		amina.navigate(portal + "/overview");
		chromium.look(amina, "overview-relieved");
		greta.navigate(portal + "/partnership");
		assertThat(greta.locator("main")).containsText("At the moment encryption is not enforced both ways");
		chromium.look(greta, "partnership-relieved");
	}

	/** The follow-up of the relief. */
	private void enforcedAgain(Page amina, Page greta) {
		partnerPage(amina);
		open(amina, "Mail is bouncing");
		amina.locator("#end button.btn-danger").first().click();
		follow(amina.locator("dialog[open] button.btn-danger"));
		assertThat(amina.locator(".notice").first()).containsText("being put back");
		chromium.look(amina, "relief-ending");
		assertThat(letter("compliance@contoso.example", "Enforced again")).contains(organisation, "enforced again");
		assertThat(letter("ines.falk@contoso.example", "Enforced again")).contains("is over");
		await(Duration.ofSeconds(60), () -> {
			greta.navigate(portal + "/partnership");
			return greta.locator("main").textContent().contains("Mail between us is always encrypted");
		});
		amina.reload();
		assertThat(amina.locator("main")).not().containsText("Loosened now");
		chromium.look(amina, "relief-ended");
	}

	private void others(Page amina, Page jonas, Page lab) {
		for (String page : new String[] { "connectors", "tls-checks", "jobs", "partners/new" }) {
			amina.navigate(portal + "/" + page);
			chromium.look(amina, page.replace('/', '-'));
		}
		amina.navigate(portal + "/tls-checks");
		follow(amina.locator("main tbody a").first());
		chromium.look(amina, "tls-check");
		jonas.navigate(portal + "/jobs");
		assertThat(jonas.locator("main")).containsText("403");
		chromium.look(jonas, "error-403");
		press(jonas, "Sign out");
		jonas.waitForURL(portal + "/signed-out");
		amina.navigate(portal + "/nowhere");
		chromium.look(amina, "error-404");
		Page nadia = chromium.person();
		staff(nadia, "Nadia Roth");
		assertThat(nadia.url()).endsWith("/no-access");
		chromium.look(nadia, "no-access");
		for (String page : new String[] { "", "inbox", "partners", "tenant" }) {
			lab.navigate(neighbours + "/" + page);
			chromium.look(lab, "lab-" + (page.isEmpty() ? "index" : page));
		}
	}

	/** A spreadsheet becomes partners, with the keyboard alone. */
	private void fiveHundred(Page tomas, String domain) {
		String family = domain.substring(8, domain.indexOf('.'));
		tomas.navigate(portal + "/partners");
		enter(focus(tomas, "a[href='/partners/imports']"));
		enter(focus(tomas, "main form button"));
		assertThat(tomas.locator(".errors")).containsText("Choose a CSV file");
		chromium.look(tomas, "imports-error");
		upload(tomas,
				"Kontor %1$s;kontor-%1$s.example;Kim;kim@kontor-%1$s.example;;\nBad;no domain;K;k@x.example;;\n"
					.formatted(family)
						+ "Look;p\u0430ypal-%1$s.example;P;p@p\u0430ypal-%1$s.example;;\n".formatted(family));
		assertThat(tomas.locator("main")).containsText("2 new, 0 changed, 0 same, 1 error");
		chromium.look(tomas, "import-preview");
		tomas.navigate(portal + "/partners/imports");
		StringBuilder rows = new StringBuilder();
		for (int i = 0; i < 500; i++) {
			rows.append("Kontor %1$s %2$d;k%2$d-%1$s.example;Kim;kim@k%2$d-%1$s.example;;\n".formatted(family, i));
		}
		upload(tomas, rows.toString());
		assertThat(tomas.locator("main")).containsText("500 new, 0 changed, 0 same, 0 error");
		enter(focus(tomas, "main form .btn-primary"));
		assertThat(tomas.locator("main")).containsText("500 new, 0 changed");
		String page = tomas.url();
		focus(tomas, "input[name=line]").press("Space");
		enter(focus(tomas, "main form .btn-quiet"));
		await(Duration.ofSeconds(60), () -> {
			tomas.navigate(page);
			return tomas.locator("main").textContent().contains("on the partner");
		});
		tomas.navigate(portal + "/partners");
		focus(tomas, "#words").fill("Kontor " + family);
		enter(focus(tomas, "#words"));
		assertThat(tomas.locator("tbody tr")).hasCount(1);
		chromium.look(tomas, "partners-found");
		focus(tomas, "details.menu summary").press("Enter");
		focus(tomas, "#view-name").fill("Kontor");
		enter(focus(tomas, "#view-name"));
		assertThat(tomas.locator(".views")).containsText("Kontor");
		focus(tomas, "tbody input[name=id]").press("Space");
		enter(focus(tomas, "button[value=remind]"));
		chromium.look(tomas, "partners-bulk");
		enter(focus(tomas, "main form .btn-primary"));
		assertThat(tomas.locator(".notice").last()).containsText("1 reminder goes out now");
		tomas.navigate(portal + "/overview");
		assertThat(tomas.locator("main")).containsText("Imported and not invited");
		chromium.look(tomas, "overview-imported");
		tomas.navigate(portal + "/changes");
		chromium.look(tomas, "changes");
	}

	private static void upload(Page page, String rows) {
		String head = "organisation;domain;contact name;contact address;owner name;owner address\n";
		page.locator("#file")
			.setInputFiles(new com.microsoft.playwright.options.FilePayload("partners.csv", "text/csv",
					("\uFEFF" + head + rows).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
		page.locator("#reason").fill("Contracts with personal data");
		enter(page.locator("#reason"));
	}

	private static Locator focus(Page page, String what) {
		Locator found = page.locator(what).first();
		found.focus();
		return found;
	}

	private void signOut(Page amina, Page greta) {
		press(greta, "Sign out");
		assertThat(greta.url()).endsWith("/signed-out");
		chromium.look(greta, "signed-out");
		greta.navigate(portal + "/tasks");
		assertThat(greta.url()).contains("/sign-in");
		amina.navigate(portal + "/overview");
		press(amina, "Sign out");
		amina.waitForURL(portal + "/signed-out");
	}

	/** Sends a message from the partner's side. */
	private static void send(Page lab, String domain, String to) {
		lab.navigate(neighbours + "/partners/" + domain);
		lab.locator("#to").fill(to);
		follow(lab.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Send").setExact(true)));
	}

	private static String code(String address) {
		String[] code = new String[1];
		// An older one may still be the newest when somebody asks for another.
		await(Duration.ofSeconds(60), () -> {
			Matcher found = CODE.matcher(letter(address, "Your code"));
			assertThat(found.find()).isTrue();
			code[0] = found.group();
			return CODES_USED.add(code[0]);
		});
		return code[0];
	}

	/**
	 * The newest message to somebody with certain words in its subject, from the inbox.
	 */
	private static String letter(String address, String subject) {
		Page inbox = chromium.person();
		String[] text = new String[1];
		await(Duration.ofSeconds(60), () -> {
			inbox.navigate(neighbours + "/inbox");
			Locator row = inbox.locator("tr")
				.filter(new Locator.FilterOptions().setHasText(address))
				.filter(new Locator.FilterOptions().setHasText(subject));
			if (row.count() == 0) {
				return false;
			}
			follow(row.first().locator("a").first());
			text[0] = inbox.locator("main").textContent();
			return true;
		});
		inbox.context().close();
		return text[0];
	}

	private static void await(Duration limit, java.util.function.BooleanSupplier condition) {
		Instant end = Instant.now().plus(limit);
		while (!condition.getAsBoolean()) {
			assertThat(Instant.now()).isBefore(end);
			java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

}
