package org.partnertls.exchange;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import lab.ExchangeFault;
import lab.ExchangeOnlineDouble;
import lab.ExchangeValidator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.partnertls.exchange.Portal.failure;
import static org.partnertls.exchange.Portal.value;

/**
 * The cmdlets, over HTTP.
 */
class ExchangeOnlineTests {

	private ExchangeOnlineDouble neighbour;

	private ExchangeOnline exchange;

	@BeforeEach
	void connect() throws IOException {
		this.neighbour = ExchangeOnlineDouble.start();
		this.exchange = new Portal(this.neighbour).exchange;
	}

	@AfterEach
	void disconnect() {
		this.neighbour.close();
	}

	static Map<String, Object> outbound(String name, String... domains) {
		Map<String, Object> parameters = new HashMap<>();
		parameters.put("Name", name);
		parameters.put("ConnectorType", "Partner");
		parameters.put("RecipientDomains", List.of(domains));
		parameters.put("UseMXRecord", true);
		parameters.put("TlsSettings", "CertificateValidation");
		parameters.put("TlsDomain", null);
		parameters.put("Enabled", false);
		return parameters;
	}

	static Map<String, Object> inbound(String name, String... domains) {
		Map<String, Object> parameters = new HashMap<>();
		parameters.put("Name", name);
		parameters.put("ConnectorType", "Partner");
		parameters.put("SenderDomains", List.of(domains));
		parameters.put("RequireTls", false);
		return parameters;
	}

	@Test
	void aCreatedOutboundConnectorIsReadBackAsItWasSent() {
		OutboundConnector created = value(this.exchange.newOutboundConnector(outbound("To acme", "acme.example")))
			.orElseThrow();
		assertThat(value(this.exchange.outboundConnectors())).containsExactly(created);
		assertThat(created.name()).isEqualTo("To acme");
		assertThat(created.enabled()).isFalse();
		assertThat(created.useMxRecord()).isTrue();
		assertThat(created.tlsSettings()).isEqualTo("CertificateValidation");
		assertThat(created.tlsDomain()).isNull();
		assertThat(created.recipientDomains()).containsExactly("acme.example");
		assertThat(created.connectorType()).isEqualTo("Partner");
		assertThat(created.smtpDaneMode()).isEqualTo("Opportunistic");
		assertThat(created.isValidated()).isFalse();
		assertThat(created.whenCreated()).isNotNull();
	}

	@Test
	void storedSenderDomainsAreReadAsSortedALabels() {
		InboundConnector created = value(
				this.exchange.newInboundConnector(inbound("From acme", "ZULU.example", "*.acme.example")))
			.orElseThrow();
		assertThat(this.neighbour.inbound().getFirst().get("SenderDomains"))
			.isEqualTo(List.of("smtp:ZULU.example;1", "smtp:*.acme.example;1"));
		assertThat(created.senderDomains()).containsExactly("*.acme.example", "zulu.example");
		assertThat(value(this.exchange.inboundConnectors())).containsExactly(created);
	}

	@Test
	void addressSpacesOfEveryFormAreNormalised() {
		assertThat(ConnectorReader.domainOf("smtp:*;1")).isEqualTo("*");
		assertThat(ConnectorReader.domainOf("SMTP:Contoso.COM;25")).isEqualTo("contoso.com");
		assertThat(ConnectorReader.domainOf("smtp:*.Müller.example;1")).isEqualTo("*.xn--mller-kva.example");
		assertThat(ConnectorReader.domainOf("plain.example")).isEqualTo("plain.example");
	}

	@Test
	void setChangesWhatIsNamedAndNullClears() {
		Map<String, Object> parameters = outbound("To acme", "acme.example");
		parameters.put("TlsSettings", "DomainValidation");
		parameters.put("TlsDomain", "mx.acme.example");
		String guid = value(this.exchange.newOutboundConnector(parameters)).orElseThrow().guid();
		Map<String, Object> change = new HashMap<>();
		change.put("TlsSettings", "EncryptionOnly");
		change.put("TlsDomain", null);
		change.put("Enabled", true);
		assertThat(value(this.exchange.setOutboundConnector(guid, change)).warnings()).isEmpty();
		OutboundConnector changed = value(this.exchange.outboundConnectors()).getFirst();
		assertThat(changed.tlsSettings()).isEqualTo("EncryptionOnly");
		assertThat(changed.tlsDomain()).isNull();
		assertThat(changed.enabled()).isTrue();
		assertThat(changed.recipientDomains()).containsExactly("acme.example");
	}

