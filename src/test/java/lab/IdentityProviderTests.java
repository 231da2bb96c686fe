package lab;

import java.net.CookieManager;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

class IdentityProviderTests {

	private static final URI PORTAL = URI.create("http://localhost:8099");

	/** RFC 7636, appendix B. */
	private static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

	private static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

	private static IdentityProvider provider;

	private final HttpClient browser = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

	@BeforeAll
	static void start() throws Exception {
		int port;
		try (ServerSocket socket = new ServerSocket(0)) {
			port = socket.getLocalPort();
		}
		provider = IdentityProvider.start("127.0.0.1", port, "secret");
		provider.admit(PORTAL);
	}

	@AfterAll
	static void stop() {
		provider.close();
	}

	@Test
	void tellsWhoSignedInAndWithWhichRoles() throws Exception {
		JsonNode claims = claims(tokens(signIn("tomas", "s1", "")));

		assertThat(claims.get("iss").asString()).isEqualTo(provider.issuer().toString());
		assertThat(claims.get("sub").asString()).isEqualTo("tomas");
		assertThat(claims.get("name").asString()).isEqualTo("Tomás Rey");
		assertThat(claims.get("email").asString()).isEqualTo("tomas.rey@contoso.example");
		assertThat(claims.get("roles").toString()).isEqualTo("[\"Portal.Admin\"]");
		assertThat(claims.get("nonce").asString()).isEqualTo("n1");
	}

	@Test
	void givesNoRoleToWhomHasNone() throws Exception {
		assertThat(claims(tokens(signIn("nadia", "s1", ""))).get("roles").toString()).isEqualTo("[]");
	}

	@Test
	void refusesARequestWithoutProofKey() throws Exception {
		signIn("amina", "s1", "");

		HttpResponse<String> refused = get(provider.issuer() + "/oauth2/authorize?response_type=code&client_id=portal"
				+ "&scope=openid&state=s2&redirect_uri=" + encode(PORTAL + "/login/oauth2/code/staff"));

		assertThat(refused.headers().firstValue("Location")).hasValueSatisfying(
				(location) -> assertThat(location).contains("error=invalid_request").doesNotContain("code="));
	}

	@Test
	void refusesToReturnAnywhereElse() throws Exception {
		HttpResponse<String> refused = get(
				authorization("s1", "").replace(encode(PORTAL.toString()), encode("http://evil.example")));

		assertThat(refused.statusCode()).isEqualTo(400);
	}

	@Test
	void keepsPeopleSignedInUnlessAskedToSignInAgain() throws Exception {
		signIn("amina", "s1", "");

		assertThat(location(get(authorization("s2", "")))).startsWith(PORTAL + "/login/oauth2/code/staff?code=");
		assertThat(location(get(authorization("s3", "&prompt=login")))).endsWith("/sign-in");
		assertThat(signIn("jonas", "s4", "&prompt=login")).contains("state=s4");
	}

	@Test
	void signsOutAndReturnsToThePortal() throws Exception {
		String idToken = tokens(signIn("amina", "s1", "")).get("id_token").asString();

		HttpResponse<String> left = get(provider.issuer() + "/connect/logout?id_token_hint=" + idToken
				+ "&post_logout_redirect_uri=" + encode(PORTAL + "/signed-out"));

		assertThat(location(left)).isEqualTo(PORTAL + "/signed-out");
		assertThat(location(get(authorization("s2", "")))).endsWith("/sign-in");
	}

	@Test
	void signsOutWhoeverComesWithATokenFromBeforeARestart() throws Exception {
		signIn("amina", "s1", "");

		HttpResponse<String> left = get(provider.issuer() + "/connect/logout?id_token_hint=a.b.c"
				+ "&post_logout_redirect_uri=" + encode(PORTAL + "/signed-out"));
		HttpResponse<String> elsewhere = get(provider.issuer() + "/connect/logout?id_token_hint=a.b.c"
				+ "&post_logout_redirect_uri=" + encode("http://evil.example/signed-out"));

		assertThat(location(left)).isEqualTo(PORTAL + "/signed-out");
		assertThat(location(get(authorization("s2", "")))).endsWith("/sign-in");
		assertThat(elsewhere.statusCode()).as(elsewhere.headers().map().toString()).isEqualTo(400);
	}

	@Test
	void showsEverybodyOnItsPageInThePortalsLook() throws Exception {
		HttpResponse<String> page = get(provider.issuer() + "/sign-in");

		assertThat(page.body()).contains("Amina Okafor", "Tomás Rey", "Jonas Lind", "Nadia Roth");
		Matcher styles = Pattern.compile("href=\"(/[^\"]+\\.css)\"").matcher(page.body());
		assertThat(styles.results().map((style) -> style.group(1)).toList()).hasSize(3)
			.allSatisfy((style) -> assertThat(get(provider.issuer() + style).statusCode()).isEqualTo(200));
		assertThat(page.headers().firstValue("Content-Security-Policy")).isPresent();
	}

	/** The address at the portal with which the browser comes back. */
	private String signIn(String subject, String state, String more) throws Exception {
		HttpResponse<String> asked = get(authorization(state, more));
		HttpResponse<String> page = get(location(asked));
		Matcher csrf = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"").matcher(page.body());
		assertThat(csrf.find()).isTrue();
		HttpResponse<String> signedIn = post(provider.issuer() + "/sign-in",
				Map.of("_csrf", csrf.group(1), "username", subject, "password", "lab"));
		return location(get(location(signedIn)));
	}

	private JsonNode tokens(String returned) throws Exception {
		Matcher code = Pattern.compile("[?&]code=([^&]+)").matcher(returned);
		assertThat(code.find()).as(returned).isTrue();
		HttpResponse<String> answer = post(provider.issuer() + "/oauth2/token",
				Map.of("grant_type", "authorization_code", "code", code.group(1), "redirect_uri",
						PORTAL + "/login/oauth2/code/staff", "code_verifier", VERIFIER, "client_id", "portal",
						"client_secret", "secret"));
		assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
		return JsonMapper.shared().readTree(answer.body());
	}

	private static JsonNode claims(JsonNode tokens) {
		String payload = tokens.get("id_token").asString().split("\\.", -1)[1];
		return JsonMapper.shared().readTree(Base64.getUrlDecoder().decode(payload));
	}

	private static String authorization(String state, String more) {
		return provider.issuer() + "/oauth2/authorize?response_type=code&client_id=portal&scope="
				+ encode("openid profile email") + "&state=" + state + "&nonce=n1&redirect_uri="
				+ encode(PORTAL + "/login/oauth2/code/staff") + "&code_challenge_method=S256&code_challenge="
				+ CHALLENGE + more;
	}

	private HttpResponse<String> get(String uri) throws Exception {
		return this.browser.send(HttpRequest.newBuilder(URI.create(uri)).header("Accept", "text/html,*/*").build(),
				HttpResponse.BodyHandlers.ofString());
	}

	private HttpResponse<String> post(String uri, Map<String, String> form) throws Exception {
		String body = form.entrySet()
			.stream()
			.map((field) -> field.getKey() + "=" + encode(field.getValue()))
			.collect(Collectors.joining("&"));
		return this.browser.send(HttpRequest.newBuilder(URI.create(uri))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(HttpRequest.BodyPublishers.ofString(body))
			.build(), HttpResponse.BodyHandlers.ofString());
	}

	private static String location(HttpResponse<String> response) {
		assertThat(response.headers().firstValue("Location")).as(response.body()).isPresent();
		URI location = response.uri().resolve(response.headers().firstValue("Location").orElseThrow());
		return location.toString();
	}

	private static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

}
