package org.partnertls.connector;

import java.util.List;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

import static org.assertj.core.api.Assertions.assertThat;

class ConstraintsTests {

	private final Form outbound = Form.wanted(Direction.OUTBOUND, PlanTests.wanted());

	private final Form inbound = Form.wanted(Direction.INBOUND, PlanTests.wanted());

	@Test
	void takesWhatTheMicrosoftDefaultsGiveAndEveryStageOfIt() {
		assertThat(objections(this.outbound)).isEmpty();
		assertThat(objections(this.outbound.with("Enabled", false))).isEmpty();
		assertThat(Constraints.objections(Direction.INBOUND, this.inbound)).isEmpty();
		assertThat(Constraints.objections(Direction.INBOUND, this.inbound.watching())).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "TlsSettings, Encryption, no TLS level", "TlsSettings, DomainValidation, needs the name",
			"TlsDomain, mx.example, goes only with", "SmtpDaneMode, Mandator, no value of",
			"SmtpDaneMode, , no value of", "MtaStsMode, Mandatory, no value of",
			"ConnectorType, OnPremises, type Partner" })
	void checksEnumeratedValuesAndWhatGoesTogetherOutbound(String parameter, @Nullable String value, String words) {
		assertThat(objections(this.outbound.with(parameter, value))).singleElement().asString().contains(words);
	}

	@Test
	void mailGoesByMxOrToSmartHostsWhichAreHostsOrPublicAddresses() {
		Form hosts = this.outbound.with("UseMXRecord", false);

		assertThat(objections(hosts)).singleElement().asString().contains("at least one smart host");
		assertThat(objections(this.outbound.with("SmartHosts", List.of("relay.acme.example")))).singleElement()
			.asString()
			.contains("not both");
		assertThat(objections(hosts.with("SmartHosts", List.of("relay.acme.example", "203.0.113.7", "203.0.113.0/24"))))
			.isEmpty();
		for (String wrong : List.of("relay", "10.0.0.1", "2001:db8::1", "40.92.1.1", "52.101.0.4", "a b.example",
				"203.0.113.0/8")) {
			assertThat(objections(hosts.with("SmartHosts", List.of(wrong)))).as(wrong).isNotEmpty();
		}
	}

	@Test
	void aSmartHostIsOneHoweverItsNameIsWritten() {
		Wanted wanted = PlanTests.wanted()
			.with(new Wanted.Options(new TreeSet<>(), List.of("Relay.B\u00fccher.example", "203.0.113.7"),
					Wanted.Dane.OPPORTUNISTIC, Wanted.MtaSts.OPPORTUNISTIC, Wanted.Filtering.USUAL));
		Form form = Form.wanted(Direction.OUTBOUND, wanted);

		assertThat(form.texts(Form.SMART_HOSTS)).as("what is sent")
			.containsExactly("203.0.113.7", "relay.xn--bcher-kva.example");
		assertThat(objections(form)).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "AllAcceptedDomains", "CloudServicesMailEnabled", "IsTransportRuleScoped",
			"RouteAllMessagesViaOnPremises", "SenderRewritingEnabled", "TestMode" })
	void refusesWhatIsForConnectorsToOurOwnServers(String parameter) {
		assertThat(objections(this.outbound.with(parameter, true))).singleElement().asString().contains(parameter);
	}

	@Test
	void refusesPatternsForEverybodysMail() {
		assertThat(objections(this.outbound.with("RecipientDomains", List.of("*")))).singleElement()
			.asString()
			.contains("everybody's");
		assertThat(objections(this.outbound.with("RecipientDomains", List.of("a*.example")))).hasSize(1);
		assertThat(objections(this.outbound.with("RecipientDomains", List.of()))).hasSize(1);
		assertThat(Constraints.objections(Direction.INBOUND, this.inbound.with("SenderDomains", List.of("*"))))
			.hasSize(1);
	}

	@Test
	void inboundRestrictionsNeedTheirValuesAndExcludeEachOther() {
		Form name = this.inbound.with("TlsSenderCertificateName", "mail.example");

		assertThat(inbound(name.with("RequireTls", false))).singleElement()
			.asString()
			.contains("without TLS is rejected");
		assertThat(inbound(this.inbound.with("RestrictDomainsToCertificate", true))).singleElement()
			.asString()
			.contains("which name");
		assertThat(inbound(this.inbound.with("RestrictDomainsToIPAddresses", true))).singleElement()
			.asString()
			.contains("at least one");
		assertThat(inbound(this.inbound.with("SenderIPAddresses", List.of("203.0.113.7")))).singleElement()
			.asString()
			.contains("do nothing");
		assertThat(inbound(name.with("RestrictDomainsToCertificate", true)
			.with("RestrictDomainsToIPAddresses", true)
			.with("SenderIPAddresses", List.of("203.0.113.7")))).singleElement().asString().contains("not by both");
		assertThat(inbound(this.inbound.with("TlsSenderCertificateName", "*"))).singleElement()
			.asString()
			.contains("* alone");
		assertThat(inbound(this.inbound.with("AssociatedAcceptedDomains", List.of("contoso.example")))).hasSize(1);
		assertThat(inbound(this.inbound.with("EFSkipLastIP", true).with("EFSkipIPs", List.of("203.0.113.7"))))
			.hasSize(1);
		assertThat(inbound(this.inbound.with("EFSkipIPs", List.of("203.0.113.1-203.0.113.9", "10.0.0.1")))).hasSize(1);
		assertThat(inbound(this.inbound.with("Comment", "x".repeat(1025)))).hasSize(1);
	}

	@Test
	void theTwoMeaningsOfAStarAreToldApart() {
		DomainName acme = DomainName.of("acme.example");
		DomainName other = DomainName.of("other.example");
		Wanted wanted = new Wanted(PlanTests.wanted().partnerId(), "Acme", new TreeSet<>(List.of(acme, other)),
				TlsLevel.CERTIFICATE_VALIDATION, null, List.of(EmailAddress.of("a@deep.acme.example")),
				new Wanted.Unrestricted(), "TLS-1", new Wanted.Options(new TreeSet<>(List.of(acme)), List.of(),
						Wanted.Dane.OPPORTUNISTIC, Wanted.MtaSts.OPPORTUNISTIC, Wanted.Filtering.USUAL));

		assertThat(wanted.objections()).isEmpty();
		assertThat(Form.wanted(Direction.OUTBOUND, wanted).get("RecipientDomains"))
			.isEqualTo(List.of("*.acme.example", "acme.example", "other.example"));
		assertThat(Form.wanted(Direction.INBOUND, wanted).get("SenderDomains"))
			.isEqualTo(List.of("*.acme.example", "other.example"));
	}

	private static List<String> objections(Form form) {
		return Constraints.objections(Direction.OUTBOUND, form);
	}

	private static List<String> inbound(Form form) {
		return Constraints.objections(Direction.INBOUND, form);
	}

}
