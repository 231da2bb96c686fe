package org.partnertls.account;

import java.time.Duration;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.icegreen.greenmail.util.GreenMail;
import jakarta.mail.Message;
import jakarta.mail.internet.MimeMessage;
import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Jobs;
import org.partnertls.Inbox;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.organization.EmailAddress;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class CodeSignInTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Directory directory;

	@Autowired
	private Jobs jobs;

	@Autowired
	private GreenMail mail;

	@Autowired
	private TestClock clock;

	@Autowired
	private JdbcClient jdbc;

	private final UUID partner = UUID.randomUUID();

	private EmailAddress address;

	@BeforeEach
	void openAccess() {
		this.address = EmailAddress.of("greta@" + Fixtures.freshDomain());
		this.directory.openAccess(this.address, "Greta Hahn", this.partner);
	}

	@Test
	void signsInWithTheCodeFromTheMessage() {
		Cookie browser = ask(this.address.toString());

		MvcTestResult entered = type(browser, codeFor(this.address));

		assertThat(entered).hasStatus3xxRedirection().hasRedirectedUrl("/tasks");
		assertThat(entered.getResponse().getCookie("PORTAL")).isNotNull();
	}

	@Test
	void takesTheCodeHoweverItIsTyped() {
		Cookie browser = ask(this.address.toString());

		assertThat(type(browser, " " + codeFor(this.address).toLowerCase(java.util.Locale.ROOT).replace("-", " - ")))
			.hasRedirectedUrl("/tasks");
	}

	@Test
	void answersTheSameForAnAddressThatItDoesNotKnow() throws Exception {
		int before = this.mail.getReceivedMessages().length;
		MvcTestResult unknown = post("/sign-in", "address", "nobody@" + Fixtures.freshDomain(), null);
		MvcTestResult known = post("/sign-in", "address", this.address.toString(), null);
		this.jobs.runDue();

		assertThat(unknown).hasStatus3xxRedirection().hasRedirectedUrl("/sign-in/code");
		assertThat(known).hasStatus3xxRedirection().hasRedirectedUrl("/sign-in/code");
		assertThat(unknown.getResponse().getHeaderNames()).isEqualTo(known.getResponse().getHeaderNames());
		assertThat(this.mail.getReceivedMessages()).hasSize(before + 1);
		assertThat(this.mail.getReceivedMessages()[before].getRecipients(Message.RecipientType.TO)[0])
			.hasToString(this.address.toString());
	}

	@Test
	void refusesACodeInAnotherBrowser() {
		ask(this.address.toString());
		String code = codeFor(this.address);

		assertThat(type(new Cookie("PORTALCODE", "another"), code)).hasStatus(422)
			.bodyText()
			.contains("This browser has not asked for a code");
		assertThat(type(null, code)).hasStatus(422);
	}

	@Test
	void refusesACodeThatWasUsedBefore() {
		Cookie browser = ask(this.address.toString());
		String code = codeFor(this.address);
		type(browser, code);

		assertThat(type(browser, code)).hasStatus(422).bodyText().contains("no longer good");
	}

	@Test
	void refusesACodeAfterTenMinutes() {
		Cookie browser = ask(this.address.toString());
		String code = codeFor(this.address);
		this.clock.pass(Duration.ofMinutes(10));

		assertThat(type(browser, code)).hasStatus(422).bodyText().contains("no longer good");
	}

	@Test
	void refusesTheRightCodeAfterFiveGuesses() {
		Cookie browser = ask(this.address.toString());
		String code = codeFor(this.address);
		for (int left = 4; left >= 1; left--) {
			assertThat(type(browser, "BBBB-BBBB")).hasStatus(422)
				.bodyText()
				.contains(left + ((left == 1) ? " try is" : " tries are"));
		}
		assertThat(type(browser, "BBBB-BBBB")).hasStatus(422).bodyText().contains("Too many wrong codes");

		assertThat(type(browser, code)).hasStatus(422).bodyText().contains("Too many wrong codes");
		assertThat(this.jdbc
			.sql("select count(*) from audit_event e join audit_personal p on p.event_id = e.id"
					+ " where e.code = 'code.refused' and p.content = ?")
			.param(this.address.toString())
			.query(Integer.class)
			.single()).isEqualTo(6);
	}

	@Test
	void refusesWhoeverLostAccessMeanwhile() {
		Cookie browser = ask(this.address.toString());
		String code = codeFor(this.address);
		this.directory.endAccess(this.partner);

		assertThat(type(browser, code)).hasStatus(422).bodyText().contains("no longer signs in");
	}

	@Test
	void keepsNoCodeInClear() {
		ask(this.address.toString());
		String code = codeFor(this.address).replace("-", "");

		assertThat(this.jdbc.sql("select code from one_time_code where address_key = ?")
			.param(this.address.key())
			.query(String.class)
			.single()).startsWith("{bcrypt}").doesNotContain(code);
	}

	@Test
	void stopsSendingCodesToOneAddressAfterTenInAnHour() {
		for (int i = 0; i < 12; i++) {
			ask(this.address.toString());
		}
		this.jobs.runDue();

		assertThat(messagesTo(this.address)).isEqualTo(10);
	}

	@Test
	void refusesAPostWithoutCsrfToken() {
		assertThat(this.mvc.post().uri("/sign-in").param("address", this.address.toString())).hasStatus(403);
	}

	@Test
	void keepsWhatWasTypedWhenItIsNoAddress() {
		assertThat(post("/sign-in", "address", "greta(at)nordwind", null)).hasStatus(422)
			.bodyText()
			.contains("greta(at)nordwind", "Enter an e-mail address");
	}

	private Cookie ask(String typed) {
		MvcTestResult asked = post("/sign-in", "address", typed, null);
		String cookie = asked.getResponse()
			.getHeaders("Set-Cookie")
			.stream()
			.filter((header) -> header.startsWith("PORTALCODE="))
			.findFirst()
			.orElseThrow();
		assertThat(cookie).contains("HttpOnly", "SameSite=Lax");
		this.clock.pass(Duration.ofMillis(5));
		return new Cookie("PORTALCODE", cookie.substring("PORTALCODE=".length(), cookie.indexOf(';')));
	}

	private MvcTestResult type(Cookie browser, String code) {
		return post("/sign-in/code", "code", code, browser);
	}

	private MvcTestResult post(String path, String field, String value, Cookie cookie) {
		var request = this.mvc.post().uri(path).param(field, value).with(csrf());
		return ((cookie != null) ? request.cookie(cookie) : request).exchange();
	}

	private String codeFor(EmailAddress to) {
		this.jobs.runDue();
		try {
			MimeMessage[] messages = this.mail.getReceivedMessages();
			for (int i = messages.length - 1; i >= 0; i--) {
				if (messages[i].getRecipients(Message.RecipientType.TO)[0].toString().equals(to.toString())) {
					Matcher code = Pattern.compile("[A-Z0-9]{4}-[A-Z0-9]{4}").matcher(Inbox.text(messages[i]));
					assertThat(code.find()).isTrue();
					return code.group();
				}
			}
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		throw new IllegalStateException("no message to " + to);
	}

	private long messagesTo(EmailAddress to) {
		long count = 0;
		try {
			for (MimeMessage message : this.mail.getReceivedMessages()) {
				if (message.getRecipients(Message.RecipientType.TO)[0].toString().equals(to.toString())) {
					count++;
				}
			}
		}
		catch (jakarta.mail.MessagingException ex) {
			throw new IllegalStateException(ex);
		}
		return count;
	}

}
