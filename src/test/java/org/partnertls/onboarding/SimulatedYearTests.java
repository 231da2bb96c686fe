package org.partnertls.onboarding;

import java.net.HttpCookie;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

import com.icegreen.greenmail.store.FolderException;
import com.icegreen.greenmail.util.GreenMail;
import jakarta.servlet.http.Cookie;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.Inbox;
import org.partnertls.Jobs;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.mail.Outbox;
import org.partnertls.mail.ReturnReport;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import org.partnertls.partner.Partners;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

/**
 * A year of two hundred partners, day by day, with whatever happens to partners: by
 * chance, but the same at each run. A small model beside the portal, {@link Life}, says
 * what must have come of it: states, due dates, people, every message with who got it and
 * its fate, every event. The portal, its database and its clock are this test's alone,
 * since no other lives a year later.
 */
@PortalTest
@TestPropertySource(properties = { "spring.application.name=a year later", "portal.people.kept=P90D" })
class SimulatedYearTests {

	private static final int PARTNERS = 200;

	private static final int DAYS = 365;

	/** The same at each run, since calendars are not the same in each year. */
	private static final Instant BEGINNING = Instant.parse("2040-01-09T08:00:00Z");

	/** Of a hundred days, on how many something happens that concerns many. */
	private static final int BUSY = 25;

	private static final List<String> COLLEAGUES = List.of("olu@contoso.example", "ada@contoso.example",
			"ben@contoso.example");

	@Autowired
	private ApplicationContext context;

	@Autowired
	Recertifications recertifications;

	@Autowired
	Passes passes;

	@Autowired
	Review review;

	@Autowired
	private Partners partners;

	@Autowired
	private Outbox outbox;

	@Autowired
	private GreenMail mailServer;

	@Autowired
	private Jobs jobs;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private TransactionTemplate transaction;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	TestClock clock;

	final Random random = new Random(20261128);

	private final List<Life> lives = new ArrayList<>();

	/** Letters to our own people that are about no one partner. */
	private final Map<String, Integer> letters = new TreeMap<>();

	People.Person inviter;

	People.Person reviewer;

	@Test
	void afterAYearEveryPartnerIsWhereASmallModelSaysWithEveryMessageAndEvent() throws Exception {
		this.clock.pass(Duration.between(this.clock.instant(), BEGINNING));
		this.inviter = People.of(this.context).admin();
		this.reviewer = People.of(this.context).admin();
		for (int i = 0; i < PARTNERS; i++) {
			Relation relation = Objects.requireNonNull(
					this.transaction.execute((status) -> Relation.active(this.context, this.inviter, this.reviewer)));
			// As if they had come one after the other in the year before.
			relation.moveDue(this.clock.instant().plus(Duration.ofHours(this.random.nextInt(24, 24 * 420))));
			this.lives.add(Life.active(relation, isMailed(), this.clock.instant()));
		}
		// What was written before is not looked at.
		this.jdbc.sql("delete from scheduled_tasks where task_name = 'mail'").update();
		TreeMap<String, Integer> played = new TreeMap<>();
		for (int day = 0; day < DAYS; day++) {
			this.clock.pass(Duration.ofDays(1));
			Instant now = this.clock.instant();
			this.lives.forEach((life) -> life.aDayHasCome(now));
			tellOfAlarms();
			lookAfter();
			// Who comes back lives on as another one.
			for (Life life : List.copyOf(this.lives)) {
				if (this.random.nextInt(1000) < life.unrest()) {
					chosen(LifeMove.ALL.stream().filter((move) -> move.isPossible(life)).toList(), LifeMove::weight)
						.ifPresent((move) -> {
							move.play(life, this);
							played.merge(move.name(), 1, Integer::sum);
						});
				}
			}
			if (this.random.nextInt(100) < BUSY) {
				chosen(ACTS, Act::weight).ifPresent((act) -> {
					act.what().accept(this);
					played.merge(act.name(), 1, Integer::sum);
				});
			}
			mailGoesOut();
		}
		System.out.println("Played in a year of " + this.lives.size() + " partners: " + played);
		List<String> wrong = new ArrayList<>();
		this.lives.forEach((life) -> life.compare(wrong));
		compareColleagues(wrong);
		assertThat(wrong).isEmpty();
		assertThat(LifeMove.ALL).extracting(LifeMove::name).as("every kind of event").isSubsetOf(played.keySet());
		assertThat(ACTS).extracting(Act::name).isSubsetOf(played.keySet());
		assertThat(this.lives).as("an invitation, a first task list, and a change that nobody went on with")
			.anyMatch((life) -> life.state.equals("EXPIRED") && !life.hasBegun)
			.anyMatch((life) -> life.state.equals("EXPIRED") && life.hasBegun)
			.anyMatch((life) -> life.hasChangeExpired);
	}

