package org.partnertls.connector;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.exchange.InboundConnector;
import org.partnertls.exchange.OutboundConnector;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

class PlanTests {

	private static final Names NAMES = new Names("To {domain}", "From {domain}");

	private static final UUID PARTNER = UUID.fromString("00000000-0000-7000-8000-00000000000a");

	@Test
	void createsBothWhereThereIsNothing() {
		Plan plan = plan(wanted(), List.of(), List.of(), Plan.Known.NONE);

		assertThat(plan.actions()).extracting(Plan.Action::sign).containsExactly("+", "+");
		assertThat(plan.actions()).extracting(Plan.Action::name)
			.containsExactly("To acme.example", "From acme.example");
		assertThat(plan.actions()).extracting(Plan.Action::title)
			.containsExactly("Outbound connector", "Inbound connector");
		assertThat(plan.summary()).isEqualTo("2 to create, 0 to change");
		assertThat(plan.warnings()).isEmpty();
		assertThat(plan.of(Direction.OUTBOUND).fields())
			.contains(new Plan.Field("TLS", "TlsSettings", null, "always, certificate from a trusted authority", true));
		assertThat(plan.of(Direction.INBOUND).fields()).anySatisfy((field) -> {
			assertThat(field.parameter()).isEqualTo("RequireTls");
			assertThat(field.newValue()).startsWith("rejected, once");
		});
	}

	@Test
	void sendsEveryDefaultAndNothingThatIsForOtherConnectors() {
		Form outbound = Form.wanted(Direction.OUTBOUND, wanted());

		assertThat(outbound.forCreation(Direction.OUTBOUND, "x")).containsEntry("MtaStsMode", "Opportunistic")
			.containsEntry("SmtpDaneMode", "Opportunistic")
			.containsEntry("TestMode", false)
			.containsEntry("IsTransportRuleScoped", false)
			.containsEntry("UseMXRecord", true)
			.doesNotContainKeys("AllAcceptedDomains", "CloudServicesMailEnabled", "RouteAllMessagesViaOnPremises",
					"SenderRewritingEnabled", "SmartHosts", "TlsDomain", "ValidationRecipients", "IsValidated");
		assertThat(Form.wanted(Direction.INBOUND, wanted()).forCreation(Direction.INBOUND, "x"))
			.containsEntry("RequireTls", true)
			.containsEntry("RestrictDomainsToCertificate", false)
			.doesNotContainKeys("AssociatedAcceptedDomains", "TrustedOrganizations", "CloudServicesMailEnabled");
	}

	@Test
	void saysWhichFieldsOfOursChange() {
		OutboundConnector ours = outbound("guid-1", "Renamed by hand", wanted().comment(), "EncryptionOnly",
				List.of("acme.example"));

		Plan plan = plan(wanted(), List.of(ours), List.of(), new Plan.Known("guid-1", null));

		Plan.Action action = plan.of(Direction.OUTBOUND);
		assertThat(action.sign()).isEqualTo("~");
		assertThat(action.name()).isEqualTo("Renamed by hand");
		assertThat(action.fields()).filteredOn(Plan.Field::changed)
			.containsExactly(new Plan.Field("TLS", "TlsSettings", "always, any certificate",
					"always, certificate from a trusted authority", true));
	}

	@Test
	void leavesAloneWhatIsAsWanted() {
		OutboundConnector ours = outbound("guid-1", "To acme.example", wanted().comment(), "CertificateValidation",
				List.of("acme.example"));

		assertThat(
				plan(wanted(), List.of(ours), List.of(), new Plan.Known("guid-1", null)).of(Direction.OUTBOUND).sign())
			.isEqualTo("=");
	}

	@Test
	void doesNotTakeSomebodyElsesConnectorForOurs() {
		OutboundConnector theirs = outbound("guid-9", "to ACME.example", "by hand", "CertificateValidation",
				List.of("acme.example"));

		Plan plan = plan(wanted(), List.of(theirs), List.of(), Plan.Known.NONE);

		assertThat(plan.of(Direction.OUTBOUND).sign()).isEqualTo("!");
		assertThat(plan.isBlocked()).isTrue();
		assertThat(plan.warnings()).anySatisfy((warning) -> assertThat(warning).contains("did not make"));
	}

	@Test
	void findsOursByItsCommentWhenItsGuidWasNotKept() {
		OutboundConnector ours = outbound("guid-1", "To acme.example", wanted().comment(), "CertificateValidation",
				List.of("acme.example"));

		assertThat(plan(wanted(), List.of(ours), List.of(), Plan.Known.NONE).of(Direction.OUTBOUND).guid())
			.isEqualTo("guid-1");
	}

