package org.partnertls.connector;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Partner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

class AdoptionTests extends TenantTest {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Adoption adoption;

	private static String guid(List<Map<String, Object>> stored, String name) {
		return stored.stream()
			.filter((connector) -> name.equals(connector.get("Name")))
			.map((connector) -> connector.get("Guid").toString())
			.findFirst()
			.orElseThrow();
	}

	private Candidate candidate(String domain) {
		return ((Adoption.Look.Seen) this.adoption.look()).candidates()
			.stream()
			.filter((found) -> found.domains().contains(domain))
			.findFirst()
			.orElseThrow();
	}

	@Test
	void aPairIsMatchedByDomainAndItsGapsAreTold() {
		String domain = Fixtures.freshDomain();
		TENANT.runAside("New-OutboundConnector", Map.of("Name", "Hand out " + domain, "RecipientDomains",
				List.of(domain, "*." + domain), "TlsSettings", "EncryptionOnly"));
		TENANT.runAside("New-InboundConnector",
				Map.of("Name", "Hand in " + domain, "SenderDomains", List.of("*." + domain), "RequireTls", false));
		TENANT.block(guid(TENANT.inbound(), "Hand in " + domain));

		Candidate candidate = candidate(domain);

		assertThat(candidate.domains()).containsExactly(domain);
		assertThat(candidate.outbound().name()).isEqualTo("Hand out " + domain);
		assertThat(candidate.inbound().name()).isEqualTo("Hand in " + domain);
		assertThat(candidate.gaps()).containsExactly("Outbound: any certificate is accepted (EncryptionOnly).",
				"Outbound: it has never been validated.", "Inbound: mail without TLS is accepted (RequireTls is off).",
				"Inbound: Microsoft has blocked this connector.");
		TENANT.runAside("Set-OutboundConnector",
				Map.of("Identity", "Hand out " + domain, "TlsSettings", "CertificateValidation", "IsValidated", true,
						"LastValidationTimestamp", "2020-01-02T03:04:05.0000000"));
		assertThat(candidate(domain).gaps())
			.contains("Outbound: it has not been validated for over a year, last on 2 January 2020.");
	}

	@Test
	void whatIsForAllDomainsOrAloneIsToldToo() {
		Tenant tenant = Tenant.of(
				List.of(PlanTests.outbound("g1", "Everything", "", "CertificateValidation", List.of("*")),
						PlanTests.outbound("g2", "Known", "", "CertificateValidation", List.of("known.example"))),
				List.of(PlanTests.inbound("g3", "Alone", List.of("alone.example"))));
		List<Candidate> candidates = this.adoption.candidates(tenant, Set.of("OUTBOUND g2"), Set.of());
		assertThat(candidates).extracting(Candidate::domains).containsExactly(List.of(), List.of("alone.example"));
		assertThat(candidates.getFirst().gaps()).contains("There is no inbound connector for these domains.",
				"Outbound: it is for all domains (*), not for one partner.");
		assertThat(candidates.getLast().gaps()).containsExactly("There is no outbound connector for these domains.");
	}

	@Test
	void whatWasTakenOverIsWhatIsWantedUntilSomebodyDecidesOtherwise() {
		String domain = Fixtures.freshDomain();
		TENANT.runAside("New-OutboundConnector",
				Map.of("Name", "Out " + domain, "RecipientDomains", List.of(domain, "*." + domain), "TlsSettings",
						"DomainValidation", "TlsDomain", "*.Relay.example", "UseMXRecord", false, "SmartHosts",
						List.of("203.0.113.7", "relay.example"), "SmtpDaneMode", "Mandatory"));
		TENANT.runAside("New-InboundConnector",
				Map.of("Name", "In " + domain, "SenderDomains", List.of("*." + domain), "RestrictDomainsToIPAddresses",
						true, "SenderIPAddresses", List.of("198.51.100.0/24"), "EFSkipLastIP", true));
		People.Person admin = People.of(this.context).admin();
		takeOver(domain, admin);
		Partner partner = this.partners.findByDomain(DomainName.of(domain)).orElseThrow();
		EmailAddress greta = EmailAddress.of("greta@" + domain);
		// Their pass is open before anybody has approved.
		assertThat(this.mvc.get().uri("/tasks").with(People.of(this.context).partner(partner.id(), greta).signedIn()))
			.hasStatusOk();
		ChangeView change = this.connectors.latest(partner.id()).orElseThrow();
		this.connectors.approve(change.id(), REVIEWER, "Amina Okafor", change.hash(), null, 1);
		push();

		assertThat(this.connectors.lastWanted(partner.id())).hasValueSatisfying((wanted) -> {
			assertThat(wanted.tlsLevel()).isEqualTo(TlsLevel.DOMAIN_VALIDATION);
			assertThat(wanted.tlsDomain()).isEqualTo("*.relay.example");
			assertThat(wanted.restriction()).isEqualTo(new Wanted.ByAddress(List.of("198.51.100.0/24")));
			assertThat(wanted.options().subdomainsOf()).containsExactly(DomainName.of(domain));
			assertThat(wanted.options().smartHosts()).containsExactly("203.0.113.7", "relay.example");
			assertThat(wanted.options().dane()).isEqualTo(Wanted.Dane.MANDATORY);
			assertThat(wanted.options().filtering().skipLastHop()).isTrue();
			assertThat(wanted.validationRecipients()).containsExactly(greta);
			assertThat(planned(wanted).actions()).flatExtracting(Plan.Action::fields)
				.filteredOn(Plan.Field::changed)
				.as("only who made them is new")
				.extracting(Plan.Field::parameter)
				.containsExactly("Comment", "Comment");
		});
		assertThat(this.jdbc.sql("select level, tls_domain, choices from attestation where partner_id = ?")
			.params(partner.id())
			.query()
			.singleRow()).containsEntry("level", "DOMAIN_VALIDATION")
			.containsEntry("tls_domain", "*.relay.example")
			.hasEntrySatisfying("choices", (choices) -> assertThat(choices.toString()).contains("ADDRESSES"));
		assertThat(this.mvc.get()
			.uri("/partners/" + partner.id() + "/connectors/settings")
			.with(People.of(this.context).admin().signedIn())).hasStatusOk()
			.bodyText()
			.contains("relay.example", "198.51.100.0/24");
	}

