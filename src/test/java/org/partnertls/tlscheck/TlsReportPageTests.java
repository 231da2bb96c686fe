package org.partnertls.tlscheck;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.UUID;

import lab.PartnerMailServer;
import lab.PartnerMailServer.Fault;
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
import org.springframework.boot.servlet.autoconfigure.MultipartProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.mock.web.MockMultipartFile;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class TlsReportPageTests {

	@Autowired
	private MultipartProperties multipart;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private TlsWatch watch;

	@Autowired
	private TlsChecks checks;

	@Autowired
	private PartnerSide partners;

	@Autowired
	private Jobs jobs;

	@Autowired
	private TestClock clock;

	private final DomainName domain = new DomainName(Fixtures.freshDomain());

	private People.Person admin;

	@BeforeEach
	void start() {
		this.admin = People.of(this.context).admin();
		this.watch.watch(UUID.randomUUID(), "Acme", Set.of(this.domain));
	}

	@Test
	void aReportAboutMailToThePartnerStandsBesideOurOwnFinding() throws IOException {
		try (PartnerMailServer server = this.partners.mailServer(this.domain.ascii(), this.clock.instant())) {
			server.fault(Fault.EXPIRED);
			this.checks.ask(this.domain, "test");
			this.jobs.runDue();
		}
		assertThat(upload(TlsReportTests.REPORT.formatted("elsewhere.example", this.domain), ""))
			.hasRedirectedUrl("/tls-checks/reports");
		assertThat(get("/tls-checks/reports")).bodyText()
			.contains("Company-X", "5326", "303", "/tls-checks/domains/" + this.domain);
		assertThat(get("/tls-checks/domains/" + this.domain)).bodyText()
			.contains("What others report", "mail to there", "We see it too: ", "expired on",
					"Our newest check does not see it");
	}

	@Test
	void aReportAboutMailToUsBelongsToWhoSentIt() throws IOException {
		upload(TlsReportTests.REPORT.formatted("reports." + this.domain, "contoso.example"), "");
		assertThat(get("/tls-checks/domains/" + this.domain)).bodyText()
			.contains("mail from there to us", "certificate-expired");
	}

	@Test
	void staffMaySayWhomItIsAbout() throws IOException {
		upload(TlsReportTests.REPORT.formatted("elsewhere.example", "contoso.example"), this.domain.ascii());
		assertThat(get("/tls-checks/domains/" + this.domain)).bodyText().contains("mail from there to us");
	}

	@Test
	void theSameFileCountsOnce() throws IOException {
		String report = TlsReportTests.REPORT.formatted(this.domain, this.domain);
		upload(report, "");
		MvcTestResult again = upload(report, "");
		assertThat(again.getMvcResult().getFlashMap().get("flashTone")).isEqualTo("wait");
	}

	@Test
	void whatIsNoReportIsSaidBesideTheFieldAndTheRestIsKept() throws IOException {
		MvcTestResult refused = upload("hello", this.domain.ascii());
		assertThat(refused).hasStatus(422)
			.bodyText()
			.contains("There is a problem", "This is no TLS report", "value=\"" + this.domain + "\"");
		assertThat(upload("{\"policies\":[]}", "nowhere.example")).hasStatus(422)
			.bodyText()
			.contains("No domain of this name is watched");
	}

	@Test
	void aFileThatIsTooLargeIsSaidBesideTheField() {
		assertThat(this.mvc.post()
			.uri("/tls-checks/reports")
			.multipart()
			.file(new MockMultipartFile("file", "report.json", "application/json", new byte[1024 * 1024 + 1]))
			.param("about", this.domain.ascii())
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange()).hasStatus(422)
			.bodyText()
			.contains("The file has more than 1 MiB", "value=\"" + this.domain + "\"");
		assertThat(this.multipart.getMaxFileSize()).isGreaterThan(DataSize.ofMegabytes(2));
	}

	@Test
	void onlyAdministratorsTakeReportsIn() throws IOException {
		People people = People.of(this.context);
		assertThat(this.mvc.post()
			.uri("/tls-checks/reports")
			.multipart()
			.file(new MockMultipartFile("file", new byte[] { 1 }))
			.with(people.compliance().signedIn())
			.with(csrf())
			.exchange()).hasStatus(403);
		assertThat(this.mvc.get().uri("/tls-checks/reports").with(people.compliance().signedIn()).exchange())
			.hasStatusOk()
			.bodyText()
			.doesNotContain("Take it in");
	}

	private MvcTestResult upload(String json, String about) throws IOException {
		return this.mvc.post()
			.uri("/tls-checks/reports")
			.multipart()
			.file(new MockMultipartFile("file", "report.json.gz", "application/gzip",
					TlsReportTests.zip(json.getBytes(StandardCharsets.UTF_8))))
			.param("about", about)
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
	}

	private MvcTestResult get(String address) {
		return this.mvc.get().uri(address).with(this.admin.signedIn()).exchange();
	}

}
