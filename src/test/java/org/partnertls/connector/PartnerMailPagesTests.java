package org.partnertls.connector;

import java.util.List;
import java.util.UUID;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

/**
 * Bounces, late mail and traced test messages, as pages show them.
 */
class PartnerMailPagesTests extends TenantTest {

	@Autowired
	private MockMvcTester mvc;

	@Test
	void aPastedBounceNamesPartnerDirectionCauseAndNextStep() {
		String domain = Fixtures.freshDomain();
		Wanted wanted = wanted(domain);
		People.Person admin = People.of(this.context).admin();
		assertThat(this.mvc.get().uri("/bounces").with(admin.signedIn())).hasStatusOk();
		assertThat(this.mvc.post()
			.uri("/bounces")
			.param("text",
					"From: me@contoso.example\r\nTo: <script>alert(1)</script> ann@" + domain
							+ "\r\n450 4.7.320 Certificate <b>expired</b>")
			.with(admin.signedIn())
			.with(csrf())).hasStatusOk()
			.bodyText()
			.contains("Partner " + domain, "From us to the partner", "4.7.320", "has expired", "The partner",
					"/partners/" + wanted.partnerId() + "/relief", "&lt;b&gt;expired&lt;/b&gt;")
			.doesNotContain("<script>alert", "<b>expired");
		assertThat(this.mvc.post()
			.uri("/bounces")
			.param("text", "550 5.7.51 TenantInboundAttribution a@nobody.example")
			.with(admin.signedIn())
			.with(csrf())).hasStatusOk().bodyText().contains("None of ours: nobody.example", "From the partner to us");
		assertThat(this.mvc.post().uri("/bounces").param("text", " ").with(admin.signedIn()).with(csrf()))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Paste the bounce");
		assertThat(
				this.mvc.post().uri("/bounces").param("text", "x".repeat(100_001)).with(admin.signedIn()).with(csrf()))
			.hasStatus(HttpStatus.UNPROCESSABLE_CONTENT);
	}

