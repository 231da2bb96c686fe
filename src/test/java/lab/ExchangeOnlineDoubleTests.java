package lab;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Those sides of the double that the adapter never touches.
 */
class ExchangeOnlineDoubleTests {

	private static final String TENANT = ExchangeOnlineDouble.Settings.defaults().tenantId();

	private final HttpClient client = HttpClient.newHttpClient();

	@TempDir
	private Path directory;

	private String token(ExchangeOnlineDouble at) throws IOException, InterruptedException {
		String form = "client_id=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee&client_secret=lab-exchange-secret"
				+ "&grant_type=client_credentials&scope=https%3A%2F%2Foutlook.office365.com%2F.default";
		HttpRequest request = HttpRequest.newBuilder(at.address().resolve("/" + TENANT + "/oauth2/v2.0/token"))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(form))
			.build();
		return JsonMapper.shared()
			.readTree(this.client.send(request, BodyHandlers.ofString()).body())
			.path("access_token")
			.stringValue();
	}

	private HttpResponse<String> invoke(ExchangeOnlineDouble at, String tenant, String body)
			throws IOException, InterruptedException {
		URI address = at.address().resolve("/adminapi/beta/" + tenant + "/InvokeCommand");
		return this.client.send(HttpRequest.newBuilder(address)
			.header("Authorization", "Bearer " + token(at))
			.POST(BodyPublishers.ofString(body))
			.build(), BodyHandlers.ofString());
	}

	private static String get(String parameters) {
		return "{\"CmdletInput\":{\"CmdletName\":\"Get-InboundConnector\",\"Parameters\":" + parameters + "}}";
	}

	@Test
	void aTenantSurvivesTheEndOfItsProcess() throws IOException {
		ExchangeOnlineDouble.Settings kept = ExchangeOnlineDouble.Settings.defaults()
			.keptIn(this.directory.resolve("tenant.json"));
		List<Map<String, Object>> before;
		try (ExchangeOnlineDouble first = ExchangeOnlineDouble.start(kept)) {
			first.runAside("New-InboundConnector",
					Map.of("Name", "From acme", "SenderDomains", List.of("acme.example")));
			first.runAside("New-OutboundConnector",
					Map.of("Name", "To acme", "RecipientDomains", List.of("acme.example")));
			before = first.outbound();
		}
		try (ExchangeOnlineDouble second = ExchangeOnlineDouble.start(kept)) {
			assertThat(second.outbound()).isEqualTo(before);
			assertThat(second.inbound()).hasSize(1);
		}
	}

	@Test
	void keysAreCaseSensitiveAndParametersMayNotBeMissing() throws Exception {
		try (ExchangeOnlineDouble neighbour = ExchangeOnlineDouble.start()) {
			assertThat(invoke(neighbour, TENANT, get("{}")).statusCode()).isEqualTo(200);
			assertThat(invoke(neighbour, TENANT, get("null")).statusCode()).isEqualTo(400);
			assertThat(invoke(neighbour, TENANT, get("{}").replace("CmdletInput", "cmdletInput")).statusCode())
				.isEqualTo(400);
			assertThat(invoke(neighbour, TENANT, "nothing").statusCode()).isEqualTo(400);
		}
	}

	@Test
	void anotherTenantsPathIsUnauthorizedWithoutAWord() throws Exception {
		try (ExchangeOnlineDouble neighbour = ExchangeOnlineDouble.start()) {
			HttpResponse<String> response = invoke(neighbour, "99999999-2222-3333-4444-555555555555", get("{}"));
			assertThat(response.statusCode()).isEqualTo(401);
			assertThat(response.body()).isEmpty();
		}
	}

	@Test
	void anUnknownIdentityIsNotFoundOrEverything() throws Exception {
		try (ExchangeOnlineDouble neighbour = ExchangeOnlineDouble.start()) {
			neighbour.runAside("New-InboundConnector",
					Map.of("Name", "From acme", "SenderDomains", List.of("acme.example")));
			assertThat(invoke(neighbour, TENANT, get("{\"Identity\":\"nobody\"}")).statusCode()).isEqualTo(404);
			neighbour.everythingForUnknown(true);
			JsonNode everything = JsonMapper.shared()
				.readTree(invoke(neighbour, TENANT, get("{\"Identity\":\"nobody\"}")).body());
			assertThat(everything.path("value").size()).isEqualTo(1);
			assertThat(everything.path("@adminapi.warnings").isArray()).isTrue();
		}
	}

	@Test
	void enumValuesAreBoundByTheirUniquePrefix() throws IOException {
		try (ExchangeOnlineDouble neighbour = ExchangeOnlineDouble.start()) {
			neighbour.runAside("New-OutboundConnector",
					Map.of("Name", "To acme", "RecipientDomains", List.of("acme.example"), "TlsSettings", "cert"));
			assertThat(neighbour.outbound().getFirst()).containsEntry("TlsSettings", "CertificateValidation");
		}
	}

	@Test
	void onlyTheLastFiveHundredCallsAreKept() throws Exception {
		try (ExchangeOnlineDouble neighbour = ExchangeOnlineDouble.start()) {
			neighbour.role(false);
			String body = get("{}");
			URI address = neighbour.address().resolve("/adminapi/beta/" + TENANT + "/InvokeCommand");
			HttpRequest request = HttpRequest.newBuilder(address).POST(BodyPublishers.ofString(body)).build();
			for (int i = 0; i < 510; i++) {
				this.client.send(request, BodyHandlers.discarding());
			}
			assertThat(neighbour.calls()).hasSize(500);
		}
	}

}
