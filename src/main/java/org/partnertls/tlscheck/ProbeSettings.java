package org.partnertls.tlscheck;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/**
 * What the prober needs to know.
 *
 * @param port where mail servers listen; 25 outside tests
 * @param ehloName our full host name, as said in EHLO
 * @param timeouts how long each thing may take
 * @param concurrency how many connections may be open at once, over all checks
 * @param allowedNetworks non-public networks that may be probed all the same
 * @param trustAnchors certificates trusted beside those of the Java runtime
 * @param policyPort where MTA-STS policies are fetched; 443 outside tests
 * @param pause between two connections to one address
 * @param slipsIn whether to try, where it is looked deeper, if servers obey commands that
 * stand in clear text behind STARTTLS
 */
public record ProbeSettings(int port, String ehloName, Timeouts timeouts, int concurrency,
		List<Network> allowedNetworks, List<X509Certificate> trustAnchors, int policyPort, Duration pause,
		boolean slipsIn) {

	public ProbeSettings {
		allowedNetworks = List.copyOf(allowedNetworks);
		trustAnchors = List.copyOf(trustAnchors);
	}

	/**
	 * Deadlines over the whole of each thing, however slowly it drips.
	 *
	 * @param connect for the TCP connection
	 * @param greeting for the whole greeting; careful servers wait six seconds
	 * @param reply for each whole reply
	 * @param handshake for the TLS handshake
	 * @param probe for one address
	 * @param domain for one domain
	 */
	public record Timeouts(Duration connect, Duration greeting, Duration reply, Duration handshake, Duration probe,
			Duration domain) {

		/**
		 * Times that suit the public Internet.
		 */
		public static Timeouts usual() {
			return new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(15), Duration.ofSeconds(10),
					Duration.ofSeconds(10), Duration.ofSeconds(45), Duration.ofSeconds(120));
		}

	}

}
