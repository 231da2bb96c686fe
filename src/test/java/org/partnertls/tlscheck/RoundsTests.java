package org.partnertls.tlscheck;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import lab.DnsServer.Mood;
import lab.PartnerMailServer;
import lab.PartnerMailServer.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.PartnerSide;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.account.People;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Condition.State;
import org.partnertls.tlscheck.Verdict.Outcome;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.event.ApplicationEvents;
import org.springframework.test.context.event.RecordApplicationEvents;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
@RecordApplicationEvents
class RoundsTests {

	@Autowired
	private Rounds rounds;

	@Autowired
	private TlsWatch watch;

	@Autowired
	private TlsChecks checks;

	@Autowired
	private SelfTest selfTest;

	@Autowired
	private PartnerSide partners;

	@Autowired
	private TestClock clock;

	@Autowired
	private Fixtures fixtures;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private ApplicationContext context;

	@Autowired
	private ApplicationEvents events;

	private final UUID partner = UUID.randomUUID();

	private final DomainName domain = new DomainName(Fixtures.freshDomain());

	private PartnerMailServer server;

	@BeforeEach
	void start() {
		// What other tests watch is not this test's matter.
		this.jdbc.sql("""
				update watched_domain set watched_since = null, due_at = null, partner_id = null, partner_name = null
				where watched_since is not null""").update();
		this.server = this.partners.mailServer(this.domain.ascii(), this.clock.instant());
		this.watch.watch(this.partner, "Acme", Set.of(this.domain));
	}

	@AfterEach
	void close() {
		this.partners.ours().fault(Fault.NONE);
		this.server.close();
	}

	@Test
	void aWatchedDomainIsLookedAtAtOnceAndThenOnceADay() {
		work();
		assertThat(domain().condition().state()).isEqualTo(State.GOOD);
		assertThat(this.checks.runs(this.domain, null, 10)).singleElement().satisfies((run) -> {
			assertThat(run.outcome()).isEqualTo(Outcome.PASS);
			assertThat(run.counted()).isTrue();
			assertThat(run.became()).isEqualTo("GOOD");
			assertThat(run.rulesVersion()).isEqualTo(Report.RULES_VERSION);
		});
		int connections = this.server.connections();
		work();
		assertThat(this.server.connections()).isEqualTo(connections);
		for (int hour = 0; hour < 24 * 4; hour++) {
			this.clock.pass(Duration.ofHours(1));
			work();
		}
		assertThat(this.checks.runs(this.domain, null, 10)).hasSizeBetween(4, 5);
	}

	@Test
	void aBadHourIsNoStateAndABadDayIsOne() {
		work();
		this.server.fault(Fault.NO_STARTTLS);
		workWhenDue();
		assertThat(domain().outcome()).isEqualTo(Outcome.FAIL);
		assertThat(domain().condition().state()).isEqualTo(State.GOOD);
		assertThat(domain().doubt()).contains("before it counts");
		workWhenDue();
		assertThat(domain().condition().state()).isEqualTo(State.GOOD);
		workWhenDue();
		assertThat(domain().condition().state()).isEqualTo(State.FAILING);
		assertThat(events(TlsWatchEvent.Failing.class)).singleElement()
			.satisfies((event) -> assertThat(event.sentence()).contains("STARTTLS"));
		assertThat(this.fixtures.events("tlscheck.failing", this.partner)).isEqualTo(1);

		this.server.fault(Fault.NONE);
		workWhenDue();
		assertThat(domain().condition().state()).isEqualTo(State.GOOD);
		assertThat(events(TlsWatchEvent.Recovered.class)).hasSize(1);
	}

	@Test
	void anExpiredCertificateCountsAtOnce() {
		work();
		this.server.fault(Fault.EXPIRED);
		workWhenDue();
		assertThat(domain().condition().state()).isEqualTo(State.FAILING);
	}

	@Test
	void aRateLimitIsInconclusiveAndTheServerIsLeftAlone() {
		work();
		this.server.fault(Fault.GREET_421);
		workWhenDue();
		assertThat(domain().outcome()).isEqualTo(Outcome.INCONCLUSIVE);
		assertThat(domain().condition().state()).isEqualTo(State.GOOD);
		int connections = this.server.connections();
		this.clock.pass(Duration.ofMinutes(20));
		this.rounds.beginNow(this.partner.toString());
		work();
		assertThat(this.server.connections()).isEqualTo(connections);
		this.server.fault(Fault.NONE);
		this.clock.pass(Duration.ofHours(3));
		work();
		assertThat(domain().outcome()).isEqualTo(Outcome.PASS);
	}

