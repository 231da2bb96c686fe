package org.partnertls.request;

import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import com.icegreen.greenmail.util.GreenMail;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Jobs;
import org.partnertls.Inbox;
import org.partnertls.PortalTest;
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
class RequestsPageTests {

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Admission admission;

	@Autowired
	private Requests requests;

	@Autowired
	private Partners partners;

	@Autowired
	private Directory directory;

	@Autowired
	private Fixtures fixtures;

	@Autowired
	private Jobs jobs;

	@Autowired
	private GreenMail greenMail;

	private People.Person admin;

	@BeforeEach
	void prepare() {
		this.admin = People.of(this.context).admin();
	}

	@Test
	void listsWhatWaitsAndWhatWasDecided() {
		Request request = waiting(Fixtures.freshDomain());
		assertThat(this.mvc.get().uri("/requests").with(this.admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("/requests/" + request.id(), request.reference());
		reject(request, request.version(), "Not now");
		assertThat(this.mvc.get().uri("/requests").with(this.admin.signedIn())).hasStatusOk()
			.bodyText()
			.doesNotContain("/requests/" + request.id());
		assertThat(this.mvc.get().uri("/requests?tab=decided").with(this.admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("/requests/" + request.id(), "Rejected", this.admin.name());
	}

	@Test
	void acceptsAndInvitesInOneGo() {
		String domain = Fixtures.freshDomain();
		Request request = waiting(domain);
		assertThat(this.mvc.get().uri("/requests/" + request.id()).with(this.admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("it@" + domain, "Accept and invite", "We exchange files");
		MvcTestResult accepted = accept(request, request.version(), "Olu Owner", "olu@contoso.example", false);
		assertThat(accepted).hasStatus3xxRedirection();
		Partner partner = this.partners.findByDomain(DomainName.of(domain)).orElseThrow();
		assertThat(accepted.getResponse().getRedirectedUrl()).isEqualTo("/partners/" + partner.id());
		assertThat(partner.ownerName()).isEqualTo("Olu Owner");
		assertThat(partner.invitedBy()).isEqualTo(this.admin.id());
		assertThat(this.directory.ofPartner(partner.id())).hasSize(1);
		assertThat(this.fixtures.events("request.accepted", request.id())).isOne();
		assertThat(this.fixtures.events("partner.invited", partner.id())).isOne();
		this.jobs.runDue();
		assertThat(texts("it@" + domain)).singleElement()
			.asString()
			.contains(partner.reference(), this.admin.name(), "Olu Owner", request.reference(), "+44 20 7946 0000",
					"http://localhost/sign-in", "http://localhost/programme/reference?ref=" + partner.reference())
			.doesNotContain("${", "[(", "[#");
		assertThat(texts("olu@contoso.example")).anySatisfy((text) -> assertThat(text).contains(partner.reference()));
		assertThat(this.mvc.get().uri("/requests/" + request.id()).with(this.admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("Accepted", "/partners/" + partner.id())
			.doesNotContain("Accept and invite");
	}

	@Test
	void rejectsWithAReasonThatTheRequesterReads() {
		String domain = Fixtures.freshDomain();
		Request request = waiting(domain);
		assertThat(reject(request, request.version(), "")).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Say why");
		assertThat(reject(request, request.version(), "We do not know you")).hasStatus3xxRedirection();
		this.jobs.runDue();
		assertThat(texts("it@" + domain)).singleElement()
			.asString()
			.contains("We do not know you", request.reference());
		assertThat(this.partners.findByDomain(DomainName.of(domain))).isEmpty();
	}

	@Test
	void rejectsInTheLanguageOfTheRequestWheneverThatWas() {
		String domain = Fixtures.freshDomain();
		Request request = waiting(domain);
		this.jdbc.sql("update partner_request set language = 'de' where id = ?").param(request.id()).update();
		assertThat(reject(request, request.version(), "Kein Vertrag")).hasStatus3xxRedirection();
		this.jobs.runDue();
		assertThat(texts("it@" + domain)).singleElement().asString().contains("Kein Vertrag", "Guten Tag");
	}

	@Test
	void keepsWhatWasTypedWhenTheOwnerIsNotOneOfUs() {
		Request request = waiting(Fixtures.freshDomain());
		assertThat(accept(request, request.version(), "Olu Owner", "olu@elsewhere.example", false))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("one of our own mail domains", "olu@elsewhere.example");
		assertThat(accept(request, request.version(), " ", "olu@contoso.example", false))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT);
		assertThat(this.requests.findConfirmed(request.id()).orElseThrow().state()).isEqualTo(Request.State.CONFIRMED);
	}

	@Test
	void saysWhoWasFasterOnAStalePage() {
		Request request = waiting(Fixtures.freshDomain());
		People.Person faster = People.of(this.context).staff("Bo Faster", org.partnertls.account.Role.ADMIN);
		this.admission.reject(request.id(), request.version(), "No", faster.who());
		assertThat(accept(request, request.version(), "Olu Owner", "olu@contoso.example", false))
			.hasStatus(HttpStatus.CONFLICT)
			.bodyText()
			.contains("Bo Faster rejected this request on");
		assertThat(reject(request, request.version(), "Yes")).hasStatus(HttpStatus.CONFLICT);
		assertThat(this.partners.findByDomain(request.domain())).isEmpty();
		Request other = waiting(Fixtures.freshDomain());
		assertThat(accept(other, other.version() + 7, "Olu Owner", "olu@contoso.example", false))
			.hasStatus(HttpStatus.CONFLICT);
	}

	@Test
	void wantsWarningsLookedAtBeforeAcceptance() {
		Partner other = SomePartner.invited(this.context, this.admin.who());
		String below = "sub." + other.mainDomain().name();
		Request request = waiting(below);
		assertThat(this.mvc.get().uri("/requests/" + request.id()).with(this.admin.signedIn())).bodyText()
			.contains("lies below " + other.mainDomain().name());
		assertThat(accept(request, request.version(), "Olu Owner", "olu@contoso.example", false))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("tick this box");
		assertThat(accept(request, request.version(), "Olu Owner", "olu@contoso.example", true))
			.hasStatus3xxRedirection();
	}

	@Test
	void cannotAcceptWhatSomebodyInvitedByHandInTheMeantime() {
		String domain = Fixtures.freshDomain();
		Request request = waiting(domain);
		SomePartner.invited(this.context, this.admin.who(), domain);
		assertThat(accept(request, request.version(), "Olu Owner", "olu@contoso.example", false))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("already registered");
		assertThat(this.requests.findConfirmed(request.id()).orElseThrow().state()).isEqualTo(Request.State.CONFIRMED);
	}

	@Test
	void hidesWhatIsUnknownOrUnconfirmed() {
		UUID unconfirmed = ask(Fixtures.freshDomain());
		for (UUID id : List.of(unconfirmed, UUID.randomUUID())) {
			assertThat(this.mvc.get().uri("/requests/" + id).with(this.admin.signedIn()))
				.hasStatus(HttpStatus.NOT_FOUND);
			assertThat(this.mvc.post()
				.uri("/requests/" + id + "/rejection")
				.param("version", "0")
				.param("reason", "No")
				.with(this.admin.signedIn())
				.with(csrf())).hasStatus(HttpStatus.NOT_FOUND);
		}
	}

	@Test
	void letsNobodyElseAnswer() {
		Request request = waiting(Fixtures.freshDomain());
		String rejection = "/requests/" + request.id() + "/rejection";
		assertThat(
				this.mvc.post().uri(rejection).param("version", "1").param("reason", "No").with(this.admin.signedIn()))
			.hasStatus(HttpStatus.FORBIDDEN);
		assertThat(this.mvc.get().uri("/requests").with(People.of(this.context).compliance().signedIn()))
			.hasStatus(HttpStatus.FORBIDDEN);
		assertThat(this.mvc.get().uri("/partners/new")).hasStatus3xxRedirection();
	}

	@Test
	void invitesByHand() {
		String domain = Fixtures.freshDomain();
		assertThat(this.mvc.get().uri("/partners/new").with(this.admin.signedIn())).hasStatusOk();
		assertThat(invite(domain, "it@elsewhere.example", false)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Enter an address in the domain", "it@elsewhere.example");
		assertThat(invite(domain, "it@" + domain, false)).hasStatus3xxRedirection();
		Partner partner = this.partners.findByDomain(DomainName.of(domain)).orElseThrow();
		this.jobs.runDue();
		assertThat(texts("it@" + domain)).singleElement()
			.asString()
			.contains(this.admin.name() + " of Contoso Bank asks you", partner.reference());
		assertThat(invite(domain, "mail@" + domain, true)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("already registered");
	}

	@Test
	void invitesAgainstAWarningOnlyWhenItWasSeen() {
		Partner other = SomePartner.invited(this.context, this.admin.who());
		String below = "sub." + other.mainDomain().name();
		assertThat(invite(below, "it@" + below, false)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("lies below", "tick this box", "it@" + below);
		assertThat(invite(below, "it@" + below, true)).hasStatus3xxRedirection();
	}

	@Test
	void refusesAnAddressThatSignsInForAnotherPartner() {
		String domain = Fixtures.freshDomain();
		Partner other = SomePartner.invited(this.context, this.admin.who());
		People.of(this.context).partner(other.id(), EmailAddress.of("it@" + domain));
		assertThat(invite(domain, "it@" + domain, false)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("already signs in for another organisation");
	}

	private MvcTestResult invite(String domain, String address, boolean understood) {
		return this.mvc.post()
			.uri("/partners/new")
			.param("organisation", "Acme")
			.param("domain", domain)
			.param("contactName", "Ines Tanner")
			.param("contactAddress", address)
			.param("ownerName", "Olu Owner")
			.param("ownerAddress", "olu@contoso.example")
			.param("reason", "We exchange files")
			.param("understood", Boolean.toString(understood))
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
	}

	private MvcTestResult accept(Request request, long version, String owner, String address, boolean understood) {
		return this.mvc.post()
			.uri("/requests/" + request.id() + "/acceptance")
			.param("version", Long.toString(version))
			.param("ownerName", owner)
			.param("ownerAddress", address)
			.param("understood", Boolean.toString(understood))
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
	}

	private MvcTestResult reject(Request request, long version, String why) {
		return this.mvc.post()
			.uri("/requests/" + request.id() + "/rejection")
			.param("version", Long.toString(version))
			.param("reason", why)
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
	}

	private UUID ask(String domain) {
		return this.admission.ask(new PublicRequestController.Asked("Acme " + domain, "Ines Tanner",
				EmailAddress.of("it@" + domain), null, "We exchange files"));
	}

	private Request waiting(String domain) {
		UUID id = ask(domain);
		assertThat(this.admission.confirm(id, EmailAddress.of("it@" + domain)))
			.isInstanceOf(Admission.Confirmation.Waiting.class);
		this.jobs.runDue();
		return this.requests.findConfirmed(id).orElseThrow();
	}

	// Without the receipt, which every requester gets.
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
		}).filter((text) -> !text.contains("has arrived")).toList();
	}

}