	@Test
	void aPairBecomesAPartnersWithoutBeingTouchedAndItsFirstPlanChangesIt() {
		String domain = Fixtures.freshDomain();
		TENANT.runAside("New-OutboundConnector", Map.of("Name", "Out " + domain, "RecipientDomains", List.of(domain),
				"TlsSettings", "CertificateValidation"));
		TENANT.runAside("New-InboundConnector", Map.of("Name", "In " + domain, "SenderDomains", List.of(domain)));
		List<Map<String, Object>> before = TENANT.outbound();
		People.Person admin = People.of(this.context).admin();
		String page = "/adoption/" + candidate(domain).key();
		assertThat(this.mvc.get().uri("/adoption/list.csv").with(admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains(domain);
		TENANT.forbid("Get-OutboundConnector");
		assertThat(this.mvc.get().uri("/adoption/list.csv").with(admin.signedIn())).as("no empty list")
			.hasStatus(HttpStatus.SERVICE_UNAVAILABLE);
		TENANT.forbid();

		assertThat(this.mvc.get().uri("/adoption").with(admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains(domain, "Out " + domain, page);
		assertThat(this.mvc.get().uri(page).with(admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("Take over and invite", domain);
		assertThat(this.mvc.post().uri(page).param("name", "<i>x</i>").with(admin.signedIn()).with(csrf()))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("&lt;i&gt;x&lt;/i&gt;", "Choose one of the connectors&#39; domains.");
		Instant asked = Instant.now();
		takeOver(domain, admin);

		Partner partner = this.partners.findByDomain(DomainName.of(domain)).orElseThrow();
		ChangeView change = this.connectors.latest(partner.id()).orElseThrow();
		assertThat(change.plan().summary()).isEqualTo("2 to take over as they are");
		assertThat(((Adoption.Look.Seen) this.adoption.look()).candidates()).as("it is on its way")
			.noneSatisfy((found) -> assertThat(found.domains()).contains(domain));
		assertThat(this.connectors.approve(change.id(), admin.who().id(), "Himself", change.hash(), null, 1))
			.isInstanceOf(ApprovalResult.Refused.class);
		assertThat(this.connectors.directions(partner.id()).out().state()).isEqualTo(Directions.State.WAITING);
		assertThat(this.connectors.approve(change.id(), REVIEWER, "Amina Okafor", change.hash(), null, 1))
			.isInstanceOf(ApprovalResult.Approved.class);
		push();
		assertThat(change(change.id()).state()).as(() -> change(change.id()).why()).isEqualTo("DONE");
		assertThat(writesSince(asked)).isEmpty();
		assertThat(TENANT.outbound()).isEqualTo(before);
		assertThat(this.connectors.directions(partner.id()).out().state()).isEqualTo(Directions.State.UNCHECKED);
		assertThat(this.fixtures.events("connector.adopted", partner.id())).isEqualTo(2);
		Plan plan = planned(wanted(partner.id(), domain));
		assertThat(plan.actions()).extracting(Plan.Action::sign).containsExactly("~", "~");
		assertThat(((Adoption.Look.Seen) this.adoption.look()).candidates())
			.noneSatisfy((found) -> assertThat(found.domains()).contains(domain));
		assertThat(this.mvc.get().uri(page).with(admin.signedIn())).hasStatus(HttpStatus.NOT_FOUND);
	}

	private void takeOver(String domain, People.Person admin) {
		assertThat(this.mvc.post()
			.uri("/adoption/" + candidate(domain).key())
			.param("name", "Acme")
			.param("domain", domain)
			.param("contactName", "Greta Hahn")
			.param("contactAddress", "greta@" + domain)
			.param("ownerName", "Ines Falk")
			.param("ownerAddress", "ines.falk@contoso.example")
			.param("reason", "Payroll")
			.with(admin.signedIn())
			.with(csrf())).hasStatus3xxRedirection();
	}

}
