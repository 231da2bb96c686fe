package org.partnertls.request;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.Fixtures;
import org.partnertls.Inbox;
import org.partnertls.Jobs;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.Directory;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
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
class ImportPagesTests {

	private static final String HEAD = "organisation;domain;contact name;contact address;owner name;owner address;reason\n";

	@Autowired
	private ApplicationContext context;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Partners partners;

	@Autowired
	private Directory directory;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private Jobs jobs;

	@Autowired
	private TestClock clock;

	@Autowired
	private Fixtures fixtures;

	private People.Person admin;

	@BeforeEach
	void prepare() {
		this.admin = People.of(this.context).admin();
	}

	@Test
	void saysOfEveryRowWhatItWouldDoAndStoresNothing() {
		Partner same = SomePartner.invited(this.context, this.admin.who());
		Partner changed = SomePartner.invited(this.context, this.admin.who());
		String fresh = Fixtures.freshDomain();
		String file = HEAD + row(fresh) + row(fresh)
				+ "%s;%s;Ines;it@%s;;;x\n".formatted(same.name(), domain(same), domain(same))
				+ "Renamed AG;%s;Ines;it@%s;New Owner;new@contoso.example;x\n".formatted(domain(changed),
						domain(changed))
				+ "Outside;%1$s;A;a@elsewhere.example;;;x\n".formatted(Fixtures.freshDomain())
				+ "Ours;mail.contoso.example;A;a@mail.contoso.example;;;x\n"
				+ "Control\u0007;%1$s;A;a@%1$s;Owner;owner@elsewhere.example;\n".formatted(Fixtures.freshDomain())
				+ "Pay;p\u0430ypal-%1$s;A;a@p\u0430ypal-%1$s;;;x\n".formatted(fresh);
		int before = stored();
		assertThat(preview(file)).hasStatusOk()
			.bodyText()
			.contains("2 new", "1 changed", "1 same", "4 error", "Import 3 rows")
			.contains("The same domain stands in line 2.", "The name becomes “Renamed AG”",
					"The owner becomes New Owner &lt;new@contoso.example&gt;")
			.contains("Column “contact address”: Enter an address in the domain", "belongs to Contoso Bank",
					"Column “organisation”: Enter plain text",
					"Column “owner address”: Enter an address in one of our own", "Column “reason”: Say why",
					"mixes writing systems", "needs a second look");
		assertThat(stored()).isEqualTo(before);
		assertThat(this.partners.find(changed.id()).orElseThrow().name()).isEqualTo(changed.name());
	}

	@Test
	void importsInvitesAndTakesTheSameFileInOnlyOnce() {
		Partner known = SomePartner.invited(this.context, this.admin.who());
		String one = Fixtures.freshDomain();
		String two = Fixtures.freshDomain();
		String file = HEAD + row(one) + row(two)
				+ "Renamed %1$s;%1$s;Ines;it@%1$s;New Owner;new@contoso.example;x\n".formatted(domain(known));
		UUID id = store(file, false);
		assertThat(this.partners.findByDomain(new DomainName(one))).isEmpty();
		Partner corrected = this.partners.find(known.id()).orElseThrow();
		assertThat(corrected.name()).isEqualTo("Renamed " + domain(known));
		assertThat(corrected.ownerAddress()).hasToString("new@contoso.example");
		assertThat(this.fixtures.events("partner.renamed", known.id())).isOne();
		assertThat(preview(file)).bodyText().contains("0 new, 0 changed, 3 same", "No row would change anything");

		assertThat(this.mvc.post()
			.uri("/partners/imports/" + id + "/invitations")
			.param("line", "2")
			.with(this.admin.signedIn())
			.with(csrf())).hasRedirectedUrl("/partners/imports/" + id);
		run();
		Partner invited = this.partners.findByDomain(new DomainName(one)).orElseThrow();
		assertThat(invited.invitedBy()).isEqualTo(this.admin.id());
		assertThat(this.jdbc.sql("select actor_id from audit_event where code = 'partner.invited' and partner_id = ?")
			.param(invited.id())
			.query(String.class)
			.single()).isEqualTo(this.admin.id().toString());
		assertThat(this.partners.findByDomain(new DomainName(two))).isEmpty();
		assertThat(this.jdbc.sql("select address from partner_import_row where partner_id = ?")
			.param(invited.id())
			.query((row, number) -> String.valueOf(row.getString(1)))
			.single()).isEqualTo("null");
		assertThat(page(id)).contains("Not invited yet", "Invite 1", "/partners/" + invited.id());

		assertThat(this.mvc.post()
			.uri("/partners/imports/" + id + "/invitations")
			.param("all", "true")
			.with(this.admin.signedIn())
			.with(csrf())).hasStatus3xxRedirection();
		assertThat(page(id)).contains("Being invited", "hx-get");
		run();
		assertThat(this.partners.findByDomain(new DomainName(two))).isPresent();
		assertThat(page(id)).doesNotContain("Not invited yet", "hx-get");
	}

