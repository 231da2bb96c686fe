package org.partnertls.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Inbox;
import org.partnertls.account.People;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partnership.State;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

/**
 * Suspending, resuming and ending a partnership with connectors in a tenant, by its
 * pages.
 */
class MovesTests extends TenantTest {

	@Autowired
	private MockMvcTester mvc;

	private People.Person admin;

	private Wanted wanted;

	private String domain;

	@BeforeEach
	void enforce() {
		this.admin = People.of(this.context).admin();
		this.domain = Fixtures.freshDomain();
		this.wanted = wanted(this.domain);
		UUID id = approved(this.wanted);
		this.connectors.proven(this.wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();
		assertThat(change(id).state()).isEqualTo("DONE");
		this.partners.opened(this.wanted.partnerId());
		Instant now = this.clock.instant();
		this.partners.activated(this.wanted.partnerId(), now, now.plus(Duration.ofDays(365)));
	}

	@Test
	void aSuspensionSwitchesOffThroughPlanAndReviewAndAResumptionSwitchesOnAgain() {
		assertThat(ask("suspension", "SWITCH_OFF", "Their data centre moves", true)).hasStatus3xxRedirection();
		ChangeView plan = this.connectors.latest(partner().id()).orElseThrow();
		assertThat(plan.kind()).isEqualTo(ChangeKind.SUSPEND);
		assertThat(partner().state()).isEqualTo(State.ACTIVE);
		assertThat(this.mvc.get().uri("/partners/" + partner().id()).with(this.admin.signedIn())).bodyText()
			.contains("suspend the partnership", "Their data centre moves", "See the plan");
		assertThat(ask("end", "REMOVE", "x", true))
			.satisfies((result) -> assertThat(result.getMvcResult().getFlashMap().get("flash").toString())
				.contains("has already asked to suspend"));

		approve(plan);
		push();

		assertThat(partner().state()).isEqualTo(State.SUSPENDED);
		assertThat(outbound(this.wanted).getFirst()).containsEntry("Enabled", false);
		assertThat(inbound(this.wanted).getFirst()).containsEntry("Enabled", false);
		assertThat(Inbox.of(this.context, "greta@" + this.domain).getFirst()).contains("Suspended",
				"Their data centre moves", "Our connectors are switched off", "Leave your mail servers as they are");
		assertThat(Inbox.of(this.context, "ines.falk@contoso.example"))
			.anyMatch((letter) -> letter.contains("Their data centre moves"));
		assertThat(Inbox.of(this.context, "compliance@contoso.example"))
			.anyMatch((letter) -> letter.contains("Their data centre moves"));

		assertThat(ask("resumption", "SWITCH_ON", "They have moved", true)).hasStatus3xxRedirection();
		ChangeView back = this.connectors.latest(partner().id()).orElseThrow();
		assertThat(back.kind()).isEqualTo(ChangeKind.GO_BACK);
		approve(back);
		push();
		assertThat(partner().state()).isEqualTo(State.ACTIVE);
		assertThat(outbound(this.wanted).getFirst()).containsEntry("Enabled", true);
		assertThat(inbound(this.wanted).getFirst()).containsEntry("Enabled", true).containsEntry("RequireTls", true);
		assertThat(this.fixtures.events("partner.suspended", partner().id())).isOne();
		assertThat(this.fixtures.events("partner.resumed", partner().id())).isOne();
	}

	@Test
	void anEndTakesAReliefBackFirstThenRemovesAndTellsThePartnerWhatToTakeBack() {
		UUID id = partner().id();
		this.connectors.relieve(id, ReliefStep.OUTBOUND_ENCRYPTION_ONLY, ADMIN, "Mail bounced",
				this.clock.instant().plus(Duration.ofHours(2)));
		push();
		assertThat(this.mvc.get().uri("/partners/" + id + "/end").with(this.admin.signedIn())).bodyText()
			.contains("A relief is in effect and is taken back first", "Mail bounced");
		assertThat(ask("end", "REMOVE", "They changed their bank", true)).hasRedirectedUrl("/partners/" + id);
		push();
		assertThat(this.connectors.reliefs(id)).isEmpty();
		this.jobs.runDue();
		ChangeView plan = this.connectors.latest(id).orElseThrow();
		assertThat(plan.kind()).isEqualTo(ChangeKind.REMOVE);
		approve(plan);
		push();

		assertThat(partner().state()).isEqualTo(State.ENDED);
		assertThat(outbound(this.wanted)).isEmpty();
		assertThat(inbound(this.wanted)).isEmpty();
		assertThat(this.partners.findByDomain(partner().mainDomain().name())).isEmpty();
		assertThat(Inbox.of(this.context, "greta@" + this.domain).getFirst()).contains("Ended",
				"They changed their bank", "take back", "/programme");
		this.partners.reduce(id);
		assertThat(this.jdbc.sql("""
				select plan from connector_change where partner_id = :id
				union all select detail from push_step s join connector_change c on c.id = s.change_id
					where c.partner_id = :id and detail is not null
				union all select tasks from connector_validation where partner_id = :id""")
			.param("id", id)
			.query(String.class)
			.list()).hasSizeGreaterThan(5)
			.noneMatch((text) -> text.contains("postmaster@" + this.domain))
			.anyMatch((text) -> text.contains("@removed.invalid"));
		assertThat(this.connectors.lastWanted(id).orElseThrow().validationRecipients()).first()
			.asString()
			.isEqualTo("nobody@removed.invalid");
		Wanted again = wanted(this.domain);
		assertThat(this.partners.find(again.partnerId()).orElseThrow().returnsFrom()).isEqualTo(id);
		assertThat(this.mvc.get().uri("/partners/" + id).with(this.admin.signedIn())).bodyText()
			.contains("They came back as");
	}

	@Test
	void whatIsCalledOffChangesNothing() {
		ask("end", "REMOVE", "By mistake", true);
		UUID change = this.connectors.latest(partner().id()).orElseThrow().id();
		this.mvc.post()
			.uri("/partners/" + partner().id() + "/move/withdrawal")
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
		assertThat(change(change).isVoid()).isTrue();
		push();
		assertThat(partner().state()).isEqualTo(State.ACTIVE);
		assertThat(outbound(this.wanted)).hasSize(1);
	}

	@Test
	void aSuspensionThatKeepsTheConnectorsTakesEffectAtOnceAndNeedsAReasonAndABox() {
		assertThat(ask("suspension", "KEEP", " ", true)).hasStatus(422).bodyText().contains("Say why");
		assertThat(ask("suspension", "KEEP", "A pause", false)).hasStatus(422)
			.bodyText()
			.contains("Tick that you understand");
		assertThat(ask("suspension", "REMOVE", "A pause", true)).hasStatus(422)
			.bodyText()
			.contains("Choose what happens");
		assertThat(ask("suspension", "KEEP", "A pause", true)).hasRedirectedUrl("/partners/" + partner().id());
		assertThat(partner().state()).isEqualTo(State.SUSPENDED);
		assertThat(outbound(this.wanted).getFirst()).containsEntry("Enabled", true);
		assertThat(Inbox.of(this.context, "greta@" + this.domain).getFirst()).contains("Suspended", "A pause",
				"what is enforced");
		assertThat(ask("resumption", "KEEP", "Goes on", true)).hasStatus3xxRedirection();
		assertThat(partner().state()).isEqualTo(State.ACTIVE);
	}

	private Partner partner() {
		return this.partners.find(this.wanted.partnerId()).orElseThrow();
	}

	private void approve(ChangeView plan) {
		assertThat(this.connectors.approve(plan.id(), REVIEWER, "Amina Okafor", plan.hash(), plan.shapedBy(), 1))
			.isInstanceOf(ApprovalResult.Approved.class);
	}

	private MvcTestResult ask(String act, String connectors, String reason, boolean understood) {
		return this.mvc.post()
			.uri("/partners/" + partner().id() + "/" + act)
			.param("connectors", connectors)
			.param("reason", reason)
			.param("understood", Boolean.toString(understood))
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
	}

}
