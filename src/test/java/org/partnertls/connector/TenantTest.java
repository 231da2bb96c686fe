package org.partnertls.connector;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

import lab.ExchangeOnlineDouble;
import lab.ExchangeValidator;
import org.junit.jupiter.api.AfterEach;
import org.partnertls.Fixtures;
import org.partnertls.Jobs;
import org.partnertls.PortalTest;
import org.partnertls.TestClock;
import org.partnertls.audit.Actor;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

import org.partnertls.account.People;
import org.partnertls.partner.Invitation;
import org.partnertls.partner.NewPartner;
import org.partnertls.partner.Partners;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The whole portal with a tenant of its own, over real HTTP.
 */
@PortalTest
public abstract class TenantTest {

	static final UUID INVITER = UUID.fromString("00000000-0000-7000-8000-000000000001");

	static final UUID REVIEWER = UUID.fromString("00000000-0000-7000-8000-000000000002");

	static final Actor ADMIN = new Actor(Actor.Kind.STAFF, REVIEWER.toString(), "Administrator", "Amina Okafor", null,
			null);

	static final LocalTime TEN = LocalTime.of(10, 0);

	/** A validation message that comes back. */
	static final ExchangeValidator DISCONTENT = (recipients, connector) -> List
		.of(new ExchangeValidator.Task("Send test email", false, Map.of("Detail", "550 5.7.1 no")));

	protected static final ExchangeOnlineDouble TENANT = start();

	@Autowired
	Connectors connectors;

	@Autowired
	Pusher pusher;

	@Autowired
	Validation validation;

	@Autowired
	Jobs jobs;

	@Autowired
	TestClock clock;

	@Autowired
	Fixtures fixtures;

	@Autowired
	JdbcClient jdbc;

	@Autowired
	Partners partners;

	@Autowired
	ConfigurableApplicationContext context;

	@DynamicPropertySource
	static void tenant(DynamicPropertyRegistry registry) {
		TENANT.properties().forEach((key, value) -> registry.add(key, () -> value));
		Map.of("propagation", "0s", "validation-tries", "3", "validation-pause", "0s", "read-back-pause", "0s",
				"read-back-tries", "12", "most-changes-per-hour", "100000")
			.forEach((key, value) -> registry.add("portal.connector." + key, () -> value));
		// A refused question is asked again at once, and who is slow is soon too slow.
		Map.of("retry-pause", "0s", "read-timeout", "2s", "write-timeout", "400ms", "validate-timeout", "400ms")
			.forEach((key, value) -> registry.add("portal.exchange." + key, () -> value));
		registry.add("portal.test-mailbox.address", () -> "tls-test@contoso.example");
	}

	private static ExchangeOnlineDouble start() {
		try {
			return ExchangeOnlineDouble.start();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Leaves nothing due that would meet the faults of the next test. */
	@AfterEach
	void endWhatIsOpen() {
		TENANT.forgetFaults();
		TENANT.validator(ExchangeValidator.CONTENT);
		TENANT.role(true);
		TENANT.invisibleReads(0);
		this.pusher.hook((moment, step) -> {
		});
		this.validation.hook((moment) -> {
		});
		this.connectors.resume(ADMIN);
		this.jdbc.sql("select distinct partner_id from connector_relief where state <> 'ENDED'")
			.query(UUID.class)
			.list()
			.forEach((partner) -> this.connectors.endRelief(partner, ADMIN));
		this.jdbc.sql("select id from connector_change where state not in ('DONE', 'VOID')")
			.query(UUID.class)
			.list()
			.forEach((change) -> this.connectors.revoke(change, "The test is over."));
		this.pusher.run();
	}

	/** A new partner whose connectors enforce TLS in both directions. */
	Wanted enforced() {
		Wanted wanted = wanted(Fixtures.freshDomain());
		UUID id = approved(wanted);
		this.connectors.proven(wanted.partnerId(), this.clock.instant(), Duration.ZERO, TEN);
		push();
		assertThat(change(id).state()).isEqualTo("DONE");
		return wanted;
	}

	/** What a new partner of this domain shall have. */
	Wanted wanted(String domain) {
		DomainName name = DomainName.of(domain);
		Invitation invitation = this.partners.invite(new NewPartner("Partner " + domain, name, "Greta Hahn",
				new EmailAddress("greta", name), "Ines Falk", EmailAddress.of("ines.falk@contoso.example"), "Payroll",
				People.of(this.context).admin().who()));
		return wanted(((Invitation.Invited) invitation).id(), domain);
	}

	static Wanted wanted(UUID partner, String domain) {
		return new Wanted(partner, "Partner " + domain, new TreeSet<>(List.of(DomainName.of(domain))),
				TlsLevel.CERTIFICATE_VALIDATION, null, List.of(EmailAddress.of("postmaster@" + domain)),
				new Wanted.Unrestricted(), "TLS-" + domain.replace('.', '-'));
	}

	/** The same for servers whose certificate has this name. */
	static Wanted stricter(Wanted wanted) {
		return new Wanted(wanted.partnerId(), wanted.partnerName(), wanted.domains(), TlsLevel.DOMAIN_VALIDATION,
				"mx.example", wanted.validationRecipients(), wanted.restriction(), wanted.reference());
	}

	Plan planned(Wanted wanted) {
		return planned(ChangeKind.ENFORCE, wanted);
	}

	Plan planned(ChangeKind kind, Wanted wanted) {
		return ((PlanResult.Planned) this.connectors.plan(kind, wanted)).plan();
	}

	/** Proposed by one and approved by another. */
	UUID approved(Plan plan) {
		UUID change = this.connectors.propose(null, plan, INVITER);
		if (!(this.connectors.approve(change, REVIEWER, "Amina Okafor", plan.hash(), INVITER,
				1) instanceof ApprovalResult.Approved)) {
			throw new IllegalStateException("not approved");
		}
		return change;
	}

	UUID approved(Wanted wanted) {
		return approved(planned(wanted));
	}

	/** Runs this module's jobs until they have nothing more to do, and no others. */
	void push() {
		for (int i = 0; i < 5; i++) {
			this.pusher.run();
			this.jdbc.sql("select id from connector_change where state = 'PUSHING'")
				.query(UUID.class)
				.list()
				.forEach(this.validation::run);
		}
	}

	ChangeView change(UUID id) {
		return this.connectors.find(id).orElseThrow();
	}

	static List<Map<String, Object>> outbound(Wanted wanted) {
		return TENANT.outbound()
			.stream()
			.filter((stored) -> stored.get("RecipientDomains").toString().contains(wanted.domains().first().ascii()))
			.toList();
	}

	static List<Map<String, Object>> inbound(Wanted wanted) {
		return TENANT.inbound()
			.stream()
			.filter((stored) -> stored.get("SenderDomains").toString().contains(wanted.domains().first().ascii()))
			.toList();
	}

	/** The cmdlets that change something, since a moment by the real time. */
	static List<String> writesSince(Instant moment) {
		return callsSince(moment).stream().filter((cmdlet) -> !cmdlet.startsWith("Get-")).toList();
	}

	static List<String> callsSince(Instant moment) {
		return TENANT.calls()
			.stream()
			.filter((call) -> !call.at().isBefore(moment))
			.map(ExchangeOnlineDouble.Call::cmdlet)
			.toList();
	}

}
