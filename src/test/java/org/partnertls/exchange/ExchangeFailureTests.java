package org.partnertls.exchange;

import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

import lab.ExchangeFault;
import lab.ExchangeOnlineDouble;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.partnertls.exchange.ExchangeOnlineTests.inbound;
import static org.partnertls.exchange.ExchangeOnlineTests.outbound;
import static org.partnertls.exchange.Portal.failure;
import static org.partnertls.exchange.Portal.value;

/**
 * What goes wrong, over HTTP: how it is classified, what is repeated, what is never.
 */
class ExchangeFailureTests {

	private static final String TASKS = "Microsoft.Exchange.Management.SystemConfigurationTasks.";

	private static final String INVOCATION = "Microsoft.Exchange.AdminApi.CommandInvocation.";

	private ExchangeOnlineDouble neighbour;

	private Portal portal;

	private ExchangeOnline exchange;

	@BeforeEach
	void connect() throws IOException {
		this.neighbour = ExchangeOnlineDouble.start();
		this.portal = portal(Map.of());
		this.exchange = this.portal.exchange;
	}

	@AfterEach
	void disconnect() {
		this.neighbour.close();
	}

	private Portal portal(Map<String, String> overrides) {
		return new Portal(this.neighbour, overrides, Clock.systemUTC());
	}

	private long sent(String cmdlet) {
		return this.neighbour.calls().stream().filter((call) -> call.cmdlet().equals(cmdlet)).count();
	}

	@ParameterizedTest
	@EnumSource
	void aTakenNameIsAConflictInEveryEnvelope(ExchangeOnlineDouble.Envelope envelope) {
		this.neighbour.envelope(envelope);
		for (int status : List.of(400, 409, 500)) {
			this.neighbour.duplicateStatus(status);
			this.exchange.newOutboundConnector(outbound("To acme", "acme.example"));
			Failure failure = failure(this.exchange.newOutboundConnector(outbound("TO ACME", "acme.example")));
			assertThat(failure.kind()).isEqualTo(Failure.Kind.CONFLICT_EXISTS);
			assertThat(failure.detail())
				.isEqualTo("The connector name \"TO ACME\" is already being used. Specify another name.");
		}
	}

	@ParameterizedTest
	@EnumSource
	void anUnknownIdentityIsNotFoundInEveryEnvelope(ExchangeOnlineDouble.Envelope envelope) {
		this.neighbour.envelope(envelope);
		Failure failure = failure(
				this.exchange.setInboundConnector("99999999-0000-0000-0000-000000000000", Map.of("Enabled", true)));
		assertThat(failure.kind()).isEqualTo(Failure.Kind.NOT_FOUND);
		assertThat(failure.detail()).startsWith("The operation couldn't be performed");
	}

	static Stream<Arguments> rulesOfTheService() {
		return Stream.of(
				Arguments.of(Map.of("Name", "x", "SenderDomains", List.of("a.example"), "RequireTls", false,
						"TlsSenderCertificateName", "a.example"), "RequireTls"),
				Arguments.of(Map.of("Name", "x", "SenderDomains", List.of("a.example"), "RestrictDomainsToCertificate",
						true), "TlsSenderCertificateName"),
				Arguments.of(Map.of("Name", "x", "SenderDomains", List.of("a.example"), "RestrictDomainsToIPAddresses",
						true), "SenderIPAddresses"),
				Arguments.of(Map.of("Name", "x", "SenderDomains", List.of("a.example"), "SenderIPAddresses",
						List.of("10.0.0.1")), "private"),
				Arguments.of(Map.of("Name", "x", "SenderDomains", List.of("a.example"), "SenderIPAddresses",
						List.of("198.51.0.0/16")), "/24"),
				Arguments.of(Map.of("Name", "x", "SenderDomains", List.of("a.*.example")), "SMTP domain"),
				Arguments.of(Map.of("Name", "a:b", "SenderDomains", List.of("a.example")), "characters"),
				Arguments.of(Map.of("Name", "x"), "mandatory"),
				Arguments.of(Map.of("Name", "x", "SenderDomains", List.of("a.example"), "Colour", "blue"), "Colour"));
	}

