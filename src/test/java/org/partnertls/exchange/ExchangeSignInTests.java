package org.partnertls.exchange;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import lab.ExchangeFault;
import lab.ExchangeOnlineDouble;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.partnertls.exchange.ExchangeOnlineTests.inbound;
import static org.partnertls.exchange.Portal.failure;
import static org.partnertls.exchange.Portal.value;

/**
 * How the application gets its token and keeps it, over HTTP.
 */
class ExchangeSignInTests {

	@TempDir
	private Path directory;

	private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));

	private final Clock clock = ((InstantSource) this.now::get).withZone(ZoneOffset.UTC);

	private ExchangeOnlineDouble neighbour;

	@BeforeEach
	void open() throws IOException {
		this.neighbour = ExchangeOnlineDouble.start(ExchangeOnlineDouble.Settings.defaults().on(this.clock));
	}

	@AfterEach
	void close() {
		this.neighbour.close();
	}

	private Portal portal(Map<String, String> overrides) {
		return new Portal(this.neighbour, overrides, this.clock);
	}

	@Test
	void aTokenIsUsedAgainUntilShortlyBeforeItsEnd() {
		ExchangeOnline exchange = portal(Map.of()).exchange;
		value(exchange.inboundConnectors());
		this.now.updateAndGet((instant) -> instant.plus(Duration.ofMinutes(50)));
		value(exchange.inboundConnectors());
		assertThat(this.neighbour.tokenRequests()).isEqualTo(1);
		this.now.updateAndGet((instant) -> instant.plus(Duration.ofMinutes(6)));
		value(exchange.inboundConnectors());
		assertThat(this.neighbour.tokenRequests()).isEqualTo(2);
	}

	@Test
	void manyWhoAskAtOnceShareOneToken() throws Exception {
		this.neighbour.failNext(ExchangeFault.slow(Duration.ofMillis(300)).on(ExchangeFault.TOKEN));
		ExchangeOnline exchange = portal(Map.of()).exchange;
		try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
			List<Future<Reply<List<InboundConnector>>>> replies = executor
				.invokeAll(Stream.<Callable<Reply<List<InboundConnector>>>>generate(() -> exchange::inboundConnectors)
					.limit(8)
					.toList());
			for (Future<Reply<List<InboundConnector>>> reply : replies) {
				assertThat(value(reply.get())).isEmpty();
			}
		}
		assertThat(this.neighbour.tokenRequests()).isEqualTo(1);
	}

	@Test
	void aTokenThatIsNotAcceptedIsNotUsedAgain() {
		ExchangeOnline exchange = portal(Map.of()).exchange;
		value(exchange.inboundConnectors());
		this.neighbour.failNext(ExchangeFault.unauthorized());
		assertThat(failure(exchange.inboundConnectors()).kind()).isEqualTo(Failure.Kind.AUTHENTICATION);
		value(exchange.inboundConnectors());
		assertThat(this.neighbour.tokenRequests()).isEqualTo(2);
	}

	@Test
	void aCertificateSignsIn() throws Exception {
		KeyPair keys = keys("RSA", 2048);
		X509Certificate certificate = certificate(keys, "SHA256withRSA");
		Path file = store(keys, certificate, "changeit");
		try (ExchangeOnlineDouble trusting = ExchangeOnlineDouble
			.start(ExchangeOnlineDouble.Settings.defaults().on(this.clock).trusting(certificate))) {
			ExchangeOnline exchange = withCertificate(trusting, file, "changeit");
			assertThat(value(exchange.inboundConnectors())).isEmpty();
			assertThat(exchange.signInMeans()).satisfies((means) -> {
				assertThat(means.certificate()).isTrue();
				assertThat(means.expires()).isEqualTo(certificate.getNotAfter().toInstant());
				assertThat(means.thumbprint()).matches("[0-9A-F]{40}");
			});
		}
		assertThat(new Portal(this.neighbour).exchange.signInMeans().expires()).isNull();
		Failure failure = failure(withCertificate(this.neighbour, file, "changeit").inboundConnectors());
		assertThat(failure.kind()).isEqualTo(Failure.Kind.AUTHENTICATION);
		assertThat(failure.message()).contains("certificate is not registered");
	}

	@Test
	void aCertificateThatCannotBeUsedStopsTheStart() throws Exception {
		KeyPair keys = keys("RSA", 2048);
		Path file = store(keys, certificate(keys, "SHA256withRSA"), "changeit");
		assertThatIllegalStateException().isThrownBy(() -> withCertificate(this.neighbour, file, "wrong"))
			.withMessageContaining("portal.exchange.certificate-password");
		assertThatIllegalStateException()
			.isThrownBy(() -> withCertificate(this.neighbour, this.directory.resolve("none.p12"), "changeit"))
			.withMessageContaining("portal.exchange.certificate:");
		KeyPair elliptic = keys("EC", 256);
		Path other = store(elliptic, certificate(elliptic, "SHA256withECDSA"), "changeit");
		assertThatIllegalStateException().isThrownBy(() -> withCertificate(this.neighbour, other, "changeit"))
			.withMessageContaining("RSA");
	}

	@ParameterizedTest
	@CsvSource({ "7000215, wrong", "7000222, expired", "700027, not registered", "700016, client-id",
			"90002, tenant-id", "65001, admin consent", "500011, cloud", "53003, Conditional Access",
			"999999, Look up the code" })
	void whatTheSignInServiceSaysIsPutInWords(int code, String words) {
		this.neighbour.failNext(ExchangeFault.signInRefused(401, "invalid_client", code, "Some text."));
		Failure failure = failure(portal(Map.of()).exchange.inboundConnectors());
		assertThat(failure.kind()).isEqualTo(Failure.Kind.AUTHENTICATION);
		assertThat(failure.message()).contains(words);
		assertThat(failure.detail()).contains("AADSTS" + code);
		assertThat(this.neighbour.tokenRequests()).isEqualTo(1);
	}

	@Test
	void wrongKeysAreRefusedByTheServiceItself() {
		assertThat(failure(portal(Map.of("portal.exchange.client-secret", "guess")).exchange.inboundConnectors())
			.message()).contains("client-secret");
		assertThat(failure(portal(Map.of("portal.exchange.client-id", "00000000-0000-0000-0000-000000000000")).exchange
			.inboundConnectors()).message()).contains("client-id");
		assertThat(failure(portal(Map.of("portal.exchange.tenant-id", "00000000-0000-0000-0000-000000000000")).exchange
			.inboundConnectors()).message()).contains("tenant-id");
		assertThat(failure(portal(Map.of("portal.exchange.cloud", "gcc-high")).exchange.inboundConnectors()).message())
			.contains("cloud");
		assertThat(this.neighbour.calls()).isEmpty();
	}

	@Test
	void aBusySignInServiceIsAskedAgainEvenForAWrite() {
		this.neighbour.failNext(ExchangeFault.throttled(Duration.ofSeconds(7)).on(ExchangeFault.TOKEN));
		this.neighbour.failNext(ExchangeFault.unavailable().on(ExchangeFault.TOKEN));
		this.neighbour.failNext(ExchangeFault.cutBefore().on(ExchangeFault.TOKEN));
		Portal portal = portal(Map.of());
		assertThat(value(portal.exchange.newInboundConnector(inbound("From acme", "acme.example")))).isPresent();
		assertThat(this.neighbour.tokenRequests()).isEqualTo(4);
		assertThat(this.neighbour.calls()).hasSize(1);
		assertThat(portal.pauses.getFirst()).isBetween(Duration.ofSeconds(7), Duration.ofSeconds(8));
	}

	@Test
	void whatIsNoSignInServiceIsToldAsSuch() {
		for (int i = 0; i < 4; i++) {
			this.neighbour.failNext(ExchangeFault.answer(200, Map.of(), "<html>proxy</html>").on(ExchangeFault.TOKEN));
		}
		Failure failure = failure(portal(Map.of()).exchange.inboundConnectors());
		assertThat(failure.kind()).as(failure.toString()).isEqualTo(Failure.Kind.RETRYABLE);
		assertThat(failure.message()).as(failure.toString()).contains("proxy");
	}

	@Test
	void aSignInServiceThatDoesNotAnswerIsGivenUpInTime() {
		for (int i = 0; i < 4; i++) {
			this.neighbour.failNext(ExchangeFault.slow(Duration.ofMinutes(1)).on(ExchangeFault.TOKEN));
		}
		Failure failure = failure(portal(Map.of("portal.exchange.read-timeout", "300ms")).exchange.inboundConnectors());
		assertThat(failure.kind()).isEqualTo(Failure.Kind.RETRYABLE);
		assertThat(failure.message()).contains("sign-in service");
	}

	@Test
	void theSecretIsNotSentAfterARedirect() throws IOException {
		try (ExchangeOnlineDouble stranger = ExchangeOnlineDouble.start()) {
			URI target = stranger.address().resolve("/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token");
			this.neighbour.failNext(ExchangeFault.redirect(307, target).on(ExchangeFault.TOKEN));
			this.neighbour.failNext(ExchangeFault.redirect(308, target).on(ExchangeFault.TOKEN));
			assertThat(value(portal(Map.of()).exchange.inboundConnectors())).isEmpty();
			assertThat(this.neighbour.waitingFaults()).isZero();
			assertThat(stranger.tokenRequests()).isZero();
		}
	}

	private ExchangeOnline withCertificate(ExchangeOnlineDouble at, Path file, String password) {
		Map<String, String> keys = new HashMap<>(at.properties());
		keys.remove("portal.exchange.client-secret");
		keys.put("portal.exchange.certificate", file.toString());
		keys.put("portal.exchange.certificate-password", password);
		return new ExchangeOnline(Portal.properties(keys), this.clock, (pause) -> {
		});
	}

	private static KeyPair keys(String algorithm, int size) throws Exception {
		KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
		generator.initialize(size);
		return generator.generateKeyPair();
	}

	private static X509Certificate certificate(KeyPair keys, String algorithm) throws Exception {
		X500Name name = new X500Name("CN=portal");
		Instant start = Instant.parse("2026-01-01T00:00:00Z");
		return new JcaX509CertificateConverter().getCertificate(new JcaX509v3CertificateBuilder(name, BigInteger.ONE,
				Date.from(start), Date.from(start.plus(Duration.ofDays(9000))), name, keys.getPublic())
			.build(new JcaContentSignerBuilder(algorithm).build(keys.getPrivate())));
	}

	private Path store(KeyPair keys, X509Certificate certificate, String password) throws Exception {
		KeyStore store = KeyStore.getInstance("PKCS12");
		store.load(null, null);
		store.setKeyEntry("portal", keys.getPrivate(), password.toCharArray(), new Certificate[] { certificate });
		Path file = Files.createTempFile(this.directory, "portal", ".p12");
		try (OutputStream out = Files.newOutputStream(file)) {
			store.store(out, password.toCharArray());
		}
		return file;
	}

}