	private <T> Optional<T> chosen(List<T> possible, ToIntFunction<T> weightOf) {
		if (possible.isEmpty()) {
			return Optional.empty();
		}
		int weight = this.random.nextInt(possible.stream().mapToInt(weightOf).sum());
		for (T one : possible) {
			weight -= weightOf.applyAsInt(one);
			if (weight < 0) {
				return Optional.of(one);
			}
		}
		throw new AssertionError("weights that are none");
	}

	/** One letter however many alarms there are; of one it is about the partner. */
	private void tellOfAlarms() {
		Map<String, Integer> counts = new TreeMap<>();
		Map<String, Life> last = new TreeMap<>();
		this.lives.forEach((life) -> life.lookAtAlarms().forEach((template, count) -> {
			counts.merge(template, count, Integer::sum);
			last.put(template, life);
		}));
		counts.forEach((template, count) -> {
			String to = template.equals("alarm-opened") ? "administrators@contoso.example" : "duty@contoso.example";
			if (count == 1) {
				Objects.requireNonNull(last.get(template)).letter(template, to);
			}
			else {
				this.letters.merge(template + " " + to, 1, Integer::sum);
			}
		});
	}

	/** What db-scheduler would do: whatever is due of these partners, once. */
	private void lookAfter() {
		List.of("invitation-expiry", "hand-over-due", "people-reduction").forEach(this.jobs::runRecurring);
		Map<UUID, Life> byId = this.lives.stream()
			.collect(Collectors.toMap((life) -> life.relation.id, (life) -> life));
		List<UUID> due = this.jdbc.sql("""
				select task_instance from scheduled_tasks
				where task_name = 'recertification' and execution_time <= ?""")
			.param(this.clock.instant().atOffset(ZoneOffset.UTC))
			.query((row, number) -> UUID.fromString(row.getString(1)))
			.list();
		due.stream()
			.filter(byId::containsKey)
			.forEach((id) -> Objects.requireNonNull(byId.get(id)).relation.runIfDue());
		this.jobs.runRecurring("unfinished-task-lists");
		this.lives.stream().filter((life) -> life.relieved).forEach((life) -> life.relation.reliefIsOverdue());
		this.jobs.runRecurring("alarm-watch");
	}

	/**
	 * Letters about every eighth partner are sent, by SMTP, and those about none; of all
	 * others it is enough that they are posted: most of the year would go into them.
	 */
	private boolean isMailed() {
		return this.lives.size() % 8 == 0;
	}

