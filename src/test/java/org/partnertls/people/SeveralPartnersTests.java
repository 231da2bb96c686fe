package org.partnertls.people;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Inbox;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.Directory;
import org.partnertls.account.People.Person;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.SomePartner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

/**
 * One person at one address who is there for several partners.
 */
@PortalTest
class SeveralPartnersTests {

	private static final String CHOICE = "/sign-in/organisation";

	@Autowired
	private ApplicationContext context;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Partners partners;

	@Autowired
	private Directory directory;

	@Autowired
	private Outbox outbox;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private TestClock clock;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private Fixtures fixtures;

	private final String helper = "mo@" + Fixtures.freshDomain();

	private Person admin;

	private Partner acme;

	private Partner birch;

	@BeforeEach
	void bothNameTheSameHelper() {
		this.admin = org.partnertls.account.People.of(this.context).admin();
		this.acme = SomePartner.onboarding(this.context, this.admin.who());
		this.birch = SomePartner.onboarding(this.context, this.admin.who());
		assertThat(add(this.acme, "HELPER", this.helper)).hasRedirectedUrl("/partnership/people");
		assertThat(add(this.birch, "HELPER", this.helper)).hasRedirectedUrl("/partnership/people");
	}

	@Test
	void eachInvitationLeadsIntoItsOwnPartner() {
		UUID toAcme = invitation(this.acme);
		UUID toBirch = invitation(this.birch);
		assertThat(Inbox.of(this.context, this.helper)).anyMatch((letter) -> letter.contains("/invitation/" + toAcme))
			.anyMatch((letter) -> letter.contains("/invitation/" + toBirch));

		Browser first = new Browser();
		first.post("/invitation/" + toBirch + "/code");
		assertThat(first.enterCode()).hasRedirectedUrl("/tasks");
		isThereFor(first, this.birch, this.acme);
		assertThat(this.fixtures.events("invitation.opened", toBirch)).isOne();
		assertThat(this.fixtures.events("invitation.opened", toAcme)).isZero();

		this.clock.pass(Duration.ofMillis(5));
		Browser second = new Browser();
		second.post("/invitation/" + toAcme + "/code");
		assertThat(second.enterCode()).hasRedirectedUrl("/tasks");
		isThereFor(second, this.acme, this.birch);
		assertThat(this.fixtures.events("invitation.opened", toAcme)).isOne();
	}

	@Test
	void whoeverSignsInPlainlyChoosesBeforeAnythingIsShownOrDone() {
		Browser browser = new Browser();
		assertThat(browser.signIn(this.helper)).hasRedirectedUrl(CHOICE);

		assertThat(browser.get("/tasks")).hasRedirectedUrl("/sign-in");
		assertThat(signIns(this.acme) + signIns(this.birch)).isZero();
		assertThat(this.fixtures.events("invitation.opened", invitation(this.acme))).isZero();
		assertThat(browser.get(CHOICE)).hasStatusOk()
			.bodyText()
			.contains("For which organisation are you here?", this.acme.name(), this.birch.name(), "Technical helper")
			.doesNotContain("You are here now");

		String before = browser.session();
		assertThat(browser.post(CHOICE, "organisation=" + this.birch.id())).hasRedirectedUrl("/tasks");
		assertThat(browser.session()).isNotEqualTo(before);
		isThereFor(browser, this.birch, this.acme);
		assertThat(signIns(this.birch)).isOne();
		assertThat(signIns(this.acme)).isZero();
		assertThat(this.fixtures.events("invitation.opened", invitation(this.birch))).isOne();
		assertThat(this.fixtures.events("invitation.opened", invitation(this.acme))).isZero();
	}

	@Test
	void theProofIsGoodForTenMinutesInThatBrowserOnlyAndOnce() {
		Browser browser = new Browser();
		browser.signIn(this.helper);
		assertThat(new Browser().post(CHOICE, "organisation=" + this.acme.id())).hasStatus(422)
			.bodyText()
			.contains("Sign in first")
			.doesNotContain(this.acme.name());
		String proven = browser.session();
		browser.post(CHOICE, "organisation=" + this.acme.id());
		assertThat(this.mvc.get().uri(CHOICE).cookie(new Cookie("PORTAL", proven))).bodyText()
			.contains("Sign in first");
		browser.post("/logout");
		assertThat(browser.get(CHOICE)).bodyText().contains("Sign in first");

		browser.signIn(this.helper);
		this.clock.pass(Duration.ofMinutes(10));
		assertThat(browser.get(CHOICE)).bodyText().contains("Sign in first").doesNotContain(this.acme.name());
		assertThat(browser.post(CHOICE, "organisation=" + this.acme.id())).hasStatus(422);
		assertThat(browser.get("/tasks")).hasRedirectedUrl("/sign-in");
	}

