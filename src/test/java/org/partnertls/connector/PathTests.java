package org.partnertls.connector;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import lab.ExchangeFault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.partnertls.Fixtures;
import org.partnertls.exchange.InboundConnector;
import org.partnertls.exchange.MailFlowRule;
import org.partnertls.exchange.OutboundConnector;
import org.partnertls.organization.DomainName;

import org.springframework.beans.factory.annotation.Autowired;

import static org.assertj.core.api.Assertions.assertThat;

class PathTests extends TenantTest {

	@Autowired
	private Paths paths;

	@AfterEach
	void removeRules() {
		TENANT.removeRules();
	}

	private static final OutboundConnector OURS = PlanTests.outbound("ours", "To acme.example", "", "EncryptionOnly",
			List.of("acme.example"));

	private static final InboundConnector OURS_IN = PlanTests.inbound("ours-in", "From acme.example",
			List.of("acme.example"));

	private List<String> outbound(List<MailFlowRule> rules, OutboundConnector... others) {
		Tenant tenant = Tenant
			.of(java.util.stream.Stream.concat(java.util.stream.Stream.of(OURS), java.util.stream.Stream.of(others))
				.toList(), List.of());
		return this.paths
			.outbound(tenant.byGuid(Direction.OUTBOUND, "ours").orElseThrow(),
					new Paths.Facts(tenant, rules, Set.of(), List.of()), Map.of())
			.obstacles();
	}

	private static OutboundConnector other(String type, boolean routesAll, List<String> domains) {
		return new OutboundConnector("other", "Gateway", true, type, "Default", "", domains, List.of(), true, null,
				null, "Opportunistic", "Opportunistic", false, false, routesAll, false, false, false, List.of(), true,
				null, true, null, null);
	}

	private static MailFlowRule rule(String connector, List<String> domains) {
		return new MailFlowRule("Archive", true, "Enforce", connector, domains);
	}

	@Test
	void whatTakesMailAwayFromOurOutboundConnectorIsNamed() {
		assertThat(outbound(List.of())).isEmpty();
		assertThat(outbound(List.of(rule("Gateway", List.of())))).singleElement()
			.asString()
			.contains("rule \"Archive\"", "\"Gateway\"");
		assertThat(outbound(List.of(rule("Gateway", List.of("acme.example"))))).hasSize(1);
		assertThat(outbound(List.of(rule("Gateway", List.of("other.example")), rule("to ACME.example", List.of()),
				rule("OURS", List.of()), new MailFlowRule("Off", false, "Enforce", "Gateway", List.of()),
				new MailFlowRule("Audited", true, "Audit", "Gateway", List.of()))))
			.isEmpty();
		assertThat(outbound(List.of(), other("OnPremises", true, List.of("*")))).singleElement()
			.asString()
			.contains("hybrid connector");
		assertThat(outbound(List.of(), other("Partner", false, List.of("acme.example")))).singleElement()
			.asString()
			.contains("is not defined");
		assertThat(outbound(List.of(), other("Partner", false, List.of("*")))).as("the exact domain wins").isEmpty();
	}

	private static InboundConnector inboundOther(String type, boolean byAddress, boolean byCertificate) {
		return new InboundConnector("other", "Gateway", true, type, "Default", "", List.of("*"),
				List.of("198.51.100.0/24"), true, byCertificate, byAddress, byCertificate ? "*.acme.example" : null,
				List.of(), List.of(), false, false, false, List.of(), List.of(), true, null, null);
	}

	private List<String> inbound(Paths.Hosts hosts, List<String> atOurMx, Set<String> blocked,
			InboundConnector... others) {
		Tenant tenant = Tenant.of(List.of(),
				java.util.stream.Stream.concat(java.util.stream.Stream.of(OURS_IN), java.util.stream.Stream.of(others))
					.toList());
		return this.paths
			.inbound(tenant.byGuid(Direction.INBOUND, "ours-in").orElseThrow(), hosts,
					new Paths.Facts(tenant, List.of(), blocked, atOurMx))
			.obstacles();
	}

