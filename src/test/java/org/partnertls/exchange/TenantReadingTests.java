package org.partnertls.exchange;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import lab.ExchangeOnlineDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.partnertls.TestClock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.partnertls.exchange.Portal.failure;
import static org.partnertls.exchange.Portal.value;

/**
 * What is read beside connectors, lists in pages, and what an administrator pastes.
 */
class TenantReadingTests {

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

	private void connectors(int number) {
		for (int i = 0; i < number; i++) {
			this.neighbour.runAside("New-InboundConnector", ExchangeOnlineTests.inbound("From " + i, i + ".example"));
		}
	}

	@Test
	void aListInPagesIsReadWholeWhereItsLinksWork() {
		connectors(5);
		this.neighbour.pages(2, true);
		assertThat(value(this.exchange.inboundConnectors())).extracting(InboundConnector::name)
			.containsExactly("From 0", "From 1", "From 2", "From 3", "From 4");
	}

	@Test
	void aListInPagesIsNoListWhereItsLinksAreExpired() {
		connectors(3);
		this.neighbour.pages(2, false);
		assertThat(failure(this.exchange.inboundConnectors()).kind()).isEqualTo(Failure.Kind.TRUNCATED);
		assertThat(this.neighbour.calls()).as("one try to follow").hasSize(2);
	}

	@Test
	void thePreflightTellsTheCmdletsAndTheTime() {
		this.neighbour.forbid("Get-MessageTraceV2");
		Preflight preflight = value(this.exchange.preflight());
		assertThat(preflight.cmdlets()).contains("New-OutboundConnector", "Set-InboundConnector")
			.doesNotContain("Get-MessageTraceV2");
		assertThat(Duration.between(preflight.serverTime(), Instant.now()).abs()).isLessThan(Duration.ofMinutes(1));
		assertThat(failure(this.exchange.trace(lastDay())).kind()).isEqualTo(Failure.Kind.PERMISSION);
		this.neighbour.role(false);
		assertThat(failure(this.exchange.preflight()).kind()).isEqualTo(Failure.Kind.PERMISSION);
		this.neighbour.permission(false);
		assertThat(new Portal(this.neighbour).exchange.preflight()).isInstanceOfSatisfying(Reply.Failed.class,
				(failed) -> assertThat(failed.failure().kind()).isEqualTo(Failure.Kind.AUTHENTICATION));
	}

	@Test
	void signingInIsTriedApartFromCmdlets() {
		assertThat(this.exchange.signIn()).isEmpty();
		assertThat(
				new Portal(this.neighbour, Map.of("portal.exchange.client-secret", "wrong"), Clock.systemUTC()).exchange
					.signIn())
			.hasValueSatisfying((failure) -> assertThat(failure.message()).contains("client-secret"));
		assertThat(this.neighbour.calls()).isEmpty();
	}

	private static TraceQuestion lastDay() {
		Instant now = Instant.now();
		return new TraceQuestion(now.minus(Duration.ofDays(1)), now.plusSeconds(60), List.of(),
				List.of("*@acme.example"), List.of());
	}

	@Test
	void aTracedMessageNamesTheConnectorThatItTook() {
		this.neighbour.trace("me@contoso.example", "ann@acme.example", "Pending", "To acme; \"quoted\"", "450 4.4.317");
		this.neighbour.trace("me@contoso.example", "ann@other.example", "Pending", "To other", "450 4.4.317");
		TracedMessage message = value(this.exchange.trace(lastDay())).getFirst();
		assertThat(value(this.exchange.trace(lastDay()))).hasSize(1);
		List<TraceEvent> events = value(this.exchange.traceDetail(message));
		assertThat(events).extracting(TraceEvent::event).containsExactly("Receive", "Defer");
		assertThat(events.getLast().connector()).contains("To acme");
		assertThat(events.getLast().detail()).isEqualTo("450 4.4.317");
		assertThat(new TraceEvent(null, "Receive", null, "S:InboundConnectorData=Type=Partner;Name=From acme|S:x=y")
			.connector()).contains("From acme");
		assertThat(new TraceEvent(null, "Receive", null, "Name=none").connector()).isEmpty();
	}

	@Test
	void theTraceIsNotAskedMoreOftenThanItAllows() {
		TestClock clock = new TestClock();
		ExchangeOnline patient = new Portal(this.neighbour, Map.of(), clock).exchange;
		for (int i = 0; i < Throttle.TRACE_CALLS; i++) {
			value(patient.trace(lastDay()));
		}
		Failure failure = failure(patient.trace(lastDay()));
		assertThat(failure.kind()).isEqualTo(Failure.Kind.RETRYABLE);
		assertThat(failure.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(5));
		assertThat(this.neighbour.calls()).hasSize(Throttle.TRACE_CALLS);
		clock.pass(Duration.ofMinutes(5));
		value(patient.trace(lastDay()));
	}

	@Test
	void aPastedListIsReadLikeTheWire() {
		connectors(2);
		String list = tools.jackson.databind.json.JsonMapper.shared()
			.writerWithDefaultPrettyPrinter()
			.writeValueAsString(this.neighbour.inbound());
		assertThat(ExchangeOnline.readInbound("\uFEFF\r\n" + list + "\r\n"))
			.isEqualTo(value(this.exchange.inboundConnectors()));
		String one = list.substring(list.indexOf('{'), list.indexOf('}') + 1);
		assertThat(ExchangeOnline.readInbound(one)).hasSize(1);
		assertThat(ExchangeOnline.readInbound("  ")).isEmpty();
	}

	@Test
	void datesAndGuidsOfWindowsPowerShellAreUnderstood() {
		OutboundConnector read = ExchangeOnline
			.readOutbound(
					"""
							{"Name":"To acme","Guid":{"value":"159EB7C4-75D7-43E2-95FE-CED44B3E0A56","Guid":"x"},"RecipientDomains":["acme.example"],
							 "TlsSettings":{"value":3,"Value":"CertificateValidation"},"WhenCreatedUTC":"\\/Date(1784919552000)\\/"}
							""")
			.getFirst();
		assertThat(read.guid()).isEqualTo("159eb7c4-75d7-43e2-95fe-ced44b3e0a56");
		assertThat(read.tlsSettings()).isEqualTo("CertificateValidation");
		assertThat(read.whenCreated()).isEqualTo(Instant.ofEpochMilli(1784919552000L));
		assertThat(read.enabled()).as("absent is not false").isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "nothing", "[1]", "{}", "[[]]", "<xml/>", "{\"Name\":\"x\",\"SenderDomains\":[]}",
			"[{\"RecipientDomains\":[\"a.example\"]}]",
			"[{\"Name\":\"x\",\"Guid\":\"g\",\"RecipientDomains\":[],\"TlsSettings\":2}]",
			"[{\"Name\":\"x\",\"Guid\":\"g\",\"RecipientDomains\":[],\"TlsSettings\":\"Cert\"}]",
			"[{\"Name\":\"x\",\"Guid\":\"g\",\"RecipientDomains\":[],\"Enabled\":\"maybe\"}]" })
	void whatIsNoListOfOutboundConnectorsIsRefusedWithWhatToCopy(String pasted) {
		assertThatIllegalArgumentException().isThrownBy(() -> ExchangeOnline.readOutbound(pasted))
			.withMessageContaining("Get-OutboundConnector | ConvertTo-Json");
	}

	@Test
	void aPasteWithoutEndIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> ExchangeOnline.readOutbound("[".repeat(100_000)));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ExchangeOnline.readOutbound("x".repeat(PastedConnectors.MOST_CHARACTERS + 1)))
			.withMessageContaining("longer");
	}

}