	@Test
	void lateAndLostMailIsListedWithWhatItMeansAndWhenItIsGivenUp() {
		String domain = Fixtures.freshDomain();
		Wanted wanted = wanted(domain);
		People.Person admin = People.of(this.context).admin();
		TENANT.trace("me@contoso.example", "late@" + domain, "Pending", "To " + domain,
				"450 4.4.317 Cannot connect <i>x</i>");
		TENANT.trace("lost@" + domain, "me@contoso.example", "Failed", null, "550 5.7.51 TenantInboundAttribution");
		TENANT.trace("me@contoso.example", "fine@" + domain, "Delivered", null, "");
		String page = "/partners/" + wanted.partnerId() + "/mail";

		assertThat(this.mvc.get().uri(page).with(admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("To them</span>, <span>late, being tried again", "late@" + domain, "given up", "demands",
					"To us</span>, <span>lost, bounced", "tries a late message again for 24 hours",
					"&lt;i&gt;x&lt;/i&gt;")
			.doesNotContain("fine@");
		TENANT.forbid("Get-MessageTraceV2");
		assertThat(this.mvc.get().uri(page).with(admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("has no role for this");
		TENANT.forbid();
		assertThat(this.mvc.get().uri(page).with(People.of(this.context).compliance().signedIn()))
			.hasStatus(HttpStatus.FORBIDDEN);
	}

	@Test
	void aTestMessageIsFoundInTheTraceAndTheConnectorThatItTookIsNamed() {
		String domain = Fixtures.freshDomain();
		UUID partner = wanted(domain).partnerId();
		People people = People.of(this.context);
		this.mvc.get()
			.uri("/tasks")
			.with(people.partner(partner, EmailAddress.of("greta@" + domain)).signedIn())
			.exchange();
		String nonce = this.jdbc.sql("select nonce from attestation where partner_id = ?")
			.param(partner)
			.query(String.class)
			.single();
		TENANT.trace("postmaster@" + domain, "tls-test+" + nonce + "@contoso.example", "Delivered", "From " + domain,
				"");
		TENANT.trace("postmaster@" + domain, "tls-test+" + "a".repeat(12) + "@contoso.example", "Delivered", "x", "");

		RecurringTask<?> look = this.context.getBean("messageTrace", RecurringTask.class);
		look.execute(null, null);
		look.execute(null, null);

		assertThat(this.jdbc.sql("select connector from inbound_trace where partner_id = ?")
			.param(partner)
			.query(String.class)
			.list()).isEqualTo(List.of("From " + domain));
		assertThat(this.mvc.get().uri("/partners/" + partner + "/mail").with(people.admin().signedIn())).hasStatusOk()
			.bodyText()
			.contains("It took the connector “From " + domain + "”.");
	}

	@Test
	void aConnectorThatTheTraceNamesOnlyLaterIsNamed() {
		String domain = Fixtures.freshDomain();
		UUID partner = wanted(domain).partnerId();
		this.mvc.get()
			.uri("/tasks")
			.with(People.of(this.context).partner(partner, EmailAddress.of("greta@" + domain)).signedIn())
			.exchange();
		String nonce = this.jdbc.sql("select nonce from attestation where partner_id = ?")
			.param(partner)
			.query(String.class)
			.single();
		String message = TENANT.trace("postmaster@" + domain, "tls-test+" + nonce + "@contoso.example", "Delivered",
				null, "");
		RecurringTask<?> look = this.context.getBean("messageTrace", RecurringTask.class);
		look.execute(null, null);
		look.execute(null, null);
		TENANT.receivedBy(message, "From " + domain);
		look.execute(null, null);
		look.execute(null, null);
		assertThat(this.jdbc.sql("select connector from inbound_trace where partner_id = ?")
			.param(partner)
			.query(String.class)
			.list()).isEqualTo(List.of("From " + domain));
		assertThat(this.jdbc.sql("select count(*) from audit_event where partner_id = ? and code = 'proof.traced'")
			.param(partner)
			.query(Integer.class)
			.single()).as("that it came, and by which connector").isEqualTo(2);
	}

	@Test
	void howManyDomainsAPartnerHasDoesNotCostTheTrace() {
		String domain = Fixtures.freshDomain();
		UUID partner = wanted(domain).partnerId();
		for (int i = 0; i < 3; i++) {
			String another = Fixtures.freshDomain();
			this.partners.addDomain(partner, DomainName.of(another));
			TENANT.trace("me@contoso.example", "late@" + another, "Pending", null, "450 4.4.316");
		}
		long before = TENANT.counts().getOrDefault("Get-MessageTraceV2", 0L);
		assertThat(
				this.mvc.get().uri("/partners/" + partner + "/mail").with(People.of(this.context).admin().signedIn()))
			.bodyText()
			.containsPattern("(?s)(late@.*){3}");
		assertThat(TENANT.counts().get("Get-MessageTraceV2") - before).isEqualTo(2);
	}

	@Test
	void everyValidationIsKeptTaskByTask() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		TENANT.validator((recipients, connector) -> List
			.of(new lab.ExchangeValidator.Task("Send test email", false, java.util.Map.of("Detail", "450 <4.7.320>"))));
		UUID change = approved(wanted);
		this.pusher.run();
		this.pusher.run();
		this.validation.run(change);
		TENANT.validator(lab.ExchangeValidator.CONTENT);
		push();
		assertThat(this.mvc.get().uri("/changes/" + change).with(People.of(this.context).admin().signedIn()))
			.hasStatusOk()
			.bodyText()
			.contains("Validations", "Send test email", "450 &lt;4.7.320&gt;", "220 ready");
	}

	@Test
	void ourNamesAreShownWithWhoMustBeTold() {
		assertThat(this.mvc.get().uri("/our-names").with(People.of(this.context).compliance().signedIn())).hasStatusOk()
			.bodyText()
			.contains("contoso.example", ".mail.protection.outlook.com", "Who must be told");
	}

}