	@Test
	void whatIsFoundBeforeOurInboundConnectorIsNamed() {
		Paths.Hosts hosts = new Paths.Hosts(List.of("198.51.100.7"), List.of("mx1.acme.example"));
		assertThat(inbound(hosts, List.of(), Set.of())).isEmpty();
		assertThat(inbound(hosts, List.of(), Set.of("ours-in"))).singleElement().asString().contains("blocked");
		assertThat(inbound(hosts, List.of("mail arrives elsewhere."), Set.of()))
			.containsExactly("mail arrives elsewhere.");
		assertThat(inbound(hosts, List.of(), Set.of(), inboundOther("Partner", true, false))).singleElement()
			.asString()
			.contains("the addresses 198.51.100.0/24");
		assertThat(inbound(hosts, List.of(), Set.of(), inboundOther("OnPremises", false, false))).hasSize(1);
		assertThat(inbound(hosts, List.of(), Set.of(), inboundOther("Partner", false, true))).singleElement()
			.asString()
			.contains("the certificate *.acme.example");
		assertThat(inbound(Paths.Hosts.UNKNOWN, List.of(), Set.of(), inboundOther("Partner", true, true))).isEmpty();
		assertThat(inbound(hosts, List.of(), Set.of(), inboundOther("Partner", false, false))).isEmpty();
	}

	@Test
	void aDirectionIsCalledEnforcedOnlyWhereMailTakesOurConnector() {
		String domain = Fixtures.freshDomain();
		Wanted wanted = wanted(domain);
		approved(wanted);
		push();
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();
		assertThat(this.connectors.directions(wanted.partnerId()).out().words())
			.isEqualTo("always uses TLS (path not checked yet)");

		check(wanted);
		assertThat(this.connectors.directions(wanted.partnerId()).out().words()).isEqualTo("always uses TLS");
		assertThat(this.connectors.directions(wanted.partnerId()).in().words()).isEqualTo("rejected without TLS");
		assertThat(this.paths.of(wanted.partnerId()).get(Direction.OUTBOUND).notes())
			.containsExactly("Exchange Online says that our connector serves " + domain + ".");

		TENANT.rule("Archive", "Gateway", List.of(domain), true);
		check(wanted);
		assertThat(this.connectors.directions(wanted.partnerId()).out()).satisfies((way) -> {
			assertThat(way.state()).isEqualTo(Directions.State.NOT_ENFORCEABLE);
			assertThat(way.words()).startsWith("not enforceable here, because the mail-flow rule \"Archive\"");
		});
		TENANT.removeRules();
		TENANT.forbid("Get-TransportRule", "Get-OutboundConnectorReport");
		check(wanted);
		TENANT.forbid();
		assertThat(this.connectors.directions(wanted.partnerId()).out().words()).isEqualTo("always uses TLS");
		assertThat(this.paths.of(wanted.partnerId()).get(Direction.OUTBOUND).notes()).containsExactly(
				"Mail-flow rules could not be read; one of them may route mail elsewhere.",
				"We may not ask Exchange Online which connector it uses.");
	}

	@Test
	void aPassingFailureTakesNoObstacleAway() {
		TENANT.role(true);
		Wanted wanted = enforced();
		String domain = wanted.domains().first().ascii();
		TENANT.rule("Archive", "Gateway", List.of(domain), true);
		check(wanted);
		assertThat(way(wanted).state()).isEqualTo(Directions.State.NOT_ENFORCEABLE);

		for (String cmdlet : List.of("Get-TransportRule", "Get-BlockedConnector")) {
			busy(cmdlet);
			assertThat(this.paths.check(Map.of(wanted.partnerId(), Paths.Hosts.UNKNOWN), List.of())).isPresent();
			TENANT.forgetFaults();
			assertThat(way(wanted).state()).isEqualTo(Directions.State.NOT_ENFORCEABLE);
			assertThat(this.paths.of(wanted.partnerId()).get(Direction.OUTBOUND).notes())
				.filteredOn((note) -> note.contains("could not be checked"))
				.singleElement()
				.asString()
				.contains("busy");
		}
		TENANT.removeRules();
		check(wanted);
		assertThat(way(wanted).state()).isEqualTo(Directions.State.ENFORCED);
		assertThat(this.paths.of(wanted.partnerId()).get(Direction.OUTBOUND).notes())
			.noneMatch((note) -> note.contains("could not be checked"));
	}

	@Test
	void whoeverIsAskedForTogetherCostsOneListing() {
		TENANT.role(true);
		List<Wanted> many = new java.util.ArrayList<>();
		for (int i = 0; i < 7; i++) {
			many.add(wanted(Fixtures.freshDomain()));
		}
		many.forEach(this::approved);
		push();
		many.forEach((wanted) -> this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN));
		push();
		assertThat(many).allSatisfy((wanted) -> {
			assertThat(change(this.connectors.latest(wanted.partnerId()).orElseThrow().id()).state()).isEqualTo("DONE");
			assertThat(way(wanted).state()).isEqualTo(Directions.State.UNCHECKED);
		});

