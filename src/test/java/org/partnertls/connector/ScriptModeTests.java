package org.partnertls.connector;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import lab.ExchangeOnlineDouble;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partners;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

/**
 * A portal that may not call Exchange Online.
 */
@PortalTest
class ScriptModeTests {

	@Autowired
	private org.partnertls.TestClock clock;

	@Autowired
	private Connectors connectors;

	@Autowired
	private Pusher pusher;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Partners partners;

	@Autowired
	private ConfigurableApplicationContext context;

	@Test
	void plansForAnEmptyTenantAndGivesTheLinesToRunByHand() {
		Wanted wanted = TenantTest.wanted(UUID.randomUUID(), Fixtures.freshDomain());

		assertThat(this.connectors.plan(wanted)).isInstanceOfSatisfying(PlanResult.Planned.class, (planned) -> {
			assertThat(planned.plan().summary()).isEqualTo("2 to create, 0 to change");
			assertThat(planned.script())
				.anySatisfy((line) -> assertThat(line).contains("New-Wanted 'Inbound'").contains("RequireTls = $false"))
				.anySatisfy((line) -> assertThat(line).contains("Set-Wanted 'Inbound'").contains("RequireTls = $true"));
		});
	}

	@Test
	void pushesNothing() {
		Wanted wanted = TenantTest.wanted(UUID.randomUUID(), Fixtures.freshDomain());
		Plan plan = ((PlanResult.Planned) this.connectors.plan(wanted)).plan();
		UUID id = approved(plan);

		this.pusher.run();

		assertThat(this.connectors.find(id).orElseThrow().state()).isEqualTo("APPROVED");
		assertThat(this.connectors.relieve(wanted.partnerId(), ReliefStep.OUTBOUND_OFF, TenantTest.ADMIN, "Bounces",
				java.time.Instant.MAX))
			.isInstanceOf(ReliefResult.Refused.class);
	}

	private Wanted wanted() {
		DomainName domain = DomainName.of(Fixtures.freshDomain());
		Invitation invitation = this.partners.invite(new NewPartner("Partner " + domain, domain, "Greta Hahn",
				new EmailAddress("greta", domain), "Ines Falk", EmailAddress.of("ines.falk@contoso.example"), "Payroll",
				People.of(this.context).admin().who()));
		return TenantTest.wanted(((Invitation.Invited) invitation).id(), domain.ascii());
	}

	private static String json(List<?> connectors) {
		return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(connectors);
	}

	private void paste(ExchangeOnlineDouble tenant) {
		assertThat(this.mvc.post()
			.uri("/tenant-readings")
			.param("outbound", json(tenant.outbound()))
			.param("inbound", json(tenant.inbound()))
			.with(People.of(this.context).admin().signedIn())
			.with(csrf())).hasRedirectedUrl("/tenant-readings");
	}

