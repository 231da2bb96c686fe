package org.partnertls.partner;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class DomainRulesTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private DomainRules rules;

	@ParameterizedTest
	@ValueSource(strings = { "gmail.com", "GMAIL.com.", "outlook.com", "outlook.de", "yahoo.co.uk", "yahoo.com",
			"gmx.net", "web.de", "contoso.onmicrosoft.com", "mail.yahoo.fr", "proton.me", "hotmail.com.br" })
	void refusesDomainsOfMailProviders(String domain) {
		assertThat(check(domain).refusals()).singleElement().asString().contains("mail provider");
	}

	@ParameterizedTest
	@ValueSource(strings = { "notgmail.com", "gmx-partner.example", "yahoo.bank.example", "liveband.com", "acme.me",
			"hotmail.acme-group.example" })
	void letsOthersPassThatOnlyLookLikeProviders(String domain) {
		assertThat(check(domain).refusals()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "co.uk", "github.io", "com.au" })
	void refusesPublicSuffixes(String domain) {
		assertThat(check(domain).refusals()).singleElement().asString().contains("Others register");
	}

	@ParameterizedTest
	@ValueSource(strings = { "contoso.example", "Contoso.Example", "mail.contoso.example" })
	void refusesWhatIsOurs(String domain) {
		assertThat(check(domain).refusals()).singleElement().asString().contains("belongs to Contoso Bank");
	}

	@Test
	void refusesWhatALivingPartnerHoldsUnlessItAsksItself() {
		Partner partner = SomePartner.invited(this.context, People.of(this.context).admin().who());
		DomainName domain = partner.mainDomain().name();
		assertThat(this.rules.check(domain, null).refusals()).singleElement().asString().contains("already registered");
		assertThat(this.rules.check(domain, partner.id()).refusals()).isEmpty();
	}

	@Test
	void warnsOfParentsAndChildrenOfOthers() {
		Partner partner = SomePartner.invited(this.context, People.of(this.context).admin().who(),
				"mail." + Fixtures.freshDomain());
		String name = partner.mainDomain().name().ascii();
		assertThat(check("sub." + name).warnings()).singleElement().asString().contains("lies below " + name);
		assertThat(check(name.substring("mail.".length())).warnings()).singleElement()
			.asString()
			.contains(name + ", which", "lies below");
		assertThat(this.rules.check(DomainName.of("sub." + name), partner.id()).warnings()).isEmpty();
	}

	@ParameterizedTest
	// Cyrillic o among Latin letters
	@ValueSource(strings = { "c\u043Entoso.example", "cont\u043Es\u043E.example" })
	void warnsOfMixedScriptsThatImitateUs(String domain) {
		assertThat(check(domain).warnings())
			.anySatisfy((warning) -> assertThat(warning).contains("mixes writing systems"))
			.anySatisfy((warning) -> assertThat(warning).contains("looks like our own"));
	}

	@Test
	void warnsOfAnotherPartnersLookAlike() {
		String end = Fixtures.freshDomain();
		SomePartner.invited(this.context, People.of(this.context).admin().who(), "modern-" + end);
		assertThat(check("modem-" + end).warnings()).singleElement().asString().contains("looks like modern-" + end);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "m\u00FCller.example", "\u043F\u0440\u0438\u043C\u0435\u0440.example", "\u4F8B\u3048.example" })
	void doesNotWarnOfHonestNamesInOneScript(String domain) {
		assertThat(check(domain).warnings()).isEmpty();
	}

	private DomainRules.Findings check(String domain) {
		return this.rules.check(DomainName.of(domain), null);
	}

}