	@Test
	void ourOwnOutageChangesNobodysStateAndIsSaid() {
		work();
		this.server.fault(Fault.EXPIRED);
		this.partners.ours().fault(Fault.HANG_UP);
		workWhenDue();
		assertThat(this.selfTest.last()).hasValueSatisfying((test) -> {
			assertThat(test.passed()).isFalse();
			assertThat(test.egress()).isFalse();
			assertThat(test.words()).contains("port 25");
		});
		assertThat(this.checks.runs(this.domain, null, 10)).hasSize(1);
		this.clock.pass(Duration.ofHours(30));
		work();
		assertThat(domain().condition().state()).isEqualTo(State.GOOD);
		assertThat(this.rounds.isMissed()).isTrue();

		this.partners.ours().fault(Fault.NONE);
		work();
		assertThat(domain().condition().state()).isEqualTo(State.FAILING);
		assertThat(this.rounds.isMissed()).isFalse();
	}

	@Test
	void aResolverThatChecksNoSignaturesIsOurOwnOutage() {
		work();
		this.server.fault(Fault.EXPIRED);
		this.partners.dns.mood(PartnerSide.BOGUS, Mood.HONEST);
		workWhenDue();
		assertThat(this.selfTest.last()).hasValueSatisfying((test) -> {
			assertThat(test.resolver()).isFalse();
			assertThat(test.egress()).isTrue();
			assertThat(test.words()).contains(PartnerSide.BOGUS);
		});
		assertThat(domain().condition().state()).isEqualTo(State.GOOD);
		this.partners.dns.mood(PartnerSide.BOGUS, Mood.BOGUS);
		work();
		assertThat(domain().condition().state()).isEqualTo(State.FAILING);
	}

	@Test
	void aTimeInWhichNothingWasKnownStandsInTheHistory() {
		assertThat(this.watch.unknownSince(domain())).isEqualTo(domain().watchedSince());
		work();
		assertThat(this.watch.unknownSince(domain())).isNull();
		workWhenDue();
		assertThat(this.fixtures.events("tlscheck.gap", this.partner)).isZero();
		Instant last = domain().checkedAt();
		this.clock.pass(Duration.ofDays(2));
		assertThat(this.watch.unknownSince(domain())).isEqualTo(last);
		work();
		assertThat(this.watch.unknownSince(domain())).isNull();
		assertThat(this.fixtures.events("tlscheck.gap", this.partner)).isEqualTo(1);

		this.server.fault(Fault.GREET_554);
		workWhenDue();
		Instant unclear = domain().checkedAt();
		assertThat(this.watch.unknownSince(domain())).isNull();
		for (int i = 0; i < 3; i++) {
			workWhenDue();
		}
		assertThat(this.watch.unknownSince(domain())).isEqualTo(unclear);
		this.server.fault(Fault.NONE);
		workWhenDue();
		assertThat(this.watch.unknownSince(domain())).isNull();
		assertThat(this.fixtures.events("tlscheck.gap", this.partner)).isEqualTo(2);
	}

	@Test
	void whatBreaksOffInTheMiddleGoesOnWithoutLookingTwice() {
		List<DomainName> many = java.util.stream.IntStream.range(0, 8)
			.mapToObj((i) -> new DomainName("d" + i + "." + this.domain))
			.toList();
		many.forEach((one) -> this.partners.dns.putMx(one.ascii(), 10, this.server.host()));
		this.watch.watch(this.partner, "Acme", Set.copyOf(many));
		this.rounds.beginNow(this.partner.toString());
		AtomicInteger asked = new AtomicInteger();
		this.rounds.work(() -> asked.incrementAndGet() > 4);
		assertThat(many.stream().filter((one) -> !this.checks.runs(one, null, 10).isEmpty())).hasSizeBetween(1, 7);
		assertThat(this.rounds.underWay()).isPresent();
		work();
		assertThat(many).allSatisfy((one) -> assertThat(this.checks.runs(one, null, 10)).hasSize(1));
		assertThat(this.rounds.underWay()).isEmpty();
	}