	@Test
	void writesToEachContactInTheLanguageThatTheRowNames() {
		String german = Fixtures.freshDomain();
		String english = Fixtures.freshDomain();
		String unsaid = Fixtures.freshDomain();
		String file = HEAD.replace("reason", "reason;Sprache") + spoken(german, "Deutsch") + spoken(english, "EN")
				+ spoken(unsaid, "");
		assertThat(preview(file)).bodyText()
			.contains("3 new", "lang=\"de\">Deutsch<", "lang=\"en\">English<")
			.doesNotContain("needs a second look");
		UUID id = store(file, false);
		assertThat(languages(id)).containsExactly("de", "en", "null");
		assertThat(page(id)).contains("<div class=\"text-secondary\" translate=\"no\" lang=\"de\">Deutsch</div>");
		assertThat(this.mvc.get().uri("/partners/imports/" + id + "/rows.csv").with(this.admin.signedIn())).bodyText()
			.contains("ann@" + german + ",de,Not invited yet", "ann@" + english + ",en,Not", "ann@" + unsaid + ",,Not");
		assertThat(preview(file)).bodyText().contains("0 new, 0 changed, 3 same", "No row would change anything");
		store(file, true);

		assertThat(this.mvc.post()
			.uri("/partners/imports/" + id + "/invitations")
			.param("all", "true")
			.with(this.admin.signedIn())
			.with(csrf())).hasStatus3xxRedirection();
		run();
		assertThat(Inbox.of(this.context, "ann@" + german)).singleElement()
			.asString()
			.contains("Einladung von", "Guten Tag Ann");
		assertThat(Inbox.of(this.context, "ann@" + english)).singleElement().asString().contains("Dear Ann");
		assertThat(Inbox.of(this.context, "ann@" + unsaid)).singleElement().asString().contains("Dear Ann");
		assertThat(this.directory.languageOf(EmailAddress.of("ann@" + english))).contains(Locale.ENGLISH);
		assertThat(this.directory.languageOf(EmailAddress.of("ann@" + unsaid))).isEmpty();
		assertThat(languages(id)).containsOnly("null");
		// Who is there already chooses for themselves.
		assertThat(preview(file.replace("Deutsch", "English"))).bodyText().contains("0 new, 0 changed, 3 same");
	}

	@ParameterizedTest
	@ValueSource(strings = { "de", "DE", "German", "deutsch" })
	void knowsALanguageByItsCodeAndItsNames(String typed) {
		UUID id = store(HEAD.replace("reason", "reason;language") + spoken(Fixtures.freshDomain(), typed), false);
		assertThat(languages(id)).containsExactly("de");
	}

