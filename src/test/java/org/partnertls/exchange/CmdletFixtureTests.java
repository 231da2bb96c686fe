package org.partnertls.exchange;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpServer;
import lab.ExchangeOnlineDouble;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A request and a response of each cmdlet, as written down from what is known of the real
 * service: the adapter sends exactly the one and understands the other, and the double
 * takes the one and answers with the other's keys.
 */
class CmdletFixtureTests {

	private static final JsonMapper MAPPER = JsonMapper.shared();

	private static final String GUID = "159eb7c4-75d7-43e2-95fe-ced44b3e0a56";

	private static final Instant VALIDATED = Instant.parse("2026-07-24T18:59:12Z");

	/** Takes any request and gives the fixture's answer. */
	private static HttpServer scripted;

	private static final List<JsonNode> sent = new CopyOnWriteArrayList<>();

	private static volatile String answer = "";

	private static ExchangeOnlineDouble neighbour;

	private static ExchangeOnline exchange;

	@BeforeAll
	static void listen() throws IOException {
		neighbour = ExchangeOnlineDouble.start();
		scripted = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
		scripted.createContext("/", (request) -> {
			sent.add(MAPPER.readTree(request.getRequestBody().readAllBytes()));
			byte[] body = answer.getBytes(java.nio.charset.StandardCharsets.UTF_8);
			request.sendResponseHeaders(200, body.length);
			request.getResponseBody().write(body);
			request.close();
		});
		scripted.start();
		exchange = new Portal(neighbour,
				Map.of("portal.exchange.endpoint", "http://127.0.0.1:" + scripted.getAddress().getPort()),
				Clock.systemUTC()).exchange;
	}

	@AfterAll
	static void close() {
		scripted.stop(0);
		neighbour.close();
	}

	private static JsonNode fixture(String cmdlet) throws IOException {
		try (var in = CmdletFixtureTests.class.getResourceAsStream("/exchange/" + cmdlet + ".json")) {
			return MAPPER.readTree(in);
		}
	}