	@Test
	void anIdThatIsNotTheirsGetsTheSameAnswerAsOneThatIsNobodys() {
		Partner stranger = SomePartner.onboarding(this.context, this.admin.who());
		Browser browser = new Browser();
		browser.signIn(this.helper);
		List<String> answers = new ArrayList<>();
		for (String id : List.of(stranger.id().toString(), UUID.randomUUID().toString(), "x", "' or '1'='1", "")) {
			MvcTestResult answer = browser.post(CHOICE, "organisation=" + id);
			assertThat(answer).hasStatus(422);
			answers.add(body(answer).replaceAll("(value|content)=\"[A-Za-z0-9_-]{40,}\"", "token"));
		}
		assertThat(answers.getFirst()).contains("This is none of yours", this.acme.name())
			.doesNotContain(stranger.name());
		assertThat(answers).containsOnly(answers.getFirst());
		assertThat(browser.get("/tasks")).hasRedirectedUrl("/sign-in");
		assertThat(this.jdbc
			.sql("select count(*) from audit_event e join audit_personal p on p.event_id = e.id"
					+ " where e.code = 'sign-in.partner.refused' and p.content = ?")
			.param(this.helper)
			.query(Integer.class)
			.single()).isEqualTo(5);
	}

	@Test
	void whoeverIsSignedInChangesToAnotherAndTheSignInGetsNoYounger() {
		Browser browser = new Browser();
		browser.signIn(this.helper);
		browser.post(CHOICE, "organisation=" + this.birch.id());
		this.clock.pass(Duration.ofHours(7));
		assertThat(browser.get("/tasks")).bodyText().contains("Another organisation");
		assertThat(browser.get(CHOICE)).bodyText().contains(this.acme.name(), "You are here now", "Stay where you are");
		Partner stranger = SomePartner.onboarding(this.context, this.admin.who());
		assertThat(browser.post(CHOICE, "organisation=" + stranger.id())).hasStatus(422);
		isThereFor(browser, this.birch, this.acme);

		bounce();
		String before = browser.session();
		assertThat(browser.post(CHOICE, "organisation=" + this.acme.id())).hasRedirectedUrl("/tasks");
		assertThat(browser.session()).isNotEqualTo(before);
		assertThat(this.mvc.get().uri("/tasks").cookie(new Cookie("PORTAL", before))).hasRedirectedUrl("/sign-in");
		isThereFor(browser, this.acme, this.birch);
		assertThat(signIns(this.acme)).isOne();
		// Mail that came hours ago says nothing about mail that comes back now.
		assertThat(returned(this.acme)).isTrue();

		this.clock.pass(Duration.ofMinutes(61));
		assertThat(browser.get("/tasks")).hasRedirectedUrl("/sign-in");
	}

	@Test
	void accessThatEndsAtOneLeavesTheOther() {
		UUID toAcme = invitation(this.acme);
		Browser acmes = new Browser();
		acmes.signIn(this.helper);
		acmes.post(CHOICE, "organisation=" + this.acme.id());
		this.clock.pass(Duration.ofMillis(5));
		Browser birchs = new Browser();
		birchs.signIn(this.helper);
		birchs.post(CHOICE, "organisation=" + this.birch.id());

		post(contact(this.acme), "/partnership/people/" + contactId(this.acme, this.helper) + "/removal");

		assertThat(acmes.get("/tasks")).hasRedirectedUrl("/sign-in");
		isThereFor(birchs, this.birch, this.acme);
		assertThat(birchs.get("/tasks")).bodyText().doesNotContain("Another organisation");
		assertThat(birchs.post(CHOICE, "organisation=" + this.acme.id())).hasStatus(422);
		assertThat(new Browser().get("/invitation/" + toAcme)).bodyText().contains("This access has ended");
		this.clock.pass(Duration.ofMillis(5));
		Browser plain = new Browser();
		assertThat(plain.signIn(this.helper)).hasRedirectedUrl("/tasks");
		isThereFor(plain, this.birch, this.acme);
	}

	@Test
	void aChoiceWhoseAccessEndsMeanwhileIsRefused() {
		Browser browser = new Browser();
		browser.signIn(this.helper);
		this.partners.withdraw(this.acme.id(), "Over");

		assertThat(browser.post(CHOICE, "organisation=" + this.acme.id())).hasStatus(422)
			.bodyText()
			.contains("This is none of yours", this.birch.name())
			.doesNotContain(this.acme.name());
	}

