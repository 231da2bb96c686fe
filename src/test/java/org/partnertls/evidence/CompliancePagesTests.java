package org.partnertls.evidence;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.audit.Act;
import org.partnertls.audit.Actor;
import org.partnertls.audit.AuditLog;
import org.partnertls.connector.Direction;
import org.partnertls.partner.Partner;
import org.partnertls.partner.SomePartner;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class CompliancePagesTests {

	@Autowired
	private AuditLog audit;

	@Autowired
	private Evidence evidence;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private TestClock clock;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApplicationContext context;

	private Partner partner;

	private People.Person officer;

	@BeforeEach
	void somePartner() {
		this.partner = SomePartner.invited(this.context, People.of(this.context).admin().who());
		this.officer = People.of(this.context).compliance();
	}

	@Test
	void foldsTheHistoryIntoWhereAPartnerStoodAtAnyTime() {
		Instant invited = later(Duration.ofDays(1));
		enforced(Direction.OUTBOUND);
		Instant half = later(Duration.ofDays(1));
		enforced(Direction.INBOUND);
		activated();
		Instant whole = later(Duration.ofDays(1));
		append(Act.of("enforcement.ended").detail("direction", "INBOUND").detail("cause", "relief"));
		Instant relieved = later(Duration.ofDays(1));

		assertThat(at(invited)).isEmpty();
		assertThat(at(half)).isEmpty();
		assertThat(at(whole)).containsExactlyInAnyOrder(PartnerRecord.Listed.ENFORCED, PartnerRecord.Listed.PROVEN);
		assertThat(at(relieved)).containsExactlyInAnyOrder(PartnerRecord.Listed.STOPPED, PartnerRecord.Listed.PROVEN);
		assertThat(at(whole.plus(Duration.ofDays(330)))).contains(PartnerRecord.Listed.DUE);
		assertThat(at(whole.plus(Duration.ofDays(400)))).contains(PartnerRecord.Listed.OVERDUE)
			.doesNotContain(PartnerRecord.Listed.PROVEN);
		assertThat(this.evidence.record(this.partner.id(), invited.minus(Duration.ofDays(30)))).isNull();
	}

	@Test
	void whatNobodyHasSeenMailTakeDoesNotCountAsEnforced() {
		stands(Direction.OUTBOUND);
		stands(Direction.INBOUND);
		assertThat(at(later(Duration.ofDays(1)))).containsExactly(PartnerRecord.Listed.UNSEEN);
		append(Act.of("connector.path-checked").detail("direction", "OUTBOUND"));
		append(Act.of("connector.path-checked").failed().detail("direction", "INBOUND"));
		assertThat(at(later(Duration.ofDays(1)))).containsExactly(PartnerRecord.Listed.UNSEEN);
		append(Act.of("connector.path-changed").detail("direction", "INBOUND"));
		assertThat(at(later(Duration.ofDays(1)))).containsExactly(PartnerRecord.Listed.ENFORCED);
		append(Act.of("enforcement.ended").detail("direction", "INBOUND").detail("cause", "relief"));
		stands(Direction.INBOUND);
		assertThat(at(later(Duration.ofDays(1)))).as("it began anew").containsExactly(PartnerRecord.Listed.UNSEEN);
	}

	@Test
	void aFailedPushAndDriftAreListedAsFailingUntilTheyAreMended() {
		append(Act.of("connector.outbound-written").failed().detail("again", "true"));
		assertThat(at(later(Duration.ofMinutes(1)))).doesNotContain(PartnerRecord.Listed.FAILING);
		append(Act.of("connector.outbound-written").failed());
		assertThat(at(later(Duration.ofMinutes(1)))).contains(PartnerRecord.Listed.FAILING);
		append(Act.of("connector.change-done"));
		assertThat(at(later(Duration.ofMinutes(1)))).doesNotContain(PartnerRecord.Listed.FAILING);

		enforced(Direction.OUTBOUND);
		Instant changed = later(Duration.ofHours(5));
		append(Act.of("connector.drift-alarm").failed().detail("direction", "OUTBOUND").detail("since", changed));
		Instant found = later(Duration.ofHours(3));
		assertThat(at(found)).contains(PartnerRecord.Listed.FAILING, PartnerRecord.Listed.STOPPED);
		assertThat(this.evidence.record(this.partner.id(), found).way(Direction.OUTBOUND).isOn(changed.plusSeconds(1)))
			.isFalse();
		append(Act.of("connector.drift-ended").detail("direction", "OUTBOUND").detail("how", "RETURNED"));
		assertThat(at(later(Duration.ofHours(1)))).doesNotContain(PartnerRecord.Listed.FAILING);
	}

	@Test
	void theDashboardIsTheSameForAnyPastDate() {
		enforced(Direction.OUTBOUND);
		enforced(Direction.INBOUND);
		activated();
		LocalDate day = LocalDate.ofInstant(this.clock.instant(), ZoneId.of("Europe/Berlin"));
		this.clock.pass(Duration.ofDays(3));
		append(Act.of("enforcement.ended").detail("direction", "INBOUND").detail("kind", "SUSPEND"));
		String name = this.partner.name();

		assertThat(get("/compliance?list=enforced&date=" + day)).contains(name);
		assertThat(get("/compliance?list=stopped&date=" + day)).doesNotContain(name);
		assertThat(get("/compliance?list=stopped")).contains(name);
		assertThat(get("/compliance?date=" + day.minusDays(30))).doesNotContain(name);
		assertThat(get("/compliance?date=tomorrow")).contains("Dates are written like");
	}

	@Test
	void answersWhetherItWasOnWithoutAGapAndShowsEachGapWithItsCause() {
		enforced(Direction.OUTBOUND);
		LocalDate day = LocalDate.ofInstant(this.clock.instant(), ZoneId.of("Europe/Berlin")).plusDays(1);
		this.clock.pass(Duration.ofDays(5));
		String spell = "&to=" + day.plusDays(3);

		assertThat(get("/partners/" + this.partner.id() + "/timeline?from=" + day + spell))
			.contains("Yes, without a gap", "not set up yet");

		append(Act.of("enforcement.ended").detail("direction", "OUTBOUND").detail("cause", "relief"));
		this.clock.pass(Duration.ofDays(1));
		enforced(Direction.OUTBOUND);
		this.clock.pass(Duration.ofDays(1));

		assertThat(get("/partners/" + this.partner.id() + "/timeline?from=" + day))
			.contains("No, 1 gap, 1 day 0 h in all", "relief", "1 day 0 h");
	}

	@Test
	void isUnknownWhileNobodyCouldLookAndTellsDriftFromTheMomentItHappened() {
		enforced(Direction.OUTBOUND);
		enforced(Direction.INBOUND);
		String domain = this.partner.mainDomain().name().ascii();
		append(Act.of("tlscheck.recovered").domain(domain));
		LocalDate day = LocalDate.ofInstant(this.clock.instant(), ZoneId.of("Europe/Berlin")).plusDays(1);
		Instant last = later(Duration.ofDays(5));
		this.clock.pass(Duration.ofDays(2));
		this.transaction.executeWithoutResult(
				(status) -> this.audit.append(Act.of("connector.watch-lost").failed().detail("from", last)));
		String page = "/partners/" + this.partner.id() + "/timeline?from=" + day;
		assertThat(get(page)).contains("Unknown, 1 time nobody could tell, 2 days 0 h in all", "nobody looked");
		assertThat(get("/partners/" + this.partner.id() + "/evidence")).contains("Unknown: nobody looked");

		Instant changed = later(Duration.ofDays(1));
		this.clock.pass(Duration.ofDays(1));
		this.transaction.executeWithoutResult(
				(status) -> this.audit.append(Act.of("connector.watched-again").detail("from", last)));
		append(Act.of("connector.drift-alarm").failed().detail("direction", "INBOUND").detail("since", changed));
		append(Act.of("tlscheck.gap")
			.domain(domain)
			.detail("since", last)
			.detail("until", changed)
			.detail("reason", "not-checked"));
		this.clock.pass(Duration.ofDays(1));

		assertThat(get(page)).contains("Unknown, 1 time nobody could tell, 4 days 0 h in all",
				"No, 1 gap, 2 days 0 h in all", "changed in the tenant by somebody else",
				"Checks of the mail servers of " + domain, "Unknown, 1 time nobody could tell, 3 days 0 h in all",
				"not checked");
	}

	@Test
	void aPackCarriesEachClaimWithItsBasisAndCanBeCheckedElsewhere() throws Exception {
		String domain = this.partner.mainDomain().name().ascii();
		append(Act.of("domain.proven").domain(domain));
		append(Act.of("attestation.submitted")
			.detail("requires-tls-to-us", "YES")
			.detail("refuses-clear-text-from-us", "NOT_YET")
			.detail("refuses-clear-text-from-us-until", "2026-01-31")
			.personal("confirmed-by", "x", "Mika Brandt, Mail <administrator>")
			.personal("refuses-clear-text-from-us-reason", "x", "New gateway in spring")
			.personal("refuses-clear-text-from-us-owner", "x", "Greta Hahn"));
		append(Act.of("connector.change-approved")
			.by(new Actor(Actor.Kind.STAFF, "7", "Administrator", "Tomás Rey", null, null)));
		append(Act.of("proof.inbound").detail("source", "MAILBOX").detail("result", "It came over TLS 1.3."));
		append(Act.of("tlscheck.finished").domain(domain).detail("EncryptionOnly", "PASS"));
		enforced(Direction.OUTBOUND);
		enforced(Direction.INBOUND);
		activated();

		assertThat(get("/partners/" + this.partner.id() + "/evidence")).contains("Stated by the partner", "Seen by us",
				"Enforced by our platform", "Mika Brandt, Mail &lt;administrator&gt;", "Tomás Rey",
				"It came over TLS 1.3.", "New gateway in spring", "Greta Hahn", "Past its end",
				"Sub-domains are not covered", "EncryptionOnly pass");

		Map<String, String> files = pack("en");
		assertThat(files.keySet()).containsExactlyInAnyOrder("evidence.html", "evidence.json", "events.jsonl",
				"checkpoint.txt", "keys.txt", "README.txt");
		assertThat(files.get("evidence.html")).contains("Enforced by our platform", "<style>")
			.doesNotContain("<administrator>", "href=");
		JsonNode pack = JsonMapper.shared().readTree(files.get("evidence.json"));
		assertThat(pack.path("checkpoint").asString()).isEqualTo(files.get("checkpoint.txt"));
		JsonNode ways = pack.path("partners").get(0).path("ways");
		assertThat(ways.get(0).path("on").asBoolean()).isTrue();
		assertThat(ways.get(0).path("domains").get(0).asString()).isEqualTo(domain);
		assertThat(files.get("events.jsonl").lines().filter((line) -> line.startsWith("{\"type\":\"event\"")))
			.hasSizeGreaterThan(8)
			.anyMatch((line) -> line.contains("enforcement.began"));
		assertThat(files.get("events.jsonl").lines().findFirst().orElseThrow()).contains("checkpoint");
		Fixtures fixtures = this.context.getBean(Fixtures.class);
		assertThat(fixtures.events("evidence.opened", this.partner.id())).isEqualTo(1);
		assertThat(fixtures.events("evidence.exported", this.partner.id())).isEqualTo(1);
	}

	@Test
	void aPackIsInTheLanguageOfWhoeverMakesIt() throws IOException {
		enforced(Direction.OUTBOUND);

		Map<String, String> files = pack("de");

		assertThat(files.get("evidence.html"))
			.contains("<html lang=\"de-DE\"", "<h1>Nachweise</h1>", "Von unserer Plattform erzwungen",
					"Zuletzt nachgewiesen")
			.doesNotContain("Enforced by our platform", "Last proven", "Covered: ");
		assertThat(files.get("README.txt")).startsWith("evidence.html und evidence.json sagen dasselbe.")
			.contains("mit dem Einschlussnachweis", "portal.jar audit verify events.jsonl");
		// Programs read it, in one language.
		assertThat(files.get("evidence.json")).contains("Covered: ");
	}

	@Test
	void aPackOfAPastDateKnowsNothingOfWhatCameLater() {
		Instant before = later(Duration.ofDays(2));
		enforced(Direction.OUTBOUND);

		assertThat(this.evidence.pack(this.partner.id(), before).partners().getFirst().ways())
			.allSatisfy((way) -> assertThat(way.on()).isFalse());
		assertThat(this.evidence.pack(this.partner.id(), later(Duration.ofMinutes(1))).partners().getFirst().ways())
			.anySatisfy((way) -> assertThat(way.on()).isTrue());
	}

	@Test
	void theRegisterNamesWhatIsNotAsItShouldBeAndWhoAcceptedIt() {
		append(Act.of("domain.proof-waived")
			.domain(this.partner.mainDomain().name())
			.by(new Actor(Actor.Kind.STAFF, "7", "Administrator", "Amina Okafor", null, null))
			.reason("Their DNS is frozen until May"));

		assertThat(get("/compliance/exceptions")).contains(this.partner.name(), "counts without a proof",
				"Their DNS is frozen until May", "Amina Okafor");
	}

	@Test
	void tellsWhoHeldWhichRoleWhen() {
		String id = java.util.UUID.randomUUID().toString();
		Act first = Act.of("sign-in.staff")
			.by(new Actor(Actor.Kind.STAFF, id, "Administrator, Compliance", "Nora " + id, null, null));
		append(first);
		this.clock.pass(Duration.ofDays(2));
		append(Act.of("sign-in.staff").by(new Actor(Actor.Kind.STAFF, id, "Compliance", "Nora " + id, null, null)));

		assertThat(this.context.getBean(Access.class).held(later(Duration.ofMinutes(1))))
			.filteredOn((held) -> held.person().equals(id))
			.hasSize(2)
			.anySatisfy((held) -> {
				assertThat(held.role()).isEqualTo("Administrator");
				assertThat(held.lost()).isAfter(held.from().plus(Duration.ofDays(1)));
			})
			.anySatisfy((held) -> {
				assertThat(held.role()).isEqualTo("Compliance");
				assertThat(held.lost()).isNull();
			});
		assertThat(get("/compliance/roles")).contains("Nora " + id);
	}

	@Test
	void leadsTheComplianceOfficerToTheirOwnPage() {
		assertThat(this.mvc.get().uri("/overview").with(this.officer.signedIn())).hasStatus3xxRedirection()
			.hasRedirectedUrl("/compliance");
	}

	private Map<String, String> pack(String language) throws IOException {
		MvcTestResult zip = this.mvc.get()
			.uri("/partners/" + this.partner.id() + "/evidence.zip")
			.with(this.officer.signedIn())
			.cookie(new Cookie("language", language))
			.exchange();
		assertThat(zip).hasStatusOk();
		Map<String, String> files = new HashMap<>();
		try (ZipInputStream in = new ZipInputStream(
				new ByteArrayInputStream(zip.getResponse().getContentAsByteArray()))) {
			for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
				files.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
			}
		}
		return files;
	}

	private String get(String page) {
		MvcTestResult answer = this.mvc.get().uri(page).with(this.officer.signedIn()).exchange();
		assertThat(answer).hasStatusOk();
		try {
			return answer.getResponse().getContentAsString(StandardCharsets.UTF_8);
		}
		catch (java.io.UnsupportedEncodingException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private java.util.Set<PartnerRecord.Listed> at(Instant at) {
		return this.evidence.record(this.partner.id(), at).listed(at);
	}

	private Instant later(Duration duration) {
		this.clock.pass(duration);
		return this.clock.instant();
	}

	private void enforced(Direction direction) {
		stands(direction);
		append(Act.of("connector.path-checked").detail("direction", direction));
	}

	private void stands(Direction direction) {
		append(Act.of("enforcement.began")
			.detail("direction", direction)
			.detail("cause", "approved change")
			.detail("level", (direction == Direction.OUTBOUND) ? "CertificateValidation" : "RequireTls")
			.detail("domains", this.partner.mainDomain().name()));
	}

	private void activated() {
		Instant now = this.clock.instant();
		append(Act.of("partner.activated")
			.change("state", "ONBOARDING", "ACTIVE")
			.detail("proof-at", now)
			.change("next due", null, now.plus(Duration.ofDays(365))));
	}

	private void append(Act act) {
		this.transaction
			.executeWithoutResult((status) -> this.audit.append(act.partner(this.partner.id(), this.partner.name())));
	}

}
