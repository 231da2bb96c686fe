package org.partnertls.tlscheck;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;

import lab.PartnerMailServer;
import lab.PartnerMailServer.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Jobs;
import org.partnertls.PartnerSide;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class TlsCheckPagesTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private TlsChecks checks;

	@Autowired
	private PartnerSide partners;

	@Autowired
	private Jobs jobs;

	@Autowired
	private TestClock clock;

	private final DomainName domain = new DomainName(Fixtures.freshDomain());

	private PartnerMailServer server;

	private People.Person admin;

	@BeforeEach
	void start() {
		this.server = this.partners.mailServer(this.domain.ascii(), this.clock.instant());
		this.admin = People.of(this.context).admin();
	}

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void aFinishedCheckShowsFindingsStagesCertificatesAndTranscript() {
		assertThat(get("/tls-checks/" + checked())).hasStatusOk()
			.bodyText()
			.contains("Expected to pass", "TLS 1.3 is agreed on", "TLS handshake", "CN=Test root", "SHA256withECDSA",
					"C: STARTTLS", this.server.host(), this.server.address(), "DomainValidation", "Check again")
			.doesNotContain("hx-get");
	}

	@Test
	void aFailedCheckNamesTheRemedyAndWhereItStopped() {
		this.server.fault(Fault.NO_STARTTLS);
		assertThat(get("/tls-checks/" + checked())).hasStatusOk()
			.bodyText()
			.contains("Would fail", "does not offer TLS (STARTTLS)", "Switch STARTTLS on", "stopped here");
	}

	@Test
	void everyFaultHasAPage() {
		for (Fault fault : new Fault[] { Fault.EXPIRED, Fault.SELF_SIGNED, Fault.WRONG_NAME, Fault.GREET_421,
				Fault.BINARY_JUNK, Fault.INJECTED_RESPONSE }) {
			this.server.fault(fault);
			assertThat(get("/tls-checks/" + checked())).hasStatusOk();
			this.clock.pass(Duration.ofSeconds(61));
		}
	}

	@Test
	void whatAServerSaysIsEscaped() {
		this.server.identity(this.partners.identity("<script>alert(1)</script>", this.clock.instant()));
		assertThat(get("/tls-checks/" + checked())).hasStatusOk()
			.bodyText()
			.contains("&lt;script&gt;alert(1)&lt;/script&gt;")
			.doesNotContain("<script>alert");
	}

	@Test
	void aDomainWithoutServersHasAPageToo() {
		DomainName nowhere = new DomainName(Fixtures.freshDomain());
		UUID id = this.checks.ask(nowhere, "test");
		this.jobs.runDue();
		assertThat(get("/tls-checks/" + id)).hasStatusOk().bodyText().contains("The domain does not exist");
	}

	@Test
	void aRunningCheckPollsAndAFinishedOneReloadsThePage() {
		UUID id = this.checks.ask(this.domain, "test");
		assertThat(get("/tls-checks/" + id)).hasStatusOk()
			.bodyText()
			.contains("hx-get=\"/tls-checks/" + id + "\"", "hx-trigger=\"every 1s\"", "Waiting for its turn",
					"See how far it is")
			.doesNotContain("Check again");
		this.checks.progress(id, "mx.acme.example: saying <EHLO>");
		assertThat(poll(id)).hasStatusOk().doesNotContainHeader("HX-Refresh");
		assertThat(poll(id)).bodyText().contains("saying &lt;EHLO&gt;");
		this.jobs.runDue();
		assertThat(poll(id)).hasHeader("HX-Refresh", "true");
	}

	@Test
	void aCheckThatNeverEndedSaysSoAndMayBeAskedForAgain() {
		UUID id = this.checks.ask(this.domain, "test");
		this.clock.pass(Duration.ofMinutes(16));
		assertThat(get("/tls-checks/" + id)).hasStatusOk()
			.bodyText()
			.contains("did not come to an end", "Check again")
			.doesNotContain("hx-get");
		assertThat(get("/tls-checks?domain=" + this.domain)).bodyText().contains("No check came to an end");
	}

	@Test
	void checkingAgainLeadsToTheNewCheck() {
		UUID first = checked();
		this.clock.pass(Duration.ofSeconds(31));
		assertThat(this.mvc.post()
			.uri("/tls-checks/" + first + "/repetition")
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange()).hasStatus3xxRedirection()
			.hasRedirectedUrl("/tls-checks/" + this.checks.latest(this.domain).orElseThrow().id());
		assertThat(this.checks.latest(this.domain)).map(TlsCheck::id).get().isNotEqualTo(first);
	}

	@Test
	void theListHasEachDomainOnceWithItsState() {
		checked();
		assertThat(get("/tls-checks?domain=" + this.domain.ascii().toUpperCase(Locale.ROOT))).hasStatusOk()
			.bodyText()
			.contains(this.domain.ascii(), "/tls-checks/domains/" + this.domain, ">Good<", "1 domain");
		this.clock.pass(Duration.ofSeconds(61));
		this.server.fault(Fault.EXPIRED);
		checked();
		assertThat(get("/tls-checks?domain=" + this.domain)).bodyText().contains(">Failing<", "expired on");
		assertThat(get("/tls-checks?show=failing&domain=" + this.domain)).bodyText().contains("1 domain");
		assertThat(get("/tls-checks?show=inconclusive&domain=" + this.domain)).bodyText().contains("Nothing fits");
	}

	@Test
	void aListTooLongForOnePageGoesOn() {
		String family = Fixtures.freshDomain();
		for (int i = 100; i < 153; i++) {
			this.checks.note(new DomainName("d" + i + "." + family), this.clock.instant());
		}
		MvcTestResult page = get("/tls-checks?domain=" + family);
		assertThat(page).bodyText()
			.contains("50 domains on this page", "d149." + family, ">Next")
			.doesNotContain(">d150." + family, "First page");
		String next = "/tls-checks?domain=" + family + "&amp;after=d149." + family;
		assertThat(page).bodyText().contains(next);
		assertThat(get(next.replace("&amp;", "&"))).bodyText()
			.contains("3 domains on this page", ">d150." + family, ">d152." + family, "First page")
			.doesNotContain(">d149." + family);
	}

	@Test
	void theResultsAreATableThatNoSpreadsheetCalculates() {
		checked();
		assertThat(get("/tls-checks/results.csv?domain=" + this.domain)).hasStatusOk()
			.hasContentType("text/csv;charset=UTF-8")
			.bodyText()
			.startsWith("domain,partner,watched since,state")
			.contains(this.domain.ascii() + ",", ",Good,", "CertificateValidation", "servers of their own");
	}

	@Test
	void aDomainHasItsHistoryDrawnAndAsATable() {
		UUID first = checked();
		this.clock.pass(Duration.ofDays(1));
		this.server.fault(Fault.NO_STARTTLS);
		UUID second = checked();
		assertThat(get("/tls-checks/domains/" + this.domain)).hasStatusOk()
			.bodyText()
			.contains("<svg", "1 passed, 1 failed and 0 could not say", "/tls-checks/" + first, "/tls-checks/" + second,
					"The last check failed; looking again before it counts", "the domain is good from here on",
					"class=\"band\"", "<polyline");
		assertThat(get("/tls-checks/" + second)).bodyText()
			.contains("What changed", "/tls-checks/" + first, "New: The mail server does not offer TLS (STARTTLS).",
					"expected to pass before, would fail now");
	}

	@Test
	void aStrangeDomainIsNotFound() {
		assertThat(get("/tls-checks/domains/" + Fixtures.freshDomain())).hasStatus(404);
		assertThat(get("/tls-checks/domains/a%20b")).hasStatus(404);
	}

	@Test
	void whatIsSharedBetweenDomainsSaysWhenItWasSeen() {
		checked();
		this.clock.pass(Duration.ofSeconds(20));
		DomainName other = new DomainName(Fixtures.freshDomain());
		this.partners.dns.putMx(other.ascii(), 10, this.server.host());
		UUID id = this.checks.ask(other, "test");
		this.jobs.runDue();
		assertThat(this.server.connections()).isEqualTo(1);
		assertThat(get("/tls-checks/" + id)).bodyText().contains("for another domain on this server");
	}

	@Test
	void anAdministratorBeginsARoundAndSeesItsProgress() {
		assertThat(this.mvc.post().uri("/tls-checks/rounds").with(this.admin.signedIn()).with(csrf()).exchange())
			.hasRedirectedUrl("/tls-checks/rounds");
		assertThat(get("/tls-checks/rounds")).hasStatusOk().bodyText().contains("The present round", "Our own side");
		assertThat(this.mvc.post()
			.uri("/tls-checks/rounds")
			.with(People.of(this.context).compliance().signedIn())
			.with(csrf())
			.exchange()).hasStatus(403);
	}

	@Test
	void whatWasNeverCheckedIsSaidSo() {
		assertThat(get("/tls-checks?domain=" + Fixtures.freshDomain())).hasStatusOk()
			.bodyText()
			.contains("Nothing fits", "Show everything");
	}

	@Test
	void aStrangeIdIsNotFound() {
		assertThat(get("/tls-checks/" + UUID.randomUUID())).hasStatus(404);
	}

	@Test
	void complianceReadsButDoesNotAskAndPartnersSeeNothing() {
		UUID id = checked();
		People people = People.of(this.context);
		People.Person compliance = people.compliance();
		assertThat(get("/tls-checks/" + id, compliance)).hasStatusOk().bodyText().doesNotContain("Check again");
		assertThat(this.mvc.post()
			.uri("/tls-checks/" + id + "/repetition")
			.with(compliance.signedIn())
			.with(csrf())
			.exchange()).hasStatus(403);
		assertThat(get("/tls-checks/" + id, people.partner(UUID.randomUUID()))).hasStatus(403);
	}

	private UUID checked() {
		UUID id = this.checks.ask(this.domain, "test");
		this.jobs.runDue();
		return id;
	}

	private MvcTestResult get(String address) {
		return get(address, this.admin);
	}

	private MvcTestResult get(String address, People.Person person) {
		return this.mvc.get().uri(URI.create(address)).with(person.signedIn()).exchange();
	}

	private MvcTestResult poll(UUID id) {
		return this.mvc.get()
			.uri("/tls-checks/" + id)
			.with(this.admin.signedIn())
			.header("HX-Request", "true")
			.exchange();
	}

}
