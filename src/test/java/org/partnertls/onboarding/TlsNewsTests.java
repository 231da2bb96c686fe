package org.partnertls.onboarding;

import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.ContactRole;
import org.partnertls.partner.NewContact;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.SomePartner;
import org.partnertls.tlscheck.Approved;
import org.partnertls.tlscheck.Level;
import org.partnertls.tlscheck.MxPlatform;
import org.partnertls.tlscheck.TlsRoundMissed;
import org.partnertls.tlscheck.TlsWatch;
import org.partnertls.tlscheck.TlsWatchEvent;
import org.partnertls.tlscheck.Verdict;
import org.partnertls.tlscheck.WatchedDomain;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class TlsNewsTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Partners partners;

	@Autowired
	private TlsWatch watch;

	@Autowired
	private ApplicationEventPublisher events;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TestClock clock;

	private People.Person admin;

	private Partner partner;

	private DomainName domain;

	@BeforeEach
	void start() {
		this.admin = People.of(this.context).admin();
		this.partner = SomePartner.onboarding(this.context, this.admin.who());
		this.domain = this.partner.mainDomain().name();
	}

	@Test
	void aDomainIsWatchedFromItsProofUntilThePartnershipEnds() {
		assertThat(this.watch.ofPartner(this.partner.id())).isEmpty();
		prove();
		assertThat(this.watch.ofPartner(this.partner.id())).singleElement().satisfies((watched) -> {
			assertThat(watched.domain()).isEqualTo(this.domain);
			assertThat(watched.partnerName()).isEqualTo(this.partner.name());
			assertThat(watched.dueAt()).isBeforeOrEqualTo(this.clock.instant());
		});
		this.partners.withdraw(this.partner.id(), "No longer wanted");
		assertThat(this.watch.ofPartner(this.partner.id())).isEmpty();
		assertThat(this.watch.find(this.domain)).map(WatchedDomain::watched).hasValue(false);
	}

	@Test
	void beforeAnythingIsApprovedAFailureIsNoNews() {
		prove();
		publish(failing());
		assertThat(letters()).isEmpty();
	}

	@Test
	void aFailureAfterwardsIsToldToTheOwnerAndToThePartner() {
		prove();
		this.watch.approve(this.domain, Level.CERTIFICATE_VALIDATION, null);
		publish(failing());
		publish(new TlsWatchEvent.Recovered(this.domain, this.partner.id(), UUID.randomUUID()));
		assertThat(letters()).containsExactlyInAnyOrder("owner-tls-failing", "partner-tls-failing",
				"owner-tls-recovered");
	}

	@Test
	void whoIsThereForBusinessHearsThatMailFailsAndNothingOfTheTasks() {
		prove();
		this.watch.approve(this.domain, Level.CERTIFICATE_VALIDATION, null);
		EmailAddress business = EmailAddress.of("sales@" + this.domain);
		this.partners.setContacts(this.partner.id(), List.of(this.partner.contacts().getFirst().described(),
				new NewContact("Sue Sales", business, null, ContactRole.BUSINESS),
				new NewContact("Ole Hahn", EmailAddress.of("ole@elsewhere.example"), null, ContactRole.EMERGENCY)));
		publish(failing());
		publish(expires(true));
		assertThat(this.jdbc.sql("select template from letter where partner_id = ? and recipient = ?")
			.params(this.partner.id(), business.toString())
			.query(String.class)
			.list()).containsExactly("partner-tls-failing");
	}

	@Test
	void whatIsNotAsApprovedIsToldToTheOwner() {
		prove();
		Approved approved = new Approved(this.clock.instant(), Level.CERTIFICATE_VALIDATION, null, MxPlatform.OWN,
				new TreeSet<>(List.of("mx.example")), new TreeMap<>());
		Approved seen = new Approved(this.clock.instant(), Level.CERTIFICATE_VALIDATION, null, MxPlatform.OWN,
				new TreeSet<>(List.of("mx9.example")), new TreeMap<>());
		publish(new TlsWatchEvent.Differs(this.domain, this.partner.id(), UUID.randomUUID(),
				List.of("New mail servers: mx9.example."), "Mail would be held back.", approved, seen,
				Verdict.Outcome.FAIL, null));
		assertThat(letters()).containsExactly("owner-tls-differs");
	}

	@Test
	void aCertificateOfAProviderIsNoMatterOfThePartners() {
		prove();
		publish(expires(false));
		assertThat(letters()).containsExactly("owner-certificate-expires");
		publish(expires(true));
		assertThat(letters()).containsExactlyInAnyOrder("owner-certificate-expires", "owner-certificate-expires",
				"partner-certificate-expires");
	}

	@Test
	void aRoundThatIsLateIsToldToCompliance() {
		int before = missed();
		publish(new TlsRoundMissed(this.clock.instant(), 7));
		assertThat(missed()).isEqualTo(before + 1);
	}

	private TlsWatchEvent failing() {
		return new TlsWatchEvent.Failing(this.domain, this.partner.id(), UUID.randomUUID(), "The certificate expired.",
				"Renew it.");
	}

	private TlsWatchEvent expires(boolean own) {
		return new TlsWatchEvent.CertificateExpires(this.domain, this.partner.id(), UUID.randomUUID(),
				"mx." + this.domain, Instant.parse("2026-12-01T00:00:00Z"), own);
	}

	private void publish(Object event) {
		this.transaction.executeWithoutResult((status) -> this.events.publishEvent(event));
	}

	private void prove() {
		this.partners.waive(this.partner.id(), this.partner.mainDomain().id(), "Known for years", this.admin.who());
	}

	private List<String> letters() {
		return this.jdbc.sql("select template from letter where partner_id = ?")
			.param(this.partner.id())
			.query(String.class)
			.list();
	}

	private int missed() {
		return this.jdbc.sql("select count(*) from letter where template = 'compliance-round-missed'")
			.query(Integer.class)
			.single();
	}

}
