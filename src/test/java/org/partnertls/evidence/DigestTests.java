package org.partnertls.evidence;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.partnertls.Inbox;
import org.partnertls.Jobs;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.SomePartner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class DigestTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Jobs jobs;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TestClock clock;

	@Test
	void administratorsHearOnceADayOfAllThatWaits() {
		Partner overdue = SomePartner.onboarding(this.context, People.of(this.context).admin().who());
		Partners partners = this.context.getBean(Partners.class);
		partners.activated(overdue.id(), this.clock.instant(), this.clock.instant().plus(Duration.ofHours(1)));
		this.clock.pass(Duration.ofDays(1));
		List<String> before = digests();

		this.jobs.runRecurring("digest");
		this.jobs.runRecurring("digest");

		List<String> after = digests();
		assertThat(after).hasSize(before.size() + 1);
		assertThat(after.getFirst()).contains("- Overdue: both sides have to prove again: ",
				"http://localhost/overview");
		this.clock.pass(Duration.ofDays(1));
		this.jobs.runRecurring("digest");
		assertThat(digests()).hasSize(before.size() + 2);
		assertThat(this.jdbc.sql("select count(*) from audit_event where code = 'mail.digest'")
			.query(Integer.class)
			.single()).isEqualTo(before.size() + 2);
	}

	private List<String> digests() {
		return Inbox.of(this.context, "administrators@contoso.example")
			.stream()
			.filter((letter) -> letter.startsWith("Waiting for you: "))
			.toList();
	}

}
