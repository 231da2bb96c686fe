package org.partnertls.connector;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

import lab.ExchangeValidator;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.account.People;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

class UndoTests extends TenantTest {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private DriftCheck check;

	@Test
	void goingBackBringsTheSettingsBeforeAChangeThroughPlanReviewAndPush() {
		Wanted before = enforced();
		Map<String, Object> outboundBefore = outbound(before).getFirst();
		Wanted after = new Wanted(before.partnerId(), before.partnerName(), before.domains(),
				TlsLevel.DOMAIN_VALIDATION, "mx.example", before.validationRecipients(),
				new Wanted.ByAddress(List.of("203.0.113.7")), before.reference());
		UUID change = finished(after);
		assertThat(outbound(before).getFirst()).containsEntry("TlsSettings", "DomainValidation");

		Plan back = ((PlanResult.Planned) this.connectors.goBack(change)).plan();
		assertThat(back.kind()).isEqualTo(ChangeKind.GO_BACK);
		UUID id = approved(back);
		push();

		assertThat(change(id).state()).as(() -> change(id).why()).isEqualTo("DONE");
		for (String parameter : List.of("TlsSettings", "Enabled", "RecipientDomains", "Comment")) {
			assertThat(outbound(before).getFirst().get(parameter)).isEqualTo(outboundBefore.get(parameter));
		}
		assertThat(outbound(before).getFirst().get("TlsDomain")).isNull();
		assertThat(inbound(before).getFirst()).containsEntry("RequireTls", true)
			.containsEntry("RestrictDomainsToIPAddresses", false);
		assertThat(planned(before).isNothing()).isTrue();
		assertThat(this.connectors.lastWanted(before.partnerId())).as("what was undone is not wanted any more")
			.contains(before);
		assertThat(this.mvc.get()
			.uri("/partners/" + before.partnerId() + "/connectors/settings")
			.with(People.of(this.context).admin().signedIn())).hasStatusOk()
			.bodyText()
			.doesNotContain("mx.example", "203.0.113.7");
	}

	@Test
	void whatCameToNothingIsNotTakenForWhatIsWanted() {
		Wanted before = enforced();
		UUID partner = before.partnerId();
		Wanted other = new Wanted(partner, before.partnerName(), before.domains(), TlsLevel.DOMAIN_VALIDATION,
				"mx.example", before.validationRecipients(), new Wanted.ByAddress(List.of("203.0.113.7")),
				before.reference());
		UUID called = approved(other);
		assertThat(this.connectors.lastWanted(partner)).as("it is about to be so").contains(other);
		this.connectors.revoke(called, "Called off.");
		assertThat(this.connectors.lastWanted(partner)).contains(before);

		TENANT.validator((recipients, connector) -> List
			.of(new ExchangeValidator.Task("Send test email", false, Map.of("Detail", "550 5.7.1 no"))));
		UUID failing = approved(other);
		push();
		assertThat(change(failing).state()).isEqualTo("NEEDS_ATTENTION");
		assertThat(outbound(before).getFirst()).containsEntry("TlsSettings", "CertificateValidation");
		assertThat(this.connectors.lastWanted(partner)).as("put back after a failed validation").contains(before);
	}

	@Test
	void ofWhatWasBrokenOffThatCountsWhichStands() {
		Wanted before = enforced();
		Wanted other = new Wanted(before.partnerId(), before.partnerName(), before.domains(),
				TlsLevel.DOMAIN_VALIDATION, "mx.example", before.validationRecipients(),
				new Wanted.ByAddress(List.of("203.0.113.7")), before.reference());
		UUID id = approved(other);
		push();
		assertThat(change(id).state()).isEqualTo("PROVING");

		this.connectors.revoke(id, "Called off.");

		Wanted standing = this.connectors.lastWanted(before.partnerId()).orElseThrow();
		assertThat(standing.tlsDomain()).as("outbound was done").isEqualTo("mx.example");
		assertThat(standing.restriction()).as("inbound was not").isEqualTo(new Wanted.Unrestricted());
		assertThat(planned(standing).isNothing()).isTrue();
	}

