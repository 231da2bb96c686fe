package org.partnertls.partner;

import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.account.People;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class PartnersPageTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Partners partners;

	@Autowired
	private Fixtures fixtures;

	private People.Person admin;

	@BeforeEach
	void prepare() {
		this.admin = People.of(this.context).admin();
	}

	@Test
	void findsPartnersByNameDomainAndContact() {
		Partner partner = SomePartner.invited(this.context, this.admin.who());
		Partner other = SomePartner.invited(this.context, this.admin.who());
		String domain = partner.mainDomain().name().ascii();
		for (String words : new String[] { "partner " + domain, domain.substring(0, 10), domain + ".", "IT@" + domain,
				partner.reference() }) {
			assertThat(this.mvc.get().uri("/partners").param("words", words).with(this.admin.signedIn())).hasStatusOk()
				.bodyText()
				.contains("/partners/" + partner.id(), "Invited", "not set up")
				.doesNotContain("/partners/" + other.id());
		}
	}

	@Test
	void showsBothFormsOfAnInternationalDomainAndFindsItByEither() {
		String ascii = "xn--mller-kva." + Fixtures.freshDomain();
		Partner partner = SomePartner.invited(this.context, this.admin.who(), ascii);
		assertThat(partner.mainDomain().name().ascii()).isEqualTo(ascii);
		String unicode = partner.mainDomain().name().unicode();
		assertThat(this.mvc.get().uri("/partners").param("words", unicode).with(this.admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("/partners/" + partner.id(), unicode + " (" + ascii + ")");
	}

	@Test
	void takesWildcardsAndMarkupAsTheyStand() {
		Partner partner = SomePartner.invited(this.context, this.admin.who());
		for (String words : new String[] { "%", "_______________________", "<script>alert(1)</script>", "'; --",
				"\\" }) {
			assertThat(this.mvc.get().uri("/partners").param("words", words).with(this.admin.signedIn())).hasStatusOk()
				.bodyText()
				.contains("Nothing fits")
				.doesNotContain("/partners/" + partner.id(), "<script>alert");
		}
		assertThat(this.mvc.get()
			.uri("/partners")
			.param("state", "NONSENSE")
			.param("page", "-3")
			.param("due", "x")
			.with(this.admin.signedIn())).hasStatusOk();
	}

	@Test
	void filtersByState() {
		Partner partner = SomePartner.onboarding(this.context, this.admin.who());
		String domain = partner.mainDomain().name().ascii();
		assertThat(this.mvc.get()
			.uri("/partners")
			.param("words", domain)
			.param("state", "ACTIVE")
			.with(this.admin.signedIn())).bodyText().doesNotContain("/partners/" + partner.id());
		assertThat(this.mvc.get()
			.uri("/partners")
			.param("words", domain)
			.param("state", "ONBOARDING")
			.with(this.admin.signedIn())).bodyText().contains("/partners/" + partner.id());
	}

	@Test
	void letsComplianceReadAndPartnersNot() {
		Partner partner = SomePartner.invited(this.context, this.admin.who());
		assertThat(this.mvc.get().uri("/partners").with(People.of(this.context).compliance().signedIn())).hasStatusOk()
			.bodyText()
			.doesNotContain("Add partner");
		assertThat(this.mvc.get().uri("/partners").with(People.of(this.context).partner(partner.id()).signedIn()))
			.hasStatus(HttpStatus.FORBIDDEN);
	}

	@Test
	void waivesAProofWithAReasonOnly() {
		Partner partner = SomePartner.invited(this.context, this.admin.who());
		String waiver = "/partners/" + partner.id() + "/domains/" + partner.mainDomain().id() + "/waiver";
		assertThat(this.mvc.get().uri(waiver).with(this.admin.signedIn())).hasStatusOk();
		assertThat(this.mvc.post().uri(waiver).param("reason", " ").with(this.admin.signedIn()).with(csrf()))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Say why no proof is needed.");
		assertThat(this.mvc.post().uri(waiver).param("reason", "I know them").with(this.admin.signedIn()))
			.hasStatus(HttpStatus.FORBIDDEN);
		assertThat(this.mvc.post().uri(waiver).param("reason", "I know them").with(this.admin.signedIn()).with(csrf()))
			.hasStatus3xxRedirection();
		Partner.Domain domain = this.partners.find(partner.id()).orElseThrow().mainDomain();
		assertThat(domain.proof()).isEqualTo(Partner.Proof.WAIVED);
		assertThat(domain.waivedReason()).isEqualTo("I know them");
		assertThat(this.fixtures.events("domain.proof-waived", partner.id())).isOne();
	}

	@Test
	void knowsNoDomainOfAnotherPartnerAndNoUnknownOne() {
		Partner partner = SomePartner.invited(this.context, this.admin.who());
		Partner other = SomePartner.invited(this.context, this.admin.who());
		for (UUID domain : new UUID[] { other.mainDomain().id(), UUID.randomUUID() }) {
			assertThat(this.mvc.post()
				.uri("/partners/" + partner.id() + "/domains/" + domain + "/waiver")
				.param("reason", "I know them")
				.with(this.admin.signedIn())
				.with(csrf())).hasStatus(HttpStatus.NOT_FOUND);
		}
		assertThat(this.partners.find(other.id()).orElseThrow().mainDomain().proof()).isEqualTo(Partner.Proof.UNPROVEN);
	}

	@Test
	void letsNobodyButAnAdministratorWaive() {
		Partner partner = SomePartner.invited(this.context, this.admin.who());
		String waiver = "/partners/" + partner.id() + "/domains/" + partner.mainDomain().id() + "/waiver";
		assertThat(this.mvc.post()
			.uri(waiver)
			.param("reason", "I know them")
			.with(People.of(this.context).compliance().signedIn())
			.with(csrf())).hasStatus(HttpStatus.FORBIDDEN);
	}

}
