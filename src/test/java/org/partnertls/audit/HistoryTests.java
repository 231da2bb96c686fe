package org.partnertls.audit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.Directory;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partners;
import org.slf4j.MDC;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class HistoryTests {

	@Autowired
	private Erasure erasure;

	@Autowired
	private AuditLog audit;

	@Autowired
	private History history;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TestClock clock;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	private final UUID partner = UUID.randomUUID();

	@Test
	void pagesThroughEverythingOnceWhileEventsArrive() {
		for (int i = 0; i < 120; i++) {
			append(Act.of("test.page"));
		}
		List<UUID> seen = new ArrayList<>();
		Search all = Search.EVERYTHING.with(this.partner);
		History.Page page = this.history.search(all, null, null);
		while (true) {
			page.rows().forEach((row) -> seen.add(row.id()));
			append(Act.of("test.page"));
			if (page.older() == null) {
				break;
			}
			page = this.history.search(all, page.older(), null);
		}

		assertThat(seen).hasSize(120).doesNotHaveDuplicates();
		assertThat(this.history.search(all, null, page.newer()).rows()).hasSize(History.PAGE);
	}

	@Test
	void findsByActAndOutcomeWhereAFailureHasACodeOfItsOwn() {
		append(Act.of("test.find"));
		append(Act.of("test.find").refused());
		append(Act.of("test.find").failed());
		append(Act.of("test.failed").failed());

		assertThat(codes("act=test.find")).containsExactlyInAnyOrder("test.find", "test.find.refused",
				"test.find.failed");
		assertThat(codes("act=test.find&outcome=refused")).containsExactly("test.find.refused");
		assertThat(codes("act=test.find&outcome=success")).containsExactly("test.find");
		assertThat(codes("outcome=trouble")).containsExactlyInAnyOrder("test.find.refused", "test.find.failed",
				"test.failed");
		assertThat(codes("outcome=failure")).containsExactlyInAnyOrder("test.find.failed", "test.failed");
	}

	@Test
	void findsAllOfAGroupOfTheCatalogueInTheOrderOfTime() {
		append(Act.of("partner.opened"));
		append(Act.of("domain.added"));
		append(Act.of("partner.activated"));
		append(Act.of("partner.ended").refused());

		assertThat(codes("act=partner")).containsExactly("partner.ended.refused", "partner.activated",
				"partner.opened");
		assertThat(codes("act=partner&outcome=success")).containsExactly("partner.activated", "partner.opened");
	}

	@Test
	void findsByWordsOfTheEventAndBesideItEachByItsBeginning() {
		String domain = Fixtures.freshDomain();
		append(Act.of("test.one").reason("a very particular reason").domain(domain));
		append(Act.of("test.two").detail("fact", "Nothing of the kind"));
		append(Act.of("test.three").change("tls-level", "SOFT", "HARDENED"));

		assertThat(codes("words=PARTICULAR reas")).containsExactly("test.one");
		assertThat(codes("words=" + domain.substring(0, 8))).containsExactly("test.one");
		assertThat(codes("words=nothing kind")).containsExactly("test.two");
		assertThat(codes("words=hardened")).containsExactly("test.three");
		assertThat(codes("words=nordwind")).hasSize(3);
		assertThat(codes("words=particular hardened")).isEmpty();
		assertThat(codes("words=100%25_")).isEmpty();
		assertThat(codes("words='); drop table audit_event -- & | ! :*")).isEmpty();
	}

	@Test
	void looksForWordsAMonthBackUnlessDatesAreGiven() {
		append(Act.of("test.old").reason("something remembered"));
		this.clock.pass(Duration.ofDays(32));

		assertThat(codes("words=remembered")).isEmpty();
		assertThat(codes("words=remembered&from=2026-01-01")).containsExactly("test.old");
	}

	@Test
	void findsWhoActedByAnyNameTheyEverHad() {
		String id = UUID.randomUUID().toString();
		String surname = "Aal" + id.substring(0, 8);
		append(Act.of("test.maiden").by(person(id, "Greta " + surname, "greta@contoso.example")));
		append(Act.of("test.married").by(person(id, "Greta Hahn", "hahn-" + id + "@contoso.example")));
		append(Act.of("test.other").by(person(UUID.randomUUID().toString(), "Greta Klein", "klein@contoso.example")));

		assertThat(codes("who=greta " + surname)).containsExactly("test.married", "test.maiden");
		assertThat(codes("who=hahn-" + id)).containsExactly("test.married", "test.maiden");
		assertThat(codes("who=" + id)).containsExactly("test.married", "test.maiden");
		assertThat(codes("who=nobody" + id)).isEmpty();
		assertThat(this.history.find(this.history.search(read("who=" + id), null, null).rows().getLast().id())
			.orElseThrow()
			.who()).isEqualTo("Greta " + surname);
	}

	@Test
	void whoeverIsErasedIsNotFoundByNameAnyMore() {
		String id = UUID.randomUUID().toString();
		append(Act.of("test.gone").by(person(id, "Vanya " + id, "vanya@contoso.example")));
		assertThat(codes("who=vanya " + id)).containsExactly("test.gone");

		assertThat(this.erasure.erase(List.of(id), "Request 4711")).isPresent();

		assertThat(codes("who=vanya " + id)).isEmpty();
		assertThat(this.jdbc.sql("select count(*) from audit_name where person_id = ?")
			.param(id)
			.query(Integer.class)
			.single()).isZero();
		assertThat(codes("act=test.gone")).containsExactly("test.gone");
	}

	@Test
	void erasesWhoeverHelpsSeveralPartnersAtAllOfThem() {
		EmailAddress address = EmailAddress.of("mo@" + Fixtures.freshDomain());
		Directory directory = this.context.getBean(Directory.class);
		UUID here = directory.openHelperAccess(address, "Mo Helper", UUID.randomUUID());
		UUID there = directory.openHelperAccess(address, "Mo Helper", UUID.randomUUID());
		for (UUID account : List.of(here, there)) {
			append(Act.of("test.gone").by(person(account.toString(), "Mo Helper", address.toString())));
		}

		assertThat(this.erasure.erase(List.of(here.toString()), "Request 4711")).isPresent();

		assertThat(
				this.jdbc.sql("select count(*) from audit_personal where person_id in (?, ?) and content is not null")
					.params(here.toString(), there.toString())
					.query(Integer.class)
					.single())
			.isZero();
		assertThat(this.jdbc
			.sql("select count(*) from account where id in (?, ?) and address_key <> ? and ended_at is not null")
			.params(here, there, address.key())
			.query(Integer.class)
			.single()).isEqualTo(2);
	}

	@Test
	void findsByRoleDomainSubjectRequestAndTime() {
		String domain = Fixtures.freshDomain();
		UUID subject = UUID.randomUUID();
		append(Act.of("test.first").by(Actor.system("test-job")).domain(domain));
		this.clock.pass(Duration.ofMinutes(2));
		String between = LocalDateTime.ofInstant(this.clock.instant(), ZoneId.of("Europe/Berlin"))
			.truncatedTo(ChronoUnit.SECONDS)
			.toString();
		this.clock.pass(Duration.ofMinutes(2));
		try (MDC.MDCCloseable _ = MDC.putCloseable("request", "r" + domain)) {
			append(Act.of("test.second")
				.by(new Actor(Actor.Kind.STAFF, "42", "Administrator, Compliance", null, null, null))
				.on("thing", subject));
		}

		assertThat(codes("role=SYSTEM")).containsExactly("test.first");
		assertThat(codes("role=Compliance")).containsExactly("test.second");
		assertThat(codes("role=Partner")).isEmpty();
		assertThat(codes("domain=" + domain.toUpperCase(Locale.ROOT))).containsExactly("test.first");
		assertThat(codes("subject=" + subject)).containsExactly("test.second");
		assertThat(codes("request=r" + domain)).containsExactly("test.second");
		assertThat(codes("from=" + between)).containsExactly("test.second");
		assertThat(codes("to=" + between)).containsExactly("test.first");
		assertThat(codes("last=24h&who=test-job")).containsExactly("test.first");
	}

	@Test
	void asksToNarrowASearchThatFindsTooMuch() {
		this.transaction.executeWithoutResult((status) -> {
			for (int i = 0; i <= History.MOST_FOUND; i++) {
				this.audit.append(Act.of("test.many")
					.by(Actor.system("test"))
					.partner(this.partner, "Nordwind")
					.detail("fact", "overwhelming"));
			}
		});

		History.Page page = this.history.search(read("words=overwhelming"), null, null);

		assertThat(page.problem()).contains("Narrow your search");
		assertThat(page.rows()).isEmpty();
	}

	@Test
	void keepsTheWholeSearchInTheAddress() {
		for (int i = 0; i < History.PAGE + 1; i++) {
			append(Act.of("test.address").reason("a&b=\"c\""));
		}

		assertThat(this.mvc.get()
			.uri("/history?partner={p}&words={w}&act=test.address&outcome=success&from=2026-01-01", this.partner,
					"a&b=")
			.with(People.of(this.context).compliance().signedIn())).hasStatusOk()
			.bodyText()
			.contains("words=a%26b%3D", "act=test.address", "before=");
	}

	@Test
	void findsAPartnerByAPartOfItsNameAndAsksWhereSeveralFit() {
		String domain = Fixtures.freshDomain();
		UUID one = invited("Rothorn " + domain + " 10_0", domain);
		UUID other = invited("Rothorn " + domain + " 100", Fixtures.freshDomain());
		UUID longer = invited("Rothorn " + domain + " 1000", Fixtures.freshDomain());

		assertThat(page(domain + " 10_")).contains("Partner: Rothorn " + domain + " 10_0")
			.contains("partner=" + one)
			.doesNotContain("Which one");
		assertThat(page("rothorn " + domain + " 100")).as("the whole name").contains("partner=" + other);
		assertThat(page(domain)).contains("Several partners fit", "Which one", "partner=" + one, "partner=" + other,
				"partner=" + longer);
		assertThat(page(domain + "%")).contains("No partner has");
		for (int i = 0; i < 8; i++) {
			invited("Rothorn " + domain + " AG " + i, Fixtures.freshDomain());
		}
		assertThat(page(domain)).contains("More than 10 partners fit", "partner=" + longer)
			.doesNotContain(domain + " AG 7 (TLS");
		assertThat(page(one.toString())).contains("Partner: Rothorn " + domain + " 10_0");
	}

	private UUID invited(String name, String domain) {
		DomainName mail = DomainName.of(domain);
		return ((Invitation.Invited) this.context.getBean(Partners.class)
			.invite(new NewPartner(name, mail, "Greta Hahn", new EmailAddress("greta", mail), "Ines Falk",
					EmailAddress.of("ines.falk@contoso.example"), "Payroll", People.of(this.context).admin().who())))
			.id();
	}

	private String page(String partner) {
		return new String(this.mvc.get()
			.uri("/history?partner={p}&last=24h", partner)
			.with(People.of(this.context).compliance().signedIn())
			.exchange()
			.getResponse()
			.getContentAsByteArray(), StandardCharsets.UTF_8);
	}

	@Test
	void saysWhichPartOfASearchItCouldNotRead() {
		assertThat(this.mvc.get()
			.uri("/history?from=yesterday&before=nonsense")
			.with(People.of(this.context).compliance().signedIn())).hasStatusOk()
			.bodyText()
			.contains("Dates are written like 2026-11-23");
	}

	@Test
	void showsOneEventWithTheTextThatIsStored() {
		append(Act.of("test.show").reason("<script>alert(1)</script>"));
		UUID id = this.history.search(read("act=test.show"), null, null).rows().getFirst().id();

		assertThat(this.mvc.get().uri("/history/{id}", id).with(People.of(this.context).compliance().signedIn()))
			.hasStatusOk()
			.bodyText()
			.contains("&quot;code&quot;:&quot;test.show&quot;", "&lt;script&gt;")
			.doesNotContain("<script>alert");
	}

	@Test
	void hasNoEventOfAnUnknownId() {
		assertThat(this.mvc.get()
			.uri("/history/{id}", UUID.randomUUID())
			.with(People.of(this.context).compliance().signedIn())).hasStatus(404);
	}

	private void append(Act act) {
		this.transaction.executeWithoutResult((status) -> this.audit.append(act.partner(this.partner, "Nordwind")));
	}

	private static Actor person(String id, String name, String address) {
		return new Actor(Actor.Kind.STAFF, id, "Administrator", name, address, "192.0.2.1");
	}

	private Search read(String query) {
		Map<String, String> fields = new HashMap<>(Map.of("partner", this.partner.toString()));
		for (String field : query.split("&(?=[a-z]+=)", -1)) {
			fields.put(field.substring(0, field.indexOf('=')), field.substring(field.indexOf('=') + 1));
		}
		Search.Read read = Search.read(fields, ZoneId.of("Europe/Berlin"), this.clock.instant());
		assertThat(read.problems()).isEmpty();
		return read.search();
	}

	private List<String> codes(String query) {
		History.Page page = this.history.search(read(query), null, null);
		assertThat(page.problem()).isNull();
		return page.rows().stream().map(History.Row::code).toList();
	}

}