		java.time.Instant before = java.time.Instant.now();
		runAsked();
		assertThat(callsSince(before)).filteredOn((call) -> !call.equals("Get-OutboundConnector"))
			.containsExactlyInAnyOrder("Get-InboundConnector", "Get-TransportRule", "Get-BlockedConnector");
		assertThat(many).allSatisfy((wanted) -> assertThat(way(wanted).state()).isEqualTo(Directions.State.ENFORCED));
		before = java.time.Instant.now();
		runAsked();
		assertThat(callsSince(before)).as("nobody asked").isEmpty();

		this.paths.ask(many.getFirst().partnerId());
		runAsked();
		assertThat(this.paths.of(many.getFirst().partnerId()).get(Direction.OUTBOUND).notes())
			.as("few are looked at thoroughly")
			.anyMatch((note) -> note.contains("our connector serves"));
		// The list is short, and other tests have left partners who were never looked at.
		this.jdbc.sql("""
				insert into mail_path (tenant_id, partner_id, direction, checked_at, obstacles, notes, served_at)
				select distinct c.tenant_id, c.partner_id, 'OUTBOUND', :later, '[]', '[]', :later
				from connector c where c.partner_id not in (:ours)
				on conflict (tenant_id, partner_id, direction) do update set served_at = :later""")
			.param("later", this.clock.instant().plus(Duration.ofDays(1)).atOffset(java.time.ZoneOffset.UTC))
			.param("ours", many.stream().map(Wanted::partnerId).toList())
			.update();
		assertThat(this.paths.oldest()).as("who was never looked at thoroughly comes first")
			.containsSubsequence(many.getLast().partnerId(), many.getFirst().partnerId());
	}

	@Test
	void aLookThatDoesNotWorkIsTakenUpAgain() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		approved(wanted);
		push();
		TENANT.role(false);
		runAsked();
		TENANT.role(true);
		assertThat(this.paths.of(wanted.partnerId())).isEmpty();
		this.clock.pass(Duration.ofMinutes(5));
		runAsked();
		assertThat(this.paths.of(wanted.partnerId())).isNotEmpty();
	}

	@Test
	void whatExchangeOnlineSaidOfADomainStaysUntilItSaysOtherwise() {
		Wanted wanted = enforced();
		String domain = wanted.domains().first().ascii();
		check(wanted);
		Instant asked = servedAt(wanted);
		this.clock.pass(Duration.ofHours(6));
		busy("Get-OutboundConnectorReport");
		check(wanted);
		assertThat(this.paths.of(wanted.partnerId()).get(Direction.OUTBOUND).notes())
			.contains("Exchange Online says that our connector serves " + domain + ".")
			.anyMatch((note) -> note.startsWith("Which connector serves " + domain + " could not be checked"));
		assertThat(servedAt(wanted)).as("the next round asks again").isEqualTo(asked);
	}

	@Test
	void domainsThatAreNotAskedAboutAreNamed() {
		String domain = Fixtures.freshDomain();
		Wanted one = wanted(domain);
		TreeSet<DomainName> many = new TreeSet<>(one.domains());
		for (int i = 0; i < 21; i++) {
			many.add(DomainName.of("n" + i + "." + domain));
		}
		Wanted wanted = new Wanted(one.partnerId(), one.partnerName(), many, one.tlsLevel(), null,
				one.validationRecipients(), one.restriction(), one.reference());
		approved(wanted);
		push();
		check(wanted);
		assertThat(this.paths.of(wanted.partnerId()).get(Direction.OUTBOUND).notes())
			.contains("Exchange Online was asked about 20 domains, and not about n9." + domain + ", " + domain + ".");
	}

	private Instant servedAt(Wanted wanted) {
		return this.jdbc.sql("select served_at from mail_path where partner_id = ? and direction = 'OUTBOUND'")
			.param(wanted.partnerId())
			.query((row, number) -> row.getObject(1, OffsetDateTime.class).toInstant())
			.single();
	}

	private static void busy(String cmdlet) {
		for (int i = 0; i < 10; i++) {
			TENANT.failNext(ExchangeFault.throttled(Duration.ZERO).on(cmdlet));
		}
	}

	private Directions.Way way(Wanted wanted) {
		return this.connectors.directions(wanted.partnerId()).out();
	}

	private void runAsked() {
		RecurringTask<?> job = this.context.getBean("mailPathsAsked", RecurringTask.class);
		job.execute(null, null);
	}

	private void check(Wanted wanted) {
		assertThat(this.paths.check(Map.of(wanted.partnerId(), Paths.Hosts.UNKNOWN), List.of())).isEmpty();
	}

}
