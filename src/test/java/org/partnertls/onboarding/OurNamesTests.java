package org.partnertls.onboarding;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.partnertls.organization.DomainName;

import static org.assertj.core.api.Assertions.assertThat;

class OurNamesTests {

	private static final DomainName OURS = DomainName.of("contoso.example");

	@Test
	void mailThatArrivesAtAGatewayIsNotEnforcedByExchangeOnline() {
		assertThat(OurNames.obstacle(OURS, List.of("contoso-example.mail.protection.outlook.com"))).isNull();
		assertThat(OurNames.obstacle(OURS, List.of("contoso-example.a-v1.mx.microsoft"))).isNull();
		assertThat(
				OurNames.obstacle(OURS, List.of("contoso-example.mail.protection.outlook.com", "mx1.gateway.example")))
			.contains("mx1.gateway.example first")
			.doesNotContain("outlook");
		assertThat(OurNames.obstacle(OURS, List.of("evilmail.protection.outlook.com.example"))).isNotNull();
	}

	@Test
	void whatHasChangedSinceAPartnerWasToldIsSaidNameByName() {
		OurNames.Told before = new OurNames.Told(List.of("contoso.example"), List.of(".mail.protection.outlook.com"),
				List.of("mail.protection.outlook.com"));
		OurNames.Told after = new OurNames.Told(List.of("contoso.example", "new.example"), List.of(".mx.microsoft"),
				List.of("mail.protection.outlook.com"));
		assertThat(OurNames.changes(before, before)).isEmpty();
		assertThat(OurNames.changes(before, after)).containsExactly("Our mail domains: new is new.example.",
				"Names of our mail servers: new is .mx.microsoft.",
				"Names of our mail servers: no longer .mail.protection.outlook.com.");
	}

}
