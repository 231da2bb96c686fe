package org.partnertls.tlscheck;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.partnertls.dns.Dns;
import org.partnertls.dns.DnsAnswer;
import org.partnertls.dns.DnsAnswer.Absence;
import org.partnertls.dns.Dnssec;
import org.partnertls.dns.MxHost;
import org.partnertls.organization.DomainName;
import org.partnertls.tlscheck.Report.MxFinding;
import org.partnertls.tlscheck.Report.MxOutcome;

/**
 * Where mail for a domain goes (RFC 5321 section 5.1, RFC 7505): to its mail exchangers,
 * or to itself where it has an address and no MX record.
 *
 * @param finding what the DNS said
 * @param hosts by preference and then by name, at most ten
 */
record Destination(MxFinding finding, List<MxHost> hosts) {

	private static final int MAX_HOSTS = 10;

	Destination {
		hosts = List.copyOf(hosts);
	}

	/**
	 * Looks it up.
	 */
	static Destination of(DomainName domain, Dns lookups) {
		return switch (lookups.mx(domain)) {
			case DnsAnswer.Found<MxHost> found -> of(found);
			case DnsAnswer.NoAnswer<MxHost> noAnswer ->
				nowhere(MxOutcome.NO_ANSWER, null, noAnswer.why(), noAnswer.dnssec());
			case DnsAnswer.None<MxHost> none when none.absence() == Absence.NO_SUCH_NAME ->
				nowhere(MxOutcome.NO_SUCH_DOMAIN, none.server(), null, none.dnssec());
			case DnsAnswer.None<MxHost> none -> implicit(domain, lookups);
		};
	}

	private static Destination of(DnsAnswer.Found<MxHost> found) {
		List<MxHost> named = found.records().stream().filter((host) -> !host.isNull()).toList();
		MxOutcome outcome = named.isEmpty() ? MxOutcome.NULL_MX
				: (named.size() < found.records().size()) ? MxOutcome.NULL_MX_BESIDE_OTHERS : MxOutcome.FOUND;
		// A host may stand there twice; its first preference counts.
		List<MxHost> hosts = new ArrayList<>();
		for (MxHost host : named) {
			if (hosts.stream().noneMatch((other) -> other.host().equals(host.host()))) {
				hosts.add(host);
			}
		}
		List<MxHost> kept = hosts.subList(0, Math.min(MAX_HOSTS, hosts.size()));
		int leftOff = hosts.size() - kept.size() + found.leftOff();
		return new Destination(new MxFinding(outcome, Transcript.printable(found.aliases()), leftOff, found.server(),
				null, found.dnssec()), kept);
	}

	private static Destination implicit(DomainName domain, Dns lookups) {
		return switch (lookups.addresses(domain.ascii())) {
			case DnsAnswer.Found<InetAddress> found ->
				new Destination(new MxFinding(MxOutcome.IMPLICIT, Transcript.printable(found.aliases()), 0,
						found.server(), null, found.dnssec()), List.of(new MxHost(0, domain.ascii())));
			case DnsAnswer.None<InetAddress> none -> nowhere(MxOutcome.NO_SERVER, none.server(), null, none.dnssec());
			case DnsAnswer.NoAnswer<InetAddress> noAnswer ->
				nowhere(MxOutcome.NO_ANSWER, null, noAnswer.why(), noAnswer.dnssec());
		};
	}

	private static Destination nowhere(MxOutcome outcome, @Nullable String server, @Nullable String why,
			Dnssec dnssec) {
		return new Destination(new MxFinding(outcome, List.of(), 0, server, why, dnssec), List.of());
	}

}
