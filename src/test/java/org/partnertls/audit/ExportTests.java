package org.partnertls.audit;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Jobs;
import org.partnertls.PortalTest;
import org.partnertls.account.People;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

@PortalTest
class ExportTests {

	@Autowired
	private AuditLog audit;

	@Autowired
	private Proofs proofs;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private Jobs jobs;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private ApplicationContext context;

	private final UUID partner = UUID.randomUUID();

	@Test
	void csvHoldsWhatWasFoundAndNoFormula() throws Exception {
		append(Act.of("test.csv")
			.by(new Actor(Actor.Kind.STAFF, "7", "Administrator", "=HYPERLINK(\"http://evil.example\")",
					"amina@contoso.example", "192.0.2.7"))
			.detail("fact", "a, \"quoted\"\r\nline")
			.reason("+1 or -1 or @SUM(A1)\nand more"));
		append(Act.of("test.csv").failed());

		MvcTestResult answer = export("csv", "act=test.csv");

		assertThat(answer).hasStatusOk();
		assertThat(answer.getResponse().getHeader("Content-Disposition"))
			.matches("attachment; filename=\"history-.*\\.csv\"");
		String file = answer.getResponse().getContentAsString(StandardCharsets.UTF_8);
		List<NamedCsvRecord> rows = new ArrayList<>();
		CsvReader.builder().ofNamedCsvRecord(file).forEach(rows::add);
		assertThat(rows).hasSize(2);
		assertThat(rows.getFirst().getField("name")).isEqualTo("'=HYPERLINK(\"http://evil.example\")");
		assertThat(rows.getFirst().getField("reason")).isEqualTo("'+1 or -1 or @SUM(A1)\nand more");
		assertThat(JsonMapper.shared().readTree(rows.getFirst().getField("details")).path("fact").asString())
			.isEqualTo("a, \"quoted\"\r\nline");
		assertThat(rows.getLast().getField("code")).isEqualTo("test.csv.failed");
		assertThat(file).contains("\r\n");
	}

	@Test
	void jsonLinesAreProvenBySignatureAndTree() throws Exception {
		for (int i = 0; i < 5; i++) {
			append(Act.of("test.proven").detail("number", i).reason("reason " + i));
		}

		MvcTestResult answer = export("jsonl", "act=test.proven");

		assertThat(answer).hasStatusOk();
		List<JsonNode> lines = lines(answer);
		Checkpoint checkpoint = Checkpoint.of(lines.getFirst().path("checkpoint").asString());
		assertThat(this.proofs.keys()).anyMatch((key) -> key.signed(checkpoint.note()));
		List<JsonNode> events = lines.stream().filter((line) -> line.path("type").asString().equals("event")).toList();
		assertThat(events).hasSize(5)
			.allSatisfy((line) -> assertThat(this.proofs
				.inclusion(
						UUID.fromString(
								JsonMapper.shared().readTree(line.path("event").asString()).path("id").asString()),
						checkpoint)
				.orElseThrow()
				.holds(line.path("event").asString())).isTrue());
		JsonNode reason = events.getFirst().path("personal").path("reason");
		assertThat(HexFormat.of()
			.parseHex(AuditLog.commitment(java.util.Base64.getDecoder().decode(reason.path("salt").asString()),
					reason.path("content").asString())))
			.isEqualTo(HexFormat.of()
				.parseHex(JsonMapper.shared()
					.readTree(events.getFirst().path("event").asString())
					.path("commitments")
					.path("reason")
					.asString()));
	}

	@Test
	void ocsfHasEveryFieldThatItsClassesRequire() throws Exception {
		append(Act.of("partner.suspended").reason("holidays"));
		append(Act.of("history.searched"));
		append(Act.of("sign-in.staff")
			.by(new Actor(Actor.Kind.STAFF, "7", "Administrator", "Amina", "a@x.example", "192.0.2.7")));
		append(Act.of("code.refused").refused());
		append(Act.of("sign-out").by(Actor.system("test")));

		List<JsonNode> lines = lines(export("ocsf", ""));

		assertThat(lines).hasSize(5).allSatisfy((event) -> {
			int type = event.path("class_uid").asInt();
			int activity = event.path("activity_id").asInt();
			assertThat(type).isIn(3002, 3004);
			assertThat(event.path("category_uid").asInt()).isEqualTo(3);
			assertThat(event.path("type_uid").asInt()).isEqualTo(type * 100 + activity);
			assertThat(event.path("severity_id").asInt()).isBetween(1, 6);
			assertThat(event.path("status_id").asInt()).isIn(1, 2);
			assertThat(event.path("time").isIntegralNumber()).isTrue();
			assertThat(event.path("metadata").path("version").asString()).isEqualTo("1.3.0");
			assertThat(event.path("metadata").path("product").path("vendor_name").asString()).isNotEmpty();
			assertThat(event.path("actor").path("user").path("uid").asString()).isNotEmpty();
			if (type == 3002) {
				assertThat(activity).isIn(1, 2, 99);
				assertThat(event.path("user").path("uid").asString()).isNotEmpty();
				assertThat(event.path("service").path("name").asString()).isNotEmpty();
			}
			else {
				assertThat(activity).isIn(1, 2, 3, 4, 6, 7, 8, 9);
				assertThat(event.path("entity").path("uid").asString()).isEqualTo(this.partner.toString());
			}
		});
		assertThat(lines).extracting((event) -> event.path("type_uid").asInt())
			.containsExactly(300409, 300402, 300201, 300299, 300202);
		assertThat(lines.getFirst().path("comment").asString()).isEqualTo("holidays");
	}