	@Test
	void aLanguageThatWeDoNotSpeakIsAnErrorThatNamesThoseWeDo() {
		String file = HEAD.replace("reason", "reason;language") + spoken(Fixtures.freshDomain(), "fr")
				+ spoken(Fixtures.freshDomain(), "Englisch");
		String problem = "Column “language”: Enter one of these languages or leave the cell empty: "
				+ "en (English), de (Deutsch).";
		assertThat(preview(file)).bodyText().contains("1 new", "1 error", problem);
		assertThat(failed(file)).contains(",Contracts,fr,\"Line 2. " + problem).doesNotContain("Englisch");
		assertThat(this.mvc.post()
			.uri("/partners/imports/preview")
			.multipart()
			.file("file", file.getBytes(StandardCharsets.UTF_8))
			.cookie(new Cookie("language", "de"))
			.with(this.admin.signedIn())
			.with(csrf())).bodyText()
			.contains("Spalte „language“: Geben Sie eine dieser Sprachen ein oder lassen Sie die Zelle leer: "
					+ "en (English), de (Deutsch).");
	}

	@Test
	void saysWhyARowCouldNotBeInvitedAndLetsItBeTriedAgain() {
		String domain = Fixtures.freshDomain();
		UUID id = store(HEAD + row(domain), true);
		Partner faster = SomePartner.invited(this.context, this.admin.who(), domain);
		run();
		assertThat(page(id)).contains("Could not be invited", "already registered");
		this.partners.withdraw(faster.id(), "A mistake");
		this.mvc.post()
			.uri("/partners/imports/" + id + "/invitations")
			.param("line", "2")
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
		run();
		assertThat(this.partners.findByDomain(new DomainName(domain)))
			.hasValueSatisfying((partner) -> assertThat(partner.id()).isNotEqualTo(faster.id()));
	}

	@Test
	void whoIsNoAdministratorAnyMoreInvitesNobody() {
		String domain = Fixtures.freshDomain();
		UUID id = store(HEAD + row(domain), true);
		this.jdbc.sql("update account set roles = 'COMPLIANCE' where id = ?").param(this.admin.id()).update();
		run();
		assertThat(this.partners.findByDomain(new DomainName(domain))).isEmpty();
		this.admin = People.of(this.context).admin();
		assertThat(page(id)).contains("no administrator any more");
	}

	@Test
	void whatNeedsASecondLookIsInvitedOnlyWhenTicked() {
		String domain = "p\u0430ypal-" + Fixtures.freshDomain();
		UUID id = store(HEAD + "Pay;%1$s;A;a@%1$s;;;x\n".formatted(domain), true);
		run();
		assertThat(page(id)).contains("Look first", "mixes writing systems", "Not invited yet");
		assertThat(this.partners.findByDomain(DomainName.of(domain))).isEmpty();
	}

	@Test
	void failingRowsComeBackAsAFileThatNoSpreadsheetCalculates() {
		assertThat(this.mvc.post()
			.uri("/partners/imports/failed.csv")
			.param("content", HEAD + row(Fixtures.freshDomain()) + "=HYPERLINK(\"x\");no domain;A;a@b.example;;;x\n")
			.with(this.admin.signedIn())
			.with(csrf())).hasStatusOk()
			.hasContentType("text/csv;charset=UTF-8")
			.bodyText()
			.startsWith(
					"organisation,domain,contact name,contact address,owner name,owner address,reason,language,error\r\n")
			.contains("'=HYPERLINK", "Line 3. Column “domain”: Enter a domain name")
			.hasLineCount(2);
	}

	@Test
	void aValueThatOurOwnFileGuardedComesBackAsItWas() {
		String domain = Fixtures.freshDomain();
		String failed = failed(HEAD + "+Plus AG;no domain;=Ada;a@%s;;;-x\n".formatted(domain));
		assertThat(failed).contains("'+Plus AG,no domain,'=Ada", ",'-x,");
		UUID id = store(failed.replace("no domain", domain), false);
		assertThat(this.jdbc
			.sql("select organisation || '|' || contact_name || '|' || reason from partner_import_row"
					+ " where import_id = ?")
			.param(id)
			.query(String.class)
			.single()).isEqualTo("+Plus AG|=Ada|-x");
	}

