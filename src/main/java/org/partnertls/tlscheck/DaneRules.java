package org.partnertls.tlscheck;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import org.partnertls.dns.Dnssec;
import org.partnertls.tlscheck.Finding.Severity;
import org.partnertls.tlscheck.Report.AddressReport;
import org.partnertls.tlscheck.Report.ChainFacts;
import org.partnertls.tlscheck.Report.DaneFacts;
import org.partnertls.tlscheck.Report.DaneOutcome;
import org.partnertls.tlscheck.Report.HostReport;
import org.partnertls.tlscheck.Report.HostState;
import org.partnertls.tlscheck.Report.StageOutcome;
import org.partnertls.tlscheck.Report.StageReport;
import org.partnertls.tlscheck.Report.TlsaFact;
import org.partnertls.tlscheck.Report.TlsaFacts;
import org.partnertls.tlscheck.Report.TlsaOutcome;

/**
 * Judges DANE (RFC 7672). Exchange Online looks at TLSA records unless a connector says
 * otherwise, so what breaks DANE stands in the way at every level.
 */
final class DaneRules {

	private static final Set<Level> DANE = EnumSet.of(Level.DANE);

	private static final Set<String> ADVISED = Set.of("3 1 1", "2 1 1");

	private final Report report;

	private final Findings findings;

	private DaneRules(Report report, Findings findings) {
		this.report = report;
		this.findings = findings;
	}

	static void judge(Report report, Findings findings) {
		DaneRules rules = new DaneRules(report, findings);
		rules.signatures();
		report.hosts().forEach(rules::host);
		rules.complete();
	}

	private void signatures() {
		Dnssec dnssec = this.report.mx().dnssec();
		if (dnssec == Dnssec.SECURE) {
			this.findings.add(Rule.D1, "dnssec-secure", Severity.PASS, Findings.NOTHING, null, said(),
					"The domain's MX records are signed (DNSSEC).", "");
		}
		else if (dnssec == Dnssec.BOGUS) {
			this.findings.add(Rule.D1, "dnssec-invalid", Severity.FAIL, DANE, null, said(),
					"The domain's MX records are signed wrongly (DNSSEC), so careful senders find no mail server.",
					"Have whoever runs the domain's DNS mend its signatures, or remove its DS record.");
		}
	}

	private String said() {
		return (this.report.validation() != null) ? this.report.validation().words() : "";
	}

	private void host(HostReport host) {
		TlsaFacts tlsa = host.tlsa();
		if (tlsa == null) {
			return;
		}
		switch (tlsa.outcome()) {
			case FOUND -> found(host, tlsa);
			case FAILED -> this.findings.add(Rule.D5, "dnssec-invalid", Severity.FAIL, Findings.ALL, host,
					String.valueOf(tlsa.why()),
					"The DNS fails when asked for the server's TLSA records, so senders that use DANE, Microsoft 365"
							+ " among them, do not deliver to it.",
					"Have whoever runs the DNS of this host answer questions for TLSA records and mend its signatures.");
			case NO_ANSWER -> this.findings.add(Rule.D5, "tlsa-no-answer", Severity.INCONCLUSIVE, DANE, host,
					String.valueOf(tlsa.why()), "The server's TLSA records could not be looked up.",
					"Check again later; if it stays so, ask whoever runs the DNS of this host.");
			case NOT_SIGNED -> {
				if (this.report.mx().dnssec() == Dnssec.SECURE) {
					this.findings.add(Rule.D3, "dane-host-insecure", Severity.NOT_APPLICABLE, Findings.NOTHING, host,
							"The server's addresses are not signed, so there can be no DANE.", "");
				}
			}
			case NONE -> {
			}
		}
	}