	@Test
	void whatWasAcceptedIsWhatIsWanted() {
		Wanted before = enforced();
		TENANT.runAside("Set-OutboundConnector", Map.of("Identity", outbound(before).getFirst().get("Guid"),
				"UseMXRecord", false, "SmartHosts", List.of("203.0.113.9"), "SmtpDaneMode", "None"));
		this.check.run();
		UUID id = approved(((PlanResult.Planned) this.connectors.accept(before.partnerId())).plan());
		push();
		assertThat(change(id).state()).as(() -> change(id).why()).isEqualTo("DONE");

		Wanted now = this.connectors.lastWanted(before.partnerId()).orElseThrow();
		assertThat(now.options().smartHosts()).containsExactly("203.0.113.9");
		assertThat(now.options().dane()).isEqualTo(Wanted.Dane.NONE);
		assertThat(planned(now).isNothing()).as("comparing in bulk does not propose the old ones").isTrue();
	}

	@Test
	void goingBackToBeforeTheFirstChangeTakesTheConnectorsAwayAndSaysWhatThatMeans() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID first = finished(wanted);

		Plan back = ((PlanResult.Planned) this.connectors.goBack(first)).plan();
		assertThat(back.summary()).isEqualTo("0 to create, 0 to change, 2 to remove");
		assertThat(back.warnings()).filteredOn((warning) -> warning.contains("clear text")).hasSize(2);
		UUID id = approved(back);
		push();