	static Stream<Arguments> cmdlets() {
		Map<String, Object> out = new LinkedHashMap<>();
		out.put("Name", "To acme");
		out.put("ConnectorType", "Partner");
		out.put("Enabled", false);
		out.put("RecipientDomains", List.of("acme.example"));
		out.put("UseMXRecord", true);
		out.put("TlsSettings", "DomainValidation");
		out.put("TlsDomain", "*.mx.acme.example");
		out.put("SmtpDaneMode", "Opportunistic");
		out.put("MtaStsMode", "None");
		Map<String, Object> in = new LinkedHashMap<>();
		in.put("Name", "From acme");
		in.put("ConnectorType", "Partner");
		in.put("SenderDomains", List.of("acme.example"));
		in.put("RequireTls", true);
		in.put("TlsSenderCertificateName", null);
		Map<String, Object> validated = new LinkedHashMap<>();
		validated.put("IsValidated", true);
		validated.put("LastValidationTimestamp", VALIDATED.plusMillis(500));
		validated.put("ValidationRecipients", List.of("postmaster@acme.example"));
		validated.put("RecipientDomains", new ListChange(List.of("b.example"), List.of("acme.example")));
		Map<String, Object> cleared = new LinkedHashMap<>();
		cleared.put("SenderIPAddresses", new ListChange(List.of(), List.of()));
		cleared.put("TlsSenderCertificateName", null);
		TracedMessage traced = new TracedMessage(GUID, "<1@acme.example>", VALIDATED, "postmaster@acme.example",
				"tls-test+abc@contoso.example", "Failed", "198.51.100.7");
		Instant day = Instant.parse("2026-07-24T00:00:00Z");
		return Stream.of(call("Get-OutboundConnector", ExchangeOnline::outboundConnectorsInUse, List.of(outbound())),
				call("Get-InboundConnector", ExchangeOnline::inboundConnectors, List.of(inbound())),
				call("New-OutboundConnector", (x) -> x.newOutboundConnector(out), java.util.Optional.of(outbound())),
				call("New-InboundConnector", (x) -> x.newInboundConnector(in), java.util.Optional.of(inbound())),
				call("Set-OutboundConnector", (x) -> x.setOutboundConnector(GUID, validated),
						new Accepted(List.of("The change takes effect within an hour."))),
				call("Set-InboundConnector", (x) -> x.setInboundConnector(GUID, cleared), new Accepted(List.of())),
				call("Remove-OutboundConnector", (x) -> x.removeOutboundConnector(GUID), new Accepted(List.of())),
				call("Remove-InboundConnector", (x) -> x.removeInboundConnector(GUID), new Accepted(List.of())),
				call("Validate-OutboundConnector",
						(x) -> x.validateOutboundConnector(GUID, List.of("postmaster@acme.example")),
						List.of(new ValidationTask("Check connectivity", true, Map.of("Detail", "220 ready")),
								new ValidationTask("Send test email", false,
										Map.of("Detail", "450 4.7.320 Certificate validation failed")))),
				call("Get-AcceptedDomain", ExchangeOnline::acceptedDomains,
						List.of(new AcceptedDomain("contoso.onmicrosoft.com", "Authoritative", false, true,
								"Disabled"))),
				call("Get-BlockedConnector", ExchangeOnline::blockedConnectors,
						List.of(new BlockedConnector(GUID, "Compromised"))),
				call("Get-OutboundConnectorReport", (x) -> x.servingConnectors("acme.example"),
						List.of(new ServingConnector("acme.example", "To acme"))),
				call("Get-TransportRule", ExchangeOnline::mailFlowRules,
						List.of(new MailFlowRule("Archive by the gateway", true, "Enforce", "To the gateway",
								List.of("acme.example")))),
				call("Get-MessageTraceV2",
						(x) -> x.trace(new TraceQuestion(day, day.plus(Duration.ofDays(1)), List.of("*@acme.example"),
								List.of(), List.of("Failed", "Pending"))),
						List.of(traced)),
				call("Get-MessageTraceDetailV2", (x) -> x.traceDetail(traced), List.of(new TraceEvent(VALIDATED,
						"Receive", "Message received by: DB5PEPF00014B8A",
						"<root><MEP Name=\"CustomData\" Blob=\"S:InboundConnectorData=Name=From acme;"
								+ "ConnectorType=Partner;TenantId=11111111-2222-3333-4444-555555555555\"/></root>"))));
	}

	private static Arguments call(String cmdlet, Function<ExchangeOnline, Reply<?>> call, Object value) {
		return Arguments.of(cmdlet, call, value);
	}

	private static OutboundConnector outbound() {
		return new OutboundConnector(GUID, "To acme", false, "Partner", "Default", "Made by the portal",
				List.of("*.acme.example", "acme.example"), List.of(), true, "DomainValidation", "*.mx.acme.example",
				"Opportunistic", "None", false, false, false, false, false, false, List.of("postmaster@acme.example"),
				false, VALIDATED, true, Instant.parse("2026-07-24T18:01:54Z"), Instant.parse("2026-07-24T19:01:54Z"));
	}

