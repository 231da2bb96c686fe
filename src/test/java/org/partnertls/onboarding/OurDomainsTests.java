package org.partnertls.onboarding;

import java.net.URI;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.audit.AuditLog;
import org.partnertls.dns.Dns;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.organization.OrganizationProperties;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.tlscheck.TlsChecks;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class OurDomainsTests {

	private static final DomainName BANK = DomainName.of("contoso.example");

	private static final DomainName LEASING = DomainName.of("contoso-leasing.example");

	@Autowired
	private Fixtures fixtures;

	@Autowired
	private Partners partners;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private AuditLog audit;

	@Autowired
	private Dns dns;

	@Autowired
	private TlsChecks checks;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private TestClock clock;

	@Autowired
	private ConfigurableApplicationContext context;

	private OurDomains domains;

	private OurNames names;

	@BeforeEach
	void weHaveTwoDomains() {
		OrganizationProperties contoso = new OrganizationProperties(URI.create("http://localhost"), "Contoso Bank",
				List.of(BANK, LEASING), List.of(), List.of(), EmailAddress.of("mail@contoso.example"),
				"+44 20 7946 0000", ZoneOffset.UTC);
		this.domains = new OurDomains(this.jdbc, contoso, this.audit, this.clock);
		this.names = new OurNames(contoso, this.domains, this.dns, this.checks, this.partners, this.jdbc, this.clock);
	}

	@Test
	void recipesNameTheDomainsThatWereChosenForThePartner() {
		Partner partner = this.partners.find(invited()).orElseThrow();
		assertThat(this.domains.of(partner.id())).containsExactly(BANK, LEASING);
		assertThat(this.names.leftOut().values()).noneSatisfy((left) -> assertThat(left).contains(partner));

		this.transaction.executeWithoutResult((status) -> this.domains.choose(partner, List.of(LEASING)));

		assertThat(this.domains.of(partner.id())).containsExactly(LEASING);
		assertThat(this.names.leftOut().get(BANK.display())).contains(partner);
		assertThat(this.names.leftOut().getOrDefault(LEASING.display(), List.of())).doesNotContain(partner);
		assertThat(this.fixtures.events("partner.our-domains-chosen", partner.id())).isEqualTo(1);
	}

	@Test
	void aPartnerWhoseDomainsAreAllOursNoMoreIsToldAllThatAreLeft() {
		Partner partner = this.partners.find(invited()).orElseThrow();
		this.transaction.executeWithoutResult(
				(status) -> this.domains.choose(partner, List.of(DomainName.of("sold-last-year.example"))));

		assertThat(this.domains.of(partner.id())).containsExactly(BANK, LEASING);
		assertThat(this.names.leftOut().values()).noneSatisfy((left) -> assertThat(left).contains(partner));
	}

	private UUID invited() {
		DomainName domain = DomainName.of(Fixtures.freshDomain());
		Invitation invitation = this.partners.invite(new NewPartner("Partner " + domain, domain, "Greta Hahn",
				new EmailAddress("greta", domain), "Ines Falk", EmailAddress.of("ines.falk@contoso.example"), "Payroll",
				People.of(this.context).admin().who()));
		return ((Invitation.Invited) invitation).id();
	}

}
