package org.partnertls.tlscheck;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import lab.DnsServer;
import lab.PartnerMailServer;
import lab.PartnerMailServer.Fault;
import lab.Pki;
import lab.WebHost;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsProperties;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Prober.Ask;

/**
 * Real neighbours for a prober: a DNS server and mail servers on addresses of their own.
 */
final class Neighbourhood implements AutoCloseable {

	static final Pki PKI = new Pki("Lab", Clock.systemUTC());

	static final DomainName ACME = new DomainName("acme.example");

	private static final AtomicInteger NEXT = new AtomicInteger(2);

	final DnsServer dns = new DnsServer(0);

	final List<String> progress = new CopyOnWriteArrayList<>();

	private final List<PartnerMailServer> servers = new ArrayList<>();

	private final List<WebHost> webHosts = new ArrayList<>();

	private int port;

	Ask ask = Ask.anew();

	boolean slipsIn;

	List<Network> allowed = List.of(Network.of("127.0.0.0/8"));

	List<X509Certificate> anchors = List.of(PKI.root());

	int policyPort;

	ProbeSettings.Timeouts timeouts = new ProbeSettings.Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(10),
			Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(30));

	/**
	 * A mail server with an address of its own and the port that all share.
	 */
	PartnerMailServer server(String host) {
		String address = "127.44." + (NEXT.get() / 250) + "." + (2 + NEXT.getAndIncrement() % 250);
		PartnerMailServer server = new PartnerMailServer(host, address, this.port, PKI, Clock.systemUTC());
		this.port = server.port();
		this.servers.add(server);
		this.dns.putAddress(host, address);
		return server;
	}

	/**
	 * Where mail servers of others listen.
	 */
	void port(int port) {
		this.port = port;
	}

	/**
	 * A mail server that the domain's MX record names.
	 */
	PartnerMailServer mx(String host) {
		return mx(host, 10);
	}

	PartnerMailServer mx(String host, int preference) {
		this.dns.putMx(ACME.ascii(), preference, host);
		return server(host);
	}

	/**
	 * An address with nothing behind it, on the port that the servers have.
	 */
	String deadAddress() {
		return "127.45.0." + (2 + NEXT.getAndIncrement() % 250);
	}

	Report check() {
		return check(ACME);
	}

	/**
	 * The web server with the domain's MTA-STS policy; the record stands in the DNS.
	 */
	WebHost policyHost(String policy) {
		String address = "127.46.0." + (2 + NEXT.getAndIncrement() % 250);
		WebHost host = new WebHost(address, this.policyPort, PKI.good("mta-sts.acme.example"));
		this.policyPort = host.port();
		this.webHosts.add(host);
		this.dns.putAddress("mta-sts.acme.example", address).putTxt("_mta-sts.acme.example", "v=STSv1; id=1;");
		return host.policy(policy);
	}

	Report check(DomainName domain) {
		return check(domain, this.ask);
	}

	Report check(DomainName domain, Ask ask) {
		return with((prober) -> prober.check(domain, ask, this.progress::add));
	}

	<T> T with(Function<Prober, T> work) {
		ProbeSettings settings = new ProbeSettings((this.port != 0) ? this.port : 25, "portal.example.org",
				this.timeouts, 16, this.allowed, this.anchors, this.policyPort, Duration.ZERO, this.slipsIn);
		Dns lookups = new Dns(new DnsProperties(List.of(this.dns.address()), Duration.ofMillis(600)));
		try (Prober prober = new Prober(lookups, settings, Clock.systemUTC())) {
			return work.apply(prober);
		}
	}

	Report checkWith(Fault fault) {
		mx("mx.acme.example").fault(fault);
		return check();
	}

	@Override
	public void close() {
		this.servers.forEach(PartnerMailServer::close);
		this.webHosts.forEach(WebHost::close);
		this.dns.close();
	}

}
