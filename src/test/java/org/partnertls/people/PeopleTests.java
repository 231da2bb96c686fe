package org.partnertls.people;

import java.time.Duration;
import java.util.List;
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
import org.partnertls.account.People.Person;
import org.partnertls.mail.Outbox;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.NewContact;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.SomePartner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class PeopleTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Partners partners;

	@Autowired
	private Directory directory;

	@Autowired
	private HandOvers handOvers;

	@Autowired
	private Outbox outbox;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private TestClock clock;

	@Autowired
	private Jobs jobs;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private Fixtures fixtures;

	private Person admin;

	private Person ines;

	private UUID id;

	private String domain;

	@BeforeEach
	void prepare() {
		this.admin = org.partnertls.account.People.of(this.context).admin();
		Partner partner = SomePartner.onboarding(this.context, this.admin.who());
		this.id = partner.id();
		this.domain = partner.mainDomain().name().ascii();
		this.ines = org.partnertls.account.People.of(this.context)
			.partner(this.id, EmailAddress.of("it@" + this.domain));
	}

	@Test
	void aHelperAtAnyAddressDoesTasksAndNeitherConfirmsNorNamesPeople() {
		String helper = "mo@" + Fixtures.freshDomain();
		assertThat(add("HELPER", "Mo Helper", helper)).hasRedirectedUrl("/partnership/people");
		assertThat(Inbox.of(this.context, helper).getFirst()).contains("(Partner " + this.domain, "technical helper",
				"/invitation/");
		Person mo = org.partnertls.account.People.of(this.context).partner(this.id, EmailAddress.of(helper));
		assertThat(this.mvc.get().uri("/tasks").with(mo.signedIn())).hasStatusOk()
			.bodyText()
			.doesNotContain("hand over to");
		assertThat(this.mvc.get().uri("/tasks/domains").with(mo.signedIn())).hasStatusOk();
		for (String path : List.of("/partnership/people", "/partnership/people/new", "/partnership/people/hand-over")) {
			assertThat(this.mvc.get().uri(path).with(mo.signedIn())).hasStatus(HttpStatus.FORBIDDEN);
		}
		for (String path : List.of("/tasks/contacts", "/attestations/" + UUID.randomUUID() + "/submission",
				"/partnership/people/new")) {
			assertThat(this.mvc.post().uri(path).with(mo.signedIn()).with(csrf())).hasStatus(HttpStatus.FORBIDDEN);
		}
		assertThat(this.fixtures.events("person.helper-named", this.id)).isOne();
		UUID contact = partner().contacts(ContactRole.HELPER).getFirst().id();
		post(this.ines, "/partnership/people/" + contact + "/removal");
		assertThat(this.mvc.get().uri("/tasks").with(mo.signedIn())).hasStatus3xxRedirection();
	}

	@Test
	void namesAndAddressesThatAreNoneAreRefusedBesideTheirFields() {
		assertThat(add("HELPER", "Mo\u0007Helper", "mo@" + Fixtures.freshDomain())).hasStatus(422)
			.bodyText()
			.contains("without control characters");
		assertThat(add("HELPER", "Mo\r\nBcc: all@example.org", "mo@" + Fixtures.freshDomain())).hasStatus(422);
		assertThat(add("HELPER", "Mo \u202Egnp.exe", "mo@" + Fixtures.freshDomain())).hasStatus(422);
		assertThat(add("HELPER", "Mo", "mo@example.org\r\nBcc: all@example.org")).hasStatus(422)
			.bodyText()
			.contains("Mo", "is-invalid");
		assertThat(add("TECHNICAL", "Mo", "mo@elsewhere.example")).hasStatus(422)
			.bodyText()
			.contains("one of your own mail domains");
		assertThat(add("EMERGENCY", "Mo", "mo@sub." + this.domain)).hasStatus(422)
			.bodyText()
			.contains("breaks with it");
		assertThat(add("KING", "Mo", "mo@elsewhere.example")).hasStatus(422);
		assertThat(partner().contacts()).hasSize(1);
	}

	@Test
	void aContactHandsOverAndKeepsAccessUntilTheOtherHasCome() {
		String mika = "mika@" + this.domain;
		assertThat(post(this.ines, "/partnership/people/hand-over", "name=Mika Brandt", "address=" + mika,
				"reason=I change teams"))
			.hasRedirectedUrl("/partnership/people");
		assertThat(this.mvc.get().uri("/partnership/people").with(this.ines.signedIn())).hasStatusOk()
			.bodyText()
			.contains("Mika Brandt", "when they sign in", "Stop this");

		signIn(mika);

		assertThat(partner().contacts(ContactRole.TECHNICAL)).extracting((one) -> one.address().toString())
			.containsExactly(mika);
		assertThat(this.mvc.get().uri("/tasks").with(this.ines.signedIn())).hasRedirectedUrl("/sign-in");
		assertThat(Inbox.of(this.context, "it@" + this.domain).getFirst()).contains("You no longer sign in",
				"Mika Brandt");
		assertThat(this.fixtures.events("person.handed-over", this.id)).isOne();
	}

	@Test
	void aHandOverThatIsStoppedLeavesThePeopleAsTheyWere() {
		post(this.ines, "/partnership/people/hand-over", "name=Mika Brandt", "address=mika@" + this.domain, "reason=x");
		UUID handOver = this.handOvers.findWaiting(this.id).getFirst().id();
		post(this.ines, "/partnership/people/hand-over/" + handOver + "/objection");
		assertThat(this.directory.signsIn(EmailAddress.of("mika@" + this.domain), this.id)).isFalse();
		assertThat(partner().contacts()).extracting((one) -> one.address().toString())
			.containsExactly("it@" + this.domain);
	}

	@Test
	void whoWasAContactAlreadyIsToldOfTheHandOverAndStaysWhenItIsStopped() {
		String mika = "mika@" + this.domain;
		add("TECHNICAL", "Mika Brandt", mika);
		MvcTestResult asked = post(this.ines, "/partnership/people/hand-over", "name=Mika Brandt", "address=" + mika,
				"reason=I change teams");
		assertThat(asked.getMvcResult().getFlashMap().get("flash").toString()).contains("is told")
			.doesNotContain("invitation");
		assertThat(Inbox.of(this.context, mika).getFirst()).contains("hands over to you", "I change teams");

		UUID handOver = this.handOvers.findWaiting(this.id).getFirst().id();
		post(this.ines, "/partnership/people/hand-over/" + handOver + "/objection");
		assertThat(this.directory.signsIn(EmailAddress.of(mika), this.id)).isTrue();
		assertThat(Inbox.of(this.context, mika).getFirst()).contains("You do not take over");
		signIn(mika);
		assertThat(partner().contacts(ContactRole.TECHNICAL)).extracting((one) -> one.address().toString())
			.containsExactlyInAnyOrder("it@" + this.domain, mika);
	}

	@Test
	void aColleagueTakesOverWhenNobodyObjectsInTime() {
		takeOver("mika@" + this.domain, "it@" + this.domain);
		assertThat(Inbox.of(this.context, "it@" + this.domain).getFirst()).contains("wants your place",
				"Object before");
		assertThat(this.directory.signsIn(EmailAddress.of("mika@" + this.domain), this.id)).isFalse();
		this.clock.pass(Duration.ofDays(2));
		this.jobs.runRecurring("hand-over-due");
		assertThat(this.handOvers.findWaiting(this.id)).hasSize(1);
		this.clock.pass(Duration.ofDays(1));
		this.jobs.runRecurring("hand-over-due");
		assertThat(partner().contacts(ContactRole.TECHNICAL)).extracting((one) -> one.address().toString())
			.containsExactly("mika@" + this.domain);
		assertThat(Inbox.of(this.context, "mika@" + this.domain).getFirst()).contains("/invitation/");
	}

	@Test
	void whoIsToBeReplacedMayObject() {
		takeOver("mika@" + this.domain, "it@" + this.domain);
		UUID handOver = this.handOvers.findWaiting(this.id).getFirst().id();
		Partner other = SomePartner.onboarding(this.context, this.admin.who());
		Person stranger = org.partnertls.account.People.of(this.context)
			.partner(other.id(), EmailAddress.of("it@" + other.mainDomain().name()));
		post(stranger, "/partnership/people/hand-over/" + handOver + "/objection");
		assertThat(this.handOvers.findWaiting(this.id)).hasSize(1);

		post(this.ines, "/partnership/people/hand-over/" + handOver + "/objection");
		this.clock.pass(Duration.ofDays(4));
		this.jobs.runRecurring("hand-over-due");
		assertThat(this.directory.signsIn(EmailAddress.of("mika@" + this.domain), this.id)).isFalse();
		assertThat(Inbox.of(this.context, "mika@" + this.domain).getFirst()).contains("You do not take over");
	}

	@Test
	void whenThePartnershipEndsNobodyTakesOverAnyMore() {
		String lena = "lena@" + this.domain;
		String mika = "mika@" + this.domain;
		MvcTestResult asked = ask(lena, "it@" + this.domain);
		takeOver(mika, "it@" + this.domain);
		UUID handOver = this.handOvers.findWaiting(this.id).getFirst().id();

		this.partners.withdraw(this.id, "Over");
		assertThat(this.handOvers.findWaiting(this.id)).isEmpty();
		assertThat(Inbox.of(this.context, mika).getFirst()).contains("You do not take over", "The partnership is over");
		assertThat(enterTakeOver(asked, lena)).hasStatusOk().bodyText().contains("no longer there");
		String people = "/partners/" + this.id + "/people";
		assertThat(this.mvc.get().uri(people).with(this.admin.signedIn())).bodyText()
			.contains("The partnership is over")
			.doesNotContain("Let it take effect now");
		assertThat(post(this.admin, people + "/hand-over/" + handOver + "/effect")).hasStatus(HttpStatus.NOT_FOUND);
		assertThatIllegalStateException()
			.isThrownBy(() -> this.partners.replaceContact(this.id, EmailAddress.of("it@" + this.domain),
					new NewContact("Mika", EmailAddress.of(mika), null, ContactRole.TECHNICAL), "x"));

		this.clock.pass(Duration.ofDays(4));
		this.jobs.runRecurring("hand-over-due");
		assertThat(this.directory.confirmsElsewhere(EmailAddress.of(mika), null)).isFalse();
		this.clock.pass(Duration.ofDays(731));
		this.jobs.runRecurring("people-reduction");
		assertThat(partner().reducedAt()).isNotNull();
	}

	@Test
	void aColleagueTakesOverFromTheLastContactWhoHasLeft() {
		UUID contact = partner().contacts().getFirst().id();
		this.partners.contactLeft(this.id, contact, "Their switchboard said so");
		takeOver("mika@" + this.domain, "it@" + this.domain);
		this.clock.pass(Duration.ofDays(3));
		this.jobs.runRecurring("hand-over-due");
		assertThat(partner().contacts(ContactRole.TECHNICAL)).extracting((one) -> one.address().toString())
			.containsExactly("mika@" + this.domain);
		assertThat(partner().former()).hasSize(1);
	}

	@Test
	void whoeverFollowsStandsInThePlaceOfWhoIsReplaced() {
		add("TECHNICAL", "Second", "second@" + this.domain);
		this.partners.replaceContact(this.id, EmailAddress.of("second@" + this.domain),
				new NewContact("Third", EmailAddress.of("third@" + this.domain), null, ContactRole.TECHNICAL), "x");
		assertThat(partner().contacts()).extracting((one) -> one.address().local()).containsExactly("it", "third");
		this.partners.replaceContact(this.id, EmailAddress.of("it@" + this.domain),
				new NewContact("Third", EmailAddress.of("third@" + this.domain), null, ContactRole.TECHNICAL), "x");
		assertThat(partner().contacts()).extracting((one) -> one.address().local()).containsExactly("third");
	}

	@Test
	void aStrangerLearnsNothingByAskingToTakeOver() {
		MvcTestResult unknown = ask("a@" + Fixtures.freshDomain(), null);
		String elsewhere = Fixtures.freshDomain();
		assertThat(unknown).hasStatus(422);
		MvcTestResult stranger = ask("a@" + elsewhere, "b@" + elsewhere);
		MvcTestResult known = ask("a@" + this.domain, "b@" + this.domain);
		assertThat(stranger).hasRedirectedUrl("/take-over/code");
		assertThat(known).hasRedirectedUrl("/take-over/code");
		assertThat(stranger.getResponse().getHeaderNames()).isEqualTo(known.getResponse().getHeaderNames());
		assertThat(Inbox.of(this.context, "a@" + elsewhere)).isEmpty();
		assertThat(enterTakeOver(known, "a@" + this.domain)).hasStatusOk()
			.bodyText()
			.contains("not that of a technical contact");
		assertThat(this.handOvers.findWaiting(this.id)).isEmpty();
	}

	@Test
	void anAdministratorReplacesAContactWhoIsOutAtTheNextRequest() {
		assertThat(this.mvc.get().uri("/tasks").with(this.ines.signedIn())).hasStatusOk();
		UUID contact = partner().contacts().getFirst().id();
		String page = "/partners/" + this.id + "/people/" + contact + "/hand-over";
		assertThat(post(this.admin, page, "name=Mika", "address=mika@" + this.domain)).hasStatus(422)
			.bodyText()
			.contains("Say why");
		assertThat(post(this.admin, page, "name=Mika", "address=mika@" + this.domain, "reason=Their head of IT phoned"))
			.hasRedirectedUrl("/partners/" + this.id + "/people");
		assertThat(this.mvc.get().uri("/tasks").with(this.ines.signedIn())).hasRedirectedUrl("/sign-in");
		assertThat(this.mvc.get().uri("/partners/" + this.id).with(this.admin.signedIn())).bodyText().contains("Mika");
	}

	@Test
	void whoHasLeftNoLongerSignsInAndIsShownAsGone() {
		UUID contact = partner().contacts().getFirst().id();
		post(this.admin, "/partners/" + this.id + "/people/" + contact + "/leaving",
				"reason=Their switchboard said so");
		assertThat(this.mvc.get().uri("/tasks").with(this.ines.signedIn())).hasRedirectedUrl("/sign-in");
		assertThat(partner().contacts()).isEmpty();
		assertThat(partner().former()).hasSize(1);
		assertThat(this.mvc.get().uri("/partners/" + this.id + "/people").with(this.admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("left");
	}

	@Test
	void aCodeReadOutWorksOnceAndOnlyInTheBrowserWhoseNumberWasTold() {
		recordPhone();
		Cookie theirs = askCode("it@" + this.domain);
		Cookie attackers = askCode("it@" + this.domain);
		String number = window(theirs);
		UUID contact = partner().contacts().getFirst().id();
		String page = "/partners/" + this.id + "/people/" + contact + "/code";
		assertThat(post(this.admin, page, "number=" + number, "recognised=knows the reference")).hasStatus(422)
			.bodyText()
			.contains("Call the recorded number first");
		assertThat(post(this.admin, page, "number=000000", "recognised=x", "called=true")).hasStatus(422)
			.bodyText()
			.contains("shows that number");
		MvcTestResult made = post(this.admin, page, "number=" + number.substring(0, 3) + " " + number.substring(3),
				"recognised=knows the reference", "called=true");
		assertThat(made).hasStatusOk();
		Matcher code = Pattern.compile(">([A-Z0-9]{4}-[A-Z0-9]{4})<").matcher(body(made));
		assertThat(code.find()).isTrue();
		this.jobs.runDue();

		assertThat(type(attackers, code.group(1))).hasStatus(422);
		assertThat(type(theirs, code.group(1))).hasRedirectedUrl("/tasks");
		assertThat(type(theirs, code.group(1))).hasStatus(422);
		assertThat(this.jdbc
			.sql("select count(*) from audit_event e join audit_personal p on p.event_id = e.id"
					+ " where e.code = 'code.read-out' and p.content = ?")
			.param("+44 20 7946 0123")
			.query(Integer.class)
			.single()).isPositive();
	}

	@Test
	void aCodeReadOutEndsAfterFiveMinutesAndNeedsARecordedNumber() {
		UUID contact = partner().contacts().getFirst().id();
		String page = "/partners/" + this.id + "/people/" + contact + "/code";
		assertThat(post(this.admin, page, "number=123456", "recognised=x", "called=true")).hasStatus(422)
			.bodyText()
			.contains("No number is recorded");
		recordPhone();
		Cookie theirs = askCode("it@" + this.domain);
		MvcTestResult made = post(this.admin,
				"/partners/" + this.id + "/people/" + partner().contacts().getFirst().id() + "/code",
				"number=" + window(theirs), "recognised=x", "called=true");
		Matcher code = Pattern.compile(">([A-Z0-9]{4}-[A-Z0-9]{4})<").matcher(body(made));
		assertThat(code.find()).isTrue();
		this.clock.pass(Duration.ofMinutes(5));
		assertThat(type(theirs, code.group(1))).hasStatus(422).bodyText().contains("no longer good");
	}

	@Test
	void mailThatComesBackIsShownAndToldOnceAndForgottenWhenACodeArrives() {
		EmailAddress address = EmailAddress.of("it@" + this.domain);
		for (int i = 0; i < 2; i++) {
			this.transaction.executeWithoutResult(
					(status) -> this.outbox.returned(address, "550 5.1.1 <script> no such user", this.clock.instant()));
		}
		assertThat(this.mvc.get().uri("/partners/" + this.id).with(this.admin.signedIn())).bodyText()
			.contains("Mail comes back since", "550 5.1.1 &lt;script&gt; no such user");
		assertThat(Inbox.of(this.context, "olu@contoso.example")
			.stream()
			.filter((letter) -> letter.contains("Mail to " + address + " comes back"))).hasSize(1);

		signIn(address.toString());
		assertThat(partner().contacts().getFirst().returnedAt()).isNull();
	}

	@Test
	void mailToAColleagueOfOursThatComesBackIsToldOnceForAllTheirPartnersAndShown() {
		EmailAddress leaver = EmailAddress.of("lea+tls-" + UUID.randomUUID() + "@contoso.example");
		Partner second = SomePartner.onboarding(this.context, this.admin.who());
		for (UUID each : List.of(this.id, second.id())) {
			this.partners.setOwner(each, "Lea Leaver", leaver);
		}
		for (int i = 0; i < 3; i++) {
			this.transaction
				.executeWithoutResult((status) -> this.outbox.returned(leaver, "550 5.1.1 gone", this.clock.instant()));
		}
		assertThat(Inbox.of(this.context, "administrators@contoso.example")
			.stream()
			.filter((letter) -> letter.contains(leaver.toString()))).singleElement()
			.asString()
			.contains("2 partners", "550 5.1.1 gone", "of=lea%2Btls-");
		for (String page : List.of("/owners", "/partners/" + second.id(), "/partners/" + this.id + "/people")) {
			assertThat(this.mvc.get().uri(page).with(this.admin.signedIn())).bodyText()
				.contains("Mail comes back since", "550 5.1.1 gone");
		}
		assertThat(this.fixtures.events("partner.unreachable.failed", this.id)).isOne();

		this.partners.setOwner(this.id, "Lea Leaver", leaver);
		assertThat(partner().ownerReturnedAt()).isNull();
		assertThat(this.partners.find(second.id()).orElseThrow().ownerReturnedAt()).isNull();
	}

	@Test
	void allPartnersOfAColleagueWhoLeavesGoToAnotherInOneAct() {
		String leaver = "leaver-" + UUID.randomUUID() + "@contoso.example";
		Partner second = SomePartner.invited(this.context, this.admin.who());
		for (UUID each : List.of(this.id, second.id())) {
			assertThat(post(this.admin, "/partners/" + each + "/people/owner", "name=Lea Leaver", "address=" + leaver,
					"reason=starts here"))
				.hasStatus3xxRedirection();
		}
		assertThat(this.mvc.get().uri("/owners").with(this.admin.signedIn())).bodyText().contains(leaver);
		String page = "/owners/partners?of=" + leaver;
		assertThat(this.mvc.get().uri(page).with(this.admin.signedIn())).bodyText()
			.contains("2 partners", "Lea Leaver");
		assertThat(post(this.admin, page, "name=Fay Follower", "address=fay@elsewhere.example", "reason=x",
				"understood=true"))
			.hasStatus(422)
			.bodyText()
			.contains("one of our own mail domains");
		assertThat(post(this.admin, page, "name=Fay Follower", "address=fay@contoso.example", "reason=Lea leaves us",
				"understood=true"))
			.hasRedirectedUrl("/owners");
		assertThat(partner().ownerName()).isEqualTo("Fay Follower");
		assertThat(this.partners.ofOwner(EmailAddress.of(leaver))).isEmpty();
		assertThat(Inbox.of(this.context, "fay@contoso.example").getFirst()).contains("2 partners", "Lea leaves us");
		assertThat(this.fixtures.events("partner.owner-changed", this.id)).isEqualTo(2);
	}

	@Test
	void peopleOfAPartnershipThatIsOverBecomePseudonymsAndTheHistoryKeepsItsOwnRule() {
		String helper = "mo@" + Fixtures.freshDomain();
		add("HELPER", "Mo Helper", helper);
		Inbox.of(this.context, helper);
		this.partners.withdraw(this.id, "Over");
		this.clock.pass(Duration.ofDays(365));
		this.jobs.runRecurring("people-reduction");
		assertThat(partner().reducedAt()).isNull();
		this.clock.pass(Duration.ofDays(370));
		this.jobs.runRecurring("people-reduction");

		Partner reduced = partner();
		assertThat(reduced.reducedAt()).isNotNull();
		assertThat(reduced.contacts()).allSatisfy((person) -> {
			assertThat(person.name()).matches("Person \\d+");
			assertThat(person.address().toString()).matches("person-\\d+@removed.invalid");
			assertThat(person.phone()).isNull();
		});
		for (String table : List.of("contact", "account", "letter", "invitation", "hand_over", "partner_request",
				"attestation")) {
			assertThat(
					this.jdbc.sql("select count(*) from " + table + " t where t::text like :helper or t::text like :it")
						.param("helper", "%" + helper + "%")
						.param("it", "%it@" + this.domain + "%")
						.query(Integer.class)
						.single())
				.as(table)
				.isZero();
		}
		// The same person has one pseudonym wherever they stand.
		String pseudonym = reduced.contacts(ContactRole.HELPER).getFirst().address().toString();
		assertThat(this.jdbc.sql("select address from account where partner_id = ? and address = ?")
			.params(this.id, pseudonym)
			.query(String.class)
			.list()).hasSize(1);
		assertThat(this.jdbc.sql("select count(*) from audit_personal where content like ?")
			.param("%" + helper + "%")
			.query(Integer.class)
			.single()).isPositive();
		assertThat(this.mvc.get().uri("/programme/privacy")).bodyText().contains("2 years after", "rule of its own");
	}

	@Test
	void onePartnershipThatCannotBeReducedStopsNoOtherAndTheJobFails() {
		this.partners.withdraw(this.id, "Over");
		this.directory.openAccess(EmailAddress.of("stray@" + this.domain), "Stray", this.id);
		this.clock.pass(Duration.ofMinutes(1));
		Partner second = SomePartner.onboarding(this.context, this.admin.who());
		this.partners.withdraw(second.id(), "Over");
		this.clock.pass(Duration.ofDays(732));
		assertThatIllegalStateException().isThrownBy(() -> this.jobs.runRecurring("people-reduction"))
			.withMessageContaining("failed for 1 of");
		assertThat(this.partners.find(second.id()).orElseThrow().reducedAt()).isNotNull();

		this.directory.endAccess(this.id);
		this.jobs.runRecurring("people-reduction");
		assertThat(partner().reducedAt()).isNotNull();
	}

	@Test
	void theOldFormOfContactsLeavesTheOthersAlone() {
		add("SECURITY", "Sol Security", "soc@elsewhere.example");
		post(this.ines, "/tasks/contacts", "name=Ines Tanner", "address=it@" + this.domain, "emergencyName=Ole",
				"emergencyAddress=ole@elsewhere.example");
		assertThat(partner().contacts()).extracting(Partner.Person::role)
			.containsExactlyInAnyOrder(ContactRole.TECHNICAL, ContactRole.EMERGENCY, ContactRole.SECURITY);
		assertThat(post(this.ines, "/tasks/contacts", "name=Ines Tanner", "address=typo@" + this.domain,
				"emergencyName=Ole", "emergencyAddress=ole@elsewhere.example"))
			.hasStatus(422)
			.bodyText()
			.contains("hand over to it");
	}

	private Partner partner() {
		return this.partners.find(this.id).orElseThrow();
	}

	private MvcTestResult add(String role, String name, String address) {
		return post(this.ines, "/partnership/people/new", "role=" + role, "name=" + name, "address=" + address);
	}

	private void recordPhone() {
		UUID contact = partner().contacts().getFirst().id();
		post(this.ines, "/partnership/people/" + contact, "name=Ines Tanner", "address=it@" + this.domain,
				"phone=+44 20 7946 0123");
	}

	private MvcTestResult post(Person person, String path, String... fields) {
		var request = this.mvc.post().uri(path).with(person.signedIn()).with(csrf());
		for (String field : fields) {
			request = request.param(field.substring(0, field.indexOf('=')), field.substring(field.indexOf('=') + 1));
		}
		return request.exchange();
	}

	private MvcTestResult ask(String mine, String colleague) {
		return this.mvc.post()
			.uri("/take-over")
			.param("name", "Mika Brandt")
			.param("address", mine)
			.param("colleague", (colleague != null) ? colleague : "x")
			.param("reason", "She has left")
			.with(csrf())
			.exchange();
	}

	private void takeOver(String mine, String colleague) {
		MvcTestResult asked = ask(mine, colleague);
		assertThat(enterTakeOver(asked, mine)).hasStatusOk().bodyText().contains("Your colleague has been told");
	}

	private MvcTestResult enterTakeOver(MvcTestResult asked, String mine) {
		return this.mvc.post()
			.uri("/take-over/code")
			.param("code", Inbox.code(this.context, mine))
			.cookie(cookie(asked))
			.with(csrf())
			.exchange();
	}

	private void signIn(String address) {
		Cookie browser = askCode(address);
		assertThat(type(browser, Inbox.code(this.context, address))).hasRedirectedUrl("/tasks");
	}

	private Cookie askCode(String address) {
		this.clock.pass(Duration.ofMillis(5));
		return cookie(this.mvc.post().uri("/sign-in").param("address", address).with(csrf()).exchange());
	}

	private MvcTestResult type(Cookie browser, String code) {
		return this.mvc.post().uri("/sign-in/code").param("code", code).cookie(browser).with(csrf()).exchange();
	}

	private String window(Cookie browser) {
		Matcher number = Pattern.compile("(\\d{3}) (\\d{3})</p>")
			.matcher(body(this.mvc.get().uri("/sign-in/code").cookie(browser).exchange()));
		assertThat(number.find()).isTrue();
		return number.group(1) + number.group(2);
	}

	private static String body(MvcTestResult result) {
		try {
			return result.getResponse().getContentAsString();
		}
		catch (java.io.UnsupportedEncodingException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Cookie cookie(MvcTestResult asked) {
		Matcher cookie = Pattern.compile("PORTALCODE=([^;]+)")
			.matcher(String.join("\n", asked.getResponse().getHeaders("Set-Cookie")));
		assertThat(cookie.find()).isTrue();
		return new Cookie("PORTALCODE", cookie.group(1));
	}

}
