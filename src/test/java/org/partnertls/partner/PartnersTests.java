package org.partnertls.partner;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import lab.DnsServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.Directory;
import org.partnertls.account.People;
import org.partnertls.account.SignedIn;
import org.partnertls.audit.AuditLog;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsProperties;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@PortalTest
class PartnersTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Partners partners;

	@Autowired
	private Directory directory;

	@Autowired
	private Fixtures fixtures;

	@Autowired
	private TestClock clock;

	private SignedIn admin;

	private DnsServer dns;

	private DomainProof proof;

	@BeforeEach
	void prepare() {
		this.admin = People.of(this.context).admin().who();
		this.dns = new DnsServer(0);
		this.proof = new DomainProof(this.context.getBean(Partnerships.class),
				new Dns(new DnsProperties(List.of(this.dns.address()), Duration.ofSeconds(2))),
				this.context.getBean(AuditLog.class), this.context.getBean(SchedulerClient.class),
				this.context.getBean(TransactionTemplate.class), this.context,
				this.context.getBean("testClock", Clock.class));
	}

	@AfterEach
	void close() {
		this.dns.close();
	}

	@Test
	void invitesWithDomainContactAccessAndEvent() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		assertThat(partner.reference()).matches("TLS-20\\d\\d-\\d{4,}");
		assertThat(partner.state()).isEqualTo(Partnership.State.INVITED);
		assertThat(partner.domains()).singleElement()
			.satisfies((domain) -> assertThat(domain.proof()).isEqualTo(Partner.Proof.UNPROVEN));
		assertThat(partner.contacts()).extracting(Partner.Person::role).containsExactly(ContactRole.TECHNICAL);
		assertThat(this.directory.ofPartner(partner.id())).extracting(Directory.Person::name)
			.containsExactly("Ines Tanner");
		assertThat(this.fixtures.events("partner.invited", partner.id())).isOne();
		assertThat(this.partners.findByReference(" " + partner.reference().toLowerCase(java.util.Locale.ROOT) + " "))
			.map(Partner::id)
			.contains(partner.id());
		assertThat(this.partners.all()).extracting(Partner::id).contains(partner.id());
	}

	@Test
	void tellsTheSecondOfTwoWhoInviteOneDomainAtOnce() throws Exception {
		String domain = Fixtures.freshDomain();
		CyclicBarrier together = new CyclicBarrier(2);
		List<Invitation> results;
		try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
			List<Callable<Invitation>> both = List.of("it", "mail")
				.stream()
				.<Callable<Invitation>>map((local) -> () -> {
					together.await();
					return this.partners.invite(
							new NewPartner("Acme", DomainName.of(domain), "Ines", EmailAddress.of(local + "@" + domain),
									"Olu", EmailAddress.of("olu@contoso.example"), "files", this.admin));
				})
				.toList();
			List<Future<Invitation>> done = threads.invokeAll(both);
			results = List.of(done.get(0).get(), done.get(1).get());
		}
		assertThat(results).filteredOn(Invitation.Invited.class::isInstance).hasSize(1);
		assertThat(results).filteredOn(Invitation.Refused.class::isInstance)
			.singleElement()
			.extracting(Object::toString)
			.asString()
			.contains("already registered");
	}

	@Test
	void opensOnceAndActivatesThenProvesAgain() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		this.partners.opened(partner.id());
		this.partners.opened(partner.id());
		assertThat(this.fixtures.events("partner.opened", partner.id())).isOne();
		Instant proofAt = Instant.parse("2026-11-23T10:00:00Z");
		this.partners.activated(partner.id(), proofAt, proofAt.plus(Duration.ofDays(365)));
		this.partners.activated(partner.id(), proofAt.plusSeconds(60), proofAt.plus(Duration.ofDays(366)));
		Partner active = this.partners.find(partner.id()).orElseThrow();
		assertThat(active.state()).isEqualTo(Partnership.State.ACTIVE);
		assertThat(active.lastProofAt()).isEqualTo(proofAt.plusSeconds(60));
		assertThat(active.nextDueAt()).isEqualTo(proofAt.plus(Duration.ofDays(366)));
		assertThat(active.version()).isGreaterThan(partner.version());
		assertThat(this.fixtures.events("partner.activated", partner.id())).isOne();
		assertThat(this.fixtures.events("partner.proven", partner.id())).isOne();
	}

	@Test
	void freesTheDomainAndEndsAccessWhenItIsOver() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		DomainName domain = partner.mainDomain().name();
		this.partners.withdraw(partner.id(), "Asked by mistake");
		assertThat(this.directory.ofPartner(partner.id())).isEmpty();
		assertThat(this.partners.findByDomain(domain)).isEmpty();
		Partner second = SomePartner.invited(this.context, this.admin, domain.ascii());
		assertThat(this.partners.findByDomain(domain)).map(Partner::id).contains(second.id());
	}

	@Test
	void wantsTheEmergencyContactOutsideAndTheTechnicalOneInside() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		String domain = partner.mainDomain().name().ascii();
		List<Problem> problems = this.partners.setContacts(partner.id(),
				List.of(contact("it@" + Fixtures.freshDomain(), ContactRole.TECHNICAL),
						contact("night@" + domain, ContactRole.EMERGENCY),
						contact("night@sub." + domain, ContactRole.EMERGENCY)));
		assertThat(problems).extracting(Problem::field)
			.containsExactly("contacts[0].address", "contacts[1].address", "contacts[2].address");
		assertThat(this.partners.setContacts(partner.id(), List.of(contact("it@" + domain, ContactRole.TECHNICAL))))
			.extracting(Problem::message)
			.containsExactly("Give an emergency contact outside your own mail domains.");
		assertThat(this.partners.find(partner.id()).orElseThrow().contacts()).hasSize(1);
	}

	@Test
	void opensAccessForNewTechnicalContactsAndEndsItForThoseWhoLeft() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		String domain = partner.mainDomain().name().ascii();
		assertThat(this.partners.setContacts(partner.id(), List.of(contact("new@" + domain, ContactRole.TECHNICAL),
				contact("night@" + Fixtures.freshDomain(), ContactRole.EMERGENCY))))
			.isEmpty();
		assertThat(this.directory.ofPartner(partner.id())).extracting(Directory.Person::address)
			.containsExactly("new@" + domain);
		assertThat(this.fixtures.events("partner.contacts-changed", partner.id())).isOne();
	}

	@Test
	void refusesNamesAndNumbersThatAreNone() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		String domain = partner.mainDomain().name().ascii();
		List<Problem> problems = this.partners.setContacts(partner.id(),
				List.of(new NewContact("x".repeat(121), EmailAddress.of("it@" + domain), "call me",
						ContactRole.TECHNICAL),
						new NewContact("Night\nBcc: all", EmailAddress.of("night@" + Fixtures.freshDomain()), null,
								ContactRole.EMERGENCY)));
		assertThat(problems).extracting(Problem::field)
			.containsExactly("contacts[0].name", "contacts[0].phone", "contacts[1].name");
	}

	@Test
	void addsAndRemovesDomainsButKeepsOneAndTheContactReachable() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		Partner other = SomePartner.invited(this.context, this.admin);
		UUID first = partner.mainDomain().id();
		assertThat(this.partners.removeDomain(partner.id(), first)).isPresent();
		assertThat(this.partners.addDomain(partner.id(), other.mainDomain().name())).isInstanceOfSatisfying(
				AddDomain.Refused.class, (refused) -> assertThat(refused.message()).contains("already registered"));
		assertThat(this.partners.addDomain(partner.id(), partner.mainDomain().name()))
			.isInstanceOf(AddDomain.Refused.class);
		UUID second = ((AddDomain.Added) this.partners.addDomain(partner.id(), DomainName.of(Fixtures.freshDomain())))
			.domainId();
		assertThat(this.partners.find(partner.id()).orElseThrow().domains()).extracting(Partner.Domain::id)
			.containsExactly(first, second);
		assertThat(this.partners.removeDomain(partner.id(), first))
			.hasValueSatisfying((message) -> assertThat(message).contains("technical contact"));
		assertThat(this.partners.removeDomain(partner.id(), second)).isEmpty();
		assertThatExceptionOfType(UnknownPartner.class)
			.isThrownBy(() -> this.partners.removeDomain(partner.id(), other.mainDomain().id()));
	}

	@Test
	void provesADomainByTheTextInTheDns() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		Partner.Domain domain = partner.mainDomain();
		LookUp before = this.proof.lookUp(partner.id(), domain.id());
		assertThat(before.proven()).isFalse();
		assertThat(before.seen()).contains("no name " + domain.challengeName(), this.dns.address());
		this.dns.putTxt(domain.challengeName(), "v=other", "\"" + domain.challengeText() + "\"");
		assertThat(this.proof.lookUp(partner.id(), domain.id()).proven()).isTrue();
		Partner.Domain after = this.partners.find(partner.id()).orElseThrow().mainDomain();
		assertThat(after.proof()).isEqualTo(Partner.Proof.PROVEN);
		assertThat(after.provenAt()).isNotNull();
		assertThat(after.seen()).contains("stands at " + domain.challengeName());
		assertThat(this.fixtures.events("domain.looked-up.failed", partner.id())).isOne();
		assertThat(this.fixtures.events("domain.proven", partner.id())).isOne();
	}

	@Test
	void saysWhatStandsThereInsteadAndWhereTheNameWasDoubled() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		Partner.Domain domain = partner.mainDomain();
		this.dns.putTxt(domain.challengeName() + "." + domain.name(), domain.challengeText());
		assertThat(this.proof.lookUp(partner.id(), domain.id()).seen()).contains("added the domain");
		this.dns.putTxt(domain.challengeName(), "tls-partner=" + "a".repeat(300));
		LookUp wrong = this.proof.lookUp(partner.id(), domain.id());
		assertThat(wrong.proven()).isFalse();
		assertThat(wrong.seen()).contains("not the one we asked for").hasSizeLessThan(400);
	}

	@Test
	void doesNotHoldASilentDnsServerAgainstThePartner() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		this.dns.close();
		assertThat(this.proof.lookUp(partner.id(), partner.mainDomain().id()).seen()).startsWith("We could not look")
			.contains("says nothing about your record");
	}

	@Test
	void looksAgainWithGrowingPausesUntilTheTimeIsOver() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		UUID domain = partner.mainDomain().id();
		Instant now = this.clock.instant();
		assertThat(this.proof.lookAgain(domain)).hasValueSatisfying((next) -> assertThat(next)
			.isBetween(now.plus(Duration.ofMinutes(10)), now.plus(Duration.ofMinutes(15))));
		this.clock.pass(Duration.ofHours(2));
		Instant later = this.clock.instant();
		assertThat(this.proof.lookAgain(domain)).hasValueSatisfying((next) -> assertThat(next)
			.isBetween(later.plus(Duration.ofHours(2)), later.plus(Duration.ofMinutes(125))));
		this.clock.pass(Duration.ofDays(14));
		assertThat(this.proof.lookAgain(domain)).isEmpty();
		String before = this.partners.find(partner.id()).orElseThrow().mainDomain().challengeText();
		assertThat(this.proof.lookUp(partner.id(), domain).seen()).contains("Publish the new one");
		Partner.Domain renewed = this.partners.find(partner.id()).orElseThrow().mainDomain();
		assertThat(renewed.challengeText()).isNotEqualTo(before);
		this.dns.putTxt(renewed.challengeName(), before);
		assertThat(this.proof.lookAgain(domain)).isPresent();
		this.dns.putTxt(renewed.challengeName(), renewed.challengeText());
		assertThat(this.proof.lookAgain(domain)).isEqualTo(Optional.empty());
		assertThat(this.partners.find(partner.id()).orElseThrow().isProven()).isTrue();
	}

	@Test
	void refusesToWaitForTheNetworkInsideATransaction() {
		Partner partner = SomePartner.invited(this.context, this.admin);
		TransactionTemplate transaction = this.context.getBean(TransactionTemplate.class);
		assertThatExceptionOfType(IllegalTransactionStateException.class).isThrownBy(() -> transaction
			.executeWithoutResult((status) -> this.partners.lookUp(partner.id(), partner.mainDomain().id())));
	}

	private static NewContact contact(String address, ContactRole role) {
		return new NewContact("Somebody", EmailAddress.of(address), "+44 20 7946 0000", role);
	}

}
