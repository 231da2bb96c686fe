package org.partnertls.tlscheck;

import java.time.Duration;
import java.util.Set;
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
import org.partnertls.organization.EmailAddress;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class PartnerChecksPageTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private TlsWatch watch;

	@Autowired
	private TlsChecks checks;

	@Autowired
	private ClearTextChecks clearText;

	@Autowired
	private PartnerSide partners;

	@Autowired
	private Jobs jobs;

	@Autowired
	private TestClock clock;

	@Autowired
	private JdbcClient jdbc;

	private final UUID partner = UUID.randomUUID();

	private final DomainName domain = new DomainName(Fixtures.freshDomain());

	private PartnerMailServer server;

	private People.Person person;

	@BeforeEach
	void start() {
		this.server = this.partners.mailServer(this.domain.ascii(), this.clock.instant());
		this.watch.watch(this.partner, "Acme", Set.of(this.domain));
		this.person = People.of(this.context).partner(this.partner, EmailAddress.of("it@" + this.domain));
	}

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void aPartnerSeesTheirOwnDomainsAndWhatToDo() {
		this.server.fault(Fault.EXPIRED);
		this.checks.ask(this.domain, "test");
		this.jobs.runDue();
		assertThat(get("/partnership/mail-servers")).hasStatusOk()
			.bodyText()
			.contains(this.domain.ascii(), ">Failing<", "does not get through to you");
		assertThat(get("/partnership/mail-servers/" + this.domain)).hasStatusOk()
			.bodyText()
			.contains("expired on", "Install a renewed certificate", "Check now", "<svg", this.server.host())
			.doesNotContain("/tls-checks/");
	}

	@Test
	void checkingNowShowsHowFarItIsAndThenTheResult() {
		assertThat(post("/partnership/mail-servers/" + this.domain + "/check"))
			.hasRedirectedUrl("/partnership/mail-servers/" + this.domain);
		assertThat(get("/partnership/mail-servers/" + this.domain)).bodyText()
			.contains("Looking at the mail servers of", "hx-trigger=\"every 1s\"");
		this.jobs.runDue();
		assertThat(get("/partnership/mail-servers/" + this.domain)).bodyText()
			.contains(">Good<", "Check now")
			.doesNotContain("hx-trigger");
	}

	@Test
	void anotherPartnersDomainIsNotFound() {
		People.Person stranger = People.of(this.context).partner(UUID.randomUUID());
		for (String address : new String[] { "/partnership/mail-servers/" + this.domain }) {
			assertThat(this.mvc.get().uri(address).with(stranger.signedIn()).exchange()).hasStatus(404);
		}
		for (String act : new String[] { "check", "clear-text" }) {
			assertThat(this.mvc.post()
				.uri("/partnership/mail-servers/" + this.domain + "/" + act)
				.with(stranger.signedIn())
				.with(csrf())
				.exchange()).hasStatus(404);
		}
		assertThat(this.mvc.get().uri("/partnership/mail-servers").with(stranger.signedIn()).exchange()).hasStatusOk()
			.bodyText()
			.contains("Nothing is watched yet");
	}

	@Test
	void whetherClearTextIsRefusedIsTriedOnTheirClickOnlyAndSendsNoMessage() {
		this.server.requireTlsFrom("contoso.example");
		assertThat(this.server.commands()).noneMatch((command) -> command.startsWith("MAIL"));
		post("/partnership/mail-servers/" + this.domain + "/clear-text");
		assertThat(get("/partnership/mail-servers/" + this.domain)).bodyText().contains("Being tried now");
		this.jobs.runDue();
		assertThat(get("/partnership/mail-servers/" + this.domain)).bodyText()
			.contains("accepts mail with TLS and refuses it without", "Try it now");
		assertThat(this.server.commands()).anyMatch((command) -> command.startsWith("RCPT TO:<it@" + this.domain))
			.noneMatch((command) -> command.startsWith("DATA"));
		assertThat(this.server.received()).isEmpty();
		assertThat(this.jdbc.sql("select recipient from clear_text_check where domain = ?")
			.param(this.domain.ascii())
			.query(String.class)
			.single()).isEmpty();
	}

	@Test
	void aServerThatTakesClearTextIsToldSo() {
		post("/partnership/mail-servers/" + this.domain + "/clear-text");
		this.jobs.runDue();
		assertThat(get("/partnership/mail-servers/" + this.domain)).bodyText()
			.contains("accepts the same mail in clear text", "Require TLS for mail from our domains");
	}

	@Test
	void nobodyMakesUsTryAgainAndAgain() {
		post("/partnership/mail-servers/" + this.domain + "/clear-text");
		this.jobs.runDue();
		int connections = this.server.connections();
		post("/partnership/mail-servers/" + this.domain + "/clear-text");
		this.jobs.runDue();
		assertThat(this.server.connections()).isEqualTo(connections);
		this.clock.pass(Duration.ofMinutes(6));
		post("/partnership/mail-servers/" + this.domain + "/clear-text");
		this.jobs.runDue();
		assertThat(this.server.connections()).isGreaterThan(connections);
	}

	@Test
	void onlyAnAddressInTheDomainIsNamedAsRecipient() {
		People.Person elsewhere = People.of(this.context).partner(this.partner);
		assertThat(this.clearText.ask(this.domain, elsewhere.who())).isFalse();
		assertThat(this.mvc.get().uri("/partnership/mail-servers/" + this.domain).with(elsewhere.signedIn()).exchange())
			.bodyText()
			.contains("Somebody with an address in this domain can try it");
	}

	private MvcTestResult get(String address) {
		return this.mvc.get().uri(address).with(this.person.signedIn()).exchange();
	}

	private MvcTestResult post(String address) {
		return this.mvc.post().uri(address).with(this.person.signedIn()).with(csrf()).exchange();
	}

}