	@Test
	void oneServerWithManyDomainsIsAskedOnceForAll() {
		List<DomainName> many = java.util.stream.IntStream.range(0, 8)
			.mapToObj((i) -> new DomainName("d" + i + "." + this.domain))
			.toList();
		many.forEach((one) -> this.partners.dns.putMx(one.ascii(), 10, this.server.host()));
		work();
		int connections = this.server.connections();
		this.watch.watch(this.partner, "Acme", Set.copyOf(many));
		work();
		assertThat(this.server.connections()).isEqualTo(connections);
		for (DomainName one : many) {
			assertThat(this.watch.find(one))
				.hasValueSatisfying((found) -> assertThat(found.condition().state()).isEqualTo(State.GOOD));
		}
	}

	@Test
	void aRoundHasFinishedWhenEveryDomainWasLookedAt() {
		this.rounds.beginNow(this.partner.toString());
		Rounds.Round round = this.rounds.underWay().orElseThrow();
		assertThat(this.rounds.waiting(round)).isEqualTo(1);
		work();
		assertThat(this.rounds.underWay()).isEmpty();
		assertThat(this.rounds.rounds(1)).singleElement().satisfies((last) -> {
			assertThat(last.id()).isEqualTo(round.id());
			assertThat(last.domains()).isEqualTo(1);
			assertThat(last.failing()).isZero();
		});
		assertThat(this.fixtures.events("tlscheck.round-finished", round.id())).isEqualTo(1);
	}

	@Test
	void aRoundThatDoesNotHappenIsAnAlarmOnce() {
		work();
		this.partners.ours().fault(Fault.HANG_UP);
		this.clock.pass(Duration.ofHours(25));
		work();
		this.clock.pass(Duration.ofHours(30));
		work();
		work();
		assertThat(this.rounds.isMissed()).isTrue();
		assertThat(this.context.getBean(RoundHealth.class).health().getStatus()).isEqualTo(RoundHealth.WARNING);
		assertThat(this.events.stream(TlsRoundMissed.class)).singleElement()
			.satisfies((missed) -> assertThat(missed.waiting()).isEqualTo(1));
	}

	@Test
	void whatIsNotAsApprovedIsToldOnceWithItsEffect() {
		work();
		this.watch.approve(this.domain, Level.DOMAIN_VALIDATION, this.server.host());
		this.partners.dns.putMx(this.domain.ascii(), 20, "mx9." + this.domain);
		PartnerMailServer other = this.partners.mailServer("other." + this.domain, this.clock.instant());
		this.partners.dns.putAddress("mx9." + this.domain, other.address());
		other.identity(this.partners.identity("mx9." + this.domain, this.clock.instant()));
		workWhenDue();
		assertThat(domain().difference()).contains("New mail servers: mx9." + this.domain,
				"demands the certificate name " + this.server.host(), "would be held back");
		assertThat(domain().outcome()).isEqualTo(Outcome.FAIL);
		workWhenDue();
		assertThat(events(TlsWatchEvent.Differs.class)).singleElement().satisfies((event) -> {
			assertThat(event.effect()).contains("mx9." + this.domain);
			assertThat(event.approved().hosts()).containsExactly(this.server.host());
			assertThat(event.seen().hosts()).containsExactlyInAnyOrder(this.server.host(), "mx9." + this.domain);
			assertThat(event.outbound()).isEqualTo(Outcome.FAIL);
			assertThat(event.tlsDomain()).isEqualTo("*." + this.domain);
			assertThat(event.platformChanged()).isFalse();
		});
		assertThat(this.fixtures.events("tlscheck.differs", this.partner)).isEqualTo(1);
		other.close();
	}

	@Test
	void whatWasApprovedBeforeAnyCheckIsComparedFromTheFirstOn() {
		this.watch.approve(this.domain, Level.CERTIFICATE_VALIDATION, null);
		work();
		assertThat(domain().approved()).isNotNull()
			.satisfies((approved) -> assertThat(approved.hosts()).containsExactly(this.server.host()));
		assertThat(domain().difference()).isNull();
	}

	@Test
	void aCertificateThatRunsOutIsWarnedAboutOnce() {
		this.server
			.identity(this.partners.identity(this.server.host(), this.clock.instant().minus(Duration.ofDays(79))));
		work();
		workWhenDue();
		assertThat(events(TlsWatchEvent.CertificateExpires.class)).singleElement().satisfies((event) -> {
			assertThat(event.host()).isEqualTo(this.server.host());
			assertThat(event.own()).isTrue();
		});
		assertThat(domain().expires(this.clock.instant())).isTrue();
		assertThat(this.watch.list(DomainFilter.of(this.domain.ascii(), "expiring"), null, 10)).hasSize(1);
	}