	@Test
	void warnsOfOtherConnectorsForTheSameMail() {
		List<OutboundConnector> outbound = List.of(
				outbound("a", "Exact", "x", "EncryptionOnly", List.of("acme.example")),
				outbound("b", "Wide", "x", "EncryptionOnly", List.of("*.example")),
				outbound("c", "Below", "x", "EncryptionOnly", List.of("*.acme.example")));
		List<InboundConnector> inbound = List.of(inbound("d", "Base too", List.of("*.acme.example")),
				inbound("e", "Other", List.of("other.example")));

		List<String> warnings = plan(wanted(), outbound, inbound, Plan.Known.NONE).warnings();

		assertThat(warnings).hasSize(3);
		assertThat(warnings).anySatisfy((warning) -> assertThat(warning).contains("\"Exact\"", "not defined"));
		assertThat(warnings).anySatisfy((warning) -> assertThat(warning).contains("\"Wide\"", "*.example"));
		assertThat(warnings).anySatisfy((warning) -> assertThat(warning).contains("\"Base too\"", "inbound"));
	}

	@ParameterizedTest
	@CsvSource({ "mail.acme.example, Partner, *.acme.example, true, true",
			"mail.acme.example, Partner, MAIL.acme.example, true, true",
			"*.acme.example, Partner, mail.acme.example, true, true",
			"acme.example, Partner, *.acme.example, true, true",
			"mail.acme.example, Partner, *.acme.example, false, false",
			"mail.acme.example, OnPremises, *.acme.example, false, true",
			"mail.acme.example, OnPremises, mail.acme.example, false, true",
			"mail.acme.example, Partner, *.other.example, true, false",
			"mail.acme.example, Partner, *.ail.acme.example, true, false" })
	void warnsOfConnectorsThatAreFoundByTheSameCertificate(String ours, String type, String theirs, boolean restricted,
			boolean found) {
		InboundConnector other = new InboundConnector("d", "Other", true, type, "Default", "x",
				List.of("other.example"), List.of(), true, restricted, false, theirs, List.of(), List.of(), false,
				false, false, List.of(), List.of(), true, Instant.EPOCH, Instant.EPOCH);
		Wanted wanted = withRestriction(new Wanted.ByCertificate(ours));

		Plan plan = plan(wanted, List.of(), List.of(other), Plan.Known.NONE);

		assertThat(plan.warnings()).hasSize(found ? 1 : 0)
			.allSatisfy((warning) -> assertThat(warning).contains("\"Other\"", "same servers", "found first"));
		assertThat(plan.hash().equals(plan(wanted, List.of(), List.of(), Plan.Known.NONE).hash()))
			.as("it belongs to what is approved")
			.isEqualTo(!found);
	}

	@Test
	void surviveStorageUnchanged() {
		Wanted wanted = new Wanted(PARTNER, "Acme", domains("acme.example", "xn--mller-kva.example"),
				TlsLevel.DOMAIN_VALIDATION, "*.mx.example", List.of(EmailAddress.of("a@acme.example")),
				new Wanted.ByAddress(List.of("203.0.113.0/24")), "TLS-1");
		Plan plan = plan(wanted,
				List.of(outbound("g", "To acme.example", wanted.comment(), "EncryptionOnly", List.of("acme.example"))),
				List.of(), Plan.Known.NONE);

		Plan read = Json.read(Json.write(plan), Plan.class);

		assertThat(read).isEqualTo(plan);
		assertThat(read.hash()).isEqualTo(plan.hash()).matches("[0-9a-f]{64}");
		assertThat(JsonMapper.shared().readTree(Json.write(plan)).path("wanted").path("domains").get(0).stringValue())
			.isEqualTo("acme.example");
	}

	@Test
	void theHashCoversWhatWillBeDoneAndWhatItStartsFrom() {
		Plan plan = plan(wanted(), List.of(), List.of(), Plan.Known.NONE);
		OutboundConnector other = outbound("z", "Unrelated", "x", "EncryptionOnly", List.of("other.example"));
		OutboundConnector ours = outbound("g", "To acme.example", wanted().comment(), "EncryptionOnly",
				List.of("acme.example"));

		assertThat(plan(wanted(), List.of(other), List.of(), Plan.Known.NONE).hash()).isEqualTo(plan.hash());
		assertThat(plan(wanted(), List.of(ours), List.of(), Plan.Known.NONE).hash()).isNotEqualTo(plan.hash());
		assertThat(
				plan(withRestriction(new Wanted.ByCertificate("mail.example")), List.of(), List.of(), Plan.Known.NONE)
					.hash())
			.isNotEqualTo(plan.hash());
		assertThat(new Plan(plan.kind(), plan.wanted(), plan.actions(), List.of("another warning"), plan.overlaps(),
				plan.aims())
			.hash()).isEqualTo(plan.hash());
	}

