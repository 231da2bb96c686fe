package org.partnertls.evidence;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
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
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class PartnerListTests {

	@Autowired
	private ApplicationContext context;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private PartnerList list;

	@Autowired
	private Partners partners;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private Jobs jobs;

	@Autowired
	private TestClock clock;

	private People.Person admin;

	@BeforeEach
	void prepare() {
		this.admin = People.of(this.context).admin();
	}

	@Test
	void walksThroughAllPagesForthAndBackInEveryOrder() {
		String family = Fixtures.freshDomain();
		List<UUID> made = new ArrayList<>();
		for (int i = 0; i < PartnerList.PAGE * 2 + 3; i++) {
			made.add(SomePartner.invited(this.context, this.admin.who(), "n" + i % 7 + i + "." + family).id());
		}
		for (PartnerFilter.Order order : PartnerFilter.Order.values()) {
			PartnerFilter filter = PartnerFilter.of(Map.of("words", family)).with(order);
			List<UUID> forth = new ArrayList<>();
			PartnerList.Page page = this.list.page(filter, null);
			assertThat(page.previous()).isNull();
			assertThat(page.total()).isEqualTo(made.size());
			PartnerList.Page last = page;
			for (PartnerList.Place next = page.next(); next != null; next = page.next()) {
				last = page;
				forth.addAll(ids(page));
				page = this.list.page(filter, PartnerList.Place.of(next.token(), order, true));
			}
			forth.addAll(ids(page));
			assertThat(forth).as("%s", order)
				.containsExactlyInAnyOrderElementsOf(made)
				.isEqualTo(this.list.ids(filter, 1000));
			assertThat(ids(this.list.page(filter, page.previous()))).isEqualTo(ids(last));
		}
	}

	@Test
	void aStrangePlaceIsTheBeginning() {
		for (String token : new String[] { "x", "%%%", "AAAA", "a".repeat(3000),
				new PartnerList.Place("2026-99-99", UUID.randomUUID(), true).token() }) {
			assertThat(PartnerList.Place.of(token, PartnerFilter.Order.DUE, true)).isNull();
		}
		assertThat(this.mvc.get()
			.uri("/partners?after=zzz&sort=due&state=x&ways=y&due=z&finding=q")
			.with(this.admin.signedIn())).hasStatusOk();
	}

	@Test
	void everyFilterFindsThoseItSpeaksOfAndNoOther() {
		String family = Fixtures.freshDomain();
		Instant now = this.clock.instant();
		Partner plain = SomePartner.invited(this.context, this.admin.who(), "plain." + family);
		Partner both = active("both." + family, now.plus(Duration.ofDays(200)));
		connector(both, "OUTBOUND");
		connector(both, "INBOUND");
		Partner out = active("out." + family, now.plus(Duration.ofDays(20)));
		connector(out, "OUTBOUND");
		Partner drifted = active("drifted." + family, now.minus(Duration.ofDays(1)));
		connector(drifted, "OUTBOUND");
		connector(drifted, "INBOUND");
		this.jdbc
			.sql("""
					insert into connector_drift (id, version, tenant_id, partner_id, partner_name, direction, guid, name, kind,
						wanted, found, found_at, seen_at) values (?, 0, 'script', ?, 'x', 'INBOUND', ?, 'From x', 'CHANGED',
						'{}', '{}', now(), now())""")
			.params(UUID.randomUUID(), drifted.id(), UUID.randomUUID().toString())
			.update();
		this.jdbc
			.sql("""
					insert into watched_domain (domain, partner_id, partner_name, watched_since, due_at, level, state,
						state_since, failures, first_failed_at, unclear, rules_version)
					values (?, ?, 'x', now(), now() + interval '1 year', 'CERTIFICATE_VALIDATION', 'FAILING', now(), 3, now(), 0, 2)""")
			.params("out." + family, out.id())
			.update();
		this.partners.setOwner(both.id(), "Zoë Owner",
				org.partnertls.organization.EmailAddress.of("zoe-" + family.substring(0, 8) + "@contoso.example"));

		found(family, "ways", "both", both);
		found(family, "ways", "out", both, drifted, out);
		found(family, "ways", "in", both);
		found(family, "ways", "not-both", drifted, out, plain);
		found(family, "ways", "none", plain);
		found(family, "due", "overdue", drifted);
		found(family, "due", "soon", out);
		found(family, "due", "later", both);
		found(family, "finding", "drift", drifted);
		found(family, "finding", "failing", out);
		found(family, "finding", "unproven", both, drifted, out, plain);
		found(family, "finding", "unreachable");
		found(family, "finding", "deserted");
		this.partners.returned(org.partnertls.organization.EmailAddress.of("it@out." + family), "No such user", now);
		this.partners.contactLeft(drifted.id(), drifted.contacts().getFirst().id(), "Retired");
		found(family, "finding", "unreachable", out);
		found(family, "finding", "deserted", drifted);
		found(family, "finding", "relieved");
		found(family, "finding", "attention");
		found(family, "finding", "review");
		found(family, "finding", "different");
		found(family, "finding", "expiring");
		found(family, "owner", "zoe-" + family.substring(0, 8), both);
		found(family, "owner", "zoë", both);
		found(family, "state", "INVITED", plain);
		assertThat(this.list.page(PartnerFilter.of(Map.of("words", "drifted." + family)), null)
			.rows()
			.getFirst()
			.state()
			.words()).isEqualTo("Needs attention");
		assertThat(this.list.page(PartnerFilter.of(Map.of("words", "out." + family)), null).rows())
			.anySatisfy((row) -> assertThat(row.checked()).isEqualTo("not checked"));
	}

	@Test
	void countsWhatEachChoiceFinds() {
		this.clock.pass(Duration.ofSeconds(10));
		PartnerList.Counts before = this.list.counts();
		Partner one = active(Fixtures.freshDomain(), this.clock.instant().minus(Duration.ofDays(2)));
		connector(one, "OUTBOUND");
		connector(one, "INBOUND");
		this.clock.pass(Duration.ofSeconds(10));
		PartnerList.Counts after = this.list.counts();
		assertThat(after.all()).isEqualTo(before.all() + 1);
		assertThat(after.of(PartnerFilter.Ways.BOTH)).isEqualTo(before.of(PartnerFilter.Ways.BOTH) + 1);
		assertThat(after.of(PartnerFilter.Due.OVERDUE)).isGreaterThan(before.of(PartnerFilter.Due.OVERDUE));
		for (PartnerFilter.Finding finding : PartnerFilter.Finding.values()) {
			assertThat(after.of(finding)).as("%s", finding)
				.isEqualTo(this.list.ids(PartnerFilter.of(Map.of("finding", PartnerFilter.slug(finding))), 100_000)
					.size());
		}
	}

	@Test
	void aSearchStandsInTheAddressWholeAndSafe() {
		PartnerFilter filter = PartnerFilter.of(Map.of("words", "Müller & Söhne #1?", "state", "ACTIVE", "ways",
				"not-both", "due", "soon", "finding", "drift", "owner", "a+b@c", "sort", "due"));
		assertThat(PartnerFilter.of(filter.query())).isEqualTo(filter);
		URI address = filter.address("/partners", Map.of());
		assertThat(address.toString()).startsWith("/partners?words=M%C3%BCller").doesNotContain("#", " ");
	}

	@Test
	void viewsAreKeptPerPersonAndDeletable() {
		String words = Fixtures.freshDomain();
		People.Person other = People.of(this.context).compliance();
		assertThat(this.mvc.post()
			.uri("/partners/views")
			.param("name", "Mine & <b>")
			.param("words", words)
			.param("state", "ACTIVE")
			.with(this.admin.signedIn())
			.with(csrf())).hasStatus3xxRedirection();
		assertThat(this.mvc.get().uri("/partners").with(this.admin.signedIn())).bodyText()
			.contains("Mine &amp; &lt;b&gt;", "/partners?words=" + words + "&amp;state=ACTIVE");
		assertThat(this.mvc.get().uri("/partners").with(other.signedIn())).bodyText().doesNotContain(words);
		assertThat(this.mvc.post()
			.uri("/partners/views/deletion")
			.param("name", "Mine & <b>")
			.with(other.signedIn())
			.with(csrf())).hasStatus3xxRedirection();
		assertThat(this.mvc.get().uri("/partners").with(this.admin.signedIn())).bodyText().contains(words);
		assertThat(this.mvc.post().uri("/partners/views").param("name", " ").with(this.admin.signedIn()).with(csrf()))
			.hasStatus3xxRedirection();
		this.mvc.post()
			.uri("/partners/views/deletion")
			.param("name", "Mine & <b>")
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
		assertThat(this.mvc.get().uri("/partners").with(this.admin.signedIn())).bodyText().doesNotContain(words);
	}

	@Test
	void csvHasTheFilterAndNoFormula() {
		String family = Fixtures.freshDomain();
		Partner one = SomePartner.invited(this.context, this.admin.who(), "one." + family);
		SomePartner.invited(this.context, this.admin.who(), "two." + family);
		this.partners.rename(one.id(), "=1+1");
		assertThat(this.mvc.get().uri("/partners/list.csv").param("words", "one." + family).with(this.admin.signedIn()))
			.hasStatusOk()
			.bodyText()
			.hasLineCount(2)
			.contains(one.reference() + ",'=1+1,one." + family + ",Invited,not set up,not set up,not checked");
		assertThat(this.mvc.get().uri("/partners/list.csv").param("words", family).with(this.admin.signedIn()))
			.bodyText()
			.hasLineCount(3);
		assertThat(
				this.mvc.get().uri("/partners/list.csv").param("id", one.id().toString()).with(this.admin.signedIn()))
			.bodyText()
			.hasLineCount(2);
		for (String list : List.of("/requests/list.csv", "/changes/list.csv", "/connectors/drift/list.csv",
				"/jobs/list.csv")) {
			assertThat(this.mvc.get().uri(list).with(this.admin.signedIn())).hasStatusOk()
				.hasContentType("text/csv;charset=UTF-8");
		}
	}

	@Test
	void remindsThoseWhoHaveSomethingToDoAndNobodyTwiceADay() {
		String family = Fixtures.freshDomain();
		Partner invited = SomePartner.invited(this.context, this.admin.who(), "one." + family);
		Partner calm = active("two." + family, this.clock.instant().plus(Duration.ofDays(300)));
		assertThat(this.mvc.get()
			.uri("/partners/bulk")
			.param("act", "remind")
			.param("all", "true")
			.param("words", family)
			.with(this.admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("2 partners chosen", "1 concerned", "Send the reminders: 1");
		for (int i = 0; i < 2; i++) {
			assertThat(this.mvc.post()
				.uri("/partners/bulk")
				.param("act", "remind")
				.param("all", "true")
				.param("concerned", "1")
				.param("words", family)
				.with(this.admin.signedIn())
				.with(csrf())).hasRedirectedUrl("/partners?words=" + family);
			this.clock.pass(Duration.ofMinutes(1));
			this.jobs.runDue();
		}
		assertThat(letters(invited)).isOne();
		assertThat(letters(calm)).isZero();
		this.clock.pass(Duration.ofDays(1));
		this.mvc.post()
			.uri("/partners/bulk")
			.param("act", "remind")
			.param("id", invited.id().toString())
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
		this.clock.pass(Duration.ofMinutes(1));
		this.jobs.runDue();
		assertThat(letters(invited)).isEqualTo(2);
	}

	@Test
	void whatFitsASearchByNowAndWasNotShownIsAskedForAgain() {
		String family = Fixtures.freshDomain();
		Partner shown = SomePartner.invited(this.context, this.admin.who(), "one." + family);
		Partner since = SomePartner.invited(this.context, this.admin.who(), "two." + family);
		String again = "/partners/bulk?words=" + family + "&act=remind&all=true&concerned=1";
		assertThat(this.mvc.post()
			.uri("/partners/bulk")
			.param("act", "remind")
			.param("all", "true")
			.param("concerned", "1")
			.param("words", family)
			.with(this.admin.signedIn())
			.with(csrf())).satisfies((result) -> {
				assertThat(result.getResponse().getRedirectedUrl()).startsWith("/partners/bulk?")
					.contains("words=" + family, "act=remind", "all=true", "concerned=1");
			});
		this.clock.pass(Duration.ofMinutes(1));
		this.jobs.runDue();
		assertThat(letters(shown) + letters(since)).isZero();
		assertThat(this.mvc.get().uri(again).with(this.admin.signedIn())).bodyText()
			.contains("1 were concerned when you looked, 2 are now", "name=\"concerned\" value=\"2\"");
	}

	@Test
	void remindsAnActivePartnerOfWhatLiesOpenAndNotWhenItLiesWithUs() {
		String family = Fixtures.freshDomain();
		Instant soon = this.clock.instant().plus(Duration.ofDays(20));
		Instant later = this.clock.instant().plus(Duration.ofDays(300));
		pass(active("a." + family, soon), "RECERTIFICATION", "OPEN");
		pass(active("b." + family, later), "CHANGE", "OPEN");
		pass(active("c." + family, later), "CHANGE", "RETURNED");
		pass(active("d." + family, soon), "RECERTIFICATION", "SUBMITTED");
		pass(active("e." + family, soon), "RECERTIFICATION", "APPROVED");
		pass(active("f." + family, later), "CHANGE", "WITHDRAWN");
		this.mvc.post()
			.uri("/partners/bulk")
			.param("act", "remind")
			.param("all", "true")
			.param("concerned", "3")
			.param("words", family)
			.with(this.admin.signedIn())
			.with(csrf())
			.exchange();
		this.clock.pass(Duration.ofMinutes(1));
		this.jobs.runDue();
		assertThat(this.jdbc.sql("""
				select l.model::jsonb ->> 'words' from letter l join mail_domain m on m.partnership_id = l.partner_id
				where l.template = 'partner-reminder' and m.name like ? order by m.name""")
			.param("%." + family)
			.query(String.class)
			.list()).hasSize(3)
			.satisfiesExactly((due) -> assertThat(due).contains("confirm and prove again soon"),
					(open) -> assertThat(open).contains("not finished yet"),
					(returned) -> assertThat(returned).contains("asked you to change something"));
	}

	private void pass(Partner partner, String kind, String state) {
		this.jdbc
			.sql("""
					insert into attestation (id, version, partner_id, kind, state, nonce, answers, level, shaped_by,
						shaped_by_name, opened_at, submitted_at, decided_at, changed_at, changed_by, changed_what)
					values (:id, 0, :partner, :kind, :state, :nonce, '{"receivingSeen":false,"platforms":[],"ipRanges":[]}',
						'CERTIFICATE_VALIDATION', :by, 'x', :now, case when :state in ('SUBMITTED', 'APPROVED') then :now end,
						case when :state in ('APPROVED', 'WITHDRAWN') then :now end, :now, 'x', 'x')""")
			.param("id", UUID.randomUUID())
			.param("partner", partner.id())
			.param("kind", kind)
			.param("state", state)
			.param("nonce", UUID.randomUUID().toString())
			.param("by", this.admin.id())
			.param("now", PartnerList.utc(this.clock.instant()))
			.update();
	}

	@Test
	void bulkActsAskForASelectionAndHaveTheDomainsLookedAtSoon() {
		String domain = Fixtures.freshDomain();
		Partner one = active(domain, this.clock.instant().plus(Duration.ofDays(300)));
		this.jdbc
			.sql("""
					insert into watched_domain (domain, partner_id, partner_name, watched_since, due_at, level, state,
						state_since, failures, unclear, rules_version)
					values (?, ?, 'x', now(), now() + interval '3 years', 'CERTIFICATE_VALIDATION', 'GOOD', now(), 0, 0, 2)""")
			.params(domain, one.id())
			.update();
		assertThat(this.mvc.get().uri("/partners/bulk").param("act", "check").with(this.admin.signedIn()))
			.hasRedirectedUrl("/partners");
		assertThat(this.mvc.get()
			.uri("/partners/bulk")
			.param("act", "export")
			.param("id", one.id().toString())
			.param("state", "ACTIVE")
			.with(this.admin.signedIn())).hasRedirectedUrl("/partners/list.csv?state=ACTIVE&id=" + one.id());
		assertThat(this.mvc.post()
			.uri("/partners/bulk")
			.param("act", "check")
			.param("id", one.id().toString())
			.with(this.admin.signedIn())
			.with(csrf())).hasStatus3xxRedirection();
		assertThat(this.jdbc.sql("select due_at <= ? from watched_domain where domain = ?")
			.params(PartnerList.utc(this.clock.instant()), domain)
			.query(Boolean.class)
			.single()).isTrue();
		// Nobody is there to be looked at.
		this.jdbc.sql("update watched_domain set due_at = due_at + interval '9 years' where domain = ?")
			.param(domain)
			.update();
		assertThat(this.mvc.get().uri("/partners/bulk").with(People.of(this.context).compliance().signedIn()))
			.hasStatus(403);
	}

	@Test
	void theWorkListSaysWhatToDoAndWhyAndForWhomItIsNot() {
		Partner overdue = active(Fixtures.freshDomain(), this.clock.instant().minus(Duration.ofDays(4000)));
		Partner asked = SomePartner.onboarding(this.context, this.admin.who());
		this.jdbc
			.sql("""
					insert into attestation (id, version, partner_id, kind, state, nonce, answers, level, shaped_by,
						shaped_by_name, opened_at, submitted_at, changed_at, changed_by, changed_what)
					values (?, 0, ?, 'FIRST', 'SUBMITTED', ?, '{"receivingSeen":false,"platforms":[],"ipRanges":[]}', 'CERTIFICATE_VALIDATION', ?, 'x', now(),
						now() - interval '20 years', now(), 'x', 'x')""")
			.params(UUID.randomUUID(), asked.id(), UUID.randomUUID().toString(), this.admin.id())
			.update();
		assertThat(this.mvc.get().uri("/overview").with(this.admin.signedIn())).hasStatusOk()
			.bodyText()
			.contains("Overdue: both sides have to prove again", "/partners/" + overdue.id(), overdue.name())
			.contains("Confirmed by the partner: review it", asked.name(), "Not for you");
		assertThat(this.mvc.get().uri("/overview").with(People.of(this.context).admin().signedIn())).bodyText()
			.contains(asked.name())
			.doesNotContain("Not for you");
	}

	@Test
	void theWorkListSpeaksOfDaysInTheOrganisationsZone() {
		Partner overdue = SomePartner.onboarding(this.context, this.admin.who());
		this.partners.activated(overdue.id(), Instant.parse("2001-03-09T23:30:00Z"),
				Instant.parse("2002-03-09T23:30:00Z"));
		assertThat(this.mvc.get().uri("/overview").with(this.admin.signedIn())).bodyText()
			.contains(overdue.name(), "Last proven on 10 Mar 2001.");
	}

	@Test
	void theWorkListNamesPeopleWhomMailDoesNotReachAndPartnersWithoutAny() {
		Partner silent = SomePartner.invited(this.context, this.admin.who());
		String address = "it@" + silent.mainDomain().name();
		this.partners.returned(org.partnertls.organization.EmailAddress.of(address), "No such user",
				Instant.parse("2001-01-01T00:00:00Z"));
		Partner deserted = SomePartner.onboarding(this.context, this.admin.who());
		this.partners.contactLeft(deserted.id(), deserted.contacts().getFirst().id(), "Retired");
		this.jdbc.sql("update contact set left_at = '2001-01-01' where partnership_id = ?")
			.param(deserted.id())
			.update();
		assertThat(this.mvc.get().uri("/overview").with(this.admin.signedIn())).bodyText()
			.contains("Mail to " + address + " comes back.", "/partners/" + silent.id() + "/people",
					"Their last technical contact has left.", "/partners/" + deserted.id() + "/people");
	}

	@Test
	void theWorkListNamesAGapUntilItIsSaidToBeClosed() {
		Partner partner = SomePartner.onboarding(this.context, this.admin.who());
		approved(partner, "\"choice\":\"NOT_YET\",\"until\":\"2001-02-03\"", 2);
		assertThat(this.mvc.get().uri("/overview").with(this.admin.signedIn())).bodyText()
			.contains(partner.name(), "Accepted until 2001-02-03.", "datetime=\"2001-02-03T11:00:00Z\"");

		approved(partner, "\"choice\":\"YES\"", 1);

		assertThat(this.mvc.get().uri("/overview").with(this.admin.signedIn())).bodyText()
			.doesNotContain("Accepted until 2001-02-03.");
	}

	private void approved(Partner partner, String toUs, int daysAgo) {
		this.jdbc.sql("""
				insert into attestation (id, version, partner_id, kind, state, nonce, answers, level, shaped_by,
					shaped_by_name, opened_at, submitted_at, decided_at, changed_at, changed_by, changed_what)
				values (?, 0, ?, 'FIRST', 'APPROVED', ?, ?, 'CERTIFICATE_VALIDATION', ?, 'x', now(), now(),
					now() - make_interval(days => ?), now(), 'x', 'x')""")
			.params(UUID.randomUUID(), partner.id(), UUID.randomUUID().toString(), """
					{"receivingSeen":true,"platforms":[],"ipRanges":[],"confirmation":{"name":"x","role":"x",
						"at":"2026-01-01T00:00:00Z","toUs":{%s},"fromUs":{"choice":"YES"}}}""".formatted(toUs),
					this.admin.id(), daysAgo)
			.update();
	}

	private int letters(Partner partner) {
		return this.jdbc.sql("select count(*) from letter where partner_id = ? and template = 'partner-reminder'")
			.param(partner.id())
			.query(Integer.class)
			.single();
	}

	private void found(String family, String field, String value, Partner... expected) {
		List<String> names = this.list.page(PartnerFilter.of(Map.of("words", family, field, value)), null)
			.rows()
			.stream()
			.map(PartnerList.Row::name)
			.toList();
		assertThat(names).as("%s=%s", field, value)
			.containsExactly(java.util.Arrays.stream(expected).map(Partner::name).toArray(String[]::new));
	}

	private Partner active(String domain, Instant due) {
		Partner partner = SomePartner.invited(this.context, this.admin.who(), domain);
		this.partners.opened(partner.id());
		this.partners.activated(partner.id(), this.clock.instant(), due);
		return this.partners.find(partner.id()).orElseThrow();
	}

	private void connector(Partner partner, String direction) {
		this.jdbc.sql("""
				insert into connector (id, version, partner_id, partner_name, tenant_id, direction, guid, name, form,
					enforced_since, seen_at) values (?, 0, ?, 'x', 'script', ?, ?, 'x', '{}', now(), now())""")
			.params(UUID.randomUUID(), partner.id(), direction, UUID.randomUUID().toString())
			.update();
	}

	private static List<UUID> ids(PartnerList.Page page) {
		return page.rows().stream().map(PartnerList.Row::id).toList();
	}

}