	@Test
	void aContactHereIsAHelperThereAndConfirmsHereOnly() {
		String ines = "it@" + this.acme.mainDomain().name().ascii();
		assertThat(add(this.birch, "HELPER", ines)).hasRedirectedUrl("/partnership/people");
		Browser browser = new Browser();
		assertThat(browser.signIn(ines)).hasRedirectedUrl(CHOICE);
		assertThat(browser.get(CHOICE)).bodyText().contains("Technical helper", "Technical contact");

		browser.post(CHOICE, "organisation=" + this.birch.id());
		isThereFor(browser, this.birch, this.acme);
		assertThat(browser.get("/partnership/people")).hasStatus(HttpStatus.FORBIDDEN);
		assertThat(browser.post("/attestations/" + UUID.randomUUID() + "/submission")).hasStatus(HttpStatus.FORBIDDEN);

		browser.post(CHOICE, "organisation=" + this.acme.id());
		assertThat(browser.get("/partnership/people")).hasStatusOk();
	}

	@Test
	void nobodyConfirmsForTwoPartners() {
		String inBirch = "lee@" + this.birch.mainDomain().name().ascii();
		this.directory.openAccess(EmailAddress.of(inBirch), "Lee", this.acme.id());
		assertThat(add(this.birch, "TECHNICAL", inBirch)).hasStatus(422)
			.bodyText()
			.contains("already signs in for another organisation");
		assertThat(this.directory.signsIn(EmailAddress.of(inBirch), this.birch.id())).isFalse();

		this.directory.openHelperAccess(EmailAddress.of(inBirch), "Lee", this.acme.id());
		assertThat(add(this.birch, "TECHNICAL", inBirch)).hasRedirectedUrl("/partnership/people");
	}

	@Test
	void twoTransactionsThatNameTheSameContactEndWithOne() {
		EmailAddress address = EmailAddress.of("lee@" + Fixtures.freshDomain());
		CyclicBarrier bothHaveLooked = new CyclicBarrier(2);
		List<CompletableFuture<Void>> namings = List.of(this.acme, this.birch)
			.stream()
			.map((partner) -> CompletableFuture.runAsync(() -> this.transaction.executeWithoutResult((status) -> {
				this.directory.openAccess(address, "Lee", partner.id());
				await(bothHaveLooked);
			}), (work) -> Thread.ofVirtual().start(work)))
			.toList();
		List<Throwable> failed = new ArrayList<>();
		for (CompletableFuture<Void> naming : namings) {
			try {
				naming.join();
			}
			catch (CompletionException ex) {
				failed.add(ex.getCause());
			}
		}
		assertThat(failed).singleElement()
			.isInstanceOf(DataIntegrityViolationException.class)
			.asString()
			.contains("account_confirms_once");
		assertThat(this.jdbc.sql("select count(*) from account where address_key = ? and ended_at is null")
			.param(address.key())
			.query(Integer.class)
			.single()).isOne();
	}

	@Test
	void aCodeReadOutOnANumberThatOnePartnerGaveOpensNoOther() {
		UUID contact = contactId(this.acme, this.helper);
		post(contact(this.acme), "/partnership/people/" + contact, "name=Mo Helper", "address=" + this.helper,
				"phone=+44 20 7946 0123");
		Browser browser = new Browser();
		browser.post("/sign-in", "address=" + this.helper);
		Matcher number = Pattern.compile("(\\d{3}) (\\d{3})</p>").matcher(body(browser.get("/sign-in/code")));
		assertThat(number.find()).isTrue();
		MvcTestResult made = post(this.admin,
				"/partners/" + this.acme.id() + "/people/" + contactId(this.acme, this.helper) + "/code",
				"number=" + number.group(1) + number.group(2), "recognised=knows the reference", "called=true");
		Matcher code = Pattern.compile(">([A-Z0-9]{4}-[A-Z0-9]{4})<").matcher(body(made));
		assertThat(code.find()).isTrue();

		assertThat(browser.post("/sign-in/code", "code=" + code.group(1))).hasRedirectedUrl("/tasks");
		isThereFor(browser, this.acme, this.birch);
		assertThat(browser.get("/tasks")).bodyText().doesNotContain("Another organisation");
		assertThat(browser.get(CHOICE)).bodyText().contains("Sign in first").doesNotContain(this.birch.name());
		assertThat(browser.post(CHOICE, "organisation=" + this.birch.id())).hasStatus(422);
		isThereFor(browser, this.acme, this.birch);
	}

