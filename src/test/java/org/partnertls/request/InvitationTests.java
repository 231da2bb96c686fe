package org.partnertls.request;

import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Inbox;
import org.partnertls.Jobs;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.Directory;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewContact;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.Partnership;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class InvitationTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Inviting inviting;

	@Autowired
	private SentInvitations sent;

	@Autowired
	private Partners partners;

	@Autowired
	private Directory directory;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private TestClock clock;

	@Autowired
	private Jobs jobs;

	@Autowired
	private Fixtures fixtures;

	private final String domain = Fixtures.freshDomain();

	private final EmailAddress address = EmailAddress.of("greta@" + this.domain);

	private People.Person admin;

	private UUID partner;

	private UUID invitation;

	@BeforeEach
	void invite() {
		this.admin = People.of(this.context).admin();
		this.partner = this.transaction.execute((status) -> ((Invitation.Invited) this.inviting.invite(
				new NewPartner("Nordwind " + this.domain, DomainName.of(this.domain), "Greta Hahn", this.address,
						"Ines Falk", EmailAddress.of("ines@contoso.example"), "payroll", this.admin.who()),
				Locale.ENGLISH))
			.id());
		this.invitation = this.sent.findAllOf(this.partner).getFirst().id();
	}

	@Test
	void theLetterLeadsToAPageThatShowsWhoAsksAndHidesTheAddress() {
		String letter = Inbox.of(this.context, this.address.toString()).getFirst();
		assertThat(letter).contains("/invitation/" + this.invitation, "can be used until", "Ines Falk");

		assertThat(visit()).hasStatusOk()
			.bodyText()
			.contains("You are invited", "Amina Okafor", "g…@" + this.domain, "Send a code to this address")
			.doesNotContain(this.address.toString());
		assertThat(state()).isEqualTo(SentInvitation.State.PENDING);
	}

	@Test
	void theButtonSendsACodeToTheInvitedAddressOnlyAndSigningInOpensTheInvitation() {
		Cookie browser = cookie(post("/code"));

		MvcTestResult entered = this.mvc.post()
			.uri("/sign-in/code")
			.param("code", Inbox.code(this.context, this.address.toString()))
			.cookie(browser)
			.with(csrf())
			.exchange();

		assertThat(entered).hasRedirectedUrl("/tasks");
		assertThat(state()).isEqualTo(SentInvitation.State.OPENED);
		assertThat(this.fixtures.events("invitation.opened", this.invitation)).isOne();
		assertThat(visit()).bodyText().contains("This invitation has been used");
		this.clock.pass(Duration.ofDays(20));
		this.jobs.runRecurring("invitation-expiry");
		assertThat(this.partners.find(this.partner).orElseThrow().state()).isEqualTo(Partnership.State.INVITED);
	}

	@Test
	void expiresWithThePartnershipAndTellsTheOwnerAndTheVisitorCanAskAgain() {
		this.clock.pass(Duration.ofDays(14));
		assertThat(visit()).bodyText().contains("This invitation has expired");
		this.jobs.runRecurring("invitation-expiry");

		assertThat(state()).isEqualTo(SentInvitation.State.EXPIRED);
		assertThat(this.partners.find(this.partner).orElseThrow().state()).isEqualTo(Partnership.State.EXPIRED);
		assertThat(this.directory.signsIn(this.address, this.partner)).isFalse();
		assertThat(this.partners.findByDomain(DomainName.of(this.domain))).isEmpty();
		assertThat(Inbox.of(this.context, "ines@contoso.example"))
			.anyMatch((letter) -> letter.contains("Nobody came") && letter.contains(this.domain));

		assertThat(post("/renewal")).hasRedirectedUrl("/invitation/" + this.invitation);
		post("/renewal");
		assertThat(Inbox.of(this.context, "ines@contoso.example")
			.stream()
			.filter((letter) -> letter.contains("asks for a new invitation") && letter.contains(this.domain)))
			.hasSize(1);
		assertThat(visit()).bodyText().contains("A new one was asked for").doesNotContain("Ask for a new invitation");
		assertThat(
				this.mvc.get().uri("/partners/new").param("again", this.partner.toString()).with(this.admin.signedIn()))
			.bodyText()
			.contains(this.domain, this.address.toString(), "Filled in from");

		this.clock.pass(Duration.ofDays(7));
		assertThat(visit()).bodyText().contains("A new one was asked for", "Ask for a new invitation");
		assertThat(post("/renewal").getMvcResult().getFlashMap().get("flash").toString()).contains("We have told");
	}

	@Test
	void aSecondPersonWhoAsksAgainIsInvitedAmongThePeopleOfALivingPartner() {
		this.partners.opened(this.partner);
		EmailAddress second = EmailAddress.of("mika@" + this.domain);
		assertThat(this.partners.addContact(this.partner,
				new NewContact("Mika Brandt", second, null, ContactRole.TECHNICAL), "Greta Hahn"))
			.isEmpty();
		UUID asked = this.sent.findAllOf(this.partner).getFirst().id();
		this.clock.pass(Duration.ofDays(14));
		// Its hour has come, and the job has not yet.
		assertThat(this.mvc.get().uri("/invitation/" + asked)).bodyText().contains("Ask for a new invitation");
		this.mvc.post().uri("/invitation/" + asked + "/renewal").with(csrf()).exchange();
		assertThat(Inbox.of(this.context, "ines@contoso.example"))
			.filteredOn((letter) -> letter.contains("asks for a new") && letter.contains(this.domain))
			.singleElement()
			.asString()
			.contains("/partners/" + this.partner + "/people");
	}

	@Test
	void whoeverComesBackIsWrittenToInTheLanguageTheyReadBefore() {
		EmailAddress other = EmailAddress.of("olga@" + Fixtures.freshDomain());
		UUID former = this.transaction.execute((status) -> {
			UUID german = ((Invitation.Invited) this.inviting.invite(wanted(other), Locale.GERMAN)).id();
			this.partners.withdraw(german, "Over");
			return german;
		});
		assertThat(this.mvc.get().uri("/partners/new").param("again", former.toString()).with(this.admin.signedIn()))
			.bodyText()
			.containsPattern("value=\"de\"[^>]*selected");

		// What a form says changes nothing for somebody of whom it is known.
		this.transaction.executeWithoutResult((status) -> this.inviting.invite(wanted(other), Locale.ENGLISH));
		assertThat(Inbox.of(this.context, other.toString()).getFirst()).contains("Guten Tag");
	}

	private NewPartner wanted(EmailAddress contact) {
		return new NewPartner("Ostwind", contact.domain(), "Olga Ost", contact, "Ines Falk",
				EmailAddress.of("ines@contoso.example"), "payroll", this.admin.who());
	}

	@Test
	void isSentAgainWithItsWholeTimeButNotTwiceInARow() {
		this.mvc.post()
			.uri("/invitations/" + this.invitation + "/sending")
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
		assertThat(this.sent.findById(this.invitation).orElseThrow().sendings()).isOne();
		this.clock.pass(Duration.ofDays(10));
		this.mvc.post()
			.uri("/invitations/" + this.invitation + "/sending")
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
		assertThat(this.sent.findById(this.invitation).orElseThrow().sendings()).isEqualTo(2);
		assertThat(Inbox.of(this.context, this.address.toString())).hasSize(2);
		this.clock.pass(Duration.ofDays(10));
		this.jobs.runRecurring("invitation-expiry");
		assertThat(state()).isEqualTo(SentInvitation.State.PENDING);
	}

	@Test
	void isRevokedWithAReasonOnlyAndThenLeadsNowhere() {
		String page = "/invitations/" + this.invitation + "/revocation";
		assertThat(this.mvc.get().uri(page).with(this.admin.signedIn())).bodyText()
			.contains("withdrawn with this invitation");
		assertThat(this.mvc.post().uri(page).param("reason", " ").with(this.admin.signedIn()).with(csrf()))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT);
		assertThat(this.mvc.post()
			.uri(page)
			.param("reason", "Wrong organisation\r\nBcc: everybody@example.org")
			.with(this.admin.signedIn())
			.with(csrf())).hasRedirectedUrl("/invitations");

		assertThat(state()).isEqualTo(SentInvitation.State.REVOKED);
		assertThat(this.partners.find(this.partner).orElseThrow().state()).isEqualTo(Partnership.State.WITHDRAWN);
		assertThat(visit()).bodyText().contains("no longer stands", "Ask to join").doesNotContain("Send a code");
		assertThat(post("/code")).hasRedirectedUrl("/invitation/" + this.invitation);
		String letter = Inbox.of(this.context, this.address.toString()).getFirst();
		assertThat(letter.lines().findFirst())
			.hasValueSatisfying((subject) -> assertThat(subject).contains("no longer stands"));
		assertThat(Inbox.of(this.context, "everybody@example.org")).isEmpty();
	}

	@Test
	void theListIsSearchedByWordsAndStateAndSaysWhenNothingFits() {
		this.clock.pass(Duration.ofMinutes(11));
		assertThat(list("words", this.domain)).bodyText().contains(this.address.toString(), "Send again", "Revoke");
		assertThat(list("words", this.domain, "state", "EXPIRED")).bodyText().contains("Nothing fits");
		assertThat(list("words", "%", "state", "NONSENSE")).hasStatusOk().bodyText().contains("Nothing fits");
		assertThat(list("words", "<script>")).bodyText().doesNotContain("<script>\"");
		assertThat(this.mvc.get().uri("/invitations").with(People.of(this.context).compliance().signedIn()))
			.hasStatus(HttpStatus.FORBIDDEN);
	}

	@Test
	void oneAddressHasOnePendingInvitation() {
		this.transaction.executeWithoutResult((status) -> {
			var known = this.partners.find(this.partner).orElseThrow();
			this.inviting.invite(known, known.contacts().getFirst(), "Amina Okafor", "once more");
		});
		assertThat(this.sent.findAllOf(this.partner)).extracting(SentInvitation::state)
			.containsExactlyInAnyOrder(SentInvitation.State.PENDING, SentInvitation.State.REVOKED);
	}

	@Test
	void whatIsNoInvitationHasAPageToo() {
		for (String id : new String[] { UUID.randomUUID().toString(), "x", "1-1-1-1-1" }) {
			assertThat(this.mvc.get().uri("/invitation/" + id)).hasStatus(HttpStatus.NOT_FOUND)
				.bodyText()
				.contains("We do not know this invitation");
		}
		assertThat(this.mvc.get().uri("/sign-in/code")).bodyText()
			.contains("This browser is not waiting for a code", "another browser");
	}

	private SentInvitation.State state() {
		return this.sent.findById(this.invitation).orElseThrow().state();
	}

	private MvcTestResult visit() {
		return this.mvc.get().uri("/invitation/" + this.invitation).exchange();
	}

	private MvcTestResult post(String act) {
		return this.mvc.post().uri("/invitation/" + this.invitation + act).with(csrf()).exchange();
	}

	private MvcTestResult list(String... search) {
		var request = this.mvc.get().uri("/invitations").with(this.admin.signedIn());
		for (int i = 0; i < search.length; i += 2) {
			request = request.param(search[i], search[i + 1]);
		}
		return request.exchange();
	}

	private static Cookie cookie(MvcTestResult asked) {
		Matcher cookie = Pattern.compile("PORTALCODE=([^;]+)")
			.matcher(String.join("\n", asked.getResponse().getHeaders("Set-Cookie")));
		assertThat(cookie.find()).isTrue();
		return new Cookie("PORTALCODE", cookie.group(1));
	}

}
