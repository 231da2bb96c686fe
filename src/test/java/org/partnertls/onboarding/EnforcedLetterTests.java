package org.partnertls.onboarding;

import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.partnertls.Inbox;
import org.partnertls.PortalTest;
import org.partnertls.account.People;
import org.partnertls.connector.ConnectorEvent;
import org.partnertls.connector.Direction;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class EnforcedLetterTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private MockMvcTester mvc;

	@Test
	void nobodyIsToldThatMailIsAlwaysEncryptedBeforeItsWayWasLookedAt() {
		Relation relation = Relation.approved(this.context, People.of(this.context).admin(),
				People.of(this.context).admin());
		relation.pushedUnseen();
		assertThat(written(relation.partner().id())).isEmpty();

		relation.seesPath();
		relation.publish(new ConnectorEvent.PathTaken(relation.partner().id(), Direction.OUTBOUND));
		relation.publish(new ConnectorEvent.PathTaken(relation.partner().id(), Direction.INBOUND));

		assertThat(written(relation.partner().id())).containsExactlyInAnyOrder("owner-enforced", "partner-enforced");
	}

	@Test
	void thePartnersPageShowsEveryMessageAndItsFate() {
		People.Person amina = People.of(this.context).admin();
		Relation relation = Relation.active(this.context, People.of(this.context).admin(), amina);
		Inbox.of(this.context, relation.partner().ownerAddress().toString());
		String page = "/partners/" + relation.partner().id();

		assertThat(this.mvc.get().uri(page + "/messages").with(amina.signedIn())).bodyText()
			.contains("Enforced in both directions", "Olu Owner", "Ines Tanner", "Sent");
		this.jdbc.sql("""
				update letter set state = 'RETURNED', returned_at = created_at, error = '550 5.1.1 no such user'
				where partner_id = ? and template = 'owner-enforced'""").param(relation.partner().id()).update();

		assertThat(this.mvc.get().uri(page).with(amina.signedIn())).bodyText()
			.contains("Came back", "The server said: 550 5.1.1 no such user")
			// The history in words: no constants and no instants as programs write them.
			.doesNotContain("by: CONTACT")
			.doesNotContainPattern("proof-at: \\d{4}-\\d\\d-\\d\\dT");
	}

	private List<String> written(UUID partner) {
		return this.jdbc.sql("select template from letter where partner_id = ? and template like '%-enforced'")
			.param(partner)
			.query(String.class)
			.list();
	}

}
