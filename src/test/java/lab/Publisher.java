package lab;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;

import lab.DnsServer.Mood;
import lab.Published.Policy;
import lab.Published.Reporting;
import lab.Published.Signing;
import lab.Published.Tlsa;
import lab.WebHost.Answer;
import org.xbill.DNS.Type;

/**
 * Puts into the DNS and onto a web host what a partner's domain publishes about TLS.
 */
final class Publisher implements AutoCloseable {

	private final String domain;

	private final PartnerMailServer server;

	private final DnsServer dns;

	private final Pki pki;

	private final int policyPort;

	private final Clock clock;

	private Published published = Published.NOTHING;

	private WebHost host;

	Publisher(String domain, PartnerMailServer server, DnsServer dns, Pki pki, int policyPort, Clock clock) {
		this.domain = domain;
		this.server = server;
		this.dns = dns;
		this.pki = pki;
		this.policyPort = policyPort;
		this.clock = clock;
	}

	synchronized Published published() {
		return this.published;
	}

	synchronized void publish(Published wanted) {
		if (this.published.policy() != Policy.NONE || wanted.policy() != Policy.NONE) {
			policy(wanted.policy());
		}
		if (this.published.reporting() != Reporting.NONE || wanted.reporting() != Reporting.NONE) {
			String name = "_smtp._tls." + this.domain;
			this.dns.remove(name, Type.TXT);
			String text = "v=TLSRPTv1; rua=mailto:tls-reports@" + this.domain;
			switch (wanted.reporting()) {
				case NONE -> {
				}
				case BY_MAIL -> this.dns.putTxt(name, text);
				case TWO_RECORDS -> this.dns.putTxt(name, text, text + "2");
			}
		}
		sign(wanted.signing());
		tlsa(wanted.tlsa());
		this.published = wanted;
	}

	private void policy(Policy policy) {
		String record = "_mta-sts." + this.domain;
		String name = "mta-sts." + this.domain;
		this.dns.remove(record, Type.TXT);
		this.dns.remove(name, Type.A);
		if (policy == Policy.NONE) {
			return;
		}
		String id = Long.toString(this.clock.millis(), 36);
		this.dns.putTxt(record, "v=STSv1; id=" + id + ";").putAddress(name, this.server.address());
		if (policy == Policy.TWO_RECORDS) {
			this.dns.putTxt(record, "v=STSv1; id=" + id + "b;");
		}
		Pki.Identity identity = (policy == Policy.EXPIRED_CERTIFICATE) ? this.pki.expired(name) : this.pki.good(name);
		if (this.host == null) {
			this.host = new WebHost(this.server.address(), this.policyPort, identity);
		}
		this.host.identity(identity);
		if (policy == Policy.REDIRECT) {
			this.host.answer(Answer.raw(("HTTP/1.1 302 Found\r\nLocation: https://www." + this.domain
					+ "/mta-sts.txt\r\nContent-Length: 0\r\n\r\n")
				.getBytes(StandardCharsets.US_ASCII)));
			return;
		}
		String mode = switch (policy) {
			case TESTING -> "testing";
			case WITHDRAWN -> "none";
			default -> "enforce";
		};
		String mx = (policy == Policy.WRONG_MAIL_SERVER) ? "mx.somebody-else.example" : this.server.host();
		this.host.policy("version: STSv1\r\nmode: " + mode + "\r\nmx: " + mx + "\r\nmax_age: 604800\r\n");
	}

	private void sign(Signing signing) {
		// What is below the domain is signed with it; wrong signatures are shown where
		// mail begins.
		this.dns.secure(this.domain, signing != Signing.NONE);
		this.dns.mood(this.domain, (signing == Signing.WRONG) ? Mood.BOGUS : Mood.HONEST);
	}

	private void tlsa(Tlsa tlsa) {
		this.dns.remove("_25._tcp." + this.server.host(), Type.TLSA);
		switch (tlsa) {
			case NONE -> {
			}
			case RIGHT -> this.dns.putTlsa(this.server.host(), 3, 1, 1, keyOf(this.server.identity()));
			case WRONG -> this.dns.putTlsa(this.server.host(), 3, 1, 1, "00".repeat(32));
			case UNUSABLE -> this.dns.putTlsa(this.server.host(), 1, 1, 1, keyOf(this.server.identity()));
		}
	}

	private static String keyOf(Pki.Identity identity) {
		try {
			return HexFormat.of()
				.formatHex(MessageDigest.getInstance("SHA-256")
					.digest(identity.chain().getFirst().getPublicKey().getEncoded()));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public synchronized void close() {
		if (this.host != null) {
			this.host.close();
		}
	}

}
