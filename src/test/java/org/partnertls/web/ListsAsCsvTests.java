package org.partnertls.web;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.exchange.ExchangeOnline;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partner;
import org.partnertls.partner.Partners;
import org.partnertls.partner.SomePartner;
import org.partnertls.request.Inviting;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What staff see as a list they can take away, as it is filtered, safe for spreadsheets
 * and with an event that says so. All names here would be formulas.
 */
@PortalTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ListsAsCsvTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Partners partners;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TestClock clock;

	private final String domain = Fixtures.freshDomain();

	private final String name = "=Evil " + this.domain;

	private final String owner = "olu@" + this.domain.replace(".example", ".contoso.example");

	private final String checked = Fixtures.freshDomain();

	private final UUID row = UUID.randomUUID();

	private UUID partner = this.row;

	private UUID other = this.row;

	@BeforeAll
	void somethingInEachList() {
		People.Person admin = People.of(this.context).admin();
		Invitation invitation = this.context.getBean(Inviting.class)
			.invite(new NewPartner(this.name, DomainName.of(this.domain), "@Ines " + this.domain,
					EmailAddress.of("it@" + this.domain), "+Olu " + this.domain, EmailAddress.of(this.owner),
					"We exchange files", admin.who()), Locale.ENGLISH);
		this.partner = ((Invitation.Invited) invitation).id();
		this.other = SomePartner.invited(this.context, admin.who()).id();
		this.partners.opened(this.partner);
		Partner known = this.partners.find(this.partner).orElseThrow();
		this.partners.waive(this.partner, known.mainDomain().id(), "=Known for years", admin.who());
		Instant now = this.clock.instant();
		OffsetDateTime at = now.atOffset(ZoneOffset.UTC);
		assertThat(this.mvc.get()
			.uri("/tasks")
			.with(People.of(this.context).partner(this.partner, EmailAddress.of("it@" + this.domain)).signedIn()))
			.hasStatusOk();
		assertThat(this.jdbc.sql("update attestation set state = 'WITHDRAWN' where partner_id = ?")
			.param(this.partner)
			.update()).isEqualTo(1);
		this.jdbc.sql("""
				insert into connector (id, version, partner_id, partner_name, tenant_id, direction, guid, name, form,
					enforced_since, seen_at)
				values (?, 0, ?, ?, ?, 'OUTBOUND', ?, ?, '{}', ?, ?)""")
			.params(this.row, this.partner, this.name, this.context.getBean(ExchangeOnline.class).tenantId(),
					this.row.toString(), "-To " + this.domain, at, at)
			.update();
		this.jdbc.sql("insert into names_told (partner_id, told_at, names) values (?, ?, ?)")
			.params(this.partner, at,
					"{\"domains\":[\"old.example\"],\"mxNames\":[\"mx.old.example\"],\"sendingNames\":[]}")
			.update();
		LocalDate day = LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(1);
		this.jdbc.sql("insert into mail_volume (day, domain, sent, received) values (?, ?, 12, 34)")
			.params(day, this.domain)
			.update();
		this.jdbc.sql("""
				insert into mail_volume_day (day, reached, done, counted) values (?, ?, true, 1)
				on conflict do nothing""").params(day, at).update();
		this.jdbc.sql("""
				insert into check_round (id, asked_by, started_at, finished_at, domains, failing, inconclusive)
				values (?, 'a job', '2020-01-01', '2020-01-02', 7, 1, 2)""").param(this.row).update();
		this.jdbc.sql("""
				insert into tls_report (id, digest, organization, succeeded, failed, left_out, uploaded_by, uploaded_at)
				values (?, ?, ?, 5, 3, 0, ?, ?)""")
			.params(this.row, this.row.toString(), this.name, admin.id(), at)
			.update();
		this.jdbc.sql("""
				insert into watched_domain (domain, level, state, state_since, failures, unclear, rules_version)
				values (?, 'CERTIFICATE_VALIDATION', 'GOOD', now(), 0, 0, 1000)""").param(this.checked).update();
		this.jdbc.sql("""
				insert into tls_check (id, domain, asked_at, asked_by, started_at, finished_at, report, rules_version,
					outcome, forced_tls, sentence)
				values (?, ?, ?, 'a job', ?, ?, '{}', 1000, 'PASS', 'PASS', '=All is well')""")
			.params(this.row, this.checked, at, at, at)
			.update();
		this.jdbc.sql("insert into partner_import (id, by_id, imported_at, changed) values (?, ?, ?, 3)")
			.params(this.row, People.of(this.context).staff("=Amina " + this.domain).id(), at)
			.update();
		this.jdbc.sql("""
				insert into partner_import_row (import_id, line, organisation, domain, contact_name, address,
					owner_name, owner_address, reason, state)
				values (?, 2, ?, ?, 'Ines', 'it@new.example', 'Olu', 'olu@contoso.example', 'x', 'WAITING')""")
			.params(this.row, this.name, "new." + this.domain)
			.update();
		this.context.getBean(AuditLog.class)
			.appendAlone(Act.of("sign-in.staff")
				.by(new Actor(Actor.Kind.STAFF, this.row.toString(), "Administrator", "=Rosa " + this.domain, null,
						null)));
		this.clock.pass(java.time.Duration.ofSeconds(1));
	}

	Stream<List> lists() {
		String before = LocalDate.ofInstant(this.clock.instant(), ZoneOffset.UTC).minusDays(60).toString();
		String name = "'" + this.name;
		String checks = "/tls-checks/domains/" + this.checked;
		return Stream.of(
				new List("/invitations", "/invitations/list.csv?words=" + this.domain,
						"/invitations/list.csv?state=REVOKED&words=" + this.domain,
						"name,address,role,organisation,reference,state,", name, "invitation.exported"),
				new List("/reviews", "/reviews/list.csv", null, "organisation,reference,domain,what,state,", name,
						"attestation.exported"),
				new List("/owners", "/owners/list.csv", null, "colleague,address,partners,",
						"'+Olu " + this.domain + "," + this.owner + ",1", "partner.owners-exported"),
				new List("/owners/partners?of=" + this.owner, "/owners/partners.csv?of=" + this.owner,
						"/owners/partners.csv?of=nobody@contoso.example", "reference,organisation,domains,state,", name,
						"partner.list-exported"),
				new List("/compliance", "/compliance/list.csv", "/compliance/list.csv?list=enforced",
						"reference,organisation,domains,state,to them,from them,", name, "evidence.exported"),
				new List("/compliance/exceptions", "/compliance/exceptions/list.csv",
						"/compliance/exceptions/list.csv?date=" + before, "partner,what,owner,reason,accepted by,",
						"'=Known for years", "evidence.exported"),
				new List("/compliance/coverage", "/compliance/coverage/list.csv?span=month",
						"/compliance/coverage/list.csv?list=nobody", "domain,partner,sent,received,standing,",
						this.domain + "," + name + ",12,34,", "evidence.exported"),
				new List("/compliance/roles", "/compliance/roles/list.csv", "/compliance/roles/list.csv?date=" + before,
						"name,role,first seen,last used,gone,id", "'=Rosa " + this.domain, "evidence.exported"),
				new List("/partners/" + this.partner + "/timeline", "/partners/" + this.partner + "/timeline.csv",
						"/partners/" + this.other + "/timeline.csv", "what,state,from,to,how long,why,level",
						"Mail to " + this.name, "evidence.exported"),
				new List("/partners/" + this.partner + "/messages", "/partners/" + this.partner + "/messages.csv",
						"/partners/" + this.other + "/messages.csv", "partner,message,to,address,state,", name,
						"partner.messages-exported"),
				new List("/partners/imports", "/partners/imports/list.csv", null, "imported at,by,new,changed,",
						"'=Amina " + this.domain, "partner.imports-exported"),
				new List("/partners/imports/" + this.row, "/partners/imports/" + this.row + "/rows.csv", null,
						"line,organisation,domain,contact name,contact address,language,state,", "2," + name,
						"partner.import-exported"),
				new List("/tls-checks/rounds", "/tls-checks/rounds/list.csv", null, "began at,finished at,late since,",
						"7,1,2," + this.row, "tlscheck.rounds-exported"),
				new List("/tls-checks/reports", "/tls-checks/reports/list.csv", null, "from,report,first time,", name,
						"tlscheck.reports-exported"),
				new List(checks, checks + "/checks.csv", null, "domain,checked at,result,forced TLS,", "'=All is well",
						"tlscheck.exported"),
				new List("/connectors", "/connectors/list.csv", null, "connector,partner,direction,state,",
						"'-To " + this.domain + "," + name, "connector.list-exported"),
				new List("/our-names", "/our-names/list.csv", null, "partner,owner,told at,", name,
						"partner.untold-exported"));
	}

	@ParameterizedTest
	@MethodSource("lists")
	void isTakenAwayAsItIsFiltered(List list) {
		People.Person admin = People.of(this.context).admin();
		String csv = list.csv();
		assertThat(get(list.page(), admin)).hasStatusOk()
			.bodyText()
			.contains("href=\"" + (csv.contains("?") ? csv.substring(0, csv.indexOf('?')) : csv));

		assertThat(get(csv, admin)).hasStatusOk()
			.hasContentType("text/csv;charset=UTF-8")
			.hasHeader("X-Content-Type-Options", "nosniff")
			.bodyText()
			.startsWith(list.head())
			.contains(list.line());
		assertThat(get(csv, admin).getResponse().getHeader("Content-Disposition"))
			.matches("attachment; filename=\"[a-z-]+\\.csv\"");
		if (list.without() != null) {
			assertThat(get(list.without(), admin)).hasStatusOk()
				.bodyText()
				.startsWith(list.head())
				.doesNotContain(list.line());
		}
		assertThat(this.jdbc.sql("select count(*) from audit_event where code = ? and actor_id = ?")
			.params(list.code(), admin.id().toString())
			.query(Integer.class)
			.single()).isEqualTo((list.without() != null) ? 3 : 2);
	}

	@Test
	void whatIsNotThereIsNoEmptyList() {
		People.Person admin = People.of(this.context).admin();
		assertThat(get("/partners/imports/" + UUID.randomUUID() + "/rows.csv", admin)).hasStatus(HttpStatus.NOT_FOUND);
	}

	private MvcTestResult get(String path, People.Person by) {
		return this.mvc.get().uri(path).with(by.signedIn()).exchange();
	}

	/**
	 * A list.
	 *
	 * @param page which shows it
	 * @param csv with the line
	 * @param without a filter that leaves the line out; null where there is none
	 * @param head how the file begins
	 * @param line what stands in it
	 * @param code of the event
	 */
	record List(String page, String csv, @Nullable String without, String head, String line, String code) {

		@Override
		public String toString() {
			return this.page;
		}

	}

}