	private static InboundConnector inbound() {
		return new InboundConnector(GUID, "From acme", true, "Partner", "AdminUI", null,
				List.of("*.acme.example", "acme.example"), List.of("198.51.100.0/24"), true, false, true, null,
				List.of(), List.of(), false, false, false, List.of(), List.of(), true,
				Instant.parse("2026-07-24T18:01:54Z"), Instant.parse("2026-07-24T19:01:54Z"));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("cmdlets")
	void theAdapterSendsTheRequestAndUnderstandsTheResponse(String cmdlet, Function<ExchangeOnline, Reply<?>> call,
			Object value) throws IOException {
		JsonNode fixture = fixture(cmdlet);
		answer = fixture.path("response").toString();
		sent.clear();
		assertThat(Portal.<Object>value(cast(call.apply(exchange)))).isEqualTo(value);
		assertThat(sent).containsExactly(fixture.path("request"));
	}

	@SuppressWarnings("unchecked")
	private static <T> Reply<T> cast(Reply<?> reply) {
		return (Reply<T>) reply;
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("cmdlets")
	void theDoubleTakesTheRequestAndAnswersWithTheSameKeys(String cmdlet, Function<ExchangeOnline, Reply<?>> call,
			Object value) throws Exception {
		try (ExchangeOnlineDouble tenant = ExchangeOnlineDouble.start()) {
			JsonNode fixture = fixture(cmdlet);
			ObjectNode request = (ObjectNode) fixture.path("request").deepCopy();
			furnish(tenant, cmdlet, (ObjectNode) request.path("CmdletInput").path("Parameters"));
			JsonNode answered = invoke(tenant, request);
			assertThat(answered.path("@adminapi.warnings").isArray()).isTrue();
			assertThat(keys(answered)).containsAll(List.of("@odata.context", "adminapi.warnings@odata.type", "value"));
			JsonNode known = fixture.path("response").path("value");
			if (known.isEmpty()) {
				assertThat(answered.path("value")).isEmpty();
			}
			else {
				assertThat(plainKeys(answered.path("value").get(0))).isEqualTo(plainKeys(known.get(0)));
			}
		}
	}

	private static void furnish(ExchangeOnlineDouble tenant, String cmdlet, ObjectNode parameters) {
		if (!cmdlet.startsWith("New-")) {
			tenant.runAside("New-OutboundConnector",
					Map.of("Name", "To acme", "RecipientDomains", List.of("acme.example")));
			tenant.runAside("New-InboundConnector",
					Map.of("Name", "From acme", "SenderDomains", List.of("acme.example")));
		}
		if (parameters.has("Identity")) {
			List<Map<String, Object>> objects = cmdlet.endsWith("InboundConnector") ? tenant.inbound()
					: tenant.outbound();
			parameters.put("Identity", objects.getFirst().get("Guid").toString());
		}
		tenant.block(GUID);
		tenant.rule("Archive by the gateway", "To the gateway", List.of("acme.example"), true);
		String id = tenant.trace("postmaster@acme.example", "tls-test+abc@contoso.example", "Failed", null, "x");
		if (parameters.has("MessageTraceId")) {
			parameters.put("MessageTraceId", id);
		}
		if (parameters.has("StartDate")) {
			parameters.put("StartDate", Instant.now().minus(Duration.ofDays(1)).toString());
			parameters.put("EndDate", Instant.now().plus(Duration.ofDays(1)).toString());
		}
	}

	private static JsonNode invoke(ExchangeOnlineDouble tenant, JsonNode request) throws Exception {
		try (HttpClient client = HttpClient.newHttpClient()) {
			String id = ExchangeOnlineDouble.Settings.defaults().tenantId();
			String form = "client_id=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee&client_secret=lab-exchange-secret"
					+ "&grant_type=client_credentials&scope=https%3A%2F%2Foutlook.office365.com%2F.default";
			String token = MAPPER
				.readTree(client.send(HttpRequest.newBuilder(tenant.address().resolve("/" + id + "/oauth2/v2.0/token"))
					.POST(BodyPublishers.ofString(form))
					.build(), BodyHandlers.ofString()).body())
				.path("access_token")
				.stringValue();
			URI address = tenant.address().resolve("/adminapi/beta/" + id + "/InvokeCommand");
			var response = client.send(HttpRequest.newBuilder(address)
				.header("Authorization", "Bearer " + token)
				.POST(BodyPublishers.ofString(request.toString()))
				.build(), BodyHandlers.ofString());
			assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
			return MAPPER.readTree(response.body());
		}
	}

	private static SortedSet<String> keys(JsonNode object) {
		SortedSet<String> keys = new TreeSet<>();
		object.properties().forEach((property) -> keys.add(property.getKey()));
		return keys;
	}

	private static List<String> plainKeys(JsonNode object) {
		return new ArrayList<>(keys(object).stream().filter((key) -> !key.contains("@")).toList());
	}

	@Test
	void everyCmdletOfTheDoubleHasAFixture() throws IOException {
		List<String> names = cmdlets().map((arguments) -> arguments.get()[0].toString()).sorted().toList();
		assertThat(neighbour.cmdlets()).containsExactlyElementsOf(names);
		for (String name : names) {
			assertThat(fixture(name).path("request").path("CmdletInput").path("CmdletName").stringValue())
				.isEqualTo(name);
		}
	}

}