	@ParameterizedTest
	@MethodSource("rulesOfTheService")
	void whatTheServiceRefusesIsInvalidWithItsWords(Map<String, Object> parameters, String words) {
		Failure failure = failure(this.exchange.newInboundConnector(parameters));
		assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID);
		assertThat(failure.detail()).contains(words);
		assertThat(this.neighbour.inbound()).isEmpty();
	}

	@Test
	void aConnectorThatARuleUsesIsRefusedWithWhatToDo() {
		String guid = value(this.exchange.newOutboundConnector(outbound("To acme", "acme.example"))).orElseThrow()
			.guid();
		this.neighbour.useInRule(guid);
		Failure failure = failure(this.exchange.removeOutboundConnector(guid));
		assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID);
		assertThat(failure.message()).contains("mail-flow rule");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					400 | Microsoft.Exchange.Data.Directory.SystemConfiguration.ADObjectAlreadyExistsException | x      | CONFLICT_EXISTS
					500 | Microsoft.Exchange.Management.ManagementObjectAlreadyExistsException | x                     | CONFLICT_EXISTS
					400 | System.Exception | The name already exists.                                                   | CONFLICT_EXISTS
					500 | Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException | x                  | NOT_FOUND
					400 | Microsoft.Exchange.AdminApi.CommandInvocation.ParameterTransformationException | x            | INVALID
					400 | System.UnauthorizedAccessException | The cmdlet is not present in the role definition of the current user | PERMISSION
					401 | System.UnauthorizedAccessException | User is not allowed to call Get-InboundConnector         | PERMISSION
					400 | Microsoft.Exchange.ServerBusyException | x                                                    | RETRYABLE
					400 | System.Exception | You have reached the maximum number of concurrent requests per tenant      | RETRYABLE
					400 | System.Exception | Micro delay was applied                                                    | RETRYABLE
					400 | System.Exception | The operation exceeded the budget                                          | RETRYABLE
					400 | System.Exception | CmdletProxyNotAvailableFailure                                             | RETRYABLE
					400 | Microsoft.Exchange.Data.Directory.ADTransientException | x                                    | RETRYABLE
					400 | Microsoft.Exchange.BackendCommunicationException | x                                          | RETRYABLE
					400 | System.Exception | This issue may be transient                                                | RETRYABLE
					500 | System.Exception | x                                                                          | RETRYABLE
					""")
	void anExceptionIsClassifiedByItsTypeThenItsText(int status, String type, String text, Failure.Kind kind) {
		for (ExchangeOnlineDouble.Envelope envelope : ExchangeOnlineDouble.Envelope.values()) {
			for (int i = 0; i < 4; i++) {
				this.neighbour.failNext(ExchangeFault.error(status, type, text, envelope));
			}
			Failure failure = failure(this.exchange.inboundConnectors());
			assertThat(failure.kind()).isEqualTo(kind);
			assertThat(failure.detail()).contains(text);
			this.neighbour.forgetFaults();
		}
	}

	@Test
	void whatMayHaveBeenCarriedOutIsAmbiguousForAWriteOnly() {
		for (String type : List.of("Microsoft.Exchange.Data.Directory.ADTransientException",
				"Microsoft.Exchange.UnableToWriteToAadException")) {
			this.neighbour.failNext(ExchangeFault.error(400, type, "x").on("New-"));
			assertThat(failure(this.exchange.newInboundConnector(inbound("From acme", "acme.example"))).kind())
				.isEqualTo(Failure.Kind.AMBIGUOUS_WRITE);
		}
		this.neighbour.failNext(ExchangeFault.error(400, "Microsoft.Exchange.ServerBusyException", "x").on("New-"));
		assertThat(failure(this.exchange.newInboundConnector(inbound("From acme", "acme.example"))).kind())
			.isEqualTo(Failure.Kind.RETRYABLE);
	}

	@Test
	void aMissingPermissionIsExplainedApartFromAMissingRole() {
		this.neighbour.permission(false);
		this.neighbour.role(false);
		Failure neither = failure(this.exchange.inboundConnectors());
		assertThat(neither.kind()).isEqualTo(Failure.Kind.AUTHENTICATION);
		assertThat(neither.message()).contains("Exchange.ManageAsApp").contains("admin consent");
		this.neighbour.permission(true);
		Failure permissionOnly = failure(this.exchange.inboundConnectors());
		assertThat(permissionOnly.kind()).isEqualTo(Failure.Kind.PERMISSION);
		assertThat(permissionOnly.message()).contains("Exchange Administrator");
		assertThat(permissionOnly.detail()).isNull();
		this.neighbour.role(true);
		assertThat(value(this.exchange.inboundConnectors())).isEmpty();
	}

	@Test
	void aTokenForAnotherResourceIsExplainedAsAMatterOfTheCloud() {
		this.neighbour.audience("https://graph.microsoft.com");
		Failure failure = failure(this.exchange.inboundConnectors());
		assertThat(failure.kind()).isEqualTo(Failure.Kind.AUTHENTICATION);
		assertThat(failure.message()).contains("portal.exchange.cloud");
	}

	@ParameterizedTest
	@ValueSource(ints = { 408, 500, 502, 503, 504 })
	void aReadIsRepeatedAFewTimes(int status) {
		this.neighbour.failNext(ExchangeFault.answer(status, Map.of(), "<html>"));
		this.neighbour.failNext(ExchangeFault.cutBefore());
		assertThat(value(this.exchange.inboundConnectors())).isEmpty();
		assertThat(sent("Get-InboundConnector")).isEqualTo(3);
		assertThat(this.portal.pauses).hasSize(2);
		assertThat(this.portal.pauses.get(0)).isBetween(Duration.ofMillis(500), Duration.ofMillis(1500));
		assertThat(this.portal.pauses.get(1)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3));
	}

	@Test
	void aReadIsGivenUpAfterFourTries() {
		for (int i = 0; i < 5; i++) {
			this.neighbour.failNext(ExchangeFault.unavailable());
		}
		Failure failure = failure(this.exchange.inboundConnectors());
		assertThat(failure.kind()).isEqualTo(Failure.Kind.RETRYABLE);
		assertThat(failure.detail()).contains("503");
		assertThat(sent("Get-InboundConnector")).isEqualTo(4);
	}

	@Test
	void aReadWaitsAsLongAsItIsAsked() {
		this.neighbour.failNext(ExchangeFault.throttled(Duration.ofSeconds(20)));
		assertThat(value(this.exchange.inboundConnectors())).isEmpty();
		assertThat(this.portal.pauses).singleElement()
			.satisfies((pause) -> assertThat(pause).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(21)));
	}

	@Test
	void aLongWaitIsLeftToTheCaller() {
		this.neighbour.failNext(ExchangeFault.throttled(Duration.ofMinutes(5)));
		Failure failure = failure(this.exchange.inboundConnectors());
		assertThat(failure.kind()).isEqualTo(Failure.Kind.RETRYABLE);
		assertThat(failure.retryAfter()).isEqualTo(Duration.ofMinutes(5));
		assertThat(this.portal.pauses).isEmpty();
	}

	static Stream<Arguments> lostAnswers() {
		return Stream.of(Arguments.of(ExchangeFault.cutAfterCommit(), true),
				Arguments.of(ExchangeFault.cutInBody(), true), Arguments.of(ExchangeFault.cutBefore(), false),
				Arguments.of(ExchangeFault.slow(Duration.ofSeconds(30)), true),
				Arguments.of(ExchangeFault.answer(202, Map.of("Location", "/later"), ""), false),
				Arguments.of(ExchangeFault.answer(200, Map.of(), "<html>").afterCommit(), true),
				Arguments.of(ExchangeFault.answer(200, Map.of(), "x".repeat(9 * 1024 * 1024)).afterCommit(), true),
				Arguments.of(ExchangeFault.answer(500, Map.of(), "").afterCommit(), true),
				Arguments.of(ExchangeFault.answer(504, Map.of(), "").afterCommit(), true),
				Arguments.of(ExchangeFault.unavailable(), false));
	}

	@ParameterizedTest
	@MethodSource("lostAnswers")
	void aWriteWhoseAnswerIsLostIsAmbiguousAndWasSentOnce(ExchangeFault fault, boolean committed) {
		Portal hasty = portal(Map.of("portal.exchange.write-timeout", "2s"));
		// A connection that was used before could be found stale and tempt to repeat.
		value(hasty.exchange.inboundConnectors());
		List<Function<ExchangeOnline, Reply<?>>> writes = List.of(
				(exchange) -> exchange.newInboundConnector(inbound("From acme", "acme.example")),
				(exchange) -> exchange.newOutboundConnector(outbound("To acme", "acme.example")));
		for (Function<ExchangeOnline, Reply<?>> write : writes) {
			this.neighbour.failNext(fault.on("New-"));
			Failure failure = failure(write.apply(hasty.exchange));
			assertThat(failure.kind()).isEqualTo(Failure.Kind.AMBIGUOUS_WRITE);
			assertThat(failure.message()).contains("list the connectors");
		}
		assertThat(sent("New-InboundConnector")).isEqualTo(1);
		assertThat(sent("New-OutboundConnector")).isEqualTo(1);
		assertThat(this.neighbour.inbound()).hasSize(committed ? 1 : 0);
		assertThat(this.neighbour.outbound()).hasSize(committed ? 1 : 0);
		assertThat(hasty.pauses).isEmpty();
	}

	static Stream<Arguments> refusedWrites() {
		return Stream.of(Arguments.of(ExchangeFault.throttled(Duration.ofSeconds(1)), Failure.Kind.RETRYABLE),
				Arguments.of(ExchangeFault.answer(503, Map.of("Retry-After", "2"), ""), Failure.Kind.RETRYABLE),
				Arguments.of(ExchangeFault.answer(425, Map.of(), ""), Failure.Kind.RETRYABLE),
				Arguments.of(ExchangeFault.unauthorized(), Failure.Kind.AUTHENTICATION),
				Arguments.of(ExchangeFault.forbidden(), Failure.Kind.PERMISSION),
				Arguments.of(ExchangeFault.answer(404, Map.of(), "<html>"), Failure.Kind.PERMANENT),
				Arguments.of(ExchangeFault.answer(413, Map.of(), ""), Failure.Kind.PERMANENT),
				Arguments.of(ExchangeFault.error(400, INVOCATION + "AmbiguousParameterSetException", "x"),
						Failure.Kind.INVALID),
				Arguments.of(ExchangeFault.error(400, TASKS + "ConnectorIncorrectUsageException", "x"),
						Failure.Kind.INVALID),
				Arguments.of(ExchangeFault.answer(200, Map.of(), "{\"@odata.error\":{\"message\":\"wrong\"}}"),
						Failure.Kind.INVALID),
				Arguments.of(ExchangeFault.answer(200, Map.of(), "{\"@adminapi.errors\":[\"already exists\"]}"),
						Failure.Kind.CONFLICT_EXISTS));
	}

	@ParameterizedTest
	@MethodSource("refusedWrites")
	void aRefusedWriteIsSentOnceToo(ExchangeFault fault, Failure.Kind kind) {
		String guid = value(this.exchange.newInboundConnector(inbound("From acme", "acme.example"))).orElseThrow()
			.guid();
		this.neighbour.failNext(fault.on("Set-"));
		this.neighbour.failNext(fault.on("Remove-"));
		assertThat(failure(this.exchange.setInboundConnector(guid, Map.of("Enabled", false))).kind()).isEqualTo(kind);
		assertThat(failure(this.exchange.removeInboundConnector(guid)).kind()).isEqualTo(kind);
		assertThat(sent("Set-InboundConnector")).isEqualTo(1);
		assertThat(sent("Remove-InboundConnector")).isEqualTo(1);
		assertThat(this.portal.pauses).isEmpty();
	}

	@Test
	void aValidationIsSentOnceAndItsLostAnswerIsRetryable() {
		String guid = value(this.exchange.newOutboundConnector(outbound("To acme", "acme.example"))).orElseThrow()
			.guid();
		this.neighbour.failNext(ExchangeFault.cutAfterCommit().on("Validate-"));
		assertThat(failure(this.exchange.validateOutboundConnector(guid, List.of("me@acme.example"))).kind())
			.isEqualTo(Failure.Kind.RETRYABLE);
		assertThat(sent("Validate-OutboundConnector")).isEqualTo(1);
	}

	@Test
	void aValidationHasALongerTimeThanAWrite() {
		Portal patient = portal(
				Map.of("portal.exchange.write-timeout", "10ms", "portal.exchange.validate-timeout", "30s"));
		this.neighbour.runAside("New-OutboundConnector", outbound("To acme", "acme.example"));
		String guid = this.neighbour.outbound().getFirst().get("Guid").toString();
		this.neighbour.failNext(ExchangeFault.slow(Duration.ofMillis(300)).on("Validate-"));
		assertThat(value(patient.exchange.validateOutboundConnector(guid, List.of("me@acme.example")))).hasSize(2);
	}

	@Test
	void aReadThatTakesTooLongIsRetryable() {
		Portal hasty = portal(Map.of("portal.exchange.read-timeout", "1s"));
		value(hasty.exchange.inboundConnectors());
		for (int i = 0; i < 4; i++) {
			this.neighbour.failNext(ExchangeFault.slow(Duration.ofSeconds(30)));
		}
		assertThat(failure(hasty.exchange.inboundConnectors()).kind()).isEqualTo(Failure.Kind.RETRYABLE);
	}

	@Test
	void anAnswerWithoutEndIsNotReadToItsEnd() {
		this.neighbour.failNext(ExchangeFault.answer(200, Map.of(), "x".repeat(33 * 1024 * 1024)));
		Failure failure = failure(this.exchange.inboundConnectors());
		assertThat(failure.kind()).isEqualTo(Failure.Kind.PERMANENT);
		assertThat(failure.detail()).contains("more than");
		assertThat(sent("Get-InboundConnector")).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{}", "[]", "null", "<html>proxy</html>", "{\"value\":{}}",
			"{\"value\":[{\"Name\":\"without a GUID\"}]}",
			"{\"value\":[{\"Guid\":\"1\",\"Name\":\"x\",\"Enabled\":7}]}" })
	void aListThatCannotBeUnderstoodIsNoList(String body) {
		this.neighbour.failNext(ExchangeFault.answer(200, Map.of(), body));
		assertThat(failure(this.exchange.inboundConnectors()).kind()).isEqualTo(Failure.Kind.PERMANENT);
	}

	@Test
	void absentValuesAreAbsentAndNotFalse() {
		this.neighbour.failNext(ExchangeFault.answer(200, Map.of(),
				"{\"value\":[{\"Guid\":\"AB\",\"Name\":\"x\",\"LastValidationTimestamp\":\"soon\"}]}"));
		InboundConnector read = value(this.exchange.inboundConnectors()).getFirst();
		assertThat(read.guid()).isEqualTo("ab");
		assertThat(read.enabled()).isNull();
		assertThat(read.requireTls()).isNull();
		assertThat(read.senderDomains()).isEmpty();
		assertThat(read.whenChanged()).isNull();
	}

	@Test
	void aRegionalRedirectIsFollowedWithTheToken() {
		this.neighbour.runAside("New-InboundConnector", inbound("From acme", "acme.example"));
		URI regional = this.neighbour.address()
			.resolve("/eur/adminapi/beta/11111111-2222-3333-4444-555555555555/InvokeCommand");
		for (int status : List.of(301, 302, 307, 308)) {
			this.neighbour.failNext(ExchangeFault.redirect(status, regional));
			assertThat(value(this.exchange.inboundConnectors())).hasSize(1);
		}
		this.neighbour.failNext(ExchangeFault.redirect(307, regional).on("New-"));
		assertThat(value(this.exchange.newOutboundConnector(outbound("To acme", "acme.example")))).isPresent();
		assertThat(this.neighbour.outbound()).hasSize(1);
	}

	@Test
	void theTokenNeverFollowsARedirectToAnotherHost() throws IOException {
		try (ExchangeOnlineDouble stranger = ExchangeOnlineDouble
			.start(ExchangeOnlineDouble.Settings.defaults().at("127.0.0.2", 0))) {
			URI target = stranger.address()
				.resolve("/adminapi/beta/11111111-2222-3333-4444-555555555555/InvokeCommand");
			for (int status : List.of(301, 302, 303, 307, 308)) {
				this.neighbour.failNext(ExchangeFault.redirect(status, target));
				Failure failure = failure(this.exchange.inboundConnectors());
				assertThat(failure.kind()).isEqualTo(Failure.Kind.PERMANENT);
				assertThat(failure.detail()).contains("127.0.0.2");
			}
			this.neighbour.failNext(ExchangeFault.redirect(307, target).on("New-"));
			assertThat(failure(this.exchange.newInboundConnector(inbound("From acme", "acme.example"))).kind())
				.isEqualTo(Failure.Kind.PERMANENT);
			assertThat(stranger.bearersSeen()).isZero();
			assertThat(stranger.calls()).isEmpty();
		}
	}

	@Test
	void redirectsWithoutEndOrWithoutTargetAreNotFollowed() {
		URI self = this.neighbour.address()
			.resolve("/adminapi/beta/11111111-2222-3333-4444-555555555555/InvokeCommand");
		for (int i = 0; i < 3; i++) {
			this.neighbour.failNext(ExchangeFault.redirect(307, self));
		}
		assertThat(failure(this.exchange.inboundConnectors()).kind()).isEqualTo(Failure.Kind.PERMANENT);
		assertThat(sent("Get-InboundConnector")).isEqualTo(3);
		this.neighbour.failNext(ExchangeFault.answer(302, Map.of(), ""));
		assertThat(failure(this.exchange.inboundConnectors()).kind()).isEqualTo(Failure.Kind.PERMANENT);
		this.neighbour.failNext(ExchangeFault.answer(302, Map.of("Location", "ht tp://["), ""));
		assertThat(failure(this.exchange.inboundConnectors()).kind()).isEqualTo(Failure.Kind.PERMANENT);
	}

	@Test
	void whereNobodyListensNothingWasSent() {
		Portal lost = portal(Map.of("portal.exchange.endpoint", "http://127.0.0.1:1"));
		Failure failure = failure(lost.exchange.newInboundConnector(inbound("From acme", "acme.example")));
		assertThat(failure.kind()).isEqualTo(Failure.Kind.RETRYABLE);
		assertThat(failure.message()).contains("cannot be reached");
	}

	@Test
	void aPassingFaultUnderAStatusOfRefusalIsRepeatedForAReadOnly() {
		this.neighbour.failNext(ExchangeFault.passing());
		this.neighbour.failNext(ExchangeFault.crowded());
		assertThat(value(this.exchange.inboundConnectors())).isEmpty();
		this.neighbour.failNext(ExchangeFault.passing());
		assertThat(failure(this.exchange.newInboundConnector(inbound("From acme", "acme.example"))).kind())
			.isEqualTo(Failure.Kind.AMBIGUOUS_WRITE);
		this.neighbour.failNext(ExchangeFault.crowded());
		assertThat(failure(this.exchange.newInboundConnector(inbound("From acme", "acme.example"))).kind())
			.isEqualTo(Failure.Kind.RETRYABLE);
		assertThat(this.neighbour.inbound()).isEmpty();
	}

	@Test
	void anErrorUnderAStatusOfSuccessIsAFailure() {
		this.neighbour.failNext(ExchangeFault.errorAsSuccess(TASKS + "ConnectorIncorrectUsageException", "no"));
		assertThat(failure(this.exchange.newInboundConnector(inbound("From acme", "acme.example"))).kind())
			.isEqualTo(Failure.Kind.INVALID);
		this.neighbour.failNext(ExchangeFault.accepted(URI.create("http://127.0.0.1:1/later")));
		assertThat(failure(this.exchange.newInboundConnector(inbound("From acme", "acme.example"))).kind())
			.isEqualTo(Failure.Kind.AMBIGUOUS_WRITE);
	}

	@Test
	void aWriteMayBeCarriedOutAfterTheCallerGaveUp() {
		Portal hasty = portal(Map.of("portal.exchange.write-timeout", "200ms"));
		this.neighbour.failNext(ExchangeFault.late(Duration.ofMillis(700)));
		assertThat(failure(hasty.exchange.newInboundConnector(inbound("From acme", "acme.example"))).kind())
			.isEqualTo(Failure.Kind.AMBIGUOUS_WRITE);
		assertThat(this.neighbour.inbound()).isEmpty();
		Awaitility.await().until(() -> this.neighbour.inbound().size() == 1);
	}

	@Test
	void aRemarkIsToldAndWhatOthersDoMeanwhileIsSeen() {
		String guid = value(this.exchange.newInboundConnector(inbound("From acme", "acme.example"))).orElseThrow()
			.guid();
		this.neighbour.failNext(ExchangeFault.warned("It takes an hour.").on("Set-"));
		assertThat(value(this.exchange.setInboundConnector(guid, Map.of("Enabled", false))).warnings())
			.containsExactly("It takes an hour.");
		this.neighbour.beforeNext("Get-In",
				() -> this.neighbour.runAside("Set-InboundConnector", Map.of("Identity", guid, "Comment", "mine")));
		assertThat(value(this.exchange.inboundConnectors()).getFirst().comment()).isEqualTo("mine");
	}

	@Test
	void whatTheOtherSideWroteIsOneBoundedPrintableLine() {
		this.neighbour.failNext(
				ExchangeFault.error(400, "System.Exception", "line\r\none\u0000\u001b[31m \u202e" + "x".repeat(9000)));
		String detail = failure(this.exchange.inboundConnectors()).detail();
		assertThat(detail).startsWith("line one[31m x").hasSizeLessThanOrEqualTo(2000).endsWith("…");
	}

}
