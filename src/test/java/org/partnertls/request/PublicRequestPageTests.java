package org.partnertls.request;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.icegreen.greenmail.util.GreenMail;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.Fixtures;
import org.partnertls.Jobs;
import org.partnertls.Inbox;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;
import org.partnertls.partner.SomePartner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class PublicRequestPageTests {

	private static final Pattern CODE = Pattern.compile("\\b([A-Z2-9]{4}-[A-Z2-9]{4})\\b");

	@Autowired
	private ApplicationContext context;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Jobs jobs;

	@Autowired
	private TestClock clock;

	@Autowired
	private GreenMail greenMail;

	@Autowired
	private Requests requests;

	@Autowired
	private JdbcClient jdbc;

	@Test
	void takesARequestOnceTheAddressIsConfirmed() {
		String domain = Fixtures.freshDomain();
		Cookie browser = ask(domain);
		assertThat(this.requests.findWaiting(DomainName.of(domain))).isEmpty();
		assertThat(this.mvc.get().uri("/request/code").cookie(browser)).hasStatusOk()
			.bodyText()
			.contains("it@" + domain);
		MvcTestResult confirmed = enter(browser, code(domain));
		assertThat(confirmed).hasStatus3xxRedirection();
		Request request = this.requests.findWaiting(DomainName.of(domain)).orElseThrow();
		assertThat(request.reference()).matches("REQ-20\\d\\d-\\d{4,}");
		assertThat(confirmed.getResponse().getRedirectedUrl()).isEqualTo("/request/sent?ref=" + request.reference());
		assertThat(this.mvc.get().uri("/request/sent?ref=" + request.reference())).hasStatusOk()
			.bodyText()
			.contains(request.reference(), "What happens next");
		this.jobs.runDue();
		assertThat(texts("it@" + domain)).anySatisfy((text) -> assertThat(text).contains(request.reference()));
		assertThat(texts("administrators@contoso.example"))
			.anySatisfy((text) -> assertThat(text).contains(request.reference(), domain, "/requests/" + request.id()));
	}

	@ParameterizedTest
	@CsvSource({ "domain, 10.0.0.1, not an IP address", "domain, [192.0.2.1], not an IP address",
			"domain, co.uk, Others register", "domain, gmail.com, mail provider",
			"domain, acme@other.example, only the part after the @", "domain, localhost, whole domain name",
			"domain, https://acme.example, not a web address", "address, it@elsewhere.example, Enter an address in",
			"address, it@sub.DOMAIN, Enter an address in", "address, nobody, Enter an e-mail address",
			"contactName, '', Enter your name", "reason, ' ', Say in a sentence",
			"phone, call me, Enter a phone number", "organisation, '', name" })
	void saysBesideTheFieldWhatIsWrongAndKeepsWhatWasTyped(String field, String value, String message) {
		String domain = Fixtures.freshDomain();
		String typed = value.replace("DOMAIN", domain);
		MvcTestResult result = post(domain, field, typed);
		assertThat(result).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains(message, field.equals("reason") ? "Ines Tanner" : "We exchange medical reports");
		if (!typed.isBlank()) {
			assertThat(result).bodyText().contains("value=\"" + typed + "\"");
		}
		assertThat(count(domain)).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "organisation", "contactName", "reason" })
	void refusesOverlongTextAndControlCharacters(String field) {
		String domain = Fixtures.freshDomain();
		assertThat(post(domain, field, "x".repeat(field.equals("reason") ? 1001 : 121)))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("characters");
		for (String bad : List.of("a\u0000b", "a\u001Bb", "a\u202Eb")) {
			assertThat(post(domain, field, bad)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT);
		}
		if (!field.equals("reason")) {
			assertThat(post(domain, field, "a\r\nBcc: all@acme.example")).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT);
		}
		assertThat(count(domain)).isZero();
	}

	@Test
	void escapesWhatWasTyped() {
		assertThat(post(Fixtures.freshDomain(), "domain", "\"><script>alert(1)</script>"))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.doesNotContain("<script>alert");
	}

	@Test
	void keepsAnInternationalDomainAsALabel() {
		String end = Fixtures.freshDomain();
		Cookie browser = ask("m\u00FCller." + end);
		String ascii = "xn--mller-kva." + end;
		assertThat(enter(browser, code(ascii))).hasStatus3xxRedirection();
		assertThat(this.requests.findWaiting(DomainName.of(ascii))).isPresent();
	}

	@Test
	void saysOnlyAfterConfirmationThatADomainIsOursOrTaken() {
		String taken = SomePartner.invited(this.context, People.of(this.context).admin().who())
			.mainDomain()
			.name()
			.ascii();
		Cookie browser = ask(taken);
		assertThat(enter(browser, code(taken))).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("already registered");
		String ours = Fixtures.freshDomain() + ".contoso.example";
		Cookie second = ask(ours);
		assertThat(enter(second, code(ours))).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("belongs to Contoso Bank");
		assertThat(this.requests.findWaiting(DomainName.of(taken))).isEmpty();
		assertThat(this.requests.findWaiting(DomainName.of(ours))).isEmpty();
	}

	@Test
	void tellsTheSecondWhoAsksForOneDomain() {
		String domain = Fixtures.freshDomain();
		assertThat(enter(ask(domain), code(domain))).hasStatus3xxRedirection();
		Request first = this.requests.findWaiting(DomainName.of(domain)).orElseThrow();
		Cookie second = ask(domain);
		assertThat(enter(second, code(domain))).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("asked for " + domain + " already")
			.doesNotContain(first.reference());
		assertThat(this.requests.findWaiting(DomainName.of(domain))).map(Request::id).contains(first.id());
	}

	@Test
	void refusesACodeThatIsReplayedExpiredForeignOrGuessedTooOften() {
		String domain = Fixtures.freshDomain();
		Cookie browser = ask(domain);
		String code = code(domain);
		assertThat(this.mvc.post().uri("/request/code").param("code", code).with(csrf()))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT);
		assertThat(enter(browser, code)).hasStatus3xxRedirection();
		assertThat(enter(browser, code)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("no longer good");

		String late = Fixtures.freshDomain();
		Cookie lateBrowser = ask(late);
		String lateCode = code(late);
		this.clock.pass(Duration.ofMinutes(11));
		assertThat(enter(lateBrowser, lateCode)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("no longer good");
		assertThat(this.requests.findWaiting(DomainName.of(late))).isEmpty();

		String guessed = Fixtures.freshDomain();
		Cookie guessing = ask(guessed);
		String right = code(guessed);
		for (int i = 0; i < 5; i++) {
			assertThat(enter(guessing, "BBBB-BBBB")).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT);
		}
		assertThat(enter(guessing, right)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Too many wrong codes");
		assertThat(this.requests.findWaiting(DomainName.of(guessed))).isEmpty();
	}

	@Test
	void refusesAPostWithoutToken() {
		assertThat(this.mvc.post().uri("/request").param("organisation", "Acme")).hasStatus(HttpStatus.FORBIDDEN);
		assertThat(this.mvc.post().uri("/request/code").param("code", "BBBB-BBBB")).hasStatus(HttpStatus.FORBIDDEN);
	}

	@Test
	void forgetsWhatWasNeverConfirmed() {
		String domain = Fixtures.freshDomain();
		ask(domain);
		assertThat(count(domain)).isOne();
		this.clock.pass(Duration.ofDays(2));
		this.context.getBean(org.springframework.transaction.support.TransactionTemplate.class)
			.executeWithoutResult(
					(status) -> this.requests.deleteUnconfirmed(this.clock.instant().minus(Duration.ofDays(1))));
		assertThat(count(domain)).isZero();
	}

	@Test
	void confirmsAReferenceWithoutSignInAndNamesNobody() {
		var partner = SomePartner.invited(this.context, People.of(this.context).admin().who());
		assertThat(this.mvc.get().uri("/programme/reference?ref=" + partner.reference())).hasStatusOk()
			.bodyText()
			.contains("Yes", partner.reference())
			.doesNotContain(partner.name(), "Ines", "Olu", partner.mainDomain().name().ascii());
		assertThat(this.mvc.get().uri("/programme/reference?ref=TLS-1999-0001")).hasStatusOk()
			.bodyText()
			.contains("No,");
		assertThat(this.mvc.get().uri("/programme/reference").param("ref", "<script>alert(1)</script>")).hasStatusOk()
			.bodyText()
			.contains("No,")
			.doesNotContain("<script>alert");
		assertThat(this.mvc.get().uri("/programme/reference")).hasStatusOk().bodyText().doesNotContain("No,");
	}

	@Test
	void reflectsNoReferenceThatIsNone() {
		assertThat(this.mvc.get().uri("/request/sent").param("ref", "phone +1 555 evil")).hasStatusOk()
			.bodyText()
			.doesNotContain("evil");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "/request", "/request/code", "/sign-in", "/sign-in?failed", "/sign-in/code", "/signed-out" })
	void showsThePagesBeforeSignIn(String page) {
		assertThat(this.mvc.get().uri(page)).hasStatusOk().bodyText().contains("<h1>", "Contoso Bank");
	}

	@Test
	void tellsStaffWithoutARoleWhatToDo() {
		assertThat(this.mvc.get().uri("/no-access").with(People.of(this.context).staff("New Colleague").signedIn()))
			.hasStatusOk()
			.bodyText()
			.contains("New Colleague", "Portal.Admin");
	}

	private int count(String domain) {
		return this.jdbc.sql("select count(*) from partner_request where domain = ?")
			.param(domain)
			.query(Integer.class)
			.single();
	}

	private Cookie ask(String domain) {
		MvcTestResult result = post(domain, "organisation", "Acme " + domain);
		assertThat(result).hasStatus3xxRedirection();
		String header = result.getResponse()
			.getHeaders("Set-Cookie")
			.stream()
			.filter((each) -> each.startsWith("PORTALCODE="))
			.findFirst()
			.orElseThrow();
		return new Cookie("PORTALCODE", header.substring("PORTALCODE=".length(), header.indexOf(';')));
	}

	private MvcTestResult post(String domain, String field, String value) {
		Map<String, String> fields = new TreeMap<>(Map.of("organisation", "Acme", "domain", domain, "contactName",
				"Ines Tanner", "address", "it@" + domain, "phone", "", "reason", "We exchange medical reports"));
		fields.put(field, value);
		var request = this.mvc.post().uri("/request").with(csrf());
		fields.forEach(request::param);
		return request.exchange();
	}

	private MvcTestResult enter(Cookie browser, String code) {
		return this.mvc.post().uri("/request/code").cookie(browser).param("code", code).with(csrf()).exchange();
	}

	private String code(String domain) {
		this.jobs.runDue();
		Matcher matcher = CODE.matcher(texts("it@" + domain).getLast());
		assertThat(matcher.find()).isTrue();
		return matcher.group(1);
	}

	private List<String> texts(String address) {
		return Arrays.stream(this.greenMail.getReceivedMessages()).filter((message) -> {
			try {
				return message.getRecipients(Message.RecipientType.TO)[0].toString().equals(address);
			}
			catch (MessagingException ex) {
				throw new IllegalStateException(ex);
			}
		}).map((message) -> {
			try {
				return message.getSubject() + "\n" + Inbox.text(message);
			}
			catch (MessagingException ex) {
				throw new IllegalStateException(ex);
			}
		}).toList();
	}

}
