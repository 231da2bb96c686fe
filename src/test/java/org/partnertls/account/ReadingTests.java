package org.partnertls.account;

import java.time.ZoneId;
import java.util.Locale;
import java.util.UUID;

import jakarta.servlet.http.Cookie;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.mail.ReaderLanguage;
import org.partnertls.organization.EmailAddress;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

/**
 * Language and time zone are the reader's: chosen in a browser, kept with the account,
 * and known to whoever writes to them.
 */
@PortalTest
class ReadingTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Accounts accounts;

	@Autowired
	private Directory directory;

	@Autowired
	private TestClock clock;

	@Autowired
	private SignIns signIns;

	@Autowired
	private ReaderLanguage readers;

	@Autowired
	private Fixtures fixtures;

	@Autowired
	private TransactionTemplate transaction;

	@Test
	void aChoiceIsKeptWithTheAccountAndCountsInEveryBrowser() {
		People.Person admin = People.of(this.context).admin();

		MvcTestResult chosen = this.mvc.post()
			.uri("/language")
			.param("language", "de")
			.header("Referer", "http://localhost/partners?q=acme&page=2")
			.with(admin.signedIn())
			.with(csrf())
			.exchange();

		assertThat(chosen).hasRedirectedUrl("/partners?q=acme&page=2");
		assertThat(chosen.getResponse().getHeaders("Set-Cookie"))
			.anySatisfy((cookie) -> assertThat(cookie).startsWith("language=de;"));
		assertThat(this.fixtures.events("account.reading-chosen", admin.id())).isEqualTo(1);
		assertThat(this.mvc.get().uri("/overview").with(admin.signedIn()).header("Accept-Language", "en")).bodyText()
			.contains("lang=\"de-DE\"", "jetzt zu tun");
	}

	@Test
	void timesStandInTheZoneThatWasChosenWhichTheyName() {
		People.Person admin = People.of(this.context).admin();
		assertThat(this.mvc.get().uri("/language").with(admin.signedIn())).bodyText()
			.containsPattern("\\d\\d:\\d\\d CES?T<");

		choose(admin, "zone", "Asia/Tokyo");

		assertThat(this.mvc.get().uri("/language").with(admin.signedIn())).bodyText()
			.containsPattern("\\d\\d:\\d\\d JST<")
			.contains("Japan Standard Time");
		choose(admin, "zone", "");
		assertThat(this.mvc.get().uri("/language").with(admin.signedIn())).bodyText()
			.containsPattern("\\d\\d:\\d\\d CES?T<");
	}

	@Test
	void datesAreWrittenAsTheLanguageWritesThem() {
		assertThat(this.mvc.get()
			.uri("/language")
			.cookie(new Cookie("language", "de"), new Cookie("zone", "Europe/Berlin"))).bodyText()
			.containsPattern("\\d+\\. \\p{L}+\\.? \\d{4}, \\d\\d:\\d\\d MES?Z<")
			.containsPattern("(Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag), \\d+\\. ");
	}

	@Test
	void whatNobodySpeaksIsNoChoice() {
		People.Person admin = People.of(this.context).admin();

		choose(admin, "language", "tlh");
		choose(admin, "zone", "Nowhere/City");

		assertThat(reading(admin.id())).isEqualTo(new Reading(null, null));
		assertThat(this.mvc.get().uri("/sign-in").cookie(new Cookie("language", "qps"), new Cookie("zone", "' or 1=1")))
			.hasStatusOk()
			.bodyText()
			.contains("<h1>Sign in</h1>");
	}

	@Test
	void theFirstSignInTellsTheLanguageOfTheBrowserAndLaterOnesOnlyAChoice() {
		EmailAddress address = invited();
		signIn(address, "de-CH,de;q=0.9", null);
		assertThat(reading(address).language()).isEqualTo(Locale.GERMAN);

		signIn(address, "en-GB", null);
		assertThat(reading(address).language()).isEqualTo(Locale.GERMAN);

		signIn(address, "de", new Cookie("language", "en"));
		assertThat(reading(address).language()).isEqualTo(Locale.ENGLISH);
	}

	@Test
	void theZoneChosenBeforeSigningInIsKept() {
		EmailAddress address = invited();

		signIn(address, "en", new Cookie("zone", "America/New_York"));

		assertThat(reading(address).zone()).isEqualTo(ZoneId.of("America/New_York"));
	}

	@Test
	void lettersAreInTheLanguageOfTheirReader() {
		UUID partner = UUID.randomUUID();
		EmailAddress address = EmailAddress.of("greta@" + Fixtures.freshDomain());
		this.directory.openAccess(address, "Greta Hahn", partner);
		assertThat(this.readers.languageOf(address)).isEqualTo(Locale.ENGLISH);

		this.directory.writeTo(address, partner, Locale.GERMAN);
		assertThat(this.readers.languageOf(address)).isEqualTo(Locale.GERMAN);
		this.directory.writeTo(address, partner, Locale.ENGLISH);
		assertThat(this.readers.languageOf(address)).isEqualTo(Locale.GERMAN);

		People.Person admin = People.of(this.context).admin();
		choose(admin, "language", "de");
		assertThat(this.readers.languageOf(EmailAddress.of(String.valueOf(admin.who().address()))))
			.isEqualTo(Locale.GERMAN);
	}

	@Test
	void colleaguesAndContactsWithoutAccountAreWrittenToInTheirPartnersLanguage() {
		UUID partner = UUID.randomUUID();
		String domain = Fixtures.freshDomain();
		EmailAddress emergency = EmailAddress.of("ole@" + Fixtures.freshDomain());
		this.directory.openAccess(EmailAddress.of("greta@" + domain), "Greta Hahn", partner);
		this.directory.writeTo(EmailAddress.of("greta@" + domain), partner, Locale.GERMAN);

		this.directory.openHelperAccess(EmailAddress.of("mo@" + domain), "Mo Helper", partner);

		assertThat(this.readers.languageOf(EmailAddress.of("mo@" + domain))).isEqualTo(Locale.GERMAN);
		assertThat(this.readers.languageOf(emergency, partner)).isEqualTo(Locale.GERMAN);
		assertThat(this.readers.languageOf(emergency, null)).isEqualTo(Locale.ENGLISH);
		assertThat(this.readers.languageOf(EmailAddress.of("olu.owner@contoso.example"), partner))
			.as("our own colleague is not the partner's")
			.isEqualTo(Locale.ENGLISH);
	}

	@Test
	void aCodeToAnUnknownAddressIsInTheLanguageOfThePageThatAskedForIt() {
		EmailAddress address = EmailAddress.of("ines@" + Fixtures.freshDomain());

		this.mvc.post()
			.uri("/sign-in")
			.param("address", address.toString())
			.cookie(new Cookie("language", "de"))
			.with(csrf())
			.exchange();

		assertThat(this.readers.languageOf(address)).isEqualTo(Locale.GERMAN);
	}

	@Test
	void aContactIsInvitedInTheLanguageThatTheInviterChose() {
		People.Person admin = People.of(this.context).admin();
		String domain = Fixtures.freshDomain();

		assertThat(this.mvc.post()
			.uri("/partners/new")
			.param("organisation", "Nordwind " + domain)
			.param("domain", domain)
			.param("contactName", "Greta Hahn")
			.param("contactAddress", "greta@" + domain)
			.param("language", "de")
			.param("ownerName", "Ines Falk")
			.param("ownerAddress", "ines@contoso.example")
			.param("reason", "Payroll")
			.with(admin.signedIn())
			.with(csrf())).hasStatus3xxRedirection();

		assertThat(this.readers.languageOf(EmailAddress.of("greta@" + domain))).isEqualTo(Locale.GERMAN);
	}

	@Test
	void aHelperOfSeveralPartnersIsWrittenToAsTheyReadForTheOneThatALetterIsAbout() {
		UUID first = UUID.randomUUID();
		UUID second = UUID.randomUUID();
		UUID third = UUID.randomUUID();
		EmailAddress address = EmailAddress.of("mo@" + Fixtures.freshDomain());
		UUID theirs = this.directory.openHelperAccess(address, "Mo Helper", first);
		this.directory.openHelperAccess(address, "Mo Helper", second);
		this.directory.writeTo(address, second, Locale.ENGLISH);
		this.directory.writeTo(address, first, Locale.GERMAN);

		assertThat(this.readers.languageOf(address, first)).isEqualTo(Locale.GERMAN);
		assertThat(this.readers.languageOf(address, second)).isEqualTo(Locale.ENGLISH);
		assertThat(reading(theirs).language()).isEqualTo(Locale.GERMAN);
		// Whoever is new somewhere reads there as they do elsewhere.
		UUID latest = this.directory.openHelperAccess(address, "Mo Helper", third);
		assertThat(reading(latest).language()).isEqualTo(Locale.GERMAN);
	}

	private EmailAddress invited() {
		EmailAddress address = EmailAddress.of("greta@" + Fixtures.freshDomain());
		this.directory.openAccess(address, "Greta Hahn", UUID.randomUUID());
		return address;
	}

	private void choose(People.Person person, String name, String value) {
		assertThat(this.mvc.post().uri("/language").param(name, value).with(person.signedIn()).with(csrf()))
			.hasStatus3xxRedirection();
	}

	private void signIn(EmailAddress address, String browser, @Nullable Cookie chosen) {
		MockHttpServletRequest request = new MockHttpServletRequest("POST", "/sign-in/code");
		request.addHeader("Accept-Language", browser);
		if (chosen != null) {
			request.setCookies(chosen);
		}
		this.transaction.executeWithoutResult(
				(status) -> this.signIns.enterPartner(this.accounts.findLiving(address.key()).getFirst(),
						new SignIns.Proof(address.toString(), this.clock.instant(), SignIns.Way.MAIL), request,
						new MockHttpServletResponse()));
		SecurityContextHolder.clearContext();
	}

	private Reading reading(EmailAddress address) {
		return this.accounts.findLiving(address.key()).getFirst().reading();
	}

	private Reading reading(UUID account) {
		return this.accounts.findById(account).orElseThrow().reading();
	}

}