	@Test
	void anotherCertificateIsWarnedAboutAgain() {
		Instant now = this.clock.instant();
		this.server.identity(this.partners.identity(this.server.host(), now.minus(Duration.ofDays(79))));
		work();
		this.server.identity(this.partners.identity(this.server.host(), now.minus(Duration.ofDays(80))));
		workWhenDue();
		assertThat(events(TlsWatchEvent.CertificateExpires.class)).hasSize(2);
	}

	@Test
	void whatIsNoLongerWatchedIsLeftAlone() {
		work();
		int connections = this.server.connections();
		this.watch.watch(this.partner, "Acme", Set.of());
		this.clock.pass(Duration.ofDays(3));
		work();
		assertThat(this.server.connections()).isEqualTo(connections);
		assertThat(domain().watched()).isFalse();
		assertThat(this.fixtures.events("tlscheck.watch-ended", this.partner)).isEqualTo(1);
	}

	@Test
	void sayingTheSameAgainChangesNothing() {
		work();
		WatchedDomain before = domain();
		this.watch.watch(this.partner, "Acme", Set.of(this.domain));
		assertThat(domain()).isEqualTo(before);
		assertThat(this.fixtures.events("tlscheck.watch-began", this.partner)).isEqualTo(1);
	}

	@Test
	void whatChangesSlowlyIsLookedAtWeeklyAndRememberedBetween() {
		work();
		int deep = this.server.connections();
		assertThat(newest().depth()).isEqualTo(Report.Depth.WEEKLY);
		assertThat(newest().hosts().getFirst().addresses().getFirst().further()).isNotNull();
		workWhenDue();
		assertThat(this.server.connections()).isEqualTo(deep + 1);
		assertThat(newest().depth()).isEqualTo(Report.Depth.DAILY);
		assertThat(newest().hosts().getFirst().addresses().getFirst().further()).isNotNull();
		this.clock.pass(Duration.ofDays(7));
		work();
		assertThat(newest().depth()).isEqualTo(Report.Depth.WEEKLY);
	}

	@Test
	void whatOlderRulesJudgedIsJudgedAgainFromTheReportsKept() {
		work();
		this.jdbc
			.sql("update watched_domain set rules_version = 0, outcome = 'FAIL', sentence = 'old' where domain = ?")
			.param(this.domain.ascii())
			.update();
		while (this.rounds.judgeAgain() > 0) {
			// Until nothing is left.
		}
		assertThat(domain().outcome()).isEqualTo(Outcome.PASS);
		assertThat(domain().sentence()).isNotEqualTo("old");
	}

	@Test
	void oldChecksGoButTheNewestAndWhatChangedAStateStay() {
		work();
		this.clock.pass(Duration.ofHours(28));
		work();
		this.clock.pass(Duration.ofHours(28));
		work();
		List<UUID> all = this.checks.runs(this.domain, null, 10).stream().map(TlsChecks.Run::id).toList();
		assertThat(all).hasSize(3);
		this.clock.pass(Duration.ofDays(181));
		this.checks.purge();
		assertThat(this.checks.runs(this.domain, null, 10)).extracting(TlsChecks.Run::id)
			.containsExactly(all.getFirst(), all.getLast());
	}

	@Test
	void nobodyAsksWithoutEnd() {
		People.Person person = People.of(this.context).admin();
		for (int i = 0; i < 30; i++) {
			assertThat(this.checks.ask(new DomainName("d" + i + "." + this.domain), person.who()))
				.isInstanceOf(Asked.Granted.class);
		}
		assertThat(this.checks.ask(this.domain, person.who())).isInstanceOf(Asked.TooMany.class);
		this.clock.pass(Duration.ofMinutes(61));
		assertThat(this.checks.ask(this.domain, person.who())).isInstanceOf(Asked.Granted.class);
	}

	private void work() {
		this.rounds.work(() -> false);
	}

	private void workWhenDue() {
		Instant due = domain().dueAt();
		this.clock.pass(Duration.between(this.clock.instant(), due).plusSeconds(1));
		// A result of an hour ago would still do.
		this.clock.pass(Duration.ofMinutes(1));
		work();
	}

	private Report newest() {
		return this.checks.latestFinished(this.domain).map(TlsCheck::report).orElseThrow();
	}

	private WatchedDomain domain() {
		return this.watch.find(this.domain).orElseThrow();
	}

	private <T extends TlsWatchEvent> List<T> events(Class<T> kind) {
		return this.events.stream(kind).filter((event) -> event.partnerId().equals(this.partner)).toList();
	}

}
