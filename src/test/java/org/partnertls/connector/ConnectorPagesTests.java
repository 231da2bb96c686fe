package org.partnertls.connector;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.account.People;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

class ConnectorPagesTests extends TenantTest {

	@Autowired
	private MockMvcTester mvc;

	@Test
	void aChangeShowsItsPlanAndLetsAnotherPersonApproveIt() {
		People.Person maker = People.of(this.context).admin();
		People.Person other = People.of(this.context).admin();
		Wanted wanted = wanted(Fixtures.freshDomain());
		Plan plan = planned(wanted);
		UUID id = this.connectors.propose(null, plan, maker.id());

		assertThat(this.mvc.get().uri("/changes/" + id).with(maker.signedIn())).hasStatusOk()
			.bodyText()
			.contains("To " + wanted.domains().first(), "TlsSettings", "May approve")
			.doesNotContain("Approve and carry out");
		assertThat(this.mvc.get().uri("/changes/" + id).with(other.signedIn())).hasStatusOk()
			.bodyText()
			.contains("Approve and carry out", "Compute the plan again");
		assertThat(this.mvc.post()
			.uri("/changes/" + id + "/approval")
			.param("hash", plan.hash())
			.with(maker.signedIn())
			.with(csrf())).hasStatus3xxRedirection();
		assertThat(change(id).state()).isEqualTo("PLANNED");
		assertThat(this.fixtures.events("connector.change-approval-refused", id)).isEqualTo(1);

		assertThat(this.mvc.post()
			.uri("/changes/" + id + "/approval")
			.param("hash", plan.hash())
			.with(other.signedIn())
			.with(csrf())).hasRedirectedUrl("/changes/" + id);
		push();

		assertThat(this.mvc.get().uri("/changes/" + id + "/steps").with(other.signedIn())).hasStatusOk()
			.bodyText()
			.contains("Waiting for the proof", "hx-get=\"/changes/" + id + "/steps\"", "every 1s")
			.doesNotContain("<html");
		assertThat(this.mvc.get()
			.uri("/partners/" + wanted.partnerId() + "/connectors")
			.with(People.of(this.context).compliance().signedIn())).hasStatusOk()
			.bodyText()
			.contains("To " + wanted.domains().first(), "Always uses TLS");
		assertThat(this.mvc.get().uri("/connectors").with(People.of(this.context).compliance().signedIn()))
			.hasStatusOk()
			.bodyText()
			.contains("Always uses TLS")
			.doesNotContain("Pause all pushes");
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();
		assertThat(this.mvc.get().uri("/changes/" + id + "/steps").with(other.signedIn())).hasStatusOk()
			.bodyText()
			.doesNotContain("hx-get");
	}

	@Test
	void planningAgainForManyPutsUpWhatDiffersForApprovalAndNothingElse() {
		People.Person admin = People.of(this.context).admin();
		Wanted changed = enforced();
		Wanted same = enforced();
		for (Wanted wanted : List.of(changed, same)) {
			this.partners.opened(wanted.partnerId());
			this.partners.activated(wanted.partnerId(), this.clock.instant(),
					this.clock.instant().plus(Duration.ofDays(300)));
		}
		TENANT.runAside("Set-OutboundConnector",
				Map.of("Identity", outbound(changed).getFirst().get("Guid"), "TlsSettings", "EncryptionOnly"));
		assertThat(this.mvc.get()
			.uri("/partners/bulk?act=compare&id={a}&id={b}", changed.partnerId(), same.partnerId())
			.with(admin.signedIn())).hasStatusOk().bodyText().contains("What was approved last for each is compared");

		assertThat(this.mvc.post()
			.uri("/partners/bulk?act=compare&id={a}&id={b}", changed.partnerId(), same.partnerId())
			.with(admin.signedIn())
			.with(csrf())).hasStatus3xxRedirection();
		this.clock.pass(Duration.ofMinutes(1));
		this.jobs.runDue();

		assertThat(open(changed)).singleElement().satisfies((id) -> {
			assertThat(change(id).state()).isEqualTo("PLANNED");
			assertThat(change(id).plan().summary()).contains("1 to change");
		});
		assertThat(open(same)).isEmpty();
	}