	@Test
	void anExportIsAnEventWithItsFilterBesideIt() throws Exception {
		append(Act.of("test.logged"));

		assertThat(export("csv", "words=nordwind&who=7")).hasStatusOk();

		assertThat(this.jdbc.sql("""
				select count(*) from audit_event e
					join audit_personal f on f.event_id = e.id and f.slot = 'search-partner' and f.content = ?
					join audit_personal w on w.event_id = e.id and w.slot = 'search-words' and w.content = 'nordwind'
				where e.code = 'history.exported' and e.event like '%"format":"CSV"%'""")
			.param(this.partner.toString())
			.query(Integer.class)
			.single()).isEqualTo(1);
	}

	@Test
	void aLargeExportIsWrittenInTheBackgroundAndFetchedByWhoeverAskedForIt() throws Exception {
		this.transaction.executeWithoutResult((status) -> {
			for (int i = 0; i <= Exports.SMALL; i++) {
				this.audit.append(Act.of("test.large").by(Actor.system("test")).partner(this.partner, "Nordwind"));
			}
		});
		People.Person officer = People.of(this.context).compliance();
		MvcTestResult asked = this.mvc.post()
			.uri("/history/exports")
			.contentType(MediaType.APPLICATION_FORM_URLENCODED)
			.content("format=JSONL&partner=" + this.partner)
			.with(officer.signedIn())
			.with(csrf())
			.exchange();
		String page = asked.getResponse().getRedirectedUrl();
		assertThat(page).startsWith("/history/exports/");
		assertThat(this.mvc.get().uri(page).with(officer.signedIn())).bodyText().contains("0 of 20,001 events");
		assertThat(this.mvc.get().uri(page + "/file").with(officer.signedIn())).hasStatus(404);

		this.jobs.runDue();

		assertThat(this.mvc.get().uri(page).with(officer.signedIn())).bodyText().contains("20,001 events", "Download");
		MvcTestResult file = this.mvc.get().uri(page + "/file").with(officer.signedIn()).exchange();
		assertThat(new String(new ByteArrayInputStream(file.getResponse().getContentAsByteArray()).readAllBytes(),
				StandardCharsets.UTF_8)
			.lines()
			.filter((line) -> line.startsWith("{\"type\":\"event\""))).hasSize(Exports.SMALL + 1);
		UUID id = UUID.fromString(page.substring(page.lastIndexOf('/') + 1));
		assertThat(List.of("history.export-asked", "history.exported", "history.downloaded"))
			.allSatisfy((code) -> assertThat(this.context.getBean(Fixtures.class).events(code, id)).isEqualTo(1));
		assertThat(this.mvc.get().uri(page).with(People.of(this.context).compliance().signedIn())).hasStatus(404);
	}

	@Test
	void whatIsKeptAboutOnePersonIsHandedOutWithoutOthersData() throws Exception {
		String greta = UUID.randomUUID().toString();
		append(Act.of("test.spoken-of")
			.by(new Actor(Actor.Kind.STAFF, UUID.randomUUID().toString(), "Administrator", "Amina Okafor", null, null))
			.personal("contact", greta, "Greta Hahn <greta@p.example>")
			.reason("Amina thinks so"));
		append(Act.of("test.other").reason("nothing of Greta's"));

		String file = export("csv", "person=" + greta).getResponse().getContentAsString(StandardCharsets.UTF_8);
		String lines = export("jsonl", "person=" + greta).getResponse().getContentAsString(StandardCharsets.UTF_8);

		assertThat(file.lines()).hasSize(2);
		assertThat(file).contains("test.spoken-of").doesNotContain("Amina", "test.other");
		assertThat(lines).contains("Greta Hahn").doesNotContain("Amina");
	}

	@Test
	void saysWhatIsWrongWithASearchInsteadOfExportingSomethingElse() {
		assertThat(export("csv", "from=yesterday")).hasStatus3xxRedirection()
			.flash()
			.extractingByKey("flash")
			.asString()
			.contains("Dates are written like");
		assertThat(export("pdf", "")).hasStatus3xxRedirection();
	}

	private MvcTestResult export(String format, String filter) {
		return this.mvc.post()
			.uri("/history/exports")
			.contentType(MediaType.APPLICATION_FORM_URLENCODED)
			.content("format=" + format + "&partner=" + this.partner + "&" + filter)
			.with(People.of(this.context).compliance().signedIn())
			.with(csrf())
			.exchange();
	}

	private static List<JsonNode> lines(MvcTestResult answer) throws Exception {
		return answer.getResponse()
			.getContentAsString(StandardCharsets.UTF_8)
			.lines()
			.map((line) -> JsonMapper.shared().readTree(line))
			.toList();
	}

	private void append(Act act) {
		this.transaction.executeWithoutResult((status) -> this.audit.append(act.partner(this.partner, "Nordwind")));
	}

}