	@Test
	void listsAreReplacedAddedToRemovedFromAndCleared() {
		String guid = value(this.exchange.newInboundConnector(inbound("From acme", "acme.example"))).orElseThrow()
			.guid();
		value(this.exchange.setInboundConnector(guid,
				Map.of("SenderDomains", new ListChange(List.of("b.example", "c.example"), List.of("acme.example")),
						"SenderIPAddresses", List.of("198.51.100.7"))));
		InboundConnector changed = value(this.exchange.inboundConnectors()).getFirst();
		assertThat(changed.senderDomains()).containsExactly("b.example", "c.example");
		assertThat(changed.senderIpAddresses()).containsExactly("198.51.100.7");
		value(this.exchange.setInboundConnector(guid,
				Map.of("SenderIPAddresses", new ListChange(List.of(), List.of()))));
		assertThat(value(this.exchange.inboundConnectors()).getFirst().senderIpAddresses()).isEmpty();
		value(this.exchange.setInboundConnector(guid, Map.of("SenderDomains", List.of("d.example"))));
		assertThat(value(this.exchange.inboundConnectors()).getFirst().senderDomains()).containsExactly("d.example");
	}

	@Test
	void warningsOfAChangeAreTold() {
		Map<String, Object> first = inbound("From one", "one.example");
		first.put("SenderIPAddresses", List.of("198.51.100.7"));
		value(this.exchange.newInboundConnector(first));
		String guid = value(this.exchange.newInboundConnector(inbound("From two", "two.example"))).orElseThrow().guid();
		Accepted accepted = value(
				this.exchange.setInboundConnector(guid, Map.of("SenderIPAddresses", List.of("198.51.100.7"))));
		assertThat(accepted.warnings()).singleElement().asString().contains("From one");
	}

	@Test
	void aRemovedConnectorIsGone() {
		String out = value(this.exchange.newOutboundConnector(outbound("To acme", "acme.example"))).orElseThrow()
			.guid();
		String in = value(this.exchange.newInboundConnector(inbound("From acme", "acme.example"))).orElseThrow().guid();
		value(this.exchange.removeOutboundConnector(out));
		value(this.exchange.removeInboundConnector(in));
		assertThat(this.neighbour.outbound()).isEmpty();
		assertThat(this.neighbour.inbound()).isEmpty();
		assertThat(failure(this.exchange.removeOutboundConnector(out)).kind()).isEqualTo(Failure.Kind.NOT_FOUND);
	}

	@Test
	void testModeAndRuleScopedConnectorsAreListedOnceEach() {
		Map<String, Object> testMode = outbound("In test mode", "a.example");
		testMode.put("TestMode", true);
		Map<String, Object> scoped = outbound("For rules");
		scoped.put("IsTransportRuleScoped", true);
		Map<String, Object> both = outbound("Both");
		both.put("IsTransportRuleScoped", true);
		both.put("TestMode", true);
		for (Map<String, Object> parameters : List.of(outbound("Usual", "b.example"), testMode, scoped, both)) {
			value(this.exchange.newOutboundConnector(parameters));
		}
		assertThat(value(this.exchange.outboundConnectors())).extracting(OutboundConnector::name)
			.containsExactlyInAnyOrder("Usual", "In test mode", "For rules", "Both");
	}

	@Test
	void moreThanAThousandConnectorsAreListed() {
		for (int i = 0; i < 1001; i++) {
			this.neighbour.runAside("New-InboundConnector", inbound("From " + i, "p" + i + ".example"));
		}
		assertThat(value(this.exchange.inboundConnectors())).hasSize(1001);
	}

	@Test
	void aCutListIsNotTakenForTheWholeOne() {
		this.neighbour.runAside("New-OutboundConnector", outbound("To acme", "acme.example"));
		this.neighbour.runAside("New-InboundConnector", inbound("From acme", "acme.example"));
		this.neighbour.failNext(ExchangeFault.truncated().on("Get-Out"));
		this.neighbour.failNext(ExchangeFault.truncated().on("Get-In"));
		assertThat(failure(this.exchange.outboundConnectors()).kind()).isEqualTo(Failure.Kind.TRUNCATED);
		assertThat(failure(this.exchange.inboundConnectors()).kind()).isEqualTo(Failure.Kind.TRUNCATED);
	}

	@Test
	void aNewConnectorWithoutAnAnswerIsFoundOnlyByListing() {
		this.neighbour.silentNew(true);
		assertThat(value(this.exchange.newOutboundConnector(outbound("To acme", "acme.example")))).isEmpty();
		assertThat(value(this.exchange.newInboundConnector(inbound("From acme", "acme.example")))).isEmpty();
		assertThat(value(this.exchange.outboundConnectors())).hasSize(1);
	}

	@Test
	void aNewConnectorMayBeInvisibleForSomeReads() {
		this.neighbour.invisibleReads(2);
		value(this.exchange.newInboundConnector(inbound("From acme", "acme.example")));
		assertThat(value(this.exchange.inboundConnectors())).isEmpty();
		assertThat(value(this.exchange.inboundConnectors())).isEmpty();
		assertThat(value(this.exchange.inboundConnectors())).hasSize(1);
	}

