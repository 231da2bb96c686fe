package lab;

import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsProperties;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Finding;
import org.partnertls.tlscheck.Network;
import org.partnertls.tlscheck.ProbeSettings;
import org.partnertls.tlscheck.Prober;
import org.partnertls.tlscheck.Verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class NeighbourhoodTests {

	private static final Published PUBLISHED = new Published(Published.Policy.ENFORCE, Published.Signing.SIGNED,
			Published.Tlsa.RIGHT, Published.Reporting.BY_MAIL);

	private static final URI PORTAL = URI.create("http://localhost:8099");

	private static Neighbourhood neighbourhood;

	private static LabPages pages;

	private final HttpClient browser = HttpClient.newHttpClient();

	@BeforeAll
	static void start() throws Exception {
		neighbourhood = Neighbourhood.temporary(Clock.systemUTC());
		pages = LabPages.start(neighbourhood, PORTAL, "127.0.0.1", 0);
	}

	@AfterAll
	static void stop() {
		pages.close();
		neighbourhood.close();
	}

	@ParameterizedTest
	@CsvSource({ "nordwind.example,CertificateValidation,true", "fabrikam.example,CertificateValidation,false",
			"litware.example,CertificateValidation,false", "proseware.example,CertificateValidation,false",
			"adatum.example,CertificateValidation,false", "adatum.example,EncryptionOnly,false",
			"litware.example,EncryptionOnly,true", "tailspin.example,CertificateValidation,true" })
	void validatesConnectorsAtThePartnersRealServers(String domain, String tlsSettings, boolean good) {
		int before = neighbourhood.partner(domain).server().received().size();

		List<ExchangeValidator.Task> tasks = validate(domain, Map.of("TlsSettings", tlsSettings));

		assertThat(tasks.stream().allMatch(ExchangeValidator.Task::successful)).as(tasks.toString()).isEqualTo(good);
		assertThat(neighbourhood.partner(domain).server().received()).hasSize(good ? before + 1 : before);
	}

	@ParameterizedTest
	@CsvSource({ "TESTING,SIGNED,RIGHT,BY_MAIL,sts-testing dane-matched tlsrpt-record",
			"ENFORCE,NONE,NONE,TWO_RECORDS,sts-enforce tlsrpt-record-invalid",
			"WITHDRAWN,SIGNED,WRONG,NONE,sts-record tlsa-invalid",
			"WRONG_MAIL_SERVER,SIGNED,UNUSABLE,NONE,sts-mx-mismatch tlsa-invalid",
			"EXPIRED_CERTIFICATE,WRONG,NONE,NONE,sts-webpki-invalid dnssec-invalid",
			"REDIRECT,NONE,RIGHT,NONE,sts-policy-fetch-error", "TWO_RECORDS,NONE,NONE,NONE,sts-record-several" })
	void partnersPublishWhatTheCheckLooksFor(Published.Policy policy, Published.Signing signing, Published.Tlsa tlsa,
			Published.Reporting reporting, String codes) {
		String domain = policy.name().toLowerCase(Locale.ROOT).replace('_', '-') + ".example";
		neighbourhood.publish(neighbourhood.addPartner("Publisher", domain),
				new Published(policy, signing, tlsa, reporting));

		assertThat(findings(domain)).contains(codes.split(" ", -1));

		neighbourhood.publish(neighbourhood.partner(domain), Published.NOTHING);
		assertThat(findings(domain)).doesNotContain(codes.split(" ", -1));
	}

	private static List<String> findings(String domain) {
		Map<String, Object> settings = neighbourhood.portalSettings(PORTAL);
		ProbeSettings probe = new ProbeSettings((int) settings.get("portal.tls-check.port"), "portal.contoso.example",
				ProbeSettings.Timeouts.usual(), 4, List.of(Network.of("127.0.0.0/8")),
				List.of(neighbourhood.pki().root()), (int) settings.get("portal.tls-check.policy-port"), Duration.ZERO,
				false);
		Dns dns = new Dns(new DnsProperties(List.of(neighbourhood.dns().address()), Duration.ofSeconds(3)));
		try (Prober prober = new Prober(dns, probe, Clock.systemUTC())) {
			return Verdict.of(prober.check(new DomainName(domain), (sentence) -> {
			})).findings().stream().map(Finding::code).toList();
		}
	}

	@Test
	void validatesTheNameWhenAConnectorNamesOne() {
		assertThat(validate("nordwind.example",
				Map.of("TlsSettings", "DomainValidation", "TlsDomain", "*.nordwind.example")))
			.allMatch(ExchangeValidator.Task::successful);
		assertThat(validate("tailspin.example",
				Map.of("TlsSettings", "DomainValidation", "TlsDomain", "*.tailspin.example")))
			.noneMatch(ExchangeValidator.Task::successful);
	}

	@Test
	void refusesClearTextOnlyWhileAConnectorSaysSo() {
		Neighbourhood.Partner partner = neighbourhood.addPartner("Contract", "contract.example");
		String to = Neighbourhood.TEST_ADDRESS.replace("@", "+abc@");
		neighbourhood.exchange()
			.runAside("New-InboundConnector", Map.of("Name", "From contract.example", "SenderDomains",
					List.of("contract.example"), "RequireTls", true, "Enabled", true));

		PartnerMailClient.Dialogue refused = neighbourhood.sendTestMessage(partner, to, false);
		PartnerMailClient.Dialogue encrypted = neighbourhood.sendTestMessage(partner, to, true);
		neighbourhood.exchange()
			.runAside("Set-InboundConnector", Map.of("Identity", "From contract.example", "Enabled", false));
		PartnerMailClient.Dialogue clear = neighbourhood.sendTestMessage(partner, to, false);

		assertThat(refused.accepted()).isFalse();
		assertThat(refused.finalReply()).startsWith("451 5.7.3");
		assertThat(encrypted.accepted()).as(encrypted.lines().toString()).isTrue();
		assertThat(clear.accepted()).isTrue();
		assertThat(neighbourhood.mail().testMessages().getFirst()).contains("Received: from mx1.contract.example (");
	}

	@Test
	void remembersWhatWasDoneBetweenStarts(@TempDir Path directory) throws Exception {
		URI issuer;
		try (Neighbourhood first = Neighbourhood.start(LabHome.open(directory), "127.0.0.1")) {
			Neighbourhood.Partner added = first.addPartner("Margie's Travel", "margies.example");
			first.publish(added, "_tls-partner-challenge.margies.example", " \"a=b; x y\"");
			first.publish(added, "margies.example", "gone");
			first.withdraw(added, "margies.example", "gone");
			first.fault(added, PartnerMailServer.Fault.NO_STARTTLS);
			first.requireTlsFromUs(added, true);
			first.publish(added, PUBLISHED);
			first.exchange()
				.runAside("New-OutboundConnector",
						Map.of("Name", "To margies.example", "RecipientDomains", List.of("margies.example")));
			issuer = first.identityProvider().issuer();
		}
		try (Neighbourhood second = Neighbourhood.start(LabHome.open(directory), "127.0.0.1")) {
			Neighbourhood.Partner kept = second.partner("margies.example");
			assertThat(kept.name()).isEqualTo("Margie's Travel");
			assertThat(kept.server().fault()).isEqualTo(PartnerMailServer.Fault.NO_STARTTLS);
			assertThat(kept.server().requiresTlsFrom(Neighbourhood.OUR_DOMAIN)).isTrue();
			assertThat(kept.publishes()).isEqualTo(PUBLISHED);
			assertThat(second.texts(kept))
				.contains(new Neighbourhood.Text("_tls-partner-challenge.margies.example", "a=b; x y"))
				.extracting(Neighbourhood.Text::name)
				.containsExactlyInAnyOrder("_tls-partner-challenge.margies.example", "_mta-sts.margies.example",
						"_smtp._tls.margies.example");
			assertThat(second.exchange().outbound()).hasSize(1);
			assertThat(second.identityProvider().issuer()).isEqualTo(issuer);
		}
	}

	@Test
	void keepsPartnersOutOfEachOthersZones() {
		assertThatThrownBy(
				() -> neighbourhood.publish(neighbourhood.partner("nordwind.example"), "x.fabrikam.example", "text"))
			.isInstanceOf(IllegalArgumentException.class)
			.hasMessageContaining("must be nordwind.example or end in .nordwind.example");
	}

	@Test
	void publishesOnlyTextsThatItCanShowAsTheyAre() {
		Neighbourhood.Partner partner = neighbourhood.partner("nordwind.example");
		for (String text : List.of("", "back\\slash", "a \" b", "“curly”", "x".repeat(2001))) {
			assertThatThrownBy(() -> neighbourhood.publish(partner, "nordwind.example", text)).as(text)
				.isInstanceOf(IllegalArgumentException.class)
				.hasMessageContaining("plain ASCII");
		}
	}

	@Test
	void showsItsPagesAndTheirLook() throws Exception {
		for (String path : List.of("/", "/inbox", "/partners", "/partners/nordwind.example", "/tenant")) {
			assertThat(get(path).statusCode()).as(path).isEqualTo(200);
		}
		List<String> loaded = new ArrayList<>();
		Pattern.compile("(?:href|src)=\"(/[^\"]+\\.(?:css|js|svg))\"")
			.matcher(get("/").body())
			.results()
			.forEach((found) -> loaded.add(found.group(1)));
		assertThat(loaded).hasSize(5).allSatisfy((path) -> assertThat(get(path).statusCode()).isEqualTo(200));
		assertThat(get("/inbox/none").statusCode()).isEqualTo(404);
		assertThat(get("/webjars/../../application.yaml").statusCode()).isEqualTo(404);
	}

	@Test
	void letsAVisitorPlayThePartner() throws Exception {
		neighbourhood.addPartner("Played <b>", "played.example");

		post("/partners/played.example/texts", "name", "_x.played.example", "text", "<script>");
		assertThat(neighbourhood.dns().texts("_x.played.example")).containsExactly("<script>");
		assertThat(get("/partners/played.example").body()).contains("&lt;script&gt;", "Played &lt;b&gt;")
			.doesNotContain("<script>", "<b>");
		post("/partners/played.example/texts-removal", "name", "_x.played.example", "text", "<script>");
		assertThat(neighbourhood.dns().texts("_x.played.example")).isEmpty();
		post("/partners/played.example/fault", "fault", "EXPIRED");
		assertThat(neighbourhood.partner("played.example").server().fault()).isEqualTo(PartnerMailServer.Fault.EXPIRED);
		post("/partners/played.example/test-message", "to", "tls-test+n@contoso.example", "tls", "true");
		assertThat(get("/partners/played.example").body()).contains("Delivered:", "* TLSv1.3",
				"As it lies in our test mailbox");
		assertThat(post("/partners/played.example/test-message", "to", "x@y\r\nDATA", "tls", "true").statusCode())
			.isEqualTo(422);
	}

	@Test
	void letsAVisitorBreakTheTenant() throws Exception {
		neighbourhood.exchange()
			.runAside("New-OutboundConnector",
					Map.of("Name", "To broken.example", "RecipientDomains", List.of("broken.example")));

		assertThat(get("/tenant").body()).contains("To broken.example");
		post("/tenant/connectors", "kind", "outbound", "identity", "To broken.example", "act", "disable");
		assertThat(connector("To broken.example")).containsEntry("Enabled", false);
		post("/tenant/connectors", "kind", "outbound", "identity", "To broken.example", "act", "remove");
		assertThat(get("/tenant").body()).doesNotContain("To broken.example");
		post("/tenant/faults", "fault", "403 no role", "on", "New-");
		assertThat(neighbourhood.exchange().waitingFaults()).isEqualTo(1);
		post("/tenant/faults/removal", "x", "y");
		post("/tenant/switches", "slow", "on", "invisible", "on");
		assertThat(neighbourhood.exchange().latency()).isEqualTo(java.time.Duration.ofSeconds(2));
		assertThat(get("/tenant").body()).contains("id=\"switch-slow\" checked");
		post("/tenant/switches", "x", "y");
		assertThat(neighbourhood.exchange().latency()).isZero();
		post("/tenant/rules", "connector", "To the gateway", "domain", "broken.example");
		assertThat(neighbourhood.exchange().rules()).hasSize(1);
		post("/tenant/rules", "remove", "true");
		assertThat(neighbourhood.exchange().rules()).isEmpty();
		assertThat(neighbourhood.exchange().waitingFaults()).isZero();
	}

	@Test
	void takesFormsFromItsOwnPagesOnly() throws Exception {
		HttpRequest.Builder forged = HttpRequest.newBuilder(pages.address().resolve("/tenant/faults"))
			.header("Content-Type", "application/x-www-form-urlencoded");
		for (String origin : List.of("http://evil.example", "null", "http://localhost:1")) {
			HttpResponse<String> refused = this.browser.send(forged.copy()
				.header("Origin", origin)
				.POST(HttpRequest.BodyPublishers.ofString("fault=403+no+role&on="))
				.build(), HttpResponse.BodyHandlers.ofString());
			assertThat(refused.statusCode()).as(origin).isEqualTo(403);
		}
		assertThat(this.browser
			.send(forged.POST(HttpRequest.BodyPublishers.ofString("fault=403+no+role&on=")).build(),
					HttpResponse.BodyHandlers.ofString())
			.statusCode()).isEqualTo(403);
	}

	@Test
	void answersNobodyWhoCameByAnotherName() throws Exception {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), pages.address().getPort())) {
			socket.getOutputStream()
				.write("GET /inbox HTTP/1.1\r\nHost: rebound.evil.example\r\nConnection: close\r\n\r\n"
					.getBytes(StandardCharsets.US_ASCII));
			assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
				.startsWith("HTTP/1.1 403");
		}
	}

	private static List<ExchangeValidator.Task> validate(String domain, Map<String, Object> connector) {
		return new OutboundDelivery(neighbourhood.dns().address(), neighbourhood.smtpPort(), neighbourhood.pki().root(),
				Neighbourhood.OUR_DOMAIN, Clock.systemUTC())
			.validate(List.of("postmaster@" + domain), connector);
	}

	private static Map<String, Object> connector(String name) {
		return neighbourhood.exchange()
			.outbound()
			.stream()
			.filter((connector) -> name.equals(connector.get("Name")))
			.findFirst()
			.orElseThrow();
	}

	private HttpResponse<String> get(String path) throws Exception {
		return this.browser.send(HttpRequest.newBuilder(URI.create(pages.address() + path)).build(),
				HttpResponse.BodyHandlers.ofString());
	}

	private HttpResponse<String> post(String path, String... fields) throws Exception {
		StringBuilder form = new StringBuilder();
		for (int i = 0; i < fields.length; i += 2) {
			form.append(fields[i])
				.append('=')
				.append(URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8))
				.append('&');
		}
		HttpResponse<String> answer = this.browser.send(HttpRequest.newBuilder(pages.address().resolve(path))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.header("Origin", pages.address().toString())
			.POST(HttpRequest.BodyPublishers.ofString(form.toString()))
			.build(), HttpResponse.BodyHandlers.ofString());
		assertThat(answer.statusCode()).as(answer.body()).isIn(303, 422);
		return answer;
	}

}