	@Test
	void twoRowsForOnePartnerDoNotTakeTurnsAtItsNameOrOwner() {
		Partner partner = SomePartner.invited(this.context, this.admin.who());
		String second = Fixtures.freshDomain();
		this.partners.addDomain(partner.id(), new DomainName(second));
		String file = HEAD + "First AG;%1$s;Ines;it@%1$s;One;one@contoso.example;x\n".formatted(domain(partner))
				+ "Second AG;%1$s;Ines;it@%1$s;;;x\n".formatted(second);
		String owners = HEAD + "First AG;%1$s;Ines;it@%1$s;One;one@contoso.example;x\n".formatted(domain(partner))
				+ "First AG;%1$s;Ines;it@%1$s;Two;two@contoso.example;x\n".formatted(second);

		assertThat(preview(file)).bodyText()
			.contains("1 changed", "1 error", "Line 2 names the same partner “First AG”. Give it one name.");
		store(file, false);
		assertThat(this.partners.find(partner.id()).orElseThrow().name()).isEqualTo("First AG");
		assertThat(preview(file)).bodyText().contains("0 changed", "1 same", "1 error");
		assertThat(preview(owners)).bodyText()
			.contains("1 same", "1 error", "Line 2 names another owner of the same partner. Give it one.");
		assertThat(preview(owners.replace("Two;two", "One;one"))).bodyText().contains("2 same", "0 error");
	}

	@Test
	void aFileThatIsNoneIsRefusedBesideTheField() {
		for (byte[] file : new byte[][] { {}, "a;b\nc;d".getBytes(StandardCharsets.UTF_8),
				HEAD.getBytes(StandardCharsets.UTF_16) }) {
			assertThat(upload(file)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
				.bodyText()
				.contains("There is a problem", "file-error");
		}
		assertThat(this.mvc.get().uri("/partners/imports/template.csv").with(this.admin.signedIn())).hasStatusOk()
			.bodyText()
			.startsWith("organisation,domain,")
			.contains(",reason,language\r\n", ",Contracts with personal data,en\r\n");
		assertThat(this.mvc.get().uri("/partners/imports/" + UUID.randomUUID()).with(this.admin.signedIn()))
			.hasStatus(HttpStatus.NOT_FOUND);
	}

	private static String domain(Partner partner) {
		return partner.mainDomain().name().ascii();
	}

	private static String row(String domain) {
		return "Acme %1$s;%1$s;Ann;ann@%1$s;;;Contracts\n".formatted(domain);
	}

	private static String spoken(String domain, String language) {
		return row(domain).replace("\n", ";" + language + "\n");
	}

	private List<String> languages(UUID id) {
		return this.jdbc.sql("select language from partner_import_row where import_id = ? order by line")
			.param(id)
			.query((row, number) -> String.valueOf(row.getString(1)))
			.list();
	}

	private int stored() {
		return this.jdbc.sql("select count(*) from partner_import").query(Integer.class).single();
	}

	private MvcTestResult preview(String file) {
		return upload(file.getBytes(StandardCharsets.UTF_8));
	}

	private MvcTestResult upload(byte[] file) {
		return this.mvc.post()
			.uri("/partners/imports/preview")
			.multipart()
			.file("file", file)
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
	}

	private String failed(String file) {
		MvcTestResult failed = this.mvc.post()
			.uri("/partners/imports/failed.csv")
			.param("content", file)
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
		assertThat(failed).hasStatusOk();
		return new String(failed.getResponse().getContentAsByteArray(), StandardCharsets.UTF_8);
	}

	private UUID store(String file, boolean invite) {
		String page = this.mvc.post()
			.uri("/partners/imports")
			.param("content", file)
			.param("invite", Boolean.toString(invite))
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange()
			.getResponse()
			.getRedirectedUrl();
		return UUID.fromString(String.valueOf(page).substring("/partners/imports/".length()));
	}

	private String page(UUID id) {
		MvcTestResult page = this.mvc.get().uri("/partners/imports/" + id).with(this.admin.signedIn()).exchange();
		assertThat(page).hasStatusOk();
		return new String(page.getResponse().getContentAsByteArray(), StandardCharsets.UTF_8);
	}

	private void run() {
		this.clock.pass(Duration.ofMinutes(1));
		this.jobs.runDue();
	}

}
