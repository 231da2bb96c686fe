package org.partnertls.evidence;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.account.People;
import org.partnertls.connector.TenantTest;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.exchange.TraceQuestion;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Against a tenant whose messages bear the real time: so does the clock here, a day
 * later.
 */
class MailVolumeTests extends TenantTest {

	private final Instant tomorrow = Instant.now().plus(Duration.ofDays(1));

	@Autowired
	private ExchangeOnline exchange;

	@Autowired
	private OrganizationProperties organization;

	@Autowired
	private JdbcClient database;

	@Autowired
	private TransactionTemplate inTransaction;

	@Autowired
	private MockMvcTester web;

	@Autowired
	private ApplicationContext portal;

	@Test
	void countsEachMessageOnceHoweverManyAnswersItTakes() {
		String domain = Fixtures.freshDomain();
		Instant first = LocalDate.ofInstant(this.tomorrow, ZoneOffset.UTC)
			.minusDays(2)
			.atTime(12, 0)
			.toInstant(ZoneOffset.UTC);
		for (int i = 0; i < TraceQuestion.MOST_ROWS + 200; i++) {
			TENANT.trace(first.plusSeconds(i / 3), "me@contoso.example", "a" + i + "@" + domain, "Delivered", null, "");
		}
		TENANT.trace("b@" + domain, "me@contoso.example", "Delivered", null, "");
		TENANT.trace("b@" + domain, "me@contoso.example", "Failed", null, "550 no");
		TENANT.trace("me@contoso.example", "you@contoso.example", "Delivered", null, "");
		forget();
		MailVolume volume = volume();

		TENANT.forbid("Get-MessageTraceV2");
		volume.count();
		assertThat(volume.before(this.tomorrow, Coverage.Span.MONTH).orElseThrow().problem())
			.contains("has no role for this");
		TENANT.forbid();
		volume.count();
		volume.count();

		MailVolume.Counted counted = volume.before(this.tomorrow, Coverage.Span.MONTH).orElseThrow();
		assertThat(counted.problem()).isNull();
		assertThat(counted.days()).isPositive();
		assertThat(counted.domains()).filteredOn((one) -> one.domain().equals(domain))
			.singleElement()
			.isEqualTo(new MailVolume.Volume(domain, TraceQuestion.MOST_ROWS + 200, 1));
		assertThat(counted.domains()).noneMatch((one) -> one.domain().equals("contoso.example"));

		LocalDate day = LocalDate.ofInstant(this.tomorrow, ZoneOffset.UTC);
		assertThat(this.web.get()
			.uri("/compliance/coverage?span=month&list=nobody&date=" + day.minusDays(1))
			.with(People.of(this.portal).compliance().signedIn())).hasStatusOk()
			.bodyText()
			.contains(domain, "1,200", "Not a partner")
			.doesNotContain("/exceptions/new");
	}

	private MailVolume volume() {
		return new MailVolume(this.exchange, this.organization, this.database, this.inTransaction,
				Clock.fixed(this.tomorrow, ZoneOffset.UTC));
	}

	/** Days that were counted before these messages came. */
	private void forget() {
		this.database.sql("delete from mail_volume").update();
		this.database.sql("delete from mail_volume_day").update();
	}

}
