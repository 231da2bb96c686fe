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
			this.clock.pass(Duration.ofSeconds(31));
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
		assertThat(get("/tls-checks?domain=" + this.domain)).bodyText().contains("Not finished");
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
	void theListHasTheLatestOfEachDomain() {
		UUID first = checked();
		this.clock.pass(Duration.ofSeconds(31));
		this.server.fault(Fault.EXPIRED);
		UUID second = checked();
		assertThat(get("/tls-checks?domain=" + this.domain.ascii().toUpperCase(Locale.ROOT))).hasStatusOk()
			.bodyText()
			.contains(this.domain.ascii(), "/tls-checks/" + second, "Would fail", "1 domain")
			.doesNotContain("/tls-checks/" + first);
		assertThat(get("/tls-checks")).bodyText().contains("/tls-checks/" + second);
	}

	@Test
	void aListTooLongForOnePageGoesOn() {
		String family = Fixtures.freshDomain();
		for (int i = 0; i < 53; i++) {
			this.checks.ask(new DomainName("d" + i + "." + family), "test");
		}
		MvcTestResult page = get("/tls-checks?domain=" + family);
		assertThat(page).bodyText()
			.contains("50 domains on this page", "d52." + family)
			.doesNotContain(">d2." + family);
		UUID last = this.checks.latest(new DomainName("d3." + family)).orElseThrow().id();
		String older = "/tls-checks?domain=" + family + "&amp;before=" + last;
		assertThat(page).bodyText().contains(older);
		assertThat(get(older.replace("&amp;", "&"))).bodyText()
			.contains("3 domains on this page", ">d2." + family, ">d0." + family)
			.doesNotContain(">d3." + family);
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