	private List<UUID> open(Wanted wanted) {
		return this.jdbc.sql("select id from connector_change where partner_id = ? and state not in ('DONE', 'VOID')")
			.param(wanted.partnerId())
			.query(UUID.class)
			.list();
	}

	@Test
	void aStaleChangeCanBePlannedAgain() {
		People.Person admin = People.of(this.context).admin();
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		this.connectors.revoke(id, "The tenant has changed.");

		assertThat(this.mvc.post().uri("/changes/" + id + "/plan").with(admin.signedIn()).with(csrf()))
			.hasStatus3xxRedirection();

		ChangeView again = this.connectors.latest(wanted.partnerId()).orElseThrow();
		assertThat(again.id()).isNotEqualTo(id);
		assertThat(again.isWaitingForApproval()).isTrue();
		assertThat(again.shapedBy()).isEqualTo(INVITER);
		assertThat(this.mvc.post().uri("/changes/" + id + "/retry").with(admin.signedIn()).with(csrf()))
			.hasRedirectedUrl("/changes/" + id);
	}

	@Test
	void whatDoesNotExistIsNotFoundAndOthersStayOut() {
		People people = People.of(this.context);

		assertThat(this.mvc.get().uri("/changes/" + UUID.randomUUID()).with(people.admin().signedIn()))
			.hasStatus(HttpStatus.NOT_FOUND);
		assertThat(this.mvc.get().uri("/partners/" + UUID.randomUUID() + "/relief").with(people.admin().signedIn()))
			.hasStatus(HttpStatus.NOT_FOUND);
		assertThat(
				this.mvc.get().uri("/partners/" + UUID.randomUUID() + "/relief").with(people.compliance().signedIn()))
			.hasStatus(HttpStatus.FORBIDDEN);
		assertThat(this.mvc.post()
			.uri("/changes/" + UUID.randomUUID() + "/retry")
			.with(people.compliance().signedIn())
			.with(csrf())).hasStatus(HttpStatus.FORBIDDEN);
	}

	@Test
	void reliefNeedsAFreshSignInAReasonAndAWordOfUnderstanding() {
		People.Person admin = People.of(this.context).admin();
		Wanted wanted = wanted(Fixtures.freshDomain());
		approved(wanted);
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();
		String page = "/partners/" + wanted.partnerId() + "/relief";

		assertThat(this.mvc.get().uri(page).with(admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("Set-OutboundConnector -Identity", "may travel in clear text", "Loosen now");
		assertThat(this.mvc.post()
			.uri(page)
			.param("step", "nonsense")
			.param("hours", "99999")
			.with(admin.signedIn())
			.with(csrf())).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Choose what to loosen.", "Say why", "Choose for how long.", "Tick that you understand");
		assertThat(this.mvc.post()
			.uri(page)
			.param("step", "OUTBOUND_ENCRYPTION_ONLY")
			.param("reason", "Bounces <b>now</b>")
			.param("hours", "4")
			.param("understood", "true")
			.with(admin.signedInSince(Duration.ofMinutes(16)))
			.with(csrf())).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("Sign in again first", "Bounces &lt;b&gt;now&lt;/b&gt;");

		assertThat(this.mvc.post()
			.uri(page)
			.param("step", "OUTBOUND_ENCRYPTION_ONLY")
			.param("reason", "Bounces <b>now</b>")
			.param("hours", "4")
			.param("understood", "true")
			.with(admin.signedIn())
			.with(csrf())).hasRedirectedUrl(page);
		this.pusher.run();
		assertThat(outbound(wanted).getFirst()).containsEntry("TlsSettings", "EncryptionOnly");
		assertThat(this.mvc.get().uri(page).with(admin.signedIn())).bodyText()
			.contains("in effect", "Bounces &lt;b&gt;now&lt;/b&gt;", "End the relief");

		assertThat(this.mvc.post().uri(page + "/end").param("understood", "true").with(admin.signedIn()).with(csrf()))
			.hasRedirectedUrl(page);
		assertThat(this.mvc.get().uri(page).with(admin.signedIn())).bodyText()
			.contains("about to end", "Nothing more to do")
			.doesNotContain("End the relief");
		this.pusher.run();
		assertThat(outbound(wanted).getFirst()).containsEntry("TlsSettings", "CertificateValidation");
	}

}
