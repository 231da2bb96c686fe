package org.partnertls.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.account.People;
import org.partnertls.exchange.SignInMeans;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

class ConnectionTests extends TenantTest {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Connection connection;

	@Autowired
	private TransactionTemplate transaction;

	@AfterEach
	void mend() {
		TENANT.permission(true);
		TENANT.forbid();
		TENANT.acceptDomain("contoso.example");
	}

	private ConnectionFinding found(String title) {
		List<ConnectionFinding> findings = this.connection.look(ADMIN).findings();
		return findings.stream()
			.filter((finding) -> finding.title().equals(title))
			.findFirst()
			.orElseThrow(() -> new AssertionError("no " + title + " in " + findings));
	}

	@Test
	void everyPieceIsLookedAtAndShown() {
		People.Person admin = People.of(this.context).admin();
		assertThat(this.mvc.post().uri("/connection/checks").with(admin.signedIn()).with(csrf()))
			.hasRedirectedUrl("/connection");
		assertThat(this.mvc.get().uri("/connection").with(People.of(this.context).compliance().signedIn()))
			.hasStatusOk()
			.bodyText()
			.contains("Worldwide and GCC", "client secret", "gives the application a token",
					"read and change connectors", "accepted domains of the tenant", "contoso.onmicrosoft.com",
					"of at most 1800", "of at most 4450", "<strong>Clock</strong>", "may trace messages")
			.doesNotContain("Check now");
		assertThat(this.mvc.post()
			.uri("/connection/checks")
			.with(People.of(this.context).compliance().signedIn())
			.with(csrf())).hasStatus(HttpStatus.FORBIDDEN);
	}

	@Test
	void aMissingRoleIsToldApartFromAMissingPermission() {
		TENANT.role(false);
		assertThat(found("Permission").tone()).isEqualTo("good");
		assertThat(found("Role").remedy()).contains("Exchange Administrator");
	}

	@Test
	void aMissingCmdletNamesTheRoleThatHasIt() {
		TENANT.forbid("Set-InboundConnector", "Get-TransportRule", "Get-MessageTraceV2");
		assertThat(found("Role")).satisfies((finding) -> {
			assertThat(finding.tone()).isEqualTo("bad");
			assertThat(finding.words()).contains("Set-InboundConnector");
			assertThat(finding.remedy()).contains("Remote and Accepted Domains");
		});
		assertThat(found("Path of mail").words()).contains("Get-TransportRule");
		assertThat(found("Message trace").tone()).isEqualTo("wait");
	}

	@Test
	void aDomainThatPartnersAreToldMustBeTheTenants() {
		TENANT.refuseDomain("contoso.example");
		assertThat(found("Our domains")).satisfies((finding) -> {
			assertThat(finding.tone()).isEqualTo("bad");
			assertThat(finding.words()).startsWith("contoso.example is told to partners");
			assertThat(finding.remedy()).contains("portal.organization.mail-domains");
		});
	}

	@Test
	void aWrongClockIsNoticed() {
		this.clock.pass(Duration.ofMinutes(7));
		try {
			assertThat(found("Clock")).satisfies((finding) -> {
				assertThat(finding.tone()).isEqualTo("bad");
				assertThat(finding.words()).contains("ahead of");
			});
		}
		finally {
			this.clock.pass(Duration.ofMinutes(-7));
		}
	}

	@Test
	void theEndOfOurCertificateIsToldOnceAtEachOfItsDays() {
		Instant end = this.clock.instant().plus(Duration.ofDays(400));
		SignInMeans means = new SignInMeans(true, "CN=portal", Fixtures.freshDomain(), end);
		int[] days = { 61, 60, 59, 30, 29, 14, 7, 1, 0, -1 };
		int[] told = { 0, 1, 1, 2, 2, 3, 4, 5, 6, 6 };
		for (int i = 0; i < days.length; i++) {
			Instant at = end.minus(Duration.ofDays(days[i]));
			this.transaction.executeWithoutResult((status) -> this.connection.warn(means, at));
			assertThat(letters(means)).as(days[i] + " days before").isEqualTo(told[i]);
		}
		SignInMeans late = new SignInMeans(true, "CN=portal", Fixtures.freshDomain(), end);
		this.transaction.executeWithoutResult((status) -> this.connection.warn(late, end.minus(Duration.ofDays(5))));
		assertThat(letters(late)).as("who comes late hears of it once").isEqualTo(1);
	}

	private int letters(SignInMeans means) {
		return this.jdbc
			.sql("select count(*) from letter where template = 'administrators-credential' and model like ?")
			.param("%" + means.thumbprint() + "%")
			.query(Integer.class)
			.single();
	}

	@Test
	void aPlanStopsBeforeTheTenantIsFull() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		Plan plan = planned(wanted);
		Tenant tenant = Tenant.EMPTY;
		assertThat(new Capacity(1, 1000).objections(plan, tenant)).singleElement()
			.asString()
			.contains("portal.connector.outbound-limit", "95 %");
		assertThat(new Capacity(2, 2).objections(plan, tenant)).isEmpty();
		assertThat(new Capacity(100, 100).isFull(Direction.OUTBOUND, 94)).isFalse();
		assertThat(new Capacity(100, 100).isFull(Direction.OUTBOUND, 95)).isTrue();
	}

}