	@Test
	void aChangeThatIsCarriedOutByHandMovesOnByWhatIsPasted() throws IOException {
		Wanted wanted = wanted();
		String domain = wanted.domains().first().ascii();
		Plan plan = ((PlanResult.Planned) this.connectors.plan(wanted)).plan();
		UUID id = approved(plan);
		Form out = plan.of(Direction.OUTBOUND).target();
		Form in = plan.of(Direction.INBOUND).target();

		try (ExchangeOnlineDouble tenant = ExchangeOnlineDouble.start()) {
			paste(tenant);
			assertThat(steps(id)).contains("Create \"To " + domain + "\", switched off: waiting");

			// What the script's first stage does.
			tenant.runAside("New-OutboundConnector",
					out.with(Form.ENABLED, false).forCreation(Direction.OUTBOUND, "To " + domain));
			tenant.runAside("New-InboundConnector", in.watching().forCreation(Direction.INBOUND, "From " + domain));
			paste(tenant);
			assertThat(this.connectors.find(id).orElseThrow().state()).isEqualTo("PUSHING");
			assertThat(steps(id)).contains("Read \"To " + domain + "\" back: done",
					"Read \"From " + domain + "\" back: done",
					"Validate \"To " + domain + "\" with a test message: waiting");

			// The second.
			tenant.runAside("Set-OutboundConnector",
					Map.of("Identity", "To " + domain, "IsValidated", true, "LastValidationTimestamp",
							this.clock.instant().plusSeconds(1).toString(), "ValidationRecipients",
							List.of("postmaster@" + domain), "Enabled", true));
			paste(tenant);
			assertThat(this.connectors.find(id).orElseThrow().state()).isEqualTo("PROVING");
			assertThat(this.connectors.directions(wanted.partnerId()).out().state())
				.isEqualTo(Directions.State.UNCHECKED);

			// The third, after the proof.
			this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, LocalTime.NOON);
			tenant.runAside("Set-InboundConnector", Map.of("Identity", "From " + domain, "RequireTls", true));
			paste(tenant);
			assertThat(this.connectors.find(id).orElseThrow().state()).isEqualTo("DONE");
			assertThat(this.connectors.directions(wanted.partnerId()).in().state())
				.isEqualTo(Directions.State.UNCHECKED);

			// From now on plans are made against what was pasted.
			assertThat(((PlanResult.Planned) this.connectors.plan(wanted)).plan().summary()).isEqualTo("nothing to do");
		}
	}

	/** Proposed by one and approved by another. */
	private UUID approved(Plan plan) {
		UUID id = this.connectors.propose(null, plan, TenantTest.INVITER);
		this.connectors.approve(id, TenantTest.REVIEWER, "Amina Okafor", plan.hash(), TenantTest.INVITER, 1);
		return id;
	}

	private List<String> steps(UUID id) {
		return this.connectors.find(id)
			.orElseThrow()
			.steps()
			.stream()
			.map((step) -> step.title() + ": " + step.state())
			.toList();
	}

	@Test
	void somebodyElsesConnectorStopsTheChange() throws IOException {
		Wanted wanted = wanted();
		String domain = wanted.domains().first().ascii();
		Plan plan = ((PlanResult.Planned) this.connectors.plan(wanted)).plan();
		UUID id = approved(plan);
		try (ExchangeOnlineDouble tenant = ExchangeOnlineDouble.start()) {
			tenant.runAside("New-OutboundConnector",
					Map.of("Name", "To " + domain, "RecipientDomains", List.of("elsewhere.example")));
			paste(tenant);
		}
		assertThat(this.connectors.find(id).orElseThrow()).satisfies((change) -> {
			assertThat(change.state()).isEqualTo("NEEDS_ATTENTION");
			assertThat(change.why()).contains("exists with other settings");
		});
	}

	@Test
	void aConnectorForTheSameMailThatNobodyApprovedStopsTheChange() throws IOException {
		Wanted wanted = wanted();
		String domain = wanted.domains().first().ascii();
		Plan plan = ((PlanResult.Planned) this.connectors.plan(wanted)).plan();
		UUID id = approved(plan);
		try (ExchangeOnlineDouble tenant = ExchangeOnlineDouble.start()) {
			tenant.runAside("New-OutboundConnector", Map.of("Name", domain, "RecipientDomains", List.of(domain)));
			paste(tenant);

			ChangeView change = this.connectors.find(id).orElseThrow();
			assertThat(change.state()).isEqualTo("VOID");
			assertThat(change.why()).contains("\"" + domain + "\"", "Compute the plan again");
			Plan again = ((PlanResult.Planned) this.connectors.again(plan)).plan();
			UUID next = approved(again);
			paste(tenant);
			assertThat(steps(next)).as("what was approved does not stop it")
				.contains("Compare the tenant with what was approved: done");
		}
	}

	@Test
	void whomTheValidationWroteToIsComparedWithoutOrderAndCase() throws IOException {
		Wanted one = wanted();
		String domain = one.domains().first().ascii();
		Wanted wanted = new Wanted(one.partnerId(), one.partnerName(), one.domains(), one.tlsLevel(), null,
				List.of(EmailAddress.of("postmaster@" + domain), EmailAddress.of("Admin@" + domain)), one.restriction(),
				one.reference());
		Plan plan = ((PlanResult.Planned) this.connectors.plan(wanted)).plan();
		UUID id = approved(plan);
		try (ExchangeOnlineDouble tenant = ExchangeOnlineDouble.start()) {
			tenant.runAside("New-OutboundConnector",
					plan.of(Direction.OUTBOUND).target().forCreation(Direction.OUTBOUND, "To " + domain));
			tenant.runAside("New-InboundConnector",
					plan.of(Direction.INBOUND).target().watching().forCreation(Direction.INBOUND, "From " + domain));
			tenant.runAside("Set-OutboundConnector",
					Map.of("Identity", "To " + domain, "IsValidated", true, "LastValidationTimestamp",
							this.clock.instant().plusSeconds(1).toString(), "ValidationRecipients",
							List.of("admin@" + domain, "Postmaster@" + domain)));
			paste(tenant);
		}
		assertThat(this.connectors.find(id).orElseThrow().state()).isEqualTo("PROVING");
	}

	@Test
	void theScriptIsAFileAndWhatIsPastedIsCheckedBesideItsField() {
		Wanted wanted = wanted();
		Plan plan = ((PlanResult.Planned) this.connectors.plan(wanted)).plan();
		UUID id = this.connectors.propose(null, plan, TenantTest.INVITER);
		People.Person admin = People.of(this.context).admin();

		assertThat(this.mvc.get().uri("/changes/" + id + "/script").with(admin.signedIn())).hasStatusOk()
			.hasHeader("Content-Disposition",
					"attachment; filename=\"partner-tls-" + plan.hash().substring(0, 12) + ".ps1\"")
			.bodyText()
			.contains("[CmdletBinding(SupportsShouldProcess = $true)]\r\n");
		assertThat(this.mvc.get().uri("/changes/" + id).with(admin.signedIn())).bodyText()
			.contains("-WhatIf", "/changes/" + id + "/script", "/tenant-readings");
		assertThat(this.mvc.get().uri("/tenant-readings").with(admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("Connect-ExchangeOnline", "ConvertTo-Json -Compress");
		assertThat(this.mvc.post()
			.uri("/tenant-readings")
			.param("outbound", "<script>alert(1)</script>")
			.param("inbound", " ")
			.with(admin.signedIn())
			.with(csrf())).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("This is not the output of Get-OutboundConnector", "Paste it here", "&lt;script&gt;")
			.doesNotContain("<script>alert");
	}

}
