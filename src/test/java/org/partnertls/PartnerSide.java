package org.partnertls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import lab.DnsServer;
import lab.PartnerMailServer;
import lab.Pki;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * What partners have, for tests of the whole portal: a DNS server that the portal asks
 * and mail servers that it looks at. Names are shared by all tests, so each uses a fresh
 * domain.
 */
public final class PartnerSide {

	/** A domain that is signed, by which the portal sees whether its resolver tells. */
	public static final String SIGNED = "signed.example";

	/** One whose signatures are wrong. */
	public static final String BOGUS = "bogus.example";

	private static final Duration LIFE = Duration.ofDays(89);

	private static final AtomicInteger SERVERS = new AtomicInteger();

	/** What the DNS says; change it at will. */
	public final DnsServer dns = new DnsServer(0);

	private final Pki pki = new Pki("Test", Clock.systemUTC());

	private final int port;

	private @Nullable PartnerMailServer ours;

	private PartnerSide() {
		// Every mail server has an address of its own and this port.
		try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.47.0.1"))) {
			this.port = free.getLocalPort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static Map<String, Object> start(ConfigurableListableBeanFactory beans) {
		PartnerSide partners = new PartnerSide();
		beans.registerSingleton("partnerSide", partners);
		try {
			Path anchors = Files.createTempFile("test-authority", ".pem");
			anchors.toFile().deleteOnExit();
			partners.pki.writeRoot(anchors);
			// Tests let years pass.
			partners.ours = partners.mailServer("contoso.example", Instant.now(), Duration.ofDays(36_500));
			partners.dns.putMx(SIGNED, 10, "mx." + SIGNED).secure(SIGNED);
			partners.dns.putMx(BOGUS, 10, "mx." + BOGUS).mood(BOGUS, DnsServer.Mood.BOGUS);
			return Map.of("portal.tls-check.rounds.self-test-signed", SIGNED, "portal.tls-check.rounds.self-test-bogus",
					BOGUS, "portal.dns.servers", partners.dns.address(), "portal.dns.timeout", "1s",
					"portal.tls-check.port", partners.port, "portal.tls-check.allowed-networks", "127.0.0.0/8",
					"portal.tls-check.trust-anchors", anchors.toString(), "portal.tls-check.pause", "0s");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Our own mail server, by which the portal sees whether its own side works.
	 */
	public PartnerMailServer ours() {
		return Objects.requireNonNull(this.ours);
	}

	/**
	 * Starts a mail server that the domain's MX record names.
	 * @param now the test's time: its certificate is valid around then
	 */
	public PartnerMailServer mailServer(String domain, Instant now) {
		return mailServer(domain, now, LIFE);
	}

	private PartnerMailServer mailServer(String domain, Instant now, Duration life) {
		int number = SERVERS.getAndIncrement();
		String address = "127.47." + (1 + number / 250) + "." + (2 + number % 250);
		String host = "mx" + number + "." + domain;
		this.dns.putMx(domain, 10, host).putAddress(host, address);
		return new PartnerMailServer(host, address, this.port, this.pki, Clock.systemUTC())
			.identity(identity(host, now, life));
	}

	/**
	 * A good certificate.
	 * @param now it is valid around then
	 */
	public Pki.Identity identity(String host, Instant now) {
		return identity(host, now, LIFE);
	}

	private Pki.Identity identity(String host, Instant now, Duration life) {
		return this.pki.issue(new Pki.Leaf().names(host).from(now.minus(Duration.ofDays(1))).until(now.plus(life)));
	}

}