	private void found(HostReport host, TlsaFacts tlsa) {
		if (this.report.mx().dnssec() != Dnssec.SECURE) {
			this.findings.add(Rule.D2, "dane-mx-insecure", Severity.WARN, DANE, host,
					"The server has TLSA records but the domain's MX records are not signed, so DANE protects only in part.",
					"Sign the domain (DNSSEC).");
		}
		if (!tlsa.base().equals(host.name())) {
			this.findings.add(Rule.D4, "dane-base", Severity.PASS, Findings.NOTHING, host, tlsa.base(),
					"The TLSA records stand at the name that the server's alias leads to.", "");
		}
		if (tlsa.records().stream().noneMatch(TlsaFact::usable)) {
			this.findings.add(Rule.D6, "tlsa-invalid", Severity.FAIL, DANE, host, parameters(tlsa),
					"No TLSA record of the server can be used: mail is encrypted but nobody is authenticated.",
					"Publish a TLSA record 3 1 1 for the server's certificate.");
			return;
		}
		if (tlsa.records().stream().noneMatch((record) -> ADVISED.contains(record.parameters()))) {
			this.findings.add(Rule.D12, "dane-parameters", Severity.WARN, Findings.NOTHING, host, parameters(tlsa),
					"The TLSA records are of a kind that breaks easily.", "Publish TLSA records 3 1 1.");
		}
		host.addresses().forEach((address) -> address(host, tlsa, address));
	}

	private static String parameters(TlsaFacts tlsa) {
		return String.join(", ", tlsa.records().stream().map(TlsaFact::parameters).distinct().toList());
	}

	private void address(HostReport host, TlsaFacts tlsa, AddressReport address) {
		StageReport failure = address.failure();
		if (failure != null
				&& (failure.outcome() == StageOutcome.NO_STARTTLS || failure.outcome() == StageOutcome.NO_EHLO)) {
			this.findings.add(Rule.D9, "starttls-not-supported", Severity.FAIL, Findings.ALL, host,
					"The server has TLSA records but does not offer TLS, so senders that use DANE keep mail back.",
					"Switch STARTTLS on.");
		}
		DaneFacts dane = address.dane();
		if (dane == null) {
			return;
		}
		if (dane.outcome() == DaneOutcome.MATCHED) {
			matched(host, tlsa, dane, address);
		}
		else if (dane.outcome() == DaneOutcome.NO_MATCH) {
			this.findings.add(Rule.D8, "tlsa-invalid", Severity.FAIL, Findings.ALL, host, dane.words(),
					"The server's certificate fits none of its TLSA records, so senders that use DANE, Microsoft 365"
							+ " among them, keep mail back.",
					"Publish a TLSA record 3 1 1 for the certificate in use, before each change of its key.");
		}
	}

	private void matched(HostReport host, TlsaFacts tlsa, DaneFacts dane, AddressReport address) {
		this.findings.add(Rule.D8, "dane-matched", Severity.PASS, Findings.NOTHING, host, dane.words(),
				"The server's certificate fits its TLSA records (DANE).", "");
		List<Integer> usable = usable(tlsa);
		if (usable.size() > dane.matched().size()) {
			this.findings.add(Rule.D10, "dane-rollover", Severity.PASS, Findings.NOTHING, host,
					"There are more TLSA records than the certificate fits, as is right while it is changed.", "");
		}
		ChainFacts chain = address.chain();
		Instant at = address.started();
		if (chain != null && dane.matched().stream().allMatch((index) -> tlsa.records().get(index).usage() == 3)
				&& (at.isAfter(chain.leaf().notAfter()) || at.isBefore(chain.leaf().notBefore()))) {
			this.findings.add(Rule.D7, "certificate-expired", Severity.WARN, DANE, host,
					"The certificate fits its TLSA record but is out of date; DANE allows that, Microsoft 365 may not.",
					"Renew the certificate; with the same key the TLSA record 3 1 1 stays as it is.");
		}
	}

	private static List<Integer> usable(TlsaFacts tlsa) {
		return IntStream.range(0, tlsa.records().size())
			.filter((index) -> tlsa.records().get(index).usable())
			.boxed()
			.toList();
	}

	private void complete() {
		List<HostReport> hosts = this.report.hosts()
			.stream()
			.filter((host) -> host.state() == HostState.RESOLVED)
			.toList();
		List<HostReport> without = hosts.stream().filter((host) -> !hasRecords(host)).toList();
		if (without.size() == hosts.size()) {
			return;
		}
		if (without.isEmpty()) {
			this.findings.add(Rule.D11, "dane-complete", Severity.PASS, Findings.NOTHING, null,
					"Every mail server has TLSA records.", "");
		}
		without.forEach((host) -> this.findings.add(Rule.D11, "dane-incomplete", Severity.WARN, DANE, host,
				"Other mail servers of the domain have TLSA records, this one has none.",
				"Publish TLSA records for every mail server."));
	}

	private static boolean hasRecords(HostReport host) {
		return host.tlsa() != null && host.tlsa().outcome() == TlsaOutcome.FOUND;
	}

}