	private void mailGoesOut() {
		this.jdbc.sql("""
				delete from scheduled_tasks t using letter l
				where t.task_name = 'mail' and t.task_instance = l.id::text and l.partner_id <> all(?)""")
			.param(this.lives.stream()
				.filter((life) -> life.isMailed)
				.map((life) -> life.relation.id)
				.toArray(UUID[]::new))
			.update();
		this.jobs.runDue("mail");
		try {
			this.mailServer.purgeEmailFromAllMailboxes();
		}
		catch (FolderException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Presses a button as somebody does. */
	void post(People.@Nullable Person who, String page, String... fields) {
		MockMvcTester.MockMvcRequestBuilder request = this.mvc.post().uri(page);
		for (int i = 0; i < fields.length; i += 2) {
			request.param(fields[i], fields[i + 1]);
		}
		if (who != null) {
			request.with(who.signedIn());
		}
		assertThat(request.with(csrf())).as(page).hasStatus3xxRedirection();
	}

	<T> T oneOf(Collection<T> all) {
		return List.copyOf(all).get(this.random.nextInt(all.size()));
	}

	String anotherThan(String colleague) {
		return oneOf(COLLEAGUES.stream().filter((one) -> !one.equals(colleague)).toList());
	}

	/** A colleague proves an address, and wants to come in somebody's place. */
	void takeOver(String from, String to) {
		MvcTestResult asked = this.mvc.post()
			.uri("/take-over")
			.param("name", "Kim Novak")
			.param("address", to)
			.param("colleague", from)
			.param("reason", "They have left")
			.with(csrf())
			.exchange();
		HttpCookie browser = HttpCookie.parse(String.valueOf(asked.getResponse().getHeader("Set-Cookie"))).getFirst();
		this.jobs.runDue("code-mail");
		assertThat(this.mvc.post()
			.uri("/take-over/code")
			.param("code", Inbox.codeReceived(this.context, to))
			.cookie(new Cookie(browser.getName(), browser.getValue()))
			.with(csrf())).hasStatusOk().bodyText().contains("Your colleague has been told");
	}

	/**
	 * The last letter to somebody comes back.
	 * @return its template
	 */
	String bounces(Life life, String recipient) {
		if (life.isMailed) {
			mailGoesOut();
		}
		record Last(UUID id, String template) {
		}
		Last letter = this.jdbc
			.sql("""
					select id, template from letter
					where partner_id = ? and recipient = ? and state <> 'RETURNED' order by created_at desc, id desc limit 1""")
			.params(life.relation.id, recipient)
			.query((row, number) -> new Last(row.getObject(1, UUID.class), row.getString(2)))
			.single();
		this.transaction.executeWithoutResult((status) -> assertThat(this.outbox.returned(
				new ReturnReport(letter.id(), EmailAddress.of(recipient), "550 5.1.1 No such user"),
				this.clock.instant()))
			.isTrue());
		return letter.template();
	}

	/**
	 * One of us invites a partner.
	 * @param former who comes back; null: somebody new
	 */
	void invite(@Nullable Life former) {
		String owner = (former != null) ? former.owner : oneOf(COLLEAGUES);
		Instant before = this.clock.instant();
		Relation relation = Relation.invited(this.context, (former != null) ? former.relation : null, owner,
				this.inviter, this.reviewer);
		this.lives.add(Life.invited(relation, owner, isMailed(), before, this.clock.instant()));
	}

	private List<Life> some(int most, Predicate<Life> which) {
		List<Life> found = new ArrayList<>(this.lives.stream().filter(which).toList());
		Collections.shuffle(found, this.random);
		return found.subList(0, Math.min(most, found.size()));
	}

	/** What one of us does to many at once. */
	private record Act(String name, int weight, Consumer<SimulatedYearTests> what) {
	}

	private static final List<Act> ACTS = List.of(new Act("somebody new is invited", 35, (year) -> year.invite(null)),
			new Act("a list is imported", 10, SimulatedYearTests::importList),
			new Act("many are reminded", 10, SimulatedYearTests::remindMany),
			new Act("many servers are looked at", 8, SimulatedYearTests::checkMany),
			new Act("lists are taken away", 8, SimulatedYearTests::takeListsAway),
			new Act("a colleague hands all partners over", 6, SimulatedYearTests::handAllOver),
			new Act("mail to a colleague comes back", 8, SimulatedYearTests::ownerBounces));

	/** Three new ones, one with another name, one as before, and one in error. */
	private void importList() {
		List<Life> known = some(2, Life::isLiving);
		Life renamed = known.getFirst();
		renamed.name = "Renamed " + renamed.domains.getFirst() + " " + this.random.nextInt(1000);
		renamed.event("partner.renamed");
		List<String> fresh = List.of(Fixtures.freshDomain(), Fixtures.freshDomain(), Fixtures.freshDomain());
		String owner = oneOf(COLLEAGUES);
		StringBuilder list = new StringBuilder(
				"organisation;domain;contact name;contact address;owner name;owner address;reason\r\n");
		known.forEach((life) -> list.append(
				life.name + ";" + life.domains.getFirst() + ";Ines;it@" + life.domains.getFirst() + ";;;Files\r\n"));
		fresh.forEach((domain) -> list.append("Partner " + domain + ";" + domain + ";Ines Tanner;it@" + domain
				+ ";A Colleague;" + owner + ";Files\r\n"));
		list.append("Wrong;not a domain;Ines;it@nowhere;;;Files\r\n");
		Instant before = this.clock.instant();
		post(this.inviter, "/partners/imports", "content", list.toString(), "reason", "Files", "invite", "true");
		this.clock.pass(Duration.ofSeconds(5));
		this.jobs.runDue("partner-import-invite");
		for (String domain : fresh) {
			Relation relation = Relation.of(this.context,
					this.partners.findByDomain(DomainName.of(domain)).orElseThrow().id(), this.reviewer);
			this.lives.add(Life.invited(relation, owner, isMailed(), before, this.clock.instant()));
		}
	}

	private void remindMany() {
		List<Life> asked = some(40, (life) -> true);
		bulk("remind", asked);
		this.clock.pass(Duration.ofSeconds(30));
		this.jobs.runDue("partner-reminder");
		asked.forEach((life) -> life.remindedByUs(this.clock.instant()));
	}

	private void checkMany() {
		List<Life> asked = some(40, (life) -> true);
		int domains = asked.stream().filter(Life::isLiving).mapToInt(Life::watched).sum();
		assertThat(bulk("check", asked).getMvcResult().getFlashMap().get("flash")).asString()
			.startsWith(domains + " domains are looked at");
	}

	private MvcTestResult bulk(String act, List<Life> asked) {
		MvcTestResult result = this.mvc.post()
			.uri("/partners/bulk")
			.param("act", act)
			.param("id", asked.stream().map((life) -> life.relation.id.toString()).toArray(String[]::new))
			.with(this.inviter.signedIn())
			.with(csrf())
			.exchange();
		assertThat(result).hasStatus3xxRedirection();
		return result;
	}

	/** By their state: as many as there must be. */
	private void takeListsAway() {
		Map<String, Long> expected = this.lives.stream()
			.collect(Collectors.groupingBy((life) -> life.state, TreeMap::new, Collectors.counting()));
		expected.forEach((state,
				count) -> assertThat(
						this.mvc.get().uri("/partners/list.csv").param("state", state).with(this.inviter.signedIn()))
					.as(state)
					.hasStatusOk()
					.bodyText()
					.satisfies((text) -> assertThat(text.lines().filter((line) -> !line.isBlank()))
						.hasSize(count.intValue() + 1)));
	}

	private void handAllOver() {
		String from = oneOf(COLLEAGUES);
		String to = anotherThan(from);
		post(this.inviter, "/owners/partners?of=" + from, "name", "A Colleague", "address", to, "reason", "On leave",
				"understood", "true");
		List<Life> theirs = this.lives.stream().filter((life) -> life.isLiving() && life.owner.equals(from)).toList();
		theirs.forEach((life) -> {
			life.owner = to;
			life.ownerUnreachable = false;
			life.event("partner.owner-changed");
		});
		if (!theirs.isEmpty()) {
			this.letters.merge("owner-changed " + to, 1, Integer::sum);
		}
	}

	/** The administrators are told once, until somebody else is named. */
	private void ownerBounces() {
		some(1, (life) -> life.isLiving() && life.hasLetter(life.owner)).forEach((told) -> {
			told.comesBack(bounces(told, told.owner), told.owner);
			List<Life> theirs = this.lives.stream()
				.filter((life) -> life.isLiving() && life.owner.equals(told.owner))
				.toList();
			if (theirs.stream().noneMatch((life) -> life.ownerUnreachable)) {
				this.letters.merge("administrators-owner administrators@contoso.example", 1, Integer::sum);
			}
			theirs.stream().filter((life) -> !life.ownerUnreachable).forEach((life) -> {
				life.ownerUnreachable = true;
				life.event("partner.unreachable.failed");
			});
		});
	}

	private void compareColleagues(List<String> wrong) {
		Map<String, Integer> found = Life.count(this.jdbc
			.sql("""
					select template || ' ' || recipient from letter
					where partner_id is null and template in ('owner-changed', 'administrators-owner', 'alarm-opened', 'alarm-escalated') and state = 'SENT'""")
			.query(String.class)
			.list());
		Life.differ("letters to colleagues", this.letters, found, wrong);
		Map<String, String> owners = this.partners.owners()
			.stream()
			.collect(Collectors.toMap((owner) -> owner.address().toString(),
					(owner) -> owner.count() + ((owner.returnedAt() != null) ? " unreachable" : "")));
		Map<String, String> expected = this.lives.stream()
			.filter(Life::isLiving)
			.collect(Collectors.groupingBy((life) -> life.owner))
			.entrySet()
			.stream()
			.collect(Collectors.toMap(Map.Entry::getKey, (owner) -> owner.getValue().size()
					+ (owner.getValue().stream().anyMatch((life) -> life.ownerUnreachable) ? " unreachable" : "")));
		Life.differ("owners", expected, owners, wrong);
	}

}