		assertThat(change(id).state()).isEqualTo("DONE");
		assertThat(outbound(wanted)).isEmpty();
		assertThat(inbound(wanted)).isEmpty();
		assertThat(this.connectors.lastWanted(wanted.partnerId())).isEmpty();
		assertThat(this.connectors.goBack(id)).as("that can be undone too")
			.isInstanceOfSatisfying(PlanResult.Planned.class,
					(planned) -> assertThat(planned.plan().summary()).startsWith("2 to create"));
	}

	@Test
	void thePageLeadsToWhereAPartnershipIsSuspendedOrEnded() {
		Wanted wanted = enforced();
		String page = "/partners/" + wanted.partnerId() + "/connectors";

		assertThat(this.mvc.get().uri(page).with(People.of(this.context).admin().signedIn())).hasStatusOk()
			.bodyText()
			.contains("Go back to before this", "Suspend or end it on the partner", "Other settings");
		assertThat(this.mvc.get().uri(page).with(People.of(this.context).compliance().signedIn())).hasStatusOk()
			.bodyText()
			.doesNotContain("Suspend or end it on the partner");
	}

	@Test
	void everySettingCanBeChosenAndWhatDoesNotFitIsSaidBesideTheForm() {
		Wanted wanted = enforced();
		People.Person admin = People.of(this.context).admin();
		String page = "/partners/" + wanted.partnerId() + "/connectors/settings";
		String domain = wanted.domains().first().ascii();
		String version = SettingsForm.of(this.connectors.lastWanted(wanted.partnerId()).orElseThrow()).version();

		assertThat(this.mvc.get().uri(page).with(admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("*." + domain, "MTA-STS", "postmaster@" + domain);
		assertThat(this.mvc.post()
			.uri(page)
			.param("version", version)
			.param("level", "DOMAIN_VALIDATION")
			.param("route", "hosts")
			.param("smartHosts", "10.0.0.1 <b>")
			.param("dane", "SOMETIMES")
			.param("mtaSts", "NONE")
			.param("restriction", "certificate")
			.param("certificate", "*")
			.param("recipients", "nobody")
			.with(admin.signedIn())
			.with(csrf())).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Choose one.", "is no e-mail address", "10.0.0.1 &lt;b&gt;");
		assertThat(this.mvc.post()
			.uri(page)
			.param("version", version)
			.param("level", "DOMAIN_VALIDATION")
			.param("route", "mx")
			.param("dane", "MANDATORY")
			.param("mtaSts", "NONE")
			.param("restriction", "certificate")
			.param("certificate", "*")
			.param("recipients", "postmaster@" + domain)
			.with(admin.signedIn())
			.with(csrf())).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Say which name must be in the certificate", "* alone is not accepted");

		assertThat(this.mvc.post()
			.uri(page)
			.param("version", version)
			.param("level", "DOMAIN_VALIDATION")
			.param("tlsDomain", "*.MX.example")
			.param("subdomains", domain)
			.param("route", "hosts")
			.param("smartHosts", "Relay.example, 203.0.113.9")
			.param("dane", "MANDATORY")
			.param("mtaSts", "NONE")
			.param("restriction", "addresses")
			.param("addresses", "203.0.113.0/28")
			.param("skipLastHop", "true")
			.param("skipFor", "Payroll@contoso.example")
			.param("recipients", "postmaster@" + domain)
			.with(admin.signedIn())
			.with(csrf())).hasStatus3xxRedirection();
		ChangeView proposed = this.connectors.latest(wanted.partnerId()).orElseThrow();
		this.connectors.approve(proposed.id(), REVIEWER, "Amina Okafor", proposed.hash(), proposed.shapedBy(), 1);
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();

		assertThat(change(proposed.id()).state()).as(() -> change(proposed.id()).why()).isEqualTo("DONE");
		assertThat(outbound(wanted).getFirst()).containsEntry("TlsDomain", "*.mx.example")
			.containsEntry("RecipientDomains", List.of("*." + domain, domain))
			.containsEntry("UseMXRecord", false)
			.containsEntry("SmartHosts", List.of("203.0.113.9", "relay.example"))
			.containsEntry("SmtpDaneMode", "Mandatory")
			.containsEntry("MtaStsMode", "None");
		assertThat(inbound(wanted).getFirst()).containsEntry("RestrictDomainsToIPAddresses", true)
			.containsEntry("SenderDomains", List.of("smtp:*." + domain + ";1"))
			.containsEntry("EFSkipLastIP", true)
			.hasEntrySatisfying("EFUsers",
					(users) -> assertThat(users.toString()).isEqualToIgnoringCase("[payroll@contoso.example]"));
		assertThat(this.connectors.lastWanted(wanted.partnerId()).map(this::planned).orElseThrow().isNothing())
			.isTrue();
	}

	@Test
	void aPageFromBeforeAnApprovalOverwritesNothing() {
		Wanted wanted = enforced();
		People.Person admin = People.of(this.context).admin();
		String page = "/partners/" + wanted.partnerId() + "/connectors/settings";
		SettingsForm old = SettingsForm.of(wanted);
		assertThat(this.mvc.get().uri(page).with(admin.signedIn())).bodyText().contains("value=\"" + old.version());
		finished(wanted.with(new Wanted.Options(new TreeSet<>(), List.of("relay.example"), Wanted.Dane.MANDATORY,
				Wanted.MtaSts.OPPORTUNISTIC, Wanted.Filtering.USUAL)));
		UUID latest = this.connectors.latest(wanted.partnerId()).orElseThrow().id();

		assertThat(this.mvc.post()
			.uri(page)
			.param("version", old.version())
			.param("level", "CERTIFICATE_VALIDATION")
			.param("route", "mx")
			.param("dane", "OPPORTUNISTIC")
			.param("mtaSts", "NONE")
			.param("restriction", "none")
			.param("recipients", old.recipients())
			.with(admin.signedIn())
			.with(csrf())).hasRedirectedUrl(page)
			.flash()
			.hasEntrySatisfying("flash", (said) -> assertThat(said.toString()).contains("approved by Amina Okafor"));
		assertThat(this.connectors.latest(wanted.partnerId()).orElseThrow().id()).as("nothing is proposed")
			.isEqualTo(latest);
	}

	private UUID finished(Wanted wanted) {
		UUID id = approved(wanted);
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();
		assertThat(change(id).state()).as(() -> change(id).why()).isEqualTo("DONE");
		return id;
	}

}