	@Test
	void namesAreSafeAndNeverTooLong() {
		String label = "a".repeat(60);
		String one = NAMES.of(Direction.OUTBOUND, wanted(label + ".one.example"));
		String two = NAMES.of(Direction.OUTBOUND, wanted(label + ".two.example"));

		assertThat(one).hasSize(64).isNotEqualTo(two);
		assertThat(new Names("To {domain} (a:b)", "x{domain}").of(Direction.OUTBOUND, wanted()))
			.isEqualTo("To acme.example (a-b)");
	}

	@ParameterizedTest
	@ValueSource(strings = { "10.0.0.1", "203.0.113.0/23", "203.0.113.5/24", "2001:db8::1", "300.1.1.1", "mail.example",
			"203.0.113.1-203.0.113.9", "127.0.0.1", "224.0.0.1", "255.255.255.255", "192.168.1.0/24", "" })
	void refusesAddressesThatExchangeOnlineWouldRefuse(String range) {
		assertThat(withRestriction(new Wanted.ByAddress(List.of(range))).objections()).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "203.0.113.7", "203.0.113.0/24", "203.0.113.128/25", "8.8.8.8/32" })
	void takesPublicAddresses(String range) {
		assertThat(withRestriction(new Wanted.ByAddress(List.of(range))).objections()).isEmpty();
	}

	@Test
	void objectsToWhatDoesNotFitTogether() {
		assertThat(new Wanted(PARTNER, "Acme", domains("acme.example"), TlsLevel.DOMAIN_VALIDATION, null,
				List.of(EmailAddress.of("a@acme.example")), new Wanted.Unrestricted(), "TLS-1")
			.objections()).hasSize(1);
		assertThat(new Wanted(PARTNER, "Acme", domains("acme.example"), TlsLevel.ENCRYPTION_ONLY, "mx.example",
				List.of(EmailAddress.of("a@other.example")), new Wanted.ByCertificate("*"), "TLS 1")
			.objections()).hasSize(4);
		assertThat(new Wanted(PARTNER, "Acme", domains("co.uk"), TlsLevel.ENCRYPTION_ONLY, null,
				List.of(EmailAddress.of("a@co.uk")), new Wanted.Unrestricted(), "TLS-1")
			.objections()).singleElement().asString().contains("public suffix");
		assertThat(new Wanted(PARTNER, "Acme", new TreeSet<>(), TlsLevel.ENCRYPTION_ONLY, null, List.of(),
				new Wanted.Unrestricted(), "TLS-1")
			.objections()).hasSize(2);
	}

	private static Plan plan(Wanted wanted, List<OutboundConnector> outbound, List<InboundConnector> inbound,
			Plan.Known known) {
		return Plan.of(ChangeKind.ENFORCE, wanted, NAMES, outbound, inbound, known);
	}

	static Wanted wanted() {
		return wanted("acme.example");
	}

	private static Wanted wanted(String domain) {
		return new Wanted(PARTNER, "Acme", domains(domain), TlsLevel.CERTIFICATE_VALIDATION, null,
				List.of(EmailAddress.of("postmaster@" + domain)), new Wanted.Unrestricted(), "TLS-1");
	}

	private static Wanted withRestriction(Wanted.Restriction restriction) {
		return new Wanted(PARTNER, "Acme", domains("acme.example"), TlsLevel.CERTIFICATE_VALIDATION, null,
				List.of(EmailAddress.of("postmaster@acme.example")), restriction, "TLS-1");
	}

	private static NavigableSet<DomainName> domains(String... names) {
		NavigableSet<DomainName> domains = new TreeSet<>();
		for (String name : names) {
			domains.add(DomainName.of(name));
		}
		return domains;
	}

	static OutboundConnector outbound(String guid, String name, String comment, String tls, List<String> domains) {
		return new OutboundConnector(guid, name, true, "Partner", "Default", comment, domains, List.of(), true, tls,
				null, "Opportunistic", "Opportunistic", false, false, false, false, false, false, new ArrayList<>(),
				true, Instant.EPOCH, true, Instant.EPOCH, Instant.EPOCH);
	}

	static InboundConnector inbound(String guid, String name, List<String> domains) {
		return new InboundConnector(guid, name, true, "Partner", "Default", "x", domains, List.of(), true, false, false,
				null, List.of(), List.of(), false, false, false, List.of(), List.of(), true, Instant.EPOCH,
				Instant.EPOCH);
	}

}