	@Test
	void validationTellsItsStepsAndLeavesTheConnectorAlone() {
		this.neighbour.validator((recipients, connector) -> List.of(
				new ExchangeValidator.Task("Check connectivity", true,
						Map.of("Detail", "220 " + connector.get("Name"))),
				new ExchangeValidator.Task("Send test email", false, Map.of("Detail", "550 " + recipients))));
		String guid = value(this.exchange.newOutboundConnector(outbound("To acme", "acme.example"))).orElseThrow()
			.guid();
		List<ValidationTask> tasks = value(
				this.exchange.validateOutboundConnector(guid, List.of("postmaster@acme.example")));
		assertThat(tasks).containsExactly(
				new ValidationTask("Check connectivity", true, Map.of("Detail", "220 To acme")),
				new ValidationTask("Send test email", false, Map.of("Detail", "550 [postmaster@acme.example]")));
		assertThat(this.neighbour.outbound().getFirst()).containsEntry("IsValidated", false);
	}

	@Test
	void theResultOfAValidationIsSetAndReadWithItsZonelessDate() {
		String guid = value(this.exchange.newOutboundConnector(outbound("To acme", "acme.example"))).orElseThrow()
			.guid();
		Instant validated = Instant.parse("2026-07-24T18:59:12.5Z");
		value(this.exchange.setOutboundConnector(guid, Map.of("IsValidated", true, "LastValidationTimestamp", validated,
				"ValidationRecipients", List.of("postmaster@acme.example"))));
		assertThat(this.neighbour.outbound().getFirst()).containsEntry("LastValidationTimestamp",
				"2026-07-24T18:59:12.5000000");
		OutboundConnector read = value(this.exchange.outboundConnectors()).getFirst();
		assertThat(read.isValidated()).isTrue();
		assertThat(read.lastValidation()).isEqualTo(validated);
		assertThat(read.validationRecipients()).containsExactly("postmaster@acme.example");
	}

	@Test
	void aRecipientOutsideTheConnectorsDomainsIsRefused() {
		String guid = value(this.exchange.newOutboundConnector(outbound("To acme", "acme.example"))).orElseThrow()
			.guid();
		Failure failure = failure(this.exchange.validateOutboundConnector(guid, List.of("me@elsewhere.example")));
		assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID);
		assertThat(failure.detail()).contains("me@elsewhere.example");
	}

	@Test
	void valuesThatWouldBeBoundByTheirPrefixAreNeverSent() {
		Map<String, Object> parameters = outbound("To acme", "acme.example");
		parameters.put("TlsSettings", "Cert");
		Failure failure = failure(this.exchange.newOutboundConnector(parameters));
		assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID);
		assertThat(failure.message()).contains("TlsSettings").contains("CertificateValidation");
		assertThat(this.neighbour.calls()).isEmpty();
	}

	@Test
	void anEmptyIdentityIsNeverSent() {
		assertThat(failure(this.exchange.removeInboundConnector(" ")).kind()).isEqualTo(Failure.Kind.INVALID);
		assertThat(this.neighbour.calls()).isEmpty();
	}

	@Test
	void aValueThatHasNoFormOnTheWireIsAMistakeOfTheCaller() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.exchange.newInboundConnector(Map.of("Name", "x", "Comment", new Object())));
	}

	@Test
	void everyCallIsTraceableByItsRequestId() {
		Reply<List<InboundConnector>> reply = this.exchange.inboundConnectors();
		assertThat(reply.call().cmdlet()).isEqualTo("Get-InboundConnector");
		assertThat(UUID.fromString(reply.call().requestId())).isNotNull();
		assertThat(this.neighbour.calls()).singleElement()
			.extracting(ExchangeOnlineDouble.Call::requestId)
			.isEqualTo(reply.call().requestId());
		this.exchange.outboundConnectors();
		assertThat(this.neighbour.calls()).extracting(ExchangeOnlineDouble.Call::requestId).doesNotHaveDuplicates();
	}

	@Test
	void inScriptModeNothingIsCalledAndEveryAnswerSaysSo() {
		ExchangeOnline script = new ExchangeOnline(Portal.properties(Map.of()), java.time.Clock.systemUTC());
		assertThat(script.configured()).isFalse();
		assertThat(script.tenantId()).isEqualTo("script");
		Failure failure = failure(script.inboundConnectors());
		assertThat(failure.kind()).isEqualTo(Failure.Kind.PERMANENT);
		assertThat(failure.message()).contains("portal.exchange.mode");
		assertThat(this.exchange.configured()).isTrue();
		assertThat(this.exchange.tenantId()).isEqualTo("11111111-2222-3333-4444-555555555555");
	}

}