	@Test
	void mailThatComesBackIsMarkedAtBothAndForgottenWhereTheyComeWithACode() {
		bounce();
		assertThat(returned(this.acme) && returned(this.birch)).isTrue();
		Browser browser = new Browser();
		browser.signIn(this.helper);
		browser.post(CHOICE, "organisation=" + this.acme.id());
		assertThat(returned(this.acme)).isFalse();
		assertThat(returned(this.birch)).isTrue();
	}

	private void bounce() {
		this.transaction.executeWithoutResult((status) -> this.outbox.returned(EmailAddress.of(this.helper),
				"550 5.1.1 no such user", this.clock.instant()));
	}

	private boolean returned(Partner partner) {
		return this.partners.find(partner.id())
			.orElseThrow()
			.contact(contactId(partner, this.helper))
			.orElseThrow()
			.returnedAt() != null;
	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await(30, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void isThereFor(Browser browser, Partner here, Partner notThere) {
		assertThat(browser.get("/partnership")).hasStatusOk()
			.bodyText()
			.contains(here.mainDomain().name().ascii())
			.doesNotContain(notThere.mainDomain().name().ascii());
	}

	private int signIns(Partner partner) {
		return this.jdbc
			.sql("select count(*) from audit_event e join account a on a.id::text = e.subject_id"
					+ " where e.code = 'sign-in.partner' and a.partner_id = ?")
			.param(partner.id())
			.query(Integer.class)
			.single();
	}

	private UUID invitation(Partner partner) {
		return this.jdbc.sql("select id from invitation where partner_id = ? and address_key = ?")
			.params(partner.id(), this.helper)
			.query(UUID.class)
			.single();
	}

	private UUID contactId(Partner partner, String address) {
		return this.partners.find(partner.id())
			.orElseThrow()
			.contacts()
			.stream()
			.filter((person) -> person.address().toString().equals(address))
			.findFirst()
			.orElseThrow()
			.id();
	}

	private Person contact(Partner partner) {
		return org.partnertls.account.People.of(this.context)
			.partner(partner.id(), EmailAddress.of("it@" + partner.mainDomain().name().ascii()));
	}

	private MvcTestResult add(Partner partner, String role, String address) {
		return post(contact(partner), "/partnership/people/new", "role=" + role, "name=Mo Helper",
				"address=" + address);
	}

	private MvcTestResult post(Person person, String path, String... fields) {
		var request = this.mvc.post().uri(path).with(person.signedIn()).with(csrf());
		for (String field : fields) {
			request = request.param(field.substring(0, field.indexOf('=')), field.substring(field.indexOf('=') + 1));
		}
		return request.exchange();
	}

	private static String body(MvcTestResult result) {
		try {
			return result.getResponse().getContentAsString();
		}
		catch (java.io.UnsupportedEncodingException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Keeps its cookies, so that the session is the real one. */
	private final class Browser {

		private final Map<String, String> cookies = new TreeMap<>();

		MvcTestResult get(String path) {
			return keep(SeveralPartnersTests.this.mvc.get().uri(path).cookie(all()).exchange());
		}

		MvcTestResult post(String path, String... fields) {
			var request = SeveralPartnersTests.this.mvc.post().uri(path).cookie(all()).with(csrf());
			for (String field : fields) {
				request = request.param(field.substring(0, field.indexOf('=')),
						field.substring(field.indexOf('=') + 1));
			}
			return keep(request.exchange());
		}

		MvcTestResult signIn(String address) {
			post("/sign-in", "address=" + address);
			return post("/sign-in/code", "code=" + Inbox.code(SeveralPartnersTests.this.context, address));
		}

		MvcTestResult enterCode() {
			return post("/sign-in/code",
					"code=" + Inbox.code(SeveralPartnersTests.this.context, SeveralPartnersTests.this.helper));
		}

		String session() {
			return this.cookies.getOrDefault("PORTAL", "");
		}

		private Cookie[] all() {
			Map<String, String> sent = new TreeMap<>(this.cookies);
			sent.putIfAbsent("theme", "light");
			return sent.entrySet()
				.stream()
				.map((cookie) -> new Cookie(cookie.getKey(), cookie.getValue()))
				.toArray(Cookie[]::new);
		}

		private MvcTestResult keep(MvcTestResult result) {
			result.getResponse().getHeaders("Set-Cookie").forEach((header) -> {
				String name = header.substring(0, header.indexOf('='));
				String value = header.substring(header.indexOf('=') + 1).replaceFirst(";.*", "");
				if (List.of("PORTAL", "PORTALCODE").contains(name)) {
					this.cookies.put(name, value);
				}
			});
			return result;
		}

	}

}
