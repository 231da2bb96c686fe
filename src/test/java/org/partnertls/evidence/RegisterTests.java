package org.partnertls.evidence;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.partner.Partner;
import org.partnertls.partner.SomePartner;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

/** Exceptions that are written down by hand. */
@PortalTest
class RegisterTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private Evidence evidence;

	@Autowired
	private Register register;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private Fixtures fixtures;

	@Autowired
	private TestClock clock;

	private Partner partner;

	private People.Person amina;

	private People.Person tomas;

	@BeforeEach
	void somebody() {
		this.amina = People.of(this.context).admin();
		this.tomas = People.of(this.context).admin();
		this.partner = SomePartner.invited(this.context, this.amina.who());
	}

	@Test
	void countsOnceSomebodyElseHasAcceptedIt() {
		assertThat(ask(this.amina, today().plusDays(90))).hasStatus3xxRedirection();
		UUID entry = entry();
		assertThat(exception(now()).acceptedBy()).isEmpty();
		Instant before = now();

		post(this.amina, "/exceptions/" + entry + "/acceptance");
		assertThat(exception(now()).acceptedBy()).isEmpty();
		assertThat(this.fixtures.events("exception.accepted.refused", this.partner.id())).isEqualTo(1);
		this.clock.pass(Duration.ofMinutes(1));
		post(this.tomas, "/exceptions/" + entry + "/acceptance");

		assertThat(exception(now())).satisfies((exception) -> {
			assertThat(exception.acceptedBy()).isEqualTo(this.tomas.who().name());
			assertThat(exception.what()).isEqualTo("Their ticket system sends without TLS");
			assertThat(exception.owner()).isEqualTo("Greta Hahn <greta@contoso.example>");
			assertThat(exception.reason()).isEqualTo("It is replaced in spring");
			assertThat(exception.over()).isFalse();
		});
		assertThat(exception(before).acceptedBy()).isEmpty();
		assertThat(page("/partners/" + this.partner.id() + "/evidence")).contains("Their ticket system sends",
				"Accepted by " + this.tomas.who().name());
		assertThat(page("/compliance/exceptions")).contains("Their ticket system sends", "Greta Hahn")
			.doesNotContain("/acceptance", "/end\"");

		this.clock.pass(Duration.ofMinutes(1));
		Instant then = now();
		this.clock.pass(Duration.ofMinutes(1));
		assertThat(this.mvc.post()
			.uri("/exceptions/" + entry + "/end")
			.param("reason", "The new one is there")
			.with(this.amina.signedIn())
			.with(csrf())).hasStatus3xxRedirection();
		assertThat(this.evidence.exceptions(now())).noneMatch((one) -> entry.equals(one.entry()));
		assertThat(exception(then).acceptedBy()).isNotEmpty();
	}

	@Test
	void whoAnswersForItIsToldBeforeItEndsAndOnceItIsOver() {
		ask(this.amina, today().plusDays(40));
		UUID entry = entry();
		remind();
		assertThat(letters()).isZero();

		this.clock.pass(Duration.ofDays(12));
		remind();
		remind();
		assertThat(letters()).isEqualTo(1);

		this.clock.pass(Duration.ofDays(30));
		remind();
		remind();
		assertThat(letters()).isEqualTo(2);
		assertThat(this.fixtures.events("exception.told", this.partner.id())).isEqualTo(2);
		assertThat(exception(now()).over()).isTrue();
		assertThat(exception(now()).entry()).isEqualTo(entry);
	}

	@Test
	void saysBesideTheFieldWhatIsMissing() {
		MvcTestResult answer = this.mvc.post()
			.uri("/exceptions")
			.param("domain", "not a domain")
			.param("what", "Kept as typed")
			.param("endsOn", today().plusYears(2).toString())
			.with(this.amina.signedIn())
			.with(csrf())
			.exchange();

		assertThat(answer).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT)
			.bodyText()
			.contains("This is not a mail domain", "Kept as typed", "a year at most", "Say who answers for it",
					"Give the address");
		assertThat(ask(People.of(this.context).compliance(), today().plusDays(1))).hasStatus(HttpStatus.FORBIDDEN);
		assertThat(this.mvc.post()
			.uri("/exceptions/" + UUID.randomUUID() + "/acceptance")
			.with(this.amina.signedIn())
			.with(csrf())).hasStatus(HttpStatus.NOT_FOUND);
	}

	@Test
	void aDomainThatNoPartnerHasStandsInThePackForAll() {
		String domain = Fixtures.freshDomain();
		this.mvc.post()
			.uri("/exceptions")
			.param("domain", domain)
			.param("what", "A mailbox provider")
			.param("ownerName", "Greta Hahn")
			.param("ownerAddress", "greta@contoso.example")
			.param("reason", "Private customers write from there")
			.param("endsOn", today().plusDays(9).toString())
			.with(this.amina.signedIn())
			.with(csrf())
			.exchange();

		assertThat(page("/compliance/evidence")).contains("Exceptions for domains that no partner has", domain,
				"A mailbox provider");
	}

	@Test
	void aPartnerIsNamedByItsNameOrReference() {
		Partner other = SomePartner.invited(this.context, this.amina.who());
		String year = this.partner.reference().substring(0, "TLS-2026-".length());

		assertThat(ask(this.amina, this.partner.reference().toLowerCase(java.util.Locale.ROOT), today()))
			.hasStatus3xxRedirection();
		assertThat(exception(now()).reason()).contains("spring");
		assertThat(ask(this.amina, "nobody's & <name>", today())).hasStatus(422)
			.bodyText()
			.contains("No partner has “nobody&#39;s &amp; &lt;name&gt;” in its name or reference.");
		assertThat(ask(this.amina, year, today())).hasStatus(422).bodyText().contains("Several partners fit", year);
		assertThat(ask(this.amina, other.name(), today())).hasStatus3xxRedirection();
	}

	private MvcTestResult ask(People.Person by, LocalDate end) {
		return ask(by, this.partner.name(), end);
	}

	private MvcTestResult ask(People.Person by, String named, LocalDate end) {
		return this.mvc.post()
			.uri("/exceptions")
			.param("partner", named)
			.param("what", "Their ticket system sends without TLS")
			.param("ownerName", "Greta Hahn")
			.param("ownerAddress", "greta@contoso.example")
			.param("reason", "It is replaced in spring")
			.param("endsOn", end.toString())
			.with(by.signedIn())
			.with(csrf())
			.exchange();
	}

	private void post(People.Person by, String path) {
		assertThat(this.mvc.post().uri(path).with(by.signedIn()).with(csrf())).hasStatus3xxRedirection();
	}

	private String page(String path) {
		MvcTestResult answer = this.mvc.get()
			.uri(path)
			.with(People.of(this.context).compliance().signedIn())
			.exchange();
		assertThat(answer).hasStatusOk();
		return new String(answer.getResponse().getContentAsByteArray(), java.nio.charset.StandardCharsets.UTF_8);
	}

	private Pack.Exemption exception(Instant at) {
		return this.evidence.exceptions(at)
			.stream()
			.filter((one) -> this.partner.id().equals(one.partnerId()))
			.findFirst()
			.orElseThrow();
	}

	private UUID entry() {
		return this.jdbc.sql("select id from exception_entry where partner_id = ?")
			.param(this.partner.id())
			.query(UUID.class)
			.single();
	}

	private void remind() {
		this.register.remind();
	}

	private long letters() {
		return this.jdbc.sql(
				"select count(*) from letter where partner_id = ? and template = 'exception-ends' and recipient = 'greta@contoso.example'")
			.param(this.partner.id())
			.query(Long.class)
			.single();
	}

	private Instant now() {
		return this.clock.instant().plusMillis(1);
	}

	private LocalDate today() {
		return LocalDate.ofInstant(this.clock.instant(), ZoneId.of("Europe/Berlin"));
	}

}
