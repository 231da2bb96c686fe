package org.partnertls.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class HistoryTests {

	@Autowired
	private AuditLog audit;

	@Autowired
	private History history;

	@Autowired
	private TransactionTemplate transaction;

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
		History.Page page = search(null, null, null, null, null);
		while (true) {
			page.rows().forEach((row) -> seen.add(row.id()));
			append(Act.of("test.page"));
			if (page.older() == null) {
				break;
			}
			page = search(null, null, null, page.older(), null);
		}

		assertThat(seen).hasSize(120).doesNotHaveDuplicates();
		assertThat(search(null, null, null, null, page.newer()).rows()).hasSize(History.PAGE);
	}

	@Test
	void findsByActOutcomeTimeAndWordsBesideTheEvent() {
		append(Act.of("test.find.one").reason("a very particular reason"));
		Instant between = this.clock.instant();
		this.clock.pass(Duration.ofSeconds(5));
		append(Act.of("test.find.two").refused());

		assertThat(search("test.find", null, null, null, null).rows()).hasSize(2);
		assertThat(search("test.find.two", null, null, null, null).rows()).hasSize(1);
		assertThat(search(null, "refused", null, null, null).rows()).extracting(History.Row::code)
			.containsExactly("test.find.two");
		assertThat(search(null, null, "PARTICULAR", null, null).rows()).extracting(History.Row::code)
			.containsExactly("test.find.one");
		assertThat(search(null, null, "100%_", null, null).rows()).isEmpty();
		assertThat(this.history.search(new History.Search(between, null, null, null, this.partner, null, null, null))
			.rows()).hasSize(1);
	}

	@Test
	void keepsTheWholeSearchInTheAddress() {
		for (int i = 0; i < History.PAGE + 1; i++) {
			append(Act.of("test.address").reason("a&b=\"c\""));
		}

		assertThat(this.mvc.get()
			.uri("/history?partner={p}&words={w}&act=test.address&outcome=success", this.partner, "a&b=")
			.with(People.of(this.context).compliance().signedIn())).hasStatusOk()
			.bodyText()
			.contains("words=a%26b%3D", "act=test.address", "before=");
	}

	@Test
	void saysWhichPartOfASearchItCouldNotRead() {
		assertThat(this.mvc.get()
			.uri("/history?from=yesterday&before=nonsense")
			.with(People.of(this.context).compliance().signedIn())).hasStatusOk()
			.bodyText()
			.contains("dates are written like 2026-11-23");
	}

	@Test
	void showsOneEventWithTheTextThatIsStored() {
		append(Act.of("test.show").reason("<script>alert(1)</script>"));
		UUID id = search("test.show", null, null, null, null).rows().getFirst().id();

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

	private History.Page search(String act, String outcome, String words, History.Cursor before, History.Cursor after) {
		return this.history.search(new History.Search(null, null, act, outcome, this.partner, words, before, after));
	}

}
