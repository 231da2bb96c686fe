package lab;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The part of Entra ID that gives an application its token.
 */
final class ExchangeSignIn {

	static final String RESOURCE = "https://outlook.office365.com";

	private static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

	private static final JsonMapper MAPPER = JsonMapper.shared();

	private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {
	};

	private final ExchangeOnlineDouble.Settings settings;

	private volatile Duration lifetime = Duration.ofSeconds(3599);

	private volatile boolean permission = true;

	private volatile String audience = RESOURCE;

	ExchangeSignIn(ExchangeOnlineDouble.Settings settings) {
		this.settings = settings;
	}

	void lifetime(Duration lifetime) {
		this.lifetime = lifetime;
	}

	void permission(boolean granted) {
		this.permission = granted;
	}

	void audience(String audience) {
		this.audience = audience;
	}

	record Answer(int status, String body) {
	}

	/**
	 * Answers a token request.
	 * @param tenant from the path
	 * @param body form fields
	 */
	Answer token(String tenant, String body) {
		Map<String, String> form = form(body);
		String clientId = form.getOrDefault("client_id", "");
		if (!tenant.equalsIgnoreCase(this.settings.tenantId())) {
			return refused(400, "invalid_request", 90002, "Tenant '" + tenant + "' not found.");
		}
		if (!"client_credentials".equals(form.get("grant_type"))) {
			return refused(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
		}
		if (!clientId.equalsIgnoreCase(this.settings.clientId())) {
			return refused(400, "unauthorized_client", 700016,
					"Application with identifier '" + clientId + "' was not found in the directory.");
		}
		if (!List.of(form.getOrDefault("scope", "").split(" ")).contains(RESOURCE + "/.default")) {
			return refused(400, "invalid_resource", 500011,
					"The resource principal named in " + form.get("scope") + " was not found in the tenant.");
		}
		return authenticated(form);
	}

	private Answer authenticated(Map<String, String> form) {
		String secret = form.get("client_secret");
		if (secret != null) {
			return secret.equals(this.settings.clientSecret()) ? granted()
					: refused(401, "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being"
							+ " sent in the request is the client secret value, not the client secret ID.");
		}
		if (!ASSERTION_TYPE.equals(form.get("client_assertion_type"))) {
			return refused(401, "invalid_client", 7000218,
					"The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
		}
		return accepted(form.getOrDefault("client_assertion", "")) ? granted()
				: refused(401, "invalid_client", 700027, "The certificate with identifier used to sign the client"
						+ " assertion is not registered on application.");
	}

	private boolean accepted(String assertion) {
		X509Certificate certificate = this.settings.certificate();
		String[] parts = assertion.split("\\.", -1);
		if (certificate == null || parts.length != 3) {
			return false;
		}
		try {
			Map<String, Object> header = json(parts[0]);
			Map<String, Object> claims = json(parts[1]);
			String thumbprint = Base64.getUrlEncoder()
				.withoutPadding()
				.encodeToString(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
			Signature signature = Signature.getInstance("RS256".equals(header.get("alg")) ? "SHA256withRSA" : "none");
			signature.initVerify(certificate.getPublicKey());
			signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
			// Whoever signs goes by the machine's clock.
			Instant now = Clock.systemUTC().instant();
			return signature.verify(Base64.getUrlDecoder().decode(parts[2]))
					&& thumbprint.equals(urlSafe(String.valueOf(header.get("x5t#S256"))))
					&& this.settings.clientId().equals(claims.get("iss")) && claims.get("iss").equals(claims.get("sub"))
					&& String.valueOf(claims.get("aud")).endsWith("/" + this.settings.tenantId() + "/oauth2/v2.0/token")
					&& now.isBefore(Instant.ofEpochSecond(((Number) claims.get("exp")).longValue()));
		}
		catch (GeneralSecurityException | JacksonException | IllegalArgumentException | ClassCastException
				| NullPointerException ex) {
			return false;
		}
	}

	/**
	 * Some write the thumbprint in the plain alphabet of Base64, and are understood.
	 */
	private static String urlSafe(String base64) {
		return base64.replace("=", "").replace('+', '-').replace('/', '_');
	}

	private Answer granted() {
		Map<String, Object> answer = new LinkedHashMap<>();
		answer.put("token_type", "Bearer");
		answer.put("expires_in", this.lifetime.toSeconds());
		answer.put("ext_expires_in", this.lifetime.toSeconds());
		answer.put("access_token", accessToken());
		return new Answer(200, MAPPER.writeValueAsString(answer));
	}

	private String accessToken() {
		Map<String, Object> claims = new LinkedHashMap<>();
		claims.put("aud", this.audience);
		claims.put("iss", "https://sts.windows.net/" + this.settings.tenantId() + "/");
		claims.put("exp", this.settings.clock().instant().plus(this.lifetime).getEpochSecond());
		claims.put("appid", this.settings.clientId());
		claims.put("tid", this.settings.tenantId());
		claims.put("uti", UUID.randomUUID().toString());
		if (this.permission) {
			claims.put("roles", List.of("Exchange.ManageAsApp"));
		}
		String signed = encoded(Map.of("typ", "JWT", "alg", "HS256")) + "." + encoded(claims);
		return signed + "." + mac(signed);
	}

	/**
	 * Whether a call may pass.
	 * @param authorization the header, or null
	 * @param tenant from the path
	 */
	boolean admits(String authorization, String tenant) {
		if (authorization == null || !authorization.startsWith("Bearer ")) {
			return false;
		}
		String token = authorization.substring("Bearer ".length());
		int end = token.lastIndexOf('.');
		if (end < 0 || !mac(token.substring(0, end)).equals(token.substring(end + 1))) {
			return false;
		}
		Map<String, Object> claims = json(token.split("\\.", -1)[1]);
		return RESOURCE.equals(claims.get("aud")) && tenant.equalsIgnoreCase(String.valueOf(claims.get("tid")))
				&& claims.containsKey("roles")
				&& this.settings.clock()
					.instant()
					.isBefore(Instant.ofEpochSecond(((Number) claims.get("exp")).longValue()));
	}

	private Answer refused(int status, String error, int code, String text) {
		return new Answer(status, refusal(error, code, text));
	}

	static String refusal(String error, int code, String text) {
		String trace = UUID.randomUUID().toString();
		Map<String, Object> body = new LinkedHashMap<>();
		body.put("error", error);
		body.put("error_description", "AADSTS" + code + ": " + text + " Trace ID: " + trace + " Correlation ID: "
				+ trace + " Timestamp: 2026-07-24 19:01:54Z");
		body.put("error_codes", List.of(code));
		body.put("timestamp", "2026-07-24 19:01:54Z");
		body.put("trace_id", trace);
		body.put("correlation_id", trace);
		body.put("error_uri", "https://login.microsoftonline.com/error?code=" + code);
		return MAPPER.writeValueAsString(body);
	}

	private String mac(String signed) {
		try {
			Mac mac = Mac.getInstance("HmacSHA256");
			mac.init(new SecretKeySpec(
					(this.settings.tenantId() + this.settings.clientSecret()).getBytes(StandardCharsets.UTF_8),
					"HmacSHA256"));
			return Base64.getUrlEncoder()
				.withoutPadding()
				.encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Map<String, Object> json(String part) {
		return MAPPER.readValue(Base64.getUrlDecoder().decode(part), MAP);
	}

	private static String encoded(Map<String, Object> part) {
		return Base64.getUrlEncoder().withoutPadding().encodeToString(MAPPER.writeValueAsBytes(part));
	}

	private static Map<String, String> form(String body) {
		Map<String, String> form = new HashMap<>();
		Arrays.stream(body.split("&")).map((field) -> field.split("=", 2)).forEach((field) -> {
			if (field.length == 2) {
				form.put(URLDecoder.decode(field[0], StandardCharsets.UTF_8),
						URLDecoder.decode(field[1], StandardCharsets.UTF_8));
			}
		});
		return form;
	}

}
