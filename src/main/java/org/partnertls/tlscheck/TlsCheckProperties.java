package org.partnertls.tlscheck;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.partnertls.organization.OrganizationProperties;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How we look at partners' mail servers.
 *
 * @param port where their mail servers listen; anything but 25 is for a lab
 * @param ehloName the full host name that we say in EHLO, with a reverse DNS record for
 * the address we come from; by default the host of the portal's own address
 * @param connectTimeout for a TCP connection
 * @param greetingTimeout for the whole greeting; careful servers wait six seconds before
 * it
 * @param replyTimeout for each whole reply
 * @param handshakeTimeout for the TLS handshake
 * @param probeTimeout for one address of one server
 * @param domainTimeout for one domain
 * @param concurrency how many connections may be open at once, over all checks
 * @param allowedNetworks networks in CIDR form that may be probed although they are not
 * public; empty unless this is a lab
 * @param trustAnchors a PEM file with certificates to trust beside those of the Java
 * runtime; none by default
 * @param policyPort where the web servers with MTA-STS policies listen; anything but 443
 * is for a lab
 * @param pause between two connections to one address of a mail server
 * @param commandInjection whether to try once a week if servers obey commands that are
 * slipped in behind STARTTLS; off by default, since it looks like an attack
 * @param rounds how watched domains are looked at again and again
 */
@ConfigurationProperties("portal.tls-check")
record TlsCheckProperties(@DefaultValue("25") int port, @Nullable String ehloName,
		@DefaultValue("5s") Duration connectTimeout, @DefaultValue("15s") Duration greetingTimeout,
		@DefaultValue("10s") Duration replyTimeout, @DefaultValue("10s") Duration handshakeTimeout,
		@DefaultValue("45s") Duration probeTimeout, @DefaultValue("120s") Duration domainTimeout,
		@DefaultValue("64") int concurrency, @DefaultValue List<String> allowedNetworks, @Nullable Path trustAnchors,
		@DefaultValue("443") int policyPort, @DefaultValue("2s") Duration pause,
		@DefaultValue("false") boolean commandInjection, @DefaultValue RoundSettings rounds) {

	private static final Pattern HOST_NAME = Pattern
		.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

	TlsCheckProperties {
		require(port > 0 && port < 65536, "port must lie between 1 and 65535, but is " + port);
		require(policyPort > 0 && policyPort < 65536, "policy-port must lie between 1 and 65535, but is " + policyPort);
		require(!pause.isNegative() && pause.compareTo(Duration.ofMinutes(1)) <= 0,
				"pause must be at most 1m, but is " + pause);
		require(ehloName == null || HOST_NAME.matcher(ehloName).matches(),
				"ehlo-name must be a full host name such as portal.example.com, but is “" + ehloName + "”");
		require(concurrency > 0 && concurrency <= 1000,
				"concurrency must lie between 1 and 1000, but is " + concurrency);
		positive("connect-timeout", connectTimeout);
		positive("greeting-timeout", greetingTimeout);
		positive("reply-timeout", replyTimeout);
		positive("handshake-timeout", handshakeTimeout);
		positive("probe-timeout", probeTimeout);
		positive("domain-timeout", domainTimeout);
		allowedNetworks = List.copyOf(allowedNetworks);
		allowedNetworks.forEach(TlsCheckProperties::network);
	}

	/**
	 * The engine's settings.
	 * @param organization whose host name is said in EHLO unless another is set
	 * @throws IllegalArgumentException when the PEM file cannot be read
	 */
	ProbeSettings settings(OrganizationProperties organization) {
		return new ProbeSettings(this.port, ehloName(organization),
				new ProbeSettings.Timeouts(this.connectTimeout, this.greetingTimeout, this.replyTimeout,
						this.handshakeTimeout, this.probeTimeout, this.domainTimeout),
				this.concurrency, this.allowedNetworks.stream().map(TlsCheckProperties::network).toList(), anchors(),
				this.policyPort, this.pause, this.commandInjection);
	}

	private String ehloName(OrganizationProperties organization) {
		if (this.ehloName != null) {
			return this.ehloName;
		}
		String host = organization.baseUrl().getHost();
		return (host != null && HOST_NAME.matcher(host).matches()) ? host : organization.primaryDomain().ascii();
	}

	private List<X509Certificate> anchors() {
		if (this.trustAnchors == null) {
			return List.of();
		}
		try (InputStream in = Files.newInputStream(this.trustAnchors)) {
			List<X509Certificate> anchors = CertificateFactory.getInstance("X.509")
				.generateCertificates(in)
				.stream()
				.map(X509Certificate.class::cast)
				.toList();
			require(!anchors.isEmpty(), "trust-anchors names a file without certificates: " + this.trustAnchors);
			return anchors;
		}
		catch (IOException ex) {
			throw new IllegalArgumentException(
					"portal.tls-check.trust-anchors names a file that cannot be read: " + this.trustAnchors + ".", ex);
		}
		catch (CertificateException ex) {
			throw new IllegalArgumentException("portal.tls-check.trust-anchors names a file that holds no PEM"
					+ " certificates: " + this.trustAnchors + ".", ex);
		}
	}

	private static Network network(String typed) {
		try {
			return Network.of(typed);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("portal.tls-check.allowed-networks must hold networks such as"
					+ " 192.0.2.0/24, but holds “" + typed + "”.", ex);
		}
	}

	private static void positive(String key, Duration timeout) {
		require(timeout.isPositive() && timeout.compareTo(Duration.ofMinutes(10)) <= 0,
				key + " must be more than 0 and at most 10m, but is " + timeout);
	}

	private static void require(boolean holds, String sentence) {
		if (!holds) {
			throw new IllegalArgumentException("portal.tls-check." + sentence + ".");
		}
	}

}
